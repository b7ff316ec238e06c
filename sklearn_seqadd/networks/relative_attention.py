"""Attention that finds by content where to start, and moves on from there.

`_see_around` computes what heads see that move to and fro. `_see` is its fast special
case for heads that move one way only: it needs only the steps on one side of each
start, and can compute them by Fourier transforms.
"""

import math

import numpy as np

from .._tensorflow import keras, tf
from ._relative import (
    CONTEXT_GAIN,
    LENGTH_OF_SCORES,
    LOCAL_GAIN,
    MAX_PAIRS,
    NO_STOP,
    SCORE_GAIN,
    STOP_BIAS,
    as_pair,
)
from .layers import longest_answer, only_padding

_serializable = keras.saving.register_keras_serializable("sklearn_seqadd")

# Units of the dense layer over the neighbourhood of a step, which its scores come from.
_LOCAL_UNITS = 64

# The most steps for which a product of matrices is faster with XLA than a running sum.
_MAX_STEPS_OF_PRODUCT = 64


@_serializable
class RelativeAttention(keras.layers.Layer):
    """Heads of attention that look at one step of the input after the other.

    A head finds its start by content: each step gets a score from the symbols at and
    beside it, and the softmax of the scores, with one more entry for "nowhere", is the
    probability that the head starts there. At step t of the answer it looks at the step
    that is t * velocity further, and at nothing beyond the ends. The distribution moves
    as a whole, so it stays as sharp as it was at the start. A head finds its end by
    content as well: at each symbol it stops with some probability, and from there on it
    sees nothing, as if the string ended there. Thus the end of the first number of a
    sum looks like that of the second, and need not be remembered. No position is
    learned, no weight depends on the number of steps, and padding has no influence.
    Related: shift weighting [1]_ and location-relative attention [2]_.

    A longer string has more symbols that resemble a start or an end, so scores grow
    with the logarithm of the number of symbols [3]_.

    Parameters
    ----------
    velocities : sequence of float or pairs of float
        The velocity of each head: the number of steps of the input that it moves with
        each symbol of the answer; as a pair, with each symbol and with each of
        `steps_per_symbol`. Heads are sorted: those that move forwards come first, and
        the fastest of them before the others.

    width : int
        The number of steps that the score of a step depends on, itself in their middle.

    n_steps : sequence of two ints
        The numbers of steps of inputs and of answers in training.

    any_length : bool
        If True, inputs may have any number of steps, and the number of steps of an
        answer is in proportion to it.

    padded : bool
        If True, answers end in padding. With `any_length` an answer then has at least
        as many steps as its input, since a sum is as long as the longer number even
        where the other one is short.

    steps_per_symbol : int, default=1
        The number of steps that the decoder takes for each symbol of the answer.

    gain : float, default=CONTEXT_GAIN
        The factor by which the output is multiplied.

    References
    ----------
    .. [1] A. Graves, G. Wayne and I. Danihelka, "Neural Turing Machines", 2014,
       arXiv:1410.5401.
    .. [2] E. Battenberg et al., "Location-Relative Attention Mechanisms for Robust
       Long-Form Speech Synthesis", 2019, arXiv:1910.10288.
    .. [3] K. M. Nakanishi, "Scalable-Softmax Is Superior for Attention", 2025,
       arXiv:2501.19399.
    """

    def __init__(
        self,
        velocities,
        width,
        n_steps,
        any_length,
        padded,
        steps_per_symbol=1,
        gain=CONTEXT_GAIN,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.velocities = sorted(
            map(as_pair, velocities), key=lambda pair: [(v < 0, -abs(v)) for v in pair]
        )
        self.width = width
        self.n_steps = tuple(n_steps)
        self.any_length = any_length
        self.padded = padded
        self.steps_per_symbol = steps_per_symbol
        self.gain = gain

    def build(self, values_shape, visible_shape=None):
        glorot = keras.initializers.GlorotUniform(seed=0)
        # Nearly uniform at first: a head that is sharp at first never moves.
        small = keras.initializers.VarianceScaling(0.01, "fan_avg", "uniform", seed=0)
        self.local_kernel = self.add_weight(
            (self.width * values_shape[-1], _LOCAL_UNITS),
            initializer=glorot,
            name="local_kernel",
        )
        self.local_bias = self.add_weight(
            (_LOCAL_UNITS,), initializer="zeros", name="local_bias"
        )
        n_heads = len(self.velocities)
        self.score_kernel = self.add_weight(
            (_LOCAL_UNITS, n_heads), initializer=small, name="score_kernel"
        )
        self.stop_kernel = self.add_weight(
            (_LOCAL_UNITS, n_heads), initializer=small, name="stop_kernel"
        )

    def call(self, values, visible):
        """Return what heads see, (n_samples, n_steps_out * steps_per_symbol, ...)."""
        values = _without_padding(values, visible)
        starts, stops = self.starts_and_stops(values, visible)
        n_steps_out = self.n_steps_out(_size(values, 1))
        if self.steps_per_symbol > 1:
            # Heads may turn around within a symbol, which `_see` cannot compute.
            return self._at_every_step(values, starts, stops, n_steps_out)
        seen = [
            _see(values[:, ::there], starts_, stops_, speeds, n_steps_out)
            for there, speeds, (starts_, stops_) in self._by_direction(starts, stops)
        ]
        n_features = len(self.velocities) * values.shape[-1]
        seen = tf.reshape(tf.concat(seen, axis=2), [-1, n_steps_out, n_features])
        return self.gain * seen

    def _at_every_step(self, values, starts, stops, n_steps_out):
        """Return what heads see that may turn around within a symbol of the answer."""
        moved = self._displacements(n_steps_out)
        seen = _see_around(values, starts, stops, moved)
        n_features = len(self.velocities) * values.shape[-1]
        n_steps = n_steps_out * self.steps_per_symbol
        seen = self.gain * tf.reshape(seen, [-1, n_steps, n_features])
        which = tf.tile(tf.eye(self.steps_per_symbol), [n_steps_out, 1])
        which = tf.repeat(which[None], tf.shape(seen)[0], axis=0)
        return tf.concat([seen, which], axis=2)

    def _displacements(self, n_steps_out):
        """Return how far each head has moved at each step, (n_heads, n_steps).

        It is an array if n_steps_out is an int, otherwise a tensor. Negative numbers
        are displacements backwards.
        """
        moved = []
        for velocity in self.velocities:
            of_symbol, of_step = (
                (-1 if v < 0 else 1) * _displacements(abs(v), n)
                for v, n in zip(
                    velocity, (n_steps_out, self.steps_per_symbol), strict=True
                )
            )
            moved.append(of_symbol[:, None] + of_step)
        shape = len(moved), n_steps_out * self.steps_per_symbol
        if isinstance(n_steps_out, int):
            return np.reshape(moved, shape)
        return tf.reshape(tf.stack(moved), shape)

    def starts_and_stops(self, values, visible):
        """Return the probabilities that each head starts, and that it stops, at a step.

        Both have the shape (n_samples, n_steps_in, n_heads). Those of the starts sum to
        1 less the probability that the head starts nowhere; those of the stops hold for
        a head that comes to the step.
        """
        reach, n_steps = self.width // 2, _size(values, 1)
        padded = tf.pad(values, [[0, 0], [reach, reach], [0, 0]])
        beside = [padded[:, i : i + n_steps] for i in range(self.width)]
        local = tf.matmul(tf.concat(beside, axis=-1), self.local_kernel)
        local = tf.nn.relu(LOCAL_GAIN * local + self.local_bias)
        n_visible = tf.reduce_sum(tf.cast(visible, values.dtype), axis=1)
        growth = tf.math.log1p(n_visible)[:, None, None] / math.log1p(LENGTH_OF_SCORES)
        scores = growth * SCORE_GAIN * tf.matmul(local, self.score_kernel)
        scores = tf.where(visible[..., None], scores, -1e9)
        nowhere = tf.zeros_like(scores[:, :1])
        starts = tf.nn.softmax(tf.concat([scores, nowhere], axis=1), axis=1)[:, :-1]
        scores = SCORE_GAIN * tf.matmul(local, self.stop_kernel) + STOP_BIAS
        stops = tf.where(visible[..., None], tf.sigmoid(growth * scores), 0.0)
        return starts, stops

    def weights_of_steps(self, values, visible):
        """Return the attention weights (n_samples, n_heads, n_steps_out, n_steps_in).

        A row sums to 1 less the probability that the head is nowhere, beyond an end of
        the input, or has stopped.
        """
        values = _without_padding(values, visible)
        starts, stops = self.starts_and_stops(values, visible)
        n_steps_in = _size(values, 1)
        n_steps_out = self.n_steps_out(n_steps_in)
        displacements = self._displacements(n_steps_out)
        going, first = _still_going_around(starts, stops, displacements)
        weights = []
        for head in range(len(self.velocities)):
            moved = displacements[head]
            origins = tf.range(n_steps_in) - moved[:, None]
            inside = tf.clip_by_value(origins, 0, n_steps_in - 1)
            found = tf.gather(starts[..., head], inside, axis=1)
            found = tf.where(origins == inside, found, 0.0)
            going_ = tf.gather(going[..., head], moved - first, axis=1)
            weights.append(found * going_[..., None])
        weights = tf.stack(weights, axis=1)
        shape = -1, len(self.velocities), n_steps_out, self.steps_per_symbol, n_steps_in
        return tf.reduce_mean(tf.reshape(weights, shape), axis=3)

    def _by_direction(self, starts, stops):
        """Yield the heads that move forwards, then those that move backwards.

        Each group, unless it is empty, is a direction (1 or -1), the speeds, and a list
        of the probabilities of starts and of stops, with the steps in that direction.
        """
        velocities = [velocity for velocity, _ in self.velocities]
        n_forwards = sum(velocity >= 0 for velocity in velocities)
        for there, heads in ((1, slice(n_forwards)), (-1, slice(n_forwards, None))):
            if speeds := [abs(velocity) for velocity in velocities[heads]]:
                of_heads = [steps[:, ::there, heads] for steps in (starts, stops)]
                yield there, speeds, of_heads

    def n_steps_out(self, n_steps_in):
        """Return the number of steps of the answer to an input of n_steps_in."""
        if not self.any_length:
            return self.n_steps[1]
        n_in, n_out = self.n_steps
        return longest_answer(n_steps_in, n_in, n_out, self.padded)

    def compute_output_shape(self, values_shape, visible_shape=None):
        n_samples, n_steps_in, n_features = values_shape
        n_features *= len(self.velocities)
        if n_steps_in is None:
            n_steps = None
        else:
            n_steps = self.n_steps_out(n_steps_in) * self.steps_per_symbol
        if self.steps_per_symbol > 1:
            n_features += self.steps_per_symbol
        return n_samples, n_steps, n_features

    def compute_mask(self, values, visible=None, previous_mask=None):
        return None  # the output has steps of its own


@_serializable
class RelativeAttentionWeights(keras.layers.Layer):
    """Return the attention weights of a layer of relative attention."""

    supports_masking = True

    def __init__(self, attention, **kwargs):
        super().__init__(**kwargs)
        self.attention = attention

    def call(self, values, visible):
        return self.attention.weights_of_steps(values, visible)

    def compute_mask(self, values, visible=None, previous_mask=None):
        return None

    def compute_output_shape(self, values_shape, visible_shape=None):
        n_samples, n_steps, _ = self.attention.compute_output_shape(values_shape)
        n_steps = n_steps and n_steps // self.attention.steps_per_symbol
        return n_samples, len(self.attention.velocities), n_steps, values_shape[1]


@_serializable
class AnswerSteps(keras.layers.Layer):
    """Return the mask (n_samples, n_steps) of the steps that an answer may have.

    They are as many as in training, and more if the input has more symbols. Padding of
    the input does not count.
    """

    def __init__(self, n_steps, padded, steps_per_symbol=1, **kwargs):
        super().__init__(**kwargs)
        self.n_steps = tuple(n_steps)
        self.padded = padded
        self.steps_per_symbol = steps_per_symbol

    def call(self, visible, context):
        n_in, n_out = self.n_steps
        n_visible = tf.reduce_sum(tf.cast(visible, tf.int32), axis=1)
        longest = longest_answer(n_visible, n_in, n_out, self.padded)
        ends = tf.where(n_visible <= n_in, n_out, longest)
        return tf.range(_size(context, 1)) < self.steps_per_symbol * ends[:, None]

    def compute_output_spec(self, visible, context):
        return keras.KerasTensor(context.shape[:2], "bool")


@_serializable
class LastStepOfSymbol(keras.layers.Layer):
    """Return the last of the several steps that the decoder takes for each symbol."""

    def __init__(self, steps_per_symbol, **kwargs):
        super().__init__(**kwargs)
        self.steps_per_symbol = steps_per_symbol

    def call(self, steps):
        return steps[:, self.steps_per_symbol - 1 :: self.steps_per_symbol]

    def compute_output_shape(self, steps_shape):
        n_samples, n_steps, n_features = steps_shape
        return n_samples, n_steps and n_steps // self.steps_per_symbol, n_features


@_serializable
class EndOfAnswer(keras.layers.Layer):
    """Let only padding follow the first step that is most probably padding.

    It acts in prediction only. A network learns to continue with padding for no more
    steps than answers had in training.
    """

    def __init__(self, padding, **kwargs):
        super().__init__(**kwargs)
        self.padding = padding

    def call(self, probabilities, training=False):
        if training:
            return probabilities
        is_end = tf.argmax(probabilities, axis=-1) == self.padding
        n_ends = tf.cumsum(tf.cast(is_end, tf.int32), axis=1, exclusive=True)
        return only_padding(n_ends > 0, probabilities, self.padding)

    def compute_output_shape(self, probabilities_shape):
        return probabilities_shape


def _without_padding(values, visible):
    return values * tf.cast(visible, values.dtype)[..., None]


def _size(tensor, axis):
    """Return the size along an axis, an int if it is static."""
    size = tensor.shape[axis]
    return tf.shape(tensor)[axis] if size is None else size


def _displacements(speed, n_steps):
    """Return how far a head has moved at each step, an array if n_steps is an int."""
    if isinstance(n_steps, int):
        return np.floor(speed * np.arange(n_steps)).astype(np.int32)
    return tf.cast(tf.floor(speed * tf.cast(tf.range(n_steps), tf.float64)), tf.int32)


def _see(values, starts, stops, speeds, n_steps):
    """Return what heads see that move forwards.

    The fast special case of `_see_around`.

    Parameters
    ----------
    values : tensor of shape (n_samples, n_steps_in, n_features)
        The input.

    starts, stops : tensors of shape (n_samples, n_steps_in, n_heads)
        The probabilities that a head starts at a step, and that it stops there.

    speeds : list of float, length n_heads
        The number of steps that each head moves at a time, in descending order.

    n_steps : int or tensor
        The number of times.

    Returns
    -------
    seen : tensor of shape (n_samples, n_steps, n_heads, n_features)
    """
    n_places = _displacements(speeds[0], n_steps)[-1] + 1
    n_heads, n_features = len(speeds), values.shape[2]
    if _are_few_pairs(values, n_places):
        moved = tf.transpose(_moved(values, n_places), [0, 2, 1, 3])
        moved = tf.reshape(moved, [-1, values.shape[1], n_places * n_features])
        seen = tf.matmul(starts, moved, transpose_a=True)
        seen = tf.reshape(seen, [-1, n_heads, n_places, n_features])
        seen = tf.transpose(seen, [0, 2, 1, 3])
    else:
        starts_, values = (tf.transpose(a, [0, 2, 1]) for a in (starts, values))
        seen = _correlate(starts_[:, :, None], values[:, None], n_places)
        seen = tf.transpose(seen, [0, 3, 1, 2])
    seen *= _still_going(_met(starts, stops, n_places))[..., None]
    at_steps = []
    for speed in dict.fromkeys(speeds):
        first = speeds.index(speed)
        of_speed = seen[:, :, first : first + speeds.count(speed)]
        at_steps.append(_take(of_speed, speed, n_steps))
    return tf.concat(at_steps, axis=2)


def _see_around(values, starts, stops, displacements):
    """Return what heads see at some displacements from their starts.

    Parameters
    ----------
    values, starts, stops : tensors
        As in `_see`.

    displacements : array or tensor of shape (n_heads, n_steps)
        How far each head has moved at each step, in either direction.

    Returns
    -------
    seen : tensor of shape (n_samples, n_steps, n_heads, n_features)
    """
    first, n_places = _places_of(displacements)
    n_heads, n_features = starts.shape[2], values.shape[2]
    around = tf.transpose(_around(values, first, n_places), [0, 2, 1, 3])
    around = tf.reshape(around, [-1, _size(values, 1), n_places * n_features])
    seen = tf.matmul(starts, around, transpose_a=True)
    seen = tf.reshape(seen, [-1, n_heads, n_places, n_features])
    going, _ = _still_going_around(starts, stops, displacements)
    seen *= tf.transpose(going, [0, 2, 1])[..., None]
    # A product instead of a gather, whose gradient is slow with XLA.
    is_there = displacements[..., None] == _range_of(first, n_places)
    return tf.einsum("hqp,nhpf->nqhf", tf.cast(is_there, values.dtype), seen)


def _still_going_around(starts, stops, displacements):
    """Return the probability that a head has not stopped on its way to a displacement.

    It has the shape (n_samples, n_places, n_heads), one place for each displacement
    from the smallest to the largest of all heads. The smallest is returned too.
    """
    first, n_places = _places_of(displacements)
    met = tf.einsum("npih,nih->nph", _around(stops, first, n_places), starts)
    places = _range_of(first, n_places)
    # The places on the way from the start to each place, both included.
    passed = (places * places[:, None] >= 0) & (abs(places) <= abs(places[:, None]))
    passed = tf.cast(passed, starts.dtype)
    return tf.exp(tf.einsum("qp,nph->nqh", passed, _log_not(met))), first


def _places_of(displacements):
    """Return the smallest displacement of all heads, or 0, and the number of places.

    The places are all displacements up to the largest one, or 0.
    """
    if isinstance(displacements, np.ndarray):
        first = min(0, int(displacements.min()))
        return first, max(0, int(displacements.max())) - first + 1
    first = tf.minimum(0, tf.reduce_min(displacements))
    return first, tf.maximum(0, tf.reduce_max(displacements)) - first + 1


def _range_of(first, n):
    return first + (np.arange(n) if isinstance(n, int) else tf.range(n))


def _around(steps, first, n_places):
    """Return the steps moved by n_places displacements, the smallest of them first.

    The shape is (n_samples, n_places, n_steps, n_features); zeros are beyond the ends.
    """
    padded = tf.pad(steps, [[0, 0], [-first, first + n_places - 1], [0, 0]])
    n_steps = _size(steps, 1)
    if isinstance(n_steps, int) and isinstance(n_places, int):
        return _moved(padded, n_places)[:, :, :n_steps]
    at = tf.range(n_places)[:, None] + tf.range(n_steps)
    return tf.gather(padded, at, axis=1)


def _met(starts, stops, n_places):
    """Return the probability that a head stops at a displacement, if it comes there.

    It has the shape (n_samples, n_places, n_heads).
    """
    if _are_few_pairs(starts, n_places):
        return tf.reduce_sum(_moved(stops, n_places) * starts[:, None], axis=2)
    starts, stops = (tf.transpose(a, [0, 2, 1]) for a in (starts, stops))
    return tf.transpose(_correlate(starts, stops, n_places), [0, 2, 1])


def _still_going(met):
    """Return the probability that a head has not stopped up to a displacement.

    It is exact for a head that has one start with certainty; for other heads it is that
    of their starts together.
    """
    steps = _log_not(met)
    n_places = met.shape[1]
    if n_places is None or n_places > _MAX_STEPS_OF_PRODUCT:
        return tf.exp(tf.cumsum(steps, axis=1))
    until = np.tri(n_places, dtype=np.float32)
    return tf.exp(tf.einsum("qp,nph->nqh", until, steps))


def _log_not(met):
    """Return the logarithm of the probability that a head does not stop."""
    met = tf.where(met > NO_STOP, tf.minimum(met, 1 - 1e-6), 0.0)
    return tf.math.log1p(-met)


def _are_few_pairs(steps, n_places):
    n_steps = steps.shape[1]
    if n_steps is None or not isinstance(n_places, int | np.integer):
        return False
    return n_steps * n_places <= MAX_PAIRS


def _moved(steps, n_places):
    """Return the steps moved by the displacements 0 to n_places - 1.

    The shape is (n_samples, n_places, n_steps, n_features); zeros are beyond the end.
    """
    n_steps, n_features = steps.shape[1:]
    # Copies in a row are cut into pieces that are one step longer than a copy, so that
    # each piece begins one step later: XLA compiles this sooner than many slices.
    period = n_steps + n_places - 1
    copies = tf.pad(steps, [[0, 0], [0, n_places - 1], [0, 0]])
    copies = tf.tile(copies, [1, n_places + 1, 1])[:, : n_places * (period + 1)]
    pieces = tf.reshape(copies, [-1, n_places, period + 1, n_features])
    return pieces[:, :, :n_steps]


def _correlate(starts, steps, n_places):
    """Return the correlation of starts and steps over the last axis.

    Entry p is the sum of starts[i] * steps[i + p], for the displacements p from 0 to
    n_places - 1.
    """
    n_steps = _size(steps, -1)
    length = [_power_of_two(n_steps + n_places)]
    of_starts, of_steps = (tf.signal.rfft(array, length) for array in (starts, steps))
    product = tf.math.conj(of_starts) * of_steps
    return tf.signal.irfft(product, length)[..., :n_places]


def _take(seen, speed, n_steps):
    """Select from what heads see at each displacement what they see at each step."""
    displacements = _displacements(speed, n_steps)
    if not isinstance(displacements, np.ndarray):
        return tf.gather(seen, displacements, axis=1)
    # Without a gather, whose gradient is slow with XLA, and with few slices, since each
    # takes time to compile.
    if speed and float(speed).is_integer():
        return seen[:, :: int(speed)][:, :n_steps]
    if speed and (1 / speed).is_integer():
        return tf.repeat(seen, int(1 / speed), axis=1)[:, :n_steps]
    return tf.stack([seen[:, place] for place in displacements.tolist()], axis=1)


def _power_of_two(n):
    """Return the smallest power of two that is not less than n."""
    if isinstance(n, int | np.integer):
        return 2 ** math.ceil(math.log2(n))
    exponent = tf.math.ceil(tf.math.log(tf.cast(n, tf.float64)) / math.log(2))
    return tf.cast(2.0**exponent, tf.int32)
