"""A loss that becomes infinite or NaN, and training that gets nowhere."""

import warnings

import numpy as np
import pytest
from helpers import (
    N_BATCHES,
    ExplodeAt,
    assert_same_state,
    longer_pipeline,
    state_of,
)
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV

from sklearn_seqadd import MappingRegressor, TermExtractor


def test_a_loss_that_is_nan_at_once_is_an_error(small_sums):
    pipe = longer_pipeline(schedule=ExplodeAt(3))
    with pytest.raises(ValueError, match="In epoch 1 the loss or a weight became infi"):
        pipe.fit(*small_sums)
    with pytest.raises(NotFittedError):
        pipe[-1].predict(pipe[:-1].transform(small_sums[0]))


def test_a_loss_that_is_nan_at_once_leaves_what_was_fitted(small_sums):
    pipe = longer_pipeline().fit(*small_sums)
    before = state_of(pipe[-1])
    X = pipe[:-1].transform(small_sums[0])
    answers = pipe[-1].predict(X)
    pipe[-1].set_params(schedule=ExplodeAt(3))
    for train in (pipe[-1].fit, pipe[-1].partial_fit):
        with pytest.raises(ValueError, match="learning_rate, a clipnorm or smaller"):
            train(X, small_sums[1])
        assert_same_state(state_of(pipe[-1]), before)
    np.testing.assert_array_equal(pipe[-1].predict(X), answers)


# In the third epoch: at its first mini-batch, in its midst, and by the last update,
# which the loss of this epoch does not know of.
@pytest.mark.parametrize("step", [2 * N_BATCHES + 1, 2 * N_BATCHES + 6, 3 * N_BATCHES])
def test_a_loss_that_becomes_nan_ends_with_the_epoch_before(small_sums, step):
    good = longer_pipeline(
        schedule=ExplodeAt(10**6),
        epochs=2,
        early_stopping=True,
        validation_fraction=0.01,
        warm_start=True,
    ).fit(*small_sums)
    bad = longer_pipeline(
        schedule=ExplodeAt(step),
        early_stopping=True,
        validation_fraction=0.01,
        warm_start=True,
    )
    with pytest.warns(ConvergenceWarning, match="In epoch 3 .* in the 2 epochs before"):
        bad.fit(*small_sums)
    assert_same_state(state_of(bad[-1]), state_of(good[-1]))
    assert bad.score(*small_sums) == good.score(*small_sums)


def test_numbers_that_overflow_are_a_loss_that_diverges(small_sums):
    X = TermExtractor().fit_transform(small_sums[0])
    y = np.asarray(small_sums[1], float)
    regressor = MappingRegressor("mlp", (4,), learning_rate=1e200, random_state=0)
    with pytest.raises(ValueError, match="In epoch 1 the loss"):
        regressor.fit(X, y)


def test_a_search_continues_after_a_candidate_that_diverges(small_sums):
    search = GridSearchCV(
        longer_pipeline(),
        {"seq2seqclassifier__schedule": [ExplodeAt(3), None]},
        cv=2,
    )
    with pytest.warns(Warning, match="2 fits failed out of a total of 4|non-finite"):
        search.fit(*small_sums)
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [True, False]


def test_no_progress_at_all_is_warned_about(small_sums):
    pipe = longer_pipeline(optimizer="sgd", learning_rate=1e3, epochs=6)
    with pytest.warns(ConvergenceWarning, match="in 6 epochs .* below that of the fir"):
        pipe.fit(*small_sums)
    assert min(pipe[-1].history_["loss"][1:]) >= pipe[-1].history_["loss"][0]


def test_worse_than_guessing_is_warned_about(small_sums):
    pipe = longer_pipeline(learning_rate=10.0, epochs=6)
    with pytest.warns(ConvergenceWarning, match="below that of guessing, 2.398; the l"):
        pipe.fit(*small_sums)  # ten digits and the padding: log(11)
    losses = pipe[-1].history_["loss"]
    assert losses[0] > min(losses) > np.log(11)


@pytest.mark.parametrize(
    "params",
    [
        {"epochs": 4, "learning_rate": 10.0},  # too few to say
        {"epochs": 6, "learning_rate": 0.01},
    ],
)
def test_an_ordinary_fit_does_not_warn(small_sums, params):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        longer_pipeline(**params).fit(*small_sums)


def test_no_progress_from_perfection_is_not_warned_about(small_sums):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # One answer only is known from the start.
        longer_pipeline(epochs=6).fit(small_sums[0], [""] * len(small_sums[0]))


def test_continuing_without_progress_is_not_warned_about(small_sums):
    pipe = longer_pipeline(epochs=6, learning_rate=0.01, warm_start=True).fit(
        *small_sums
    )
    pipe.set_params(seq2seqclassifier__learning_rate=10.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pipe.fit(*small_sums)
