"""What SequencePadder promises: strings of one length, and exactly back."""

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sklearn_seqadd import SequencePadder, make_addition

SIDES = ["left", "right", "term"]

# ASCII, Latin, beyond Latin, and two beyond the basic plane (one a "digit").
FILLS = [" ", "_", "é", "→", "😀", "𝟘"]


deterministic = settings(derandomize=True, deadline=None, max_examples=60)

sides = st.sampled_from(SIDES)
fills = st.sampled_from(FILLS)


def additions(smallest=0, n_terms=(1, 4)):
    """Lists of addition strings, each of them with its own number of terms."""
    terms = st.integers(smallest, 10**12) | st.integers(smallest, 20)
    one = st.lists(terms, min_size=n_terms[0], max_size=n_terms[1])
    return st.lists(
        one.map(lambda terms: "+".join(map(str, terms))), min_size=1, max_size=8
    )


def texts(exclude=""):
    """Lists of arbitrary strings, empty ones included."""
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    characters = characters.filter(lambda character: character not in exclude)
    return st.lists(st.text(characters, max_size=12), min_size=1, max_size=8)


# -------------------------------------------------------------------- there and back


def assert_comes_back(padder, strings):
    assert padder.inverse_transform(padder.fit_transform(strings)).tolist() == strings


@deterministic
@given(strings=additions(), side=sides, fill=fills, reverse=st.booleans())
def test_any_additions_come_back(strings, side, fill, reverse):
    assert_comes_back(SequencePadder(side, fill=fill, reverse=reverse), strings)


@deterministic
@given(strings=additions(smallest=1), reverse=st.booleans())
def test_zeros_may_fill_the_left_of_additions(strings, reverse):
    assert_comes_back(SequencePadder(fill="0", reverse=reverse), strings)


@deterministic
@given(strings=additions(), reverse=st.booleans())
def test_zeros_may_fill_the_terms_of_additions(strings, reverse):
    assert_comes_back(SequencePadder("term", fill="0", reverse=reverse), strings)


@deterministic
@given(data=st.data(), side=sides, fill=fills, reverse=st.booleans())
def test_any_text_without_the_fill_comes_back(data, side, fill, reverse):
    strings = data.draw(texts(exclude=fill))

    assert_comes_back(SequencePadder(side, fill=fill, reverse=reverse), strings)


@deterministic
@given(seen=additions(), later=additions(), side=sides, fill=st.sampled_from(" _0"))
def test_strings_that_fit_come_back_though_fit_did_not_see_them(
    seen, later, side, fill
):
    assume(fill != "0" or side == "term")
    padder = SequencePadder(side, fill=fill, length=100).fit(seen)

    assert padder.inverse_transform(padder.transform(later)).tolist() == later


@deterministic
@given(
    strings=st.lists(st.text("0 1+a", max_size=6), min_size=1, max_size=4),
    side=sides,
    fill=st.sampled_from("0 1+a"),
    reverse=st.booleans(),
)
def test_fit_accepts_no_fill_that_it_could_not_take_away_again(
    strings, side, fill, reverse
):
    padder = SequencePadder(side, fill=fill, reverse=reverse)
    try:
        padded = padder.fit_transform(strings)
    except ValueError:
        return  # Which are refused is for the tests below.

    assert padder.inverse_transform(padded).tolist() == strings


@deterministic
@given(
    strings=st.lists(st.text("0 1+a", max_size=6), min_size=1, max_size=4),
    side=sides,
    fill=st.sampled_from(" +a"),
)
def test_a_fill_is_refused_only_where_the_strings_have_it_in_its_place(
    strings, side, fill
):
    pattern = {
        "left": f"^[{fill}]",
        "right": f"[{fill}]$",
        "term": f"^[{fill}]|[{fill}][0-9]",
    }[side]
    ambiguous = [i for i, string in enumerate(strings) if re.search(pattern, string)]
    padder = SequencePadder(side, fill=fill)
    if ambiguous:
        with pytest.raises(ValueError, match=rf"sample {ambiguous[0]}, "):
            padder.fit(strings)
    else:
        padder.fit(strings)


# Characters that are blank, or look as if there was none, and those of the fills.
ODD = st.text("a1+ \t\n\r\u00a0\u200b\u3000\ufdd0\ufdd1\ufdef\ufffd\ue000", max_size=6)


@deterministic
@given(
    strings=st.lists(ODD, min_size=1, max_size=6),
    later=st.lists(ODD, min_size=1, max_size=6),
    side=sides,
    reverse=st.booleans(),
)
def test_any_strings_come_back_with_the_fill_that_is_chosen(
    strings, later, side, reverse
):
    padder = SequencePadder(side, length=100, reverse=reverse).fit(strings)

    assert not any(padder.fill_ in string for string in strings)
    assert padder.inverse_transform(padder.transform(strings)).tolist() == strings
    later = [string.replace(padder.stand_in_, "") for string in later]
    assert padder.inverse_transform(padder.transform(later)).tolist() == later


@pytest.mark.parametrize(
    ("strings", "fill"),
    [
        (["12+5"], " "),
        (["1\t2\n\u00a0"], " "),
        (["1 2"], "\ufdd0"),
        ([" 12"], "\ufdd0"),
        (["12 "], "\ufdd0"),
        (["   "], "\ufdd0"),
        ([" \ufdd0\ufdd2"], "\ufdd1"),
        ([""], " "),
    ],
)
@pytest.mark.parametrize("side", SIDES)
def test_the_fill_is_a_blank_or_else_a_character_that_no_string_contains(
    strings, fill, side
):
    padder = SequencePadder(side)

    assert padder.fit([*strings, "7"]).fill_ == fill
    assert padder.transform(["7"])[0].replace(fill, "") == "7"


def test_padding_in_the_midst_of_an_answer_is_not_a_character_of_no_text():
    padder = SequencePadder().fit(["a b", "ab"])

    assert padder.inverse_transform(["\ufdd0a\ufdd0b"]).tolist() == ["a\ufffdb"]


# --------------------------------------------------------------------------- padding


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("left", ["  1+2", " 12+5", "12+50"]),
        ("right", ["1+2  ", "12+5 ", "12+50"]),
        ("term", [" 1+ 2", "12+ 5", "12+50"]),
    ],
)
def test_the_fill_stands_on_its_side(side, expected):
    padded = SequencePadder(side).fit_transform(["1+2", "12+5", "12+50"])

    assert padded.tolist() == expected


def test_left_is_the_default_side():
    assert SequencePadder().fit_transform(["1", "22"]).tolist() == [" 1", "22"]


def test_the_given_fill_is_used():
    assert SequencePadder(fill="😀").fit_transform(["1", "22"]).tolist() == [
        "😀1",
        "22",
    ]


@pytest.mark.parametrize("side", SIDES)
def test_reverse_reverses_what_would_be_there_without_it(side):
    strings = ["1+2", "12+5", "12+50"]
    straight = SequencePadder(side).fit_transform(strings)
    reversed_ = SequencePadder(side, reverse=True).fit_transform(strings)

    assert reversed_.tolist() == [string[::-1] for string in straight]


@deterministic
@given(strings=additions(n_terms=(3, 3)), fill=fills, wider=st.integers(0, 3))
def test_term_puts_the_last_digits_of_the_kth_numbers_in_one_column(
    strings, fill, wider
):
    needed = SequencePadder("term", fill=fill).fit(strings).length_
    padder = SequencePadder("term", fill=fill, length=needed + wider)
    padded = padder.fit_transform(strings).tolist()

    ends = {tuple(m.end() for m in re.finditer("[0-9]+", string)) for string in padded}
    assert len(ends) == 1


def test_term_lines_up_numbers_that_fit_did_not_see():
    padder = SequencePadder("term").fit(["123+4", "5+67"])

    assert padder.transform(["8+9"]).tolist() == ["  8+ 9"]


def test_term_learns_the_width_of_every_kth_number():
    padder = SequencePadder("term").fit(["1+222", "12+5", "3+4+55"])

    assert padder.widths_ == [2, 3, 2]
    assert padder.length_ == len("12+222+55")


def test_term_pads_strings_without_numbers_on_the_left():
    strings = ["ab", "c", ""]

    np.testing.assert_array_equal(
        SequencePadder("term").fit_transform(strings),
        SequencePadder("left").fit_transform(strings),
    )


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_learned_length_is_that_of_the_longest_string(side):
    padder = SequencePadder(side).fit(["1+2", "12+50", "7"])

    assert padder.length_ == 5
    assert padder.transform(["7"]).dtype == np.dtype("<U5")


@pytest.mark.parametrize("side", SIDES)
def test_a_given_length_is_the_length_of_all_strings(side):
    padder = SequencePadder(side, length=9)
    padded = padder.fit_transform(["1+2", "12+50"])

    assert padder.length_ == 9
    assert {len(string) for string in padded} == {9}


def test_strings_that_are_all_empty_can_be_padded():
    padder = SequencePadder()
    padded = padder.fit_transform(["", ""])

    assert padded.tolist() == [" ", " "]
    assert padder.inverse_transform(padded).tolist() == ["", ""]


@pytest.mark.parametrize(
    ("side", "sample"), [("left", "12+50"), ("right", "12+50"), ("term", "1+2")]
)
def test_fit_refuses_what_a_given_length_cannot_hold_and_names_it(side, sample):
    strings = ["1", sample, "12+50"]
    message = rf"Sample 1, '{re.escape(sample)}', needs 5 characters.*length=4"

    with pytest.raises(ValueError, match=message):
        SequencePadder(side, length=4).fit(strings)


def test_fit_cuts_what_a_given_length_cannot_hold_if_overlong_strings_are_ignored():
    padder = SequencePadder("right", length=4, handle_overlong="ignore")

    assert padder.fit_transform(["12345", "12"]).tolist() == ["1234", "12  "]


def test_one_string_that_is_far_longer_than_all_others_is_warned_of():
    strings = ["12+5"] * 2000
    with pytest.warns(
        UserWarning, match=r"Sample 7, '7{44}\.\.\.7{11}', has 20000 .* 160 MB"
    ):
        SequencePadder().fit([*strings[:7], "7" * 20_000, *strings[8:]])


@pytest.mark.parametrize(
    ("side", "fill", "strings", "sample"),
    [
        ("left", " ", ["12", " 5"], "1, ' 5'"),
        ("right", " ", ["12", "3", "5 "], "2, '5 '"),
        ("term", " ", ["12+50", "1+ 2"], "1, '1[+] 2'"),
        ("left", "0", ["12", "0+1"], "1, '0[+]1'"),
        ("right", "0", ["12", "10"], "1, '10'"),
        ("term", "0", ["123+4", "a1"], "1, 'a1'"),
        ("term", "0", ["12", "1+02"], "1, '1[+]02'"),
    ],
)
def test_an_ambiguous_fill_is_an_error_that_names_the_first_sample(
    side, fill, strings, sample
):
    with pytest.raises(ValueError, match=f"fill='{fill}' .* sample {sample}"):
        SequencePadder(side, fill=fill).fit(strings)


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("left", ["   1+2", "345+67", "4+5678"]),
        ("right", ["1+2   ", "12345+", "1234+5"]),
        ("term", ["  1+ 2", "345+67", "4+5678"]),
    ],
)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("handle_overlong", ["warn", "ignore"])
@pytest.mark.filterwarnings("ignore:2 of 3 strings")
def test_what_is_too_long_is_cut_where_it_would_be_padded(
    side, expected, reverse, handle_overlong
):
    padder = SequencePadder(side, reverse=reverse, handle_overlong=handle_overlong)
    padder.fit(["123+45"])
    padded = padder.transform(["1+2", "12345+67", "1234+5678"])

    if reverse:
        expected = [string[::-1] for string in expected]
    assert padded.tolist() == expected


@pytest.mark.parametrize("side", SIDES)
def test_one_warning_says_how_many_are_too_long_and_which_is_the_first(side):
    padder = SequencePadder(side).fit(["12+34"])
    with pytest.warns(UserWarning, match=r"2 of 3 .* 5 chara.* 1, '123\+45'") as caught:
        padder.transform(["1+2", "123+45", "1234+5"])

    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_nothing_is_said_of_strings_that_fit():
    padder = SequencePadder().fit(["12+34"])

    # Warnings are errors in these tests.
    assert padder.transform(["1+2", "43+21"]).tolist() == ["  1+2", "43+21"]


def test_nothing_is_said_of_overlong_strings_if_they_are_to_be_ignored():
    padder = SequencePadder(handle_overlong="ignore").fit(["12+34"])

    assert padder.transform(["123+45"]).tolist() == ["23+45"]


def test_overlong_strings_are_an_error_if_asked_for():
    padder = SequencePadder(handle_overlong="error").fit(["12+34"])

    with pytest.raises(ValueError, match=r"1 of 2 strings .* sample 1, '123\+45'"):
        padder.transform(["1+2", "123+45"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("side", "both"),
        ("side", None),
        ("fill", ""),
        ("fill", "ab"),
        ("fill", "\0"),
        ("fill", None),
        ("fill", 0),
        ("length", 0),
        ("length", 5.0),
        ("length", "5"),
        ("reverse", "no"),
        ("handle_overlong", "cut"),
    ],
)
def test_a_bad_parameter_of_the_padder_is_named(name, value):
    padder = SequencePadder().set_params(**{name: value})

    with pytest.raises(ValueError, match=f"'{name}' parameter of SequencePadder"):
        padder.fit(["12"])


# --------------------------------------------------------------------------- lengths


POWERS_OF_TEN_AND_NEIGHBOURS = sorted(
    10**exponent + offset for exponent in range(5) for offset in (-1, 0, 1)
)


# The length is no logarithm of the largest number: those come as floats, and rounded.
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("largest", POWERS_OF_TEN_AND_NEIGHBOURS)
def test_lengths_are_integers_around_every_power_of_ten(largest, side):
    X, _ = make_addition(40, largest=largest, random_state=0)
    padder = SequencePadder(side).fit(X)

    assert type(padder.length_) is int
    assert {type(width) for width in padder.widths_} <= {int}
    assert {len(string) for string in padder.transform(X)} == {padder.length_}
    if side != "term":
        assert padder.length_ == max(map(len, X))
