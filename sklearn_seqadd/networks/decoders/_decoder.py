"""The base class of decoders."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, clone

from ..._sklearn import validate_parameter_constraints
from .._custom import key_of
from .._description import NetworkDescription


class Decoder(BaseEstimator):
    """Base class of the decoders of :class:`Seq2SeqClassifier`.

    A decoder is to the estimator what a kernel is to a Gaussian process: an object with
    parameters of its own, which `get_params` finds, a grid reaches and `clone` copies.
    A subclass has an ``__init__`` that stores its parameters, and a method `build`. All
    else has defaults here.

    Methods import Keras only when they build something, since the name of a decoder and
    its recommended settings are asked for long before.

    Attributes
    ----------
    name : str
        The short form of the decoder, in errors; of the decoders of this package also
        in the parameter `decoder`.

    has_attention : bool, default=False
        Whether it has layers of attention, named "attention", "attention_1" and so on.

    any_length : bool, default=False
        Whether nothing in it depends on the number of steps. It then answers inputs
        that are longer than those in training, with answers longer in proportion.

    ends_at_padding : bool, default=False
        Whether an answer ends at its first padding, if targets are padded at their end.

    feeds_back : bool, default=False
        Whether it is fed the symbols that it wrote before, so that `beam_width` counts.

    copies : bool, default=False
        Whether it copies symbols of the input. `copied` of the description of the
        network then says which of them are symbols of the answer, if that is known.

    min_steps_for_xla : int, default=2500
        The number of mini-batches from which on compiling with XLA saves time.

    padding : dict
        Recommended parameters of :class:`SequencePadder`.

    architecture : dict
        Recommended parameters of :class:`Seq2SeqClassifier` that say what is built.

    training : dict
        Recommended parameters of :class:`Seq2SeqClassifier` that say how it is trained.

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
    ...         inputs, symbols = layers.read(network)
    ...         hidden = Dense(self.units, "relu")(Flatten()(symbols))
    ...         steps = Dense(network.n_steps_out * self.units)(hidden)
    ...         steps = Reshape((network.n_steps_out, self.units))(steps)
    ...         return layers.model(inputs, layers.write(network, steps))
    >>> Seq2SeqClassifier(decoder=DenseDecoder()).set_params(decoder__units=8)
    Seq2SeqClassifier(decoder=DenseDecoder(units=8))
    """

    name: ClassVar[str]
    has_attention: ClassVar[bool] = False
    any_length: ClassVar[bool] = False
    ends_at_padding: ClassVar[bool] = False
    feeds_back: ClassVar[bool] = False
    min_steps_for_xla: ClassVar[int] = NetworkDescription.min_steps_for_xla
    padding: ClassVar[Mapping[str, Any]] = {}
    architecture: ClassVar[Mapping[str, Any]] = {}
    training: ClassVar[Mapping[str, Any]] = {}
    # The parameter of the estimator that it comes from.
    parameter: ClassVar[str] = "decoder"

    _parameter_constraints: dict = {}

    @property
    def copies(self) -> bool:
        """Whether it copies symbols of the input."""
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
            A copy whose parameters are hashable where they can be: NumPy's numbers as
            Python's, and lists as tuples.

        Raises
        ------
        ValueError
            If a parameter has a value that it cannot have.
        """
        validate_parameter_constraints(
            self._parameter_constraints,
            self.get_params(deep=False),
            caller_name=type(self).__name__,
        )
        decoder = clone(self)
        for name, value in decoder.get_params(deep=False).items():
            setattr(decoder, name, _plain(value))
        return decoder

    def check(self, network: Any) -> None:
        """Raise a ValueError if the decoder cannot be built.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.
        """

    def check_grouping(self, network: Any) -> None:
        """Raise a ValueError if padding that is cut off makes a difference.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.
        """
        raise ValueError(
            f"group_by_length=True is not for decoder={self.name!r}, to which padding "
            "is a symbol like any other."
        )

    def build(self, network: Any) -> Any:
        """Build the network.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network: `n_steps_in`, `n_features`, `n_steps_out`,
            `n_symbols` and the parameters of the estimator, such as `decoder_units`.
            :mod:`sklearn_seqadd.networks.layers` has the layers that read an input and
            write an answer.

        Returns
        -------
        model : keras.Model
            From inputs as the description says to probabilities of shape (n_samples,
            n_steps_out, n_symbols). If it is fed the symbol that it wrote before, it
            has a second input, of shape (n_samples, n_steps_out): the answer one step
            late, which begins with n_symbols. `step_by_step` then says how.
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
            From probabilities of shape (n_samples, n_steps_out, n_symbols) to
            probabilities of this shape. In training it must change nothing.
        """

    def without_inference_layer(self, network: Any, model: Any) -> Any:
        """Return the model whose probabilities the loss of training is made of.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.

        model : keras.Model
            The model of `build`, with the layer of `inference_layer`.

        Returns
        -------
        model : keras.Model or None
            None if there is no layer that acts in prediction only.
        """
        from .._members import without_layer

        layer = self.inference_layer(network)
        return None if layer is None else without_layer(model, layer.name)

    def n_attention_layers(self, network: Any) -> int:
        """Return the number of layers of attention, if there are any.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.

        Returns
        -------
        n_layers : int
            By default one for each layer of `decoder_units`.
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
            From the inputs of `model` to weights of shape (n_samples, n_heads,
            n_steps_out, n_steps_in), each row of which sums to 1 at most. It shares the
            layers of `model`, and so its weights.
        """
        from ..layers import attention_scores, keras

        return keras.Model(model.inputs, attention_scores(model, layer))

    def n_numbers(self, network: Any, n_steps: int) -> int:
        """Return how many numbers a sample needs at once in prediction.

        It bounds the number of samples that are predicted together.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.

        n_steps : int
            The number of steps of the input.

        Returns
        -------
        n_numbers : int
            1 by default, for networks of which a block of samples needs little memory.
        """
        return 1

    def step_by_step(self, network: Any, model: Any) -> Any:
        """Return the steps of a network that is fed its own answers.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description of the network.

        model : keras.Model
            The model of `build`.

        Returns
        -------
        steps : object
            With two methods. ``start(x)`` takes inputs and returns two nested lists of
            tensors, each with one row a sample: what is known of them, and a state.
            ``step(t, previous, known, state)`` takes these, the number of the step and
            the codes (n_samples,) that were written before, n_symbols at the first; it
            returns probabilities (n_samples, n_symbols) and the state after the step.
            By default the whole model is computed at each step.
        """
        from .._feedback import FromTheBeginning

        return FromTheBeginning(network, model)


def _plain(value):
    """Return NumPy's numbers as Python's, and sequences of them as tuples."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    return value.item() if isinstance(value, np.generic) else value
