"""Transformers from strings to arrays, and exactly back."""

from typing import Any

from ._encoders import SequenceIntegerEncoder, SequenceOneHotEncoder, check_codes
from ._padder import SequencePadder
from ._tokenizer import UNKNOWN, SequenceTokenizer, in_words

__all__ = [
    "UNKNOWN",
    "SequenceIntegerEncoder",
    "SequenceOneHotEncoder",
    "SequencePadder",
    "SequenceTokenizer",
    "check_codes",
    "in_words",
]


def __getattr__(name: str) -> Any:
    if name == "TermExtractor":  # by this name files of version 0.1.0 refer to it
        from ..arithmetic import TermExtractor

        return TermExtractor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
