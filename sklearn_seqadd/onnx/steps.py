"""One step of a network that is fed its own answers, as operations of ONNX."""

from ..networks.decoders.autoregressive import AutoregressiveDecoder, DecoderLayers
from . import layers

_STEPS: dict[type, type] = {}


def _steps_of(decoder):
    """Register a class for the networks of a decoder."""

    def register(steps):
        _STEPS[decoder] = steps
        return steps

    return register


def step_by_step(network, model, graph):
    """Return the steps of a network on values of an ONNX graph.

    Parameters
    ----------
    network : Seq2SeqNetwork
        The description of the network.

    model : keras.Model
        The model of its `build`.

    graph : sklearn_seqadd.onnx.graph.Graph
        The graph to which the operations are added.

    Returns
    -------
    steps : object
        As :meth:`~sklearn_seqadd.Decoder.step_by_step` returns it.
    """
    return network.averaged(_STEPS[type(network.decoder)], model, graph)


@_steps_of(AutoregressiveDecoder)
class _AutoregressiveSteps(DecoderLayers):
    """The steps of :class:`AutoregressiveDecoder`."""

    def __init__(self, network, model, graph):
        super().__init__(network, model)
        self._graph = graph

    def start(self, x):
        values, keys, visible, first, *others = layers.write_model(
            self._graph, self.encoder, [x]
        )
        attention = self.layers["attention"]
        state = layers.begin(self._graph, attention, values, first)
        return [values, keys, visible, *others], state

    def step(self, t, previous, known, state):
        graph, of_decoder = self._graph, self.layers
        known, others = known[:3], known[3:]

        def write(name, *inputs, **params):
            return layers.write_layer(graph, of_decoder[name], *inputs, **params)[0]

        attention = of_decoder["attention"]
        embedded = write("previous_symbol", previous)
        state = layers.feed(graph, attention, embedded, known, state)
        context, weights, *states = state
        output = states[-len(states) // len(attention.units)]
        decoded = graph.join(output, context, axis=-1)
        probabilities = write("output", write("joined", decoded))
        if "copying" in of_decoder:
            copies, *others = others
            probabilities = write(
                "copying", probabilities, decoded, embedded, weights, copies
            )
        if "end" in of_decoder:
            probabilities = write("end", probabilities, previous, *others, t=t)
        return probabilities, state
