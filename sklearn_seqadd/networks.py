"""From hyper-parameters to a Keras model: encoders, decoders, heads; nothing else.

A network is described by an *architecture*: a dict of plain values that says all
there is to know about its layers and shapes. Two equal architectures are the same
network but for the weights, which is why these are made apart, from a seed.
"""

import math

import numpy as np

from ._tensorflow import keras

# Up to here a recurrent layer is written out step by step: twice as fast to run, but
# its compilation takes time for every step.
_MAX_UNROLLED_STEPS = 32

# How large learned vectors are at the beginning (root mean square). Where symbols are
# known by themselves only, positions must outweigh them for attention to find its
# place; where a recurrent encoder says what stands around them, they would drown it.
_SCALES = {"positions": 1.0, "offsets": 0.1, "embeddings": 0.1}


def build_network(architecture):
    """Build the network that an architecture describes.

    Parameters
    ----------
    architecture : dict
        ``network`` says which kind it is. `"seq2seq"` has ``n_steps_in``,
        ``n_features``, ``n_steps_out`` and ``n_symbols`` (the shapes), and
        ``encoder_units``, ``decoder_units``, ``cell`` and ``bidirectional`` as in
        :class:`~sklearn_seqadd.Seq2SeqClassifier`. `"lstm"` and `"mlp"` have
        ``n_terms`` and ``n_outputs``, and ``hidden_units`` and ``activation`` as in
        :class:`~sklearn_seqadd.MappingRegressor`.

    Returns
    -------
    network : keras.Model
        `"seq2seq"`: from (n_samples, n_steps_in, n_features) to probabilities of
        shape (n_samples, n_steps_out, n_symbols). The others: from (n_samples,
        n_terms) to (n_samples, n_outputs). Its weights are arbitrary: see
        :func:`initial_weights`.
    """
    return _BUILDERS[architecture["network"]](architecture)


def loss_of(architecture):
    """Name of the loss that a network is trained with, as Keras knows it.

    Parameters
    ----------
    architecture : dict
        See :func:`build_network`.

    Returns
    -------
    loss : {"sparse_categorical_crossentropy", "mean_squared_error"}
    """
    if architecture["network"] == "seq2seq":
        return "sparse_categorical_crossentropy"
    return "mean_squared_error"


def initial_weights(network, seed):
    """Draw the weights that an untrained network starts from.

    They follow Keras' defaults for each kind of weight, but depend on nothing but
    the seed and the shapes.

    Parameters
    ----------
    network : keras.Model
        A model from :func:`build_network`.

    seed : int
        The seed.

    Returns
    -------
    weights : list of ndarray
        For ``network.set_weights``.
    """
    seeds = np.random.SeedSequence(seed).generate_state(len(network.weights))
    return [
        _initial_weight(weight, int(weight_seed))
        for weight, weight_seed in zip(network.weights, seeds, strict=True)
    ]


def attention_network(network, layer):
    """What an attention layer of a network looks at, as a network of its own.

    Parameters
    ----------
    network : keras.Model
        A model from :func:`build_network` whose decoder attends.

    layer : int
        Which of its attention layers, from 0.

    Returns
    -------
    attention : keras.Model
        From the inputs of `network` to weights of shape (n_samples, n_heads,
        n_steps_out, n_steps_in), each row of which sums to 1. It shares the layers of
        `network`, and so its weights.
    """
    name = _numbered("attention", layer)
    if all(part.name != "decoder_model" for part in network.layers):
        return keras.Model(network.inputs, _attention_scores(network.get_layer(name)))
    decoder = network.get_layer("decoder_model")
    scores = keras.Model(decoder.inputs, _attention_scores(decoder.get_layer(name)))
    inputs, previous = network.inputs
    memory = network.get_layer("encoder_model")(inputs)
    return keras.Model(network.inputs, scores([previous, *memory]))


def _attention_scores(attention):
    # What the layer was called with when the network was built, a mask last if any.
    return _AttentionScores(attention)(*attention.input)


# ------------------------------------------------------------------ seq2seq


def _seq2seq(architecture):
    decoder = _DECODERS[architecture["decoder"]]
    inputs, outputs = decoder(architecture, *_input(architecture))
    return keras.Model(inputs, outputs, name="seq2seq")


def _input(architecture):
    """The input, and its symbols as vectors (n_samples, n_steps_in, n_features)."""
    n_steps, n_features = architecture["n_steps_in"], architecture["n_features"]
    if architecture["embedding_dim"] is not None:
        inputs = keras.Input((n_steps,), name="input")
        return inputs, keras.layers.Embedding(
            # The last is for symbols that were not there in training.
            architecture["n_input_symbols"] + 1,
            architecture["embedding_dim"],
            mask_zero=architecture["mask_padding"],
            embeddings_initializer=keras.initializers.Zeros(),
            name="embedding",
        )(inputs)
    inputs = keras.Input((n_steps, n_features), name="input")
    if architecture["mask_padding"]:
        return inputs, _PaddingMask(name="padding_mask")(inputs)
    return inputs, inputs


def _encode(architecture, steps, *, return_sequences):
    """The recurrent encoder: all of its outputs, or only what it ends with."""
    n_layers = len(architecture["encoder_units"])
    for i, units in enumerate(architecture["encoder_units"]):
        layer = _recurrent(
            architecture["cell"],
            units,
            architecture["n_steps_in"],
            return_sequences=return_sequences or i < n_layers - 1,
            name=_numbered("encoder", i),
        )
        if architecture["bidirectional"]:
            layer = keras.layers.Bidirectional(layer, name=_numbered("encoder", i))
        steps = _dropout(architecture, layer(steps), name=_numbered("encoder_drop", i))
    return steps


def _decode(architecture, steps, n_steps):
    """The recurrent decoder, (n_samples, n_steps, units of the last layer)."""
    for i in range(len(architecture["decoder_units"])):
        steps = _decoder_layer(architecture, i, n_steps)(steps)
        steps = _dropout(architecture, steps, name=_numbered("decoder_drop", i))
    return steps


def _decoder_layer(architecture, i, n_steps):
    return _recurrent(
        architecture["cell"],
        architecture["decoder_units"][i],
        n_steps,
        return_sequences=True,
        name=_numbered("decoder", i),
    )


def _output(architecture, steps):
    # (n_samples, n_steps_out, n_symbols): Keras applies Dense at every step
    n_symbols = architecture["n_symbols"]
    activation = "softmax" if n_symbols > 1 else _softmax_of_one
    return _dense(n_symbols, activation, name="output")(steps)


@keras.saving.register_keras_serializable("sklearn_seqadd")
def _softmax_of_one(logits):
    """What softmax makes of an axis of length one, where Keras' own warns."""
    return 1 + 0 * logits


def _repeat(architecture, inputs, symbols):
    # (n_samples, encoder_units): what is known once the whole input was read
    encoded = _encode(architecture, symbols, return_sequences=False)
    # (n_samples, n_steps_out, encoder_units): the same for every output step
    n_steps = architecture["n_steps_out"]
    repeated = keras.layers.RepeatVector(n_steps, name="repeat")(encoded)
    return inputs, _output(architecture, _decode(architecture, repeated, n_steps))


def _sequence(architecture, inputs, symbols):
    # (n_samples, n_steps_in, encoder_units): what is known at each step
    encoded = _encode(architecture, symbols, return_sequences=True)
    decoded = _decode(architecture, encoded, architecture["n_steps_in"])
    # The answer ends where the input ends; before it there would be padding only.
    return inputs, _output(architecture, decoded[:, -architecture["n_steps_out"] :])


def _attention(architecture, inputs, symbols):
    n_steps = architecture["n_steps_out"]
    # (n_samples, n_steps_in, ...): the values carry no position, the keys do
    values = _memory(architecture, symbols)
    kind = "offsets" if architecture["encoder_units"] else "positions"
    keys = _Positions(kind, name="keys")(values)
    visible = _visible(architecture, inputs)
    # (n_samples, n_steps_out, units): for each output step what it looks for
    n_units = architecture["decoder_units"]
    queries = _Queries(kind, n_steps, n_units[0], name="queries")(values)
    decoded = queries
    for i, units in enumerate(n_units):
        if i:
            # A further layer looks again, by what the one before it has found.
            queries = _Positions(kind, name=f"queries_{i}")(decoded)
        attention = _attend(architecture, units, name=_numbered("attention", i))
        context = attention(queries, values, keys, attention_mask=visible)
        if i:
            context = keras.layers.Concatenate(name=f"join_{i}")([context, decoded])
        # Recurrent over the output steps: the carry is left to it.
        decoded = _decoder_layer(architecture, i, n_steps)(context)
        decoded = _dropout(architecture, decoded, name=_numbered("decoder_drop", i))
    return inputs, _output(architecture, decoded)


def _autoregressive(architecture, inputs, symbols):
    """Two models in one: what reads, and what writes the next symbol."""
    n_steps, n_symbols = architecture["n_steps_out"], architecture["n_symbols"]
    values = _memory(architecture, symbols)
    keys = _Positions("offsets", name="keys")(values)
    memory = [values, keys]
    if architecture["mask_padding"]:
        memory.append(_visible(architecture, inputs))
    encoder = keras.Model(inputs, memory, name="encoder_model")

    # (n_samples, n_steps_out): the answer one step late; n_symbols at its beginning
    previous = keras.Input((n_steps,), name="previous")
    memory = [keras.Input(part.shape[1:], dtype=part.dtype) for part in memory]
    values, keys, visible = (*memory, None)[:3]
    steps = keras.layers.Embedding(
        n_symbols + 1,
        architecture["decoder_units"][0],
        embeddings_initializer=keras.initializers.Zeros(),
        name="previous_symbol",
    )(previous)
    steps = _Positions("offsets", name="step")(steps)
    for i, units in enumerate(architecture["decoder_units"]):
        decoded = _decoder_layer(architecture, i, n_steps)(steps)
        attention = _attend(architecture, units, name=_numbered("attention", i))
        context = attention(decoded, values, keys, attention_mask=visible)
        steps = keras.layers.Concatenate(name=_numbered("join", i))([decoded, context])
        steps = _dropout(architecture, steps, name=_numbered("decoder_drop", i))
    decoder = keras.Model(
        [previous, *memory], _output(architecture, steps), name="decoder_model"
    )
    return [inputs, previous], decoder([previous, *encoder(inputs)])


_DECODERS = {
    "repeat": _repeat,
    "sequence": _sequence,
    "attention": _attention,
    "autoregressive": _autoregressive,
}


def _memory(architecture, symbols):
    """What attention looks at, (n_samples, n_steps_in, ...)."""
    if architecture["encoder_units"]:
        return _encode(architecture, symbols, return_sequences=True)
    # Without recurrence each step is known by its symbol alone.
    return _dense(architecture["decoder_units"][0], name="symbols")(symbols)


def _visible(architecture, inputs):
    """What attention may look at, (n_samples, 1, n_steps_in); None: everything."""
    if not architecture["mask_padding"]:
        return None
    # In so many words: Keras hands masks on neither between two models nor to a
    # second layer of attention.
    return _NoPadding(name="visible")(inputs)


def _attend(architecture, units, *, name):
    return keras.layers.MultiHeadAttention(
        architecture["attention_heads"],
        -(-units // architecture["attention_heads"]),
        kernel_initializer=keras.initializers.GlorotUniform(seed=0),
        seed=0,
        name=name,
    )


def _dropout(architecture, steps, *, name):
    if not architecture["dropout"]:
        return steps
    return keras.layers.Dropout(architecture["dropout"], seed=0, name=name)(steps)


def _numbered(name, i):
    return f"{name}_{i}" if i else name


@keras.saving.register_keras_serializable("sklearn_seqadd")
class _PaddingMask(keras.layers.Layer):
    """Lets the layers that follow skip the steps that hold the first symbol."""

    def compute_mask(self, inputs, previous_mask=None):
        return _is_no_padding(inputs)

    def call(self, inputs):
        return inputs + 0  # Keras keeps the mask of what is returned unchanged


@keras.saving.register_keras_serializable("sklearn_seqadd")
class _NoPadding(keras.layers.Layer):
    """The same as an output, (n_samples, 1, n_steps): alike for every output step."""

    def call(self, inputs):
        return keras.ops.expand_dims(_is_no_padding(inputs), 1)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor((inputs.shape[0], 1, inputs.shape[1]), "bool")


def _is_no_padding(inputs):
    if len(inputs.shape) == 2:  # codes to embed, of which 0 is the padding
        return keras.ops.not_equal(inputs, 0)
    if inputs.shape[-1] == 1:  # codes as numbers
        return keras.ops.not_equal(inputs[..., 0], 0)
    return keras.ops.equal(inputs[..., 0], 0)  # one-hot vectors


@keras.saving.register_keras_serializable("sklearn_seqadd")
class _Positions(keras.layers.Layer):
    """Adds a learned vector to each step."""

    supports_masking = True

    def __init__(self, kind, **kwargs):
        super().__init__(**kwargs)
        self.kind = kind

    def build(self, input_shape):
        self.offsets = self.add_weight(
            input_shape[1:], initializer="zeros", name=self.kind
        )

    def call(self, inputs):
        return inputs + self.offsets


@keras.saving.register_keras_serializable("sklearn_seqadd")
class _Queries(keras.layers.Layer):
    """A learned vector for each output step, whatever the input."""

    supports_masking = True

    def __init__(self, kind, n_steps, units, **kwargs):
        super().__init__(**kwargs)
        self.kind = kind
        self.n_steps = n_steps
        self.units = units

    def build(self, input_shape):
        self.queries = self.add_weight(
            (self.n_steps, self.units), initializer="zeros", name=self.kind
        )

    def call(self, inputs):
        n_samples = keras.ops.shape(inputs)[0]
        return keras.ops.broadcast_to(
            self.queries, (n_samples, self.n_steps, self.units)
        )

    def compute_mask(self, inputs, previous_mask=None):
        return None  # the steps of the input are not those of the output

    def compute_output_shape(self, input_shape):
        return input_shape[0], self.n_steps, self.units


class _AttentionScores(keras.layers.Layer):
    """The other output of a layer of attention, which is not asked for in training.

    Keras cannot ask the same layer for one output here and for two there.
    """

    supports_masking = True

    def __init__(self, attention):
        super().__init__(name="attention_scores")
        self.attention = attention

    def call(self, query, value, key, attention_mask=None):
        return self.attention(
            query,
            value,
            key,
            attention_mask=attention_mask,
            return_attention_scores=True,
        )[1]

    def compute_mask(self, inputs, previous_mask=None):
        return None

    def compute_output_spec(self, query, value, key, attention_mask=None):
        n_heads = self.attention.num_heads
        return keras.KerasTensor(
            (query.shape[0], n_heads, query.shape[1], key.shape[1]), "float32"
        )


# ---------------------------------------------------------------- numbers


# The networks for numbers compute in double precision, as other regressors do: they
# are so small that it costs nothing.
def _mapping_lstm(architecture):
    *hidden_units, last_units = architecture["hidden_units"]
    inputs = keras.Input((architecture["n_terms"],), dtype="float64", name="input")
    # (n_samples, n_terms, 1): one time step a term, one feature
    steps = keras.layers.Reshape((-1, 1), dtype="float64", name="steps")(inputs)
    for i, units in enumerate(hidden_units):
        steps = _recurrent(
            "lstm",
            units,
            architecture["n_terms"],
            return_sequences=True,
            dtype="float64",
            name=f"hidden_{i}",
        )(steps)
    # (n_samples, last_units): what is known after the last term
    hidden = _recurrent(
        "lstm", last_units, architecture["n_terms"], dtype="float64", name="last"
    )(steps)
    outputs = _dense(architecture["n_outputs"], dtype="float64", name="output")(hidden)
    return keras.Model(inputs, outputs, name="mapping_lstm")


def _mapping_mlp(architecture):
    inputs = keras.Input((architecture["n_terms"],), dtype="float64", name="input")
    hidden = inputs
    for i, units in enumerate(architecture["hidden_units"]):
        hidden = _dense(
            units, architecture["activation"], dtype="float64", name=f"hidden_{i}"
        )(hidden)
    outputs = _dense(architecture["n_outputs"], dtype="float64", name="output")(hidden)
    return keras.Model(inputs, outputs, name="mapping_mlp")


_BUILDERS = {"seq2seq": _seq2seq, "lstm": _mapping_lstm, "mlp": _mapping_mlp}


# ----------------------------------------------------------------- layers


def _recurrent(cell, units, n_steps, *, return_sequences=False, dtype="float32", name):
    layer = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell]
    return layer(
        units,
        return_sequences=return_sequences,
        unroll=n_steps <= _MAX_UNROLLED_STEPS,
        # Without seeds Keras would draw from Python's global generator.
        kernel_initializer=keras.initializers.GlorotUniform(seed=0),
        recurrent_initializer=keras.initializers.Orthogonal(seed=0),
        seed=0,
        dtype=dtype,
        name=name,
    )


def _dense(units, activation="linear", *, dtype="float32", name):
    return keras.layers.Dense(
        units,
        activation=activation,
        kernel_initializer=keras.initializers.GlorotUniform(seed=0),
        dtype=dtype,
        name=name,
    )


def _initial_weight(weight, seed):
    kind = weight.path.rpartition("/")[2]
    shape = weight.shape
    if kind == "kernel" and "/value/" in weight.path:
        # (n_features, n_heads, n_units): Keras would take this for a convolution, and
        # what attention hands on would begin five times too small and more. For queries
        # and keys small is right: attention that begins sharp stays where it is.
        shape = shape[0], math.prod(shape[1:])
    elif kind == "kernel" and "/attention_output/" in weight.path:
        shape = math.prod(shape[:2]), shape[2]
    if kind == "kernel":
        initializer = keras.initializers.GlorotUniform(seed=seed)
    elif kind == "recurrent_kernel":
        initializer = keras.initializers.Orthogonal(seed=seed)
    elif kind in _SCALES:
        initializer = keras.initializers.RandomNormal(stddev=_SCALES[kind], seed=seed)
    elif kind == "bias":
        initializer = keras.initializers.Zeros()
    else:
        raise NotImplementedError(f"No initial values are known for {weight.path}.")
    value = initializer(shape).numpy().astype(weight.dtype).reshape(weight.shape)
    if kind == "bias" and "lstm_cell" in weight.path:
        # Gates in Keras' order: input, forget, cell, output. The forget gate starts
        # open (Jozefowicz et al., 2015).
        n_units = weight.shape[0] // 4
        value[n_units : 2 * n_units] = 1.0
    elif kind == "positions" and not weight.path.startswith("queries_"):
        # Random by half in short strings, where waves hardly tell neighbours apart, and
        # by ever less in long ones (measured with sums of 2 to 50 digits). Further
        # layers, which look again, learn products better if they begin at random.
        share = min(0.5, (18 / shape[0]) ** 4)
        waves = _SCALES[kind] * _sinusoids(*shape)
        value = math.sqrt(share) * value + math.sqrt(1 - share) * waves
        value = value.astype(weight.dtype)
    return value


def _sinusoids(n_steps, n_units):
    """Waves along the steps, one a unit, from short to long (Vaswani et al., 2017).

    The longest is ten times shorter than theirs: strings are shorter than sentences.
    To look some steps further is then the same linear map at every step, so what
    attention learns at one step helps it at all others. Positions that begin at random
    must each be found by themselves, and in long strings some never are.
    """
    waves = np.arange(n_units) // 2 * 2 / n_units
    angles = np.arange(n_steps)[:, np.newaxis] / 1_000**waves
    angles[:, 1::2] += np.pi / 2
    return np.sqrt(2) * np.sin(angles)
