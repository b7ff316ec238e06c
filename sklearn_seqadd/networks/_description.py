"""What a description of a network is."""

import dataclasses
from typing import Any, ClassVar, Self

import numpy as np

from ._custom import CustomNetwork
from ._settings import KerasSettings

# What files of version 0.1.0 have besides: it belongs to the loss.
_NO_LONGER_DESCRIBED = {"padding"}

# So many rows are predicted at a time.
PREDICTION_ROWS = 2048

# Fewer where these would otherwise be more numbers at once.
MAX_NUMBERS = 2**24


@dataclasses.dataclass(frozen=True)
class NetworkDescription:
    """All there is to know about the layers and shapes of a network.

    Two networks of equal descriptions are the same but for their weights. Fields have
    defaults, so that a file which was written before there was a field can be read.
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

    @classmethod
    def from_dict(cls, architecture: dict) -> Self:
        """Read a description from plain values, such as `to_dict` returns."""
        names = {field.name for field in dataclasses.fields(cls)}
        unknown = architecture.keys() - names - _NO_LONGER_DESCRIBED
        if unknown:
            raise ValueError(
                f"This version of sklearn_seqadd knows no networks with "
                f"{', '.join(sorted(unknown))}; the estimator is from a later one."
            )
        fields = {
            name: _converted(value, list, tuple)
            for name, value in architecture.items()
            if name in names
        }
        if fields.get("custom") is not None:
            fields["custom"] = CustomNetwork(fields["custom"])
            # A file of an earlier version does not have them.
            fields["keras_settings"] = KerasSettings(**fields.get("keras_settings", {}))
        return cls(**fields)

    def to_dict(self) -> dict[str, Any]:
        """The description as it is stored: plain values, but for the user's own."""
        values = {
            field.name: getattr(self, field.name) for field in dataclasses.fields(self)
        }
        if values.get("custom") is not None:
            # What describes built-in layers says nothing of these.
            for field in dataclasses.fields(self):
                if values[field.name] == field.default:
                    del values[field.name]
            values["custom"] = values["custom"].builder
            values["keras_settings"] = self.keras_settings._asdict()
        else:
            del values["keras_settings"]  # of built-in networks always the same
        return {name: _converted(value, tuple, list) for name, value in values.items()}

    def for_prediction(self) -> Self:
        """The network of the same weights with which to predict."""
        return self

    def n_numbers(self, n_steps: int) -> int:
        """How many numbers there are at once for a sample of so many steps."""
        return 1

    def before_end(self, model: Any) -> Any:
        """Return the network without what it does in prediction only, if anything.

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


def _converted(value, old, new):
    """Sequences of one type as those of another, and those in them."""
    if not isinstance(value, old):
        return value
    return new(_converted(each, old, new) for each in value)
