"""Search for the most probable answers."""

import numpy as np

from .._tensorflow import tf


def one_step_late(codes, n_symbols):
    """Return answers one step late, as a network that feeds back takes them."""
    begin = tf.fill([tf.shape(codes)[0], 1], n_symbols)
    return tf.concat([begin, codes[:, :-1]], axis=1)


def beam_search(steps, n_symbols, width, padding=None):
    """Return a function from inputs to the codes of their most probable answers.

    Parameters
    ----------
    steps : object
        The network step by step, from
        :meth:`~sklearn_seqadd.networks.decoders.Decoder.step_by_step`.

    n_symbols : int
        The number of symbols.

    width : int
        The number of hypotheses kept at each step; with 1 the search is greedy.

    padding : int, default=None
        The code of padding, if answers end in it. The search ends when all hypotheses
        have ended.

    Returns
    -------
    search : callable
        Takes inputs and the number of steps of an answer. Returns codes (n_samples,
        width, n_steps), the most probable answer first, and the logarithms of their
        probabilities (n_samples, width), which are infinite where there are fewer
        answers.
    """

    def search(x, n_steps):
        n = tf.shape(x)[0]
        known, state = tf.nest.map_structure(
            lambda part: tf.repeat(part, width, axis=0), steps.start(x)
        )
        first_row = width * tf.range(n)[:, None]
        # All hypotheses are the same before the first step: only one may be extended.
        scores = tf.concat([tf.zeros([1]), tf.fill([width - 1], -np.inf)], axis=0)
        scores = tf.tile(scores[None], [n, 1])
        previous = tf.fill([n * width], n_symbols)
        codes = tf.fill([n * width, n_steps], 0 if padding is None else padding)

        def goes_on(t, previous, codes, scores, state):
            some_have_not_ended = padding is None or tf.reduce_any(previous != padding)
            return tf.logical_and(t < n_steps, some_have_not_ended)

        def step(t, previous, codes, scores, state):
            probabilities, state = steps.step(t, previous, known, state)
            logarithms = tf.reshape(tf.math.log(probabilities), [n, width, n_symbols])
            # (n, width * n_symbols): every hypothesis with every symbol after it
            candidates = tf.reshape(scores[:, :, None] + logarithms, [n, -1])
            scores, best = tf.math.top_k(candidates, width)
            if width > 1:
                kept = tf.reshape(first_row + best // n_symbols, [-1])
                codes, state = tf.nest.map_structure(
                    lambda part: tf.gather(part, kept), (codes, state)
                )
            previous = tf.reshape(best % n_symbols, [-1])
            column = tf.one_hot(t, n_steps, on_value=True, off_value=False, dtype=bool)
            codes = tf.where(column, previous[:, None], codes)
            return t + 1, previous, codes, scores, state

        begin = tf.constant(0), previous, codes, scores, state
        _, _, codes, scores, _ = tf.while_loop(goes_on, step, begin)
        return tf.reshape(codes, [n, width, n_steps]), scores

    return search


def n_best_of_steps(probabilities, n_best):
    """Return the most probable answers where steps are independent of each other.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_steps, n_symbols)

    n_best : int

    Returns
    -------
    codes : ndarray of int, shape (n_samples, n_columns, n_steps)
        The most probable first; n_best columns, or fewer if there are fewer answers.

    scores : ndarray of shape (n_samples, n_columns)
        The logarithms of their probabilities.
    """
    n_samples, n_steps, n_symbols = probabilities.shape
    with np.errstate(divide="ignore"):
        logarithms = np.log(probabilities.astype(np.float64))
    codes = np.empty((n_samples, 1, 0), dtype=np.int64)
    scores = np.zeros((n_samples, 1))
    rows = np.arange(n_samples)[:, None]
    for t in range(n_steps):
        # A prefix outside the n best cannot grow into one of the n best.
        candidates = scores[:, :, None] + logarithms[:, t, None]
        candidates = candidates.reshape(n_samples, -1)
        best = np.arange(candidates.shape[1])[None].repeat(n_samples, axis=0)
        if candidates.shape[1] > n_best:
            best = np.argpartition(-candidates, n_best - 1, axis=1)[:, :n_best]
            best.sort(axis=1)
        order = np.argsort(-candidates[rows, best], axis=1, kind="stable")
        best = best[rows, order]
        scores = candidates[rows, best]
        symbols = best % n_symbols
        codes = np.concatenate([codes[rows, best // n_symbols], symbols[..., None]], 2)
    return codes, scores
