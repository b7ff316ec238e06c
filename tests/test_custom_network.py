"""Networks of the user's own, in everything that the built-in ones are used for."""

import copy
import pickle
import random

import keras
import numpy as np
import pytest
import skops.io
from custom_networks import (
    Awkward,
    Convolutional,
    FromFile,
    Perceptron,
    Transformer,
    dense,
)
from helpers import (
    AtEpoch,
    assert_same_state,
    assert_same_weights,
    cases,
    joblib_round_trip,
    state_of,
)
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score

from sklearn_seqadd import (
    AttentionDisplay,
    MappingRegressor,
    Seq2SeqClassifier,
    Seq2SeqEnsemble,
    StepAccuracyDisplay,
    export_onnx,
    make_seq2seq_pipeline,
)
from sklearn_seqadd.networks import CustomNetwork

NETWORKS = {
    "transformer": Transformer(),
    "convolutional": Convolutional(),
    "awkward": Awkward(),
    "function": dense,
}
SHAPES = "n_steps_in, n_features, n_steps_out, n_symbols"
every_network = pytest.mark.parametrize(
    "network", cases(NETWORKS, "convolutional", "awkward")
)


def pipeline(network, **params):
    params = {"epochs": 2, "random_state": 0, "learning_rate": 0.01, **params}
    return make_seq2seq_pipeline(network=network, **params)


# ------------------------------------------------------------ all that there is to do


@every_network
def test_it_learns_from_strings_and_answers_with_strings(small_sums, network):
    X, y = small_sums
    pipe = pipeline(network, epochs=20).fit(X, y)
    losses = pipe[-1].history_["loss"]
    assert losses[-1] < 0.8 * losses[0]
    assert pipe.predict(X[:3]).dtype.kind == "U"
    arrays = pipe[:-1].transform(X[:40])
    probabilities = pipe[-1].predict_step_proba(arrays)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, atol=2e-3)
    answers, scores = pipe[-1].predict_n_best(arrays, 3, return_scores=True)
    assert answers.shape == (40, 3)
    np.testing.assert_allclose(
        pipe[-1].score_samples(arrays, answers[:, 1]), scores[:, 1], atol=2e-2
    )
    display = StepAccuracyDisplay.from_estimator(pipe, X, y)
    assert len(display.step_accuracy) == 2


@every_network
def test_weights_follow_from_the_random_state_alone(small_sums, network):
    pipe = pipeline(network).fit(*small_sums)
    random.random(), keras.utils.set_random_seed(3)
    again = clone(pipe).fit(*small_sums)
    assert_same_weights(pipe[-1], again[-1])
    other = clone(pipe).set_params(seq2seqclassifier__random_state=1)
    other.fit(*small_sums)
    is_same = [
        np.array_equal(a, b)
        for a, b in zip(pipe[-1].weights_, other[-1].weights_, strict=True)
    ]
    assert not all(is_same)


@pytest.mark.slow
def test_the_same_weights_in_another_compilation(small_sums, compilations):
    network = Awkward()
    pipe = pipeline(network).fit(*small_sums)
    for units in range(2, 20):  # more than the cache holds
        Seq2SeqClassifier(network=dense, epochs=1, random_state=0).set_params(
            network__units=units
        ).fit(np.eye(4), [0, 1, 0, 1])
    n_before = len(compilations)
    again = clone(pipe).fit(*small_sums)
    assert len(compilations) == n_before + 1
    assert_same_weights(pipe[-1], again[-1])


@pytest.mark.slow
@pytest.mark.parametrize("network", [Transformer(), Convolutional()])
def test_xla_makes_no_difference_that_counts(small_sums, network):
    one, other = (
        pipeline(network, jit_compile=jit).fit(*small_sums)[-1] for jit in (False, True)
    )
    assert_same_weights(one, other, rtol=1e-3, atol=1e-3)


def test_beams_of_a_network_that_is_fed_its_answers(small_sums):
    X, y = small_sums
    pipe = pipeline(Transformer(), epochs=5).fit(X, y)
    arrays = pipe[:-1].transform(X[:50])
    greedy = pipe[-1].score_samples(arrays)
    pipe[-1].set_params(beam_width=4)
    assert (pipe[-1].score_samples(arrays) >= greedy - 1e-5).all()
    # Step by step it is the same network that was trained as a whole.
    codes = pipe[-1].predict(arrays)
    np.testing.assert_allclose(
        pipe[-1].score_samples(arrays), pipe[-1].score_samples(arrays, codes), atol=1e-4
    )


@every_network
@pytest.mark.parametrize("dump", ["pickle", "joblib", "skops", "copy"])
def test_it_travels_and_trains_on(small_sums, network, dump):
    X, y = small_sums
    pipe = pipeline(network).fit(X, y)
    if dump == "skops":
        file = skops.io.dumps(pipe)
        types = skops.io.get_untrusted_types(data=file)
        of_user = [each for each in types if not each.startswith("sklearn_seqadd.")]
        assert len(of_user) == 1
        assert of_user[0].startswith("custom_networks.")
        loaded = skops.io.loads(file, trusted=types)
    elif dump == "joblib":
        loaded = joblib_round_trip(pipe)
    else:
        loaded = pickle.loads(pickle.dumps(pipe)) if dump == "pickle" else None
        loaded = loaded or copy.deepcopy(pipe)
    arrays = pipe[:-1].transform(X)
    np.testing.assert_array_equal(loaded.predict(X), pipe.predict(X))
    for estimator in (pipe[-1], loaded[-1]):
        estimator.partial_fit(arrays, y)
    assert_same_weights(pipe[-1], loaded[-1])


@every_network
def test_a_killed_fit_is_resumed(small_sums, network, tmp_path):
    def explode():
        raise RuntimeError("killed")

    params = {"epochs": 4, "checkpoint_dir": tmp_path}
    whole = pipeline(network, epochs=4).fit(*small_sums)
    killed = pipeline(network, **params, callbacks=[AtEpoch(2, explode)])
    with pytest.raises(RuntimeError, match="killed"):
        killed.fit(*small_sums)
    assert_same_weights(
        whole[-1],
        pipeline(network, **params, callbacks=[AtEpoch(9, explode)]).fit(*small_sums)[
            -1
        ],
    )


@pytest.mark.slow
@every_network
def test_early_stopping_averages_and_schedules(small_sums, network):
    pipe = pipeline(
        network,
        epochs=6,
        early_stopping=True,
        n_iter_no_change=1,
        optimizer=keras.optimizers.Adam(use_ema=True),
        schedule="cosine",
        clipnorm=1.0,
        weight_decay=0.1,
        label_smoothing=0.1,
        padding_weight=0.5,
    ).fit(*small_sums)
    assert len(pipe[-1].history_["val_loss"]) == pipe[-1].n_iter_


@every_network
def test_samples_of_weight_zero_are_as_if_absent(small_sums, network):
    X, y = (part[:90] for part in small_sums)
    weight = np.arange(90) % 3
    kept = weight > 0
    one = pipeline(network).fit(X, y, seq2seqclassifier__sample_weight=weight)
    other = pipeline(network).fit(
        X[kept], y[kept], seq2seqclassifier__sample_weight=weight[kept]
    )
    assert_same_weights(one[-1], other[-1])


def test_a_mini_batch_is_filled_up_with_its_own_samples():
    def normalized(n_steps_in, n_features, n_steps_out, n_symbols):
        return keras.Sequential(
            [
                keras.layers.Flatten(),
                keras.layers.BatchNormalization(momentum=0.0),
                keras.layers.Dense(n_symbols),
                keras.layers.Reshape((1, n_symbols)),
                keras.layers.Softmax(),
            ]
        )

    X = np.full((40, 3), 7.0)  # a mini-batch of 32, and one of 8
    network = Seq2SeqClassifier(network=normalized, epochs=1, random_state=0)
    _, _, mean, variance, *_ = network.fit(X, np.arange(40) % 2).weights_
    np.testing.assert_allclose(mean, 7)
    np.testing.assert_allclose(variance, 0, atol=1e-5)


def test_state_that_is_no_weight_of_training_is_kept(small_sums):
    pipe = pipeline(Awkward()).fit(*small_sums)
    weights = {
        weight.path.rpartition("/")[2]: array
        for weight, array in zip(
            pipe[-1].model_.weights, pipe[-1].weights_, strict=True
        )
    }
    assert np.abs(weights["moving_mean"]).max() > 0
    counts = [array for array in weights.values() if array.dtype == np.int32]
    assert counts == [2 * 13]


@every_network
def test_an_ensemble(small_sums, network):
    X, y = small_sums
    single = pipeline(network)
    together = clone(single)
    together.steps[-1] = ("ensemble", Seq2SeqEnsemble(single[-1], 2, random_state=0))
    together.fit(X, y)
    arrays = together[:-1].transform(X[:30])
    of_each = [each.predict_step_proba(arrays) for each in together[-1].estimators_]
    if network in (dense, NETWORKS["convolutional"]):
        np.testing.assert_allclose(
            together[-1].predict_step_proba(arrays), np.mean(of_each, axis=0), atol=1e-5
        )
    assert len(together.predict(X[:30])) == 30


def test_the_displays_and_exports_that_do_not_know_it_say_so(small_sums, tmp_path):
    pipe = pipeline(Transformer()).fit(*small_sums)
    with pytest.raises(ValueError, match=r"network=Transformer\(\) has no attention"):
        AttentionDisplay.from_estimator(pipe, "1+2")
    with pytest.raises(ValueError, match=r"network=Transformer\(\)"):
        export_onnx(pipe, tmp_path / "sums.onnx")
    with pytest.raises(ValueError, match="cannot be used with networks of your own"):
        pipeline(Transformer(), group_by_length=True).fit(*small_sums)


# ------------------------------------------------------------------------ parameters


def test_a_grid_reaches_its_parameters(small_sums, compilations):
    grid = GridSearchCV(
        pipeline(Convolutional()),
        {"seq2seqclassifier__network__units": [4, 6]},
        cv=3,
        refit=False,
    )
    scores = grid.fit(*small_sums).cv_results_["split0_test_score"]
    assert np.isfinite(scores).all()
    assert len(compilations) == 4  # as of two built-in networks


@every_network
def test_a_cross_validation_compiles_once(small_sums, network, compilations):
    cross_val_score(pipeline(network), *small_sums, cv=3)
    assert len(compilations) == 2


def test_keyword_arguments_of_a_function_are_parameters(small_sums):
    network = Seq2SeqClassifier(network=dense)
    assert network.get_params()["network__units"] == 8
    assert "network__units" not in network.get_params(deep=False)
    network.set_params(network__units=5)
    assert clone(network).get_params()["network__units"] == 5
    assert clone(network).get_params()["network__activation"] == "tanh"
    with pytest.raises(
        ValueError, match="(?s)'wings'.*'activation', 'function', 'units'"
    ):
        Seq2SeqClassifier(network=dense).set_params(network__wings=2)
    grid = GridSearchCV(
        pipeline(dense), {"seq2seqclassifier__network__units": [3, 6]}, cv=2
    ).fit(*small_sums)
    assert len(grid.best_estimator_[-1].weights_[1]) in (3, 6)


def test_the_default_of_a_function_is_nobodys_to_change():
    def build(n_steps_in, n_features, n_steps_out, n_symbols, part=Convolutional()):  # noqa: B008
        return part.build(n_steps_in, n_features, n_steps_out, n_symbols)

    one, other = (Seq2SeqClassifier(network=build) for _ in range(2))
    one.set_params(network__part__units=3)
    assert one.get_params()["network__part__units"] == 3
    assert other.get_params()["network__part__units"] == 16


def test_parameters_set_after_fit_count_in_the_next(small_sums):
    pipe = pipeline(Convolutional(4)).fit(*small_sums)
    before = pipe.predict(small_sums[0])
    pipe[-1].network.units = 5
    np.testing.assert_array_equal(pipe.predict(small_sums[0]), before)
    arrays = pipe[:-1].transform(small_sums[0])
    message = r"network=Convolutional\(units=4\) \(now Convolutional\(units=5\)\)"
    with pytest.raises(ValueError, match=message):
        pipe[-1].partial_fit(arrays, small_sums[1])


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (Transformer(), Transformer(), True),
        (Transformer(8), Transformer(9), False),
        (Transformer(8), Transformer(8.0), False),
        (Transformer([8, 9]), Transformer([8, 9]), True),
        (Transformer([8, 9]), Transformer((8, 9)), False),
        (Transformer(np.arange(3)), Transformer(np.arange(3)), True),
        (Transformer(np.arange(3)), Transformer(np.arange(3.0)), False),
        (Transformer({"a": [1]}), Transformer({"a": [1]}), True),
        (Transformer({1, 2}), Transformer({2, 1}), True),
        (Transformer(Perceptron(2)), Transformer(Perceptron(2)), True),
        (Transformer(Perceptron(2)), Transformer(Perceptron(3)), False),
        (
            Awkward(initializer=keras.initializers.HeNormal(seed=1)),
            Awkward(initializer=keras.initializers.HeNormal(seed=1)),
            True,
        ),
        (
            Awkward(initializer=keras.initializers.HeNormal(seed=1)),
            Awkward(initializer=keras.initializers.HeNormal(seed=2)),
            False,
        ),
        (dense, dense, True),
        (dense, lambda: None, False),
    ],
)
def test_networks_are_equal_if_their_parameters_are(one, other, equal):
    one, other = (CustomNetwork.from_parameter(each, "C") for each in (one, other))
    assert (one == other) is equal
    assert not equal or hash(one) == hash(other)


def test_a_class_defined_anew_is_another_network(small_sums):
    def define(activation):
        class Dense(BaseEstimator):
            def build(self, **shapes):
                return dense(**shapes, activation=activation)

        return Dense()

    one, other = (
        pipeline(define(name)).fit(*small_sums)[-1].model_ for name in ("tanh", "relu")
    )
    of_each = [model.layers[-1].layers[1].activation for model in (one, other)]
    assert of_each == [keras.activations.tanh, keras.activations.relu]


# ------------------------------------------------------------------- what is refused


def build_with(change):
    """A function that builds a network to which something was done."""

    def build(n_steps_in, n_features, n_steps_out, n_symbols):
        shapes = {
            "n_steps_in": n_steps_in,
            "n_features": n_features,
            "n_steps_out": n_steps_out,
            "n_symbols": n_symbols,
        }
        return change(shapes)

    return build


def without_softmax(shapes):
    return keras.Sequential(dense(**shapes).layers[:-1])


def with_three_inputs(shapes):
    inputs = [keras.Input((3,)) for _ in range(3)]
    return keras.Model(inputs, keras.layers.Add()(inputs))


def fed_back(shapes, n_symbols, look=None, **inputs):
    """A network with two inputs, which may be a dict of any order."""
    first, second = inputs or (None, None)
    question = keras.Input((shapes["n_steps_in"], shapes["n_features"]), name=first)
    previous = keras.Input((shapes["n_steps_out"],), dtype="int32", name=second)
    codes = keras.layers.Embedding(n_symbols, 8)(previous)
    seen = keras.layers.GRU(8, return_sequences=True)(codes)
    if look is not None:
        seen = keras.layers.Add()([seen, look(codes)])
    read = keras.layers.RepeatVector(shapes["n_steps_out"])(
        keras.layers.GRU(8)(question)
    )
    joined = keras.layers.Concatenate()([read, seen])
    given = [question, previous]
    if inputs:
        given = dict(zip(inputs, given, strict=True))
    output = keras.layers.Dense(shapes["n_symbols"], "softmax")(joined)
    return keras.Model(given, [output] if inputs else output)


def with_short_embedding(shapes):
    return fed_back(shapes, shapes["n_symbols"])


def with_a_look_ahead_that_begins_at_zero(shapes):
    def look(codes):
        backwards = keras.layers.GRU(8, return_sequences=True, go_backwards=True)
        return keras.layers.Dense(8, kernel_initializer="zeros")(backwards(codes))

    return fed_back(shapes, shapes["n_symbols"] + 1, look)


def with_two_outputs(shapes):
    model = Convolutional().build(**shapes)
    return keras.Model(model.inputs, [model.outputs[0]] * 2)


REFUSED = {
    "a class": (Convolutional, "Got the class Convolutional"),
    "a model": (
        lambda: Convolutional().build(5, 3, 2, 4),
        "Got a model of the class Sequential",
    ),
    "no network": (lambda: 3, "'network' parameter of Seq2SeqClassifier must be"),
    "not a model": (lambda: build_with(dict), "must return a keras.Model, got dict"),
    "too few arguments": (
        lambda: lambda n_steps_in: None,
        f"<lambda> must take the keyword arguments {SHAPES}: got an unexpected",
    ),
    "no softmax": (
        lambda: build_with(without_softmax),
        "must end in a softmax: at a step its outputs sum to",
    ),
    "another input": (
        lambda: build_with(lambda s: Convolutional().build(**{**s, "n_steps_in": 9})),
        r"takes inputs of shape \(9, 12\), where \(3, 12\) and perhaps \(2,\) is",
    ),
    "three inputs": (
        lambda: build_with(with_three_inputs),
        r"takes inputs of shape \(3,\) and \(3,\) and \(3,\), where",
    ),
    "another output": (
        lambda: build_with(lambda s: dense(**{**s, "n_symbols": 5})),
        r"gives one output of shape \(2, 5\), where one of shape \(2, 11\) is",
    ),
    "two outputs": (
        lambda: build_with(with_two_outputs),
        r"gives several outputs, where one of shape \(2, 11\) is expected",
    ),
    "an embedding that is one too short": (
        lambda: build_with(with_short_embedding),
        "cannot compute with inputs, among them the codes 0 to 11",
    ),
    "a look ahead that begins at zero": (
        lambda: build_with(with_a_look_ahead_that_begins_at_zero),
        "sees in its second input",
    ),
    "a reserved name": (
        lambda: lambda n_steps_in, function=3: None,
        "has an argument 'function', a name that no parameter",
    ),
    "a look ahead": (
        lambda: Transformer(sees_ahead=True),
        "Transformer.build sees in its second input",
    ),
}


def plain_state(network):
    """With the user's own object in words, as objects are equal to none."""
    state = state_of(network)
    state["architecture_"]["network"] = repr(state["architecture_"]["network"])
    return state


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_is_named_and_changes_nothing(small_sums, what):
    make, message = REFUSED[what]
    network = make if isinstance(make, type) else make()
    pipe = pipeline(Convolutional()).fit(*small_sums)
    before = plain_state(pipe[-1])
    pipe[-1].set_params(network=network)
    with pytest.raises(ValueError, match=message):
        pipe.fit(*small_sums)
    assert_same_state(before, plain_state(pipe[-1]))
    with pytest.raises(ValueError, match=message):
        pipe = pipeline(network).fit(*small_sums)
    with pytest.raises(NotFittedError):
        pipeline(network)[-1].predict(np.zeros((1, 3, 12)))


def test_an_error_of_ones_own_comes_through(small_sums):
    def fails(n_steps_in, n_features, n_steps_out, n_symbols):
        raise ZeroDivisionError("of the user's own")

    with pytest.raises(ZeroDivisionError, match="of the user's own"):
        pipeline(fails).fit(*small_sums)


# -------------------------------------------------------------------- other frames


def test_codes_of_one_number_a_step(small_sums):
    class Embeds(BaseEstimator):
        def build(self, n_steps_in, n_features, n_steps_out, n_symbols):
            assert n_features == 1
            codes = keras.Input((n_steps_in,), dtype="int32")
            steps = keras.layers.Embedding(20, 8)(codes)
            read = keras.layers.LSTM(8)(steps)
            steps = keras.layers.RepeatVector(n_steps_out)(read)
            return keras.Model(codes, keras.layers.Dense(n_symbols, "softmax")(steps))

    pipe = pipeline(Embeds())
    pipe.set_params(sequenceonehotencoder="passthrough").fit(*small_sums)
    assert len(pipe.predict(["1+2"])) == 1


def test_a_model_whose_layers_are_its_own(small_sums):
    class Own(keras.Model):
        def __init__(self, n_steps, n_symbols):
            super().__init__()
            self.read = keras.layers.LSTM(8)
            self.repeat = keras.layers.RepeatVector(n_steps)
            self.write = keras.layers.Dense(n_symbols, "softmax")

        def call(self, inputs):
            return self.write(self.repeat(self.read(inputs)))

    def build(n_steps_in, n_features, n_steps_out, n_symbols):
        return Own(n_steps_out, n_symbols)

    one, other = (pipeline(build).fit(*small_sums)[-1] for _ in range(2))
    assert_same_weights(one, other)


def test_a_saved_model_is_a_start(small_sums, tmp_path):
    X, y = small_sums
    first = pipeline(Convolutional(), epochs=10).fit(X, y)
    path = str(tmp_path / "model.keras")
    first[-1].model_.save(path)
    for frozen in (False, True):
        tuned = pipeline(FromFile(path, frozen), epochs=1, learning_rate=1e-9)
        assert_same_weights(first[-1], tuned.fit(X, y)[-1], atol=1e-6)
        tuned = pipeline(FromFile(path, frozen), epochs=5).fit(X, y)
        again = pipeline(FromFile(path, frozen), epochs=5).fit(X, y)
        assert_same_weights(tuned[-1], again[-1])
        assert tuned[-1].history_["loss"][-1] < first[-1].history_["loss"][-1]
        is_same = np.array_equal(tuned[-1].weights_[0], first[-1].weights_[0])
        assert is_same is frozen


@pytest.mark.parametrize("names", [("first", "second"), ("question", "previous")])
def test_inputs_by_name_in_any_order_and_outputs_in_a_list(small_sums, names):
    def change(shapes):
        return fed_back(shapes, shapes["n_symbols"] + 1, **dict.fromkeys(names))

    pipe = pipeline(build_with(change)).fit(*small_sums)
    assert len(pipe.predict(["1+2"])) == 1


@pytest.mark.parametrize("of", [lambda output: [output], lambda output: {"a": output}])
def test_an_output_may_be_in_a_list_or_a_dict(small_sums, of):
    def change(shapes):
        model = Convolutional().build(**shapes)
        return keras.Model(model.inputs[0], of(model.outputs[0]))

    plain = pipeline(Convolutional()).fit(*small_sums)
    pipe = pipeline(build_with(change)).fit(*small_sums)
    assert_same_weights(plain[-1], pipe[-1])
    np.testing.assert_array_equal(pipe.predict(["1+2"]), plain.predict(["1+2"]))


def test_penalties_of_layers_are_part_of_what_is_made_small(small_sums):
    def build(n_steps_in, n_features, n_steps_out, n_symbols, penalty=0.0):
        model = dense(n_steps_in, n_features, n_steps_out, n_symbols)
        model.layers[1].kernel_regularizer = keras.regularizers.L2(penalty)
        return model

    without, with_penalty = (
        pipeline(build, epochs=20)
        .set_params(seq2seqclassifier__network__penalty=penalty)
        .fit(*small_sums)[-1]
        .weights_[0]
        for penalty in (0.0, 10.0)
    )
    assert np.abs(with_penalty).mean() < 0.05 * np.abs(without).mean()


def test_a_model_is_to_be_built_anew(small_sums):
    made = []

    def build(n_steps_in, n_features, n_steps_out, n_symbols, units=8):
        shapes = n_steps_in, n_features, n_steps_out, n_symbols
        made.append(made[0] if made else dense(*shapes))
        return made[0]

    pipe = pipeline(build).fit(*small_sums)
    with pytest.raises(ValueError, match="must build a new model at each call"):
        _ = pipe[-1].model_


def test_a_checkpoint_is_of_the_code_that_it_was_made_with(
    small_sums, tmp_path, monkeypatch
):
    pipe = pipeline(Convolutional(), checkpoint_dir=tmp_path)
    pipe.fit(*small_sums)
    clone(pipe).fit(*small_sums)
    assert len(list(tmp_path.glob("*.npz"))) == 1
    monkeypatch.setattr(CustomNetwork, "source", "edited")
    clone(pipe).fit(*small_sums)
    assert len(list(tmp_path.glob("*.npz"))) == 2
    unnamed = pipeline(lambda **shapes: dense(**shapes), checkpoint_dir=tmp_path)
    with pytest.raises(ValueError, match="all parameters must be picklable"):
        unnamed.fit(*small_sums)


def test_random_numbers_of_python_are_left_alone(small_sums):
    random.seed(0)
    expected = random.random()
    random.seed(0)
    pipeline(Convolutional(7)).fit(*small_sums)
    assert random.random() == expected


def test_the_regressor_takes_networks_too():
    rng = np.random.RandomState(0)
    X = rng.rand(200, 3)
    y = X.sum(axis=1)
    network = MappingRegressor(
        Perceptron(), epochs=100, learning_rate=0.01, batch_size=20, random_state=0
    )
    assert network.fit(X, y).score(X, y) > 0.99
    assert network.predict(X).dtype == np.float64
    loaded = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(loaded.predict(X), network.predict(X))
    assert clone(network).set_params(network__units=3).fit(X, y).weights_[1].size == 3

    def build(n_terms, n_outputs, units=4):
        return Perceptron(units).build(n_terms, n_outputs)

    network = MappingRegressor(build, epochs=2, random_state=0)
    network.set_params(network__units=5).fit(X, np.stack([y, y], axis=1))
    assert network.predict(X).shape == (200, 2)
    with pytest.raises(ValueError, match=r"shape \(4,\), where \(3,\) is expected"):
        MappingRegressor(lambda n_terms, n_outputs: build(4, 1)).fit(X, y)
    with pytest.raises(ValueError, match="'network' parameter of MappingRegressor"):
        MappingRegressor("mlpp").fit(X, y)
