"""Transformers from strings to arrays, and exactly back."""

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
