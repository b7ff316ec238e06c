"""What several test files need; what is a fixture stands in conftest.py."""

import copy
import functools
import io
import os
import signal
import subprocess
import sys

import joblib
import numpy as np
import pytest

from sklearn_seqadd import make_seq2seq_pipeline
from sklearn_seqadd._tensorflow import keras

# A case of a test that takes long.
slow = functools.partial(pytest.param, marks=pytest.mark.slow)

# A network that is built and trained in no time.
TINY = {"encoder_units": 8, "decoder_units": 8, "epochs": 2, "random_state": 0}
N_BATCHES = 13  # of the 400 small sums, in an epoch


def plain_environment(**environment):
    """The environment as a user has it, without what the tests' own sets."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TF_", "KERAS_", "SCIPY_"))
    }
    return {**inherited, **environment}


def run(*arguments, **environment):
    """Run Python as a user would."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=plain_environment(**environment),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def cases(named, *slow):
    """Return the values of a dict for `parametrize`; those named here are slow."""
    assert named.keys() >= set(slow)
    return [
        pytest.param(value, id=name, marks=[pytest.mark.slow] if name in slow else [])
        for name, value in named.items()
    ]


def tiny_pipeline(**params):
    return make_seq2seq_pipeline(**{**TINY, **params})


def longer_pipeline(**params):
    """With epochs enough to end training in the midst of them."""
    return tiny_pipeline(**{"epochs": 4, **params})


def assert_same_weights(one, other, **tolerance):
    """The weights of two fitted estimators, bit for bit unless there is a tolerance."""
    for a, b in zip(one.weights_, other.weights_, strict=True):
        if tolerance:
            np.testing.assert_allclose(a, b, **tolerance)
        else:
            np.testing.assert_array_equal(a, b)


def joblib_round_trip(estimator):
    file = io.BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    return joblib.load(file)


def state_of(estimator):
    """Everything that was learned, but for transformers, as values to compare."""
    state = {
        name: value
        for name, value in vars(estimator).items()
        if name.endswith("_") and name != "target_transformer_"
    }
    if "target_codec_" in state:
        codec = vars(state["target_codec_"])
        state["target_codec_"] = {n: v for n, v in codec.items() if n != "transformer"}
    return copy.deepcopy(state)


def assert_same_state(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_equal(value, other[name], err_msg=name)


class ExplodeAt(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is infinite from some mini-batch on, counted from 1."""

    def __init__(self, batch):
        self.batch = batch

    def __call__(self, step):
        return keras.ops.where(step + 1 < self.batch, 0.003, np.inf)

    def get_config(self):
        return {"batch": self.batch}


class AtEpoch(keras.callbacks.Callback):
    """Calls something at the start of an epoch."""

    def __init__(self, epoch, call):
        super().__init__()
        self.epoch, self.call = epoch, call

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.call()


def interrupt():
    signal.raise_signal(signal.SIGINT)
