"""What each way from what was read to the answer promises, and each encoding."""

import itertools
import pickle

import helpers
import numpy as np
import pytest
from helpers import assert_same_weights, cases, slow
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sklearn_seqadd import (
    Seq2SeqClassifier,
    SequenceIntegerEncoder,
    SequencePadder,
    character_accuracy_score,
    make_addition,
    make_seq2seq_pipeline,
)
from sklearn_seqadd.training import acquire

TINY = {**helpers.TINY, "batch_size": 64}

WAYS = {
    "repeat": {},
    "repeat, layers": {"encoder_units": (8, 6), "decoder_units": [6, 4]},
    "repeat, masked": {"mask_padding": True, "bidirectional": True},
    "sequence": {"decoder": "sequence", "cell": "gru"},
    "sequence, no encoder": {"decoder": "sequence", "encoder_units": None},
    "attention": {"decoder": "attention", "dropout": 0.2},
    "attention, no encoder": {"decoder": "attention", "encoder_units": None},
    "attention, layers": {"decoder": "attention", "decoder_units": (8, 6)},
    "attention, masked": {
        "decoder": "attention",
        "encoder_units": None,
        "mask_padding": True,
    },
    "relative": {"decoder": "relative", "encoder_units": None, "dropout": 0.2},
    "autoregressive": {"decoder": "autoregressive", "bidirectional": True},
    "autoregressive, beam": {"decoder": "autoregressive", "beam_width": 3},
    "autoregressive, no encoder": {
        "decoder": "autoregressive",
        "encoder_units": None,
        "mask_padding": True,
    },
    "embedding": {"embedding_dim": 3},
    "embedding, masked": {"embedding_dim": 3, "mask_padding": True},
    "one-hot vectors in the network": {"embedding_dim": "one-hot"},
    "embedding, attention": {
        "embedding_dim": 3,
        "mask_padding": True,
        "decoder": "attention",
        "encoder_units": None,
    },
}
SLOW = (
    "repeat, layers",
    "sequence, no encoder",
    "attention, no encoder",
    "attention, layers",
    "autoregressive, beam",
    "autoregressive, no encoder",
    "embedding",
    "one-hot vectors in the network",
    "embedding, attention",
)
every_way = pytest.mark.parametrize("params", cases(WAYS, *SLOW))


def tiny(**params):
    """A pipeline with a network of a few units; what is given is changed in it."""
    given = {"side": "left", "reverse": False, **TINY, **params}
    return make_seq2seq_pipeline(**given)


def prepared(pipe, X):
    return pipe[:-1].transform(X)


# ------------------------------------------------------------------------- every way


@every_way
def test_every_way_gives_answers_of_the_right_kind_and_probabilities(params):
    X, y = make_addition(80, largest=30, random_state=0)
    pipe = tiny(**params).fit(X, y)
    probabilities = pipe[-1].predict_step_proba(prepared(pipe, X))

    assert pipe.predict(X).dtype.kind == "U"
    assert probabilities.shape == (80, 2, len(pipe[-1].alphabet_))
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, atol=1e-5)


@every_way
def test_every_way_is_repeated_bit_for_bit_and_continues_after_a_pickle(params):
    X, y = make_addition(80, largest=30, random_state=0)
    pipe = tiny(**params).fit(X, y)
    again = clone(pipe).fit(X, y)
    Z = prepared(pipe, X)
    pipe[-1].partial_fit(Z, y)
    restored = pickle.loads(pickle.dumps(again))
    restored[-1].partial_fit(Z, y)

    assert_same_weights(pipe[-1], restored[-1])


@every_way
def test_every_way_answers_each_question_by_itself(params):
    X, y = make_addition(80, largest=30, random_state=0)
    pipe = tiny(**params).fit(X, y)

    # Alone, among others, and in another order: up to rounding.
    together = pipe[-1].predict_step_proba(prepared(pipe, X))
    backwards = pipe[-1].predict_step_proba(prepared(pipe, X[::-1]))[::-1]
    alone = pipe[-1].predict_step_proba(prepared(pipe, X[3:4]))
    np.testing.assert_allclose(backwards, together, atol=1e-5)
    np.testing.assert_allclose(alone, together[3:4], atol=1e-5)


@pytest.mark.parametrize(
    "params",
    [
        {"decoder": "sequence", "bidirectional": True},
        slow({"decoder": "attention"}),
        slow({"decoder": "autoregressive"}),
        {"embedding_dim": 8},
    ],
    ids=["sequence", "attention", "autoregressive", "embedding"],
)
def test_every_way_learns_sums_of_single_digits(params):
    X, y = make_addition(1000, largest=9, random_state=0)
    given = {"encoder_units": 32, "decoder_units": 32, **params}
    pipe = tiny(**{**given, "epochs": 60, "learning_rate": 0.01}).fit(X, y)

    assert pipe.score(X, y) > 0.9


# --------------------------------------------------------------------------- sequence


def test_an_answer_longer_than_the_input_is_refused_by_sequence():
    pipe = tiny(decoder="sequence")
    with pytest.raises(ValueError, match=r"answers have 4 steps and the input has 3"):
        pipe.fit(["1+2", "3+4"], ["1234", "5678"])


def test_repeat_needs_something_to_repeat():
    pipe = tiny(encoder_units=None)
    with pytest.raises(ValueError, match=r"decoder='repeat' needs an encoder"):
        pipe.fit(["1+2", "3+4"], ["3", "7"])


@pytest.mark.parametrize("units", [(), (8, 0), (8, 2.5), [-1]])
def test_units_of_layers_are_integers_above_zero(units):
    for name in ("encoder_units", "decoder_units"):
        with pytest.raises(ValueError, match=name):
            tiny(**{name: units}).fit(["1+2", "3+4"], ["3", "7"])


# --------------------------------------------------------------------- autoregressive


@pytest.mark.slow
def test_the_widest_beam_finds_the_most_probable_of_all_answers():
    X, y = make_addition(60, largest=9, random_state=0)
    pipe = tiny(decoder="autoregressive").fit(X, y)
    classifier = pipe[-1]
    n_symbols = len(classifier.alphabet_)
    Z = prepared(pipe, X[:5])

    # Every answer of two symbols, as the network is fed with it: one step late.
    answers = np.array(list(itertools.product(range(n_symbols), repeat=2)))
    previous = np.column_stack([np.full(len(answers), n_symbols), answers[:, 0]])
    for z, found in zip(
        Z,
        pipe.set_params(seq2seqclassifier__beam_width=n_symbols).predict(X[:5]),
        strict=True,
    ):
        steps = classifier.model_.predict(
            [np.repeat(z[None], len(answers), axis=0), previous], verbose=0
        )
        probable = steps[np.arange(len(answers))[:, None], [0, 1], answers].prod(axis=1)
        best = answers[probable.argmax()]
        assert "".join(classifier.alphabet_[best]).strip() == found


def test_the_width_of_the_beam_may_be_set_after_fit_and_is_checked():
    X, y = make_addition(60, largest=9, random_state=0)
    pipe = tiny(decoder="autoregressive").fit(X, y)
    greedy = pipe[-1].predict_step_proba(prepared(pipe, X)).argmax(axis=2)
    symbols = pipe[-1].alphabet_[greedy]

    assert ["".join(row).strip() for row in symbols] == pipe.predict(X).tolist()
    pipe.set_params(seq2seqclassifier__beam_width=0)
    with pytest.raises(ValueError, match="beam_width"):
        pipe.predict(X)


@pytest.fixture(scope="module")
def doubler():
    """Has learned to write each letter of up to five twice."""
    rng = np.random.RandomState(0)
    X = ["".join(rng.choice(list("abcd"), size=n)) for n in rng.randint(1, 6, 400)]
    y = ["".join(2 * c for c in word) for word in X]
    return make_seq2seq_pipeline(
        decoder="autoregressive",
        encoder_units=16,
        decoder_units=32,
        embedding_dim=8,
        dropout=0.0,
        epochs=60,
        learning_rate=0.01,
        random_state=0,
    ).fit(X, y)


def test_weights_know_no_length():
    X, y = ["ab", "abcabcabc"], ["a", "abcabc"]
    short, long = (
        tiny(decoder="autoregressive", side="right").fit(X[:n], y[:n])[-1].weights_
        for n in (1, 2)
    )
    differ = [a.shape != b.shape for a, b in zip(short, long, strict=True)]
    assert sum(differ) == 4  # by the letter c, which is not in the short ones


@pytest.mark.slow
def test_attention_compares_by_as_many_units_as_it_is_told():
    X, y = ["ab", "ba"] * 4, ["b", "a"] * 4
    for params, expected in (({}, 4), ({"decoder__attention_units": 3}, 3)):
        pipe = tiny(decoder="autoregressive", decoder_units=8, epochs=1, **params)
        layer = pipe.fit(X, y)[-1].model_.get_layer("decoder_model")
        assert layer.get_layer("attention").query_kernel.shape == (8, expected)


@pytest.mark.slow
def test_longer_words_get_longer_answers(doubler):
    X = ["abcdabcd", "ddaaccbb"]
    Z = prepared(doubler, X)
    n_steps = doubler[-1].predict_step_proba(Z).shape[1]
    assert n_steps == 18  # 10 symbols and the end to 5, in proportion
    assert all(len(answer) > 10 for answer in doubler.predict(X))


@pytest.mark.slow
def test_a_word_is_answered_the_same_in_any_company(doubler):
    words, longer = ["a", "abc", "dcba", "ddddd"], "abcd" * 5
    together = prepared(doubler, [*words, longer])
    of_all = doubler[-1].predict_step_proba(together)
    for width in (None, 3):
        doubler.set_params(seq2seqclassifier__beam_width=width or 1)
        answers = doubler.predict([*words, longer]).tolist()
        assert answers[:-1] == doubler.predict(words).tolist()
        assert answers == [doubler.predict([word])[0] for word in [*words, longer]]
    doubler.set_params(seq2seqclassifier__beam_width=1)
    alone = doubler[-1].predict_step_proba(prepared(doubler, words))
    np.testing.assert_allclose(of_all[:4, : alone.shape[1]], alone, atol=1e-6)
    # What follows the longest answer of a word is padding, whatever is beside it.
    np.testing.assert_array_equal(of_all[:4, alone.shape[1] :, 0], 1)
    scores = [
        doubler[-1].score_samples(codes, ["aa", "aabbcc", "ddccbbaa", "dddddddddd"])
        for codes in (together[:4], prepared(doubler, words))
    ]
    np.testing.assert_allclose(*scores, atol=1e-5)


@pytest.mark.slow
def test_symbols_that_are_in_both_alphabets_are_copied():
    X, y = ["ab-", "ba"] * 20, ["abx", "b"] * 20
    by_letter = tiny(decoder="autoregressive").fit(X, y)
    assert by_letter[-2].alphabet_ == " -ab"
    assert "".join(by_letter[-1].alphabet_) == " abx"
    by_token = tiny(decoder="autoregressive", analyzer="char").fit(X, y)
    one_hot = tiny(decoder="autoregressive", embedding_dim=None).fit(X, y)
    for pipe in (by_letter, by_token, one_hot):
        copied = pipe[-1].architecture_["copied"]
        assert sorted(copied) == [-1, -1, 1, 2]
        assert copied[0] == -1
        # Saved, loaded and trained further they stay what they are.
        restored = pickle.loads(pickle.dumps(pipe))[-1]
        restored.partial_fit(prepared(pipe, X).tolist(), y)
        assert restored.architecture_["copied"] == copied


@pytest.mark.parametrize(
    "params",
    [{"decoder__copy": False}, {"decoder": "repeat"}, {"embedding_dim": 4}],
    ids=["copy=False", "repeat", "no note"],
)
def test_nothing_is_copied_otherwise(params):
    X, y = ["ab", "ba"] * 20, ["ab", "b"] * 20
    pipe = tiny(**{"decoder": "autoregressive", **params})
    codes = pipe[:-1].fit_transform(X)
    codes = codes.tolist() if "embedding_dim" in params else codes
    assert pipe[-1].fit(codes, y).architecture_["copied"] is None


def test_a_gate_that_copies_writes_what_attention_looks_at():
    X, y = ["ab", "ba", "-a"] * 20, ["ab", "ba", "xa"] * 20
    pipe = tiny(decoder="autoregressive", side="right").fit(X, y)
    classifier, paths = pipe[-1], [w.path for w in pipe[-1].model_.weights]
    gate = paths.index("copying/gate_bias")
    codes = prepared(pipe, ["ba", "-a"])
    plain = classifier.predict_step_proba(codes)
    classifier.weights_[gate] = np.full(1, -1e6, dtype=np.float32)
    copied = classifier.predict_step_proba(codes)
    assert not np.allclose(plain, copied, atol=1e-3)
    for probabilities in (plain, copied):
        np.testing.assert_allclose(probabilities.sum(axis=2), 1, atol=1e-6)
    # Of "ba" everything can be copied; "-" cannot, and there a symbol is written.
    x = classifier.alphabet_.tolist().index("x")
    assert copied[0, 0, x] < 1e-6 < copied[1, 0, x]


# -------------------------------------------------------------------------- encodings


def integers(**params):
    return make_pipeline(
        SequencePadder(), SequenceIntegerEncoder(), Seq2SeqClassifier(**TINY, **params)
    )


def test_a_symbol_without_a_learned_vector_does_not_break_a_prediction():
    X, y = make_addition(60, largest=8, random_state=0)
    classifier = integers(embedding_dim=4).fit(X, y)[-1]

    assert len(classifier.predict([[1, 2, 99]])) == 1
    np.testing.assert_array_equal(
        classifier.predict_step_proba([[1, 2, 99]]),
        classifier.predict_step_proba([[1, 2, 12345]]),
    )


@pytest.mark.parametrize(
    "params",
    [
        {"mask_padding": True},
        slow({}),
        slow({"decoder": "attention", "encoder_units": None, "mask_padding": True}),
        slow({"decoder": "relative", "encoder_units": None}),
        slow({"decoder": "autoregressive"}),
    ],
    ids=str,
)
def test_one_hot_vectors_are_the_same_in_the_network_and_in_front_of_it(params):
    X, y = make_addition(60, largest=8, random_state=0)
    outside, inside = (
        make_seq2seq_pipeline(**{**TINY, **params}, embedding_dim=embedding_dim)
        for embedding_dim in (None, "one-hot")
    )
    outside.fit(X, y)
    inside.fit(X, y)
    assert_same_weights(outside[-1], inside[-1])
    codes = outside[:2].transform(X)
    assert codes.dtype == np.int8
    codes[0, 0] = 12  # a symbol that was not there
    np.testing.assert_array_equal(
        inside[-1].predict_step_proba(codes),
        outside[-1].predict_step_proba(outside[2].transform(codes)),
    )


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.int32, np.int64])
@pytest.mark.parametrize("embedding_dim", [4, "one-hot", None])
def test_codes_may_be_integers_of_any_size(dtype, embedding_dim):
    X, y = make_addition(60, largest=8, random_state=0)
    codes = integers()[:-1].fit_transform(X)
    expected = Seq2SeqClassifier(**TINY, embedding_dim=embedding_dim)
    expected.fit(codes.astype(np.float32), y)
    found = clone(expected).fit(codes.astype(dtype), y)
    assert_same_weights(expected, found)
    beyond = codes[:3].astype(dtype)
    beyond[:, 0] = 127
    np.testing.assert_array_equal(found.predict(beyond), expected.predict(beyond))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.zeros((2, 3, 4)), r"expects integer codes of shape \(n_samples, n_steps\)"),
        ([[0.5, 1], [1, 2]], "not integers"),
        ([[-1, 1], [1, 2]], "Negative values"),
    ],
)
def test_what_cannot_be_embedded_is_refused(X, message):
    with pytest.raises(ValueError, match=message):
        Seq2SeqClassifier(**TINY, embedding_dim=4).fit(X, ["a", "b"])


def test_a_pipeline_with_an_embedding_has_no_one_hot_step():
    assert list(make_seq2seq_pipeline(embedding_dim=4).named_steps) == [
        "sequencepadder",
        "sequenceintegerencoder",
        "seq2seqclassifier",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"cell": "gru", "bidirectional": True},
        {"decoder": "attention", "encoder_units": None},
        {"decoder": "attention", "encoder_units": None, "decoder_units": (8, 8)},
    ],
    ids=["lstm", "gru", "attention", "attention, layers"],
)
@pytest.mark.parametrize("mask_padding", [False, True])
def test_what_a_masked_step_holds_does_not_matter(params, mask_padding):
    X, y = make_addition(60, largest=99, random_state=0)
    pipe = tiny(**params, mask_padding=mask_padding).fit(X, y)
    Z = prepared(pipe, ["1+2"])
    assert Z[0, 0, 0] == 1
    other = Z.copy()
    other[0, 0, 1] = 1  # still the padding, and something else besides

    same = np.allclose(*map(pipe[-1].predict_step_proba, (Z, other)), atol=1e-7)
    assert same == mask_padding


@pytest.mark.parametrize("cell", ["lstm", slow("gru"), slow("simple_rnn")])
def test_a_reader_from_the_end_reads_what_is_no_padding(cell):
    params = {"decoder": "autoregressive", "embedding_dim": None}
    X, y = ["abcabc", "ab", "cab"] * 10, ["b", "a", "c"] * 10
    pipe = tiny(**params, cell=cell, side="right").fit(X, y)
    Z = prepared(pipe, ["cab"])
    with acquire(pipe[-1]._network) as compiled:
        compiled.weights.set(pipe[-1].weights_)
        encoder = compiled.model.get_layer("encoder_model")
        read = encoder(Z)[0].numpy()[0]
        backwards = encoder.get_layer("encoder").backward_layer
        alone = backwards(Z[:, :3]).numpy()[0, ::-1]
    np.testing.assert_allclose(read[:3, -8:], alone, atol=1e-6)


def test_dropout_is_for_training_only_and_is_seeded():
    X, y = make_addition(60, largest=9, random_state=0)
    with_dropout, again, without = (
        tiny(dropout=rate).fit(X, y) for rate in (0.5, 0.5, 0.0)
    )
    probabilities, repeated, plain = (
        pipe[-1].predict_step_proba(prepared(pipe, X))
        for pipe in (with_dropout, again, without)
    )

    np.testing.assert_array_equal(probabilities, repeated)
    assert not np.allclose(probabilities, plain, atol=1e-4)


def test_the_loss_counts_padding_by_its_weight():
    X, y = make_addition(60, largest=9, random_state=0)
    losses = [
        tiny(epochs=1, padding_weight=weight).fit(X, y)[-1].history_["loss"][0]
        for weight in (0.0, 0.5, 1.0)
    ]

    assert losses[0] < losses[2] - 0.1
    assert losses[1] == pytest.approx((losses[0] + losses[2]) / 2, abs=1e-4)


def test_the_weight_of_padding_may_change_between_calls():
    X, y = make_addition(60, largest=9, random_state=0)
    pipe = tiny(epochs=1).fit(X, y)
    pipe[-1].set_params(padding_weight=0.0).partial_fit(prepared(pipe, X), y)
    first, second = pipe[-1].history_["loss"]
    assert second < first - 0.1


def test_a_weight_for_padding_needs_padding():
    with pytest.raises(ValueError, match="padding_weight=0.5 needs targets"):
        Seq2SeqClassifier(**TINY, padding_weight=0.5).fit(np.eye(4), [0, 1, 0, 1])


# ---------------------------------------------------------------- the recommended ways


def test_what_is_given_goes_before_what_is_recommended():
    pipe = make_seq2seq_pipeline(decoder="attention", side="left", epochs=3)
    params = pipe.get_params()

    assert params["sequencepadder__side"] == "left"
    assert params["sequencepadder__reverse"] is True
    assert params["seq2seqclassifier__epochs"] == 3
    assert params["seq2seqclassifier__encoder_units"] is None
    target = "seq2seqclassifier__target_transformer__sequencepadder"
    assert params[f"{target}__side"] == "left"
    assert params[f"{target}__reverse"] is True


@pytest.mark.slow
def test_attention_learns_two_digits_from_a_thousand_examples():
    X, y = make_addition(1000, largest=99, sampling="mixed", random_state=0)
    X_unseen, y_unseen = make_addition(2000, largest=99, random_state=1)
    new = ~np.isin(X_unseen, X)
    pipe = make_seq2seq_pipeline(decoder="attention", epochs=60, random_state=0)
    predicted = pipe.fit(X, y).predict(X_unseen[new])

    assert character_accuracy_score(y_unseen[new], predicted) > 0.98


@pytest.mark.parametrize("digits", [2, 20])
def test_initial_positions_are_sinusoidal_and_differ_by_seed(digits):
    X, y = make_addition(20, largest=10**digits - 1, random_state=0)
    keys = []
    for seed in (0, 1):
        pipe = make_seq2seq_pipeline(
            decoder="attention", learning_rate=1e-9, epochs=1, random_state=seed
        ).fit(X, y)
        (keys_,) = pipe[-1].model_.get_layer("keys").get_weights()
        np.testing.assert_allclose(np.sqrt(np.mean(keys_**2)), 1, atol=0.05)
        keys.append(keys_)
    assert not np.allclose(*keys)
    common = keys[0] @ keys[1].T / 128
    if digits == 20:
        # What they share depends on how far apart two steps are, and on that only.
        neighbours, strangers = np.diag(common, 1), np.diag(common, 20)
        assert neighbours.min() > 0.75 > 0.6 > strangers.max()
        assert np.ptp(neighbours) < 0.2
    else:
        assert np.diag(common).max() < 0.7  # half of it random


def test_weights_are_repetitions_with_an_embedding_too():
    # scikit-learn's own check of this hands over fractions, which are no codes.
    rng = np.random.RandomState(0)
    X, y = rng.randint(5, size=(15, 4)), rng.randint(3, size=15)
    weights = rng.randint(5, size=15)
    # Not Adam, which makes whole steps of gradients that are rounding errors.
    sgd = {"optimizer": "sgd", "learning_rate": 0.5, "epochs": 20}
    params = {**TINY, **sgd, "batch_size": 100, "embedding_dim": 4}
    weighted = Seq2SeqClassifier(**params).fit(X, y, weights)
    repeated = Seq2SeqClassifier(**params).fit(X.repeat(weights, 0), y.repeat(weights))

    np.testing.assert_allclose(
        weighted.predict_step_proba(X), repeated.predict_step_proba(X), rtol=1e-4
    )
