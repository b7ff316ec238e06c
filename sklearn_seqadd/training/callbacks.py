"""Callbacks of a fit: the user's own, Keras' history and what is printed."""

import functools
import sys
import time

from .._checkpoint import callback_state, restore_callbacks
from .._keras import choose_comparison
from .._tensorflow import keras

_BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
)


# Of an output that is closed, that nobody reads, or that is not a file at all.
_OUTPUT_ERRORS = OSError, ValueError, AttributeError


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
        self.history = keras.callbacks.History()
        shown = []
        if verbose:
            with_bar = verbose == 1 and _can_redraw_lines()
            shown = [_Bar() if with_bar else _EpochLines()]
        self._list = keras.callbacks.CallbackList(
            [*own, *shown, self.history],
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
        for callback in self.own:
            choose_comparison(callback)
        restore_callbacks(self.own, states)


def _can_redraw_lines():
    # Keras draws its bar into files and pipes too, a line for every update.
    # What stands in for it in a window may be no file, or nothing at all.
    try:
        in_terminal = sys.stdout.isatty()
    except _OUTPUT_ERRORS:
        in_terminal = False
    return in_terminal or "ipykernel" in sys.modules


def _has_batch_hooks(callback):
    # A LambdaCallback has its hooks as attributes of the instance, not as methods.
    return any(
        getattr(getattr(callback, hook), "__func__", None)
        is not getattr(keras.callbacks.Callback, hook)
        for hook in _BATCH_HOOKS
    )


def as_number(value):
    """Return a value of the logs as a float, or None if it is not a number."""
    if isinstance(value, str):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _numbers_of(logs):
    """Return the logs without what is not a number, such as a callback may add."""
    logs = logs or {}
    return {name: v for name, v in logs.items() if as_number(v) is not None}


def _shows(hook):
    """Return a hook that shows nothing more once the output has failed."""

    @functools.wraps(hook)
    def shows(self, *args, **kwargs):
        if self.output_failed:
            return
        try:
            hook(self, *args, **kwargs)
        except _OUTPUT_ERRORS:
            # Output that nobody can read is no reason to lose the training.
            self.output_failed = True

    return shows


class _Bar(keras.callbacks.ProgbarLogger):
    """Keras' progress bar, which shows numbers only."""

    output_failed = False

    @_shows
    def on_epoch_begin(self, epoch, logs=None):
        super().on_epoch_begin(epoch, logs)

    @_shows
    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, _numbers_of(logs))

    @_shows
    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, _numbers_of(logs))


class _EpochLines(keras.callbacks.Callback):
    """Prints a line an epoch."""

    output_failed = False

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    @_shows
    def on_epoch_end(self, epoch, logs=None):
        n_epochs = self.params["epochs"]
        parts = [
            f"epoch {epoch + 1:>{len(str(n_epochs))}}/{n_epochs}",
            f"{time.perf_counter() - self.start:.1f} s",
            *(f"{name} {value:.4f}" for name, value in _numbers_of(logs).items()),
        ]
        print("  ".join(parts), flush=True)
