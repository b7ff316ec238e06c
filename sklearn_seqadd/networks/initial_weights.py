"""Initial weights, drawn by each layer's own initializers from one seed."""

import contextlib
import threading

import numpy as np

from .._keras import watched_weights
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
    with (
        _recording,
        watched_weights(
            keras.layers.Layer, keras.Variable, set_initializer, _keep_if_recording
        ),
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


def _keep_if_recording(weight):
    # Other threads train meanwhile, or trace, when there are no values.
    if getattr(_of_thread, "is_recording", False):
        keep_value(weight)


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
