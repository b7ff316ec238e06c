"""The cache: networks are compiled once, shared, and thrown out when it is full."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from helpers import TINY, assert_same_weights
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from sklearn_seqadd import (
    MappingRegressor,
    Seq2SeqClassifier,
    make_addition,
    make_seq2seq_pipeline,
)
from sklearn_seqadd._tensorflow import keras, tf
from sklearn_seqadd.training import cache


def test_a_cross_validation_compiles_once_to_train_and_once_to_predict(compilations):
    # 103 samples: the folds differ in size.
    X, y = make_addition(103, largest=9, random_state=0)
    cross_val_score(make_seq2seq_pipeline(**TINY), X, y)
    assert len(compilations) == 2


def test_a_grid_compiles_once_for_each_architecture(compilations):
    X, y = make_addition(100, largest=9, random_state=0)
    grid = {
        "seq2seqclassifier__encoder_units": [5, 6],
        "seq2seqclassifier__learning_rate": [1e-3, 3e-3, 1e-2],
        "seq2seqclassifier__schedule": [None, "cosine"],
        "seq2seqclassifier__random_state": [0, 1],
    }
    GridSearchCV(make_seq2seq_pipeline(**TINY), grid, cv=2).fit(X, y)
    assert len(compilations) == 4


@pytest.mark.slow
def test_the_cache_is_bounded(data):
    from sklearn_seqadd.training import cache

    X, y = data
    for units in range(1, cache._networks.capacity + 4):
        estimator = Seq2SeqClassifier(units, 2, epochs=1).fit(X, y)
    assert len(cache._networks) == cache._networks.capacity
    for i in range(6):
        estimator.set_params(batch_size=10 + i).fit(X, y)
    programs = cache._networks[estimator._network].compiled._training_programs
    assert len(programs) == programs.capacity == 4


def test_a_network_that_left_the_cache_comes_back_the_same(data, monkeypatch):
    from sklearn_seqadd.training import cache

    X, y = data
    estimator = Seq2SeqClassifier(**TINY).fit(X, y)
    expected = estimator.predict_step_proba(X)
    monkeypatch.setattr(cache._networks, "capacity", 1)
    Seq2SeqClassifier(**TINY | {"cell": "gru"}).fit(X, y)
    np.testing.assert_array_equal(estimator.predict_step_proba(X), expected)
    assert_same_weights(estimator, clone(estimator).fit(X, y))


def test_memory_does_not_grow_with_the_number_of_fits(data):
    def resident():
        gc.collect()
        pages = Path("/proc/self/statm").read_text().split()[1]
        return int(pages) * 4096 / 1e6

    if not Path("/proc/self/statm").exists():
        pytest.skip("needs /proc")
    estimator = Seq2SeqClassifier(**TINY)
    for _ in range(5):
        estimator.fit(*data).predict(data[0])
    before = resident()
    for _ in range(50):
        estimator.fit(*data).predict(data[0])
    assert (resident() - before) / 50 < 0.2


# --------------------------------------------------------------- threads and callbacks


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
    """Fit, continue, predict, in the ways that there are; all that comes out."""
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


@pytest.mark.slow
@pytest.mark.parametrize("n_networks", [16, 2])
def test_eight_threads_give_the_results_of_a_serial_run(
    small_sums, monkeypatch, n_networks
):
    serial = [work(pipe, *small_sums) for pipe in jobs()]
    # With two in the cache they are thrown out while others still compute with them.
    monkeypatch.setattr(cache._networks, "capacity", n_networks)
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


def test_a_callback_may_predict_with_another_estimator(data):
    other = Seq2SeqClassifier(**TINY).fit(*data)
    expected = other.predict_step_proba(data[0])
    seen = []

    class Asker(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(other.predict_step_proba(data[0]))

        def __deepcopy__(self, memo):
            return self

    asking = Seq2SeqClassifier(**TINY, callbacks=[Asker()]).fit(*data)
    assert len(seen) == 2
    np.testing.assert_allclose(seen[-1], expected, atol=1e-6)
    assert_same_weights(asking, other)


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
    assert_same_weights(network, undisturbed)


class Asks(keras.callbacks.Callback):
    """Predicts with an estimator at the end of each epoch."""

    def __init__(self, estimator, X):
        super().__init__()
        self.estimator, self.X = estimator, X
        self.answers = []

    def on_epoch_end(self, epoch, logs=None):
        self.answers.append(self.estimator.predict_step_proba(self.X))

    def __deepcopy__(self, memo):
        return self


@pytest.fixture
def built(monkeypatch):
    """The descriptions of the networks that were built since the test began."""
    descriptions = []

    class Recorded(cache.CompiledNetwork):
        def __init__(self, description):
            descriptions.append(description)
            super().__init__(description)

    monkeypatch.setattr(cache, "CompiledNetwork", Recorded)
    return descriptions


def test_a_callback_that_predicts_uses_the_network_in_the_cache(data, built):
    other = Seq2SeqClassifier(**TINY | {"encoder_units": 7}).fit(*data)
    expected = other.predict_step_proba(data[0])
    estimator = Seq2SeqClassifier(**TINY, callbacks=[Asks(other, data[0])])
    estimator.fit(*data)
    built.clear()
    estimator.set_params(epochs=20).fit(*data)
    assert built == []
    for answer in estimator.callbacks[0].answers:
        np.testing.assert_array_equal(answer, expected)


def test_a_callback_may_predict_with_the_architecture_that_is_trained(data, built):
    other = Seq2SeqClassifier(**TINY).fit(*data)
    expected = other.predict_step_proba(data[0])
    asking = Seq2SeqClassifier(**TINY, callbacks=[Asks(other, data[0])])
    for epochs in (20, 2):
        asking.set_params(epochs=epochs).fit(*data)
    assert asking.architecture_ == other.architecture_
    assert len(built) <= 2
    for answer in asking.callbacks[0].answers:
        np.testing.assert_array_equal(answer, expected)
    assert_same_weights(asking, other)


class Taught(BaseEstimator):
    """A network whose `build` calls something first."""

    def __init__(self, call):
        self.call = call

    def __sklearn_clone__(self):
        return self

    def build(self, n_steps_in, n_features, n_steps_out, n_symbols):
        self.call()
        return keras.Sequential(
            [
                keras.Input((n_steps_in, n_features)),
                keras.layers.Flatten(),
                keras.layers.Dense(n_steps_out * n_symbols),
                keras.layers.Reshape((n_steps_out, n_symbols)),
                keras.layers.Softmax(),
            ]
        )


def done_in_a_thread(call):
    """Call something in a thread, which must come to an end; what it returns."""
    found = []
    thread = threading.Thread(target=lambda: found.append(call()), daemon=True)
    thread.start()
    thread.join(timeout=120)
    assert not thread.is_alive()
    (result,) = found
    return result


def test_a_build_may_predict_with_another_estimator_and_fit_it(data):
    averaging = keras.optimizers.Adam(use_ema=True)
    teacher = Seq2SeqClassifier(**TINY | {"optimizer": averaging})
    expected = clone(teacher).fit(*data)
    plain = Seq2SeqClassifier(network=Taught(int), epochs=2, random_state=0).fit(*data)
    cache._networks.clear()
    seen = []

    def teach():
        seen.append(teacher.fit(*data).predict_step_proba(data[0]))

    taught = Seq2SeqClassifier(network=Taught(teach), epochs=2, random_state=0)
    done_in_a_thread(lambda: taught.fit(*data))
    assert_same_weights(taught, plain)
    np.testing.assert_array_equal(seen[0], expected.predict_step_proba(data[0]))
    # With the network that was built meanwhile.
    assert_same_weights(clone(teacher).fit(*data), expected)


def test_others_find_their_networks_while_one_is_built(data):
    known = Seq2SeqClassifier(**TINY).fit(*data)
    expected = known.predict_step_proba(data[0])
    is_building, may_go_on = threading.Event(), threading.Event()

    def wait():
        is_building.set()
        assert may_go_on.wait(timeout=120)

    slow = Seq2SeqClassifier(network=Taught(wait), epochs=1)
    with ThreadPoolExecutor(1) as pool:
        fitting = pool.submit(slow.fit, *data)
        try:
            assert is_building.wait(timeout=120)
            found = done_in_a_thread(lambda: known.predict_step_proba(data[0]))
        finally:
            may_go_on.set()
        fitting.result(timeout=120)
    np.testing.assert_array_equal(found, expected)


def test_two_callbacks_may_ask_for_each_others_networks(data):
    one, other = (
        Seq2SeqClassifier(**TINY | {"encoder_units": units}).fit(*data)
        for units in (8, 7)
    )
    both_train = threading.Barrier(2)

    class Meets(Asks):
        def on_epoch_end(self, epoch, logs=None):
            if not epoch:
                both_train.wait(timeout=120)
            super().on_epoch_end(epoch, logs)

    with ThreadPoolExecutor(2) as pool:
        fits = [
            pool.submit(clone(a).set_params(callbacks=[Meets(b, data[0])]).fit, *data)
            for a, b in ((one, other), (other, one))
        ]
        for fit, expected in zip(fits, (one, other), strict=True):
            assert_same_weights(fit.result(timeout=120), expected)


# ------------------------------------------------------------------ what has failed


class Fails(keras.layers.Layer):
    """A layer that can be built, but not traced in training while it is told to."""

    is_on = False

    def call(self, inputs, training=False):
        if training and Fails.is_on:
            raise LookupError("not yet")
        return inputs


class WithFails(Taught):
    def build(self, **shapes):
        network = super().build(**shapes)
        network.add(Fails())
        return network


@pytest.mark.parametrize("moment", ["build", "trace"])
def test_a_network_that_failed_is_not_kept(data, built, monkeypatch, moment):
    def call():
        if moment == "build" and Fails.is_on:
            raise LookupError("not yet")

    estimator = Seq2SeqClassifier(network=WithFails(call), epochs=1, random_state=0)
    monkeypatch.setattr(Fails, "is_on", True)
    for _ in range(2):
        with pytest.raises(LookupError, match="not yet"):
            estimator.fit(*data)
    monkeypatch.setattr(Fails, "is_on", False)
    estimator.fit(*data)
    assert len(built) == 3
    cache._networks.clear()
    assert_same_weights(clone(estimator).fit(*data), estimator)


class Checks(keras.layers.Layer):
    """Takes numbers below one only."""

    def call(self, inputs, training=False):
        if training:
            tf.debugging.assert_less(tf.reduce_max(inputs), 1.0)
        return inputs


class WithChecks(Taught):
    def build(self, **shapes):
        network = super().build(**shapes)
        return keras.Sequential([network.inputs[0], Checks(), *network.layers])


def test_an_error_of_a_layer_comes_through_and_the_network_is_not_kept(data, built):
    X, y = data
    estimator = Seq2SeqClassifier(
        network=WithChecks(int), epochs=1, random_state=0, jit_compile=False
    )
    expected = clone(estimator).fit(X, y)
    with pytest.raises(tf.errors.InvalidArgumentError):
        clone(estimator).fit(X + 1, y)
    assert_same_weights(clone(estimator).fit(X, y), expected)
    assert len(built) == 2


def test_a_callback_that_fails_costs_no_network(data, built):
    class Pruned(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise LookupError("pruned")

    with pytest.raises(LookupError):
        Seq2SeqClassifier(**TINY, callbacks=[Pruned()]).fit(*data)
    built.clear()
    Seq2SeqClassifier(**TINY).fit(*data)
    assert built == []


# ---------------------------------------------------------------- garbage collection


@pytest.mark.parametrize("is_enabled", [True, False])
def test_garbage_collection_is_paused_only_while_something_is_built(data, is_enabled):
    before = gc.isenabled()
    (gc.enable if is_enabled else gc.disable)()
    try:
        Seq2SeqClassifier(**{**TINY, "encoder_units": 5 + is_enabled}).fit(*data)
        assert gc.isenabled() is is_enabled
        with pytest.raises(ValueError, match="must return a keras.Model"):
            Seq2SeqClassifier(network=shapeless).fit(*data)
        assert gc.isenabled() is is_enabled
    finally:
        (gc.enable if before else gc.disable)()


def shapeless(n_steps_in, n_features, n_steps_out, n_symbols):
    return None
