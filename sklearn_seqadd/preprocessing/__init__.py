"""Transformers from strings to arrays, with exact inverses."""

from ._code_points import StringTransformer, check_characters, plain_strings
from ._encoders import SequenceIntegerEncoder, SequenceOneHotEncoder, check_codes
from ._padder import SequencePadder
from ._tokenizer import UNKNOWN, SequenceTokenizer, in_words, input_symbols

__all__ = [
    "UNKNOWN",
    "SequenceIntegerEncoder",
    "SequenceOneHotEncoder",
    "SequencePadder",
    "SequenceTokenizer",
    "StringTransformer",
    "check_characters",
    "check_codes",
    "in_words",
    "input_symbols",
    "plain_strings",
]
