"""What the transformers on strings take for strings, and what they refuse."""

import enum
import re

import numpy as np
import pytest
from string_kinds import STRING_KINDS, pandas_series, polars_series

from sklearn_seqadd import (
    SequenceIntegerEncoder,
    SequencePadder,
    SequenceTokenizer,
    TermExtractor,
)

STRINGS = ["12+50", "123+4", " 9+99"]

KINDS = {**STRING_KINDS, "generator": lambda strings: (string for string in strings)}

every_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
every_transformer = pytest.mark.parametrize(
    "transformer", [SequenceIntegerEncoder, SequencePadder, TermExtractor]
)


@every_kind
@every_transformer
def test_every_kind_of_strings_is_transformed_alike(transformer, make):
    strings = [string.strip() + "+7" for string in STRINGS]
    if transformer is SequenceIntegerEncoder:
        strings = STRINGS
    fitted = transformer().fit(make(strings))
    expected = transformer().fit(strings).transform(strings)
    transformed = fitted.transform(make(strings))

    assert transformed.dtype == expected.dtype
    np.testing.assert_array_equal(transformed, expected)


@every_kind
def test_padded_strings_of_every_kind_come_back_alike(make):
    padder = SequencePadder(length=9).fit(["1+2", "12+50"])

    assert padder.inverse_transform(make(["      1+2", "    12+50"])).tolist() == [
        "1+2",
        "12+50",
    ]


def pandas_missing():
    pandas = pytest.importorskip("pandas")
    return pandas.Series(["1+2", pandas.NA], dtype="string")


def string_dtype_missing():
    if not hasattr(np.dtypes, "StringDType"):
        pytest.skip("this NumPy has no StringDType")
    return np.array(["1+2", None], dtype=np.dtypes.StringDType(na_object=None))


BAD_INPUTS = {
    "None among them": (lambda: ["1+2", None], "sample 1 is None of type NoneType"),
    "NaN among them": (lambda: ["1+2", np.nan], "sample 1 is nan of type float"),
    "NaN in an object array": (
        lambda: np.array(["1+2", np.nan], dtype=object),
        "sample 1 is nan",
    ),
    "pandas.NA": (pandas_missing, "sample 1 is <NA>"),
    "None in pandas": (lambda: pandas_series(["1+2", None]), "sample 1 is "),
    "None in polars": (lambda: polars_series(["1+2", None]), "sample 1 is None"),
    "None in StringDType": (string_dtype_missing, "sample 1 is None"),
    "a number among them": (lambda: ["1+2", 3], "sample 1 is 3 of type int"),
    "numbers": (lambda: [1, 2], "sample 0 is 1 of type int"),
    "an array of numbers": (lambda: np.arange(3), "sample 0 is 0"),
    "numbers in pandas": (lambda: pandas_series([1, 2]), "sample 0 is 1"),
    "numbers in polars": (lambda: polars_series([1, 2]), "sample 0 is 1"),
    "bytes among them": (lambda: ["1+2", b"1+2"], r"sample 1 is b'1\+2' of type bytes"),
    "an array of bytes": (lambda: np.array([b"1+2"]), r"sample 0 is b'1\+2'"),
    "a list among them": (lambda: ["1+2", ["3"]], r"sample 1 is \['3'\]"),
    "a single string": (lambda: "1+2", r"single str '1\+2'"),
    "single bytes": (lambda: b"1+2", r"single bytes b'1\+2'"),
    "a single number": (lambda: 12, "got 12 of type int"),
    "None": (lambda: None, "got None of type NoneType"),
    "a data frame": (
        lambda: pytest.importorskip("pandas").DataFrame({"q": ["1"], "a": ["2"]}),
        r"1D array of strings, .* shape \(1, 2\) .*frame\[\"q\"\]",
    ),
    "a column with a number": (
        lambda: np.array([["1"], [2]], dtype=object),
        "sample 1 is 2 of type int",
    ),
    "a mapping": (lambda: {"q": "2+3"}, "X is a dict"),
    "a set": (lambda: {"1+2", "2+3"}, "X is a set, which has no order"),
    "a frozenset": (lambda: frozenset(["1+2"]), "X is a frozenset"),
    "a masked array": (
        lambda: np.ma.array(["1+2", "2+3"], mask=[0, 1]),
        "sample 1 is masked",
    ),
    "a missing value in Arrow": (
        lambda: pytest.importorskip("pyarrow").array(["1+2", None]),
        "sample 1 is None",
    ),
    "a missing value in an Index": (
        lambda: pytest.importorskip("pandas").Index(["1+2", None]),
        "sample 1 is (None|nan)",
    ),
    "two dimensions": (lambda: np.array([["1", "2"]]), r"1D.*shape \(1, 2\)"),
    "no dimension": (lambda: np.array("1"), r"1D.*shape \(\)"),
    "an empty list": (list, "0 sample"),
    "an empty array": (lambda: np.array([], dtype="<U3"), "0 sample"),
    "NUL inside": (lambda: ["1+2", "1\0002"], "Sample 1, .*NUL"),
    "NUL at the end": (lambda: ["1+2", "1+2\0"], "Sample 1, .*NUL"),
    "NUL inside a U array": (lambda: np.array(["1+2", "1\0002"]), "Sample 1, .*NUL"),
    "NUL first in a U array": (lambda: np.array(["1+2", "\00012"]), "Sample 1, .*NUL"),
}


@every_transformer
@pytest.mark.parametrize("method", ["fit", "transform"])
@pytest.mark.parametrize(("make_bad", "message"), BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_what_are_no_strings_is_refused_by_sample(
    transformer, method, make_bad, message
):
    fitted = transformer().fit(["1+2"])

    with pytest.raises(ValueError, match=message):
        getattr(fitted, method)(make_bad())


@every_transformer
def test_an_error_says_which_transformer_expects_strings(transformer):
    with pytest.raises(ValueError, match=f"{transformer.__name__} expects strings"):
        transformer().fit([12])


@every_transformer
def test_no_samples_are_refused_in_the_words_of_scikit_learn(transformer):
    message = (
        "Found array with 0 sample(s) (shape=(0,)) while a minimum of 1 is required "
        f"by {transformer.__name__}."
    )

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        transformer().fit([])


def test_a_number_of_more_digits_than_python_writes_out_is_refused_by_sample():
    with pytest.raises(ValueError, match=r"sample 1 is 10*\.\.\.0*7 of type int"):
        SequencePadder().fit(["1+2", 10**5000 + 7])


@every_kind
@pytest.mark.parametrize(
    "transformer", [SequencePadder, SequenceTokenizer, TermExtractor]
)
def test_fit_transform_takes_what_fit_takes(transformer, make):
    strings = ["12+50", "3+4"]

    transformed = transformer().fit_transform(make(strings))

    expected = transformer().fit(strings).transform(strings)
    np.testing.assert_array_equal(transformed, expected)


@pytest.mark.parametrize(
    "transformer", [SequencePadder, SequenceTokenizer, TermExtractor]
)
def test_an_error_quotes_a_long_string_in_part(transformer):
    long = "1+b" * 10_000
    fitted = transformer().fit(["1+2"])

    for bad in (long, long.encode(), [long.encode()]):
        with pytest.raises(ValueError, match=r"'1\+b.*\.\.\..*1\+b'") as caught:
            fitted.transform(bad)
        assert len(str(caught.value)) < 300


def test_a_warning_quotes_a_long_string_in_part():
    long = "1+2" + "+3" * 10_000

    with pytest.warns(UserWarning, match=r"'1\+2.*\.\.\..*\+3'") as caught:
        TermExtractor().fit(["1+2"]).transform([long])
    assert len(str(caught[0].message)) < 300


class Sum(str, enum.Enum):  # noqa: UP042  (what `str` makes of it differs)
    SHORT = "1+2"
    LONG = "12+50"


class Note(str):
    def __str__(self):
        return "a long note instead"


@pytest.mark.parametrize("make", [list, tuple, pandas_series])
@every_transformer
def test_members_of_an_enum_are_the_strings_that_they_are(transformer, make):
    strings = ["12+50", "12+50", "98+76"]
    held = make([Sum.LONG, Note("12+50"), Note("98+76")])
    expected = transformer().fit(strings).transform(strings)
    np.testing.assert_array_equal(transformer().fit(held).transform(held), expected)


class Fill(str, enum.Enum):  # noqa: UP042
    HASH = "#"


def test_a_fill_and_an_alphabet_are_the_strings_that_they_are():
    padder = SequencePadder(fill=Fill.HASH).fit([Sum.SHORT, Sum.LONG])
    assert padder.transform(["1+2"]).tolist() == ["##1+2"]
    assert type(padder.fill_) is str
    encoder = SequenceIntegerEncoder(Note("#0125+"), fill=Fill.HASH)
    encoder.fit(["##1+2"])
    assert type(encoder.alphabet_) is type(encoder.fill_) is str
    assert encoder.transform(["##1+2"]).tolist() == [[0, 0, 2, 5, 3]]


def string_objects(strings):
    return np.array(strings, dtype=object)


@pytest.mark.parametrize("make", [list, np.array, string_objects])
@pytest.mark.parametrize("half", list(map(chr, (0xD800, 0xDBFF, 0xDC00, 0xDFFF))))
@pytest.mark.parametrize("transformer", [SequenceIntegerEncoder, SequencePadder])
def test_half_of_a_surrogate_pair_is_refused(transformer, half, make):
    strings = ["ab", "\ud7ff\ue000", "\U0001f400b"]
    bad = [*strings, half + "b"]
    message = re.escape(f"Sample 3, {bad[3]!r}, contains {half!r}, half of a surrogate")
    fitted = transformer().fit(make(strings))
    for call in (transformer().fit, fitted.transform):
        with pytest.raises(ValueError, match=message):
            call(make(bad))


@pytest.mark.parametrize(
    "transformer",
    [
        SequencePadder(fill="\ud800"),
        SequenceIntegerEncoder(fill="\ud800"),
        SequenceIntegerEncoder(alphabet="ab\ud800"),
        SequenceIntegerEncoder(alphabet="ab\ud800\udc00"),
    ],
)
def test_half_of_a_surrogate_pair_is_refused_as_a_parameter(transformer):
    with pytest.raises(ValueError, match="The '(fill|alphabet)' .* surrogate pair"):
        transformer.fit(["ab"])
