"""Transformers from strings to arrays, and exactly back."""

from ._code_points import check_characters, plain_strings
from ._encoders import SequenceIntegerEncoder, SequenceOneHotEncoder, check_codes
from ._padder import SequencePadder
from ._tokenizer import UNKNOWN, SequenceTokenizer, in_words, input_symbols

__all__ = [
    "UNKNOWN",
    "SequenceIntegerEncoder",
    "SequenceOneHotEncoder",
    "SequencePadder",
    "SequenceTokenizer",
    "check_characters",
    "check_codes",
    "in_words",
    "input_symbols",
    "plain_strings",
]
