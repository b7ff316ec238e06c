"""The output of the encoder at each step, read by the decoder at the same step."""

from ._decoder import Decoder


class SequenceDecoder(Decoder):
    """Read the output of the encoder step by step.

    The answer is written at the last steps, so it cannot be longer than the input. The
    decoder knows the whole input in time only with a `bidirectional` encoder, or with
    padding on the right. It has no parameters of its own.

    See Also
    --------
    Seq2SeqClassifier : Its parameter ``decoder="sequence"`` is short for this decoder.

    Examples
    --------
    >>> from sklearn_seqadd import Seq2SeqClassifier, SequenceDecoder
    >>> Seq2SeqClassifier(decoder=SequenceDecoder(), bidirectional=True)
    Seq2SeqClassifier(bidirectional=True, decoder=SequenceDecoder())
    """

    name = "sequence"

    def check(self, network):
        if network.n_steps_out > network.n_steps_in:
            raise ValueError(
                "decoder='sequence' writes answers no longer than the input, but the "
                f"answers have {network.n_steps_out} steps and the input has "
                f"{network.n_steps_in}. Pad the input to a greater length, or choose "
                "another decoder."
            )

    def build(self, network):
        from .. import layers

        inputs, symbols = layers.input_layer(network)
        # (n_samples, n_steps_in, encoder_units)
        encoded = layers.encode(network, symbols, return_sequences=True)
        decoded = layers.decode(network, encoded, network.n_steps_in)
        # The answer ends at the last step of the input.
        written = decoded[:, -network.n_steps_out :]
        return layers.model(inputs, layers.output_layer(network, written))
