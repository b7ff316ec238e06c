"""Decoders as objects with parameters, those of the package and those of a user."""

import json
import pickle
import re

import joblib
import keras
import numpy as np
import pytest
from helpers import TINY, assert_same_weights, joblib_round_trip, tiny_pipeline
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_seqadd import (
    AttentionDecoder,
    AttentionDisplay,
    AutoregressiveDecoder,
    Decoder,
    MappingRegressor,
    RelativeDecoder,
    RepeatDecoder,
    Seq2SeqClassifier,
    Seq2SeqEnsemble,
    SequenceDecoder,
    export_onnx,
    make_seq2seq_pipeline,
)
from sklearn_seqadd._user_files import TRUSTED_TYPES
from sklearn_seqadd.networks import DECODERS, layers

DECODER = "seq2seqclassifier__decoder"
every_decoder = pytest.mark.parametrize("decoder", DECODERS.values())
NOT_DEFAULT = [
    AttentionDecoder(heads=2),
    AutoregressiveDecoder(location=False, copy=False),
    RelativeDecoder(2, velocities=[(0, 1), 1], steps_per_symbol=2, dense_units=4),
]


# ------------------------------------------------------------------ as an object


@every_decoder
def test_a_decoder_is_an_estimator_to_scikit_learn(decoder):
    one = decoder()
    assert repr(one) == f"{decoder.__name__}()"
    assert clone(one) == one
    assert clone(one) is not one
    assert hash(clone(one)) == hash(one)
    assert decoder(**one.get_params()) == one
    assert one.resolve() == one.resolve()
    for other in DECODERS.values():
        assert (other() == one) == (other is decoder)


def test_equal_are_decoders_of_equal_parameters():
    one, other = RelativeDecoder(velocities=[1, -1]), RelativeDecoder(heads=2)
    assert one != other
    other.set_params(heads=4, velocities=[1, -1])
    assert one == other
    assert hash(one) == hash(other)
    assert one != "relative"
    assert len({one, other, AttentionDecoder(), AttentionDecoder(heads=4)}) == 2


def test_repr_shows_what_is_not_the_default():
    decoder = RelativeDecoder(velocities=[(0, 1)], bidirectional=True)
    assert repr(decoder) == "RelativeDecoder(bidirectional=True, velocities=[(0, 1)])"
    network = Seq2SeqClassifier(decoder=AttentionDecoder(heads=2))
    assert repr(network) == "Seq2SeqClassifier(decoder=AttentionDecoder(heads=2))"


def test_a_parameter_is_reached_through_the_pipeline():
    pipe = make_seq2seq_pipeline(decoder="relative", decoder__velocities=[1])
    assert pipe.get_params()[f"{DECODER}__velocities"] == [1]
    pipe.set_params(**{f"{DECODER}__heads": 2, f"{DECODER}__width": 5})
    assert pipe[-1].decoder == RelativeDecoder(2, velocities=[1], width=5)
    copied = clone(pipe).set_params(**{f"{DECODER}__heads": 3})
    assert (copied[-1].decoder.heads, pipe[-1].decoder.heads) == (3, 2)


def test_the_decoder_that_was_passed_is_not_changed():
    decoder = RelativeDecoder(velocities=[1, -1])
    pipe = tiny_pipeline(decoder=decoder, decoder__heads=2, epochs=1)
    pipe.fit(["ab", "b", "ba"], ["ab", "b", "ba"])
    assert (decoder.heads, decoder.velocities) == (4, [1, -1])
    assert vars(decoder).keys() == decoder.get_params().keys()
    assert pipe[-1].decoder == RelativeDecoder(2, velocities=[1, -1])


def test_an_unknown_parameter_is_an_error_that_names_those_there_are():
    with pytest.raises(TypeError, match="'wings'"):
        RelativeDecoder(wings=2)
    pipe = make_seq2seq_pipeline(decoder="relative")
    for set_wings in (
        lambda: RelativeDecoder().set_params(wings=2),
        lambda: pipe[-1].set_params(decoder__wings=2),
        lambda: pipe.set_params(**{f"{DECODER}__wings": 2}),
        lambda: make_seq2seq_pipeline(decoder="relative", decoder__wings=2),
    ):
        with pytest.raises(ValueError, match="'wings'.*RelativeDecoder.*'dense_units'"):
            set_wings()
    with pytest.raises(ValueError, match="decoder__heads is a parameter of a decoder"):
        make_seq2seq_pipeline(decoder__heads=2)


@pytest.mark.parametrize(
    ("decoder", "message"),
    [
        (AttentionDecoder(heads=0), "'heads' parameter of AttentionDecoder"),
        (AutoregressiveDecoder(location=1.5), "'location' parameter of Autoregr"),
        (AutoregressiveDecoder(copy="no"), "'copy' parameter of Autoregressive"),
        (RelativeDecoder(heads=None), "'heads' parameter of RelativeDecoder"),
        (RelativeDecoder(steps_per_symbol=0), "'steps_per_symbol' parameter of Rel"),
        (RelativeDecoder(dense_units=-1), "'dense_units' parameter of Relative"),
        (RelativeDecoder(velocities=1), "'velocities' parameter of Relative"),
        (RelativeDecoder(bidirectional=2), "'bidirectional' parameter of Relative"),
    ],
    ids=repr,
)
def test_an_invalid_parameter_is_named(data, decoder, message):
    network = Seq2SeqClassifier(decoder=decoder)
    with pytest.raises(ValueError, match=message):
        network.fit(*data)
    assert not hasattr(network, "weights_")


@pytest.mark.parametrize("value", [RelativeDecoder, None, 3, object(), "relativ"])
def test_what_is_no_decoder_is_refused(data, value):
    with pytest.raises(ValueError, match="'decoder' parameter of Seq2SeqClassifier"):
        Seq2SeqClassifier(decoder=value).fit(*data)


# ------------------------------------------------------------------ fitted


@every_decoder
def test_the_short_form_and_the_object_give_the_same_bits(decoder, data):
    X, y = data
    short = Seq2SeqClassifier(**{**TINY, "epochs": 1}, decoder=decoder.name)
    long = clone(short).set_params(decoder=decoder())
    assert_same_weights(short.fit(X, y), long.fit(X, y))
    assert short.architecture_ == long.architecture_
    assert short.architecture_["decoder"] == decoder.name
    assert short.architecture_["decoder_params"].keys() == decoder().get_params().keys()
    assert json.loads(json.dumps(long.architecture_)) == long.architecture_


def test_architecture_holds_numbers_of_numpy_as_plain_ones(data):
    decoder = RelativeDecoder(np.int64(2), velocities=np.array([1.0, -1.0]))
    network = Seq2SeqClassifier(**{**TINY, "epochs": 1}, decoder=decoder).fit(*data)
    architecture = json.loads(json.dumps(network.architecture_))
    assert architecture["decoder_params"]["velocities"] == [1, -1]
    assert architecture["decoder_params"]["heads"] == 2


@pytest.mark.parametrize("decoder", NOT_DEFAULT, ids=repr)
def test_files_hold_a_decoder(decoder, data, tmp_path):
    skops_io = pytest.importorskip("skops.io")
    X, y = data
    network = Seq2SeqClassifier(**{**TINY, "epochs": 1}, decoder=decoder).fit(X, y)
    skops_io.dump(network, tmp_path / "network.skops")
    joblib.dump(decoder, tmp_path / "decoder.joblib")
    assert joblib.load(tmp_path / "decoder.joblib") == decoder
    for restored in (
        pickle.loads(pickle.dumps(network)),
        joblib_round_trip(network),
        skops_io.load(tmp_path / "network.skops", trusted=TRUSTED_TYPES),
    ):
        assert restored.decoder == decoder
        assert restored.architecture_ == network.architecture_
        np.testing.assert_array_equal(restored.predict(X), network.predict(X))


def test_a_search_reaches_parameters_and_tries_decoders(small_sums):
    pipe = tiny_pipeline(decoder="attention", epochs=1)
    heads = {f"{DECODER}__heads": [1, 2]}
    grid = GridSearchCV(pipe, heads, cv=2).fit(*small_sums)
    fitted = grid.best_estimator_[-1]
    assert fitted.decoder.heads == grid.best_params_[f"{DECODER}__heads"]
    assert fitted.architecture_["decoder_params"] == {"heads": fitted.decoder.heads}

    decoders = {DECODER: [RepeatDecoder(), SequenceDecoder(), AttentionDecoder(2)]}
    grid = GridSearchCV(pipe, decoders, cv=2).fit(*small_sums)
    assert list(grid.cv_results_[f"param_{DECODER}"]) == decoders[DECODER]
    assert grid.best_estimator_[-1].decoder == grid.best_params_[DECODER]


def test_training_does_not_continue_with_another_parameter(data):
    network = Seq2SeqClassifier(
        **{**TINY, "epochs": 1}, decoder=AttentionDecoder(heads=2), warm_start=True
    ).fit(*data)
    network.set_params(decoder__heads=3)
    message = re.escape("decoder=AttentionDecoder(heads=2) (now AttentionDecoder(heads")
    for train in (network.fit, network.partial_fit):
        with pytest.raises(ValueError, match=message):
            train(*data)
    network.set_params(decoder="attention")
    with pytest.raises(ValueError, match=r"now AttentionDecoder\(\)"):
        network.partial_fit(*data)
    network.set_params(decoder=AttentionDecoder(2)).partial_fit(*data)
    assert network.n_iter_ == 2


def test_short_form_and_object_continue_each_other(data):
    network = Seq2SeqClassifier(**TINY, decoder="relative").partial_fit(*data)
    network.set_params(decoder=RelativeDecoder()).partial_fit(*data)
    assert network.n_iter_ == 2


# ------------------------------------------------------------------ nothing is ignored


def build_nothing(n_steps_in, n_features, n_steps_out, n_symbols):
    raise AssertionError("nothing is to be built")


@pytest.mark.parametrize(
    "params",
    [
        {"encoder_units": 8},
        {"encoder_units": None},
        {"decoder_units": [8, 8]},
        {"cell": "gru"},
        {"decoder": "relative"},
        {"decoder": RepeatDecoder()},
        {"bidirectional": True},
        {"embedding_dim": 3},
        {"mask_padding": True},
        {"dropout": 0.1},
    ],
    ids=str,
)
def test_a_network_of_ones_own_leaves_nothing_to_describe(params):
    X = np.zeros((4, 3, 2))
    if "embedding_dim" in params:
        X = X[..., 0].astype(int)
    network = Seq2SeqClassifier(network=build_nothing, **params)
    ((name, value),) = params.items()
    message = re.escape(f"{name}={value!r} would have no effect with a `network`")
    for train in (network.fit, network.partial_fit):
        with pytest.raises(ValueError, match=message):
            train(X, ["a", "b", "a", "b"])


def test_all_that_would_be_ignored_is_named(data):
    network = Seq2SeqClassifier(network=build_nothing, cell="gru", dropout=0.5)
    with pytest.raises(ValueError, match=r"cell='gru', dropout=0\.5 would have no eff"):
        network.fit(*data)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"decoder": "attention", "encoder_units": None, "bidirectional": True},
            "bidirectional=True would have no effect without an encoder",
        ),
        (
            {"decoder": "attention", "beam_width": 2},
            "beam_width=2 would have no effect with decoder='attention'",
        ),
        (
            {"beam_width": 3},
            "beam_width=3 would have no effect with decoder='repeat'",
        ),
    ],
    ids=str,
)
def test_what_a_built_in_network_would_ignore_is_an_error(data, params, message):
    with pytest.raises(ValueError, match=message):
        Seq2SeqClassifier(**params).fit(*data)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"network": build_nothing, "hidden_units": 8}, "hidden_units=8 .*`network`"),
        ({"network": build_nothing, "activation": "tanh"}, "activation='tanh' .*`netw"),
        ({"network": "lstm", "activation": "tanh"}, "activation='tanh' .*'lstm'"),
    ],
    ids=["units", "activation", "lstm"],
)
def test_a_regressor_ignores_nothing_either(params, message):
    with pytest.raises(ValueError, match=message):
        MappingRegressor(**params).fit(np.eye(4), np.arange(4.0))


# ------------------------------------------------------------------ of a user


class MixDecoder(Decoder):
    """Mix the steps of the question into the steps of the answer."""

    architecture = {"encoder_units": 8, "decoder_units": 8}
    training = {"epochs": 2, "batch_size": 64}

    def __init__(self, activation="linear"):
        self.activation = activation

    def build(self, network):
        inputs, symbols = layers.input_layer(network)
        encoded = layers.encode(network, symbols, return_sequences=True)
        turned = keras.layers.Permute((2, 1))(encoded)
        mix = keras.layers.Dense(network.n_steps_out, self.activation, name="mix")
        mixed = keras.layers.Permute((2, 1))(mix(turned))
        decoded = layers.decode(network, mixed, network.n_steps_out)
        return layers.model(inputs, layers.output_layer(network, decoded))


class FedDecoder(Decoder):
    """Read the encoder's last output, and what was written before."""

    def build(self, network):
        inputs, symbols = layers.input_layer(network)
        encoded = layers.encode(network, symbols, return_sequences=False)
        repeated = keras.layers.RepeatVector(network.n_steps_out)(encoded)
        previous = keras.Input((network.n_steps_out,), name="previous")
        written = layers.embed(network.n_symbols + 1, 4, name="written")(previous)
        joined = layers.join([repeated, written], 0)
        decoded = layers.decode(network, joined, network.n_steps_out)
        return layers.model([inputs, previous], layers.output_layer(network, decoded))


def mix(**params):
    return make_seq2seq_pipeline(decoder=MixDecoder(), random_state=0, **params)


@pytest.fixture(scope="module")
def mixed(small_sums):
    return mix().fit(*small_sums)


def test_a_decoder_of_ones_own_learns(small_sums):
    X, y = small_sums
    pipe = mix(encoder_units=32, decoder_units=32, epochs=30, learning_rate=0.02)
    assert pipe.fit(X, y).score(X, y) > 0.9


def test_its_recommended_settings_are_those_of_the_pipeline():
    network = mix(epochs=3)[-1]
    assert (network.encoder_units, network.epochs, network.batch_size) == (8, 3, 64)


def test_it_is_copied_and_stored_as_any_other(mixed, small_sums, tmp_path):
    skops_io = pytest.importorskip("skops.io")
    X, y = small_sums
    assert repr(mixed[-1].decoder) == "MixDecoder()"
    assert "decoder=MixDecoder()" in repr(mixed[-1])
    assert mixed[-1].architecture_["decoder"] == MixDecoder()
    assert_same_weights(clone(mixed).fit(X, y)[-1], mixed[-1])
    skops_io.dump(mixed, tmp_path / "mixed.skops")
    types = skops_io.get_untrusted_types(file=tmp_path / "mixed.skops")
    assert [name for name in types if name not in TRUSTED_TYPES] == [
        f"{MixDecoder.__module__}.MixDecoder"
    ]
    for restored in (
        pickle.loads(pickle.dumps(mixed)),
        joblib_round_trip(mixed),
        skops_io.load(tmp_path / "mixed.skops", trusted=types),
    ):
        assert restored[-1].decoder == MixDecoder()
        np.testing.assert_array_equal(restored.predict(X), mixed.predict(X))
        assert_same_weights(restored[-1], mixed[-1])


def test_a_search_reaches_its_parameters(small_sums):
    activations = {f"{DECODER}__activation": ["relu", "linear"]}
    grid = GridSearchCV(mix(epochs=1), activations, cv=2).fit(*small_sums)
    best = grid.best_estimator_[-1].decoder
    assert best.activation == grid.best_params_[f"{DECODER}__activation"]
    with pytest.raises(ValueError, match="'wings'.*MixDecoder.*'activation'"):
        mix(decoder__wings=2)


def test_its_parameters_belong_to_the_network(mixed, small_sums, compilations):
    X, y = mixed[:-1].transform(small_sums[0]), small_sums[1]
    network = clone(mixed[-1]).fit(X, y)
    clone(network).fit(X, y)
    n_compiled = len(compilations)
    network.set_params(decoder__activation="relu")
    message = r"decoder=MixDecoder\(\) \(now MixDecoder\(activation='relu'\)\)"
    with pytest.raises(ValueError, match=message):
        network.partial_fit(X, y)
    network.fit(X, y)
    assert len(compilations) > n_compiled


@pytest.mark.parametrize(
    "params",
    [
        {"embedding_dim": 3},
        {"embedding_dim": "one-hot"},
        {"encoder_units": None, "dropout": 0.2},
        {"encoder_units": [8, 8], "bidirectional": True, "cell": "gru"},
    ],
    ids=str,
)
def test_the_parameters_of_layers_hold_for_it(params, small_sums):
    pipe = mix(**{**params, "epochs": 1}).fit(*small_sums)
    assert_same_weights(pipe[-1], clone(pipe).fit(*small_sums)[-1])


def test_several_of_them_answer_together(mixed, small_sums):
    X, y = small_sums
    together = Seq2SeqEnsemble(mixed[-1], n_estimators=2, random_state=0)
    pipe = make_pipeline(*mixed[:-1], together).fit(X, y)
    codes = mixed[:-1].transform(X[:20])
    mean = np.mean([e.predict_step_proba(codes) for e in together.estimators_], axis=0)
    np.testing.assert_allclose(together.predict_step_proba(codes), mean, atol=1e-6)
    assert pipe.predict(X[:20]).shape == (20,)


def test_it_may_be_fed_what_it_wrote_before(small_sums):
    X, y = small_sums
    pipe = tiny_pipeline(decoder=FedDecoder(), beam_width=2).fit(X, y)
    codes = pipe[:-1].transform(X[:5])
    scores = pipe[-1].score_samples(codes)
    best, best_scores = pipe[-1].predict_n_best(codes, 3, return_scores=True)
    np.testing.assert_allclose(best_scores[:, 0], scores, atol=1e-5)
    assert best[:, 0].tolist() == pipe.predict(X[:5]).tolist()


def test_what_is_not_known_of_it_is_said(mixed, small_sums, tmp_path):
    X, y = small_sums
    with pytest.raises(ValueError, match=r"export_onnx.*decoder=MixDecoder\(\)"):
        export_onnx(mixed, tmp_path / "mixed.onnx")
    with pytest.raises(ValueError, match=r"decoder=MixDecoder\(\) has no attention"):
        AttentionDisplay.from_estimator(mixed, "1+2")
    message = "group_by_length=True cannot be used with .*'MixDecoder'"
    with pytest.raises(ValueError, match=message):
        mix(group_by_length=True).fit(X, y)
    codes = np.zeros((1, 5, mixed[-1].architecture_["n_features"]))
    with pytest.raises(ValueError, match=r"decoder=MixDecoder\(\) has a fixed number"):
        mixed[-1].predict(codes)


class Broken(Decoder):
    """What a decoder may do wrong."""

    def __init__(self, fault):
        self.fault = fault

    def build(self, network):
        inputs, symbols = layers.input_layer(network)
        n_steps, n_symbols = network.n_steps_out, network.n_symbols
        if self.fault == "no model":
            return symbols
        if self.fault == "one symbol more":
            n_symbols += 1
        flat = keras.layers.Flatten()(symbols)
        steps = keras.layers.Dense(n_steps * n_symbols)(flat)
        steps = keras.layers.Reshape((n_steps, n_symbols))(steps)
        if self.fault != "no softmax":
            steps = keras.layers.Softmax()(steps)
        return layers.model(inputs, steps)


class Unfinished(Decoder):
    """It builds nothing."""


@pytest.mark.parametrize(
    ("decoder", "message"),
    [
        (Broken("no model"), r"Broken\.build must return a keras\.Model, got KerasTe"),
        (
            Broken("one symbol more"),
            r"Broken\.build gives one output of shape",
        ),
        (Broken("no softmax"), r"Broken\.build must end in a softmax"),
        (Unfinished(), "Unfinished"),
    ],
    ids=repr,
)
def test_what_it_does_wrong_is_said_in_words(data, decoder, message):
    network = Seq2SeqClassifier(**TINY, decoder=decoder)
    with pytest.raises((ValueError, NotImplementedError), match=message):
        network.fit(*data)
    assert not hasattr(network, "weights_")


def test_what_it_refuses_is_an_error_in_fit(data):
    class ForwardOnly(MixDecoder):
        def check(self, network):
            if network.bidirectional:
                raise ValueError("ForwardOnly reads in one direction only.")

    with pytest.raises(ValueError, match="in one direction only"):
        Seq2SeqClassifier(**TINY, decoder=ForwardOnly(), bidirectional=True).fit(*data)


def test_its_parameters_are_validated_if_it_says_how(data):
    class Checked(MixDecoder):
        _parameter_constraints = {"activation": [str]}

    with pytest.raises(ValueError, match="'activation' parameter of Checked"):
        Seq2SeqClassifier(**TINY, decoder=Checked(activation=3)).fit(*data)
