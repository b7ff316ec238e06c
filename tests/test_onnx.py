"""Pipelines as ONNX files: they answer the same, without TensorFlow, or are refused."""

import copy
import json
import os
import pickle
import random
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import onnxruntime
import pytest
import skops.io
from helpers import TINY, cases
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler

from sklearn_seqadd import (
    AutoregressiveDecoder,
    MappingRegressor,
    OnnxPipeline,
    RelativeDecoder,
    Seq2SeqClassifier,
    Seq2SeqEnsemble,
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    TermExtractor,
    export_onnx,
    make_addition,
    make_seq2seq_pipeline,
)
from sklearn_seqadd._user_files import TRUSTED_TYPES
from sklearn_seqadd.onnx import exporting, files

X, Y = make_addition(100, largest=99, random_state=0)
# Also without padding, and of nothing else.
QUESTIONS = [*X.tolist(), "", "99+99"]
# A little longer than in `fit`, and so long that transforms take the place of products.
LONGER = [*QUESTIONS, "123456+78901234567890"]
MUCH_LONGER = [f"{'12' * 40}+{'9' * 60}"]

ONE_EPOCH = {"epochs": 1, "random_state": 0}
SMALL = {**ONE_EPOCH, "encoder_units": 7, "decoder_units": 8}

NETWORKS = {
    "repeat": {**SMALL, "decoder_units": (8, 6), "dropout": 0.2},
    "repeat, masked on the left": {**SMALL, "mask_padding": True, "cell": "gru"},
    "repeat, masked on the right, both ways": {
        **SMALL,
        "encoder_units": (7, 5),
        "mask_padding": True,
        "bidirectional": True,
        "side": "right",
        "cell": "simple_rnn",
    },
    "sequence": {**SMALL, "decoder": "sequence", "cell": "gru", "bidirectional": True},
    "sequence, embedded and masked": {
        **SMALL,
        "decoder": "sequence",
        "embedding_dim": 5,
        "mask_padding": True,
        "bidirectional": True,
        "side": "term",
        "reverse": True,
    },
    "attention": {**ONE_EPOCH, "decoder": "attention", "decoder_units": (8, 6)},
    "attention, vectors in the network": {
        **SMALL,
        "decoder": "attention",
        "embedding_dim": "one-hot",
    },
    "attention, masked encoder": {
        **SMALL,
        "decoder": "attention",
        "mask_padding": True,
        "bidirectional": True,
    },
    "relative": {**ONE_EPOCH, "decoder": "relative", "decoder_units": 8},
    "relative, to and fro": {
        **SMALL,
        "decoder": "relative",
        "decoder_units": (8, 6),
        "bidirectional": True,
        "decoder__bidirectional": True,
        "cell": "lstm",
        "decoder__dense_units": 9,
        "decoder__width": 5,
        "decoder__steps_per_symbol": 2,
        "decoder__heads": 2,
        "decoder__velocities": ((0, 1), (1, -1), (-1, 0.5), 0.5, 0, 2),
    },
    "autoregressive": {**SMALL, "decoder": "autoregressive", "bidirectional": True},
    "autoregressive, masked, answers end": {
        **SMALL,
        "decoder": "autoregressive",
        "mask_padding": True,
        "side": "right",
        "cell": "gru",
    },
    "autoregressive, a beam": {
        **SMALL,
        "decoder": "autoregressive",
        "decoder_units": (8, 6),
        "embedding_dim": 4,
        "side": "right",
        "beam_width": 3,
        "cell": "simple_rnn",
        "decoder__location": False,
    },
}


SLOW = (
    "repeat",
    "repeat, masked on the right, both ways",
    "sequence",
    "attention, vectors in the network",
    "relative, to and fro",
    "autoregressive, a beam",
    "attention, masked encoder",
)

TINY_NETWORKS = {
    "repeat": {"mask_padding": True},
    "repeat, embedded": {"mask_padding": True, "embedding_dim": 3},
    "repeat, vectors in the network": {"embedding_dim": "one-hot"},
    "relative": {"decoder": "relative"},
    "autoregressive": {"decoder": "autoregressive", "side": "right"},
}


def with_other_weights(pipe):
    """The pipeline with weights with which the answers differ from each other."""
    weights = list(map(np.copy, pipe[-1].weights_))
    output_kernel, output_bias = weights[-2:]
    output_kernel *= 8
    output_bias *= 0
    pipe[-1].weights_ = weights
    return pipe


def exported(pipe, folder):
    path = os.path.join(folder, "pipeline.onnx")
    export_onnx(pipe, path)
    return OnnxPipeline(path)


def outputs(path, codes):
    """What the file gives to any program that reads ONNX, by name."""
    session = onnxruntime.InferenceSession(path)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"codes": codes}), strict=True))


def codes_of(pipe, strings):
    steps = [s for s in pipe[:-1] if not isinstance(s, SequenceOneHotEncoder)]
    return make_pipeline(*steps).transform(strings).astype(np.int64)


def assert_same_answers(pipe, served, strings):
    expected, found = pipe.predict(strings), served.predict(strings)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.fixture(scope="module")
def sums(tmp_path_factory):
    """A pipeline with three steps before the network, and its file."""
    pipe = with_other_weights(make_seq2seq_pipeline(**TINY).fit(X, Y))
    path = tmp_path_factory.mktemp("onnx") / "sums.onnx"
    export_onnx(pipe, path)
    return pipe, path


# --------------------------------------------------------------- the same answers


@pytest.mark.parametrize("params", cases(NETWORKS, *SLOW))
def test_answers_and_probabilities_are_those_of_the_pipeline(params, tmp_path):
    pipe = with_other_weights(make_seq2seq_pipeline(**params).fit(X, Y))
    served = exported(pipe, tmp_path)
    questions = QUESTIONS
    if params.get("decoder") == "relative":
        questions = LONGER
        assert_same_answers(pipe, served, MUCH_LONGER)
    assert_same_answers(pipe, served, questions)
    assert len(set(served.predict(questions))) > 2
    onnx.checker.check_model(str(served.path), full_check=True)
    found = outputs(served.path, codes_of(pipe, questions))
    arrays = pipe[:-1].transform(questions)
    if "scores" in found:
        expected = pipe[-1].score_samples(arrays)
        np.testing.assert_allclose(found["scores"], expected, atol=1e-5)
    else:
        expected = pipe[-1].predict_step_proba(arrays)
        np.testing.assert_allclose(found["probabilities"], expected, atol=1e-5)


@pytest.mark.parametrize("decoder", ["sequence", "autoregressive"])
def test_an_ensemble_answers_together(decoder, tmp_path):
    pipe = make_seq2seq_pipeline(**TINY, decoder=decoder)
    ensemble = Seq2SeqEnsemble(pipe[-1], n_estimators=2, random_state=0)
    together = make_pipeline(*pipe[:-1], ensemble).fit(X, Y)
    for member in ensemble.estimators_:
        with_other_weights([member])
    assert_same_answers(together, exported(together, tmp_path), QUESTIONS)


NUMBERS = np.array([int(answer) for answer in Y])
IN_COLUMNS = np.array([[*f"{n:03}"] for n in NUMBERS.tolist()])
TARGETS = {
    "integers beyond 64 bits": np.array([2**70 + n % 3 for n in NUMBERS.tolist()]),
    "labels": NUMBERS % 5,
    "labels in columns": np.stack([NUMBERS % 5, NUMBERS % 3], axis=1),
    "booleans": NUMBERS % 2 == 0,
    "strings in columns": IN_COLUMNS,
    "strings": Y,
    "objects": Y.astype(object),
    "one-hot vectors": np.eye(6, dtype=np.float32)[np.c_[NUMBERS % 5, NUMBERS % 3]],
}


if hasattr(np.dtypes, "StringDType"):
    TARGETS["StringDType"] = Y.astype(np.dtypes.StringDType())
    TARGETS["StringDType in columns"] = IN_COLUMNS.astype(np.dtypes.StringDType())


@pytest.mark.parametrize("y", TARGETS.values(), ids=TARGETS.keys())
def test_answers_are_of_the_kind_that_fit_saw(y, tmp_path):
    pipe = make_seq2seq_pipeline(**TINY, target_transformer=None).fit(X, y)
    assert_same_answers(with_other_weights(pipe), exported(pipe, tmp_path), QUESTIONS)


def test_tokens(tmp_path):
    texts, answers = ([" ".join(string) for string in strings] for strings in (X, Y))
    pipe = make_seq2seq_pipeline(**TINY, analyzer="word").fit(texts, answers)
    served = exported(with_other_weights(pipe), tmp_path)
    assert_same_answers(pipe, served, texts)
    with pytest.warns(UserWarning, match="1 token is not in the vocabulary"):
        served.predict(["1 + plus"])


@pytest.mark.parametrize(
    "params", cases(TINY_NETWORKS, "repeat, embedded", "repeat, vectors in the network")
)
@pytest.mark.filterwarnings("ignore:. characters are not in the alphabet")
def test_blanks_and_unknown_characters(params, tmp_path):
    spaced = [f" {question.replace('+', ' + ')}" for question in X]
    answers = [f"{answer} " for answer in Y]
    pipe = make_seq2seq_pipeline(**TINY, **params).fit(spaced, answers)
    served = exported(with_other_weights(pipe), tmp_path)
    assert_same_answers(pipe, served, [*spaced, "", " ", " 1 ? 2", "\ufdd0"])


def test_lists_of_tokens_that_are_integers(tmp_path):
    lists = [list(map(ord, string)) for string in X]
    pipe = make_seq2seq_pipeline(**TINY, analyzer="word").fit(lists, lists)
    served = exported(with_other_weights(pipe), tmp_path)
    assert served.predict(lists).tolist() == pipe.predict(lists).tolist()


def test_codes_as_numbers_and_answers_as_vectors(tmp_path):
    targets = make_pipeline(
        SequencePadder(), SequenceIntegerEncoder(), SequenceOneHotEncoder()
    )
    network = Seq2SeqClassifier(**TINY, mask_padding=True, target_transformer=targets)
    pipe = make_pipeline(SequencePadder(), SequenceIntegerEncoder(), network)
    pipe.fit(X, Y)
    served = exported(with_other_weights(pipe), tmp_path)
    assert_same_answers(pipe, served, QUESTIONS)


def test_many_samples_and_few_are_answered_alike(sums):
    pipe, path = sums
    many = make_addition(5000, largest=99, random_state=1)[0]
    answers = OnnxPipeline(path, n_threads=2).predict(many)
    np.testing.assert_array_equal(answers, pipe.predict(many))
    one_by_one = np.concatenate([OnnxPipeline(path).predict([q]) for q in many[:20]])
    np.testing.assert_array_equal(answers[:20], one_by_one)


def test_copies_answer_the_same_and_need_no_file(sums, tmp_path):
    pipe, _ = sums
    served = exported(pipe, tmp_path)
    copies = pickle.loads(pickle.dumps(served)), copy.deepcopy(served)
    os.remove(served.path)
    for each in copies:
        assert_same_answers(pipe, each, QUESTIONS)


def test_threads_may_ask_at_the_same_time(sums):
    pipe, path = sums
    served = OnnxPipeline(path)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda q: served.predict([q])[0], X.tolist() * 5))
    assert answers == pipe.predict(X).tolist() * 5


@pytest.mark.slow
def test_a_process_without_tensorflow_answers(sums, tmp_path):
    questions, folders = X[:9].tolist(), []
    for decoder in (RelativeDecoder(steps_per_symbol=2), AutoregressiveDecoder()):
        pipe = make_seq2seq_pipeline(**TINY, decoder=decoder)
        folders.append(tmp_path / decoder.name)
        folders[-1].mkdir()
        served = exported(pipe.fit(X, Y), folders[-1])
        assert_same_answers(pipe, served, questions)
    paths = [sums[1], *(folder / "pipeline.onnx" for folder in folders)]
    script = (
        "import json, sys\n"
        "for name in 'tensorflow', 'keras', 'scikeras', 'onnx':\n"
        "    sys.modules[name] = None  # an import of it fails\n"
        "from sklearn_seqadd import OnnxPipeline\n"
        "questions, *paths = sys.argv[1:]\n"
        "for path in paths:\n"
        "    answers = OnnxPipeline(path).predict(json.loads(questions))\n"
        "    print(json.dumps(answers.tolist()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, json.dumps(questions), *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    answers = list(map(json.loads, done.stdout.splitlines()))
    assert answers == [OnnxPipeline(path).predict(questions).tolist() for path in paths]


@pytest.mark.slow
@pytest.mark.parametrize(
    "params",
    [
        {"epochs": 5},
        {"decoder": "sequence", "bidirectional": True, "epochs": 5},
        {"decoder": "attention", "epochs": 5},
        {"decoder": "relative", "epochs": 5},
        {"decoder": "autoregressive", "epochs": 5},
        {"decoder": "autoregressive", "epochs": 5, "beam_width": 4, "side": "right"},
    ],
    ids=lambda params: "-".join(map(str, params.values())),
)
def test_ten_thousand_strings_are_answered_alike(params, tmp_path):
    """Half learned only, so that many probabilities are near each other."""
    learned = make_addition(3000, largest=999, sampling="mixed", random_state=0)
    pipe = make_seq2seq_pipeline(**params, random_state=0).fit(*learned)
    asked, _ = make_addition(10_000, largest=999, random_state=1)
    assert_same_answers(pipe, exported(pipe, tmp_path), asked)


# ------------------------------------------------------------------ the same errors


@pytest.mark.parametrize(
    "wrong", ["12+50", [], [3], 7, ["1\0", "2"], [["1", "+"]], np.array([["1", "2"]])]
)
def test_what_the_pipeline_refuses_is_refused_in_the_same_words(sums, wrong):
    pipe, path = sums
    with pytest.raises(ValueError) as expected:  # noqa: PT011 its words are compared
        pipe.predict(wrong)
    with pytest.raises(ValueError) as found:  # noqa: PT011
        OnnxPipeline(path).predict(wrong)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("odd", ["1x2", "123456+1", "1?34567890"])
def test_what_the_pipeline_warns_of_is_warned_of_in_the_same_words(sums, odd):
    pipe, path = sums
    words = []
    for each in (pipe, OnnxPipeline(path)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            each.predict([odd])
        words.append([str(warning.message) for warning in caught])
    assert words[0] == words[1] != []


def test_strings_that_are_too_long_for_the_network_are_refused(sums, tmp_path):
    pipe = copy.deepcopy(sums[0])
    pipe.set_params(sequencepadder__handle_overlong="extend")
    with pytest.raises(ValueError, match="has a fixed number of steps") as expected:
        pipe.predict(["1234+5678"])
    with pytest.raises(ValueError, match="has a fixed number of steps") as found:
        exported(pipe, tmp_path).predict(["1234+5678"])
    assert str(found.value) == str(expected.value)


# ----------------------------------------------------------------- wrong pipelines


def test_what_is_not_fitted_is_refused(tmp_path):
    pipe = make_seq2seq_pipeline(**TINY)
    with pytest.raises(NotFittedError):
        export_onnx(pipe, tmp_path / "sums.onnx")
    assert not os.listdir(tmp_path)


def refused(pipe, tmp_path):
    """The error with which a pipeline is refused; no file is left of it."""
    with pytest.raises(ValueError) as error:  # noqa: PT011 its words are returned
        export_onnx(pipe, tmp_path / "sums.onnx")
    assert not os.listdir(tmp_path)
    return str(error.value)


def test_pipelines_of_other_steps_are_refused(sums, tmp_path):
    pipe, _ = sums
    assert "got Seq2SeqClassifier" in refused(pipe[-1], tmp_path)
    assert "got str" in refused("pipe", tmp_path)
    same = FunctionTransformer()
    message = refused(make_pipeline(*pipe[:2], same, *pipe[2:]), tmp_path)
    assert "'functiontransformer' of the pipeline" in message
    assert "'functiontransformer' of" in refused(make_pipeline(same, pipe), tmp_path)
    message = refused(make_pipeline(make_pipeline(same), *pipe), tmp_path)
    assert "'pipeline__functiontransformer' of" in message
    assert "other than 'passthrough'" in refused(make_pipeline(None), tmp_path)
    message = refused(make_pipeline(pipe[1], pipe[0], *pipe[2:]), tmp_path)
    assert "'sequencepadder' of the pipeline" in message
    assert "SequenceIntegerEncoder in it" in refused(make_pipeline(pipe[-1]), tmp_path)
    assert "at its end" in refused(pipe[:-1], tmp_path)
    numbers = make_pipeline(TermExtractor(), MinMaxScaler(), MappingRegressor())
    assert "'termextractor'" in refused(numbers, tmp_path)


def test_a_pipeline_within_a_pipeline_is_exported(sums, tmp_path):
    pipe, _ = sums
    nested = make_pipeline("passthrough", make_pipeline(pipe))
    assert_same_answers(pipe, exported(nested, tmp_path), QUESTIONS)


def test_a_beam_of_no_width_is_refused(sums, tmp_path):
    pipe = copy.deepcopy(sums[0]).set_params(seq2seqclassifier__beam_width=0)
    assert "The 'beam_width' parameter" in refused(pipe, tmp_path)


def test_parameters_may_be_scalars_of_numpy(tmp_path):
    pipe = make_seq2seq_pipeline(
        encoder_units=np.int64(8),
        decoder_units=np.int32(8),
        decoder=np.str_("autoregressive"),
        cell=np.str_("gru"),
        beam_width=np.int64(2),
        decoder__location=np.bool_(False),
        decoder__copy=np.bool_(True),
        bidirectional=np.bool_(True),
        mask_padding=np.bool_(True),
        dropout=np.float32(0.1),
        embedding_dim=np.int16(4),
        label_smoothing=np.float64(0.1),
        reverse=False,
        epochs=np.int64(1),
        batch_size=np.int64(32),
        learning_rate=np.float32(0.01),
        random_state=0,
    ).fit(X, Y)
    assert_same_answers(pipe, exported(pipe, tmp_path), QUESTIONS)
    restored = skops.io.loads(skops.io.dumps(pipe), trusted=TRUSTED_TYPES)
    np.testing.assert_array_equal(restored.predict(QUESTIONS), pipe.predict(QUESTIONS))
    json.dumps(pipe[-1].architecture_)
    pipe[-1].model_.save(tmp_path / "model.keras")


def test_a_step_of_a_class_of_ones_own_is_refused(sums, tmp_path):
    class Own(SequencePadder):
        pass

    pipe = copy.deepcopy(sums[0])
    own = Own().fit(X)
    message = refused(make_pipeline(own, *pipe[1:]), tmp_path)
    assert "'own'" in message
    assert "of type Own" in message
    pipe[-1].target_transformer_.steps[0] = ("own", own)
    assert "target_transformer, the step 'own'" in refused(pipe, tmp_path)


def test_passed_over_steps_are_none(sums, tmp_path):
    pipe, _ = sums
    pipe = make_pipeline("passthrough", *pipe[:-1], None, pipe[-1])
    assert_same_answers(pipe, exported(pipe, tmp_path), QUESTIONS)


def test_a_function_as_analyzer_is_refused(tmp_path):
    pipe = make_seq2seq_pipeline(**TINY, analyzer=(list, None)).fit(X, Y)
    assert "'sequencetokenizer' of the pipeline has a func" in refused(pipe, tmp_path)


def test_an_export_that_fails_leaves_the_file_as_it_was(sums, tmp_path, monkeypatch):
    pipe, _ = sums
    served = exported(pipe, tmp_path)

    def fail(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(exporting.os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        export_onnx(pipe, served.path)
    assert os.listdir(tmp_path) == ["pipeline.onnx"]
    assert_same_answers(pipe, OnnxPipeline(served.path), QUESTIONS)


# ---------------------------------------------------------------------- wrong files


def test_a_file_that_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        OnnxPipeline(tmp_path / "sums.onnx")


def test_a_number_of_threads_that_is_none(sums):
    with pytest.raises(ValueError, match="n_threads == 0, must be >= 1"):
        OnnxPipeline(sums[1], n_threads=0)


def test_a_damaged_file_is_refused(sums, tmp_path):
    content = sums[1].read_bytes()
    rng = random.Random(0)
    cut = [content[:n] for n in (0, 1, 100, len(content) // 2, len(content) - 1)]
    flipped = []
    for _ in range(100):
        at, bit = rng.randrange(len(content)), 1 << rng.randrange(8)
        flipped.append(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
    path = tmp_path / "damaged.onnx"
    for damaged in [*cut, *flipped, content + b"\0", b"no model at all" * 99]:
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"damaged.onnx is damaged, or is not a"):
            OnnxPipeline(path)


def test_a_model_of_somebody_else_is_refused(tmp_path):
    described = [onnx.helper.make_tensor_value_info(name, 1, [1]) for name in "xy"]
    node = onnx.helper.make_node("Neg", ["x"], ["y"])
    graph = onnx.helper.make_graph([node], "other", described[:1], described[1:])
    path = tmp_path / "other.onnx"
    onnx.save(onnx.helper.make_model(graph), path)
    with pytest.raises(ValueError, match="not a file that export_onnx has written"):
        OnnxPipeline(path)


def test_a_file_of_a_later_version_is_refused(sums, tmp_path, monkeypatch):
    pipe, _ = sums
    monkeypatch.setattr(exporting, "FORMAT", files.FORMAT + 1)
    with pytest.raises(ValueError, match="by a later version"):
        exported(pipe, tmp_path)


def test_what_is_in_a_file_is_plain(sums):
    """Anybody can read the tables, and the network has no operations of its own."""
    model = onnx.load(sums[1])
    tables = json.loads(
        next(p.value for p in model.metadata_props if p.key == files.TABLES)
    )
    assert [table["class"] for table in tables["input"]] == [
        "SequencePadder",
        "SequenceIntegerEncoder",
    ]
    assert {opset.domain for opset in model.opset_import} == {""}
