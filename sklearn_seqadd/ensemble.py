"""Ensembles of networks that answer together."""

import copy
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from ._samples import as_samples
from ._sklearn import COUNT, fit_context
from .metrics import exact_match_score
from .seq2seq import Seq2SeqClassifier

__all__ = ["Seq2SeqEnsemble"]


class Seq2SeqEnsemble(MetaEstimatorMixin, BaseEstimator):
    """Average the probabilities of networks that differ by their seed.

    Networks with different initial weights, which see samples in a different order,
    make different mistakes. Each symbol of an answer is chosen by the mean of their
    probabilities ("soft voting"); the decoder `"autoregressive"` feeds it back to all.

    Parameters
    ----------
    estimator : Seq2SeqClassifier, default=None
        The network to fit several times, each time a clone with another `random_state`.
        If None, ``Seq2SeqClassifier()``. Its `beam_width` may be set after `fit`.

    n_estimators : int, default=5
        The number of networks.

    n_jobs : int, default=None
        The number of networks that are fitted at once, in processes of their own. None
        means 1 unless in a :obj:`joblib.parallel_backend` context, -1 all processors.

    random_state : int, RandomState instance or None, default=None
        Determines the seeds of the networks. The first seeds do not depend on
        `n_estimators`. The `random_state` of `estimator` is not used.

    Attributes
    ----------
    estimators_ : list of Seq2SeqClassifier
        The fitted networks.

    alphabet_ : ndarray of shape (n_symbols,)
        The symbols that answers are made of, the same for all networks.

    n_features_in_ : int
        The number of steps of the input.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns. Only if X has names that are all strings.

    See Also
    --------
    Seq2SeqClassifier : One network.
    sklearn.ensemble.VotingClassifier : The same for a fixed set of classes.

    Notes
    -----
    scikit-learn's own :class:`~sklearn.ensemble.VotingClassifier` averages
    probabilities of classes, which answers are not.

    References
    ----------
    .. [1] L. K. Hansen and P. Salamon, "Neural Network Ensembles", 1990, IEEE
       Transactions on Pattern Analysis and Machine Intelligence 12 (10).

    Examples
    --------
    In a pipeline it takes the place of the network that it is made of:

    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_seqadd import (
    ...     Seq2SeqEnsemble, make_addition, make_seq2seq_pipeline)
    >>> X, y = make_addition(1000, largest=9, random_state=0)
    >>> pipe = make_seq2seq_pipeline(epochs=30, learning_rate=0.01)
    >>> together = make_pipeline(
    ...     *pipe[:-1], Seq2SeqEnsemble(pipe[-1], n_estimators=2, random_state=0))
    >>> together.fit(X, y).predict(["2+3", "4+8"])
    array(['5', '12'], dtype='<U2')
    """

    _parameter_constraints: dict = {
        "estimator": [Seq2SeqClassifier, None],
        "n_estimators": [COUNT],
        "n_jobs": [int, np.integer, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any = None,
        n_estimators: int = 5,
        *,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.n_jobs = n_jobs
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit all networks.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs: one number or one vector at each step.

        y : array-like of shape (n_samples,) or (n_samples, n_steps)
            The targets.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        X_val : array-like, default=None
            Inputs of validation data, the same for all networks: see
            :meth:`Seq2SeqClassifier.fit`.

        y_val : array-like, default=None
            The correct answers to `X_val`.

        groups : array-like of shape (n_samples,), default=None
            The groups of samples that are held out together: see
            :meth:`Seq2SeqClassifier.fit`.

        Returns
        -------
        self : object
            Fitted estimator. If an error is raised it is as it was before.
        """
        # A generator could be read by one network only.
        X, y, sample_weight, X_val, y_val = (
            as_samples(samples, name)
            for samples, name in (
                (X, "X"),
                (y, "y"),
                (sample_weight, "sample_weight"),
                (X_val, "X_val"),
                (y_val, "y_val"),
            )
        )
        random_state = check_random_state(self.random_state)
        seeds = random_state.randint(np.iinfo(np.int32).max, size=self.n_estimators)
        self.estimators_ = Parallel(n_jobs=self.n_jobs)(
            delayed(_fit)(
                self._clone().set_params(random_state=int(seed)),
                X,
                y,
                sample_weight=sample_weight,
                X_val=X_val,
                y_val=y_val,
                groups=groups,
            )
            for seed in seeds
        )
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Predict the answers: at each step the symbol of the highest mean probability.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_steps)
            The answers, as :meth:`Seq2SeqClassifier.predict` returns them.
        """
        return self._together.predict(X)

    def predict_step_proba(self, X: ArrayLike) -> np.ndarray:
        """Predict the mean probability of each symbol at each step of the answer.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        Returns
        -------
        probabilities : ndarray of float32, shape (n_samples, n_steps, n_symbols)
            As :meth:`Seq2SeqClassifier.predict_step_proba` returns them.
        """
        return self._together.predict_step_proba(X)

    def predict_n_best(
        self, X: ArrayLike, n_best: int = 5, return_scores: bool = False
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Predict the most probable answers, the best first.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        n_best : int, default=5
            The number of answers.

        return_scores : bool, default=False
            If True, the logarithms of their probabilities are returned as well.

        Returns
        -------
        answers : ndarray of shape (n_samples, n_best) or (n_samples, n_best, n_steps)
            As :meth:`Seq2SeqClassifier.predict_n_best` returns them.

        scores : ndarray of shape (n_samples, n_best)
            Only if `return_scores` is True.
        """
        return self._together.predict_n_best(X, n_best, return_scores)

    def score_samples(self, X: ArrayLike, y: ArrayLike | None = None) -> np.ndarray:
        """Return the logarithms of the probabilities of given answers.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        y : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            The answers, as in `fit`. If None, the answers of `predict`.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            As :meth:`Seq2SeqClassifier.score_samples` returns them.
        """
        return self._together.score_samples(X, y)

    def score(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Return the share of the answers that are correct as a whole.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        y : array-like of shape (n_samples,), (n_samples, n_steps) or \
                (n_samples, n_steps, n_symbols)
            The correct answers, or for each sample a list of accepted answers.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        Returns
        -------
        score : float
            See :func:`exact_match_score`.
        """
        return exact_match_score(y, self.predict(X), sample_weight=sample_weight)

    @property
    def alphabet_(self):
        """The symbols that answers are made of."""
        check_is_fitted(self)
        return self.estimators_[0].alphabet_

    @property
    def n_features_in_(self):
        """The number of steps of the input."""
        check_is_fitted(self)
        return self.estimators_[0].n_features_in_

    @property
    def feature_names_in_(self):
        """Names of the columns, if X has any."""
        check_is_fitted(self)
        return self.estimators_[0].feature_names_in_

    def __sklearn_is_fitted__(self):
        return hasattr(self, "estimators_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        of_each = get_tags(self._clone())
        tags.input_tags = of_each.input_tags
        tags.target_tags = of_each.target_tags
        tags.non_deterministic = False
        return tags

    def _clone(self):
        """Return a network that is not fitted."""
        return Seq2SeqClassifier() if self.estimator is None else clone(self.estimator)

    @property
    def _together(self):
        """One estimator with the weights of all networks."""
        check_is_fitted(self)
        first = self.estimators_[0]
        together = copy.copy(first)
        together.beam_width = self._clone().beam_width
        together.architecture_ = first.architecture_ | {
            "n_members": len(self.estimators_)
        }
        together.weights_ = [
            weight for network in self.estimators_ for weight in network.weights_
        ]
        return together


def _fit(network, X, y, **fit_params):
    return network.fit(X, y, **fit_params)
