"""What the encoders promise: characters to integers to one-hot vectors, and back."""

import pickle
import re

import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_seqadd import (
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    SequenceTokenizer,
    make_addition,
)
from sklearn_seqadd.preprocessing import input_symbols

TUTORIAL_ALPHABET = "0123456789+ "


RAW = ["1+2", "12+50", "7+8", "123+4", "9+99", "1+2"]
PADDED = ["  1+2", "12+50", "  7+8", "123+4", " 9+99", "  1+2"]


# -------------------------------------------------------------------- there and back


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    strings=st.lists(st.text("01+ é😀", min_size=4, max_size=4), min_size=1),
    alphabet=st.sampled_from(["auto", "é+01😀 "]),
    fill=st.sampled_from([" ", "0", "😀", None]),
)
def test_any_text_comes_back(strings, alphabet, fill):
    encoder = SequenceIntegerEncoder(alphabet, fill=fill)
    one_hot = SequenceOneHotEncoder()
    vectors = one_hot.fit_transform(encoder.fit_transform(strings))
    codes = one_hot.inverse_transform(vectors)

    assert encoder.inverse_transform(codes).tolist() == strings


def test_a_pipeline_of_the_three_inverts_probabilities():
    X, _ = make_addition(50, random_state=0)
    transform = make_pipeline(
        SequencePadder("term", reverse=True),
        SequenceIntegerEncoder(),
        SequenceOneHotEncoder(),
    )
    vectors = transform.fit_transform(X)
    noise = np.random.RandomState(0).uniform(0, 0.4, size=vectors.shape)
    probabilities = vectors + noise
    probabilities /= probabilities.sum(axis=2, keepdims=True)

    np.testing.assert_array_equal(transform.inverse_transform(probabilities), X)


# -------------------------------------------------------------------------- integers


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


@pytest.mark.parametrize(
    ("n_symbols", "dtype"), [(9, np.int8), (127, np.int8), (128, np.int16)]
)
def test_codes_are_of_the_smallest_signed_dtype(n_symbols, dtype):
    symbols = "".join(map(chr, range(1000, 1000 + n_symbols)))
    encoder = SequenceIntegerEncoder(fill=None, handle_unknown="ignore")
    codes = encoder.fit([symbols]).transform([symbols, "?" * n_symbols])

    assert codes.dtype == dtype
    assert codes.tolist() == [list(range(n_symbols)), [n_symbols] * n_symbols]


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
    "params",
    [
        {},
        {"fill": "_"},
        {"fill": None},
        {"alphabet": "321 "},
        {"alphabet": "321_", "fill": "_"},
        {"alphabet": "321"},
        {"alphabet": "321 ", "fill": None},
    ],
)
@pytest.mark.parametrize("handle_unknown", ["warn", "ignore"])
@pytest.mark.filterwarnings("ignore:1 character is")
def test_an_unknown_character_has_a_code_that_no_other_has(params, handle_unknown):
    encoder = SequenceIntegerEncoder(**params, handle_unknown=handle_unknown)
    encoder.fit(["123"])
    codes = encoder.transform(["1x3", "111"])

    assert codes[0, 1] == len(encoder.alphabet_)
    assert encoder.transform(["123"])[0].tolist()[::2] == codes[0].tolist()[::2]
    assert encoder.inverse_transform(codes).tolist() == ["1\ufffd3", "111"]


@pytest.mark.parametrize("alphabet", ["auto", "123 "])
def test_one_warning_says_how_many_are_unknown_and_which_is_the_first(alphabet):
    encoder = SequenceIntegerEncoder(alphabet).fit(["123"])
    message = "4 characters .* alphabet .* '😀' at position 2 of sample 1, '12😀'"
    with pytest.warns(UserWarning, match=message) as caught:
        encoder.transform(["111", "12😀", "xyz"])

    assert len(caught) == 1


def test_nothing_is_said_of_known_characters():
    encoder = SequenceIntegerEncoder().fit(["123"])

    # Warnings are errors in these tests.
    assert encoder.transform(["321", " 11"]).tolist() == [[3, 2, 1], [0, 1, 1]]


def test_nothing_is_said_of_unknown_characters_if_they_are_to_be_ignored():
    encoder = SequenceIntegerEncoder(handle_unknown="ignore").fit(["123"])

    assert encoder.transform(["xyz"]).tolist() == [[4, 4, 4]]


def test_unknown_characters_are_an_error_if_asked_for():
    encoder = SequenceIntegerEncoder(handle_unknown="error").fit(["123"])

    with pytest.raises(ValueError, match="'x' at position 1 of sample 1, '1x3'"):
        encoder.transform(["123", "1x3"])


@pytest.mark.parametrize("side", ["left", "right", "term"])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("strings", "fill"),
    [
        (["12", "3"], " "),
        (["1 2", "3"], "\ufdd0"),
        (["1 2", "3 4"], "\ufdd0"),  # equally long: none is padded
        ([" 12", "  3"], "\ufdd0"),
        (["1 \ufdd0", "3"], "\ufdd1"),
        (["1\ufdd0", "3"], " "),
        ([" ", ""], "\ufdd0"),
    ],
)
def test_the_encoder_knows_the_fill_that_the_padder_has_chosen(
    strings, fill, side, reverse
):
    padder = SequencePadder(side, reverse=reverse)
    padded = padder.fit_transform(strings)
    symbols = {symbol for string in strings for symbol in string}
    for kept in (padded, padded[::-1], pickle.loads(pickle.dumps(padded))):
        encoder = SequenceIntegerEncoder().fit(kept)

        assert encoder.fill_ == padder.fill_ == fill
        assert encoder.alphabet_[0] == fill
        assert set(encoder.alphabet_[1:]) == symbols


def test_the_encoder_knows_a_fill_that_the_padder_was_given():
    padded = SequencePadder(fill="_").fit_transform(["a b", "abc"])

    assert SequenceIntegerEncoder().fit(padded).alphabet_ == "_ abc"


def test_a_list_of_padded_strings_shows_its_fill():
    padded = SequencePadder().fit_transform(["a b", "a"]).tolist()

    assert SequenceIntegerEncoder().fit(padded).alphabet_ == "\ufdd0 ab"


def test_a_list_of_strings_is_padded_with_blanks():
    assert SequenceIntegerEncoder().fit(["a b", "  b"]).fill_ == " "


def test_a_fill_within_a_later_string_is_an_unknown_character():
    padder = SequencePadder().fit(["ab", "abc"])
    encoder = SequenceIntegerEncoder().fit(padder.transform(["ab", "abc"]))
    with pytest.warns(UserWarning, match="first is ' ' at position 1 .* 'a b'"):
        codes = encoder.transform(padder.transform(["a b"]))

    assert codes.tolist() == [[1, 4, 2]]


def test_an_alphabet_without_the_fill_says_what_to_do():
    padded = SequencePadder().fit_transform(["a b", "a"])

    with pytest.raises(ValueError, match="padded with. Add it to the alphabet"):
        SequenceIntegerEncoder("ab ").fit(padded)


def test_a_long_string_is_not_quoted_whole():
    encoder = SequenceIntegerEncoder().fit(["a" * 5000])

    with pytest.warns(UserWarning, match=r"of sample 0, '[a]{44}\.\.\.[a]{10}b'"):
        encoder.transform(["a" * 4999 + "b"])


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


def test_an_array_wider_than_its_strings_is_encoded_by_what_it_holds():
    wide = np.array(["12+50", " 9+11"], dtype="<U9")
    tight = wide.astype("<U5")
    encoder = SequenceIntegerEncoder().fit(wide)

    assert encoder.n_steps_ == 5
    np.testing.assert_array_equal(
        encoder.transform(wide), SequenceIntegerEncoder().fit_transform(tight)
    )


def test_codes_beyond_the_alphabet_cannot_be_decoded():
    encoder = SequenceIntegerEncoder().fit(["12"])

    with pytest.raises(
        ValueError, match=r"alphabet of 3 symbols.* 4 at step 1 of sample 0"
    ):
        encoder.inverse_transform([[1, 4]])


def test_negative_codes_cannot_be_decoded():
    encoder = SequenceIntegerEncoder().fit(["12"])

    with pytest.raises(ValueError, match="-1 at step 0 of sample 1"):
        encoder.inverse_transform([[1, 2], [-1, 2]])


@pytest.mark.parametrize(
    ("codes", "message"), [([[0.5, 1.0]], "not integers"), ([["0", "1"]], "string")]
)
def test_only_whole_numbers_can_be_decoded(codes, message):
    encoder = SequenceIntegerEncoder().fit(["12"])

    with pytest.raises(ValueError, match=message):
        encoder.inverse_transform(np.array(codes))


# ------------------------------------------------------------------- one-hot vectors


def test_codes_and_vectors_tell_what_they_stand_for():
    words = [["b", "aa"], ["aa", "c", "b"]]
    tokens = make_pipeline(
        SequenceTokenizer(), SequencePadder(), SequenceIntegerEncoder()
    )
    codes = tokens.fit_transform(words)
    expected = tokens[-1].alphabet_[0], *tokens[0].vocabulary_
    for array in (codes, codes[:1], SequenceOneHotEncoder().fit_transform(codes)):
        assert sorted(input_symbols(array)) == sorted(expected)
    letters = SequenceIntegerEncoder().fit_transform(["ab", "c "])
    assert input_symbols(letters) == [" ", "a", "b", "c"]
    assert input_symbols(letters.tolist()) is None


def test_one_hot_vectors_are_ones_at_the_codes():
    vectors = SequenceOneHotEncoder().fit_transform([[0, 1], [2, 1]])

    assert vectors.dtype == np.uint8
    assert vectors.tolist() == [[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [0, 1, 0]]]


def test_the_number_of_symbols_is_known_from_fit():
    encoder = SequenceOneHotEncoder().fit([[0, 4], [1, 1]])

    assert encoder.n_symbols_ == 5
    assert encoder.transform([[0, 1]]).shape == (1, 2, 5)


def test_vectors_need_memory_for_the_samples_only():
    # A table with a row for each symbol would take 1 TB.
    vectors = SequenceOneHotEncoder().fit_transform([[10**6, 3]])
    assert vectors.shape == (1, 2, 10**6 + 1)
    assert np.argwhere(vectors).tolist() == [[0, 0, 10**6], [0, 1, 3]]


def test_a_code_that_single_precision_does_not_hold_is_an_error():
    with pytest.raises(ValueError, match="code 16777217 at step 1 of sample 0"):
        SequenceOneHotEncoder().fit([[0, 2**24 + 1]])


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


def test_fewer_steps_than_in_fit_are_refused_and_more_are_not():
    encoder = SequenceOneHotEncoder().fit([[0, 1]])

    with pytest.raises(ValueError, match=r"1 features.*expecting 2"):
        encoder.transform([[0]])
    assert encoder.transform([[0, 1, 0]]).shape == (1, 3, 2)


@pytest.mark.parametrize("method", ["fit", "transform"])
def test_negative_codes_are_refused_with_their_place(method):
    encoder = SequenceOneHotEncoder().fit([[0, 1]])

    with pytest.raises(ValueError, match="-1 at step 0 of sample 1"):
        getattr(encoder, method)([[0, 1], [-1, 0]])


@pytest.mark.parametrize("method", ["fit", "transform"])
@pytest.mark.parametrize(
    ("codes", "message"), [([[0.5, 1.0]], "not integers"), ([["0", "1"]], "string")]
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


# ------------------------------------------------------------- names and data frames


@pytest.fixture(params=["pandas", "polars"])
def frames(request):
    """A library of data frames."""
    return pytest.importorskip(request.param)


def test_codes_are_named_by_their_step():
    encoder = SequenceIntegerEncoder().fit(PADDED)
    names = encoder.get_feature_names_out()

    assert names.tolist() == ["step0", "step1", "step2", "step3", "step4"]
    assert names.dtype == object
    np.testing.assert_array_equal(encoder.get_feature_names_out(["question"]), names)


def test_strings_are_one_column_and_have_one_name():
    encoder = SequenceIntegerEncoder().fit(PADDED)
    message = "input_features should have length equal to number of features (1), got 2"

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        encoder.get_feature_names_out(["question", "answer"])


def test_codes_come_as_a_data_frame_if_asked_for(frames):
    library = frames.__name__
    expected = SequenceIntegerEncoder().fit_transform(PADDED).tolist()
    local = SequenceIntegerEncoder().set_output(transform=library)
    for codes in (local.fit_transform(PADDED), local.transform(PADDED)):
        assert isinstance(codes, frames.DataFrame)
        assert list(codes.columns) == ["step0", "step1", "step2", "step3", "step4"]
        assert codes.to_numpy().tolist() == expected
    with sklearn.config_context(transform_output=library):
        codes = SequenceIntegerEncoder().fit_transform(PADDED)
        assert isinstance(codes, frames.DataFrame)
    assert isinstance(SequenceIntegerEncoder().fit_transform(PADDED), np.ndarray)


def test_a_data_frame_of_codes_flows_on_and_back(frames):
    encoder = SequenceIntegerEncoder().set_output(transform=frames.__name__)
    codes = encoder.fit_transform(PADDED)
    one_hot = SequenceOneHotEncoder().fit(codes)

    # Not every scikit-learn knows the names of every version of polars.
    if hasattr(StandardScaler().fit(codes), "feature_names_in_"):
        assert one_hot.feature_names_in_.tolist() == list(codes.columns)
        with pytest.raises(ValueError, match="feature names should match"):
            one_hot.transform(codes[list(codes.columns)[::-1]])
    np.testing.assert_array_equal(
        one_hot.transform(codes),
        SequenceOneHotEncoder().fit_transform(
            SequenceIntegerEncoder().fit_transform(PADDED)
        ),
    )
    assert encoder.inverse_transform(codes).tolist() == PADDED


def test_data_frames_everywhere_leave_the_chain_as_it_is(frames):
    chain = make_pipeline(
        SequencePadder(), SequenceIntegerEncoder(), SequenceOneHotEncoder()
    )
    expected = clone(chain).fit_transform(RAW)
    with sklearn.config_context(transform_output=frames.__name__):
        vectors = chain.fit_transform(RAW)
        assert isinstance(chain[:2].transform(RAW), frames.DataFrame)
        # Strings and vectors are no tables, and stay what they are.
        assert isinstance(chain[0].transform(RAW), np.ndarray)
        assert isinstance(vectors, np.ndarray)
        np.testing.assert_array_equal(vectors, expected)
        assert chain.inverse_transform(vectors).tolist() == RAW


def test_a_column_of_strings_is_encoded_among_other_columns():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"question": PADDED, "weight": np.arange(6.0)})
    columns = ColumnTransformer(
        [("codes", SequenceIntegerEncoder(), "question")], remainder="passthrough"
    ).set_output(transform="pandas")
    done = columns.fit_transform(table)

    names = [f"codes__step{i}" for i in range(5)]
    assert list(done.columns) == [*names, "remainder__weight"]
    assert columns.get_feature_names_out().tolist() == list(done.columns)
    np.testing.assert_array_equal(
        done[names], SequenceIntegerEncoder().fit_transform(PADDED)
    )
