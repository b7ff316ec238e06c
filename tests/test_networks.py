"""Descriptions of networks, initial weights, and what it takes to add a decoder."""

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import TINY, slow, tiny_pipeline

from sklearn_seqadd import (
    AttentionDisplay,
    RelativeDecoder,
    Seq2SeqClassifier,
    SequencePadder,
    make_addition,
    make_seq2seq_pipeline,
)
from sklearn_seqadd._tensorflow import keras, tf
from sklearn_seqadd.networks import (
    DECODERS,
    MappingNetwork,
    Seq2SeqNetwork,
    layers,
)
from sklearn_seqadd.networks.decoders import Decoder
from sklearn_seqadd.networks.initial_weights import (
    has_initializer,
    initial_weights,
    recorded_initializers,
)

# ------------------------------------------------------------------ descriptions

SEQ2SEQ = Seq2SeqNetwork(
    n_steps_in=5, n_steps_out=3, n_symbols=11, n_features=12, encoder_units=(4, 5)
)
RELATIVE = dataclasses.replace(
    SEQ2SEQ, decoder=RelativeDecoder(velocities=[(0, 1), 1], heads=2).resolve()
)


@pytest.mark.parametrize(
    "network", [SEQ2SEQ, RELATIVE, MappingNetwork(n_terms=2, n_outputs=1)]
)
def test_a_description_comes_back_from_plain_values(network):
    plain = network.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert type(network).from_dict(plain) == network
    assert hash(type(network).from_dict(plain)) == hash(network)


def test_a_description_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        SEQ2SEQ.n_symbols = 12


def test_a_file_that_knows_less_is_read_with_the_defaults():
    shapes = {"n_steps_in": 5, "n_steps_out": 3, "n_symbols": 11, "n_features": 12}
    assert Seq2SeqNetwork.from_dict(shapes) == Seq2SeqNetwork(**shapes)


def test_a_file_that_knows_more_is_from_a_later_version():
    with pytest.raises(ValueError, match="not know networks with wings.* a later one"):
        Seq2SeqNetwork.from_dict(SEQ2SEQ.to_dict() | {"wings": 2})


# --------------------------------------------------------------- initial weights


class Scaled(keras.layers.Layer):
    """A layer of a user's own, whose weights have names and initializers of its own."""

    def build(self, input_shape):
        self.scale = self.add_weight(
            (input_shape[-1],),
            initializer=keras.initializers.TruncatedNormal(5.0, 0.1, seed=1),
            name="wings",
        )
        self.default = self.add_weight((input_shape[-1], 3), name="tail")
        self.count = self.add_weight((), dtype="int32", trainable=False, name="count")

    def call(self, inputs):
        return inputs * self.scale @ self.default


def draw(build, seed):
    with recorded_initializers():
        network = build()
    return network, initial_weights(network, seed)


def of_many_layers():
    inputs = keras.Input((4, 6))
    normal = keras.initializers.HeNormal(seed=0)
    steps = keras.layers.Conv1D(8, 3, kernel_initializer=normal)(inputs)
    steps = keras.layers.LayerNormalization()(steps)
    steps = keras.layers.BatchNormalization()(steps)
    steps = keras.layers.Bidirectional(
        keras.layers.LSTM(
            4,
            kernel_initializer=keras.initializers.Constant(0.25),
            recurrent_initializer=keras.initializers.Identity(),
            return_sequences=True,
            seed=0,
        )
    )(steps)
    return keras.Model(inputs, Scaled()(steps))


def test_any_layer_starts_from_its_initializers():
    network, weights = draw(of_many_layers, 7)
    found = {
        weight.path.rpartition("/")[2] + str(i): array
        for i, (weight, array) in enumerate(zip(network.weights, weights, strict=True))
    }
    assert abs(found["kernel0"].std() - np.sqrt(2 / 18)) < 0.05
    np.testing.assert_array_equal(found["gamma2"], 1)
    np.testing.assert_array_equal(found["moving_variance7"], 1)
    np.testing.assert_array_equal(found["kernel8"], 0.25)
    np.testing.assert_array_equal(found["recurrent_kernel9"][:, :4], np.eye(4))
    # The forget gate of an LSTM starts open.
    np.testing.assert_array_equal(found["bias10"], [0] * 4 + [1] * 4 + [0] * 8)
    assert 4.7 < found["wings14"].min() < found["wings14"].max() < 5.3
    assert 0 < np.abs(found["tail15"]).max() < np.sqrt(6 / 11)
    assert found["count16"] == 0


def test_initial_weights_depend_on_the_seed_only():
    one, again, other = (draw(of_many_layers, seed)[1] for seed in (7, 7, 8))
    drawn = [array.size > 1 and np.ptp(array) > 0 for array in one]
    for a, b in zip(one, again, strict=True):
        if a.shape != (8, 3):  # `tail`, whose initializer has no seed of its own
            np.testing.assert_array_equal(a, b)
    assert not np.array_equal(one[0], other[0])
    assert not np.array_equal(one[drawn.index(True)], other[drawn.index(True)])


def test_two_weights_of_one_initializer_differ():
    def twins():
        shared = keras.initializers.GlorotUniform(seed=0)
        layers = [keras.layers.Dense(3, kernel_initializer=shared) for _ in range(2)]
        return keras.Sequential([keras.Input((3,)), *layers])

    _, weights = draw(twins, 0)
    assert not np.array_equal(weights[0], weights[2])


def test_what_other_threads_assign_meanwhile_is_not_recorded():
    variable = keras.Variable(1.0)
    with recorded_initializers(), ThreadPoolExecutor(1) as other:
        other.submit(variable.assign, 2.0).result()
        assert not has_initializer(variable)
        variable.assign(3.0)
        assert has_initializer(variable)


# --------------------------------------------------------------- a decoder is a file


class LastSymbols(Decoder):
    """Attends with a query for each step and no recurrence: a decoder of nobody's."""

    name = "toy"
    has_attention = True
    padding = {"side": "right"}
    architecture = {"decoder_units": 12}
    training = {"epochs": 3, "batch_size": 20}

    def __init__(self, heads=2):
        self.heads = heads

    def check(self, network):
        if network.bidirectional:
            raise ValueError("decoder='toy' reads in one direction only.")

    def build(self, network):
        from sklearn_seqadd.networks import layers

        inputs, symbols = layers.input_layer(network)
        values = layers.encoder_outputs(network, symbols)
        units = network.decoder_units[0]
        queries = layers.Queries("positions", network.n_steps_out, units)(values)
        context = layers.attention_layer(self.heads, units, 0)(queries, values)
        return layers.model(inputs, layers.output_layer(network, context))


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setitem(DECODERS, "toy", LastSymbols)


@pytest.mark.usefixtures("toy")
def test_a_decoder_needs_nothing_but_its_class_and_its_line():
    X, y = make_addition(60, largest=9, random_state=0)
    pipe = make_seq2seq_pipeline(decoder="toy", random_state=0, verbose=0)
    assert pipe[-1].get_params()["decoder_units"] == 12
    assert pipe[-1].epochs == 3
    assert pipe[0].side == "right"
    pipe.fit(X, y)
    assert len(pipe.predict(X)) == 60
    assert pipe[-1].predict_step_proba(pipe[:-1].transform(X)).shape[:2] == (60, 2)
    display = AttentionDisplay.from_estimator(pipe, "3+4", head=1)
    np.testing.assert_allclose(np.sum(display.weights, axis=1), 1, atol=1e-6)
    plt.close(display.figure_)


@pytest.mark.usefixtures("toy")
def test_what_a_decoder_refuses_is_an_error_in_fit(data):
    with pytest.raises(ValueError, match="'toy' reads in one direction only"):
        Seq2SeqClassifier(**TINY, decoder="toy", bidirectional=True).fit(*data)


@pytest.mark.usefixtures("toy")
def test_errors_name_it_among_the_others(small_sums):
    with pytest.raises(ValueError, match="'decoder' parameter .* 'toy'"):
        tiny_pipeline(decoder="tou").fit(*small_sums)
    pipe = tiny_pipeline(epochs=1).fit(*small_sums)
    with pytest.raises(ValueError, match="'toy'"):
        AttentionDisplay.from_estimator(pipe, "1+2")


def test_without_its_line_it_is_unknown(data):
    with pytest.raises(ValueError, match="'decoder' parameter"):
        Seq2SeqClassifier(**TINY, decoder="toy").fit(*data)


def test_what_is_recommended_are_parameters():
    of_classifier = Seq2SeqClassifier().get_params().keys()
    described = {field.name for field in dataclasses.fields(SEQ2SEQ)}
    for decoder in DECODERS.values():
        assert decoder.padding.keys() <= SequencePadder().get_params().keys()
        assert decoder.architecture.keys() <= of_classifier & described
        assert decoder.training.keys() <= of_classifier - described


def test_dropout_drops_its_share_anew_every_time():
    from sklearn_seqadd.networks.layers import HashedDropout

    X = np.ones((50, 40, 30), dtype=np.float32)
    first, second = (HashedDropout(0.2, seed=seed) for seed in (0, 1))
    drawn = [layer(X, training=True).numpy() for layer in (first, first, second)]
    dropped = [(values == 0).ravel() for values in drawn]
    for values, is_dropped in zip(drawn, dropped, strict=True):
        assert is_dropped.mean() == pytest.approx(0.2, abs=0.01)
        np.testing.assert_allclose(values[values != 0], 1.25)
        # Neighbours along each axis have nothing to do with each other.
        for step in (1, 30, 30 * 40):
            neighbours = np.corrcoef(is_dropped[step:], is_dropped[:-step])[0, 1]
            assert abs(neighbours) < 0.02
    assert np.abs(np.corrcoef(dropped) - np.eye(3)).max() < 0.02
    np.testing.assert_array_equal(first(X), X)


def test_dropout_is_a_function_of_the_seed():
    from sklearn_seqadd.networks.layers import HashedDropout

    X = np.ones((4, 3), dtype=np.float32)
    one, other = (HashedDropout(0.5, seed=7)(X, training=True) for _ in range(2))
    np.testing.assert_array_equal(one, other)


# ----------------------------------------------------------------- recurrent layers


def transposes_steps(program):
    return any(
        operation.type == "Transpose" and operation.outputs[0].shape.rank == 3
        for operation in program.graph.get_operations()
    )


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("cell", ["lstm", slow("gru"), slow("simple_rnn")])
def test_an_unrolled_layer_computes_what_keras_does(
    cell, return_sequences, go_backwards
):
    layer = layers.recurrent(
        cell, 6, 5, return_sequences=return_sequences, go_backwards=go_backwards
    )
    x = tf.random.stateless_normal((7, 5, 3), seed=(0, 0))
    layer.build(x.shape)
    as_keras_does = type(layer).from_config(layer.get_config())
    as_keras_does.build(x.shape)
    as_keras_does.set_weights(layer.get_weights())

    def run(layer):
        weights = [weight.value for weight in layer.trainable_weights]
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x)
            loss = tf.reduce_sum(outputs**2)
        return [outputs, *tape.gradient(loss, [x, *weights])]

    for jit in (False, True):
        found, expected = (
            tf.function(run, jit_compile=jit)(each) for each in (layer, as_keras_does)
        )
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_array_equal(a, b)
    assert not transposes_steps(tf.function(run).get_concrete_function(layer))
    assert transposes_steps(tf.function(run).get_concrete_function(as_keras_does))


def test_both_directions_of_an_encoder_are_read_in_place():
    network = dataclasses.replace(SEQ2SEQ, bidirectional=True, encoder_units=(4,))
    model = network.build()
    assert not transposes_steps(
        tf.function(model).get_concrete_function(tf.zeros((2, 5, 12)))
    )
