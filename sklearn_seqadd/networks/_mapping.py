"""Networks from numbers to numbers."""

import dataclasses
from typing import ClassVar

import numpy as np

from ._custom import CustomNetwork
from ._description import NetworkDescription


@dataclasses.dataclass(frozen=True)
class MappingNetwork(NetworkDescription):
    """A network of :class:`~sklearn_seqadd.MappingRegressor`, with its parameters.

    It maps numbers (n_samples, n_terms) to numbers (n_samples, n_outputs), in double
    precision, as other regressors do: for a network of this size it costs no time.
    """

    dtype: ClassVar[type] = np.float64

    n_terms: int
    n_outputs: int
    # The kind of network, or the user's own.
    network: str | CustomNetwork = "lstm"
    hidden_units: tuple[int, ...] = (6, 2)
    activation: str | None = None

    @classmethod
    def from_dict(cls, architecture):
        network = architecture["network"]
        if not isinstance(network, str):
            architecture = architecture | {"network": CustomNetwork(network)}
        return super().from_dict(architecture)

    def to_dict(self):
        values = super().to_dict()
        if not isinstance(self.network, CustomNetwork):
            return values
        names = ("n_terms", "n_outputs", "keras_settings")
        known = {name: values[name] for name in names}
        return known | {"network": self.network.builder}

    @property
    def has_own_code(self):
        return isinstance(self.network, CustomNetwork)

    def _build(self):
        if isinstance(self.network, CustomNetwork):
            shapes = {"n_terms": self.n_terms, "n_outputs": self.n_outputs}
            inputs, outputs = ((n,) for n in shapes.values())
            return self.network.build([inputs], outputs, **shapes)
        from .layers import dense, keras, recurrent

        inputs = keras.Input((self.n_terms,), dtype="float64", name="input")
        hidden, is_recurrent = inputs, self.network == "lstm"
        if is_recurrent:
            # (n_samples, n_terms, 1): one time step a term, one feature
            in_turn = keras.layers.Reshape((-1, 1), dtype="float64", name="steps")
            hidden = in_turn(inputs)
        for i, units in enumerate(self.hidden_units):
            params = {"dtype": "float64", "name": f"hidden_{i}"}
            if not is_recurrent:
                layer = dense(units, self.activation, **params)
            elif i < len(self.hidden_units) - 1:
                layer = recurrent(
                    "lstm", units, self.n_terms, return_sequences=True, **params
                )
            else:
                # (n_samples, units): the output after the last term
                params["name"] = "last"
                layer = recurrent("lstm", units, self.n_terms, **params)
            hidden = layer(hidden)
        outputs = dense(self.n_outputs, dtype="float64", name="output")(hidden)
        return keras.Model(inputs, outputs, name=f"mapping_{self.network}")
