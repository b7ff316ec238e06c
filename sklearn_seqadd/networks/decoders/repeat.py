"""The encoder's last output, repeated for every step of the answer."""

from ._decoder import Decoder


class RepeatDecoder(Decoder):
    """Repeat the last output of the encoder for every step of the answer [1]_ [2]_.

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
                "decoder='repeat' needs an encoder to repeat the output of, got "
                "encoder_units=None."
            )

    def build(self, network):
        from .. import layers

        inputs, symbols = layers.read(network)
        # (n_samples, encoder_units): what is known once the whole input was read
        encoded = layers.encode(network, symbols, return_sequences=False)
        # (n_samples, n_steps_out, encoder_units): the same for every output step
        n_steps = network.n_steps_out
        repeated = layers.keras.layers.RepeatVector(n_steps, name="repeat")(encoded)
        decoded = layers.decode(network, repeated, n_steps)
        return layers.model(inputs, layers.write(network, decoded))
