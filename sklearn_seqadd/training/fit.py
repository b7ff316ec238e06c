"""One fit: a loop over epochs, each a run of steps."""

import dataclasses

import numpy as np

from .._checkpoint import Best, Progress
from .._interrupts import raise_held_interrupt
from ..networks import NetworkDescription
from . import grouping
from .callbacks import Callbacks, as_number
from .losses import Loss, weighted_means
from .optimizers import ResolvedOptimizer
from .program import assign, dtype_of
from .schedules import plan_rates

# What is said when training fails.
_ADVICE = "A lower learning_rate, a clipnorm or smaller numbers in X or y may help."


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is decided on before training begins."""

    network: NetworkDescription
    loss: Loss
    optimizer: ResolvedOptimizer
    callbacks: list
    # Steps of input and answer of the groups of mini-batches; empty for one of all.
    groups: tuple
    # The group of each sample.
    group_of_sample: np.ndarray
    batch_size: int
    jit: bool
    # Determines the order of the samples in each epoch, and weights that are drawn.
    seed: int
    # For how many epochs the learning rate is planned; how many of them, calls of
    # `partial_fit`, are over; whether this is another such call.
    n_epochs: int
    n_passes: int
    one_pass: bool
    # After how many epochs that were not better training ends; None: never. And by how
    # much the loss must fall to be better.
    n_iter_no_change: int | None
    tol: float
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

    held_out : list of ndarray, default=None
        Inputs, targets and weights of the samples that are scored after every epoch.

    progress : Progress, default=None
        The state of this fit when it was killed, from which it is resumed.

    checkpoint : Checkpoint, default=None
        Where the state is saved at the end of each epoch and of the fit.

    Attributes
    ----------
    progress : Progress or None
        The end of the last epoch of this fit whose loss and weights were finite.
    """

    def __init__(self, network, plan, held_out=None, progress=None, checkpoint=None):
        self.network = network
        self.plan = plan
        self.progress = progress
        self._checkpoint = checkpoint
        self._held_out = None
        if held_out is not None:
            self._held_out = _, y, weight = self._as_taken(*held_out)
            self._evaluation_loss = plan.loss.for_evaluation(plan.network, y)
            # The loss is that of the samples whose targets the network can write.
            is_known = self._evaluation_loss.is_known(y)
            self._share_known = float(np.average(is_known, weights=weight))
        self._best = None if progress is None else progress.best
        self._program = network.training_program(plan)
        if plan.weights is None:
            network.initialize(plan.seed)
        else:
            network.set_weights(plan.weights)
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
        self._data = self._as_taken(x, y, sample_weight)
        self._n_batches = grouping.n_batches(
            self.plan.group_of_sample, self.plan.batch_size
        )
        n_done = int(self._program.optimizer.iterations.numpy())
        self._rates = plan_rates(self.plan, self._n_batches, n_done)
        self._callbacks = Callbacks(
            self.network, callbacks, verbose, epochs, n_batches=self._n_batches
        )
        self._model = self.network.network
        self._model.stop_training = False
        self._call_back("on_train_begin")
        self._history = {}
        diverged, logs = None, {}
        if self.progress is not None:
            logs = self._resume()
        for epoch in range(initial_epoch, epochs):
            if self._is_over():
                break
            logs, diverged = self._run_epoch(epoch)
            if diverged:
                break
        trained = self._program.snapshot()
        is_averaged = self._program.average_weights()
        self._callbacks.call("on_train_end", logs)
        state = self._program.snapshot()  # which callbacks may have changed
        if is_averaged:
            averaged, state = state[0], trained
        self._record(
            state,
            averaged if is_averaged else None,
            finished=True,
            diverged=diverged,
        )
        return self._callbacks.history

    def _call_back(self, hook, *args):
        """Call a hook of the callbacks; an error if one sets the rate of a schedule."""
        rate = self._program.optimizer.learning_rate
        before = rate.numpy()
        self._callbacks.call(hook, *args)
        after = rate.numpy()
        is_same = np.array_equal(before, after, equal_nan=True)
        if self._rates is not None and not is_same:
            raise ValueError(
                f"A callback has set the learning rate to {after:g} in {hook}, but a "
                "schedule sets it for every mini-batch. Leave the callback out, or set "
                "schedule=None; an optimizer with a schedule of its own needs a number "
                "as its learning rate."
            )

    def _as_taken(self, x, y, sample_weight):
        """Samples as the programs take them, small integers as they are."""
        if sample_weight is None:
            sample_weight = np.ones(len(x))
        specs = self.network.describe_batch(self.plan.loss, None)
        return [
            # Codes and one-hot vectors of a million strings are gigabytes otherwise.
            part
            if part.dtype.kind in "iu" and part.dtype.itemsize <= 4
            else part.astype(dtype_of(spec), copy=False)
            for part, spec in zip((x, y, sample_weight), specs, strict=True)
        ]

    def _run_epoch(self, epoch):
        """One pass over the samples: what callbacks are told, and whether it failed."""
        self._call_back("on_epoch_begin", epoch)
        # By the epoch since training began, so that several calls draw what one draws.
        self.network.seed_random_state(self.plan.seed, epoch)
        rng = np.random.default_rng([self.plan.seed, epoch])
        rows, groups = grouping.make_batches(
            self.plan.group_of_sample, self.plan.batch_size, rng
        )
        summed, logs = 0.0, {}
        n_at_once = 1 if self._callbacks.every_batch else self._program.steps_per_call
        for begin in range(0, self._n_batches, n_at_once):
            raise_held_interrupt()
            end = min(begin + n_at_once, self._n_batches)
            self._call_back("on_train_batch_begin", begin)
            summed = summed + self._run_steps(rows[begin:end], groups[begin:end])
            if not _are_finite([summed]):
                break
            logs = weighted_means(self.plan.loss, summed)
            self._call_back("on_train_batch_end", end - 1, logs)
            if self._model.stop_training:
                break
        state = self._program.snapshot()
        if not _are_finite([summed, *state[0]]):
            return logs, self._go_back(epoch)
        averaged = None
        if self._program.average_weights():
            averaged = self._program.snapshot()[0]
        if self._held_out is not None:
            logs = logs | self._score_held_out(state, averaged)
        if averaged is not None:
            self.network.set_weights(state[0])
        self._call_back("on_epoch_end", epoch, logs)
        # The user's callbacks may have changed anything.
        state = self._program.snapshot() if self._callbacks.own else state
        self._record(state, averaged)
        return logs, None

    def _score_held_out(self, state, averaged):
        """Score the samples held out, and keep what is best; what callbacks are told.

        Parameters
        ----------
        state : list
            The program's, as trained.

        averaged : list or None
            The moving average of the weights, with which the network then answers.
        """
        self._call_back("on_test_begin")
        scores = self.network.evaluate(*self._held_out, loss=self._evaluation_loss)
        scores["loss"] /= self._share_known
        if self.plan.n_iter_no_change is not None:
            self._keep_if_best(self.plan.loss.score(scores), state, averaged)
        self._call_back("on_test_end", scores)
        return {f"val_{name}": score for name, score in scores.items()}

    def _keep_if_best(self, score, state, averaged):
        """Keep the state of an epoch if its score is better than all before."""
        best, epoch = self._best, self._n_epochs + 1
        if best is not None and not score > best.score:
            return
        gained = score, epoch
        if best is not None and not self.plan.loss.is_gain(
            score, best.gained_score, self.plan.tol, self._share_known
        ):
            gained = best.gained_score, best.gained_n_epochs
        self._best = Best(score, epoch, *state, averaged, *gained)

    @property
    def _n_epochs(self):
        """The number of epochs of this fit that are over."""
        return 0 if self.progress is None else self.progress.n_epochs

    def _is_over(self):
        """Whether a callback has ended the training, or early stopping ends it."""
        if self.progress is not None and self.progress.stopped:
            return True
        patience = self.plan.n_iter_no_change
        if patience is None or self._best is None:
            return False
        return self._n_epochs - self._best.gained_n_epochs >= patience

    def _run_steps(self, rows, groups):
        """Some mini-batches in one call of the program; the sums of its measures."""
        rates = None
        if self._rates is not None:
            rates, self._rates = np.split(self._rates, [len(rows)])
        return self._program.run(self._data, rows, groups, rates)

    def _record(self, state, averaged, *, finished=False, diverged=None):
        """Remember where training stands, in a file too if that is wanted."""
        history = dict(self._history)
        for name, values in self._callbacks.history.history.items():
            numbers = list(map(as_number, values))
            history[name] = self._history.get(name, []) + numbers
            if None in numbers:  # a callback has added something else
                del history[name]
        self.progress = Progress(
            *state,
            history,
            self._callbacks.states(),
            finished,
            diverged,
            self._best,
            averaged,
            stopped=bool(self._model.stop_training),
        )
        if self._checkpoint is not None:
            self._checkpoint.save(self.progress)

    def _resume(self):
        """Resume from `progress`; return the logs of its last epoch."""
        self._restore()
        self._history = self.progress.history
        self._callbacks.resume(self.progress.callbacks)
        self._model.stop_training = self.progress.stopped
        if self._rates is not None:
            self._rates = self._rates[self.progress.n_epochs * self._n_batches :]
        return {name: values[-1] for name, values in self._history.items()}

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


def _are_finite(arrays):
    return all(np.isfinite(array).all() for array in arrays)
