"""The best answers and their probabilities."""

import itertools

import numpy as np
import pytest
from helpers import TINY, cases
from sklearn.exceptions import NotFittedError

from sklearn_seqadd import (
    Seq2SeqClassifier,
    _search,
    make_addition,
    make_seq2seq_pipeline,
)

# By decoder, so trained that the answers are neither certain nor all alike.
PARAMS = {
    "repeat": {"decoder": "repeat"},
    "sequence": {"decoder": "sequence", "side": "right"},
    "attention": {"decoder": "attention", "encoder_units": None},
    "relative": {"decoder": "relative"},
    "autoregressive": {"decoder": "autoregressive", "side": "left"},
    "autoregressive, padded at the end": {"decoder": "autoregressive"},
    "autoregressive, two layers": {
        "decoder": "autoregressive",
        "decoder_units": (8, 8),
        "cell": "gru",
    },
    "autoregressive, plain": {
        "decoder": "autoregressive",
        "cell": "simple_rnn",
    },
    "autoregressive, without location": {
        "decoder": "autoregressive",
        "decoder__location": False,
    },
}
SLOW = (
    "autoregressive",
    "sequence",
    "autoregressive, two layers",
    "autoregressive, plain",
    "autoregressive, without location",
)


@pytest.fixture(scope="module")
def sums():
    return make_addition(100, largest=9, random_state=0)


@pytest.fixture(scope="module", params=cases(PARAMS, *SLOW))
def fitted(request, sums):
    params = {**TINY, "epochs": 6, "learning_rate": 0.02, **request.param}
    pipe = make_seq2seq_pipeline(**params)
    return pipe.fit(*sums)


@pytest.fixture(scope="module")
def probabilities(fitted, sums):
    """Of all answers in codes: codes (n_answers, n_steps), (n_samples, n_answers)."""
    network, arrays = fitted[-1], fitted[:-1].transform(sums[0][:5])
    n_steps = network.predict_step_proba(arrays).shape[1]
    n_symbols = len(network.alphabet_)
    codes = np.array(list(itertools.product(range(n_symbols), repeat=n_steps)))
    if network.architecture_["decoder"] != "autoregressive":
        by_step = network.predict_step_proba(arrays)
        of_codes = by_step[:, np.arange(n_steps), codes]  # (samples, answers, steps)
        return codes, of_codes.prod(axis=2)
    previous = np.column_stack([np.full(len(codes), n_symbols), codes[:, :-1]])
    model = network.model_
    of_codes = [
        model.predict(
            [np.repeat(array[None], len(codes), axis=0), previous], verbose=0
        )[np.arange(len(codes))[:, None], np.arange(n_steps), codes].prod(axis=1)
        for array in arrays
    ]
    return codes, np.array(of_codes)


def test_probabilities_of_all_answers_sum_to_one(probabilities):
    np.testing.assert_allclose(probabilities[1].sum(axis=1), 1, rtol=1e-5)


def test_the_best_are_those_of_an_exhaustive_search(fitted, sums, probabilities):
    X = fitted[:-1].transform(sums[0][:5])
    network, (codes, of_codes) = fitted[-1], probabilities
    answers = network.target_codec_.decode(codes)
    width = {"beam_width": len(network.alphabet_) ** 2}
    answered, scores = network.set_params(**width).predict_n_best(
        X, 4, return_scores=True
    )
    network.set_params(beam_width=1)
    assert answered.shape == scores.shape == (5, 4)
    for found, logarithms, probable in zip(answered, scores, of_codes, strict=True):
        expected: dict = {}  # the most probable way to spell each answer
        for i in np.argsort(-probable, kind="stable"):
            expected.setdefault(answers[i], probable[i])
        best = list(expected.values())[:4]
        np.testing.assert_allclose(np.exp(logarithms), best, rtol=1e-4)
        assert len(set(found)) == 4
        for answer, logarithm in zip(found, logarithms, strict=True):
            assert np.exp(logarithm) == pytest.approx(expected[answer], rel=1e-4)


def test_the_first_of_the_best_is_what_is_predicted(fitted, sums):
    X = fitted[:-1].transform(sums[0])
    best = fitted[-1].predict_n_best(X, 1)
    assert best.shape == (100, 1)
    np.testing.assert_array_equal(best[:, 0], fitted[-1].predict(X))


def test_scores_of_given_answers_are_their_probabilities(fitted, sums, probabilities):
    network, (codes, of_codes) = fitted[-1], probabilities
    X, y = fitted[:-1].transform(sums[0][:5]), sums[1][:5]
    scores = network.score_samples(X, y)
    codec, at_end = network.target_codec_, network._network.has_eos
    which = [
        np.flatnonzero((codes == answer).all(axis=1)).item()
        for answer in codec.pad(codec.encode(y), codes.shape[1], at_end=at_end)
    ]
    expected = of_codes[np.arange(5), which]
    np.testing.assert_allclose(np.exp(scores), expected, rtol=1e-4)


@pytest.mark.parametrize("given", [False, True])
def test_a_score_does_not_depend_on_the_other_samples(fitted, sums, given):
    X, y = fitted[:-1].transform(sums[0]), sums[1]
    rng = np.random.RandomState(0)

    def scores(rows):
        return fitted[-1].score_samples(X[rows], y[rows] if given else None)

    of_all = scores(np.arange(100))
    for n_rows in (1, 7, 33, 100):
        rows = rng.permutation(100)[:n_rows]
        np.testing.assert_array_equal(scores(rows), of_all[rows])


def test_a_score_is_how_sure_a_prediction_is(fitted, sums):
    X = fitted[:-1].transform(sums[0])
    _, best = fitted[-1].predict_n_best(X, 1, return_scores=True)
    np.testing.assert_allclose(fitted[-1].score_samples(X), best[:, 0], rtol=1e-5)


def test_steps_of_a_search_are_those_of_the_whole_network(fitted, sums):
    X = fitted[:-1].transform(sums[0])
    steps = fitted[-1].predict_step_proba(X)
    np.testing.assert_array_equal(
        fitted[-1].target_codec_.decode(steps.argmax(axis=2)), fitted[-1].predict(X)
    )


def test_a_pipeline_hands_scores_of_predictions_on(sums):
    pipe = make_seq2seq_pipeline(**TINY).fit(*sums)
    by_hand = pipe[-1].score_samples(pipe[:-1].transform(sums[0]))
    np.testing.assert_array_equal(pipe.score_samples(sums[0]), by_hand)


@pytest.mark.parametrize("decoder", ["repeat", "autoregressive", "relative"])
def test_there_are_no_more_answers_than_there_are(decoder):
    network = Seq2SeqClassifier(**TINY, decoder=decoder).fit(np.eye(4), [0, 1, 0, 1])
    answers, scores = network.predict_n_best(np.eye(4), 5, return_scores=True)
    assert answers.shape == (4, 2)
    np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1, rtol=1e-5)
    assert set(answers[0].tolist()) == {0, 1}


def test_many_samples_have_the_scores_of_few(fitted, sums):
    rows = np.random.RandomState(0).randint(100, size=3000)
    X = fitted[:-1].transform(sums[0])
    network = fitted[-1]
    np.testing.assert_allclose(
        network.score_samples(X[rows]), network.score_samples(X)[rows], rtol=1e-6
    )
    few, many = (network.predict_n_best(Z, 2) for Z in (X, X[rows]))
    np.testing.assert_array_equal(many, few[rows])


@pytest.mark.parametrize("bound", [1, 2000])
def test_no_more_candidates_than_a_bound_are_compared_at_a_time(bound, monkeypatch):
    questions, y = make_addition(100, largest=99, random_state=0)
    pipe = make_seq2seq_pipeline(
        **{**TINY, "epochs": 1, "encoder_units": None}, decoder="attention"
    ).fit(questions, y)
    network, X = pipe[-1], pipe[:-1].transform(questions)
    expected, expected_scores = network.predict_n_best(X, 30, return_scores=True)
    n_symbols, sought = len(network.alphabet_), []
    write = _search.AnswerSearch._write_n_best

    def noting(search, X, n_best):
        sought.append((len(X), n_best * n_symbols))
        return write(search, X, n_best)

    monkeypatch.setattr(_search.AnswerSearch, "_write_n_best", noting)
    monkeypatch.setattr(_search, "_MAX_CANDIDATES", bound)
    answers, scores = network.predict_n_best(X, 30, return_scores=True)

    np.testing.assert_array_equal(answers, expected)
    np.testing.assert_allclose(scores, expected_scores, rtol=1e-5)
    assert all(n == 1 or n * of_each <= bound for n, of_each in sought)
    # Of some samples, paddings at different steps spell the same answers.
    assert max(of_each for _, of_each in sought) > 30 * n_symbols


def test_labels_and_lists_come_as_in_fit():
    y = np.array([[0, 1], [1, 0], [2, 2], [1, 1]])
    network = Seq2SeqClassifier(**TINY).fit(np.eye(4), y)
    assert network.predict_n_best(np.eye(4), 3).shape == (4, 3, 2)
    assert network.score_samples(np.eye(4), y).shape == (4,)
    with pytest.raises(ValueError, match="y has 1 columns, but 2 are predicted"):
        network.score_samples(np.eye(4), y[:, :1])

    lists = [["a", "b"], ["c"], ["a", "c", "b"], ["b"]]
    pipe = make_seq2seq_pipeline(analyzer="word", **TINY).fit(lists, lists)
    best = pipe[-1].predict_n_best(pipe[:-1].transform(lists), 2)
    assert best.shape == (4, 2)
    assert all(isinstance(answer, list) for answer in best.flat)


def test_answers_to_longer_questions_are_scored(sums):
    pipe = make_seq2seq_pipeline(
        **{**TINY, "decoder": "relative", "epochs": 60, "random_state": 0}
    ).fit(*sums)
    X = pipe[:-1].transform(["123+456", "1+1"])
    (long,), _ = pipe[-1].predict_n_best(X, 1)
    scores = pipe[-1].score_samples(X, [long, "2"])
    assert np.isfinite(scores[0])
    with pytest.raises(ValueError, match=r"y\[1\] has more than the \d+ steps"):
        pipe[-1].score_samples(X, [long, "1" * 30])
    many = np.concatenate([np.repeat(X[:1], 3000, axis=0), X[1:]])
    with pytest.raises(ValueError, match=r"y\[3000\] has more than the \d+ steps"):
        pipe[-1].score_samples(many, [long] * 3000 + ["1" * 30])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda n, X, y: n.predict_n_best(X, 0), ValueError, "n_best == 0, must be >="),
        (lambda n, X, y: n.predict_n_best(X, 1.5), TypeError, "n_best must be"),
        (lambda n, X, y: n.score_samples(X, y[1:]), ValueError, "inconsistent numbers"),
        (lambda n, X, y: n.score_samples(X, ["x"] * len(X)), ValueError, "'x'"),
        (lambda n, X, y: n.score_samples(X, ["123"] * len(X)), ValueError, "y does"),
    ],
)
def test_what_cannot_be_scored_is_named(sums, call, error, message):
    pipe = make_seq2seq_pipeline(**TINY).fit(*sums)
    with pytest.raises(error, match=message):
        call(pipe[-1], pipe[:-1].transform(sums[0]), sums[1])


@pytest.mark.parametrize("method", ["predict_n_best", "score_samples"])
def test_nothing_is_known_before_fit(method):
    args = ([1],) if method == "score_samples" else ()
    with pytest.raises(NotFittedError):
        getattr(Seq2SeqClassifier(), method)([[1]], *args)
