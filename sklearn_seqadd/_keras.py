"""The private names and replaced methods of Keras and TensorFlow, all in this file.

A new version may move or change them, and this file is then the one to change. It is
right for Keras 3.12 to 3.15 and TensorFlow 2.21. It imports neither by itself:
functions take the objects that have these names.
"""

import contextlib
import functools
import sys

# The attributes that callbacks of Keras change in place, by class.
CHANGED_IN_PLACE = {
    "History": ["history"],
    "TensorBoard": ["embeddings_metadata", "_prev_summary_state"],
    "OrbaxCheckpoint": ["_async_futures"],
}


def given_learning_rate(optimizer):
    """Return the learning rate or the schedule that an optimizer was made with."""
    return optimizer._learning_rate


def excludes_variables(optimizer):
    """Return whether an optimizer has variables that are excluded from decay."""
    return bool(getattr(optimizer, "_exclude_from_weight_decay", None))


def excluded_names(optimizer):
    """Return the pattern of the names of variables that are excluded from decay."""
    return getattr(optimizer, "_exclude_from_weight_decay_pattern", None)


def exclude_names(optimizer, pattern):
    """Set the pattern of the names of variables that are excluded from decay."""
    optimizer._exclude_from_weight_decay_pattern = pattern


def choose_comparison(callback):
    """Let a callback that watches a score choose how to compare it.

    Otherwise it would do so at the end of its next epoch, and forget its best score.
    """
    if hasattr(callback, "_set_monitor_op") and callback.monitor_op is None:
        callback._set_monitor_op()


def calls_of(model):
    """Yield the calls of the layers of a model, in the order of computation."""
    for depth in sorted(model._nodes_by_depth, reverse=True):
        for node in model._nodes_by_depth[depth]:
            if not node.is_input:
                yield node


def has_mask(tensor):
    """Return whether Keras has attached a mask to a tensor."""
    return hasattr(tensor, "_keras_mask")


def sets_masked_outputs_to_zero(layer):
    """Return whether a recurrent layer outputs zeros where its input is masked."""
    return layer.zero_output_for_mask


def keep_masked_outputs(layer):
    """Let a recurrent layer repeat its output where its input is masked."""
    layer.zero_output_for_mask = False


def replace_inner_loop(layer, make_loop):
    """Replace the loop over steps of one recurrent layer.

    Parameters
    ----------
    layer : keras.layers.RNN

    make_loop : callable
        Takes the loop of Keras and returns another one, which has the parameters
        ``(sequences, initial_state, mask, training=False)``.
    """
    layer.inner_loop = make_loop(layer.inner_loop)


@contextlib.contextmanager
def watched_weights(layer_class, variable_class, on_add, on_assign):
    """Call functions in this context when a weight is added or assigned.

    Parameters
    ----------
    layer_class, variable_class : type
        The classes of Keras whose methods are replaced.

    on_add : callable
        Called with a weight that a layer has added, and its initializer.

    on_assign : callable
        Called with a weight that was given a value.
    """
    add_weight, assign = layer_class.add_weight, variable_class.assign

    @functools.wraps(add_weight)
    def adding(self, shape=None, initializer=None, *args, **kwargs):
        weight = add_weight(self, shape, initializer, *args, **kwargs)
        on_add(weight, initializer)
        return weight

    @functools.wraps(assign)
    def assigning(self, value):
        assigned = assign(self, value)
        on_assign(self)
        return assigned

    with (
        _replaced(layer_class, "add_weight", adding),
        _replaced(variable_class, "assign", assigning),
    ):
        yield


def read_xla_flags():
    """Make TensorFlow read its flags for XLA now, which it does only once."""
    from tensorflow.python import pywrap_tfe

    pywrap_tfe.TF_GetXlaConstantFoldingDisabled()


def has_started_tensorflow():
    """Return whether TensorFlow has computed anything in this process.

    An import starts no threads of TensorFlow; the first computation does.
    """
    context = sys.modules.get("tensorflow.python.eager.context")
    current = getattr(context, "_context", None)
    return bool(getattr(current, "_initialized", False))


@contextlib.contextmanager
def _replaced(owner, name, function):
    """Replace a method in this context, which the class may have inherited."""
    is_own = name in vars(owner)
    before = getattr(owner, name)
    setattr(owner, name, function)
    try:
        yield
    finally:
        if is_own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)
