"""Steps of any network that is fed its own answers."""

from typing import Any

from .._keras import has_mask


class FromTheBeginning:
    """Recompute the part of a model that depends on the answer at every step.

    This works for any layers, since a step does not depend on later ones. The part that
    depends on the input only is computed once.

    Parameters
    ----------
    network : Seq2SeqNetwork
        The description of the network.

    model : keras.Model
        A model with two inputs: the input, and the answer one step late.
    """

    def __init__(self, network, model):
        self._network = network
        self._encoder, self._decoder = _parts(model)

    def start(self, x):
        """Start a block of samples; see :meth:`Decoder.step_by_step`."""
        from .layers import keras

        n_samples = keras.ops.shape(x)[0]
        shape = n_samples, self._network.n_steps_out
        codes = keras.ops.full(shape, self._network.n_symbols, dtype="int32")
        return keras.tree.flatten(self._encoder(x, training=False)), [codes]

    def step(self, t, previous, known, state):
        """Take a step; see :meth:`Decoder.step_by_step`."""
        from .layers import keras

        is_now = keras.ops.arange(self._network.n_steps_out) == t
        codes = keras.ops.where(is_now, previous[:, None], *state)
        probabilities = self._decoder([*known, codes], training=False)[:, t]
        return keras.ops.cast(probabilities, self._network.dtype.__name__), [codes]


def _parts(model):
    """Cut a model with two inputs where the second comes in.

    Returns
    -------
    encoder : keras.Model
        From the first input to the list of tensors that the rest depends on.

    decoder : keras.Model
        From that list, with the second input at its end, to the outputs.
    """
    from .layers import keras

    inputs, previous = model.inputs
    late = {id(previous)}
    memory: dict[int, Any] = {}
    for operation in model.operations:
        try:
            taken, given = map(keras.tree.flatten, (operation.input, operation.output))
        except (AttributeError, ValueError):  # the layer is called more than once
            memory = {}
            break
        if any(id(part) in late for part in taken):
            late.update(map(id, given))
            memory |= {id(part): part for part in taken if id(part) not in late}
    # Keras does not pass masks between models: then all is computed at every step.
    if not memory or any(map(has_mask, memory.values())):
        memory = {id(inputs): inputs}
    known = list(memory.values())
    return (
        keras.Model(inputs, known),
        keras.Model([*known, previous], model.outputs[0]),
    )
