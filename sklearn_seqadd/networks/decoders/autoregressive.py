"""Symbol by symbol, fed what it wrote before, by attention to the content."""

from ._decoder import Decoder


class AutoregressiveDecoder(Decoder):
    """Bahdanau et al. (2014), with multi-head attention of Vaswani et al. (2017)."""

    name = "autoregressive"
    attends = True
    uses = frozenset({"attention_heads", "answer_positions", "answer_padding"})
    recommended = {
        "encoder_units": 64,
        "decoder_units": 128,
        "bidirectional": True,
        "epochs": "auto",
        "learning_rate": 3e-3,
        "schedule": "cosine",
        "clipnorm": 1.0,
        "batch_size": 64,
    }

    def check_grouping(self, network):
        if not network.mask_padding:
            raise ValueError(
                "group_by_length=True needs mask_padding=True with "
                "decoder='autoregressive', which else reads the padding."
            )

    def build(self, network):
        from .. import layers
        from ..layers import keras

        inputs, symbols = layers.read(network)
        values = layers.memory(network, symbols)
        keys = layers.Positions("offsets", name="keys")(values)
        visible = layers.visible(network, inputs)
        memory = [values, keys] if visible is None else [values, keys, visible]
        encoder = keras.Model(inputs, memory, name="encoder_model")

        # (n_samples, n_steps_out): the answer one step late
        previous = keras.Input((network.n_steps_out,), name="previous")
        memory = [keras.Input(part.shape[1:], dtype=part.dtype) for part in memory]
        values, keys, visible = (*memory, None)[:3]
        steps = layers.embed(
            network.n_symbols + 1, network.decoder_units[0], name="previous_symbol"
        )(previous)
        if network.answer_positions:
            steps = layers.Positions("offsets", name="step")(steps)
        for i, units in enumerate(network.decoder_units):
            decoded = layers.decoder_layer(network, i, network.n_steps_out)(steps)
            attention = layers.attend(network, units, i)
            context = attention(decoded, values, keys, attention_mask=visible)
            steps = layers.join([decoded, context], i)
            steps = layers.dropout(network, steps, "decoder_drop", i)
        probabilities = layers.write(network, steps)
        if network.padded_answers:
            ended = layers.EndedBefore(network.answer_padding, name="end")
            probabilities = ended(probabilities, previous)
        decoder = keras.Model([previous, *memory], probabilities, name="decoder_model")
        return layers.model([inputs, previous], decoder([previous, *encoder(inputs)]))

    def before_end(self, network, model):
        from ..layers import keras

        if not network.padded_answers:
            return None
        encoder, decoder = _parts(model)
        probabilities, _ = decoder.get_layer("end").input
        before = keras.Model(decoder.inputs, probabilities)
        inputs, previous = model.inputs
        return keras.Model(model.inputs, before([previous, *encoder(inputs)]))

    def build_attention(self, model, layer):
        from ..layers import attention_scores, keras

        encoder, decoder = _parts(model)
        scores = keras.Model(decoder.inputs, attention_scores(decoder, layer))
        inputs, previous = model.inputs
        return keras.Model(model.inputs, scores([previous, *encoder(inputs)]))

    def step_by_step(self, network, model):
        return _StepByStep(network, model)

    def onnx_step_by_step(self, network, model, graph):
        return _OnnxStepByStep(network, model, graph)


class _Steps:
    """The layers of the decoder, by the names that `build` gave them."""

    def __init__(self, network, model):
        self._network = network
        self._encoder, decoder = _parts(model)
        self._layers = {layer.name: layer for layer in decoder.layers}

    def _each(self, name):
        """The layers of this name, one for each layer of the decoder."""
        from .. import layers

        n_layers = len(self._network.decoder_units)
        return [self._layers[layers.numbered(name, i)] for i in range(n_layers)]


class _StepByStep(_Steps):
    """What `AutoregressiveDecoder.step_by_step` returns."""

    def start(self, x):
        from ..layers import keras

        # Copies without Keras' mask, which is among them if there is one.
        values, keys, *visible = map(keras.ops.copy, self._encoder(x, training=False))
        # Projected once, and not at every step.
        known = [
            attention.project(values, keys) for attention in self._each("attention")
        ]
        states = [
            decoder.get_initial_state(keras.ops.shape(x)[0])
            for decoder in self._each("decoder")
        ]
        return [known, visible], states

    def step(self, t, previous, known, states):
        from ..layers import keras

        projected, visible = known
        steps = self._layers["previous_symbol"](previous)
        if self._network.answer_positions:
            steps += self._layers["step"].offsets[t]
        states_after = []
        for i, (decoder, attention) in enumerate(
            zip(self._each("decoder"), self._each("attention"), strict=True)
        ):
            decoded, state = decoder.cell(steps, states[i])
            context = attention.look(decoded, *projected[i], *visible)
            steps = keras.ops.concatenate([decoded, context], axis=-1)
            states_after.append(state)
        probabilities = self._layers["output"](steps)
        if self._network.padded_answers:
            probabilities = self._layers["end"](probabilities, previous)
        return probabilities, states_after


class _OnnxStepByStep(_Steps):
    """The same on values of an ONNX graph."""

    def __init__(self, network, model, graph):
        super().__init__(network, model)
        self._graph = graph

    def start(self, x):
        from ...onnx import layers as onnx

        values, keys, *visible = onnx.write_model(self._graph, self._encoder, [x])
        known = [
            onnx.project(self._graph, attention, values, keys)
            for attention in self._each("attention")
        ]
        n_samples = self._graph.size(x, 0)
        states = [
            onnx.first_states(self._graph, decoder.cell, n_samples)
            for decoder in self._each("decoder")
        ]
        return [known, visible], states

    def step(self, t, previous, known, states):
        from ...onnx import layers as onnx

        graph = self._graph
        projected, visible = known
        (steps,) = onnx.write_layer(graph, self._layers["previous_symbol"], previous)
        if self._network.answer_positions:
            steps = steps + graph.op("Gather", self._layers["step"].offsets.numpy(), t)
        states_after = []
        for i, (decoder, attention) in enumerate(
            zip(self._each("decoder"), self._each("attention"), strict=True)
        ):
            state = onnx.next_states(graph, decoder.cell, steps, states[i])
            decoded = state[0]
            context = onnx.look(graph, attention, decoded, *projected[i], *visible)
            steps = graph.join(decoded, context, axis=-1)
            states_after.append(state)
        (probabilities,) = onnx.write_layer(graph, self._layers["output"], steps)
        if self._network.padded_answers:
            (probabilities,) = onnx.write_layer(
                graph, self._layers["end"], probabilities, previous
            )
        return probabilities, states_after


def _parts(model):
    """The encoder, and the decoder that is fed with what it returns."""
    return model.get_layer("encoder_model"), model.get_layer("decoder_model")
