"""What the optimizer's parameters of an estimator mean."""

import contextlib
from typing import Any, NamedTuple

from .._keras import (
    exclude_names,
    excluded_names,
    excludes_variables,
    given_learning_rate,
)
from .._tensorflow import keras

_Schedule = keras.optimizers.schedules.LearningRateSchedule

# With weight_decay="auto": times the number of samples, and the highest.
_AUTO_WEIGHT_DECAY = 2000
_MAX_AUTO_WEIGHT_DECAY = 4.0

# In place of a schedule; never trained with.
_ANY_RATE = 1e-3


class ResolvedOptimizer(NamedTuple):
    """An optimizer with its learning rate and its schedule."""

    # A new one, which belongs to nobody else.
    optimizer: Any
    # All but learning rate and weight decay, in words: whom the state belongs to.
    kind: str
    # None if the estimator leaves it to the optimizer.
    weight_decay: float | None
    # The learning rate, the highest one if it follows the cosine.
    learning_rate: float
    schedule: Any

    @property
    def key(self):
        """All that is compiled of it: a class redefined under its name is another."""
        is_given = self.weight_decay is not None
        return self.kind, is_given, *map(type, _with_inner(self.optimizer))


def resolve_optimizer(estimator, n_samples=None):
    """Make an optimizer as an estimator's parameters say.

    Parameters
    ----------
    estimator : NetworkEstimator
        It has `optimizer`, `learning_rate`, `schedule`, `clipnorm` and `weight_decay`.

    n_samples : int, default=None
        The number of samples to learn from, if it is known.

    Returns
    -------
    resolved : ResolvedOptimizer

    Raises
    ------
    ValueError
        If the optimizer or the schedule is none, or if the optimizer's own schedule
        leaves "cosine" without a learning rate.
    """
    name = type(estimator).__name__
    optimizer, schedule = estimator.optimizer, estimator.schedule
    given, reason = optimizer, None
    if isinstance(optimizer, str):
        try:
            given = keras.optimizers.get(optimizer)
        except ValueError as error:  # of an unknown name, as a rule
            reason = error
    if not isinstance(given, keras.optimizers.Optimizer):
        raise ValueError(
            f"The 'optimizer' parameter of {name} must be the name of a Keras "
            "optimizer or an instance of keras.optimizers.Optimizer. Got "
            f"{optimizer!r} instead."
        ) from reason
    if not hasattr(given, "learning_rate"):
        raise ValueError(
            f"The 'optimizer' parameter of {name} must have a single learning rate, "
            f"which {type(given).__name__} does not have."
        )
    if schedule not in (None, "cosine") and not isinstance(schedule, _Schedule):
        raise ValueError(
            f"The 'schedule' parameter of {name} must be None, 'cosine' or an instance "
            "of keras.optimizers.schedules.LearningRateSchedule. Got "
            f"{schedule!r} instead."
        )
    copy = _copy(given, estimator.clipnorm)
    settings = _settings(copy)
    if isinstance(optimizer, str):
        settings = {"name": optimizer.lower()}
        if estimator.clipnorm is not None:
            settings["clipnorm"] = float(estimator.clipnorm)
    weight_decay = estimator.weight_decay
    if weight_decay is not None:
        if weight_decay == "auto":
            weight_decay = _auto_weight_decay(n_samples)
        weight_decay = _innermost(copy).weight_decay = float(weight_decay)
    own_schedule = _own_schedule(given)
    learning_rate = estimator.learning_rate
    if learning_rate is None:
        learning_rate = float(copy.learning_rate.numpy())
        if own_schedule is not None and schedule == "cosine":
            learning_rate = float(own_schedule(0))
            if not learning_rate > 0:
                raise ValueError(
                    "schedule='cosine' needs a highest learning rate, but the "
                    f"optimizer's own schedule begins with {learning_rate:g}. Set the "
                    f"'learning_rate' parameter of {name}."
                )
    if schedule is None:
        schedule = own_schedule
    return ResolvedOptimizer(
        copy, _in_words(settings), weight_decay, learning_rate, schedule
    )


@contextlib.contextmanager
def weight_decay_of(optimizer, weight_decay):
    """While a step of an optimizer is compiled: its weight decay, as a tensor.

    Else one of another value would have to be compiled anew. None leaves its own.
    """
    innermost = _innermost(optimizer)
    own = innermost.weight_decay
    innermost.weight_decay = own if weight_decay is None else weight_decay
    try:
        yield
    finally:
        innermost.weight_decay = own


def initial_state(optimizer, weights):
    """Return the variables of a new optimizer that is built for some weights.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        It has the settings of the new one, and is not changed.

    weights : list of keras.Variable
        The weights to train. Some optimizers start with copies of them.

    Returns
    -------
    state : list of ndarray
    """
    new = _copy(optimizer, None)
    new.build(weights)
    return [variable.numpy() for variable in new.variables]


def has_averages(optimizer):
    """Whether an optimizer keeps a moving average of the weights."""
    return _innermost(optimizer).use_ema


def _auto_weight_decay(n_samples):
    if n_samples is None:
        return 0.0
    return min(_AUTO_WEIGHT_DECAY / n_samples, _MAX_AUTO_WEIGHT_DECAY)


def _in_words(settings):
    return ", ".join(f"{name}={value}" for name, value in sorted(settings.items()))


def _with_inner(optimizer):
    """An optimizer and, if it is a LossScaleOptimizer, the one inside."""
    while optimizer is not None:
        yield optimizer
        optimizer = getattr(optimizer, "inner_optimizer", None)


def _innermost(optimizer):
    *_, innermost = _with_inner(optimizer)
    return innermost


def _settings(optimizer):
    """What an optimizer is made of, without its name and its learning rate."""
    settings = {**optimizer.get_config(), "class": type(optimizer)}
    del settings["name"]
    inner = getattr(optimizer, "inner_optimizer", None)
    if inner is None:
        del settings["learning_rate"]
    else:
        settings["inner_optimizer"] = f"({_in_words(_settings(inner))})"
    excluded = excluded_names(optimizer)
    if excluded is not None:
        # Keras joins the names in the order of a set, which is another in each process.
        settings["excluded"] = "|".join(sorted(excluded.pattern.split("|")))
    return settings


def _own_schedule(optimizer):
    """The schedule that an optimizer was made with; None if it was a number."""
    # Its configuration has it too, but a schedule of the user's own does not come back.
    rate = given_learning_rate(_innermost(optimizer))
    return rate if isinstance(rate, _Schedule) else None


def _copy(optimizer, clipnorm):
    config = optimizer.get_config()
    inner = getattr(optimizer, "inner_optimizer", None)
    if inner is not None:
        del config["inner_optimizer"]
        return type(optimizer)(_copy(inner, clipnorm), **config)
    if excludes_variables(optimizer):
        raise ValueError(
            "The optimizer excludes variables from weight decay (var_list), which are "
            "those of another model. Exclude by name instead: "
            "optimizer.exclude_from_weight_decay(var_names=['bias'])."
        )
    if _own_schedule(optimizer) is not None:
        config["learning_rate"] = _ANY_RATE
    if clipnorm is not None:
        config["clipnorm"] = float(clipnorm)
    kind = type(optimizer)
    try:
        copied = kind.from_config(config)
    except TypeError as error:
        raise ValueError(
            f"The optimizer cannot be copied: {kind.__name__}.get_config() does not "
            f"return all parameters of {kind.__name__}, or returns others ({error}). "
            "Define get_config, as Keras' own optimizers do."
        ) from error
    # The names of `exclude_from_weight_decay`, which the configuration lacks.
    if excluded_names(optimizer) is not None:
        exclude_names(copied, excluded_names(optimizer))
    return copied
