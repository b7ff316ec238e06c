"""Validation of the container in which samples come."""

from collections.abc import Mapping, MappingView

import numpy as np


def as_samples(samples, input_name="X"):
    """Return samples in a container that has an order and can be read repeatedly.

    Parameters
    ----------
    samples : iterable
        The samples, as the user has given them.

    input_name : str, default="X"
        The name of the argument, for errors.

    Returns
    -------
    samples : list, or as given
        A list, if they come from a generator, a view of a dict or any other iterable
        that cannot be indexed.

    Raises
    ------
    ValueError
        If the samples are a mapping or a set, or an array with a masked element.
    """
    # Some sparse matrices are mappings; scikit-learn refuses them later on.
    if isinstance(samples, Mapping) and not hasattr(samples, "shape"):
        raise ValueError(
            f"{input_name} is a {type(samples).__name__}, whose keys would be taken "
            "for samples. Pass a list or an array of samples, such as one of its "
            "values."
        )
    if isinstance(samples, set | frozenset):
        raise ValueError(
            f"{input_name} is a {type(samples).__name__}, which has no order. Pass a "
            "list or an array of samples."
        )
    if isinstance(samples, np.ma.MaskedArray):
        is_masked = np.ma.getmaskarray(samples)
        if is_masked.any():
            i = int(np.argwhere(is_masked)[0, 0]) if samples.ndim else 0
            raise ValueError(
                f"{input_name} is a masked array, and sample {i} is masked. Leave "
                "samples with missing values out."
            )
        return samples.data
    # Sparse matrices have a length, too; scikit-learn refuses them later on.
    has_positions = hasattr(samples, "__len__") or hasattr(samples, "__array__")
    has_positions &= not isinstance(samples, MappingView)
    return samples if has_positions or not hasattr(samples, "__iter__") else [*samples]
