"""What several test files need; what is a fixture stands in conftest.py."""

import numpy as np

from sklearn_seqadd import make_seq2seq_pipeline

# A network that is built and trained in no time.
TINY = {"encoder_units": 8, "decoder_units": 8, "epochs": 2, "random_state": 0}


def tiny_pipeline(**params):
    return make_seq2seq_pipeline(**{**TINY, **params})


def assert_same_weights(one, other, **tolerance):
    """The weights of two fitted estimators, bit for bit unless there is a tolerance."""
    for a, b in zip(one.weights_, other.weights_, strict=True):
        if tolerance:
            np.testing.assert_allclose(a, b, **tolerance)
        else:
            np.testing.assert_array_equal(a, b)
