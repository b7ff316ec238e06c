"""Attention that finds by content where to start, and moves on step by step."""

import math

from ..velocities import as_pair
from ._decoder import Decoder


class RelativeDecoder(Decoder):
    """Heads that start somewhere and move on, and layers that read what they see.

    See :class:`~sklearn_seqadd.networks.relative_attention.RelativeAttention`.
    """

    name = "relative"
    attends = True
    any_length = True
    # Many small operations: XLA makes a step three times as fast.
    min_steps_for_xla = 500
    uses = frozenset(
        {
            "attention_heads",
            "attention_velocities",
            "bidirectional_decoder",
            "steps_per_symbol",
            "context_units",
            "context_width",
            "answer_padding",
        }
    )
    recommended = {
        "side": "left",
        "reverse": True,
        "handle_overlong": "extend",
        "encoder_units": None,
        "decoder_units": 128,
        "cell": "simple_rnn",
        "epochs": "auto",
        "learning_rate": 5e-3,
        "schedule": "cosine",
        "clipnorm": 1.0,
        "weight_decay": "auto",
        "batch_size": 32,
    }

    def check(self, network):
        if network.context_width % 2 == 0:
            raise ValueError(
                "context_width must be odd, for a step with as many neighbours on both "
                f"sides, got {network.context_width}."
            )

    def check_grouping(self, network):
        if network.bidirectional_decoder:
            raise ValueError(
                "group_by_length=True needs bidirectional_decoder=False: the second "
                "decoder begins at the last step, whether it is padding or not."
            )

    def build(self, network):
        from .. import layers
        from .. import relative_attention as relative

        inputs, symbols = layers.read(network)
        visible = layers.visible_steps(inputs)
        values = symbols
        if network.encoder_units:
            read = layers.encode(network, symbols, return_sequences=True, mask=visible)
            values = layers.join([symbols, read], "symbols")
        velocities = network.attention_heads * network.attention_velocities
        gain = relative.CONTEXT_GAIN
        if network.context_units:
            gain = relative.GAIN_BEFORE_DENSE
        attention = relative.RelativeAttention(
            velocities,
            network.context_width,
            (network.n_steps_in, network.n_steps_out),
            network.any_length,
            network.padded_answers,
            network.steps_per_symbol,
            gain,
            name="attention",
        )
        # (n_samples, n_steps_out * steps_per_symbol, n_features)
        context = attention(values, visible)
        if network.context_units:
            together = layers.dense(network.context_units, "relu", name="context")
            context = layers.dropout(network, together(context), "context_drop", 0)
        decoded = context
        for i in range(len(network.decoder_units)):
            if i:
                # A further layer sees again what the heads see.
                decoded = layers.join([context, decoded], i)
            decoded = self._read(network, i, decoded, visible)
            decoded = layers.dropout(network, decoded, "decoder_drop", i)
        if network.steps_per_symbol > 1:
            decoded = relative.LastStepOfSymbol(network.steps_per_symbol, name="last")(
                decoded
            )
        return layers.model(inputs, layers.write(network, decoded))

    def end(self, network):
        from ..relative_attention import EndOfAnswer

        if not network.padded_answers:
            return None
        return EndOfAnswer(network.answer_padding, name="end_of_answer")

    def n_attention_layers(self, network):
        return 1

    def build_attention(self, model, layer):
        from ..layers import keras
        from ..relative_attention import RelativeAttentionWeights

        attention = model.get_layer("attention")
        weights = RelativeAttentionWeights(attention)(*attention.input)
        return keras.Model(model.inputs, weights)

    def n_numbers(self, network, n_steps):
        n_features = network.vector_length
        if network.encoder_units:
            n_features += network.encoder_units[-1] * (1 + network.bidirectional)
        n_heads = network.attention_heads * len(network.attention_velocities)
        n_numbers = n_steps * n_heads * n_features
        if network.steps_per_symbol == 1:
            return n_numbers
        n_out = -(-n_steps * network.n_steps_out // network.n_steps_in)
        n_out = max(n_out, n_steps, network.n_steps_out)
        # What is beside each step, at all places that a head comes to, to both sides;
        # what each head sees there; and what it sees at each step of the decoder.
        farthest = max(
            abs(of_symbol) * n_out + abs(of_step) * network.steps_per_symbol
            for of_symbol, of_step in map(as_pair, network.attention_velocities)
        )
        n_places = 2 * math.ceil(farthest) + 1
        n_at_places = n_places * (n_steps + n_heads) * n_features
        return n_at_places + n_numbers * network.steps_per_symbol

    def _read(self, network, i, steps, visible):
        """A layer over the steps of the answer, from one side or from both."""
        from .. import layers
        from ..relative_attention import AnswerSteps

        n_steps = network.n_steps_out * network.steps_per_symbol
        forwards = layers.decoder_layer(network, i, n_steps)(steps)
        if not network.bidirectional_decoder:
            return forwards
        # From the end of the answer, not of its padding.
        mask = AnswerSteps(
            (network.n_steps_in, network.n_steps_out),
            network.padded_answers,
            network.steps_per_symbol,
            name=f"answer_steps_{i}",
        )(visible, steps)
        backwards = layers.decoder_layer(network, i, n_steps, go_backwards=True)
        backwards = layers.keras.ops.flip(backwards(steps, mask=mask), axis=1)
        return layers.join([forwards, backwards], f"both_{i}")
