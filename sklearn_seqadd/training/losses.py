"""What training makes small, and what is measured beside it.

A loss is one object: the function that is compiled, and the names under which what it
returns stands in `history_`.
"""

import dataclasses
from typing import ClassVar

import numpy as np

from .._tensorflow import keras, tf


@dataclasses.dataclass(frozen=True)
class SymbolLoss:
    """Cross-entropy of the symbols, and how many answers and characters are right.

    Parameters
    ----------
    padding : int, default=None
        The code of the padding, if its weight is not that of other symbols.

    padding_weight : float, default=1.0
        The weight of the steps that are padding.

    smoothing : float, default=0.0
        The share of what is expected of a step that is spread over all symbols.

    unknown : int, default=None
        The code in targets of symbols that the network cannot write, if there are any.
        They are wrong, and the loss of their samples is 0.
    """

    padding: int | None = None
    padding_weight: float = 1.0
    smoothing: float = 0.0
    unknown: int | None = None

    # As Keras knows it; what a call returns, the loss first; and what it takes.
    name: ClassVar[str] = "sparse_categorical_crossentropy"
    measures: ClassVar[tuple[str, ...]] = ("loss", "exact_match", "character_accuracy")
    target_dtype: ClassVar[type] = np.int32

    def __call__(self, probabilities, y, *, n_steps=None, answered=None):
        """Each measure by sample, a list of tensors of shape (n_samples,).

        Parameters
        ----------
        probabilities : tensor of shape (n_samples, n_steps, n_symbols)

        y : tensor of int, shape (n_samples, n_steps)

        n_steps : int, default=None
            Of how many steps these are the first, if more were cut off, which hold
            nothing but padding and are taken for right.

        answered : tensor, default=None
            The probabilities by which an answer is judged, if they are others.
        """
        expected = y if self.unknown is None else tf.where(y == self.unknown, 0, y)
        losses = keras.ops.sparse_categorical_crossentropy(expected, probabilities)
        if self.smoothing:
            logarithms = tf.math.log(tf.maximum(probabilities, keras.config.epsilon()))
            spread = -tf.reduce_mean(logarithms, axis=-1)
            losses = (1 - self.smoothing) * losses + self.smoothing * spread
        if self.padding is not None:
            losses *= tf.where(y == self.padding, self.padding_weight, 1.0)
        if self.unknown is not None:
            is_known = tf.reduce_all(y != self.unknown, axis=-1, keepdims=True)
            losses *= tf.cast(is_known, losses.dtype)
        judged = probabilities if answered is None else answered
        codes = tf.argmax(judged, -1, output_type=tf.int32)
        right = tf.cast(codes == y, tf.float32)
        measures = [
            tf.reduce_mean(losses, axis=-1),
            tf.reduce_min(right, axis=-1),
            tf.reduce_mean(right, axis=-1),
        ]
        if n_steps is not None:
            share = y.shape[1] / n_steps
            loss, exact, accuracy = measures
            measures = [share * loss, exact, 1 - share * (1 - accuracy)]
        return measures

    def for_evaluation(self, network, y):
        """Return the loss of samples that nothing is learned from.

        Parameters
        ----------
        network : Seq2SeqNetwork

        y : ndarray of int, shape (n_samples, n_steps)
            Their targets, in which the number of symbols is the code of a symbol that
            the network cannot write.
        """
        unknown = network.n_symbols if (y == network.n_symbols).any() else None
        return dataclasses.replace(self, smoothing=0.0, unknown=unknown)

    def is_known(self, y):
        """Return which targets the network can write, shape (n_samples,)."""
        return (y != self.unknown).all(axis=1) if self.unknown else np.ones(len(y))

    def score(self, measured):
        """How good an epoch was: whole answers, and the loss where they are equal."""
        return [measured["exact_match"], -measured["loss"]]

    def is_gain(self, score, before, tol, share_known):
        """Return whether a score is so much better that training should go on.

        More correct answers are a gain; so is a loss that has fallen by more than
        `tol`, until all answers that the network can write are correct.
        """
        if score[0] != before[0]:
            return score[0] > before[0]
        return score[0] < share_known and score[1] > before[1] + tol

    def target_shape(self, output_shape):
        """Of a target whose output has this shape: a symbol is one code."""
        return output_shape[:-1]

    def of_guessing(self, network):
        """The loss of taking all symbols for equally probable."""
        return float(np.log(network.n_symbols)) if self.padding is None else np.inf


@dataclasses.dataclass(frozen=True)
class SquaredError:
    """Mean squared error of numbers."""

    name: ClassVar[str] = "mean_squared_error"
    measures: ClassVar[tuple[str, ...]] = ("loss",)
    target_dtype: ClassVar[type] = np.float64

    def __call__(self, predicted, y):
        """The loss by sample, a list of one tensor of shape (n_samples,)."""
        return [tf.reduce_mean(tf.square(predicted - y), axis=-1)]

    def for_evaluation(self, network, y):
        """Return the loss of samples that nothing is learned from: the same."""
        return self

    def is_known(self, y):
        """Return which targets the network can write: all, shape (n_samples,)."""
        return np.ones(len(y))

    def score(self, measured):
        """How good an epoch was."""
        return [-measured["loss"]]

    def is_gain(self, score, before, tol, share_known):
        """Return whether the loss has fallen by more than `tol`."""
        return score[0] > before[0] + tol

    def target_shape(self, output_shape):
        """Of a target whose output has this shape."""
        return output_shape

    def of_guessing(self, network):
        """Infinite: there is no guess of a number."""
        return np.inf


def totals(loss, outputs, y, sample_weight, **loss_params):
    """Sums over samples: of the weights, then weighted of each measure."""
    measures = loss(outputs, y, **loss_params)
    by_sample = tf.stack([tf.ones_like(sample_weight), *measures])
    return tf.reduce_sum(by_sample * sample_weight, axis=-1)


def averages(loss, summed):
    """Each measure by its name, from `totals` of all samples."""
    return {
        name: float(total / summed[0])
        for name, total in zip(loss.measures, summed[1:], strict=True)
    }
