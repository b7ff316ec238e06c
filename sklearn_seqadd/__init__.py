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
    "arithmetic": ["TermExtractor", "carry_report"],
    "datasets": ["make_addition", "make_expressions"],
    "inspection": ["AttentionDisplay", "StepAccuracyDisplay", "TrainingHistoryDisplay"],
    "mapping": ["MappingRegressor"],
    "metrics": ["character_accuracy_score", "exact_match_score", "numeric_rmse"],
    "pipeline": ["make_seq2seq_pipeline"],
    "preprocessing": [
        "SequenceIntegerEncoder",
        "SequenceOneHotEncoder",
        "SequencePadder",
    ],
    "seq2seq": ["Seq2SeqClassifier"],
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
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
