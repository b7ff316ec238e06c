"""Positional attention: a learned query for every step of the answer."""

from ._decoder import Decoder


class AttentionDecoder(Decoder):
    """Attention from learned queries to learned offsets of keys, all steps at once."""

    name = "attention"
    attends = True
    uses = frozenset({"attention_heads"})
    recommended = {
        "side": "term",
        "reverse": True,
        "encoder_units": None,
        "decoder_units": 128,
        "epochs": "auto",
        "learning_rate": 3e-3,
        "schedule": "cosine",
        "clipnorm": 1.0,
        "batch_size": 64,
    }

    def build(self, network):
        from .. import layers

        inputs, symbols = layers.read(network)
        n_steps, n_units = network.n_steps_out, network.decoder_units
        # (n_samples, n_steps_in, ...): the values carry no position, the keys do
        values = layers.memory(network, symbols)
        # Where symbols are known by themselves only, positions must outweigh them for
        # attention to find its place; where a recurrent encoder says what stands around
        # them, they would drown it.
        kind = "offsets" if network.encoder_units else "positions"
        keys = layers.Positions(kind, name="keys")(values)
        visible = layers.visible(network, inputs)
        # (n_samples, n_steps_out, units): for each output step what it looks for
        queries = layers.Queries(kind, n_steps, n_units[0], name="queries")(values)
        decoded = queries
        for i, units in enumerate(n_units):
            if i:
                # A further layer looks again, by what the one before it has found.
                again = "random_positions" if kind == "positions" else kind
                queries = layers.Positions(again, name=f"queries_{i}")(decoded)
            attention = layers.attend(network, units, i)
            context = attention(queries, values, keys, attention_mask=visible)
            if i:
                context = layers.join([context, decoded], i)
            # Recurrent over the output steps: the carry is left to it.
            decoded = layers.decoder_layer(network, i, n_steps)(context)
            decoded = layers.dropout(network, decoded, "decoder_drop", i)
        return layers.model(inputs, layers.write(network, decoded))
