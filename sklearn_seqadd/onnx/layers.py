"""The layers of a network as operations of ONNX, with a function for each kind."""

import math
from collections.abc import Callable

import numpy as np

from .._keras import calls_of, sets_masked_outputs_to_zero
from ..networks._relative import (
    LENGTH_OF_SCORES,
    LOCAL_GAIN,
    MAX_PAIRS,
    NO_STOP,
    SCORE_GAIN,
    STOP_BIAS,
)

# The functions that write layers, by the names of their classes. Each takes the graph,
# the layer and the arguments of its call.
_WRITERS: dict[str, Callable] = {}


def write_model(graph, model, inputs):
    """Write a Keras model, and return its outputs.

    Parameters
    ----------
    graph : Graph
        The graph to which the operations are added.

    model : keras.Model
        A functional model of layers that are known in this file.

    inputs : list of Value
        The inputs.

    Returns
    -------
    outputs : list of Value
        The outputs.
    """
    found = {}
    for tensor, value in zip(model.inputs, inputs, strict=True):
        found[id(tensor)] = _as_keras_knows_it(value, tensor)

    def known(given):
        if isinstance(given, list | tuple):
            return type(given)(map(known, given))
        return found.get(id(given), given)

    for node in calls_of(model):
        arguments = node.arguments
        kwargs = {name: known(each) for name, each in arguments.kwargs.items()}
        values = write_layer(
            graph, node.operation, *map(known, arguments.args), **kwargs
        )
        for tensor, value in zip(node.outputs, values, strict=True):
            found[id(tensor)] = _as_keras_knows_it(value, tensor)
    return [found[id(tensor)] for tensor in model.outputs]


def write_layer(graph, layer, *args, **kwargs):
    """Write a layer, and return a list of its outputs."""
    write = _WRITERS.get(type(layer).__name__)
    if write is None:
        raise ValueError(
            f"The network has a layer of type {type(layer).__name__}, which "
            "export_onnx cannot export."
        )
    values = write(graph, layer, *args, **kwargs)
    return values if isinstance(values, list) else [values]


def _as_keras_knows_it(value, tensor):
    value.shape = tuple(tensor.shape)
    return value


def _writes(*names):
    """Register a function for layers of these classes."""

    def register(write):
        _WRITERS.update(dict.fromkeys(names, write))
        return write

    return register


# ----------------------------------------------------------------------- of Keras


@_writes("Functional")
def _functional(graph, model, inputs, **_):
    return write_model(graph, model, inputs if isinstance(inputs, list) else [inputs])


@_writes("Average")
def _average(graph, layer, values):
    return sum(values[1:], start=values[0]) / float(len(values))


@_writes("Concatenate")
def _concatenate(graph, layer, values):
    return graph.join(*values, axis=layer.axis)


@_writes("GetItem")
def _get_item(graph, operation, values, key):
    if Ellipsis in key:
        at, n_axes = key.index(Ellipsis), len(values.shape)
        all_of = (slice(None),) * (n_axes - len(key) + 1)
        key = (*key[:at], *all_of, *key[at + 1 :])
    # From the last axis on, since an integer removes its axis.
    for axis, which in reversed(list(enumerate(key))):
        if isinstance(which, int):
            values = graph.op("Gather", values, which, axis=axis)
        elif which != slice(None):
            start, step = which.start or 0, which.step or 1
            values = graph.cut(values, axis, start, which.stop, step)
    return values


@_writes("Equal")
def _equal(graph, operation, values, other):
    return graph.op("Equal", values, float(other))


@_writes("NotEqual")
def _not_equal(graph, operation, values, other):
    return _differs(graph, values, float(other))


@_writes("Flip")
def _flip(graph, operation, values):
    return graph.flip(values, operation.axis)


@_writes("RepeatVector")
def _repeat_vector(graph, layer, vectors):
    return graph.op("Tile", graph.expand(vectors, 1), np.array([1, layer.n, 1]))


@_writes("Dropout", "HashedDropout")
def _nothing(graph, layer, values, **_):
    return values


@_writes("Embedding")
def _embedding(graph, layer, codes):
    indices = graph.cast(codes, np.int64)  # in Keras, codes are floats
    vectors = graph.op("Gather", layer.embeddings.numpy(), indices)
    if layer.mask_zero:
        vectors.mask = _is_no_padding(graph, codes)
    return vectors


@_writes("OneHot")
def _one_hot(graph, layer, codes):
    table = np.eye(layer.n_symbols + 1, layer.n_symbols, dtype=np.float32)
    return graph.op("Gather", table, graph.cast(codes, np.int64))


@_writes("Dense")
def _dense(graph, layer, values, **_):
    return _activated(graph, layer, values @ layer.kernel.numpy() + layer.bias.numpy())


def _activated(graph, layer, values):
    name = layer.activation.__name__
    if name == "linear":
        return values
    if name == "softmax":
        return graph.op("Softmax", values, axis=-1)
    if name == "softmax_of_one":
        return values * 0.0 + 1.0
    return graph.op(
        {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid"}[name], values
    )


# --------------------------------------------------------------- recurrent layers


@_writes("LSTM", "GRU", "SimpleRNN")
def _recurrent(graph, layer, steps, mask=None, **_):
    outputs = _run(graph, layer, steps, steps.mask if mask is None else mask)
    if layer.return_sequences and layer.go_backwards:
        return graph.flip(outputs, 1)  # in Keras, the last computed step is at the end
    return outputs


@_writes("Bidirectional")
def _bidirectional(graph, layer, steps, mask=None, **_):
    mask = steps.mask if mask is None else mask
    directions = layer.forward_layer, layer.backward_layer
    joined = graph.join(
        *(_run(graph, each, steps, mask) for each in directions), axis=-1
    )
    if layer.return_sequences:
        joined.mask = mask
    return joined


def _run(graph, layer, steps, mask):
    """Return the outputs of a recurrent layer at all steps, or at its last one."""
    n_read = None
    if mask is not None:
        steps, n_valid, n_before = _together(graph, steps, mask)
        # For zero steps, some versions of ONNX Runtime return uninitialized memory.
        n_read = graph.cast(graph.op("Max", n_valid, 1), np.int32)
    kind, kernel, recurrent_kernel, bias, attributes = _weights(layer.cell)
    outputs, last = graph.op(
        kind,
        graph.transpose(steps, 1, 0, 2),
        kernel,
        recurrent_kernel,
        bias,
        n_read,
        n_outputs=2,
        hidden_size=layer.units,
        direction="reverse" if layer.go_backwards else "forward",
        **attributes,
    )
    if not layer.return_sequences:
        last = graph.op("Squeeze", last, np.array([0]))
        if mask is None:
            return last
        return graph.where(graph.expand(n_valid > 0, 1), last, 0.0)
    outputs = graph.op("Squeeze", outputs, np.array([1]))
    outputs = graph.transpose(outputs, 1, 0, 2)
    if mask is None:
        return outputs
    # At padding, Keras repeats the output of the step that was read before it, if any.
    if layer.go_backwards:
        at, has_any = n_before, n_before < graph.expand(n_valid, 1)
    else:
        at = n_before + graph.cast(mask, np.int64) - 1
        at, has_any = graph.op("Max", at, 0), at > -1
    if sets_masked_outputs_to_zero(layer):
        has_any = mask
    outputs = graph.take(outputs, at)
    outputs = graph.where(graph.expand(has_any, 2), outputs, 0.0)
    outputs.mask = mask
    return outputs


def _together(graph, steps, mask):
    """Move padding to the end.

    Returns
    -------
    steps : Value
        The steps (n_samples, n_steps, n_features) that are not padding, then padding.

    n_valid : Value
        The number of steps of each sample that are not padding, (n_samples,).

    n_before : Value
        The number of steps before each step that are not padding, (n_samples, n_steps).
    """
    is_valid = graph.cast(mask, np.int64)
    n_steps = graph.size(mask, 1)
    at = graph.range(n_steps)
    n_before = graph.op("CumSum", is_valid, 1, exclusive=1)
    _, order = graph.op("TopK", is_valid * n_steps - at, n_steps, n_outputs=2)
    return graph.take(steps, order), graph.sum(is_valid, 1), n_before


def _weights(cell):
    """Return the operation of a cell, its weights for ONNX, and its attributes."""
    kernel, recurrent_kernel, bias = (
        weight.numpy() for weight in (cell.kernel, cell.recurrent_kernel, cell.bias)
    )
    kind, order, attributes = {
        "LSTMCell": ("LSTM", (0, 3, 1, 2), {}),
        "GRUCell": ("GRU", (0, 1, 2), {"linear_before_reset": 1}),
        "SimpleRNNCell": ("RNN", (0,), {}),
    }[type(cell).__name__]
    if bias.ndim == 1:  # only GRU has another bias for the state
        bias = np.stack([bias, np.zeros_like(bias)])

    def sorted_gates(weights):
        gates = np.split(weights, len(order), axis=-1)
        return np.concatenate([gates[i] for i in order], axis=-1)

    kernels = (sorted_gates(each).T[None] for each in (kernel, recurrent_kernel))
    return kind, *kernels, sorted_gates(bias).reshape(1, -1), attributes


def project(cell, inputs):
    """Return the part of the inputs in the sums of a cell, with its bias."""
    bias = cell.bias.numpy()
    return inputs @ cell.kernel.numpy() + (bias if bias.ndim == 1 else bias[0])


def next_states(graph, cell, projected, states):
    """Return the states of a cell after one step; the first is its output."""
    hidden = states[0]
    of_state = hidden @ cell.recurrent_kernel.numpy()
    sigmoid, tanh = (
        lambda x, kind=kind: graph.op(kind, x) for kind in ("Sigmoid", "Tanh")
    )
    kind = type(cell).__name__
    if kind == "SimpleRNNCell":
        return [tanh(projected + of_state)]
    if kind == "LSTMCell":
        sums = projected + of_state
        i, f, c, o = graph.op("Split", sums, n_outputs=4, axis=-1, num_outputs=4)
        carry = sigmoid(f) * states[1] + sigmoid(i) * tanh(c)
        return [sigmoid(o) * tanh(carry), carry]
    sums = projected, of_state + cell.bias.numpy()[1]
    of_input, of_state = (
        graph.op("Split", each, n_outputs=3, axis=-1, num_outputs=3) for each in sums
    )
    update, reset = (sigmoid(of_input[i] + of_state[i]) for i in range(2))
    candidate = tanh(of_input[2] + reset * of_state[2])
    return [update * hidden + (1.0 - update) * candidate]


# --------------------------------------------------------------- of this package


@_writes("PaddingMask")
def _padding_mask(graph, layer, inputs):
    masked = graph.op("Identity", inputs)
    masked.mask = _is_no_padding(graph, inputs)
    return masked


@_writes("NoPadding")
def _no_padding(graph, layer, inputs):
    return graph.expand(_is_no_padding(graph, inputs), 1)


@_writes("VisibleSteps")
def _visible_steps(graph, layer, inputs):
    if len(inputs.shape) == 2 or inputs.shape[-1] == 1:
        return _is_no_padding(graph, inputs)
    first = graph.op("Gather", inputs, 0, axis=2)
    others = graph.op(
        "ReduceMax", graph.op("Abs", graph.cut(inputs, 2, 1)), np.array([2]), keepdims=0
    )
    return graph.op("Or", _differs(graph, first, 1.0), others > 0.0)


def _is_no_padding(graph, inputs):
    if len(inputs.shape) == 2:
        return _differs(graph, inputs, 0.0)
    first = graph.op("Gather", inputs, 0, axis=2)
    if inputs.shape[-1] == 1:
        return _differs(graph, first, 0.0)
    return graph.op("Equal", first, 0.0)


def _differs(graph, values, other):
    return graph.op("Not", graph.op("Equal", values, other))


@_writes("Positions")
def _positions(graph, layer, steps):
    moved = steps + layer.offsets.numpy()
    moved.mask = steps.mask
    return moved


@_writes("Queries")
def _queries(graph, layer, steps):
    # They are the same for all samples.
    return graph.value(layer.queries.numpy()[None])


@_writes("EndedBefore")
def _ended_before(graph, layer, probabilities, previous, longest, t):
    has_ended = graph.op("Equal", previous, layer.padding)
    has_ended = graph.op("Or", has_ended, graph.op("Not", longest > t))
    return _only_padding(graph, has_ended, probabilities, layer)


@_writes("LongestAnswer")
def _longest(graph, layer, visible):
    n_visible = graph.sum(graph.cast(visible, np.int64), 1)
    return _ends(graph, n_visible, layer.n_steps, layer.padded)


@_writes("EndOfAnswer")
def _end_of_answer(graph, layer, probabilities, **_):
    codes = graph.op("ArgMax", probabilities, axis=-1, keepdims=0)
    is_end = graph.cast(graph.op("Equal", codes, layer.padding), np.int64)
    n_ends = graph.op("CumSum", is_end, 1, exclusive=1)
    return _only_padding(graph, n_ends > 0, probabilities, layer)


def _only_padding(graph, has_ended, probabilities, layer):
    n_symbols, off_and_on = graph.size(probabilities, -1), np.array([0, 1], np.float32)
    end = graph.op("OneHot", np.array([layer.padding]), n_symbols, off_and_on)
    return graph.where(graph.expand(has_ended, -1), end, probabilities)


# ---------------------------------------------------------------------- attention


@_writes("Attention")
def _attention(graph, layer, query, values, keys, attention_mask=None, **_):
    values = graph.transpose(_in_heads(graph, layer.value_dense, values), 0, 2, 1, 3)
    keys = graph.transpose(_in_heads(graph, layer.key_dense, keys), 0, 2, 3, 1)
    query = _in_heads(graph, layer.query_dense, query) / math.sqrt(layer.key_dim)
    # (n_samples, n_heads, n_steps_out, n_units)
    scores = graph.transpose(query, 0, 2, 1, 3) @ keys
    if attention_mask is not None:
        scores = graph.where(graph.expand(attention_mask, 1), scores, -1e9)
    seen = graph.op("Softmax", scores, axis=-1) @ values
    dense = layer.output_dense
    kernel = dense.kernel.numpy()
    kernel = kernel.reshape(-1, kernel.shape[-1])
    seen = graph.reshape(graph.transpose(seen, 0, 2, 1, 3), 0, 0, len(kernel))
    return seen @ kernel + dense.bias.numpy()


def _in_heads(graph, dense, values):
    """Return a projection; its last axes are those of the heads and their units."""
    kernel, bias = dense.kernel.numpy(), dense.bias.numpy()
    projected = values @ kernel.reshape(len(kernel), -1) + bias.reshape(-1)
    return graph.reshape(projected, 0, 0, *bias.shape)  # 0: as it is


# ------------------------------------------------------------------ input feeding


def begin(graph, layer, values, first):
    """Return the state of an `InputFeeding` before the first step, a list."""
    from ..networks.input_feeding import n_states

    context = graph.op("ReduceSum", values * 0.0, np.array([1]), keepdims=0)
    weights = graph.op("ReduceSum", values * 0.0, np.array([2]), keepdims=0)
    ends = np.cumsum(np.repeat(layer.units, n_states(layer.cell))).tolist()
    states = [
        graph.cut(first, 1, start, end)
        for start, end in zip([0, *ends], ends, strict=False)
    ]
    return [context, weights, *states]


def feed(graph, layer, embedded, known, state):
    """Return the state of an `InputFeeding` after a step, as its method `step`."""
    from ..networks.input_feeding import SHIFTS

    values, keys, visible = known
    context, weights, *states = state
    n_states = len(states) // len(layer.cells)
    after: list = []
    projected = embedded @ layer.symbol_kernel.numpy()
    projected = projected + project(layer.cells[0], context)
    for i, cell in enumerate(layer.cells):
        if i:
            projected = project(cell, after[-n_states])
        of_cell = states[i * n_states : (i + 1) * n_states]
        after += next_states(graph, cell, projected, of_cell)
    query = after[-n_states] @ layer.query_kernel.numpy()
    summed = keys + graph.expand(query, 1)
    if layer.location:
        before, behind = max(SHIFTS), -min(SHIFTS)
        padded = graph.op("Pad", weights, np.array([0, before, 0, behind]))
        n_steps = graph.size(weights, 1)
        moved = [
            graph.expand(
                graph.cut(padded, 1, before - n, n_steps + np.array([before - n])), 2
            )
            for n in SHIFTS
        ]
        moved = graph.join(*moved, axis=2)
        summed = summed + moved @ layer.location_kernel.numpy()
    scores = graph.op("Tanh", summed) @ layer.score_kernel.numpy()
    scores = graph.op("Squeeze", scores, np.array([2]))
    scores = graph.op("Softmax", graph.where(visible, scores, -1e9), axis=-1)
    weights = graph.where(visible, scores, 0.0)
    context = graph.expand(weights, 1) @ values
    return [graph.op("Squeeze", context, np.array([1])), weights, *after]


@_writes("MeanOfSteps")
def _mean_of_steps(graph, layer, values, visible):
    visible = graph.expand(graph.cast(visible, np.float32), 2)
    n_visible = graph.op("Max", graph.sum(visible, 1), 1.0)
    return graph.sum(values * visible, 1) / n_visible


@_writes("CopiedSymbols")
def _copied_symbols(graph, layer, inputs):
    n_copied = len(layer.copied)
    table = np.zeros((n_copied + 1, layer.n_symbols), np.float32)
    for code, copied in enumerate(layer.copied):
        if copied >= 0:
            table[code, copied] = 1
    if len(inputs.shape) == 3:
        return inputs @ table[:-1]
    codes = graph.op("Min", graph.cast(inputs, np.int64), n_copied)
    return graph.op("Gather", table, codes)


@_writes("Copying")
def _copying(graph, layer, probabilities, decoded, embedded, weights, copies):
    copied = graph.op("Squeeze", graph.expand(weights, 1) @ copies, np.array([1]))
    features = graph.join(decoded, embedded, axis=-1)
    sums = features @ layer.gate_kernel.numpy() + layer.gate_bias.numpy()
    copied = copied * (1.0 - graph.op("Sigmoid", sums))
    return (1.0 - graph.sum(copied, -1, keepdims=True)) * probabilities + copied


# ------------------------------------------------------------- relative attention


@_writes("RelativeAttention")
def _relative_attention(graph, layer, values, visible):
    n_features = values.shape[-1]
    values = values * graph.expand(graph.cast(visible, np.float32), 2)
    starts, stops = _starts_and_stops(graph, layer, values, visible)
    n_out = _n_steps_out(graph, layer, graph.size(values, 1))
    seen = []
    for heads in _with_same_signs(layer.velocities):
        from_, to = (graph.cut(a, 1, heads.start, heads.stop) for a in (starts, stops))
        moved = _displacements(graph, layer, layer.velocities[heads], n_out)
        n_heads = heads.stop - heads.start
        seen.append(_see(graph, values, from_, to, moved, n_heads, n_features))
    # (n_samples, n_steps, n_heads, n_features)
    seen = graph.transpose(graph.join(*seen, axis=1), 0, 2, 1, 3)
    seen = graph.reshape(seen, 0, 0, n_features * len(layer.velocities)) * layer.gain
    if layer.steps_per_symbol == 1:
        return seen
    which = np.eye(layer.steps_per_symbol, dtype=np.float32)[None]
    n_copies = graph.join(graph.size(values, 0), n_out, np.array([1]), axis=0)
    return graph.join(seen, graph.op("Tile", which, n_copies), axis=2)


def _starts_and_stops(graph, layer, values, visible):
    """Return probabilities of starts and of stops, (n_samples, n_heads, n_steps_in)."""
    reach, n_steps = layer.width // 2, graph.size(values, 1)
    padded = graph.op("Pad", values, np.array([0, reach, 0, 0, reach, 0]))
    beside = [graph.cut(padded, 1, i, n_steps + i) for i in range(layer.width)]
    local = graph.join(*beside, axis=2) @ layer.local_kernel.numpy()
    local = graph.op("Relu", local * LOCAL_GAIN + layer.local_bias.numpy())
    n_visible = graph.sum(graph.cast(visible, np.float32), 1, keepdims=True)
    growth = graph.op("Log", n_visible + 1.0) / math.log1p(LENGTH_OF_SCORES)
    growth = graph.expand(growth, 2)
    scores = growth * SCORE_GAIN * (local @ layer.score_kernel.numpy())
    scores = graph.where(graph.expand(visible, 2), scores, -1e9)
    scores = graph.transpose(scores, 0, 2, 1)
    nowhere = graph.cut(scores, 2, 0, 1) * 0.0
    starts = graph.op("Softmax", graph.join(scores, nowhere, axis=2), axis=2)
    starts = graph.cut(starts, 2, 0, -1)
    scores = local @ layer.stop_kernel.numpy() * SCORE_GAIN
    stops = graph.op("Sigmoid", growth * (scores + STOP_BIAS))
    stops = graph.where(graph.expand(visible, 2), stops, 0.0)
    return starts, graph.transpose(stops, 0, 2, 1)


def _n_steps_out(graph, layer, n_steps_in):
    """Return the number of steps of the answer, an array of one integer."""
    if not layer.any_length:
        return graph.value(np.array([layer.n_steps[1]]))
    return _longest_answer(graph, n_steps_in, layer.n_steps, layer.padded)


def _longest_answer(graph, n_steps, n_fitted, padded):
    """Return the number of steps of an answer to n_steps."""
    n_in, n_out = n_fitted
    in_proportion = (n_steps * n_out + (n_in - 1)) / n_in  # of integers, rounded up
    return graph.op("Max", n_steps, in_proportion) if padded else in_proportion


def steps_of_answers(graph, network, inputs):
    """Return the number of steps of the answers to inputs, an array of one integer."""
    if not network.any_length:
        return graph.value(np.array([network.n_steps_out]))
    n_fitted = network.n_steps_in, network.n_steps_out
    return _ends(graph, graph.size(inputs, 1), n_fitted, network.has_eos)


def _with_same_signs(velocities):
    """Yield slices of heads that move in the same direction."""
    signs = [tuple(v < 0 for v in velocity if v) for velocity in velocities]
    ends = [i for i in range(1, len(signs)) if signs[i] != signs[i - 1]]
    yield from map(slice, [0, *ends], [*ends, len(signs)])


def _displacements(graph, layer, velocities, n_out):
    """Return how far each head has moved at each step, (n_heads, n_steps)."""
    of_symbol, of_step = np.array(velocities, dtype=np.float64).T[:, :, None, None]
    symbols = graph.cast(graph.reshape(graph.range(n_out), 1, -1, 1), np.float64)
    moved = graph.cast(graph.op("Floor", symbols * abs(of_symbol)), np.int64)
    moved = moved * np.where(of_symbol < 0, -1, 1)
    within = np.floor(abs(of_step) * np.arange(layer.steps_per_symbol))
    moved = moved + (np.where(of_step < 0, -1, 1) * within).astype(np.int64)
    return graph.reshape(moved, len(velocities), -1)


def _see(graph, values, starts, stops, moved, n_heads, n_features):
    """Return what heads see at each step, (n_samples, n_heads, n_steps, n_features)."""

    first, last = (
        graph.reshape(graph.op(nearest, graph.op(farthest, moved, keepdims=0), 0), 1)
        for nearest, farthest in (("Min", "ReduceMin"), ("Max", "ReduceMax"))
    )
    n_places, n_steps_in = last - first + 1, graph.size(values, 1)
    places = graph.range(n_places) + first

    def by_transforms():
        n = _power_of_two(graph, n_places + n_steps_in)
        spectra = (_spectrum(graph, graph.expand(a, -1), 2, n) for a in (starts, stops))
        of_starts, of_stops = spectra
        of_values = graph.expand(graph.transpose(values, 0, 2, 1), -1)
        of_values = graph.expand(_spectrum(graph, of_values, 2, n), 1)
        at = graph.op("Mod", places + n, n)
        seen = _correlate(graph, graph.expand(of_starts, 2), of_values, 3, n, at)
        met = _correlate(graph, of_starts, of_stops, 2, n, at)
        return graph.transpose(seen, 0, 1, 3, 2), met

    def by_products():
        # (n_places, n_steps_in): the step that a head comes from to each step
        origins = graph.range(n_steps_in) - graph.expand(places, 1) + last
        beyond = graph.join(np.array([0, 0]), last, np.array([0, 0]), -first, axis=0)
        found = graph.op("Gather", graph.op("Pad", starts, beyond), origins, axis=2)
        met = graph.op("Squeeze", found @ graph.expand(stops, 3), np.array([3]))
        # One product of matrices for all heads of a sample.
        seen = graph.reshape(found, 0, -1, n_steps_in) @ values
        return graph.reshape(seen, 0, n_heads, -1, n_features), met

    # A table of all pairs is faster for short inputs, but grows with their square.
    are_many = graph.op("Squeeze", n_places * n_steps_in > MAX_PAIRS)
    seen, met = graph.choose(are_many, by_transforms, by_products)
    going = graph.cast(_still_going(graph, met, first), np.float32)
    seen = graph.reshape(seen * graph.expand(going, 3), 0, -1, n_features)
    # Select from (n_samples, n_heads * n_places, n_features) the place at each step.
    begins = np.arange(n_heads)[:, None] * n_places
    at_steps = graph.reshape(moved - first + begins, -1)
    seen = graph.op("Gather", seen, at_steps, axis=1)
    return graph.reshape(seen, 0, n_heads, -1, n_features)


def _spectrum(graph, signals, axis, n):
    """Return the Fourier transform of signals (..., 1), zero-padded to length n."""
    return graph.op("DFT", signals, graph.op("Squeeze", n), axis=axis)


def _correlate(graph, of_starts, of_steps, axis, n, at):
    """Return the circular correlation of two signals, from their spectra.

    It is computed along an axis for the displacements `at`, which are modulo n.
    """
    a, b = graph.real_and_imaginary(of_starts)
    c, d = graph.real_and_imaginary(of_steps)
    product = graph.join(a * c + b * d, a * d - b * c, axis=-1)
    length = graph.op("Squeeze", n)
    summed = graph.op("DFT", product, length, axis=axis, inverse=1)
    real = graph.op("Gather", summed, 0, axis=axis + 1)
    return graph.op("Gather", real, at, axis=axis)


def _power_of_two(graph, n):
    """Return the smallest power of two that is not less than n, an array of one."""
    exponent = graph.op("Log", graph.cast(n, np.float64)) / np.array(math.log(2))
    power = graph.op("Pow", np.array(2.0), graph.op("Ceil", exponent))
    return graph.cast(power, np.int64)


def _still_going(graph, met, first):
    """Return the probability that a head has not stopped on its way to a place."""

    met = graph.where(met > NO_STOP, graph.op("Min", met, 1 - 1e-6), 0.0)
    # In double precision, which the logarithm of a number near one needs.
    steps = graph.op("Log", np.array(1.0) - graph.cast(met, np.float64))
    start = -first
    behind = graph.cut(steps, 2, 0, start + 1)
    behind = graph.cut(graph.op("CumSum", behind, 2, reverse=1), 2, 0, start)
    ahead = graph.op("CumSum", graph.cut(steps, 2, start), 2)
    return graph.op("Exp", graph.join(behind, ahead, axis=2))


@_writes("AnswerSteps")
def _answer_steps(graph, layer, visible, context):
    n_visible = graph.sum(graph.cast(visible, np.int64), 1, keepdims=True)
    ends = _ends(graph, n_visible, layer.n_steps, layer.padded) * layer.steps_per_symbol
    return graph.range(graph.size(context, 1)) < ends


def _ends(graph, n_steps, n_fitted, padded):
    """Return the number of steps of an answer, as in training if it is not longer."""
    n_in, n_out = n_fitted
    longest = _longest_answer(graph, n_steps, n_fitted, padded)
    return graph.where(n_steps > n_in, longest, n_out)


@_writes("LastStepOfSymbol")
def _last_step_of_symbol(graph, layer, steps):
    n_steps = layer.steps_per_symbol
    return graph.cut(steps, 1, n_steps - 1, step=n_steps)
