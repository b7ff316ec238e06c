"""Fits that are resumed from their checkpoints, after a SIGKILL too."""

import copy
import os
import random
import signal
import subprocess
import sys
import time
import warnings
from typing import ClassVar

import numpy as np
import pytest
from helpers import N_BATCHES, ExplodeAt, assert_same_state, longer_pipeline, state_of
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import MinMaxScaler

from sklearn_seqadd import (
    MappingRegressor,
    TermExtractor,
    make_addition,
    make_seq2seq_pipeline,
)
from sklearn_seqadd._tensorflow import keras

# Each of these is state that a resumed fit must find again.
RESUMABLE = {
    "plain": "",
    "a planned learning rate": "schedule='cosine', learning_rate=0.01",
    "a schedule of Keras": (
        "schedule=keras.optimizers.schedules.ExponentialDecay(0.01, 50, 0.9)"
    ),
    "dropout": "dropout=0.3, decoder='attention', encoder_units=None",
    "heads that move": "decoder='relative', encoder_units=None, cell='simple_rnn'",
    "an optimizer with a memory": "optimizer=keras.optimizers.SGD(0.1, 0.9, True)",
    "averaged weights": (
        "optimizer=keras.optimizers.Adam(0.01, use_ema=True, "
        "ema_overwrite_frequency=20)"
    ),
    "early stopping": "early_stopping=True, n_iter_no_change=2, learning_rate=0.05",
    "a callback that lowers the rate": (
        "early_stopping=True, callbacks=[keras.callbacks.ReduceLROnPlateau("
        "patience=1, min_delta=0.5)]"
    ),
    "a callback that remembers weights": (
        "early_stopping=True, n_iter_no_change=200, "
        "callbacks=[keras.callbacks.EarlyStopping("
        "'val_exact_match', mode='max', patience=50, restore_best_weights=True)]"
    ),
}


def as_dict(params):
    return eval(f"dict({params})", {"keras": keras})


def resumable(params, **more):
    return longer_pipeline(**as_dict(params), **more)


# Keras' ReduceLROnPlateau and NumPy 2 are not ours to mend.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("params", RESUMABLE.values(), ids=RESUMABLE.keys())
def test_a_fit_is_resumed_from_its_checkpoint(small_sums, tmp_path, params):
    expected = resumable(params, epochs=8).fit(*small_sums)
    for epoch in (3, 6):
        pipe = resumable(params, epochs=8, checkpoint_dir=tmp_path)
        _interrupt_after(pipe, small_sums, epoch)
    pipe = resumable(params, epochs=8, checkpoint_dir=tmp_path).fit(*small_sums)
    assert_same_state(state_of(pipe[-1]), state_of(expected[-1]))
    assert len(list(tmp_path.iterdir())) == 1


def _interrupt_after(pipe, sums, n_epochs):
    """Interrupt a fit when its checkpoint holds so many epochs.

    Not by a callback, which would be part of what the fit is known by.
    """
    from sklearn_seqadd._checkpoint import Checkpoint

    save = Checkpoint.save

    def save_and_interrupt(self, progress):
        self._last_end = (
            -np.inf
        )  # written every time, that the test knows what is there
        save(self, progress)
        if progress.n_epochs == n_epochs:
            raise KeyboardInterrupt

    Checkpoint.save = save_and_interrupt
    try:
        with pytest.raises(KeyboardInterrupt):
            pipe.fit(*sums)
    finally:
        Checkpoint.save = save


def test_a_finished_fit_is_not_run_again(small_sums, tmp_path, capsys):
    pipe = longer_pipeline(checkpoint_dir=tmp_path, verbose=2).fit(*small_sums)
    assert "epoch 1/4" in capsys.readouterr().out
    again = longer_pipeline(checkpoint_dir=tmp_path, verbose=2).fit(*small_sums)
    assert capsys.readouterr().out == ""
    assert_same_state(state_of(again[-1]), state_of(pipe[-1]))


class Stops(keras.callbacks.Callback):
    """Ends the training after two epochs."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            self.model.stop_training = True


class StopsInBatch(keras.callbacks.Callback):
    """Ends the training in the midst of the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 1 and batch == 3:
            self.model.stop_training = True


class Dies(keras.callbacks.Callback):
    """Kills the process, as it were, once in each of its hooks."""

    died: ClassVar[set] = set()  # of the class, so that no state is in the callback

    def _die(self, *moment):
        if moment not in Dies.died:
            Dies.died.add(moment)
            raise SystemError("killed")

    def on_epoch_begin(self, epoch, logs=None):
        self._die("epoch begins", epoch)

    def on_epoch_end(self, epoch, logs=None):
        self._die("epoch ends", epoch)

    def on_train_end(self, logs=None):
        self.logs.append(logs)
        self._die("training ends")


@pytest.mark.parametrize("stops", [Stops, StopsInBatch])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_fit_that_a_callback_has_stopped_is_not_trained_on(
    small_sums, tmp_path, monkeypatch, stops, early_stopping
):
    monkeypatch.setattr("sklearn_seqadd._checkpoint._MIN_SECONDS_BETWEEN_PER_SECOND", 0)
    monkeypatch.setattr(Dies, "logs", [], raising=False)
    params = {"epochs": 10, "dropout": 0.2, "early_stopping": early_stopping}
    expected = longer_pipeline(**params, callbacks=[stops()]).fit(*small_sums)
    monkeypatch.setattr(Dies, "died", set())
    pipe = longer_pipeline(
        **params, callbacks=[stops(), Dies()], checkpoint_dir=tmp_path
    )
    for _ in range(5):  # begin and end of two epochs, and the end of training
        with pytest.raises(SystemError, match="killed"):
            pipe.fit(*small_sums)
    pipe.fit(*small_sums)
    assert len(Dies.died) == 5
    assert pipe[-1].n_iter_ == 2
    assert_same_state(state_of(pipe[-1]), state_of(expected[-1]))
    # The logs at the end are those of the last epoch, resumed or not.
    assert Dies.logs[0] == Dies.logs[1] != {}


def test_a_fit_that_stopped_early_is_not_trained_on(small_sums, tmp_path):
    params = {"early_stopping": True, "n_iter_no_change": 1, "learning_rate": 0.3}
    params["epochs"] = 30
    expected = longer_pipeline(**params).fit(*small_sums)
    pipe = longer_pipeline(**params, checkpoint_dir=tmp_path)
    _interrupt_after(pipe, small_sums, expected[-1].n_iter_)
    pipe.fit(*small_sums)
    assert_same_state(state_of(pipe[-1]), state_of(expected[-1]))


class Collects(keras.callbacks.Callback):
    def __init__(self, losses):
        super().__init__()
        self.losses = losses

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["loss"])


@pytest.mark.usefixtures("interruptible")
def test_a_list_that_a_callback_fills_is_resumed_in_place(small_sums, tmp_path):
    expected, losses, again = [], [], []
    longer_pipeline(callbacks=[Collects(expected)]).fit(*small_sums)
    pipe = longer_pipeline(callbacks=[Collects([])], checkpoint_dir=tmp_path)
    _interrupt_after(pipe, small_sums, 2)
    for shared in (losses, again):  # resumed, and found to be finished
        pipe.set_params(seq2seqclassifier__callbacks=[Collects(shared)])
        pipe.fit(*small_sums)
    assert losses == again == expected
    assert len(list(tmp_path.iterdir())) == 1


def test_another_fit_does_not_find_it(small_sums, tmp_path):
    X, y = small_sums
    longer_pipeline(checkpoint_dir=tmp_path).fit(X, y)
    others = [
        (longer_pipeline(random_state=1), X, y),
        (longer_pipeline(epochs=5), X, y),
        (longer_pipeline(learning_rate=0.01), X, y),
        (longer_pipeline(decoder_units=9), X, y),
        (longer_pipeline(batch_size=16), X, y),
        (longer_pipeline(schedule=ExplodeAt(10**6)), X, y),
        (longer_pipeline(schedule=ExplodeAt(10**7)), X, y),
        (longer_pipeline(callbacks=[keras.callbacks.EarlyStopping("loss")]), X, y),
        (longer_pipeline(early_stopping=True), X, y),
        (longer_pipeline(early_stopping=True, tol=0.1), X, y),
        (longer_pipeline(weight_decay=0.1), X, y),
        (longer_pipeline(weight_decay=0.2), X, y),
        (longer_pipeline(), X[1:], y[1:]),
        (longer_pipeline(), X, np.r_[y[1:], y[:1]]),
    ]
    for i, (pipe, *data) in enumerate(others):
        pipe.set_params(seq2seqclassifier__checkpoint_dir=tmp_path).fit(*data)
        assert len(list(tmp_path.iterdir())) == i + 2


@pytest.mark.parametrize("module", ["sklearn_seqadd._version", "keras", "tensorflow"])
def test_another_version_does_not_find_it(small_sums, tmp_path, monkeypatch, module):
    pipe = longer_pipeline(checkpoint_dir=tmp_path).fit(*small_sums)
    monkeypatch.setattr(sys.modules[module], "__version__", "0.0.1")
    pipe.fit(*small_sums)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_finished_fit_that_diverged_warns_again(small_sums, tmp_path):
    pipe = longer_pipeline(schedule=ExplodeAt(N_BATCHES + 2), checkpoint_dir=tmp_path)
    for _ in range(2):
        with pytest.warns(ConvergenceWarning, match="In epoch 2 the loss or a weight"):
            pipe.fit(*small_sums)
    assert len(list(tmp_path.iterdir())) == 1
    assert len(pipe[-1].history_["loss"]) == 1


def test_a_search_that_is_run_again_trains_what_is_missing_only(
    small_sums, tmp_path, capsys
):
    grid = {"seq2seqclassifier__learning_rate": [1e-3, 1e-2]}
    pipe = longer_pipeline(checkpoint_dir=tmp_path, verbose=2)
    search = GridSearchCV(pipe, grid, cv=2).fit(*small_sums)
    capsys.readouterr()
    next(iter(tmp_path.iterdir())).unlink()
    again = GridSearchCV(pipe, grid, cv=2).fit(*small_sums)
    assert capsys.readouterr().out.count("epoch 1/4") == 1
    for name in ("mean_test_score", "std_test_score"):
        np.testing.assert_array_equal(again.cv_results_[name], search.cv_results_[name])


def test_training_that_continues_has_checkpoints_too(small_sums, tmp_path):
    pipe = longer_pipeline(warm_start=True, checkpoint_dir=tmp_path)
    pipe.fit(*small_sums).fit(*small_sums)
    again = longer_pipeline(warm_start=True, checkpoint_dir=tmp_path)
    again.fit(*small_sums).fit(*small_sums)
    assert_same_state(state_of(again[-1]), state_of(pipe[-1]))
    assert len(again[-1].history_["loss"]) == 8
    assert len(list(tmp_path.iterdir())) == 2


def test_the_regressor_has_checkpoints_too(small_sums, tmp_path):
    X = MinMaxScaler().fit_transform(TermExtractor().fit_transform(small_sums[0]))
    regressor = MappingRegressor("mlp", (4,), epochs=3, random_state=0)
    regressor.set_params(checkpoint_dir=str(tmp_path / "made" / "anew"))
    one, other = (copy.deepcopy(regressor).fit(X, small_sums[1]) for _ in range(2))
    assert_same_state(state_of(one), state_of(other))
    assert len(list((tmp_path / "made" / "anew").iterdir())) == 1


def test_a_checkpoint_that_is_not_whole_is_never_loaded(small_sums, tmp_path):
    expected = state_of(longer_pipeline().fit(*small_sums)[-1])
    pipe = longer_pipeline(checkpoint_dir=tmp_path).fit(*small_sums)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    rng = random.Random(0)
    damaged = [whole[:n] for n in (0, 1, len(whole) - 1)]
    damaged += [whole[: rng.randrange(len(whole))] for _ in range(5)]
    for _ in range(20):
        at = rng.randrange(len(whole))
        damaged.append(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
    n_refused = 0
    for content in damaged:
        path.write_bytes(content)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            pipe.fit(*small_sums)
        # There are bytes in such a file that mean nothing, times for example.
        n_refused += any("training starts again" in str(w.message) for w in caught)
        assert_same_state(state_of(pipe[-1]), expected)
    assert n_refused >= 20


def test_the_checkpoint_of_another_fit_is_not_loaded(small_sums, tmp_path):
    longer_pipeline(checkpoint_dir=tmp_path / "one").fit(*small_sums)
    longer_pipeline(checkpoint_dir=tmp_path / "other", random_state=1).fit(*small_sums)
    (one,), (other,) = ((tmp_path / name).iterdir() for name in ("one", "other"))
    os.replace(other, one)
    with pytest.warns(UserWarning, match="it is that of another fit"):
        longer_pipeline(checkpoint_dir=tmp_path / "one").fit(*small_sums)


def test_what_cannot_be_written_does_not_end_the_training(small_sums, tmp_path):
    longer_pipeline(checkpoint_dir=tmp_path).fit(*small_sums)
    (path,) = tmp_path.iterdir()
    path.unlink()
    path.mkdir()  # in the way of the file
    (path / "file").touch()
    pipe = longer_pipeline(checkpoint_dir=tmp_path)
    with pytest.warns(UserWarning, match="cannot be (read|written)") as caught:
        pipe.fit(*small_sums)
    assert any("cannot be written" in str(warning.message) for warning in caught)
    assert len(pipe[-1].history_["loss"]) == 4


def test_what_a_checkpoint_needs(small_sums, tmp_path):
    with pytest.raises(ValueError, match="random_state must not be None"):
        longer_pipeline(checkpoint_dir=tmp_path, random_state=None).fit(*small_sums)
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="file' is not a directory"):
        longer_pipeline(checkpoint_dir=str(tmp_path / "file")).fit(*small_sums)


LONG = {"encoder_units": 8, "decoder_units": 8, "epochs": 200, "random_state": 0}

KILLED = """
import numpy as np
from sklearn_seqadd import make_addition, make_seq2seq_pipeline
from sklearn_seqadd._tensorflow import keras

pipe = make_seq2seq_pipeline(**({long} | dict({params})))
pipe[-1].set_params(checkpoint_dir={folder!r}, verbose=1)
pipe.fit(*make_addition(400, largest=9, random_state=0))
print("end", flush=True)
np.savez({result!r}, *pipe[-1].weights_, loss=pipe[-1].history_["loss"])
"""


def kill_and_resume(params, tmp_path, n_kills):
    """Train in processes that are killed, and in a last one that is not."""
    rng = random.Random(0)
    result = str(tmp_path / "result.npz")
    script = KILLED.format(
        long=LONG, params=params, folder=str(tmp_path / "killed"), result=result
    )
    for is_killed in [True] * n_kills + [False]:
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", script],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            if is_killed:
                for _ in range(rng.randint(1, 20)):
                    assert process.stdout.readline().startswith("epoch")
                time.sleep(rng.uniform(0, 0.05))
                process.send_signal(signal.SIGKILL)
            ended = "end" in process.communicate()[0]
        assert ended is not is_killed  # it was killed in time
        assert process.returncode == (-signal.SIGKILL if is_killed else 0)
    with np.load(result) as file:
        return dict(file)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a Unix matter")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "n_kills"),
    [
        ("plain", 3),
        ("dropout", 2),
        ("a planned learning rate", 2),
        ("a callback that remembers weights", 2),
    ],
)
def test_a_fit_that_is_killed_ends_as_if_it_had_not_been(tmp_path, name, n_kills):
    resumed = kill_and_resume(RESUMABLE[name], tmp_path, n_kills)
    whole = make_seq2seq_pipeline(**(LONG | as_dict(RESUMABLE[name])))
    whole.fit(*make_addition(400, largest=9, random_state=0))
    np.testing.assert_array_equal(resumed.pop("loss"), whole[-1].history_["loss"])
    for weights, expected in zip(resumed.values(), whole[-1].weights_, strict=True):
        np.testing.assert_array_equal(weights, expected)
    files = list((tmp_path / "killed").iterdir())
    assert [file.suffix for file in files] == [".npz"]  # nothing half-written is left
