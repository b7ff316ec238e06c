"""Callbacks of a fit: the user's own, Keras' history and what is printed."""

import sys
import time

from .._checkpoint import callback_state
from .._tensorflow import keras

_BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
)


class Callbacks:
    """All callbacks of one fit.

    Parameters
    ----------
    network : CompiledNetwork
        What is trained. Callbacks see the Keras model in it.

    own : list of keras.callbacks.Callback
        The user's.

    verbose : int
        0, 1 or 2, as in Keras.

    epochs : int
        The number of the last epoch.

    n_batches : int
        The mini-batches of an epoch.

    Attributes
    ----------
    own : list of keras.callbacks.Callback
        The user's.

    every_batch : bool
        Whether one has something to do after each mini-batch.

    history : keras.callbacks.History
        What they were told, by epoch of this fit.
    """

    def __init__(self, network, own, verbose, epochs, n_batches):
        self._network = network
        self.own = own
        self.every_batch = any(map(_has_batch_hooks, own))
        with_bar = verbose == 1 and _can_redraw_lines()
        self.history = keras.callbacks.History()
        lines = [_EpochLines()] if verbose and not with_bar else []
        self._list = keras.callbacks.CallbackList(
            [*own, *lines, self.history],
            add_progbar=with_bar,
            model=network.network,
            verbose=verbose,
            epochs=epochs,
            steps=n_batches,
        )

    def call(self, hook, *args):
        """Call a hook of all of them, such as `on_epoch_end`."""
        with self._network.called_back():
            getattr(self._list, hook)(*args)

    def states(self):
        """What is plain data in the attributes of the user's, a list of dicts."""
        return [callback_state(callback) for callback in self.own]

    def resume(self, states):
        """Give the user's, whose training has begun, the state that they had."""
        for callback, state in zip(self.own, states, strict=True):
            # Keras' own that watch a score choose how to compare it at the end of the
            # first epoch, and would then forget the best of those before.
            if hasattr(callback, "_set_monitor_op") and callback.monitor_op is None:
                callback._set_monitor_op()
            vars(callback).update(state)


def _can_redraw_lines():
    # Keras draws its bar into files and pipes too, a line for every update.
    # What stands in for it in a window may be no file, or nothing at all.
    isatty = getattr(sys.stdout, "isatty", None)
    return (isatty is not None and isatty()) or "ipykernel" in sys.modules


def _has_batch_hooks(callback):
    # A LambdaCallback has its hooks as attributes of the instance, not as methods.
    return any(
        getattr(getattr(callback, hook), "__func__", None)
        is not getattr(keras.callbacks.Callback, hook)
        for hook in _BATCH_HOOKS
    )


class _EpochLines(keras.callbacks.Callback):
    """Prints a line an epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        n_epochs = self.params["epochs"]
        parts = [
            f"epoch {epoch + 1:>{len(str(n_epochs))}}/{n_epochs}",
            f"{time.perf_counter() - self.start:.1f} s",
            *(f"{name} {value:.4f}" for name, value in logs.items()),
        ]
        print("  ".join(parts), flush=True)
