"""Decoders: how an answer comes out of what was read, one file each."""

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

# By name, in the order in which they are documented.
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
