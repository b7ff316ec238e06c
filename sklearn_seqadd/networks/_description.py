"""The base class of descriptions of networks."""

import dataclasses
from typing import Any, ClassVar, Self

import numpy as np

from ._settings import KerasSettings

# Rows that are predicted together, and the numbers that these may need at once: there
# are fewer rows in a block that would need more.
PREDICTION_ROWS = 2048
MAX_NUMBERS = 2**24


@dataclasses.dataclass(frozen=True)
class NetworkDescription:
    """All there is to know about the layers and shapes of a network.

    Two networks of equal descriptions are the same but for their weights.
    """

    # XLA takes seconds to compile and about halves the time of a step; only a fit of
    # so many mini-batches earns the seconds back.
    min_steps_for_xla: ClassVar[int] = 2500
    # The precision of outputs and losses, whatever is within the network.
    dtype: ClassVar[type] = np.float32
    # Keras' settings with which the network is built and traced.
    keras_settings: KerasSettings = dataclasses.field(
        default=KerasSettings(), kw_only=True
    )

    @property
    def has_own_code(self) -> bool:
        """Whether code of the user's own builds the network, or a part of it."""
        return False

    @classmethod
    def from_dict(cls, architecture: dict) -> Self:
        """Return the description of plain values, such as `to_dict` returns."""
        names = {field.name for field in dataclasses.fields(cls)}
        unknown = architecture.keys() - names
        if unknown:
            raise ValueError(
                f"This version of sklearn_seqadd knows no networks with "
                f"{', '.join(sorted(unknown))}; the estimator is from a later one."
            )
        fields = {name: plain(value) for name, value in architecture.items()}
        if "keras_settings" in fields:
            fields["keras_settings"] = KerasSettings(**fields["keras_settings"])
        return cls(**fields)

    def to_dict(self) -> dict[str, Any]:
        """Return the description as it is stored: plain values, and the user's own."""
        values = {
            field.name: plain(getattr(self, field.name), list)
            for field in dataclasses.fields(self)
        }
        del values["keras_settings"]
        if self.has_own_code:  # the settings of others are always the same
            values["keras_settings"] = self.keras_settings._asdict()
        return values

    def for_prediction(self) -> Self:
        """Return the description of the network of the same weights that predicts."""
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

    def n_numbers(self, n_steps: int) -> int:
        """Return how many numbers there are at once for a sample of so many steps."""
        return 1

    def without_inference_layer(self, model: Any) -> Any:
        """Return the network without a layer that acts in prediction only, if any.

        Parameters
        ----------
        model : keras.Model
            What `build` returned.

        Returns
        -------
        model : keras.Model or None
        """
        return None

    def build(self) -> Any:
        """Build the network, a `keras.Model` whose weights are arbitrary."""
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
        Whatever is no number, array, list, tuple or dict is returned as it is.

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
