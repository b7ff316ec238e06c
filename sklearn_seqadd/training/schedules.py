"""Learning rates of the mini-batches to come."""

import numpy as np

from .._tensorflow import tf
from .program import compile_program

# A learning rate rises for a tenth of the steps, but for no more than these.
_MAX_WARM_UP_STEPS = 200


def plan_rates(plan, n_steps, n_done):
    """The learning rates of a fit, or of one call of `partial_fit`.

    Parameters
    ----------
    plan : Plan
        It has the schedule, the learning rate that is the highest of a cosine, how many
        epochs a cosine has, and how many passes are over.

    n_steps : int
        The mini-batches of an epoch.

    n_done : int
        The mini-batches since training began, which a Keras schedule counts.

    Returns
    -------
    rates : ndarray or None
        One for each mini-batch of this fit, or of this pass; None if they are not
        planned.
    """
    n_to_run = 1 if plan.one_pass else plan.n_epochs
    schedule, peak = plan.optimizer.schedule, plan.optimizer.learning_rate
    if schedule is None:
        return None
    if schedule != "cosine":
        with plan.network.keras_settings.applied():
            return _scheduled(schedule, n_done, n_to_run * n_steps)
    curve = _warm_up_and_cosine(peak, plan.n_epochs * n_steps)
    first_epoch = plan.n_passes % plan.n_epochs
    rates = curve[first_epoch * n_steps :][: n_to_run * n_steps]
    if not rates.any():
        # The curve ends at zero. A single step, there, would learn nothing.
        rate = peak * (1 + np.cos(np.pi * (1 - 0.5 / plan.n_epochs))) / 2
        rates = np.full_like(rates, rate)
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
