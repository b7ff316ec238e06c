"""The callbacks of a fit: the user's, Keras' history and a display of progress."""

import contextlib
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

# The errors of an output that is closed, that nobody reads, or that is not a file.
_OUTPUT_ERRORS = OSError, ValueError, AttributeError


class CallbackClock:
    """Tells other threads for how long a callback has been running."""

    def __init__(self):
        self._start = None

    @contextlib.contextmanager
    def running(self):
        """Run a callback in this context."""
        self._start = time.monotonic()
        try:
            yield
        finally:
            self._start = None

    def seconds(self):
        """Return the seconds that the callback has been running, 0 if none is."""
        start = self._start
        return 0.0 if start is None else time.monotonic() - start


class Callbacks:
    """All callbacks of one fit.

    Parameters
    ----------
    model : keras.Model
        The model that is trained, which callbacks get to see.

    own : list of keras.callbacks.Callback
        The user's callbacks.

    verbose : int
        0, 1 or 2, as in Keras.

    epochs : int
        The number of the last epoch.

    n_batches : int
        The number of mini-batches in an epoch.

    clock : CallbackClock

    Attributes
    ----------
    own : list of keras.callbacks.Callback
        The user's callbacks.

    every_batch : bool
        True if one of them has a hook for each mini-batch.

    history : keras.callbacks.History
        The logs that callbacks were told at the end of each epoch of this fit.
    """

    def __init__(self, model, own, verbose, epochs, n_batches, clock):
        self._clock = clock
        self.own = own
        self.every_batch = any(map(_has_batch_hooks, own))
        self.history = keras.callbacks.History()
        shown = []
        if verbose:
            with_bar = verbose == 1 and _can_redraw_lines()
            shown = [_Bar() if with_bar else _EpochLines()]
        self._list = keras.callbacks.CallbackList(
            [*own, *shown, self.history],
            model=model,
            verbose=verbose,
            epochs=epochs,
            steps=n_batches,
        )

    def call(self, hook, *args):
        """Call a hook of all callbacks, such as `on_epoch_end`."""
        with self._clock.running():
            getattr(self._list, hook)(*args)

    def states(self):
        """Return the plain data in the attributes of each of the user's callbacks."""
        return [callback_state(callback) for callback in self.own]

    def resume(self, states):
        """Give the user's callbacks back their state, after `on_train_begin`."""
        for callback in self.own:
            choose_comparison(callback)
        restore_callbacks(self.own, states)


def _can_redraw_lines():
    # Keras would draw its bar into files and pipes too, a line for every update. In a
    # program with windows the output may be an object that is not a file, or None.
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
    """Return the logs without values that are not numbers, which callbacks may add."""
    logs = logs or {}
    return {name: v for name, v in logs.items() if as_number(v) is not None}


def _shows(hook):
    """Return the hook, which shows nothing more once the output has failed."""

    @functools.wraps(hook)
    def shows(self, *args, **kwargs):
        if self.output_failed:
            return
        try:
            hook(self, *args, **kwargs)
        except _OUTPUT_ERRORS:
            # Training must not fail because its progress cannot be printed.
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
    """Prints a line for each epoch."""

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
