"""What optimizer, learning_rate and clipnorm mean, whatever was compiled before."""

import inspect
import re

import numpy as np
import pytest
from helpers import TINY, assert_same_weights, slow
from sklearn.model_selection import GridSearchCV

from sklearn_seqadd import Seq2SeqClassifier
from sklearn_seqadd._tensorflow import keras


def fit(data, optimizer="adam", **params):
    return Seq2SeqClassifier(**{**TINY, **params}, optimizer=optimizer).fit(*data)


def test_an_instance_is_copied_and_its_settings_count(data):
    optimizer = keras.optimizers.Adam(0.01, beta_1=0.5)
    one = fit(data, optimizer)
    assert int(optimizer.iterations) == 0
    assert_same_weights(one, fit(data, optimizer))
    other = fit(data, keras.optimizers.Adam(0.01))
    assert not np.array_equal(one.weights_[0], other.weights_[0])


def test_the_own_learning_rate_is_not_that_of_an_earlier_fit(data, compilations):
    alone = fit(data, keras.optimizers.Adam(0.01))
    fit(data, keras.optimizers.Adam(0.5))
    again = fit(data, keras.optimizers.Adam(0.01))
    assert len(compilations) == 1
    assert_same_weights(alone, again)
    assert_same_weights(alone, fit(data, keras.optimizers.Adam(), learning_rate=0.01))


def test_a_cosine_has_the_first_rate_of_the_own_schedule_as_its_highest(
    data, compilations
):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 1, 0.5)
    # What was compiled for this one is used again below.
    fit(data, keras.optimizers.Adam(0.25), schedule="cosine")
    found = fit(data, keras.optimizers.Adam(schedule), schedule="cosine")
    expected = fit(data, keras.optimizers.Adam(0.01), schedule="cosine")
    assert len(compilations) == 1
    assert_same_weights(found, expected)


def test_a_cosine_needs_a_highest_rate(data):
    warm_up = keras.optimizers.schedules.CosineDecay(
        0.0, 100, warmup_target=0.01, warmup_steps=10
    )
    with pytest.raises(ValueError, match="Set the 'learning_rate' parameter of Seq2S"):
        fit(data, keras.optimizers.Adam(warm_up), schedule="cosine")
    fit(data, keras.optimizers.Adam(warm_up), schedule="cosine", learning_rate=0.01)


def test_a_class_that_is_defined_again_trains_by_its_new_code(data):
    def define(sign):
        class Own(keras.optimizers.SGD):
            def update_step(self, gradient, variable, learning_rate):
                super().update_step(sign * gradient, variable, learning_rate)

        return Own(0.1)

    forwards, backwards = fit(data, define(1)), fit(data, define(-1))
    assert forwards.history_["loss"][-1] < forwards.history_["loss"][0]
    assert backwards.history_["loss"][-1] > backwards.history_["loss"][0]


@pytest.mark.parametrize("jit_compile", [False, slow(True)])
def test_the_loss_may_be_scaled(data, jit_compile):
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01))
    params = {"jit_compile": jit_compile, "clipnorm": 1.0, "weight_decay": 0.1}
    found = fit(data, scaled, **params)
    assert_same_weights(
        found, fit(data, keras.optimizers.Adam(0.01), **params), atol=1e-5
    )
    assert isinstance(found.model_.optimizer, keras.optimizers.LossScaleOptimizer)
    continued = fit(data, scaled, warm_start=True)
    assert len(continued.fit(*data).history_["loss"]) == 4


def test_a_scaled_optimizer_may_have_a_schedule(data):
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([3], [0.01, 1e-12])
    one, three = (
        fit(
            data,
            keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(schedule)),
            epochs=epochs,
        )
        for epochs in (1, 3)
    )
    assert_same_weights(one, three, atol=1e-7)


def test_averages_of_the_weights_go_with_all_other_parameters(data):
    params = {"schedule": "cosine", "clipnorm": 1.0, "weight_decay": 0.1}
    averaging = keras.optimizers.Adam(use_ema=True)
    found = fit(data, averaging, learning_rate=0.01, **params)
    plain = fit(data, "adam", learning_rate=0.01, **params)
    own = keras.optimizers.Adam(0.01, use_ema=True, clipnorm=1.0, weight_decay=0.1)
    assert_same_weights(found, fit(data, own, schedule="cosine"), atol=1e-6)
    assert found.history_["loss"] == plain.history_["loss"]
    assert not np.array_equal(found.weights_[0], plain.weights_[0])


def test_a_grid_chooses_between_optimizers(data):
    averaging = keras.optimizers.Adam(use_ema=True)
    grid = {
        "optimizer": ["adam", averaging, keras.optimizers.SGD(0.1)],
        "learning_rate": [None, 0.01],
    }
    search = GridSearchCV(Seq2SeqClassifier(**TINY), grid, cv=2, error_score="raise")
    best = search.fit(*data).best_estimator_
    assert len(search.cv_results_["params"]) == 6
    assert_same_weights(best, fit(data, **search.best_params_))


def test_clipnorm_bounds_the_step(data):
    params = {"learning_rate": 1.0, "epochs": 1, "batch_size": 100}
    start = fit(data, "sgd", **params | {"learning_rate": 1e-12})
    clipped = fit(data, "sgd", **params, clipnorm=1e-3)
    for a, b in zip(start.weights_, clipped.weights_, strict=True):
        assert np.linalg.norm(a - b) < 1.01e-3


@pytest.mark.parametrize("optimizer", ["sgd", keras.optimizers.SGD()])
def test_weight_decay_shrinks_all_weights_by_its_share(data, optimizer):
    params = {"learning_rate": 1e-3, "epochs": 1, "batch_size": 100}
    whole = fit(data, optimizer, **params)
    decayed = fit(data, optimizer, **params, weight_decay=100.0)
    start = fit(data, optimizer, **params | {"learning_rate": 1e-12})
    for a, b, before in zip(
        whole.weights_, decayed.weights_, start.weights_, strict=True
    ):
        np.testing.assert_allclose(b, a - 0.1 * before, atol=1e-6)


@pytest.mark.parametrize(("n_samples", "expected"), [(100, 4.0), (4_000, 0.5)])
def test_the_fewer_samples_the_more_decay(data, n_samples, expected):
    X, y = (np.resize(array, (n_samples, *array.shape[1:])) for array in data)
    params = {"learning_rate": 0.01, "epochs": 1, "batch_size": n_samples}
    auto = fit((X, y), "adamw", **params, weight_decay="auto")
    given = fit((X, y), "adamw", **params, weight_decay=expected)
    assert_same_weights(auto, given, atol=1e-4)
    assert auto.model_.optimizer.weight_decay == 0  # what comes next may be a stream


def excluding(optimizer, *names):
    optimizer.exclude_from_weight_decay(var_names=list(names))
    return optimizer


@pytest.mark.parametrize("scaled", [False, slow(True)])
def test_what_is_excluded_from_weight_decay_does_not_decay(data, scaled):
    params = {"epochs": 1, "batch_size": 100, "learning_rate": 1e-3}

    def weights(decay, *names, **more):
        optimizer = keras.optimizers.SGD(weight_decay=decay)
        if names:
            excluding(optimizer, *names)
        if scaled:
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        return fit(data, optimizer, **params, **more).weights_

    whole, some = weights(None), weights(100.0, "bias", "recurrent")
    names = [weight.path for weight in fit(data, **params).model_.trainable_variables]
    all_decay = weights(100.0)
    for name, a, b, c in zip(names, whole, some, all_decay, strict=True):
        is_excluded = "bias" in name or "recurrent" in name
        np.testing.assert_allclose(b, a if is_excluded else c, atol=1e-6)
    assert any(not np.allclose(a, c) for a, c in zip(whole, all_decay, strict=True))
    # A decay that the estimator sets leaves out the same.
    by_estimator = weights(None, "bias", "recurrent", weight_decay=100.0)
    for a, b in zip(some, by_estimator, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-7)


def test_optimizers_that_exclude_differently_share_no_program(data, compilations):
    def decayed(*names):
        return fit(data, excluding(keras.optimizers.AdamW(weight_decay=50.0), *names))

    one, other, again = decayed("kernel"), decayed("bias"), decayed("kernel")
    assert len(compilations) == 2
    assert_same_weights(one, again)
    assert not np.array_equal(one.weights_[0], other.weights_[0])
    assert one.optimizer_kind_ == again.optimizer_kind_ != other.optimizer_kind_


def test_the_kind_of_an_optimizer_does_not_depend_on_the_order_of_names(data):
    kinds = {
        fit(data, excluding(keras.optimizers.AdamW(), *names)).optimizer_kind_
        for names in [("bias", "kernel"), ("kernel", "bias")]
    }
    assert len(kinds) == 1


def test_variables_of_another_model_cannot_be_excluded(data):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    optimizer = keras.optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_list=model.trainable_variables)
    for given in (optimizer, keras.optimizers.LossScaleOptimizer(optimizer)):
        with pytest.raises(ValueError, match="var_list.*Exclude by name instead"):
            fit(data, given)


def test_a_copy_of_an_optimizer_has_all_its_settings():
    """All of Keras' own, each with other settings than its defaults."""
    from sklearn_seqadd.training.optimizers import _copy

    n_tried = 0
    for name in dir(keras.optimizers):
        kind = getattr(keras.optimizers, name)
        if not isinstance(kind, type) or not issubclass(
            kind, keras.optimizers.Optimizer
        ):
            continue
        if name in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer"):
            continue
        settings = {}
        for parameter in inspect.signature(kind).parameters.values():
            default = parameter.default
            if isinstance(default, bool):
                settings[parameter.name] = not default
            elif isinstance(default, float):
                settings[parameter.name] = default / 2 + 0.01
        settings["weight_decay"] = 0.3
        optimizer = excluding(kind(**settings), "bias")
        copied, original = (
            {
                key: value
                for key, value in vars(each).items()
                if isinstance(value, bool | int | float | str | re.Pattern | None)
            }
            for each in (_copy(optimizer, None), optimizer)
        )
        assert copied.keys() == original.keys()
        assert copied == original, name
        n_tried += 1
    assert n_tried >= 12


def test_an_optimizer_of_several_rates_is_refused(data):
    several = getattr(keras.optimizers, "MultiOptimizer", None)
    if several is None:
        pytest.skip("this version of Keras has none")
    with pytest.raises(ValueError, match="a single learning rate, which MultiOpt"):
        fit(data, several(lambda variable: keras.optimizers.SGD()))


def test_weight_decay_is_not_compiled(data, compilations):
    weak, strong = (fit(data, weight_decay=decay) for decay in (0.1, 1.0))
    assert len(compilations) == 1
    assert np.linalg.norm(strong.weights_[0]) < np.linalg.norm(weak.weights_[0])


def test_training_continues_with_another_weight_decay(data):
    network = fit(data, weight_decay="auto", warm_start=True)
    n_steps = network.optimizer_state_[0]
    network.set_params(weight_decay=0.1).partial_fit(*data)
    assert network.optimizer_state_[0] > n_steps


@pytest.mark.parametrize("optimizer", ["adamm", 7, keras.losses.MeanSquaredError()])
def test_what_is_no_optimizer_is_refused(data, optimizer):
    with pytest.raises(ValueError, match="'optimizer' parameter of Seq2SeqClassifier"):
        fit(data, optimizer)


def test_what_is_no_schedule_is_refused(data):
    with pytest.raises(ValueError, match="'schedule' parameter of Seq2SeqClassifier"):
        fit(data, schedule="linear")


def optimizers_of_keras():
    """All of Keras' own that have one learning rate, and one around another."""
    kinds = {
        name: getattr(keras.optimizers, name)
        for name in dir(keras.optimizers)
        if name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
    }
    made = {
        name: kind
        for name, kind in kinds.items()
        if isinstance(kind, type) and issubclass(kind, keras.optimizers.Optimizer)
    }
    for name in ("Adam", "ScheduleFreeAdamW"):
        if name in made:
            made[f"scaled {name}"] = lambda kind=made[name], **params: (
                keras.optimizers.LossScaleOptimizer(kind(**params))
            )
    return made


class Follows(keras.optimizers.SGD):
    """Goes back to where training began, half of the way."""

    def build(self, variables):
        super().build(variables)
        self.add_optimizer_variables(variables, "unused")
        self.halves = [
            self.add_variable_from_reference(variable, "half") for variable in variables
        ]
        for half, variable in zip(self.halves, variables, strict=True):
            half.assign(variable / 2)

    def update_step(self, gradient, variable, learning_rate):
        half = self.halves[self._get_variable_index(variable)]
        variable.assign((half * 2 + variable) / 2)


OPTIMIZERS = {**optimizers_of_keras(), "of ones own": Follows}


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(
            make,
            id=name,
            marks=()
            if name in ("ScheduleFreeAdamW", "of ones own")
            else pytest.mark.slow,
        )
        for name, make in OPTIMIZERS.items()
    ],
)
def test_the_same_bits_after_any_other_fit(data, make, compilations):
    """Before it was compiled, or after."""
    from sklearn_seqadd.training import cache

    alone = fit(data, make(learning_rate=0.01))
    cache._networks.clear()
    fit(data, "sgd", random_state=1, epochs=1)
    assert_same_weights(alone, fit(data, make(learning_rate=0.01)))


def test_a_fit_starts_from_the_weights_of_its_seed(data):
    params = {"learning_rate": 1e-30, "epochs": 1, "batch_size": 100}
    start = fit(data, "sgd", **params)
    fit(data, "sgd", **params, random_state=1)
    optimizers = [Follows()]
    if hasattr(keras.optimizers, "ScheduleFreeAdamW"):
        optimizers.append(keras.optimizers.ScheduleFreeAdamW())
    for optimizer in optimizers:
        assert_same_weights(start, fit(data, optimizer, **params), atol=1e-6)


def test_another_optimizer_starts_from_the_present_weights(data):
    params = {"learning_rate": 1e-30, "warm_start": True}
    network = fit(data, "adam", warm_start=True)
    weights = [np.array(array) for array in network.weights_]
    fit(data, Follows(), learning_rate=1e-30, random_state=1)
    network.set_params(**params, optimizer=Follows()).fit(*data)
    for before, after in zip(weights, network.weights_, strict=True):
        np.testing.assert_allclose(before, after, atol=1e-6)


class WithoutConfig(keras.optimizers.SGD):
    def __init__(self, extra, **params):
        super().__init__(**params)


def test_an_optimizer_that_cannot_be_copied_is_refused_with_a_sentence(data):
    with pytest.raises(ValueError, match=r"WithoutConfig.get_config\(\) does not"):
        fit(data, WithoutConfig(3))


def test_the_reason_why_a_name_is_refused_is_kept(data):
    with pytest.raises(ValueError, match="'optimizer' parameter") as caught:
        fit(data, "adamm")
    assert "adamm" in str(caught.value.__cause__).lower()
