"""Threads that train and predict at once, with equal and with different networks."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_seqadd import MappingRegressor, make_seq2seq_pipeline
from sklearn_seqadd._tensorflow import keras
from sklearn_seqadd.training import cache

N_THREADS = 8
NETWORKS = [
    {"decoder": "repeat", "encoder_units": 8},
    {"decoder": "repeat", "encoder_units": 9, "dropout": 0.2},
    {"decoder": "sequence", "encoder_units": 8, "bidirectional": True},
    {"decoder": "attention", "encoder_units": None},
    {"decoder": "autoregressive", "encoder_units": 8, "beam_width": 2},
    {"decoder": "repeat", "encoder_units": 8, "cell": "gru", "jit_compile": True},
]


def jobs():
    """Pairs of equal networks with different seeds, twice: 24 jobs."""
    for _ in range(2):
        for params in NETWORKS:
            for seed in range(2):
                yield make_seq2seq_pipeline(
                    **{"decoder_units": 8, "epochs": 2, "random_state": seed, **params}
                )


def work(pipe, X, y):
    """Fit, go on, predict, in the ways that there are; all that comes out."""
    pipe.fit(X, y)
    first = pipe.predict(X)
    arrays = pipe[:-1].transform(X)
    network = pipe[-1].partial_fit(arrays[:100], y[:100])
    return [
        first,
        pipe.predict(X),
        network.predict_step_proba(arrays),
        np.array(network.history_["loss"]),
        *network.weights_,
        *network.optimizer_state_,
    ]


@pytest.mark.parametrize("n_networks", [16, pytest.param(2, marks=pytest.mark.slow)])
def test_eight_threads_give_the_results_of_a_serial_run(
    small_sums, monkeypatch, n_networks
):
    # With two in the cache they are thrown out while others still compute with them.
    monkeypatch.setattr(cache, "_MAX_NETWORKS", n_networks)
    serial = [work(pipe, *small_sums) for pipe in jobs()]
    with ThreadPoolExecutor(N_THREADS) as pool:
        threaded = list(pool.map(lambda pipe: work(pipe, *small_sums), jobs()))
    for one, other in zip(serial, threaded, strict=True):
        for expected, found in zip(one, other, strict=True):
            np.testing.assert_array_equal(found, expected)


def test_one_fitted_estimator_answers_many_threads(fitted):
    questions = [f"{a}+{b}" for a in range(10) for b in range(10)]
    expected = fitted.predict(questions)
    with ThreadPoolExecutor(N_THREADS) as pool:
        for answers in pool.map(lambda _: fitted.predict(questions), range(64)):
            np.testing.assert_array_equal(answers, expected)


def test_regressors_and_classifiers_at_once(small_sums):
    X = np.random.RandomState(0).rand(200, 2)
    regressor = MappingRegressor("mlp", (4,), epochs=2, random_state=0)
    pipe = next(jobs())
    expected = [
        clone(regressor).fit(X, X.sum(axis=1)).predict(X),
        clone(pipe).fit(*small_sums).predict(small_sums[0]),
    ]
    with ThreadPoolExecutor(N_THREADS) as pool:
        running = []
        for _ in range(8):
            running.append(
                pool.submit(lambda: clone(regressor).fit(X, X.sum(axis=1)).predict(X))
            )
            running.append(
                pool.submit(lambda: clone(pipe).fit(*small_sums).predict(small_sums[0]))
            )
        for i, job in enumerate(running):
            np.testing.assert_array_equal(job.result(), expected[i % 2])


def test_a_callback_may_wait_for_threads_with_an_equal_network(fitted, small_sums):
    answers = []

    class AsksInAThread(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(fitted.predict, small_sums[0])
                answers.append(answer.result(timeout=60))

        def __deepcopy__(self, memo):
            return self

    params = fitted[-1].get_params(deep=False) | {
        "epochs": 2,
        "target_transformer": None,
    }
    network = type(fitted[-1])(**params | {"callbacks": [AsksInAThread()]})
    X = fitted[:-1].transform(small_sums[0])
    network.fit(X, small_sums[1])
    assert network.architecture_ == fitted[-1].architecture_
    for answer in answers:
        np.testing.assert_array_equal(answer, fitted.predict(small_sums[0]))
    # The callback has disturbed neither the weights nor the order of samples.
    undisturbed = type(network)(**params).fit(X, small_sums[1])
    for one, other in zip(network.weights_, undisturbed.weights_, strict=True):
        np.testing.assert_array_equal(one, other)
