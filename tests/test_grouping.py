"""Mini-batches of sequences of like lengths."""

import numpy as np
import pytest
from helpers import TINY, assert_same_weights, cases, slow
from sklearn.base import clone

from sklearn_seqadd import make_seq2seq_pipeline
from sklearn_seqadd._tensorflow import tf
from sklearn_seqadd.networks.layers import VisibleSteps
from sklearn_seqadd.training import acquire, grouping

PARAMS = {
    "autoregressive": {
        "decoder": "autoregressive",
        "side": "right",
        "mask_padding": True,
        "bidirectional": True,
    },
    "autoregressive, embedded": {
        "decoder": "autoregressive",
        "side": "right",
        "mask_padding": True,
        "embedding_dim": 4,
        "decoder_units": (8, 8),
    },
    "relative": {"decoder": "relative"},
    "relative with an encoder": {"decoder": "relative", "encoder_units": 8},
}


def pipeline(params, **others):
    return make_seq2seq_pipeline(
        **{**TINY, "encoder_units": 8, "clipnorm": 1.0, **params, **others}
    )


@pytest.fixture(scope="module")
def words():
    rng = np.random.RandomState(0)
    X = ["".join(rng.choice(list("abc"), size=n)) for n in [1, 1, 2, 2, 5, 5] * 50]
    return np.array(X), np.array([word[::-1].upper() for word in X])


@pytest.mark.parametrize(
    "params", cases(PARAMS, "autoregressive, embedded", "relative with an encoder")
)
def test_padding_that_is_cut_off_makes_no_difference(words, params):
    pipe = pipeline(params, epochs=1).fit(*words)
    network = pipe[-1]
    X = pipe[:-1].transform(["ab", "cab", "abcc"])
    description = network._network
    codes = network.target_codec_.encode(["BA", "BAC", "CCBA"])
    y = description.training_targets(codes)
    lengths = grouping.lengths_of(description, X, y)
    np.testing.assert_array_equal(lengths, [[2, 3], [3, 4], [4, 5]])
    with acquire(description) as compiled:
        compiled.weights.set(network.weights_)
        X, y = tf.constant(X), tf.constant(y.astype("int32"))
        whole = compiled.functions.outputs_of(X, y).numpy()
        truncated = compiled.functions.truncated(4, 5)
        cut = truncated(X[:, :4], y[:, :5], training=False).numpy()
    for i, (_, n_steps) in enumerate(lengths):
        np.testing.assert_allclose(cut[i, :n_steps], whole[i, :n_steps], atol=1e-5)


@pytest.mark.parametrize("shape", [(5000, 4), (5000, 4, 1), (5000, 4, 3)])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "float32"])
def test_steps_are_visible_as_to_the_network(shape, dtype):
    x = np.random.RandomState(0).randint(2, size=shape).astype(dtype)
    visible = grouping.visible_steps(x)
    assert visible.dtype == bool
    np.testing.assert_array_equal(visible, VisibleSteps()(x).numpy())


@pytest.mark.slow
def test_lengths_are_computed_once(words, monkeypatch):
    calls = []
    original = grouping.lengths_of
    monkeypatch.setattr(
        grouping, "lengths_of", lambda *args: calls.append(0) or original(*args)
    )
    pipe = pipeline(PARAMS["relative"], group_by_length=True, epochs=1).fit(*words)
    pipe[-1].partial_fit(pipe[:-1].transform(words[0]), words[1])
    assert len(calls) == 2


@pytest.mark.parametrize(
    "name",
    [
        "autoregressive",
        slow("relative with an encoder"),
        slow("autoregressive, embedded"),
        slow("relative"),
    ],
)
def test_groups_are_reproducible(words, name):
    params = PARAMS[name]
    pipe = pipeline(params, group_by_length=True, epochs=2, dropout=0.1).fit(*words)
    again = clone(pipe).fit(*words)
    assert_same_weights(pipe[-1], again[-1])
    assert pipe[-1].history_ == again[-1].history_
    whole = pipeline(params, epochs=2, dropout=0.1).fit(*words)
    assert pipe[-1].history_["loss"] != whole[-1].history_["loss"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["autoregressive", "relative"])
def test_groups_are_the_same_with_xla(words, name):
    plain, with_xla = (
        pipeline(
            PARAMS[name], group_by_length=True, dropout=0.1, epochs=1, jit_compile=jit
        )
        for jit in (False, True)
    )
    plain.fit(*words)
    with_xla.fit(*words)
    # Heads that move magnify rounding errors with every mini-batch.
    assert_same_weights(plain[-1], with_xla[-1], atol=1e-3)


@pytest.mark.slow
def test_groups_learn_as_well(words):
    params = PARAMS["relative"] | {"decoder_units": 32, "epochs": 40}
    for grouped in (False, True):
        pipe = pipeline(params, group_by_length=grouped, learning_rate=0.01)
        assert pipe.fit(*words).score(*words) > 0.9


@pytest.mark.slow
def test_the_first_loss_is_that_of_padded_sequences_but_for_the_padding(words):
    same = {"learning_rate": 1e-9, "epochs": 1, "dropout": 0.0}
    params = PARAMS["autoregressive"] | same
    grouped, whole = (
        pipeline(params, padding_weight=0.0, group_by_length=is_grouped).fit(*words)
        for is_grouped in (True, False)
    )
    for name, tolerance in (("loss", 1e-3), ("exact_match", 0)):
        expected = whole[-1].history_[name][0]
        assert grouped[-1].history_[name][0] == pytest.approx(expected, rel=tolerance)


@pytest.mark.slow
def test_pieces_of_a_stream_have_the_same_groups(words):
    X, y = words
    pipe = pipeline(PARAMS["relative"], group_by_length=True)
    arrays, network = pipe[:-1].fit_transform(X), pipe[-1]
    network.partial_fit(arrays, y)
    is_long = np.char.str_len(X) > 4
    description = network._network
    codes = description.training_targets(network.target_codec_.encode(y))
    groups = {
        network._group(description, arrays[rows], codes[rows], one_pass=True)[0]
        for rows in (is_long, ~is_long)
    }
    assert len(groups) == 1
    network.partial_fit(arrays[is_long], y[is_long])
    assert network.n_iter_ == 2


def test_vectors_that_are_no_symbols_are_not_cut_off():
    X = np.random.RandomState(0).normal(size=(20, 8, 2))
    description = pipeline(PARAMS["relative"])[-1].fit(X, ["a", "bb"] * 10)._network
    y = np.zeros((20, description.n_steps_out), int)
    lengths = grouping.lengths_of(description, X, y)
    assert (lengths[:, 0] == 8).all()


def test_groups_are_few_and_hold_every_sample():
    description = pipeline(PARAMS["relative"]).fit(["a", "b" * 16], ["A", "B" * 16])
    network = description[-1]._network
    assert network.n_steps_out == 17  # one step more, at which it ends
    rng = np.random.RandomState(0)
    lengths = rng.randint(1, 17, size=(1000, 2))
    lengths[:, 1] = np.minimum(lengths[:, 0] + 1, 17)
    groups = grouping.choose_groups(network, lengths)
    assert groups == ((2, 3), (4, 5), (8, 9), (12, 13), (16, 17))
    group = grouping.group_of(lengths, groups)
    assert (lengths <= np.array(groups)[group]).all()
    smaller = np.array(groups)[np.maximum(group - 1, 0)]
    assert (group == 0).any()
    assert ((lengths > smaller).any(axis=1) | (group == 0)).all()
    # What hardly any sample needs is not compiled.
    lengths[lengths[:, 0] < 5] = 6, 7
    assert grouping.choose_groups(network, lengths) == ((8, 9), (12, 13), (16, 17))


def test_every_sample_is_in_one_mini_batch_with_its_like():
    group = np.random.RandomState(0).randint(3, size=1000)
    rows, of_batch = grouping.make_batches(group, 32, np.random.default_rng(0))
    assert len(rows) == len(of_batch) == grouping.n_batches(group, 32)
    assert sorted(rows[rows >= 0]) == list(range(1000))
    for batch, i in zip(rows, of_batch, strict=True):
        assert (group[batch[batch >= 0]] == i).all()
    assert len(np.unique(of_batch[:10])) > 1  # in random order


def test_batches_of_single_calls_see_the_same(words):
    """A callback with batch hooks, for which each mini-batch is a call of its own."""
    import keras

    class Hook(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            pass

    params = PARAMS["relative"] | {"group_by_length": True, "epochs": 2}
    plain = pipeline(params).fit(*words)
    hooked = pipeline(params, callbacks=[Hook()]).fit(*words)
    assert_same_weights(plain[-1], hooked[-1])
