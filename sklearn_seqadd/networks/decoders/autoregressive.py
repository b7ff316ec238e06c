"""Symbol by symbol, fed what it wrote before, by attention to the content."""

from ..._sklearn import COUNT
from ._decoder import Decoder


class AutoregressiveDecoder(Decoder):
    """Write the answer symbol by symbol, fed the symbol that was written before.

    The decoder finds by attention to the content what to read next [1]_, with the
    multi-head attention of [2]_. In training it is fed the right answer ("teacher
    forcing"), in prediction its own: see `beam_width` of :class:`Seq2SeqClassifier`.

    Parameters
    ----------
    heads : int, default=4
        The number of attention heads of each layer.

    positions : bool, default=True
        Whether a learned vector for each step of the answer tells the decoder where it
        is. Without them, what it has learned goes on in answers that are longer than
        all in `fit`.

    See Also
    --------
    Seq2SeqClassifier : Its parameter ``decoder="autoregressive"`` is short for this
        decoder.
    make_seq2seq_pipeline : Its recommended settings, in a pipeline for strings.

    References
    ----------
    .. [1] D. Bahdanau, K. Cho and Y. Bengio, "Neural Machine Translation by Jointly
       Learning to Align and Translate", 2014, arXiv:1409.0473.
    .. [2] A. Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762.

    Examples
    --------
    >>> from sklearn_seqadd import AutoregressiveDecoder, make_seq2seq_pipeline
    >>> pipe = make_seq2seq_pipeline(decoder=AutoregressiveDecoder(positions=False))
    >>> pipe[-1].encoder_units, pipe[-1].decoder.heads
    (64, 4)
    """

    name = "autoregressive"
    has_attention = True
    ends_at_padding = True
    feeds_back = True
    architecture = {"encoder_units": 64, "decoder_units": 128, "bidirectional": True}
    training = {
        "epochs": "auto",
        "learning_rate": 3e-3,
        "schedule": "cosine",
        "clipnorm": 1.0,
        "batch_size": 64,
    }

    _parameter_constraints: dict = {"heads": [COUNT], "positions": ["boolean"]}

    def __init__(self, heads: int = 4, *, positions: bool = True) -> None:
        self.heads = heads
        self.positions = positions

    def check_grouping(self, network):
        if not network.mask_padding:
            raise ValueError(
                "group_by_length=True needs mask_padding=True with "
                "decoder='autoregressive', which else reads the padding."
            )

    def build(self, network):
        from .. import layers
        from ..layers import keras

        inputs, symbols = layers.input_layer(network)
        values = layers.encoder_outputs(network, symbols)
        keys = layers.Positions("offsets", name="keys")(values)
        visible = layers.padding_mask(network, inputs)
        memory = [values, keys] if visible is None else [values, keys, visible]
        encoder = keras.Model(inputs, memory, name="encoder_model")

        # (n_samples, n_steps_out): the answer one step late
        previous = keras.Input((network.n_steps_out,), name="previous")
        memory = [keras.Input(part.shape[1:], dtype=part.dtype) for part in memory]
        values, keys, visible = (*memory, None)[:3]
        steps = layers.embed(
            network.n_symbols + 1, network.decoder_units[0], name="previous_symbol"
        )(previous)
        if self.positions:
            steps = layers.Positions("offsets", name="step")(steps)
        for i, units in enumerate(network.decoder_units):
            decoded = layers.decoder_layer(network, i, network.n_steps_out)(steps)
            attention = layers.attention_layer(self.heads, units, i)
            context = attention(decoded, values, keys, attention_mask=visible)
            steps = layers.join([decoded, context], i)
            steps = layers.dropout(network, steps, "decoder_drop", i)
        probabilities = layers.output_layer(network, steps)
        if network.has_eos:
            ended = layers.EndedBefore(network.eos_code, name="end")
            probabilities = ended(probabilities, previous)
        decoder = keras.Model([previous, *memory], probabilities, name="decoder_model")
        return layers.model([inputs, previous], decoder([previous, *encoder(inputs)]))

    def without_inference_layer(self, network, model):
        from ..layers import keras

        if not network.has_eos:
            return None
        encoder, decoder = _parts(model)
        probabilities, _ = decoder.get_layer("end").input
        before = keras.Model(decoder.inputs, probabilities)
        inputs, previous = model.inputs
        return keras.Model(model.inputs, before([previous, *encoder(inputs)]))

    def build_attention(self, model, layer):
        from ..layers import attention_scores, keras

        encoder, decoder = _parts(model)
        scores = keras.Model(decoder.inputs, attention_scores(decoder, layer))
        inputs, previous = model.inputs
        return keras.Model(model.inputs, scores([previous, *encoder(inputs)]))

    def step_by_step(self, network, model):
        return _StepByStep(network, model)


class DecoderLayers:
    """The layers of the decoder, by the names that `build` gave them.

    Parameters
    ----------
    network : Seq2SeqNetwork
        The description of the network.

    model : keras.Model
        The model of :meth:`AutoregressiveDecoder.build`.
    """

    def __init__(self, network, model):
        self.network = network
        self.encoder, decoder = _parts(model)
        self.layers = {layer.name: layer for layer in decoder.layers}

    def each(self, name):
        """The layers of this name, one for each layer of the decoder."""
        from .. import layers

        n_layers = len(self.network.decoder_units)
        return [self.layers[layers.numbered(name, i)] for i in range(n_layers)]


class _StepByStep(DecoderLayers):
    """What `AutoregressiveDecoder.step_by_step` returns."""

    def start(self, x):
        from ..layers import keras

        # Copies without Keras' mask, which is among them if there is one.
        values, keys, *visible = map(keras.ops.copy, self.encoder(x, training=False))
        # Projected once, and not at every step.
        known = [
            attention.project(values, keys) for attention in self.each("attention")
        ]
        states = [
            decoder.get_initial_state(keras.ops.shape(x)[0])
            for decoder in self.each("decoder")
        ]
        return [known, visible], states

    def step(self, t, previous, known, states):
        from ..layers import keras

        projected, visible = known
        steps = self.layers["previous_symbol"](previous)
        if self.network.decoder.positions:
            steps += self.layers["step"].offsets[t]
        states_after = []
        for i, (decoder, attention) in enumerate(
            zip(self.each("decoder"), self.each("attention"), strict=True)
        ):
            decoded, state = decoder.cell(steps, states[i])
            context = attention.look(decoded, *projected[i], *visible)
            steps = keras.ops.concatenate([decoded, context], axis=-1)
            states_after.append(state)
        probabilities = self.layers["output"](steps)
        if self.network.has_eos:
            probabilities = self.layers["end"](probabilities, previous)
        return probabilities, states_after


def _parts(model):
    """The encoder, and the decoder that is fed with what it returns."""
    return model.get_layer("encoder_model"), model.get_layer("decoder_model")
