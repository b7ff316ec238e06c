"""Sequence-to-sequence networks inside scikit-learn: sums as strings, and others."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what _MODULES says, for those who only read
    from .arithmetic import TermExtractor, carry_report
    from .datasets import make_addition, make_expressions
    from .inspection import (
        AttentionDisplay,
        StepAccuracyDisplay,
        TrainingHistoryDisplay,
    )
    from .mapping import MappingRegressor
    from .metrics import (
        character_accuracy_score,
        exact_match_score,
        numeric_rmse,
    )
    from .pipeline import make_seq2seq_pipeline
    from .preprocessing import (
        SequenceIntegerEncoder,
        SequenceOneHotEncoder,
        SequencePadder,
    )
    from .seq2seq import Seq2SeqClassifier

__version__ = "0.1.0"

# Where each public name lives. A module is imported when a name of it is asked for, so
# that `import sklearn_seqadd` costs nothing, and TensorFlow waits for the first `fit`.
_MODULES = {
    "AttentionDisplay": "inspection",
    "MappingRegressor": "mapping",
    "Seq2SeqClassifier": "seq2seq",
    "SequenceIntegerEncoder": "preprocessing",
    "SequenceOneHotEncoder": "preprocessing",
    "SequencePadder": "preprocessing",
    "StepAccuracyDisplay": "inspection",
    "TermExtractor": "arithmetic",
    "TrainingHistoryDisplay": "inspection",
    "carry_report": "arithmetic",
    "character_accuracy_score": "metrics",
    "exact_match_score": "metrics",
    "make_addition": "datasets",
    "make_expressions": "datasets",
    "make_seq2seq_pipeline": "pipeline",
    "numeric_rmse": "metrics",
}

__all__ = [
    "AttentionDisplay",
    "MappingRegressor",
    "Seq2SeqClassifier",
    "SequenceIntegerEncoder",
    "SequenceOneHotEncoder",
    "SequencePadder",
    "StepAccuracyDisplay",
    "TermExtractor",
    "TrainingHistoryDisplay",
    "carry_report",
    "character_accuracy_score",
    "exact_match_score",
    "make_addition",
    "make_expressions",
    "make_seq2seq_pipeline",
    "numeric_rmse",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
