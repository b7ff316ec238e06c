"""Search for the most probable answer of a network that is fed its own answers."""

import numpy as np

from .._tensorflow import tf


def one_step_late(codes, n_symbols):
    """Answers moved one step to the right, as the network is fed with."""
    begin = tf.fill([tf.shape(codes)[0], 1], n_symbols)
    return tf.concat([begin, codes[:, :-1]], axis=1)


def beam_search(encoder, decoder, width):
    """A function from inputs to the codes of their most probable answers.

    Parameters
    ----------
    encoder, decoder : keras.Model
        The parts of the network, see
        :meth:`~sklearn_seqadd.networks.decoders.Decoder.split`.

    width : int
        How many hypotheses are kept at each step; with 1 the search is greedy.
    """
    _, n_steps, n_symbols = decoder.output_shape

    def search(x):
        n = tf.shape(x)[0]
        memory = [tf.repeat(part, width, axis=0) for part in encoder(x, training=False)]
        first_row = width * tf.range(n)[:, None]
        # All hypotheses are the same before the first step: only one may be extended.
        start = tf.concat([tf.zeros([1]), tf.fill([width - 1], -np.inf)], axis=0)
        codes = tf.zeros([n * width, n_steps], tf.int32)
        state = tf.constant(0), codes, tf.tile(start[None], [n, 1])

        def step(t, codes, scores):
            previous = one_step_late(codes, n_symbols)
            probabilities = decoder([previous, *memory], training=False)[:, t]
            logarithms = tf.reshape(tf.math.log(probabilities), [n, width, n_symbols])
            # (n, width * n_symbols): every hypothesis with every symbol after it
            candidates = tf.reshape(scores[:, :, None] + logarithms, [n, -1])
            scores, best = tf.math.top_k(candidates, width)
            kept = tf.reshape(first_row + best // n_symbols, [-1])
            column = tf.one_hot(t, n_steps, dtype=tf.int32)
            codes = tf.gather(codes, kept) * (1 - column)
            codes += tf.reshape(best % n_symbols, [-1, 1]) * column
            return t + 1, codes, scores

        codes = tf.while_loop(lambda t, *_: t < n_steps, step, state)[1]
        return tf.gather(codes, first_row[:, 0])

    return search
