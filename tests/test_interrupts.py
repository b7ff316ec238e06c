"""Ctrl-C: what was learned is kept, and nothing is lost in TensorFlow's code."""

import contextlib
import os
import random
import signal
import time

import numpy as np
import pytest
from helpers import (
    AtEpoch,
    assert_same_state,
    interrupt,
    longer_pipeline,
    state_of,
)
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score

from sklearn_seqadd._tensorflow import keras
from sklearn_seqadd.networks import Seq2SeqNetwork
from sklearn_seqadd.training import cache
from sklearn_seqadd.training.bounded import BoundedCache
from sklearn_seqadd.training.prediction import Predictor


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_keeps_the_epochs_that_were_finished(small_sums):
    two_epochs = longer_pipeline(epochs=2).fit(*small_sums)
    pipe = longer_pipeline(callbacks=[AtEpoch(2, interrupt)])
    with pytest.raises(KeyboardInterrupt):
        pipe.fit(*small_sums)
    assert_same_state(state_of(pipe[-1]), state_of(two_epochs[-1]))
    np.testing.assert_array_equal(
        pipe.predict(small_sums[0]), two_epochs.predict(small_sums[0])
    )


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_in_the_first_epoch_changes_nothing(small_sums):
    pipe = longer_pipeline(callbacks=[AtEpoch(0, interrupt)])
    with pytest.raises(KeyboardInterrupt):
        pipe.fit(*small_sums)
    with pytest.raises(NotFittedError):
        pipe[-1].predict(pipe[:-1].transform(small_sums[0]))

    pipe.set_params(seq2seqclassifier__callbacks=None).fit(*small_sums)
    before = state_of(pipe[-1])
    pipe[-1].set_params(callbacks=[AtEpoch(4, interrupt)])
    with pytest.raises(KeyboardInterrupt):
        pipe[-1].partial_fit(pipe[:-1].transform(small_sums[0]), small_sums[1])
    assert_same_state(state_of(pipe[-1]), before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_warm_start_resumes_where_it_was(small_sums):
    # The schedule of rates starts over with each fit, so none is used here.
    whole = longer_pipeline(epochs=2, warm_start=True).fit(*small_sums).fit(*small_sums)
    pipe = longer_pipeline(warm_start=True, callbacks=[AtEpoch(2, interrupt)])
    with pytest.raises(KeyboardInterrupt):
        pipe.fit(*small_sums)
    pipe.set_params(seq2seqclassifier__epochs=2, seq2seqclassifier__callbacks=None)
    pipe.fit(*small_sums)
    assert_same_state(state_of(pipe[-1]), state_of(whole[-1]))


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_stops_a_cross_validation(small_sums):
    pipe = longer_pipeline(callbacks=[AtEpoch(2, interrupt)])
    with pytest.raises(KeyboardInterrupt):
        cross_val_score(pipe, *small_sums, error_score=0)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_at_the_very_end_loses_nothing(small_sums):
    whole = longer_pipeline().fit(*small_sums)
    at_the_end = keras.callbacks.LambdaCallback(on_train_end=lambda logs: interrupt())
    pipe = longer_pipeline(callbacks=[at_the_end])
    with pytest.raises(KeyboardInterrupt):
        pipe.fit(*small_sums)
    assert_same_state(state_of(pipe[-1]), state_of(whole[-1]))


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_is_not_raised_in_the_midst_of_tensorflow(small_sums):
    came, reached = [], []

    def interrupt_once():
        interrupt()  # is held back
        came.append(signal.getsignal(signal.SIGINT))

    callbacks = [AtEpoch(1, interrupt_once), AtEpoch(1, lambda: reached.append(1))]
    with pytest.raises(KeyboardInterrupt):
        longer_pipeline(callbacks=callbacks).fit(*small_sums)
    assert reached
    assert came[0] is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("interruptible")
def test_a_second_interrupt_does_not_wait(small_sums):
    def interrupt_twice():
        interrupt()
        interrupt()
        raise AssertionError("was not interrupted")

    pipe = longer_pipeline(callbacks=[AtEpoch(2, interrupt_twice)])
    with pytest.raises(KeyboardInterrupt):
        pipe.fit(*small_sums)
    assert len(pipe[-1].history_["loss"]) == 2


@pytest.mark.usefixtures("interruptible")
def test_a_prediction_is_interrupted_too(small_sums, monkeypatch):
    pipe = longer_pipeline(epochs=1).fit(*small_sums)
    many = np.repeat(small_sums[0], 20)  # more than are predicted in one call
    answers = pipe.predict(many)
    monkeypatch.setattr(Predictor, "predict", _interrupted(Predictor.predict))
    with pytest.raises(KeyboardInterrupt):
        pipe.predict(many)
    monkeypatch.undo()
    np.testing.assert_array_equal(pipe.predict(many), answers)


@pytest.mark.usefixtures("interruptible")
def test_a_network_that_is_being_built_is_built_to_its_end(small_sums, monkeypatch):
    pipe = longer_pipeline(epochs=1).fit(*small_sums)
    answers = pipe.predict(small_sums[0])
    built = []

    def interrupt_and_build(description, build=Seq2SeqNetwork.build):
        interrupt()
        built.append(build(description))
        return built[0]

    monkeypatch.setattr(Seq2SeqNetwork, "build", interrupt_and_build)
    monkeypatch.setattr(cache, "_networks", BoundedCache(16))
    with pytest.raises(KeyboardInterrupt):
        pipe.predict(small_sums[0])
    assert len(built) == 1
    # It is in the cache, and as good as any.
    np.testing.assert_array_equal(pipe.predict(small_sums[0]), answers)
    assert len(built) == 1


def _interrupted(method):
    def interrupt_and_call(self, *args, **kwargs):
        interrupt()
        result = method(self, *args, **kwargs)
        raise AssertionError(f"was not interrupted: {result}")

    return interrupt_and_call


def test_a_handler_that_interrupts_nothing_is_heard(small_sums):
    heard = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append(1))
    try:
        own = signal.getsignal(signal.SIGINT)
        pipe = longer_pipeline(callbacks=[AtEpoch(1, interrupt)]).fit(*small_sums)
        assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [1]
    assert len(pipe[-1].history_["loss"]) == 4


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(os.name == "nt", reason="a timer of signals is a Unix matter")
@pytest.mark.parametrize("n_times", [4, pytest.param(100, marks=pytest.mark.slow)])
def test_an_interrupt_at_any_moment_leaves_a_usable_estimator(small_sums, n_times):
    rng = random.Random(0)
    X, _ = small_sums
    longer_pipeline().fit(*small_sums).predict(X)  # compiled, so that training is hit
    start = time.perf_counter()
    longer_pipeline(epochs=30).fit(*small_sums).predict(X)
    seconds = time.perf_counter() - start
    expected = {}  # by the number of epochs
    for _ in range(n_times):
        pipe = longer_pipeline(epochs=30)
        try:
            with _interrupt_after_seconds(rng.uniform(0.01, seconds)):
                pipe.fit(*small_sums).predict(X)
        except KeyboardInterrupt:
            pass
        if not hasattr(pipe[-1], "weights_"):
            continue  # in the first epoch, or before it
        n_epochs = len(pipe[-1].history_["loss"])
        if n_epochs not in expected:
            fitted = longer_pipeline(epochs=n_epochs).fit(*small_sums)
            expected[n_epochs] = state_of(fitted[-1]), fitted.predict(X)
        state, answers = expected[n_epochs]
        assert_same_state(state_of(pipe[-1]), state)
        np.testing.assert_array_equal(pipe.predict(X), answers)


@contextlib.contextmanager
def _interrupt_after_seconds(seconds):
    before = signal.signal(signal.SIGALRM, lambda *_: interrupt())
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
