"""Seq2SeqClassifier and its pipeline behave as scikit-learn's own estimators do.

What scikit-learn's common checks cannot know: strings, three-dimensional input, an
open set of answers, and how the pipeline of it all is read, set and routed.
"""

import copy
import inspect
import pickle
import re

import numpy as np
import pytest
import sklearn
from helpers import TINY, assert_same_weights, joblib_round_trip, tiny_pipeline
from sklearn.base import clone, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.metrics import make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    StratifiedKFold,
    check_cv,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_html_repr, get_tags
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.fixes import parse_version
from sklearn.utils.validation import check_is_fitted

from sklearn_seqadd import (
    Seq2SeqClassifier,
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    exact_match_score,
    make_addition,
    make_seq2seq_pipeline,
)


@pytest.fixture(scope="module")
def sequences():
    """Vectors at every step, and one label a step: three dimensions, and two."""
    rng = np.random.RandomState(0)
    return rng.rand(30, 4, 3), rng.randint(5, 9, size=(30, 2))


@pytest.fixture(scope="module")
def fitted_on_sequences(sequences):
    return Seq2SeqClassifier(**TINY).fit(*sequences)


# ------------------------------------------------------------------------ parameters


def test_get_params_names_every_parameter_and_no_other():
    names = [
        parameter.name
        for parameter in inspect.signature(Seq2SeqClassifier).parameters.values()
    ]

    assert sorted(Seq2SeqClassifier().get_params()) == sorted(names)
    assert Seq2SeqClassifier().get_params() == vars(Seq2SeqClassifier())


def test_the_pipeline_gives_and_takes_the_parameters_of_all_its_steps():
    pipe = make_seq2seq_pipeline()
    params = pipe.get_params()
    steps = [
        ("sequencepadder", SequencePadder()),
        ("sequenceintegerencoder", SequenceIntegerEncoder()),
        ("sequenceonehotencoder", SequenceOneHotEncoder()),
        ("seq2seqclassifier", Seq2SeqClassifier()),
        ("seq2seqclassifier__target_transformer__sequencepadder", SequencePadder()),
        (
            "seq2seqclassifier__target_transformer__sequenceintegerencoder",
            SequenceIntegerEncoder(),
        ),
    ]
    for prefix, step in steps:
        assert type(params[prefix]) is type(step)
        for name in step.get_params():
            # Any value can be set: it is judged in fit.
            value = object()
            pipe.set_params(**{f"{prefix}__{name}": value})
            assert pipe.get_params()[f"{prefix}__{name}"] is value
            pipe.set_params(**{f"{prefix}__{name}": params[f"{prefix}__{name}"]})


def test_a_clone_of_a_fitted_pipeline_has_its_parameters_and_nothing_learned(fitted):
    cloned = clone(fitted)

    assert repr(cloned) == repr(clone(cloned)) == repr(fitted)
    for step in [*cloned, *cloned[-1].target_transformer]:
        assert vars(step).keys() <= step.get_params(deep=False).keys()


def test_sub_estimators_are_cloned_and_not_fitted_themselves(small_sums):
    import keras

    transformer = make_pipeline(SequencePadder(), SequenceIntegerEncoder())
    optimizer = keras.optimizers.SGD(learning_rate=0.5)
    config = optimizer.get_config()
    pipe = tiny_pipeline(target_transformer=transformer, optimizer=optimizer, epochs=1)
    pipe.fit(*small_sums)

    assert pipe[-1].target_transformer is transformer
    assert pipe[-1].optimizer is optimizer
    assert pipe[-1].target_transformer_ is not transformer
    assert optimizer.get_config() == config
    assert not optimizer.built
    for step in transformer:
        with pytest.raises(NotFittedError):
            check_is_fitted(step)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"encoder_units": 0},
            "The 'encoder_units' parameter of Seq2SeqClassifier must be an int in the "
            "range [1, inf), an array-like or None. Got 0 instead.",
        ),
        (
            {"batch_size": 2.0},
            "The 'batch_size' parameter of Seq2SeqClassifier must be an int in the "
            "range [1, inf). Got 2.0 instead.",
        ),
        (
            {"learning_rate": -1},
            "The 'learning_rate' parameter of Seq2SeqClassifier must be a float in "
            "the range (0.0, inf) or None. Got -1 instead.",
        ),
        (
            {"validation_fraction": 1},
            "The 'validation_fraction' parameter of Seq2SeqClassifier must be a float "
            "in the range (0.0, 1.0). Got 1 instead.",
        ),
        (
            {"callbacks": "early"},
            "The 'callbacks' parameter of Seq2SeqClassifier must be an instance of "
            "'list', an instance of 'tuple' or None. Got 'early' instead.",
        ),
    ],
)
def test_a_parameter_out_of_range_is_refused_in_the_usual_words(
    params, message, method
):
    estimator = Seq2SeqClassifier(**params)

    with pytest.raises(InvalidParameterError, match=f"^{re.escape(message)}$"):
        getattr(estimator, method)(np.eye(4), [0, 1, 0, 1])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"optimizer": 3}, "'optimizer' parameter of Seq2SeqClassifier must be"),
        ({"schedule": "line"}, "'schedule' parameter of Seq2SeqClassifier must be"),
    ],
)
def test_what_only_keras_can_judge_is_refused_in_like_words(params, message):
    (value,) = params.values()
    message = rf"^The {message} .*\. Got {value!r} instead\.$"

    with pytest.raises(ValueError, match=message):
        Seq2SeqClassifier(**TINY, **params).fit(np.eye(4), [0, 1, 0, 1])


def test_every_misspelt_parameter_is_an_error_that_lists_those_there_are():
    valid = sorted(Seq2SeqClassifier().get_params())
    message = f"Invalid parameter 'units' for estimator {Seq2SeqClassifier()!r}. "

    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        make_seq2seq_pipeline(target_transformer=None).set_params(
            seq2seqclassifier__units=3
        )
    assert f"Valid parameters are: {valid}." in str(caught.value)


# --------------------------------------------------------------- what one sees of them


def test_the_representation_names_what_is_not_the_default():
    assert repr(Seq2SeqClassifier()) == "Seq2SeqClassifier()"
    assert repr(Seq2SeqClassifier(100, 50, epochs=30)) == "Seq2SeqClassifier()"
    estimator = Seq2SeqClassifier(cell="gru", epochs=3, learning_rate=0.01)
    assert repr(estimator) == (
        "Seq2SeqClassifier(cell='gru', epochs=3, learning_rate=0.01)"
    )
    assert eval(repr(estimator)).get_params() == estimator.get_params()


def test_the_representation_is_the_same_before_and_after_fit(fitted):
    assert repr(fitted) == repr(clone(fitted))


@pytest.mark.parametrize("state", ["fitted", "not fitted"])
def test_the_diagram_shows_all_steps_and_the_target_transformer(fitted, state):
    pipe = fitted if state == "fitted" else clone(fitted)
    page = estimator_html_repr(pipe)
    text = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    # Labels of plain text; in scikit-learn 1.6 also the state stands in them.
    labels = re.findall(r"<label .*?<div>([^<]+)<", text, flags=re.DOTALL)

    assert [label.strip() for label in labels] == [
        "Pipeline",
        "SequencePadder",
        "SequenceIntegerEncoder",
        "SequenceOneHotEncoder",
        "seq2seqclassifier: Seq2SeqClassifier",
        "target_transformer: Pipeline",
        "SequencePadder",
        "SequenceIntegerEncoder",
    ]
    assert f"<span>{state.capitalize()}</span>" in text
    assert pipe._repr_html_()


# ------------------------------------------------------------------------------ tags


def test_the_tags_are_those_of_an_estimator_with_an_open_set_of_answers():
    tags = get_tags(Seq2SeqClassifier())

    assert tags.estimator_type is None
    assert tags.classifier_tags is None
    assert tags.regressor_tags is None
    assert not is_regressor(Seq2SeqClassifier())
    assert tags.target_tags.required
    assert tags.target_tags.multi_output
    assert tags.input_tags.two_d_array
    assert tags.input_tags.three_d_array
    assert not tags.input_tags.sparse
    assert not tags.input_tags.allow_nan
    assert not tags.non_deterministic
    assert get_tags(make_seq2seq_pipeline()).estimator_type is None


def test_as_a_classifier_it_could_not_be_cross_validated_on_distinct_answers():
    _, y = make_addition(60, largest=10**10 - 1, unique=True, random_state=0)

    assert len(set(y)) == 60
    assert type(check_cv(None, y, classifier=False)) is KFold
    assert type(check_cv(None, y, classifier=True)) is StratifiedKFold
    with pytest.raises(ValueError, match="greater than the number of members in each"):
        list(StratifiedKFold().split(y, y))


# ------------------------------------------------------------- what goes in, comes out


def test_three_dimensions_are_steps_of_features(sequences, fitted_on_sequences):
    X, y = sequences
    estimator = fitted_on_sequences

    assert estimator.n_features_in_ == 4
    assert estimator.architecture_["n_features"] == 3
    assert estimator.predict(X).shape == y.shape
    assert not hasattr(estimator, "feature_names_in_")


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32, bool])
def test_three_dimensions_of_any_numbers_are_taken(dtype):
    X = np.eye(12).reshape(12, 4, 3)
    y = np.arange(12) % 3
    expected = Seq2SeqClassifier(**TINY).fit(X, y).predict_step_proba(X)
    of_dtype = X.astype(dtype)

    np.testing.assert_array_equal(
        Seq2SeqClassifier(**TINY).fit(of_dtype, y).predict_step_proba(of_dtype),
        expected,
    )


def test_lists_and_arrays_of_any_layout_are_the_same_three_dimensions(sequences):
    X, y = sequences
    expected = Seq2SeqClassifier(**TINY).fit(X, y)
    read_only = X.copy()
    read_only.setflags(write=False)
    for other in (X.tolist(), np.asfortranarray(X), X[::-1][::-1], read_only):
        estimator = Seq2SeqClassifier(**TINY).fit(other, y.tolist())
        assert_same_weights(estimator, expected)
        np.testing.assert_array_equal(estimator.predict(other), expected.predict(X))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("method", ["fit", "predict"])
def test_what_is_no_number_is_refused_in_three_dimensions_too(
    sequences, fitted_on_sequences, bad, method
):
    X, y = sequences
    X = X.copy()
    X[1, 2, 0] = bad

    estimator = copy.deepcopy(fitted_on_sequences)
    arguments = (X, y) if method == "fit" else (X,)
    with pytest.raises(ValueError, match="contains (NaN|infinity)"):
        getattr(estimator, method)(*arguments)


def test_four_dimensions_are_too_many():
    with pytest.raises(ValueError, match="dim 4, while dim <= 3 is required"):
        Seq2SeqClassifier(**TINY).fit(np.ones((4, 3, 2, 2)), [0, 1, 0, 1])


def test_the_input_is_left_as_it_was(sequences):
    X, y = (array.copy() for array in sequences)
    weight = np.linspace(0, 1, len(y))
    before = X.copy(), y.copy(), weight.copy()
    estimator = Seq2SeqClassifier(**TINY).fit(X, y, sample_weight=weight)
    estimator.predict(X)
    estimator.score(X, y, sample_weight=weight)

    for array, expected in zip((X, y, weight), before, strict=True):
        np.testing.assert_array_equal(array, expected)


def test_names_of_columns_are_kept_and_forgotten_with_the_next_fit():
    pandas = pytest.importorskip("pandas")
    X = pandas.DataFrame(np.eye(4), columns=["thousands", "hundreds", "tens", "ones"])
    y = [0, 1, 0, 1]
    estimator = Seq2SeqClassifier(**TINY).fit(X, y)

    assert estimator.feature_names_in_.tolist() == list(X.columns)
    assert estimator.feature_names_in_.dtype == object
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        estimator.predict(X.to_numpy())
    with pytest.raises(ValueError, match="feature names should match"):
        estimator.partial_fit(X[X.columns[::-1]], y)
    estimator.fit(X.to_numpy(), y)
    assert not hasattr(estimator, "feature_names_in_")


def test_steps_of_labels_are_named_by_the_alphabet(sequences, fitted_on_sequences):
    X, y = sequences
    estimator = fitted_on_sequences
    probabilities = estimator.predict_step_proba(X)

    assert estimator.alphabet_.tolist() == np.unique(y).tolist()
    assert probabilities.shape == (30, 2, len(estimator.alphabet_))
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, rtol=1e-5)
    np.testing.assert_array_equal(
        estimator.alphabet_[probabilities.argmax(axis=2)], estimator.predict(X)
    )


@pytest.mark.parametrize(
    "method", ["predict_proba", "predict_log_proba", "decision_function", "transform"]
)
def test_there_is_no_method_that_would_mean_something_else(fitted, method):
    assert not hasattr(fitted[-1], method)
    assert not hasattr(fitted, method)
    assert not hasattr(fitted[-1], "classes_")


# ------------------------------------------------------------ the same, whatever order


def test_fitted_twice_is_fitted_once(small_sums):
    once = tiny_pipeline().fit(*small_sums)
    twice = clone(once).fit(*small_sums).fit(*small_sums)

    assert_same_weights(once[-1], twice[-1])
    assert once[-1].history_ == twice[-1].history_
    assert vars(once[-1]).keys() == vars(twice[-1]).keys()


def test_fitted_again_it_forgets_what_it_had_learned(small_sums):
    elsewhere = tiny_pipeline().fit(["ab", "c"], ["long answers", "x"])
    elsewhere.fit(*small_sums)
    afresh = tiny_pipeline().fit(*small_sums)

    assert_same_weights(elsewhere[-1], afresh[-1])
    assert elsewhere[-1].alphabet_.tolist() == afresh[-1].alphabet_.tolist()
    assert elsewhere[-1].history_ == afresh[-1].history_
    assert list(elsewhere.predict(small_sums[0])) == list(afresh.predict(small_sums[0]))


def test_predictions_do_not_depend_on_the_order_of_samples(fitted, small_sums):
    X, _ = small_sums
    order = np.random.RandomState(0).permutation(len(X))
    vectors = fitted[:-1].transform(X)

    np.testing.assert_array_equal(fitted.predict(X[order]), fitted.predict(X)[order])
    np.testing.assert_allclose(
        fitted[-1].predict_step_proba(vectors[order]),
        fitted[-1].predict_step_proba(vectors)[order],
        atol=1e-6,
    )


def test_predictions_do_not_depend_on_the_other_samples(fitted, small_sums):
    X = small_sums[0][:60]
    together = fitted.predict(X).tolist()
    for size in (1, 7, 33):
        parts = [
            fitted.predict(X[begin : begin + size]) for begin in range(0, len(X), size)
        ]
        assert np.concatenate(parts).tolist() == together


def test_predicting_learns_nothing(fitted, small_sums):
    estimator = fitted[-1]
    before = pickle.dumps(estimator)
    fitted.predict(small_sums[0])
    fitted.score(*small_sums)
    _ = estimator.model_

    assert pickle.dumps(estimator) == before


@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, joblib_round_trip])
def test_a_copy_of_the_pipeline_answers_alike(fitted, small_sums, travel):
    X, _ = small_sums
    travelled = travel(fitted)

    np.testing.assert_array_equal(travelled.predict(X), fitted.predict(X))
    assert repr(travelled) == repr(fitted)
    assert travelled[-1].history_ == fitted[-1].history_


@pytest.mark.parametrize("library", ["pandas", "polars"])
# SciKeras' own transformers say so, and are not harmed.
def test_data_frames_everywhere_leave_the_answers_as_they_are(small_sums, library):
    pytest.importorskip(library)
    X, y = small_sums
    expected = tiny_pipeline().fit(X, y)
    answers, score = expected.predict(X), expected.score(X, y)
    expected[-1].partial_fit(expected[:-1].transform(X), y)
    with sklearn.config_context(transform_output=library):
        pipe = tiny_pipeline().fit(X, y)
        np.testing.assert_array_equal(pipe.predict(X), answers)
        assert pipe.score(X, y) == score
        pipe[-1].partial_fit(pipe[:-1].transform(X), y)
    assert_same_weights(pipe[-1], expected[-1])


# ------------------------------------------------------------------- metadata routing


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.fixture(scope="module")
def half_wrong():
    """Sums of which every second is wrong and has no weight; and which are right."""
    X, y = make_addition(120, largest=9, random_state=3)
    right = np.arange(120) % 2 == 0
    return X, np.where(right, y, "z"), right.astype(float), right


def routed_pipeline(**params):
    pipe = tiny_pipeline(**params)
    pipe[-1].set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    return pipe


def test_weights_reach_the_last_step_by_its_name(half_wrong):
    X, y, weight, _ = half_wrong
    pipe = tiny_pipeline().fit(X, y, seq2seqclassifier__sample_weight=weight)
    expected = Seq2SeqClassifier(**TINY, target_transformer=pipe[-1].target_transformer)
    expected.fit(pipe[:-1].transform(X), y, sample_weight=weight)

    assert "z" not in pipe[-1].alphabet_
    assert "z" in tiny_pipeline().fit(X, y)[-1].alphabet_
    assert_same_weights(pipe[-1], expected)


def test_weights_are_routed_through_a_pipeline(half_wrong, routing):
    X, y, weight, right = half_wrong
    pipe = routed_pipeline().fit(X, y, sample_weight=weight)

    assert "z" not in pipe[-1].alphabet_
    # The padding and the symbols of the questions are those of all samples.
    absent = clone(pipe[-1]).fit(pipe[:-1].transform(X)[right], y[right])
    assert_same_weights(pipe[-1], absent)
    assert pipe.score(X, y, sample_weight=weight) == pipe.score(X[right], y[right])


def test_weights_that_nobody_asked_for_are_an_error(half_wrong, routing):
    X, y, weight, _ = half_wrong

    with pytest.raises(sklearn.exceptions.UnsetMetadataPassedError, match="set_fit_"):
        tiny_pipeline().fit(X, y, sample_weight=weight)
    ignoring = tiny_pipeline()
    ignoring[-1].set_fit_request(sample_weight=False)
    with pytest.raises(TypeError, match="unexpected argument"):
        ignoring.fit(X, y, sample_weight=weight)


@pytest.mark.parametrize(
    "score",
    [
        pytest.param(
            None,
            marks=pytest.mark.skipif(
                parse_version(sklearn.__version__) < parse_version("1.8"),
                reason="a grid search below 1.8 does not ask what a step requests",
            ),
        ),
        exact_match_score,
    ],
)
def test_weights_are_routed_through_a_grid_search(half_wrong, routing, score):
    X, y, weight, right = half_wrong
    params = {"param_grid": {"seq2seqclassifier__learning_rate": [0.001, 0.05]}}
    if score is not None:
        params["scoring"] = make_scorer(score).set_score_request(sample_weight=True)
    folds = list(KFold(2).split(X))
    search = GridSearchCV(routed_pipeline(epochs=20), cv=folds, **params)
    search.fit(X, y, sample_weight=weight)

    # As without those samples, in each fold, in its score and in the final fit.
    kept = np.flatnonzero(right)
    folds = [
        tuple(np.searchsorted(kept, part[right[part]]) for part in f) for f in folds
    ]
    absent = GridSearchCV(routed_pipeline(epochs=20), cv=folds, **params)
    absent.fit(X[right], y[right])
    assert search.best_score_ > 0
    assert "z" not in search.best_estimator_[-1].alphabet_
    for split in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(
            search.cv_results_[split], absent.cv_results_[split]
        )
    assert search.best_params_ == absent.best_params_
    assert_same_weights(search.best_estimator_[-1], absent.best_estimator_[-1])


def test_weights_are_routed_to_scores_too(half_wrong, routing):
    X, y, weight, right = half_wrong
    scorer = make_scorer(exact_match_score).set_score_request(sample_weight=True)
    done = cross_validate(
        routed_pipeline(epochs=30, learning_rate=0.02),
        X,
        y,
        cv=KFold(2),
        scoring=scorer,
        params={"sample_weight": weight},
        return_estimator=True,
        return_indices=True,
    )
    for pipe, test, score in zip(
        done["estimator"], done["indices"]["test"], done["test_score"], strict=True
    ):
        judged = test[right[test]]
        assert score == exact_match_score(y[judged], pipe.predict(X[judged]))
    assert done["test_score"].all()
