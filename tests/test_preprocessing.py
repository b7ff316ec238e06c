"""What the transformers from strings to arrays and back promise."""

import pickle
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
import sklearn
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils.fixes import parse_version

from sklearn_seqadd.datasets import make_addition
from sklearn_seqadd.preprocessing import (
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    TermExtractor,
)

SIDES = ["left", "right", "term"]

# ASCII, Latin, beyond Latin, and two beyond the basic plane (one a "digit").
FILLS = [" ", "_", "é", "→", "😀", "𝟘"]

TUTORIAL_ALPHABET = "0123456789+ "

deterministic = settings(derandomize=True, deadline=None, max_examples=70)

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


def chain(side="left", fill=" ", **padder_params):
    return make_pipeline(
        SequencePadder(side, fill=fill, **padder_params),
        SequenceIntegerEncoder(fill=fill),
        SequenceOneHotEncoder(),
    )


def recorded_warnings(call, *args):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = call(*args)
    return result, [str(warning.message) for warning in caught]


# ------------------------------------------------------------------ there and back


@deterministic
@given(
    seed=st.integers(0, 2**32 - 1),
    largest=st.integers(0, 10**30),
    n_terms=st.integers(1, 3),
    more=st.integers(0, 3),
    sampling=st.sampled_from(["values", "lengths", "mixed"]),
    side=sides,
    fill=fills,
    reverse=st.booleans(),
)
def test_generated_sums_come_back_from_the_chain(
    seed, largest, n_terms, more, sampling, side, fill, reverse
):
    X, y = make_addition(
        12,
        n_terms=(n_terms, n_terms + more),
        largest=largest,
        sampling=sampling,
        random_state=seed,
    )
    for strings in (X, y):
        transform = chain(side, fill, reverse=reverse)
        vectors = transform.fit_transform(strings)

        assert vectors.dtype == np.float32
        assert transform.inverse_transform(vectors).tolist() == strings.tolist()


@deterministic
@given(strings=additions(), side=sides, fill=fills, reverse=st.booleans())
def test_any_additions_come_back_from_the_chain(strings, side, fill, reverse):
    transform = chain(side, fill, reverse=reverse)

    assert (
        transform.inverse_transform(transform.fit_transform(strings)).tolist()
        == strings
    )


@deterministic
@given(strings=additions(smallest=1), reverse=st.booleans())
def test_zeros_may_fill_the_left_of_additions(strings, reverse):
    transform = chain("left", "0", reverse=reverse)

    assert (
        transform.inverse_transform(transform.fit_transform(strings)).tolist()
        == strings
    )


@deterministic
@given(strings=additions(), reverse=st.booleans())
def test_zeros_may_fill_the_terms_of_additions(strings, reverse):
    transform = chain("term", "0", reverse=reverse)

    assert (
        transform.inverse_transform(transform.fit_transform(strings)).tolist()
        == strings
    )


@deterministic
@given(data=st.data(), side=sides, fill=fills, reverse=st.booleans())
def test_any_text_without_the_fill_comes_back_from_the_chain(data, side, fill, reverse):
    strings = data.draw(texts(exclude=fill))
    transform = chain(side, fill, reverse=reverse)

    assert (
        transform.inverse_transform(transform.fit_transform(strings)).tolist()
        == strings
    )


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


@deterministic
@given(strings=additions(), fill=fills, side=sides)
def test_a_given_alphabet_comes_back_too(strings, fill, side):
    encoder = SequenceIntegerEncoder("0123456789+" + fill)
    padded = SequencePadder(side, fill=fill).fit_transform(strings)

    np.testing.assert_array_equal(
        encoder.inverse_transform(encoder.fit_transform(padded)), padded
    )


def test_a_pipeline_of_the_three_inverts_probabilities():
    X, _ = make_addition(50, random_state=0)
    transform = chain("term", reverse=True)
    vectors = transform.fit_transform(X)
    noise = np.random.RandomState(0).uniform(0, 0.4, size=vectors.shape)
    probabilities = vectors + noise
    probabilities /= probabilities.sum(axis=2, keepdims=True)

    np.testing.assert_array_equal(transform.inverse_transform(probabilities), X)


# ------------------------------------------------------------------------- padding


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
    _, messages = recorded_warnings(padder.transform, ["1+2", "123+45", "1234+5"])

    assert len(messages) == 1
    assert "2 of 3 strings" in messages[0]
    assert "5 characters" in messages[0]
    assert "sample 1, '123+45'" in messages[0]


def test_nothing_is_said_of_strings_that_fit():
    padder = SequencePadder().fit(["12+34"])

    assert recorded_warnings(padder.transform, ["1+2", "43+21"])[1] == []


def test_nothing_is_said_of_overlong_strings_if_they_are_to_be_ignored():
    padder = SequencePadder(handle_overlong="ignore").fit(["12+34"])

    assert recorded_warnings(padder.transform, ["123+45"])[1] == []


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


# ---------------------------------------------------------------- integer encoding


def test_the_learned_alphabet_is_the_fill_and_then_the_order_of_code_points():
    encoder = SequenceIntegerEncoder().fit(["12+50", " 9+é😀"])

    assert encoder.alphabet_ == " +01259é😀"


def test_the_fill_has_code_0_though_it_does_not_occur():
    encoder = SequenceIntegerEncoder().fit(["12", "21"])

    assert encoder.alphabet_ == " 12"
    assert encoder.transform([" 1"]).tolist() == [[0, 1]]


def test_the_fill_comes_first_though_others_are_lower_code_points():
    assert SequenceIntegerEncoder(fill="_").fit(["1 _", "2_ "]).alphabet_ == "_ 12"


def test_no_fill_is_put_into_the_alphabet_if_it_is_none():
    assert SequenceIntegerEncoder(fill=None).fit(["21", "12"]).alphabet_ == "12"


def test_the_tutorial_s_alphabet_gives_the_tutorial_s_codes():
    encoder = SequenceIntegerEncoder(TUTORIAL_ALPHABET)
    codes = encoder.fit_transform([" 10+9", "12345", "67890"])

    assert codes.tolist() == [[11, 1, 0, 10, 9], [1, 2, 3, 4, 5], [6, 7, 8, 9, 0]]
    assert encoder.alphabet_ == TUTORIAL_ALPHABET


def test_codes_are_int64_of_shape_n_samples_n_steps():
    codes = SequenceIntegerEncoder().fit_transform([" 1+2", "34+5", "  +6"])

    assert codes.dtype == np.int64
    assert codes.shape == (3, 4)


def test_an_alphabet_with_a_repeated_symbol_is_refused():
    with pytest.raises(ValueError, match=r"'alphabet'.*repeats '2'"):
        SequenceIntegerEncoder("0122 ").fit(["12"])


def test_an_empty_alphabet_is_refused():
    with pytest.raises(ValueError, match=r"'alphabet'.*non-empty"):
        SequenceIntegerEncoder("").fit(["12"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alphabet", None),
        ("alphabet", ["1", "2"]),
        ("alphabet", "\00012"),
        ("fill", ""),
        ("fill", "ab"),
        ("fill", "\0"),
        ("fill", 0),
        ("handle_unknown", "zero"),
    ],
)
def test_a_bad_parameter_of_the_integer_encoder_is_named(name, value):
    encoder = SequenceIntegerEncoder().set_params(**{name: value})

    with pytest.raises(ValueError, match=f"'{name}' parameter of SequenceInteger"):
        encoder.fit(["12"])


def test_fit_refuses_what_a_given_alphabet_lacks_and_names_sample_and_character():
    message = (
        r"3 characters .* '123 '; the first is '4' at position 1 of sample 1, '14'"
    )

    with pytest.raises(ValueError, match=message):
        SequenceIntegerEncoder("123 ").fit(["12", "14", "45"])


@pytest.mark.parametrize(
    ("params", "stand_in"),
    [
        ({}, 0),
        ({"fill": "_"}, 0),
        ({"alphabet": "321 "}, 3),
        ({"alphabet": "321_", "fill": "_"}, 3),
        ({"alphabet": "321"}, 0),
        ({"alphabet": "321 ", "fill": None}, 0),
    ],
)
@pytest.mark.parametrize("handle_unknown", ["warn", "ignore"])
@pytest.mark.filterwarnings("ignore:1 character is")
def test_an_unknown_character_is_encoded_as_the_fill(params, stand_in, handle_unknown):
    encoder = SequenceIntegerEncoder(**params, handle_unknown=handle_unknown)
    encoder.fit(["123"])
    codes = encoder.transform(["1x3", "111"])

    assert codes[0, 1] == stand_in
    assert encoder.transform(["123"])[0].tolist()[::2] == codes[0].tolist()[::2]


@pytest.mark.parametrize("alphabet", ["auto", "123 "])
def test_one_warning_says_how_many_are_unknown_and_which_is_the_first(alphabet):
    encoder = SequenceIntegerEncoder(alphabet).fit(["123"])
    _, messages = recorded_warnings(encoder.transform, ["111", "12😀", "xyz"])

    assert len(messages) == 1
    assert "4 characters are not in the alphabet" in messages[0]
    assert "'😀' at position 2 of sample 1, '12😀'" in messages[0]


def test_nothing_is_said_of_known_characters():
    encoder = SequenceIntegerEncoder().fit(["123"])

    assert recorded_warnings(encoder.transform, ["321", " 11"])[1] == []


def test_nothing_is_said_of_unknown_characters_if_they_are_to_be_ignored():
    encoder = SequenceIntegerEncoder(handle_unknown="ignore").fit(["123"])

    assert recorded_warnings(encoder.transform, ["xyz"])[1] == []


def test_unknown_characters_are_an_error_if_asked_for():
    encoder = SequenceIntegerEncoder(handle_unknown="error").fit(["123"])

    with pytest.raises(ValueError, match="'x' at position 1 of sample 1, '1x3'"):
        encoder.transform(["123", "1x3"])


def test_fit_refuses_strings_of_unequal_lengths_and_names_the_first():
    message = r"Sample 2, '12\+3', has 4 characters, but sample 0 has 3.*SequencePadder"

    with pytest.raises(ValueError, match=message):
        SequenceIntegerEncoder().fit(["1+2", "3+4", "12+3"])


def test_transform_refuses_strings_of_another_length_than_in_fit():
    encoder = SequenceIntegerEncoder().fit(["1+2"])

    with pytest.raises(ValueError, match=r"Sample 1, '1', has 1 .* in fit .* had 3"):
        encoder.transform(["1+1", "1"])


def test_empty_strings_cannot_be_encoded():
    with pytest.raises(ValueError, match="Sample 0 is the empty string"):
        SequenceIntegerEncoder().fit(["", ""])


def test_an_array_with_room_for_longer_strings_is_encoded_by_what_it_holds():
    roomy = np.array(["12+50", " 9+11"], dtype="<U9")
    tight = roomy.astype("<U5")
    encoder = SequenceIntegerEncoder().fit(roomy)

    assert encoder.n_steps_ == 5
    np.testing.assert_array_equal(
        encoder.transform(roomy), SequenceIntegerEncoder().fit_transform(tight)
    )


def test_codes_beyond_the_alphabet_cannot_be_decoded():
    encoder = SequenceIntegerEncoder().fit(["12"])

    with pytest.raises(ValueError, match=r"code 3 at step 1 of sample 0.* 3 symbols"):
        encoder.inverse_transform([[1, 3]])


def test_negative_codes_cannot_be_decoded():
    encoder = SequenceIntegerEncoder().fit(["12"])

    with pytest.raises(ValueError, match="-1 at step 0 of sample 1"):
        encoder.inverse_transform([[1, 2], [-1, 2]])


@pytest.mark.parametrize(
    ("codes", "message"), [([[0.5, 1.0]], "no integers"), ([["0", "1"]], "string")]
)
def test_only_whole_numbers_can_be_decoded(codes, message):
    encoder = SequenceIntegerEncoder().fit(["12"])

    with pytest.raises(ValueError, match=message):
        encoder.inverse_transform(np.array(codes))


# ---------------------------------------------------------------- one-hot encoding


def test_one_hot_vectors_are_ones_at_the_codes():
    vectors = SequenceOneHotEncoder().fit_transform([[0, 1], [2, 1]])

    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [0, 1, 0]]]


def test_the_number_of_symbols_is_known_from_fit():
    encoder = SequenceOneHotEncoder().fit([[0, 4], [1, 1]])

    assert encoder.n_symbols_ == 5
    assert encoder.transform([[0, 1]]).shape == (1, 2, 5)


def test_codes_that_fit_did_not_see_are_vectors_of_zeros():
    vectors = SequenceOneHotEncoder().fit([[0, 1]]).transform([[1, 2], [9, 0]])

    assert vectors.tolist() == [[[0, 1], [0, 0]], [[0, 0], [1, 0]]]


def test_the_largest_probability_is_the_symbol():
    encoder = SequenceOneHotEncoder().fit([[0, 1, 2]])
    codes = encoder.inverse_transform([[[0.2, 0.5, 0.3], [0.4, 0.1, 0.5]]])

    assert codes.tolist() == [[1, 2]]
    assert codes.dtype.kind == "i"


@pytest.mark.parametrize("shape", [(2, 3), (2, 2, 4), (2, 2, 2), (1, 2, 2, 3)])
def test_vectors_of_a_wrong_shape_are_refused_with_the_right_one(shape):
    encoder = SequenceOneHotEncoder().fit([[0, 1], [2, 1]])

    with pytest.raises(ValueError, match=r"\(n_samples, n_steps, 3\)"):
        encoder.inverse_transform(np.zeros(shape))


def test_another_number_of_steps_than_in_fit_is_refused():
    encoder = SequenceOneHotEncoder().fit([[0, 1]])

    with pytest.raises(ValueError, match=r"3 features.*expecting 2"):
        encoder.transform([[0, 1, 0]])


@pytest.mark.parametrize("method", ["fit", "transform"])
def test_negative_codes_are_refused_with_their_place(method):
    encoder = SequenceOneHotEncoder().fit([[0, 1]])

    with pytest.raises(ValueError, match="-1 at step 0 of sample 1"):
        getattr(encoder, method)([[0, 1], [-1, 0]])


@pytest.mark.parametrize("method", ["fit", "transform"])
@pytest.mark.parametrize(
    ("codes", "message"), [([[0.5, 1.0]], "no integers"), ([["0", "1"]], "string")]
)
def test_codes_that_are_no_whole_numbers_are_refused(method, codes, message):
    encoder = SequenceOneHotEncoder().fit([[0, 1]])

    with pytest.raises(ValueError, match=message):
        getattr(encoder, method)(np.array(codes))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.float32])
def test_codes_of_any_numeric_dtype_are_encoded_alike(dtype):
    codes = np.array([[0, 127], [3, 3]])
    expected = SequenceOneHotEncoder().fit_transform(codes)

    np.testing.assert_array_equal(
        SequenceOneHotEncoder().fit_transform(codes.astype(dtype)), expected
    )


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_narrow_codes_are_encoded_in_an_alphabet_wider_than_their_dtype(dtype):
    encoder = SequenceOneHotEncoder().fit([[0, 299]])
    vectors = encoder.transform(np.array([[1, 100]], dtype=dtype))

    assert encoder.inverse_transform(vectors).tolist() == [[1, 100]]


# ------------------------------------------------------------------------- imports


def modules_after(statement):
    script = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_transformers_generators_and_scores_import_no_tensorflow():
    modules = modules_after(
        "import sklearn_seqadd.datasets, sklearn_seqadd.metrics\n"
        "import sklearn_seqadd.preprocessing"
    )

    assert "sklearn_seqadd.preprocessing" in modules
    assert not {"tensorflow", "keras", "scikeras"} & modules


def test_generators_and_scores_import_no_scikit_learn():
    modules = modules_after("import sklearn_seqadd.datasets, sklearn_seqadd.metrics")

    assert "sklearn_seqadd.metrics" in modules
    assert not {"sklearn", "scipy", "tensorflow", "keras"} & modules


# --------------------------------------------------------------------------- terms


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


@pytest.mark.parametrize("handle_overlong", ["warn", "ignore"])
def test_the_last_of_too_many_terms_are_cut(handle_overlong):
    extractor = TermExtractor(handle_overlong=handle_overlong).fit(["1+2"])
    terms, messages = recorded_warnings(extractor.transform, ["3+4+5+6", "7", "8+9"])

    assert terms.tolist() == [[3, 4], [7, 0], [8, 9]]
    assert len(messages) == (handle_overlong == "warn")


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


def test_terms_of_fifty_digits_are_the_nearest_floats():
    X, _, drawn = make_addition(
        20, largest=10**50 - 1, return_terms=True, random_state=0
    )

    np.testing.assert_array_equal(
        TermExtractor().fit_transform(X), drawn.astype(np.float64)
    )


@pytest.mark.parametrize("method", ["fit", "transform"])
@pytest.mark.parametrize(
    "string",
    [
        "",
        "+",
        "1+",
        "+1",
        "1++2",
        "1 + 2",
        " 1+2",
        "1+2\n",
        "1.5+2",
        "3*4",
        "1+٣",
        "a+b",
    ],
)
def test_what_is_no_addition_is_refused_by_sample(method, string):
    extractor = TermExtractor().fit(["1+2"])

    with pytest.raises(ValueError, match=f"Sample 1, {re.escape(repr(string))}, is no"):
        getattr(extractor, method)(["1+2", string, "x"])
    assert extractor.n_terms_ == 2


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


def test_a_term_extractor_obeys_scikit_learn_s_conventions():
    extractor = TermExtractor(n_terms=3, handle_overlong="ignore")
    with pytest.raises(NotFittedError):
        extractor.transform(["1+2"])
    with pytest.raises(NotFittedError):
        extractor.get_feature_names_out()
    assert extractor.fit(["1+2"]) is extractor
    restored = pickle.loads(pickle.dumps(extractor))
    assert restored.transform(["1+2+3+4"]).tolist() == [[1, 2, 3]]
    cloned = clone(extractor)
    assert cloned.get_params() == extractor.get_params()
    with pytest.raises(NotFittedError):
        cloned.transform(["1+2"])
    assert extractor.set_params(n_terms=None).fit(["1"]).n_terms_ == 1
