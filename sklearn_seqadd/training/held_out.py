"""Samples held out of training, and early stopping by their scores."""

import numpy as np

from .._checkpoint import Best


class HeldOut:
    """Samples that are scored after each epoch, and the best epoch by their scores.

    Parameters
    ----------
    predictor : Predictor
        The network that is trained.

    plan : Plan

    samples : list of ndarray
        Inputs, targets and weights.

    best : Best, default=None
        The best epoch of a fit that is resumed.

    Attributes
    ----------
    best : Best or None
        The state at the end of the best epoch; None without early stopping.
    """

    def __init__(self, predictor, plan, samples, best=None):
        _, y, sample_weight = samples
        self.best = best
        self._predictor = predictor
        self._plan = plan
        self._samples = samples
        self._loss = plan.loss.for_evaluation(plan.description, y)
        # A sample with a target that the network cannot write has the loss 0, so the
        # loss of the others is the mean of all divided by their share.
        is_known = self._loss.is_known(y)
        self._share_known = float(np.average(is_known, weights=sample_weight))

    def score(self):
        """Return the loss and its metrics by name, with the current weights."""
        scores = self._predictor.evaluate(*self._samples, loss=self._loss)
        scores["loss"] /= self._share_known
        return scores

    def keep_if_best(self, scores, n_epochs, state, averaged):
        """Keep the state of an epoch if early stopping finds it better than all before.

        Parameters
        ----------
        scores : dict
            The scores of the epoch.

        n_epochs : int
            The number of epochs that were run, this one included.

        state : list
            The weights as trained, and the optimizer's variables.

        averaged : list or None
            The moving average of the weights, if the optimizer keeps one.
        """
        if self._plan.n_iter_no_change is None:
            return
        score, best = self._plan.loss.score(scores), self.best
        if best is not None and not score > best.score:
            return
        gained = score, n_epochs
        if best is not None and not self._plan.loss.is_gain(
            score, best.gained_score, self._plan.tol, self._share_known
        ):
            gained = best.gained_score, best.gained_n_epochs
        weights, optimizer_state = state
        self.best = Best(score, n_epochs, weights, optimizer_state, averaged, *gained)

    def is_out_of_patience(self, n_epochs):
        """Return whether early stopping ends a fit after this number of epochs."""
        if self.best is None:
            return False
        return n_epochs - self.best.gained_n_epochs >= self._plan.n_iter_no_change
