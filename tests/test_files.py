"""Fitted pipelines in files: nothing is lost, nothing is run, nothing wrong is read."""

import copy
import io
import json
import pickle
import random
import subprocess
import sys
import zipfile

import joblib
import numpy as np
import pytest
import skops.io
from helpers import TINY, assert_same_weights, joblib_round_trip
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from skops.io.exceptions import UntrustedTypesFoundException

from sklearn_seqadd import MappingRegressor, TermExtractor, make_seq2seq_pipeline

OURS = {
    "sklearn_seqadd.arithmetic.TermExtractor",
    "sklearn_seqadd.preprocessing._encoders.SequenceIntegerEncoder",
    "sklearn_seqadd.preprocessing._encoders.SequenceOneHotEncoder",
    "sklearn_seqadd.preprocessing._padder.SequencePadder",
    "sklearn_seqadd.mapping.MappingRegressor",
    "sklearn_seqadd.networks.decoders.attention.AttentionDecoder",
    "sklearn_seqadd.networks.decoders.autoregressive.AutoregressiveDecoder",
    "sklearn_seqadd.networks.decoders.relative.RelativeDecoder",
    "sklearn_seqadd.seq2seq.Seq2SeqClassifier",
    "sklearn_seqadd._targets.LabelSequenceEncoder",
    "sklearn_seqadd._targets.TargetCodec",
}

PIPELINES = {
    "repeat": lambda: make_seq2seq_pipeline(**TINY),
    "attention": lambda: make_seq2seq_pipeline(
        decoder="attention", decoder_units=8, epochs=2, random_state=0
    ),
    "relative": lambda: make_seq2seq_pipeline(
        decoder="relative", decoder_units=8, epochs=2, random_state=0
    ),
    "autoregressive": lambda: make_seq2seq_pipeline(
        **TINY, decoder="autoregressive", beam_width=2
    ),
    "training continues": lambda: make_seq2seq_pipeline(**TINY, warm_start=True),
    "mapping": lambda: make_pipeline(
        TermExtractor(),
        MinMaxScaler(),
        MappingRegressor(
            "mlp", (4,), target_transformer=MinMaxScaler(), epochs=1, random_state=0
        ),
    ),
}


def load(file):
    types = skops.io.get_untrusted_types(data=file)
    assert set(types) <= OURS
    return skops.io.loads(file, trusted=types)


# ------------------------------------------------------------------- what travels


@pytest.mark.parametrize("make", PIPELINES.values(), ids=PIPELINES.keys())
def test_skops_needs_to_trust_only_this_package(small_sums, make):
    X, y = small_sums
    pipe = make().fit(X, y)
    loaded = load(skops.io.dumps(pipe))
    np.testing.assert_array_equal(loaded.predict(X), pipe.predict(X))
    assert loaded[-1].history_ == pipe[-1].history_
    # And it continues as if it had never been away.
    arrays = pipe[:-1].transform(X)
    for estimator in (pipe[-1], loaded[-1]):
        estimator.partial_fit(arrays, y)
    assert_same_weights(pipe[-1], loaded[-1])


@pytest.mark.parametrize("y", [np.arange(400) % 3, np.arange(800).reshape(400, 2) % 3])
def test_skops_takes_labels_too(small_sums, y):
    pipe = make_seq2seq_pipeline(**TINY, target_transformer=None)
    pipe.fit(small_sums[0], y)
    loaded = load(skops.io.dumps(pipe))
    np.testing.assert_array_equal(
        loaded.predict(small_sums[0]), pipe.predict(small_sums[0])
    )


@pytest.mark.slow
def test_another_process_predicts_the_same(fitted, tmp_path):
    questions = ["2+3", "4+8", "9+9", "0+0"]
    skops.io.dump(fitted, tmp_path / "sums.skops")
    script = (
        "import sys, skops.io\n"
        "file, *questions = sys.argv[1:]\n"
        "types = skops.io.get_untrusted_types(file=file)\n"
        "print(*skops.io.load(file, trusted=types).predict(questions))"
    )
    answers = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "sums.skops"), *questions],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert answers == fitted.predict(questions).tolist()


def test_a_pickle_refers_to_nothing_but_estimators_and_arrays(fitted):
    modules = set()

    class Watching(pickle.Unpickler):
        def find_class(self, module, name):
            modules.add(module.partition(".")[0])
            return super().find_class(module, name)

    Watching(io.BytesIO(pickle.dumps(fitted))).load()
    assert modules == {"sklearn", "sklearn_seqadd", "numpy"}


# ------------------------------------------------------------- files that are not whole


@pytest.fixture(scope="module")
def file(fitted):
    return skops.io.dumps(fitted)


def test_a_file_that_is_cut_off_is_refused(file):
    rng = random.Random(0)
    for n_bytes in [
        0,
        1,
        len(file) - 1,
        *(rng.randrange(len(file)) for _ in range(20)),
    ]:
        with pytest.raises((zipfile.BadZipFile, ValueError)):
            load(file[:n_bytes])


def test_a_file_with_a_wrong_byte_is_refused_or_the_same(fitted, file):
    rng = random.Random(0)
    arrays = fitted[:-1].transform(["2+3", "4+8"])
    expected = fitted[-1].predict_step_proba(arrays)
    n_refused = 0
    for _ in range(100):
        at = rng.randrange(len(file))
        damaged = (
            file[:at] + bytes([file[at] ^ (1 << rng.randrange(8))]) + file[at + 1 :]
        )
        try:
            loaded = load(damaged)
        except Exception:
            n_refused += 1
        else:  # a byte that means nothing, the time of an entry for example
            found = loaded[-1].predict_step_proba(arrays)
            np.testing.assert_array_equal(found, expected)
    assert n_refused >= 90


def rewritten(file, change):
    """The file with another schema, and right checksums again."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "schema.json":
                content = json.dumps(change(json.loads(content))).encode()
            new.writestr(name, content)
    return changed.getvalue()


def test_what_a_file_names_is_not_run(file, tmp_path):
    trace = tmp_path / "trace"

    def call_the_system(schema):
        steps = schema["content"]["content"]["steps"]["content"]
        steps[0]["content"][1] = {
            "__class__": "system",
            "__module__": "os",
            "__loader__": "FunctionNode",
            "content": f"touch {trace}",
            "__id__": 1,
        }
        return schema

    with pytest.raises(UntrustedTypesFoundException, match="os.system"):
        skops.io.loads(rewritten(file, call_the_system), trusted=sorted(OURS))
    assert not trace.exists()


def test_weights_that_do_not_fit_are_refused(fitted):
    damaged = pickle.loads(pickle.dumps(fitted))
    for wrong in (damaged[-1].weights_[:-1], [w[:1] for w in damaged[-1].weights_]):
        damaged[-1].weights_ = wrong
        with pytest.raises(ValueError, match="weights_ do not fit architecture_"):
            damaged.predict(["2+3"])


def test_a_joblib_file_that_is_cut_off_is_refused(fitted, tmp_path):
    path = tmp_path / "sums.joblib"
    joblib.dump(fitted, path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises((EOFError, ValueError)):
        joblib.load(path)


@pytest.mark.parametrize(
    "travel",
    [
        pytest.param(lambda e: pickle.loads(pickle.dumps(e)), id="pickle"),
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda e: joblib_round_trip(e), id="joblib"),
    ],
)
def test_a_copy_predicts_the_same(fitted, travel):
    X = fitted[:-1].transform(["2+3", "4+8"])
    np.testing.assert_array_equal(
        fitted[-1].predict_step_proba(X), travel(fitted)[-1].predict_step_proba(X)
    )


def test_a_file_is_no_larger_than_the_weights_and_100_kB(fitted):
    n_bytes = sum(weight.nbytes for weight in fitted[-1].weights_)
    assert len(pickle.dumps(fitted)) < n_bytes + 100_000
