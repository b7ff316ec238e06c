"""The optimizer of a fit, made by the parameters of an estimator."""

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

# With weight_decay="auto": the weight decay times the number of samples, and its limit.
_AUTO_WEIGHT_DECAY = 2000
_MAX_AUTO_WEIGHT_DECAY = 4.0

# The learning rate in place of a schedule; never trained with.
_ANY_RATE = 1e-3


class ResolvedOptimizer(NamedTuple):
    """An optimizer with its learning rate and its schedule."""

    # A new optimizer, which belongs to nobody else.
    optimizer: Any
    # Fingerprint of all settings but learning rate and weight decay. An optimizer can
    # take over the variables of another one only if their fingerprints are equal.
    kind: str
    # None if the estimator leaves it to the optimizer.
    weight_decay: float | None
    # The learning rate; with the cosine the highest one.
    learning_rate: float
    schedule: Any

    @property
    def key(self):
        """All that is compiled; a class that was defined again is another one."""
        is_given = self.weight_decay is not None
        return self.kind, is_given, *map(type, _with_inner(self.optimizer))


def resolve_optimizer(estimator, n_samples=None):
    """Make an optimizer by the parameters of an estimator.

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
        If the optimizer or the schedule is invalid, or if the optimizer's own schedule
        leaves "cosine" without a learning rate.
    """
    name = type(estimator).__name__
    given = _find_optimizer(estimator.optimizer, name)
    _check_schedule(estimator.schedule, name)
    copy = _copy(given, estimator.clipnorm)
    kind = _fingerprint(estimator, copy)
    weight_decay = estimator.weight_decay
    if weight_decay is not None:
        if weight_decay == "auto":
            weight_decay = _auto_weight_decay(n_samples)
        weight_decay = _innermost(copy).weight_decay = float(weight_decay)
    learning_rate, schedule = estimator.learning_rate, estimator.schedule
    own_schedule = _own_schedule(given)
    if learning_rate is None:
        learning_rate = float(copy.learning_rate.numpy())
        if own_schedule is not None and schedule == "cosine":
            learning_rate = _first_rate(own_schedule, name)
    if schedule is None:
        schedule = own_schedule
    return ResolvedOptimizer(copy, kind, weight_decay, learning_rate, schedule)


def _find_optimizer(optimizer, name):
    """Return the optimizer of a parameter, checked; the name is the estimator's."""
    found, reason = optimizer, None
    if isinstance(optimizer, str):
        try:
            found = keras.optimizers.get(optimizer)
        except ValueError as error:  # of an unknown name, as a rule
            reason = error
    if not isinstance(found, keras.optimizers.Optimizer):
        raise ValueError(
            f"The 'optimizer' parameter of {name} must be the name of a Keras "
            "optimizer or an instance of keras.optimizers.Optimizer. Got "
            f"{optimizer!r} instead."
        ) from reason
    if not hasattr(found, "learning_rate"):
        raise ValueError(
            f"The 'optimizer' parameter of {name} must have a single learning rate, "
            f"which {type(found).__name__} does not have."
        )
    return found


def _check_schedule(schedule, name):
    if schedule not in (None, "cosine") and not isinstance(schedule, _Schedule):
        raise ValueError(
            f"The 'schedule' parameter of {name} must be None, 'cosine' or an instance "
            "of keras.optimizers.schedules.LearningRateSchedule. Got "
            f"{schedule!r} instead."
        )


def _fingerprint(estimator, optimizer):
    """Return all settings of an optimizer but its learning rate, as text.

    Parameters
    ----------
    estimator : NetworkEstimator
        Of an optimizer that it has by name, the settings are those it sets.

    optimizer : keras.optimizers.Optimizer
    """
    if not isinstance(estimator.optimizer, str):
        return _as_text(_settings(optimizer))
    settings: dict = {"name": estimator.optimizer.lower()}
    if estimator.clipnorm is not None:
        settings["clipnorm"] = float(estimator.clipnorm)
    return _as_text(settings)


def _first_rate(schedule, name):
    """Return the learning rate that an optimizer's own schedule begins with."""
    learning_rate = float(schedule(0))
    if not learning_rate > 0:
        raise ValueError(
            "schedule='cosine' needs a highest learning rate, but the "
            f"optimizer's own schedule begins with {learning_rate:g}. Set the "
            f"'learning_rate' parameter of {name}."
        )
    return learning_rate


@contextlib.contextmanager
def weight_decay_of(optimizer, weight_decay):
    """Give an optimizer a weight decay in this context, in which it is compiled.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer

    weight_decay : tensor or None
        A tensor, so that another value is not compiled again. None leaves the
        optimizer's own.
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
    """Return whether an optimizer keeps a moving average of the weights."""
    return _innermost(optimizer).use_ema


def _auto_weight_decay(n_samples):
    if n_samples is None:
        return 0.0
    return min(_AUTO_WEIGHT_DECAY / n_samples, _MAX_AUTO_WEIGHT_DECAY)


def _as_text(settings):
    return ", ".join(f"{name}={value}" for name, value in sorted(settings.items()))


def _with_inner(optimizer):
    """Yield an optimizer and, if it is a LossScaleOptimizer, the one inside."""
    while optimizer is not None:
        yield optimizer
        optimizer = getattr(optimizer, "inner_optimizer", None)


def _innermost(optimizer):
    *_, innermost = _with_inner(optimizer)
    return innermost


def _settings(optimizer):
    """Return the settings of an optimizer but its name and its learning rate."""
    settings = {**optimizer.get_config(), "class": type(optimizer)}
    del settings["name"]
    inner = getattr(optimizer, "inner_optimizer", None)
    if inner is None:
        del settings["learning_rate"]
    else:
        settings["inner_optimizer"] = f"({_as_text(_settings(inner))})"
    excluded = excluded_names(optimizer)
    if excluded is not None:
        # Keras joins the names in the order of a set, which differs between processes.
        settings["excluded"] = "|".join(sorted(excluded.pattern.split("|")))
    return settings


def _own_schedule(optimizer):
    """Return the schedule that an optimizer was made with; None for a number."""
    # Its configuration has it too, but cannot restore a schedule of the user's own.
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
    # The configuration lacks the names of `exclude_from_weight_decay`.
    if excluded_names(optimizer) is not None:
        exclude_names(copied, excluded_names(optimizer))
    return copied
