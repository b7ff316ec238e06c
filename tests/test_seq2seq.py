"""What Seq2SeqClassifier and its pipeline promise, in the order of their docstrings."""

import contextlib
import copy
import enum
import os
import pickle
import random
import threading
import warnings

import numpy as np
import pytest
from helpers import TINY, assert_same_weights, slow, tiny_pipeline
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from string_kinds import STRING_KINDS, string_dtype

from sklearn_seqadd import (
    MappingRegressor,
    Seq2SeqClassifier,
    Seq2SeqEnsemble,
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    character_accuracy_score,
    exact_match_score,
    make_addition,
    make_seq2seq_pipeline,
)
from sklearn_seqadd._targets import TargetCodec
from sklearn_seqadd._tensorflow import keras


def encoded(X, **params):
    """Strings as the estimator without a pipeline takes them."""
    steps = SequencePadder(**params), SequenceIntegerEncoder(), SequenceOneHotEncoder()
    return make_pipeline(*steps).fit_transform(X)


# ----------------------------------------------------------- it learns, from strings


def test_it_learns_small_sums(fitted):
    X, y = make_addition(300, largest=9, random_state=1)
    assert fitted.score(X, y) >= 0.95
    assert fitted.predict(["2+3", "4+8"]).tolist() == ["5", "12"]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_it_learns_what_is_no_arithmetic(cell):
    rng = np.random.RandomState(0)
    X = np.array(
        ["".join(rng.choice(list("abcd"), rng.randint(1, 4))) for _ in range(600)]
    )
    y = np.array([string[::-1].upper() for string in X])
    pipe = make_seq2seq_pipeline(
        encoder_units=24,
        decoder_units=24,
        cell=cell,
        bidirectional=True,
        learning_rate=0.02,
        epochs=25,
        random_state=0,
    ).fit(X, y)
    assert pipe.score(X, y) >= 0.95


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: make_addition(500, random_state=0), id="two digits"),
        pytest.param(
            lambda: make_addition(60, largest=10**10 - 1, unique=True, random_state=0),
            id="sixty distinct sums of ten digits",
        ),
        pytest.param(
            lambda: make_addition(200, n_terms=(2, 4), random_state=0),
            id="two to four terms",
        ),
    ],
)
def test_any_strings_can_be_cross_validated_without_a_warning(make):
    X, y = make()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = cross_val_score(tiny_pipeline(), X, y)
    assert scores.shape == (5,)
    assert np.isfinite(scores).all()


def test_longer_strings_and_unknown_symbols_do_not_break_a_cross_validation():
    X = np.array(["1+1"] * 8 + ["12345+7", "x"])
    y = np.array(["2"] * 8 + ["12352", "?"])
    with pytest.warns(UserWarning, match="first is") as caught:
        scores = cross_val_score(tiny_pipeline(), X, y)
    assert np.isfinite(scores).all()
    messages = [str(warning.message) for warning in caught]
    assert any("do not fit into 3 characters" in message for message in messages)
    assert any("not in the alphabet ' +1'" in message for message in messages)


@pytest.mark.slow
def test_a_grid_reaches_every_step_and_the_target_transformer(small_sums):
    reverse = "seq2seqclassifier__target_transformer__sequencepadder__reverse"
    grid = [
        {
            "seq2seqclassifier__learning_rate": [0.001, 0.01],
            reverse: [False, True],
            "sequencepadder__side": ["left", "term"],
        },
        {"seq2seqclassifier__encoder_units": [6, 8]},
    ]
    X, y = small_sums
    search = GridSearchCV(tiny_pipeline(), grid, cv=2).fit(X, y)
    parallel = GridSearchCV(tiny_pipeline(), grid, cv=2, n_jobs=2).fit(X, y)
    for split in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(
            search.cv_results_[split], parallel.cv_results_[split]
        )
    # The learning rate arrives: candidates that differ in nothing else differ.
    slow, fast = np.split(search.cv_results_["mean_test_score"][:8], 2)
    assert (slow != fast).any()
    answers = search.best_estimator_.predict(["9+1", "7"])
    assert answers.shape == (2,)
    assert answers.dtype.kind == "U"


def test_a_misspelt_parameter_in_a_grid_is_an_error(small_sums):
    search = GridSearchCV(tiny_pipeline(), {"seq2seqclassifier__encoder_unit": [5]})
    with pytest.raises(ValueError, match="Invalid parameter 'encoder_unit'"):
        search.fit(*small_sums)


def test_the_learning_rate_is_what_the_optimizer_trains_with(small_sums):
    slow = tiny_pipeline(learning_rate=1e-9).fit(*small_sums)[-1]
    untrained = tiny_pipeline(learning_rate=1e-12).fit(*small_sums)[-1]
    fast = tiny_pipeline(learning_rate=0.1).fit(*small_sums)[-1]
    for a, b, c in zip(slow.weights_, untrained.weights_, fast.weights_, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
        assert np.abs(a - c).max() > 1e-2


def test_scorers_of_strings_work_in_cross_validate(small_sums):
    from sklearn.metrics import make_scorer

    scores = cross_validate(
        tiny_pipeline(),
        *small_sums,
        cv=2,
        scoring={
            "exact": make_scorer(exact_match_score),
            "characters": make_scorer(character_accuracy_score),
        },
    )
    assert scores["test_exact"].shape == scores["test_characters"].shape == (2,)
    assert (scores["test_characters"] >= scores["test_exact"]).all()


# ---------------------------------------------------------------------------- targets


@pytest.mark.parametrize(
    "make_target",
    [
        pytest.param(np.array, id="U"),
        pytest.param(lambda y: np.array(y, dtype=object), id="object"),
        pytest.param(
            lambda y: np.array(y, dtype=np.dtypes.StringDType()),
            id="StringDType",
            marks=pytest.mark.skipif(
                not hasattr(np.dtypes, "StringDType"), reason="NumPy 1"
            ),
        ),
    ],
)
def test_strings_come_back_in_their_kind_without_padding(small_sums, make_target):
    X, y = small_sums
    target = make_target(y.tolist())
    pipe = tiny_pipeline().fit(X, target)
    answers = pipe.predict(X)
    assert answers.dtype.kind == target.dtype.kind
    assert not any(" " in answer for answer in answers)
    assert 0 <= pipe.score(X, target) <= 1


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_series_are_taken_as_they_are(small_sums, library):
    module = pytest.importorskip(library)
    X, y = small_sums
    pipe = tiny_pipeline().fit(module.Series(X.tolist()), module.Series(y.tolist()))
    expected = tiny_pipeline().fit(X, y)
    assert_same_weights(pipe[-1], expected[-1])
    assert pipe.predict(module.Series(X.tolist())).tolist() == list(expected.predict(X))


@pytest.mark.parametrize("dtype", [np.int8, np.int64, bool, np.float64])
def test_labels_come_back_in_their_dtype(dtype):
    X = np.random.RandomState(0).rand(20, 3)
    y = (X[:, 0] > 0.5).astype(dtype)
    estimator = Seq2SeqClassifier(**TINY).fit(X, y)
    answers = estimator.predict(X)
    assert answers.dtype == y.dtype
    assert answers.shape == (20,)
    assert estimator.alphabet_.tolist() == np.unique(y).tolist()


def test_a_column_of_labels_is_one_step_of_the_answer():
    X = np.random.RandomState(0).rand(20, 3, 2)
    y = np.random.RandomState(1).randint(4, size=(20, 5))
    estimator = Seq2SeqClassifier(**TINY).fit(X, y)
    assert estimator.predict(X).shape == (20, 5)
    assert estimator.predict_step_proba(X).shape == (20, 5, 4)
    assert set(np.unique(estimator.predict(X))) <= set(np.unique(y))


def test_strings_that_contain_the_usual_fill_come_back_whole():
    X, y = encoded(["a", "b"] * 30), ["one two", " x "] * 30
    estimator = Seq2SeqClassifier(8, 8, epochs=60, learning_rate=0.05, random_state=0)
    assert estimator.fit(X, y).predict(X).tolist() == y


DECODERS_AND_SIDES = [
    {"mask_padding": True},
    {"mask_padding": True, "side": "right"},
    {"mask_padding": True, "embedding_dim": 3},
    {"decoder": "attention", "mask_padding": True},  # padded by term
    {"decoder": "relative"},
    {"decoder": "autoregressive", "mask_padding": True},
]


@pytest.mark.parametrize("params", DECODERS_AND_SIDES, ids=str)
@pytest.mark.parametrize("blank", [" ", slow("\n")])
def test_a_blank_is_a_symbol_wherever_it_stands(params, blank):
    X = [part.replace("_", blank) for part in ("_ab", "a_b", "ab_", "ab", "_", "")]
    pipe = tiny_pipeline(**params).fit(X * 5, X * 5)
    probabilities = pipe[-1].predict_step_proba(pipe[:-1].transform(X))
    # Each question is one of its own, to masks as to everything else.
    assert len(np.unique(probabilities.reshape(len(X), -1), axis=0)) == len(X)
    target_transformer = pipe[-1].target_transformer_
    codes = target_transformer.transform(X)
    assert target_transformer.inverse_transform(codes).tolist() == X


def test_blanks_of_answers_are_learned_if_padding_is_not():
    X, y = ["a", "b", "c"] * 20, ["a x", " by", "cz "] * 20
    pipe = make_seq2seq_pipeline(
        encoder_units=16, decoder_units=16, epochs=60, learning_rate=0.02,
        padding_weight=0.0, random_state=0)  # fmt: skip
    assert pipe.fit(X, y).predict(X).tolist() == y


@pytest.mark.parametrize("params", DECODERS_AND_SIDES[::2], ids=str)
@pytest.mark.parametrize("analyzer", [None, slow("word")])
@pytest.mark.filterwarnings("ignore:1 (character|token) is not in the")
def test_an_unknown_symbol_is_not_padding(params, analyzer):
    sep = " " if analyzer else ""
    X = [sep.join(part) for part in ("ab", "ba", "bab", "b")]
    pipe = tiny_pipeline(**params, analyzer=analyzer).fit(X * 5, X * 5)
    known, unknown = (
        pipe[-1].predict_step_proba(pipe[:-1].transform([sep.join(question)]))
        for question in ("ab", "?ab")
    )
    assert not np.array_equal(known[:, : known.shape[1]], unknown[:, : known.shape[1]])


def test_continuous_targets_are_refused_as_by_a_classifier():
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        Seq2SeqClassifier(**TINY).fit(np.ones((4, 2)), [0.5, 1.5, 2.5, 3.5])


class Colour(str, enum.Enum):  # noqa: UP042  (what `str` makes of it differs)
    RED = "red"
    BLUE = "blue"


COLOURS = [Colour.RED, Colour.BLUE] * 4
COLOURS_IN_COLUMNS = [[Colour.RED, Colour.BLUE], [Colour.BLUE, Colour.BLUE]] * 4


@pytest.mark.parametrize("make", [list, lambda y: np.array(y, dtype=object)])
@pytest.mark.parametrize("y", [COLOURS, COLOURS_IN_COLUMNS])
def test_members_of_an_enum_are_the_targets_that_they_are(data, y, make):
    members = np.array(y, dtype=object)
    plain = np.array([member.value for member in members.flat])
    plain = plain.reshape(members.shape)
    X = data[0][: len(y)]
    network = Seq2SeqClassifier(**TINY).fit(X, make(y))
    assert_same_weights(network, Seq2SeqClassifier(**TINY).fit(X, plain))
    assert network.alphabet_.tolist() == sorted(set(network.alphabet_.tolist()))
    assert network.score(X, make(y)) == network.score(X, plain)
    assert {type(part) for part in network.predict(X).ravel().tolist()} == {str}


@pytest.mark.parametrize("labels", [[1, 2, 2**70], [-1, 2**63, 2**63 + 1]])
def test_integers_of_any_size_are_labels(data, labels):
    X, y = data[0][:30], labels * 10
    network = Seq2SeqClassifier(**TINY).fit(X, y)
    assert network.alphabet_.tolist() == sorted(labels)
    assert set(network.predict(X).tolist()) <= set(labels)
    small = Seq2SeqClassifier(**TINY).fit(X, [0, 1, 2] * 10)
    assert_same_weights(network, small)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([1, 2**70, None], r"y\[2\] holds None"),
        ([1, 2.5, 2**70], r"y\[1\] holds 2.5 of type float"),
    ],
)
def test_the_label_that_is_none_is_named(data, y, message):
    with pytest.raises(ValueError, match=message):
        Seq2SeqClassifier(**TINY).fit(data[0][:3], y)


def test_labels_in_columns_may_be_of_the_string_dtype_of_numpy(data):
    y = np.array([["a", "b"], ["b", "long"]] * 5)
    held = string_dtype(y)
    X = data[0][: len(y)]
    network = Seq2SeqClassifier(**TINY).fit(X, held)
    assert network.predict(X).dtype == held.dtype
    assert_same_weights(network, Seq2SeqClassifier(**TINY).fit(X, y))
    assert network.score(X, held) == network.score(X, y)
    validated = Seq2SeqClassifier(**TINY).fit(X, held, X_val=X, y_val=held)
    assert_same_weights(network, validated)


def test_half_of_a_surrogate_pair_is_not_a_label(data):
    with pytest.raises(ValueError, match="The label, .* half of a surrogate pair"):
        Seq2SeqClassifier(**TINY).fit(data[0][:2], [["a", "b"], ["a", "\ud800"]])


@pytest.mark.parametrize("shape", [(6, 3, 0), (6, 0, 2), (6, 0)])
def test_inputs_without_features_are_refused_as_by_scikit_learn(shape):
    message = r"Found array with 0 feature\(s\) \(shape=\(6, .* minimum of 1 is"
    for params in ({}, {"embedding_dim": 2}):
        with pytest.raises(ValueError, match=message):
            Seq2SeqClassifier(**TINY, **params).fit(np.ones(shape, int), [0, 1] * 3)


def test_targets_without_columns_are_refused_as_by_scikit_learn(data):
    with pytest.raises(ValueError, match=r"0 feature\(s\) \(shape=\(6, 0\)\) .* of y"):
        Seq2SeqClassifier(**TINY).fit(data[0][:6], np.ones((6, 0), int))


def test_it_is_no_classifier_to_scikit_learn():
    assert not is_classifier(Seq2SeqClassifier())


def test_a_target_transformer_that_does_not_invert_is_refused(small_sums):
    from sklearn.preprocessing import FunctionTransformer

    lossy = FunctionTransformer(
        lambda y: np.zeros((len(y), 1), dtype=int),
        inverse_func=lambda codes: np.array(["7"] * len(codes)),
        check_inverse=False,
    )
    X, y = small_sums
    with pytest.raises(ValueError, match="give all targets back.* come back as '7'"):
        Seq2SeqClassifier(**TINY, target_transformer=lossy).fit(encoded(X), y)


def test_a_one_hot_target_transformer_gives_the_same_network(small_sums):
    X, y = small_sums
    codes = make_pipeline(SequencePadder(), SequenceIntegerEncoder())
    vectors = make_pipeline(
        *(clone(s) for _, s in codes.steps), SequenceOneHotEncoder()
    )
    by_codes, by_vectors = (
        Seq2SeqClassifier(**TINY, target_transformer=t).fit(encoded(X), y)
        for t in (codes, vectors)
    )
    assert_same_weights(by_codes, by_vectors)
    assert by_vectors.predict(encoded(X)).tolist() == list(by_codes.predict(encoded(X)))


def test_the_target_transformer_is_cloned(small_sums):
    transformer = make_pipeline(SequencePadder(), SequenceIntegerEncoder())
    X, y = small_sums
    Seq2SeqClassifier(**TINY, target_transformer=transformer).fit(encoded(X), y)
    assert not hasattr(transformer[0], "length_")


# ------------------------------------------------------------------- step by step


def test_step_probabilities_sum_to_one_and_name_their_columns(fitted):
    X = fitted[:-1].transform(["2+3", "4+8"])
    probabilities = fitted[-1].predict_step_proba(X)
    alphabet = fitted[-1].alphabet_
    assert probabilities.shape == (2, 2, len(alphabet))
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, atol=1e-5)
    best = ["".join(alphabet[codes]) for codes in probabilities.argmax(axis=2)]
    assert best == [" 5", "12"]


def test_the_score_is_the_share_of_exact_matches(fitted, small_sums):
    X, y = small_sums
    y_wrong = np.where(np.arange(len(y)) % 2, y, "x")
    right = fitted.predict(X) == y_wrong
    assert fitted.score(X, y_wrong) == pytest.approx(right.mean())
    weight = np.arange(len(y)) % 2
    assert fitted.score(X, y_wrong, sample_weight=weight) == pytest.approx(
        right[weight == 1].mean()
    )


# ------------------------------------------------------------------------- weights


def test_samples_of_weight_zero_are_as_if_absent_alphabets_included():
    X = np.random.RandomState(0).rand(40, 3)
    y = np.array(["1", "2"] * 20)
    weight = np.ones(40)
    weight[30:] = 0
    strange = y.copy()
    strange[30:] = "z"
    weighted = Seq2SeqClassifier(**TINY).fit(X, strange, sample_weight=weight)
    absent = Seq2SeqClassifier(**TINY).fit(X[:30], y[:30])
    assert_same_weights(weighted, absent)
    assert weighted.alphabet_.tolist() == absent.alphabet_.tolist()


def test_a_weight_of_two_is_the_sample_twice():
    X = np.random.RandomState(0).rand(12, 3)
    y = np.arange(12) % 3
    params = {**TINY, "batch_size": 32, "epochs": 5}
    weight = np.where(np.arange(12) < 4, 2, 1)
    weighted = Seq2SeqClassifier(**params).fit(X, y, sample_weight=weight)
    repeated = Seq2SeqClassifier(**params).fit(
        np.vstack([X, X[:4]]), np.append(y, y[:4])
    )
    np.testing.assert_allclose(
        weighted.predict_step_proba(X), repeated.predict_step_proba(X), atol=1e-5
    )


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([0, 0, 0], "zero"),
        ([1, -1, 1], "Negative values.*sample 1"),
        ([1, 1], r"sample_weight.shape == \(2,\)"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weight, message):
    with pytest.raises(ValueError, match=message):
        Seq2SeqClassifier(**TINY).fit(np.ones((3, 2)), [0, 1, 0], sample_weight=weight)


@pytest.mark.parametrize("weight", [1e-320, 1e-50, 1e-40, 1e38, 1e300])
def test_weights_of_any_magnitude_are_the_same_as_ones(data, weight):
    expected = Seq2SeqClassifier(**TINY).fit(*data)
    found = Seq2SeqClassifier(**TINY).fit(*data, sample_weight=np.full(100, weight))
    assert_same_weights(found, expected, atol=1e-5)
    assert found.history_["loss"] == pytest.approx(expected.history_["loss"], rel=1e-5)


def test_a_power_of_two_times_the_weights_changes_no_bit(data):
    weight = np.random.RandomState(0).rand(100)
    fits = [
        Seq2SeqClassifier(**TINY).fit(*data, sample_weight=factor * weight)
        for factor in (1.0, 2.0**-140, 2.0**140)
    ]
    for other in fits[1:]:
        assert_same_weights(other, fits[0])
        assert other.history_ == fits[0].history_


def test_a_mini_batch_of_the_lightest_samples_only_is_learned_from(data):
    weight = np.where(np.arange(100) < 90, 1e-300, 1e300)
    params = {**TINY, "batch_size": 2}
    history = Seq2SeqClassifier(**params).fit(*data, sample_weight=weight).history_
    assert np.isfinite(history["loss"]).all()


# ----------------------------------------------------- continuing from where one is


@pytest.fixture(params=[0.0, 0.5, "own"], ids="dropout={}".format)
def with_dropout(request):
    """Parameters of three epochs, with dropout of ours or of a layer of Keras."""
    if request.param == "own":
        return {"network": dropping_out, "epochs": 3, "random_state": 0}
    return {**TINY, "epochs": 3, "dropout": request.param}


def dropping_out(n_steps_in, n_features, n_steps_out, n_symbols):
    return keras.Sequential(
        [
            keras.Input((n_steps_in, n_features)),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(n_steps_out * n_symbols),
            keras.layers.GaussianNoise(0.1),
            keras.layers.Reshape((n_steps_out, n_symbols)),
            keras.layers.Softmax(),
        ]
    )


def test_calls_of_partial_fit_are_the_epochs_of_one_fit(small_sums, with_dropout):
    X, y = encoded(small_sums[0]), small_sums[1]
    at_once = Seq2SeqClassifier(**with_dropout).fit(X, y)
    by_calls = Seq2SeqClassifier(**with_dropout)
    for _ in range(3):
        by_calls.partial_fit(X, y)
    assert_same_weights(at_once, by_calls)
    assert at_once.history_ == by_calls.history_


def test_warm_starts_are_the_epochs_of_one_fit(small_sums, with_dropout):
    X, y = encoded(small_sums[0]), small_sums[1]
    at_once = Seq2SeqClassifier(**with_dropout).fit(X, y)
    warm = Seq2SeqClassifier(**with_dropout, warm_start=True)
    for epochs in (1, 2):
        warm.set_params(epochs=epochs).fit(X, y)
    assert_same_weights(at_once, warm)
    assert at_once.history_ == warm.history_


def test_dropout_differs_from_call_to_call(small_sums):
    """With one mini-batch a call, too, and a learning rate that changes nothing."""
    X, y = encoded(small_sums[0])[:32], small_sums[1][:32]
    network = Seq2SeqClassifier(**TINY, dropout=0.5, learning_rate=1e-30)
    for _ in range(3):
        network.partial_fit(X, y)
    assert len(set(network.history_["loss"])) == 3


@pytest.mark.parametrize(
    "travel", [copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_partial_fit_continues_exactly_after_a_round_trip(small_sums, travel):
    X, y = encoded(small_sums[0]), small_sums[1]
    stayed = Seq2SeqClassifier(**TINY).partial_fit(X, y)
    travelled = travel(stayed)
    assert_same_weights(stayed.partial_fit(X, y), travelled.partial_fit(X, y))


def test_partial_fit_continues_from_fit_and_through_a_pipeline(small_sums):
    X, y = small_sums
    pipe = tiny_pipeline().fit(X, y)
    before = pipe[-1].weights_
    pipe[-1].partial_fit(pipe[:-1].transform(X), y)
    assert len(pipe[-1].history_["loss"]) == TINY["epochs"] + 1
    assert any((a != b).any() for a, b in zip(before, pipe[-1].weights_, strict=True))


@pytest.mark.parametrize("answer", ["1112", "1x"])
def test_partial_fit_refuses_answers_that_do_not_fit_the_first_call(answer):
    X = encoded(["1+1", "5+7"])
    estimator = Seq2SeqClassifier(**TINY).partial_fit(X, ["2", "12"])
    weights = estimator.weights_
    with pytest.raises(ValueError, match=f"first call: .*ample 1, '{answer}'"):
        estimator.partial_fit(X, ["2", answer])
    assert estimator.weights_ is weights


def test_warm_start_continues_and_a_cold_start_starts_over(small_sums):
    X, y = encoded(small_sums[0]), small_sums[1]
    once = Seq2SeqClassifier(**{**TINY, "epochs": 4, "warm_start": True}).fit(X, y)
    twice = Seq2SeqClassifier(**{**TINY, "warm_start": True}).fit(X, y).fit(X, y)
    assert_same_weights(once, twice)
    assert len(twice.history_["loss"]) == 4
    anew = twice.set_params(warm_start=False).fit(X, y)
    assert len(anew.history_["loss"]) == 2


def test_training_cannot_continue_with_another_network(small_sums):
    X, y = encoded(small_sums[0]), small_sums[1]
    estimator = Seq2SeqClassifier(**TINY).partial_fit(X, y)
    with pytest.raises(ValueError, match=r"encoder_units=\(8,\) \(now \(9,\)\)"):
        estimator.set_params(encoder_units=9).partial_fit(X, y)


def test_set_params_changes_the_next_fit_and_not_what_is_fitted(fitted):
    pipe = copy.deepcopy(fitted)
    pipe.set_params(seq2seqclassifier__encoder_units=3, sequencepadder__side="right")
    assert pipe[-1].predict(fitted[:-1].transform(["2+3"])) == ["5"]


class Flat(BaseEstimator):
    """A network of one's own for arrays of three dimensions."""

    def build(self, n_steps_in, n_features, n_steps_out, n_symbols):
        return keras.Sequential(
            [
                keras.Input((n_steps_in, n_features)),
                keras.layers.Flatten(),
                keras.layers.Dense(n_steps_out * n_symbols),
                keras.layers.Reshape((n_steps_out, n_symbols)),
                keras.layers.Softmax(),
            ]
        )


@pytest.mark.parametrize("network", [None, Flat()])
@pytest.mark.parametrize(
    "params",
    [
        {"network": None, "embedding_dim": 4},
        {"network": Flat(), "encoder_units": "many"},
        {"decoder": "relative", "padding_weight": 0.5, "dropout": 2},
        {"target_transformer": SequencePadder(), "early_stopping": "no"},
    ],
)
def test_no_parameter_that_is_set_after_fit_changes_an_answer(network, params):
    X = np.random.RandomState(0).rand(20, 3, 2)
    y = np.random.RandomState(1).randint(4, size=(20, 2))
    sizes = TINY if network is None else {"epochs": 2, "random_state": 0}
    estimator = Seq2SeqClassifier(network=network, **sizes).fit(X, y)
    answers, scores = estimator.predict(X), estimator.score_samples(X, y)

    estimator.set_params(**params)

    np.testing.assert_array_equal(estimator.predict(X), answers)
    np.testing.assert_array_equal(estimator.score_samples(X, y), scores)
    assert estimator.model_.loss == "sparse_categorical_crossentropy"


def test_tokens_are_scored_whatever_target_transformer_is_set_after_fit():
    X, y = [["a", "b"], ["b"]] * 5, [["x"], ["y", "x"]] * 5
    pipe = tiny_pipeline(analyzer="word").fit(X, y)
    inputs = pipe[:-1].transform(X)
    scores = pipe[-1].score_samples(inputs, y)

    pipe[-1].set_params(target_transformer=None)

    np.testing.assert_array_equal(pipe[-1].score_samples(inputs, y), scores)


# -------------------------------------------------------------------- one-hot targets


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, bool])
def test_one_hot_targets_are_labels_and_come_back_as_vectors(dtype):
    X = np.random.RandomState(0).rand(20, 3, 2)
    labels = np.random.RandomState(1).randint(3, size=(20, 2))
    labels[0] = 0, 2
    y = np.eye(4, dtype=dtype)[labels]  # one symbol more than there is
    estimator = Seq2SeqClassifier(**TINY).fit(X, y)

    answers = estimator.predict(X)

    assert answers.shape == y.shape
    assert answers.dtype == y.dtype
    assert estimator.alphabet_.tolist() == [0, 1, 2, 3]
    probabilities = estimator.predict_step_proba(X)
    assert probabilities.shape == y.shape
    np.testing.assert_array_equal(answers.argmax(axis=2), probabilities.argmax(axis=2))
    expected = np.mean((answers == y).all(axis=(1, 2)))
    assert estimator.score(X, y) == pytest.approx(expected)
    assert estimator.score_samples(X, y).shape == (20,)
    assert estimator.predict_n_best(X, 2).shape == (20, 2, 2, 4)


def test_one_hot_targets_are_learned_as_their_labels_are():
    X = np.random.RandomState(0).rand(20, 3, 2)
    labels = np.random.RandomState(1).randint(3, size=(20, 2))
    one_hot = Seq2SeqClassifier(**TINY).fit(X, np.eye(3)[labels].tolist())

    assert_same_weights(one_hot, Seq2SeqClassifier(**TINY).fit(X, labels))
    again = copy.deepcopy(one_hot).partial_fit(X, np.eye(3)[labels])
    assert again.n_iter_ == one_hot.n_iter_ + 1


def test_one_hot_targets_are_validated_and_scored_in_an_ensemble():
    X = np.random.RandomState(0).rand(20, 3, 2)
    y = np.eye(3)[np.random.RandomState(1).randint(3, size=(20, 2))]
    ensemble = Seq2SeqEnsemble(Seq2SeqClassifier(**TINY), 2)

    assert 0 <= ensemble.fit(X, y, X_val=X, y_val=y).score(X, y) <= 1
    assert ensemble.predict(X).shape == y.shape


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda fitted, X, y: fitted.fit(X, y / 2), "y of three dimensions"),
        (lambda fitted, X, y: fitted.fit(X, 0 * y), r"\[0.0, 0.0, 0.0\] at step 0"),
        (lambda fitted, X, y: fitted.fit(X, y.astype(str)), "y of three dimensions"),
        (
            lambda fitted, X, y: (
                clone(fitted).set_params(target_transformer=SequencePadder()).fit(X, y)
            ),
            "need no target transformer: set target_transformer=None",
        ),
        (
            lambda fitted, X, y: fitted.partial_fit(X, np.eye(4)[y.argmax(axis=2)]),
            "first call: expected one-hot vectors of 3 symbols",
        ),
        (
            lambda fitted, X, y: fitted.partial_fit(X, y.argmax(axis=2)),
            "first call: expected one-hot vectors of 3 symbols",
        ),
        (
            lambda fitted, X, y: (
                clone(fitted).fit(X, y.argmax(axis=2)).partial_fit(X, y)
            ),
            "first call: expected labels in an array of ndim 2",
        ),
        (lambda fitted, X, y: fitted.fit(X, y[..., None]), "y should be of shape"),
    ],
)
def test_one_hot_targets_that_are_none_are_refused(call, message):
    X = np.random.RandomState(0).rand(20, 3, 2)
    y = np.eye(3)[np.random.RandomState(1).randint(3, size=(20, 2))]
    with pytest.raises(ValueError, match=message):
        call(Seq2SeqClassifier(**TINY).fit(X, y), X, y)


# ----------------------------------------------------------- history, callbacks, noise


def test_history_has_a_figure_for_every_epoch(small_sums):
    history = tiny_pipeline(early_stopping=True).fit(*small_sums)[-1].history_
    measures = {"loss", "exact_match", "character_accuracy"}
    assert set(history) == measures | {f"val_{name}" for name in measures}
    assert all(len(values) == TINY["epochs"] for values in history.values())
    assert all(type(value) is float for values in history.values() for value in values)


def test_the_last_figures_of_the_history_are_those_of_the_fitted_network(small_sums):
    X, y = small_sums
    pipe = tiny_pipeline()
    arrays = pipe[:-1].fit_transform(X)
    network = pipe[-1].fit(arrays[:300], y[:300], X_val=arrays[300:], y_val=y[300:])
    held_out = network.score(arrays[300:], y[300:])
    assert network.history_["val_exact_match"][-1] == pytest.approx(held_out)


def test_callbacks_are_called_copied_and_see_the_weights(small_sums):
    from keras.callbacks import Callback

    seen = []

    class Recorder(Callback):
        n_batches = 0

        def on_train_batch_end(self, batch, logs=None):
            self.n_batches += 1

        def on_epoch_end(self, epoch, logs=None):
            seen.append((epoch, self.n_batches, self.model.get_weights(), logs))

        def __deepcopy__(self, memo):
            return Recorder()

    recorder = Recorder()
    pipe = tiny_pipeline(callbacks=[recorder]).fit(*small_sums)
    assert [(epoch, n) for epoch, n, _, _ in seen] == [(0, 13), (1, 26)]
    assert recorder.n_batches == 0
    for a, b in zip(seen[-1][2], pipe[-1].weights_, strict=True):
        np.testing.assert_array_equal(a, b)
    # Batch by batch or many batches at once: the same training.
    assert_same_weights(pipe[-1], tiny_pipeline().fit(*small_sums)[-1])


def test_early_stopping_stops(small_sums):
    from keras.callbacks import EarlyStopping

    stopper = EarlyStopping(monitor="val_loss", patience=0, min_delta=10)
    pipe = tiny_pipeline(epochs=20, early_stopping=True, callbacks=[stopper])
    assert len(pipe.fit(*small_sums)[-1].history_["loss"]) == 2


@pytest.mark.parametrize("callbacks", [["early"], [print]])
def test_callbacks_that_are_none_are_refused(small_sums, callbacks):
    with pytest.raises(ValueError, match="'callbacks' parameter .* at position 0"):
        tiny_pipeline(callbacks=callbacks).fit(*small_sums)


def test_it_is_silent_unless_told_otherwise(small_sums, capfd):
    pipe = tiny_pipeline().fit(*small_sums)
    pipe.predict(small_sums[0])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("verbose", [1, 2])
def test_a_file_gets_a_plain_line_an_epoch(small_sums, tmp_path, verbose):
    pipe = tiny_pipeline(verbose=verbose, early_stopping=True)
    with open(tmp_path / "log", "w+") as log:
        with contextlib.redirect_stdout(log):
            pipe.fit(*small_sums)
        log.seek(0)
        first, second = log.read().splitlines()

    loss, exact = (pipe[-1].history_[name][1] for name in ("loss", "val_exact_match"))
    assert first.startswith("epoch 1/2  ")
    assert second.startswith("epoch 2/2  ")
    assert f"  loss {loss:.4f}" in second
    assert f"  val_exact_match {exact:.4f}" in second


def test_a_terminal_gets_a_bar_that_is_drawn_over_itself(small_sums):
    pty = pytest.importorskip("pty")  # not on Windows
    reading, writing = pty.openpty()
    # A terminal hands on what is written piece by piece, and blocks when nobody reads.
    shown = bytearray()

    def read():
        with contextlib.suppress(OSError):  # Linux' way to say that the end is reached
            while piece := os.read(reading, 1024):
                shown.extend(piece)

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(writing, "w") as terminal, contextlib.redirect_stdout(terminal):
        tiny_pipeline(verbose=1).fit(*small_sums)
    reader.join()
    os.close(reading)

    assert b"Epoch 2/2" in shown
    assert b"13/13" in shown
    assert shown.count(b"\n") == 4  # two lines an epoch, however many mini-batches


# --------------------------------------------------------------------- determinism


def test_a_seed_gives_the_same_weights_bit_for_bit(small_sums):
    one = tiny_pipeline().fit(*small_sums)[-1]
    other = tiny_pipeline().fit(*small_sums)[-1]
    assert_same_weights(one, other)
    different = tiny_pipeline(random_state=1).fit(*small_sums)[-1]
    assert any(
        (a != b).any() for a, b in zip(one.weights_, different.weights_, strict=True)
    )


def test_no_global_generator_is_touched(small_sums):
    import tensorflow as tf

    tiny_pipeline().fit(*small_sums)
    tf.random.set_seed(5)
    expected = tf.random.uniform([3]).numpy()
    tf.random.set_seed(5)
    before = random.getstate(), np.random.get_state()[1].tolist()
    for random_state in (0, None):
        tiny_pipeline(random_state=random_state, encoder_units=7).fit(*small_sums)
    after = random.getstate(), np.random.get_state()[1].tolist()
    assert before == after
    np.testing.assert_array_equal(tf.random.uniform([3]).numpy(), expected)


# --------------------------------------------------------------------- plain state


def test_a_fitted_estimator_holds_plain_data_only(fitted):
    def check(value):
        if isinstance(value, dict):
            for key, item in value.items():
                assert isinstance(key, str)
                check(item)
        elif isinstance(value, list | tuple):
            for item in value:
                check(item)
        elif hasattr(value, "get_params") or isinstance(value, TargetCodec):
            check(vars(value))
        else:
            plain = str | int | float | bool | type(None) | np.ndarray | np.generic
            assert isinstance(value, plain), type(value)

    check({k: v for k, v in vars(fitted[-1]).items() if k != "target_transformer"})


def test_model_is_a_keras_model_of_its_own(fitted):
    import keras

    X = fitted[:-1].transform(["2+3", "4+8"])
    model = fitted[-1].model_
    assert isinstance(model, keras.Model)
    np.testing.assert_allclose(
        model.predict(X, verbose=0), fitted[-1].predict_step_proba(X), atol=1e-6
    )
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    assert fitted.predict(["2+3"]) == ["5"]


# -------------------------------------------------------------------------- errors


def test_a_failed_fit_leaves_the_estimator_as_it_was(fitted):
    estimator = copy.deepcopy(fitted[-1])
    before = dict(vars(estimator))
    with pytest.raises(ValueError, match="continuous"):
        estimator.fit(np.ones((3, 9)), [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="'optimizer' parameter"):
        estimator.set_params(optimizer="adamant").fit(np.ones((3, 9)), list("123"))
    after = vars(estimator.set_params(optimizer="adam"))
    assert after.keys() == before.keys()
    assert all(after[name] is before[name] for name in before)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([], [], r"Found array with 0 sample\(s\)"),
        ([1, 2], ["1", "2"], "expects strings, but sample 0 is 1 of type int"),
        (["1+1", None], ["2", "2"], "sample 1 is None"),
        (["1+1", float("nan")], ["2", "2"], "sample 1 is nan"),
        (["1+1", "2+2"], ["2"], "inconsistent numbers of samples"),
        (["1+1", "2+2"], ["2", None], r"y\[1\] is None"),
        (["1+1", "2+2"], ["2", float("nan")], r"y\[1\] is nan"),
        (["1+1", "2+2"], None, "requires y to be passed"),
        ("1+1", "2", "single str '1[+]1'"),
    ],
)
def test_bad_strings_are_refused_by_name(X, y, message):
    with pytest.raises(ValueError, match=message):
        tiny_pipeline().fit(X, y)


def test_strings_without_their_transformers_are_refused_with_advice():
    with pytest.raises(ValueError, match="make_seq2seq_pipeline"):
        Seq2SeqClassifier(**TINY).fit(["1+1", "2+2"], ["2", "4"])


def test_predict_before_fit_says_so():
    with pytest.raises(NotFittedError):
        Seq2SeqClassifier().predict(np.ones((2, 3)))
    with pytest.raises(NotFittedError):
        make_seq2seq_pipeline().predict(["1+1"])


def test_the_third_axis_of_X_is_checked_too():
    estimator = Seq2SeqClassifier(**TINY).fit(np.ones((4, 3, 2)), [0, 1, 0, 1])
    with pytest.raises(ValueError, match="X has 5 values at each step"):
        estimator.predict(np.ones((4, 3, 5)))


@pytest.mark.parametrize("handling", ["error", "warn", "ignore"])
@pytest.mark.parametrize(
    ("parameter", "question", "message"),
    [
        ("sequencepadder__handle_overlong", "123+4567", "do not fit into 3 characters"),
        ("sequenceintegerencoder__handle_unknown", "1*2", "'[*]' at position 1"),
    ],
)
def test_what_was_never_seen_is_handled_as_told(
    fitted, parameter, question, message, handling
):
    pipe = copy.deepcopy(fitted).set_params(**{parameter: handling})
    if handling == "error":
        with pytest.raises(ValueError, match=message):
            pipe.predict([question])
    elif handling == "warn":
        with pytest.warns(UserWarning, match=message) as caught:
            assert pipe.predict([question]).shape == (1,)
        assert len(caught) == 1
    else:
        assert pipe.predict([question]).shape == (1,)


@pytest.mark.parametrize(
    "params",
    [
        {"encoder_units": 0},
        {"decoder_units": 2.5},
        {"cell": "rnn"},
        {"learning_rate": 0},
        {"batch_size": 0},
        {"epochs": -1},
        {"validation_fraction": 1.0},
        {"target_transformer": "ordinal"},
        {"jit_compile": "yes"},
        {"random_state": "seed"},
    ],
)
def test_parameters_out_of_range_are_named(params):
    (name,) = params
    with pytest.raises(
        ValueError, match=f"The '{name}' parameter of Seq2SeqClassifier"
    ):
        Seq2SeqClassifier(**{**TINY, **params}).fit(np.ones((4, 2)), [0, 1, 0, 1])


def test_an_unknown_parameter_is_a_type_error():
    with pytest.raises(TypeError, match="encoder_unit"):
        make_seq2seq_pipeline(encoder_unit=3)


# --------------------------------------------------------- what holds the samples


@pytest.mark.parametrize("kind", STRING_KINDS)
def test_strings_are_learned_alike_from_whatever_holds_them(small_sums, kind):
    X, y = (samples[:60].tolist() for samples in small_sums)
    make, weight = STRING_KINDS[kind], np.r_[0, np.ones(59)]
    weights = {"seq2seqclassifier__sample_weight": weight}
    expected = tiny_pipeline().fit(X, y, **weights)

    pipe = tiny_pipeline().fit(make(X), make(y), **weights)

    assert_same_weights(pipe[-1], expected[-1])
    assert pipe.predict(make(X)).tolist() == expected.predict(X).tolist()
    assert pipe.score(make(X), make(y)) == expected.score(X, y)
    inputs = pipe[:-1].transform(make(X))
    assert pipe[-1].score_samples(inputs, make(y)).shape == (60,)


def test_samples_are_read_once(small_sums):
    X, y = (samples[:60].tolist() for samples in small_sums)
    expected = tiny_pipeline().fit(X, y)

    pipe = tiny_pipeline().fit(iter(X), map(str, y))

    assert_same_weights(pipe[-1], expected[-1])
    assert pipe.score(iter(X), iter(y)) == expected.score(X, y)
    inputs = pipe[:-1].transform(X)
    assert pipe[-1].score_samples(iter(inputs), iter(y)).shape == (60,)
    network = Seq2SeqClassifier(**TINY).fit(
        iter(inputs),
        iter(y),
        X_val=iter(inputs),
        y_val=iter(y),
        sample_weight=iter([1] * 60),
    )
    assert "val_loss" in network.history_
    Seq2SeqEnsemble(Seq2SeqClassifier(**TINY), 2).fit(iter(inputs), iter(y))


HAVE_NO_ORDER = {
    "a dict": lambda samples: dict.fromkeys(samples),
    "a set": set,
    "a frozenset": frozenset,
    "a masked array": lambda samples: np.ma.array(
        list(samples), mask=[False, True] + [False] * (len(samples) - 2)
    ),
}


@pytest.mark.parametrize("kind", HAVE_NO_ORDER)
def test_samples_without_an_order_or_masked_are_refused(small_sums, kind):
    X, y = small_sums
    pipe, make = tiny_pipeline(epochs=1), HAVE_NO_ORDER[kind]
    for bad in ((make(X), y), (X, make(y))):
        with pytest.raises(ValueError, match=f"is {kind}"):
            pipe.fit(*bad)
    pipe.fit(X, y)
    inputs = pipe[:-1].transform(X)
    for call in (
        lambda: pipe.predict(make(X)),
        lambda: pipe.score(X, make(y)),
        lambda: pipe[-1].score_samples(inputs, make(y)),
        lambda: pipe[-1].partial_fit(inputs, make(y)),
        lambda: pipe[-1].fit(inputs, y, X_val=inputs, y_val=make(y)),
        lambda: pipe[-1].fit(inputs, y, sample_weight=make(range(len(y)))),
    ):
        with pytest.raises(ValueError, match=f"is {kind}"):
            call()


def test_masked_inputs_are_refused():
    X = np.ma.array(np.ones((4, 3)), mask=np.eye(4, 3, k=-1))
    for estimator in (Seq2SeqClassifier(**TINY), MappingRegressor(epochs=1)):
        with pytest.raises(ValueError, match="X is a masked array, and sample 1"):
            estimator.fit(X, [1, 2, 1, 2])
        estimator.fit(np.ma.array(X.data), [1, 2, 1, 2])


def test_answers_that_are_numbers_are_not_judged_as_wrong(small_sums):
    X, y = small_sums
    pipe = tiny_pipeline(epochs=1).fit(X, y)
    with pytest.raises(ValueError, match=r"y_true\[0\] = \d+, which is not a string"):
        pipe.score(X, y.astype(int))


def test_a_score_takes_several_accepted_answers(small_sums):
    X, y = small_sums
    pipe = tiny_pipeline(epochs=1).fit(X, y)
    assert pipe.score(X, [[answer, "?"] for answer in pipe.predict(X)]) == 1
    assert pipe.score(X, [[answer, "?"] for answer in y]) == pipe.score(X, y)


# ------------------------------------------------------------- errors with advice


@pytest.mark.parametrize(
    "make", [Seq2SeqClassifier, lambda **_: MappingRegressor(epochs=1)]
)
def test_validation_strings_without_their_transformers_are_refused_with_advice(make):
    X = np.ones((4, 3))
    for strings in (["1+2"], np.array([["1+2"]]), iter(["1+2"])):
        with pytest.raises(ValueError, match=r'transform_input=\["X_val"\]'):
            make(**TINY).fit(X, [1, 2, 1, 2], X_val=strings, y_val=[1])


def test_a_target_transformer_that_leaves_tokens_out_is_refused_with_advice():
    pipe = tiny_pipeline(analyzer="word").set_params(
        seq2seqclassifier__target_transformer__sequencetokenizer__max_features=2
    )
    message = r"y\[2\] = 'C' would come back as '<unk>'.*lower min_df or raise"
    with (
        pytest.raises(ValueError, match=message),
        pytest.warns(UserWarning, match="not in the vocabulary"),
    ):
        pipe.fit(["a", "b", "c", "a", "b"], ["A", "B", "C", "A", "B"])


def test_a_target_pipeline_without_a_step_is_refused():
    for inner in ("passthrough", None, Pipeline([("b", "passthrough")])):
        estimator = Seq2SeqClassifier(
            **TINY, target_transformer=Pipeline([("a", inner)])
        )
        with pytest.raises(ValueError, match="a step other than 'passthrough'"):
            estimator.fit(np.ones((4, 3)), ["1", "2", "1", "2"])


def test_an_error_quotes_a_long_answer_in_part():
    long = "x" * 20_000
    X, pipe = ["a", "b"], tiny_pipeline()
    for y in ([long, 7], [long, None], long):
        with pytest.raises(ValueError, match="string|None") as caught:
            pipe.fit(X, y)
        assert len(str(caught.value)) < 300
    with pytest.raises(ValueError, match=r"'xxx.*\.\.\.x*'") as caught:
        Seq2SeqClassifier(**TINY).fit([long], ["1"])
    assert len(str(caught.value)) < 300


def test_questions_of_one_symbol_are_answered_without_a_warning():
    X, y = ["a", "b"] * 6, ["x", "y"] * 6
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pipe = tiny_pipeline(decoder="autoregressive", encoder_units=None, epochs=1)
        pipe.set_params(sequencepadder__length=1).fit(X, y).predict(X)
