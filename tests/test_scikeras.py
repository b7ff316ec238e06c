"""What SciKeras does for the estimators, and another wrapper would have to do."""

import numpy as np
import pytest
from helpers import TINY
from scikeras.wrappers import BaseWrapper

from sklearn_seqadd import MappingRegressor, Seq2SeqClassifier, _scikeras
from sklearn_seqadd._tensorflow import keras
from sklearn_seqadd.training import TrainingLoop, acquire


@pytest.fixture
def calls(monkeypatch):
    """The calls of SciKeras' fit and predict, with the models that they wrap."""
    made = []
    for name in ("fit", "predict"):
        method = getattr(BaseWrapper, name)

        def record(self, *args, name=name, method=method, **params):
            made.append((name, self, params))
            return method(self, *args, **params)

        monkeypatch.setattr(BaseWrapper, name, record)
    return made


def test_fit_and_plain_predictions_go_through_it(data, calls):
    estimator = Seq2SeqClassifier(**TINY).fit(*data)
    estimator.partial_fit(*data)
    estimator.predict(data[0])
    estimator.predict_step_proba(data[0])
    regressor = MappingRegressor("mlp", epochs=2).fit(data[0][:, 0], data[1][:, 0])
    regressor.predict(data[0][:, 0])
    names = [name for name, *_ in calls]
    assert names == ["fit", "fit", "predict", "predict", "fit", "predict"]
    for _, wrapper, _ in calls:
        assert isinstance(wrapper.model_, keras.Model)
        assert wrapper.model_.compiled


def test_it_counts_epochs_over_several_calls_and_keeps_the_history(data, calls):
    estimator = Seq2SeqClassifier(**TINY, warm_start=True).fit(*data).fit(*data)
    estimator.partial_fit(*data)
    assert [params["initial_epoch"] for *_, params in calls] == [0, 2, 4]
    histories = [wrapper.history_["loss"] for _, wrapper, _ in calls]
    assert list(map(len, histories)) == [2, 2, 1]
    assert np.concatenate(histories).tolist() == estimator.history_["loss"]


def test_it_prepares_callbacks_and_hands_all_on(data, monkeypatch):
    given = {}
    run = TrainingLoop.run

    def record(self, *args, **params):
        given.update(params)
        return run(self, *args, **params)

    monkeypatch.setattr(TrainingLoop, "run", record)
    callback = keras.callbacks.TerminateOnNaN()
    estimator = Seq2SeqClassifier(**TINY, callbacks=[callback], warm_start=True)
    estimator.fit(*data).fit(*data)
    assert (given["initial_epoch"], given["epochs"]) == (2, 4)
    assert list(map(type, given["callbacks"])) == [keras.callbacks.TerminateOnNaN]
    assert given["verbose"] == 0
    with estimator._fitted_network(data[0]) as (predictor, X):
        codes = _scikeras.predict(predictor, X, symbols=True)
        probabilities = _scikeras.predict(predictor, X)
    np.testing.assert_array_equal(codes, probabilities.argmax(axis=2))


@pytest.mark.parametrize("weight", [None, np.arange(1.0, 101.0) / 3])
def test_data_is_neither_copied_nor_rounded_on_the_way(monkeypatch, weight):
    given = {}
    run = TrainingLoop.run

    def record(self, x, y, sample_weight, **params):
        given.update(x=x, y=y, sample_weight=sample_weight)
        return run(self, x, y, sample_weight, **params)

    monkeypatch.setattr(TrainingLoop, "run", record)
    rng = np.random.RandomState(0)
    X, y = rng.rand(100, 2), rng.rand(100, 1)
    MappingRegressor("mlp", epochs=1).fit(X, y, sample_weight=weight)
    assert np.shares_memory(given["x"], X)
    assert np.shares_memory(given["y"], y)
    if weight is not None:
        assert given["sample_weight"].dtype == np.float64
        np.testing.assert_array_equal(32 * given["sample_weight"], weight)
    X = rng.rand(100, 3, 2).astype(np.float32)
    labels = rng.randint(4, size=(100, 2))
    Seq2SeqClassifier(**TINY).fit(X, labels, sample_weight=weight)
    assert np.shares_memory(given["x"], X)


def test_it_wraps_the_keras_model_with_the_fitted_weights(data, calls):
    estimator = Seq2SeqClassifier(**TINY).fit(*data)
    estimator.predict(data[0])
    (_, trained, _), (_, asked, _) = calls
    with acquire(estimator._network) as compiled:
        compiled.weights.set(estimator.weights_)
        assert trained.model_ is asked.model_ is compiled.model
        for found, weights in zip(
            trained.model_.get_weights(), estimator.weights_, strict=True
        ):
            np.testing.assert_array_equal(found, weights)
        outputs = trained.model_(data[0].astype(np.float32))
        np.testing.assert_allclose(
            outputs, estimator.predict_step_proba(data[0]), atol=1e-6
        )
