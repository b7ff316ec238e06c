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
    precision, as other regressors do: it is so small that this costs nothing.
    """

    dtype: ClassVar[type] = np.float64

    n_terms: int
    n_outputs: int
    network: str = "lstm"
    hidden_units: tuple[int, ...] = (6, 2)
    activation: str | None = None
    # The user's own network, if it is one.
    custom: CustomNetwork | None = None

    def _build(self):
        if self.custom is not None:
            shapes = {"n_terms": self.n_terms, "n_outputs": self.n_outputs}
            inputs, outputs = ((n,) for n in shapes.values())
            return self.custom.build([inputs], outputs, **shapes)
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
                # (n_samples, units): what is known after the last term
                params["name"] = "last"
                layer = recurrent("lstm", units, self.n_terms, **params)
            hidden = layer(hidden)
        outputs = dense(self.n_outputs, dtype="float64", name="output")(hidden)
        return keras.Model(inputs, outputs, name=f"mapping_{self.network}")
