"""Samples held out: early stopping, and validation data of the user's own."""

import pickle

import numpy as np
import pytest
import sklearn
from helpers import assert_same_weights, interrupt, longer_pipeline, tiny_pipeline
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sklearn_seqadd import MappingRegressor, make_addition

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


def test_what_is_held_out_is_drawn_by_the_seed_and_is_no_part_of_training(small_sums):
    X, y = small_sums
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


def test_a_regressor_stops_by_its_loss():
    rng = np.random.RandomState(0)
    X = rng.rand(200, 2)
    y = X.sum(axis=1) + 0.3 * rng.randn(200)
    regressor = MappingRegressor(
        "mlp", (8,), activation="relu", early_stopping=True, n_iter_no_change=3,
        learning_rate=0.1, random_state=0,
    ).fit(X, y)  # fmt: skip
    losses = regressor.history_["val_loss"]
    assert regressor.n_iter_ == len(losses) == np.argmin(losses) + 1 + 3 < 200


# ----------------------------------------------------------- averages, label smoothing


@pytest.mark.parametrize("early_stopping", [False, True])
def test_averages_are_those_of_the_optimizer(small_sums, early_stopping):
    import keras

    params = {"early_stopping": early_stopping, "epochs": 4}
    own = tiny_pipeline(average_weights=True, **params).fit(*small_sums)
    by_hand = tiny_pipeline(
        optimizer=keras.optimizers.Adam(use_ema=True), **params
    ).fit(*small_sums)
    plain = tiny_pipeline(**params).fit(*small_sums)
    assert_same_weights(own[-1], by_hand[-1])
    assert own[-1].history_["loss"] == plain[-1].history_["loss"]  # as it is trained
    with pytest.raises(AssertionError):
        assert_same_weights(own[-1], plain[-1])


def test_training_goes_on_from_the_weights_that_were_trained(small_sums):
    """And not from their average, which would take back most of each step."""
    X, y = small_sums
    averaged, plain = tiny_pipeline(average_weights=True), tiny_pipeline()
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
    import keras

    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                interrupt()

    params = {"average_weights": True, "epochs": 4}
    pipe = tiny_pipeline(**params, callbacks=[Interrupt()])
    with pytest.raises(KeyboardInterrupt):
        pipe.fit(*small_sums)
    two_epochs = tiny_pipeline(**params | {"epochs": 2}).fit(*small_sums)
    assert_same_weights(pipe[-1], two_epochs[-1])


def test_samples_held_out_are_answered_with_averages(small_sums, validation):
    pipe = tiny_pipeline(average_weights=True)
    arrays = pipe[:-1].fit_transform(small_sums[0])
    X_val = pipe[:-1].transform(validation[0])
    network = pipe[-1].fit(arrays, small_sums[1], X_val=X_val, y_val=validation[1])
    log_likelihood = network.score_samples(X_val, validation[1]).mean()
    n_steps = network.predict_step_proba(X_val).shape[1]
    expected = -log_likelihood / n_steps
    assert network.history_["val_loss"][-1] == pytest.approx(expected, rel=1e-4)


def test_smoothed_labels_are_those_of_keras():
    import keras

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
