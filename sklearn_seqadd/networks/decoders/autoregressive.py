"""Symbol by symbol, fed what it wrote before, by attention to the content."""

from ._decoder import Decoder


class AutoregressiveDecoder(Decoder):
    """Bahdanau et al. (2014), with multi-head attention of Vaswani et al. (2017)."""

    name = "autoregressive"
    attends = True
    feeds_back = True
    uses = frozenset({"attention_heads"})
    recommended = {
        "encoder_units": 64,
        "decoder_units": 128,
        "bidirectional": True,
        "epochs": "auto",
        "learning_rate": 3e-3,
        "schedule": "cosine",
        "clipnorm": 1.0,
        "batch_size": 64,
    }

    def build(self, network):
        from .. import layers
        from ..layers import keras

        inputs, symbols = layers.read(network)
        values = layers.memory(network, symbols)
        keys = layers.Positions("offsets", name="keys")(values)
        visible = layers.visible(network, inputs)
        memory = [values, keys] if visible is None else [values, keys, visible]
        encoder = keras.Model(inputs, memory, name="encoder_model")

        # (n_samples, n_steps_out): the answer one step late
        previous = keras.Input((network.n_steps_out,), name="previous")
        memory = [keras.Input(part.shape[1:], dtype=part.dtype) for part in memory]
        values, keys, visible = (*memory, None)[:3]
        steps = layers.embed(
            network.n_symbols + 1, network.decoder_units[0], name="previous_symbol"
        )(previous)
        steps = layers.Positions("offsets", name="step")(steps)
        for i, units in enumerate(network.decoder_units):
            decoded = layers.decoder_layer(network, i, network.n_steps_out)(steps)
            attention = layers.attend(network, units, i)
            context = attention(decoded, values, keys, attention_mask=visible)
            steps = layers.join([decoded, context], i)
            steps = layers.dropout(network, steps, "decoder_drop", i)
        decoder = keras.Model(
            [previous, *memory], layers.write(network, steps), name="decoder_model"
        )
        return layers.model([inputs, previous], decoder([previous, *encoder(inputs)]))

    def build_attention(self, model, layer):
        from ..layers import attention_scores, keras

        encoder, decoder = self.split(model)
        scores = keras.Model(decoder.inputs, attention_scores(decoder, layer))
        inputs, previous = model.inputs
        return keras.Model(model.inputs, scores([previous, *encoder(inputs)]))

    def split(self, model):
        return model.get_layer("encoder_model"), model.get_layer("decoder_model")
