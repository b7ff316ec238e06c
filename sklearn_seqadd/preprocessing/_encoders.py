"""Strings of one length to integers, and integers to one-hot vectors."""

import warnings
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from .._digits import quote
from .._sklearn import StrOptions, count_steps, fit_context
from . import _code_points as code_points

# The number of samples that are encoded at a time.
_BLOCK = 4096

# The largest integer up to which float32, the type of Keras, holds every integer.
_MAX_CODE = 2**24


class SequenceIntegerEncoder(code_points.StringTransformer):
    """Encode the characters of equally long strings as integers.

    Parameters
    ----------
    alphabet : "auto" or str, default="auto"
        The characters in the order of their codes: the first is 0. With
        `"auto"` it is learned in `fit`, the fill first and the others in the
        order of their code points.

    fill : "auto", str of one character or None, default="auto"
        The character that the strings were padded with. With `"auto"` it is the one
        that :class:`SequencePadder` used; other strings are assumed to be padded with
        blanks. With ``alphabet="auto"`` it has the code 0, even if it does not occur in
        `fit`, since shorter strings may come later. None if the strings are not padded.

    handle_unknown : {"warn", "ignore", "error"}, default="warn"
        What `transform` does with characters that are not in the alphabet. With
        `"error"` it raises; otherwise their code is the number of characters in the
        alphabet, which no known character has, and `"warn"` gives one warning with
        their number and the first of them.

    Attributes
    ----------
    alphabet_ : str
        The characters in the order of their codes.

    fill_ : str or None
        The character that the strings were padded with.

    n_steps_ : int
        The length of the strings seen in `fit`.

    See Also
    --------
    SequencePadder : Make strings equally long.
    SequenceOneHotEncoder : Encode the integers as vectors.

    Examples
    --------
    >>> from sklearn_seqadd import SequenceIntegerEncoder
    >>> encoder = SequenceIntegerEncoder().fit(["12+50", " 9+11"])
    >>> encoder.alphabet_
    ' +01259'
    >>> codes = encoder.transform(["10+20"])
    >>> codes
    array([[3, 2, 1, 4, 2]], dtype=int8)
    >>> encoder.inverse_transform(codes)
    array(['10+20'], dtype='<U5')
    """

    _parameter_constraints: dict = {
        "alphabet": [str],
        "fill": [str, None],
        "handle_unknown": [StrOptions({"warn", "ignore", "error"})],
    }

    def __init__(
        self,
        alphabet: str = "auto",
        *,
        fill: str | None = "auto",
        handle_unknown: str = "warn",
    ) -> None:
        self.alphabet = alphabet
        self.fill = fill
        self.handle_unknown = handle_unknown

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: None = None) -> Self:
        """Learn the alphabet, or check the given one against the strings.

        Parameters
        ----------
        X : array-like of str, shape (n_samples,)
            Strings of the same length.

        y : None
            Ignored.

        Returns
        -------
        self : object
            Fitted transformer.

        Raises
        ------
        ValueError
            If the strings differ in length, if a given alphabet repeats a
            character or if the strings have one that is not in it.
        """
        fill = self.fill and str.__str__(self.fill)
        if fill not in ("auto", None) and (len(fill) != 1 or fill == "\0"):
            raise ValueError(
                "The 'fill' parameter of SequenceIntegerEncoder must be 'auto', a "
                f"single character other than NUL, or None. Got {fill!r} instead."
            )
        for name in ("fill", "alphabet"):
            value = getattr(self, name)
            code_points.check_characters(value or "", f"The {name!r} parameter")
        codes = code_points.equally_long(code_points.check_strings(X, self))
        if fill == "auto":
            fill = code_points.find_fill(X, codes)
        if self.alphabet == "auto":
            seen = code_points.text(np.unique(codes))
            alphabet = fill + seen.replace(fill, "") if fill else seen
        else:
            alphabet = str.__str__(self.alphabet)
            repeated = [s for i, s in enumerate(alphabet) if s in alphabet[:i]]
            if repeated or not alphabet or "\0" in alphabet:
                raise ValueError(
                    "The 'alphabet' parameter of SequenceIntegerEncoder must be "
                    "'auto' or a non-empty str without NUL and repeated characters. "
                    f"Got {alphabet!r} instead"
                    + (f", which repeats {repeated[0]!r}." if repeated else ".")
                )
            encoded = _encode(codes, alphabet)
            if (encoded == len(alphabet)).any():
                raise ValueError(_unknown_message(codes, encoded, alphabet, fill))
        self.alphabet_ = alphabet
        self.fill_ = fill
        self.n_steps_ = codes.shape[1]
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Encode strings.

        Parameters
        ----------
        X : array-like of str, shape (n_samples,)
            Strings of one length: that of the strings in `fit`, or greater.

        Returns
        -------
        X_codes : ndarray of int8, int16 or int32, shape (n_samples, n_steps)
            The codes: positions in `alphabet_`, in the smallest of these dtypes that
            holds them all. A data frame if `set_output`, or
            :func:`sklearn.set_config`, asks for it.
        """
        check_is_fitted(self)
        codes = code_points.equally_long(
            code_points.check_strings(X, self), self.n_steps_
        )
        encoded = _encode(codes, self.alphabet_)
        encoded = code_points.noted(
            encoded, **code_points.notes_of(X), alphabet=self.alphabet_
        )
        if self.handle_unknown == "ignore":
            return encoded
        if (encoded == len(self.alphabet_)).any():
            message = _unknown_message(codes, encoded, self.alphabet_, self.fill_)
            if self.handle_unknown == "error":
                raise ValueError(message)
            warnings.warn(f"{message} Encoded as unknown.", UserWarning, stacklevel=3)
        return encoded

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Decode integers.

        Parameters
        ----------
        X : array-like of int, shape (n_samples, n_steps)
            The codes.

        Returns
        -------
        X_original : ndarray of str, shape (n_samples,)
            The strings, with U+FFFD, Unicode's replacement character, in place of an
            unknown character.
        """
        check_is_fitted(self)
        encoded = check_array(X, input_name="X")
        check_codes(encoded, len(self.alphabet_), unknown=1)
        symbols = self.alphabet_ + code_points.REPLACEMENT
        table = np.array([ord(symbol) for symbol in symbols], dtype=np.uint32)
        return code_points.strings(_look_up(table, encoded))

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> np.ndarray:
        """Return the names of the columns of codes: ``"step0"``, ``"step1"`` and so on.

        Parameters
        ----------
        input_features : array-like of str, shape (1,), default=None
            The name of the column of strings, which has no influence.

        Returns
        -------
        feature_names_out : ndarray of object, shape (n_steps,)
            The names.

        Raises
        ------
        ValueError
            If there is more than one name, or none: strings are one column.
        """
        check_is_fitted(self)
        if input_features is not None:
            n_names = len(np.asarray(input_features, dtype=object))
            if n_names != 1:
                raise ValueError(
                    "input_features should have length equal to number of features "
                    f"(1), got {n_names}"
                )
        return np.array([f"step{i}" for i in range(self.n_steps_)], dtype=object)


class SequenceOneHotEncoder(TransformerMixin, BaseEstimator):
    """Encode sequences of integers as sequences of one-hot vectors.

    Attributes
    ----------
    n_symbols_ : int
        The number of symbols: one more than the largest code seen in `fit`.

    n_features_in_ : int
        The number of steps seen in `fit`.

    See Also
    --------
    SequenceIntegerEncoder : Encode strings as integers.

    Notes
    -----
    A code that is larger than those seen in `fit` is encoded as a vector of zeros, as
    by :class:`sklearn.preprocessing.OneHotEncoder` with ``handle_unknown="ignore"``.

    Examples
    --------
    >>> from sklearn_seqadd import SequenceOneHotEncoder
    >>> encoder = SequenceOneHotEncoder().fit([[0, 1], [2, 1]])
    >>> vectors = encoder.transform([[1, 2]])
    >>> vectors
    array([[[0, 1, 0],
            [0, 0, 1]]], dtype=uint8)
    >>> encoder.inverse_transform(vectors)
    array([[1, 2]])
    """

    _parameter_constraints: dict = {}

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: None = None) -> Self:
        """Learn the number of symbols.

        Parameters
        ----------
        X : array-like of int, shape (n_samples, n_steps)
            The codes.

        y : None
            Ignored.

        Returns
        -------
        self : object
            Fitted transformer.

        Raises
        ------
        ValueError
            If a code is negative, not an integer, or larger than 2**24.
        """
        codes = check_array(X, input_name="X", estimator=self)
        check_codes(codes)
        if codes.max() > _MAX_CODE:
            i, j = np.unravel_index(codes.argmax(), codes.shape)
            raise ValueError(
                f"The code {codes[i, j]} at step {j} of sample {i} is too large for a "
                f"one-hot vector; the largest possible code is {_MAX_CODE}."
            )
        # Not earlier: an error above must leave the encoder unchanged.
        validate_data(self, X, skip_check_array=True)
        self.n_symbols_ = int(codes.max()) + 1
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Encode integers as one-hot vectors.

        Parameters
        ----------
        X : array-like of int, shape (n_samples, n_steps)
            The codes, with the same number of steps as in `fit`, or more.

        Returns
        -------
        X_vectors : ndarray of uint8, shape (n_samples, n_steps, n_symbols)
            The one-hot vectors.
        """
        check_is_fitted(self)
        if count_steps(X) > self.n_features_in_:
            # SequencePadder may extend strings, and a symbol is the same at every step.
            codes = check_array(X, input_name="X", estimator=self)
        else:
            codes = validate_data(self, X, reset=False)
        check_codes(codes)
        n_symbols = self.n_symbols_
        vectors = np.zeros((*codes.shape, n_symbols), dtype=np.uint8)
        # A view of one dimension, and in blocks: that is fast and needs little memory.
        entries = vectors.reshape(-1)
        for begin in range(0, len(codes), _BLOCK):
            block = codes[begin : begin + _BLOCK].ravel()
            known = np.flatnonzero(block < n_symbols)
            first = (begin * codes.shape[1] + known) * n_symbols
            entries[first + block[known].astype(np.intp)] = 1
        return code_points.noted(vectors, **code_points.notes_of(X))

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Decode vectors: the symbol of each is its largest entry.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps, n_symbols)
            One-hot vectors, or probabilities.

        Returns
        -------
        X_original : ndarray of int64, shape (n_samples, n_steps)
            The codes.
        """
        check_is_fitted(self)
        vectors = check_array(X, allow_nd=True, input_name="X")
        if vectors.ndim != 3 or vectors.shape[2] != self.n_symbols_:
            raise ValueError(
                f"Expected an array of shape (n_samples, n_steps, {self.n_symbols_}), "
                f"got one of shape {vectors.shape}."
            )
        return vectors.argmax(axis=2)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        tags.input_tags.positive_only = True
        tags.transformer_tags.preserves_dtype = []
        return tags


# --------------------------------------------------------------------- helpers


def _encode(codes, alphabet):
    """Return positions in the alphabet; for an unknown character, its length."""
    symbols = np.array([ord(symbol) for symbol in alphabet])
    beyond = int(symbols.max()) + 1
    # A signed dtype, so that differences of codes may be negative.
    dtype = np.min_scalar_type(-len(symbols) - 1)
    table = np.full(beyond + 1, len(symbols), dtype=dtype)
    table[symbols] = np.arange(len(symbols))
    return _look_up(table, codes)


def _look_up(table, indices):
    """Return the entries of a table; its last one for indices beyond it.

    Samples are looked up in blocks, since NumPy converts indices to 64-bit integers.
    """
    found = np.empty(indices.shape, dtype=table.dtype)
    for begin in range(0, len(indices), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        within = np.minimum(indices[rows].astype(np.intp), len(table) - 1)
        found[rows] = table[within]
    return found


def _unknown_message(codes, encoded, alphabet, fill):
    """Return a message about the characters that are not in the alphabet."""
    samples, positions = np.nonzero(encoded == len(alphabet))
    i, j = int(samples[0]), int(positions[0])
    n, symbol, string = len(samples), chr(codes[i, j]), code_points.text(codes[i])
    message = (
        f"{n} character{'s are' if n > 1 else ' is'} not in the alphabet "
        f"{quote(alphabet)}; the first is "
    )
    if symbol == fill:
        return (
            f"{message}{symbol!r}, which the strings are padded with. Add it to the "
            "alphabet, or give SequencePadder a `fill` that is in the alphabet."
        )
    if fill and code_points.is_reserved(symbol):
        # It stands for the fill, in a string that contains it.
        string, symbol = string.replace(symbol, fill), fill
    return f"{message}{symbol!r} at position {j} of sample {i}, {quote(string)}."


def check_codes(encoded, n_symbols=None, unknown=0):
    """Raise an error if an array of shape (n_samples, n_steps) does not hold codes.

    Parameters
    ----------
    encoded : ndarray of shape (n_samples, n_steps)
        The array.

    n_symbols : int, default=None
        The number of known symbols. None allows codes of any size.

    unknown : int, default=0
        The number of further codes, those of unknown symbols.
    """
    if encoded.dtype.kind not in "biuf":
        raise ValueError(f"Expected integer codes, got dtype {encoded.dtype}.")
    beyond = np.inf if n_symbols is None else n_symbols + unknown
    in_between = encoded != np.floor(encoded)
    for is_bad, what in (
        (in_between, "Expected integer codes, got values that are not integers"),
        (encoded < 0, "Negative values in data passed as integer codes"),
        (encoded >= beyond, f"Codes beyond the alphabet of {n_symbols} symbols"),
    ):
        if is_bad.any():
            i, j = np.argwhere(is_bad)[0]
            raise ValueError(
                f"{what}; the first is {encoded[i, j]} at step {j} of sample {i}."
            )
