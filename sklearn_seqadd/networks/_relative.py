"""Constants of relative attention, in a module that does not import Keras."""

# An optimizer such as Adam changes all weights by steps of one size, so a gain makes
# a layer learn faster: heads must find their places before anything else is learned
# (measured with sums of ten and twenty digits).
LOCAL_GAIN = 4.0
SCORE_GAIN = 16.0
CONTEXT_GAIN = 16.0

# A smaller gain before a dense layer (measured with products of three digits).
GAIN_BEFORE_DENSE = 4.0

# An untrained head stops at a symbol with probability 0.02, the sigmoid of this number,
# if the input has LENGTH_OF_SCORES symbols.
STOP_BIAS = -4.0

# The number of symbols at which scores are not scaled; they grow with its logarithm.
LENGTH_OF_SCORES = 8

# Smaller probabilities of a stop are rounding errors of the Fourier transforms.
NO_STOP = 1e-5

# Sums over all steps are products of matrices up to this number of pairs of a step and
# a displacement, and products of Fourier transforms beyond.
MAX_PAIRS = 8192


def as_pair(velocity):
    """Return how far a head moves with each symbol, and with each step within one."""
    return tuple(velocity) if isinstance(velocity, tuple | list) else (velocity, 0.0)
