"""Scores on answers that are strings (or any other sequences of symbols)."""

import itertools
import re
from fractions import Fraction
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from .datasets import ADDITION

__all__ = [
    "carry_report",
    "character_accuracy_score",
    "exact_match_score",
    "numeric_rmse",
]

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


def exact_match_score(
    y_true: ArrayLike, y_pred: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """Share of the answers that are right as a whole.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_steps)
        The right answers: strings, or labels, or one symbol a column.

    y_pred : array-like of shape (n_samples,) or (n_samples, n_steps)
        The answers to judge.

    sample_weight : array-like of shape (n_samples,), default=None
        Sample weights.

    Returns
    -------
    score : float
        Between 0 and 1, higher is better.

    Raises
    ------
    ValueError
        If the inputs are empty or differ in length.

    See Also
    --------
    character_accuracy_score : Share of the characters that are right.

    Examples
    --------
    >>> from sklearn_seqadd import exact_match_score
    >>> exact_match_score(["62", "100"], ["62", "101"])
    0.5
    """
    true, pred, weight = _check_answers(y_true, y_pred, sample_weight)
    return float(np.average(_exact_matches(true, pred), weights=weight))


def character_accuracy_score(
    y_true: ArrayLike, y_pred: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """Share of the characters that are right.

    Two strings are compared from their first character on. Where one is longer
    than the other, each character that has no counterpart counts as wrong, so
    the number of characters of a pair is the length of the longer one.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_steps)
        The right answers: strings, or labels (one character each), or one
        symbol a column.

    y_pred : array-like of shape (n_samples,) or (n_samples, n_steps)
        The answers to judge.

    sample_weight : array-like of shape (n_samples,), default=None
        Sample weights; each holds for all characters of its sample.

    Returns
    -------
    score : float
        Between 0 and 1, higher is better. It is 1 if all strings are empty.

    Raises
    ------
    ValueError
        If the inputs are empty or differ in length.

    See Also
    --------
    exact_match_score : Share of the answers that are right as a whole.

    Examples
    --------
    >>> from sklearn_seqadd import character_accuracy_score
    >>> character_accuracy_score(["62", "100"], ["62", "101"])
    0.8
    """
    true, pred, weight = _check_answers(y_true, y_pred, sample_weight)
    if true.ndim == 2:
        n_right = np.count_nonzero(true == pred, axis=1)
        n_characters = np.full(len(true), true.shape[1])
    elif _holds_strings(true) and _holds_strings(pred):
        pairs = list(zip(true.tolist(), pred.tolist(), strict=True))
        n_right = np.array([sum(map(str.__eq__, *pair)) for pair in pairs])
        n_characters = np.array([max(map(len, pair)) for pair in pairs])
    else:
        n_right = _exact_matches(true, pred)
        n_characters = np.ones(len(true))
    total = float(weight @ n_characters)
    return float(weight @ n_right) / total if total else 1.0


def numeric_rmse(
    y_true: ArrayLike, y_pred: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """Root mean squared error of the numbers that the answers spell.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        The right answers: strings that spell a number in decimal digits, such
        as ``"62"``, ``"-7"`` or ``"1.5"``, or numbers themselves.

    y_pred : array-like of shape (n_samples,)
        The answers to judge. One that spells no number (``""``, ``"6+2"``)
        counts as 0, so that an answer missed altogether costs as much as the
        number it should have been.

    sample_weight : array-like of shape (n_samples,), default=None
        Sample weights.

    Returns
    -------
    error : float
        In the unit of the numbers, not negative, lower is better. Differences
        are taken exactly, whatever the number of digits.

    Raises
    ------
    ValueError
        If the inputs are empty or differ in length, or if a right answer
        spells no number.

    See Also
    --------
    exact_match_score : Share of the answers that are right as a whole.

    Notes
    -----
    In :func:`sklearn.metrics.make_scorer`, pass ``greater_is_better=False``.

    Examples
    --------
    >>> from sklearn_seqadd import numeric_rmse
    >>> numeric_rmse(["62", "100"], ["62", "104"])
    2.8284271247461903
    """
    true, pred, weight = _check_answers(y_true, y_pred, sample_weight)
    if true.ndim != 1:
        raise ValueError(
            "numeric_rmse expects one answer a sample, got arrays of shape "
            f"{true.shape}."
        )
    expected = [spelled_number(answer) for answer in true.tolist()]
    for i, number in enumerate(expected):
        if number is None:
            raise ValueError(
                f"y_true[{i}] = {true.tolist()[i]!r} spells no number, so there is "
                "nothing to compare the prediction with."
            )
    answered = [spelled_number(answer) or 0 for answer in pred.tolist()]
    errors = [abs(e - a) for e, a in zip(expected, answered, strict=True)]
    # Fractions of any size divide exactly; their squares would overflow as floats.
    largest = max(errors)
    if not largest:
        return 0.0
    relative = np.array([float(error / largest) for error in errors])
    try:
        scale = float(largest)
    except OverflowError:
        scale = np.inf
    return float(scale * np.sqrt(np.average(relative**2, weights=weight)))


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
    X: ArrayLike,
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    output_dict: Literal[True],
) -> dict[str, dict[str, float]]: ...


def carry_report(
    X: ArrayLike,
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    output_dict: bool = False,
) -> str | dict[str, dict[str, float]]:
    """Share of the sums that are right, by the number of carries.

    A sum is as hard as its carries: without any, each digit of the answer needs two
    digits of the question only.

    Parameters
    ----------
    X : array-like of str, shape (n_samples,)
        The additions, such as ``"12+50"``, of any number of terms.

    y_true : array-like of shape (n_samples,)
        The right answers.

    y_pred : array-like of shape (n_samples,)
        The answers to judge.

    output_dict : bool, default=False
        Whether to return a dict instead of text.

    Returns
    -------
    report : str or dict
        A table with a row for each number of carries that occurs, and one for all
        samples: how many samples there are, how many of them are exactly right, and
        which share that is. The dict has a key for each row, ``"0"``, ``"1"`` and so
        on and ``"total"``, and in each a dict with ``"samples"``, ``"right"`` and
        ``"share"``.

    Raises
    ------
    ValueError
        If the inputs are empty or differ in length, or if a string in `X` is no
        addition of whole numbers.

    See Also
    --------
    exact_match_score : Share of the answers that are right as a whole.
    StepAccuracyDisplay : Share of the characters that are right, by position.

    Notes
    -----
    The terms are added in writing, column by column from the last. The number of
    carries is the number of columns from which a carry goes into the next one, however
    large it is: two in 99+1, and two in 58+67+76 too, where the carries are 2 and 2.
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
    true, pred, _ = _check_answers(y_true, y_pred, None)
    right = _exact_matches(true, pred)
    n_carries = np.array([_count_carries(terms) for terms in _check_terms(X)])
    if len(n_carries) != len(right):
        raise ValueError(
            "Found input variables with inconsistent numbers of samples: "
            f"{[len(n_carries), len(right), len(right)]}"
        )
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
    lines = [f"{'carries':>7}  {'samples':>{width}}  {'right':>{width - 2}}  share", ""]
    for name, row in report.items():
        if name == "total":
            lines.append("")
        lines.append(
            f"{name:>7}  {row['samples']:>{width}}  {row['right']:>{width - 2}}  "
            f"{row['share']:5.2f}"
        )
    return "\n".join(lines)


# --------------------------------------------------------------------- helpers


def step_accuracy(y_true, y_pred, sample_weight, align):
    """Share of the samples that are right at each position, and how many have it.

    Parameters
    ----------
    y_true, y_pred, sample_weight
        As in :func:`character_accuracy_score`, but labels of one symbol are an error.

    align : {"left", "right"}
        Whether positions are counted from the first symbol or from the last.

    Returns
    -------
    accuracy : ndarray of shape (n_positions,)
        Of those samples whose right answer or prediction is that long.

    support : ndarray of shape (n_positions,)
        The sum of the weights of these samples.

    n_samples : float
        The sum of the weights of all samples.
    """
    if align not in ("left", "right"):
        raise ValueError(f"align must be 'left' or 'right', got {align!r}.")
    true, pred, weight = _check_answers(y_true, y_pred, sample_weight)
    # As if absent: no position is there for such a sample only.
    kept = weight != 0
    true, pred, weight = true[kept], pred[kept], weight[kept]
    direction = 1 if align == "left" else -1
    if true.ndim == 2:
        right = np.asarray(true == pred, dtype=bool)[:, ::direction]
        support = np.full(right.shape[1], weight.sum())
        return weight @ right / support, support, float(weight.sum())
    if not (_holds_strings(true) and _holds_strings(pred)):
        raise ValueError(
            "Positions need answers of several symbols: strings, or arrays of shape "
            "(n_samples, n_steps). Got labels of one symbol each such as "
            f"{true.tolist()[0]!r} and {pred.tolist()[0]!r}; see exact_match_score, or "
            "turn numbers into strings."
        )
    pairs = list(zip(true.tolist(), pred.tolist(), strict=True))
    n_positions = max(max(map(len, pair)) for pair in pairs)
    if not n_positions:
        raise ValueError("All answers are empty strings, which have no positions.")
    n_right, support = np.zeros(n_positions), np.zeros(n_positions)
    for pair, of_sample in zip(pairs, weight.tolist(), strict=True):
        support[: max(map(len, pair))] += of_sample
        symbols = zip(*(answer[::direction] for answer in pair), strict=False)
        n_right[[i for i, (a, b) in enumerate(symbols) if a == b]] += of_sample
    return n_right / support, support, float(weight.sum())


def _check_terms(X):
    """The terms of each addition, lists of strings; an error if one is none."""
    X = _as_array(X)
    if X.ndim != 1:
        raise ValueError(f"Expected one addition a sample, got shape {X.shape}.")
    for i, addition in enumerate(X.tolist()):
        if not (isinstance(addition, str) and ADDITION.fullmatch(addition)):
            raise ValueError(
                f"X[{i}] = {addition!r} is no addition of whole numbers such as "
                "'12+50'."
            )
    return [addition.split("+") for addition in X.tolist()]


def _count_carries(terms):
    """The number of columns from which a carry goes into the next one."""
    # From the last column on; as digits, since there is no limit to their number.
    signed = [
        [-int(digit) if term[0] == "-" else int(digit) for digit in reversed(digits)]
        for term, digits in ((term, term.lstrip("-")) for term in terms)
    ]
    columns = [sum(column) for column in itertools.zip_longest(*signed, fillvalue=0)]
    n_carries, carry = _add_columns(columns)
    if carry < 0:  # the sum is negative, and there would be a borrow without end
        n_carries, carry = _add_columns([-column for column in columns])
    while carry >= 10:
        carry //= 10
        n_carries += 1
    return n_carries


def _add_columns(columns):
    """How many columns carry, and what is carried out of the last one."""
    n_carries = carry = 0
    for column in columns:
        carry = (column + carry) // 10
        n_carries += carry != 0
    return n_carries, carry


def _check_answers(y_true, y_pred, sample_weight):
    """Arrays of the same number of answers, and their weights."""
    y_true, y_pred = _as_array(y_true), _as_array(y_pred)
    lengths = [len(y_true), len(y_pred)]
    if sample_weight is None:
        weight = np.ones(len(y_true))
    else:
        try:
            weight = np.asarray(sample_weight, dtype=np.float64)
        except OverflowError as error:
            raise ValueError(f"A sample weight is too large: {error}.") from error
        if weight.ndim != 1:
            raise ValueError("Sample weights must be a 1D array.")
        lengths.append(len(weight))
    if len(set(lengths)) > 1:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {lengths}"
        )
    if not lengths[0]:
        raise ValueError(
            "Found array with 0 sample(s) while a minimum of 1 is required."
        )
    if weight.sum() <= 0:
        raise ValueError("The sum of the sample weights must be positive.")
    if y_true.ndim == 2 and y_pred.ndim == 2 and y_true.shape != y_pred.shape:
        raise ValueError(
            f"y_true and y_pred have different numbers of columns: {y_true.shape[1]} "
            f"and {y_pred.shape[1]}."
        )
    # A column vector against a flat one is the same answers in another shape.
    if y_true.ndim != y_pred.ndim:
        if y_true.ndim == 2 and y_true.shape[1] == 1:
            y_true = y_true[:, 0]
        elif y_pred.ndim == 2 and y_pred.shape[1] == 1:
            y_pred = y_pred[:, 0]
        else:
            raise ValueError(
                f"y_true has shape {y_true.shape}, but y_pred has shape {y_pred.shape}."
            )
    return y_true, y_pred, weight


def _as_array(y):
    if isinstance(y, str):
        raise ValueError(
            f"Expected one answer a sample, got the single string {y!r}. Put it in a "
            "list if there is one sample."
        )
    y = np.asarray(y)
    if y.dtype.kind not in "OUbiuf":  # NumPy's StringDType above all
        y = y.astype(object)
    if y.ndim not in (1, 2):
        raise ValueError(f"Expected answers of 1 or 2 dimensions, got shape {y.shape}.")
    return y


def _holds_strings(y):
    return y.dtype.kind == "U" or all(isinstance(answer, str) for answer in y)


def _exact_matches(y_true, y_pred):
    """Whether each answer is right as a whole, shape (n_samples,), bool."""
    if _is_text(y_true) != _is_text(y_pred):
        # NumPy will not compare strings with numbers; objects compare as such.
        y_true, y_pred = y_true.astype(object), y_pred.astype(object)
    matches = np.asarray(y_true == y_pred, dtype=bool)
    return matches.all(axis=1) if matches.ndim == 2 else matches


def _is_text(y):
    return y.dtype.kind == "U"


def spelled_number(answer):
    """The number that an answer spells, as a Fraction; None if it spells none."""
    if isinstance(answer, str):
        text = answer.strip()
        return Fraction(text) if _NUMBER.fullmatch(text) else None
    try:
        return Fraction(answer)
    except (TypeError, ValueError, OverflowError):  # None, bytes, NaN, infinity
        return None
