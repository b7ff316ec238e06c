"""Networks of the user's own: how they are checked, and when two of them are equal.

As a kernel is to a Gaussian process, a network is an object to an estimator: its
parameters are found by `get_params`, so that a grid reaches them, and it is cloned with
the estimator. Keras is imported only when a model is built.
"""

import contextlib
import functools
import inspect
import pickle
import random
import sys
import types
from typing import Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator, clone

from ._members import unwrap_single

# Tolerances: how far the probabilities of a step may be from summing to 1, and how much
# an earlier step may change with a later input.
_SUM_TOLERANCE = 1e-3
_SUM_TOLERANCES = {"float16": 1e-2, "bfloat16": 5e-2}  # dtypes of low precision
_CAUSAL_TOLERANCE = 1e-6

# Attributes of a FunctionNetwork that an argument of its function must not shadow.
_RESERVED = {"function", "build", "get_params", "set_params"}

# The attribute that marks a model as built, since each call must build a new one.
_TAKEN = "_sklearn_seqadd_taken"


class FunctionNetwork(BaseEstimator):
    """A function that builds a network, with its keyword arguments as parameters.

    An estimator wraps a plain function in this class.

    Parameters
    ----------
    function : callable
        The function that builds the network.

    **params : dict
        Keyword arguments of the function; the others have their defaults.
    """

    def __init__(self, function, **params):
        self.function = function
        parameters = inspect.signature(function).parameters
        reserved = _RESERVED.intersection(parameters)
        if reserved:
            raise ValueError(
                f"{_name_of(function)} has an argument {min(reserved)!r}, a name that "
                "no parameter of a network function can have."
            )
        for name, parameter in parameters.items():
            if parameter.default is not parameter.empty:
                # A copy, since all calls of a function share its defaults.
                setattr(self, name, clone(parameter.default, safe=False))
        self.__dict__.update(params)

    def _get_param_names(self):
        # scikit-learn reads the names from `__init__`; here each object has its own.
        return sorted(vars(self))

    def build(self, **shapes):
        """Call the function.

        Parameters
        ----------
        **shapes : dict
            The shapes of inputs and outputs.

        Returns
        -------
        model : keras.Model
            The network.
        """
        return self.function(**shapes, **self._keywords)

    @property
    def _keywords(self):
        return {name: value for name, value in vars(self).items() if name != "function"}


class CustomNetwork:
    """An object that builds networks, as a value: equal if its parameters are.

    Parameters
    ----------
    builder : object
        An object with `get_params` and `build`.

    Attributes
    ----------
    builder : object
        The same object.
    """

    def __init__(self, builder):
        self.builder = builder

    @classmethod
    def from_parameter(cls, network, estimator):
        """Return a copy of an estimator's parameter `network`.

        Parameters
        ----------
        network : object
            An object with `get_params` and `build`, or a function.

        estimator : str
            The name of the estimator, for the error.

        Returns
        -------
        network : CustomNetwork
            The copy.

        Raises
        ------
        ValueError
            If the parameter is a class or a model instead of building models.
        """
        if isinstance(network, type) or _is_model(network):
            name = network if isinstance(network, type) else type(network)
            what = "the class" if isinstance(network, type) else "a model of the class"
            raise ValueError(
                f"The 'network' parameter of {estimator} must be an object whose "
                "`build` makes a new keras.Model, or a function that does. Got "
                f"{what} {name.__name__} instead."
            )
        if not hasattr(network, "build"):
            network = FunctionNetwork(network)
        return cls(clone(network))

    def __eq__(self, other):
        return isinstance(other, CustomNetwork) and self._key == other._key

    def __hash__(self):
        return hash(self._key)

    def __repr__(self):
        return repr(self.builder)

    @functools.cached_property
    def _key(self):
        return key_of(self.builder)

    def __getstate__(self):
        # Without the key, which is only valid in this process, and with the code, on
        # which it depends whether a checkpoint may be resumed.
        return {"builder": self.builder, "source": self.source}

    @property
    def source(self):
        """The source code of the class or function; None if there is no file of it."""
        builder = self.builder
        is_function = isinstance(builder, FunctionNetwork)
        try:
            return inspect.getsource(builder.function if is_function else type(builder))
        except (OSError, TypeError):
            return None

    @property
    def name(self):
        """The name of the user's code in errors."""
        if isinstance(self.builder, FunctionNetwork):
            return _name_of(self.builder.function)
        return f"{type(self.builder).__name__}.build"

    def build(self, input_shapes, output_shape, *, gives_probabilities=False, **shapes):
        """Build a model, and check its inputs and outputs.

        Parameters
        ----------
        input_shapes : list of tuple of int
            The shape of a sample of each input; inputs after the first are optional.

        output_shape : tuple of int
            The shape of the output for a sample.

        gives_probabilities : bool, default=False
            Whether the outputs have to be probabilities.

        **shapes : dict
            The arguments of the user's `build`.

        Returns
        -------
        model : keras.Model
            A model with static shapes.
        """
        build, params = self.builder.build, shapes
        if isinstance(self.builder, FunctionNetwork):
            build = self.builder.function
            params = {**shapes, **self.builder._keywords}
        try:
            inspect.signature(build).bind(**params)
        except TypeError as error:
            raise ValueError(
                f"{self.name} must take the keyword arguments {', '.join(shapes)}: "
                f"{error}."
            ) from error
        return CheckedBuild(self.name, functools.partial(build, **params))(
            input_shapes, output_shape, gives_probabilities
        )


class CheckedBuild:
    """Build a model with the user's code, and check it.

    Parameters
    ----------
    name : str
        The name of the user's code, in errors.

    build : callable
        Returns a new `keras.Model`.
    """

    def __init__(self, name, build):
        self.name = name
        self._build = build

    def __call__(self, input_shapes, output_shape, gives_probabilities):
        """Return a model with these shapes; raise a ValueError if it has others."""
        from .layers import keras

        with _same_random_numbers():
            model = self._build()
        if not isinstance(model, keras.Model):
            raise ValueError(
                f"{self.name} must return a keras.Model, got {type(model).__name__} "
                "instead."
            )
        if hasattr(model, _TAKEN):
            raise ValueError(f"{self.name} must build a new model at each call.")
        setattr(model, _TAKEN, True)
        model = self._with_shapes(model, input_shapes, output_shape)
        if gives_probabilities:
            self._check_probabilities(model)
        return model

    def _with_shapes(self, model, input_shapes, output_shape):
        """Return the model with inputs and outputs of these shapes."""
        from .layers import keras

        # A subclass of Model and a Sequential without Input have no inputs before they
        # are called.
        has_inputs = bool(getattr(model, "inputs", None))
        if has_inputs:
            model = _with_plain_inputs(model, input_shapes)
        own = model.inputs if has_inputs else [keras.Input(input_shapes[0])]
        given = [tuple(part.shape[1:]) for part in own]
        is_single = input_shapes[0][1:] == (1,)
        # A model that reads one number a step may take it without a last axis.
        without_axis = is_single and len(given[0]) == 1
        expected = [input_shapes[0][:-1] if without_axis else input_shapes[0]]
        expected += input_shapes[1 : len(given)]
        if len(given) > len(expected) or not all(map(_fits, given, expected)):
            optional = "".join(f" and perhaps {shape}" for shape in input_shapes[1:])
            raise ValueError(
                f"The model of {self.name} takes inputs of shape "
                f"{' and '.join(map(str, given))}, where {input_shapes[0]}{optional} "
                "is expected, but for the number of samples."
            )
        inputs = [
            keras.Input(shape, dtype=part.dtype, name=name)
            for shape, part, name in zip(
                input_shapes, own, ("input", "previous"), strict=False
            )
        ]
        passed = list(inputs)
        if without_axis:
            passed[0] = keras.layers.Reshape(expected[0], name="codes")(inputs[0])
        try:
            answered = model(unwrap_single(passed))
        except Exception as error:
            raise ValueError(
                f"The model of {self.name} cannot be called with inputs of shape "
                f"{' and '.join(map(str, given))}, but for the number of samples; what "
                "has no inputs of its own is called with one."
            ) from error
        outputs, *others = keras.tree.flatten(answered)
        shape = tuple(outputs.shape[1:])
        if others or not _fits(shape, output_shape):
            got = "several outputs" if others else f"one output of shape {shape}"
            raise ValueError(
                f"The model of {self.name} gives {got}, where one of shape "
                f"{output_shape} is expected, but for the number of samples."
            )
        as_expected = given == input_shapes[: len(own)] and shape == output_shape
        if has_inputs and as_expected and outputs is answered:
            return model
        if shape != output_shape:
            outputs = keras.layers.Reshape(output_shape, name="answer")(outputs)
        return keras.Model(unwrap_single(inputs), outputs, name=model.name)

    def _check_probabilities(self, model):
        """Raise an error if outputs are not probabilities, or depend on later steps."""
        _, n_steps, n_symbols = model.output_shape
        rng = np.random.RandomState(0)
        # Zeros and ones are valid codes and valid vectors. All samples are alike.
        x = rng.randint(2, size=(1, *model.inputs[0].shape[1:])).astype("float32")
        given = [np.repeat(x, n_steps, axis=0)]
        if len(model.inputs) > 1:
            previous = rng.randint(n_symbols + 1, size=(1, n_steps))
            previous[0, 0] = n_symbols  # the code before the first symbol
            given.append(np.repeat(previous, n_steps, axis=0))
        probabilities = self._tried(model, given).astype(np.float32)
        sums = probabilities.sum(axis=-1)
        tolerance = _SUM_TOLERANCES.get(model.outputs[0].dtype, _SUM_TOLERANCE)
        if not (np.abs(sums - 1) <= tolerance).all() or (probabilities < 0).any():
            raise ValueError(
                f"The model of {self.name} must end in a softmax: at a step its "
                f"outputs sum to {sums.flat[np.abs(sums - 1).argmax()]:.3g}, not to 1."
            )
        if len(given) > 1:
            with _other_weights(model, rng):
                self._check_causal(model, given, n_symbols)

    def _check_causal(self, model, given, n_symbols):
        """Raise an error if a step depends on symbols that are written later."""
        expected = self._tried(model, given)
        # Change the symbol of step i in sample i; steps before it must not change.
        steps = np.arange(expected.shape[1])
        given[1][steps, steps] = (given[1][steps, steps] + 1) % (n_symbols + 1)
        is_before = steps < steps[:, None]
        changes = np.abs(self._tried(model, given) - expected).max(axis=-1)
        if changes[is_before].max(initial=0) > _CAUSAL_TOLERANCE:
            raise ValueError(
                f"The model of {self.name} sees in its second input, the answer one "
                "step late, what is written after a step: let its layers look back "
                "only, as with use_causal_mask=True or padding='causal'."
            )

    def _tried(self, model, given):
        """Return the outputs of the model for some inputs."""
        try:
            return model(unwrap_single(given), training=False).numpy()
        except Exception as error:
            codes = ""
            if len(given) > 1:
                n_symbols = model.output_shape[-1]
                codes = f", among them the codes 0 to {n_symbols} of what was written"
            raise ValueError(
                f"The model of {self.name} cannot compute with inputs{codes}: "
                f"{str(error).splitlines()[0]}"
            ) from error


def _with_plain_inputs(model, input_shapes):
    """Return a model that takes one tensor, or a list of two: the input comes first."""
    from .layers import keras

    if isinstance(model, keras.Sequential):
        return model
    inputs = list(model.inputs)
    if len(inputs) == 2 and len(input_shapes) == 2:
        shapes = [tuple(part.shape[1:]) for part in inputs]
        if not all(map(_fits, shapes, input_shapes)) and all(
            map(_fits, shapes, input_shapes[::-1])
        ):
            inputs.reverse()  # Keras sorts the inputs of a dict by name
    is_list = isinstance(model.input, list) and len(inputs) > 1
    taken = model.input if is_list else [model.input]
    if [*map(id, taken)] == [*map(id, inputs)]:
        return model
    return keras.Model(unwrap_single(inputs), model.outputs, name=model.name)


@contextlib.contextmanager
def _other_weights(model, rng):
    """Change the weights in a context, since weights of zero hide what layers do."""
    variables = [weight.value for weight in model.trainable_variables]
    before = [variable.numpy() for variable in variables]
    for variable, value in zip(variables, before, strict=True):
        variable.assign(value + 0.1 * rng.standard_normal(value.shape))
    try:
        yield
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)


@contextlib.contextmanager
def _same_random_numbers():
    """Seed Python's random numbers in a context, and restore their state after it.

    Keras draws the seed of an unseeded layer from them. The weights are replaced later,
    but not the constants that a layer may have computed from them.
    """
    state = random.getstate()
    random.seed(0)
    try:
        yield
    finally:
        random.setstate(state)


def _fits(shape, expected):
    """Return whether a shape is as expected; None stands for any size."""
    return len(shape) == len(expected) and all(
        size in (None, n) for size, n in zip(shape, expected, strict=True)
    )


def _name_of(function):
    return getattr(function, "__qualname__", repr(function))


def _is_model(network):
    """Return whether an object is a Keras model or layer, without importing Keras."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(network, keras.layers.Layer)


def key_of(value: Any) -> Any:
    """Return a hashable key, equal for equal values within a process."""
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        return value  # a class or function that is defined again is another one
    if hasattr(value, "get_params"):
        return type(value), key_of(value.get_params(deep=False))
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, list | tuple):
        return type(value), tuple(map(key_of, value))
    if isinstance(value, dict):
        return dict, frozenset((name, key_of(part)) for name, part in value.items())
    if hasattr(value, "get_config"):  # an object of Keras, which has no `__eq__`
        return type(value), key_of(value.get_config())
    try:
        hash(value)
        by_content = type(value).__eq__ is object.__eq__
    except TypeError:
        by_content = True
    if by_content:
        with contextlib.suppress(pickle.PicklingError, AttributeError, TypeError):
            return type(value), joblib.hash(value)
    return type(value), value
