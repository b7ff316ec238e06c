"""Symbol by symbol, fed what it wrote and saw before, by attention and copying."""

from ..._sklearn import COUNT
from ._decoder import Decoder


class AutoregressiveDecoder(Decoder):
    """Write the answer symbol by symbol, fed the symbol that was written before.

    At each step, additive attention [1]_ finds what to read next, by content and by
    where it looked at the step before [2]_. What it finds is also an input of the
    next step ("input feeding" [3]_). A symbol is written, or copied from where
    attention is ("pointer-generator" [4]_). In training it is fed the correct answer
    ("teacher forcing"), in prediction its own: see `beam_width` of
    :class:`Seq2SeqClassifier`. Nothing in it depends on a length: it answers inputs
    longer than those in `fit`, with answers longer in proportion. Padding is as if
    absent, so `mask_padding` has no influence.

    Parameters
    ----------
    location : bool, default=True
        Whether attention sees where it looked at the step before, and so can move on
        from there.

    copy : bool, default=True
        Whether symbols are copied from the input, if it is known which symbols of the
        input are symbols of the answer.

    attention_units : int, default=None
        The number of units by which attention compares what was written with the
        input. Fewer take less time. None is half of the last of `decoder_units`.

    See Also
    --------
    Seq2SeqClassifier : Its parameter ``decoder="autoregressive"`` is short for this
        decoder.
    make_seq2seq_pipeline : Its recommended settings, in a pipeline for strings.

    References
    ----------
    .. [1] D. Bahdanau, K. Cho and Y. Bengio, "Neural Machine Translation by Jointly
       Learning to Align and Translate", 2014, arXiv:1409.0473.
    .. [2] J. Chorowski et al., "Attention-Based Models for Speech Recognition", 2015,
       arXiv:1506.07503.
    .. [3] M.-T. Luong, H. Pham and C. D. Manning, "Effective Approaches to
       Attention-based Neural Machine Translation", 2015, arXiv:1508.04025.
    .. [4] A. See, P. J. Liu and C. D. Manning, "Get To The Point: Summarization with
       Pointer-Generator Networks", 2017, arXiv:1704.04368.

    Examples
    --------
    >>> from sklearn_seqadd import AutoregressiveDecoder, make_seq2seq_pipeline
    >>> pipe = make_seq2seq_pipeline(decoder=AutoregressiveDecoder(location=False))
    >>> pipe[-1].encoder_units, pipe[-1].decoder.copy
    (128, True)
    """

    name = "autoregressive"
    has_attention = True
    any_length = True
    ends_at_padding = True
    feeds_back = True
    # Most of the time is spent in products of matrices, which XLA does not make faster.
    min_updates_for_xla = 1_000_000
    padding = {"side": "right", "handle_overlong": "extend"}
    architecture = {
        "encoder_units": 128,
        "decoder_units": 256,
        "bidirectional": True,
        "embedding_dim": 64,
        "dropout": 0.3,
    }
    training = {
        "epochs": "auto",
        "learning_rate": 2e-3,
        "schedule": "cosine",
        "clipnorm": 1.0,
        "weight_decay": 0.01,
        "label_smoothing": 0.1,
        "batch_size": 32,
    }

    _parameter_constraints: dict = {
        "location": ["boolean"],
        "copy": ["boolean"],
        "attention_units": [COUNT, None],
    }

    def __init__(
        self,
        *,
        location: bool = True,
        copy: bool = True,
        attention_units: int | None = None,
    ) -> None:
        self.location = location
        self.copy = copy
        self.attention_units = attention_units

    @property
    def copies(self):
        """True if symbols are copied, where it is known which can be."""
        return self.copy

    def check_grouping(self, network):
        pass  # padding is as if absent

    def build(self, network):
        from .. import input_feeding, layers
        from ..layers import keras

        encoder = self._build_encoder(network)
        n_units = network.decoder_units[-1]
        # (n_samples, n_steps_out): the answer one step late
        n_steps_out = None if network.any_length else network.n_steps_out
        previous = keras.Input((n_steps_out,), name="previous")
        memory = [
            keras.Input(part.shape[1:], dtype=part.dtype) for part in encoder.outputs
        ]
        values, keys, visible, first, *others = memory
        embedded = layers.embed(
            network.n_symbols + 1, _n_embedded(network), name="previous_symbol"
        )(previous)
        embedded = layers.dropout(network, embedded, "previous_drop", 0)
        decoded, weights = input_feeding.InputFeeding(
            network.cell,
            network.decoder_units,
            self._n_keys(network),
            bool(self.location),
            network.dropout,
            network.eos_code,
            name="attention",
        )(previous, embedded, values, keys, visible, first)
        joined = layers.dense(n_units, "tanh", name="joined")(decoded)
        joined = layers.dropout(network, joined, "decoder_drop", 0)
        probabilities = layers.output_layer(network, joined)
        if network.copied:
            copying = input_feeding.Copying(name="copying")
            copies = others.pop(0)
            probabilities = copying(probabilities, decoded, embedded, weights, copies)
        if network.has_eos:
            ended = layers.EndedBefore(network.eos_code, name="end")
            probabilities = ended(probabilities, previous, *others)
        decoder = keras.Model([previous, *memory], probabilities, name="decoder_model")
        inputs = encoder.inputs[0]
        return layers.model([inputs, previous], decoder([previous, *encoder(inputs)]))

    def _build_encoder(self, network):
        """Build the part that depends on the input only.

        Its outputs are values, keys, visible steps and the first state; which symbols
        can be copied, if any; and the number of steps of answers, if they end.
        """
        from .. import input_feeding, layers
        from ..layers import keras

        inputs, symbols = layers.input_layer(network)
        visible = layers.visible_steps(inputs)
        if isinstance(network.embedding_dim, int):
            symbols = layers.dropout(network, symbols, "symbol_drop", 0)
        if network.encoder_units:
            values = layers.encode(
                network,
                symbols,
                return_sequences=True,
                mask=visible,
                read=input_feeding.read_at_once,
            )
        else:
            values = layers.dense(network.decoder_units[0], name="symbols")(symbols)
        mean = input_feeding.MeanOfSteps(name="mean")(values, visible)
        n_states = input_feeding.n_states(network.cell) * sum(network.decoder_units)
        memory = [
            values,
            layers.dense(self._n_keys(network), name="keys")(values),
            visible,
            layers.dense(n_states, "tanh", name="first_state")(mean),
        ]
        if network.copied:
            copied = input_feeding.CopiedSymbols(
                network.n_symbols, network.copied, name="copies"
            )
            memory.append(copied(inputs))
        if network.has_eos:
            n_steps = network.n_steps_in, network.n_steps_out
            memory.append(layers.LongestAnswer(n_steps, name="longest")(visible))
        return keras.Model(inputs, memory, name="encoder_model")

    def without_inference_layer(self, network, model):
        from ..layers import keras

        if not network.has_eos:
            return None
        encoder, decoder = _parts(model)
        probabilities, *_ = decoder.get_layer("end").input
        before = keras.Model(decoder.inputs, probabilities)
        inputs, previous = model.inputs
        return keras.Model(model.inputs, before([previous, *encoder(inputs)]))

    def n_attention_layers(self, network):
        return 1

    def build_attention(self, model, layer):
        from ..layers import keras

        encoder, decoder = _parts(model)
        _, weights = decoder.get_layer("attention").output
        of_steps = keras.Model(decoder.inputs, keras.ops.expand_dims(weights, 1))
        inputs, previous = model.inputs
        return keras.Model(model.inputs, of_steps([previous, *encoder(inputs)]))

    def activations_per_sample(self, network, n_steps):
        n_features = network.decoder_units[-1]
        if network.encoder_units:
            n_features = network.encoder_units[-1] * (1 + network.bidirectional)
        n_features += self._n_keys(network)
        if network.copied:
            n_features += network.n_symbols
        return n_steps * n_features

    def _n_keys(self, network):
        """Return the number of units by which attention compares."""
        if self.attention_units is not None:
            return self.attention_units
        return max(1, network.decoder_units[-1] // 2)

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


class _StepByStep(DecoderLayers):
    """What `AutoregressiveDecoder.step_by_step` returns."""

    def start(self, x):
        from ..layers import keras

        # Copies without Keras' mask, which is among them if there is one.
        values, keys, visible, first, *others = map(
            keras.ops.copy, self.encoder(x, training=False)
        )
        state = self.layers["attention"].begin(values, first)
        return [values, keys, visible, *others], state

    def step(self, t, previous, known, state):
        layers, known, others = self.layers, known[:3], known[3:]
        embedded = layers["previous_symbol"](previous)
        attention = layers["attention"]
        state = attention.step(
            [attention.project(embedded)], known, state, attention.products()
        )
        decoded, weights = attention.seen(state)
        probabilities = layers["output"](layers["joined"](decoded))
        if "copying" in layers:
            copies, *others = others
            probabilities = layers["copying"](
                probabilities, decoded, embedded, weights, copies
            )
        if "end" in layers:
            probabilities = layers["end"](probabilities, previous, *others, t=t)
        return probabilities, state


def _parts(model):
    """The encoder, and the decoder that is fed with what it returns."""
    return model.get_layer("encoder_model"), model.get_layer("decoder_model")


def _n_embedded(network):
    """The length of the vector of the symbol written before."""
    if isinstance(network.embedding_dim, int):
        return network.embedding_dim
    return network.decoder_units[0]
