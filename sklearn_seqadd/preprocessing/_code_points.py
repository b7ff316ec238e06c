"""Strings as matrices of code points, on which the transformers compute.

An array of dtype ``<U7`` is a matrix of seven columns of 32-bit integers, in which
shorter strings end in zeros. The transformers use NumPy operations on these matrices
instead of loops over strings.
"""

import itertools
import re
import warnings

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from .._digits import quote
from .._samples import as_samples

# The candidates for `fill="auto"`, in this order. No text contains the noncharacters of
# Unicode; the private characters are for data that contain them anyway.
_NONCHARACTERS = range(0xFDD0, 0xFDF0)
_FILLS = " ", *map(chr, itertools.chain(_NONCHARACTERS, range(0xE000, 0xF900)))

# Unicode's replacement for a character that cannot be represented.
REPLACEMENT = "\ufffd"

# The range of the halves of surrogate pairs, which UTF-16 needs for some characters.
_SURROGATES = 0xD800, 0xDFFF
_SURROGATE = re.compile("[\ud800-\udfff]")


def check_strings(X, estimator):
    """Return strings in any container as code points (n_samples, n_characters).

    Parameters
    ----------
    X : array-like of str, shape (n_samples,)
        The strings.

    estimator : object
        The transformer, whose name the errors have.

    Raises
    ------
    ValueError
        If there are no samples, or if one is not a string or has a NUL character or
        half of a surrogate pair.
    """
    name = type(estimator).__name__
    if isinstance(X, str | bytes):
        raise ValueError(
            f"{name} expects an iterable of strings, got the single "
            f"{type(X).__name__} {quote(X)}. Put it in a list if there is one sample."
        )
    X = check_samples(X, name)
    if X.dtype.kind != "U":
        X = X.astype(object)  # NumPy's StringDType cannot be converted to `<U` directly
        for i, string in enumerate(X):
            if not isinstance(string, str):
                advice = ""
                if isinstance(string, list | tuple):
                    advice = " Lists of tokens go through SequenceTokenizer first."
                raise ValueError(
                    f"{name} expects strings, but sample {i} is {quote(string)} of "
                    f"type {type(string).__name__}.{advice}"
                )
            if "\0" in string:
                raise ValueError(_nul_message(i, string))
        X = np.array(plain_strings(X))
    codes = code_points(X)
    holes = (codes[:, :-1] == 0) & (codes[:, 1:] != 0)
    if holes.any():
        i = int(np.argmax(holes.any(axis=1)))
        raise ValueError(_nul_message(i, str(X[i])))
    if codes.max() >= _SURROGATES[0]:  # nearly all text is below
        i = int(np.argmax(_is_surrogate(codes).any(axis=1)))
        check_characters(text(codes[i]), f"Sample {i}")
    return codes


def plain_strings(strings):
    """Return the strings in a list, as plain `str` in place of subclasses."""
    # `str` would call a method of the subclass, which for an Enum returns another text.
    return list(map(str.__str__, strings))


def has_surrogates(string):
    """Return whether a string has half of a surrogate pair."""
    return _SURROGATE.search(string) is not None


def check_characters(string, what):
    """Raise an error if a string has half of a surrogate pair.

    In a JSON file, two neighbouring halves would become one character.
    """
    found = _SURROGATE.search(string)
    if found:
        raise ValueError(
            f"{what}, {string!r}, contains {found[0]!r}, half of a surrogate pair, "
            "which is not a character. Decode the text as UTF-8, or replace it."
        )


def _is_surrogate(codes):
    return (codes >= _SURROGATES[0]) & (codes <= _SURROGATES[1])


def check_samples(X, name, of="strings", max_ndim=1):
    """Return samples as an array, flat if it has one column; raise if it is empty."""
    X = as_samples(X)
    if hasattr(X, "__array__"):  # a Series of pandas or polars, a column of Arrow
        X = np.asarray(X)
    elif hasattr(X, "__iter__"):
        # np.array(X) would silently turn [1, "2"] into strings.
        X = np.fromiter(X, dtype=object)
    else:
        raise ValueError(
            f"{name} expects an iterable of {of}, got {quote(X)} of type "
            f"{type(X).__name__}."
        )
    # A data frame with one column of strings. A single column of integers is a token.
    if X.shape[1:] == (1,) and (max_ndim == 1 or isinstance(next(X.flat, None), str)):
        X = X[:, 0]
    if not 1 <= X.ndim <= max_ndim:
        raise ValueError(
            f"{name} expects a 1D array of {of}, got an array of shape {X.shape} "
            'instead. Pass one column of a data frame, such as frame["q"].'
        )
    if not len(X):
        raise ValueError(
            f"Found array with 0 sample(s) (shape={X.shape}) while a minimum of 1 is "
            f"required by {name}."
        )
    return X


def _nul_message(i, string):
    return (
        f"Sample {i}, {quote(string)}, contains the NUL character, which NumPy cannot "
        "distinguish from the end of a string."
    )


def code_points(strings):
    """Return a `<U` array as a matrix of code points; shorter strings end in zeros."""
    if not strings.dtype.itemsize:
        return np.zeros((len(strings), 1), dtype=np.uint32)
    native = np.ascontiguousarray(strings, dtype=strings.dtype.newbyteorder("="))
    return native.view(np.uint32).reshape(len(strings), -1)


def strings(codes):
    """Return a matrix of code points as a `<U` array: the inverse of `code_points`."""
    codes = np.ascontiguousarray(codes, dtype=np.uint32)
    return codes.view(f"<U{codes.shape[1]}" if codes.shape[1] else "<U1").ravel()


def text(codes):
    """Return one row of code points as a Python string."""
    return "".join(map(chr, codes[codes != 0].tolist()))


def lengths(codes):
    """Return the number of characters in each row."""
    return np.char.str_len(strings(codes))


def equally_long(codes, shortest=None):
    """Return code points of equally long strings, without columns beyond their end.

    Parameters
    ----------
    codes : ndarray of shape (n_samples, n_characters)
        Code points.

    shortest : int, default=None
        The least length that strings may have.

    Raises
    ------
    ValueError
        If strings differ in length, are empty or too short.
    """
    n_characters = lengths(codes)
    expected, whose = int(n_characters[0]), "sample 0 has"
    if shortest is not None and expected <= shortest:
        expected, whose = shortest, "in fit the strings had"
    if not expected:
        raise ValueError("Sample 0 is the empty string, which has nothing to encode.")
    if (n_characters != expected).any():
        i = int(np.argmax(n_characters != expected))
        raise ValueError(
            f"Sample {i}, {quote(text(codes[i]))}, has {n_characters[i]} characters, "
            f"but {whose} {expected}. Make the strings equally long with "
            "SequencePadder first."
        )
    return codes[:, :expected]


def handle_overlong(handle, overlong, codes, what, advice):
    """Warn of strings that have to be cut, raise an error, or do neither.

    Parameters
    ----------
    handle : {"warn", "ignore", "error", "extend"}
        The parameter `handle_overlong` of a transformer.

    overlong : ndarray of bool, shape (n_samples,)
        True for the strings that have to be cut.

    codes : ndarray of shape (n_samples, n_characters)
        The strings, as code points.

    what, advice : str
        Parts of the message: why strings are cut, and what can be done about it.
    """
    if handle == "ignore" or not overlong.any():
        return
    i = int(np.argmax(overlong))
    which = (
        f"{np.count_nonzero(overlong)} of {len(codes)} {what}; the first is sample "
        f"{i}, {quote(text(codes[i]))}."
    )
    if handle == "error":
        raise ValueError(f"{which} {advice}")
    warnings.warn(f"{which} They were cut.", UserWarning, stacklevel=4)


def unused_fills(codes, n):
    """Return the first n candidates for a fill that the strings do not contain."""
    is_unused = (fill for fill in _FILLS if not (codes == ord(fill)).any())
    return list(itertools.islice(is_unused, n))


def is_reserved(character):
    """Return whether a character is a candidate for a fill that no text contains."""
    return ord(character) in _NONCHARACTERS


def noted(array, **notes):
    """Return an array with notes, in addition to those that it has.

    Notes are metadata of the dtype, which slices, copies and pickled arrays keep. They
    tell the transformers and the estimator that follow what the values alone do not.
    """
    notes = {**notes_of(array), **notes}
    return array.view(np.dtype(array.dtype, metadata=notes)) if notes else array


def notes_of(X):
    """Return the notes of an array, a dict; empty for anything else."""
    return getattr(getattr(X, "dtype", None), "metadata", None) or {}


def padded_with(strings, fill):
    """Return padded strings with a note of their fill.

    If no string is short enough to be padded, the strings do not show whether a blank
    is padding or a character of the data. There is no note if the fill can only be a
    blank.
    """
    if fill == " " == find_fill(strings, code_points(strings)):
        return strings
    return noted(strings, fill=fill)


def find_fill(X, codes):
    """Return the character that strings were padded with.

    Parameters
    ----------
    X : array-like of str
        The strings as given, with or without the note of `padded_with`.

    codes : ndarray of shape (n_samples, n_characters)
        Their code points.

    Returns
    -------
    fill : str
        The character in the note. Without a note, the last of the candidates that the
        strings contain along with all candidates before it; a blank if there is none.
    """
    notes = notes_of(X)
    if "fill" in notes:
        return notes["fill"]
    # SequencePadder uses a candidate only if the data contain all candidates before it.
    seen = itertools.takewhile(lambda fill: (codes == ord(fill)).any(), _FILLS)
    return [" ", *seen][-1]


def align_left(codes, keep):
    """Return the kept code points of each row, moved to its beginning."""
    counts = np.count_nonzero(keep, axis=1)
    aligned = np.zeros((len(codes), max(int(counts.max()), 1)), dtype=np.uint32)
    aligned[np.arange(aligned.shape[1]) < counts[:, None]] = codes[keep]
    return aligned


class StringTransformer(TransformerMixin, BaseEstimator):
    """Base of the transformers of strings."""

    def fit_transform(self, X, y=None, **fit_params):
        """Fit to strings, and transform them.

        Parameters
        ----------
        X : array-like of shape (n_samples,)
            The samples, as `fit` takes them. A generator is read once.

        y : None
            Ignored.

        **fit_params : dict
            Further arguments of `fit`.

        Returns
        -------
        X_new : ndarray
            The samples, as `transform` returns them.
        """
        return super().fit_transform(as_samples(X), y, **fit_params)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags
