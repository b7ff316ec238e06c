"""Fitted transformers of this package as plain values, and back."""

import numpy as np

from .._targets import LabelSequenceEncoder
from ..networks import plain
from ..preprocessing import (
    SequenceIntegerEncoder,
    SequencePadder,
    SequenceTokenizer,
)

# The fitted attributes of each transformer.
_FITTED = {
    SequenceTokenizer: ("vocabulary_", "kind_"),
    SequencePadder: ("length_", "widths_", "fill_", "stand_in_"),
    SequenceIntegerEncoder: ("alphabet_", "n_steps_", "fill_"),
    LabelSequenceEncoder: ("classes_", "n_dimensions_", "dtype_"),
}
_BY_NAME = {each.__name__: each for each in _FITTED}


def to_table(transformer, name):
    """Return a fitted transformer as plain values for JSON.

    Parameters
    ----------
    transformer : SequenceTokenizer, SequencePadder, SequenceIntegerEncoder or \
            LabelSequenceEncoder
        The transformer.

    name : str
        A description of the transformer for errors.

    Returns
    -------
    table : dict
        Its class, parameters and fitted attributes.

    Raises
    ------
    ValueError
        If it is of another class, or has a function as its parameter.
    """
    kind = type(transformer)
    if kind not in _FITTED:
        raise ValueError(
            f"{name} is of type {kind.__name__}, which export_onnx cannot export. It "
            "exports SequenceTokenizer, SequencePadder, SequenceIntegerEncoder and "
            "SequenceOneHotEncoder."
        )
    params = transformer.get_params()
    fitted = {attribute: getattr(transformer, attribute) for attribute in _FITTED[kind]}
    if kind is SequenceTokenizer:
        params["vocabulary"] = None  # it is among the fitted attributes
        if callable(params["analyzer"]):
            raise ValueError(
                f"{name} has a function as its analyzer, which cannot be written into "
                "a file. Use analyzer='word' or 'char', or apply the function first "
                "and give lists of tokens."
            )
        tokens = fitted["vocabulary_"]
        fitted["vocabulary_"] = [
            str(token) if isinstance(token, str) else int(token) for token in tokens
        ]
    table = {"class": kind.__name__, "params": params, "fitted": fitted}
    return plain(table, list)


def from_table(table):
    """Return the fitted transformer of a table."""
    kind = _BY_NAME[table["class"]]
    transformer = kind(**table["params"])
    fitted = table["fitted"]
    if kind is SequenceTokenizer:
        tokens = fitted["vocabulary_"]
        fitted = fitted | {"vocabulary_": {token: i for i, token in enumerate(tokens)}}
    if kind is LabelSequenceEncoder:
        classes = np.array(fitted["classes_"], dtype=fitted["dtype_"])
        fitted = fitted | {"classes_": classes}
    vars(transformer).update(fitted)
    return transformer
