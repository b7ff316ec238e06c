"""Transformers from strings to arrays, and exactly back.

Strings are handled as their code points: an array of dtype ``<U7`` is a matrix of
seven columns of 32-bit integers in which shorter strings end in zeros. Every step
below is a NumPy operation on such a matrix, never a loop over strings.
"""

import warnings
from numbers import Integral
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils import check_array
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from .datasets import ADDITION

__all__ = [
    "SequenceIntegerEncoder",
    "SequenceOneHotEncoder",
    "SequencePadder",
    "TermExtractor",
]


class SequencePadder(TransformerMixin, BaseEstimator):
    """Pad strings to one length.

    Parameters
    ----------
    side : {"left", "right", "term"}, default="left"
        Where the fill is put.

        - `"left"`: before the string, so that the last characters line up.
        - `"right"`: after the string, so that the first characters line up.
        - `"term"`: before each number in the string, so that digits of the same
          place value line up: the k-th number is padded to the width of the
          widest k-th number seen in `fit`. A number is a run of the digits 0 to
          9. What is still shorter, strings without numbers included, is padded
          on the left.

    fill : str of one character, default=" "
        The character to pad with.

    length : int, default=None
        The length to pad to. If None, it is learned in `fit`.

    reverse : bool, default=False
        Whether to reverse the strings after padding.

    handle_overlong : {"warn", "ignore", "error"}, default="warn"
        What `transform` does with strings that do not fit. With `"error"` it
        raises; otherwise it cuts them where it would have padded (on the left,
        or on the right for ``side="right"``), and `"warn"` says in one warning
        how many there were and which was the first.

    Attributes
    ----------
    length_ : int
        The length of the padded strings.

    widths_ : list of int
        The width of the k-th number in the padded strings; empty unless `side` is
        `"term"`.

    See Also
    --------
    SequenceIntegerEncoder : Encode the padded strings as integers.

    Notes
    -----
    `inverse_transform` takes the fill away again. That is exact as long as the
    fill cannot be mistaken for a part of the string, and `fit` raises an error
    if it can: strings that begin with the fill (``side="left"``), end with it
    (``"right"``), or have it at their beginning or right before a number
    (``"term"``). ``fill="0"`` with ``side="term"`` is exact for strings that
    begin with a number, as long as numbers are written without leading zeros.

    Examples
    --------
    >>> from sklearn_seqadd import SequencePadder
    >>> SequencePadder().fit_transform(["1+2", "12+5", "12+50"])
    array(['  1+2', ' 12+5', '12+50'], dtype='<U5')
    >>> padder = SequencePadder(side="term")
    >>> padded = padder.fit_transform(["1+2", "12+5", "12+50"])
    >>> padded
    array([' 1+ 2', '12+ 5', '12+50'], dtype='<U5')
    >>> padder.inverse_transform(padded)
    array(['1+2', '12+5', '12+50'], dtype='<U5')
    """

    _parameter_constraints: dict = {
        "side": [StrOptions({"left", "right", "term"})],
        "fill": [str],
        "length": [Interval(Integral, 1, None, closed="left"), None],
        "reverse": ["boolean"],
        "handle_overlong": [StrOptions({"warn", "ignore", "error"})],
    }

    def __init__(
        self,
        side: str = "left",
        *,
        fill: str = " ",
        length: int | None = None,
        reverse: bool = False,
        handle_overlong: str = "warn",
    ) -> None:
        self.side = side
        self.fill = fill
        self.length = length
        self.reverse = reverse
        self.handle_overlong = handle_overlong

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: None = None) -> Self:
        """Learn the length, and the widths of numbers if `side` is `"term"`.

        Parameters
        ----------
        X : array-like of str, shape (n_samples,)
            The strings.

        y : None
            Ignored.

        Returns
        -------
        self : object
            Fitted transformer.

        Raises
        ------
        ValueError
            If `fill` is not one character, if a string is longer than a given
            `length` allows, or if `fill` is such that `inverse_transform`
            could not be exact.
        """
        if len(self.fill) != 1 or self.fill == "\0":
            raise ValueError(
                "The 'fill' parameter of SequencePadder must be a single character "
                f"other than NUL. Got {self.fill!r} instead."
            )
        codes = _code_points(_check_strings(X, self))
        if self.side == "term":
            widths = _widest_numbers(codes)
            needed = _shift_numbers(codes, widths)[1]
        else:
            widths = []
            needed = _lengths(codes)
        length = int(max(needed.max(), 1)) if self.length is None else self.length
        if needed.max() > length:
            i = int(np.argmax(needed > length))
            raise ValueError(
                f"Sample {i}, {_text(codes[i])!r}, needs {needed[i]} characters, more "
                f"than the given length={length}."
            )
        padded = self._pad(codes, length, widths)[0]
        restored = self._unpad(padded)
        differs = _differing_rows(restored, codes)
        if differs.any():
            i = int(np.argmax(differs))
            raise ValueError(
                f"fill={self.fill!r} cannot be told apart from sample {i}, "
                f"{_text(codes[i])!r}: padded on side={self.side!r} and stripped again "
                f"it would be {_text(restored[i])!r}. Choose a fill that the strings "
                "do not contain."
            )
        self.length_ = length
        self.widths_ = widths
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Pad strings to the length.

        Parameters
        ----------
        X : array-like of str, shape (n_samples,)
            The strings.

        Returns
        -------
        X_padded : ndarray of str, shape (n_samples,)
            Strings of `length_` characters each.
        """
        check_is_fitted(self)
        codes = _code_points(_check_strings(X, self))
        padded, overlong = self._pad(codes, self.length_, self.widths_)
        widths = list(map(str, self.widths_))
        _handle_overlong(
            self.handle_overlong,
            overlong,
            codes,
            f"strings do not fit into {self.length_} characters"
            + (f", numbers of {' and '.join(widths)}" if widths else ""),
            "Fit on strings as long, or set length= or handle_overlong='ignore'.",
        )
        return _strings(padded)

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Take the padding away.

        Parameters
        ----------
        X : array-like of str, shape (n_samples,)
            Padded strings, or such as a network predicts in their place.

        Returns
        -------
        X_original : ndarray of str, shape (n_samples,)
            The strings without padding.
        """
        check_is_fitted(self)
        return _strings(self._unpad(_code_points(_check_strings(X, self))))

    def _pad(self, codes, length, widths):
        """Padded code points (n_samples, length), and which had to be cut."""
        if self.side == "term":
            padded, overlong = _pad_numbers(codes, length, widths, ord(self.fill))
        else:
            justify = np.char.ljust if self.side == "right" else np.char.rjust
            justified = justify(_strings(codes), length, self.fill)
            padded = _code_points(justified)[:, :length]
            lengths = _lengths(codes)
            overlong = lengths > length
            if self.side == "left":
                for i in np.flatnonzero(overlong):
                    padded[i] = codes[i, lengths[i] - length : lengths[i]]
        if self.reverse:
            padded = np.ascontiguousarray(padded[:, ::-1])
        return padded, overlong

    def _unpad(self, padded):
        """Code points without padding, the strings starting in column 0."""
        if self.reverse:
            padded = _align_left(padded[:, ::-1], padded[:, ::-1] != 0)
        is_fill = padded == ord(self.fill)
        if self.side == "right":
            # From the end: the fill, and the zeros after a shorter string.
            is_pad = is_fill | (padded == 0)
            is_pad = np.logical_and.accumulate(is_pad[:, ::-1], axis=1)[:, ::-1]
        else:
            is_pad = np.logical_and.accumulate(is_fill, axis=1)
            if self.side == "term":
                is_pad = self._fill_of_numbers(padded, is_fill, is_pad)
        return _align_left(padded, ~is_pad & (padded != 0))

    def _fill_of_numbers(self, padded, is_fill, is_leading):
        """Which fills are padding, those before each number included."""
        is_digit = _is_digit(padded)
        next_is_digit = np.zeros_like(is_digit)
        next_is_digit[:, :-1] = is_digit[:, 1:]
        is_pad = np.zeros_like(is_fill)
        if self.fill in "0123456789":
            # The number keeps its last digit, whatever it is.
            before = np.ones(len(padded), dtype=bool)
            for j in range(padded.shape[1]):
                is_pad[:, j] = is_fill[:, j] & next_is_digit[:, j] & before
                before = is_pad[:, j] | ~is_digit[:, j]
            return is_pad
        after = np.zeros(len(padded), dtype=bool)
        for j in reversed(range(padded.shape[1])):
            is_pad[:, j] = is_fill[:, j] & (next_is_digit[:, j] | after)
            after = is_pad[:, j]
        return is_pad | is_leading

    def __sklearn_tags__(self):
        return _with_string_tags(super().__sklearn_tags__())


class SequenceIntegerEncoder(TransformerMixin, BaseEstimator):
    """Encode the characters of equally long strings as integers.

    Parameters
    ----------
    alphabet : "auto" or str, default="auto"
        The characters in the order of their codes: the first is 0. With
        `"auto"` it is learned in `fit`, the fill first and the others in the
        order of their code points.

    fill : str of one character, default=" "
        The fill that the strings were padded with. With ``alphabet="auto"`` it
        has the code 0, whether or not it occurs in `fit`: shorter strings may
        come later. None if the strings are not padded. With a given `alphabet`
        it is not used.

    handle_unknown : {"warn", "ignore", "error"}, default="warn"
        What `transform` does with characters that are not in the alphabet. With
        `"error"` it raises; otherwise it gives them the code of the fill (0 if
        the alphabet has none), and `"warn"` says in one warning how many there
        were and which was the first.

    Attributes
    ----------
    alphabet_ : str
        The characters in the order of their codes.

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
    array([[3, 2, 1, 4, 2]])
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
        fill: str | None = " ",
        handle_unknown: str = "warn",
    ) -> None:
        self.alphabet = alphabet
        self.fill = fill
        self.handle_unknown = handle_unknown

    @_fit_context(prefer_skip_nested_validation=True)
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
        fill = self.fill or ""
        if self.fill is not None and (len(fill) != 1 or fill == "\0"):
            raise ValueError(
                "The 'fill' parameter of SequenceIntegerEncoder must be a single "
                f"character other than NUL or None. Got {self.fill!r} instead."
            )
        codes = _equally_long(_code_points(_check_strings(X, self)))
        if self.alphabet == "auto":
            seen = _text(np.unique(codes))
            alphabet = fill + seen.replace(fill, "") if fill else seen
        else:
            alphabet = self.alphabet
            repeated = [s for i, s in enumerate(alphabet) if s in alphabet[:i]]
            if repeated or not alphabet or "\0" in alphabet:
                raise ValueError(
                    "The 'alphabet' parameter of SequenceIntegerEncoder must be "
                    "'auto' or a non-empty str without NUL and repeated characters. "
                    f"Got {alphabet!r} instead"
                    + (f", which repeats {repeated[0]!r}." if repeated else ".")
                )
            encoded = _encode(codes, alphabet)
            if (encoded < 0).any():
                raise ValueError(_unknown_message(codes, encoded, alphabet))
        self.alphabet_ = alphabet
        self.n_steps_ = codes.shape[1]
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Encode strings.

        Parameters
        ----------
        X : array-like of str, shape (n_samples,)
            Strings of the length seen in `fit`.

        Returns
        -------
        X_codes : ndarray of int64, shape (n_samples, n_steps)
            The codes: positions in `alphabet_`. A data frame if `set_output`, or
            :func:`sklearn.set_config`, asks for one.
        """
        check_is_fitted(self)
        codes = _equally_long(_code_points(_check_strings(X, self)), self.n_steps_)
        encoded = _encode(codes, self.alphabet_)
        unknown = encoded < 0
        if unknown.any():
            if self.handle_unknown == "error":
                raise ValueError(_unknown_message(codes, encoded, self.alphabet_))
            stand_in = max(self.alphabet_.find(self.fill or "\0"), 0)
            if self.handle_unknown == "warn":
                message = _unknown_message(codes, encoded, self.alphabet_)
                warnings.warn(
                    f"{message} Encoded as {self.alphabet_[stand_in]!r}.",
                    UserWarning,
                    stacklevel=3,
                )
            encoded[unknown] = stand_in
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
            The strings.
        """
        check_is_fitted(self)
        encoded = check_array(X, input_name="X")
        check_codes(encoded, len(self.alphabet_))
        table = np.array([ord(symbol) for symbol in self.alphabet_], dtype=np.uint32)
        return _strings(table[encoded.astype(np.intp)])

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> np.ndarray:
        """Names of the columns of codes: ``"step0"``, ``"step1"`` and so on.

        Parameters
        ----------
        input_features : array-like of str, shape (1,), default=None
            The name of the column of strings. It is not used: a code belongs to a
            step, whatever the strings are called.

        Returns
        -------
        feature_names_out : ndarray of object, shape (n_steps,)
            The names.

        Raises
        ------
        ValueError
            If there is not one name, as strings are one column.
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

    def __sklearn_tags__(self):
        return _with_string_tags(super().__sklearn_tags__())


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
    A code beyond those seen in `fit` is encoded as a vector of zeros: no symbol
    that is known. (:class:`sklearn.preprocessing.OneHotEncoder` with
    ``handle_unknown="ignore"`` does the same.)

    Examples
    --------
    >>> from sklearn_seqadd import SequenceOneHotEncoder
    >>> encoder = SequenceOneHotEncoder().fit([[0, 1], [2, 1]])
    >>> vectors = encoder.transform([[1, 2]])
    >>> vectors
    array([[[0., 1., 0.],
            [0., 0., 1.]]], dtype=float32)
    >>> encoder.inverse_transform(vectors)
    array([[1, 2]])
    """

    _parameter_constraints: dict = {}

    @_fit_context(prefer_skip_nested_validation=True)
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
            If a code is negative or not an integer.
        """
        codes = check_array(X, input_name="X", estimator=self)
        check_codes(codes)
        # Only now: what fails above must leave the encoder as it was.
        validate_data(self, X, skip_check_array=True)
        self.n_symbols_ = int(codes.max()) + 1
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Encode integers as one-hot vectors.

        Parameters
        ----------
        X : array-like of int, shape (n_samples, n_steps)
            The codes.

        Returns
        -------
        X_vectors : ndarray of float32, shape (n_samples, n_steps, n_symbols)
            The one-hot vectors.
        """
        check_is_fitted(self)
        codes = validate_data(self, X, reset=False)
        check_codes(codes)
        table = np.eye(self.n_symbols_ + 1, self.n_symbols_, dtype=np.float32)
        return table[np.minimum(codes.astype(np.intp), self.n_symbols_)]

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Decode vectors: the largest entry of each is its symbol.

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


class TermExtractor(TransformerMixin, BaseEstimator):
    """Take the terms out of additions that are written as strings.

    This is all the knowledge of the problem that the sequence estimator has to find
    by itself: what a digit is, what a number is, and where one ends.

    Parameters
    ----------
    n_terms : int, default=None
        The number of columns. If None, it is the largest number of terms seen in
        `fit`.

    handle_overlong : {"warn", "ignore", "error"}, default="warn"
        What `transform` does with additions of more terms. With `"error"` it raises;
        otherwise their last terms are cut, and `"warn"` says in one warning how many
        there were and which was the first.

    Attributes
    ----------
    n_terms_ : int
        The number of columns.

    See Also
    --------
    MappingRegressor : Learn from the terms.
    SequencePadder : The first step of the other framing.

    Notes
    -----
    Additions of fewer terms are filled up with zeros on the right: to a sum they are
    neutral.

    Examples
    --------
    >>> from sklearn_seqadd import TermExtractor
    >>> extractor = TermExtractor()
    >>> extractor.fit_transform(["12+50", "1+2+3"])
    array([[12., 50.,  0.],
           [ 1.,  2.,  3.]])
    >>> extractor.get_feature_names_out()
    array(['term0', 'term1', 'term2'], dtype=object)
    """

    _parameter_constraints: dict = {
        "n_terms": [Interval(Integral, 1, None, closed="left"), None],
        "handle_overlong": [StrOptions({"warn", "ignore", "error"})],
    }

    def __init__(
        self, *, n_terms: int | None = None, handle_overlong: str = "warn"
    ) -> None:
        self.n_terms = n_terms
        self.handle_overlong = handle_overlong

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: None = None) -> Self:
        """Learn the number of terms.

        Parameters
        ----------
        X : array-like of str, shape (n_samples,)
            Additions, such as ``"12+50"``.

        y : None
            Ignored.

        Returns
        -------
        self : object
            Fitted transformer.

        Raises
        ------
        ValueError
            If a string is no addition of whole numbers, or has more terms than a
            given `n_terms`.
        """
        strings = _check_strings(X, self)
        counts = _count_terms(strings)
        n_terms = int(counts.max()) if self.n_terms is None else int(self.n_terms)
        if counts.max() > n_terms:
            i = int(np.argmax(counts > n_terms))
            raise ValueError(
                f"Sample {i}, {str(strings[i])!r}, has {counts[i]} terms, more than "
                f"the given n_terms={n_terms}."
            )
        self.n_terms_ = n_terms
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Take the terms out.

        Parameters
        ----------
        X : array-like of str, shape (n_samples,)
            Additions, such as ``"12+50"``.

        Returns
        -------
        X_terms : ndarray of float64, shape (n_samples, n_terms)
            The terms, and zeros after the last.
        """
        check_is_fitted(self)
        strings = _check_strings(X, self)
        counts = _count_terms(strings)
        overlong = counts > self.n_terms_
        _handle_overlong(
            self.handle_overlong,
            overlong,
            _code_points(strings),
            f"additions have more than {self.n_terms_} terms",
            "Fit on additions of as many, or set n_terms= or handle_overlong='ignore'.",
        )
        numbers = np.array("+".join(strings.tolist()).split("+"), dtype=np.float64)
        # Row by row, and from left to right: the order in which a mask is filled.
        terms = np.zeros((len(strings), int(counts.max())))
        terms[np.arange(terms.shape[1]) < counts[:, None]] = numbers
        extracted = np.zeros((len(strings), self.n_terms_))
        n_common = min(terms.shape[1], self.n_terms_)
        extracted[:, :n_common] = terms[:, :n_common]
        return extracted

    def get_feature_names_out(self, input_features: None = None) -> np.ndarray:
        """Names of the columns that `transform` returns.

        Parameters
        ----------
        input_features : None
            Ignored: a string has no columns.

        Returns
        -------
        feature_names_out : ndarray of str objects, shape (n_terms,)
            ``"term0"``, ``"term1"``, ...
        """
        check_is_fitted(self)
        return np.array([f"term{i}" for i in range(self.n_terms_)], dtype=object)

    def __sklearn_tags__(self):
        return _with_string_tags(super().__sklearn_tags__())


# ------------------------------------------------- strings in, code points out


def _check_strings(X, estimator):
    """X as a `<U` array of shape (n_samples,); an error that names the sample."""
    name = type(estimator).__name__
    if isinstance(X, str | bytes):
        raise ValueError(
            f"{name} expects an iterable of strings, got the single "
            f"{type(X).__name__} {X!r}. Put it in a list if there is one sample."
        )
    if hasattr(X, "__array__"):  # a Series of pandas or polars, a column of Arrow
        X = np.asarray(X)
    else:
        if not hasattr(X, "__iter__"):
            raise ValueError(
                f"{name} expects an iterable of strings, got {X!r} of type "
                f"{type(X).__name__}."
            )
        X = list(X)
        # Not np.array(X): it would turn [1, "2"] into strings without a word.
        objects = np.empty(len(X), dtype=object)
        for i, string in enumerate(X):
            objects[i] = string
        X = objects
    if X.ndim != 1:
        raise ValueError(
            f"{name} expects a 1D array of strings, got an array of shape {X.shape} "
            "instead."
        )
    if not len(X):
        raise ValueError(
            f"Found array with 0 sample(s) (shape={X.shape}) while a minimum of 1 is "
            f"required by {name}."
        )
    if X.dtype.kind != "U":
        X = X.astype(object)  # NumPy's StringDType converts to `<U` only so
        for i, string in enumerate(X):
            if not isinstance(string, str):
                raise ValueError(
                    f"{name} expects strings, but sample {i} is {string!r} of type "
                    f"{type(string).__name__}."
                )
            if "\0" in string:
                raise ValueError(_nul_message(i, string))
        return X.astype("U")
    codes = _code_points(X)
    holes = (codes[:, :-1] == 0) & (codes[:, 1:] != 0)
    if holes.any():
        i = int(np.argmax(holes.any(axis=1)))
        raise ValueError(_nul_message(i, str(X[i])))
    return X


def _nul_message(i, string):
    return (
        f"Sample {i}, {string!r}, contains the NUL character, which cannot be told "
        "from the end of a string in NumPy's arrays."
    )


def _code_points(strings):
    """A `<U` array as a matrix of code points, shorter strings ending in zeros."""
    if not strings.dtype.itemsize:
        return np.zeros((len(strings), 1), dtype=np.uint32)
    native = np.ascontiguousarray(strings, dtype=strings.dtype.newbyteorder("="))
    return native.view(np.uint32).reshape(len(strings), -1)


def _strings(codes):
    """The way back from `_code_points`."""
    codes = np.ascontiguousarray(codes, dtype=np.uint32)
    return codes.view(f"<U{codes.shape[1]}" if codes.shape[1] else "<U1").ravel()


def _text(codes):
    """One row of code points as a Python string."""
    return "".join(map(chr, codes[codes != 0].tolist()))


def _lengths(codes):
    return np.char.str_len(_strings(codes))


def _equally_long(codes, expected=None):
    """Code points of strings that all have the expected length, and no more columns."""
    lengths = _lengths(codes)
    wanted = int(lengths[0]) if expected is None else expected
    if not wanted:
        raise ValueError("Sample 0 is the empty string, which has nothing to encode.")
    if (lengths != wanted).any():
        i = int(np.argmax(lengths != wanted))
        raise ValueError(
            f"Sample {i}, {_text(codes[i])!r}, has {lengths[i]} characters, but "
            + ("sample 0 has " if expected is None else "in fit the strings had ")
            + f"{wanted}. Make the strings equally long with SequencePadder first."
        )
    return codes[:, :wanted]


def _handle_overlong(handle, overlong, codes, what, advice):
    """Warn of strings that are to be cut, or raise an error, or say nothing."""
    if handle == "ignore" or not overlong.any():
        return
    i = int(np.argmax(overlong))
    which = (
        f"{np.count_nonzero(overlong)} of {len(codes)} {what}; the first is sample "
        f"{i}, {_text(codes[i])!r}."
    )
    if handle == "error":
        raise ValueError(f"{which} {advice}")
    warnings.warn(f"{which} They were cut.", UserWarning, stacklevel=4)


# --------------------------------------------------------------------- padding


def _align_left(codes, keep):
    """The kept code points of each row moved together, to its beginning."""
    counts = np.count_nonzero(keep, axis=1)
    aligned = np.zeros((len(codes), max(int(counts.max()), 1)), dtype=np.uint32)
    aligned[np.arange(aligned.shape[1]) < counts[:, None]] = codes[keep]
    return aligned


def _differing_rows(a, b):
    """Which rows are different strings; the matrices may differ in width."""
    width = min(a.shape[1], b.shape[1])
    differs = (a[:, :width] != b[:, :width]).any(axis=1)
    return differs | a[:, width:].any(axis=1) | b[:, width:].any(axis=1)


def _is_digit(codes):
    return (codes >= ord("0")) & (codes <= ord("9"))


def _numbers(codes):
    """Row, first column, width and rank in its row of each run of digits."""
    is_digit = np.zeros((len(codes), codes.shape[1] + 2), dtype=bool)
    is_digit[:, 1:-1] = _is_digit(codes)
    # In row-major order every second change is the beginning of a run.
    changes = np.flatnonzero(is_digit[:, 1:] != is_digit[:, :-1])
    begins, ends = changes[::2], changes[1::2]
    rows = begins // (codes.shape[1] + 1)
    n_numbers = np.bincount(rows, minlength=len(codes))
    first_of_row = np.repeat(np.cumsum(n_numbers) - n_numbers, n_numbers)
    ranks = np.arange(len(rows)) - first_of_row
    return rows, begins - rows * (codes.shape[1] + 1), ends - begins, ranks


def _widest_numbers(codes):
    """The width of the widest k-th number of all rows, for every k; a list."""
    _, _, widths, ranks = _numbers(codes)
    widest = np.zeros(ranks.max() + 1 if len(ranks) else 0, dtype=np.intp)
    np.maximum.at(widest, ranks, widths)
    return widest.tolist()


def _shift_numbers(codes, widths):
    """How far to the right each character moves, and how long each row gets."""
    rows, begins, found, ranks = _numbers(codes)
    # Numbers of a rank that `fit` has not seen are left as they are.
    table = np.array([*widths, 0], dtype=np.int32)
    target = table[np.minimum(ranks, len(widths))]
    shift = np.zeros(codes.shape, dtype=np.int32)
    shift[rows, begins] = np.maximum(target - found, 0)
    np.cumsum(shift, axis=1, out=shift)
    return shift, _lengths(codes) + shift[:, -1]


def _pad_numbers(codes, length, widths, fill):
    """Code points with each number padded, (n_samples, length); which were cut."""
    shift, needed = _shift_numbers(codes, widths)
    first = (length - needed).astype(np.int32)[:, None]
    columns = np.arange(codes.shape[1], dtype=np.int32) + shift + first
    kept = (codes != 0) & (columns >= 0)
    padded = np.full((len(codes), length), fill, dtype=np.uint32)
    flat = columns + np.arange(0, padded.size, length)[:, None]
    padded.ravel()[flat[kept]] = codes[kept]
    return padded, needed > length


# ----------------------------------------------------------------------- terms


def _count_terms(strings):
    """The number of terms of each addition; an error if one is none."""
    for i, string in enumerate(strings.tolist()):
        if not ADDITION.fullmatch(string):
            raise ValueError(
                f"Sample {i}, {string!r}, is no addition of whole numbers such as "
                "'12+50'."
            )
    return np.char.count(strings, "+") + 1


# -------------------------------------------------------------------- encoding


def _encode(codes, alphabet):
    """Positions in the alphabet, -1 for what is not in it."""
    symbols = np.array([ord(symbol) for symbol in alphabet])
    beyond = int(symbols.max()) + 1
    table = np.full(beyond + 1, -1, dtype=np.int64)
    table[symbols] = np.arange(len(symbols))
    return table[np.minimum(codes, beyond)]


def _unknown_message(codes, encoded, alphabet):
    samples, positions = np.nonzero(encoded < 0)
    i, j = int(samples[0]), int(positions[0])
    n = len(samples)
    return (
        f"{n} character{'s are' if n > 1 else ' is'} not in the alphabet {alphabet!r}; "
        f"the first is {chr(codes[i, j])!r} at position {j} of sample {i}, "
        f"{_text(codes[i])!r}."
    )


def check_codes(encoded, n_symbols=None):
    """Raise an error if an array of shape (n_samples, n_steps) holds no codes."""
    if encoded.dtype.kind not in "biuf":
        raise ValueError(f"Expected integer codes, got dtype {encoded.dtype}.")
    if (encoded != np.floor(encoded)).any():
        i, j = np.argwhere(encoded != np.floor(encoded))[0]
        raise ValueError(
            "Expected integer codes, got values that are no integers; the first is "
            f"{encoded[i, j]} at step {j} of sample {i}."
        )
    if (encoded < 0).any():
        i, j = np.argwhere(encoded < 0)[0]
        raise ValueError(
            "Negative values in data passed as integer codes; the first is "
            f"{encoded[i, j]} at step {j} of sample {i}."
        )
    if n_symbols is not None and (encoded >= n_symbols).any():
        i, j = np.argwhere(encoded >= n_symbols)[0]
        raise ValueError(
            f"The code {encoded[i, j]} at step {j} of sample {i} is beyond the "
            f"alphabet of {n_symbols} symbols."
        )


def _with_string_tags(tags):
    tags.input_tags.one_d_array = True
    tags.input_tags.two_d_array = False
    tags.input_tags.string = True
    tags.transformer_tags.preserves_dtype = []
    return tags
