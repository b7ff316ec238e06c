"""Global settings of Keras, which other code in the process may have changed."""

import contextlib
import json
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import keras
import numpy as np
import pytest
from custom_networks import Convolutional, Perceptron
from helpers import TINY, AtEpoch, assert_same_state, state_of
from sklearn.base import BaseEstimator, clone

from sklearn_seqadd import (
    AttentionDisplay,
    MappingRegressor,
    OnnxPipeline,
    Seq2SeqClassifier,
    export_onnx,
    make_seq2seq_pipeline,
)
from sklearn_seqadd.training import cache

CHANGES = {
    "policy": {"dtype_policy": "mixed_float16"},
    "floatx": {"floatx": "float64"},
    "others": {"epsilon": 1e-2, "image_data_format": "channels_first"},
    "all": {
        "dtype_policy": "mixed_bfloat16",
        "floatx": "float64",
        "epsilon": 1e-2,
        "image_data_format": "channels_first",
    },
}
EMBEDDED = {"embedding_dim": "one-hot", "mask_padding": True, "label_smoothing": 0.1}
NETWORKS = {
    "repeat": {"decoder": "repeat", **EMBEDDED},
    "sequence": {"decoder": "sequence", "bidirectional": True, "cell": "gru"},
    "attention": {"decoder": "attention", "dropout": 0.2, "early_stopping": True},
    "relative": {
        "decoder": "relative",
        "encoder_units": None,
        "optimizer": "adamw",
        "schedule": "cosine",
    },
    "autoregressive": {"decoder": "autoregressive", "side": "right", "reverse": True},
}


def settings():
    return {
        name: getattr(keras.config, name)()
        for name in ("dtype_policy", "floatx", "epsilon", "image_data_format")
    }


@contextlib.contextmanager
def changed(**values):
    """Keras' settings changed as other code does, in this context only."""
    before = settings()
    try:
        for name, value in values.items():
            getattr(keras.config, f"set_{name}")(value)
        yield
    finally:
        for name, value in before.items():
            getattr(keras.config, f"set_{name}")(value)


@pytest.fixture(autouse=True)
def empty_cache():
    cache._networks.clear()


def results(pipe, X, y, folder):
    """All numbers that a pipeline of strings gives."""
    pipe = clone(pipe).fit(X, y)
    network, arrays = pipe[-1], pipe[:-1].transform(X[:20])
    answers, scores = network.predict_n_best(arrays, 2, return_scores=True)
    found = [
        *network.weights_,
        *network.history_.values(),
        pipe.predict(X[:20]),
        network.predict_step_proba(arrays),
        network.score_samples(arrays, y[:20]),
        answers,
        scores,
        *network.model_.get_weights(),
    ]
    if len(network.model_.inputs) == 1:
        found.append(network.model_(np.asarray(arrays, "float32")).numpy())
    if network.decoder in ("attention", "relative"):
        display = AttentionDisplay.from_estimator(pipe, X[0])
        found.append(display.weights)
    export_onnx(pipe, folder / "sums.onnx")
    return [*found, OnnxPipeline(folder / "sums.onnx").predict(X[:20])]


def assert_all_equal(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("relative", "all"),
        *(
            pytest.param(name, change, marks=pytest.mark.slow)
            for name in NETWORKS
            for change in CHANGES
        ),
    ],
)
def test_built_in_networks_are_the_same_with_any_settings(
    small_sums, tmp_path, name, change
):
    pipe = make_seq2seq_pipeline(**{**TINY, **NETWORKS[name]})
    with changed(**CHANGES[change]):
        before = settings()
        found = results(pipe, *small_sums, tmp_path)
        assert settings() == before
    # With the networks that were compiled meanwhile, and with new ones.
    assert_all_equal(results(pipe, *small_sums, tmp_path), found)
    cache._networks.clear()
    assert_all_equal(results(pipe, *small_sums, tmp_path), found)


@pytest.mark.parametrize("network", ["lstm", "mlp"])
def test_the_regressor_is_in_double_precision_with_any_settings(network):
    X = np.random.RandomState(0).rand(50, 2)
    regressor = MappingRegressor(network, (4,), epochs=2, random_state=0)
    with changed(**CHANGES["all"]):
        found = clone(regressor).fit(X, X.sum(axis=1))
        predicted = found.predict(X)
    cache._networks.clear()
    expected = clone(regressor).fit(X, X.sum(axis=1))
    assert {array.dtype for array in found.weights_} == {np.dtype("float64")}
    assert_same_state(state_of(found), state_of(expected))
    np.testing.assert_array_equal(predicted, expected.predict(X))


def test_settings_are_as_before_after_an_error(data):
    class Failing(BaseEstimator):
        def build(self, **shapes):
            keras.config.set_dtype_policy("mixed_bfloat16")
            raise LookupError("no such layer")

    with changed(**CHANGES["policy"]):
        before = settings()
        with pytest.raises(LookupError):
            Seq2SeqClassifier(network=Failing()).fit(*data)
        assert settings() == before


def test_a_thread_with_other_settings_does_not_disturb_others(data):
    estimator = Seq2SeqClassifier(**TINY)
    expected = clone(estimator).fit(*data).weights_
    cache._networks.clear()
    fitted = []

    def fit_with_a_policy():
        keras.config.set_dtype_policy("mixed_float16")  # of this thread only
        fitted.append(clone(estimator).fit(*data))

    threads = [threading.Thread(target=fit_with_a_policy) for _ in range(2)]
    for thread in threads:
        thread.start()
    fitted.append(clone(estimator).fit(*data))
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    assert len(fitted) == 3
    for each in fitted:
        assert_all_equal(each.weights_, expected)


# ----------------------------------------------------------- networks of one's own


def test_a_network_of_ones_own_has_the_settings_that_it_was_fitted_with(small_sums):
    X, y = small_sums
    pipe = make_seq2seq_pipeline(network=Convolutional(), epochs=2, random_state=0)
    single = clone(pipe).fit(X, y)
    with changed(dtype_policy="mixed_float16"):
        half = clone(pipe).fit(X, y)
        arrays = pipe[:-1].fit_transform(X)
        expected = half[-1].predict_step_proba(arrays)
    assert not np.array_equal(half[-1].weights_[0], single[-1].weights_[0])
    # Neither is used for the other, and each answers as it was fitted.
    assert_all_equal(clone(pipe).fit(X, y)[-1].weights_, single[-1].weights_)
    np.testing.assert_array_equal(half[-1].predict_step_proba(arrays), expected)
    cache._networks.clear()
    copied = pickle.loads(pickle.dumps(half))
    np.testing.assert_array_equal(copied[-1].predict_step_proba(arrays), expected)
    assert copied[-1].model_.layers[0].dtype_policy.name == "mixed_float16"


@pytest.mark.slow
def test_another_process_answers_as_the_network_was_fitted(small_sums, tmp_path):
    pipe = make_seq2seq_pipeline(network=Convolutional(), epochs=1, random_state=0)
    with changed(dtype_policy="mixed_bfloat16"):
        pipe.fit(*small_sums)
        expected = pipe[-1].score_samples(pipe[:-1].transform(small_sums[0][:5]))
    path = tmp_path / "pipe.pickle"
    path.write_bytes(pickle.dumps(pipe))
    script = (
        "import json, pickle, sys; sys.path.insert(0, sys.argv[1])\n"
        "pipe = pickle.load(open(sys.argv[2], 'rb'))\n"
        "arrays = pipe[:-1].transform(json.loads(sys.argv[3]))\n"
        "print(json.dumps(pipe[-1].score_samples(arrays).tolist()))"
    )
    questions = json.dumps(small_sums[0][:5].tolist())
    tests = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", script, tests, path, questions],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == expected.tolist()


def test_training_does_not_continue_with_other_settings():
    X = np.random.RandomState(0).rand(50, 2)
    regressor = MappingRegressor(Perceptron(), epochs=1).fit(X, X[:, 0])
    with (
        changed(epsilon=1e-3),
        pytest.raises(ValueError, match="keras_settings=.*1e-07.*now.*0.001"),
    ):
        regressor.partial_fit(X, X[:, 0])
    regressor.partial_fit(X, X[:, 0])


def test_a_file_without_settings_is_read_with_those_of_keras():
    X = np.random.RandomState(0).rand(50, 2)
    regressor = MappingRegressor(Perceptron(), epochs=1).fit(X, X[:, 0])
    expected = regressor.predict(X)
    del regressor.architecture_["keras_settings"]
    np.testing.assert_array_equal(regressor.predict(X), expected)


def test_settings_that_a_build_changes_are_its_own(data):
    class Half(BaseEstimator):
        def build(self, n_steps_in, n_features, **shapes):
            keras.config.set_dtype_policy("mixed_bfloat16")
            return Convolutional().build(n_steps_in, n_features, **shapes)

    before = settings()
    fitted = Seq2SeqClassifier(network=Half(), epochs=1).fit(*data)
    assert settings() == before
    assert fitted.model_.layers[0].compute_dtype == "bfloat16"


def test_a_fit_of_half_precision_is_resumed_from_its_checkpoint(small_sums, tmp_path):
    def kill():
        raise LookupError("killed")

    pipe = make_seq2seq_pipeline(network=Convolutional(), epochs=3, random_state=0)
    with changed(dtype_policy="bfloat16"):
        expected = clone(pipe).fit(*small_sums)
        pipe.set_params(seq2seqclassifier__checkpoint_dir=tmp_path)
        killed = clone(pipe).set_params(
            seq2seqclassifier__callbacks=[AtEpoch(2, kill)],
        )
        with pytest.raises(LookupError):
            killed.fit(*small_sums)
        resumed = clone(killed).set_params(
            seq2seqclassifier__callbacks=[AtEpoch(9, kill)]
        )
        for _ in range(2):  # and finished fits are loaded
            resumed.fit(*small_sums)
            assert resumed[-1].weights_[0].dtype.name == "bfloat16"
            assert_all_equal(resumed[-1].weights_, expected[-1].weights_)
