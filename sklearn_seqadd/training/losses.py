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
    """

    padding: int | None = None
    padding_weight: float = 1.0
    smoothing: float = 0.0

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
        losses = keras.ops.sparse_categorical_crossentropy(y, probabilities)
        if self.smoothing:
            logarithms = tf.math.log(tf.maximum(probabilities, keras.config.epsilon()))
            spread = -tf.reduce_mean(logarithms, axis=-1)
            losses = (1 - self.smoothing) * losses + self.smoothing * spread
        if self.padding is not None:
            losses *= tf.where(y == self.padding, self.padding_weight, 1.0)
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

    @property
    def for_evaluation(self):
        """The loss of samples that nothing is learned from."""
        return dataclasses.replace(self, smoothing=0.0)

    def score(self, measured):
        """How good an epoch was: whole answers, and the loss where they are equal."""
        return [measured["exact_match"], -measured["loss"]]

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

    @property
    def for_evaluation(self):
        """The loss of samples that nothing is learned from: the same."""
        return self

    def score(self, measured):
        """How good an epoch was."""
        return [-measured["loss"]]

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
