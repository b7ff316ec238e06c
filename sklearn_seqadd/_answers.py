"""Answers to judge: checked, and compared as wholes."""

import numpy as np
from sklearn.utils import check_consistent_length

from ._digits import shown
from ._sklearn import check_sample_weight

_SEQUENCES = (list, tuple, np.ndarray)


def check_answers(y_true, y_pred, sample_weight):
    """Arrays of the same number of answers, and their weights."""
    if _are_lists(y_true, y_pred):
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
        # A column vector against a flat one is the same answers in another shape.
        y_true, y_pred = (
            y[:, 0] if y.shape[1:] == (1,) else y for y in (y_true, y_pred)
        )
    if y_true.shape != y_pred.shape:
        raise ValueError(
            f"y_true has shape {y_true.shape}, but y_pred has shape {y_pred.shape}."
        )
    return y_true, y_pred, weight


def as_array(y):
    """Answers as an array of strings, numbers or objects, of one or two dimensions."""
    if isinstance(y, str):
        raise ValueError(
            f"Expected one answer a sample, got the single string {y!r}. Put it in a "
            "list if there is one sample."
        )
    array = np.asarray(y)
    if array.dtype.kind == "U" and not hasattr(y, "__array__"):
        # Of a list such as ["62", None, 7], which NumPy may take for three strings.
        array = np.array(y, dtype=object)
    elif array.dtype.kind not in "OUbiuf":  # NumPy's StringDType above all
        array = array.astype(object)
    if array.ndim not in (1, 2):
        raise ValueError(
            f"Expected answers of 1 or 2 dimensions, got shape {array.shape}."
        )
    return array


def of_kind(y, kind):
    """Answers as the kind of array that targets were, an array otherwise alike."""
    if kind == "StringDType":
        return y.astype(object).astype(np.dtypes.StringDType())
    return y.astype(object) if kind == "O" else y


def as_lists(y):
    """Answers that are lists of tokens, an array of lists."""
    rows = y.tolist() if hasattr(y, "tolist") else list(y)
    for i, row in enumerate(rows):
        if not isinstance(row, _SEQUENCES):
            raise ValueError(
                f"Expected a list of tokens for each sample, but that of sample {i} is "
                f"{shown(row)} of type {type(row).__name__}."
            )
    return np.fromiter(map(list, rows), dtype=object, count=len(rows))


def _are_lists(*answers):
    """Whether answers are lists of tokens, and not the rows of a matrix."""
    lengths = set()
    for y in answers:
        if isinstance(y, str) or not hasattr(y, "__iter__"):
            return False
        kind = getattr(getattr(y, "dtype", None), "kind", None)
        of_objects = kind == "O" and y.ndim == 1
        if hasattr(y, "dtype") and not of_objects:
            continue
        rows = list(y)
        is_sequence = [isinstance(row, _SEQUENCES) for row in rows]
        if not any(is_sequence):
            continue
        if of_objects or not all(is_sequence):  # of which the first will be named
            return True
        lengths.update(map(len, rows))
    return len(lengths) > 1


def hold_lists(y):
    """Whether checked answers are lists of tokens."""
    return y.ndim == 1 and isinstance(y[0], list)


def hold_strings(y_true, y_pred):
    """Whether all answers are strings, and not labels; an error if only some are."""
    answers = [*y_true.tolist(), *y_pred.tolist()]
    is_string = [isinstance(answer, str) for answer in answers]
    if any(is_string) and not all(is_string):
        i, n = is_string.index(False), len(y_true)
        raise ValueError(
            f"{'y_true' if i < n else 'y_pred'}[{i % n}] = {shown(answers[i])} is no "
            "string, but other answers are. Strings are compared by their characters: "
            "all answers must be strings."
        )
    return all(is_string)


def exact_matches(y_true, y_pred):
    """Whether each answer is right as a whole, shape (n_samples,), bool."""
    # NumPy will not compare strings with numbers; objects compare as such.
    matches = np.asarray(y_true.astype(object) == y_pred.astype(object), dtype=bool)
    return matches.all(axis=1) if matches.ndim == 2 else matches
