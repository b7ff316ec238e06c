"""The training loop: epochs, each a number of calls of a compiled program."""

import numpy as np

from .._checkpoint import Progress
from .._interrupts import raise_deferred_interrupt
from . import grouping
from .callbacks import Callbacks, as_number
from .held_out import HeldOut
from .losses import weighted_means
from .schedules import plan_rates

# The end of a message that training has failed.
_ADVICE = "A lower learning_rate, a clipnorm or smaller numbers in X or y may help."


class TrainingLoop:
    """Train a network for some epochs, or until it is stopped or diverges.

    Parameters
    ----------
    compiled : CompiledNetwork
        The network to train.

    plan : Plan

    held_out : list of ndarray, default=None
        Inputs, targets and weights of the samples that are scored after every epoch.

    progress : Progress, default=None
        The state that an earlier process saved, from which this fit is resumed.

    checkpoint : Checkpoint, default=None
        The file that the state is saved to at the end of each epoch and of the fit.

    Attributes
    ----------
    model : keras.Model
        The model that is trained.

    progress : Progress or None
        The end of the last epoch of this fit whose loss and weights were finite.
    """

    def __init__(self, compiled, plan, held_out=None, progress=None, checkpoint=None):
        self.model = compiled.model
        self.progress = progress
        self._compiled = compiled
        self._plan = plan
        self._checkpoint = checkpoint
        self._held_out = None
        if held_out is not None:
            best = None if progress is None else progress.best
            samples = compiled.functions.cast(plan.loss, *held_out)
            self._held_out = HeldOut(compiled.predictor, plan, samples, best)
        self._program = compiled.training_program(plan)
        if plan.weights is None:
            compiled.weights.initialize(plan.seed)
        else:
            compiled.weights.set(plan.weights)
        self._program.start(plan.optimizer, plan.optimizer_state)

    def run(self, x, y, sample_weight, *, epochs, initial_epoch, callbacks, verbose):
        """Train, as :meth:`keras.Model.fit` does with parameters of these names.

        Callbacks see the model with its current weights. If a callback has batch hooks,
        the program is called for each mini-batch, which takes longer.

        If the loss or a weight becomes infinite or NaN, training returns to the end of
        the epoch before and ends; `progress.diverged` then holds a message.

        Returns
        -------
        history : dict
            A list of numbers by name, with one for each epoch of this fit.

        Raises
        ------
        ValueError
            If the loss or a weight is infinite or NaN in the first epoch of this fit.
        """
        plan = self._plan
        self._data = self._compiled.functions.cast(plan.loss, x, y, sample_weight)
        self._n_batches = grouping.n_batches(plan.group_of_sample, plan.batch_size)
        n_done = int(self._program.optimizer.iterations.numpy())
        self._rates = plan_rates(plan, self._n_batches, n_done)
        self._callbacks = Callbacks(
            self.model,
            callbacks,
            verbose,
            epochs,
            n_batches=self._n_batches,
            clock=self._compiled.clock,
        )
        self.model.stop_training = False
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
        self._finish(logs, diverged)
        return self.progress.history

    def _call_back(self, hook, *args):
        """Call a hook of all callbacks.

        Raise an error if a callback sets the learning rate that a schedule sets.
        """
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

    # ------------------------------------------------------------------- epochs

    def _run_epoch(self, epoch):
        """Train for an epoch.

        Returns
        -------
        logs : dict
            The numbers that callbacks were told.

        diverged : str or None
            A message if the loss or a weight became infinite or NaN.
        """
        self._call_back("on_epoch_begin", epoch)
        # The number of the epoch counts from the beginning of training, so that several
        # calls of `partial_fit` draw the random numbers of one `fit`.
        self._compiled.weights.seed_layers(self._plan.seed, epoch)
        rng = np.random.default_rng([self._plan.seed, epoch])
        logs, summed = self._run_batches(rng)
        state = self._program.snapshot()
        if not _are_finite([summed, *state[0]]):
            return logs, self._roll_back(epoch)
        averaged = None
        if self._program.average_weights():
            averaged = self._program.snapshot()[0]
        if self._held_out is not None:
            logs = logs | self._score(self._held_out, state, averaged)
        if averaged is not None:
            self._compiled.weights.set(state[0])
        self._call_back("on_epoch_end", epoch, logs)
        # The user's callbacks may have changed the weights or the optimizer.
        state = self._program.snapshot() if self._callbacks.own else state
        self._record(state, averaged)
        return logs, None

    def _run_batches(self, rng):
        """Train on all samples once, in mini-batches in random order.

        Returns
        -------
        logs : dict
            The weighted mean of each metric.

        summed : ndarray
            The weighted sums, which are not finite if training has to end.
        """
        plan = self._plan
        rows, groups = grouping.make_batches(plan.group_of_sample, plan.batch_size, rng)
        summed, logs = 0.0, {}
        n_per_call = self._program.batches_per_call
        if self._callbacks.every_batch:
            n_per_call = 1
        for begin in range(0, self._n_batches, n_per_call):
            raise_deferred_interrupt()
            end = min(begin + n_per_call, self._n_batches)
            self._call_back("on_train_batch_begin", begin)
            rates = None
            if self._rates is not None:
                rates, self._rates = np.split(self._rates, [end - begin])
            summed = summed + self._program.run(
                self._data, rows[begin:end], groups[begin:end], rates
            )
            if not _are_finite([summed]):
                break
            logs = weighted_means(plan.loss, summed)
            self._call_back("on_train_batch_end", end - 1, logs)
            if self.model.stop_training:
                break
        return logs, summed

    def _score(self, held_out, state, averaged):
        """Score the samples held out; return the scores as callbacks are told them."""
        self._call_back("on_test_begin")
        scores = held_out.score()
        held_out.keep_if_best(scores, self._n_epochs + 1, state, averaged)
        self._call_back("on_test_end", scores)
        return {f"val_{name}": score for name, score in scores.items()}

    @property
    def _n_epochs(self):
        """The number of epochs of this fit that are over."""
        return 0 if self.progress is None else self.progress.n_epochs

    def _is_over(self):
        """Return whether a callback or early stopping ends the training here."""
        if self.progress is not None and self.progress.stopped:
            return True
        held_out = self._held_out
        return held_out is not None and held_out.is_out_of_patience(self._n_epochs)

    # -------------------------------------------------------------------- state

    def _finish(self, logs, diverged):
        """Call the callbacks for the last time, and record the end of training."""
        trained = self._program.snapshot()
        is_averaged = self._program.average_weights()
        self._callbacks.call("on_train_end", logs)
        # Callbacks may have changed the weights and the optimizer.
        state, averaged = self._program.snapshot(), None
        if is_averaged:
            averaged, state = state[0], trained
        self._record(state, averaged, finished=True, diverged=diverged)

    def _record(self, state, averaged, *, finished=False, diverged=None):
        """Set `progress` to the state of training, and save it if there is a file."""
        weights, optimizer_state = state
        self.progress = Progress(
            weights=weights,
            optimizer_state=optimizer_state,
            history=_continued(self._history, self._callbacks.history.history),
            callbacks=self._callbacks.states(),
            finished=finished,
            diverged=diverged,
            best=None if self._held_out is None else self._held_out.best,
            averaged=averaged,
            stopped=bool(self.model.stop_training),
        )
        if self._checkpoint is not None:
            self._checkpoint.save(self.progress)

    def _resume(self):
        """Resume from `progress`; return the logs of its last epoch."""
        self._restore()
        self._history = self.progress.history
        self._callbacks.resume(self.progress.callbacks)
        self.model.stop_training = self.progress.stopped
        if self._rates is not None:
            self._rates = self._rates[self.progress.n_epochs * self._n_batches :]
        return {name: values[-1] for name, values in self._history.items()}

    def _roll_back(self, epoch):
        """Return to the end of the epoch before; return a message that says why."""
        event = f"In epoch {epoch + 1} the loss or a weight became infinite or NaN"
        if self.progress is None:
            raise ValueError(f"{event}, which is the first of this fit. {_ADVICE}")
        self._restore()
        return (
            f"{event}. Training ended with what was learned in the "
            f"{self.progress.n_epochs} epochs before. {_ADVICE}"
        )

    def _restore(self):
        self._program.restore(self.progress.weights, self.progress.optimizer_state)


def _are_finite(arrays):
    return all(np.isfinite(array).all() for array in arrays)


def _continued(before, logs):
    """Return the history before a fit was resumed, continued by the logs since then.

    Logs that a callback has added and that are not numbers are left out.
    """
    continued = dict(before)
    for name, values in logs.items():
        numbers = list(map(as_number, values))
        continued[name] = before.get(name, []) + numbers
        if None in numbers:
            del continued[name]
    return continued
