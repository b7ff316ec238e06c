"""The naive framing of addition: numbers in, a number out."""

import os
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_array, validate_data

from ._base import NetworkEstimator, overflow_as_value_error, refuse_strings
from ._digits import quote
from ._samples import as_samples
from ._sklearn import COUNT, HasMethods, StrOptions, fit_context
from .arithmetic import as_float, parse_number
from .networks import CustomNetwork, KerasSettings, MappingNetwork

__all__ = ["MappingRegressor"]


class MappingRegressor(RegressorMixin, NetworkEstimator):
    """Network that maps the terms of an addition to their sum.

    This is addition with all its difficulty taken away beforehand: the terms come as
    numbers, so that only a function of a few numbers is left to learn, and their order
    does not matter. A recurrent network can learn it, but a plain perceptron does so
    better, and a linear regression at once. Compare :class:`Seq2SeqClassifier`, which
    gets nothing but characters.

    Parameters
    ----------
    network : {"lstm", "mlp"}, object or function, default="lstm"
        The kind of network, or one of your own.

        - `"lstm"`: recurrent layers that read one term at each time step, then a
          linear layer.
        - `"mlp"`: a multilayer perceptron that sees all terms at once.
        - A :class:`~sklearn.base.BaseEstimator` with a method ``build(n_terms,
          n_outputs)`` that returns a new `keras.Model`, or a function that does: from
          inputs of shape (n_samples, n_terms) to outputs of shape (n_samples,
          n_outputs). It takes the place of `hidden_units` and `activation`; its
          parameters are reached as ``network__units``. See :ref:`your_own_network`.

    hidden_units : int or array-like of int, default=(6, 2)
        Units of each hidden layer. A perceptron may have none: ``()``.

    activation : {"linear", "relu", "tanh"}, default="linear"
        The activation function of the hidden layers of a perceptron. A sum is linear;
        with `"relu"` a network of this size now and then starts with dead units and
        learns nothing. Recurrent layers have an activation of their own (tanh).

    target_transformer : transformer, default=None
        A scaler of the targets, such as :class:`~sklearn.preprocessing.MinMaxScaler`.
        It is cloned, fitted on the numbers as an array of shape (n_samples,
        n_outputs), and inverted by `predict`.
        :class:`~sklearn.compose.TransformedTargetRegressor` around this estimator
        does the same for targets that are numbers; it refuses strings.

    optimizer : str or keras.optimizers.Optimizer, default="adam"
        The optimizer: its name, or an instance, of which a copy is used. With one that
        averages the weights (``keras.optimizers.Adam(use_ema=True)``), the fitted
        weights are the averages, and samples held out are answered with them.

    learning_rate : float, default=None
        The learning rate. If None, it is the optimizer's own. With
        ``batch_size="auto"`` and an optimizer that is given by its name it is ten times
        that: learning rates grow with the square root of the size of mini-batches [1]_,
        and those of Keras are for small ones.

    schedule : "cosine", keras.optimizers.schedules.LearningRateSchedule or None, \
            default=None
        The change of the learning rate: see :class:`Seq2SeqClassifier`.

    clipnorm : float, default=None
        The norm to which the gradient of each weight is clipped. If None, it is the
        optimizer's own setting.

    weight_decay : float or "auto", default=None
        Decoupled weight decay (arXiv:1711.05101): each mini-batch takes this share,
        times the learning rate, off every weight. It keeps a network from learning few
        samples by heart. With `"auto"` it is about 2000 divided by the number of
        samples, at most 4, and zero in `partial_fit`. If None, it is the optimizer's
        own setting.

    batch_size : int or "auto", default="auto"
        Samples in a mini-batch. With `"auto"` ``min(200, n_samples)``.

    epochs : int, default=200
        Passes over the samples in `fit`. Smaller mini-batches need fewer.

    early_stopping : bool, default=False
        If True, `fit` ends when the answers to samples held out get no better, and
        keeps the weights of the best epoch. An epoch is better if more answers are
        correct or, if equally many are, by a smaller loss; for a regressor the loss
        alone counts.
        The samples held out are `X_val` and `y_val` if `fit` is given them, and
        otherwise `validation_fraction` of the samples, drawn by `random_state`. Equal
        inputs stay together: all of them are held out, or none (see `groups` of `fit`).
        `partial_fit`, which runs one epoch, holds nothing out and does not stop.

    validation_fraction : float, default=0.1
        The share of the samples that is held out. Used only if `early_stopping` is
        True.

    n_iter_no_change : int, default=10
        The number of epochs without an improvement after which training ends. Used only
        if `early_stopping` is True.

    tol : float, default=0.0001
        The loss of the samples held out must fall by more than this to count as an
        improvement. More correct answers always count. Once all answers are correct
        nothing counts any more, and training ends after `n_iter_no_change` further
        epochs. The weights are those of the best epoch even if it was better by less
        than `tol`. Used only if `early_stopping` is True.

    callbacks : list of keras.callbacks.Callback, default=None
        Callbacks for `fit` and `partial_fit`. Each fit uses shallow copies: what a
        callback sets on itself does not change the callback that was passed, but the
        objects that it refers to (a list, a lock, a trial of a search) are shared by
        all fits. Scores are in `history_`. Batch hooks make training slower, because
        each mini-batch is then run on its own.

    checkpoint_dir : str or path-like, default=None
        A directory in which `fit` saves its state at the ends of epochs. Run again on
        the same data with the same parameters and the same versions, after its process
        was killed, it resumes from there and ends with the same weights; a fit that was
        finished is not trained again. The fits of a search can share the directory. It
        needs a `random_state`, and `partial_fit` does not use it.

    warm_start : bool, default=False
        If True, `fit` continues from the weights of the last fit, if there was one.

    jit_compile : bool or "auto", default="auto"
        If True, training is compiled with XLA. With `"auto"` it is if a fit has enough
        mini-batches to earn back the time that this takes; `partial_fit` counts as one
        of `epochs` calls.

    verbose : int, default=0
        0 is silent, 1 shows a progress bar and 2 prints a line an epoch. Where the
        output is neither a terminal nor a notebook, 1 is the same as 2.

    random_state : int, RandomState instance or None, default=None
        Determines the initial weights and the order of samples in each epoch. Pass
        an int for reproducible results. With None no global generator is used.

    Attributes
    ----------
    target_transformer_ : transformer or None
        The fitted transformer of the targets.

    history_ : dict of lists of float
        By epoch: ``loss``, the mean squared error of the samples trained on, in the
        units of the transformed targets, measured while the weights change; where
        samples are held out also ``val_loss`` of these, NaN in epochs without.

    n_iter_ : int
        The number of epochs since training began.

    model_ : keras.Model
        A Keras model with the fitted weights, a new one at each access. To train it or
        to change its weights does not change this estimator.

    architecture_ : dict
        The network as fitted: its hyper-parameters and shapes.

    weights_ : list of ndarray
        The weights as fitted, in the order of ``model_.get_weights()``.

    optimizer_kind_ : str
        The optimizer as fitted, but for its learning rate.

    optimizer_state_ : list of ndarray or None
        The optimizer's variables, with which training can continue: after `partial_fit`
        and with ``warm_start=True``. After other fits None; if training continues all
        the same, the optimizer starts from the beginning.

    seed_ : int
        The seed drawn from `random_state`.

    n_features_in_ : int
        The number of terms.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns. Only if X has names that are all strings.

    See Also
    --------
    TermExtractor : The terms of additions that are written as strings.
    Seq2SeqClassifier : Addition as a problem of sequences.
    sklearn.linear_model.LinearRegression : The simplest solution of this problem.

    Notes
    -----
    Networks learn from numbers near one. Scale the terms before and the targets
    around this estimator, as in the example; errors are in the original units all
    the same.

    References
    ----------
    .. [1] A. Krizhevsky, "One Weird Trick for Parallelizing Convolutional Neural
       Networks", 2014, arXiv:1404.5997.

    Examples
    --------
    The answers are strings here, as the sequence estimator has them:

    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import MinMaxScaler
    >>> from sklearn_seqadd import MappingRegressor, TermExtractor, make_addition
    >>> X, y = make_addition(200, smallest=1, largest=10, random_state=0)
    >>> pipe = make_pipeline(
    ...     TermExtractor(), MinMaxScaler(),
    ...     MappingRegressor("mlp", (4, 2), target_transformer=MinMaxScaler(),
    ...                      learning_rate=0.01, random_state=0))
    >>> pipe.fit(X, y).predict(["7+8", "2+3"]).round().tolist()
    [15.0, 5.0]

    Answers that are numbers can be scaled by scikit-learn's own meta-estimator:

    >>> from sklearn.compose import TransformedTargetRegressor
    >>> pipe = make_pipeline(
    ...     TermExtractor(), MinMaxScaler(),
    ...     TransformedTargetRegressor(
    ...         MappingRegressor("mlp", (4, 2), learning_rate=0.01, random_state=0),
    ...         transformer=MinMaxScaler()))
    >>> pipe.fit(X, y.astype(float)).predict(["7+8", "2+3"]).round().tolist()
    [15.0, 5.0]
    """

    _network_class = MappingNetwork
    _loss_name = "mean_squared_error"

    _parameter_constraints: dict = {
        **NetworkEstimator._parameter_constraints,
        "batch_size": [COUNT, StrOptions({"auto"})],
        "network": [
            StrOptions({"lstm", "mlp"}),
            HasMethods(["build", "get_params"]),
            callable,
        ],
        "hidden_units": ["array-like", COUNT],
        "activation": [StrOptions({"linear", "relu", "tanh"})],
    }

    def __init__(
        self,
        network: Any = "lstm",
        hidden_units: int | ArrayLike = (6, 2),
        *,
        activation: str = "linear",
        target_transformer: Any = None,
        optimizer: Any = "adam",
        learning_rate: float | None = None,
        schedule: Any = None,
        clipnorm: float | None = None,
        weight_decay: float | str | None = None,
        batch_size: int | str = "auto",
        epochs: int = 200,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-4,
        callbacks: list | tuple | None = None,
        checkpoint_dir: str | os.PathLike | None = None,
        warm_start: bool = False,
        jit_compile: bool | str = "auto",
        verbose: int = 0,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.network = network
        self.hidden_units = hidden_units
        self.activation = activation
        self.target_transformer = target_transformer
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.clipnorm = clipnorm
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.callbacks = callbacks
        self.checkpoint_dir = checkpoint_dir
        self.warm_start = warm_start
        self.jit_compile = jit_compile
        self.verbose = verbose
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
        """Learn the targets from the terms.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_terms)
            The terms, as numbers.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets: numbers, or strings that spell numbers.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights. A sample of weight zero is as if absent, and the loss of a
            mini-batch is divided by the sum of its weights.

        X_val : array-like, default=None
            Inputs to score after every epoch, of the shape of X but for the number of
            samples. Nothing is learned from them; with `early_stopping` they say when
            to end. In a Pipeline with ``transform_input=["X_val"]`` they go through
            its steps (see :ref:`validation`).

        y_val : array-like, default=None
            The correct answers to `X_val`, as y has them.

        groups : array-like of shape (n_samples,), default=None
            The group of each sample. With `early_stopping`, the samples of one group
            are all held out, or none of them is. If None, samples with equal inputs
            are a group. Not used if there are `X_val` and `y_val`.

        Returns
        -------
        self : object
            Fitted estimator. If an error is raised it is as it was before. If the
            keyboard interrupts the training, it is raised again, and the estimator
            holds what was learned in the epochs that were finished.

        Raises
        ------
        ValueError
            If X or y are invalid, if a target is a string that does not spell a number,
            or if the loss becomes infinite or NaN in the first epoch.

        Warns
        -----
        ConvergenceWarning
            If the loss becomes infinite or NaN later: training then ends with what was
            learned before. Also if in five epochs and more the loss never fell below
            that of the first.
        """
        return self._fit(X, y, sample_weight, validation=(X_val, y_val), groups=groups)

    @fit_context(prefer_skip_nested_validation=False)
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one more pass, over these samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_terms)
            The terms, in the number of columns that the first call had.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets. `target_transformer` is fitted at the first call only.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights, as in `fit`.

        Returns
        -------
        self : object
            Fitted estimator. If an error is raised it is as it was before.

        Raises
        ------
        ValueError
            As in `fit`; also if y has another number of columns than at the first call.
        """
        return self._fit(X, y, sample_weight, one_pass=True)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Predict the targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_terms)
            The terms.

        Returns
        -------
        y : ndarray of float, shape (n_samples,) or (n_samples, n_outputs)
            Numbers in the original units, even if `fit` was given strings.
        """
        from . import _scikeras

        with self._fitted_network(X) as (predictor, X):
            y = _scikeras.predict(predictor, X)
        if self.target_transformer_ is not None:
            y = np.asarray(self.target_transformer_.inverse_transform(y))
        return y.reshape(len(y)) if self._target_ndim == 1 else y

    def score(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Return the coefficient of determination of the predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_terms)
            The terms.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The correct answers: numbers, or strings that spell numbers.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        Returns
        -------
        score : float
            See :func:`sklearn.metrics.r2_score`.
        """
        with overflow_as_value_error():
            return super().score(X, _as_numbers(y), sample_weight=sample_weight)

    def _encode_targets(self, y, *, resume):
        y = _as_numbers(y)
        outputs = y.reshape(len(y), -1)
        if resume:
            self._check_same_outputs(y)
        else:
            self._target_ndim = y.ndim
            self.target_transformer_ = None
            if self.target_transformer is not None:
                self.target_transformer_ = self._clone_target_transformer()
                self.target_transformer_.fit(outputs)
        if self.target_transformer_ is not None:
            outputs = np.asarray(self.target_transformer_.transform(outputs))
        return outputs

    def _describe(self, X, outputs, fitted):
        shapes = {"n_terms": X.shape[1], "n_outputs": outputs.shape[1]}
        if not isinstance(self.network, str):
            self._check_unused(
                ["hidden_units", "activation"], "with a `network` of your own"
            )
            custom = CustomNetwork.from_parameter(self.network, type(self).__name__)
            settings = KerasSettings.current()
            return MappingNetwork(**shapes, network=custom, keras_settings=settings)
        if self.network == "lstm":
            self._check_unused(["activation"], "with network='lstm'")
        return MappingNetwork(
            **shapes,
            network=self.network,
            hidden_units=self._check_hidden_units(),
            activation=self.activation if self.network == "mlp" else None,
        )

    def _resolve_optimizer(self, n_samples=None):
        resolved = super()._resolve_optimizer(n_samples)
        is_own = self.learning_rate is None and isinstance(self.optimizer, str)
        if is_own and self.batch_size == "auto":
            return resolved._replace(learning_rate=10 * resolved.learning_rate)
        return resolved

    def _make_loss(self):
        from .training import SquaredError

        return SquaredError()

    def _check_X(self, X, *, reset):
        X = as_samples(X)
        refuse_strings(X, self, "Put TermExtractor() before it in a Pipeline.")
        return validate_data(self, X, dtype=np.float64, reset=reset)

    def _check_hidden_units(self):
        given = self.hidden_units
        units = np.atleast_1d(given).tolist()
        if any(type(n) is not int or n < 1 for n in units):
            raise ValueError(f"hidden_units must be integers > 0, got {quote(given)}.")
        if not units and self.network == "lstm":
            raise ValueError(
                "network='lstm' needs a hidden layer, got hidden_units=()."
            )
        return tuple(units)

    def _check_same_outputs(self, y):
        n_outputs = 1 if y.ndim == 1 else y.shape[1]
        expected = self.architecture_["n_outputs"]
        if (y.ndim, n_outputs) != (self._target_ndim, expected):
            shape = "(n_samples,)" if self._target_ndim == 1 else f"(n, {expected})"
            raise ValueError(
                "y does not fit the targets of the first call: it has shape "
                f"{y.shape}, where {shape} is expected."
            )


def _as_numbers(y):
    """Return targets as an array of floats; strings that spell numbers are read."""
    y = as_samples(y, "y")
    if hasattr(y, "__array__"):
        y = np.asarray(y)
    objects = np.asarray(y, dtype=object)
    if not objects.ndim:
        raise ValueError(f"y should be an array of numbers, got {quote(y)} instead.")
    if any(isinstance(target, str) for target in objects.flat):
        numbers = np.empty(objects.shape)
        for i, target in np.ndenumerate(objects):
            number = parse_number(target)
            if number is None:
                raise ValueError(f"y[{i[0]}] = {quote(target)} spells no number.")
            numbers[i] = as_float(number)  # infinity is refused below
        y = numbers
    y = check_array(y, dtype=np.float64, ensure_2d=False, allow_nd=True, input_name="y")
    if y.ndim > 2:
        raise ValueError(
            "y should be of shape (n_samples,) or (n_samples, n_outputs), got an "
            f"array of shape {y.shape} instead."
        )
    return y
