"""How the learning rate changes: schedule, in fit and in partial_fit."""

import copy
import pickle

import numpy as np
import pytest
from helpers import TINY, assert_same_weights

from sklearn_seqadd import Seq2SeqClassifier
from sklearn_seqadd._tensorflow import keras


@pytest.fixture
def rates():
    """The learning rates that a `Recorder` has seen, one a mini-batch."""
    return []


@pytest.fixture
def recorder(rates):
    class Recorder(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            rates.append(float(self.model.optimizer.learning_rate.numpy()))

        def __deepcopy__(self, memo):
            return self  # which records in the same list

    return Recorder()


COSINE = {**TINY, "epochs": 10, "learning_rate": 0.01, "schedule": "cosine"}


def test_a_cosine_rises_and_falls_to_zero(data, rates, recorder):
    Seq2SeqClassifier(**COSINE, callbacks=[recorder]).fit(*data)
    assert len(rates) == 40
    assert np.argmax(rates) == 4
    assert max(rates) == pytest.approx(0.01)
    assert (np.diff(rates[:5]) > 0).all()
    assert (np.diff(rates[4:]) < 0).all()
    assert rates[-1] == pytest.approx(0, abs=1e-9)


def test_calls_of_partial_fit_are_the_epochs_of_a_cosine(data):
    at_once = Seq2SeqClassifier(**COSINE).fit(*data)
    by_calls = Seq2SeqClassifier(**COSINE)
    for _ in range(10):
        by_calls.partial_fit(*data)
    assert_same_weights(at_once, by_calls)


def test_each_call_follows_its_part_of_the_cosine_however_large(data, rates, recorder):
    X, y = data
    estimator = Seq2SeqClassifier(**COSINE | {"epochs": 4}, callbacks=[recorder])
    peaks = []
    for n_samples in (100, 10, 64, 1):
        rates.clear()
        estimator.partial_fit(X[:n_samples], y[:n_samples])
        peaks.append(max(rates))
    assert peaks == sorted(peaks, reverse=True)
    assert peaks[0] == pytest.approx(0.01)
    assert peaks[-1] > 1e-4


@pytest.mark.parametrize("n_calls_before", [4, 5, 8])
def test_after_the_last_of_epochs_a_new_cosine_starts(
    data, rates, recorder, n_calls_before
):
    params = COSINE | {"epochs": 4}
    estimator = Seq2SeqClassifier(**params, callbacks=[recorder])
    for _ in range(n_calls_before):
        estimator.partial_fit(*data)
    before = copy.deepcopy(estimator)
    seen = list(rates)
    rates.clear()
    estimator.partial_fit(*data)
    assert rates == seen[n_calls_before % 4 * 4 :][:4]
    assert not np.array_equal(before.weights_[0], estimator.weights_[0])


@pytest.mark.parametrize("warm_start", [False, True])
def test_after_a_fit_a_new_cosine_starts(data, rates, recorder, warm_start):
    estimator = Seq2SeqClassifier(
        **COSINE, warm_start=warm_start, callbacks=[recorder]
    ).fit(*data)
    rates.clear()
    estimator.partial_fit(*data)
    assert rates == pytest.approx([0.002, 0.004, 0.006, 0.008])


def test_partial_fit_continues_the_cosine_after_a_round_trip(data):
    estimator = Seq2SeqClassifier(**COSINE)
    for _ in range(3):
        estimator.partial_fit(*data)
    copied = pickle.loads(pickle.dumps(estimator))
    assert_same_weights(estimator.partial_fit(*data), copied.partial_fit(*data))


@pytest.mark.parametrize("place", ["schedule", "optimizer"])
def test_a_keras_schedule_gives_the_rates(data, place):
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([3], [0.01, 1e-12])
    if place == "schedule":
        params = {"schedule": schedule}
    else:
        params = {"optimizer": keras.optimizers.Adam(schedule)}
    # Four mini-batches an epoch: after the first epoch nothing changes any more.
    one, three = (
        Seq2SeqClassifier(**{**TINY, "epochs": epochs}, **params).fit(*data)
        for epochs in (1, 3)
    )
    assert_same_weights(one, three, atol=1e-7)
    constant = Seq2SeqClassifier(**{**TINY, "epochs": 1}, learning_rate=0.01).fit(*data)
    assert_same_weights(one, constant, atol=1e-7)


def test_a_keras_schedule_counts_mini_batches_over_calls(data, rates, recorder):
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([5], [0.25, 0.5])
    estimator = Seq2SeqClassifier(**TINY, schedule=schedule, callbacks=[recorder])
    estimator.partial_fit(*data).partial_fit(*data)
    assert rates == [0.25] * 6 + [0.5] * 2


def test_many_fits_with_a_keras_schedule_are_silent(data, capfd):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.5)
    for _ in range(7):
        Seq2SeqClassifier(**TINY, schedule=schedule).fit(*data)
    assert capfd.readouterr() == ("", "")
