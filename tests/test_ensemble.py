"""Several networks that answer together."""

import pickle

import numpy as np
import pytest
from helpers import TINY, assert_same_weights, cases
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from sklearn_seqadd import (
    AttentionDisplay,
    AutoregressiveDecoder,
    RelativeDecoder,
    Seq2SeqClassifier,
    Seq2SeqEnsemble,
    make_addition,
    make_seq2seq_pipeline,
)
from sklearn_seqadd.training import acquire

PARAMS = {
    "repeat": {},
    "relative": {"decoder": "relative"},
    "autoregressive": {"decoder": "autoregressive", "side": "right"},
    "embedded": {"embedding_dim": 4},
}


@pytest.fixture(scope="module")
def sums():
    return make_addition(200, largest=9, random_state=0)


def ensemble(n_estimators=3, **params):
    pipe = make_seq2seq_pipeline(**{**TINY, "learning_rate": 0.02, **params})
    together = Seq2SeqEnsemble(pipe[-1], n_estimators, random_state=0)
    return make_pipeline(*pipe[:-1], together)


@pytest.fixture(scope="module", params=cases(PARAMS, "embedded"))
def fitted(request, sums):
    return ensemble(**request.param).fit(*sums)


def test_probabilities_are_the_mean_of_those_of_its_networks(fitted, sums):
    X, y = fitted[:-1].transform(sums[0]), sums[1]
    together = fitted[-1]
    decoder = together.estimator.decoder
    if isinstance(decoder, AutoregressiveDecoder):
        # What is written by one is not what is written together.
        of_each = [
            np.exp(network.score_samples(X, y)) for network in together.estimators_
        ]
        steps = together.predict_step_proba(X)
        np.testing.assert_array_equal(
            together._together.target_codec_.decode(steps.argmax(axis=2)),
            together.predict(X),
        )
        assert not np.allclose(of_each[0], of_each[1])
    else:
        of_each = [network.predict_step_proba(X) for network in together.estimators_]
        mean, found = np.mean(of_each, axis=0), together.predict_step_proba(X)
        # Where they all end what they write together, not each for itself.
        n_steps = 1 if isinstance(decoder, RelativeDecoder) else None
        np.testing.assert_allclose(found[:, :n_steps], mean[:, :n_steps], atol=1e-6)
    assert not np.allclose(of_each[0], of_each[1])


def test_an_answer_is_ended_by_all_together():
    rng = np.random.RandomState(0)
    sizes = rng.randint(1, 6, size=200)
    words = ["".join(rng.choice(list("ab"), size=size)) for size in sizes]
    pipe = ensemble(3, decoder="relative", epochs=3).fit(words, words)
    X = pipe[:-1].transform(words)
    of_each = []
    for network in pipe[-1].estimators_:
        with acquire(network._network) as compiled:
            compiled.weights.set(network.weights_)
            description, model = compiled.description, compiled.model
            without_end = description.without_inference_layer(model)
            of_each.append(without_end(X).numpy())
    expected = np.mean(of_each, axis=0)
    is_end = expected.argmax(axis=2) == 0
    has_ended = np.logical_or.accumulate(is_end[:, :-1], axis=1)
    expected[:, 1:][has_ended] = np.eye(expected.shape[2])[0]
    found = pipe[-1].predict_step_proba(X)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert has_ended.any()


def test_all_that_one_network_answers_it_answers(fitted, sums):
    X, y = fitted[:-1].transform(sums[0]), sums[1]
    together = fitted[-1]
    predicted = together.predict(X)
    assert predicted.shape == y.shape
    assert together.score(X, y) == np.mean(predicted == y)
    best, scores = together.predict_n_best(X, 3, return_scores=True)
    if isinstance(together.estimator.decoder, AutoregressiveDecoder):
        # A beam finds what is more probable than symbol by symbol.
        assert (scores[:, 0] >= together.score_samples(X) - 1e-5).all()
    else:
        np.testing.assert_array_equal(best[:, 0], predicted)
    assert scores.shape == (200, 3)
    assert (together.score_samples(X, y) <= scores[:, 0] + 1e-5).all()
    assert together.alphabet_.tolist() == together.estimators_[0].alphabet_.tolist()
    assert together.n_features_in_ == 3


def test_it_goes_through_a_file(fitted, sums):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(sums[0]), fitted.predict(sums[0]))


def test_the_networks_of_few_are_the_first_of_many(sums):
    few, many = ensemble(2).fit(*sums), ensemble(3).fit(*sums)
    for one, other in zip(few[-1].estimators_, many[-1].estimators_, strict=False):
        assert_same_weights(one, other)
    seeds = {network.random_state for network in many[-1].estimators_}
    assert len(seeds) == 3


@pytest.mark.slow
def test_processes_give_the_same(sums):
    serial, parallel = (
        clone(ensemble(2)).set_params(seq2seqensemble__n_jobs=n_jobs).fit(*sums)
        for n_jobs in (1, 2)
    )
    for one, other in zip(
        serial[-1].estimators_, parallel[-1].estimators_, strict=True
    ):
        assert_same_weights(one, other)


def test_together_they_are_wrong_less_often(sums):
    X, y = make_addition(2000, largest=99, unique=True, random_state=0)
    params = {"decoder": "repeat", "encoder_units": 32, "decoder_units": 32}
    params |= {"side": "term", "reverse": True, "epochs": 25, "learning_rate": 0.01}
    pipe = ensemble(4, **params).fit(X[:1500], y[:1500])
    arrays, answers = pipe[:-1].transform(X[1500:]), y[1500:]
    alone = [network.score(arrays, answers) for network in pipe[-1].estimators_]
    assert pipe[-1].score(arrays, answers) > np.mean(alone) + 0.02


def test_searches_reach_its_network(sums):
    grid = {
        "seq2seqensemble__estimator__decoder_units": [4, 8],
        "seq2seqensemble__n_estimators": [1, 2],
    }
    search = GridSearchCV(ensemble(), grid, cv=2, error_score="raise").fit(*sums)
    assert len(search.best_estimator_[-1].estimators_) in (1, 2)
    assert cross_val_score(ensemble(2), *sums, cv=2, error_score="raise").shape == (2,)


def test_the_beam_may_be_wider_later(sums):
    pipe = ensemble(2, decoder="autoregressive").fit(*sums)
    wider = pipe.set_params(seq2seqensemble__estimator__beam_width=3)
    assert wider[-1]._together.beam_width == 3
    assert wider.predict(sums[0]).shape == (200,)


def test_validation_data_and_weights_reach_all_networks(sums):
    X, y = sums
    pipe = ensemble(2, early_stopping=True)
    arrays = pipe[:-1].fit_transform(X)
    weight = np.r_[np.ones(100), np.zeros(100)]
    together = pipe[-1].fit(
        arrays, y, weight, X_val=arrays[:50], y_val=y[:50]
    )  # fmt: skip
    half = clone(pipe[-1]).fit(arrays[:100], y[:100], X_val=arrays[:50], y_val=y[:50])
    for one, other in zip(together.estimators_, half.estimators_, strict=True):
        assert_same_weights(one, other)
        assert len(one.history_["val_loss"]) == 2


def test_a_failed_fit_leaves_it_as_it_was(sums):
    pipe = ensemble(2).fit(*sums)
    before = pipe[-1].estimators_
    with pytest.raises(ValueError, match="inconsistent numbers"):
        pipe[-1].fit(pipe[:-1].transform(sums[0]), sums[1][1:])
    assert pipe[-1].estimators_ is before


def test_what_it_is_made_of_is_checked():
    X, y = np.eye(4), [0, 1, 0, 1]
    with pytest.raises(ValueError, match="'estimator' parameter of Seq2SeqEnsemble"):
        Seq2SeqEnsemble("repeat").fit(X, y)
    with pytest.raises(ValueError, match="'n_estimators' parameter"):
        Seq2SeqEnsemble(n_estimators=0).fit(X, y)
    with pytest.raises(NotFittedError):
        Seq2SeqEnsemble().predict(X)
    assert not hasattr(Seq2SeqEnsemble(), "n_features_in_")


def test_it_has_networks_of_the_defaults(sums):
    together = Seq2SeqEnsemble(n_estimators=1, random_state=0)
    together.fit(np.eye(4), [0, 1, 0, 1])
    assert isinstance(together.estimators_[0], Seq2SeqClassifier)
    assert together.estimators_[0].epochs == 30


def test_attention_is_that_of_single_networks(sums):
    pipe = ensemble(2, decoder="attention", encoder_units=None).fit(*sums)
    with pytest.raises((ValueError, TypeError)):
        AttentionDisplay.from_estimator(pipe, "1+2")
    alone = make_pipeline(*pipe[:-1], pipe[-1].estimators_[0])
    AttentionDisplay.from_estimator(alone, "1+2")
