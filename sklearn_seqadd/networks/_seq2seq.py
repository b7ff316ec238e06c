"""Networks from sequences to sequences."""

import dataclasses

from ._description import NetworkDescription
from .decoders import DECODERS


@dataclasses.dataclass(frozen=True)
class Seq2SeqNetwork(NetworkDescription):
    """A network of :class:`~sklearn_seqadd.Seq2SeqClassifier`, with its parameters.

    It maps vectors (n_samples, n_steps_in, n_features), or codes (n_samples,
    n_steps_in) to be embedded, to probabilities (n_samples, n_steps_out, n_symbols).
    Fields that the decoder does not use are None, whatever the parameter.
    """

    n_steps_in: int
    n_steps_out: int
    n_symbols: int
    n_features: int | None = None
    n_input_symbols: int | None = None
    encoder_units: tuple[int, ...] = (100,)
    decoder_units: tuple[int, ...] = (50,)
    cell: str = "lstm"
    decoder: str = "repeat"
    bidirectional: bool = False
    embedding_dim: int | None = None
    mask_padding: bool = False
    attention_heads: int | None = None
    dropout: float = 0.0
    network: str = "seq2seq"

    @property
    def attends(self):
        return DECODERS[self.decoder].attends

    @property
    def feeds_back(self):
        return DECODERS[self.decoder].feeds_back

    @property
    def n_attention_layers(self):
        return DECODERS[self.decoder].n_attention_layers(self)

    def check(self):
        """Raise a ValueError if the decoder refuses such a network."""
        DECODERS[self.decoder].check(self)

    def build(self):
        return DECODERS[self.decoder].build(self)

    def build_attention(self, network, layer):
        """See :meth:`~sklearn_seqadd.networks.decoders.Decoder.build_attention`."""
        return DECODERS[self.decoder].build_attention(network, layer)

    def split(self, network):
        """See :meth:`~sklearn_seqadd.networks.decoders.Decoder.split`."""
        return DECODERS[self.decoder].split(network)
