"""Scores of answers that are strings or other sequences of symbols."""

import functools
import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._answers import check_answers, exact_matches, hold_lists, hold_strings
from ._digits import quote
from .arithmetic import as_float, parse_number

__all__ = [
    "character_accuracy_score",
    "exact_match_score",
    "numeric_rmse",
    "symbol_error_rate",
]


def exact_match_score(
    y_true: ArrayLike, y_pred: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """Return the share of the answers that are entirely correct.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,), (n_samples, n_steps) or \
            (n_samples, n_steps, n_symbols)
        The correct answers: strings, labels, lists of tokens, one symbol a column, or
        one-hot vectors. Or for each sample a list of accepted answers, of which the
        closest to the prediction counts: see :ref:`scoring`.

    y_pred : array-like of the same kind
        The predictions.

    sample_weight : array-like of shape (n_samples,), default=None
        Sample weights.

    Returns
    -------
    score : float
        Between 0 and 1, higher is better.

    Raises
    ------
    ValueError
        If the inputs are empty or differ in length, if strings are compared with
        numbers, if a list of accepted answers is empty, or if a weight is negative or
        not finite.

    See Also
    --------
    character_accuracy_score : Share of the characters that are correct.

    Examples
    --------
    >>> from sklearn_seqadd import exact_match_score
    >>> exact_match_score(["62", "100"], ["62", "101"])
    0.5
    """
    true, pred, weight, _ = check_answers(y_true, y_pred, sample_weight, operator.eq)
    return float(np.average(exact_matches(true, pred), weights=weight))


def character_accuracy_score(
    y_true: ArrayLike, y_pred: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """Return the share of the characters that are correct.

    Two strings are compared from their first character on. If one is longer than the
    other, each of its further characters counts as wrong, so the number of characters
    of a pair is the length of the longer one.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,), (n_samples, n_steps) or \
            (n_samples, n_steps, n_symbols)
        The correct answers: strings, labels (one character each), lists of tokens, one
        symbol a column, or one-hot vectors. Or for each sample a list of accepted
        answers, of which the closest to the prediction counts: see :ref:`scoring`.

    y_pred : array-like of the same kind
        The predictions.

    sample_weight : array-like of shape (n_samples,), default=None
        Sample weights; each holds for all characters of its sample.

    Returns
    -------
    score : float
        Between 0 and 1, higher is better. It is 1 if all strings are empty.

    Raises
    ------
    ValueError
        If the inputs are empty or differ in length, if a weight is negative or not
        finite, if a list of accepted answers is empty, or if only some of the answers
        are strings (with None in place of an answer, for example).

    See Also
    --------
    exact_match_score : Share of the answers that are entirely correct.

    Examples
    --------
    >>> from sklearn_seqadd import character_accuracy_score
    >>> character_accuracy_score(["62", "100"], ["62", "101"])
    0.8
    """
    true, pred, weight, _ = check_answers(
        y_true, y_pred, sample_weight, _share_of_correct_symbols
    )
    if true.ndim == 2 or hold_lists(true) or hold_strings(true):
        pairs = list(zip(true.tolist(), pred.tolist(), strict=True))
        n_correct = np.array([_count_matches(*pair) for pair in pairs])
        n_characters = np.array([max(map(len, pair)) for pair in pairs])
    else:
        n_correct = exact_matches(true, pred)
        n_characters = np.ones(len(true))
    total = float(weight @ n_characters)
    return float(weight @ n_correct) / total if total else 1.0


def symbol_error_rate(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sep: str | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Return the edit distance to the correct answers, divided by their length.

    The edit distance (Levenshtein distance) is the least number of symbols that have to
    be inserted, deleted or replaced to turn a prediction into the correct answer. Its
    sum over all samples is divided by the number of symbols in all correct answers. If
    symbols are words or phonemes, this is known as word error rate or phoneme error
    rate.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,), (n_samples, n_steps) or \
            (n_samples, n_steps, n_symbols)
        The correct answers: strings, lists of tokens, one symbol a column, or one-hot
        vectors. Or for each sample a list of accepted answers, of which the one with
        the smallest edit distance counts, with its length: see :ref:`scoring`.

    y_pred : array-like of the same kind
        The predictions.

    sep : str, default=None
        The separator of two symbols of a string. If None, every character is a symbol.

    sample_weight : array-like of shape (n_samples,), default=None
        Sample weights; each holds for all symbols of its sample.

    Returns
    -------
    rate : float
        Not negative, lower is better; greater than 1 if predictions are much too long.
        If all correct answers are empty, the number of symbols predicted.

    Raises
    ------
    ValueError
        If the inputs are empty or differ in length, if answers are neither strings nor
        sequences, if strings are compared with numbers, if a list of accepted answers
        or `sep` is empty, or if a weight is negative or not finite.

    See Also
    --------
    character_accuracy_score : Share of the characters that are correct, each compared
        at its position.

    Examples
    --------
    >>> from sklearn_seqadd import symbol_error_rate
    >>> symbol_error_rate(["HH AH L OW"], ["HH L OW"], sep=" ")
    0.25
    """
    true, pred, weight, _ = check_answers(
        y_true, y_pred, sample_weight, functools.partial(_nearness, sep=sep)
    )
    expected, predicted = _sequences(true, pred, sep)
    distances = np.array(list(map(_edit_distance, expected, predicted)))
    total = float(weight @ np.array(list(map(len, expected))))
    return float(weight @ distances) / (total or 1.0)


def _edit_distance(a, b):
    """Return the Levenshtein distance of two sequences."""
    if len(a) == len(b) and all(map(operator.eq, a, b)):
        return 0
    if not len(a) or not len(b):
        return max(len(a), len(b))
    codes: dict[Any, int] = {}
    a, b = (
        np.array([codes.setdefault(symbol, len(codes)) for symbol in sequence])
        for sequence in (a, b)
    )
    # One row of the table at a time: a run of insertions costs one for each column, so
    # its best cost is a running minimum of `best - places`.
    places = np.arange(len(b) + 1)
    row = places
    for i, symbol in enumerate(a):
        best = np.minimum(row[1:] + 1, row[:-1] + (b != symbol))
        best = np.concatenate([[i + 1], best])
        row = np.minimum.accumulate(best - places) + places
    return int(row[-1])


def numeric_rmse(
    y_true: ArrayLike, y_pred: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """Return the root mean squared error of the numbers that the answers spell.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        The correct answers: strings that spell a number in decimal digits, such as
        ``"62"``, ``"-7"`` or ``"1.5"``, or numbers themselves.

    y_pred : array-like of shape (n_samples,)
        The predictions. One that does not spell a number (``""``, ``"6+2"``) counts as
        0, so its error is the whole number that it should have been.

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
        If the inputs are empty or differ in length, if a correct answer does not spell
        a number, or if a weight is negative or not finite.

    See Also
    --------
    exact_match_score : Share of the answers that are entirely correct.

    Notes
    -----
    In :func:`sklearn.metrics.make_scorer`, pass ``greater_is_better=False``.

    Examples
    --------
    >>> from sklearn_seqadd import numeric_rmse
    >>> numeric_rmse(["62", "100"], ["62", "104"])
    2.8284271247461903
    """
    true, pred, weight, rows = check_answers(y_true, y_pred, sample_weight)
    if true.ndim != 1:
        raise ValueError(
            "numeric_rmse expects one answer a sample, got arrays of shape "
            f"{true.shape}."
        )
    expected = [parse_number(answer) for answer in true.tolist()]
    for i, number in enumerate(expected):
        if number is None:
            raise ValueError(
                f"y_true[{rows[i]}] = {quote(true.tolist()[i])} spells no number, so "
                "the prediction cannot be compared with it."
            )
    predicted = [parse_number(answer) or 0 for answer in pred.tolist()]
    errors = [abs(e - p) for e, p in zip(expected, predicted, strict=True)]
    # Fractions of any size divide exactly, but their squares could overflow as floats.
    largest = max(errors)
    if not largest:
        return 0.0
    relative = np.array([float(error / largest) for error in errors])
    return float(as_float(largest) * np.sqrt(np.average(relative**2, weights=weight)))


# --------------------------------------------------------------------- helpers


def step_accuracy(y_true, y_pred, sample_weight, align, sep=None):
    """Return the accuracy at each position, and the number of samples that have it.

    Parameters
    ----------
    y_true, y_pred, sample_weight
        As in :func:`character_accuracy_score`, but labels of one symbol are an error.

    align : {"left", "right"}
        Whether positions are counted from the first symbol or from the last.

    sep : str, default=None
        The separator of two symbols of a string. If None, every character is a symbol.

    Returns
    -------
    accuracy : ndarray of shape (n_positions,)
        The share of the samples that are correct at the position, among those whose
        correct answer or prediction is long enough to have it.

    support : ndarray of shape (n_positions,)
        The sum of the weights of the samples that have the position.

    n_samples : float
        The sum of the weights of all samples.
    """
    if align not in ("left", "right"):
        raise ValueError(f"align must be 'left' or 'right', got {align!r}.")
    direction = 1 if align == "left" else -1
    true, pred, weight, _ = check_answers(
        y_true,
        y_pred,
        sample_weight,
        functools.partial(_share_of_correct_symbols, sep=sep, direction=direction),
    )
    expected, predicted = _sequences(true, pred, sep)
    # The support is a sum of the weights as given, before check_answers scaled them.
    if sample_weight is not None:
        weight = weight * (np.max(np.asarray(sample_weight, float)) / weight.max())
    if true.ndim == 2:
        is_correct = np.asarray(true == pred, dtype=bool)[:, ::direction]
        support = np.full(is_correct.shape[1], weight.sum())
        return weight @ is_correct / support, support, float(weight.sum())
    pairs = list(zip(expected, predicted, strict=True))
    n_positions = max(max(map(len, pair)) for pair in pairs)
    if not n_positions:
        raise ValueError("All answers are empty, so they have no positions.")
    n_correct, support = np.zeros(n_positions), np.zeros(n_positions)
    for pair, of_sample in zip(pairs, weight.tolist(), strict=True):
        support[: max(map(len, pair))] += of_sample
        symbols = zip(*(answer[::direction] for answer in pair), strict=False)
        n_correct[[i for i, (a, b) in enumerate(symbols) if a == b]] += of_sample
    return n_correct / support, support, float(weight.sum())


def _sequences(true, pred, sep):
    """Return two lists: the symbols of each correct answer, and of each prediction."""
    if sep == "":
        raise ValueError("sep must not be empty; with None symbols are characters.")
    if true.ndim == 1 and not hold_lists(true) and not hold_strings(true):
        raise ValueError(
            "Expected answers of several symbols: strings, lists of tokens, or "
            "arrays of shape (n_samples, n_steps). Got labels of one symbol each "
            f"such as {quote(true.tolist()[0])} and {quote(pred.tolist()[0])}; see "
            "exact_match_score, or turn numbers into strings."
        )
    return tuple(
        [_symbols(answer, sep) for answer in answers.tolist()]
        for answers in (true, pred)
    )


def _symbols(answer, sep=None):
    """Return the symbols of an answer; those of a string are characters without sep."""
    if isinstance(answer, str) and sep:
        return answer.split(sep) if answer else []
    return answer if isinstance(answer, str | list) else [answer]


def _count_matches(a, b):
    """Return the number of positions at which two answers have the same symbol."""
    return sum(map(operator.eq, a, b))


def _share_of_correct_symbols(predicted, accepted, sep=None, direction=1):
    """Return a key that is greatest for the accepted answer with most correct symbols.

    Of equally close ones it is the shorter.
    """
    a, b = (_symbols(answer, sep)[::direction] for answer in (predicted, accepted))
    n_symbols = max(len(a), len(b))
    return (_count_matches(a, b) / n_symbols if n_symbols else 1.0), -n_symbols


def _nearness(predicted, accepted, sep=None):
    """Return a key that is greatest for the accepted answer of least edit distance.

    Of equally close ones it is the longer.
    """
    a, b = (_symbols(answer, sep) for answer in (predicted, accepted))
    return -_edit_distance(a, b), len(b)
