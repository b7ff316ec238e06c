"""Everything that knows arithmetic: terms, numbers in strings, and carries."""

import itertools
import operator
import re
from decimal import Decimal
from fractions import Fraction
from typing import Literal, Self, overload

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from ._answers import as_array, check_answers, exact_matches
from ._digits import quote
from ._samples import as_samples
from ._sklearn import COUNT, StrOptions, fit_context
from .preprocessing import _code_points as code_points

__all__ = ["TermExtractor", "carry_report"]

# The pattern of an addition. Terms may be negative: "-5+3" and "5+-3".
_ADDITION = re.compile(r"-?[0-9]+(\+-?[0-9]+)*")

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


class TermExtractor(code_points.StringTransformer):
    """Extract the terms of additions that are written as strings.

    This transformer knows what a digit is, what a number is and where it ends. The
    sequence estimator has to learn all this from examples.

    Parameters
    ----------
    n_terms : int, default=None
        The number of columns. If None, it is the largest number of terms seen in
        `fit`.

    handle_overlong : {"warn", "ignore", "error"}, default="warn"
        What `transform` does with additions of more terms. With `"error"` it raises;
        otherwise their last terms are cut, and `"warn"` gives one warning with the
        number of these additions and the first of them.

    Attributes
    ----------
    n_terms_ : int
        The number of columns.

    See Also
    --------
    MappingRegressor : Learn from the terms.
    SequencePadder : The first step in learning from the strings themselves.

    Notes
    -----
    Additions of fewer terms are filled up with zeros on the right, which do not change
    the sum.

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
        "n_terms": [COUNT, None],
        "handle_overlong": [StrOptions({"warn", "ignore", "error"})],
    }

    def __init__(
        self, *, n_terms: int | None = None, handle_overlong: str = "warn"
    ) -> None:
        self.n_terms = n_terms
        self.handle_overlong = handle_overlong

    @fit_context(prefer_skip_nested_validation=True)
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
            If a string is not an addition of whole numbers, or has more terms than a
            given `n_terms`.
        """
        strings = code_points.strings(code_points.check_strings(X, self)).tolist()
        counts = np.array(list(map(len, _terms_of(strings))))
        n_terms = int(counts.max()) if self.n_terms is None else int(self.n_terms)
        if counts.max() > n_terms:
            i = int(np.argmax(counts > n_terms))
            raise ValueError(
                f"Sample {i}, {quote(strings[i])}, has {counts[i]} terms, more "
                f"than the given n_terms={n_terms}."
            )
        self.n_terms_ = n_terms
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Extract the terms.

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
        codes = code_points.check_strings(X, self)
        terms = _terms_of(code_points.strings(codes).tolist())
        counts = np.array(list(map(len, terms)))
        code_points.handle_overlong(
            self.handle_overlong,
            counts > self.n_terms_,
            codes,
            f"additions have more than {self.n_terms_} terms",
            "Fit on additions with as many terms, or set n_terms= or "
            "handle_overlong='ignore'.",
        )
        extracted = np.zeros((len(terms), self.n_terms_))
        # Row by row and from left to right, the order in which a mask is filled.
        kept = [term for row in terms for term in row[: self.n_terms_]]
        extracted[np.arange(self.n_terms_) < counts[:, None]] = np.array(kept, float)
        return extracted

    def get_feature_names_out(self, input_features: None = None) -> np.ndarray:
        """Return the names of the columns that `transform` returns.

        Parameters
        ----------
        input_features : None
            Ignored, since a string has no columns.

        Returns
        -------
        feature_names_out : ndarray of str objects, shape (n_terms,)
            ``"term0"``, ``"term1"``, ...
        """
        check_is_fitted(self)
        return np.array([f"term{i}" for i in range(self.n_terms_)], dtype=object)


@overload
def carry_report(
    X: ArrayLike,
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    output_dict: Literal[False] = False,
) -> str: ...


@overload
def carry_report(
    X: ArrayLike, y_true: ArrayLike, y_pred: ArrayLike, *, output_dict: Literal[True]
) -> dict[str, dict[str, float]]: ...


def carry_report(
    X: ArrayLike, y_true: ArrayLike, y_pred: ArrayLike, *, output_dict: bool = False
) -> str | dict[str, dict[str, float]]:
    """Return the share of the sums that are correct, by the number of carries.

    Carries make a sum hard: without any, each digit of the answer depends on two digits
    of the question only.

    Parameters
    ----------
    X : array-like of str, shape (n_samples,)
        The additions, such as ``"12+50"``, of any number of terms.

    y_true : array-like of shape (n_samples,)
        The correct answers, or for each sample a list of accepted answers.

    y_pred : array-like of shape (n_samples,)
        The predictions.

    output_dict : bool, default=False
        Whether to return a dict instead of text.

    Returns
    -------
    report : str or dict
        A table with a row for each number of carries that occurs, and one for all
        samples. Its columns are the number of samples, the number of those that are
        entirely correct, and their share. The dict has a key for each row (``"0"``,
        ``"1"`` and so on, and ``"total"``), with a dict of ``"samples"``, ``"right"``
        and ``"share"`` as its value.

    Raises
    ------
    ValueError
        If the inputs are empty or differ in length, if strings are compared with
        numbers, or if a string in `X` is not an addition of whole numbers.

    See Also
    --------
    exact_match_score : Share of the answers that are entirely correct.
    StepAccuracyDisplay : Share of the characters that are correct, by position.

    Notes
    -----
    The terms are added as by hand, column by column from the last. The number of
    carries is the number of columns with a carry into the next one, of any size: it is
    two for 99+1, and also for 58+67+76, where both carries are 2.
    If terms are negative, a borrow counts as a carry, and the terms are added with
    their signs changed if the sum is negative: 12+-5 has one, like 5+-12.

    Examples
    --------
    >>> from sklearn_seqadd import carry_report
    >>> X = ["12+50", "1+2", "5+7", "99+1"]
    >>> print(carry_report(X, ["62", "3", "12", "100"], ["62", "3", "12", "90"]))
    carries  samples  right  share
    <BLANKLINE>
          0        2      2   1.00
          1        1      1   1.00
          2        1      0   0.00
    <BLANKLINE>
      total        4      3   0.75
    """
    true, pred, *_ = check_answers(y_true, y_pred, None, operator.eq)
    additions = as_array(as_samples(X))
    if additions.shape[1:] == (1,):  # a data frame of one column
        additions = additions[:, 0]
    check_consistent_length(additions, true, pred)
    right = exact_matches(true, pred)
    terms = _terms_of(additions.tolist())
    n_carries = np.array([_count_carries(of_sample) for of_sample in terms])
    rows = {str(n): right[n_carries == n] for n in np.unique(n_carries)}
    rows["total"] = right
    report = {
        name: {
            "samples": len(matches),
            "right": int(np.count_nonzero(matches)),
            "share": float(np.mean(matches)),
        }
        for name, matches in rows.items()
    }
    if output_dict:
        return report
    width = max(7, len(str(len(right))))
    row = f"{{:>7}}  {{:>{width}}}  {{:>{width - 2}}}  {{:>5}}".format
    lines = [
        row(name, counts["samples"], counts["right"], f"{counts['share']:.2f}")
        for name, counts in report.items()
    ]
    titles = row("carries", "samples", "right", "share")
    return "\n".join([titles, "", *lines[:-1], "", lines[-1]])


# --------------------------------------------------------------------- helpers


def parse_number(answer):
    """Return the number that an answer spells as a Fraction; None if it spells none."""
    if isinstance(answer, str):
        text = answer.strip()
        # Decimal has no limit to the number of digits, unlike `int`.
        return Fraction(Decimal(text)) if _NUMBER.fullmatch(text) else None
    try:
        return Fraction(answer)
    except (TypeError, ValueError, OverflowError):  # None, bytes, NaN, infinity
        return None


def as_float(number):
    """Return a number of any size as a float; infinity if it is too large for one."""
    try:
        return float(number)
    except OverflowError:
        return np.inf


def _terms_of(additions):
    """Return the terms of each addition, a list of lists of strings."""
    for i, addition in enumerate(additions):
        if not (isinstance(addition, str) and _ADDITION.fullmatch(addition)):
            raise ValueError(
                f"Sample {i}, {quote(addition)}, is not an addition of whole numbers "
                "such as '12+50'."
            )
    return [addition.split("+") for addition in additions]


def _count_carries(terms):
    """Return the number of columns with a carry into the next one."""
    # From the last column on. Digits are added, since numbers may be of any length.
    signed = [
        [-int(digit) if term[0] == "-" else int(digit) for digit in reversed(digits)]
        for term, digits in ((term, term.lstrip("-")) for term in terms)
    ]
    columns = [sum(column) for column in itertools.zip_longest(*signed, fillvalue=0)]
    n_carries, carry = _add_columns(columns)
    if carry < 0:  # the sum is negative, with a borrow from each column to the left
        n_carries, carry = _add_columns([-column for column in columns])
    while carry >= 10:
        carry //= 10
        n_carries += 1
    return n_carries


def _add_columns(columns):
    """Return the number of columns with a carry, and the carry out of the last one."""
    n_carries = carry = 0
    for column in columns:
        carry = (column + carry) // 10
        n_carries += carry != 0
    return n_carries, carry
