"""Training that goes wrong, is interrupted, or is killed: what is lost is nothing."""

import collections
import contextlib
import copy
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.preprocessing import MinMaxScaler

from sklearn_seqadd import (
    MappingRegressor,
    TermExtractor,
    make_seq2seq_pipeline,
)
from sklearn_seqadd._tensorflow import keras
from sklearn_seqadd.networks import Seq2SeqNetwork
from sklearn_seqadd.training import cache
from sklearn_seqadd.training.network import CompiledNetwork

TINY = {"encoder_units": 8, "decoder_units": 8, "epochs": 4, "random_state": 0}
N_BATCHES = 13  # of the 400 small sums


def tiny_pipeline(**params):
    return make_seq2seq_pipeline(**{**TINY, **params})


def state_of(estimator):
    return copy.deepcopy(
        {
            name: value
            for name, value in vars(estimator).items()
            if name.endswith("_") and name != "target_transformer_"
        }
    )


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
    """Calls something at the beginning of an epoch."""

    def __init__(self, epoch, call):
        super().__init__()
        self.epoch, self.call = epoch, call

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.call()


def interrupt():
    signal.raise_signal(signal.SIGINT)


@pytest.fixture
def interruptible():
    """A process in the background may have been started without Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


# ---------------------------------------------------------- a loss that becomes NaN


def test_a_loss_that_is_nan_at_once_is_an_error(small_sums):
    pipe = tiny_pipeline(schedule=ExplodeAt(3))
    with pytest.raises(ValueError, match="In epoch 1 the loss or a weight became infi"):
        pipe.fit(*small_sums)
    with pytest.raises(NotFittedError):
        pipe[-1].predict(pipe[:-1].transform(small_sums[0]))


def test_a_loss_that_is_nan_at_once_leaves_what_was_fitted(small_sums):
    pipe = tiny_pipeline().fit(*small_sums)
    before = state_of(pipe[-1])
    X = pipe[:-1].transform(small_sums[0])
    answers = pipe[-1].predict(X)
    pipe[-1].set_params(schedule=ExplodeAt(3))
    for train in (pipe[-1].fit, pipe[-1].partial_fit):
        with pytest.raises(ValueError, match="learning_rate, a clipnorm or smaller"):
            train(X, small_sums[1])
        assert_same_state(state_of(pipe[-1]), before)
    np.testing.assert_array_equal(pipe[-1].predict(X), answers)


# In the third epoch: at its first mini-batch, in its midst, and by the last update,
# which the loss of this epoch does not know of.
@pytest.mark.parametrize("step", [2 * N_BATCHES + 1, 2 * N_BATCHES + 6, 3 * N_BATCHES])
def test_a_loss_that_becomes_nan_ends_with_the_epoch_before(small_sums, step):
    good = tiny_pipeline(
        schedule=ExplodeAt(10**6), epochs=2, validation_split=0.01, warm_start=True
    ).fit(*small_sums)
    bad = tiny_pipeline(
        schedule=ExplodeAt(step), validation_split=0.01, warm_start=True
    )
    with pytest.warns(ConvergenceWarning, match="In epoch 3 .* in the 2 epochs before"):
        bad.fit(*small_sums)
    assert_same_state(state_of(bad[-1]), state_of(good[-1]))
    assert bad.score(*small_sums) == good.score(*small_sums)


def test_numbers_that_overflow_are_a_loss_that_diverges(small_sums):
    X = TermExtractor().fit_transform(small_sums[0])
    y = np.asarray(small_sums[1], float)
    regressor = MappingRegressor("mlp", (4,), learning_rate=1e200, random_state=0)
    with pytest.raises(ValueError, match="In epoch 1 the loss"):
        regressor.fit(X, y)


def test_a_search_goes_on_after_a_candidate_that_diverges(small_sums):
    search = GridSearchCV(
        tiny_pipeline(),
        {"seq2seqclassifier__schedule": [ExplodeAt(3), None]},
        cv=2,
    )
    with pytest.warns(Warning, match="2 fits failed out of a total of 4|non-finite"):
        search.fit(*small_sums)
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [True, False]


# ----------------------------------------------------------------- nothing was learned


def test_no_progress_at_all_is_warned_about(small_sums):
    pipe = tiny_pipeline(optimizer="sgd", learning_rate=1e3, epochs=6)
    with pytest.warns(ConvergenceWarning, match="in 6 epochs .* below that of the fir"):
        pipe.fit(*small_sums)
    assert min(pipe[-1].history_["loss"][1:]) >= pipe[-1].history_["loss"][0]


def test_worse_than_guessing_is_warned_about(small_sums):
    pipe = tiny_pipeline(learning_rate=10.0, epochs=6)
    with pytest.warns(ConvergenceWarning, match="below that of guessing, 2.398; the l"):
        pipe.fit(*small_sums)  # ten digits and the padding: log(11)
    losses = pipe[-1].history_["loss"]
    assert losses[0] > min(losses) > np.log(11)


@pytest.mark.parametrize(
    "params",
    [
        {"epochs": 4, "learning_rate": 10.0},  # too few to say
        {"epochs": 6, "learning_rate": 0.01},
    ],
)
def test_an_ordinary_fit_does_not_warn(small_sums, params):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tiny_pipeline(**params).fit(*small_sums)


def test_no_progress_from_perfection_is_not_warned_about(small_sums):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # One answer only is known from the start.
        tiny_pipeline(epochs=6).fit(small_sums[0], [""] * len(small_sums[0]))


def test_going_on_without_progress_is_not_warned_about(small_sums):
    pipe = tiny_pipeline(epochs=6, learning_rate=0.01, warm_start=True).fit(*small_sums)
    pipe.set_params(seq2seqclassifier__learning_rate=10.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pipe.fit(*small_sums)


# ------------------------------------------------------------------------- Ctrl-C


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_keeps_the_epochs_that_were_finished(small_sums):
    two_epochs = tiny_pipeline(epochs=2).fit(*small_sums)
    pipe = tiny_pipeline(callbacks=[AtEpoch(2, interrupt)])
    with pytest.raises(KeyboardInterrupt):
        pipe.fit(*small_sums)
    assert_same_state(state_of(pipe[-1]), state_of(two_epochs[-1]))
    np.testing.assert_array_equal(
        pipe.predict(small_sums[0]), two_epochs.predict(small_sums[0])
    )


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_in_the_first_epoch_changes_nothing(small_sums):
    pipe = tiny_pipeline(callbacks=[AtEpoch(0, interrupt)])
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
def test_an_interrupted_warm_start_goes_on_where_it_was(small_sums):
    # The schedule of rates begins anew with each fit, so none is used here.
    whole = tiny_pipeline(epochs=2, warm_start=True).fit(*small_sums).fit(*small_sums)
    pipe = tiny_pipeline(warm_start=True, callbacks=[AtEpoch(2, interrupt)])
    with pytest.raises(KeyboardInterrupt):
        pipe.fit(*small_sums)
    pipe.set_params(seq2seqclassifier__epochs=2, seq2seqclassifier__callbacks=None)
    pipe.fit(*small_sums)
    assert_same_state(state_of(pipe[-1]), state_of(whole[-1]))


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_stops_a_cross_validation(small_sums):
    pipe = tiny_pipeline(callbacks=[AtEpoch(2, interrupt)])
    with pytest.raises(KeyboardInterrupt):
        cross_val_score(pipe, *small_sums, error_score=0)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_at_the_very_end_loses_nothing(small_sums):
    whole = tiny_pipeline().fit(*small_sums)
    at_the_end = keras.callbacks.LambdaCallback(on_train_end=lambda logs: interrupt())
    pipe = tiny_pipeline(callbacks=[at_the_end])
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
        tiny_pipeline(callbacks=callbacks).fit(*small_sums)
    assert reached
    assert came[0] is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("interruptible")
def test_a_second_interrupt_does_not_wait(small_sums):
    def interrupt_twice():
        interrupt()
        interrupt()
        raise AssertionError("was not interrupted")

    pipe = tiny_pipeline(callbacks=[AtEpoch(2, interrupt_twice)])
    with pytest.raises(KeyboardInterrupt):
        pipe.fit(*small_sums)
    assert len(pipe[-1].history_["loss"]) == 2


@pytest.mark.usefixtures("interruptible")
def test_a_prediction_is_interrupted_too(small_sums, monkeypatch):
    pipe = tiny_pipeline(epochs=1).fit(*small_sums)
    many = np.repeat(small_sums[0], 20)  # more than are predicted in one call
    answers = pipe.predict(many)
    monkeypatch.setattr(
        CompiledNetwork, "predict", _interrupted(CompiledNetwork.predict)
    )
    with pytest.raises(KeyboardInterrupt):
        pipe.predict(many)
    monkeypatch.undo()
    np.testing.assert_array_equal(pipe.predict(many), answers)


@pytest.mark.usefixtures("interruptible")
def test_a_network_that_is_being_built_is_built_to_its_end(small_sums, monkeypatch):
    pipe = tiny_pipeline(epochs=1).fit(*small_sums)
    answers = pipe.predict(small_sums[0])
    built = []

    def interrupt_and_build(description, build=Seq2SeqNetwork.build):
        interrupt()
        built.append(build(description))
        return built[0]

    monkeypatch.setattr(Seq2SeqNetwork, "build", interrupt_and_build)
    monkeypatch.setattr(cache, "_networks", collections.OrderedDict())
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
        pipe = tiny_pipeline(callbacks=[AtEpoch(1, interrupt)]).fit(*small_sums)
        assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [1]
    assert len(pipe[-1].history_["loss"]) == 4


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(os.name == "nt", reason="a timer of signals is a Unix matter")
@pytest.mark.parametrize("n_times", [4, pytest.param(200, marks=pytest.mark.slow)])
def test_an_interrupt_at_any_moment_leaves_a_usable_estimator(small_sums, n_times):
    rng = random.Random(0)
    X, _ = small_sums
    tiny_pipeline().fit(*small_sums).predict(X)  # compiled, so that training is hit
    start = time.perf_counter()
    tiny_pipeline(epochs=60).fit(*small_sums).predict(X)
    seconds = time.perf_counter() - start
    expected = {}  # by the number of epochs
    for _ in range(n_times):
        pipe = tiny_pipeline(epochs=60)
        try:
            with _interrupt_after_seconds(rng.uniform(0.01, seconds)):
                pipe.fit(*small_sums).predict(X)
        except KeyboardInterrupt:
            pass
        if not hasattr(pipe[-1], "weights_"):
            continue  # in the first epoch, or before it
        n_epochs = len(pipe[-1].history_["loss"])
        if n_epochs not in expected:
            fitted = tiny_pipeline(epochs=n_epochs).fit(*small_sums)
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


# -------------------------------------------------------------------- checkpoints

# Each of these is state that a resumed fit must find again.
RESUMABLE = {
    "plain": "",
    "a planned learning rate": "schedule='cosine', learning_rate=0.01",
    "a schedule of Keras": (
        "schedule=keras.optimizers.schedules.ExponentialDecay(0.01, 50, 0.9)"
    ),
    "dropout": "dropout=0.3, decoder='attention', encoder_units=None",
    "an optimizer with a memory": "optimizer=keras.optimizers.SGD(0.1, 0.9, True)",
    "averaged weights": (
        "optimizer=keras.optimizers.Adam(0.01, use_ema=True, "
        "ema_overwrite_frequency=20)"
    ),
    "a callback that lowers the rate": (
        "validation_split=0.2, callbacks=[keras.callbacks.ReduceLROnPlateau("
        "patience=1, min_delta=0.5)]"
    ),
    "a callback that remembers weights": (
        "validation_split=0.2, callbacks=[keras.callbacks.EarlyStopping("
        "'val_exact_match', mode='max', patience=50, restore_best_weights=True)]"
    ),
}


def resumable(params, **more):
    return tiny_pipeline(**eval(f"dict({params})", {"keras": keras}), **more)


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
    pipe = tiny_pipeline(checkpoint_dir=tmp_path, verbose=2).fit(*small_sums)
    assert "epoch 1/4" in capsys.readouterr().out
    again = tiny_pipeline(checkpoint_dir=tmp_path, verbose=2).fit(*small_sums)
    assert capsys.readouterr().out == ""
    assert_same_state(state_of(again[-1]), state_of(pipe[-1]))


def test_another_fit_does_not_find_it(small_sums, tmp_path):
    X, y = small_sums
    tiny_pipeline(checkpoint_dir=tmp_path).fit(X, y)
    others = [
        (tiny_pipeline(random_state=1), X, y),
        (tiny_pipeline(epochs=5), X, y),
        (tiny_pipeline(learning_rate=0.01), X, y),
        (tiny_pipeline(decoder_units=9), X, y),
        (tiny_pipeline(batch_size=16), X, y),
        (tiny_pipeline(schedule=ExplodeAt(10**6)), X, y),
        (tiny_pipeline(schedule=ExplodeAt(10**7)), X, y),
        (tiny_pipeline(callbacks=[keras.callbacks.EarlyStopping("loss")]), X, y),
        (tiny_pipeline(validation_split=0.1), X, y),
        (tiny_pipeline(), X[1:], y[1:]),
        (tiny_pipeline(), X, np.r_[y[1:], y[:1]]),
    ]
    for i, (pipe, *data) in enumerate(others):
        pipe.set_params(seq2seqclassifier__checkpoint_dir=tmp_path).fit(*data)
        assert len(list(tmp_path.iterdir())) == i + 2


@pytest.mark.parametrize("package", ["sklearn_seqadd", "keras", "tensorflow"])
def test_another_version_does_not_find_it(small_sums, tmp_path, monkeypatch, package):
    pipe = tiny_pipeline(checkpoint_dir=tmp_path).fit(*small_sums)
    monkeypatch.setattr(sys.modules[package], "__version__", "0.0.1")
    pipe.fit(*small_sums)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_finished_fit_that_diverged_warns_again(small_sums, tmp_path):
    pipe = tiny_pipeline(schedule=ExplodeAt(N_BATCHES + 2), checkpoint_dir=tmp_path)
    for _ in range(2):
        with pytest.warns(ConvergenceWarning, match="In epoch 2 the loss or a weight"):
            pipe.fit(*small_sums)
    assert len(list(tmp_path.iterdir())) == 1
    assert len(pipe[-1].history_["loss"]) == 1


def test_a_search_that_is_run_again_trains_what_is_missing_only(
    small_sums, tmp_path, capsys
):
    grid = {"seq2seqclassifier__learning_rate": [1e-3, 1e-2]}
    pipe = tiny_pipeline(checkpoint_dir=tmp_path, verbose=2)
    search = GridSearchCV(pipe, grid, cv=2).fit(*small_sums)
    capsys.readouterr()
    next(iter(tmp_path.iterdir())).unlink()
    again = GridSearchCV(pipe, grid, cv=2).fit(*small_sums)
    assert capsys.readouterr().out.count("epoch 1/4") == 1
    for name in ("mean_test_score", "std_test_score"):
        np.testing.assert_array_equal(again.cv_results_[name], search.cv_results_[name])


def test_training_that_goes_on_has_checkpoints_too(small_sums, tmp_path):
    pipe = tiny_pipeline(warm_start=True, checkpoint_dir=tmp_path)
    pipe.fit(*small_sums).fit(*small_sums)
    again = tiny_pipeline(warm_start=True, checkpoint_dir=tmp_path)
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
    expected = state_of(tiny_pipeline().fit(*small_sums)[-1])
    pipe = tiny_pipeline(checkpoint_dir=tmp_path).fit(*small_sums)
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
        n_refused += any("training begins anew" in str(w.message) for w in caught)
        assert_same_state(state_of(pipe[-1]), expected)
    assert n_refused >= 20


def test_the_checkpoint_of_another_fit_is_not_loaded(small_sums, tmp_path):
    tiny_pipeline(checkpoint_dir=tmp_path / "one").fit(*small_sums)
    tiny_pipeline(checkpoint_dir=tmp_path / "other", random_state=1).fit(*small_sums)
    (one,), (other,) = ((tmp_path / name).iterdir() for name in ("one", "other"))
    os.replace(other, one)
    with pytest.warns(UserWarning, match="it is that of another fit"):
        tiny_pipeline(checkpoint_dir=tmp_path / "one").fit(*small_sums)


def test_what_cannot_be_written_does_not_end_the_training(small_sums, tmp_path):
    tiny_pipeline(checkpoint_dir=tmp_path).fit(*small_sums)
    (path,) = tmp_path.iterdir()
    path.unlink()
    path.mkdir()  # in the way of the file
    (path / "file").touch()
    pipe = tiny_pipeline(checkpoint_dir=tmp_path)
    with pytest.warns(UserWarning, match="cannot be (read|written)") as caught:
        pipe.fit(*small_sums)
    assert any("cannot be written" in str(warning.message) for warning in caught)
    assert len(pipe[-1].history_["loss"]) == 4


def test_what_a_checkpoint_needs(small_sums, tmp_path):
    with pytest.raises(ValueError, match="random_state must not be None"):
        tiny_pipeline(checkpoint_dir=tmp_path, random_state=None).fit(*small_sums)
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="file' is not a directory"):
        tiny_pipeline(checkpoint_dir=str(tmp_path / "file")).fit(*small_sums)


# ----------------------------------------------------------------------- SIGKILL

KILLED = """
import sys
import numpy as np
from sklearn_seqadd import make_addition, make_seq2seq_pipeline
from sklearn_seqadd._tensorflow import keras

X, y = make_addition(400, largest=9, random_state=0)
units = dict(encoder_units=8, decoder_units=8)
pipe = make_seq2seq_pipeline(**(units | dict({params})))
pipe[-1].set_params(epochs={epochs}, random_state=0, checkpoint_dir={folder!r})
print("begin", flush=True)
pipe.fit(X, y)
print("end", flush=True)
np.savez({result!r}, *pipe[-1].weights_, loss=pipe[-1].history_["loss"])
"""


def kill_and_resume(params, tmp_path, n_kills):
    """Train in processes that are killed, and in one that is not; both results."""
    rng = random.Random(0)
    results = []
    for folder, n_left in ((str(tmp_path / "killed"), n_kills), (None, 0)):
        result = str(tmp_path / f"{n_left}.npz")
        script = textwrap.dedent(KILLED).format(
            params=params, folder=folder, result=result, epochs=120 * n_kills
        )
        while True:
            with subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", script],
                stdout=subprocess.PIPE,
                text=True,
            ) as process:
                assert process.stdout.readline() == "begin\n"
                if n_left:
                    time.sleep(rng.uniform(0, 3))
                    process.send_signal(signal.SIGKILL)
                ended = "end" in process.communicate()[0]
            if not n_left:
                assert ended
                assert process.returncode == 0
                break
            assert not ended  # it was killed in time
            n_left -= 1
        with np.load(result) as file:
            results.append(dict(file))
    return results


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a Unix matter")
@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "dropout",
        "a planned learning rate",
        "a callback that remembers weights",
    ],
)
def test_a_fit_that_is_killed_ends_as_if_it_had_not_been(tmp_path, name):
    resumed, whole = kill_and_resume(RESUMABLE[name], tmp_path, n_kills=5)
    assert resumed.keys() == whole.keys()
    for array, expected in whole.items():
        np.testing.assert_array_equal(resumed[array], expected)
    files = list((tmp_path / "killed").iterdir())
    assert [file.suffix for file in files] == [".npz"]  # nothing half-written is left
