"""Decoders, one file each: how the answer is written from what the encoder has read."""

from ._decoder import Decoder
from .attention import AttentionDecoder
from .autoregressive import AutoregressiveDecoder
from .custom import CustomDecoder
from .relative import RelativeDecoder
from .repeat import RepeatDecoder
from .sequence import SequenceDecoder

__all__ = [
    "DECODERS",
    "AttentionDecoder",
    "AutoregressiveDecoder",
    "CustomDecoder",
    "Decoder",
    "RelativeDecoder",
    "RepeatDecoder",
    "SequenceDecoder",
]

# The decoders of the package by name, in the order in which they are documented.
DECODERS: dict[str, type[Decoder]] = {
    decoder.name: decoder
    for decoder in (
        RepeatDecoder,
        SequenceDecoder,
        AttentionDecoder,
        RelativeDecoder,
        AutoregressiveDecoder,
    )
}
