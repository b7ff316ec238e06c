"""The last output of the encoder, repeated for each step of the answer."""

from ._decoder import Decoder


class RepeatDecoder(Decoder):
    """Repeat the last output of the encoder for each step of the answer [1]_ [2]_.

    It has no parameters of its own.

    See Also
    --------
    Seq2SeqClassifier : Its parameter ``decoder="repeat"``, the default, is short for
        this decoder.

    References
    ----------
    .. [1] I. Sutskever, O. Vinyals and Q. V. Le, "Sequence to Sequence Learning with
       Neural Networks", 2014, arXiv:1409.3215.
    .. [2] W. Zaremba and I. Sutskever, "Learning to Execute", 2014, arXiv:1410.4615.

    Examples
    --------
    >>> from sklearn_seqadd import RepeatDecoder, Seq2SeqClassifier
    >>> Seq2SeqClassifier(decoder=RepeatDecoder())
    Seq2SeqClassifier(decoder=RepeatDecoder())
    """

    name = "repeat"

    def check(self, network):
        if not network.encoder_units:
            raise ValueError(
                "decoder='repeat' needs an encoder, whose output it repeats, got "
                "encoder_units=None."
            )

    def build(self, network):
        from .. import layers

        inputs, symbols = layers.input_layer(network)
        # (n_samples, encoder_units): the output after the last step of the input
        encoded = layers.encode(network, symbols, return_sequences=False)
        # (n_samples, n_steps_out, encoder_units): the same at each step of the answer
        n_steps = network.n_steps_out
        repeated = layers.keras.layers.RepeatVector(n_steps, name="repeat")(encoded)
        decoded = layers.decode(network, repeated, n_steps)
        return layers.model(inputs, layers.output_layer(network, decoded))
