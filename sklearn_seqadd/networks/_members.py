"""Compose whole models: average several, add or remove an output layer."""


def build_members(build, n_members):
    """Build a network that averages the outputs of several for the same inputs.

    Parameters
    ----------
    build : callable
        A function that returns a new `keras.Model` at each call.

    n_members : int
        The number of networks.

    Returns
    -------
    model : keras.Model
        The average. Its weights are those of all members, one after the other.
    """
    from .layers import keras

    models = [build() for _ in range(n_members)]
    inputs = [
        keras.Input(part.shape[1:], dtype=part.dtype, name=part.name)
        for part in models[0].inputs
    ]
    given = unwrap_single(inputs)
    outputs = [
        keras.Model(unwrap_single(model.inputs), model.outputs[0], name=_name(i))(given)
        for i, model in enumerate(models)
    ]
    averaged = keras.layers.Average(name="average")(outputs)
    return keras.Model(given, averaged, name="members")


def members_of(model, n_members):
    """Return the networks that `build_members` put together."""
    return [model.get_layer(_name(i)) for i in range(n_members)]


def with_layer(model, layer):
    """Return the model with a layer applied to its outputs."""
    from .layers import keras

    inputs = unwrap_single(model.inputs)
    return keras.Model(inputs, layer(model.outputs[0]), name=model.name)


def without_layer(model, name):
    """Return the model without the layer of this name at its end."""
    from .layers import keras

    return keras.Model(unwrap_single(model.inputs), model.get_layer(name).input)


class AveragedSteps:
    """The averaged steps of several networks.

    Parameters
    ----------
    of_members : list of objects
        The steps of each network, as :meth:`Decoder.step_by_step` returns them.
    """

    def __init__(self, of_members):
        self._of_members = of_members

    def start(self, x):
        started = [steps.start(x) for steps in self._of_members]
        return tuple(map(list, zip(*started, strict=True)))

    def step(self, t, previous, known, state):
        of_each = [
            steps.step(t, previous, *part)
            for steps, *part in zip(self._of_members, known, state, strict=True)
        ]
        probabilities, states = zip(*of_each, strict=True)
        # Written with operators, which tensors and the values of an ONNX graph have.
        total = sum(probabilities[1:], start=probabilities[0])
        return total / float(len(probabilities)), list(states)


def unwrap_single(inputs):
    """Return the inputs of a call of a network: one tensor, or a list of several."""
    return inputs if len(inputs) > 1 else inputs[0]


def _name(i):
    return f"member_{i}"
