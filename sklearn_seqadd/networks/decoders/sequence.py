"""The encoder's output at each step, read by the decoder as it comes."""

from ._decoder import Decoder


class SequenceDecoder(Decoder):
    """Read the encoder's output at each step as it comes.

    The answer is what is written at the last steps, and so cannot be longer than the
    input; only a `bidirectional` encoder, or padding on the right, lets the decoder
    know the whole input in time. It has no parameters of its own.

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

        inputs, symbols = layers.read(network)
        # (n_samples, n_steps_in, encoder_units): what is known at each step
        encoded = layers.encode(network, symbols, return_sequences=True)
        decoded = layers.decode(network, encoded, network.n_steps_in)
        # The answer ends where the input ends; before it there would be padding only.
        written = decoded[:, -network.n_steps_out :]
        return layers.model(inputs, layers.write(network, written))
