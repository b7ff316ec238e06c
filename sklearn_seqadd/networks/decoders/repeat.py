"""The encoder's last output, repeated for every step of the answer."""

from ._decoder import Decoder


class RepeatDecoder(Decoder):
    """Sutskever et al. (2014), Zaremba and Sutskever (2014): the tutorial's network."""

    name = "repeat"

    def check(self, network):
        if not network.encoder_units:
            raise ValueError(
                "decoder='repeat' needs an encoder to repeat the output of, got "
                "encoder_units=None."
            )

    def build(self, network):
        from .. import layers

        inputs, symbols = layers.read(network)
        # (n_samples, encoder_units): what is known once the whole input was read
        encoded = layers.encode(network, symbols, return_sequences=False)
        # (n_samples, n_steps_out, encoder_units): the same for every output step
        n_steps = network.n_steps_out
        repeated = layers.keras.layers.RepeatVector(n_steps, name="repeat")(encoded)
        decoded = layers.decode(network, repeated, n_steps)
        return layers.model(inputs, layers.write(network, decoded))
