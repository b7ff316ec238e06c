"""Initial weights, drawn by each layer's own initializers from one seed."""

import contextlib
import threading

import numpy as np

from .._keras import watched_weights
from .._tensorflow import keras

# The attribute of a weight that holds its initializer.
_ATTRIBUTE = "_sklearn_seqadd_initializer"
_recording = threading.RLock()
_of_thread = threading.local()


@contextlib.contextmanager
def recorded_initializers():
    """Let weights that are made in this context keep their initializers.

    Keras forgets the initializer as soon as it has drawn the weight. The initial value
    of a weight that is assigned in this context, such as from a file, is that value.
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

    A `build` may train another network in between, whose values are not initial ones.
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
    # Other threads may train, or trace functions, in which weights have no values.
    if getattr(_of_thread, "is_recording", False):
        keep_value(weight)


def set_initializer(weight, initializer):
    """Set the initializer that `initial_weights` draws a weight with.

    Parameters
    ----------
    weight : keras.Variable
        The weight.

    initializer : keras.initializers.Initializer, callable, str or None
        The initializer; None is Keras' default.
    """
    setattr(weight, _ATTRIBUTE, initializer)


def keep_value(weight):
    """Make the current value of a weight its initial value."""
    set_initializer(weight, _Value(weight.numpy()))


def has_initializer(weight):
    """Return whether the initializer of a weight is known."""
    return hasattr(weight, _ATTRIBUTE)


def initial_weights(network, seed):
    """Draw the initial weights of a network.

    Parameters
    ----------
    network : keras.Model
        A model that was built in :func:`recorded_initializers`.

    seed : int
        The seed, which alone determines the weights.

    Returns
    -------
    weights : list of ndarray
        The weights, in the order of ``network.set_weights``.
    """
    seeds = np.random.SeedSequence(seed).generate_state(len(network.weights))
    return [
        _draw(weight, int(weight_seed))
        for weight, weight_seed in zip(network.weights, seeds, strict=True)
    ]


class _Value:
    """An initializer that returns a given array."""

    def __init__(self, array):
        self._array = array

    def __call__(self, shape):
        return self._array


def _draw(weight, seed):
    initializer = getattr(weight, _ATTRIBUTE)
    if initializer is None:
        # By the name of the dtype, as bfloat16 is not a floating dtype to NumPy.
        initializer = "glorot_uniform" if "float" in weight.dtype else "zeros"
    initializer = keras.initializers.get(initializer)
    if isinstance(initializer, keras.initializers.Initializer):
        config = initializer.get_config()
        if "seed" in config:
            initializer = initializer.from_config({**config, "seed": seed})
    return np.asarray(initializer(tuple(weight.shape))).astype(weight.dtype)
