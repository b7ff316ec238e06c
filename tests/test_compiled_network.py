"""Compiled programs train and predict as Keras does, with and without XLA."""

import tracemalloc

import numpy as np
import pytest
from helpers import TINY, assert_same_weights, slow

from sklearn_seqadd import Seq2SeqClassifier, make_seq2seq_pipeline


def test_it_trains_as_keras_does(data):
    import keras

    X, y = data
    params = {**TINY, "batch_size": 100, "epochs": 10, "learning_rate": 0.01}
    estimator = Seq2SeqClassifier(**params).fit(X, y)
    # One mini-batch an epoch, so that the order of samples plays no part.
    untrained = Seq2SeqClassifier(**{**params, "epochs": 1, "learning_rate": 1e-12})
    model = untrained.fit(X, y).model_
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    codes = np.searchsorted(estimator.alphabet_, y)
    model.fit(X, codes, batch_size=100, epochs=10, verbose=0)
    for a, b in zip(estimator.weights_, model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize(
    "optimizer", ["adam", slow("sgd"), slow("rmsprop"), slow("adamw")]
)
def test_with_and_without_xla_the_results_agree(data, optimizer):
    with_xla, without = (
        Seq2SeqClassifier(**TINY, optimizer=optimizer, jit_compile=jit).fit(*data)
        for jit in (True, False)
    )
    assert_same_weights(with_xla, without, atol=1e-5)


def test_the_way_is_chosen_by_parameters_and_sizes(compilations, data):
    X, y = data
    Seq2SeqClassifier(**TINY).fit(X, y)
    Seq2SeqClassifier(**{**TINY, "epochs": 10**6, "batch_size": 50}).partial_fit(X, y)
    Seq2SeqClassifier(**TINY, jit_compile=True).fit(X, y)
    assert compilations == [False, True, True]


@pytest.mark.parametrize("n_samples", [1, 31, 32, 33, 2049])
def test_any_number_of_samples_is_predicted_one_by_one_or_at_once(data, n_samples):
    estimator = Seq2SeqClassifier(**TINY).fit(*data)
    X = np.random.RandomState(1).rand(n_samples, 3, 2)
    at_once = estimator.predict_step_proba(X)
    assert at_once.shape == (n_samples, 2, 4)
    some = np.arange(n_samples)[::500]
    one_by_one = np.vstack([estimator.predict_step_proba(X[[i]]) for i in some])
    np.testing.assert_allclose(at_once[some], one_by_one, atol=1e-6)


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


def test_a_seeded_fit_leaves_no_trace_and_an_unseeded_one_follows(data):
    import tensorflow as tf

    Seq2SeqClassifier(**TINY).fit(*data)
    tf.random.uniform([2])  # dies if a seed is demanded of everybody
    one, other = (
        Seq2SeqClassifier(**{**TINY, "random_state": None}).fit(*data) for _ in range(2)
    )
    assert any(
        (a != b).any() for a, b in zip(one.weights_, other.weights_, strict=True)
    )


@pytest.mark.parametrize(
    "decoder", ["repeat", slow("relative"), slow("autoregressive")]
)
def test_programs_bind_their_arguments_at_once(small_sums, monkeypatch, decoder):
    # Of a call that does not bind TensorFlow makes an error with all arguments in it,
    # and tries another way, which takes longer than a small mini-batch.
    from sklearn_seqadd._tensorflow import tf

    def put_in_words(tensor):
        raise AssertionError("a tensor was put in words")

    monkeypatch.setattr(type(tf.constant(0)), "__repr__", put_in_words)
    X, y = small_sums
    for weight_decay in (None, 0.1):
        pipe = make_seq2seq_pipeline(
            decoder=decoder,
            encoder_units=4,
            decoder_units=4,
            epochs=1,
            weight_decay=weight_decay,
            random_state=0,
        ).fit(X, y)
        pipe.score(X, y)
        pipe[-1].predict_step_proba(pipe[:-1].transform(X))
