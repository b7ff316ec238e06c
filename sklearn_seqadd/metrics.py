"""Scores on answers that are strings (or any other sequences of symbols)."""

import functools
import operator

import numpy as np
from numpy.typing import ArrayLike

from ._answers import check_answers, exact_matches, hold_lists, hold_strings
from ._digits import shown
from .arithmetic import as_float, spelled_number

__all__ = [
    "character_accuracy_score",
    "exact_match_score",
    "numeric_rmse",
    "symbol_error_rate",
]


def exact_match_score(
    y_true: ArrayLike, y_pred: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """Share of the answers that are right as a whole.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,), (n_samples, n_steps) or \
            (n_samples, n_steps, n_symbols)
        The right answers: strings, labels, lists of tokens, one symbol a column, or
        one-hot vectors. Or for each sample a list of accepted answers, of which the
        closest to the prediction counts: see :ref:`scoring`.

    y_pred : array-like of the same kind
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
        If the inputs are empty or differ in length, if strings are judged against
        numbers, if a list of accepted answers is empty, or if a weight is negative or
        not finite.

    See Also
    --------
    character_accuracy_score : Share of the characters that are right.

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
    """Share of the characters that are right.

    Two strings are compared from their first character on. Where one is longer
    than the other, each character that has no counterpart counts as wrong, so
    the number of characters of a pair is the length of the longer one.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,), (n_samples, n_steps) or \
            (n_samples, n_steps, n_symbols)
        The right answers: strings, labels (one character each), lists of tokens, one
        symbol a column, or one-hot vectors. Or for each sample a list of accepted
        answers, of which the closest to the prediction counts: see :ref:`scoring`.

    y_pred : array-like of the same kind
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
        If the inputs are empty or differ in length, if a weight is negative or not
        finite, if a list of accepted answers is empty, or if some of the answers are
        strings and some are not (None, for example, in place of an answer).

    See Also
    --------
    exact_match_score : Share of the answers that are right as a whole.

    Examples
    --------
    >>> from sklearn_seqadd import character_accuracy_score
    >>> character_accuracy_score(["62", "100"], ["62", "101"])
    0.8
    """
    true, pred, weight, _ = check_answers(
        y_true, y_pred, sample_weight, _share_of_right_symbols
    )
    if true.ndim == 2 or hold_lists(true) or hold_strings(true):
        pairs = list(zip(true.tolist(), pred.tolist(), strict=True))
        n_right = np.array([_count_right(*pair) for pair in pairs])
        n_characters = np.array([max(map(len, pair)) for pair in pairs])
    else:
        n_right = exact_matches(true, pred)
        n_characters = np.ones(len(true))
    total = float(weight @ n_characters)
    return float(weight @ n_right) / total if total else 1.0


def symbol_error_rate(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sep: str | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Edit distance to the right answers, over their length.

    The least number of symbols that have to be inserted, taken out or replaced to make
    the right answers of the answers given (Levenshtein distance), divided by the
    number of symbols in the right answers, over all samples. With words or phonemes as
    symbols it is known as word error rate or phoneme error rate.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,), (n_samples, n_steps) or \
            (n_samples, n_steps, n_symbols)
        The right answers: strings, lists of tokens, one symbol a column, or one-hot
        vectors. Or for each sample a list of accepted answers, of which the one with
        the smallest edit distance counts, and its length: see :ref:`scoring`.

    y_pred : array-like of the same kind
        The answers to judge.

    sep : str, default=None
        What stands between two symbols of a string. If None, every character is a
        symbol.

    sample_weight : array-like of shape (n_samples,), default=None
        Sample weights; each holds for all symbols of its sample.

    Returns
    -------
    rate : float
        0 or above, lower is better; above 1 if answers are much too long. If the right
        answers have no symbols, it is the number of those given.

    Raises
    ------
    ValueError
        If the inputs are empty or differ in length, if answers are neither strings nor
        sequences, if strings are judged against numbers, if a list of accepted answers
        or `sep` is empty, or if a weight is negative or not finite.

    See Also
    --------
    character_accuracy_score : Share of the characters that are right, each at its
        place.

    Examples
    --------
    >>> from sklearn_seqadd import symbol_error_rate
    >>> symbol_error_rate(["HH AH L OW"], ["HH L OW"], sep=" ")
    0.25
    """
    true, pred, weight, _ = check_answers(
        y_true, y_pred, sample_weight, functools.partial(_nearness, sep=sep)
    )
    expected, answered = _sequences(true, pred, sep)
    distances = np.array(list(map(_edit_distance, expected, answered)))
    total = float(weight @ np.array(list(map(len, expected))))
    return float(weight @ distances) / (total or 1.0)


def _edit_distance(a, b):
    """Levenshtein distance of two sequences."""
    if len(a) == len(b) and all(map(operator.eq, a, b)):
        return 0
    if not len(a) or not len(b):
        return max(len(a), len(b))
    codes = {}
    a, b = (
        np.array([codes.setdefault(symbol, len(codes)) for symbol in sequence])
        for sequence in (a, b)
    )
    # A row of the table at once: what is inserted after the best of the other two ways
    # costs one more for each place further on.
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
        If the inputs are empty or differ in length, if a right answer spells no
        number, or if a weight is negative or not finite.

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
    true, pred, weight, rows = check_answers(y_true, y_pred, sample_weight)
    if true.ndim != 1:
        raise ValueError(
            "numeric_rmse expects one answer a sample, got arrays of shape "
            f"{true.shape}."
        )
    expected = [spelled_number(answer) for answer in true.tolist()]
    for i, number in enumerate(expected):
        if number is None:
            raise ValueError(
                f"y_true[{rows[i]}] = {shown(true.tolist()[i])} spells no number, so "
                "there is nothing to compare the prediction with."
            )
    answered = [spelled_number(answer) or 0 for answer in pred.tolist()]
    errors = [abs(e - a) for e, a in zip(expected, answered, strict=True)]
    # Fractions of any size divide exactly; their squares would overflow as floats.
    largest = max(errors)
    if not largest:
        return 0.0
    relative = np.array([float(error / largest) for error in errors])
    return float(as_float(largest) * np.sqrt(np.average(relative**2, weights=weight)))


# --------------------------------------------------------------------- helpers


def step_accuracy(y_true, y_pred, sample_weight, align, sep=None):
    """Share of the samples that are right at each position, and how many have it.

    Parameters
    ----------
    y_true, y_pred, sample_weight
        As in :func:`character_accuracy_score`, but labels of one symbol are an error.

    align : {"left", "right"}
        Whether positions are counted from the first symbol or from the last.

    sep : str, default=None
        What stands between two symbols of a string. If None, every character is one.

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
    direction = 1 if align == "left" else -1
    true, pred, weight, _ = check_answers(
        y_true,
        y_pred,
        sample_weight,
        functools.partial(_share_of_right_symbols, sep=sep, direction=direction),
    )
    expected, answered = _sequences(true, pred, sep)
    # The support is a sum of the weights as they were given, not as they are scaled.
    if sample_weight is not None:
        weight = weight * (np.max(np.asarray(sample_weight, float)) / weight.max())
    if true.ndim == 2:
        right = np.asarray(true == pred, dtype=bool)[:, ::direction]
        support = np.full(right.shape[1], weight.sum())
        return weight @ right / support, support, float(weight.sum())
    pairs = list(zip(expected, answered, strict=True))
    n_positions = max(max(map(len, pair)) for pair in pairs)
    if not n_positions:
        raise ValueError("All answers are empty, which have no positions.")
    n_right, support = np.zeros(n_positions), np.zeros(n_positions)
    for pair, of_sample in zip(pairs, weight.tolist(), strict=True):
        support[: max(map(len, pair))] += of_sample
        symbols = zip(*(answer[::direction] for answer in pair), strict=False)
        n_right[[i for i, (a, b) in enumerate(symbols) if a == b]] += of_sample
    return n_right / support, support, float(weight.sum())


def _sequences(true, pred, sep):
    """Two lists: the symbols of each right answer, and of each answer given."""
    if sep == "":
        raise ValueError("sep must not be empty; with None symbols are characters.")
    if true.ndim == 1 and not hold_lists(true) and not hold_strings(true):
        raise ValueError(
            "Expected answers of several symbols: strings, lists of tokens, or "
            "arrays of shape (n_samples, n_steps). Got labels of one symbol each "
            f"such as {shown(true.tolist()[0])} and {shown(pred.tolist()[0])}; see "
            "exact_match_score, or turn numbers into strings."
        )
    return tuple(
        [_symbols(answer, sep) for answer in answers.tolist()]
        for answers in (true, pred)
    )


def _symbols(answer, sep=None):
    """The symbols of an answer: of a string, its characters or what `sep` separates."""
    if isinstance(answer, str) and sep:
        return answer.split(sep) if answer else []
    return answer if isinstance(answer, str | list) else [answer]


def _count_right(a, b):
    """How many symbols of two answers are the same, each at its place."""
    return sum(map(operator.eq, a, b))


def _share_of_right_symbols(predicted, accepted, sep=None, direction=1):
    """How close an answer is to an accepted one; if equally close, the shorter one."""
    a, b = (_symbols(answer, sep)[::direction] for answer in (predicted, accepted))
    n_symbols = max(len(a), len(b))
    return (_count_right(a, b) / n_symbols if n_symbols else 1.0), -n_symbols


def _nearness(predicted, accepted, sep=None):
    """How close an answer is by its edit distance; if equally close, the longer one."""
    a, b = (_symbols(answer, sep) for answer in (predicted, accepted))
    return -_edit_distance(a, b), len(b)
