"""scikit-learn's tools to select and judge models, on strings as they are.

Each is held against the loop that one would write by hand, or has to find out what is
known: that a network that has learned does better than one that has not.
"""

import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    KFold,
    RandomizedSearchCV,
    ShuffleSplit,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    permutation_test_score,
    train_test_split,
    validation_curve,
)
from sklearn.pipeline import Pipeline

from sklearn_seqadd import (
    character_accuracy_score,
    exact_match_score,
    make_seq2seq_pipeline,
    numeric_rmse,
)

FOLDS = KFold(3, shuffle=True, random_state=0)
SCORES = {
    "exact": make_scorer(exact_match_score),
    "characters": make_scorer(character_accuracy_score),
    "rmse": make_scorer(numeric_rmse, greater_is_better=False),
}


def small_pipeline(**params):
    """A pipeline that learns the small sums well enough to be told from a guess."""
    defaults = {
        "encoder_units": 16,
        "decoder_units": 16,
        "learning_rate": 0.02,
        "epochs": 15,
        "random_state": 0,
    }
    return make_seq2seq_pipeline(**{**defaults, **params})


@pytest.fixture(scope="module")
def by_hand(small_sums):
    """The fitted pipeline of each of the folds, what it was not shown, its answers."""
    X, y = small_sums
    done = []
    for train, test in FOLDS.split(X):
        pipe = clone(small_pipeline()).fit(X[train], y[train])
        done.append((pipe, test, pipe.predict(X[test])))
    return done


def scores_by_hand(by_hand, X, y):
    return [pipe.score(X[test], y[test]) for pipe, test, _ in by_hand]


def baseline(X, y, cv=FOLDS):
    """How often the most frequent answer is right."""
    return cross_val_score(DummyClassifier(), X, y, cv=cv).mean()


def test_a_dummy_takes_the_same_strings_and_is_judged_alike(small_sums):
    X, y = small_sums
    dummy = DummyClassifier(strategy="most_frequent").fit(X, y)
    values, counts = np.unique(y, return_counts=True)

    assert dummy.predict(X[:3]).tolist() == [values[counts.argmax()]] * 3
    assert dummy.score(X, y) == counts.max() / len(y)
    assert exact_match_score(y, dummy.predict(X)) == counts.max() / len(y)


def test_cross_val_score_is_the_loop_by_hand_and_beats_the_dummy(small_sums, by_hand):
    X, y = small_sums
    scores = cross_val_score(small_pipeline(), X, y, cv=FOLDS)

    assert scores.tolist() == [
        pipe.score(X[test], y[test]) for pipe, test, _ in by_hand
    ]
    assert scores.min() > 3 * baseline(X, y)


def test_accuracy_is_the_score_by_another_name(small_sums, by_hand):
    X, y = small_sums
    scores = cross_val_score(small_pipeline(), X, y, cv=FOLDS, scoring="accuracy")

    assert scores.tolist() == [
        accuracy_score(y[test], answers) for _, test, answers in by_hand
    ]
    assert scores.tolist() == [
        exact_match_score(y[test], answers) for _, test, answers in by_hand
    ]


def test_cross_validate_reports_several_scores_at_once(small_sums, by_hand):
    X, y = small_sums
    done = cross_validate(
        small_pipeline(),
        X,
        y,
        cv=FOLDS,
        scoring=SCORES,
        return_estimator=True,
    )
    dummy = cross_validate(DummyClassifier(), X, y, cv=FOLDS, scoring=SCORES)
    for i, (_, test, answers) in enumerate(by_hand):
        assert done["test_exact"][i] == exact_match_score(y[test], answers)
        assert done["test_characters"][i] == character_accuracy_score(y[test], answers)
        assert done["test_rmse"][i] == -numeric_rmse(y[test], answers)
        assert list(done["estimator"][i].predict(X[test])) == list(answers)
    for name in SCORES:
        assert done[f"test_{name}"].min() > dummy[f"test_{name}"].max()


def test_cross_val_predict_answers_each_question_unseen(small_sums, by_hand):
    X, y = small_sums
    answers = cross_val_predict(small_pipeline(), X, y, cv=FOLDS)

    expected = np.empty(len(y), dtype="<U2")
    for _, test, part in by_hand:
        expected[test] = part
    assert answers.dtype.kind == "U"
    np.testing.assert_array_equal(answers, expected)


@pytest.mark.parametrize("kind", ["array", "list", "pandas", "polars"])
def test_every_kind_of_strings_is_split_and_judged_alike(small_sums, by_hand, kind):
    X, y = (strings.tolist() for strings in small_sums)
    if kind == "array":
        X, y = np.array(X, dtype=object), np.array(y, dtype=object)
    elif kind != "list":
        series = pytest.importorskip(kind).Series
        X, y = series(X), series(y)
    scores = cross_val_score(small_pipeline(), X, y, cv=FOLDS)

    X, y = small_sums
    assert scores.tolist() == [
        pipe.score(X[test], y[test]) for pipe, test, _ in by_hand
    ]


def test_folds_by_group_keep_the_same_sum_on_one_side(small_sums):
    X, y = small_sums
    terms = np.array(["+".join(sorted(question.split("+"))) for question in X])
    done = cross_validate(
        small_pipeline(epochs=1),
        X,
        y,
        groups=terms,
        cv=GroupKFold(3),
        return_indices=True,
    )
    for train, test in zip(*done["indices"].values(), strict=True):
        assert not set(terms[train]) & set(terms[test])
    assert np.isfinite(done["test_score"]).all()


def test_train_test_split_leaves_strings_what_they_are(small_sums):
    pandas = pytest.importorskip("pandas")
    X, y = map(pandas.Series, map(list, small_sums))
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    pipe = small_pipeline().fit(X_train, y_train)

    assert len(X_test) == 100
    assert pipe.score(X_test, y_test) > 3 * y_test.value_counts(normalize=True).max()


# ---------------------------------------------------------------------------- curves


def test_more_samples_teach_more(small_sums):
    X, y = small_sums
    sizes, train, test = learning_curve(
        small_pipeline(epochs=8), X, y, cv=FOLDS, train_sizes=[0.1, 0.4, 1.0]
    )

    assert sizes.tolist() == [26, 106, 266]
    assert (np.diff(test.mean(axis=1)) > 0).all()
    for i, (first, _) in enumerate(FOLDS.split(X)):
        for j, size in enumerate(sizes):
            shown = first[:size]
            pipe = small_pipeline(epochs=8).fit(X[shown], y[shown])
            assert train[j, i] == pipe.score(X[shown], y[shown])


def test_more_epochs_teach_more(small_sums, by_hand):
    X, y = small_sums
    epochs = [1, 5, 15]
    train, test = validation_curve(
        small_pipeline(),
        X,
        y,
        param_name="seq2seqclassifier__epochs",
        param_range=epochs,
        cv=FOLDS,
    )

    assert (np.diff(train.mean(axis=1)) > 0).all()
    assert (np.diff(test.mean(axis=1)) > 0).all()
    assert test[-1].tolist() == scores_by_hand(by_hand, X, y)


def test_a_network_that_has_learned_is_told_from_chance(small_sums):
    X, y = small_sums
    score, permuted, p_value = permutation_test_score(
        small_pipeline(), X, y, cv=ShuffleSplit(1, random_state=0), n_permutations=5
    )

    assert permuted.shape == (5,)
    assert score > 2 * permuted.max()
    assert p_value == pytest.approx(1 / 6)


# -------------------------------------------------------------------------- searches


def test_a_random_search_finds_the_rate_that_learns(small_sums):
    X, y = small_sums
    rates = {"seq2seqclassifier__learning_rate": loguniform(1e-6, 1e-1)}
    params = {"n_iter": 4, "cv": FOLDS, "random_state": 0}
    search = RandomizedSearchCV(small_pipeline(epochs=8), rates, **params).fit(X, y)
    again = RandomizedSearchCV(small_pipeline(epochs=8), rates, **params).fit(X, y)

    tried = search.cv_results_["param_seq2seqclassifier__learning_rate"].astype(float)
    scores = search.cv_results_["mean_test_score"]
    assert len(set(tried)) == 4
    assert search.best_params_["seq2seqclassifier__learning_rate"] > 1e-3
    assert search.best_score_ == scores.max() > scores.min()
    np.testing.assert_array_equal(scores, again.cv_results_["mean_test_score"])
    refitted = clone(search.best_estimator_).fit(X, y)
    assert list(search.predict(X)) == list(refitted.predict(X))


def test_halving_spends_the_epochs_on_what_learns(small_sums):
    X, y = small_sums
    search = HalvingGridSearchCV(
        small_pipeline(),
        {"seq2seqclassifier__learning_rate": [1e-6, 1e-5, 1e-4, 0.02]},
        resource="seq2seqclassifier__epochs",
        min_resources=4,
        max_resources=16,
        factor=2,
        cv=FOLDS,
    ).fit(X, y)

    assert search.n_candidates_ == [4, 2, 1]
    assert search.n_resources_ == [4, 8, 16]
    assert search.best_params_ == {
        "seq2seqclassifier__learning_rate": 0.02,
        "seq2seqclassifier__epochs": 16,
    }
    assert len(search.best_estimator_[-1].history_["loss"]) == 16


def test_a_grid_chooses_by_the_score_that_it_is_told(small_sums):
    X, y = small_sums
    search = GridSearchCV(
        small_pipeline(epochs=8),
        {"seq2seqclassifier__learning_rate": [1e-5, 0.02]},
        scoring=SCORES,
        refit="rmse",
        cv=FOLDS,
    ).fit(X, y)

    assert search.best_index_ == search.cv_results_["mean_test_rmse"].argmax() == 1
    assert search.score(X, y) == -numeric_rmse(y, search.predict(X))


# ---------------------------------------------------------------------------- memory


class FitCounter(TransformerMixin, BaseEstimator):
    """A step that leaves strings alone and counts in a file how often it is fitted."""

    def __init__(self, path):
        self.path = path

    def fit(self, X, y=None):
        with open(self.path, "a") as file:
            file.write("fitted\n")
        return self

    def transform(self, X):
        return X

    def __sklearn_is_fitted__(self):
        return True


def test_a_pipeline_with_memory_transforms_once_for_all_candidates(
    small_sums, tmp_path
):
    X, y = small_sums
    counts = {}
    scores = {}
    for memory in (None, str(tmp_path / "memory")):
        path = tmp_path / f"fits {memory is None}"
        steps = [("count", FitCounter(str(path))), *small_pipeline(epochs=2).steps]
        search = GridSearchCV(
            Pipeline(steps, memory=memory),
            {"seq2seqclassifier__learning_rate": [0.001, 0.01, 0.02]},
            cv=FOLDS,
        ).fit(X, y)
        counts[memory is None] = len(path.read_text().splitlines())
        scores[memory is None] = search.cv_results_["mean_test_score"]

    assert counts == {True: 3 * 3 + 1, False: 3 + 1}
    np.testing.assert_array_equal(scores[True], scores[False])
