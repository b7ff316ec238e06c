"""One step of a network that is fed the symbols it wrote before, as ONNX operations."""

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
        values, keys, *visible = layers.write_model(self._graph, self.encoder, [x])
        known = [
            layers.project(self._graph, attention, values, keys)
            for attention in self.each("attention")
        ]
        n_samples = self._graph.size(x, 0)
        states = [
            layers.first_states(self._graph, decoder.cell, n_samples)
            for decoder in self.each("decoder")
        ]
        return [known, visible], states

    def step(self, t, previous, known, states):
        graph = self._graph
        projected, visible = known
        (steps,) = layers.write_layer(graph, self.layers["previous_symbol"], previous)
        if self.network.decoder.positions:
            steps = steps + graph.op("Gather", self.layers["step"].offsets.numpy(), t)
        states_after = []
        for i, (decoder, attention) in enumerate(
            zip(self.each("decoder"), self.each("attention"), strict=True)
        ):
            state = layers.next_states(graph, decoder.cell, steps, states[i])
            decoded = state[0]
            context = layers.look(graph, attention, decoded, *projected[i], *visible)
            steps = graph.join(decoded, context, axis=-1)
            states_after.append(state)
        (probabilities,) = layers.write_layer(graph, self.layers["output"], steps)
        if self.network.has_eos:
            (probabilities,) = layers.write_layer(
                graph, self.layers["end"], probabilities, previous
            )
        return probabilities, states_after
