"""What scikit-learn promises of any transformer, asked of those on strings.

Its common checks feed two-dimensional numbers, so that they say next to nothing of
transformers on strings. These are checks in their style, one promise a function.
"""

import copy
import io
import pickle
import re

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils._testing import create_memmap_backed_data
from sklearn.utils.estimator_checks import _NotAnArray
from sklearn.utils.fixes import parse_version
from sklearn.utils.validation import check_is_fitted

from sklearn_seqadd import (
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    TermExtractor,
)

RAW = ["1+2", "12+50", "7+8", "123+4", "9+99", "1+2"]
PADDED = ["  1+2", "12+50", "  7+8", "123+4", " 9+99", "  1+2"]
BEYOND_ASCII = ["  é+😀", "𝟘1+→_", "    é"]
CODES = [[0, 0, 2], [2, 3, 1], [0, 1, 1], [3, 4, 2], [1, 4, 4], [0, 0, 2]]

# A transformer, what it is to be fitted on, and something else to fit it on.
CASES = {
    "pad on the left": (SequencePadder(), RAW, ["1234+56", "7"]),
    "pad on the right": (SequencePadder("right"), RAW, ["1234+56", "7"]),
    "pad by term": (SequencePadder("term"), RAW, ["1234+56+7", "1"]),
    "pad by term with zeros": (SequencePadder("term", fill="0"), RAW, ["12+3456"]),
    "pad and reverse": (
        SequencePadder(
            "term", fill="_", length=9, reverse=True, handle_overlong="ignore"
        ),
        RAW,
        ["12+3456"],
    ),
    "pad beyond ASCII": (SequencePadder("right", fill="😀"), ["é", "𝟘1+→"], ["1"]),
    "encode": (SequenceIntegerEncoder(), PADDED, [" 12-3", "45*67"]),
    "encode without fill": (SequenceIntegerEncoder(fill=None), PADDED, ["12", "34"]),
    "encode in an alphabet": (
        SequenceIntegerEncoder("987654321+ 0", fill="0", handle_unknown="error"),
        PADDED,
        ["12", "34"],
    ),
    "encode beyond ASCII": (SequenceIntegerEncoder(), BEYOND_ASCII, ["12", "34"]),
    "extract terms": (TermExtractor(), RAW, ["1+2+3", "4"]),
    "one-hot": (SequenceOneHotEncoder(), CODES, [[7, 0], [1, 2]]),
}
ON_STRINGS = {name: case for name, case in CASES.items() if case[1] is not CODES}
INVERTIBLE = {
    name: case for name, case in CASES.items() if hasattr(case[0], "inverse_transform")
}

every_transformer = pytest.mark.parametrize(
    ("transformer", "X"), [case[:2] for case in CASES.values()], ids=CASES
)
every_transformer_on_strings = pytest.mark.parametrize(
    ("transformer", "X"), [case[:2] for case in ON_STRINGS.values()], ids=ON_STRINGS
)
every_transformer_and_back = pytest.mark.parametrize(
    ("transformer", "X"), [case[:2] for case in INVERTIBLE.values()], ids=INVERTIBLE
)


@pytest.fixture(autouse=True)
def _cases_are_not_fitted():
    """What is in CASES is shared by all tests, and is cloned before it is fitted."""
    yield
    for transformer, _, _ in CASES.values():
        with pytest.raises(NotFittedError):
            check_is_fitted(transformer)


def assert_same_state(one, other):
    assert vars(one).keys() == vars(other).keys()
    np.testing.assert_equal(vars(one), vars(other))


# ------------------------------------------------------------------------ parameters


@every_transformer
def test_init_stores_its_parameters_and_nothing_else(transformer, X):
    assert vars(transformer) == transformer.get_params(deep=False)


@every_transformer
def test_a_clone_has_the_parameters_and_nothing_learned(transformer, X):
    cloned = clone(clone(transformer).fit(X))

    assert vars(cloned) == vars(transformer)


@every_transformer
def test_parameters_can_be_taken_and_set(transformer, X):
    params = transformer.get_params()
    other = type(transformer)()

    assert other.set_params(**params) is other
    assert other.get_params() == params


@every_transformer
def test_a_misspelt_parameter_is_refused_with_those_that_there_are(transformer, X):
    message = (
        f"Invalid parameter 'fil' for estimator {transformer!r}. "
        f"Valid parameters are: {list(transformer.get_params())}."
    )

    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        clone(transformer).set_params(fil=" ")


@every_transformer
def test_the_representation_is_the_call_that_makes_it(transformer, X):
    assert eval(repr(transformer)).get_params() == transformer.get_params()


@pytest.mark.parametrize(
    ("transformer", "expected"),
    [
        (SequencePadder(), "SequencePadder()"),
        (SequencePadder("left", fill=" "), "SequencePadder()"),
        (SequencePadder("term", length=9), "SequencePadder(length=9, side='term')"),
        (SequenceIntegerEncoder(fill="_"), "SequenceIntegerEncoder(fill='_')"),
    ],
)
def test_the_representation_names_what_is_not_the_default(transformer, expected):
    assert repr(transformer) == expected


@pytest.mark.parametrize("method", ["fit", "fit_transform"])
@pytest.mark.parametrize(
    ("transformer", "message"),
    [
        (
            SequencePadder(length=0),
            "The 'length' parameter of SequencePadder must be an int in the range "
            "[1, inf) or None. Got 0 instead.",
        ),
        (
            SequencePadder(fill=0),
            "The 'fill' parameter of SequencePadder must be an instance of 'str'. "
            "Got 0 instead.",
        ),
        (
            SequenceIntegerEncoder(None),
            "The 'alphabet' parameter of SequenceIntegerEncoder must be an instance "
            "of 'str'. Got None instead.",
        ),
        (
            SequenceIntegerEncoder(fill=0),
            "The 'fill' parameter of SequenceIntegerEncoder must be an instance of "
            "'str' or None. Got 0 instead.",
        ),
    ],
)
def test_a_parameter_out_of_range_is_refused_in_the_usual_words(
    transformer, message, method
):
    with pytest.raises(InvalidParameterError, match=f"^{re.escape(message)}$"):
        getattr(transformer, method)(PADDED)


def test_all_but_the_first_parameter_are_by_keyword_only():
    with pytest.raises(TypeError, match="positional argument"):
        SequencePadder("left", " ")
    with pytest.raises(TypeError, match="positional argument"):
        SequenceIntegerEncoder("auto", " ")


# ------------------------------------------------------------------------------- fit


@every_transformer
def test_fit_returns_the_transformer(transformer, X):
    instance = clone(transformer)

    assert instance.fit(X) is instance


@every_transformer
def test_fit_leaves_the_parameters_as_they_were(transformer, X):
    instance = clone(transformer)
    before = instance.get_params()
    instance.fit(X)

    assert all(instance.get_params()[name] is before[name] for name in before)


@every_transformer
def test_fit_adds_only_what_ends_in_an_underscore(transformer, X):
    instance = clone(transformer).fit(X)
    learned = vars(instance).keys() - vars(transformer).keys()

    assert learned
    assert all(name.endswith("_") and name[0] != "_" for name in learned)


@every_transformer
def test_fit_needs_no_target_and_ignores_one(transformer, X):
    assert_same_state(
        clone(transformer).fit(X), clone(transformer).fit(X, np.arange(len(X)))
    )
    tags = get_tags(transformer)
    assert tags.requires_fit
    assert not tags.target_tags.required


@every_transformer
def test_fitted_twice_is_fitted_once(transformer, X):
    assert_same_state(clone(transformer).fit(X).fit(X), clone(transformer).fit(X))


@pytest.mark.parametrize(("transformer", "X", "other"), CASES.values(), ids=CASES)
def test_fitted_again_it_forgets_what_it_had_learned(transformer, X, other):
    elsewhere = clone(transformer).fit(other)
    afresh = clone(transformer).fit(X)
    with pytest.raises(AssertionError):
        assert_same_state(elsewhere, afresh)

    assert_same_state(elsewhere.fit(X), afresh)


@every_transformer
def test_the_order_of_samples_does_not_matter_to_fit(transformer, X):
    order = np.random.RandomState(0).permutation(len(X))

    assert_same_state(
        clone(transformer).fit(np.array(X)[order]), clone(transformer).fit(X)
    )


BAD_FOR_FIT = [
    (SequencePadder(), RAW, ["123456+1", " 5"]),
    (SequencePadder("term", length=9), RAW, ["12", "123456+123456"]),
    (SequenceIntegerEncoder(), PADDED, ["xyz", "xy"]),
    (SequenceIntegerEncoder("0123456789+ "), PADDED, ["12", "1*"]),
    (SequenceOneHotEncoder(), CODES, [[7, 8, 9], [-1, 0, 0]]),
]


@pytest.mark.parametrize(("transformer", "X", "bad"), BAD_FOR_FIT)
def test_a_failed_fit_leaves_the_transformer_as_it_was(transformer, X, bad):
    fitted = clone(transformer).fit(X)
    with pytest.raises(ValueError, match=r"ample 1"):
        fitted.fit(bad)

    assert_same_state(fitted, clone(transformer).fit(X))


# ------------------------------------------------------------------------- transform


@every_transformer
def test_nothing_is_transformed_before_fit(transformer, X):
    message = (
        f"This {type(transformer).__name__} instance is not fitted yet. Call 'fit' "
        "with appropriate arguments before using this estimator."
    )
    for method in ("transform", "inverse_transform", "get_feature_names_out"):
        if hasattr(transformer, method):
            with pytest.raises(NotFittedError, match=f"^{re.escape(message)}$"):
                getattr(clone(transformer), method)(X)


@every_transformer
def test_fit_transform_is_fit_and_then_transform(transformer, X):
    at_once = clone(transformer)
    transformed = at_once.fit_transform(X)
    expected = clone(transformer).fit(X).transform(X)

    assert transformed.dtype == expected.dtype
    np.testing.assert_array_equal(transformed, expected)
    assert_same_state(at_once, clone(transformer).fit(X))


@every_transformer
def test_transforming_learns_nothing(transformer, X):
    fitted = clone(transformer).fit(X)
    transformed = fitted.transform(X[:2])
    if hasattr(fitted, "inverse_transform"):
        fitted.inverse_transform(transformed)

    assert_same_state(fitted, clone(transformer).fit(X))


@every_transformer
def test_the_input_is_left_as_it_was(transformer, X):
    X = np.array(X)
    before = X.copy()
    fitted = clone(transformer).fit(X)
    transformed = fitted.transform(X)

    np.testing.assert_array_equal(X, before)
    assert not np.shares_memory(X, transformed)
    if hasattr(fitted, "inverse_transform"):
        before = transformed.copy()
        restored = fitted.inverse_transform(transformed)
        np.testing.assert_array_equal(transformed, before)
        assert not np.shares_memory(transformed, restored)


@every_transformer
def test_samples_are_transformed_in_any_order(transformer, X):
    fitted = clone(transformer).fit(X)
    order = np.random.RandomState(0).permutation(len(X))

    np.testing.assert_array_equal(
        fitted.transform(np.array(X)[order]), fitted.transform(X)[order]
    )


@every_transformer
def test_samples_are_transformed_alike_alone_and_together(transformer, X):
    fitted = clone(transformer).fit(X)
    together = fitted.transform(X)
    for i in range(len(X)):
        np.testing.assert_array_equal(fitted.transform(X[i : i + 1])[0], together[i])


@every_transformer_and_back
def test_what_was_transformed_comes_back_exactly(transformer, X):
    fitted = clone(transformer).fit(X)
    transformed = fitted.transform(X)

    np.testing.assert_array_equal(fitted.inverse_transform(transformed), X)
    for i in range(len(X)):
        alone = fitted.inverse_transform(transformed[i : i + 1])
        np.testing.assert_array_equal(alone, X[i : i + 1])


# ------------------------------------------------------------------- copies, processes


def joblib_round_trip(fitted):
    file = io.BytesIO()
    joblib.dump(fitted, file)
    file.seek(0)
    return joblib.load(file)


@every_transformer
@pytest.mark.parametrize(
    "travel",
    [
        copy.copy,
        copy.deepcopy,
        joblib_round_trip,
        *(
            pytest.param(
                lambda fitted, protocol=protocol: pickle.loads(
                    pickle.dumps(fitted, protocol)
                ),
                id=f"pickle protocol {protocol}",
            )
            for protocol in (2, pickle.HIGHEST_PROTOCOL)
        ),
    ],
)
def test_a_copy_is_what_it_was(transformer, X, travel):
    fitted = clone(transformer).fit(X)
    travelled = travel(fitted)

    assert_same_state(travelled, fitted)
    np.testing.assert_array_equal(travelled.transform(X), fitted.transform(X))
    # And has a life of its own.
    travelled.fit(X[:1])
    assert_same_state(fitted, clone(transformer).fit(X))


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_workers_transform_as_one_would(backend):
    cases = [
        (clone(transformer).fit(X), np.array(X)) for transformer, X, _ in CASES.values()
    ]
    jobs = [(fitted.transform, X) for fitted, X in cases for _ in range(5)]
    done = joblib.Parallel(n_jobs=2, backend=backend)(
        joblib.delayed(transform)(X) for transform, X in jobs
    )
    for (transform, X), result in zip(jobs, done, strict=True):
        np.testing.assert_array_equal(result, transform(X))


# ------------------------------------------------------------------------------ tags


@every_transformer_on_strings
def test_the_tags_say_that_it_takes_strings(transformer, X):
    tags = get_tags(transformer)

    assert tags.estimator_type is None
    assert tags.input_tags.string
    assert tags.input_tags.one_d_array
    assert not tags.input_tags.two_d_array
    assert not tags.input_tags.allow_nan
    assert not tags.input_tags.sparse
    assert tags.transformer_tags.preserves_dtype == []


# ------------------------------------------------------- names of columns, data frames


def frame_to_list(frame):
    return frame.to_numpy().tolist()


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
        assert frame_to_list(codes) == expected
    with sklearn.config_context(transform_output=library):
        codes = SequenceIntegerEncoder().fit_transform(PADDED)
        assert isinstance(codes, frames.DataFrame)
    assert isinstance(SequenceIntegerEncoder().fit_transform(PADDED), np.ndarray)


@pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.7"),
    reason="scikit-learn 1.6 keeps the index of data frames only",
)
def test_a_data_frame_keeps_the_index_of_the_strings():
    pandas = pytest.importorskip("pandas")
    X = pandas.Series(PADDED, index=list("abcdef"))
    codes = SequenceIntegerEncoder().set_output(transform="pandas").fit_transform(X)

    assert codes.index.tolist() == X.index.tolist()


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


@pytest.mark.parametrize("transformer", [SequencePadder(), SequenceOneHotEncoder()])
def test_what_makes_no_table_offers_none(transformer):
    assert not hasattr(transformer, "set_output")
    assert not hasattr(transformer, "get_feature_names_out")


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


# -------------------------------------------------------------------- kinds of input


def string_dtype(strings):
    if not hasattr(np.dtypes, "StringDType"):
        pytest.skip("this NumPy has no StringDType")
    return np.array(strings, dtype=np.dtypes.StringDType())


def big_endian(array):
    return array.astype(array.dtype.newbyteorder(">"))


def pandas_series(strings, **params):
    return pytest.importorskip("pandas").Series(strings, **params)


def polars_series(strings):
    return pytest.importorskip("polars").Series(strings)


INPUT_KINDS = {
    "list": list,
    "tuple": tuple,
    "generator": lambda strings: (string for string in strings),
    "list of numpy.str_": lambda strings: list(np.array(strings)),
    "object array": lambda strings: np.array(strings, dtype=object),
    "U array": np.array,
    "U array with room": lambda strings: np.array(strings, dtype="<U12"),
    "big-endian U array": lambda strings: big_endian(np.array(strings)),
    "every second of a U array": lambda strings: np.repeat(strings, 2)[::2],
    "memory map": lambda strings: create_memmap_backed_data(np.array(strings)),
    "read-only U array": lambda strings: np.broadcast_to(strings, len(strings)),
    "StringDType": string_dtype,
    "pandas object": lambda strings: pandas_series(strings, dtype=object),
    "pandas string": lambda strings: pandas_series(strings, dtype="string"),
    "pandas default": pandas_series,
    "pandas with another index": lambda strings: pandas_series(
        strings, index=[*range(len(strings), 0, -1)]
    ),
    "pandas category": lambda strings: pandas_series(strings, dtype="category"),
    "polars": polars_series,
    "Arrow": lambda strings: pytest.importorskip("pyarrow").array(strings),
    "Arrow in chunks": lambda strings: pytest.importorskip("pyarrow").chunked_array(
        [strings[:1], strings[1:]]
    ),
    "what can become an array": lambda strings: _NotAnArray(np.array(strings)),
}


@every_transformer_on_strings
@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_every_kind_of_strings_is_transformed_alike(transformer, X, kind):
    fitted = clone(transformer).fit(INPUT_KINDS[kind](X))
    transformed = fitted.transform(INPUT_KINDS[kind](X))

    assert_same_state(fitted, clone(transformer).fit(X))
    expected = fitted.transform(X)
    assert transformed.dtype == expected.dtype
    np.testing.assert_array_equal(transformed, expected)


@every_transformer_on_strings
@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_strings_of_every_kind_come_back_alike(transformer, X, kind):
    if not hasattr(transformer, "inverse_transform"):
        return  # terms do not say how they were written
    fitted = clone(transformer).fit(X)
    transformed = fitted.transform(X)
    if transformed.dtype.kind == "U":
        transformed = INPUT_KINDS[kind](transformed.tolist())

    assert fitted.inverse_transform(transformed).tolist() == X


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
        lambda: pandas_series(["1", "2"]).to_frame(),
        r"1D array of strings, got an array of shape \(2, 1\)",
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


every_class_on_strings = pytest.mark.parametrize(
    "transformer",
    sorted({type(case[0]) for case in ON_STRINGS.values()}, key=lambda c: c.__name__),
)


@every_class_on_strings
@pytest.mark.parametrize("method", ["fit", "transform"])
@pytest.mark.parametrize("bad", BAD_INPUTS)
def test_what_are_no_strings_is_refused_by_sample(transformer, method, bad):
    make_bad, message = BAD_INPUTS[bad]
    fitted = transformer().fit(["1+2"])

    with pytest.raises(ValueError, match=message):
        getattr(fitted, method)(make_bad())


@every_class_on_strings
def test_an_error_says_which_transformer_expects_strings(transformer):
    with pytest.raises(ValueError, match=f"{transformer.__name__} expects strings"):
        transformer().fit([12])


@every_class_on_strings
def test_no_samples_are_refused_in_the_usual_words(transformer):
    message = (
        "Found array with 0 sample(s) (shape=(0,)) while a minimum of 1 is required "
        f"by {transformer.__name__}."
    )

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        transformer().fit([])
