"""Samples held out: early stopping, and validation data of the user's own."""

import pickle
import warnings

import numpy as np
import pytest
import sklearn
from helpers import (
    TINY,
    assert_same_weights,
    interrupt,
    longer_pipeline,
    slow,
    tiny_pipeline,
)
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.model_selection import GridSearchCV

from sklearn_seqadd import (
    MappingRegressor,
    Seq2SeqClassifier,
    Seq2SeqEnsemble,
    make_addition,
    make_seq2seq_pipeline,
)
from sklearn_seqadd._tensorflow import keras
from sklearn_seqadd.training import acquire

MEASURES = ("loss", "exact_match", "character_accuracy")


@pytest.fixture(scope="module")
def validation():
    return make_addition(77, largest=9, random_state=7)


def stopping(**params):
    return tiny_pipeline(
        **{"early_stopping": True, "epochs": 30, "learning_rate": 0.05, **params}
    )


def scores_of(history):
    return list(
        zip(history["val_exact_match"], -np.array(history["val_loss"]), strict=True)
    )


def test_training_ends_when_nothing_gets_better(small_sums):
    network = stopping(n_iter_no_change=2, learning_rate=0.3).fit(*small_sums)[-1]
    scores = scores_of(network.history_)
    assert network.n_iter_ == len(scores) < 30
    best = scores.index(max(scores))
    assert len(scores) == best + 1 + 2
    # No earlier pair of epochs without progress.
    for i in range(2, len(scores) - 1):
        assert max(scores[: i + 1]) > max(scores[: i - 1])


def test_the_weights_are_those_of_the_best_epoch(small_sums, validation):
    pipe = stopping(n_iter_no_change=3, learning_rate=0.2)
    arrays = pipe[:-1].fit_transform(small_sums[0])
    X_val = pipe[:-1].transform(validation[0])
    network = pipe[-1].fit(arrays, small_sums[1], X_val=X_val, y_val=validation[1])
    scores = scores_of(network.history_)
    assert scores.index(max(scores)) < len(scores) - 1
    right = network.score(X_val, validation[1])
    assert right == pytest.approx(max(network.history_["val_exact_match"]))
    # As many epochs as the best one has, without holding out, are the same.
    n_epochs = 1 + scores.index(max(scores))
    again = clone(network).set_params(early_stopping=False, epochs=n_epochs)
    assert_same_weights(again.fit(arrays, small_sums[1]), network)


def test_what_is_held_out_is_drawn_by_the_seed_and_is_no_part_of_training():
    X, y = make_addition(2000, largest=99, random_state=0)
    X, first = np.unique(X, return_index=True)  # inputs that are all different
    X, y = X[:400], y[first][:400]
    pipe = stopping(epochs=2, validation_fraction=0.25).fit(X, y)
    again = clone(pipe).fit(X, y)
    other = clone(pipe).set_params(seq2seqclassifier__random_state=1).fit(X, y)
    assert_same_weights(pipe[-1], again[-1])
    assert pipe[-1].history_ == again[-1].history_
    assert pipe[-1].history_["val_loss"] != other[-1].history_["val_loss"]
    # The rows are known here, so that all the rest is known to be trained on.
    order = np.random.default_rng(pipe[-1].seed_).permutation(len(X))
    held_out, rest = order[: len(X) // 4], order[len(X) // 4 :]
    arrays = pipe[:-1].transform(X)
    by_hand = clone(pipe[-1]).set_params(early_stopping=False)
    by_hand.fit(arrays[rest], y[rest], X_val=arrays[held_out], y_val=y[held_out])
    for name in MEASURES:
        np.testing.assert_allclose(
            by_hand.history_[f"val_{name}"], pipe[-1].history_[f"val_{name}"], atol=1e-6
        )


def test_validation_data_is_not_learned_from(small_sums, validation):
    pipe = tiny_pipeline()
    arrays = pipe[:-1].fit_transform(small_sums[0])
    plain = clone(pipe[-1]).fit(arrays, small_sums[1])
    watched = clone(pipe[-1]).fit(
        arrays,
        small_sums[1],
        X_val=pipe[:-1].transform(validation[0]),
        y_val=validation[1],
    )
    assert_same_weights(plain, watched)
    assert set(watched.history_) - set(plain.history_) == {
        f"val_{name}" for name in MEASURES
    }


def test_a_pipeline_prepares_validation_data(small_sums, validation):
    pipe = tiny_pipeline().set_params(transform_input=["X_val"])
    X_val, y_val = validation
    with sklearn.config_context(enable_metadata_routing=True):
        pipe[-1].set_fit_request(X_val=True, y_val=True)
        pipe.fit(*small_sums, X_val=X_val, y_val=y_val)
    expected = pipe.score(X_val, y_val)
    assert pipe[-1].history_["val_exact_match"][-1] == pytest.approx(expected)


def test_a_search_hands_validation_data_to_every_fit(small_sums, validation):
    pipe = stopping(n_iter_no_change=1).set_params(transform_input=["X_val"])
    grid = {"seq2seqclassifier__learning_rate": [0.01, 0.05]}
    X_val, y_val = validation
    with sklearn.config_context(enable_metadata_routing=True):
        pipe[-1].set_fit_request(X_val=True, y_val=True)
        search = GridSearchCV(pipe, grid, cv=2, error_score="raise")
        search.fit(*small_sums, X_val=X_val, y_val=y_val)
        best = search.best_estimator_
        expected = best.score(X_val, y_val)
    assert max(best[-1].history_["val_exact_match"]) == pytest.approx(expected)


def test_targets_that_are_continued_have_the_same_step_at_their_end(small_sums):
    """With a decoder that takes any length there is one step more."""
    pipe = stopping(decoder="relative", reverse=True, epochs=2).fit(*small_sums)
    assert len(pipe[-1].history_["val_loss"]) == 2


def test_partial_fit_holds_nothing_out(small_sums):
    X, y = small_sums
    pipe = stopping(epochs=3).fit(X, y)
    network, arrays = pipe[-1], pipe[:-1].transform(X)
    plain = clone(network).set_params(early_stopping=False)
    assert_same_weights(
        clone(network).partial_fit(arrays, y), plain.partial_fit(arrays, y)
    )
    network.partial_fit(arrays, y)
    assert network.n_iter_ == 4
    assert {len(values) for values in network.history_.values()} == {4}
    assert np.isnan(network.history_["val_loss"][-1])
    assert np.isfinite(network.history_["val_loss"][:-1]).all()


def test_a_warm_start_looks_for_the_best_anew(small_sums):
    pipe = stopping(epochs=2, warm_start=True).fit(*small_sums)
    pipe.fit(*small_sums)
    assert pipe[-1].n_iter_ == 4
    assert {len(values) for values in pipe[-1].history_.values()} == {4}


def test_the_number_of_epochs_is_known_without_early_stopping(small_sums):
    assert longer_pipeline().fit(*small_sums)[-1].n_iter_ == 4
    assert not hasattr(longer_pipeline()[-1], "n_iter_")


def test_training_ends_soon_after_everything_held_out_is_correct():
    X, y = make_addition(1000, largest=9, random_state=0)
    network = make_seq2seq_pipeline(
        encoder_units=32, decoder_units=32, learning_rate=0.01, epochs=200,
        early_stopping=True, n_iter_no_change=5, random_state=0,
    ).fit(X, y)[-1]  # fmt: skip
    first_correct = network.history_["val_exact_match"].index(1.0)
    assert network.n_iter_ == first_correct + 1 + 5


@pytest.mark.parametrize(("tol", "n_epochs"), [(0.0, 12), (1e6, 3)])
def test_a_loss_must_fall_by_more_than_tol(tol, n_epochs):
    rng = np.random.RandomState(0)
    X = rng.rand(100, 2)
    params = {"epochs": 12, "early_stopping": True, "n_iter_no_change": 2}
    regressor = MappingRegressor(
        "mlp", (), optimizer="sgd", learning_rate=1e-4, **params, tol=tol,
        random_state=0,
    ).fit(X, X.sum(axis=1))  # fmt: skip
    losses = regressor.history_["val_loss"]
    assert losses == sorted(losses, reverse=True)
    assert regressor.n_iter_ == n_epochs
    # The best epoch is kept, even if it was better by less than tol.
    rest = np.random.default_rng(regressor.seed_).permutation(100)[10:]
    whole = clone(regressor).set_params(early_stopping=False, epochs=n_epochs)
    assert_same_weights(whole.fit(X[rest], X.sum(axis=1)[rest]), regressor)


def test_small_falls_of_the_loss_add_up_to_one_that_counts():
    from sklearn_seqadd.training import SquaredError, SymbolLoss

    loss = SquaredError()
    assert not loss.is_gain([-0.95], [-1.0], 0.1, 1.0)
    assert loss.is_gain([-0.85], [-1.0], 0.1, 1.0)
    loss = SymbolLoss()
    assert loss.is_gain([0.6, -9.0], [0.5, -1.0], 0.1, 1.0)
    assert not loss.is_gain([0.5, -0.95], [0.5, -1.0], 0.1, 1.0)
    assert loss.is_gain([0.5, -0.85], [0.5, -1.0], 0.1, 1.0)
    assert not loss.is_gain([1.0, -0.1], [1.0, -1.0], 0.1, 1.0)


@pytest.mark.parametrize("estimator", [Seq2SeqClassifier, MappingRegressor])
def test_tol_is_checked(data, estimator):
    with pytest.raises(ValueError, match="'tol' parameter"):
        estimator(tol=-1.0).fit(data[0][:, 0], data[1][:, 0])


def test_a_regressor_stops_by_its_loss():
    rng = np.random.RandomState(0)
    X = rng.rand(200, 2)
    y = X.sum(axis=1) + 0.3 * rng.randn(200)
    regressor = MappingRegressor(
        "mlp", (8,), activation="relu", early_stopping=True, n_iter_no_change=3,
        learning_rate=0.1, tol=0.0, random_state=0,
    ).fit(X, y)  # fmt: skip
    losses = regressor.history_["val_loss"]
    assert regressor.n_iter_ == len(losses) == np.argmin(losses) + 1 + 3 < 200


# ------------------------------------------------------------ what is held out together


@pytest.fixture
def held_out(monkeypatch):
    """The samples that the last fit has held out, and those that it has trained on."""
    from sklearn_seqadd._base import NetworkEstimator

    original, parts = NetworkEstimator._hold_out, {}

    def record(self, *args):
        parts["trained"], parts["held_out"] = original(self, *args)
        return parts["trained"], parts["held_out"]

    monkeypatch.setattr(NetworkEstimator, "_hold_out", record)
    return parts


def rows(part):
    return {row.tobytes() for row in part[0]}


def test_equal_inputs_are_held_out_together(held_out):
    """Answers at random can only be learned by heart."""
    rng = np.random.RandomState(0)
    X = np.array([f"{i:03d}" for i in rng.permutation(1000)[:40]] * 5)
    y = np.array([str(number) for number in rng.randint(1000, size=200)])
    stopping(epochs=1).fit(X, y)
    assert len(held_out["held_out"][0]) == 20
    assert not rows(held_out["held_out"]) & rows(held_out["trained"])


@pytest.mark.parametrize("sizes", [[90, 5, 5], [50, 50], [1] * 100, [30, 30, 40]])
def test_the_share_held_out_is_met_as_nearly_as_groups_allow(held_out, sizes):
    X = np.random.RandomState(0).rand(100, 2)
    groups = np.repeat([f"group {i}" for i in range(len(sizes))], sizes)
    regressor = MappingRegressor("mlp", epochs=1, early_stopping=True, random_state=0)
    regressor.fit(X, X[:, 0], groups=groups)
    assert len(held_out["held_out"][0]) == max(10, min(sizes))
    assert not rows(held_out["held_out"]) & rows(held_out["trained"])


def test_zeros_of_both_signs_are_equal_inputs(held_out):
    X = np.repeat(np.arange(20.0)[:, None], 2, axis=0)
    X[0] = -0.0
    MappingRegressor("mlp", epochs=1, early_stopping=True, random_state=0).fit(
        X, X[:, 0]
    )
    assert not {*held_out["held_out"][0].flat} & {*held_out["trained"][0].flat}


def test_samples_of_weight_zero_have_no_group(held_out):
    X = np.arange(20.0)[:, None]
    weight = np.arange(20) % 2
    MappingRegressor("mlp", epochs=1, early_stopping=True, random_state=0).fit(
        X, X[:, 0], sample_weight=weight, groups=np.arange(20) // 4
    )
    assert {len(part[0]) for part in held_out.values()} == {2, 8}
    groups = [{*(part[0].ravel() // 4)} for part in held_out.values()]
    assert not groups[0] & groups[1]


@pytest.mark.parametrize("groups", [None, [0] * 100])
def test_a_single_group_cannot_be_held_out(groups):
    X = np.ones((100, 2))
    regressor = MappingRegressor("mlp", epochs=1, early_stopping=True)
    with pytest.raises(ValueError, match="All 100 .* none can be held out"):
        regressor.fit(X, X[:, 0], groups=groups)


def test_groups_are_one_for_each_sample():
    X = np.ones((100, 2))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        MappingRegressor("mlp", epochs=1).fit(X, X[:, 0], groups=[0, 1])


def test_a_pipeline_and_an_ensemble_hand_groups_on(small_sums, held_out):
    X, y = small_sums
    groups = np.arange(len(X)) // 40
    pipe = stopping(epochs=1).fit(X, y, seq2seqclassifier__groups=groups)
    expected = rows(held_out["held_out"])
    assert len(held_out["held_out"][0]) == 40
    with sklearn.config_context(enable_metadata_routing=True):
        routed = clone(pipe)
        routed[-1].set_fit_request(groups=True)
        routed.fit(X, y, groups=groups)
    assert rows(held_out["held_out"]) == expected
    ensemble = Seq2SeqEnsemble(pipe[-1], n_estimators=1, random_state=0)
    ensemble.fit(pipe[:-1].transform(X), y, groups=groups)
    assert len(held_out["held_out"][0]) == 40


# ---------------------------------------------------- validation data that is not known


def watched(X, y, X_val, y_val, **params):
    """A network that has learned X and y, and what it was warned of."""
    pipe = tiny_pipeline(**params)
    arrays = pipe[:-1].fit_transform(X)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        X_val = pipe[:-1].transform(X_val)
        network = pipe[-1].fit(arrays, y, X_val=X_val, y_val=y_val)
    return network, [str(w.message) for w in caught if "count as" in str(w.message)]


@pytest.mark.parametrize(
    "params",
    [
        {},
        slow({"decoder": "autoregressive", "side": "right"}),
        {"decoder": "relative", "side": "right"},
        slow({"decoder": "attention", "side": "term"}),
        {"early_stopping": True},
        slow({"padding_weight": 0.5}),
    ],
    ids=str,
)
def test_an_answer_with_an_unknown_symbol_counts_as_wrong(params):
    X, y = ["a", "b"] * 20, ["xx", "y"] * 20
    params = {"epochs": 60, "learning_rate": 0.02, **params}
    known, messages = watched(X, y, ["a", "b"], ["xx", "y"], **params)
    assert not messages
    network, messages = watched(X, y, ["a", "a", "b"], ["xx", "xz", "y"], **params)
    assert messages == [
        "1 of 3 samples of the validation data count as wrong, because they have "
        "symbols that were not in fit or are longer; the first is y_val[1] = 'xz'."
    ]
    assert_same_weights(known, network)
    last = {name: values[-1] for name, values in network.history_.items()}
    assert last["val_loss"] == pytest.approx(known.history_["val_loss"][-1], rel=1e-4)
    assert known.history_["val_exact_match"][-1] == 1
    assert last["val_exact_match"] == pytest.approx(2 / 3)
    n_steps = network.architecture_["n_steps_out"]
    n_wrong = 3 * n_steps * (1 - last["val_character_accuracy"])
    # After a symbol that it cannot write, it may not know that the answer ends.
    allowed = (1, 2) if params.get("decoder") == "autoregressive" else (1,)
    assert round(n_wrong, 3) in allowed


def test_an_answer_longer_than_those_in_fit_counts_as_wrong():
    for side in ("left", "right"):
        network, messages = watched(
            ["a", "b"] * 20, ["x", "yx"] * 20, ["a", "a"], ["x", "xxyxx"], side=side
        )
        assert len(messages) == 1
        assert network.history_["val_exact_match"][-1] <= 0.5


@pytest.mark.parametrize("decoder", ["relative", "repeat"])
def test_an_input_longer_than_those_in_fit_counts_as_wrong(decoder):
    """Unless nothing but padding is too much, as of strings that one is padded with."""
    X, y = ["a", "b"] * 20, ["x", "y"] * 20
    params = {"decoder": decoder, "epochs": 60, "learning_rate": 0.02}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network, messages = watched(X, y, ["a", "b", "abba"], ["x", "y", "z"], **params)
    assert len(messages) == 1
    assert network.history_["val_exact_match"][-1] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("y", "y_val"),
    [
        ([3, 5, 7] * 10, [3, 4, 5]),
        ([[3, 5], [7, 9], [5, 3]] * 10, [[3, 5], [7, 4], [5, 3]]),
        (["a", "b", "c"] * 10, ["a", "ä", "c"]),
    ],
)
def test_labels_that_fit_did_not_see_count_as_wrong(y, y_val):
    X = np.arange(30)[:, None] % 3
    network = Seq2SeqClassifier(**TINY)
    with pytest.warns(UserWarning, match="1 of 3 samples of the validation data"):
        network.fit(X, y, X_val=X[:3], y_val=y_val)
    assert network.history_["val_exact_match"][-1] <= 2 / 3
    assert np.isfinite(network.history_["val_loss"]).all()


def test_tokens_that_fit_did_not_see_count_as_wrong():
    X, y = ["one two", "two one"] * 20, ["eins zwei", "zwei eins"] * 20
    network, messages = watched(
        X, y, X[:2], ["eins zwei", "zwei drei"], analyzer="word",
        epochs=60, learning_rate=0.02,
    )  # fmt: skip
    assert len(messages) == 1
    assert network.history_["val_exact_match"][-1] == 0.5
    assert network.history_["val_character_accuracy"][-1] == 0.75


def test_a_transformer_of_ones_own_may_refuse_what_it_does_not_know():
    class Halves(TransformerMixin, BaseEstimator):
        def fit(self, X, y=None):
            return self

        def transform(self, X):
            if max(X) > 9:
                raise ValueError("too large")
            return np.array(X)[:, None] // 2

        def inverse_transform(self, X):
            return 2 * np.asarray(X)[:, 0]

    X, y = np.arange(30)[:, None] % 3, [0, 2, 8] * 10
    network = Seq2SeqClassifier(**TINY, target_transformer=Halves())
    with pytest.warns(UserWarning, match=r"2 of 5 .* first is y_val\[1\] = 50"):
        network.fit(X, y, X_val=X[:5], y_val=[0, 50, 8, 2, 12])
    assert network.history_["val_exact_match"][-1] <= 0.6


def test_validation_data_of_which_nothing_is_known_is_refused():
    with pytest.raises(ValueError, match="Invalid validation data: none .* y does not"):
        watched(["a", "b"] * 20, ["x", "y"] * 20, ["a"], ["z"])


def test_a_fold_without_a_rare_symbol_is_scored():
    X, y = ["a", "b"] * 20 + ["c"], ["x", "y"] * 20 + ["z"]
    pipe = tiny_pipeline().set_params(transform_input=["X_val"])
    with (
        sklearn.config_context(enable_metadata_routing=True),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        pipe[-1].set_fit_request(X_val=True, y_val=True)
        grid = {"seq2seqclassifier__epochs": [1]}
        search = GridSearchCV(pipe, grid, cv=2, error_score="raise")
        search.fit(X, y, X_val=["a", "c"], y_val=["x", "z"])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize(
    "params",
    [
        {"decoder": "autoregressive", "dropout": 0.0, "label_smoothing": 0.0},
        {"decoder": "relative", "side": "right"},
        slow({"decoder": "repeat"}),
    ],
    ids=str,
)
def test_the_loss_is_the_same_in_training_and_validation(params):
    X, y = make_addition(400, largest=999, sampling="lengths", random_state=0)
    pipe = tiny_pipeline(
        **params, epochs=1, learning_rate=1e-12, schedule=None, weight_decay=None
    )
    arrays = pipe[:-1].fit_transform(X)
    history = pipe[-1].fit(arrays, y, X_val=arrays, y_val=y).history_
    assert history["val_loss"] == pytest.approx(history["loss"], rel=1e-5)


@pytest.mark.slow
def test_programs_that_score_validation_data_are_not_kept_for_ever(data):
    """A search over what is in the loss would keep one for each candidate."""
    X, y = ["a", "bb"] * 20, ["x", "yx"] * 20
    for weight in np.linspace(0.1, 0.9, 6):
        network, _ = watched(X, y, X, y, padding_weight=weight, epochs=1)
    with acquire(network._network) as compiled:
        assert 1 <= len(compiled.predictor._evaluations) <= 4


# ----------------------------------------------------------- averages, label smoothing


def averaging(**params):
    return tiny_pipeline(optimizer=keras.optimizers.Adam(use_ema=True), **params)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_averages_are_those_of_the_optimizer(small_sums, early_stopping):
    params = {"early_stopping": early_stopping, "epochs": 4, "batch_size": 400}
    trained = []

    class Noting(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            trained.append(self.model.get_weights())

    plain = tiny_pipeline(callbacks=[Noting()], **params).fit(*small_sums)
    averaged = averaging(**params).fit(*small_sums)
    assert len(trained) == 4  # an update each
    expected, *later = trained
    for weights in later:
        expected = [
            0.99 * before + 0.01 * after
            for before, after in zip(expected, weights, strict=True)
        ]
    for found, array in zip(averaged[-1].weights_, expected, strict=True):
        np.testing.assert_allclose(found, array, atol=1e-7)
    # The weights are trained as they are without averages.
    assert averaged[-1].history_["loss"] == plain[-1].history_["loss"]
    with pytest.raises(AssertionError):
        assert_same_weights(averaged[-1], plain[-1])


def test_training_goes_on_from_the_weights_that_were_trained(small_sums):
    """And not from their average, which would take back most of each step."""
    X, y = small_sums
    averaged, plain = averaging(), tiny_pipeline()
    arrays = plain[:-1].fit_transform(X)
    for pipe in (averaged, plain):
        pipe[-1].partial_fit(arrays, y)
        for rows in np.array_split(np.arange(len(X)), 20):
            pipe[-1].partial_fit(arrays[rows], y[rows])
    assert averaged[-1].history_["loss"] == plain[-1].history_["loss"]
    again = pickle.loads(pickle.dumps(averaged[-1])).partial_fit(arrays, y)
    assert_same_weights(again, averaged[-1].partial_fit(arrays, y))
    assert again.history_["loss"] == plain[-1].partial_fit(arrays, y).history_["loss"]


@pytest.mark.usefixtures("interruptible")
def test_after_an_interrupt_the_weights_are_averages(small_sums):
    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                interrupt()

    pipe = averaging(epochs=4, callbacks=[Interrupt()])
    with pytest.raises(KeyboardInterrupt):
        pipe.fit(*small_sums)
    two_epochs = averaging(epochs=2).fit(*small_sums)
    assert_same_weights(pipe[-1], two_epochs[-1])


def test_samples_held_out_are_answered_with_averages(small_sums, validation):
    pipe = averaging()
    arrays = pipe[:-1].fit_transform(small_sums[0])
    X_val = pipe[:-1].transform(validation[0])
    network = pipe[-1].fit(arrays, small_sums[1], X_val=X_val, y_val=validation[1])
    log_likelihood = network.score_samples(X_val, validation[1]).mean()
    n_steps = network.predict_step_proba(X_val).shape[1]
    expected = -log_likelihood / n_steps
    assert network.history_["val_loss"][-1] == pytest.approx(expected, rel=1e-4)


def test_smoothed_labels_are_those_of_keras():
    from sklearn_seqadd.training import SymbolLoss

    rng = np.random.default_rng(0)
    y = rng.integers(5, size=(7, 3)).astype("int32")
    probabilities = rng.dirichlet(np.ones(5), size=(7, 3)).astype("float32")
    loss, *_ = SymbolLoss(smoothing=0.2)(probabilities, y)
    expected = keras.losses.categorical_crossentropy(
        np.eye(5, dtype="float32")[y], probabilities, label_smoothing=0.2
    )
    np.testing.assert_allclose(loss, np.mean(expected, axis=1), rtol=1e-5)


def test_smoothing_is_for_training_only(small_sums, validation):
    histories = {}
    for smoothing in (0.0, 0.3):
        pipe = tiny_pipeline(label_smoothing=smoothing, epochs=40, learning_rate=0.02)
        arrays = pipe[:-1].fit_transform(small_sums[0])
        X_val = pipe[:-1].transform(validation[0])
        network = pipe[-1].fit(arrays, small_sums[1], X_val=X_val, y_val=validation[1])
        histories[smoothing] = network.history_
        log_likelihood = network.score_samples(X_val, validation[1]).mean()
        n_steps = network.predict_step_proba(X_val).shape[1]
        assert network.history_["val_loss"][-1] == pytest.approx(
            -log_likelihood / n_steps, rel=1e-4
        )
    # No network gets below the entropy of what is expected of it.
    assert histories[0.3]["loss"][-1] > histories[0.0]["loss"][-1] + 0.2
