"""The layers that networks are made of, with the same names in all of them.

Networks differ between the input and the answer. Reading an input, making a recurrent
layer and writing an answer is the same for all.
"""

import math

import numpy as np

from .._keras import keep_masked_outputs, replace_inner_loop
from .._tensorflow import keras, tf
from .initial_weights import set_initializer

# The longest sequence for which a recurrent layer is unrolled. It then runs twice as
# fast, but takes longer to compile with every step.
_MAX_UNROLLED_STEPS = 32

_serializable = keras.saving.register_keras_serializable("sklearn_seqadd")


def model(inputs, outputs):
    """Return the network from its inputs to its outputs."""
    return keras.Model(inputs, outputs, name="seq2seq")


# ------------------------------------------------------------------ reading


def input_layer(network):
    """Return the input, and its symbols as (n_samples, n_steps_in, n_features)."""
    n_steps, n_features = network.n_steps_in, network.n_features
    if network.any_length:
        n_steps = None
    if network.embedding_dim is not None:
        inputs = keras.Input((n_steps,), name="input")
        if network.embedding_dim == "one-hot":
            vectors = OneHot(network.n_input_symbols, name="one_hot")(inputs)
            return inputs, _masked(network, vectors)
        return inputs, embed(
            # The last code is that of symbols that did not occur in training.
            network.n_input_symbols + 1,
            network.embedding_dim,
            mask_zero=network.mask_padding,
            name="embedding",
        )(inputs)
    inputs = keras.Input((n_steps, n_features), name="input")
    return inputs, _masked(network, inputs)


def _masked(network, vectors):
    """Return vectors with a mask of padding, if the network masks padding."""
    if network.mask_padding:
        return PaddingMask(name="padding_mask")(vectors)
    return vectors


def embed(n_symbols, n_units, **params):
    """Make a layer that embeds codes as vectors of n_units numbers."""
    small = keras.initializers.RandomNormal(stddev=0.1, seed=0)
    return keras.layers.Embedding(
        n_symbols, n_units, embeddings_initializer=small, **params
    )


def encode(network, steps, *, return_sequences, mask=None, read=None):
    """Apply the recurrent encoder; return its outputs at all steps, or at the last.

    The function `read` may change how a recurrent layer loops over the steps.
    """
    n_layers = len(network.encoder_units)
    n_steps = _n_steps(network, network.n_steps_in)
    for i, units in enumerate(network.encoder_units):
        name = numbered("encoder", i)
        all_steps = return_sequences or i < n_layers - 1
        layer = recurrent(
            network.cell, units, n_steps, return_sequences=all_steps, name=name
        )
        if network.bidirectional:
            layer = keras.layers.Bidirectional(layer, name=name)
            # Keras reads with copies of the layer.
            for direction in (layer.forward_layer, layer.backward_layer):
                (read or _read_in_place)(direction)
            # If it is unrolled, Keras would set the outputs to zero at the steps that
            # are padding when read in the other direction.
            keep_masked_outputs(layer.backward_layer)
        elif read:
            read(layer)
        steps = dropout(network, layer(steps, mask=mask), "encoder_drop", i)
    return steps


def encoder_outputs(network, symbols):
    """Return what attention reads, the encoder outputs (n_samples, n_steps_in, ...)."""
    if network.encoder_units:
        return encode(network, symbols, return_sequences=True)
    # Without a recurrent encoder the output at a step depends on its symbol only.
    return dense(network.decoder_units[0], name="symbols")(symbols)


def padding_mask(network, inputs):
    """Return the attention mask (n_samples, 1, n_steps_in); None if all is visible."""
    if not network.mask_padding:
        return None
    # Passed explicitly: Keras propagates masks neither between models nor to a second
    # layer of attention.
    return NoPadding(name="visible")(inputs)


def visible_steps(inputs):
    """Return the mask (n_samples, n_steps_in) of the steps that are not padding."""
    return VisibleSteps(name="visible")(inputs)


# ------------------------------------------------------------------ writing


def decode(network, steps, n_steps):
    """Apply the recurrent decoder; return (n_samples, n_steps, n_units)."""
    for i in range(len(network.decoder_units)):
        steps = decoder_layer(network, i, n_steps)(steps)
        steps = dropout(network, steps, "decoder_drop", i)
    return steps


def decoder_layer(network, i, n_steps, *, go_backwards=False):
    """Make the i-th recurrent layer of the decoder."""
    return recurrent(
        network.cell,
        network.decoder_units[i],
        _n_steps(network, n_steps),
        return_sequences=True,
        go_backwards=go_backwards,
        name=numbered("decoder_backwards" if go_backwards else "decoder", i),
    )


def output_layer(network, steps):
    """Return probabilities of the symbols, (n_samples, n_steps, n_symbols)."""
    n_symbols = network.n_symbols
    activation = "softmax" if n_symbols > 1 else softmax_of_one
    # Keras applies Dense at every step.
    return dense(n_symbols, activation, name="output")(steps)


@_serializable
def softmax_of_one(logits):
    """Return the softmax of an axis of length one, for which that of Keras warns."""
    return 1 + 0 * logits


# ------------------------------------------------------------------ layers


def recurrent(cell, units, n_steps, *, dtype="float32", **params):
    """Make a recurrent layer, unrolled for short sequences."""
    kind = {
        "lstm": keras.layers.LSTM,
        "gru": keras.layers.GRU,
        "simple_rnn": keras.layers.SimpleRNN,
    }[cell]
    layer = kind(
        units,
        unroll=n_steps <= _MAX_UNROLLED_STEPS,
        # Without seeds Keras would draw from Python's global generator.
        kernel_initializer=keras.initializers.GlorotUniform(seed=0),
        recurrent_initializer=keras.initializers.Orthogonal(seed=0),
        seed=0,
        dtype=dtype,
        **params,
    )
    _read_in_place(layer)
    return layer


def _read_in_place(layer):
    """Let an unrolled recurrent layer read its input without transposing it.

    Keras moves the axis of steps to the front, and back at the end. In small layers
    oneDNN takes as long for these transpositions as for the whole computation.
    """
    if not layer.unroll:
        return

    def make_loop(loop_of_keras):
        def loop(sequences, initial_state, mask, training=False):
            if mask is not None:
                return loop_of_keras(sequences, initial_state, mask, training)
            steps = tf.unstack(sequences, axis=1)
            if layer.go_backwards:
                steps.reverse()
            state, outputs = initial_state, []
            for step in steps:
                output, state = layer.cell(step, state, training=training)
                outputs.append(output)
            if not layer.return_sequences:
                del outputs[:-1]
            return outputs[-1], tf.stack(outputs, axis=1), state

        return loop

    replace_inner_loop(layer, make_loop)


def dense(units, activation="linear", *, dtype="float32", name):
    """Make a dense layer."""
    kernel = keras.initializers.GlorotUniform(seed=0)
    return keras.layers.Dense(
        units, activation, kernel_initializer=kernel, dtype=dtype, name=name
    )


def dropout(network, steps, name, i):
    """Apply dropout to the outputs of the i-th layer, if the network has any."""
    if not network.dropout:
        return steps
    name = numbered(name, i)
    return HashedDropout(network.dropout, seed=0, name=name)(steps)


def join(parts, i):
    """Concatenate the features of several layers at each step."""
    return keras.layers.Concatenate(name=numbered("join", i))(parts)


def attention_layer(n_heads, units, i):
    """Make the i-th layer of multi-head attention."""
    return Attention(
        n_heads,
        -(-units // n_heads),
        kernel_initializer=keras.initializers.GlorotUniform(seed=0),
        seed=0,
        name=numbered("attention", i),
    )


def attention_scores(network, layer):
    """Return the weights of a layer of attention as a tensor of the network."""
    attention = network.get_layer(numbered("attention", layer))
    # The inputs of its call in the network; the last one is the mask, if any.
    return AttentionScores(attention)(*attention.input)


def _n_steps(network, n_steps):
    """Return n_steps; infinity if the network takes any number of steps."""
    return math.inf if network.any_length else n_steps


def numbered(name, i):
    """Return the name of the i-th of several layers of a kind."""
    return f"{name}_{i}" if i else name


@_serializable
class Attention(keras.layers.MultiHeadAttention):
    """Multi-head attention, initialized to nearly uniform weights and large values."""

    def build(self, query_shape, value_shape, key_shape=None):
        super().build(query_shape, value_shape, key_shape)
        # Kernels have the shape (n_features, n_heads, n_units). Glorot's initializer
        # takes them for kernels of a convolution, and makes them five times too small
        # or more. This is an advantage for queries and keys: attention that is sharp at
        # first never moves.
        small = keras.initializers.GlorotUniform(seed=0)
        set_initializer(self.query_dense.kernel, small)
        set_initializer(self.key_dense.kernel, small)
        set_initializer(self.value_dense.kernel, DenseGlorotUniform(1, seed=0))
        set_initializer(self.output_dense.kernel, DenseGlorotUniform(2, seed=0))


@_serializable
class DenseGlorotUniform(keras.initializers.Initializer):
    """Glorot's uniform initializer for kernels with several axes of inputs or outputs.

    Parameters
    ----------
    n_axes_in : int
        The number of axes, the first ones of the kernel, that belong to the inputs.

    seed : int
        The seed.
    """

    def __init__(self, n_axes_in, seed):
        self.n_axes_in = n_axes_in
        self.seed = seed

    def __call__(self, shape, dtype=None):
        n_in = math.prod(shape[: self.n_axes_in])
        n_out = math.prod(shape[self.n_axes_in :])
        draw = keras.initializers.GlorotUniform(seed=self.seed)
        return keras.ops.reshape(draw((n_in, n_out), dtype=dtype), shape)

    def get_config(self):
        return {"n_axes_in": self.n_axes_in, "seed": self.seed}


@_serializable
class SinusoidalPositions(keras.initializers.Initializer):
    """Sinusoids along the steps, one for each unit [1]_, mixed with random numbers.

    The longest wavelength is a tenth of that in [1]_: strings are shorter than
    sentences. Looking some steps further is then the same linear map at every step, so
    what attention learns at one step helps it at all others. Random positions have to
    be learned one by one, and in long strings some never are.

    References
    ----------
    .. [1] A. Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762.
    """

    def __init__(self, seed):
        self.seed = seed

    def __call__(self, shape, dtype=None):
        n_steps, n_units = shape
        exponents = np.arange(n_units) // 2 * 2 / n_units
        angles = np.arange(n_steps)[:, np.newaxis] / 1_000**exponents
        angles[:, 1::2] += np.pi / 2
        sinusoids = np.sqrt(2) * np.sin(angles)
        # Half random in short strings, where the sinusoids of neighbours hardly differ,
        # and less random the longer they are (measured with sums of 2 to 50 digits).
        share = min(0.5, (18 / n_steps) ** 4)
        random = keras.initializers.RandomNormal(stddev=1.0, seed=self.seed)(shape)
        random = keras.ops.cast(random * math.sqrt(share), "float64")
        mixed = random + math.sqrt(1 - share) * sinusoids
        return keras.ops.cast(mixed, dtype or "float32")

    def get_config(self):
        return {"seed": self.seed}


# Initializers of the weights that each position of a sequence has, by their kind.
_OF_STEPS = {
    "positions": SinusoidalPositions(seed=0),
    "random_positions": keras.initializers.RandomNormal(stddev=1.0, seed=0),
    "offsets": keras.initializers.RandomNormal(stddev=0.1, seed=0),
}


@_serializable
class OneHot(keras.layers.Layer):
    """Encode codes as one-hot vectors, those of unknown symbols as zeros."""

    def __init__(self, n_symbols, **params):
        super().__init__(**params)
        self.n_symbols = n_symbols

    def call(self, codes):
        codes = keras.ops.cast(codes, "int32")
        return keras.ops.one_hot(codes, self.n_symbols, dtype=self.compute_dtype)

    def compute_output_spec(self, codes):
        return keras.KerasTensor((*codes.shape, self.n_symbols), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "n_symbols": self.n_symbols}


@_serializable
class PaddingMask(keras.layers.Layer):
    """Mask the steps that hold the first symbol, which is the padding."""

    def compute_mask(self, inputs, previous_mask=None):
        return _is_no_padding(inputs)

    def call(self, inputs):
        return inputs + 0  # a new tensor, since Keras would keep the mask of the same


@_serializable
class NoPadding(keras.layers.Layer):
    """Return the mask of `PaddingMask` as an output, (n_samples, 1, n_steps)."""

    def call(self, inputs):
        return keras.ops.expand_dims(_is_no_padding(inputs), 1)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor((inputs.shape[0], 1, inputs.shape[1]), "bool")


@_serializable
class VisibleSteps(keras.layers.Layer):
    """Return the mask (n_samples, n_steps) of the steps that are not padding."""

    def call(self, inputs):
        if len(inputs.shape) == 2 or inputs.shape[-1] == 1:
            return _is_no_padding(inputs)
        # All vectors but the first one-hot vector, since they may not be one-hot.
        is_first = keras.ops.equal(inputs[..., 0], 1)
        has_others = keras.ops.any(keras.ops.not_equal(inputs[..., 1:], 0), axis=-1)
        return keras.ops.logical_or(keras.ops.logical_not(is_first), has_others)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(inputs.shape[:2], "bool")


def _is_no_padding(inputs):
    if len(inputs.shape) == 2:  # codes to embed; 0 is the padding
        return keras.ops.not_equal(inputs, 0)
    if inputs.shape[-1] == 1:  # codes as numbers
        return keras.ops.not_equal(inputs[..., 0], 0)
    return keras.ops.equal(inputs[..., 0], 0)  # one-hot vectors


@_serializable
class EndedBefore(keras.layers.Layer):
    """Let only padding follow padding or the longest answer, in prediction."""

    def __init__(self, padding, **kwargs):
        super().__init__(**kwargs)
        self.padding = padding

    def call(self, probabilities, previous, longest, t=None, training=False):
        """Return the probabilities, those of padding where an answer has ended.

        Parameters
        ----------
        probabilities : tensor of shape (n_samples, n_steps, n_symbols)

        previous : tensor of shape (n_samples, n_steps)
            The symbols that were written one step before.

        longest : tensor of int, shape (n_samples,)
            How many symbols an answer may have.

        t : int tensor, default=None
            The number of the step if there is one only, without an axis for it.
        """
        if training:
            return probabilities
        if t is None:
            t, longest = tf.range(tf.shape(previous)[1]), longest[:, None]
        has_ended = tf.cast(previous, tf.int32) == self.padding
        has_ended = tf.logical_or(has_ended, t >= longest)
        return only_padding(has_ended, probabilities, self.padding)

    def compute_output_shape(self, probabilities_shape, *_):
        return probabilities_shape


@_serializable
class LongestAnswer(keras.layers.Layer):
    """Return the largest number of steps of each answer, from the visible steps."""

    def __init__(self, n_steps, **params):
        super().__init__(**params)
        self.n_steps = tuple(n_steps)
        self.padded = True

    def call(self, visible):
        n_in, n_out = self.n_steps
        n_visible = tf.reduce_sum(tf.cast(visible, tf.int32), axis=1)
        longest = longest_answer(n_visible, n_in, n_out, self.padded)
        return tf.where(n_visible <= n_in, n_out, longest)

    def compute_output_spec(self, visible):
        return keras.KerasTensor(visible.shape[:1], "int32")


def longest_answer(n_steps, n_in, n_out, padded):
    """Return the number of steps of an answer, if to n_in steps there are n_out."""
    in_proportion = -(-n_steps * n_out // n_in)
    if not padded:
        return in_proportion
    maximum = max if isinstance(n_steps, int) else tf.maximum
    return maximum(n_steps, in_proportion)


def only_padding(has_ended, probabilities, padding):
    """Set the probabilities (..., n_symbols) to padding where an answer has ended."""
    end = tf.one_hot(padding, probabilities.shape[-1])
    return tf.where(has_ended[..., None], end, probabilities)


@_serializable
class HashedDropout(keras.layers.Dropout):
    """Dropout whose random numbers are hashes of positions in the input.

    Each number is the finalizer of MurmurHash3, applied twice, of the position and a
    seed. XLA computes it wherever it is used. The generator of Keras takes thirty times
    as long, and runs again for every step of an unrolled layer.
    """

    def call(self, inputs, training=False):
        if not training or not self.rate:
            return inputs
        seed = tf.cast(self.seed_generator.next(), tf.uint32)
        places = tf.cast(tf.range(tf.size(inputs)), tf.uint32)
        hashes = _mixed(_mixed(places + _mixed(seed[0])) + seed[1])
        is_kept = tf.reshape(hashes, tf.shape(inputs)) >= np.uint32(self.rate * 2**32)
        return tf.where(is_kept, inputs / (1 - self.rate), 0)


def _mixed(bits):
    """Hash 32-bit numbers: each bit of a result depends on all bits of its number."""
    shift, xor = tf.bitwise.right_shift, tf.bitwise.bitwise_xor
    bits = np.uint32(0x85EBCA6B) * xor(bits, shift(bits, np.uint32(16)))
    bits = np.uint32(0xC2B2AE35) * xor(bits, shift(bits, np.uint32(13)))
    return xor(bits, shift(bits, np.uint32(16)))


@_serializable
class Positions(keras.layers.Layer):
    """Add a learned vector to each step."""

    supports_masking = True

    def __init__(self, kind, **kwargs):
        super().__init__(**kwargs)
        self.kind = kind

    def build(self, input_shape):
        self.offsets = self.add_weight(
            input_shape[1:], initializer=_OF_STEPS[self.kind], name=self.kind
        )

    def call(self, inputs):
        return inputs + self.offsets


@_serializable
class Queries(keras.layers.Layer):
    """Return a learned vector for each step of the output, independent of the input."""

    supports_masking = True

    def __init__(self, kind, n_steps, units, **kwargs):
        super().__init__(**kwargs)
        self.kind = kind
        self.n_steps = n_steps
        self.units = units

    def build(self, input_shape):
        self.queries = self.add_weight(
            (self.n_steps, self.units), initializer=_OF_STEPS[self.kind], name=self.kind
        )

    def call(self, inputs):
        shape = keras.ops.shape(inputs)[0], self.n_steps, self.units
        return keras.ops.broadcast_to(self.queries, shape)

    def compute_mask(self, inputs, previous_mask=None):
        return None  # the output has steps of its own

    def compute_output_shape(self, input_shape):
        return input_shape[0], self.n_steps, self.units


class AttentionScores(keras.layers.Layer):
    """Return the weights of a layer of attention.

    Keras cannot call the same layer for one output in training and for two here.
    """

    supports_masking = True

    def __init__(self, attention):
        super().__init__(name="attention_scores")
        self.attention = attention

    def call(self, query, value, key=None, attention_mask=None):
        return self.attention(
            query,
            value,
            key,
            attention_mask=attention_mask,
            return_attention_scores=True,
        )[1]

    def compute_mask(self, inputs, previous_mask=None):
        return None

    def compute_output_spec(self, query, value, key=None, attention_mask=None):
        n_heads = self.attention.num_heads
        shape = query.shape[0], n_heads, query.shape[1], value.shape[1]
        return keras.KerasTensor(shape, "float32")
