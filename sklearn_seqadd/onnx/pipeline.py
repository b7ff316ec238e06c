"""A pipeline that predicts with ONNX Runtime."""

import os
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_scalar

from .._answers import restore_dtype
from ..networks import MAX_ACTIVATIONS, PREDICTION_ROWS, Seq2SeqNetwork
from .files import check_content, read_tables
from .tables import from_table

__all__ = ["OnnxPipeline"]


class OnnxPipeline:
    """Predict answers to strings with a file that :func:`export_onnx` has written.

    Its predictions are those of the exported pipeline, and so are its errors for
    invalid input. TensorFlow and Keras are not imported, and need not be installed.

    Parameters
    ----------
    path : str or path-like
        The file.

    n_threads : int, default=1
        The number of threads of an operation. One thread is fastest for a few strings
        at a time, and leaves the other cores to simultaneous calls.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.

    ValueError
        If the file is damaged, or was not written by :func:`export_onnx`.

    ImportError
        If ONNX Runtime is not installed: ``pip install sklearn_seqadd[onnx]``.

    See Also
    --------
    export_onnx : Write the file.

    Notes
    -----
    Several threads may call `predict` of one object at the same time. A pickle has the
    content of the file, which need not exist any longer.

    The file contains no code, but tables of plain values and operations of ONNX.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn_seqadd import (
    ...     OnnxPipeline, export_onnx, make_addition, make_seq2seq_pipeline)
    >>> X, y = make_addition(1000, largest=9, random_state=0)
    >>> pipe = make_seq2seq_pipeline(epochs=40, learning_rate=0.01, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "sums.onnx")
    ...     export_onnx(pipe.fit(X, y), path)
    ...     sums = OnnxPipeline(path)
    >>> sums.predict(["2+3", "4+8"])
    array(['5', '12'], dtype='<U2')
    """

    def __init__(self, path: str | os.PathLike, *, n_threads: int = 1) -> None:
        check_scalar(n_threads, "n_threads", Integral, min_val=1)
        self.path = path
        self.n_threads = n_threads
        self._load(Path(path).read_bytes())

    def predict(self, X: ArrayLike | list) -> np.ndarray:
        """Predict the answers.

        Parameters
        ----------
        X : array-like of str, or list of lists of tokens, shape (n_samples,)
            The strings, as the exported pipeline takes them.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_steps)
            The answers, with the kind and dtype of those of the exported pipeline.

        Raises
        ------
        ValueError
            If X is invalid for the exported pipeline.
        """
        (codes,) = self._run(X, "answers")
        for transformer in reversed(self._of_targets):
            codes = transformer.inverse_transform(codes)
        return restore_dtype(codes, self._target_kind)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({os.fspath(self.path)!r})"

    def __getstate__(self) -> dict[str, Any]:
        names = "path", "n_threads", "_content"
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.path, self.n_threads = state["path"], state["n_threads"]
        self._load(state["_content"])

    def _load(self, content):
        try:
            import onnxruntime
        except ImportError as error:
            raise ImportError(
                "OnnxPipeline needs ONNX Runtime: pip install sklearn_seqadd[onnx]."
            ) from error
        check_content(content, self.path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.n_threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        properties = self._session.get_modelmeta().custom_metadata_map
        tables = read_tables(properties, self.path)
        self._content = content
        self._transformers = list(map(from_table, tables["input"]))
        self._of_targets = list(map(from_table, tables["target"]))
        self._target_kind = tables["target_kind"]
        self._network = Seq2SeqNetwork.from_dict(tables["network"])

    def _run(self, X, *outputs):
        """Return outputs of the model, arrays with a row for each string."""
        for transformer in self._transformers:
            X = transformer.transform(X)
        codes = np.asarray(X, dtype=np.int64)
        network, n_steps = self._network, codes.shape[1]
        if n_steps > network.n_steps_in:
            network.check_longer(n_steps, network.n_steps_in, "Seq2SeqClassifier")
        blocks = [
            self._session.run(outputs, {"codes": codes[first : first + n_rows]})
            for n_rows in [self._rows_at_a_time(n_steps)]
            for first in range(0, len(codes), n_rows)
        ]
        if len(blocks) == 1:
            return blocks[0]
        return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]

    def _rows_at_a_time(self, n_steps):
        """Return the number of strings of n_steps that are predicted at a time."""
        activations_per_sample = self._network.activations_per_sample(n_steps)
        if self._network.any_length:
            # Fourier transforms are complex, and their lengths are powers of two.
            activations_per_sample *= 4
        return max(1, min(PREDICTION_ROWS, MAX_ACTIVATIONS // activations_per_sample))
