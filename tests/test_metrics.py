"""What the scores on strings promise."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, make_scorer, mean_squared_error
from sklearn.model_selection import cross_validate

from sklearn_seqadd.metrics import (
    carry_report,
    character_accuracy_score,
    exact_match_score,
    numeric_rmse,
)

SCORES = [exact_match_score, character_accuracy_score, numeric_rmse]

deterministic = settings(derandomize=True, deadline=None, max_examples=100)


def string_dtype(strings):
    if not hasattr(np.dtypes, "StringDType"):
        pytest.skip("this NumPy has no StringDType")
    return np.array(strings, dtype=np.dtypes.StringDType())


def pandas_series(strings, **params):
    return pytest.importorskip("pandas").Series(strings, **params)


def polars_series(strings):
    return pytest.importorskip("polars").Series(strings)


INPUT_KINDS = {
    "list": list,
    "tuple": tuple,
    "U array": np.array,
    "wide U array": lambda strings: np.array(strings, dtype="<U9"),
    "big-endian U array": lambda strings: np.array(strings).astype(">U3"),
    "object array": lambda strings: np.array(strings, dtype=object),
    "StringDType": string_dtype,
    "pandas": lambda strings: pandas_series(strings, index=[3, 1, 2, 0]),
    "pandas object": lambda strings: pandas_series(strings, dtype=object),
    "pandas string": lambda strings: pandas_series(strings, dtype="string"),
    "polars": polars_series,
}


# ------------------------------------------------------------------ any of the scores


@pytest.mark.parametrize("true_kind", INPUT_KINDS)
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
    y_true = INPUT_KINDS[true_kind](["62", "100", "7", "10"])
    y_pred = INPUT_KINDS[pred_kind](["62", "101", "7", "100"])

    assert score(y_true, y_pred) == pytest.approx(expected)


@pytest.mark.parametrize("score", SCORES)
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


@pytest.mark.parametrize("score", SCORES)
def test_a_sample_of_weight_zero_is_as_if_absent(score):
    weighted = score(["62", "100", "7"], ["61", "100", "999"], sample_weight=[1, 2, 0])

    assert weighted == pytest.approx(
        score(["62", "100"], ["61", "100"], sample_weight=[1, 2])
    )


@pytest.mark.parametrize("score", SCORES)
def test_weights_are_given_by_name_only(score):
    with pytest.raises(TypeError, match="positional"):
        score(["1"], ["1"], [1.0])


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("weight", [[0, 0], [1, -1]])
def test_weights_without_a_positive_sum_are_refused(score, weight):
    with pytest.raises(ValueError, match="sum of the sample weights"):
        score(["1", "2"], ["1", "3"], sample_weight=weight)


@pytest.mark.parametrize("score", SCORES)
def test_weights_of_two_dimensions_are_refused_as_in_scikit_learn(score):
    with pytest.raises(ValueError, match="Sample weights must be"):
        score(["1", "2"], ["1", "3"], sample_weight=[[1], [1]])


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    ("y_true", "y_pred", "weight"),
    [
        (["1", "2"], ["1"], None),
        (["1"], ["1", "2", "3"], None),
        (["1", "2"], ["1", "2"], [1.0]),
    ],
)
def test_unequal_lengths_are_refused_in_the_words_of_scikit_learn(
    score, y_true, y_pred, weight
):
    with pytest.raises(ValueError, match="inconsistent numbers") as in_scikit_learn:
        accuracy_score(y_true, y_pred, sample_weight=weight)

    with pytest.raises(ValueError, match=re.escape(str(in_scikit_learn.value))):
        score(y_true, y_pred, sample_weight=weight)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("empty", [[], np.array([], dtype="<U3")])
def test_nothing_to_score_is_an_error(score, empty):
    with pytest.raises(ValueError, match=r"0 sample\(s\).* minimum of 1"):
        score(empty, empty)


@pytest.mark.parametrize("score", SCORES)
def test_a_single_string_is_refused(score):
    with pytest.raises(ValueError, match="single string '62'"):
        score("62", "62")


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("y", [np.array("62"), np.zeros((1, 1, 1))])
def test_only_one_or_two_dimensions_are_answers(score, y):
    with pytest.raises(ValueError, match="1 or 2 dimensions"):
        score(y, y)


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


def test_the_scorers_take_weights():
    X, y = np.zeros((4, 1)), np.array(["62", "62", "62", "100"])
    scorer = make_scorer(exact_match_score)
    model = DummyClassifier(strategy="most_frequent").fit(X, y)

    assert scorer(model, X, y, sample_weight=[1, 1, 1, 3]) == 0.5


def test_the_scores_cross_validate_together():
    X, y = np.zeros((6, 1)), np.array(["62", "62", "100"] * 2)
    scoring = {score.__name__: make_scorer(score) for score in SCORES}
    results = cross_validate(
        DummyClassifier(strategy="most_frequent"), X, y, cv=2, scoring=scoring
    )

    assert results["test_exact_match_score"] == pytest.approx([2 / 3] * 2)
    assert results["test_character_accuracy_score"] == pytest.approx([4 / 7] * 2)
    assert results["test_numeric_rmse"] == pytest.approx([38 / math.sqrt(3)] * 2)


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


def test_exact_match_takes_a_number_for_other_than_the_string_that_spells_it():
    assert exact_match_score(np.array(["62", "7"]), np.array([62, 7])) == 0
    assert exact_match_score(np.array([["62", "7"]]), np.array([[62, 7]])) == 0


def test_exact_match_compares_objects_of_different_types():
    y_true = np.array(["62", 7, None], dtype=object)

    assert exact_match_score(y_true, np.array(["62", 7, "7"], dtype=object)) == 2 / 3


@pytest.mark.parametrize("score", [exact_match_score, character_accuracy_score])
def test_a_column_is_the_same_answers_as_a_flat_array(score):
    y = np.array([62, 100, 7])

    assert score(y[:, None], [62, 100, 8]) == pytest.approx(2 / 3)
    assert score([62, 100, 8], y[:, None]) == pytest.approx(2 / 3)


@pytest.mark.parametrize("score", [exact_match_score, character_accuracy_score])
def test_different_numbers_of_columns_are_refused_with_both(score):
    with pytest.raises(ValueError, match="columns: 2 and 3"):
        score(np.zeros((4, 2)), np.zeros((4, 3)))


@pytest.mark.parametrize("score", [exact_match_score, character_accuracy_score])
def test_two_columns_are_not_compared_with_a_flat_array(score):
    with pytest.raises(ValueError, match=r"\(4, 2\).*\(4,\)"):
        score(np.zeros((4, 2)), np.zeros(4))


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
    [("62", "62", 1), ("62", "6", 1 / 2), ("6", "612", 1 / 3), ("62", "26", 0)],
)
def test_character_accuracy_compares_from_the_first_character(y_true, y_pred, expected):
    assert character_accuracy_score([y_true], [y_pred]) == pytest.approx(expected)


def test_character_accuracy_of_a_missing_answer_is_zero():
    assert character_accuracy_score(["62"], [""]) == 0


def test_character_accuracy_of_empty_strings_only_is_one():
    assert character_accuracy_score(["", ""], ["", ""]) == 1


def test_character_accuracy_takes_a_label_as_one_character():
    assert character_accuracy_score([62, 100], [62, 101]) == 1 / 2


def test_character_accuracy_takes_a_column_as_one_character():
    y_true = np.array([[1, 2], [3, 4]])
    y_pred = np.array([[1, 2], [3, 9]])

    assert character_accuracy_score(y_true, y_pred) == 3 / 4
    assert character_accuracy_score(y_true, y_pred, sample_weight=[1, 3]) == 5 / 8


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


def test_numeric_rmse_takes_exact_differences_of_400_digits():
    y_true, y_pred = "1" * 400, "1" * 399 + "4"

    assert numeric_rmse([y_true, y_true], [y_pred, y_true]) == pytest.approx(
        3 / math.sqrt(2)
    )


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


# --------------------------------------------------------------------------- carries


def n_carries_of(addition):
    """What the report counts for one addition."""
    carries, _ = carry_report([addition], [""], [""], output_dict=True)
    return int(carries)


def test_the_report_has_a_row_for_each_number_of_carries():
    X = ["12+50", "1+2", "5+7", "99+1", "1+999"]
    y_true = ["62", "3", "12", "100", "1000"]
    y_pred = ["62", "4", "12", "100", "1001"]

    assert carry_report(X, y_true, y_pred, output_dict=True) == {
        "0": {"samples": 2, "right": 1, "share": 0.5},
        "1": {"samples": 1, "right": 1, "share": 1.0},
        "2": {"samples": 1, "right": 1, "share": 1.0},
        "3": {"samples": 1, "right": 0, "share": 0.0},
        "total": {"samples": 5, "right": 3, "share": 0.6},
    }
    header, *rows = carry_report(X, y_true, y_pred).splitlines()
    assert header.split() == ["carries", "samples", "right", "share"]
    assert [row.split() for row in rows if row] == [
        ["0", "2", "1", "0.50"],
        ["1", "1", "1", "1.00"],
        ["2", "1", "1", "1.00"],
        ["3", "1", "0", "0.00"],
        ["total", "5", "3", "0.60"],
    ]
    assert {len(row) for row in rows if row} == {len(header)}


def test_numbers_of_carries_are_in_numerical_order():
    X = ["9" * n + "+1" for n in (10, 2, 9)]
    report = carry_report(X, [""] * 3, [""] * 3, output_dict=True)

    assert list(report) == ["2", "9", "10", "total"]


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        ("7", 0),
        ("45+54", 0),
        ("5+5", 1),
        ("95+5", 2),
        ("90+10", 1),
        ("105+906", 2),
        ("007+03", 1),
        ("58+67+76", 2),  # carries of 2 and 2
        ("+".join(["99"] * 12), 3),  # 10, 11, and 1 out of the 11 after the last
        ("9" * 5000 + "+1", 5000),
        # With a minus: what is borrowed.
        ("-5+-7", 1),
        ("12+-5", 1),
        ("5+-12", 1),
        ("12+-2", 0),
        ("100+-1", 2),
        ("1+-100", 2),
        ("5+-5", 0),
    ],
)
def test_carries_are_counted_column_by_column(addition, expected):
    assert n_carries_of(addition) == expected


@deterministic
@given(terms=st.lists(st.integers(0, 10**6), min_size=2, max_size=2))
def test_two_terms_carry_as_often_as_nines_are_lost_from_the_digits(terms):
    # Each carry takes ten from one column and adds one to the next.
    digit_sums = [sum(map(int, str(n))) for n in (*terms, sum(terms))]

    assert n_carries_of("+".join(map(str, terms))) == (
        (digit_sums[0] + digit_sums[1] - digit_sums[2]) / 9
    )


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_every_kind_of_strings_is_reported_alike(kind):
    X = INPUT_KINDS[kind](["1+2", "5+7", "0+0", "1+1"])
    report = carry_report(X, [3, 12, 0, 2], [3, 13, 0, 2], output_dict=True)

    assert report["0"] == {"samples": 3, "right": 3, "share": 1}
    assert report["1"] == {"samples": 1, "right": 0, "share": 0}


@pytest.mark.parametrize(
    "wrong", ["", "1-2", "1+", "+1", "1++2", "1 + 2", "2*3", "(1+2)", "1.5+2", "--1", 3]
)
def test_what_is_no_addition_is_an_error_that_names_it(wrong):
    X = np.array(["1+2", wrong], dtype=object)

    with pytest.raises(ValueError, match=r"X\[1\] = .* is no addition of whole"):
        carry_report(X, ["3", "3"], ["3", "3"])


def test_a_report_needs_as_many_answers_as_questions():
    with pytest.raises(ValueError, match=r"numbers of samples: \[1, 2, 2\]"):
        carry_report(["1+2"], ["3", "3"], ["3", "3"])
    with pytest.raises(ValueError, match="single string '1\\+2'"):
        carry_report("1+2", ["3"], ["3"])
