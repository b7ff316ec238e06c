"""Transformers from strings to arrays, and exactly back."""

from ._encoders import SequenceIntegerEncoder, SequenceOneHotEncoder, check_codes
from ._padder import SequencePadder
from ._tokenizer import SequenceTokenizer, in_words

__all__ = [
    "SequenceIntegerEncoder",
    "SequenceOneHotEncoder",
    "SequencePadder",
    "SequenceTokenizer",
    "check_codes",
    "in_words",
]
