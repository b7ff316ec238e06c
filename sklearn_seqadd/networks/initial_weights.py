"""Initial weights, drawn by each layer's own initializers from one seed."""

import contextlib
import functools
import threading

import numpy as np

from .._tensorflow import keras

# Where a weight keeps its initializer.
_ATTRIBUTE = "_sklearn_seqadd_initializer"
_recording = threading.RLock()
_of_thread = threading.local()


@contextlib.contextmanager
def recorded_initializers():
    """Let weights that are made in this context keep their initializers.

    Keras does not: it draws a weight when it makes it, and forgets by what. A weight
    that is given a value in this context, as from a file, is not drawn but keeps it.
    """
    layer_class, variable_class = keras.layers.Layer, keras.Variable
    with _recording:
        add_weight, assign = layer_class.add_weight, variable_class.assign

        @functools.wraps(add_weight)
        def recording(self, shape=None, initializer=None, *args, **kwargs):
            weight = add_weight(self, shape, initializer, *args, **kwargs)
            set_initializer(weight, initializer)
            return weight

        @functools.wraps(assign)
        def assigning(self, value):
            assigned = assign(self, value)
            # Other threads train meanwhile, or trace, when there are no values.
            if getattr(_of_thread, "is_recording", False):
                keep_value(self)
            return assigned

        with (
            _replaced(layer_class, "add_weight", recording),
            _replaced(variable_class, "assign", assigning),
            _set_recording(True),
        ):
            yield


def recording_paused():
    """Record nothing in this context, which `recorded_initializers` may surround.

    A `build` may train another network meanwhile, whose values are not initial ones.
    """
    return _set_recording(False)


@contextlib.contextmanager
def _set_recording(is_recording):
    before = getattr(_of_thread, "is_recording", False)
    _of_thread.is_recording = is_recording
    try:
        yield
    finally:
        _of_thread.is_recording = before


def set_initializer(weight, initializer):
    """Set what a weight is to be drawn by, in place of what Keras drew it by.

    Parameters
    ----------
    weight : keras.Variable

    initializer : keras.initializers.Initializer, callable, str or None
        None is Keras' default.
    """
    setattr(weight, _ATTRIBUTE, initializer)


def keep_value(weight):
    """Let a weight start from the value that it has."""
    set_initializer(weight, _Value(weight.numpy()))


def has_initializer(weight):
    """Whether it is known what a weight starts from."""
    return hasattr(weight, _ATTRIBUTE)


def initial_weights(network, seed):
    """Draw the weights that an untrained network starts from.

    Parameters
    ----------
    network : keras.Model
        A model that was built in :func:`recorded_initializers`.

    seed : int
        The seed. Nothing else determines them.

    Returns
    -------
    weights : list of ndarray
        For ``network.set_weights``.
    """
    seeds = np.random.SeedSequence(seed).generate_state(len(network.weights))
    return [
        _draw(weight, int(weight_seed))
        for weight, weight_seed in zip(network.weights, seeds, strict=True)
    ]


@contextlib.contextmanager
def _replaced(owner, name, function):
    """A method replaced for a while, which the class may have inherited."""
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


class _Value:
    """An initializer that gives one array."""

    def __init__(self, array):
        self._array = array

    def __call__(self, shape):
        return self._array


def _draw(weight, seed):
    initializer = getattr(weight, _ATTRIBUTE)
    if initializer is None:
        # Not by NumPy's kinds of dtypes, to which bfloat16 is no floating point number.
        initializer = "glorot_uniform" if "float" in weight.dtype else "zeros"
    initializer = keras.initializers.get(initializer)
    if isinstance(initializer, keras.initializers.Initializer):
        config = initializer.get_config()
        if "seed" in config:
            initializer = initializer.from_config({**config, "seed": seed})
    return np.asarray(initializer(tuple(weight.shape))).astype(weight.dtype)
