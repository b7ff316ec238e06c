"""What SciKeras does for the estimators, and another wrapper would have to do."""

import numpy as np
import pytest
from helpers import TINY
from scikeras.wrappers import BaseWrapper

from sklearn_seqadd import MappingRegressor, Seq2SeqClassifier, _scikeras
from sklearn_seqadd._tensorflow import keras
from sklearn_seqadd.training import acquire


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


def test_it_hands_parameters_on_to_fit_and_predict():
    class Records(keras.Model):
        def fit(self, **params):
            self.seen = params
            return keras.callbacks.History()

        def predict(self, x, **params):
            self.seen = params
            return x

    model = Records()
    model.compile("sgd", "mse")
    callback = keras.callbacks.Callback()
    X, y = np.ones((3, 2)), np.ones(3)
    _scikeras.fit(
        model, X, y, None, n_epochs=2, initial_epoch=5, callbacks=[callback], verbose=0
    )
    assert model.seen["x"] is X
    assert model.seen["y"] is y
    assert model.seen["sample_weight"] is None
    assert (model.seen["initial_epoch"], model.seen["epochs"]) == (5, 7)
    assert model.seen["callbacks"] == [callback]
    assert model.seen["verbose"] == 0
    assert _scikeras.predict(model, X, symbols=True) is X
    assert model.seen["symbols"] is True


@pytest.mark.parametrize("weight", [None, np.arange(1.0, 101.0) / 3])
def test_data_is_neither_copied_nor_rounded_on_the_way(monkeypatch, weight):
    from sklearn_seqadd.training import Fit

    given = {}
    run = Fit.run

    def record(self, x, y, **params):
        given.update(x=x, y=y, sample_weight=params["sample_weight"])
        return run(self, x, y, **params)

    monkeypatch.setattr(Fit, "run", record)
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


def test_what_it_wraps_is_a_keras_model_with_the_fitted_weights(data):
    estimator = Seq2SeqClassifier(**TINY).fit(*data)
    with acquire(estimator._network) as network:
        network.set_weights(estimator.weights_)
        assert isinstance(network, keras.Model)
        assert [tuple(weight.shape) for weight in network.weights] == [
            weight.shape for weight in estimator.weights_
        ]
        outputs = keras.Model.__call__(network, data[0].astype(np.float32))
        np.testing.assert_allclose(
            outputs, estimator.predict_step_proba(data[0]), atol=1e-6
        )
