"""What `make_addition` and `make_expressions` promise."""

import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils import check_random_state

from sklearn_seqadd import make_addition, make_expressions

SAMPLINGS = ["values", "lengths", "mixed"]

deterministic = settings(derandomize=True, deadline=None, max_examples=60)


def terms_of(addition):
    return [int(term) for term in addition.split("+")]


def longest_run_of_nines(addition):
    """The most neighbouring columns in which two terms sum to nine."""
    first, second = addition.split("+")
    width = max(len(first), len(second))
    columns = zip(first.zfill(width), second.zfill(width), strict=True)
    is_nine = "".join("9" if int(a) + int(b) == 9 else " " for a, b in columns)
    return max(map(len, is_nine.split(" ")))


# ------------------------------------------------------------------- additions


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("largest", [0, 1, 9, 10, 99, 1000, 10**18, 10**50 - 1])
def test_y_is_the_sum_of_the_terms_in_X(sampling, largest):
    X, y = make_addition(
        50, n_terms=(1, 4), largest=largest, sampling=sampling, random_state=0
    )

    assert [str(sum(terms_of(addition))) for addition in X] == y.tolist()


# Of how many digits; one more than sixty-four bits, then more than Python's int() and
# str() convert.
@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("unique", [False, True])
@pytest.mark.parametrize("exponent", [19, 50, 5000])
def test_a_huge_power_of_ten_can_be_the_largest_term(sampling, unique, exponent):
    X, y, terms = make_addition(
        30,
        largest=10**exponent,
        sampling=sampling,
        unique=unique,
        return_terms=True,
        random_state=0,
    )

    assert terms.max() <= 10**exponent
    longest = max(len(term) for addition in X for term in addition.split("+"))
    assert longest > 0.9 * exponent
    for addition, total, numbers in zip(X, y, terms.tolist(), strict=True):
        assert [int(Decimal(term)) for term in addition.split("+")] == numbers
        assert int(Decimal(str(total))) == sum(numbers)


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("only", [0, 7, 2**63 - 1, 10**50])
def test_smallest_may_equal_largest(sampling, only):
    X, _ = make_addition(
        5, smallest=only, largest=only, sampling=sampling, random_state=0
    )

    assert set(X) == {f"{only}+{only}"}


@pytest.mark.parametrize("n_terms", [1, 2, 5])
def test_every_addition_has_the_given_number_of_terms(n_terms):
    X, _ = make_addition(50, n_terms=n_terms, random_state=0)

    assert {len(terms_of(addition)) for addition in X} == {n_terms}


def test_a_range_of_n_terms_includes_both_ends_and_is_drawn_uniformly():
    X, _ = make_addition(3000, n_terms=(2, 4), random_state=0)
    n_terms = np.array([len(terms_of(addition)) for addition in X])

    assert set(n_terms) == {2, 3, 4}
    assert np.bincount(n_terms)[2:].min() > 800


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_terms_fill_the_bounds_and_keep_them(sampling):
    X, _ = make_addition(
        2000, smallest=8, largest=13, sampling=sampling, random_state=0
    )

    assert {term for addition in X for term in terms_of(addition)} == set(range(8, 14))


@deterministic
@given(
    smallest=st.integers(0, 10**25),
    span=st.integers(0, 10**25),
    sampling=st.sampled_from(SAMPLINGS),
    n_terms=st.integers(1, 4),
)
def test_terms_keep_any_bounds(smallest, span, sampling, n_terms):
    X, _ = make_addition(
        20,
        n_terms=n_terms,
        smallest=smallest,
        largest=smallest + span,
        sampling=sampling,
        random_state=0,
    )

    for addition in X:
        assert all(smallest <= t <= smallest + span for t in terms_of(addition))


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_terms_are_written_without_leading_zeros(sampling):
    X, y = make_addition(500, largest=99999, sampling=sampling, random_state=0)

    for addition in X:
        assert "+".join(map(str, terms_of(addition))) == addition
    assert [str(int(total)) for total in y] == y.tolist()


def test_sampling_by_values_draws_every_value_equally_often():
    X, _ = make_addition(20_000, n_terms=1, largest=19, random_state=0)
    counts = np.bincount(X.astype(int), minlength=20)

    assert counts.min() > 800
    assert counts.max() < 1200


def test_sampling_by_lengths_draws_every_number_of_digits_equally_often():
    X, _ = make_addition(
        20_000, n_terms=1, largest=10**10 - 1, sampling="lengths", random_state=0
    )
    counts = np.bincount(np.char.str_len(X), minlength=11)[1:]

    assert counts.min() > 1600
    assert counts.max() < 2400


def test_sampling_by_lengths_starts_at_the_length_of_smallest():
    X, _ = make_addition(
        3000,
        n_terms=1,
        smallest=100,
        largest=99999,
        sampling="lengths",
        random_state=0,
    )
    counts = np.bincount(np.char.str_len(X))

    assert counts[:3].sum() == 0
    assert counts[3:].min() > 800


def test_sampling_mixed_draws_about_half_of_the_additions_at_full_length():
    X, _ = make_addition(4000, largest=10**10 - 1, sampling="mixed", random_state=0)
    is_full = [min(map(len, addition.split("+"))) == 10 for addition in X]

    assert 0.44 < np.mean(is_full) < 0.56


def test_sampling_mixed_draws_the_full_length_from_above_a_tenth_of_largest():
    X, _ = make_addition(4000, largest=1000, sampling="mixed", random_state=0)
    is_full = [min(terms_of(addition)) > 100 for addition in X]

    # By lengths, the three and the four digits of 1000 add a quarter of a half.
    assert 0.54 < np.mean(is_full) < 0.7


def test_sampling_mixed_has_far_more_carry_chains_than_sampling_by_lengths():
    n_chains = {}
    for sampling in ("lengths", "mixed"):
        X, _ = make_addition(
            4000, largest=10**10 - 1, sampling=sampling, random_state=0
        )
        n_chains[sampling] = sum(longest_run_of_nines(addition) >= 4 for addition in X)

    assert n_chains["mixed"] > 200
    assert n_chains["mixed"] > 20 * n_chains["lengths"]


def test_sampling_mixed_has_far_more_runs_of_zeros_and_nines_than_sampling_by_lengths():
    n_runs = {}
    for sampling in ("lengths", "mixed"):
        X, _ = make_addition(
            4000, largest=10**10 - 1, sampling=sampling, random_state=0
        )
        runs = [bool(re.search("0{5}|9{5}", addition)) for addition in X]
        n_runs[sampling] = sum(runs)

    assert n_runs["mixed"] > 100
    assert n_runs["mixed"] > 20 * n_runs["lengths"]


def test_runs_leave_numbers_as_long_as_they_were():
    X, _ = make_addition(4000, largest=10**10 - 1, sampling="mixed", random_state=0)
    terms = [term for addition in X for term in addition.split("+")]

    # Had runs of zeros taken leading digits away, 0 itself would be frequent.
    assert sum(term == "0" for term in terms) < 0.02 * len(terms)
    assert not any(len(term) > 1 and term.startswith("0") for term in terms)


# ----------------------------------------------------------------- unique sums


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize(
    ("n_samples", "n_terms", "smallest", "largest"),
    [
        (50, 2, 0, 9),
        (300, 2, 0, 99),
        (200, (1, 3), 0, 9),
        (50, 2, 10**50 - 20, 10**50 - 1),
    ],
)
def test_unique_never_repeats_the_same_terms_in_any_order(
    sampling, n_samples, n_terms, smallest, largest
):
    X, y = make_addition(
        n_samples,
        n_terms=n_terms,
        smallest=smallest,
        largest=largest,
        sampling=sampling,
        unique=True,
        random_state=0,
    )

    assert len({tuple(sorted(terms_of(addition))) for addition in X}) == n_samples
    assert [str(sum(terms_of(addition))) for addition in X] == y.tolist()


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize(
    ("n_terms", "smallest", "n_existing"),
    [(2, 0, 55), ((1, 3), 0, 10 + 55 + 220), (1, 3, 7), (2, 9, 1)],
)
def test_unique_can_give_all_additions_that_exist(
    sampling, n_terms, smallest, n_existing
):
    X, _ = make_addition(
        n_existing,
        n_terms=n_terms,
        smallest=smallest,
        largest=9,
        sampling=sampling,
        unique=True,
        random_state=0,
    )

    assert len({tuple(sorted(terms_of(addition))) for addition in X}) == n_existing


@pytest.mark.parametrize(
    ("n_terms", "n_existing"), [(2, 55), ((1, 3), 10 + 55 + 220), (1, 10)]
)
def test_asking_for_one_more_than_exist_says_how_many_exist(n_terms, n_existing):
    with pytest.raises(ValueError, match=rf"only {n_existing} exist"):
        make_addition(
            n_existing + 1, n_terms=n_terms, largest=9, unique=True, random_state=0
        )


def test_all_that_exist_come_with_their_terms_in_either_order():
    X, _ = make_addition(55, largest=9, unique=True, random_state=0)
    terms = [terms_of(addition) for addition in X]

    assert any(a < b for a, b in terms)
    assert any(a > b for a, b in terms)


def test_all_that_exist_are_shuffled_whatever_the_sampling_prefers():
    X, _ = make_addition(5050, sampling="lengths", unique=True, random_state=0)
    has_short_term = np.array([min(terms_of(addition)) < 10 for addition in X])

    assert has_short_term.sum() == 955
    assert 380 < has_short_term[:2525].sum() < 575


# -------------------------------------------------------------- what is returned


@pytest.mark.parametrize("make", [make_addition, make_expressions])
def test_questions_and_answers_are_one_dimensional_arrays_of_str(make):
    X, y = make(7, random_state=0)

    assert X.shape == y.shape == (7,)
    assert X.dtype.kind == y.dtype.kind == "U"


@pytest.mark.parametrize("make", [make_addition, make_expressions])
def test_one_hundred_samples_are_the_default(make):
    assert make(random_state=0)[0].shape == (100,)


@pytest.mark.parametrize(
    ("largest", "dtype"),
    [(99, np.int64), (2**63 - 1, np.int64), (2**63, object), (10**50 - 1, object)],
)
def test_terms_are_int64_where_they_fit_and_python_integers_otherwise(largest, dtype):
    X, y, terms = make_addition(
        10, n_terms=3, largest=largest, return_terms=True, random_state=0
    )

    assert terms.shape == (10, 3)
    assert terms.dtype == dtype
    assert ["+".join(map(str, row)) for row in terms.tolist()] == X.tolist()
    assert [str(sum(row)) for row in terms.tolist()] == y.tolist()


@pytest.mark.parametrize("n_samples", [1, 2, 20])
def test_a_variable_number_of_terms_is_returned_as_tuples(n_samples):
    for seed in range(10):
        X, _, terms = make_addition(
            n_samples, n_terms=(2, 3), return_terms=True, random_state=seed
        )

        assert terms.shape == (n_samples,)
        assert terms.dtype == object
        assert {type(row) for row in terms} == {tuple}
        assert [list(row) for row in terms] == [terms_of(addition) for addition in X]


def test_return_terms_does_not_change_the_additions():
    X, y = make_addition(20, random_state=0)
    with_terms = make_addition(20, return_terms=True, random_state=0)

    np.testing.assert_array_equal(with_terms[0], X)
    np.testing.assert_array_equal(with_terms[1], y)


# ---------------------------------------------------------------- random state


@pytest.mark.parametrize("make", [make_addition, make_expressions])
def test_an_int_gives_the_same_samples_at_every_call(make):
    for first, second in zip(make(random_state=3), make(random_state=3), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("make", [make_addition, make_expressions])
def test_another_int_gives_other_samples(make):
    assert make(random_state=3)[0].tolist() != make(random_state=4)[0].tolist()


@pytest.mark.parametrize("make", [make_addition, make_expressions])
def test_one_random_state_gives_fresh_samples_at_every_call(make):
    rng = np.random.RandomState(3)
    first, second = make(random_state=rng)[0], make(random_state=rng)[0]

    assert first.tolist() != second.tolist()
    assert first.tolist() == make(random_state=3)[0].tolist()


@pytest.mark.parametrize("make", [make_addition, make_expressions])
def test_none_draws_from_the_global_generator_of_numpy(make):
    global_rng = check_random_state(None)
    state = global_rng.get_state()
    try:
        global_rng.seed(3)
        first, second = make()[0], make()[0]
    finally:
        global_rng.set_state(state)

    assert first.tolist() == make(random_state=3)[0].tolist()
    assert second.tolist() != first.tolist()


@pytest.mark.parametrize("make", [make_addition, make_expressions])
def test_an_int_leaves_the_global_generator_of_numpy_alone(make):
    before = check_random_state(None).get_state()
    make(random_state=3)
    after = check_random_state(None).get_state()

    assert before[2:] == after[2:]
    np.testing.assert_array_equal(before[1], after[1])


# ------------------------------------------------------------------ parameters


@pytest.mark.parametrize("make", [make_addition, make_expressions])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_samples", 0),
        ("n_samples", -1),
        ("n_samples", 2.0),
        ("n_samples", "3"),
        ("n_samples", None),
        ("n_samples", True),
        ("n_terms", 0),
        ("n_terms", 2.0),
        ("n_terms", "2"),
        ("n_terms", None),
        ("n_terms", True),
        ("n_terms", (2,)),
        ("n_terms", (1, 2, 3)),
        ("n_terms", (3, 2)),
        ("n_terms", (0, 2)),
        ("n_terms", (1, 2.5)),
        ("smallest", -1),
        ("smallest", 0.5),
        ("smallest", False),
        ("largest", -1),
        ("largest", 99.0),
        ("largest", "99"),
        ("largest", True),
    ],
)
def test_a_bad_parameter_is_named_with_its_value(make, name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter of {make.__name__}"):
        make(**{name: value})


@pytest.mark.parametrize("make", [make_addition, make_expressions])
def test_largest_below_smallest_is_refused_with_both_values(make):
    with pytest.raises(ValueError, match=r"'largest'.*largest=4 and smallest=5"):
        make(smallest=5, largest=4)


def test_errors_quote_numbers_of_any_length():
    huge, digits, others = 10**5000, r"10{44}\.\.\.0{12}", r"10{44}\.\.\.0{11}1"
    with pytest.raises(ValueError, match=f"largest={digits} and smallest={others} in"):
        make_addition(smallest=huge + 1, largest=huge)
    with pytest.raises(ValueError, match=rf"only 3 exist .* from 9+\.+9+ to {digits}"):
        make_addition(4, smallest=huge - 1, largest=huge, unique=True)
    with pytest.raises(ValueError, match=r"'smallest' .* Got -10{43}\.\.\.0{12} inst"):
        make_addition(smallest=-huge)
    with pytest.raises(ValueError, match="'n_terms' .* Got <tuple object"):
        make_addition(n_terms=(1, 2, huge))


@pytest.mark.parametrize("sampling", ["uniform", None, ["values"]])
def test_a_bad_sampling_is_refused_with_the_possible_ones(sampling):
    with pytest.raises(ValueError, match=r"'sampling'.*'values', 'lengths', 'mixed'"):
        make_addition(sampling=sampling)


@pytest.mark.parametrize("operators", ["", "/", "+-x", None, ["+", "-"]])
def test_bad_operators_are_refused(operators):
    with pytest.raises(ValueError, match="'operators' parameter of make_expressions"):
        make_expressions(operators=operators)


@pytest.mark.parametrize("make", [make_addition, make_expressions])
@pytest.mark.parametrize("random_state", ["seed", 1.5, np.random.default_rng(0)])
def test_a_bad_random_state_is_refused_as_in_scikit_learn(make, random_state):
    with pytest.raises(ValueError, match="cannot be used to seed"):
        make(random_state=random_state)


@pytest.mark.parametrize("make", [make_addition, make_expressions])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16, np.int32, np.int64])
def test_integers_of_numpy_are_taken_as_python_integers(make, dtype):
    largest = np.iinfo(dtype).max
    X, y = make(dtype(20), n_terms=dtype(2), largest=dtype(largest), random_state=0)
    expected_X, expected_y = make(20, n_terms=2, largest=int(largest), random_state=0)

    np.testing.assert_array_equal(X, expected_X)
    np.testing.assert_array_equal(y, expected_y)


# ----------------------------------------------------------------- expressions


@deterministic
@given(
    operators=st.text("+-*", min_size=1, max_size=4),
    low=st.integers(1, 3),
    more=st.integers(0, 5),
    brackets=st.booleans(),
    largest=st.one_of(st.integers(0, 999), st.integers(0, 10**30)),
    seed=st.integers(0, 2**32 - 1),
)
def test_y_is_the_value_that_python_gives_the_expression(
    operators, low, more, brackets, largest, seed
):
    X, y = make_expressions(
        20,
        operators=operators,
        n_terms=(low, low + more),
        brackets=brackets,
        largest=largest,
        random_state=seed,
    )

    for expression, value in zip(X.tolist(), y.tolist(), strict=True):
        assert re.fullmatch(r"[0-9+*()-]+", expression)
        assert str(eval(expression)) == value


def test_expressions_of_thousands_of_digits_have_their_values():
    X, y = make_expressions(20, operators="*-", n_terms=2, largest=10**5000)
    products = differences = 0
    for expression, value in zip(X.tolist(), y.tolist(), strict=True):
        first, second = (
            int(Decimal(number)) for number in re.split("[*-]", expression)
        )
        products += "*" in expression
        differences += "-" in expression
        expected = first * second if "*" in expression else first - second
        assert int(Decimal(value)) == expected

    assert products
    assert differences


@pytest.mark.parametrize("operators", ["+", "-", "*", "+*", "-*", "+-*"])
def test_exactly_the_given_operators_occur(operators):
    X, _ = make_expressions(200, operators=operators, random_state=0)

    assert set(re.findall(r"[^0-9]", "".join(X))) == set(operators)


def test_an_operator_written_twice_is_drawn_twice_as_often():
    X, _ = make_expressions(3000, operators="++-", n_terms=2, random_state=0)

    assert 0.6 < np.mean(["+" in expression for expression in X]) < 0.73


def test_expressions_have_two_or_three_numbers_by_default():
    X, _ = make_expressions(200, random_state=0)

    assert {len(re.findall("[0-9]+", expression)) for expression in X} == {2, 3}


@pytest.mark.parametrize("brackets", [False, True])
def test_numbers_of_expressions_keep_their_bounds_and_their_number(brackets):
    X, _ = make_expressions(
        300, n_terms=(2, 5), smallest=8, largest=13, brackets=brackets, random_state=0
    )
    found = [[int(n) for n in re.findall("[0-9]+", expression)] for expression in X]

    assert {len(numbers) for numbers in found} == {2, 3, 4, 5}
    assert {n for numbers in found for n in numbers} == set(range(8, 14))


def test_brackets_occur_only_if_asked_for():
    X, _ = make_expressions(300, n_terms=(2, 6), random_state=0)

    assert not any("(" in expression or ")" in expression for expression in X)


def test_about_half_of_the_expressions_have_brackets_if_asked_for():
    X, _ = make_expressions(2000, n_terms=(3, 6), brackets=True, random_state=0)

    assert 0.45 < np.mean(["(" in expression for expression in X]) < 0.55


def test_brackets_may_stand_inside_brackets():
    X, _ = make_expressions(300, n_terms=6, brackets=True, random_state=0)

    assert any(re.search(r"\([^)]*\(", expression) for expression in X)


def test_brackets_never_enclose_a_whole_expression_or_a_single_number():
    X, _ = make_expressions(500, n_terms=(1, 5), brackets=True, random_state=0)

    assert not any(re.search(r"\([0-9]+\)", expression) for expression in X)
    assert not any(re.fullmatch(r"\([^()]*\)", expression) for expression in X)


def test_results_of_expressions_may_be_negative():
    _, y = make_expressions(200, operators="-", random_state=0)

    assert any(value.startswith("-") for value in y)
