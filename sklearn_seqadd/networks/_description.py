"""The base class of descriptions of networks."""

import dataclasses
from typing import Any, ClassVar, Self

import numpy as np

from ._settings import KerasSettings

# The number of rows in a block of predictions. A block that would need more than this
# many numbers at once has fewer rows.
PREDICTION_ROWS = 2048
MAX_ACTIVATIONS = 2**24

# XLA takes seconds to compile and about halves the time of an update, so only a fit of
# at least this many mini-batches saves time.
MIN_UPDATES_FOR_XLA = 2500


@dataclasses.dataclass(frozen=True)
class NetworkDescription:
    """The layers and shapes of a network, all that it is built from.

    Networks with equal descriptions differ in their weights only.
    """

    # The precision of outputs and losses, whatever precision the layers have.
    dtype: ClassVar[type] = np.float32
    # Keras' settings with which the network is built and traced.
    keras_settings: KerasSettings = dataclasses.field(
        default=KerasSettings(), kw_only=True
    )

    @property
    def min_updates_for_xla(self) -> int:
        """The number of mini-batches from which on compiling with XLA saves time."""
        return MIN_UPDATES_FOR_XLA

    @property
    def has_own_code(self) -> bool:
        """True if code of the user's own builds the network, or a part of it."""
        return False

    @classmethod
    def from_dict(cls, architecture: dict) -> Self:
        """Return the description that `to_dict` made plain values of."""
        names = {field.name for field in dataclasses.fields(cls)}
        unknown = architecture.keys() - names
        if unknown:
            raise ValueError(
                "This version of sklearn_seqadd does not know networks with "
                f"{', '.join(sorted(unknown))}. The estimator comes from a later one."
            )
        fields = {name: plain(value) for name, value in architecture.items()}
        if "keras_settings" in fields:
            fields["keras_settings"] = KerasSettings(**fields["keras_settings"])
        return cls(**fields)

    def to_dict(self) -> dict[str, Any]:
        """Return the description as plain values, and objects of the user's own."""
        values = {
            field.name: plain(getattr(self, field.name), list)
            for field in dataclasses.fields(self)
        }
        del values["keras_settings"]
        if self.has_own_code:  # built-in networks always have the default settings
            values["keras_settings"] = self.keras_settings._asdict()
        return values

    def for_prediction(self) -> Self:
        """Return the description of the network that predicts with the same weights."""
        return self

    def training_targets(self, y: np.ndarray) -> np.ndarray:
        """Return targets as the network is trained on them.

        Parameters
        ----------
        y : ndarray of shape (n_samples, ...)
            The targets as the estimator has encoded them.

        Returns
        -------
        y : ndarray of shape (n_samples, ...)
        """
        return y

    def activations_per_sample(self, n_steps: int) -> int:
        """Return the number of activations in memory at once for one sample."""
        return 1

    def without_inference_layer(self, model: Any) -> Any:
        """Return the network without the layer that acts in prediction only.

        Parameters
        ----------
        model : keras.Model
            The model of `build`.

        Returns
        -------
        model : keras.Model or None
            None if there is no such layer.
        """
        return None

    def build(self) -> Any:
        """Build the network, a `keras.Model` with arbitrary weights."""
        from .._tensorflow import check_usable

        check_usable()
        with self.keras_settings.applied():
            return self._build()

    def _build(self) -> Any:
        """Build the network with the current settings of Keras."""
        raise NotImplementedError


def plain(value: Any, sequence: type = tuple) -> Any:
    """Return a value with NumPy's numbers as Python's, and its sequences as one type.

    Parameters
    ----------
    value : object
        A value other than a number, array, list, tuple or dict is returned unchanged.

    sequence : {tuple, list}, default=tuple
        The type of sequences: tuples can be hashed, lists are what JSON has.

    Returns
    -------
    value : object
    """
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, dict):
        return {name: plain(each, sequence) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return sequence(plain(each, sequence) for each in value)
    return value
