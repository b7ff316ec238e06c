"""Fitted transformers of this package as plain values, and back."""

import numpy as np

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
}
_BY_NAME = {each.__name__: each for each in _FITTED}


def to_table(transformer, name):
    """Return a fitted transformer as plain values for JSON.

    Parameters
    ----------
    transformer : SequenceTokenizer, SequencePadder or SequenceIntegerEncoder
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
            f"exports {', '.join(_BY_NAME)} and SequenceOneHotEncoder."
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
    return {"class": kind.__name__, "params": _plain(params), "fitted": _plain(fitted)}


def from_table(table):
    """Return the fitted transformer of a table."""
    kind = _BY_NAME[table["class"]]
    transformer = kind(**table["params"])
    for attribute in _FITTED[kind]:
        value = table["fitted"][attribute]
        if attribute == "vocabulary_":
            value = {token: i for i, token in enumerate(value)}
        setattr(transformer, attribute, value)
    return transformer


def labels_to_table(encoder):
    """Return the encoder that Seq2SeqClassifier makes for labels as plain values."""
    classes = encoder.classes_
    is_one_hot = encoder._n_dimensions == 3
    return {
        "labels": classes.tolist(),
        "dtype": encoder._dtype if is_one_hot else classes.dtype.str,
        "n_dimensions": encoder._n_dimensions,
    }


class Labels:
    """Inverse transformer from codes to the labels of a table."""

    def __init__(self, table):
        self._labels = np.array(table["labels"], dtype=table["dtype"])
        self._n_dimensions = table["n_dimensions"]

    def inverse_transform(self, codes):
        if self._n_dimensions == 3:
            return np.eye(len(self._labels), dtype=self._labels.dtype)[codes]
        labels = self._labels[codes]
        return labels[:, 0] if self._n_dimensions == 1 else labels


def _plain(value):
    """Return a value with Python's numbers in place of NumPy's."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value
