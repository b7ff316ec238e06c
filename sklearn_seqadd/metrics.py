"""Scores on answers that are strings (or any other sequences of symbols)."""

import re
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["character_accuracy_score", "exact_match_score", "numeric_rmse"]

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


# --------------------------------------------------------------------- helpers


def _check_answers(y_true, y_pred, sample_weight):
    """Arrays of the same number of answers, and their weights."""
    y_true, y_pred = _as_array(y_true), _as_array(y_pred)
    lengths = [len(y_true), len(y_pred)]
    if sample_weight is None:
        weight = np.ones(len(y_true))
    else:
        weight = np.asarray(sample_weight, dtype=np.float64)
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
