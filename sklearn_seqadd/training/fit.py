"""One fit: a loop over epochs, each a run of steps."""

import dataclasses
from typing import Any

import numpy as np

from .._checkpoint import Progress
from .._interrupts import raise_held_interrupt
from ..networks import NetworkDescription
from .callbacks import Callbacks
from .losses import averages
from .optimizers import ResolvedOptimizer
from .program import assign
from .schedules import plan_rates

# What is said when training fails.
_ADVICE = "A lower learning_rate, a clipnorm or smaller numbers in X or y may help."


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is decided on before training begins."""

    network: NetworkDescription
    loss: Any
    optimizer: ResolvedOptimizer
    callbacks: list
    # How many samples are trained on; the others, the last, are held out.
    n_train: int
    batch_size: int
    jit: bool
    # Determines the order of the samples in each epoch, and weights that are drawn.
    seed: int
    # For how many epochs the learning rate is planned; how many of them, calls of
    # `partial_fit`, are over; whether this is another such call.
    n_epochs: int
    n_passes: int
    one_pass: bool
    # What to start from: None, None and empty in a new fit.
    weights: list | None
    optimizer_state: list | None
    history: dict


class Fit:
    """Trains a network from where it begins until it is done, or until it diverges.

    Parameters
    ----------
    network : CompiledNetwork
        What is trained.

    plan : Plan

    progress : Progress, default=None
        The state of this fit when it was killed, from which it is resumed.

    checkpoint : Checkpoint, default=None
        Where the state is saved at the end of each epoch and of the fit.

    Attributes
    ----------
    progress : Progress or None
        The end of the last epoch of this fit whose loss and weights were finite.
    """

    def __init__(self, network, plan, progress=None, checkpoint=None):
        self.network = network
        self.plan = plan
        self.progress = progress
        self._checkpoint = checkpoint
        self._program = network.training_program(plan)
        if plan.weights is None:
            network.initialize(plan.seed)
        else:
            network.set_weights(plan.weights)
        network.seed_random_state(plan.seed)
        self._program.start(plan.optimizer, plan.optimizer_state)

    def run(
        self, x, y, *, sample_weight, epochs, initial_epoch, verbose, callbacks, **rest
    ):
        """Train as :meth:`keras.Model.fit` does, a call of a program at a time.

        Parameters are those of :meth:`keras.Model.fit`; others have no influence here,
        as the plan has been made. A callback sees the model with its real weights. If
        it has batch hooks, they are called; every mini-batch is then a call of its own,
        which takes longer.

        Training ends with a loss or a weight that is no finite number, and goes back
        to the end of the epoch before, which `progress` then says.

        Returns
        -------
        history : keras.callbacks.History

        Raises
        ------
        ValueError
            If that happens in the first epoch.
        """
        self._take(x, y, sample_weight)
        n_done = int(self._program.optimizer.iterations.numpy())
        self._rates = plan_rates(self.plan, self._n_batches, n_done)
        self._callbacks = Callbacks(
            self.network, callbacks, verbose, epochs, n_batches=self._n_batches
        )
        self._model = self.network.network
        self._model.stop_training = False
        self._callbacks.call("on_train_begin")
        self._history = {}
        if self.progress is not None:
            self._resume()
        diverged, logs = None, {}
        for epoch in range(initial_epoch, epochs):
            logs, diverged = self._run_epoch(epoch)
            if self._model.stop_training or diverged:
                break
        weights = self._model.trainable_variables
        self._program.optimizer.finalize_variable_values(weights)
        self._callbacks.call("on_train_end", logs)
        self._record(self._program.snapshot(), finished=True, diverged=diverged)
        return self._callbacks.history

    def _take(self, x, y, sample_weight):
        """Take the data; as in Keras, the last samples are held out."""
        if sample_weight is None:
            sample_weight = np.ones(len(x))
        specs = self.network.describe_batch(self.plan.loss, None)
        data = [
            np.asarray(part, dtype=spec.dtype.as_numpy_dtype)
            for part, spec in zip((x, y, sample_weight), specs, strict=True)
        ]
        n_train = self.plan.n_train
        self._data = [part[:n_train] for part in data]
        self._held_out = [part[n_train:] for part in data]
        self._n_batches = -(-n_train // self.plan.batch_size)

    def _run_epoch(self, epoch):
        """One pass over the samples: what callbacks are told, and whether it failed."""
        self._callbacks.call("on_epoch_begin", epoch)
        order = np.arange(len(self._data[0]))
        np.random.default_rng([self.plan.seed, epoch]).shuffle(order)
        summed, logs = 0.0, {}
        n_at_once = 1 if self._callbacks.every_batch else self._program.steps_per_call
        for begin in range(0, self._n_batches, n_at_once):
            raise_held_interrupt()
            end = min(begin + n_at_once, self._n_batches)
            self._callbacks.call("on_train_batch_begin", begin)
            summed = summed + self._run_steps(order, begin, end)
            if not _are_finite([summed]):
                break
            logs = averages(self.plan.loss, summed)
            self._callbacks.call("on_train_batch_end", end - 1, logs)
            if self._model.stop_training:
                break
        state = self._program.snapshot()
        if not _are_finite([summed, *state[0]]):
            return logs, self._go_back(epoch)
        if len(self._held_out[0]):
            self._callbacks.call("on_test_begin")
            scores = self.network.evaluate(*self._held_out, loss=self.plan.loss)
            self._callbacks.call("on_test_end", scores)
            logs = logs | {f"val_{name}": score for name, score in scores.items()}
        self._callbacks.call("on_epoch_end", epoch, logs)
        # The user's callbacks may have changed anything.
        self._record(self._program.snapshot() if self._callbacks.own else state)
        return logs, None

    def _run_steps(self, order, begin, end):
        """Some mini-batches in one call of the program; the sums of its measures."""
        batch_size = self.plan.batch_size
        rates = None
        if self._rates is not None:
            rates, self._rates = np.split(self._rates, [end - begin])
        rows = order[begin * batch_size : end * batch_size]
        return self._program.run(self._data, rows, rates)

    def _record(self, state, *, finished=False, diverged=None):
        """Remember where training stands, in a file too if that is wanted."""
        history = {
            name: self._history.get(name, []) + list(map(float, values))
            for name, values in self._callbacks.history.history.items()
        }
        callbacks = self._callbacks.states()
        self.progress = Progress(*state, history, callbacks, finished, diverged)
        if self._checkpoint is not None:
            self._checkpoint.save(self.progress)

    def _resume(self):
        """Go on from `progress`, which an earlier process has reached."""
        self._restore()
        self._history = self.progress.history
        self._callbacks.resume(self.progress.callbacks)
        if self._rates is not None:
            self._rates = self._rates[self.progress.n_epochs * self._n_batches :]

    def _go_back(self, epoch):
        """Return to the end of the last good epoch; say what happened."""
        what = f"In epoch {epoch + 1} the loss or a weight became infinite or NaN"
        if self.progress is None:
            raise ValueError(f"{what}, and nothing was learned before. {_ADVICE}")
        self._restore()
        return (
            f"{what}. Training ended with what was learned in the "
            f"{self.progress.n_epochs} epochs before. {_ADVICE}"
        )

    def _restore(self):
        self.network.set_weights(self.progress.weights)
        assign(self._program.optimizer.variables, self.progress.optimizer_state)
        assign(self.network.random_state, self.progress.random_state)


def _are_finite(arrays):
    return all(np.isfinite(array).all() for array in arrays)
