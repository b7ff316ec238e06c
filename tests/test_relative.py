"""Attention that finds where to start and moves on: strings of any length."""

import copy
import re

import keras
import numpy as np
import pytest
from helpers import assert_same_weights, joblib_round_trip, slow
from sklearn.base import clone

from sklearn_seqadd import (
    AttentionDisplay,
    RelativeDecoder,
    Seq2SeqClassifier,
    SequencePadder,
    make_addition,
    make_seq2seq_pipeline,
)
from sklearn_seqadd._tensorflow import tf
from sklearn_seqadd.networks import DECODERS
from sklearn_seqadd.networks import relative_attention as ra

# Other layers in the same places.

LETTERS = np.array(list("abcdefgh"))


def draw_words(n_samples, low, high, seed):
    rng = np.random.RandomState(seed)
    lengths = rng.randint(low, high + 1, size=n_samples)
    return np.array(["".join(rng.choice(LETTERS, size=n)) for n in lengths])


def relative(**params):
    small = {"decoder_units": 16, "decoder__heads": 2, "random_state": 0}
    return make_seq2seq_pipeline(decoder="relative", **{**small, **params})


@pytest.fixture(scope="module")
def reverser():
    """Has learned to write words of up to five letters backwards."""
    X = draw_words(3_000, 1, 5, seed=0)
    y = np.array([word[::-1] for word in X])
    return relative(decoder_units=32, epochs=12, learning_rate=0.01).fit(X, y)


# ----------------------------------------------------------------- any length


def test_words_ten_times_as_long_as_in_training_are_answered(reverser):
    X = draw_words(200, 50, 50, seed=1)

    assert reverser.score(X, [word[::-1] for word in X]) >= 0.98


def test_padding_and_company_change_nothing(reverser):
    short, long = draw_words(20, 1, 5, seed=2), draw_words(5, 40, 40, seed=3)
    alone = reverser.predict(short)
    wide = reverser[:-1].transform(np.concatenate([short, long]))

    np.testing.assert_array_equal(reverser.predict([*short, *long])[:20], alone)
    np.testing.assert_allclose(
        reverser[-1].predict_step_proba(wide)[:20, :6],
        reverser[-1].predict_step_proba(reverser[:-1].transform(short)),
        atol=1e-4,
    )


def test_answers_grow_in_proportion():
    X = draw_words(100, 1, 4, seed=0)
    y = ["".join(2 * c for c in word) for word in X]
    pipe = relative(epochs=1).fit(X, y)

    Z = pipe[:-1].transform(["abcdefghabc"])
    assert pipe[-1].predict_step_proba(Z).shape[1] == 25  # 8 and one at the end for 4


def test_an_answer_may_be_as_long_as_its_question():
    X, y = make_addition(100, largest=99, random_state=0)
    pipe = relative(epochs=1).fit(X, y)

    Z = pipe[:-1].transform(["1234567+8"])  # two numbers of four digits are as long
    assert pipe[-1].predict_step_proba(Z).shape[1] == 9


@pytest.mark.parametrize("reverse", [False, slow(True)])
def test_answers_of_other_orders_have_no_steps_too_many(reverse):
    X, y = make_addition(400, largest=9, random_state=0)
    params = {"epochs": 40, "learning_rate": 0.02, "weight_decay": None}
    pipe = relative(reverse=reverse, **params).fit(X, y)

    assert pipe.score(X, y) >= 0.9
    n_steps = pipe[-1].predict_step_proba(pipe[:-1].transform(X)).shape[1]
    assert n_steps == (3 if reverse else 2)


def test_labels_at_each_step_stay_as_many_as_steps():
    rng = np.random.RandomState(0)
    X, longer = rng.randint(4, size=(50, 3)), rng.randint(4, size=(50, 7))
    network = Seq2SeqClassifier(
        None, 8, decoder="relative", embedding_dim=4, epochs=1, random_state=0
    ).fit(X, X)

    assert network.predict(X).shape == (50, 3)
    assert network.predict(longer).shape == (50, 7)


def test_one_program_predicts_strings_of_all_lengths(reverser, compilations):
    for n in (3, 6, 7, 50, 300):
        reverser.predict([n * "a"])

    assert len(compilations) == 1


def test_a_string_of_thousands_is_answered_by_fourier_transforms(reverser):
    assert len(reverser.predict(["ab" * 2_500])[0]) > 4_900


def test_fewer_steps_than_in_fit_are_an_error(reverser):
    network, Z = reverser[-1], reverser[:-1].transform(["abc"])

    with pytest.raises(ValueError, match="X has 2 features.*expecting 5 features"):
        network.predict(Z[:, :2])


@pytest.mark.parametrize("decoder", ["repeat", slow("attention")])
def test_other_decoders_say_that_their_length_is_fixed(decoder):
    X, y = make_addition(50, largest=9, random_state=0)
    params = {"encoder_units": 8, "decoder_units": 8, "epochs": 1, "random_state": 0}
    pipe = make_seq2seq_pipeline(decoder=decoder, **params)
    pipe.set_params(sequencepadder__handle_overlong="extend").fit(X, y)

    name = re.escape(repr(DECODERS[decoder]()))
    message = f"X has 5 .*expecting 3 .*decoder={name} has a fixed.*'relative'"
    with pytest.raises(ValueError, match=message):
        pipe.predict(["12+34"])


def test_weights_know_no_length():
    shapes = []
    for largest in (9, 99_999):
        X, y = make_addition(100, largest=largest, random_state=0)
        fitted = relative(epochs=1).fit(X, y)[-1]
        shapes.append([weight.shape for weight in fitted.weights_])

    assert shapes[0] == shapes[1]


def test_the_keras_model_takes_any_length(reverser):
    Z = reverser[:-1].transform(["abcdefgh"])
    model = reverser[-1].model_

    np.testing.assert_allclose(
        model.predict(Z, verbose=0), reverser[-1].predict_step_proba(Z), atol=1e-6
    )


# ------------------------------------------------------------------ the layer


def by_hand(starts, stops, values, velocities, n_steps_out, steps_per_symbol=1):
    """What heads see, with loops."""
    n_samples, n_steps_in, n_heads = starts.shape
    steps = [(t, s) for t in range(n_steps_out) for s in range(steps_per_symbol)]
    seen = np.zeros((n_samples, len(steps), n_heads, values.shape[2]))
    for h, (of_symbol, of_step) in enumerate(velocities):
        for q, (t, s) in enumerate(steps):
            place = int(of_symbol * t) + int(of_step * s)
            there = -1 if place < 0 else 1
            going = np.ones((n_samples, 1))
            for passed in range(0, place + there, there):
                met = np.zeros((n_samples, 1))
                for i in range(max(0, -passed), min(n_steps_in, n_steps_in - passed)):
                    met += starts[:, i, h, None] * stops[:, i + passed, h, None]
                going = going * (1 - met)
            for i in range(max(0, -place), min(n_steps_in, n_steps_in - place)):
                seen[:, q, h] += going * starts[:, i, h, None] * values[:, i + place]
    return seen


@pytest.mark.parametrize("max_pairs", [0, 8192])
def test_heads_see_what_is_so_many_steps_further(monkeypatch, max_pairs):
    monkeypatch.setattr(ra, "MAX_PAIRS", max_pairs)
    velocities, rng = (1, -1, 0.5, 0, 2, -0.4), np.random.RandomState(0)
    # Some stop often, some hardly ever.
    monkeypatch.setattr(ra, "STOP_BIAS", -1.0)
    layer = ra.RelativeAttention(velocities, 3, (7, 5), any_length=False, padded=True)
    values = rng.rand(4, 7, 3).astype("float32")
    visible = np.arange(7) < np.array([7, 5, 1, 0])[:, None]
    seen = layer(tf.constant(values), tf.constant(visible)).numpy()
    hidden = values * visible[..., None]
    starts, stops = (
        array.numpy()
        for array in layer.starts_and_stops(tf.constant(hidden), tf.constant(visible))
    )

    expected = by_hand(starts, stops, hidden, layer.velocities, 5).reshape(4, 5, -1)
    np.testing.assert_allclose(seen / ra.CONTEXT_GAIN, expected, atol=1e-5)
    assert (starts[~visible] == 0).all()
    assert (starts.sum(axis=1) <= 1 + 1e-6).all()
    # What it looks at, and what it sees, are the same.
    weights = layer.weights_of_steps(tf.constant(values), tf.constant(visible)).numpy()
    assert weights.shape == (4, 6, 5, 7)
    again = np.einsum("nhti,nif->nthf", weights, hidden).reshape(4, 5, -1)
    np.testing.assert_allclose(again, expected, atol=1e-5)


@pytest.mark.parametrize("any_length", [False, True])
def test_heads_move_to_and_fro_within_a_symbol(monkeypatch, any_length):
    velocities, rng = (1, (0, 1), (1, -1), (-0.5, 1), (0, -1)), np.random.RandomState(0)
    monkeypatch.setattr(ra, "STOP_BIAS", -1.0)
    layer = ra.RelativeAttention(velocities, 3, (7, 5), any_length, False, 3)
    values = rng.rand(4, 7, 2).astype("float32")
    visible = np.arange(7) < np.array([7, 5, 1, 0])[:, None]
    shape = None if any_length else 7
    call, weights_of_steps = (
        tf.function(
            function,
            input_signature=[
                tf.TensorSpec([None, shape, 2]),
                tf.TensorSpec([None, shape], tf.bool),
            ],
        )
        for function in (layer, layer.weights_of_steps)
    )
    seen, which = np.split(call(values, visible).numpy(), [10], axis=2)
    hidden = values * visible[..., None]
    starts, stops = (
        array.numpy()
        for array in layer.starts_and_stops(tf.constant(hidden), tf.constant(visible))
    )

    expected = by_hand(starts, stops, hidden, layer.velocities, 5, 3)
    np.testing.assert_allclose(
        seen / ra.CONTEXT_GAIN, expected.reshape(4, 15, 10), atol=1e-5
    )
    np.testing.assert_array_equal(which[0], np.tile(np.eye(3), (5, 1)))
    weights = weights_of_steps(values, visible).numpy()
    again = np.einsum("nhti,nif->nthf", weights, hidden)
    expected = expected.reshape(4, 5, 3, 5, 2).mean(axis=2)
    np.testing.assert_allclose(again, expected, atol=1e-5)


@pytest.mark.parametrize("max_pairs", [0, 8192])
def test_moving_one_way_is_a_special_case_of_moving_around(monkeypatch, max_pairs):
    monkeypatch.setattr(ra, "MAX_PAIRS", max_pairs)
    rng, speeds, n_steps = np.random.RandomState(0), [2, 1, 1, 0.5, 0], 6
    values, starts, stops = (
        tf.constant(rng.rand(3, 9, n), tf.float32) for n in (4, 5, 5)
    )
    starts = tf.nn.softmax(5 * starts, axis=1)
    moved = np.array([[int(speed * t) for t in range(n_steps)] for speed in speeds])

    np.testing.assert_allclose(
        ra._see(values, starts, stops, speeds, n_steps),
        ra._see_around(values, starts, stops, moved),
        atol=1e-5,
    )


def test_a_head_that_has_stopped_sees_nothing_more():
    layer = ra.RelativeAttention((1, -1), 1, (6, 6), any_length=False, padded=True)
    values = np.eye(4, dtype="float32")[[[1, 2, 1, 3, 1, 1]]]
    visible = np.ones((1, 6), dtype=bool)
    layer(tf.constant(values), tf.constant(visible))
    # One local unit a symbol; heads start at the symbol 2 and stop at the symbol 3.
    kernels = layer.local_kernel, layer.score_kernel, layer.stop_kernel
    local, start, stop = (np.zeros(kernel.shape) for kernel in kernels)
    local[range(4), range(4)] = 1
    start[:4] = stop[:4] = -1
    start[2] = stop[3] = 1
    for kernel, value in zip(kernels, (local, start, stop), strict=True):
        kernel.assign(value)
    weights = layer.weights_of_steps(tf.constant(values), tf.constant(visible)).numpy()

    # Both start at step 1; the one that moves forwards stops at step 3.
    forwards, backwards = np.zeros((2, 6, 6))
    forwards[0, 1] = forwards[1, 2] = 1
    backwards[0, 1] = backwards[1, 0] = 1
    np.testing.assert_allclose(weights[0], [forwards, backwards], atol=1e-2)


def test_nothing_follows_the_end_of_an_answer():
    probabilities = np.array([[[0.1, 0.9], [0.7, 0.3], [0.2, 0.8], [0.4, 0.6]]])

    ended = ra.EndOfAnswer(0)(tf.constant(probabilities, tf.float32)).numpy()

    np.testing.assert_allclose(ended, [[[0.1, 0.9], [0.7, 0.3], [1, 0], [1, 0]]])


def test_an_unseen_symbol_is_no_padding():
    from sklearn_seqadd.networks.layers import VisibleSteps

    X = np.array([[[1, 0, 0], [0, 1, 0], [0, 0, 0]]], dtype="float32")

    assert VisibleSteps()(X).numpy().tolist() == [[False, True, True]]


# ------------------------------------------------------------------- manners


@pytest.mark.parametrize(
    "params",
    [
        {"decoder__bidirectional": True, "decoder_units": (8, 8), "dropout": 0.1},
        slow({"encoder_units": 8, "bidirectional": True}),
        slow({"cell": "gru", "decoder__width": 5, "decoder__velocities": (1, 0)}),
        {
            "decoder__steps_per_symbol": 2,
            "decoder__velocities": [0.5, (0, 1), (1, -1)],
            "decoder__dense_units": 8,
            "dropout": 0.1,
        },
        slow({"decoder__steps_per_symbol": 2, "decoder__bidirectional": True}),
        slow({"cell": "lstm"}),
        slow({"embedding_dim": 8}),
    ],
    ids=str,
)
def test_every_variant_fits_and_answers_the_same_in_any_company(params):
    X = draw_words(200, 1, 5, seed=0)
    pipe = relative(**{"epochs": 2, "decoder_units": 8, **params}).fit(X, X)
    alone = pipe[-1].predict_step_proba(pipe[:-1].transform(X[:9]))
    both = pipe[-1].predict_step_proba(pipe[:-1].transform([*X[:9], 30 * "a"]))

    np.testing.assert_allclose(both[:9, : alone.shape[1]], alone, atol=1e-5)
    assert_same_weights(pipe[-1], clone(pipe).fit(X, X)[-1])
    assert_same_weights(pipe[-1], joblib_round_trip(pipe)[-1])


def test_training_continues_after_a_round_trip():
    X = draw_words(200, 1, 5, seed=0)
    pipe = relative(epochs=3).fit(X, X)
    Z, network = pipe[:-1].transform(X), pipe[-1]
    network.partial_fit(Z, X)
    restored = joblib_round_trip(network).partial_fit(Z, X)

    assert_same_weights(network.partial_fit(Z, X), restored)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"width": 4}, "'width' parameter of RelativeDecoder must be odd.*Got 4"),
        ({"velocities": []}, "'velocities'.*one at least. Got"),
        ({"velocities": ["a"]}, "'velocities'.*list of numbers"),
        ({"velocities": [(0, 1, 2)]}, "'velocities'.*of pairs"),
        ({"velocities": [(0, np.nan)]}, "velocities contains NaN"),
        ({"velocities": [np.inf]}, "velocities contains infinity"),
    ],
)
def test_what_cannot_be_built_is_refused(params, message):
    X, y = np.eye(3), [0, 1, 2]

    with pytest.raises(ValueError, match=message):
        Seq2SeqClassifier(decoder=RelativeDecoder(**params)).fit(X, y)


def test_heads_are_shown_where_they_look(reverser):
    display = AttentionDisplay.from_estimator(reverser, "abcde", head=4)
    weights = np.asarray(display.weights)

    assert weights.shape == (5, 5)
    assert (weights.sum(axis=1) <= 1 + 1e-6).all()


# --------------------------------------------------------------------- epochs


@pytest.mark.parametrize(
    ("n_samples", "batch_size", "epochs"),
    # 170 times the cube root of the samples are 850, 1700 and 1700 mini-batches.
    [(125, 25, 170), (1000, 10, 17), (1000, 20, 34)],
)
def test_the_fewer_samples_the_more_epochs(n_samples, batch_size, epochs):
    X, y = np.zeros((n_samples, 1)), np.zeros(n_samples, dtype=int)
    network = Seq2SeqClassifier(
        1, 1, epochs="auto", batch_size=batch_size, random_state=0
    )

    assert len(network.fit(X, y).history_["loss"]) == epochs


# ------------------------------------------------------------------ the padder


@pytest.mark.parametrize("side", ["left", "right", "term"])
@pytest.mark.parametrize("reverse", [False, True])
def test_longer_strings_widen_the_whole_output(side, reverse):
    padder = SequencePadder(side, reverse=reverse, handle_overlong="extend")
    padder.fit(["1+2", "12+5"])
    before = copy.deepcopy(vars(padder))
    X = ["1+2", "12+345", "6"]
    padded = padder.transform(X)

    assert {len(text) for text in padded} == {6}
    np.testing.assert_array_equal(padder.inverse_transform(padded), X)
    assert vars(padder) == before
    assert {len(text) for text in padder.transform(["1+2"])} == {4}


def test_the_digits_of_longer_numbers_line_up():
    padder = SequencePadder("term", handle_overlong="extend").fit(["1+2"])

    assert padder.transform(["1+2", "123+45"]).tolist() == ["  1+ 2", "123+45"]


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras on NumPy 2.4
def test_a_saved_keras_model_is_loaded_again(reverser, tmp_path):
    Z = reverser[:-1].transform(["abcdefg"])
    reverser[-1].model_.save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras", compile=False)

    np.testing.assert_allclose(
        model.predict(Z, verbose=0), reverser[-1].predict_step_proba(Z), atol=1e-6
    )
