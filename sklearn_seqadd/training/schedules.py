"""The learning rates of the mini-batches of a fit."""

import numpy as np

from .._tensorflow import tf
from .program import compile_program

# The learning rate rises for a tenth of the updates, but for at most this number.
_MAX_WARM_UP_BATCHES = 200


def plan_rates(plan, n_batches, n_done):
    """Return the learning rates of a fit, or of one call of `partial_fit`.

    Parameters
    ----------
    plan : Plan
        It has the schedule, the learning rate (the highest of a cosine), the number of
        epochs of a cosine, and the number of passes so far.

    n_batches : int
        The number of mini-batches in an epoch.

    n_done : int
        The number of updates since training began, which a Keras schedule counts.

    Returns
    -------
    rates : ndarray or None
        The learning rate of each mini-batch of this fit, or of this pass; None without
        a schedule.
    """
    n_epochs = 1 if plan.one_pass else plan.n_epochs
    schedule, peak = plan.optimizer.schedule, plan.optimizer.learning_rate
    if schedule is None:
        return None
    if schedule != "cosine":
        with plan.description.keras_settings.applied():
            return _scheduled(schedule, n_done, n_epochs * n_batches)
    curve = _warm_up_and_cosine(peak, plan.n_epochs * n_batches)
    first_epoch = plan.n_passes % plan.n_epochs
    rates = curve[first_epoch * n_batches :][: n_epochs * n_batches]
    if not rates.any():
        # The curve ends at zero, and a pass of a single update there would learn
        # nothing.
        rate = peak * (1 + np.cos(np.pi * (1 - 0.5 / plan.n_epochs))) / 2
        rates = np.full_like(rates, rate)
    return rates


def _warm_up_and_cosine(peak, n_batches):
    """Return learning rates that rise to the peak and fall to zero, (n_batches,)."""
    n_warm_up = min(_MAX_WARM_UP_BATCHES, n_batches // 10)
    rising = np.arange(1, n_warm_up + 1) / (n_warm_up + 1)
    falling = (1 + np.cos(np.linspace(0, np.pi, n_batches - n_warm_up))) / 2
    return peak * np.concatenate([rising, falling])


def _scheduled(schedule, begin, n_batches):
    """Return the learning rates of a Keras schedule from an update on, (n_batches,)."""
    rates = compile_program(
        lambda updates: tf.map_fn(
            lambda update: tf.cast(schedule(update), tf.float32),
            updates,
            fn_output_signature=tf.float32,
        ),
        [tf.TensorSpec([None], tf.int32)],
    )
    return rates(tf.range(begin, begin + n_batches)).numpy()
