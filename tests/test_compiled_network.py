"""The compiled network: what it holds in memory, and that it is a Keras model."""

import tracemalloc

import numpy as np
from helpers import TINY

from sklearn_seqadd import Seq2SeqClassifier


def test_symbols_are_taken_block_by_block():
    rng = np.random.RandomState(0)
    y = rng.randint(50, size=(100, 30))
    estimator = Seq2SeqClassifier(**TINY | {"epochs": 1}).fit(rng.rand(100, 3), y)
    X = rng.rand(20_000, 3).astype(np.float32)
    estimator.predict(X[:10])
    tracemalloc.start()
    try:
        answers = estimator.predict(X)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    n_bytes_of_probabilities = 4 * answers.size * len(estimator.alphabet_)
    assert peak < n_bytes_of_probabilities / 2
    probabilities = estimator.predict_step_proba(X[-10:])
    np.testing.assert_array_equal(
        answers[-10:], estimator.alphabet_[probabilities.argmax(axis=2)]
    )
