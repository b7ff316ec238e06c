"""The private names of scikit-learn that the package uses, all in this file.

If a new version moves or changes them, only this file has to change. The imports are
those of scikit-learn 1.6 to 1.9.

- `fit_context` checks the parameters before `fit`; `Interval`, `StrOptions` and
  `HasMethods` declare valid values. With them, errors are worded as in any other
  estimator, and `check_estimator` finds the declarations where it looks for them.
- `count_steps` counts columns as `validate_data` does, in any container.
- `safe_indexing` takes samples out of any container: arrays, sparse matrices, lists,
  data frames and Series of any library.

Sample weights are checked here too, by public names only: scikit-learn's own check of
them is private, and does not say which sample is wrong.
"""

import sys
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import _fit_context as fit_context
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils import check_array
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.validation import _num_features

from ._samples import as_samples

# The values of a parameter that is a number of things.
COUNT = Interval(Integral, 1, None, closed="left")


def count_steps(X):
    """Return the number of columns; 0 if X has none, or is not an array."""
    try:
        return _num_features(X)
    except (TypeError, ValueError, LookupError, AttributeError):
        return 0


def check_sample_weight(sample_weight, X):
    """Validate sample weights; an error names the first sample with an invalid one.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,), or float
        One number is the weight of every sample.

    X : array-like of shape (n_samples, ...)
        The samples, or anything as long.

    Returns
    -------
    sample_weight : ndarray of float64, shape (n_samples,)
        The weights divided by a power of two, so that the largest is between 1 and 2.
        Only their ratios count, and sums of weights of any magnitude stay finite. A
        power of two changes no digit of them.

    Raises
    ------
    ValueError
        If there is not one weight for each sample, if all are zero, or if one is
        masked, negative, NaN, infinite or too large for a float.
    """
    sample_weight = as_samples(sample_weight, "sample_weight")
    n_samples = X.shape[0] if hasattr(X, "shape") else len(X)
    if isinstance(sample_weight, Real):
        sample_weight = [sample_weight] * n_samples
    try:
        weight = check_array(
            sample_weight,
            ensure_2d=False,
            allow_nd=True,
            dtype=np.float64,
            ensure_all_finite=False,
            ensure_min_samples=0,
            input_name="sample_weight",
        )
    except OverflowError as error:
        weights = np.ravel(np.asarray(sample_weight, dtype=object))
        sizes: list[Any] = [abs(w) if isinstance(w, Real) else 0 for w in weights]
        i = next(i for i, size in enumerate(sizes) if size > sys.float_info.max)
        raise ValueError(
            "Input sample_weight contains a value too large for dtype('float64'); the "
            f"first is that of sample {i}."
        ) from error
    if weight.shape != (n_samples,):
        raise ValueError(
            "Sample weights must be 1D array or scalar, one for each sample: "
            f"sample_weight.shape == {weight.shape}, expected {(n_samples,)}!"
        )
    for is_bad, what in (
        (np.isnan(weight), "Input sample_weight contains NaN"),
        (np.isinf(weight), "Input sample_weight contains infinity"),
        (weight < 0, "Negative values in data passed to `sample_weight`"),
    ):
        if is_bad.any():
            i = int(np.argmax(is_bad))
            raise ValueError(f"{what}; the first is {weight[i]} of sample {i}.")
    if not weight.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    _, exponent = np.frexp(weight.max())
    return np.ldexp(weight, 1 - exponent)
