"""The state of training, and files from which a long fit can be resumed."""

import contextlib
import json
import os
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np

from ._files import atomic_write

# Dtypes that do not belong to NumPy, which would write their arrays as raw bytes.
_WITHOUT_NUMPY_FORMAT = {"bfloat16", "float8_e4m3fn", "float8_e5m2"}

# The pause between two files, in seconds for each second that it takes to write one.
_MIN_SECONDS_BETWEEN_PER_SECOND = 10


class Best(NamedTuple):
    """The state of a fit at the end of its best epoch, as plain data."""

    # Compared like tuples; a greater one is better.
    score: list
    # The number of epochs until then.
    n_epochs: int
    weights: list
    # The optimizer's variables.
    optimizer_state: list
    # The moving average of the weights, if the optimizer keeps one.
    averaged: list | None
    # Score and number of the last epoch that was a gain: better by more than `tol`.
    gained_score: list
    gained_n_epochs: int


class Progress(NamedTuple):
    """The state of a fit at the end of an epoch, as plain data."""

    weights: list
    # The optimizer's variables.
    optimizer_state: list
    # A list of numbers by name, with one for each epoch of this fit.
    history: dict
    # The plain data in the attributes of each callback.
    callbacks: list
    # True if training is over.
    finished: bool
    # The message if training ended because the loss or a weight became infinite or NaN.
    diverged: str | None = None
    # The best epoch, with early stopping.
    best: Best | None = None
    # The moving average of the weights, if the optimizer keeps one.
    averaged: list | None = None
    # True if a callback has ended the training at this epoch.
    stopped: bool = False

    @property
    def n_epochs(self):
        """The number of epochs of this fit that were run."""
        return len(self.history["loss"])


class Checkpoint:
    """The file of one fit in a directory of such files.

    The file's name is a digest of all that determines what the fit learns, so that the
    folds of a cross-validation and the candidates of a search can share the directory.

    Parameters
    ----------
    directory : str or path-like
        The directory, which is created if there is none.

    identity : dict
        All that determines what the fit learns.

    Attributes
    ----------
    path : Path
        The file.
    """

    def __init__(self, directory, identity):
        self._directory = Path(directory)
        if self._directory.exists() and not self._directory.is_dir():
            raise ValueError(
                f"checkpoint_dir={os.fspath(directory)!r} is not a directory."
            )
        self._directory.mkdir(parents=True, exist_ok=True)
        self._digest = joblib.hash(identity)
        self.path = self._directory / f"{self._digest}.npz"
        self._last_end = -np.inf
        self._seconds = 0.0

    def load(self):
        """Return the saved state; None if there is none, or if the file is damaged."""
        if not self.path.exists():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as file:
                content = json.loads(file["content"].item())
                if content["digest"] != self._digest:
                    raise ValueError("it is that of another fit")
                fields = _with_arrays(content["progress"], file)
                if fields["best"] is not None:
                    fields["best"] = Best(**fields["best"])
                return Progress(**fields)
        except Exception as error:  # a damaged file may raise anything
            warnings.warn(
                f"The checkpoint {self.path} cannot be read; training starts again: "
                f"{type(error).__name__}: {error}",
                stacklevel=2,
            )
            return None

    def save(self, progress):
        """Write the state of the fit, unless the last file was written just before."""
        start = time.monotonic()
        pause = _MIN_SECONDS_BETWEEN_PER_SECOND * self._seconds
        if not progress.finished and start - self._last_end < pause:
            return
        arrays: dict = {}
        state = progress._asdict()
        if progress.best is not None:
            state["best"] = progress.best._asdict()
        plain = _plain(state, arrays)
        content = json.dumps({"digest": self._digest, "progress": plain})
        try:
            self._write(content=np.array(content), **arrays)
            if progress.finished:
                # Processes that were killed while they wrote have left these files.
                for part in self._directory.glob(f"{self._digest}-*.part"):
                    part.unlink(missing_ok=True)
        except OSError as error:
            # Training must not fail because the disk is full.
            warnings.warn(
                f"The checkpoint {self.path} cannot be written: {error}", stacklevel=2
            )
        self._last_end = time.monotonic()
        self._seconds = self._last_end - start

    def _write(self, **arrays):
        with atomic_write(self.path) as part, open(part, "wb") as file:
            np.savez(file, **arrays)


def callback_state(callback):
    """Return the plain data in the attributes of a callback, without the model.

    Parameters
    ----------
    callback : keras.callbacks.Callback

    Returns
    -------
    state : dict
        Numbers, strings, arrays, and lists and dicts of them, by attribute.
    """
    state = {}
    for name, value in vars(callback).items():
        if name not in ("params", "validation_data"):
            with contextlib.suppress(TypeError):  # of a value that is not plain data
                _plain(value, {})
                state[name] = value
    return state


def restore_callbacks(callbacks, states):
    """Give callbacks the state that `callback_state` returned of each.

    Parameters
    ----------
    callbacks : list of keras.callbacks.Callback

    states : list of dict
        One for each callback.
    """
    for callback, state in zip(callbacks, states, strict=True):
        attributes = vars(callback)
        for name, value in state.items():
            present = attributes.get(name)
            # In place, because a list or a dict may be shared with the user.
            if isinstance(value, list) and isinstance(present, list):
                present[:] = value
            elif isinstance(value, dict) and isinstance(present, dict):
                present.clear()
                present.update(value)
            else:
                attributes[name] = value


def _plain(value: Any, arrays: dict) -> Any:
    """Return a value as JSON takes it, with its arrays moved into a dict."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufUS":
        name = f"array_{len(arrays)}"
        arrays[name] = np.asarray(value)
        return {"array": name}
    if isinstance(value, np.ndarray) and value.dtype.name in _WITHOUT_NUMPY_FORMAT:
        bits = value.view(f"u{value.itemsize}")
        return {**_plain(bits, arrays), "dtype": value.dtype.name}
    if isinstance(value, list):
        return [_plain(part, arrays) for part in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: _plain(part, arrays) for key, part in value.items()}}
    raise TypeError(f"{type(value).__name__} is not plain data")


def _with_arrays(value: Any, arrays: Any) -> Any:
    """Return the value that `_plain` was given."""
    if isinstance(value, list):
        return [_with_arrays(part, arrays) for part in value]
    if isinstance(value, dict):
        if "array" in value:
            array = arrays[value["array"]]
            return array.view(value["dtype"]) if "dtype" in value else array
        return {key: _with_arrays(part, arrays) for key, part in value["dict"].items()}
    return value
