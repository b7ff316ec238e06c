"""What all that knows arithmetic promises: terms, and a report by carries."""

import re

import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.fixes import parse_version
from string_kinds import STRING_KINDS

from sklearn_seqadd import TermExtractor, carry_report, make_addition

deterministic = settings(derandomize=True, deadline=None, max_examples=60)


NO_ADDITIONS = [
    "",
    "+",
    "1+",
    "+1",
    "1++2",
    "1-2",
    "1 + 2",
    " 1+2",
    "1+2\n",
    "1.5+2",
    "3*4",
    "(1+2)",
    "--1",
    "1+٣",
    "a+b",
]


@pytest.mark.parametrize(
    "call",
    [
        lambda X: TermExtractor().fit(X),
        lambda X: TermExtractor().fit(["1+2"]).transform(X),
        lambda X: carry_report(X, ["3"] * len(X), ["3"] * len(X)),
    ],
)
@pytest.mark.parametrize("string", NO_ADDITIONS)
def test_what_is_no_addition_is_refused_by_sample(call, string):
    with pytest.raises(ValueError, match=f"Sample 1, {re.escape(repr(string))}, is no"):
        call(["1+2", string, "x"])


# ----------------------------------------------------------------------------- terms


def test_terms_are_the_numbers_between_the_plus_signs():
    terms = TermExtractor().fit_transform(["12+50", "1+2", "007+0"])

    assert terms.dtype == np.float64
    assert terms.tolist() == [[12, 50], [1, 2], [7, 0]]


@deterministic
@given(
    seed=st.integers(0, 2**32 - 1),
    n_terms=st.integers(1, 4),
    more=st.integers(0, 3),
    largest=st.integers(0, 10**6),
)
def test_terms_are_those_that_were_drawn_and_sum_to_the_answer(
    seed, n_terms, more, largest
):
    X, y, drawn = make_addition(
        10,
        n_terms=(n_terms, n_terms + more),
        largest=largest,
        return_terms=True,
        random_state=seed,
    )
    terms = TermExtractor().fit_transform(X)

    np.testing.assert_array_equal(terms.sum(axis=1), y.astype(float))
    for row, numbers in zip(terms, drawn, strict=True):
        assert row[: len(numbers)].tolist() == list(numbers)
        assert not row[len(numbers) :].any()


def test_negative_terms_are_taken_out_with_their_sign():
    terms = TermExtractor().fit_transform(["-5+3", "5+-3", "-5+-3"])

    assert terms.tolist() == [[-5, 3], [5, -3], [-5, -3]]


def test_a_number_alone_is_an_addition_of_one_term():
    assert TermExtractor().fit_transform(["62", "7"]).tolist() == [[62], [7]]


def test_fewer_terms_are_filled_up_with_zeros_on_the_right():
    extractor = TermExtractor().fit(["1+2+3", "4"])

    assert extractor.n_terms_ == 3
    assert extractor.transform(["4", "5+6"]).tolist() == [[4, 0, 0], [5, 6, 0]]


def test_a_given_number_of_terms_is_that_of_the_columns():
    extractor = TermExtractor(n_terms=4)

    assert extractor.fit_transform(["1+2", "3"]).tolist() == [
        [1, 2, 0, 0],
        [3, 0, 0, 0],
    ]


def test_fit_refuses_more_terms_than_given_and_names_the_addition():
    with pytest.raises(
        ValueError, match=r"Sample 1, '1\+2\+3', has 3 terms, more than .*n_terms=2"
    ):
        TermExtractor(n_terms=2).fit(["1+2", "1+2+3", "4+5+6+7"])


@pytest.mark.parametrize(
    "handle_overlong",
    [
        pytest.param("warn", marks=pytest.mark.filterwarnings("ignore:1 of 3")),
        "ignore",
    ],
)
def test_the_last_of_too_many_terms_are_cut(handle_overlong):
    extractor = TermExtractor(handle_overlong=handle_overlong).fit(["1+2"])
    terms = extractor.transform(["3+4+5+6", "7", "8+9"])

    assert terms.tolist() == [[3, 4], [7, 0], [8, 9]]


def test_one_warning_says_how_many_additions_have_too_many_terms():
    extractor = TermExtractor().fit(["1+2"])

    with pytest.warns(
        UserWarning, match=r"2 of 3 additions .* 2 terms; .* sample 1, '3\+4\+5'"
    ) as caught:
        extractor.transform(["1+2", "3+4+5", "1+1+1"])
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_too_many_terms_are_an_error_if_asked_for():
    extractor = TermExtractor(handle_overlong="error").fit(["1+2"])

    with pytest.raises(ValueError, match=r"1 of 2 .* sample 1, '1\+2\+3'.*n_terms="):
        extractor.transform(["1+2", "1+2+3"])
    assert extractor.transform(["3+4"]).tolist() == [[3, 4]]


@pytest.mark.parametrize(
    ("name", "value"),
    [("n_terms", 0), ("n_terms", 2.0), ("n_terms", "2"), ("handle_overlong", "cut")],
)
def test_a_bad_parameter_of_the_term_extractor_is_named(name, value):
    with pytest.raises(ValueError, match=f"The '{name}' parameter of TermExtractor"):
        TermExtractor(**{name: value}).fit(["1+2"])


def test_terms_have_names():
    extractor = TermExtractor().fit(["1+2+3"])

    assert extractor.get_feature_names_out().tolist() == ["term0", "term1", "term2"]


def test_terms_may_come_as_a_data_frame():
    index = [5, 3]
    strings = pytest.importorskip("pandas").Series(["1+2", "12+50"], index=index)
    extractor = TermExtractor().set_output(transform="pandas")
    terms = extractor.fit_transform(strings)

    assert terms.columns.tolist() == ["term0", "term1"]
    if parse_version(sklearn.__version__) >= parse_version("1.9"):
        # scikit-learn carries the index over; 1.6 did so for data frames only.
        assert terms.index.tolist() == index
    assert terms.to_numpy().tolist() == [[1, 2], [12, 50]]


@pytest.mark.parametrize("n_digits", [50, 308, 309, 5000])
def test_long_terms_are_the_nearest_floats_or_infinite(n_digits):
    terms = TermExtractor().fit_transform(["9" * n_digits + "+1", "2+3"])

    nearest = float(10**n_digits - 1) if n_digits < 309 else np.inf
    assert terms.tolist() == [[nearest, 1], [2, 3]]


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
        # With a minus: borrows.
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


def test_a_report_needs_as_many_answers_as_questions():
    with pytest.raises(ValueError, match=r"numbers of samples: \[1, 2, 2\]"):
        carry_report(["1+2"], ["3", "3"], ["3", "3"])
    with pytest.raises(ValueError, match="single string '1\\+2'"):
        carry_report("1+2", ["3"], ["3"])


@pytest.mark.parametrize("kind", STRING_KINDS)
def test_every_kind_of_strings_is_reported_alike(kind):
    X = STRING_KINDS[kind](["1+2", "5+7", "0+0", "1+1"])
    report = carry_report(X, [3, 12, 0, 2], [3, 13, 0, 2], output_dict=True)

    assert report["0"] == {"samples": 3, "right": 3, "share": 1}
    assert report["1"] == {"samples": 1, "right": 0, "share": 0}


def test_a_number_is_no_addition_however_long():
    for number in (3, 10**5000):
        with pytest.raises(ValueError, match=r"Sample 1, [0-9.]+, is not an addition"):
            carry_report(["1+2", number], ["3", "3"], ["3", "3"])


def test_numbers_are_not_judged_against_strings():
    for y_true, y_pred in (([3], ["3"]), (["3"], [3])):
        with pytest.raises(ValueError, match=r"y_\w+\[0\] = 3, which is not a string"):
            carry_report(["1+2"], y_true, y_pred)


def test_several_answers_may_be_accepted():
    report = carry_report(
        ["1+2", "5+7"], [["3", "03"], ["12"]], ["03", "13"], output_dict=True
    )

    assert report["0"]["share"] == 1
    assert report["1"]["share"] == 0


def test_a_report_reads_samples_once_and_refuses_what_has_no_order():
    y = ["3", "12"]
    expected = carry_report(["1+2", "5+7"], y, y)

    assert carry_report(iter(["1+2", "5+7"]), iter(y), iter(y)) == expected
    with pytest.raises(ValueError, match="X is a set"):
        carry_report({"1+2", "5+7"}, y, y)
