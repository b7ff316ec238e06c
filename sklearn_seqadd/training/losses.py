"""Losses: the quantity that training minimizes, with the metrics beside it.

A loss is one object: the function that is compiled, and the names of its results in
`history_`.
"""

import dataclasses
from typing import Any, ClassVar, Protocol

import numpy as np

from .._tensorflow import keras, tf


class Loss(Protocol):
    """The interface of a loss, which has to be hashable, too.

    Attributes
    ----------
    name : str
        The name of the loss in Keras, with which `model_` is compiled.

    metrics : tuple of str
        The names in `history_` of the results of a call, ``"loss"`` first.

    target_dtype : type
        The dtype of targets, as the compiled programs take them.
    """

    name: ClassVar[str]
    metrics: ClassVar[tuple[str, ...]]
    target_dtype: ClassVar[type]

    def __call__(self, outputs: Any, y: Any, **params: Any) -> list:
        """Return a tensor of shape (n_samples,) for each of the metrics."""

    def for_evaluation(self, description: Any, y: np.ndarray) -> "Loss":
        """Return the loss that scores samples held out of training."""

    def is_known(self, y: np.ndarray) -> np.ndarray:
        """Return a mask of the targets that the network can write, (n_samples,)."""

    def score(self, measured: dict[str, float]) -> list[float]:
        """Return the score of an epoch from its metrics; a greater one is better."""

    def is_gain(
        self, score: list[float], before: list[float], tol: float, share_known: float
    ) -> bool:
        """Return whether a score is better by enough for training to go on."""

    def target_shape(self, output_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of a target whose output has this shape."""

    def chance_level(self, description: Any) -> float:
        """Return the loss of a guess; infinity if there is none."""


@dataclasses.dataclass(frozen=True)
class SymbolLoss:
    """Cross-entropy of the symbols, with the shares of correct answers and symbols.

    Parameters
    ----------
    padding : int, default=None
        The code of padding, if its weight differs from that of other symbols.

    padding_weight : float, default=1.0
        The weight of the steps that are padding.

    smoothing : float, default=0.0
        The share of the target probability of a step that is spread over all symbols.

    end : int, default=None
        The code with which answers end, if the network need not learn what follows it.

    unknown : int, default=None
        The code in targets of symbols that the network cannot write, if there are any.
        These count as wrong, and the loss of their samples is 0.
    """

    padding: int | None = None
    padding_weight: float = 1.0
    smoothing: float = 0.0
    end: int | None = None
    unknown: int | None = None

    name: ClassVar[str] = "sparse_categorical_crossentropy"
    metrics: ClassVar[tuple[str, ...]] = ("loss", "exact_match", "character_accuracy")
    target_dtype: ClassVar[type] = np.int32

    def __call__(self, probabilities, y, *, n_steps=None, answered=None):
        """Return each metric by sample, a list of tensors of shape (n_samples,).

        Parameters
        ----------
        probabilities : tensor of shape (n_samples, n_steps, n_symbols)

        y : tensor of int, shape (n_samples, n_steps)

        n_steps : int, default=None
            The number of steps before the last ones were cut off. The steps cut off
            hold nothing but padding, and count as correct.

        answered : tensor, default=None
            The probabilities that give the answer, if not those of the loss.
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
        right = tf.argmax(judged, -1, output_type=tf.int32) == y
        if self.end is not None:
            n_ends = tf.cumsum(tf.cast(y == self.end, tf.int32), axis=1, exclusive=True)
            losses = tf.where(n_ends > 0, 0.0, losses)
            right = tf.logical_or(right, n_ends > 0)
        right = tf.cast(right, tf.float32)
        metrics = [
            tf.reduce_mean(losses, axis=-1),
            tf.reduce_min(right, axis=-1),
            tf.reduce_mean(right, axis=-1),
        ]
        if n_steps is not None:
            share = y.shape[1] / n_steps
            loss, exact, accuracy = metrics
            metrics = [share * loss, exact, 1 - share * (1 - accuracy)]
        return metrics

    def for_evaluation(self, description, y):
        """Return the loss that scores samples held out of training.

        Parameters
        ----------
        description : Seq2SeqNetwork

        y : ndarray of int, shape (n_samples, n_steps)
            The targets of the samples, in which the number of symbols is the code of a
            symbol that the network cannot write.
        """
        n_symbols = description.n_symbols
        unknown = n_symbols if (y == n_symbols).any() else None
        return dataclasses.replace(self, smoothing=0.0, unknown=unknown)

    def is_known(self, y):
        """Return a mask of the targets that the network can write, (n_samples,)."""
        return (y != self.unknown).all(axis=1) if self.unknown else np.ones(len(y))

    def score(self, measured):
        """Return the share of correct answers, then the negative loss to break ties."""
        return [measured["exact_match"], -measured["loss"]]

    def is_gain(self, score, before, tol, share_known):
        """Return whether a score is better by enough for training to go on.

        More correct answers are a gain; so is a loss that has fallen by more than
        `tol`, until all answers that the network can write are correct.
        """
        if score[0] != before[0]:
            return score[0] > before[0]
        return score[0] < share_known and score[1] > before[1] + tol

    def target_shape(self, output_shape):
        """Return the shape of a target, in which a symbol is one code."""
        return output_shape[:-1]

    def chance_level(self, description):
        """Return the loss of giving all symbols the same probability."""
        return float(np.log(description.n_symbols)) if self.padding is None else np.inf


@dataclasses.dataclass(frozen=True)
class SquaredError:
    """Mean squared error of numbers."""

    name: ClassVar[str] = "mean_squared_error"
    metrics: ClassVar[tuple[str, ...]] = ("loss",)
    target_dtype: ClassVar[type] = np.float64

    def __call__(self, predicted, y):
        """Return the loss by sample, a list of one tensor of shape (n_samples,)."""
        return [tf.reduce_mean(tf.square(predicted - y), axis=-1)]

    def for_evaluation(self, description, y):
        """Return the loss that scores samples held out of training: the same."""
        return self

    def is_known(self, y):
        """Return a mask of the targets that the network can write: all of them."""
        return np.ones(len(y))

    def score(self, measured):
        """Return the negative loss, as a greater score is better."""
        return [-measured["loss"]]

    def is_gain(self, score, before, tol, share_known):
        """Return whether the loss has fallen by more than `tol`."""
        return score[0] > before[0] + tol

    def target_shape(self, output_shape):
        """Return the shape of a target, which is that of the output."""
        return output_shape

    def chance_level(self, description):
        """Return infinity: there is no best guess that is known beforehand."""
        return np.inf


def weighted_sums(loss, outputs, y, sample_weight, **loss_params):
    """Return the sum of the weights, and the weighted sum of each metric."""
    metrics = loss(outputs, y, **loss_params)
    by_sample = tf.stack([tf.ones_like(sample_weight), *metrics])
    return tf.reduce_sum(by_sample * sample_weight, axis=-1)


def weighted_means(loss, summed):
    """Return each metric by its name, from `weighted_sums` of all samples."""
    return {
        name: float(total / summed[0])
        for name, total in zip(loss.metrics, summed[1:], strict=True)
    }
