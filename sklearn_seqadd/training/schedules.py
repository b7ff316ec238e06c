"""Learning rates of the mini-batches to come."""

import numpy as np

from .._tensorflow import tf
from .program import compile_program

# A learning rate rises for a tenth of the steps, but for no more than these.
_MAX_WARM_UP_STEPS = 200


def plan_rates(schedule, peak, *, n_epochs, first_epoch, n_to_run, n_steps, n_done):
    """The learning rates of a fit, or of one call of `partial_fit`.

    Parameters
    ----------
    schedule : "cosine", keras.optimizers.schedules.LearningRateSchedule or None
        How the learning rate changes from step to step.

    peak : float
        The highest learning rate of "cosine".

    n_epochs : int
        How many epochs a cosine has.

    first_epoch : int
        How many of them are over.

    n_to_run : int
        How many epochs are to be run.

    n_steps : int
        The mini-batches of an epoch.

    n_done : int
        The mini-batches since training began, which a Keras schedule counts.

    Returns
    -------
    rates : ndarray of shape (n_to_run * n_steps,) or None
        None if the learning rate is not planned.
    """
    if schedule is None:
        return None
    if schedule != "cosine":
        return _scheduled(schedule, n_done, n_to_run * n_steps)
    curve = _warm_up_and_cosine(peak, n_epochs * n_steps)
    rates = curve[first_epoch * n_steps :][: n_to_run * n_steps]
    if not rates.any():
        # The curve ends at zero. A single step, there, would learn nothing.
        rates = np.full_like(
            rates, peak * (1 + np.cos(np.pi * (1 - 0.5 / n_epochs))) / 2
        )
    return rates


def _warm_up_and_cosine(peak, n_steps):
    """Learning rates that rise to the peak and fall to zero, (n_steps,)."""
    n_warm_up = min(_MAX_WARM_UP_STEPS, n_steps // 10)
    rising = np.arange(1, n_warm_up + 1) / (n_warm_up + 1)
    falling = (1 + np.cos(np.linspace(0, np.pi, n_steps - n_warm_up))) / 2
    return peak * np.concatenate([rising, falling])


def _scheduled(schedule, begin, n_steps):
    """The learning rates that a Keras schedule gives from a step on, (n_steps,)."""
    rates = compile_program(
        lambda steps: tf.map_fn(
            lambda step: tf.cast(schedule(step), tf.float32),
            steps,
            fn_output_signature=tf.float32,
        ),
        [tf.TensorSpec([None], tf.int32)],
    )
    return rates(tf.range(begin, begin + n_steps)).numpy()
