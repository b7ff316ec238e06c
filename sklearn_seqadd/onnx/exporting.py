"""Export of a fitted pipeline into one file for ONNX Runtime."""

import hashlib
import json
import os

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .._base import named_steps_of
from .._files import atomic_write
from ..ensemble import Seq2SeqEnsemble
from ..preprocessing import (
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    SequenceTokenizer,
)
from ..seq2seq import Seq2SeqClassifier
from . import layers
from .files import FORMAT, TABLES, trailer
from .graph import Graph
from .search import write_search
from .steps import step_by_step
from .tables import to_table

__all__ = ["export_onnx"]

# The steps that can be exported, in this order. Only SequenceIntegerEncoder and the
# estimator are required.
_ORDER: list = [
    SequenceTokenizer,
    SequencePadder,
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    (Seq2SeqClassifier, Seq2SeqEnsemble),
]


def export_onnx(pipeline: Pipeline, path: str | os.PathLike) -> None:
    """Write a fitted pipeline into a file that predicts without TensorFlow.

    The file is an ONNX model with the network and the fitted attributes of the
    transformers. :class:`OnnxPipeline` reads it.

    Parameters
    ----------
    pipeline : Pipeline
        A fitted pipeline from strings to answers, as :func:`make_seq2seq_pipeline`
        makes them: optionally a :class:`SequenceTokenizer`, optionally a
        :class:`SequencePadder`, a :class:`SequenceIntegerEncoder`, optionally a
        :class:`SequenceOneHotEncoder`, and a :class:`Seq2SeqClassifier` or
        :class:`Seq2SeqEnsemble` with any decoder of this package. The file has the
        current `beam_width` of the estimator.

    path : str or path-like
        The file. An existing file is replaced when the new one is complete.

    Returns
    -------
    None
        Nothing.

    Raises
    ------
    NotFittedError
        If the pipeline is not fitted.

    ValueError
        If the pipeline or the target transformer has a step of another kind, or if the
        network is the user's own.

    ImportError
        If onnx is not installed: ``pip install sklearn_seqadd[onnx]``.

    See Also
    --------
    OnnxPipeline : Predict with the file.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn_seqadd import (
    ...     OnnxPipeline, export_onnx, make_addition, make_seq2seq_pipeline)
    >>> X, y = make_addition(1000, largest=9, random_state=0)
    >>> pipe = make_seq2seq_pipeline(epochs=40, learning_rate=0.01, random_state=0)
    >>> pipe = pipe.fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "sums.onnx")
    ...     export_onnx(pipe, path)
    ...     OnnxPipeline(path).predict(["2+3", "4+8"])
    array(['5', '12'], dtype='<U2')
    """
    steps = _check_steps(pipeline)
    estimator = steps[-1][1]
    if isinstance(estimator, Seq2SeqEnsemble):
        estimator = estimator._together
    network = estimator._network
    if network.has_own_code:
        raise ValueError(
            "export_onnx can export the networks of this package, but not "
            f"{network.decoder.parameter}={network.decoder!r}. tf2onnx can convert "
            "pipeline[-1].model_, which maps vectors to probabilities."
        )
    estimator._check_beam_width()  # it may have been set after `fit`
    tables = {
        "format": FORMAT,
        "input": [
            to_table(step, f"The step {name!r} of the pipeline")
            for name, step in steps[:-1]
            if not isinstance(step, SequenceOneHotEncoder)
        ],
        "target": _describe_targets(estimator),
        "target_kind": estimator.target_codec_.kind,
        "network": estimator._network.for_prediction().to_dict(),
    }
    try:
        import onnx
    except ImportError as error:
        raise ImportError(
            "export_onnx needs onnx: pip install sklearn_seqadd[onnx]."
        ) from error
    model = _write_graph(steps, estimator)
    onnx.helper.set_model_props(model, {TABLES: json.dumps(tables)})
    content = model.SerializeToString()
    with atomic_write(path) as part:
        part.write_bytes(content + trailer(hashlib.sha256(content).hexdigest()))


def _check_steps(pipeline):
    """Return the steps of a valid pipeline, pairs of a name and a fitted step."""
    if not isinstance(pipeline, Pipeline):
        raise ValueError(
            "export_onnx expects a fitted Pipeline from strings to answers, got "
            f"{type(pipeline).__name__}. make_seq2seq_pipeline() makes one."
        )
    steps = named_steps_of(pipeline)
    order = iter(_ORDER)
    for name, step in steps:
        if not any(isinstance(step, kind) for kind in order):
            raise ValueError(
                f"The step {name!r} of the pipeline, of type {type(step).__name__}, "
                "cannot be exported at its position. export_onnx takes "
                "SequenceTokenizer, SequencePadder, SequenceIntegerEncoder, "
                "SequenceOneHotEncoder and Seq2SeqClassifier or Seq2SeqEnsemble, in "
                "this order."
            )
    kinds = [type(step) for _, step in steps]
    if SequenceIntegerEncoder not in kinds or not isinstance(
        steps[-1][1], Seq2SeqClassifier | Seq2SeqEnsemble
    ):
        raise ValueError(
            "export_onnx expects a pipeline from strings to answers, with a "
            "SequenceIntegerEncoder in it and a Seq2SeqClassifier or Seq2SeqEnsemble "
            f"at its end. Got {' and '.join(kind.__name__ for kind in kinds)}."
        )
    for _, step in steps:
        check_is_fitted(step)
    return steps


def _describe_targets(estimator):
    """Return the tables of the transformers of the targets."""
    transformer = estimator.target_transformer_
    # One-hot encoding is left out, since the graph returns codes.
    return [
        to_table(step, f"target_transformer{name and f', the step {name!r}'}")
        for name, step in named_steps_of(transformer)
        if not isinstance(step, SequenceOneHotEncoder)
    ]


# ----------------------------------------------------------------------- the graph


def _write_graph(steps, estimator):
    """Return the model from codes (n_samples, n_steps_in) to codes of answers."""
    network = estimator._network.for_prediction()
    model = network.build()
    model.set_weights(estimator.weights_)
    graph = Graph()
    inputs = _write_input(graph, steps, network)
    inputs.shape = tuple(model.inputs[0].shape)
    n_steps_in, n_steps_out, n_symbols = network.n_steps_in, network.n_steps_out, None
    if network.any_length:
        n_steps_in, n_steps_out = "n_steps_in", "n_steps_out"
    if len(model.inputs) > 1:
        codes, scores = write_search(
            graph,
            step_by_step(network, model, graph),
            inputs,
            layers.steps_of_answers(graph, network, inputs),
            network.n_symbols,
            int(estimator.beam_width),
            network.eos_code,
        )
        certainty = {"scores": (scores, np.float32, ["n_samples"])}
    else:
        (probabilities,) = layers.write_model(graph, model, [inputs])
        codes = graph.op("ArgMax", probabilities, axis=-1, keepdims=0)
        n_symbols = network.n_symbols
        shape = ["n_samples", n_steps_out, n_symbols]
        certainty = {"probabilities": (probabilities, np.float32, shape)}
    return graph.model(
        {"codes": (np.int64, ["n_samples", n_steps_in])},
        {"answers": (codes, np.int64, ["n_samples", n_steps_out]), **certainty},
    )


def _write_input(graph, steps, network):
    """Return the input of the network, made of codes."""
    codes = graph.input("codes")
    for _, step in steps:
        if isinstance(step, SequenceOneHotEncoder):
            n = step.n_symbols_
            table = np.eye(n + 1, n, dtype=np.float32)
            return graph.op("Gather", table, graph.op("Min", codes, n))
    if network.embedding_dim is not None:
        codes = graph.op("Min", codes, network.n_input_symbols)
        return graph.cast(codes, np.float32)
    return graph.expand(graph.cast(codes, np.float32), 2)
