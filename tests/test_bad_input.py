"""Calls that cannot be answered: each gets a clear error and loses nothing.

A table of such calls, and hypothesis, which thinks of more. Every call is made on
objects that are fitted, and whatever they hold must be the same afterwards.
"""

import copy
import pickle
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from helpers import TINY, tiny_pipeline
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import LabelEncoder, MinMaxScaler

from sklearn_seqadd import (
    AttentionDisplay,
    MappingRegressor,
    RelativeDecoder,
    Seq2SeqClassifier,
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    StepAccuracyDisplay,
    TermExtractor,
    TrainingHistoryDisplay,
    carry_report,
    character_accuracy_score,
    exact_match_score,
    make_addition,
    make_expressions,
    make_seq2seq_pipeline,
    numeric_rmse,
)


def fit_all(X, y):
    """One fitted object of each kind, and arrays that they take."""
    pipe = tiny_pipeline(epochs=1).fit(X, y)
    terms = TermExtractor().fit(X)
    return SimpleNamespace(
        X=X,
        y=y,
        pipe=pipe,
        arrays=pipe[:-1].transform(X),
        network=pipe[-1],
        padder=pipe[0],
        by_term=SequencePadder("term", handle_overlong="error").fit(X),
        encoder=pipe[1],
        strict=SequenceIntegerEncoder(handle_unknown="error").fit(pipe[0].transform(X)),
        one_hot=pipe[2],
        terms=terms,
        numbers=terms.transform(X),
        regressor=MappingRegressor("mlp", (4,), epochs=1, random_state=0).fit(
            terms.transform(X), y
        ),
    )


@pytest.fixture(scope="module")
def has(small_sums):
    return fit_all(*small_sums)


def contents(has):
    """All that the objects hold, as bytes."""
    return pickle.dumps(vars(has))


def replaced(array, at, value):
    array = np.array(array, dtype=object if array.dtype.kind == "U" else None)
    array[at] = value
    return array


def tiny(**params):
    return Seq2SeqClassifier(**{**TINY, "epochs": 1, **params})


class Truncating(TransformerMixin, BaseEstimator):
    """A target transformer that is no inverse of itself."""

    def fit(self, y):
        return self

    def transform(self, y):
        return np.zeros((len(y), 2), int)

    def inverse_transform(self, X):
        return np.array(["0"] * len(X))


# What is called; the error; what its text names.
CALLS = {
    # ------------------------------------------------------- what make_addition takes
    "a negative number of samples": (
        lambda _: make_addition(-1),
        ValueError,
        "n_samples",
    ),
    "a number of samples that is no integer": (
        lambda _: make_addition(2.5),
        ValueError,
        "n_samples",
    ),
    "no terms": (lambda _: make_addition(n_terms=0), ValueError, "n_terms"),
    "a range of terms the wrong way round": (
        lambda _: make_addition(n_terms=(3, 2)),
        ValueError,
        "n_terms",
    ),
    "numbers the wrong way round": (
        lambda _: make_addition(smallest=9, largest=1),
        ValueError,
        "smallest",
    ),
    "negative numbers": (lambda _: make_addition(smallest=-1), ValueError, "smallest"),
    "an unknown sampling": (
        lambda _: make_addition(sampling="all"),
        ValueError,
        "sampling",
    ),
    "more unique sums than there are": (
        lambda _: make_addition(100, largest=2, unique=True),
        ValueError,
        "100",
    ),
    "a random state that is none": (
        lambda _: make_addition(random_state="0"),
        ValueError,
        "'0'",
    ),
    "an unknown operator": (
        lambda _: make_expressions(operators="+/"),
        ValueError,
        "operators",
    ),
    "no operator": (lambda _: make_expressions(operators=""), ValueError, "operators"),
    # ---------------------------------------------------------------- SequencePadder
    "padding no strings": (
        lambda has: has.padder.transform([1, 2]),
        ValueError,
        "string",
    ),
    "padding one string instead of many": (
        lambda has: has.padder.transform("1+2"),
        ValueError,
        "'1\\+2'. Put it in a list",
    ),
    "padding a NaN among strings": (
        lambda has: has.padder.transform(replaced(has.X, 3, np.nan)),
        ValueError,
        "3",
    ),
    "padding a None among strings": (
        lambda has: SequencePadder().fit(replaced(has.X, 5, None)),
        ValueError,
        "5",
    ),
    "padding bytes": (
        lambda has: has.padder.transform([b"1+2"]),
        ValueError,
        "b'1\\+2'",
    ),
    "padding two columns": (
        lambda has: has.padder.transform(np.c_[has.X, has.X]),
        ValueError,
        "shape",
    ),
    "padding a data frame with two columns of one name": (
        lambda has: has.padder.transform(
            pd.DataFrame(np.c_[has.X, has.X], columns=["a", "a"])
        ),
        ValueError,
        "shape",
    ),
    "padding nothing": (lambda _: SequencePadder().fit([]), ValueError, "0 sample"),
    "an unknown side": (
        lambda has: SequencePadder("middle").fit(has.X),
        ValueError,
        "side",
    ),
    "a fill of two characters": (
        lambda has: SequencePadder(fill="--").fit(has.X),
        ValueError,
        "fill",
    ),
    "a fill that cannot be taken off again": (
        lambda _: SequencePadder(fill="0").fit(["012"]),
        ValueError,
        "012",
    ),
    "a length of zero": (
        lambda has: SequencePadder(length=0).fit(has.X),
        ValueError,
        "length",
    ),
    "a string longer than the given length": (
        lambda _: SequencePadder(length=3).fit(["1+1", "12+1"]),
        ValueError,
        "12\\+1",
    ),
    "a longer string, where it is an error": (
        lambda has: has.by_term.transform(["1+1", "123+1"]),
        ValueError,
        "123\\+1",
    ),
    "a padder that is not fitted": (
        lambda has: SequencePadder().transform(has.X),
        NotFittedError,
        "SequencePadder",
    ),
    # -------------------------------------------------------- SequenceIntegerEncoder
    "encoding strings of several lengths": (
        lambda has: has.encoder.transform(["1+2", "12+3"]),
        ValueError,
        "Sample 1, '12\\+3', has 4 characters",
    ),
    "encoding an unknown character, where it is an error": (
        lambda has: has.strict.transform(["1+2", "1-2"]),
        ValueError,
        "'-'",
    ),
    "encoding a digit of another script": (
        lambda has: has.strict.transform(["1+\u0663"]),
        ValueError,
        "\u0663",
    ),
    "encoding a combining mark": (
        lambda has: has.strict.transform(["1+\u0301"]),
        ValueError,
        "\u0301",
    ),
    "an alphabet with a repeated symbol": (
        lambda has: SequenceIntegerEncoder("0123401").fit(["123"]),
        ValueError,
        "alphabet",
    ),
    "an empty alphabet": (
        lambda has: SequenceIntegerEncoder("").fit(["123"]),
        ValueError,
        "alphabet",
    ),
    "a character that is not in the given alphabet": (
        lambda has: SequenceIntegerEncoder("0123").fit(["123", "143"]),
        ValueError,
        "'4'",
    ),
    "decoding a code that is none": (
        lambda has: has.encoder.inverse_transform([[0, 1, 99]]),
        ValueError,
        "99",
    ),
    "decoding codes that are no integers": (
        lambda has: has.encoder.inverse_transform([[0.5, 1, 2]]),
        ValueError,
        "0.5",
    ),
    # --------------------------------------------------------- SequenceOneHotEncoder
    "negative codes": (
        lambda has: has.one_hot.transform(np.full((2, 3), -1)),
        ValueError,
        "-1",
    ),
    "codes with NaN": (
        lambda has: has.one_hot.transform(np.full((2, 3), np.nan)),
        ValueError,
        "NaN",
    ),
    "codes of another number of steps": (
        lambda has: has.one_hot.transform(np.zeros((2, 2), int)),
        ValueError,
        "expecting 3",
    ),
    "vectors of another number of symbols": (
        lambda has: has.one_hot.inverse_transform(np.zeros((2, 3, 99))),
        ValueError,
        "99",
    ),
    # ----------------------------------------------------------------- TermExtractor
    "taking terms out of what is no addition": (
        lambda has: has.terms.transform(["1+2", "1+b"]),
        ValueError,
        "1\\+b",
    ),
    "taking three terms after two": (
        lambda has: (
            TermExtractor(handle_overlong="error").fit(has.X).transform(["1+2+3"])
        ),
        ValueError,
        "1\\+2\\+3",
    ),
    # ------------------------------------------------------------- Seq2SeqClassifier
    "strings for the estimator without a pipeline": (
        lambda has: has.network.fit(has.X, has.y),
        ValueError,
        "SequencePadder",
    ),
    "predicting strings without the pipeline": (
        lambda has: has.network.predict(has.X),
        ValueError,
        "SequencePadder",
    ),
    "no targets": (lambda has: has.network.fit(has.arrays, None), ValueError, "y"),
    "fewer targets than samples": (
        lambda has: has.network.fit(has.arrays, has.y[:-1]),
        ValueError,
        "\\[400, 399\\]",
    ),
    "no samples": (
        lambda has: has.network.fit(has.arrays[:0], has.y[:0]),
        ValueError,
        "0 sample",
    ),
    "predicting no samples": (
        lambda has: has.network.predict(has.arrays[:0]),
        ValueError,
        "0 sample",
    ),
    "arrays with NaN": (
        lambda has: has.network.fit(
            np.full_like(has.arrays, np.nan, dtype=float), has.y
        ),
        ValueError,
        "NaN",
    ),
    "predicting from arrays with infinity": (
        lambda has: has.network.predict(np.full_like(has.arrays, np.inf, dtype=float)),
        ValueError,
        "infinity",
    ),
    "arrays of four dimensions": (
        lambda has: has.network.fit(has.arrays[..., None], has.y),
        ValueError,
        "dim",
    ),
    "arrays of one dimension": (
        lambda has: has.network.fit(has.arrays[:, 0, 0], has.y),
        ValueError,
        "[Rr]eshape",
    ),
    "predicting from another number of steps": (
        lambda has: has.network.predict(has.arrays[:, 1:]),
        ValueError,
        "features",
    ),
    "predicting from another number of symbols": (
        lambda has: has.network.predict(has.arrays[..., 1:]),
        ValueError,
        "values",
    ),
    "complex numbers": (
        lambda has: has.network.fit(has.arrays * 1j, has.y),
        ValueError,
        "[Cc]omplex",
    ),
    "a sparse matrix": (
        lambda has: has.network.fit(_sparse(has.arrays), has.y),
        TypeError,
        "[Ss]parse",
    ),
    "a NaN among targets": (
        lambda has: has.network.fit(has.arrays, replaced(has.y, 3, np.nan)),
        ValueError,
        "y\\[3\\]",
    ),
    "a None among targets": (
        lambda has: has.network.fit(has.arrays, replaced(has.y, 3, None)),
        ValueError,
        "y\\[3\\]",
    ),
    "a number among strings": (
        lambda has: has.network.fit(has.arrays, replaced(has.y, 3, 7)),
        ValueError,
        "y\\[3\\]",
    ),
    "continuous targets": (
        lambda has: has.network.fit(has.arrays, np.linspace(0, 1, len(has.y))),
        ValueError,
        "continuous",
    ),
    "targets of three dimensions": (
        lambda has: has.network.fit(has.arrays, np.zeros((len(has.y), 2, 2), int)),
        ValueError,
        "shape",
    ),
    "a negative weight": (
        lambda has: has.network.fit(
            has.arrays, has.y, replaced(np.ones(len(has.y)), 7, -1.0)
        ),
        ValueError,
        "sample 7",
    ),
    "no weight but zero": (
        lambda has: has.network.fit(has.arrays, has.y, np.zeros(len(has.y))),
        ValueError,
        "zero",
    ),
    "weights that are too few": (
        lambda has: has.network.fit(has.arrays, has.y, np.ones(3)),
        ValueError,
        "sample_weight",
    ),
    "a weight that is NaN": (
        lambda has: has.network.fit(
            has.arrays, has.y, replaced(np.ones(len(has.y)), 7, np.nan)
        ),
        ValueError,
        "NaN",
    ),
    "a longer answer in partial_fit": (
        lambda has: has.network.partial_fit(has.arrays, replaced(has.y, 9, "12345")),
        ValueError,
        "12345",
    ),
    "an unseen symbol in partial_fit": (
        lambda has: has.network.partial_fit(has.arrays, replaced(has.y, 9, "x")),
        ValueError,
        "'x'",
    ),
    "labels instead of strings in partial_fit": (
        lambda has: has.network.partial_fit(has.arrays, np.arange(len(has.y)) % 3),
        ValueError,
        "y",
    ),
    "a target transformer that is no inverse": (
        lambda has: tiny(target_transformer=Truncating()).fit(has.arrays, has.y),
        ValueError,
        "does not give all targets back",
    ),
    "a target transformer that is a class": (
        lambda has: tiny(target_transformer=LabelEncoder).fit(has.arrays, has.y),
        ValueError,
        "target_transformer.* an instance, got the class LabelEncoder",
    ),
    "a target transformer without an inverse": (
        lambda has: tiny(target_transformer=TermExtractor()).fit(has.arrays, has.y),
        ValueError,
        "target_transformer",
    ),
    "an estimator that is not fitted": (
        lambda has: tiny().predict(has.arrays),
        NotFittedError,
        "Seq2SeqClassifier",
    ),
    "an undeclared parameter": (
        lambda has: tiny().set_params(unit=3),
        ValueError,
        "unit",
    ),
    "no units": (
        lambda has: tiny(encoder_units=0).fit(has.arrays, has.y),
        ValueError,
        "encoder_units",
    ),
    "units that are no integers": (
        lambda has: tiny(decoder_units=[8, 2.5]).fit(has.arrays, has.y),
        ValueError,
        "decoder_units",
    ),
    "an unknown cell": (
        lambda has: tiny(cell="rnn").fit(has.arrays, has.y),
        ValueError,
        "cell",
    ),
    "an unknown decoder": (
        lambda has: tiny(decoder="best").fit(has.arrays, has.y),
        ValueError,
        "decoder",
    ),
    "a decoder that has nothing to repeat": (
        lambda has: tiny(encoder_units=None).fit(has.arrays, has.y),
        ValueError,
        "encoder_units",
    ),
    "answers longer than the input, for a sequence": (
        lambda has: tiny(decoder="sequence").fit(has.arrays[:, :1], has.y),
        ValueError,
        "no longer than the input",
    ),
    "vectors where codes are embedded": (
        lambda has: tiny(embedding_dim=4).fit(has.arrays, has.y),
        ValueError,
        "embedding_dim",
    ),
    "no epochs": (
        lambda has: tiny(epochs=0).fit(has.arrays, has.y),
        ValueError,
        "epochs",
    ),
    "a batch size of zero": (
        lambda has: tiny(batch_size=0).fit(has.arrays, has.y),
        ValueError,
        "batch_size",
    ),
    "a negative learning rate": (
        lambda has: tiny(learning_rate=-1.0).fit(has.arrays, has.y),
        ValueError,
        "learning_rate",
    ),
    "an unknown optimizer": (
        lambda has: tiny(optimizer="best").fit(has.arrays, has.y),
        ValueError,
        "optimizer",
    ),
    "an unknown schedule": (
        lambda has: tiny(schedule="linear").fit(has.arrays, has.y),
        ValueError,
        "schedule",
    ),
    "a dropout of one": (
        lambda has: tiny(dropout=1.0).fit(has.arrays, has.y),
        ValueError,
        "dropout",
    ),
    "nothing left to train on": (
        lambda has: tiny(early_stopping=True).fit(has.arrays[:1], has.y[:1]),
        ValueError,
        "validation_fraction=0.1 no sample is left",
    ),
    "validation data without its answers": (
        lambda has: tiny().fit(has.arrays, has.y, X_val=has.arrays),
        ValueError,
        "X_val is given without y_val",
    ),
    "answers without their validation data": (
        lambda has: tiny().fit(has.arrays, has.y, y_val=has.y),
        ValueError,
        "y_val is given without X_val",
    ),
    "validation data of another length": (
        lambda has: tiny().fit(has.arrays, has.y, X_val=has.arrays[:, 1:], y_val=has.y),
        ValueError,
        "Invalid validation data: X has",
    ),
    "validation data with too few answers": (
        lambda has: tiny().fit(has.arrays, has.y, X_val=has.arrays, y_val=has.y[1:]),
        ValueError,
        "Invalid validation data: Found input variables with inconsistent numbers",
    ),
    "an unknown symbol in validation data": (
        lambda has: tiny().fit(has.arrays, has.y, X_val=has.arrays[:1], y_val=["x"]),
        ValueError,
        "Invalid validation data: .*'x'",
    ),
    "validation labels of fewer columns": (
        lambda has: tiny().fit(
            has.arrays[:2], [[0, 1], [1, 0]], X_val=has.arrays[:2], y_val=[[0], [1]]
        ),
        ValueError,
        "Invalid validation data: y_val has another number of columns than y",
    ),
    "groups with a decoder that reads the padding": (
        lambda has: tiny(group_by_length=True).fit(has.arrays, has.y),
        ValueError,
        "group_by_length=True cannot be used with decoder='repeat'",
    ),
    "groups with a decoder that begins at the end": (
        lambda has: tiny(
            group_by_length=True, decoder=RelativeDecoder(bidirectional=True)
        ).fit(has.arrays, has.y),
        ValueError,
        r"group_by_length=True needs RelativeDecoder\(bidirectional=False\)",
    ),
    "groups of answers that are padded in front": (
        lambda has: tiny(group_by_length=True, decoder="relative").fit(
            has.arrays, has.y
        ),
        ValueError,
        "group_by_length=True needs answers of different lengths that are padded",
    ),
    "a callback that is none": (
        lambda has: tiny(callbacks=[print]).fit(has.arrays, has.y),
        ValueError,
        "callbacks",
    ),
    "another network to continue with": (
        lambda has: (
            copy.deepcopy(has.network)
            .set_params(decoder_units=9, warm_start=True)
            .fit(has.arrays, has.y)
        ),
        ValueError,
        "decoder_units",
    ),
    "steps that are not there": (
        lambda _: make_seq2seq_pipeline(units=3),
        TypeError,
        "units",
    ),
    # -------------------------------------------------------------- MappingRegressor
    "strings for the regressor": (
        lambda has: has.regressor.fit(has.X, has.y),
        ValueError,
        "TermExtractor",
    ),
    "targets that spell no number": (
        lambda has: has.regressor.fit(has.numbers, replaced(has.y, 4, "four")),
        ValueError,
        "y\\[4\\] = 'four'",
    ),
    "three terms for a regressor of two": (
        lambda has: has.regressor.predict(np.ones((2, 3))),
        ValueError,
        "3 features",
    ),
    "two outputs after one": (
        lambda has: has.regressor.partial_fit(has.numbers, has.numbers),
        ValueError,
        "first call",
    ),
    "terms that are infinite": (
        lambda has: has.regressor.fit(has.numbers + np.inf, has.y),
        ValueError,
        "infinity",
    ),
    # ---------------------------------------------------------------- scores, displays
    "scoring fewer answers": (
        lambda has: exact_match_score(has.y, has.y[1:]),
        ValueError,
        "\\[400, 399\\]",
    ),
    "scoring no answers": (
        lambda _: character_accuracy_score([], []),
        ValueError,
        "0 sample|empty|at least",
    ),
    "scoring by one weight": (
        lambda has: numeric_rmse(has.y, has.y, sample_weight=[1.0]),
        ValueError,
        "sample_weight|inconsistent",
    ),
    "counting the carries of words": (
        lambda _: carry_report(["one+two"], ["three"], ["three"]),
        ValueError,
        "one\\+two",
    ),
    "the history of what has none": (
        lambda _: TrainingHistoryDisplay.from_estimator(MinMaxScaler()),
        (ValueError, TypeError, NotFittedError),
        "history_|MinMaxScaler",
    ),
    "the attention of what has none": (
        lambda has: AttentionDisplay.from_estimator(has.pipe, "1+2"),
        ValueError,
        "attention",
    ),
    "the steps of answers that are too few": (
        lambda has: StepAccuracyDisplay.from_predictions(has.y, has.y[1:]),
        ValueError,
        "\\[400, 399\\]",
    ),
}


def _sparse(arrays):
    from scipy.sparse import csr_matrix

    return csr_matrix(arrays.reshape(len(arrays), -1))


@pytest.mark.parametrize(("call", "error", "text"), CALLS.values(), ids=CALLS.keys())
def test_a_bad_call_is_refused_and_changes_nothing(has, call, error, text):
    before = contents(has)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(error, match=text):
            call(has)
    assert contents(has) == before


def test_there_are_many_such_calls():
    assert len(CALLS) >= 60


# --------------------------------------------------------------------------- fuzzing

ALLOWED = ValueError, TypeError, NotFittedError

# What people hand over by mistake, and what computers do.
junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([2**31, 2**63, -(2**70), 10**400]),
    st.floats(),
    st.text(max_size=3),
    st.binary(max_size=3),
    st.sampled_from(["auto", "left", "term", "adam", "lstm", "cosine", "+", " "]),
    st.lists(st.integers(-2, 9), max_size=3),
    st.tuples(st.integers(-2, 9), st.floats()),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.builds(object),
    st.sampled_from([int, MinMaxScaler, MinMaxScaler(), Truncating()]),
)
characters = st.one_of(
    st.sampled_from("0123456789+-* "),
    st.characters(),
    st.sampled_from("\u0663\u0301\u00b2\u2460\u200d\ud800\0\n\U0001f600"),
)
strings = st.text(characters, max_size=8)
sums = st.builds("{}+{}".format, st.integers(0, 20), st.integers(0, 20))
samples = st.one_of(
    st.lists(st.one_of(sums, strings), max_size=6),
    st.lists(st.one_of(strings, junk), max_size=6),
    st.lists(st.lists(junk, max_size=3), max_size=3),
    junk,
)
arrays = st.one_of(
    st.builds(
        lambda shape, value, dtype: np.full(shape, value, dtype),
        st.lists(st.integers(0, 5), max_size=4),
        st.sampled_from([0, 1, 0.5, -1, np.nan, np.inf, 1e38]),
        st.sampled_from(["f4", "f8", "O", "c8"]),
    ),
    st.builds(
        lambda n, seed: np.eye(12)[np.random.default_rng(seed).integers(0, 12, (n, 3))],
        st.integers(0, 5),
        st.integers(0, 99),
    ),
    samples,
)


def quietly(call, *args, **params):
    """The result and None, or None and the error if it is one of those allowed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call(*args, **params), None
        except ALLOWED as error:
            return None, error


def fuzz_transformers(has, data):
    kind = data.draw(
        st.sampled_from(
            [
                SequencePadder,
                SequenceIntegerEncoder,
                SequenceOneHotEncoder,
                TermExtractor,
            ]
        )
    )
    params = {}
    if data.draw(st.booleans()):
        names = sorted(kind().get_params())
        if names:
            params[data.draw(st.sampled_from(names))] = data.draw(junk)
    if any(type(value) is int and value > 10**6 for value in params.values()):
        return  # nobody has the memory
    X = data.draw(arrays if kind is SequenceOneHotEncoder else samples)
    transformer = kind(**params)
    _, error = quietly(transformer.fit, X)
    if error is not None:
        assert vars(transformer) == vars(kind(**params))  # as it was
        return
    changed, _ = quietly(transformer.transform, X)
    if changed is not None and hasattr(transformer, "inverse_transform"):
        restored, _ = quietly(transformer.inverse_transform, changed)
        if restored is not None and isinstance(transformer, SequencePadder):
            assert list(restored) == list(X)
    before = pickle.dumps(transformer)
    for call in ("transform", "inverse_transform"):
        if hasattr(transformer, call):
            quietly(getattr(transformer, call), data.draw(arrays))
    assert pickle.dumps(transformer) == before


def fuzz_generators(has, data):
    make = data.draw(st.sampled_from([make_addition, make_expressions]))
    names = ["n_samples", "n_terms", "smallest", "largest", "random_state"]
    names += ["sampling", "unique"] if make is make_addition else ["operators"]
    params = {"n_samples": data.draw(st.integers(1, 5)), "random_state": 0}
    for name in data.draw(st.lists(st.sampled_from(names), max_size=3)):
        params[name] = data.draw(junk)
    if isinstance(params["n_samples"], int) and params["n_samples"] > 10**6:
        return  # nobody has the memory
    if isinstance(params.get("n_terms"), int) and params["n_terms"] > 10**6:
        return
    result, _ = quietly(make, **params)
    if result is not None:
        X, y = result
        assert len(X) == len(y) == params["n_samples"]


def fuzz_scores(has, data):
    score = data.draw(
        st.sampled_from([exact_match_score, character_accuracy_score, numeric_rmse])
    )
    y = data.draw(samples)
    predicted = data.draw(st.one_of(st.just(y), samples))
    weights = data.draw(st.one_of(st.none(), st.lists(st.floats(), max_size=6), junk))
    result, _ = quietly(score, y, predicted, sample_weight=weights)
    if result is not None and score is exact_match_score:
        assert 0 <= result <= 1
    X = data.draw(samples)
    quietly(carry_report, X, y, predicted)


def fuzz_parameters(has, data):
    kind = data.draw(st.sampled_from([Seq2SeqClassifier, MappingRegressor]))
    estimator = kind(epochs=1, random_state=0)
    name = data.draw(st.sampled_from(sorted(estimator.get_params())))
    value = data.draw(junk)
    if name in ("callbacks", "checkpoint_dir", "verbose"):
        return  # files and prints
    if name == "epochs" and type(value) is int and value > 3:
        return  # nobody has the time
    if name.endswith("units") and np.size(value) == 1 and type(value) is int:
        value = min(value, 3)
    sizes = ("embedding_dim", "beam_width", "batch_size")
    if name in sizes and type(value) is int and value > 3:
        return
    X = has.arrays[:4] if kind is Seq2SeqClassifier else has.numbers[:4]
    estimator.set_params(**{name: value})
    before = pickle.dumps(estimator)
    _, error = quietly(estimator.fit, X, has.y[:4])
    if error is None:
        quietly(estimator.predict, X)
    else:
        assert pickle.dumps(estimator) == before


def fuzz_inputs(has, data):
    call = data.draw(
        st.sampled_from(
            [
                has.pipe.predict,
                has.network.predict,
                has.network.predict_step_proba,
                has.regressor.predict,
                has.pipe.score,
                has.network.score,
                has.regressor.score,
                has.network.fit,
                has.network.partial_fit,
                has.regressor.fit,
                has.regressor.partial_fit,
            ]
        )
    )
    X = data.draw(
        st.one_of(arrays, st.sampled_from([has.arrays[:3], has.numbers[:3], has.X[:3]]))
    )
    args = [X]
    if call.__name__ not in ("predict", "predict_step_proba"):
        args += [data.draw(st.one_of(samples, st.just(has.y[:3])))]
        args += [data.draw(st.one_of(st.none(), st.none(), junk))]
    before = contents(has)
    trained = copy.deepcopy(call.__self__) if "fit" in call.__name__ else call.__self__
    _, error = quietly(getattr(trained, call.__name__), *args)
    if error is not None and "fit" in call.__name__:
        assert pickle.dumps(trained) == pickle.dumps(copy.deepcopy(call.__self__))
    assert contents(has) == before


FUZZ = {
    "transformers": (fuzz_transformers, 5000),
    "generators": (fuzz_generators, 1500),
    "scores": (fuzz_scores, 1500),
    "parameters": (fuzz_parameters, 500),
    "inputs": (fuzz_inputs, 1500),
}


@pytest.mark.parametrize("share", [0.01, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("check", "n_cases"), FUZZ.values(), ids=FUZZ.keys())
def test_nothing_else_is_ever_raised(has, check, n_cases, share):
    n_tried = 0

    @settings(
        max_examples=int(share * n_cases),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data):
        nonlocal n_tried
        n_tried += 1
        check(has, data)

    run()
    assert n_tried >= share * n_cases


def test_there_are_ten_thousand_such_cases():
    assert sum(n_cases for _, n_cases in FUZZ.values()) >= 10_000
