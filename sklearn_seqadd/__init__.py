"""Sequence-to-sequence networks inside scikit-learn: sums as strings, and others."""

import importlib
from typing import TYPE_CHECKING, Any

from . import _forks as _forks  # imported early, to see forks
from ._version import __version__ as __version__

if TYPE_CHECKING:  # what _MODULES says, for those who only read; `as` exports a name
    from .arithmetic import TermExtractor as TermExtractor
    from .arithmetic import carry_report as carry_report
    from .datasets import make_addition as make_addition
    from .datasets import make_expressions as make_expressions
    from .ensemble import Seq2SeqEnsemble as Seq2SeqEnsemble
    from .inspection import AttentionDisplay as AttentionDisplay
    from .inspection import StepAccuracyDisplay as StepAccuracyDisplay
    from .inspection import TrainingHistoryDisplay as TrainingHistoryDisplay
    from .mapping import MappingRegressor as MappingRegressor
    from .metrics import character_accuracy_score as character_accuracy_score
    from .metrics import exact_match_score as exact_match_score
    from .metrics import numeric_rmse as numeric_rmse
    from .metrics import symbol_error_rate as symbol_error_rate
    from .networks import AttentionDecoder as AttentionDecoder
    from .networks import AutoregressiveDecoder as AutoregressiveDecoder
    from .networks import Decoder as Decoder
    from .networks import RelativeDecoder as RelativeDecoder
    from .networks import RepeatDecoder as RepeatDecoder
    from .networks import SequenceDecoder as SequenceDecoder
    from .onnx.exporting import export_onnx as export_onnx
    from .onnx.pipeline import OnnxPipeline as OnnxPipeline
    from .pipeline import make_seq2seq_pipeline as make_seq2seq_pipeline
    from .preprocessing import SequenceIntegerEncoder as SequenceIntegerEncoder
    from .preprocessing import SequenceOneHotEncoder as SequenceOneHotEncoder
    from .preprocessing import SequencePadder as SequencePadder
    from .preprocessing import SequenceTokenizer as SequenceTokenizer
    from .seq2seq import Seq2SeqClassifier as Seq2SeqClassifier

# Where each public name lives. A module is imported when a name of it is asked for, so
# that `import sklearn_seqadd` costs nothing, and TensorFlow waits for the first `fit`.
_MODULES = {
    "arithmetic": ["TermExtractor", "carry_report"],
    "datasets": ["make_addition", "make_expressions"],
    "ensemble": ["Seq2SeqEnsemble"],
    "inspection": ["AttentionDisplay", "StepAccuracyDisplay", "TrainingHistoryDisplay"],
    "mapping": ["MappingRegressor"],
    "metrics": [
        "character_accuracy_score",
        "exact_match_score",
        "numeric_rmse",
        "symbol_error_rate",
    ],
    "networks": [
        "AttentionDecoder",
        "AutoregressiveDecoder",
        "Decoder",
        "RelativeDecoder",
        "RepeatDecoder",
        "SequenceDecoder",
    ],
    "onnx.exporting": ["export_onnx"],
    "onnx.pipeline": ["OnnxPipeline"],
    "pipeline": ["make_seq2seq_pipeline"],
    "preprocessing": [
        "SequenceIntegerEncoder",
        "SequenceOneHotEncoder",
        "SequencePadder",
        "SequenceTokenizer",
    ],
    "seq2seq": ["Seq2SeqClassifier"],
}

__all__ = sorted(name for names in _MODULES.values() for name in names)


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
