"""Keras' callbacks in fit: they see what they would see in Keras."""

import copy
import io
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import sklearn
from helpers import TINY, assert_same_state, assert_same_weights, state_of
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_seqadd import MappingRegressor, Seq2SeqClassifier, Seq2SeqEnsemble
from sklearn_seqadd._tensorflow import keras


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras on NumPy 2.4
def test_a_callback_may_change_the_learning_rate(data):
    import keras

    stop = keras.callbacks.LearningRateScheduler(lambda epoch: 0.0 if epoch else 0.01)
    one, three = (
        Seq2SeqClassifier(**{**TINY, "epochs": epochs}, callbacks=[stop]).fit(*data)
        for epochs in (1, 3)
    )
    assert_same_weights(one, three, atol=1e-7)


class SetsRate(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate.assign(1e-5)


class SetsRateAfterBatch(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.optimizer.learning_rate = 1e-5


KERAS_SCHEDULE = keras.optimizers.schedules.CosineDecay(0.01, 10)
LOWERS = {
    "at once": lambda: keras.callbacks.LearningRateScheduler(lambda epoch: 0.001),
    "on a plateau": lambda: keras.callbacks.ReduceLROnPlateau(
        "loss", patience=0, min_delta=100
    ),
    "of ones own": SetsRate,
    "after a mini-batch": SetsRateAfterBatch,
}
SCHEDULES = {
    "cosine": {"schedule": "cosine"},
    "Keras": {"schedule": KERAS_SCHEDULE},
    "of the optimizer": {"optimizer": keras.optimizers.Adam(KERAS_SCHEDULE)},
}


@pytest.mark.parametrize("params", SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize("name", LOWERS)
@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras on NumPy 2.4
def test_a_callback_cannot_set_the_learning_rate_of_a_schedule(data, name, params):
    callback = LOWERS[name]()
    params = {**TINY, "epochs": 3, "learning_rate": 0.01, **params}
    network = Seq2SeqClassifier(**params).fit(*data)
    before = state_of(network)
    network.set_params(callbacks=[callback])
    with pytest.raises(ValueError, match="A callback has set the .*schedule=None"):
        network.fit(*data)
    assert_same_state(before, state_of(network))
    regressor = MappingRegressor("mlp", epochs=3, schedule="cosine", batch_size=20)
    regressor.set_params(callbacks=[callback])
    with pytest.raises(ValueError, match="A callback has set the .*schedule=None"):
        regressor.fit(data[0][:, 0], data[1][:, 0])
    unplanned = {**TINY, "epochs": 3, "callbacks": [callback]}
    Seq2SeqClassifier(**unplanned).fit(*data)


def test_a_callback_that_would_skip_epochs_is_refused(data, tmp_path):
    callback = keras.callbacks.BackupAndRestore(tmp_path)
    with pytest.raises(ValueError, match="BackupAndRestore .*'checkpoint_dir'"):
        Seq2SeqClassifier(**TINY, callbacks=[callback]).fit(*data)


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
        (
            {"decoder": "attention", "mask_padding": True},
            "sklearn_seqadd.networks.layers",
        ),
        (
            {"decoder": "autoregressive", "mask_padding": True},
            "sklearn_seqadd.networks.input_feeding",
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


# ------------------------------------------------------------------ copies of callbacks


class Reports(keras.callbacks.Callback):
    """Holds what a user may give it: an object to report to, and a lock."""

    def __init__(self, reported):
        super().__init__()
        self.reported, self.lock, self.n_epochs = reported, threading.Lock(), 0

    def on_epoch_end(self, epoch, logs=None):
        with self.lock:
            self.n_epochs += 1
            self.reported.append(logs["loss"])


def test_a_callback_shares_what_it_refers_to_and_is_not_changed_itself(data):
    callback = Reports([])
    before = dict(vars(callback))
    network = Seq2SeqClassifier(**TINY, callbacks=[callback]).fit(*data)
    assert callback.reported == network.history_["loss"]
    assert vars(callback) == before
    regressor = MappingRegressor("mlp", epochs=2, callbacks=[callback])
    regressor.fit(data[0][:, 0], data[1][:, 0])
    assert callback.reported[2:] == regressor.history_["loss"]


@pytest.mark.parametrize("callbacks", [list, tuple])
def test_a_clone_shares_what_its_callbacks_refer_to(data, callbacks):
    callback = Reports([])
    network = Seq2SeqClassifier(**TINY, callbacks=callbacks([callback]))
    cloned = clone(network)
    assert cloned.get_params().keys() == network.get_params().keys()
    assert type(cloned.callbacks) is callbacks
    assert cloned.callbacks[0] is not callback
    assert cloned.callbacks[0].reported is callback.reported
    cross_val_score(network, *data, cv=2)
    assert len(callback.reported) == 2 * TINY["epochs"]
    pipe = make_pipeline(FunctionTransformer(), network)
    GridSearchCV(pipe, {"seq2seqclassifier__epochs": [1]}, cv=2).fit(*data)
    assert len(callback.reported) == 2 * TINY["epochs"] + 3
    Seq2SeqEnsemble(network, n_estimators=2, random_state=0).fit(*data)
    assert len(callback.reported) == 4 * TINY["epochs"] + 3


def test_a_clone_keeps_what_other_clones_keep(data):
    network = Seq2SeqClassifier(**TINY, callbacks=[Reports([])]).fit(*data)
    with sklearn.config_context(enable_metadata_routing=True):
        network.set_fit_request(sample_weight=True)
        cloned = clone(network)
        assert cloned.get_metadata_routing().fit.requests["sample_weight"] is True
    assert not hasattr(cloned, "weights_")
    assert cloned.optimizer == network.optimizer


KERAS_CALLBACKS = {
    "History": keras.callbacks.History,
    "EarlyStopping": lambda: keras.callbacks.EarlyStopping(
        "loss", restore_best_weights=True
    ),
    "ReduceLROnPlateau": lambda: keras.callbacks.ReduceLROnPlateau("loss", patience=0),
    "TerminateOnNaN": keras.callbacks.TerminateOnNaN,
    "SwapEMAWeights": keras.callbacks.SwapEMAWeights,
    "LambdaCallback": lambda: keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: None
    ),
    "LearningRateScheduler": lambda: keras.callbacks.LearningRateScheduler(
        lambda epoch: 0.01
    ),
    "CSVLogger": lambda: keras.callbacks.CSVLogger("log.csv"),
    "ModelCheckpoint": lambda: keras.callbacks.ModelCheckpoint(
        "m.weights.h5", save_weights_only=True
    ),
}


@pytest.mark.filterwarnings("ignore")  # of Keras
@pytest.mark.parametrize("name", KERAS_CALLBACKS)
def test_callbacks_of_keras_are_as_they_were(data, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    callback = KERAS_CALLBACKS[name]()
    before = copy.deepcopy(vars(callback))
    optimizer = keras.optimizers.Adam(use_ema=name == "SwapEMAWeights")
    network = Seq2SeqClassifier(**TINY, callbacks=[callback], optimizer=optimizer)
    network.fit(*data).fit(*data)
    assert vars(callback) == before


# ------------------------------------------------------------------------ what they say


class SaysMore(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs.update(stage="warm-up", number=np.float32(epoch), several=[1, 2])
        logs["mixed"] = "none" if epoch else 1.0


@pytest.mark.parametrize("verbose", [0, 1, 2])
@pytest.mark.parametrize("in_terminal", [False, True])
def test_history_keeps_the_numbers_of_a_callback(
    data, verbose, in_terminal, monkeypatch
):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: in_terminal)
    network = Seq2SeqClassifier(**TINY, callbacks=[SaysMore()], verbose=verbose)
    history = network.fit(*data).history_
    assert history["number"] == [0.0, 1.0]
    assert not {"stage", "several", "mixed"} & history.keys()
    assert len(history["loss"]) == 2


class Unflushed:
    """Takes what is written, and has nothing else that a file has."""

    def __init__(self):
        self.written = ""

    def write(self, text):
        self.written += text


class ClosesLater(io.StringIO):
    """Is closed by its reader after the first line."""

    def __init__(self, in_terminal):
        super().__init__()
        self.in_terminal, self.n_refused = in_terminal, 0

    def isatty(self):
        return self.in_terminal

    def write(self, text):
        if "\n" in self.getvalue():
            self.n_refused += 1
            raise BrokenPipeError
        return super().write(text)


def closed():
    file = open(os.devnull, "w")  # noqa: SIM115
    file.close()
    return file


OUTPUTS = {
    "none": lambda: None,
    "closed": closed,
    "without flush": Unflushed,
    "nothing at all": object,
    "a pipe that is closed": lambda: ClosesLater(in_terminal=False),
    "a terminal that is closed": lambda: ClosesLater(in_terminal=True),
}


@pytest.mark.parametrize("verbose", [1, 2])
@pytest.mark.parametrize("make", OUTPUTS.values(), ids=OUTPUTS)
def test_an_output_that_fails_does_not_end_the_training(
    data, make, verbose, monkeypatch
):
    quiet = Seq2SeqClassifier(**TINY).fit(*data)
    output = make()
    monkeypatch.setattr(sys, "stdout", output)
    shown = Seq2SeqClassifier(**TINY, verbose=verbose).fit(*data)
    monkeypatch.undo()
    assert_same_weights(quiet, shown)
    if isinstance(output, ClosesLater):
        assert output.n_refused == 1  # and nothing was tried again
