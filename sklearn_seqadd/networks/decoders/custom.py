"""What a network of the user's own is to an estimator."""

from ._decoder import Decoder


class CustomDecoder(Decoder):
    """Calls the user's `build`; with a second input the network is fed its answers.

    Parameters
    ----------
    custom : CustomNetwork
    """

    name = "custom"

    def __init__(self, custom):
        self._custom = custom

    def check_grouping(self, network):
        raise ValueError(
            "group_by_length=True is not for networks of your own, to which padding "
            "may be a symbol like any other."
        )

    def build(self, network):
        shapes = {
            name: getattr(network, name)
            for name in ("n_steps_in", "n_features", "n_steps_out", "n_symbols")
        }
        model = self._custom.build(
            [(network.n_steps_in, network.n_features), (network.n_steps_out,)],
            (network.n_steps_out, network.n_symbols),
            **shapes,
        )
        self._custom.check_probabilities(model)
        return model

    def step_by_step(self, network, model):
        return _FromTheBeginning(network, model)


class _FromTheBeginning:
    """What an answer depends on alone, computed anew at each step.

    That is always right, as a step does not see those after it. What depends on the
    question only is computed once.
    """

    def __init__(self, network, model):
        self._network = network
        self._encoder, self._decoder = _parts(model)

    def start(self, x):
        from ..layers import keras

        n_samples = keras.ops.shape(x)[0]
        shape = n_samples, self._network.n_steps_out
        codes = keras.ops.full(shape, self._network.n_symbols, dtype="int32")
        return keras.tree.flatten(self._encoder(x, training=False)), [codes]

    def step(self, t, previous, known, state):
        from ..layers import keras

        is_now = keras.ops.arange(self._network.n_steps_out) == t
        codes = keras.ops.where(is_now, previous[:, None], *state)
        probabilities = self._decoder([*known, codes], training=False)[:, t]
        return keras.ops.cast(probabilities, self._network.dtype.__name__), [codes]


def _parts(model):
    """A model with two inputs, cut where the second comes in.

    Returns
    -------
    encoder : keras.Model
        From the first input to a list of what the rest depends on.

    decoder : keras.Model
        From that list with the second input at its end to the outputs.
    """
    from ..layers import keras

    inputs, previous = model.inputs
    late, memory = {id(previous)}, {}
    for operation in model.operations:
        try:
            taken, given = map(keras.tree.flatten, (operation.input, operation.output))
        except (AttributeError, ValueError):  # it is called more than once
            memory = {}
            break
        if any(id(part) in late for part in taken):
            late.update(map(id, given))
            memory |= {id(part): part for part in taken if id(part) not in late}
    # A mask would not come through, and without its memory nothing is gained.
    if not memory or any(hasattr(part, "_keras_mask") for part in memory.values()):
        memory = {id(inputs): inputs}
    known = list(memory.values())
    return (
        keras.Model(inputs, known),
        keras.Model([*known, previous], model.outputs[0]),
    )
