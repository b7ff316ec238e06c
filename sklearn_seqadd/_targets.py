"""Targets as codes of symbols, and codes as targets.

A target is a sequence of symbols: the characters of a string, the tokens of a list, or
the labels of a row. Any other target is one symbol.
"""

import copy
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import assert_all_finite, gen_batches

from ._answers import as_lists, codes_of_one_hot, restore_dtype
from ._base import steps_of
from ._digits import quote
from ._samples import as_samples
from .preprocessing import (
    UNKNOWN,
    SequenceIntegerEncoder,
    SequencePadder,
    SequenceTokenizer,
    StringTransformer,
    check_characters,
    in_words,
    plain_strings,
)

# Targets are decoded in blocks of this many rows, so that a check needs little memory.
_ROWS_RESTORED = 2**16


class TargetCodec:
    """Encode targets as codes of symbols, and decode codes as targets.

    A codec is fitted once, by `fit_encode`; nothing changes it afterwards. It holds
    plain data, the transformer aside.

    Parameters
    ----------
    transformer : transformer or None
        The transformer to fit, which belongs to the codec. If None, strings are padded
        on the left and encoded by character, and other targets are encoded as labels.

    Attributes
    ----------
    transformer : transformer
        The fitted transformer.

    alphabet : ndarray of shape (n_symbols,)
        The symbols in the order of their codes.

    kind : str
        The kind of the dtype of targets, as :func:`restore_dtype` takes it.

    n_one_hot : int or None
        The length of the one-hot vectors that the transformer makes; None if it makes
        codes.

    padding : int or None
        The code of the padding; None if targets are not padded.

    end : int or None
        The code of the end of a sequence: that of the padding, if targets are padded
        at their end only. Otherwise None.
    """

    def __init__(self, transformer=None):
        self.transformer = transformer

    def fit_encode(self, y):
        """Fit the codec to targets, and encode them.

        Parameters
        ----------
        y : array-like
            The targets, as the user has given them.

        Returns
        -------
        codes : ndarray of int, shape (n_samples, n_steps)

        Raises
        ------
        ValueError
            If targets are invalid, or if decoding does not give them back.
        """
        y = self.check(y)
        if self.transformer is None:
            self.transformer = (
                make_pipeline(SequencePadder(), SequenceIntegerEncoder())
                if y.ndim == 1 and isinstance(y[0], str)
                else LabelSequenceEncoder()
            )
        encoded = self.transformer.fit(y).transform(y)
        codes, n_symbols = _as_codes(encoded)
        alphabet = _find_alphabet(self.transformer)
        if alphabet is None or len(alphabet) < n_symbols:
            alphabet = np.arange(n_symbols)
        self.alphabet = alphabet
        self.kind = "StringDType" if y.dtype.kind == "T" else y.dtype.kind
        self.n_one_hot = n_symbols if np.ndim(encoded) == 3 else None
        self.padding = _find_padding(self.transformer, alphabet)
        self.end = _find_end(codes, self.padding)
        self._check_inverse(
            y, codes, "`target_transformer` does not give all targets back"
        )
        return codes

    def encode(self, y, *, allow_longer=False):
        """Encode further targets.

        Parameters
        ----------
        y : array-like
            The targets, as the user has given them.

        allow_longer : bool, default=False
            If True, targets may be longer than those in `fit_encode`, provided that the
            transformer can extend them.

        Returns
        -------
        codes : ndarray of int, shape (n_samples, n_steps)

        Raises
        ------
        ValueError
            If targets are invalid, are too long or have an unknown symbol.
        """
        return self._encode(self.check(y), allow_longer)

    def encode_with_unknown(self, y):
        """Encode targets, some of which may be too long or have unknown symbols.

        Parameters
        ----------
        y : array-like
            The targets, as the user has given them.

        Returns
        -------
        codes : ndarray of int, shape (n_samples, n_steps)
            The code of an unknown symbol is the number of symbols.

        is_known : ndarray of bool, shape (n_samples,)
            True for targets that `encode` takes.
        """
        y, unknown = self.check(y), len(self.alphabet)
        try:
            encoded = np.asarray(self._set_to_handle("ignore").transform(y))
        except ValueError:
            # A user's own transformer may have no way to ignore unknown symbols.
            is_known = self._can_be_encoded(y)
            known = self._encode(y[is_known]) if is_known.any() else np.empty((0, 1))
            codes = np.full((len(y), known.shape[1]), unknown)
            codes[is_known] = known
            return codes, is_known
        codes, _ = _as_codes(encoded)
        dtype = np.result_type(codes, np.min_scalar_type(-unknown - 1))
        codes = np.minimum(codes.astype(dtype), unknown, dtype=dtype)
        if encoded.ndim == 3:
            codes[~encoded.any(axis=2)] = unknown
        is_known = (codes < unknown).all(axis=1)
        if is_known.any():
            differs = _mismatches(self.decode(codes[is_known]), y[is_known])
            is_known[is_known] = ~differs
        return codes, is_known

    def decode(self, codes):
        """Decode codes.

        Parameters
        ----------
        codes : ndarray of int, shape (n_samples, n_steps)

        Returns
        -------
        y : ndarray of shape (n_samples, ...)
            Targets of the kind and dtype that the codec was fitted on.
        """
        if self.n_one_hot:
            codes = np.eye(self.n_one_hot, dtype=np.float32)[codes]
        return restore_dtype(
            np.asarray(self.transformer.inverse_transform(codes)), self.kind
        )

    def pad(self, codes, n_steps, *, at_end, first=0):
        """Pad codes to a number of steps, or cut padding off.

        Parameters
        ----------
        codes : ndarray of int, shape (n_samples, n_steps_now)

        n_steps : int

        at_end : bool
            If True, padding comes at the end, and otherwise in front.

        first : int, default=0
            The position of the first sample in the user's y, for errors.

        Returns
        -------
        codes : ndarray of int, shape (n_samples, n_steps)

        Raises
        ------
        ValueError
            If more than padding would have to be cut off, or if there is no padding.
        """
        padding, n_missing = self.padding, n_steps - codes.shape[1]
        if not n_missing:
            return codes
        if padding is None:
            raise ValueError(
                f"y has {codes.shape[1]} columns, but {n_steps} are predicted."
            )
        if n_missing > 0:
            width = (0, n_missing) if at_end else (n_missing, 0)
            return np.pad(codes, ((0, 0), width), constant_values=padding)
        beyond = codes[:, n_steps:] if at_end else codes[:, :-n_missing]
        if (beyond != padding).any():
            i = first + int((beyond != padding).any(axis=1).argmax())
            raise ValueError(
                f"y[{i}] has more than the {n_steps} steps of the answers that are "
                "predicted."
            )
        return codes[:, :n_steps] if at_end else codes[:, -n_missing:]

    def check(self, y):
        """Validate targets.

        Parameters
        ----------
        y : array-like
            The targets, as the user has given them.

        Returns
        -------
        y : ndarray
            Strings or labels of one or two dimensions, one-hot vectors of three, or an
            array of lists of tokens.
        """
        first = None if self.transformer is None else steps_of(self.transformer)[0]
        y = as_samples(y, "y")
        if hasattr(y, "__array__"):  # a Series, a data frame, a column of Arrow
            y = np.asarray(y)
            is_column = y.shape[1:] == (1,) and isinstance(y[0, 0], str)
            if is_column and isinstance(first, StringTransformer):
                y = y[:, 0]
        takes_lists = isinstance(first, SequenceTokenizer) and not isinstance(y, str)
        if takes_lists and not isinstance(next(iter(y)), str):
            return as_lists(y)
        y = _as_array(y)
        _check_shape(y)
        if y.ndim == 3:
            if not isinstance(first, LabelSequenceEncoder | None):
                raise ValueError(
                    f"y of shape {y.shape} holds one-hot vectors, which need no target "
                    "transformer: set target_transformer=None, or pass answers that "
                    f"{type(first).__name__} takes."
                )
            codes_of_one_hot(y, "y")
            return y
        if y.dtype.kind == "O" and any(isinstance(target, str) for target in y.flat):
            _check_all_strings(y)
            strings = np.empty(y.size, dtype=object)
            strings[:] = plain_strings(y.flat)
            return strings.reshape(y.shape)
        if y.dtype.kind == "T":
            _check_all_strings(y.astype(object))
        _check_labels(y)
        return y

    def _check_inverse(self, y, codes, message):
        """Raise an error with this message if decoding does not give targets back."""
        for rows in gen_batches(len(y), _ROWS_RESTORED):
            part, restored = y[rows], self.decode(codes[rows])
            differs = _mismatches(restored, part)
            if not differs.any():
                continue
            i = int(np.argmax(differs))
            was, would_be = (array[i : i + 1].tolist()[0] for array in (part, restored))
            raise ValueError(
                f"{message}: y[{rows.start + i}] = {quote(was)} would come back as "
                f"{quote(would_be)}. {self._advice(would_be)}"
            )

    def _advice(self, restored):
        """Return the advice for a target that decoding does not give back."""
        tokenizes = any(
            isinstance(step, SequenceTokenizer) for step in steps_of(self.transformer)
        )
        if tokenizes and UNKNOWN in restored:
            return (
                "A token that is not in the vocabulary cannot be written: lower min_df "
                "or raise max_features of the targets' SequenceTokenizer, or leave out "
                "the samples with rare tokens in their answers."
            )
        return "Use a transformer that keeps all of them, or leave them out."

    def _encode(self, y, allow_longer=False):
        """Encode targets that `check` has returned."""
        misfit = "y does not fit the targets of the first call"
        # A transformer set to cut or replace symbols would change targets silently.
        transformer = self._set_to_handle("error", allow_longer=allow_longer)
        try:
            codes, _ = _as_codes(transformer.transform(y))
        except ValueError as error:
            raise ValueError(f"{misfit}: {error}") from error
        self._check_inverse(y, codes, misfit)
        return codes

    def _set_to_handle(self, handling, *, allow_longer=False):
        """Return a copy of the transformer with other values of `handle_*`.

        Parameters
        ----------
        handling : {"error", "ignore"}
            The way to handle overlong sequences and unknown symbols.

        allow_longer : bool, default=False
            If True, steps with the value "extend" keep it.
        """
        transformer = copy.deepcopy(self.transformer)
        for name, value in transformer.get_params().items():
            extends = allow_longer and value == "extend"
            if name.endswith(("handle_overlong", "handle_unknown")) and not extends:
                transformer.set_params(**{name: handling})
        return transformer

    def _can_be_encoded(self, y):
        """Return a mask of the targets that can be encoded, found by bisection."""
        try:
            self._encode(y)
        except ValueError:
            if len(y) == 1:
                return np.zeros(1, dtype=bool)
            half = len(y) // 2
            return np.r_[self._can_be_encoded(y[:half]), self._can_be_encoded(y[half:])]
        return np.ones(len(y), dtype=bool)


class LabelSequenceEncoder(TransformerMixin, BaseEstimator):
    """Encode labels, one for each sample or for each step, or one-hot vectors.

    Parameters
    ----------
    handle_unknown : {"error", "ignore"}, default="error"
        With "ignore", a label that was not in `fit` has the code ``len(classes_)``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels in ascending order; for one-hot vectors, the positions in a vector.

    n_dimensions_ : int
        The number of dimensions of the labels, 3 for one-hot vectors.

    dtype_ : str
        The dtype of `classes_`, or of one-hot vectors.
    """

    def __init__(self, handle_unknown="error"):
        self.handle_unknown = handle_unknown

    def fit(self, X, y=None):
        labels = _flat_labels(X if X.ndim < 3 else np.arange(X.shape[2]))
        classes = LabelEncoder().fit(labels).classes_
        for label in classes.tolist():
            if isinstance(label, str):
                check_characters(label, "The label")
        self.classes_ = classes
        self.n_dimensions_ = X.ndim
        # Safe file formats take the name of a dtype, but not a dtype.
        self.dtype_ = (X if X.ndim == 3 else classes).dtype.str
        return self

    def transform(self, X):
        if 3 in (X.ndim, self.n_dimensions_):
            if X.ndim != self.n_dimensions_ or X.shape[2] != len(self.classes_):
                expected = f"one-hot vectors of {len(self.classes_)} symbols"
                if self.n_dimensions_ < 3:
                    expected = f"labels in an array of ndim {self.n_dimensions_}"
                raise ValueError(f"expected {expected}, got shape {X.shape}.")
            return X.argmax(axis=2)
        labels = _flat_labels(X)
        is_known = np.ones(len(labels), dtype=bool)
        if self.handle_unknown == "ignore":
            is_known = np.isin(labels, self.classes_)
        codes = np.full(len(labels), len(self.classes_))
        encoder = LabelEncoder()
        encoder.classes_ = self.classes_
        codes[is_known] = encoder.transform(labels[is_known])
        return codes.reshape(len(X), -1)

    def inverse_transform(self, X):
        if self.n_dimensions_ == 3:
            return np.eye(len(self.classes_), dtype=self.dtype_)[X]
        labels = self.classes_[X]
        return labels[:, 0] if self.n_dimensions_ == 1 else labels


def _flat_labels(y):
    """Return labels in one dimension, of a dtype that scikit-learn takes."""
    labels = y.ravel()
    # NumPy's StringDType converts to `<U` only by way of objects.
    return labels.astype(object).astype("U") if labels.dtype.kind == "T" else labels


# ------------------------------------------------------------------------- checks


def _as_array(y):
    """Return targets as an array, without NumPy's silent conversions."""
    try:
        array = np.asarray(y)
    except ValueError as error:  # NumPy's message does not help a user
        raise ValueError(
            "y holds sequences of different lengths. For lists of tokens begin the "
            "target transformer with SequenceTokenizer, as "
            "make_seq2seq_pipeline(analyzer='word') does."
        ) from error
    if array.dtype.kind not in "Uf" or hasattr(y, "__array__"):
        return array
    objects = np.asarray(y, dtype=object)
    if array.dtype.kind == "U":
        # NumPy converts numbers and None among strings to strings.
        _check_all_strings(objects)
        return np.array(plain_strings(objects.flat)).reshape(objects.shape)
    # NumPy converts integers beyond 64 bits to floats, and so rounds them.
    are_integers = all(isinstance(target, Integral) for target in objects.flat)
    return objects if are_integers else array


def _check_shape(y):
    if y.ndim not in (1, 2, 3):
        raise ValueError(
            "y should be of shape (n_samples,), (n_samples, n_steps) or, of one-hot "
            "vectors, (n_samples, n_steps, n_symbols), got an array of shape "
            f"{y.shape} instead."
        )
    if len(y) and not y.size:
        raise ValueError(
            f"Found array with 0 feature(s) (shape={y.shape}) while a minimum of 1 is "
            "required of y."
        )


def _check_all_strings(y):
    for i, symbol in np.ndenumerate(y):
        if not isinstance(symbol, str):
            raise ValueError(
                f"y[{i[0]}] is {quote(symbol)} of type {type(symbol).__name__}, but "
                "other targets are strings."
            )


def _check_labels(y):
    """Raise an error if targets are neither strings nor labels."""
    values = np.array(y.tolist()) if y.dtype.kind == "O" else y
    if values.dtype.kind == "O":
        # 0 for an integer, which may exceed 64 bits; 1 for another scalar; 2 otherwise.
        # The error names the first value with the highest number.
        faults = [
            0 if isinstance(target, Integral) else 2 - np.isscalar(target)
            for target in y.flat
        ]
        i = int(np.argmax(faults))
        if faults[i]:
            raise ValueError(
                f"Unknown label type: y[{i // (y.size // len(y))}] holds "
                f"{quote(y.flat[i])} of type {type(y.flat[i]).__name__}. A target is a "
                "string, or labels."
            )
    elif values.dtype.kind == "f":
        assert_all_finite(values, input_name="y")
        if (values != np.floor(values)).any():
            raise ValueError(
                "Unknown label type: continuous. Maybe you are trying to fit a "
                "classifier, which expects discrete classes on a regression target "
                "with continuous values."
            )
    elif values.dtype.kind == "c":
        raise ValueError("Complex data not supported as targets.")


# -------------------------------------------------------------------------- codes


def _as_codes(encoded):
    """Return codes of shape (n_samples, n_steps), and the number of symbols."""
    encoded = np.asarray(encoded)
    if encoded.ndim == 3:
        return encoded.argmax(axis=2), encoded.shape[2]
    if (
        encoded.ndim != 2
        or encoded.dtype.kind not in "biuf"
        or (encoded != np.floor(encoded)).any()
        or (encoded < 0).any()
    ):
        raise ValueError(
            "`target_transformer` must turn targets into codes 0, 1, 2, ... of shape "
            "(n_samples, n_steps) or one-hot vectors of shape (n_samples, n_steps, "
            f"n_symbols). Got an array of shape {encoded.shape} and dtype "
            f"{encoded.dtype} instead."
        )
    if encoded.dtype.kind not in "iu":
        encoded = encoded.astype(np.int64)
    return encoded, int(encoded.max()) + 1


def _find_alphabet(transformer):
    """Return the symbols of the last step that knows them, or None."""
    for step in reversed(steps_of(transformer)):
        if hasattr(step, "alphabet_"):
            symbols = in_words(step.alphabet_, steps_of(transformer))
            if all(isinstance(symbol, str) for symbol in symbols):
                return np.array(symbols)
            return np.array(symbols, dtype=object)
        if hasattr(step, "classes_"):
            return np.array(step.classes_)
    return None


def _find_padding(transformer, alphabet):
    """Return the code of the fill of the first step that has one, or None."""
    symbols = alphabet.tolist()
    for step in steps_of(transformer):
        fill = getattr(step, "fill_", None)
        if fill is not None and fill in symbols:
            return symbols.index(fill)
    return None


def _find_end(codes, padding):
    """Return the code of padding if it occurs, and only at the end; otherwise None."""
    if padding is None:
        return None
    is_padding = codes == padding
    is_at_end = (is_padding[:, :-1] <= is_padding[:, 1:]).all()
    return padding if is_padding.any() and is_at_end else None


def _mismatches(restored, y):
    """Return a mask of the restored targets that differ, shape (n_samples,)."""
    if restored.shape != y.shape:
        return np.ones(len(y), dtype=bool)
    if not (restored.dtype.kind in "biuf" and y.dtype.kind in "biuf"):
        # As Python objects, a string and a number can be compared: they differ.
        restored, y = restored.astype(object), y.astype(object)
    return (restored != y).reshape(len(y), -1).any(axis=1)
