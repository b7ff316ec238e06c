"""Targets as codes of symbols and back, without a network."""

import copy
import pickle

import numpy as np
import pytest
import skops.io
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline

from sklearn_seqadd import (
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    SequenceTokenizer,
)
from sklearn_seqadd._targets import TargetCodec
from sklearn_seqadd._user_files import TRUSTED_TYPES


def padded(**params):
    return make_pipeline(SequencePadder(**params), SequenceIntegerEncoder())


class Own(TransformerMixin, BaseEstimator):
    """A transformer that refuses what it does not know, and has no parameters."""

    def fit(self, X, y=None):
        self.known_ = sorted(set(X))
        return self

    def transform(self, X):
        return np.array([[self.known_.index(x)] for x in X])

    def inverse_transform(self, X):
        return np.array(self.known_)[X[:, 0]]


# A transformer, and targets for it.
TARGETS = {
    "strings": (None, ["12", "7", "345"]),
    "objects": (padded(side="right"), np.array(["a", "bc"], dtype=object)),
    "one-hot vectors of strings": (
        make_pipeline(
            SequencePadder(), SequenceIntegerEncoder(), SequenceOneHotEncoder()
        ),
        ["12", "7", "345"],
    ),
    "lists of tokens": (
        make_pipeline(SequenceTokenizer(), SequencePadder(), SequenceIntegerEncoder()),
        [["two", "one"], ["one"]],
    ),
    "integers": (None, [3, 1, 3]),
    "large integers": (None, [10**30, 7]),
    "truth values": (None, [True, False]),
    "columns": (None, np.array([[1, 2], [2, 2]], dtype=np.int8)),
    "columns of strings": (None, [["a", "b"], ["b", "b"]]),
    "one-hot vectors": (None, np.eye(3, dtype=np.float32)[[[0, 1], [2, 1]]]),
    "a transformer of one's own": (Own(), ["yes", "no"]),
}
if hasattr(np.dtypes, "StringDType"):  # of NumPy 2
    TARGETS["StringDType"] = (None, np.array(["12", "7"], np.dtypes.StringDType()))


@pytest.fixture(params=TARGETS.values(), ids=TARGETS.keys())
def fitted(request):
    transformer, y = request.param
    codec = TargetCodec(copy.deepcopy(transformer))
    return codec, y, codec.fit_encode(y)


def test_decoded_targets_are_those_encoded_in_kind_and_dtype(fitted):
    codec, y, codes = fitted
    assert codes.ndim == 2
    assert codes.max() < len(codec.alphabet)
    decoded = codec.decode(codes)
    assert decoded.tolist() == (y.tolist() if hasattr(y, "tolist") else y)
    if hasattr(y, "dtype"):
        assert decoded.dtype == y.dtype
    np.testing.assert_array_equal(codec.encode(y), codes)
    known, is_known = codec.encode_with_unknown(y)
    np.testing.assert_array_equal(known, codes)
    assert is_known.all()


@pytest.mark.parametrize(
    "travel",
    [
        lambda codec: pickle.loads(pickle.dumps(codec)),
        lambda codec: skops.io.loads(
            skops.io.dumps(codec), trusted=[*TRUSTED_TYPES, f"{__name__}.Own"]
        ),
    ],
    ids=["pickle", "skops"],
)
def test_a_codec_travels(fitted, travel):
    codec, y, codes = fitted
    travelled = travel(codec)
    np.testing.assert_array_equal(travelled.encode(y), codes)
    assert travelled.decode(codes).tolist() == codec.decode(codes).tolist()
    plain = {"n_one_hot", "padding", "end", "kind"}
    assert {name: vars(travelled)[name] for name in plain} == {
        name: vars(codec)[name] for name in plain
    }


def test_a_codec_stays_as_it_was_fitted(fitted):
    codec, y, _ = fitted
    before = pickle.dumps(codec)
    with pytest.raises(ValueError, match="y"):
        codec.encode(np.array([1.5] * len(y)))
    codec.encode_with_unknown(y)
    codec.encode(y)
    assert pickle.dumps(codec) == before


def test_padding_is_the_end_of_a_sequence_only_at_its_end():
    for params, end in (({"side": "right"}, 0), ({"side": "left"}, None)):
        codec = TargetCodec(padded(**params))
        codec.fit_encode(["12", "7"])
        assert (codec.padding, codec.end) == (0, end)
    codec.fit_encode(["1", "7"])  # which needs no padding
    assert codec.end is None
    codec = TargetCodec()
    codec.fit_encode([1, 7])
    assert (codec.padding, codec.end) == (None, None)


@pytest.mark.parametrize("at_end", [False, True])
def test_codes_are_padded_and_padding_is_cut_off(at_end):
    codec = TargetCodec(padded(side="right" if at_end else "left"))
    codes = codec.fit_encode(["12", "7"])
    longer = codec.pad(codes, 4, at_end=at_end)
    assert codec.decode(longer).tolist() == ["12", "7"]
    np.testing.assert_array_equal(codec.pad(longer, 2, at_end=at_end), codes)
    with pytest.raises(ValueError, match=r"^y\[100\] has more than the 1 steps"):
        codec.pad(codes, 1, at_end=at_end, first=100)
    labels = TargetCodec()
    with pytest.raises(ValueError, match="y has 1 columns, but 2 are predicted"):
        labels.pad(labels.fit_encode([1, 2]), 2, at_end=at_end)


@pytest.mark.parametrize(
    ("transformer", "y", "further", "expected"),
    [
        (None, ["12", "7"], ["7", "72", "8", "777"], [True, True, False, False]),
        (None, [1, 2], [2, 3, 1], [True, False, True]),
        (None, [[1, 2], [2, 2]], [[2, 1], [2, 3]], [True, False]),
        (Own(), ["yes", "no"], ["no", "maybe", "yes"], [True, False, True]),
    ],
)
def test_targets_that_are_not_known_are_found(transformer, y, further, expected):
    codec = TargetCodec(copy.deepcopy(transformer))
    codec.fit_encode(y)
    codes, is_known = codec.encode_with_unknown(further)
    assert is_known.tolist() == expected
    known = np.array(further)[is_known]
    np.testing.assert_array_equal(codes[is_known], codec.encode(known))
    assert codes.max() <= len(codec.alphabet)
    with pytest.raises(ValueError, match="y does not fit the targets of the first"):
        codec.encode(further)


def test_targets_may_be_longer_where_the_transformer_extends_them():
    codec = TargetCodec(padded(handle_overlong="extend"))
    codec.fit_encode(["12", "7"])
    with pytest.raises(ValueError, match="y does not fit"):
        codec.encode(["1212"])
    assert codec.decode(codec.encode(["1212"], allow_longer=True)).tolist() == ["1212"]


def test_symbols_have_no_codes_that_are_not_in_the_dtype():
    """The code of an unknown symbol is one more than a byte holds."""

    class Bytes(Own):
        def transform(self, X):
            return super().transform(X).astype(np.uint8)

    labels = [f"{i:03}" for i in range(256)]
    codec = TargetCodec(Bytes())
    codec.fit_encode(labels)
    codes, is_known = codec.encode_with_unknown([*labels, "new"])
    assert is_known.tolist() == [True] * 256 + [False]
    assert codes[-1].tolist() == [256]
