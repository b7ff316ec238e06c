"""What scikit-learn promises of any transformer, asked of those on strings.

Its common checks feed two-dimensional numbers, so that they say next to nothing of
transformers on strings. These are checks in their style, one promise a function.
"""

import copy
import pickle
import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from sklearn_seqadd import (
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    SequenceTokenizer,
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
    "cut into words": (SequenceTokenizer(), ["a b", "b", "c a b"], ["x y", "z"]),
    "cut into characters": (SequenceTokenizer("char"), RAW, ["1234-56", "7"]),
    "extract terms": (TermExtractor(), RAW, ["1+2+3", "4"]),
    "one-hot": (SequenceOneHotEncoder(), CODES, [[7, 0], [1, 2]]),
}


def every_transformer_but(*names):
    cases = {name: case[:2] for name, case in CASES.items() if name not in names}
    return pytest.mark.parametrize(("transformer", "X"), cases.values(), ids=cases)


every_transformer = every_transformer_but()


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


def test_all_but_the_first_parameter_are_by_keyword_only():
    with pytest.raises(TypeError, match="positional argument"):
        SequencePadder("left", " ")
    with pytest.raises(TypeError, match="positional argument"):
        SequenceIntegerEncoder("auto", " ")
    with pytest.raises(TypeError, match="positional argument"):
        TermExtractor(2)


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
    (SequencePadder(fill=" "), RAW, ["123456+1", " 5"]),
    (SequencePadder("term", length=9), RAW, ["12", "123456+123456"]),
    (SequenceIntegerEncoder(), PADDED, ["xyz", "xy"]),
    (SequenceIntegerEncoder("0123456789+ "), PADDED, ["12", "1*"]),
    (TermExtractor(), RAW, ["1+2+3", "1-2"]),
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
def test_samples_are_transformed_alike_alone_and_together(transformer, X):
    fitted = clone(transformer).fit(X)
    together = fitted.transform(X)
    for i in range(len(X)):
        np.testing.assert_array_equal(fitted.transform(X[i : i + 1])[0], together[i])


@every_transformer_but("extract terms")  # they do not say how they were written
def test_what_was_transformed_comes_back_exactly(transformer, X):
    fitted = clone(transformer).fit(X)
    transformed = fitted.transform(X)

    np.testing.assert_array_equal(fitted.inverse_transform(transformed), X)
    for i in range(len(X)):
        alone = fitted.inverse_transform(transformed[i : i + 1])
        np.testing.assert_array_equal(alone, X[i : i + 1])


# ------------------------------------------------------------------- copies and tags


@every_transformer
@pytest.mark.parametrize(
    "travel", [copy.deepcopy, lambda fitted: pickle.loads(pickle.dumps(fitted))]
)
def test_a_copy_is_what_it_was(transformer, X, travel):
    fitted = clone(transformer).fit(X)
    travelled = travel(fitted)

    assert_same_state(travelled, fitted)
    np.testing.assert_array_equal(travelled.transform(X), fitted.transform(X))
    # And has a life of its own.
    travelled.fit(X[:1])
    assert_same_state(fitted, clone(transformer).fit(X))


@every_transformer_but("one-hot")  # it takes integers
def test_the_tags_say_that_it_takes_strings(transformer, X):
    tags = get_tags(transformer)

    assert tags.estimator_type is None
    assert tags.input_tags.string
    assert tags.input_tags.one_d_array
    assert not tags.input_tags.two_d_array
    assert not tags.input_tags.allow_nan
    assert not tags.input_tags.sparse
    assert tags.transformer_tags.preserves_dtype == []


@pytest.mark.parametrize("transformer", [SequencePadder(), SequenceOneHotEncoder()])
def test_what_makes_no_table_offers_none(transformer):
    assert not hasattr(transformer, "set_output")
    assert not hasattr(transformer, "get_feature_names_out")
