"""What several test files need."""

import pytest

from sklearn_seqadd import make_addition, make_seq2seq_pipeline


@pytest.fixture(scope="session")
def small_sums():
    """Four hundred sums of numbers up to 9, with repetitions, and their results."""
    return make_addition(400, largest=9, random_state=0)


@pytest.fixture(scope="session")
def fitted():
    """A pipeline that has learned such sums. Not to be fitted again: copy it."""
    X, y = make_addition(1000, largest=9, random_state=0)
    return make_seq2seq_pipeline(
        encoder_units=32,
        decoder_units=32,
        learning_rate=0.01,
        epochs=40,
        random_state=0,
    ).fit(X, y)
