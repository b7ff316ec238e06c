"""Strings padded to one length, with an exact inverse."""

import itertools
import warnings
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from .._digits import quote
from .._sklearn import COUNT, StrOptions, fit_context
from . import _code_points as code_points

# There is a warning if the padded strings need this much memory because of one string,
# which is longer than nearly all others by this factor.
_MANY_BYTES = 2**26
_FAR_LONGER = 10


class SequencePadder(code_points.StringTransformer):
    """Pad strings to one length.

    Parameters
    ----------
    side : {"left", "right", "term"}, default="left"
        The side on which the fill is added.

        - `"left"`: before the string, so that the last characters line up.
        - `"right"`: after the string, so that the first characters line up.
        - `"term"`: before each number in the string, so that digits of the same
          place value line up: the k-th number is padded to the width of the
          widest k-th number seen in `fit`. A number is a run of the digits 0 to
          9. Strings that are still shorter, such as those without numbers, are
          padded on the left too.

    fill : "auto" or str of one character, default="auto"
        The character to pad with. With `"auto"` it is a blank if no string in `fit`
        contains one, and otherwise another character that none of them contains, so
        that the fill is never a character of the data.

    length : int, default=None
        The length to pad to. If None, it is that of the longest string in `fit`.

    reverse : bool, default=False
        Whether to reverse the strings after padding.

    handle_overlong : {"warn", "ignore", "error", "extend"}, default="warn"
        What `transform` does with strings that do not fit. With `"error"` it
        raises; with `"warn"` and `"ignore"` it cuts them on the side where it pads
        (on the left, or on the right with ``side="right"``), and `"warn"` gives one
        warning with their number and the first of them. With `"extend"` nothing is
        cut: all strings of that call are padded to the longest of them, and numbers
        to the widest. This is for estimators that take any length, such as
        :class:`Seq2SeqClassifier` with the decoder `"relative"`. In `fit`, strings
        that are longer than a given `length` are cut with `"ignore"`, and are an error
        otherwise.

    Attributes
    ----------
    fill_ : str
        The character that strings are padded with.

    stand_in_ : str or None
        The character that `transform` replaces `fill_` with in strings that contain
        it. None with a given `fill`.

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
    `inverse_transform` removes the fill exactly. With ``fill="auto"`` the fill cannot
    be mistaken for a part of a string: if a later string contains it, `transform`
    replaces it by another character, which is unknown to an encoder and which
    `inverse_transform` replaces back. A given fill can be mistaken for a part of a
    string, which is an error in `fit`: if a string begins with the fill
    (``side="left"``), ends with it (``"right"``), or has it at its beginning or right
    before a number (``"term"``). ``fill="0"`` with ``side="term"`` is exact for strings
    that begin with a number, as long as numbers are written without leading zeros.

    If `"auto"` does not choose a blank, it chooses one of the code points U+FDD0 to
    U+FDEF, which Unicode reserves for use within programs: no text contains them.
    :class:`SequenceIntegerEncoder` recognizes the fill.

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
        "length": [COUNT, None],
        "reverse": ["boolean"],
        "handle_overlong": [StrOptions({"warn", "ignore", "error", "extend"})],
    }

    def __init__(
        self,
        side: str = "left",
        *,
        fill: str = "auto",
        length: int | None = None,
        reverse: bool = False,
        handle_overlong: str = "warn",
    ) -> None:
        self.side = side
        self.fill = fill
        self.length = length
        self.reverse = reverse
        self.handle_overlong = handle_overlong

    @fit_context(prefer_skip_nested_validation=True)
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
            If `fill` is neither `"auto"` nor one character, if a string is longer than
            a given `length`, or if `inverse_transform` could not be exact with a given
            `fill`.

        Warns
        -----
        UserWarning
            If padding takes nearly all of the memory, because one string is much longer
            than the others.
        """
        if self.fill != "auto" and (len(self.fill) != 1 or self.fill == "\0"):
            raise ValueError(
                "The 'fill' parameter of SequencePadder must be 'auto' or a single "
                f"character other than NUL. Got {self.fill!r} instead."
            )
        code_points.check_characters(self.fill, "The 'fill' parameter")
        codes = code_points.check_strings(X, self)
        widths, needed = self._measure(codes, [])
        length = int(max(needed.max(), 1)) if self.length is None else self.length
        overlong = needed > length
        if overlong.any() and self.handle_overlong != "ignore":
            i = int(np.argmax(overlong))
            raise ValueError(
                f"Sample {i}, {quote(code_points.text(codes[i]))}, needs "
                f"{needed[i]} characters, more than the given length={length}. Leave "
                "such samples out, or cut them with handle_overlong='ignore'."
            )
        if self.length is None:
            _warn_of_outlier(codes, needed)
        if self.fill == "auto":
            fill, stand_in = code_points.unused_fills(codes, 2)
        else:
            (fill,), stand_in = code_points.plain_strings([self.fill]), None
            self._check_exact(codes, length, widths, fill)
        self.length_ = length
        self.widths_ = widths
        self.fill_ = fill
        self.stand_in_ = stand_in
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
            Strings of `length_` characters each; with ``handle_overlong="extend"`` they
            may be longer.
        """
        check_is_fitted(self)
        codes = code_points.check_strings(X, self)
        length, widths = self.length_, self.widths_
        if self.handle_overlong == "extend":
            widths, needed = self._measure(codes, widths)
            length = max(length, int(needed.max()))
        if self.stand_in_ is not None:
            codes = np.where(codes == ord(self.fill_), ord(self.stand_in_), codes)
        padded, overlong = self._pad(codes, length, widths, self.fill_)
        widths = list(map(str, widths))
        code_points.handle_overlong(
            self.handle_overlong,
            overlong,
            codes,
            f"strings do not fit into {length} characters"
            + (f", numbers of {' and '.join(widths)}" if widths else ""),
            "Fit on strings of this length, or set length= or "
            "handle_overlong='ignore'.",
        )
        padded = code_points.noted(
            code_points.strings(padded), **code_points.notes_of(X)
        )
        return code_points.padded_with(padded, self.fill_)

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Remove the padding.

        Parameters
        ----------
        X : array-like of str, shape (n_samples,)
            Padded strings, or predictions of padded strings.

        Returns
        -------
        X_original : ndarray of str, shape (n_samples,)
            The strings without padding.
        """
        check_is_fitted(self)
        codes = self._unpad(code_points.check_strings(X, self), self.fill_)
        if self.stand_in_ is not None:
            if self.fill_ != " ":
                # A network may predict padding within an answer.
                codes[codes == ord(self.fill_)] = ord(code_points.REPLACEMENT)
            codes[codes == ord(self.stand_in_)] = ord(self.fill_)
        return code_points.strings(codes)

    def _check_exact(self, codes, length, widths, fill):
        """Raise an error if a given fill can be mistaken for a part of a string."""
        padded, overlong = self._pad(codes, length, widths, fill)
        restored = self._unpad(padded, fill)
        differs = (
            code_points.strings(restored) != code_points.strings(codes)
        ) & ~overlong
        if differs.any():
            i = int(np.argmax(differs))
            was, would_be = (
                quote(code_points.text(each[i])) for each in (codes, restored)
            )
            raise ValueError(
                f"fill={fill!r} cannot be told apart from sample {i}, {was}: "
                f"padded with side={self.side!r} and stripped again it would be "
                f"{would_be}. Choose a fill that the strings do not contain, or "
                "fill='auto'."
            )

    def _measure(self, codes, widths):
        """Return the widths of numbers, at least `widths`, and each string's length."""
        if self.side != "term":
            return [], code_points.lengths(codes)
        both = itertools.zip_longest(widths, _widest_numbers(codes), fillvalue=0)
        widths = [max(pair) for pair in both]
        return widths, _shift_numbers(codes, widths)[1]

    def _pad(self, codes, length, widths, fill):
        """Return padded code points (n_samples, length), and a mask of those cut."""
        if self.side == "term":
            padded, overlong = _pad_numbers(codes, length, widths, ord(fill))
        else:
            justify = np.char.ljust if self.side == "right" else np.char.rjust
            width = max(length, codes.shape[1])
            justified = justify(code_points.strings(codes), width, fill)
            padded = code_points.code_points(justified)
            padded = padded[:, :length] if self.side == "right" else padded[:, -length:]
            overlong = code_points.lengths(codes) > length
        if self.reverse:
            padded = np.ascontiguousarray(padded[:, ::-1])
        return padded, overlong

    def _unpad(self, padded, fill):
        """Return code points without padding; all strings start in column 0."""
        if self.reverse:
            padded = code_points.align_left(padded[:, ::-1], padded[:, ::-1] != 0)
        is_fill = padded == ord(fill)
        if self.side == "right":
            # At the end are the fill and, after shorter strings, zeros.
            is_pad = is_fill | (padded == 0)
            is_pad = np.logical_and.accumulate(is_pad[:, ::-1], axis=1)[:, ::-1]
        else:
            is_pad = np.logical_and.accumulate(is_fill, axis=1)
            if self.side == "term":
                keeps_last = fill in "0123456789"
                is_pad = _fill_of_numbers(padded, is_fill, is_pad, keeps_last)
        return code_points.align_left(padded, ~is_pad & (padded != 0))


# --------------------------------------------------------------------- helpers


def _warn_of_outlier(codes, needed):
    """Warn if padding to the length of one string needs much memory."""
    longest, usual = int(needed.max()), int(np.quantile(needed, 0.99))
    n_bytes = codes.itemsize * longest * len(codes)
    if n_bytes > _MANY_BYTES and longest > _FAR_LONGER * max(usual, 1):
        i = int(needed.argmax())
        warnings.warn(
            f"Sample {i}, {quote(code_points.text(codes[i]))}, has {longest} "
            f"characters, but 99 % of the strings have {usual} at most. Padded to its "
            f"length all strings take {n_bytes / 1e6:.0f} MB, and a network reads them "
            f"in {longest} steps. Leave such samples out, or cut them with length= and "
            "handle_overlong='ignore'.",
            UserWarning,
            stacklevel=4,
        )


def _is_digit(codes):
    return (codes >= ord("0")) & (codes <= ord("9"))


def _numbers(codes):
    """Return the row, first column, width and rank in its row of each run of digits."""
    is_digit = np.zeros((len(codes), codes.shape[1] + 2), dtype=bool)
    is_digit[:, 1:-1] = _is_digit(codes)
    # In row-major order, every other change is the beginning of a run.
    changes = np.flatnonzero(is_digit[:, 1:] != is_digit[:, :-1])
    begins, ends = changes[::2], changes[1::2]
    rows = begins // (codes.shape[1] + 1)
    n_numbers = np.bincount(rows, minlength=len(codes))
    first_of_row = np.repeat(np.cumsum(n_numbers) - n_numbers, n_numbers)
    ranks = np.arange(len(rows)) - first_of_row
    return rows, begins - rows * (codes.shape[1] + 1), ends - begins, ranks


def _widest_numbers(codes):
    """Return the width of the widest k-th number of all rows, for each k; a list."""
    _, _, widths, ranks = _numbers(codes)
    widest = np.zeros(ranks.max() + 1 if len(ranks) else 0, dtype=np.intp)
    np.maximum.at(widest, ranks, widths)
    return widest.tolist()


def _shift_numbers(codes, widths):
    """Return the shift of each character to the right, and the length of each row."""
    rows, begins, found, ranks = _numbers(codes)
    # A number with a rank that did not occur in `fit` is left as it is.
    table = np.array([*widths, 0], dtype=np.int32)
    target = table[np.minimum(ranks, len(widths))]
    shift = np.zeros(codes.shape, dtype=np.int32)
    shift[rows, begins] = np.maximum(target - found, 0)
    np.cumsum(shift, axis=1, out=shift)
    return shift, code_points.lengths(codes) + shift[:, -1]


def _pad_numbers(codes, length, widths, fill):
    """Return code points with padded numbers, and a mask of the rows that are cut."""
    shift, needed = _shift_numbers(codes, widths)
    first = (length - needed).astype(np.int32)[:, None]
    columns = np.arange(codes.shape[1], dtype=np.int32) + shift + first
    kept = (codes != 0) & (columns >= 0)
    padded = np.full((len(codes), length), fill, dtype=np.uint32)
    flat = columns + np.arange(0, padded.size, length)[:, None]
    padded.ravel()[flat[kept]] = codes[kept]
    return padded, needed > length


def _fill_of_numbers(padded, is_fill, is_leading, keeps_last):
    """Return a mask of the padding: fills at the beginning and before each number."""
    is_digit = _is_digit(padded)
    next_is_digit = np.zeros_like(is_digit)
    next_is_digit[:, :-1] = is_digit[:, 1:]
    is_pad = np.zeros_like(is_fill)
    if keeps_last:
        # The fill is a digit; the last digit of a number is never padding.
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
