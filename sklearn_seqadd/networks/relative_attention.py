"""Attention that finds by content where to start, and moves on from there."""

import math

import numpy as np

from .._tensorflow import keras, tf

_serializable = keras.saving.register_keras_serializable("sklearn_seqadd")

# Features of the neighbourhood of a step, from which its scores are computed.
_LOCAL_UNITS = 64

# An optimizer such as Adam moves all weights by steps of one size. What is multiplied
# by these moves faster: heads must find their places before anything else is learned
# (measured with sums of ten and twenty digits).
_LOCAL_GAIN = 4.0
_SCORE_GAIN = 16.0
_CONTEXT_GAIN = 16.0

# Scores are as they are in a string of so many symbols.
_LENGTH_OF_SCORES = 8

# With so many pairs of a step and a displacement the sum over steps is a product of
# matrices, with more a product of Fourier transforms.
_MAX_PAIRS = 8192


@_serializable
class RelativeAttention(keras.layers.Layer):
    """Heads that look at one step of the input after the other.

    Where a head starts is found by content: each step has a score by the symbols that
    stand there and beside it, and the softmax of the scores, in which "nowhere" has a
    place too, says where the head starts. At step t of the answer it looks at what is
    t * velocity steps further, and at nothing beyond the ends. The head moves as a
    whole, so what it sees stays as sharp as its start. No position is learned, nothing
    depends on the number of steps, and padding is as if absent. Related: shift
    weighting [1]_ and location-relative attention [2]_.

    In longer strings there is more to confuse a start with, so scores grow with the
    logarithm of the number of symbols [3]_.

    Parameters
    ----------
    velocities : sequence of float
        By head: how many steps of the input it moves in each step of the answer.

    width : int
        How many steps the score of a step depends on, itself in their middle.

    n_steps : sequence of two ints
        Steps of the inputs in training, and steps of the answers.

    any_length : bool
        Whether there may be other inputs. Answers to them have steps in proportion.

    padded : bool
        Whether answers end in padding, and may then have steps too many: with
        `any_length` there are as many as the input has at least, as the sum of a long
        and a short number is as long as the long one.

    References
    ----------
    .. [1] A. Graves, G. Wayne and I. Danihelka, "Neural Turing Machines", 2014,
       arXiv:1410.5401.
    .. [2] E. Battenberg et al., "Location-Relative Attention Mechanisms for Robust
       Long-Form Speech Synthesis", 2020, arXiv:1910.10288.
    .. [3] K. M. Nakanishi, "Scalable-Softmax Is Superior for Attention", 2025,
       arXiv:2501.19399.
    """

    def __init__(self, velocities, width, n_steps, any_length, padded, **kwargs):
        super().__init__(**kwargs)
        self.velocities = tuple(velocities)
        self.width = width
        self.n_steps = tuple(n_steps)
        self.any_length = any_length
        self.padded = padded

    def build(self, values_shape, visible_shape=None):
        glorot = keras.initializers.GlorotUniform(seed=0)
        # Nearly undecided at first: a head that starts sharp stays where it is.
        small = keras.initializers.VarianceScaling(0.01, "fan_avg", "uniform", seed=0)
        self.local_kernel = self.add_weight(
            (self.width * values_shape[-1], _LOCAL_UNITS),
            initializer=glorot,
            name="local_kernel",
        )
        self.local_bias = self.add_weight(
            (_LOCAL_UNITS,), initializer="zeros", name="local_bias"
        )
        self.score_kernel = self.add_weight(
            (_LOCAL_UNITS, len(self.velocities)), initializer=small, name="score_kernel"
        )

    def call(self, values, visible):
        """What heads see, (n_samples, n_steps_out, n_heads * n_features)."""
        values = _without_padding(values, visible)
        starts = self.starts(values, visible)
        n_steps_out = self.n_steps_out(_size(values, 1))
        seen, heads = [], []
        for velocity in sorted(set(self.velocities)):
            same = [h for h, v in enumerate(self.velocities) if v == velocity]
            of_same = tf.gather(starts, same, axis=2)
            seen.append(_move(of_same, values, velocity, n_steps_out))
            heads += same
        seen = tf.gather(tf.concat(seen, axis=2), np.argsort(heads), axis=2)
        n_features = len(self.velocities) * values.shape[-1]
        return _CONTEXT_GAIN * tf.reshape(seen, [-1, n_steps_out, n_features])

    def starts(self, values, visible):
        """Where each head starts, (n_samples, n_steps_in, n_heads)."""
        reach, n_steps = self.width // 2, _size(values, 1)
        padded = tf.pad(values, [[0, 0], [reach, reach], [0, 0]])
        beside = [padded[:, i : i + n_steps] for i in range(self.width)]
        local = tf.matmul(tf.concat(beside, axis=-1), self.local_kernel)
        local = tf.nn.relu(_LOCAL_GAIN * local + self.local_bias)
        n_visible = tf.reduce_sum(tf.cast(visible, values.dtype), axis=1)
        gain = tf.math.log1p(n_visible) * (_SCORE_GAIN / math.log1p(_LENGTH_OF_SCORES))
        scores = gain[:, None, None] * tf.matmul(local, self.score_kernel)
        scores = tf.where(visible[..., None], scores, -1e9)
        nowhere = tf.zeros_like(scores[:, :1])
        return tf.nn.softmax(tf.concat([scores, nowhere], axis=1), axis=1)[:, :-1]

    def weights_of_steps(self, values, visible):
        """How much each head looks at each step.

        Of shape (n_samples, n_heads, n_steps_out, n_steps_in). Rows sum to 1 less what
        the head has nowhere and beyond the ends.
        """
        starts = self.starts(_without_padding(values, visible), visible)
        n_steps_in = _size(values, 1)
        n_steps_out = self.n_steps_out(n_steps_in)
        weights = []
        for head, velocity in enumerate(self.velocities):
            moved = _displacements(abs(velocity), n_steps_out)
            moved = -moved if velocity < 0 else moved
            origins = tf.range(n_steps_in) - moved[:, None]
            inside = (origins >= 0) & (origins < n_steps_in)
            found = tf.gather(
                starts[..., head], tf.clip_by_value(origins, 0, n_steps_in - 1), axis=1
            )
            weights.append(tf.where(inside, found, 0.0))
        return tf.stack(weights, axis=1)

    def n_steps_out(self, n_steps_in):
        """The number of steps of the answer to an input of so many."""
        if not self.any_length:
            return self.n_steps[1]
        return _longest_answer(n_steps_in, *self.n_steps, self.padded)

    def compute_output_shape(self, values_shape, visible_shape=None):
        n_samples, n_steps_in, n_features = values_shape
        n_steps_out = None if n_steps_in is None else self.n_steps_out(n_steps_in)
        return n_samples, n_steps_out, len(self.velocities) * n_features

    def compute_mask(self, values, visible=None, previous_mask=None):
        return None  # the steps of the input are not those of the output


@_serializable
class RelativeAttentionWeights(keras.layers.Layer):
    """How much each head of a layer of relative attention looks where."""

    def __init__(self, attention, **kwargs):
        super().__init__(**kwargs)
        self.attention = attention

    def call(self, values, visible):
        return self.attention.weights_of_steps(values, visible)

    def compute_output_shape(self, values_shape, visible_shape=None):
        n_samples, n_steps_out, _ = self.attention.compute_output_shape(values_shape)
        return n_samples, len(self.attention.velocities), n_steps_out, values_shape[1]


@_serializable
class AnswerSteps(keras.layers.Layer):
    """Which steps an answer to the visible symbols may have, (n_samples, n_steps_out).

    As many as in training, and more where there are more symbols. It does not depend on
    how much padding there is.
    """

    def __init__(self, n_steps, padded, **kwargs):
        super().__init__(**kwargs)
        self.n_steps = tuple(n_steps)
        self.padded = padded

    def call(self, visible, context):
        n_in, n_out = self.n_steps
        n_visible = tf.reduce_sum(tf.cast(visible, tf.int32), axis=1)
        longest = _longest_answer(n_visible, n_in, n_out, self.padded)
        ends = tf.where(n_visible <= n_in, n_out, longest)
        return tf.range(_size(context, 1)) < ends[:, None]

    def compute_output_spec(self, visible, context):
        return keras.KerasTensor(context.shape[:2], "bool")


def _without_padding(values, visible):
    return values * tf.cast(visible, values.dtype)[..., None]


def _longest_answer(n_steps, n_in, n_out, padded):
    """Steps of an answer to so many steps, if to n_in steps there are n_out."""
    in_proportion = -(-n_steps * n_out // n_in)
    if not padded:
        return in_proportion
    maximum = max if isinstance(n_steps, int) else tf.maximum
    return maximum(n_steps, in_proportion)


def _size(tensor, axis):
    """The size along an axis, an int where it is known."""
    size = tensor.shape[axis]
    return tf.shape(tensor)[axis] if size is None else size


def _displacements(speed, n_steps):
    """How far a head has moved at each step, an array where that is known."""
    if isinstance(n_steps, int):
        return np.floor(speed * np.arange(n_steps)).astype(np.int32)
    return tf.cast(tf.floor(speed * tf.cast(tf.range(n_steps), tf.float64)), tf.int32)


def _move(starts, values, velocity, n_steps):
    """What heads of one velocity see, (n_samples, n_steps, n_heads, n_features)."""
    if velocity < 0:  # the same from the other end
        return _move(starts[:, ::-1], values[:, ::-1], -velocity, n_steps)
    displacements = _displacements(velocity, n_steps)
    n_steps_in, n_heads, n_features = _size(values, 1), starts.shape[2], values.shape[2]
    n_places = displacements[-1] + 1
    if isinstance(n_steps, int) and n_steps_in * n_places <= _MAX_PAIRS:
        padded = tf.pad(values, [[0, 0], [0, n_places], [0, 0]])
        moved = [padded[:, d : d + n_steps_in] for d in range(n_places)]
        seen = tf.matmul(starts, tf.concat(moved, axis=-1), transpose_a=True)
        seen = tf.reshape(seen, [-1, n_heads, n_places, n_features])
        seen = tf.transpose(seen, [0, 2, 1, 3])
    else:
        length = _power_of_two(n_steps_in + n_places)
        of_starts = tf.signal.rfft(tf.transpose(starts, [0, 2, 1]), [length])
        of_values = tf.signal.rfft(tf.transpose(values, [0, 2, 1]), [length])
        correlation = tf.math.conj(of_starts)[:, :, None] * of_values[:, None]
        seen = tf.transpose(tf.signal.irfft(correlation, [length]), [0, 3, 1, 2])
    return tf.gather(seen, displacements, axis=1)


def _power_of_two(n):
    """The smallest that is not less."""
    if isinstance(n, int | np.integer):
        return 2 ** math.ceil(math.log2(n))
    exponent = tf.math.ceil(tf.math.log(tf.cast(n, tf.float64)) / math.log(2))
    return tf.cast(2.0**exponent, tf.int32)
