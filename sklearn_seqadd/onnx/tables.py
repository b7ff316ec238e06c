"""What transformers of this package have learned, as plain values and back."""

import numpy as np

from ..preprocessing import (
    SequenceIntegerEncoder,
    SequencePadder,
    SequenceTokenizer,
)

# The attributes of each that say all it has learned.
_FITTED = {
    SequenceTokenizer: ("vocabulary_", "kind_"),
    SequencePadder: ("length_", "widths_", "fill_", "stand_in_"),
    SequenceIntegerEncoder: ("alphabet_", "n_steps_", "fill_"),
}
_BY_NAME = {each.__name__: each for each in _FITTED}


def to_table(transformer, name):
    """A fitted transformer as plain values, such as JSON takes.

    Parameters
    ----------
    transformer : SequenceTokenizer, SequencePadder or SequenceIntegerEncoder

    name : str
        What it is called in an error.

    Returns
    -------
    table : dict

    Raises
    ------
    ValueError
        If it is of another class, or holds a function.
    """
    kind = type(transformer)
    if kind not in _FITTED:
        raise ValueError(
            f"{name} is of type {kind.__name__}, which export_onnx does not know. It "
            f"exports {', '.join(_BY_NAME)} and SequenceOneHotEncoder."
        )
    params = transformer.get_params()
    fitted = {attribute: getattr(transformer, attribute) for attribute in _FITTED[kind]}
    if kind is SequenceTokenizer:
        params["vocabulary"] = None  # the fitted one is there
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
    """The fitted transformer of a table."""
    kind = _BY_NAME[table["class"]]
    transformer = kind(**table["params"])
    for attribute in _FITTED[kind]:
        value = table["fitted"][attribute]
        if attribute == "vocabulary_":
            value = {token: i for i, token in enumerate(value)}
        setattr(transformer, attribute, value)
    return transformer


def labels_to_table(encoder):
    """Labels as plain values: the encoder that Seq2SeqClassifier makes for them."""
    classes = encoder.classes_
    is_one_hot = encoder._n_dimensions == 3
    return {
        "labels": classes.tolist(),
        "dtype": encoder._dtype if is_one_hot else classes.dtype.str,
        "n_dimensions": encoder._n_dimensions,
    }


class Labels:
    """Codes back to the labels of a table."""

    def __init__(self, table):
        self._labels = np.array(table["labels"], dtype=table["dtype"])
        self._n_dimensions = table["n_dimensions"]

    def inverse_transform(self, codes):
        if self._n_dimensions == 3:
            return np.eye(len(self._labels), dtype=self._labels.dtype)[codes]
        labels = self._labels[codes]
        return labels[:, 0] if self._n_dimensions == 1 else labels


def _plain(value):
    """NumPy's numbers, which parameters may be, as Python's."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value
