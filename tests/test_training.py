"""What shared compilation promises: once compiled, the same results, nothing leaked."""

import copy
import gc
import io
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np
import pytest
from helpers import TINY, assert_same_weights
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from sklearn_seqadd import Seq2SeqClassifier, make_addition, make_seq2seq_pipeline

# ------------------------------------------------------------- one compilation


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
    from sklearn_seqadd.training import cache, network

    X, y = data
    for units in range(1, cache._MAX_NETWORKS + 4):
        estimator = Seq2SeqClassifier(units, 2, epochs=1).fit(X, y)
    assert len(cache._networks) == cache._MAX_NETWORKS
    for i in range(network._MAX_TRAINING_PROGRAMS + 2):
        estimator.set_params(batch_size=10 + i).fit(X, y)
    programs = cache._networks[estimator._network]._programs.training
    assert len(programs) == network._MAX_TRAINING_PROGRAMS


def test_a_network_that_left_the_cache_comes_back_the_same(data, monkeypatch):
    from sklearn_seqadd.training import cache

    X, y = data
    estimator = Seq2SeqClassifier(**TINY).fit(X, y)
    expected = estimator.predict_step_proba(X)
    monkeypatch.setattr(cache, "_MAX_NETWORKS", 1)
    Seq2SeqClassifier(**TINY | {"cell": "gru"}).fit(X, y)
    np.testing.assert_array_equal(estimator.predict_step_proba(X), expected)
    assert_same_weights(estimator, clone(estimator).fit(X, y))


# ------------------------------------------------------------- two ways, one result


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop", "adamw"])
def test_with_and_without_xla_the_results_agree(data, optimizer):
    with_xla, without = (
        Seq2SeqClassifier(**TINY, optimizer=optimizer, jit_compile=jit).fit(*data)
        for jit in (True, False)
    )
    assert_same_weights(with_xla, without, atol=1e-5)


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


# ---------------------------------------------------------- what people use Keras for


def keras_callback():
    from keras.callbacks import Callback

    return Callback


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras on NumPy 2.4
def test_a_callback_may_change_the_learning_rate(data):
    import keras

    stop = keras.callbacks.LearningRateScheduler(lambda epoch: 0.0 if epoch else 0.01)
    one, three = (
        Seq2SeqClassifier(**{**TINY, "epochs": epochs}, callbacks=[stop]).fit(*data)
        for epochs in (1, 3)
    )
    assert_same_weights(one, three, atol=1e-7)


def test_early_stopping_restores_the_best_weights(data):
    import keras

    stopper = keras.callbacks.EarlyStopping(
        "loss", patience=0, min_delta=10, restore_best_weights=True
    )
    stopped = Seq2SeqClassifier(**{**TINY, "epochs": 9}, callbacks=[stopper]).fit(*data)
    once = Seq2SeqClassifier(**{**TINY, "epochs": 1}).fit(*data)
    assert len(stopped.history_["loss"]) == 2
    assert_same_weights(stopped, once)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("params", "layers"),
    [
        ({}, ""),  # all of them Keras' own
        ({"decoder": "attention", "mask_padding": True}, "sklearn_seqadd.networks"),
        (
            {"decoder": "autoregressive", "mask_padding": True},
            "sklearn_seqadd.networks",
        ),
    ],
    ids=["repeat", "attention", "autoregressive"],
)
@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras on NumPy 2.4
def test_a_checkpoint_holds_a_model_that_plain_keras_loads(
    data, tmp_path, params, layers
):
    import keras

    path = tmp_path / "model.keras"
    checkpoint = keras.callbacks.ModelCheckpoint(path)
    estimator = Seq2SeqClassifier(**TINY, **params, callbacks=[checkpoint]).fit(*data)
    script = (
        "import os; os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'\n"
        f"import keras, numpy as np{layers and ', ' + layers}\n"
        f"model = keras.models.load_model({str(path)!r})\n"
        f"np.savez({str(tmp_path / 'w.npz')!r}, *model.get_weights())\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    loaded = np.load(tmp_path / "w.npz")
    for name, weight in zip(loaded.files, estimator.weights_, strict=True):
        np.testing.assert_array_equal(loaded[name], weight)


# ------------------------------------------------------------------- no trace left


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


@pytest.mark.parametrize(
    "travel",
    [
        pytest.param(lambda e: pickle.loads(pickle.dumps(e)), id="pickle"),
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda e: joblib_round_trip(e), id="joblib"),
    ],
)
def test_a_copy_predicts_the_same(fitted, travel):
    X = fitted[:-1].transform(["2+3", "4+8"])
    np.testing.assert_array_equal(
        fitted[-1].predict_step_proba(X), travel(fitted)[-1].predict_step_proba(X)
    )


def joblib_round_trip(estimator):
    file = io.BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    return joblib.load(file)


def test_a_file_is_no_larger_than_the_weights_and_100_kB(fitted):
    n_bytes = sum(weight.nbytes for weight in fitted[-1].weights_)
    assert len(pickle.dumps(fitted)) < n_bytes + 100_000


def test_a_clone_is_not_fitted(fitted):
    assert not hasattr(clone(fitted)[-1], "weights_")


# ------------------------------------------------------------- processes and threads


def test_processes_of_any_number_give_the_same_bits(data):
    fit = joblib.delayed(Seq2SeqClassifier(**TINY, jit_compile=True).fit)
    here = Seq2SeqClassifier(**TINY, jit_compile=True).fit(*data)
    for there in joblib.Parallel(n_jobs=2)(fit(*data) for _ in range(2)):
        assert_same_weights(here, there)


def count_threads_of_a_worker():
    from sklearn_seqadd._tensorflow import tf

    return tf.config.threading.get_intra_op_parallelism_threads()


def test_workers_share_the_cores_instead_of_fighting_for_them():
    # Not parallel_config, which the oldest joblib of scikit-learn 1.6 does not have.
    with joblib.parallel_backend("loky", inner_max_num_threads=1):
        count = joblib.delayed(count_threads_of_a_worker)
        assert joblib.Parallel(n_jobs=2)(count() for _ in range(2)) == [1, 1]


def test_threads_give_the_results_of_a_serial_run(data):
    X, y = data
    estimators = [Seq2SeqClassifier(4 + i % 3, 4, random_state=i) for i in range(8)]
    for estimator in estimators:
        estimator.set_params(epochs=2)
    serial = [clone(estimator).fit(X, y) for estimator in estimators]
    with ThreadPoolExecutor(8) as pool:
        threaded = list(pool.map(lambda e: e.fit(X, y), estimators))
        predicted = list(pool.map(lambda e: e.predict_step_proba(X), threaded))
    for one, other, probabilities in zip(serial, threaded, predicted, strict=True):
        assert_same_weights(one, other)
        np.testing.assert_array_equal(one.predict_step_proba(X), probabilities)


def test_a_callback_may_predict_with_another_estimator(data):
    other = Seq2SeqClassifier(**TINY).fit(*data)
    expected = other.predict_step_proba(data[0])
    seen = []

    class Asker(keras_callback()):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(other.predict_step_proba(data[0]))

        def __deepcopy__(self, memo):
            return self

    asking = Seq2SeqClassifier(**TINY, callbacks=[Asker()]).fit(*data)
    assert len(seen) == 2
    np.testing.assert_allclose(seen[-1], expected, atol=1e-6)
    assert_same_weights(asking, other)
