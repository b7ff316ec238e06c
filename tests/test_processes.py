"""Other code in the process: forks, workers, and what TensorFlow was told before."""

import os
import subprocess
import sys

import joblib
import numpy as np
import pytest
from helpers import TINY, assert_same_weights, slow
from sklearn.base import clone

from sklearn_seqadd import MappingRegressor, Seq2SeqClassifier
from sklearn_seqadd._tensorflow import tf

# ------------------------------------------------------------------------- workers


@pytest.mark.slow
def test_processes_of_any_number_give_the_same_bits(data):
    fit = joblib.delayed(Seq2SeqClassifier(**TINY, jit_compile=True).fit)
    here = Seq2SeqClassifier(**TINY, jit_compile=True).fit(*data)
    for there in joblib.Parallel(n_jobs=2)(fit(*data) for _ in range(2)):
        assert_same_weights(here, there)


def count_threads_of_a_worker():
    from sklearn_seqadd._tensorflow import tf

    return tf.config.threading.get_intra_op_parallelism_threads()


@pytest.mark.slow
def test_workers_share_the_cores_instead_of_fighting_for_them():
    # Not parallel_config, which the oldest joblib of scikit-learn 1.6 does not have.
    with joblib.parallel_backend("loky", inner_max_num_threads=1):
        count = joblib.delayed(count_threads_of_a_worker)
        assert joblib.Parallel(n_jobs=2)(count() for _ in range(2)) == [1, 1]


# --------------------------------------------------------------------------- forks

BEFORE_FORK = """
import multiprocessing, os, signal, sys
import numpy as np
from sklearn_seqadd import (
    MappingRegressor, OnnxPipeline, Seq2SeqClassifier, Seq2SeqEnsemble, export_onnx,
    make_addition, make_seq2seq_pipeline)

X, y = make_addition(50, largest=9, random_state=0)
pipe = make_seq2seq_pipeline(encoder_units=4, decoder_units=4, epochs=1, random_state=0)
numbers = np.eye(4)
regressor = MappingRegressor("mlp", (4,), epochs=1)


def fork(call):
    '''Print what a call returns or raises in a child, which has a minute.'''
    def run():
        signal.alarm(60)
        try:
            found = call()
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        print(found, flush=True)

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    child.join()
    print("ended by", child.exitcode, flush=True)
"""


def run(script):
    """Run a script in a new process; the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.mark.slow
@needs_fork
def test_a_process_that_was_forked_too_late_says_what_to_do():
    lines = run(
        BEFORE_FORK
        + """
pipe.fit(X, y)
regressor.fit(numbers, numbers[0])
ensemble = Seq2SeqEnsemble(pipe[-1], 2).fit(pipe[:-1].transform(X), y)
for call in (
    lambda: pipe.predict(X),
    lambda: make_seq2seq_pipeline(decoder="attention").fit(X, y),
    lambda: pipe[-1].model_,
    lambda: export_onnx(pipe, "never.onnx"),
    lambda: regressor.predict(numbers),
    lambda: MappingRegressor().fit(numbers, numbers[0]),
    lambda: ensemble.predict(pipe[:-1].transform(X)),
    lambda: ensemble.fit(pipe[:-1].transform(X), y),
    lambda: fork(lambda: pipe.predict(X)),
):
    fork(call)
"""
    )
    errors = [line for line in lines if line.startswith("RuntimeError: ")]
    assert len(errors) == 9
    for error in errors:
        assert "forked after TensorFlow had been used" in error
        for advice in ("'spawn'", "'forkserver'", "OnnxPipeline"):
            assert advice in error
    assert [line for line in lines if line.startswith("ended")] == ["ended by 0"] * 10


@pytest.mark.slow
@needs_fork
@pytest.mark.parametrize("before", ["", "import sklearn_seqadd._tensorflow, keras"])
def test_a_process_may_be_forked_before_tensorflow_is_used(before):
    lines = run(
        BEFORE_FORK
        + f"""
{before}
fork(lambda: pipe.fit(X, y).predict(X[:2]).shape)
fork(lambda: regressor.fit(numbers, numbers[0]).predict(numbers).shape)
print(pipe.fit(X, y).predict(X[:2]).shape)  # and the parent goes on
"""
    )
    assert lines == ["(2,)", "ended by 0", "(4,)", "ended by 0", "(2,)"]


@pytest.mark.slow
@needs_fork
@pytest.mark.parametrize("n_threads", [1, 4])
def test_an_exported_pipeline_answers_in_a_forked_process(tmp_path, n_threads):
    lines = run(
        BEFORE_FORK
        + f"""
path = {str(tmp_path / "sums.onnx")!r}
export_onnx(pipe.fit(X, y), path)
exported = OnnxPipeline(path, n_threads={n_threads})
many = np.tile(X, 100)
expected = exported.predict(many)
fork(lambda: (exported.predict(many) == expected).all())
fork(lambda: (OnnxPipeline(path).predict(many) == expected).all())
"""
    )
    assert lines == ["True", "ended by 0", "True", "ended by 0"]


# ---------------------------------------------------------- what TensorFlow was told


def in_a_function(call):
    tf.function(lambda: call() and tf.constant(0), autograph=False)()


def in_a_graph(call):
    with tf.Graph().as_default():
        call()


def in_a_scope(call):
    with tf.distribute.MirroredStrategy(["/cpu:0"]).scope():
        call()


def with_one_device(call):
    with tf.distribute.OneDeviceStrategy("/cpu:0").scope():
        call()


@pytest.mark.parametrize(
    ("surround", "message"),
    [
        (in_a_function, "inside of a tf.function"),
        slow(in_a_graph, "needs eager execution"),
        (in_a_scope, "MirroredStrategy: leave the scope"),
        slow(with_one_device, "OneDeviceStrategy: leave the scope"),
    ],
)
def test_what_tensorflow_cannot_do_there_is_said_and_does_no_harm(
    data, compilations, surround, message
):
    fitted = Seq2SeqClassifier(**TINY).fit(*data)
    expected = fitted.predict(data[0])
    other = Seq2SeqClassifier(**TINY | {"encoder_units": 7})
    X = np.random.RandomState(0).rand(20, 2)
    regressor = MappingRegressor("mlp", (3,), epochs=1, random_state=0)
    for call in (
        lambda: other.fit(*data),
        lambda: fitted.predict(data[0]),
        lambda: fitted.model_,
        lambda: regressor.fit(X, X[:, 0]),
    ):
        with pytest.raises(RuntimeError, match=message):
            surround(call)
    # Nothing of it is left.
    np.testing.assert_array_equal(fitted.predict(data[0]), expected)
    assert_same_weights(clone(other).fit(*data), other.fit(*data))
    regressor.fit(X, X[:, 0]).predict(X)


def test_a_device_and_the_default_strategy_change_nothing(data):
    expected = Seq2SeqClassifier(**TINY).fit(*data)
    for context in (tf.device("/cpu:0"), tf.distribute.get_strategy().scope()):
        with context:
            found = Seq2SeqClassifier(**TINY).fit(*data)
            found.predict(data[0])
        assert_same_weights(found, expected)


def test_functions_that_are_run_eagerly_change_nothing(data, compilations):
    found = []
    for is_eager in (True, False):
        tf.config.run_functions_eagerly(is_eager)
        try:
            fitted = Seq2SeqClassifier(**TINY, dropout=0.1).fit(*data)
            found.append([fitted, fitted.predict_step_proba(data[0])])
        finally:
            tf.config.run_functions_eagerly(False)
    (one, its_answers), (other, other_answers) = found
    assert_same_weights(one, other)
    np.testing.assert_array_equal(its_answers, other_answers)


@pytest.mark.slow
def test_without_eager_execution_it_says_so():
    lines = run("""
import tensorflow as tf
tf.compat.v1.disable_eager_execution()
from sklearn_seqadd import make_addition, make_seq2seq_pipeline
try:
    make_seq2seq_pipeline(epochs=1).fit(*make_addition(50, largest=9))
except RuntimeError as error:
    print(error)
""")
    (line,) = lines
    assert "needs eager execution" in line
    assert "disable_eager_execution()" in line
