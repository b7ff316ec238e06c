"""Attention that finds by content where to start, and moves on from there."""

import math

import numpy as np

from .._tensorflow import keras, tf
from .layers import longest_answer, only_padding
from .velocities import as_pair

_serializable = keras.saving.register_keras_serializable("sklearn_seqadd")

# Features of the neighbourhood of a step, from which its scores are computed.
_LOCAL_UNITS = 64

# An optimizer such as Adam moves all weights by steps of one size. What is multiplied
# by these moves faster: heads must find their places before anything else is learned
# (measured with sums of ten and twenty digits).
LOCAL_GAIN = 4.0
SCORE_GAIN = 16.0
CONTEXT_GAIN = 16.0

# Less where a dense layer comes first (measured with products of three digits).
GAIN_BEFORE_DENSE = 4.0

# Before anything is learned a head stops at a symbol with probability 0.02.
STOP_BIAS = -4.0

# Scores are as they are in a string of so many symbols.
LENGTH_OF_SCORES = 8

# With so small a probability a head does not stop: rounding errors of the transforms.
NO_STOP = 1e-5

# Up to so many steps a product of matrices is faster with XLA than a running sum.
_MAX_STEPS_OF_PRODUCT = 64

# With so many pairs of a step and a displacement the sum over steps is a product of
# matrices, with more a product of Fourier transforms.
MAX_PAIRS = 8192


@_serializable
class RelativeAttention(keras.layers.Layer):
    """Heads that look at one step of the input after the other.

    Where a head starts is found by content: each step has a score by the symbols that
    stand there and beside it, and the softmax of the scores, in which "nowhere" has a
    place too, says where the head starts. At step t of the answer it looks at what is
    t * velocity steps further, and at nothing beyond the ends. The head moves as a
    whole, so what it sees stays as sharp as its start. Where it stops is found by
    content as well: each symbol ends its way with some probability, and from there on
    it sees nothing, as if the string ended there. So the end of the first number of a
    sum is seen as that of the second is, and need not be remembered. No position is
    learned, nothing depends on the number of steps, and padding is as if absent.
    Related: shift weighting [1]_ and location-relative attention [2]_.

    In longer strings there is more to confuse a start or an end with, so scores grow
    with the logarithm of the number of symbols [3]_.

    Parameters
    ----------
    velocities : sequence of float or pairs of float
        By head: how many steps of the input it moves with each symbol of the answer; as
        a pair, with each symbol and with each step that is taken for one. Heads are
        sorted: those that move forwards first, and the fastest of them first.

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
        n_heads = len(self.velocities)
        self.score_kernel = self.add_weight(
            (_LOCAL_UNITS, n_heads), initializer=small, name="score_kernel"
        )
        self.stop_kernel = self.add_weight(
            (_LOCAL_UNITS, n_heads), initializer=small, name="stop_kernel"
        )

    def call(self, values, visible):
        """What heads see, (n_samples, n_steps_out * steps_per_symbol, n_features)."""
        values = _without_padding(values, visible)
        starts, stops = self.starts_and_stops(values, visible)
        n_steps_out = self.n_steps_out(_size(values, 1))
        if self.steps_per_symbol > 1:
            # Elsewhere a head moves one way only, which takes less time to compute.
            return self._at_every_step(values, starts, stops, n_steps_out)
        seen = [
            _see(values[:, ::there], *ways, speeds, n_steps_out)
            for there, speeds, *ways in self._by_direction(starts, stops)
        ]
        n_features = len(self.velocities) * values.shape[-1]
        seen = tf.reshape(tf.concat(seen, axis=2), [-1, n_steps_out, n_features])
        return self.gain * seen

    def _at_every_step(self, values, starts, stops, n_steps_out):
        """What heads see that may move to and fro within a symbol of the answer."""
        moved = self._displacements(n_steps_out)
        seen = _see_around(values, starts, stops, moved)
        n_features = len(self.velocities) * values.shape[-1]
        n_steps = n_steps_out * self.steps_per_symbol
        seen = self.gain * tf.reshape(seen, [-1, n_steps, n_features])
        which = tf.tile(tf.eye(self.steps_per_symbol), [n_steps_out, 1])
        which = tf.repeat(which[None], tf.shape(seen)[0], axis=0)
        return tf.concat([seen, which], axis=2)

    def _displacements(self, n_steps_out):
        """How far each head has moved at each step, (n_heads, n_steps).

        An array where that is known. Negative numbers are backwards.
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
        """Where each head starts, and whether it stops there if it comes there.

        Two arrays of probabilities (n_samples, n_steps_in, n_heads); those of the
        starts sum to 1 less the probability of a start nowhere.
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
        """How much each head looks at each step.

        Of shape (n_samples, n_heads, n_steps_out, n_steps_in). Rows sum to 1 less what
        the head has nowhere, beyond the ends and where it has stopped.
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
        """Heads that move forwards, and those that move backwards from the other end.

        The direction, speeds, starts and stops of each of the two, if there are any.
        """
        velocities = [velocity for velocity, _ in self.velocities]
        n_forwards = sum(velocity >= 0 for velocity in velocities)
        for there, heads in ((1, slice(n_forwards)), (-1, slice(n_forwards, None))):
            if speeds := [abs(velocity) for velocity in velocities[heads]]:
                of_heads = (steps[:, ::there, heads] for steps in (starts, stops))
                yield there, speeds, *of_heads

    def n_steps_out(self, n_steps_in):
        """The number of steps of the answer to an input of so many."""
        if not self.any_length:
            return self.n_steps[1]
        return longest_answer(n_steps_in, *self.n_steps, self.padded)

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
        return None  # the steps of the input are not those of the output


@_serializable
class RelativeAttentionWeights(keras.layers.Layer):
    """How much each head of a layer of relative attention looks where."""

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
    """Which steps an answer to the visible symbols may have, (n_samples, n_steps).

    As many as in training, and more where there are more symbols. It does not depend on
    how much padding there is.
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
    """Of several steps for each symbol the last one."""

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
    """In prediction nothing follows the first step that is most probably padding.

    A network learns what comes then for as many steps as there were in training only.
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
    """The size along an axis, an int where it is known."""
    size = tensor.shape[axis]
    return tf.shape(tensor)[axis] if size is None else size


def _displacements(speed, n_steps):
    """How far a head has moved at each step, an array where that is known."""
    if isinstance(n_steps, int):
        return np.floor(speed * np.arange(n_steps)).astype(np.int32)
    return tf.cast(tf.floor(speed * tf.cast(tf.range(n_steps), tf.float64)), tf.int32)


def _see(values, starts, stops, speeds, n_steps):
    """What heads see that move forwards, (n_samples, n_steps, n_heads, n_features).

    Speeds are sorted, the highest first.
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
    """What heads see so far from their starts.

    Of shape (n_samples, n_steps, n_heads, n_features). Displacements are of shape
    (n_heads, n_steps), of either sign.
    """
    first, n_places = _places_of(displacements)
    n_heads, n_features = starts.shape[2], values.shape[2]
    around = tf.transpose(_around(values, first, n_places), [0, 2, 1, 3])
    around = tf.reshape(around, [-1, _size(values, 1), n_places * n_features])
    seen = tf.matmul(starts, around, transpose_a=True)
    seen = tf.reshape(seen, [-1, n_heads, n_places, n_features])
    going, _ = _still_going_around(starts, stops, displacements)
    seen *= tf.transpose(going, [0, 2, 1])[..., None]
    # A product, as XLA is slow with the gradients of gathers.
    is_there = displacements[..., None] == _range_of(first, n_places)
    return tf.einsum("hqp,nhpf->nqhf", tf.cast(is_there, values.dtype), seen)


def _still_going_around(starts, stops, displacements):
    """Probability that a head has not stopped on its way to a place, and that first.

    Of shape (n_samples, n_places, n_heads), from the first place on that any comes to.
    """
    first, n_places = _places_of(displacements)
    met = tf.einsum("npih,nih->nph", _around(stops, first, n_places), starts)
    places = _range_of(first, n_places)
    # On the way from the start, itself included.
    passed = (places * places[:, None] >= 0) & (abs(places) <= abs(places[:, None]))
    passed = tf.cast(passed, starts.dtype)
    return tf.exp(tf.einsum("qp,nph->nqh", passed, _log_not(met))), first


def _places_of(displacements):
    """The first of the places that heads come to, their start included; how many."""
    if isinstance(displacements, np.ndarray):
        first = min(0, int(displacements.min()))
        return first, max(0, int(displacements.max())) - first + 1
    first = tf.minimum(0, tf.reduce_min(displacements))
    return first, tf.maximum(0, tf.reduce_max(displacements)) - first + 1


def _range_of(first, n):
    return first + (np.arange(n) if isinstance(n, int) else tf.range(n))


def _around(steps, first, n_places):
    """The steps as seen from so many places before or behind, of which zero is one.

    Of shape (n_samples, n_places, n_steps, n_features).
    """
    padded = tf.pad(steps, [[0, 0], [-first, first + n_places - 1], [0, 0]])
    n_steps = _size(steps, 1)
    if isinstance(n_steps, int) and isinstance(n_places, int):
        return _moved(padded, n_places)[:, :, :n_steps]
    at = tf.range(n_places)[:, None] + tf.range(n_steps)
    return tf.gather(padded, at, axis=1)


def _met(starts, stops, n_places):
    """Probability that a head stops at a place, if it comes there.

    Of shape (n_samples, n_places, n_heads).
    """
    if _are_few_pairs(starts, n_places):
        return tf.reduce_sum(_moved(stops, n_places) * starts[:, None], axis=2)
    starts, stops = (tf.transpose(a, [0, 2, 1]) for a in (starts, stops))
    return tf.transpose(_correlate(starts, stops, n_places), [0, 2, 1])


def _still_going(met):
    """Probability that a head has not stopped, at that place included.

    Exact for a head with one start; one that is undecided fades as a whole.
    """
    steps = _log_not(met)
    n_places = met.shape[1]
    if n_places is None or n_places > _MAX_STEPS_OF_PRODUCT:
        return tf.exp(tf.cumsum(steps, axis=1))
    until = np.tri(n_places, dtype=np.float32)
    return tf.exp(tf.einsum("qp,nph->nqh", until, steps))


def _log_not(met):
    """The logarithm of the probability that a head does not stop."""
    met = tf.where(met > NO_STOP, tf.minimum(met, 1 - 1e-6), 0.0)
    return tf.math.log1p(-met)


def _are_few_pairs(steps, n_places):
    n_steps = steps.shape[1]
    if n_steps is None or not isinstance(n_places, int | np.integer):
        return False
    return n_steps * n_places <= MAX_PAIRS


def _moved(steps, n_places):
    """The steps as seen from where they are, from a place before that, and so on.

    Of shape (n_samples, n_places, n_steps, n_features).
    """
    n_steps, n_features = steps.shape[1:]
    # Copies in a row, cut into pieces that are one longer than a copy, so that each
    # begins one step later: one operation, which XLA compiles sooner than many slices.
    period = n_steps + n_places - 1
    copies = tf.pad(steps, [[0, 0], [0, n_places - 1], [0, 0]])
    copies = tf.tile(copies, [1, n_places + 1, 1])[:, : n_places * (period + 1)]
    pieces = tf.reshape(copies, [-1, n_places, period + 1, n_features])
    return pieces[:, :, :n_steps]


def _correlate(starts, steps, n_places):
    """Sums over the last axis of starts times what is so many places further."""
    n_steps = _size(steps, -1)
    length = [_power_of_two(n_steps + n_places)]
    of_starts, of_steps = (tf.signal.rfft(array, length) for array in (starts, steps))
    product = tf.math.conj(of_starts) * of_steps
    return tf.signal.irfft(product, length)[..., :n_places]


def _take(seen, speed, n_steps):
    """What heads see at each step, having moved so far."""
    displacements = _displacements(speed, n_steps)
    if not isinstance(displacements, np.ndarray):
        return tf.gather(seen, displacements, axis=1)
    # No gather, with whose gradient XLA is slow, and few slices, as each is compiled.
    if speed and float(speed).is_integer():
        return seen[:, :: int(speed)][:, :n_steps]
    if speed and (1 / speed).is_integer():
        return tf.repeat(seen, int(1 / speed), axis=1)[:, :n_steps]
    return tf.stack([seen[:, place] for place in displacements.tolist()], axis=1)


def _power_of_two(n):
    """The smallest that is not less."""
    if isinstance(n, int | np.integer):
        return 2 ** math.ceil(math.log2(n))
    exponent = tf.math.ceil(tf.math.log(tf.cast(n, tf.float64)) / math.log(2))
    return tf.cast(2.0**exponent, tf.int32)
