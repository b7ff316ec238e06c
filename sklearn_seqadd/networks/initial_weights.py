"""Initial weights, drawn by each layer's own initializers from one seed."""

import contextlib
import functools
import threading

import numpy as np

from .._tensorflow import keras

# Where a weight keeps its initializer.
_ATTRIBUTE = "_sklearn_seqadd_initializer"
_recording = threading.RLock()


@contextlib.contextmanager
def recorded_initializers():
    """Let weights that are made in this context keep their initializers.

    Keras does not: it draws a weight when it makes it, and forgets by what.
    """
    layer_class = keras.layers.Layer
    with _recording:
        add_weight = layer_class.add_weight

        @functools.wraps(add_weight)
        def recording(self, shape=None, initializer=None, *args, **kwargs):
            weight = add_weight(self, shape, initializer, *args, **kwargs)
            set_initializer(weight, initializer)
            return weight

        layer_class.add_weight = recording
        try:
            yield
        finally:
            layer_class.add_weight = add_weight


def set_initializer(weight, initializer):
    """Set what a weight is to be drawn by, in place of what Keras drew it by.

    Parameters
    ----------
    weight : keras.Variable

    initializer : keras.initializers.Initializer, callable, str or None
        None is Keras' default.
    """
    setattr(weight, _ATTRIBUTE, initializer)


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
        For ``network.set_weights``. A weight that no layer has added by `add_weight`
        is as it is.
    """
    seeds = np.random.SeedSequence(seed).generate_state(len(network.weights))
    return [
        _draw(weight, int(weight_seed))
        for weight, weight_seed in zip(network.weights, seeds, strict=True)
    ]


def _draw(weight, seed):
    if not hasattr(weight, _ATTRIBUTE):
        return weight.numpy()
    initializer = getattr(weight, _ATTRIBUTE)
    if initializer is None:
        is_float = np.issubdtype(weight.dtype, np.floating)
        initializer = "glorot_uniform" if is_float else "zeros"
    initializer = keras.initializers.get(initializer)
    if isinstance(initializer, keras.initializers.Initializer):
        config = initializer.get_config()
        if "seed" in config:
            initializer = initializer.from_config({**config, "seed": seed})
    return np.asarray(initializer(tuple(weight.shape))).astype(weight.dtype)
