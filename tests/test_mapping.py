"""What MappingRegressor promises, in the order of its docstring.

What it shares with Seq2SeqClassifier is tested at length in test_seq2seq.py.
"""

import pickle
import warnings

import numpy as np
import pytest
from helpers import assert_same_weights, slow
from sklearn.base import clone, is_regressor
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler

from sklearn_seqadd import (
    MappingRegressor,
    TermExtractor,
    exact_match_score,
    make_addition,
    numeric_rmse,
)

NETWORKS = ["lstm", "mlp"]

TINY = {"hidden_units": (4, 2), "epochs": 2, "batch_size": 32, "random_state": 0}


def tiny(network="mlp", **params):
    return MappingRegressor(network, **{**TINY, **params})


def tiny_pipeline(*args, **params):
    return make_pipeline(TermExtractor(), MinMaxScaler(), tiny(*args, **params))


@pytest.fixture(scope="module")
def strings():
    """One hundred sums of numbers up to 10, and their results, as strings."""
    return make_addition(100, smallest=1, largest=10, random_state=0)


@pytest.fixture(scope="module")
def numbers(strings):
    """Their terms and results, scaled to the interval from 0 to 1."""
    X = MinMaxScaler().fit_transform(TermExtractor().fit_transform(strings[0]))
    y = MinMaxScaler().fit_transform(strings[1].astype(float)[:, None])
    return X, y[:, 0]


# --------------------------------------------------- it learns, in the tutorial's way


@pytest.mark.parametrize("seed", [0, slow(1)])
@pytest.mark.parametrize(
    ("network", "hidden_units"), [("lstm", (6, 2)), ("mlp", (4, 2))]
)
def test_it_learns_from_fifty_times_a_hundred_fresh_sums(network, hidden_units, seed):
    rng = np.random.RandomState(seed)
    terms = make_pipeline(TermExtractor(), MinMaxScaler()).fit(["1+1", "10+10"])
    sums = MinMaxScaler().fit([[2.0], [20.0]])
    regressor = MappingRegressor(
        network, hidden_units, batch_size=2, epochs=50, random_state=seed
    )
    for _ in range(50):
        X, y = make_addition(100, smallest=1, largest=10, random_state=rng)
        y = sums.transform(y.astype(float)[:, None])[:, 0]
        regressor.partial_fit(terms.transform(X), y)
    X, y = make_addition(100, smallest=1, largest=10, random_state=rng)
    answers = sums.inverse_transform(regressor.predict(terms.transform(X))[:, None])
    assert numeric_rmse(y, answers) < 0.5


def test_a_perceptron_adds_numbers_that_it_has_never_seen():
    X, y = make_addition(1000, smallest=10, random_state=0)
    pipe = make_pipeline(
        TermExtractor(),
        MinMaxScaler(),
        MappingRegressor(
            "mlp",
            (4, 2),
            target_transformer=MinMaxScaler(),
            learning_rate=0.01,
            schedule="cosine",
            batch_size=32,
            random_state=0,
        ),
    ).fit(X, y)
    answers = pipe.predict(["3+4", "123+456", "1000+1"])
    np.testing.assert_allclose(answers, [7, 579, 1001], atol=0.01)


def test_any_number_of_terms_is_added():
    X, y = make_addition(300, n_terms=(2, 4), largest=9, random_state=0)
    pipe = tiny_pipeline(
        target_transformer=MinMaxScaler(), learning_rate=0.02, epochs=60
    ).fit(X, y)
    assert pipe[-1].n_features_in_ == 4
    assert exact_match_score(y, pipe.predict(X).round().astype(int).astype(str)) == 1


def test_it_is_a_regressor_to_scikit_learn():
    assert is_regressor(MappingRegressor())


# ---------------------------------------------------------------------- the networks


@pytest.mark.parametrize(
    ("network", "shapes"),
    [
        ("mlp", [(2, 4), (4,), (4, 2), (2,), (2, 1), (1,)]),
        # A recurrent layer has four gates, and reads one term at each time step.
        (
            "lstm",
            [(1, 16), (4, 16), (16,), (4, 8), (2, 8), (8,), (2, 1), (1,)],
        ),
    ],
)
def test_hidden_units_are_those_of_each_hidden_layer(numbers, network, shapes):
    regressor = tiny(network).fit(*numbers)
    assert [weight.shape for weight in regressor.weights_] == shapes


@pytest.mark.parametrize("form", [(4,), [4], np.array([4]), np.int64(4)])
def test_one_hidden_layer_may_be_given_in_any_form(numbers, form):
    expected = tiny(hidden_units=4).fit(*numbers)
    regressor = tiny(hidden_units=form).fit(*numbers)
    assert_same_weights(regressor, expected)
    assert regressor.architecture_ == expected.architecture_


def test_a_perceptron_without_hidden_layers_is_a_linear_model(numbers):
    regressor = tiny(hidden_units=(), learning_rate=0.05, epochs=200).fit(*numbers)
    linear = LinearRegression().fit(*numbers)
    coefficients, intercept = regressor.weights_
    np.testing.assert_allclose(coefficients[:, 0], linear.coef_, atol=1e-3)
    np.testing.assert_allclose(intercept, linear.intercept_, atol=1e-3)


@pytest.mark.parametrize(
    ("hidden_units", "message"),
    [
        (0, "The 'hidden_units' parameter of MappingRegressor"),
        (2.5, "The 'hidden_units' parameter of MappingRegressor"),
        (None, "The 'hidden_units' parameter of MappingRegressor"),
        ("42", "The 'hidden_units' parameter of MappingRegressor"),
        ((4, 0), r"hidden_units must be integers > 0, got \(4, 0\)"),
        ((4, 2.0), r"hidden_units must be integers > 0, got \(4, 2.0\)"),
        ([[4, 2]], r"hidden_units must be integers > 0, got \[\[4, 2\]\]"),
        (("4",), r"hidden_units must be integers > 0, got \('4',\)"),
        (True, "hidden_units must be integers > 0, got True"),
    ],
)
def test_other_hidden_units_are_refused(numbers, hidden_units, message):
    with pytest.raises(ValueError, match=message):
        tiny(hidden_units=hidden_units).fit(*numbers)


def test_a_recurrent_network_needs_a_hidden_layer(numbers):
    with pytest.raises(ValueError, match=r"network='lstm' needs a hidden layer"):
        tiny("lstm", hidden_units=()).fit(*numbers)


@pytest.mark.parametrize("activation", ["linear", "relu", "tanh"])
def test_only_a_linear_perceptron_is_linear(numbers, activation):
    regressor = tiny(activation=activation).fit(*numbers)
    ends, middle = np.array([[-9.0, -2.0], [8.0, 3.0]]), [[-0.5, 0.5]]
    gap = regressor.predict(ends).mean() - regressor.predict(middle)[0]
    assert (abs(gap) < 1e-12) == (activation == "linear")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("network", "gru"),
        ("activation", "sigmoid"),
        ("target_transformer", "minmax"),
        ("batch_size", 0),
        ("learning_rate", 0),
    ],
)
def test_parameters_out_of_range_are_named(numbers, name, value):
    message = f"The '{name}' parameter of MappingRegressor"
    with pytest.raises(ValueError, match=message):
        MappingRegressor(**{**TINY, name: value}).fit(*numbers)


# ------------------------------------------------------------------------- the targets


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("shape", [(100,), (100, 1), (100, 2)])
def test_predictions_have_the_shape_of_the_targets(numbers, network, shape):
    X, y = numbers
    regressor = tiny(network).fit(X, np.resize(y, shape))
    predicted = regressor.predict(X[:7])
    assert predicted.shape == (7, *shape[1:])
    assert predicted.dtype == np.float64


def test_several_targets_are_learned_at_once():
    X = np.random.RandomState(0).rand(200, 2)
    y = np.column_stack([X.sum(axis=1), X[:, 0] - X[:, 1], 3 * X[:, 1]])
    regressor = tiny(hidden_units=4, learning_rate=0.02, epochs=60).fit(X, y)
    np.testing.assert_allclose(regressor.predict(X), y, atol=0.05)


def string_dtype(y):
    if not hasattr(np.dtypes, "StringDType"):
        pytest.skip("this NumPy has no StringDType")
    return np.array(y, dtype=np.dtypes.StringDType())


KINDS_OF_TARGETS = {
    "list": list,
    "U": np.array,
    "object": lambda y: np.array(y, dtype=object),
    "StringDType": string_dtype,
    "pandas": lambda y: pytest.importorskip("pandas").Series(
        y, index=range(100, 0, -1)
    ),
    "pandas object": lambda y: pytest.importorskip("pandas").Series(y, dtype=object),
    "polars": lambda y: pytest.importorskip("polars").Series(y),
    "with a sign and spaces": lambda y: [f" +{answer}.0 " for answer in y],
    "integers": lambda y: np.array(y).astype(int),
}


@pytest.mark.parametrize("kind", KINDS_OF_TARGETS)
def test_strings_that_spell_numbers_are_as_good_as_numbers(strings, numbers, kind):
    y = KINDS_OF_TARGETS[kind](strings[1].tolist())
    regressor = tiny().fit(numbers[0], y)
    expected = tiny().fit(numbers[0], strings[1].astype(float))
    assert_same_weights(regressor, expected)
    assert regressor.predict(numbers[0]).dtype == np.float64


def test_several_columns_may_be_strings_too():
    X = np.random.RandomState(0).rand(4, 2)
    y = np.array([["1", "-2"], ["3.5", "4"], ["0", "0"], ["7", "10"]])
    assert_same_weights(tiny().fit(X, y), tiny().fit(X, y.astype(float)))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["1", "2", "6+2"], r"y\[2\] = '6\+2' spells no number"),
        (["1", "", "2"], r"y\[1\] = '' spells no number"),
        (["1", None, "2"], r"y\[1\] = None spells no number"),
        (["nan", "1", "2"], r"y\[0\] = 'nan' spells no number"),
        ([["1", "2"], ["3", "x"], ["5", "6"]], r"y\[1\] = 'x' spells no number"),
        ([1.0, np.nan, 2.0], "Input y contains NaN"),
        (["1", "2", "3" * 400], "Input y contains infinity or a value too large"),
        (np.ones((3, 1, 1)), r"\(n_samples,\) or .* shape \(3, 1, 1\)"),
        ([1, 2], "inconsistent numbers of samples"),
        (None, "requires y to be passed"),
    ],
)
def test_targets_that_are_no_numbers_are_refused_by_name(y, message):
    with pytest.raises(ValueError, match=message):
        tiny().fit(np.ones((3, 2)), y)


def test_the_score_is_that_of_the_numbers(numbers):
    X, y = numbers
    regressor = tiny().fit(X, y)
    weight = np.arange(100)
    expected = r2_score(y, regressor.predict(X), sample_weight=weight)
    assert regressor.score(X, y, sample_weight=weight) == expected
    assert regressor.score(X, y.astype(str), sample_weight=weight) == expected


# -------------------------------------------------------------- scaling of the targets


@pytest.mark.parametrize("network", NETWORKS)
def test_a_target_transformer_is_as_good_as_scikit_learn_s_own(
    strings, numbers, network
):
    X, y = numbers[0], strings[1].astype(float)
    inside = tiny(network, target_transformer=MinMaxScaler()).fit(X, y)
    around = TransformedTargetRegressor(tiny(network), transformer=MinMaxScaler())
    around.fit(X, y)
    assert_same_weights(inside, around.regressor_)
    np.testing.assert_array_equal(inside.predict(X), around.predict(X))
    assert inside.score(X, y) == around.score(X, y)


def test_a_target_transformer_is_cloned_and_sees_a_column_for_each_output():
    transformer = MinMaxScaler()
    X, y = np.ones((3, 2)), np.array([[1.0, 10.0], [2.0, 30.0], [3.0, 20.0]])
    regressor = tiny(target_transformer=transformer).fit(X, y)
    assert not hasattr(transformer, "data_max_")
    assert regressor.target_transformer_.data_max_.tolist() == [3.0, 30.0]


def test_a_target_transformer_is_fitted_at_the_first_call_only(numbers):
    X, y = numbers
    regressor = tiny(target_transformer=MinMaxScaler()).partial_fit(X, y)
    regressor.partial_fit(X, 100 * y)
    assert regressor.target_transformer_.data_max_ == y.max()


def test_the_history_is_in_the_units_of_the_transformed_targets(numbers):
    X, y = numbers
    tenth = FunctionTransformer(lambda y: y / 10, inverse_func=lambda y: 10 * y)
    regressor = tiny(target_transformer=tenth)
    regressor.fit(X[:75], y[:75], X_val=X[75:], y_val=y[75:])
    errors = regressor.predict(X[75:]) - y[75:]
    assert regressor.history_["val_loss"][-1] == pytest.approx(
        ((errors / 10) ** 2).mean()
    )


# ----------------------------------------------------------------------------- weights


def test_samples_of_weight_zero_are_as_if_absent_scaling_included(numbers):
    X, y = numbers
    weight = np.ones(100)
    weight[60:] = 0
    strange = np.where(weight, y, 1e6)
    weighted, absent = (tiny(target_transformer=MinMaxScaler()) for _ in range(2))
    weighted.fit(X, strange, sample_weight=weight)
    absent.fit(X[:60], y[:60])
    assert_same_weights(weighted, absent)
    np.testing.assert_array_equal(weighted.predict(X), absent.predict(X))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_weight_of_two_is_the_sample_twice(numbers, network):
    X, y = numbers[0][:12], numbers[1][:12]
    weight = np.where(np.arange(12) < 4, 2, 1)
    weighted, repeated = (tiny(network, learning_rate=0.01) for _ in range(2))
    weighted.fit(X, y, sample_weight=weight)
    repeated.fit(np.vstack([X, X[:4]]), np.append(y, y[:4]))
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-9)
    unweighted = tiny(network, learning_rate=0.01).fit(X, y)
    assert np.abs(weighted.predict(X) - unweighted.predict(X)).max() > 1e-6


# --------------------------------------------------------- continuing from where one is


@pytest.mark.parametrize("network", NETWORKS)
def test_calls_of_partial_fit_are_the_epochs_of_one_fit(numbers, network):
    at_once = tiny(network, epochs=3).fit(*numbers)
    by_calls = tiny(network, epochs=3)
    for _ in range(3):
        by_calls.partial_fit(*numbers)
    assert_same_weights(at_once, by_calls)
    assert at_once.history_ == by_calls.history_


@pytest.mark.parametrize("network", NETWORKS)
def test_partial_fit_continues_exactly_after_a_pickle(strings, numbers, network):
    # With a schedule and a transformer: these are state that must come along too.
    stayed = tiny(
        network, epochs=4, schedule="cosine", target_transformer=MinMaxScaler()
    )
    stayed.partial_fit(numbers[0], strings[1])
    travelled = pickle.loads(pickle.dumps(stayed))
    for regressor in (stayed, travelled):
        regressor.partial_fit(numbers[0], strings[1])
    assert_same_weights(stayed, travelled)
    np.testing.assert_array_equal(
        stayed.predict(numbers[0]), travelled.predict(numbers[0])
    )


@pytest.mark.parametrize(
    ("n_terms", "shape", "message"),
    [
        (3, (5,), "X has 3 features, but MappingRegressor is expecting 2"),
        (2, (5, 1), r"first call: it has shape \(5, 1\), where \(n_samples,\)"),
    ],
)
def test_partial_fit_refuses_what_does_not_fit_the_first_call(
    numbers, n_terms, shape, message
):
    regressor = tiny().partial_fit(*numbers)
    before = dict(vars(regressor))
    with pytest.raises(ValueError, match=message):
        regressor.partial_fit(np.ones((5, n_terms)), np.ones(shape))
    assert all(vars(regressor)[name] is before[name] for name in before)


def test_partial_fit_refuses_another_number_of_targets(numbers):
    regressor = tiny().partial_fit(numbers[0], np.resize(numbers[1], (100, 2)))
    with pytest.raises(ValueError, match=r"shape \(100, 3\), where \(n, 2\)"):
        regressor.partial_fit(numbers[0], np.resize(numbers[1], (100, 3)))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"hidden_units": (4, 3)}, r"hidden_units=\(4, 2\) \(now \(4, 3\)\)"),
        ({"activation": "tanh"}, r"activation='linear' \(now 'tanh'\)"),
        ({"network": "lstm"}, r"network='mlp' \(now 'lstm'\)"),
    ],
)
def test_training_cannot_continue_with_another_network(numbers, params, message):
    regressor = tiny().partial_fit(*numbers).set_params(**params)
    with pytest.raises(ValueError, match=message):
        regressor.partial_fit(*numbers)


def test_warm_start_continues_and_a_cold_start_starts_over(numbers):
    once = tiny(epochs=4, warm_start=True).fit(*numbers)
    twice = tiny(warm_start=True).fit(*numbers).fit(*numbers)
    assert_same_weights(once, twice)
    assert len(twice.history_["loss"]) == 4
    anew = twice.set_params(warm_start=False).fit(*numbers)
    assert_same_weights(anew, tiny().fit(*numbers))


# ----------------------------------------------------------------- history, callbacks


def test_history_has_a_figure_for_every_epoch(numbers):
    assert {k: len(v) for k, v in tiny().fit(*numbers).history_.items()} == {"loss": 2}
    history = tiny(early_stopping=True).fit(*numbers).history_
    assert {k: len(v) for k, v in history.items()} == {"loss": 2, "val_loss": 2}
    assert all(type(value) is float for values in history.values() for value in values)


def test_callbacks_are_copied_and_can_stop_the_training(numbers):
    from keras.callbacks import EarlyStopping

    stopper = EarlyStopping(monitor="loss", patience=1, min_delta=10)
    regressor = tiny(epochs=20, callbacks=[stopper]).fit(*numbers)
    assert len(regressor.history_["loss"]) == 2
    assert stopper.stopped_epoch == 0


# ------------------------------------------------------------------- state, determinism


@pytest.mark.parametrize("network", NETWORKS)
def test_model_is_a_keras_model_of_its_own_with_the_same_numbers(numbers, network):
    import keras

    X, y = numbers
    regressor = tiny(network).fit(X, y)
    predicted = regressor.predict(X)
    model = regressor.model_
    assert isinstance(model, keras.Model)
    # Keras itself makes single-precision numbers of what `predict` is given.
    np.testing.assert_allclose(model.predict(X, verbose=0)[:, 0], predicted, atol=1e-6)
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    np.testing.assert_array_equal(regressor.predict(X), predicted)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_seed_gives_the_same_weights_bit_for_bit(numbers, network):
    one, same, other = (tiny(network, random_state=seed) for seed in (0, 0, 1))
    assert_same_weights(one.fit(*numbers), same.fit(*numbers))
    other.fit(*numbers)
    assert all(
        (a != b).any()
        for a, b in zip(one.weights_, other.weights_, strict=True)
        if a.ndim == 2
    )


def test_predictions_survive_a_pickle_and_a_clone_knows_nothing(strings):
    X, y = strings
    pipe = tiny_pipeline(target_transformer=MinMaxScaler()).fit(X, y)
    restored = pickle.loads(pickle.dumps(pipe))
    np.testing.assert_array_equal(restored.predict(X), pipe.predict(X))
    with pytest.raises(NotFittedError):
        clone(pipe).predict(X)


def test_a_failed_fit_leaves_the_estimator_as_it_was(numbers):
    regressor = tiny(target_transformer=MinMaxScaler()).fit(*numbers)
    before = dict(vars(regressor))
    with pytest.raises(ValueError, match="spells no number"):
        regressor.fit(np.ones((2, 3)), ["1", "one"])
    # This one fails late, when the scaler for the new targets is fitted already.
    regressor.set_params(optimizer="adamant")
    with pytest.raises(ValueError, match="'optimizer' parameter"):
        regressor.fit(np.ones((2, 3)), [[1.0, 2.0], [3.0, 4.0]])
    after = vars(regressor.set_params(optimizer="adam"))
    assert after.keys() == before.keys()
    assert all(after[name] is before[name] for name in before)


def test_predict_before_fit_says_so():
    with pytest.raises(NotFittedError):
        MappingRegressor().predict(np.ones((2, 2)))


def test_additions_without_their_terms_taken_out_are_refused_with_advice(strings):
    with pytest.raises(ValueError, match=r"strings such as .*Put TermExtractor\(\)"):
        tiny().fit(*strings)


def test_the_names_of_the_terms_arrive(strings):
    pytest.importorskip("pandas")
    pipe = tiny_pipeline().set_output(transform="pandas").fit(*strings)
    assert pipe[-1].feature_names_in_.tolist() == ["term0", "term1"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pipe.predict(strings[0])


# ------------------------------------------------------------------ model selection


@pytest.mark.slow
def test_a_grid_chooses_the_network_from_addition_strings(strings):
    grid = {
        "mappingregressor__network": ["lstm", "mlp"],
        "mappingregressor__hidden_units": [(4, 2), 3],
        "mappingregressor__learning_rate": [1e-6, 0.05],
    }
    X, y = strings
    pipe = tiny_pipeline(target_transformer=MinMaxScaler(), epochs=10)
    search = GridSearchCV(pipe, grid, cv=2).fit(X, y)
    assert search.best_params_["mappingregressor__network"] == "mlp"
    assert search.best_params_["mappingregressor__learning_rate"] == 0.05
    assert search.best_score_ > 0.9
    # Answers that are numbers give the same search, and so do several processes.
    of_numbers = GridSearchCV(pipe, grid, cv=2, n_jobs=2).fit(X, y.astype(float))
    for split in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(
            search.cv_results_[split], of_numbers.cv_results_[split]
        )


def test_scikit_learn_s_way_of_scaling_targets_can_be_cross_validated(strings):
    X, y = strings[0], strings[1].astype(float)
    pipe = make_pipeline(
        TermExtractor(),
        MinMaxScaler(),
        TransformedTargetRegressor(
            tiny(learning_rate=0.05, epochs=30), transformer=MinMaxScaler()
        ),
    )
    scores = cross_val_score(pipe, X, y, scoring="neg_root_mean_squared_error")
    assert scores.shape == (5,)
    assert scores.min() > -0.5
