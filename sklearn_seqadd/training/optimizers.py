"""What the optimizer's parameters of an estimator mean."""

import contextlib
from typing import Any, NamedTuple

from .._tensorflow import keras

# In place of a schedule; never trained with.
_ANY_RATE = 1e-3


class ResolvedOptimizer(NamedTuple):
    """An optimizer with its learning rate and its schedule."""

    # A new one, which belongs to nobody else.
    optimizer: Any
    # All but the learning rate, in words, which are stored with what was fitted.
    kind: str
    # The learning rate, the highest one if it follows the cosine.
    learning_rate: float
    schedule: Any

    @property
    def key(self):
        """All that is compiled of it: a class redefined under its name is another."""
        classes = []
        optimizer = self.optimizer
        while optimizer is not None:
            classes.append(type(optimizer))
            optimizer = getattr(optimizer, "inner_optimizer", None)
        return self.kind, *classes


def resolve_optimizer(name, optimizer, learning_rate, schedule, clipnorm):
    """Make an optimizer as an estimator's parameters say.

    Parameters
    ----------
    name : str
        The name of the estimator's class, for errors.

    optimizer, learning_rate, schedule, clipnorm
        As in :class:`~sklearn_seqadd.Seq2SeqClassifier`.

    Returns
    -------
    resolved : ResolvedOptimizer

    Raises
    ------
    ValueError
        If the optimizer or the schedule is none, or if the optimizer's own schedule
        leaves "cosine" without a learning rate.
    """
    given = optimizer
    if isinstance(optimizer, str):
        with contextlib.suppress(ValueError):  # named below
            given = keras.optimizers.get(optimizer)
    if not isinstance(given, keras.optimizers.Optimizer):
        raise ValueError(
            f"The 'optimizer' parameter of {name} must be the name of a Keras "
            "optimizer or an instance of keras.optimizers.Optimizer. Got "
            f"{optimizer!r} instead."
        )
    base = keras.optimizers.schedules.LearningRateSchedule
    if schedule not in (None, "cosine") and not isinstance(schedule, base):
        raise ValueError(
            f"The 'schedule' parameter of {name} must be None, 'cosine' or an instance "
            "of keras.optimizers.schedules.LearningRateSchedule. Got "
            f"{schedule!r} instead."
        )
    if isinstance(optimizer, str):
        settings = {"name": optimizer.lower()}
        if clipnorm is not None:
            settings["clipnorm"] = float(clipnorm)
        kind = _in_words(settings)
    else:
        kind = _in_words(_settings(given, clipnorm))
    own_schedule = _own_schedule(given)
    copy = _copy(given, clipnorm)
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
    return ResolvedOptimizer(
        copy, kind, learning_rate, own_schedule if schedule is None else schedule
    )


def _in_words(settings):
    return ", ".join(f"{name}={value}" for name, value in sorted(settings.items()))


def _settings(optimizer, clipnorm):
    """What an optimizer is made of, without its name and its learning rate."""
    settings = dict(optimizer.get_config())
    del settings["name"]
    settings["class"] = type(optimizer)
    inner = getattr(optimizer, "inner_optimizer", None)  # of a LossScaleOptimizer
    if inner is not None:
        settings["inner_optimizer"] = f"({_in_words(_settings(inner, clipnorm))})"
        return settings
    del settings["learning_rate"]
    if clipnorm is not None:
        settings["clipnorm"] = float(clipnorm)
    return settings


def _own_schedule(optimizer):
    """The schedule that an optimizer was made with; None if it was a number."""
    inner = getattr(optimizer, "inner_optimizer", None)
    if inner is not None:
        return _own_schedule(inner)
    # Its configuration has it too, but a schedule of the user's own does not come back.
    rate = optimizer._learning_rate
    base = keras.optimizers.schedules.LearningRateSchedule
    return rate if isinstance(rate, base) else None


def _copy(optimizer, clipnorm):
    config = optimizer.get_config()
    inner = getattr(optimizer, "inner_optimizer", None)
    if inner is not None:
        del config["inner_optimizer"]
        return type(optimizer)(_copy(inner, clipnorm), **config)
    if _own_schedule(optimizer) is not None:
        config["learning_rate"] = _ANY_RATE
    if clipnorm is not None:
        config["clipnorm"] = float(clipnorm)
    return type(optimizer).from_config(config)
