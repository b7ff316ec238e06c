"""The base class of decoders."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from sklearn.base import BaseEstimator, clone

from ..._sklearn import validate_parameter_constraints
from .._custom import key_of
from .._description import MIN_UPDATES_FOR_XLA, plain


class Decoder(BaseEstimator):
    """Base class of the decoders of :class:`Seq2SeqClassifier`.

    A decoder is to the estimator what a kernel is to a Gaussian process: an object with
    parameters of its own, which `get_params` finds, a grid reaches and `clone` copies.
    A subclass has an ``__init__`` that stores its parameters, and a method `build`.
    Everything else has a default here.

    Methods import Keras only when they build something: the name of a decoder and its
    recommended settings are needed long before.

    Attributes
    ----------
    name : str
        The name of the decoder in errors. The decoders of this package have it in the
        parameter `decoder` too, as a short form.

    has_attention : bool, default=False
        True if it has layers of attention, named "attention", "attention_1" and so on.

    any_length : bool, default=False
        True if no weight depends on the number of steps. It then takes inputs that are
        longer than those in training; their answers are longer in proportion.

    ends_at_padding : bool, default=False
        True if an answer ends at its first padding, where targets are padded at the
        end.

    feeds_back : bool, default=False
        True if it is fed the symbols that it wrote before, so that `beam_width` has an
        effect.

    copies : bool, default=False
        True if it copies symbols of the input. `copied` of the description of the
        network then says which of them are symbols of the answer, if that is known.

    min_updates_for_xla : int, default=2500
        The number of mini-batches of a fit from which on compiling with XLA saves time.

    padding : dict
        The recommended parameters of :class:`SequencePadder`.

    architecture : dict
        The recommended parameters of :class:`Seq2SeqClassifier` for the network.

    training : dict
        The recommended parameters of :class:`Seq2SeqClassifier` for its training.

    See Also
    --------
    Seq2SeqClassifier : The estimator, which takes a decoder as its parameter `decoder`.

    Examples
    --------
    >>> from sklearn_seqadd import Decoder, Seq2SeqClassifier
    >>> class DenseDecoder(Decoder):
    ...     def __init__(self, units=32):
    ...         self.units = units
    ...
    ...     def build(self, network):
    ...         from sklearn_seqadd.networks import layers
    ...         from keras.layers import Dense, Flatten, Reshape
    ...
    ...         inputs, symbols = layers.input_layer(network)
    ...         hidden = Dense(self.units, "relu")(Flatten()(symbols))
    ...         steps = Dense(network.n_steps_out * self.units)(hidden)
    ...         steps = Reshape((network.n_steps_out, self.units))(steps)
    ...         return layers.model(inputs, layers.output_layer(network, steps))
    >>> Seq2SeqClassifier(decoder=DenseDecoder()).set_params(decoder__units=8)
    Seq2SeqClassifier(decoder=DenseDecoder(units=8))
    """

    name: ClassVar[str]
    has_attention: ClassVar[bool] = False
    any_length: ClassVar[bool] = False
    ends_at_padding: ClassVar[bool] = False
    feeds_back: ClassVar[bool] = False
    min_updates_for_xla: ClassVar[int] = MIN_UPDATES_FOR_XLA
    padding: ClassVar[Mapping[str, Any]] = {}
    architecture: ClassVar[Mapping[str, Any]] = {}
    training: ClassVar[Mapping[str, Any]] = {}
    # The parameter of the estimator that the decoder is given by, for errors.
    parameter: ClassVar[str] = "decoder"

    _parameter_constraints: dict = {}

    @property
    def copies(self) -> bool:
        """True if it copies symbols of the input."""
        return False

    def __init_subclass__(cls, **params):
        super().__init_subclass__(**params)
        if "name" not in vars(cls):
            cls.name = cls.__name__

    def __eq__(self, other):
        return isinstance(other, Decoder) and key_of(self) == key_of(other)

    def __hash__(self):
        return hash(key_of(self))

    def resolve(self) -> Self:
        """Return a copy with valid parameters, as plain values.

        Returns
        -------
        decoder : Decoder
            A copy with hashable parameters where possible: Python's numbers in place of
            NumPy's, and tuples in place of lists.

        Raises
        ------
        ValueError
            If a parameter has an invalid value.
        """
        validate_parameter_constraints(
            self._parameter_constraints,
            self.get_params(deep=False),
            caller_name=type(self).__name__,
        )
        decoder = clone(self)
        for name, value in decoder.get_params(deep=False).items():
            setattr(decoder, name, plain(value))
        return decoder

    def check(self, network: Any) -> None:
        """Raise a ValueError if the decoder cannot be built.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.
        """

    def check_grouping(self, network: Any) -> None:
        """Raise a ValueError if an answer may depend on the amount of padding.

        Grouping by length cuts the sequences to the longest of their mini-batch.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.
        """
        raise ValueError(
            f"group_by_length=True cannot be used with decoder={self.name!r}, which "
            "reads padding as a symbol like any other."
        )

    def build(self, network: Any) -> Any:
        """Build the network.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network: `n_steps_in`, `n_features`, `n_steps_out`,
            `n_symbols` and parameters of the estimator such as `decoder_units`. The
            functions of :mod:`sklearn_seqadd.networks.layers` read an input and write
            an answer.

        Returns
        -------
        model : keras.Model
            A model from inputs as described to probabilities of shape (n_samples,
            n_steps_out, n_symbols). If it is fed the symbol that it wrote before, it
            has a second input of shape (n_samples, n_steps_out): the answer one step
            late, which begins with n_symbols. See `step_by_step` too.
        """
        raise NotImplementedError(f"{type(self).__name__} has no method `build`.")

    def inference_layer(self, network: Any) -> Any:
        """Return the layer that is applied to the probabilities in prediction only.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.

        Returns
        -------
        layer : keras.layers.Layer or None
            A layer from probabilities of shape (n_samples, n_steps_out, n_symbols) to
            probabilities of the same shape, which returns its input in training. None
            if there is no such layer.
        """

    def without_inference_layer(self, network: Any, model: Any) -> Any:
        """Return the model without its inference layer, for the loss in training.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.

        model : keras.Model
            The model of `build`, with the layer of `inference_layer`.

        Returns
        -------
        model : keras.Model or None
            The model; None if there is no layer that acts in prediction only.
        """
        from .._members import without_layer

        layer = self.inference_layer(network)
        return None if layer is None else without_layer(model, layer.name)

    def n_attention_layers(self, network: Any) -> int:
        """Return the number of layers of attention.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.

        Returns
        -------
        n_layers : int
            The number; by default one for each layer of `decoder_units`.
        """
        return len(network.decoder_units)

    def build_attention(self, model: Any, layer: int) -> Any:
        """Build a network that returns the weights of a layer of attention.

        Parameters
        ----------
        model : keras.Model
            The model of `build`.

        layer : int
            The number of the layer of attention, from 0.

        Returns
        -------
        attention : keras.Model
            A model from the inputs of `model` to attention weights of shape (n_samples,
            n_heads, n_steps_out, n_steps_in), each row of which sums to 1 at most. It
            shares the layers and weights of `model`.
        """
        from ..layers import attention_scores, keras

        return keras.Model(model.inputs, attention_scores(model, layer))

    def activations_per_sample(self, network: Any, n_steps: int) -> int:
        """Return the number of activations in memory at once for one sample.

        The number of samples that are predicted together depends on it.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.

        n_steps : int
            The number of steps of the input.

        Returns
        -------
        activations_per_sample : int
            The number; by default 1, for networks that need little memory.
        """
        return 1

    def step_by_step(self, network: Any, model: Any) -> Any:
        """Return the steps of a network that is fed the symbols that it wrote before.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.

        model : keras.Model
            The model of `build`.

        Returns
        -------
        steps : object
            An object with two methods. ``start(x)`` takes inputs, and returns two
            nested lists of tensors with one row for each sample: `known`, which stays
            the same, and the first `state`. ``step(t, previous, known, state)`` takes
            these, the number of the step and the codes (n_samples,) that were written
            at the step before, n_symbols at the first step; it returns probabilities
            (n_samples, n_symbols) and the state after the step. By default the whole
            model is computed at each step.
        """
        from .._feedback import FromTheBeginning

        return FromTheBeginning(network, model)
