"""The search for the most probable answers, as operations of ONNX."""

import numpy as np


def write_search(graph, steps, inputs, n_steps, n_symbols, width, padding=None):
    """Write the beam search for a network that is fed the symbols it wrote before.

    The operations are those of
    :func:`~sklearn_seqadd.training.beam_search.beam_search`.

    Parameters
    ----------
    graph : Graph
        The graph to which the operations are added.

    steps : object
        The steps of the network, as :func:`~sklearn_seqadd.onnx.steps.step_by_step`
        returns them.

    inputs : Value
        The inputs of the network.

    n_steps : Value
        The number of steps of an answer, an array of one integer.

    n_symbols : int
        The number of symbols.

    width : int
        The number of hypotheses that are kept at each step.

    padding : int, default=None
        The code of padding, if answers end in it.

    Returns
    -------
    codes : Value
        The codes of the most probable answers, (n_samples, n_steps).

    scores : Value
        The logarithms of their probabilities, (n_samples,).
    """
    known, state = _map(lambda part: _repeat(graph, part, width), steps.start(inputs))
    n = graph.size(inputs, 0)
    n_rows = n * width
    first_row = graph.expand(graph.range(n) * width, 1)
    begin = np.array([[0.0] + [-np.inf] * (width - 1)], dtype=np.float32)
    fill = 0 if padding is None else padding
    numbers = graph.expand(graph.range(n_steps), 0)

    def step(t, carried):
        previous, codes, scores, *parts = carried
        state_before = _unflatten(state, iter(parts))
        probabilities, state_after = steps.step(t, previous, known, state_before)
        logarithms = graph.reshape(graph.op("Log", probabilities), -1, width, n_symbols)
        # (n, width * n_symbols): every hypothesis with every symbol after it
        candidates = graph.reshape(
            graph.expand(scores, 2) + logarithms, -1, width * n_symbols
        )
        scores, best = graph.op(
            "TopK", candidates, np.array([width]), axis=1, n_outputs=2
        )
        if width > 1:
            kept = graph.reshape(first_row + best / n_symbols, -1)
            codes, state_after = _map(
                lambda part: graph.op("Gather", part, kept), (codes, state_after)
            )
        previous = graph.reshape(graph.op("Mod", best, n_symbols), -1)
        is_now = graph.op("Equal", numbers, t)
        codes = graph.where(is_now, graph.expand(previous, 1), codes)
        goes_on = graph.value(True)
        if padding is not None:
            differs = graph.op("Not", graph.op("Equal", previous, padding))
            differs = graph.cast(differs, np.int64)
            goes_on = graph.op("ReduceMax", differs, keepdims=0) > 0
        return goes_on, [previous, codes, scores, *_flatten(state_after)]

    rows = graph.join(n_rows, n_steps, axis=0)
    _, codes, scores, *_ = graph.loop(
        n_steps,
        step,
        [
            graph.op("Expand", n_symbols, n_rows),
            graph.op("Expand", fill, rows),
            graph.op("Expand", begin, graph.join(n, np.array([width]), axis=0)),
            *_flatten(state),
        ],
    )
    codes = graph.reshape(codes, -1, width, n_steps)
    # The hypotheses are sorted, the most probable first.
    return tuple(graph.op("Gather", each, 0, axis=1) for each in (codes, scores))


def _repeat(graph, rows, width):
    """Repeat each row `width` times."""
    if width == 1:
        return rows
    n = graph.size(rows, 0)
    numbers = graph.range(n * width) / width
    return graph.op("Gather", rows, numbers)


def _map(function, nested):
    """Apply a function to all values in nested lists and tuples."""
    if isinstance(nested, list | tuple):
        return type(nested)(_map(function, part) for part in nested)
    return function(nested)


def _flatten(nested):
    """Return all values in nested lists and tuples as a list."""
    if not isinstance(nested, list | tuple):
        return [nested]
    return [value for part in nested for value in _flatten(part)]


def _unflatten(like, values):
    """Return the next values of an iterator, nested like another object."""
    if isinstance(like, list | tuple):
        return type(like)(_unflatten(part, values) for part in like)
    return next(values)
