"""Networks: their descriptions, their decoders and how they are built.

A description needs no import of Keras, which takes seconds; Keras is imported when a
network is built.
"""

from ._custom import CustomNetwork, FunctionNetwork, key_of
from ._description import MAX_ACTIVATIONS, PREDICTION_ROWS, NetworkDescription, plain
from ._mapping import MappingNetwork
from ._seq2seq import Seq2SeqNetwork
from ._settings import KerasSettings, are_applied
from .decoders import (
    DECODERS,
    AttentionDecoder,
    AutoregressiveDecoder,
    CustomDecoder,
    Decoder,
    RelativeDecoder,
    RepeatDecoder,
    SequenceDecoder,
)

__all__ = [
    "DECODERS",
    "AttentionDecoder",
    "AutoregressiveDecoder",
    "CustomDecoder",
    "Decoder",
    "RelativeDecoder",
    "RepeatDecoder",
    "SequenceDecoder",
    "MAX_ACTIVATIONS",
    "CustomNetwork",
    "FunctionNetwork",
    "KerasSettings",
    "PREDICTION_ROWS",
    "MappingNetwork",
    "NetworkDescription",
    "Seq2SeqNetwork",
    "are_applied",
    "key_of",
    "plain",
]
