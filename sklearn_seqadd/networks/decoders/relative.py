"""Attention heads that find a start by content, and then move step by step."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import assert_all_finite

from ..._digits import quote
from ..._sklearn import COUNT
from .._relative import CONTEXT_GAIN, GAIN_BEFORE_DENSE, as_pair
from ._decoder import Decoder


class RelativeDecoder(Decoder):
    """Write the answer from attention heads that move over the input step by step.

    Each attention head finds by content where to start and where to stop. In between it
    moves by a fixed number of steps with each symbol of the answer, as in [1]_ and
    [2]_. A recurrent layer reads what the heads see; ``cell="simple_rnn"`` is often
    enough for it. No weight depends on a length: inputs may be longer than those in
    `fit`, and their answers are longer in proportion. Padding has no influence, so
    `mask_padding` has none either.

    Parameters
    ----------
    heads : int, default=4
        The number of attention heads for each of the velocities.

    velocities : array-like of float or of pairs of float, default=(1, 1, -1, 0.5)
        The number of steps of the input that a head moves with each symbol of the
        answer. A head with velocity 1 reads forwards, with -1 backwards, with 0 it
        stays where it starts, and with 0.5 it sees each step twice. The second number
        of a pair is how far it moves with each of `steps_per_symbol`. The heads that
        move forwards have the first numbers, the fastest of them before the others.

    steps_per_symbol : int, default=1
        The number of steps that the decoder takes for each symbol of the answer, which
        it writes at the last of them. Thus a symbol can depend on more than the heads
        see at one time: a digit of a product on all pairs of digits that contribute to
        it, if one head moves by ``(0, 1)`` and another by ``(1, -1)``.

    dense_units : int, default=None
        The units of a dense layer, with rectified outputs, between the heads and the
        decoder. A function of several symbols that are seen together, such as the
        product of two digits, is learned there once for all steps. If None, there is no
        such layer.

    width : int, default=3
        The number of steps, with a step in their middle, that decide whether a head
        starts or stops at this step. It must be odd.

    bidirectional : bool, default=False
        Whether a second decoder reads what the heads see from the end of the answer, so
        that each step can depend on later ones.

    See Also
    --------
    Seq2SeqClassifier : Its parameter ``decoder="relative"`` is short for this decoder.
    make_seq2seq_pipeline : Its recommended settings, in a pipeline for strings.

    References
    ----------
    .. [1] A. Graves, G. Wayne and I. Danihelka, "Neural Turing Machines", 2014,
       arXiv:1410.5401.
    .. [2] E. Battenberg et al., "Location-Relative Attention Mechanisms for Robust
       Long-Form Speech Synthesis", 2019, arXiv:1910.10288.

    Examples
    --------
    >>> from sklearn_seqadd import RelativeDecoder, make_seq2seq_pipeline
    >>> pipe = make_seq2seq_pipeline(decoder=RelativeDecoder(velocities=[1, -1]))
    >>> pipe.set_params(seq2seqclassifier__decoder__heads=2)[-1].decoder
    RelativeDecoder(heads=2, velocities=[1, -1])
    """

    name = "relative"
    has_attention = True
    any_length = True
    ends_at_padding = True
    # The network has many small operations, so XLA makes updates three times as fast.
    min_updates_for_xla = 500
    padding = {"side": "left", "reverse": True, "handle_overlong": "extend"}
    architecture = {"encoder_units": None, "decoder_units": 128, "cell": "simple_rnn"}
    training = {
        "epochs": "auto",
        "learning_rate": 5e-3,
        "schedule": "cosine",
        "clipnorm": 1.0,
        "weight_decay": "auto",
        "batch_size": 32,
    }

    _parameter_constraints: dict = {
        "heads": [COUNT],
        "velocities": ["array-like"],
        "steps_per_symbol": [COUNT],
        "dense_units": [COUNT, None],
        "width": [COUNT],
        "bidirectional": ["boolean"],
    }

    def __init__(
        self,
        heads: int = 4,
        *,
        velocities: ArrayLike | Sequence = (1, 1, -1, 0.5),
        steps_per_symbol: int = 1,
        dense_units: int | None = None,
        width: int = 3,
        bidirectional: bool = False,
    ) -> None:
        self.heads = heads
        self.velocities: Any = velocities  # `resolve` converts it to a tuple
        self.steps_per_symbol = steps_per_symbol
        self.dense_units = dense_units
        self.width = width
        self.bidirectional = bidirectional

    def resolve(self):
        decoder = super().resolve()
        decoder.velocities = _check_velocities(self.velocities)
        if self.width % 2 == 0:
            raise ValueError(
                "The 'width' parameter of RelativeDecoder must be odd, so that a step "
                "has the same number of neighbours on both sides. Got "
                f"{self.width!r} instead."
            )
        return decoder

    def check_grouping(self, network):
        if self.bidirectional:
            raise ValueError(
                "group_by_length=True needs RelativeDecoder(bidirectional=False), "
                "because the second decoder begins at the last step, which may be "
                "padding."
            )

    def build(self, network):
        from .. import layers
        from .. import relative_attention as relative

        inputs, symbols = layers.input_layer(network)
        visible = layers.visible_steps(inputs)
        values = symbols
        if network.encoder_units:
            read = layers.encode(network, symbols, return_sequences=True, mask=visible)
            values = layers.join([symbols, read], "symbols")
        velocities = self.heads * self.velocities
        gain = GAIN_BEFORE_DENSE if self.dense_units else CONTEXT_GAIN
        attention = relative.RelativeAttention(
            velocities,
            self.width,
            (network.n_steps_in, network.n_steps_out),
            any_length=network.any_length,
            padded=network.has_eos,
            steps_per_symbol=self.steps_per_symbol,
            gain=gain,
            name="attention",
        )
        # (n_samples, n_steps_out * steps_per_symbol, n_features)
        context = attention(values, visible)
        if self.dense_units:
            dense = layers.dense(self.dense_units, "relu", name="context")
            context = layers.dropout(network, dense(context), "context_drop", 0)
        decoded = context
        for i in range(len(network.decoder_units)):
            if i:
                # A further layer reads what the heads see, too.
                decoded = layers.join([context, decoded], i)
            decoded = self._read(network, i, decoded, visible)
            decoded = layers.dropout(network, decoded, "decoder_drop", i)
        if self.steps_per_symbol > 1:
            decoded = relative.LastStepOfSymbol(self.steps_per_symbol, name="last")(
                decoded
            )
        return layers.model(inputs, layers.output_layer(network, decoded))

    def inference_layer(self, network):
        from ..relative_attention import EndOfAnswer

        if not network.has_eos:
            return None
        return EndOfAnswer(network.eos_code, name="end_of_answer")

    def n_attention_layers(self, network):
        return 1

    def build_attention(self, model, layer):
        from ..layers import keras
        from ..relative_attention import RelativeAttentionWeights

        attention = model.get_layer("attention")
        weights = RelativeAttentionWeights(attention)(*attention.input)
        return keras.Model(model.inputs, weights)

    def activations_per_sample(self, network, n_steps):
        n_features = network.vector_length
        if network.encoder_units:
            n_features += network.encoder_units[-1] * (1 + network.bidirectional)
        n_heads = self.heads * len(self.velocities)
        activations_per_sample = n_steps * n_heads * n_features
        if self.steps_per_symbol == 1:
            return activations_per_sample
        n_out = -(-n_steps * network.n_steps_out // network.n_steps_in)
        n_out = max(n_out, n_steps, network.n_steps_out)
        # The input moved by each displacement, in both directions; what each head sees
        # at each displacement; and what it sees at each step of the decoder.
        farthest = max(
            abs(of_symbol) * n_out + abs(of_step) * self.steps_per_symbol
            for of_symbol, of_step in map(as_pair, self.velocities)
        )
        n_places = 2 * math.ceil(farthest) + 1
        n_at_places = n_places * (n_steps + n_heads) * n_features
        return n_at_places + activations_per_sample * self.steps_per_symbol

    def _read(self, network, i, steps, visible):
        """Apply a layer over the steps of the answer, from one side or from both."""
        from .. import layers
        from ..relative_attention import AnswerSteps

        n_steps = network.n_steps_out * self.steps_per_symbol
        forwards = layers.decoder_layer(network, i, n_steps)(steps)
        if not self.bidirectional:
            return forwards
        # The second decoder begins at the end of the answer, not of its padding.
        mask = AnswerSteps(
            (network.n_steps_in, network.n_steps_out),
            network.has_eos,
            self.steps_per_symbol,
            name=f"answer_steps_{i}",
        )(visible, steps)
        backwards = layers.decoder_layer(network, i, n_steps, go_backwards=True)
        backwards = layers.keras.ops.flip(backwards(steps, mask=mask), axis=1)
        return layers.join([forwards, backwards], f"both_{i}")


def _check_velocities(velocities):
    """Return valid velocities, a tuple of floats and pairs of floats."""
    arrays = [np.asarray(velocity) for velocity in velocities]
    if not arrays or any(
        array.shape not in ((), (2,)) or array.dtype.kind not in "iuf"
        for array in arrays
    ):
        raise ValueError(
            "The 'velocities' parameter of RelativeDecoder must be a list of numbers "
            f"or of pairs of numbers, one at least. Got {quote(velocities)} instead."
        )
    for array in arrays:
        assert_all_finite(array, input_name="velocities")
    return tuple(
        tuple(map(float, array)) if array.ndim else float(array) for array in arrays
    )
