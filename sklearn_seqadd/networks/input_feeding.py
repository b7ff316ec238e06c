"""Recurrent layers that are fed what attention saw at the step before.

All that depends on one step is in one place, `InputFeeding.step`: training applies it
to the steps of given answers, a search to one step after the other.
"""

from .._keras import keep_masked_outputs, replace_inner_loop
from .._tensorflow import keras, tf
from .layers import HashedDropout

_serializable = keras.saving.register_keras_serializable("sklearn_seqadd")

# Attention also sees its weights of the step before, moved by these numbers of steps.
SHIFTS = (-1, 0, 1, 2, 3)

_CELLS = {
    "lstm": keras.layers.LSTMCell,
    "gru": keras.layers.GRUCell,
    "simple_rnn": keras.layers.SimpleRNNCell,
}


def read_at_once(layer):
    """Let a recurrent layer project its inputs before it loops over the steps.

    Where the input is masked the state stays as it is. In training the loop ends with
    the longest input of a mini-batch.
    """

    def make_loop(loop_of_keras):
        def loop(sequences, initial_state, mask, training=False):
            if mask is None:
                return loop_of_keras(sequences, initial_state, mask, training)
            cell, backwards = layer.cell, layer.go_backwards
            products = LoopProducts([cell.recurrent_kernel], training)

            def step(parts, states):
                projected, is_visible, *added = parts
                of_state = products.of(0, states[0], added)
                after = advance(cell, projected, of_state, states)
                return [
                    tf.where(is_visible, new, old)
                    for new, old in zip(after, states, strict=True)
                ]

            projected = project(cell, sequences)
            parts = [projected, mask[..., None], *products.added(projected)]
            state = list(initial_state)
            n_needed = last_true(mask) if training else None
            (outputs,), states = loop_over(step, parts, state, [0], backwards, n_needed)
            before = one_step_later(outputs, state[0])
            products.record([before[:, ::-1] if backwards else before])
            return states[0], outputs, states

        return loop

    keep_masked_outputs(layer)
    replace_inner_loop(layer, make_loop)


class LoopProducts:
    """Products with kernels within a loop, whose gradients are computed after it.

    The gradient of a kernel is a sum over all steps. A loop would compute and add it
    step by step, which takes longer than all else; here it is one product of matrices.

    Parameters
    ----------
    kernels : list of tensors of shape (n_features, n_units)

    training : bool
        Whether there will be gradients.
    """

    def __init__(self, kernels, training):
        self._kernels = list(map(tf.convert_to_tensor, kernels))
        self._training = training
        self._inputs: list = []
        if training:
            # Of integers no gradients are computed in the loop.
            self._bits = [tf.bitcast(kernel, tf.int32) for kernel in self._kernels]

    def added(self, like, first=None):
        """Return sequences to loop over, each of which is added to a product.

        They are zero, but have the gradients of the kernels.

        Parameters
        ----------
        like : tensor of shape (n_samples, n_steps, n_units)
            A sequence as long as these.

        first : tensor of shape (n_samples, n_steps, n_units), default=None
            What is to be added to the first product.
        """
        if not self._training:
            return [] if first is None else [first]
        return [
            self._with_gradient(
                tf.zeros_like(like[..., :1]) + tf.zeros(kernel.shape[1])
                if i or first is None
                else first,
                i,
            )
            for i, kernel in enumerate(self._kernels)
        ]

    def of(self, i, inputs, added):
        """Return the i-th product at a step, to which is added what `added` says."""
        kernel = self._kernels[i]
        if self._training:
            kernel = tf.bitcast(self._bits[i], tf.float32)
        product = tf.matmul(inputs, kernel)
        return product + added[i] if i < len(added) else product

    def record(self, inputs):
        """Take the inputs of each product, of shape (n_samples, n_steps, n_features).

        Their order is that of the sequences that are looped over.
        """
        self._inputs = inputs

    def _with_gradient(self, sequence, i):
        @tf.custom_gradient
        def unchanged(sequence, kernel):
            def gradient(upstream):
                inputs, outputs = (
                    tf.reshape(part, [-1, n])
                    for part, n in zip(
                        (self._inputs[i], upstream), kernel.shape, strict=True
                    )
                )
                return upstream, tf.matmul(inputs, outputs, transpose_a=True)

            return tf.identity(sequence), gradient

        return unchanged(sequence, self._kernels[i])


def one_step_later(steps, first):
    """Return a sequence moved by one step, with another first step."""
    return tf.concat([first[:, None], steps[:, :-1]], axis=1)


def project(cell, inputs):
    """Return the share of the inputs in the sums of a cell, with its bias."""
    return times(inputs, cell.kernel) + _biases(cell)[0]


def times(inputs, kernel):
    """Return a product of inputs (..., n_features) with a matrix.

    TensorFlow would repeat the matrix for each sample.
    """
    shape = tf.shape(inputs)
    flat = tf.matmul(tf.reshape(inputs, [-1, kernel.shape[0]]), kernel)
    product = tf.reshape(flat, tf.concat([shape[:-1], [kernel.shape[1]]], axis=0))
    return tf.ensure_shape(product, [*inputs.shape[:-1], kernel.shape[1]])


def _biases(cell):
    """Return what is added to the products of the input and of the state."""
    return tf.unstack(cell.bias) if len(cell.bias.shape) == 2 else [cell.bias, 0.0]


def advance(cell, of_input, of_state, states):
    """Return the states of a cell after one step.

    Parameters
    ----------
    cell : keras.layers.LSTMCell, keras.layers.GRUCell or keras.layers.SimpleRNNCell

    of_input : tensor of shape (n_samples, n_gates * n_units)
        What `project` makes of the input.

    of_state : tensor of shape (n_samples, n_gates * n_units)
        The product of the output before and the recurrent kernel.

    states : list of tensors of shape (n_samples, n_units)

    Returns
    -------
    states : list of tensors
        The first is the output of the cell.
    """
    if isinstance(cell, keras.layers.SimpleRNNCell):
        return [tf.tanh(of_input + of_state)]
    if isinstance(cell, keras.layers.LSTMCell):
        i, f, c, o = tf.split(of_input + of_state, 4, axis=-1)
        carry = tf.sigmoid(f) * states[1] + tf.sigmoid(i) * tf.tanh(c)
        return [tf.sigmoid(o) * tf.tanh(carry), carry]
    of_state += _biases(cell)[1]
    of_input, of_state = (tf.split(each, 3, -1) for each in (of_input, of_state))
    update, reset = (tf.sigmoid(of_input[i] + of_state[i]) for i in range(2))
    candidate = tf.tanh(of_input[2] + reset * of_state[2])
    return [update * states[0] + (1 - update) * candidate]


@_serializable
class InputFeeding(keras.layers.Layer):
    """Recurrent layers with attention, whose result is an input of the next step.

    The score of a step of the input is v * tanh(key + W * query + U * location): the
    query is the output of the last recurrent layer, and the location the weights of
    the step before, moved by some steps.

    Parameters
    ----------
    cell : {"lstm", "gru", "simple_rnn"}
        The kind of the recurrent layers.

    units : sequence of int
        The units of each layer.

    attention_units : int
        The units of the keys.

    location : bool
        If True, attention sees where it looked before.

    dropout : float
        The share of the outputs between two layers that is dropped in training.

    end : int or None
        The code with which answers end. Training ends with the longest answer of a
        mini-batch.
    """

    supports_masking = True

    def __init__(self, cell, units, attention_units, location, dropout, end, **params):
        super().__init__(**params)
        self.cell = cell
        self.units = tuple(units)
        self.attention_units = attention_units
        self.location = location
        self.end = end
        self.cells = [
            _CELLS[cell](
                n,
                kernel_initializer=keras.initializers.GlorotUniform(seed=0),
                recurrent_initializer=keras.initializers.Orthogonal(seed=0),
                seed=0,
                dtype="float32",
                name=f"cell_{i}",
            )
            for i, n in enumerate(self.units)
        ]
        self.drops = [
            HashedDropout(dropout, seed=0, name=f"drop_{i}")
            for i in range(len(self.units) - 1 if dropout else 0)
        ]

    def build(self, previous_shape, embedded_shape, values_shape):
        glorot = keras.initializers.GlorotUniform(seed=0)
        n_features = values_shape[-1]
        for cell in self.cells:
            cell.build((None, n_features))
            n_features = cell.units
        # Beside the kernel of the first cell, which is for what attention saw.
        self.symbol_kernel = self.add_weight(
            (embedded_shape[-1], self.cells[0].kernel.shape[1]),
            initializer=glorot,
            name="symbol_kernel",
        )
        n_keys = self.attention_units
        self.query_kernel = self.add_weight(
            (self.units[-1], n_keys), initializer=glorot, name="query_kernel"
        )
        self.score_kernel = self.add_weight(
            (n_keys, 1), initializer=glorot, name="score_kernel"
        )
        if self.location:
            self.location_kernel = self.add_weight(
                (len(SHIFTS), n_keys),
                initializer=keras.initializers.RandomNormal(stddev=0.1, seed=0),
                name="location_kernel",
            )

    def call(self, previous, embedded, values, keys, visible, first, training=False):
        """Return what is known at each step of given answers.

        Parameters
        ----------
        previous : tensor of shape (n_samples, n_steps_out)
            The symbols written before each step.

        embedded : tensor of shape (n_samples, n_steps_out, n_features)
            Their vectors.

        values : tensor of shape (n_samples, n_steps_in, n_features)
            What attention takes from each step of the input.

        keys : tensor of shape (n_samples, n_steps_in, attention_units)
            What attention finds it by.

        visible : tensor of bool, shape (n_samples, n_steps_in)
            False at padding.

        first : tensor of shape (n_samples, n_states)
            The states before the first step, side by side.

        Returns
        -------
        decoded : tensor of shape (n_samples, n_steps_out, n_units + n_features)
            The output of the last layer, and what attention saw.

        weights : tensor of shape (n_samples, n_steps_out, n_steps_in)
            The weights of attention.
        """
        n_cells = len(self.cells)
        ones = tf.ones_like(embedded[..., :1])
        kept = [
            drop(ones + tf.zeros([n]), training=True)
            for drop, n in zip(self.drops, self.units, strict=False)
            if training
        ]
        known = values, keys, visible
        products = self.products(training)

        def step(parts, state):
            kept, added = parts[: len(self.drops)], parts[len(self.drops) :]
            if not training:
                kept, added = (), parts
            return self.step(added, known, state, products, kept)

        state = self.begin(values, first)
        n_needed = None
        if training and self.end is not None:
            n_needed = last_true(tf.cast(previous, tf.int32) != self.end)
        # Context and weights, and the outputs of the cells.
        which = [0, 1, *(2 + self._n_states * i for i in range(n_cells))]
        added = products.added(embedded, self.project(embedded))
        (context, weights, *outputs), _ = loop_over(
            step, [*kept, *added], state, which, n_needed=n_needed
        )
        below = [
            output * kept[i] if i < len(kept) else output
            for i, output in enumerate(outputs[:-1])
        ]
        before = [
            one_step_later(output, state[i])
            for output, i in zip([context, *outputs], [0, *which[2:]], strict=True)
        ]
        products.record([before[0], *below, *before[1:], outputs[-1]])
        return tf.concat([outputs[-1], context], axis=-1), weights

    def products(self, training=False):
        """Return the products of a step: of inputs, of states, and of the query."""
        kernels = [cell.kernel for cell in self.cells]
        kernels += [cell.recurrent_kernel for cell in self.cells]
        return LoopProducts([*kernels, self.query_kernel], training)

    def project(self, embedded):
        """Return the share of the symbols in the sums of the first cell."""
        return times(embedded, self.symbol_kernel)

    def begin(self, values, first):
        """Return the state before the first step, a list of tensors.

        It is what attention saw, the weights of attention, and the states of all cells.
        """
        sizes = [n for n in self.units for _ in range(self._n_states)]
        states = tf.split(first, sizes, axis=-1)
        return [tf.zeros_like(values[:, 0]), tf.zeros_like(values[..., 0]), *states]

    def step(self, added, known, state, products, kept=()):
        """Advance by one step of the answer.

        Parameters
        ----------
        added : list of tensors of shape (n_samples, n_units)
            What is added to the products; to the first what `project` makes of the
            symbols written before.

        known : sequence of three tensors
            Values, keys and visible steps, as of a call.

        state : list of tensors
            What `begin` or the step before returned.

        products : LoopProducts
            What `products` returned.

        kept : sequence of tensors of shape (n_samples, n_units)
            The factors of dropout between layers, if there is any.

        Returns
        -------
        state : list of tensors
        """
        values, keys, visible = known
        context, weights, *states = state
        n_cells, inputs = len(self.cells), context
        after: list = []
        for i, cell in enumerate(self.cells):
            if i:
                inputs = after[-self._n_states]
                inputs = inputs * kept[i - 1] if kept else inputs
            of_cell = states[i * self._n_states : (i + 1) * self._n_states]
            of_input = products.of(i, inputs, added) + _biases(cell)[0]
            of_state = products.of(n_cells + i, of_cell[0], added)
            after += advance(cell, of_input, of_state, of_cell)
        query = products.of(2 * n_cells, after[-self._n_states], added)
        summed = keys + query[:, None]
        if self.location:
            summed += times(_moved(weights), self.location_kernel)
        scores = times(tf.tanh(summed), self.score_kernel)[..., 0]
        weights = masked_softmax(scores, visible)
        context = tf.matmul(weights[:, None], values)[:, 0]
        return [context, weights, *after]

    def seen(self, state):
        """Return what a call returns of a step, from the state after it."""
        context, weights, *states = state
        return tf.concat([states[-self._n_states], context], axis=-1), weights

    def compute_output_spec(self, previous, embedded, values, *_, **__):
        shape = embedded.shape[:2]
        n_features = self.units[-1] + values.shape[-1]
        return (
            keras.KerasTensor((*shape, n_features), "float32"),
            keras.KerasTensor((*shape, values.shape[1]), "float32"),
        )

    def compute_mask(self, *_):
        return None  # the steps of the input are not those of the output

    @property
    def _n_states(self):
        """The number of states of each cell."""
        return n_states(self.cell)


def n_states(cell):
    """Return the number of states of a cell, by the name of its kind."""
    return 2 if cell == "lstm" else 1


def masked_softmax(scores, visible):
    """Return weights that are zero at padding, and sum to 1 if there is a symbol."""
    weights = tf.nn.softmax(tf.where(visible, scores, -1e9), axis=-1)
    return tf.where(visible, weights, 0.0)


def _moved(weights):
    """Return weights (n_samples, n_steps) as they are and moved, side by side."""
    n_steps, before, behind = tf.shape(weights)[1], max(SHIFTS), -min(SHIFTS)
    if weights.shape[1] is not None:
        n_steps = weights.shape[1]
    padded = tf.pad(weights, [[0, 0], [before, behind]])
    moved = [padded[:, before - n : before - n + n_steps] for n in SHIFTS]
    return tf.stack(moved, axis=-1)


@_serializable
class MeanOfSteps(keras.layers.Layer):
    """Return the mean of the values of all steps that are not padding."""

    supports_masking = True

    def call(self, values, visible):
        visible = tf.cast(visible, values.dtype)[..., None]
        n_visible = tf.maximum(tf.reduce_sum(visible, axis=1), 1.0)
        return tf.reduce_sum(values * visible, axis=1) / n_visible

    def compute_mask(self, *_):
        return None

    def compute_output_shape(self, values_shape, visible_shape):
        return values_shape[0], values_shape[-1]


@_serializable
class Copying(keras.layers.Layer):
    """Return probabilities of symbols that are written or copied.

    Copied are the symbols that attention looks at.

    A gate chooses between the two. Where attention is at what cannot be copied, the
    symbol is written.
    """

    supports_masking = True

    def build(self, probabilities_shape, decoded_shape, embedded_shape):
        n_features = decoded_shape[-1] + embedded_shape[-1]
        self.gate_kernel = self.add_weight(
            (n_features, 1),
            initializer=keras.initializers.GlorotUniform(seed=0),
            name="gate_kernel",
        )
        # Three of four symbols are written before anything is learned.
        self.gate_bias = self.add_weight((1,), initializer="ones", name="gate_bias")

    def call(self, probabilities, decoded, embedded, weights, copies):
        """Return probabilities of shape (..., n_symbols).

        Parameters
        ----------
        probabilities : tensor of shape (..., n_symbols)

        decoded : tensor of shape (..., n_features)

        embedded : tensor of shape (..., n_features)

        weights : tensor of shape (..., n_steps_in)

        copies : tensor of shape (n_samples, n_steps_in, n_symbols)
            One where a step holds the symbol, and zero elsewhere.
        """
        if is_one_step := len(weights.shape) == 2:
            weights = weights[:, None]
        copied = tf.matmul(weights, copies)
        if is_one_step:
            copied = copied[:, 0]
        features = tf.concat([decoded, embedded], axis=-1)
        written = tf.sigmoid(times(features, self.gate_kernel) + self.gate_bias)
        copied *= 1 - written
        rest = 1 - tf.reduce_sum(copied, axis=-1, keepdims=True)
        return rest * probabilities + copied

    def compute_output_shape(self, probabilities_shape, *_):
        return probabilities_shape

    def compute_mask(self, *_):
        return None


@_serializable
class CopiedSymbols(keras.layers.Layer):
    """Return the symbols of the answer that the steps of the input hold.

    Parameters
    ----------
    n_symbols : int
        The number of symbols of the answer.

    copied : sequence of int
        By the code of a symbol of the input that of the same symbol of the answer, -1
        if there is none.
    """

    supports_masking = True

    def __init__(self, n_symbols, copied, **params):
        super().__init__(**params)
        self.n_symbols = n_symbols
        self.copied = tuple(copied)

    def call(self, inputs):
        # The last is for symbols that were not there in training.
        table = tf.one_hot([*self.copied, -1], self.n_symbols)
        if len(inputs.shape) == 3:
            return tf.matmul(inputs, table[:-1])
        codes = tf.minimum(tf.cast(inputs, tf.int32), len(self.copied))
        return tf.gather(table, codes)

    def compute_output_shape(self, inputs_shape):
        return *inputs_shape[:2], self.n_symbols

    def compute_mask(self, inputs, previous_mask=None):
        return None


def last_true(mask):
    """Return one more than the last column with a True in it, 0 without any."""
    counts = tf.range(1, tf.shape(mask)[1] + 1)
    return tf.reduce_max(tf.where(mask, counts, 0))


def loop_over(step, sequences, state, which, reverse=False, n_needed=None):
    """Apply a function to one step after the other.

    Parameters
    ----------
    step : callable
        From what the sequences hold at a step, and the state before it, to the state
        after it.

    sequences : list of tensors of shape (n_samples, n_steps, ...)

    state : list of tensors

    which : list of int
        The indices of the parts of the state that are kept of each step.

    reverse : bool, default=False
        If True, begin at the last step.

    n_needed : int tensor, default=None
        The number of steps, the first ones, that are needed; None for all. What is kept
        of others is zero.

    Returns
    -------
    kept : list of tensors of shape (n_samples, n_steps, ...)
        In the order in which they were computed.

    state : list of tensors
    """
    n_steps = sequences[0].shape[1]
    if n_steps is None:
        n_steps = tf.shape(sequences[0])[1]
    if n_needed is None or not state[0].shape.is_fully_defined():
        n_needed = n_steps
    # The axis of steps first. An array, as gradients of slices would be as large as the
    # whole sequence, at every step.
    sequences = [
        tf.TensorArray(each.dtype, n_steps).unstack(_swapped(each))
        for each in sequences
    ]
    arrays = [
        tf.TensorArray(state[i].dtype, n_steps, element_shape=state[i].shape)
        for i in which
    ]

    def body(t, arrays, state):
        at = n_needed - 1 - t if reverse else t
        state = step([each.read(at) for each in sequences], state)
        to = n_steps - 1 - at if reverse else t
        arrays = [
            array.write(to, state[i]) for array, i in zip(arrays, which, strict=True)
        ]
        return t + 1, arrays, state

    _, arrays, state = tf.while_loop(
        lambda t, *_: t < n_needed,
        body,
        (tf.constant(0), arrays, state),
        maximum_iterations=n_steps,
    )
    return [_swapped(array.stack()) for array in arrays], state


def _swapped(sequence):
    """Return a tensor whose first two axes are swapped."""
    return tf.transpose(sequence, [1, 0, *range(2, len(sequence.shape))])
