"""Networks from numbers to numbers."""

import dataclasses

from ._description import NetworkDescription


@dataclasses.dataclass(frozen=True)
class MappingNetwork(NetworkDescription):
    """A network of :class:`~sklearn_seqadd.MappingRegressor`, with its parameters.

    It maps numbers (n_samples, n_terms) to numbers (n_samples, n_outputs), in double
    precision, as other regressors do: it is so small that this costs nothing.
    """

    n_terms: int
    n_outputs: int
    network: str = "lstm"
    hidden_units: tuple[int, ...] = (6, 2)
    activation: str | None = None

    def build(self):
        from .layers import dense, keras

        inputs = keras.Input((self.n_terms,), dtype="float64", name="input")
        hidden = (self._lstm if self.network == "lstm" else self._mlp)(inputs)
        outputs = dense(self.n_outputs, dtype="float64", name="output")(hidden)
        return keras.Model(inputs, outputs, name=f"mapping_{self.network}")

    def _lstm(self, inputs):
        """Recurrent layers that read one term at each time step."""
        from .layers import keras, recurrent

        # (n_samples, n_terms, 1): one time step a term, one feature
        steps = keras.layers.Reshape((-1, 1), dtype="float64", name="steps")(inputs)
        n_layers = len(self.hidden_units)
        for i, units in enumerate(self.hidden_units):
            is_last = i == n_layers - 1
            # The last returns (n_samples, units): what is known after the last term.
            steps = recurrent(
                "lstm",
                units,
                self.n_terms,
                return_sequences=not is_last,
                dtype="float64",
                name="last" if is_last else f"hidden_{i}",
            )(steps)
        return steps

    def _mlp(self, inputs):
        from .layers import dense

        hidden = inputs
        for i, units in enumerate(self.hidden_units):
            layer = dense(units, self.activation, dtype="float64", name=f"hidden_{i}")
            hidden = layer(hidden)
        return hidden
