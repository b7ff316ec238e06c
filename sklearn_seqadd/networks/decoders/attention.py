"""Positional attention, with a learned query for each step of the answer."""

from ..._sklearn import COUNT
from ._decoder import Decoder


class AttentionDecoder(Decoder):
    """Attend from a learned query for each step of the answer, all steps at once.

    Each step of the answer has a learned query, and each step of the input has a
    learned offset, which is added to its key. The decoder reads the output of
    multi-head attention [1]_ at each step. Where the columns of input and answer line
    up, no recurrent encoder is needed (``encoder_units=None``): queries and offsets are
    then initialized as sinusoidal positions [1]_, half random in short inputs, with
    which long inputs are learned as fast as short ones. Where they do not line up, a
    `bidirectional` encoder writes into each key what stands around the step, by which
    attention finds the place. Each further decoder layer attends again, with queries
    from the output of the layer before.

    Parameters
    ----------
    heads : int, default=4
        The number of attention heads of each layer.

    See Also
    --------
    Seq2SeqClassifier : Its parameter ``decoder="attention"`` is short for this decoder.
    make_seq2seq_pipeline : Its recommended settings, in a pipeline for strings.

    References
    ----------
    .. [1] A. Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762.

    Examples
    --------
    >>> from sklearn_seqadd import AttentionDecoder, make_seq2seq_pipeline
    >>> pipe = make_seq2seq_pipeline(decoder=AttentionDecoder(heads=2))
    >>> pipe.get_params()["seq2seqclassifier__decoder__heads"]
    2
    """

    name = "attention"
    has_attention = True
    padding = {"side": "term", "reverse": True}
    architecture = {"encoder_units": None, "decoder_units": 128}
    training = {
        "epochs": "auto",
        "learning_rate": 3e-3,
        "schedule": "cosine",
        "clipnorm": 1.0,
        "batch_size": 64,
    }

    _parameter_constraints: dict = {"heads": [COUNT]}

    def __init__(self, heads: int = 4) -> None:
        self.heads = heads

    def build(self, network):
        from .. import layers

        inputs, symbols = layers.input_layer(network)
        n_steps, n_units = network.n_steps_out, network.decoder_units
        # (n_samples, n_steps_in, ...): only the keys have positions, not the values
        values = layers.encoder_outputs(network, symbols)
        # Without a recurrent encoder, positions must outweigh the symbols, or attention
        # does not find its place; with one, large positions would hide its outputs.
        kind = "offsets" if network.encoder_units else "positions"
        keys = layers.Positions(kind, name="keys")(values)
        visible = layers.padding_mask(network, inputs)
        # (n_samples, n_steps_out, n_units)
        queries = layers.Queries(kind, n_steps, n_units[0], name="queries")(values)
        decoded = queries
        for i, units in enumerate(n_units):
            if i:
                # A further layer attends with queries from the layer before it.
                again = "random_positions" if kind == "positions" else kind
                queries = layers.Positions(again, name=f"queries_{i}")(decoded)
            attention = layers.attention_layer(self.heads, units, i)
            context = attention(queries, values, keys, attention_mask=visible)
            if i:
                context = layers.join([context, decoded], i)
            # Recurrent over the steps of the answer, so that it can learn the carry.
            decoded = layers.decoder_layer(network, i, n_steps)(context)
            decoded = layers.dropout(network, decoded, "decoder_drop", i)
        return layers.model(inputs, layers.output_layer(network, decoded))
