"""Answers to judge: their validation, and their comparison as wholes."""

import functools
import itertools
from collections.abc import Iterable

import numpy as np
from sklearn.utils import check_consistent_length

from ._digits import quote
from ._samples import as_samples
from ._sklearn import check_sample_weight
from .preprocessing import UNKNOWN

_SEQUENCES = (list, tuple, np.ndarray)
_COLLECTIONS = (*_SEQUENCES, set, frozenset)


def check_answers(y_true, y_pred, sample_weight, closeness=None):
    """Return the answers to compare, one pair for each sample that has a weight.

    Parameters
    ----------
    y_true, y_pred : array-like
        The correct answers, or for each sample a list of accepted answers; and the
        answers to judge.

    sample_weight : array-like of shape (n_samples,), default=None

    closeness : callable, default=None
        A function of the answer to judge and an accepted one that returns a key. Among
        several accepted answers, the one with the greatest key counts. If None, answers
        are numbers, or strings that spell them, and one of them is correct.

    Returns
    -------
    y_true, y_pred : ndarray
        Arrays of one or two dimensions, or of lists of tokens. One-hot vectors are
        turned into codes.

    weight : ndarray of float64, shape (n_samples,)
        Their weights, none of which is zero.

    rows : ndarray of int, shape (n_samples,)
        The positions of these samples in the arguments, for errors.
    """
    y_true, y_pred = as_samples(y_true, "y_true"), as_samples(y_pred, "y_pred")
    # Series of pandas or polars and columns of Arrow become arrays.
    y_true, y_pred = (
        np.asarray(y) if hasattr(y, "__array__") else y for y in (y_true, y_pred)
    )
    has_several = _hold_several(y_true, y_pred)
    if has_several and closeness is None:
        raise ValueError(
            "Expected one right answer for each sample, but y_true holds lists."
        )
    if has_several:
        y_pred = as_lists(y_pred) if _depth(y_pred) else as_array(y_pred)
        y_true = np.fromiter(y_true, dtype=object, count=len(y_true))
    elif _are_lists(y_true, y_pred):
        y_true, y_pred = as_lists(y_true), as_lists(y_pred)
    else:
        y_true, y_pred = as_array(y_true), as_array(y_pred)
    check_consistent_length(y_true, y_pred)
    if not len(y_true):
        raise ValueError(
            "Found array with 0 sample(s) while a minimum of 1 is required."
        )
    weight = check_sample_weight(1 if sample_weight is None else sample_weight, y_true)
    if y_true.ndim != y_pred.ndim:
        # A column of answers is the same as a flat array of them.
        y_true, y_pred = (
            y[:, 0] if y.shape[1:] == (1,) else y for y in (y_true, y_pred)
        )
    if y_true.shape != y_pred.shape:
        raise ValueError(
            f"y_true has shape {y_true.shape}, but y_pred has shape {y_pred.shape}."
        )
    # Samples of weight zero count as absent.
    rows = np.flatnonzero(weight)
    y_true, y_pred, weight = y_true[rows], y_pred[rows], weight[rows]
    if y_true.ndim == 3:
        y_true = codes_of_one_hot(y_true, "y_true", rows)
        y_pred = codes_of_one_hot(y_pred, "y_pred", rows)
    if has_several:
        y_true = _accepted(y_true, hold_lists(y_pred), rows)
    if closeness is not None:
        _check_kinds(y_true, y_pred, rows, has_several)
    if has_several:
        closest = (
            max(accepted, key=functools.partial(closeness, predicted))
            for accepted, predicted in zip(y_true, y_pred.tolist(), strict=True)
        )
        y_true = np.fromiter(closest, dtype=object, count=len(rows))
    return y_true, y_pred, weight, rows


def as_array(y):
    """Return answers as an array of strings, numbers or objects."""
    if isinstance(y, str):
        raise ValueError(
            f"Expected one answer a sample, got the single string {quote(y)}. Put it "
            "in a list if there is one sample."
        )
    array = np.asarray(y)
    if array.dtype.kind == "U" and not hasattr(y, "__array__"):
        # NumPy may take a list such as ["62", None, 7] for three strings.
        array = np.array(y, dtype=object)
    elif array.dtype.kind not in "OUbiuf":  # NumPy's StringDType above all
        array = array.astype(object)
    if array.ndim not in (1, 2, 3):
        raise ValueError(
            "Expected answers of 1 or 2 dimensions, or one-hot vectors of 3, got shape "
            f"{array.shape}."
        )
    return array


def restore_dtype(y, kind):
    """Return answers as an array of the kind that targets had.

    Parameters
    ----------
    y : ndarray

    kind : str
        The kind of a dtype of NumPy. "StringDType" and "O" change the array.
    """
    if kind == "StringDType":
        return y.astype(object).astype(np.dtypes.StringDType())
    return y.astype(object) if kind == "O" else y


def as_lists(y):
    """Return answers that are lists of tokens as an array of lists."""
    rows = y.tolist() if hasattr(y, "tolist") else list(y)
    for i, row in enumerate(rows):
        if not isinstance(row, _SEQUENCES):
            raise ValueError(
                f"Expected a list of tokens for each sample, but that of sample {i} is "
                f"{quote(row)} of type {type(row).__name__}."
            )
    return np.fromiter(map(list, rows), dtype=object, count=len(rows))


def codes_of_one_hot(y, input_name, rows=None):
    """Return the codes (n_samples, n_steps) of one-hot vectors.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_steps, n_symbols)

    input_name : str
        The name of the argument, for errors.

    rows : ndarray of int, default=None
        The positions of the samples, for errors, if they are not the first.
    """
    is_one_hot = ((y == 1).sum(axis=2) == 1) & ((y != 0).sum(axis=2) == 1)
    if not is_one_hot.all():
        i, step = np.argwhere(~is_one_hot)[0].tolist()
        raise ValueError(
            f"{input_name} of three dimensions must hold one-hot vectors, with a 1 for "
            f"the symbol of each step and zeros otherwise, but sample "
            f"{i if rows is None else rows[i]} has {quote(y[i, step].tolist())} at "
            f"step {step}."
        )
    return y.argmax(axis=2)


def _are_lists(*answers):
    """Return whether answers are lists of tokens, and not the rows of a matrix."""
    lengths: set[int] = set()
    for y in answers:
        if isinstance(y, str) or not hasattr(y, "__iter__"):
            return False
        of_objects = isinstance(y, np.ndarray) and y.dtype.kind == "O" and y.ndim == 1
        if isinstance(y, np.ndarray) and not of_objects:
            continue
        rows = list(y)
        is_sequence = [isinstance(row, _SEQUENCES) for row in rows]
        if not any(is_sequence):
            continue
        # If some are not sequences, `as_lists` raises an error that names the first.
        if of_objects or not all(is_sequence):
            return True
        lengths.update(map(len, rows))
    return len(lengths) > 1


def _depth(y):
    """Return the depth of nesting: 0 for strings and labels, 1 for lists of symbols."""
    if isinstance(y, np.ndarray) and (y.dtype.kind != "O" or y.ndim != 1):
        return y.ndim - 1
    if isinstance(y, str) or not isinstance(y, _COLLECTIONS):
        return 0
    inner = [row for row in y if isinstance(row, _COLLECTIONS)]
    return 1 + max(map(_depth, inner)) if inner else 0


def _hold_several(y_true, y_pred):
    """Return whether there is a list of accepted answers for each sample.

    Such answers are nested one level deeper than the answers to judge. The columns of
    an array are symbols, not accepted answers.
    """
    if isinstance(y_true, np.ndarray) and (y_true.dtype.kind != "O" or y_true.ndim > 1):
        return False
    return _depth(y_true) == _depth(y_pred) + 1


def _accepted(y_true, of_lists, rows):
    """Return a list of the accepted answers of each sample."""
    samples = []
    for i, accepted in zip(rows.tolist(), y_true, strict=True):
        if not isinstance(accepted, _COLLECTIONS):
            raise ValueError(
                f"y_true[{i}] = {quote(accepted)} is not a list of accepted answers, "
                "but those of other samples are. Put a single answer in a list too."
            )
        if not len(accepted):
            raise ValueError(
                f"y_true[{i}] is empty: a sample needs one accepted answer at least."
            )
        if isinstance(accepted, set | frozenset):  # whose order varies
            accepted = sorted(accepted, key=repr)
        samples.append(list(as_lists(accepted)) if of_lists else list(accepted))
    return samples


def hold_lists(y):
    """Return whether checked answers are lists of tokens."""
    return y.ndim == 1 and isinstance(y[0], list)


def hold_strings(y):
    """Return whether checked answers are strings, and not labels."""
    return y.ndim == 1 and isinstance(y[0], str)


def _check_kinds(y_true, y_pred, rows, has_several):
    """Raise an error for numbers among strings, which never equal them."""
    kinds = {getattr(getattr(y, "dtype", None), "kind", "O") for y in (y_true, y_pred)}
    if kinds == {"U"} or kinds <= set("biuf"):
        return
    depth = int(hold_lists(y_pred) or y_pred.ndim == 2)
    sides = {"y_true": (y_true, depth + has_several), "y_pred": (y_pred, depth)}
    found = {
        (name, isinstance(symbol, str))
        for name, side in sides.items()
        for _, symbol in _symbols(*side)
        # The stand-in for unknown tokens is a string even among numbers.
        if not (depth and isinstance(symbol, str) and symbol == UNKNOWN)
    }
    of_strings = {name for name, is_string in found if is_string}
    of_others = {name for name, is_string in found if not is_string}
    # Tokens may be strings and integers in one list.
    if not of_strings or not of_others or (depth and of_strings & of_others):
        return
    name, i, symbol = next(
        (name, i, symbol)
        for name, side in sides.items()
        for i, symbol in _symbols(*side)
        if not isinstance(symbol, str)
    )
    holds = "holds" if sides[name][1] else "="
    raise ValueError(
        f"{name}[{rows[i]}] {holds} {quote(symbol)}, which is not a string, but "
        "other answers are strings. Strings are compared by their characters: turn "
        "numbers into strings."
    )


def _symbols(answers, depth):
    """Yield pairs of a sample's position and a symbol of its answer.

    At depth 0 the answer as a whole is the symbol.
    """
    for i, answer in enumerate(getattr(answers, "tolist", lambda: answers)()):
        parts: Iterable = [answer]
        for _ in range(depth):
            parts = itertools.chain.from_iterable(parts)
        for symbol in parts:
            yield i, symbol


def exact_matches(y_true, y_pred):
    """Return a mask of the answers that are correct as a whole, (n_samples,)."""
    # As Python objects, a string and a number can be compared: they differ.
    matches = np.asarray(y_true.astype(object) == y_pred.astype(object), dtype=bool)
    return matches.all(axis=1) if matches.ndim == 2 else matches
