"""What the scores promise."""

import enum
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, make_scorer, mean_squared_error
from sklearn.model_selection import cross_val_score
from string_kinds import STRING_KINDS

from sklearn_seqadd import (
    MappingRegressor,
    Seq2SeqClassifier,
    character_accuracy_score,
    exact_match_score,
    numeric_rmse,
    symbol_error_rate,
)
from sklearn_seqadd.metrics import step_accuracy

SCORES = [exact_match_score, character_accuracy_score, numeric_rmse]

deterministic = settings(derandomize=True, deadline=None, max_examples=60)

every_score = pytest.mark.parametrize("score", SCORES)


# ----------------------------------------------------------------- any of the scores


@pytest.mark.parametrize("true_kind", STRING_KINDS)
@pytest.mark.parametrize(
    "pred_kind", ["list", "U array", "object array", "StringDType"]
)
@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (exact_match_score, 0.5),
        (character_accuracy_score, 7 / 9),
        (numeric_rmse, math.sqrt((1 + 90**2) / 4)),
    ],
)
def test_every_kind_of_strings_is_scored_alike(true_kind, pred_kind, score, expected):
    y_true = STRING_KINDS[true_kind](["62", "100", "7", "10"])
    y_pred = STRING_KINDS[pred_kind](["62", "101", "7", "100"])

    assert score(y_true, y_pred) == pytest.approx(expected)


@every_score
def test_a_score_is_a_python_float(score):
    assert type(score(["62", "7"], ["62", "8"])) is float


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (exact_match_score, 3 / 4),
        (character_accuracy_score, (3 * 2 + 1 * 1) / (3 * 2 + 1 * 3)),
        (numeric_rmse, math.sqrt((3 * 0 + 1 * 11**2) / 4)),
    ],
)
def test_a_weight_counts_as_so_many_samples(score, expected):
    y_true, y_pred = ["62", "100"], ["62", "111"]
    weighted = score(y_true, y_pred, sample_weight=[3, 1])

    assert weighted == pytest.approx(expected)
    assert weighted == pytest.approx(
        score([y_true[0]] * 3 + y_true[1:], [y_pred[0]] * 3 + y_pred[1:])
    )


@every_score
def test_a_sample_of_weight_zero_is_as_if_absent(score):
    weighted = score(["62", "100", "7"], ["61", "100", "999"], sample_weight=[1, 2, 0])

    assert weighted == pytest.approx(
        score(["62", "100"], ["61", "100"], sample_weight=[1, 2])
    )


BAD_WEIGHTS = {
    "negative": ([2, -1, 1], "Negative values .*; the first is -1.0 of sample 1"),
    "NaN": ([2, 1, np.nan], "NaN; the first is nan of sample 2"),
    "None": ([2, None, 1], "NaN; the first is nan of sample 1"),
    "infinite": ([np.inf, 1, 1], "infinity; the first is inf of sample 0"),
    "minus infinity": ([1, 1, -np.inf], "infinity; the first is -inf of sample 2"),
    "400 digits": ([1, 10**400, 1], "too large .*; the first is that of sample 1"),
    "5000 digits": ([1, 10**5000, 1], "too large .*; the first is that of sample 1"),
    "zeros": ([0, 0, 0], "must contain at least one non-zero number"),
    "columns": ([[1], [1], [1]], r"1D array .*== \(3, 1\), expected \(3,\)"),
    "too few": ([1, 1], r"sample_weight.shape == \(2,\), expected \(3,\)"),
    "words": (["a", 1, 1], "could not convert string to float"),
}


def score_of_positions(y_true, y_pred, sample_weight):
    return step_accuracy(y_true, y_pred, sample_weight, "left")


def weighted_fit(estimator):
    X = {"Seq2SeqClassifier": np.zeros((3, 1, 1)), "MappingRegressor": np.eye(3)}

    def fit(y_true, y_pred, sample_weight):
        estimator().fit(X[estimator.__name__], y_true, sample_weight)

    fit.__name__ = estimator.__name__
    return fit


@pytest.mark.parametrize(
    "call",
    [
        *SCORES,
        score_of_positions,
        weighted_fit(Seq2SeqClassifier),
        weighted_fit(MappingRegressor),
    ],
    ids=lambda call: call.__name__,
)
@pytest.mark.parametrize(("weight", "message"), BAD_WEIGHTS.values(), ids=BAD_WEIGHTS)
def test_scores_and_estimators_refuse_the_same_weights(call, weight, message):
    with pytest.raises(ValueError, match=message):
        call(["1", "2", "4"], ["1", "3", "4"], sample_weight=weight)


@every_score
@pytest.mark.parametrize(("y_true", "y_pred"), [("12", "1"), ("1", "123")])
def test_unequal_lengths_are_refused_in_the_words_of_scikit_learn(
    score, y_true, y_pred
):
    with pytest.raises(ValueError, match="inconsistent numbers") as in_scikit_learn:
        accuracy_score(list(y_true), list(y_pred))

    with pytest.raises(ValueError, match=re.escape(str(in_scikit_learn.value))):
        score(list(y_true), list(y_pred))


@every_score
@pytest.mark.parametrize("empty", [[], np.array([], dtype="<U3")])
def test_nothing_to_score_is_an_error(score, empty):
    with pytest.raises(ValueError, match=r"0 sample\(s\).* minimum of 1"):
        score(empty, empty)


@every_score
def test_a_single_string_is_refused(score):
    with pytest.raises(ValueError, match="single string '62'"):
        score("62", "62")


@every_score
@pytest.mark.parametrize("y", [np.array("62"), np.zeros((1, 1, 1, 1))])
def test_only_one_to_three_dimensions_are_answers(score, y):
    with pytest.raises(ValueError, match="1 or 2 dimensions"):
        score(y, y)


@every_score
@pytest.mark.parametrize("shape", [(4, 3), (4,)])
def test_answers_of_another_shape_are_refused(score, shape):
    with pytest.raises(ValueError, match=rf"\(4, 2\).*{re.escape(str(shape))}"):
        score(np.zeros((4, 2)), np.zeros(shape))


def test_the_scores_are_scorers_of_scikit_learn():
    X, y = np.zeros((4, 1)), np.array(["62", "62", "62", "100"])
    scoring = {
        "exact": make_scorer(exact_match_score),
        "characters": make_scorer(character_accuracy_score),
        "rmse": make_scorer(numeric_rmse, greater_is_better=False),
    }
    model = DummyClassifier(strategy="most_frequent").fit(X, y)

    assert scoring["exact"](model, X, y) == 3 / 4
    assert scoring["characters"](model, X, y) == pytest.approx(6 / 9)
    assert scoring["rmse"](model, X, y) == pytest.approx(-19)


# ----------------------------------------------------------------------- exact match


@deterministic
@given(
    pairs=st.lists(
        st.tuples(st.text("01+ é", max_size=3), st.text("01+ é", max_size=3)),
        min_size=1,
    )
)
def test_exact_match_is_the_share_of_equal_strings(pairs):
    y_true, y_pred = zip(*pairs, strict=True)
    expected = sum(true == pred for true, pred in pairs) / len(pairs)

    assert exact_match_score(y_true, y_pred) == pytest.approx(expected)


def test_exact_match_takes_numbers_as_labels():
    assert exact_match_score([62, 100, 7], np.array([62, 101, 7])) == 2 / 3


def test_exact_match_wants_every_column_right():
    y_true = np.array([[1, 2], [3, 4], [5, 6]])
    y_pred = np.array([[1, 2], [3, 9], [9, 9]])

    assert exact_match_score(y_true, y_pred) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        ([1, 0, 1, 1], [True, False, False, True]),
        ([1, 2, 3, 4], [1.0, 2.0, 0.0, 4.0]),
        (np.array([1, 2, 3, 4], dtype=object), [1, 2, 0, 4]),
        (np.array([True, False, True, True]), [True, False, False, True]),
        ([[1, "a"], ["b"], [2], [3]], [[1, "a"], ["b"], ["<unk>"], [3]]),
        ([[1], [2], [3], [4]], [["<unk>"], [2], [3], [4]]),
    ],
)
def test_labels_and_tokens_are_compared_by_value(y_true, y_pred):
    assert exact_match_score(y_true, y_pred) == 3 / 4


@pytest.mark.parametrize("score", [exact_match_score, character_accuracy_score])
def test_a_column_is_the_same_answers_as_a_flat_array(score):
    y = np.array([62, 100, 7])

    assert score(y[:, None], [62, 100, 8]) == pytest.approx(2 / 3)
    assert score([62, 100, 8], y[:, None]) == pytest.approx(2 / 3)


# ---------------------------------------------------------------- character accuracy


@deterministic
@given(
    pairs=st.lists(
        st.tuples(st.text("01+ é😀", max_size=4), st.text("01+ é😀", max_size=4)),
        min_size=1,
    )
)
def test_character_accuracy_counts_what_has_no_counterpart_as_wrong(pairs):
    y_true, y_pred = zip(*pairs, strict=True)
    right = sum(a == b for t, p in pairs for a, b in zip(t, p, strict=False))
    total = sum(max(len(t), len(p)) for t, p in pairs)

    assert character_accuracy_score(y_true, y_pred) == pytest.approx(
        right / total if total else 1
    )


@pytest.mark.parametrize(
    ("y_true", "y_pred", "expected"),
    [
        ("62", "62", 1),
        ("62", "6", 1 / 2),
        ("6", "612", 1 / 3),
        ("62", "26", 0),
        ("62", "", 0),
    ],
)
def test_character_accuracy_compares_from_the_first_character(y_true, y_pred, expected):
    assert character_accuracy_score([y_true], [y_pred]) == pytest.approx(expected)


def test_character_accuracy_of_empty_strings_only_is_one():
    assert character_accuracy_score(["", ""], ["", ""]) == 1


def test_character_accuracy_takes_a_label_as_one_character():
    assert character_accuracy_score([62, 100], [62, 101]) == 1 / 2


def test_character_accuracy_takes_a_column_as_one_character():
    y_true = np.array([[1, 2], [3, 4]])
    y_pred = np.array([[1, 2], [3, 9]])

    assert character_accuracy_score(y_true, y_pred) == 3 / 4
    assert character_accuracy_score(y_true, y_pred, sample_weight=[1, 3]) == 5 / 8


no_strings_among_strings = pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        (["62", "7"], ["62", None], r"y_pred\[1\] = None, which is not a string"),
        (["62", "7"], np.array(["62", np.nan], dtype=object), r"y_pred\[1\] = nan, "),
        (["62", "7"], [62, 7], r"y_pred\[0\] = 62, .*turn numbers into strings"),
        (["62", 7], ["62", "7"], r"y_true\[1\] = 7, which is not a string"),
        ([62, 7], ["62", "7"], r"y_true\[0\] = 62, which is not a string"),
        (np.array(["62", "7"]), np.array([62, 7]), r"y_pred\[0\] = 62, which"),
        (["62", "7"], ["62", 10**5000], r"y_pred\[1\] = 10*\.\.\.0*, which"),
        (np.array([["6", "2"]]), np.array([[6, 2]]), r"y_pred\[0\] holds 6, which"),
        ([["6", "2"], ["7"]], [[6, 2], [7]], r"y_pred\[0\] holds 6, which"),
        ([[], [6, 2]], [["<unk>"], ["6", "2"]], r"y_true\[1\] holds 6, which"),
        ([["62", "7"]], [62], r"y_pred\[0\] = 62, which is not a string"),
        ([[62, 7]], ["62"], r"y_true\[0\] holds 62, which is not a string"),
    ],
)


@no_strings_among_strings
def test_among_strings_all_answers_must_be_strings(y_true, y_pred, message):
    for score in (exact_match_score, character_accuracy_score, symbol_error_rate):
        with pytest.raises(ValueError, match=message):
            score(y_true, y_pred)
    for align in ("left", "right"):
        with pytest.raises(ValueError, match=message):
            step_accuracy(y_true, y_pred, None, align)


def test_a_fold_with_an_answer_that_is_no_string_is_scored_as_failed():
    X, y = np.zeros((4, 1)), np.array(["62", "7", "62", "7"], dtype=object)
    X[2:] = 1

    class Sometimes(DummyClassifier):
        def predict(self, X):
            return np.full(len(X), None if X[0, 0] else "7", dtype=object)

    scoring = make_scorer(character_accuracy_score)
    with pytest.warns(UserWarning, match=r"y_pred\[0\] = None, which is not"):
        scores = cross_val_score(Sometimes(), X, y, cv=2, scoring=scoring)
    assert scores[0] == 1 / 3
    assert np.isnan(scores[1])


# --------------------------------------------------------------------- numeric error


@deterministic
@given(
    pairs=st.lists(
        st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)),
        min_size=1,
    ),
    seed=st.integers(0, 2**32 - 1),
)
def test_numeric_rmse_is_the_root_of_the_mean_squared_error(pairs, seed):
    y_true, y_pred = zip(*pairs, strict=True)
    weight = np.random.RandomState(seed).uniform(0.1, 1, size=len(pairs))
    strings_true, strings_pred = list(map(str, y_true)), list(map(str, y_pred))

    for w in (None, weight):
        expected = math.sqrt(mean_squared_error(y_true, y_pred, sample_weight=w))
        rmse = numeric_rmse(strings_true, strings_pred, sample_weight=w)
        assert rmse == pytest.approx(expected)


def test_numeric_rmse_takes_numbers_themselves():
    assert numeric_rmse([1, 2.5], np.array([1, 4.5])) == pytest.approx(math.sqrt(2))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, np.float32])
def test_numeric_rmse_does_not_overflow_in_narrow_dtypes(dtype):
    assert numeric_rmse(np.array([1], dtype), np.array([101], dtype)) == 100


@pytest.mark.parametrize(
    ("y_true", "y_pred", "expected"),
    [
        ("-7", "7", 14),
        ("+7", "7", 0),
        ("007", "7", 0),
        (" 7", "7 ", 0),
        ("1.5", "1", 0.5),
        ("-1.25", "1.", 2.25),
        (".5", "-.5", 1),
        ("+.5", "0.50", 0),
    ],
)
def test_numeric_rmse_reads_signs_and_decimals(y_true, y_pred, expected):
    assert numeric_rmse([y_true], [y_pred]) == expected


@pytest.mark.parametrize(
    "answer",
    ["", " ", "6+2", "6 2", "-", ".", "--6", "6-", "1e3", "0x6", "1_0", "nan", "６２"],
)
def test_a_predicted_string_that_spells_no_number_counts_as_zero(answer):
    assert numeric_rmse(["62", "0"], [answer, "0"]) == pytest.approx(62 / math.sqrt(2))


@pytest.mark.parametrize("answer", [None, np.nan, b"62"])
def test_a_predicted_answer_that_is_no_string_or_number_counts_as_zero(answer):
    y_pred = np.array([answer, "0"], dtype=object)

    assert numeric_rmse(["62", "0"], y_pred) == pytest.approx(62 / math.sqrt(2))


@pytest.mark.parametrize("answer", ["", "6+2", "1e3", "nan", None, np.nan, b"62"])
def test_a_right_answer_that_spells_no_number_is_an_error_that_names_it(answer):
    y_true = np.array(["62", answer], dtype=object)

    with pytest.raises(ValueError, match=r"y_true\[1\] = .*spells no number"):
        numeric_rmse(y_true, ["62", "62"])


def test_numeric_rmse_squares_300_digits_without_overflow():
    assert numeric_rmse(["1" * 300], ["0"]) == pytest.approx(10**300 / 9)


@pytest.mark.parametrize("y_pred", ["", "0", "1.5", "1" * 399])
def test_an_error_beyond_the_largest_float_is_infinite(y_pred):
    assert numeric_rmse(["1" * 400, "62"], [y_pred, "62"]) == math.inf


def test_numeric_rmse_takes_exact_differences_of_long_decimals():
    y_true = ["12345678901234567890.5", "1" * 400 + ".5"]

    assert numeric_rmse(y_true, y_true) == 0
    assert numeric_rmse(y_true[:1], ["12345678901234567890"]) == 0.5


def test_numeric_rmse_takes_one_answer_a_sample():
    with pytest.raises(ValueError, match=r"got arrays of shape \(2, 2\)"):
        numeric_rmse(np.zeros((2, 2)), np.zeros((2, 2)))


@pytest.mark.parametrize("n_digits", [400, 5000])
def test_numeric_rmse_takes_exact_differences_of_any_number_of_digits(n_digits):
    y_true, y_pred = "1" * n_digits, "1" * (n_digits - 1) + "4"

    assert numeric_rmse([y_true, y_true], [y_pred, y_true]) == pytest.approx(
        3 / math.sqrt(2)
    )
    assert numeric_rmse([y_true + ".5"], [y_true]) == 0.5
    assert numeric_rmse([10**n_digits], [10**n_digits + 7]) == 7
    assert numeric_rmse([y_true], ["0"]) == math.inf
    assert numeric_rmse([f"0.{y_true}"], ["0"]) == 1 / 9


# ------------------------------------------------------------ samples of weight zero


@every_score
@pytest.mark.parametrize("absent", ["1" + "0" * 400, "", "six", None])
def test_what_a_sample_of_weight_zero_holds_does_not_matter(score, absent):
    weighted = score(["1", absent, "3"], ["2", "0", "3"], sample_weight=[1, 0, 3])

    assert weighted == score(["1", "3"], ["2", "3"], sample_weight=[1, 3])


def test_an_error_counts_samples_of_weight_zero():
    with pytest.raises(ValueError, match=r"y_true\[2\] = 'six' spells no number"):
        numeric_rmse(["1", "x", "six"], ["1", "2", "3"], sample_weight=[1, 0, 1])
    with pytest.raises(ValueError, match=r"y_pred\[2\] = 3, which is not a string"):
        exact_match_score(["1", "2", "3"], ["1", "2", 3], sample_weight=[1, 0, 1])


# -------------------------------------------------------------- several right answers


@pytest.mark.parametrize("container", [list, tuple, set, frozenset, np.array])
@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (exact_match_score, 1 / 2),
        # "ab" of "abc" rather than of "x"; "de" of "de"
        (character_accuracy_score, 4 / 5),
        # one symbol is missing of "abc", none of "de"
        (symbol_error_rate, 1 / 5),
    ],
)
def test_the_closest_of_several_accepted_answers_counts(score, expected, container):
    y_true = [container(["x", "abc"]), container(["de"])]

    assert score(y_true, ["ab", "de"]) == pytest.approx(expected)
    held = np.fromiter(y_true, dtype=object, count=2)
    assert score(held, np.array(["ab", "de"])) == pytest.approx(expected)
    weighted = score(y_true, ["ab", "de"], sample_weight=[2, 1])
    assert weighted == pytest.approx(
        score([*y_true, y_true[0]], ["ab", "de", "ab"], sample_weight=[1, 1, 1])
    )


def test_accepted_answers_may_be_lists_of_tokens():
    y_true = [[["T", "OW"], ["T", "AA", "T"]], [("M",), ["N", "M"]]]
    y_pred = [["T", "AA", "T"], ["M", "N"]]

    assert exact_match_score(y_true, y_pred) == 1 / 2
    assert symbol_error_rate(y_true, y_pred) == pytest.approx(1 / 4)
    assert exact_match_score([[[1, 2], [3, 4]]], np.array([[3, 4]])) == 1
    assert exact_match_score([[]], [[]]) == 1  # no token, and none is expected


def test_words_are_symbols_of_accepted_answers_too():
    y_true = [["T OW M EY T OW", "T OW M AA T OW"]]

    assert symbol_error_rate(y_true, ["T OW M AA T"], sep=" ") == pytest.approx(1 / 6)
    accuracy, *_ = step_accuracy(y_true, ["T OW M AA T OW"], None, "left", sep=" ")
    assert accuracy.tolist() == [1] * 6


def test_several_labels_may_be_accepted():
    assert exact_match_score([[1, 2], [3]], [2, 4]) == 1 / 2
    assert character_accuracy_score([[1, 2], [3]], [2, 4]) == 1 / 2


@pytest.mark.parametrize(
    ("y_true", "message"),
    [
        ([["a"], []], r"y_true\[1\] is empty"),
        ([["a"], "b"], r"y_true\[1\] = 'b' is not a list of accepted answers"),
        ([["a"], None], r"y_true\[1\] = None is not a list"),
    ],
)
def test_accepted_answers_that_are_none_are_refused(y_true, message):
    for score in (exact_match_score, character_accuracy_score, symbol_error_rate):
        with pytest.raises(ValueError, match=message):
            score(y_true, ["a", "b"])


def test_numbers_have_one_right_answer():
    with pytest.raises(ValueError, match="one right answer for each sample"):
        numeric_rmse([["1", "2"]], ["1"])


# -------------------------------------------------------------------- one-hot vectors


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, bool])
def test_one_hot_vectors_are_compared_as_their_symbols(dtype):
    y_true, y_pred = np.array([[0, 1], [2, 2]]), np.array([[0, 1], [2, 0]])
    one_hot = np.eye(3, dtype=dtype)

    for score in (exact_match_score, character_accuracy_score, symbol_error_rate):
        expected = score(y_true, y_pred)
        assert score(one_hot[y_true], one_hot[y_pred]) == expected
        assert score(one_hot[y_true].tolist(), one_hot[y_pred]) == expected


def test_three_dimensions_that_are_not_one_hot_vectors_are_refused():
    y = np.eye(3)[[[0, 1], [2, 2]]]
    bad = y.copy()
    bad[1, 0] = [0.2, 0.3, 0.5]

    message = r"y_pred of three dimensions .* sample 1 has \[0.2, 0.3, 0.5\] at step 0"
    with pytest.raises(ValueError, match=message):
        exact_match_score(y, bad)


# ------------------------------------------------------------ what holds the answers


@pytest.mark.parametrize("make", [iter, lambda y: dict.fromkeys(y).keys()])
def test_answers_are_read_once(make):
    for score in SCORES:
        assert score(make(["62", "7"]), ["62", "8"]) == score(["62", "7"], ["62", "8"])
        assert score(["62", "7"], make(["62", "8"])) == score(["62", "7"], ["62", "8"])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"62": 1, "7": 2}, "y_pred is a dict"),
        ({"62", "7"}, "y_pred is a set, which has no order"),
        (frozenset(["62", "7"]), "y_pred is a frozenset"),
        (np.ma.array(["62", "7"], mask=[0, 1]), "y_pred .* sample 1 is masked"),
    ],
)
def test_what_has_no_order_or_is_masked_is_refused(bad, message):
    for score in SCORES:
        with pytest.raises(ValueError, match=message):
            score(["62", "7"], bad)


def test_a_masked_array_without_a_masked_element_is_an_array():
    y_true = np.ma.array(["62", "7"], mask=[0, 0])

    assert exact_match_score(y_true, ["62", "7"]) == 1


def test_a_long_answer_is_quoted_in_part():
    with pytest.raises(ValueError, match="spells no number") as caught:
        numeric_rmse(["x" * 20_000], ["1"])
    assert len(str(caught.value)) < 300


class Answer(str, enum.Enum):  # noqa: UP042  (what `str` makes of it differs)
    RIGHT = "12"
    LONGER = "123"


@pytest.mark.parametrize(
    "score",
    [exact_match_score, character_accuracy_score, symbol_error_rate, numeric_rmse],
)
def test_members_of_an_enum_are_the_answers_that_they_are(score):
    held, plain = [Answer.RIGHT, Answer.LONGER], ["12", "123"]
    other = ["12", "124"]
    assert score(held, other) == score(plain, other)
    assert score(other, held) == score(other, plain)
    if score is not numeric_rmse:
        assert score([held], [other]) == score([plain], [other])
