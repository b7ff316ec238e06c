"""Base of both estimators: validation, the steps of training, state as plain data."""

import contextlib
import copy
import dataclasses
import hashlib
import inspect
import os
import pickle
import warnings
from numbers import Real
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state, column_or_1d, gen_batches
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from . import _version
from ._checkpoint import Checkpoint, callback_state, restore_callbacks
from ._digits import quote
from ._interrupts import deferred_interrupts
from ._keras import CHANGED_IN_PLACE
from ._samples import as_samples
from ._sklearn import (
    COUNT,
    HasMethods,
    Interval,
    StrOptions,
    check_sample_weight,
    safe_indexing,
)
from .networks import FunctionNetwork, KerasSettings, NetworkDescription, key_of

# The default of scikit-learn's MLPRegressor.
_AUTO_BATCH_SIZE = 200

# With epochs="auto", the number of mini-batches is this times the cube root of the
# number of samples: twice the samples need less than twice the mini-batches.
_AUTO_BATCHES = 170

# The number of epochs after which something should have been learned.
_MIN_EPOCHS_TO_JUDGE = 5

# The number of samples that are hashed together, so that little memory is needed.
_ROWS_HASHED = 2048

# The smallest weight of a sample, where the largest is 1 to 2. A smaller one would be
# zero in single precision, and so would be the sum of the weights of a mini-batch.
_MIN_WEIGHT = 2.0**-100


class NetworkEstimator(BaseEstimator):
    """Base of the estimators that hold a network.

    A fitted estimator holds plain data only: the architecture as fitted, the weights
    and the optimizer's state as lists of arrays, the seed and the history. The compiled
    network is acquired whenever there is something to compute.

    A subclass has a kind of network, the name of a loss, `_check_X`, `_encode_targets`,
    `_describe` and `_make_loss`. All steps of `fit` that both estimators share are
    methods of this class, in the order in which `_fit` calls them; hence its length.
    """

    _network_class: ClassVar[type[NetworkDescription]]
    _loss_name: ClassVar[str]  # in Keras

    _parameter_constraints: dict = {
        "target_transformer": [
            HasMethods(["fit", "transform", "inverse_transform"]),
            None,
        ],
        # Strings and Keras optimizers; Keras itself is not imported for the check.
        "optimizer": "no_validation",
        "learning_rate": [Interval(Real, 0, None, closed="neither"), None],
        "schedule": "no_validation",
        "clipnorm": [Interval(Real, 0, None, closed="neither"), None],
        "weight_decay": [
            Interval(Real, 0, None, closed="left"),
            StrOptions({"auto"}),
            None,
        ],
        "batch_size": [COUNT],
        "epochs": [COUNT],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [COUNT],
        "tol": [Interval(Real, 0, None, closed="left")],
        "callbacks": [list, tuple, None],
        "checkpoint_dir": [str, os.PathLike, None],
        "warm_start": ["boolean"],
        "jit_compile": ["boolean", StrOptions({"auto"})],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }

    @property
    def model_(self):
        """A new Keras model with the fitted weights."""
        check_is_fitted(self)
        model = self._network.for_prediction().build()
        model.set_weights(self.weights_)
        resolved = self._resolve_optimizer()
        resolved.optimizer.learning_rate = resolved.learning_rate
        model.compile(optimizer=resolved.optimizer, loss=self._loss_name)
        # Otherwise a model that was saved would be loaded with a warning.
        model.optimizer.build(model.trainable_variables)
        return model

    @property
    def n_iter_(self):
        """The number of epochs since training began."""
        check_is_fitted(self)
        return len(self.history_["loss"])

    def get_params(self, deep=True):
        """Return the parameters, also of a network that is a function.

        Parameters
        ----------
        deep : bool, default=True
            If True, the parameters of objects among the parameters are returned too.

        Returns
        -------
        params : dict
            The values by name.
        """
        params = super().get_params(deep)
        if deep and _is_function(params.get("network")):
            of_function = FunctionNetwork(params["network"]).get_params()
            params |= {f"network__{name}": value for name, value in of_function.items()}
        return params

    def set_params(self, **params):
        """Set parameters by the names that `get_params` returns.

        Parameters
        ----------
        **params : dict
            The values by name.

        Returns
        -------
        self : object
            The estimator.
        """
        network = params.get("network", getattr(self, "network", None))
        if _is_function(network) and any(n.startswith("network__") for n in params):
            params["network"] = FunctionNetwork(network)
        return super().set_params(**params)

    def __sklearn_clone__(self):
        """Return an unfitted copy, with shallow copies of the callbacks.

        scikit-learn would make deep copies, so that a callback could not report to the
        object that it was given, and one that holds a lock could not be cloned.
        """
        without = copy.copy(self)
        without.callbacks = None
        cloned = super(NetworkEstimator, without).__sklearn_clone__()
        cloned.callbacks = copy.copy(self.callbacks)
        if isinstance(self.callbacks, list | tuple):
            cloned.callbacks = type(self.callbacks)(map(copy.copy, self.callbacks))
        return cloned

    def __sklearn_is_fitted__(self):
        return hasattr(self, "weights_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.non_deterministic = False
        return tags

    @property
    def _network(self):
        """The description of the fitted network."""
        return self._network_class.from_dict(self.architecture_)

    @contextlib.contextmanager
    def _fitted_network(self, X):
        """Acquire the predictor with the fitted weights, and validate inputs.

        Parameters
        ----------
        X : array-like
            The inputs, as the user has given them.

        Yields
        ------
        predictor : Predictor

        X : ndarray of shape (n_samples, ...)
        """
        # Keras takes seconds to import, and most uses of an estimator (clone,
        # get_params) need no network.
        from . import training

        check_is_fitted(self)
        with overflow_as_value_error():
            X = self._check_X(X, reset=False)
        with training.acquire(self._network.for_prediction()) as compiled:
            compiled.weights.set(self.weights_)
            yield compiled.predictor, X

    def _check_X(self, X, *, reset):
        """Validate inputs.

        Parameters
        ----------
        X : array-like
            The inputs, as the user has given them.

        reset : bool
            If True, they are the inputs of a new fit. Otherwise they must have the
            shape and the columns of the inputs of the last fit.

        Returns
        -------
        X : ndarray of shape (n_samples, ...)
        """
        raise NotImplementedError

    def _encode_targets(self, y, *, resume):
        """Validate and encode targets.

        Parameters
        ----------
        y : array-like
            The targets, as the user has given them.

        resume : bool
            If True, the target transformer of the last fit encodes them. Otherwise a
            new one is fitted.

        Returns
        -------
        y : ndarray of shape (n_samples, ...)
            The targets: codes of symbols, or numbers.
        """
        raise NotImplementedError

    def _describe(self, X, y, fitted):
        """Return the description of the network that the parameters ask for.

        Parameters
        ----------
        X : ndarray of shape (n_samples, ...)
            The inputs, validated.

        y : ndarray of shape (n_samples, ...)
            The targets, encoded.

        fitted : NetworkDescription or None
            The description of the network that training continues with.

        Returns
        -------
        network : NetworkDescription
        """
        raise NotImplementedError

    def _make_loss(self):
        """Return the loss to train with, one of :mod:`sklearn_seqadd.training`."""
        raise NotImplementedError

    # ---------------------------------------------------------------- validation

    def _check_weighted(self, X, y, sample_weight, groups):
        """Return X, y, weights and groups without the samples of weight zero."""
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, but "
                "the target y is None."
            )
        if isinstance(y, str):
            raise ValueError(
                f"y is the single string {quote(y)}. Put it in a list if there is one "
                "sample."
            )
        check_consistent_length(X, y)
        if groups is not None:
            groups = column_or_1d(groups)
            check_consistent_length(X, groups)
        if sample_weight is None:
            return X, y, None, groups
        sample_weight = check_sample_weight(sample_weight, X)
        kept = np.flatnonzero(sample_weight)
        if len(kept) < len(sample_weight):
            X, y = safe_indexing(X, kept), safe_indexing(y, kept)
            groups = groups if groups is None else groups[kept]
        return X, y, np.maximum(sample_weight[kept], _MIN_WEIGHT), groups

    def _clone_target_transformer(self):
        if isinstance(self.target_transformer, type):
            raise ValueError(
                f"The 'target_transformer' parameter of {type(self).__name__} must be "
                f"an instance, got the class {self.target_transformer.__name__} "
                "instead."
            )
        return clone(self.target_transformer)

    def _resolve_optimizer(self, n_samples=None):
        from . import training
        from ._tensorflow import check_usable

        check_usable()
        with KerasSettings().applied():
            return training.resolve_optimizer(self, n_samples)

    def _copy_callbacks(self):
        from ._tensorflow import keras

        for i, callback in enumerate(self.callbacks or ()):
            if not isinstance(callback, keras.callbacks.Callback):
                raise ValueError(
                    f"The 'callbacks' parameter of {type(self).__name__} must hold "
                    f"instances of keras.callbacks.Callback. Got {quote(callback)} at "
                    f"position {i} instead."
                )
            if isinstance(callback, keras.callbacks.BackupAndRestore):
                raise ValueError(
                    "keras.callbacks.BackupAndRestore would restore the weights, but "
                    "not the number of epochs that are over. Set the 'checkpoint_dir' "
                    f"parameter of {type(self).__name__} instead."
                )
        copied = [copy.copy(callback) for callback in self.callbacks or ()]
        for name, attributes in CHANGED_IN_PLACE.items():
            for callback in copied:
                if isinstance(callback, getattr(keras.callbacks, name, ())):
                    for attribute in attributes:
                        value = copy.deepcopy(getattr(callback, attribute))
                        setattr(callback, attribute, value)
        return copied

    # ------------------------------------------------------------------ training

    @deferred_interrupts()  # until the estimator holds what was learned
    def _fit(
        self,
        X,
        y,
        sample_weight,
        *,
        validation=(None, None),
        groups=None,
        one_pass=False,
    ):
        """Train for all epochs, as `fit` does, or for one, as `partial_fit` does."""
        resume = self.__sklearn_is_fitted__() and (one_pass or self.warm_start)
        with restored_on_error(self):
            X = self._check_X(X, reset=not resume)
            y = as_samples(y, "y")
            if hasattr(y, "__array__"):  # a Series, an Index, a column of Arrow
                y = np.asarray(y)
            X, y, sample_weight, groups = self._check_weighted(
                X, y, sample_weight, groups
            )
            fitted = self._network if resume else None
            y = self._encode_targets(y, resume=resume)
            network = self._describe(X, y, fitted)
            if resume:
                self._check_same_network(fitted, network)
            y = network.training_targets(y)
            self.architecture_ = network.to_dict()
            seed = self.seed_ if resume else _draw_seed(self.random_state)
            data, held_out = self._hold_out(
                [X, y, sample_weight], groups, validation, seed, one_pass
            )
            plan = self._plan_training(network, data, seed, resume, one_pass)
            checkpoint = self._open_checkpoint(plan, [data, held_out])
            progress, history, interrupt = self._run_training(
                plan, checkpoint, data, held_out
            )
            self._warn_of_training(plan, progress, interrupt)
            self._store_training(plan, progress, history)
        if interrupt is not None:
            raise interrupt
        return self

    def _hold_out(self, data, groups, validation, seed, one_pass):
        """Split data into samples to train on and samples to score.

        Parameters
        ----------
        data : list
            Inputs, targets and weights.

        groups : ndarray of shape (n_samples,) or None
            The groups that are held out as a whole.

        validation : tuple
            X_val and y_val of the user, or None twice.

        seed : int

        one_pass : bool
            If True, no sample is held out.

        Returns
        -------
        data : list
            Inputs, targets and weights of the samples to train on.

        held_out : list or None
            Those of the samples to score, if there are any.
        """
        X_val, y_val = validation
        if (X_val is None) != (y_val is None):
            name, other = ("y_val", "X_val") if X_val is None else ("X_val", "y_val")
            raise ValueError(f"{name} is given without {other}.")
        if X_val is not None:
            return data, self._check_validation(X_val, y_val)
        if one_pass or not self.early_stopping:
            return data, None
        n_samples = len(data[0])
        # Rounded up, as in train_test_split.
        n_held_out = int(np.ceil(self.validation_fraction * n_samples))
        if n_held_out >= n_samples:
            raise ValueError(
                f"With n_samples={n_samples} and "
                f"validation_fraction={self.validation_fraction} no sample is left to "
                "train on. Lower validation_fraction, or set early_stopping=False."
            )
        order = np.random.default_rng(seed).permutation(n_samples)
        is_held_out = _choose_held_out(data[0], groups, order, n_held_out)
        parts = [order[~is_held_out[order]], order[is_held_out[order]]]
        return [
            [None if array is None else array[rows] for array in data] for rows in parts
        ]

    def _check_validation(self, X, y):
        """Validate and encode validation data that the user has given."""
        X, y = as_samples(X, "X_val"), as_samples(y, "y_val")
        refuse_strings(
            X,
            self,
            "In a Pipeline, X_val goes through the steps before with "
            'pipeline.set_params(transform_input=["X_val"]), '
            "sklearn.set_config(enable_metadata_routing=True) and "
            "pipeline[-1].set_fit_request(X_val=True, y_val=True).",
        )
        try:
            X = self._check_X(X, reset=False)
            check_consistent_length(X, y)
            X, y = self._prepare_validation(X, y)
        except ValueError as error:
            raise ValueError(f"Invalid validation data: {error}") from error
        return [X, y, None]

    def _prepare_validation(self, X, y):
        """Encode validation data.

        Parameters
        ----------
        X : ndarray of shape (n_samples, ...)
            The inputs, validated.

        y : array-like
            The targets as the user has given them.

        Returns
        -------
        X, y : ndarray of shape (n_samples, ...)
            The inputs and targets as the network takes them.
        """
        return X, self._encode_targets(y, resume=True)

    def _plan_training(self, network, data, seed, resume, one_pass):
        """Return all decisions about a training, or raise an error.

        Parameters
        ----------
        network : NetworkDescription

        data : list
            Inputs, targets and weights of the samples to train on.

        seed : int

        resume : bool
            If True, training starts from the fitted weights and continues the history.

        one_pass : bool
            If True, training is one epoch, the next of `epochs`.

        Returns
        -------
        plan : training.Plan
        """
        from . import training

        X, y, _ = data
        batch_size, n_epochs, jit = self._resolve_auto(network, len(X))
        # A call of `partial_fit` does not know the number of samples of all calls.
        optimizer = self._resolve_optimizer(None if one_pass else len(X))
        callbacks = self._copy_callbacks()
        # An optimizer of another kind cannot take over the state.
        same_optimizer = resume and self.optimizer_kind_ == optimizer.kind
        groups, group_of_sample = self._group(network, X, y, one_pass)
        return training.Plan(
            description=network,
            loss=self._make_loss(),
            optimizer=optimizer,
            callbacks=callbacks,
            groups=groups,
            group_of_sample=group_of_sample,
            batch_size=batch_size,
            jit=jit,
            seed=seed,
            n_epochs=n_epochs,
            n_passes=self._n_passes if resume and one_pass else 0,
            one_pass=one_pass,
            n_iter_no_change=self.n_iter_no_change if self.early_stopping else None,
            tol=self.tol,
            weights=self._weights_to_continue() if resume else None,
            optimizer_state=self.optimizer_state_ if same_optimizer else None,
            history=copy.deepcopy(self.history_) if resume else {},
        )

    def _resolve_auto(self, network, n_samples):
        """Return the values of the parameters that may be "auto".

        `weight_decay` is resolved with the optimizer.

        Parameters
        ----------
        network : NetworkDescription

        n_samples : int
            The number of samples to train on.

        Returns
        -------
        batch_size : int

        n_epochs : int

        jit : bool
            True to compile with XLA.
        """
        from . import training

        batch_size, n_epochs = self.batch_size, self.epochs
        if batch_size == "auto":
            # The size does not depend on the number of samples, because each size is
            # compiled. Mini-batches are filled up with samples of weight zero.
            batch_size = _AUTO_BATCH_SIZE
        n_batches = -(-n_samples // batch_size)
        if n_epochs == "auto":
            n_epochs = max(1, round(_AUTO_BATCHES * n_samples ** (1 / 3) / n_batches))
        n_planned = n_epochs * n_batches
        jit = training.choose_jit(
            self.jit_compile, n_planned, network.min_updates_for_xla
        )
        return batch_size, n_epochs, jit

    def _weights_to_continue(self):
        """Return the weights as trained; `weights_` may be a moving average of them."""
        trained = getattr(self, "_trained_weights", None)
        return self.weights_ if trained is None else trained

    def _group(self, network, X, y, one_pass):
        """Return the lengths of the groups of mini-batches, and each sample's group.

        Without groups the lengths are empty, and all samples are of the group 0.
        """
        return (), np.zeros(len(X), dtype=np.int8)

    def _check_same_network(self, fitted, network):
        """Raise an error if training cannot continue with a network."""
        changed = []
        for field in dataclasses.fields(network):
            before, now = getattr(fitted, field.name), getattr(network, field.name)
            if before != now:
                name = getattr(now, "parameter", field.name)
                changed.append(f"{name}={before!r} (now {now!r})")
        if changed:
            raise ValueError(
                "Training cannot continue with another network: this "
                f"{type(self).__name__} was fitted with {', '.join(changed)}. Set "
                "these back, or call fit with warm_start=False."
            )

    def _check_unused(self, names, when):
        """Raise an error if a parameter without effect is not at its default."""
        defaults = inspect.signature(type(self)).parameters
        given = [
            f"{name}={getattr(self, name)!r}"
            for name in names
            if key_of(getattr(self, name)) != key_of(defaults[name].default)
        ]
        if given:
            raise ValueError(
                f"{', '.join(given)} would have no effect {when}. Leave out what has "
                "no effect."
            )

    def _open_checkpoint(self, plan, data):
        """Return the checkpoint of this fit; None without a `checkpoint_dir`.

        The plan and the data identify the fit.
        """
        if self.checkpoint_dir is None or plan.one_pass:
            return None
        if self.random_state is None:
            raise ValueError(
                "With a checkpoint_dir random_state must not be None: a fit that is "
                "run again is known by its seed."
            )
        from ._tensorflow import keras, tf

        optimizer, schedule = plan.optimizer, plan.optimizer.schedule
        if hasattr(schedule, "get_config"):
            schedule = [type(schedule).__qualname__, schedule.get_config()]
        identity = {
            # Other versions may train differently.
            "versions": [_version.__version__, keras.__version__, tf.__version__],
            "plan": dataclasses.replace(
                plan,
                optimizer=[
                    optimizer.kind,
                    optimizer.learning_rate,
                    optimizer.weight_decay,
                    schedule,
                ],
                callbacks=[
                    [type(callback).__qualname__, callback_state(callback)]
                    for callback in plan.callbacks
                ],
            ),
            "data": data,
        }
        try:
            return Checkpoint(self.checkpoint_dir, identity)
        except (pickle.PicklingError, AttributeError) as error:
            raise ValueError(
                "With a checkpoint_dir all parameters must be picklable, which a "
                f"lambda or a class within a function is not: {error}"
            ) from error

    def _run_training(self, plan, checkpoint, data, held_out):
        """Train through SciKeras.

        Returns
        -------
        progress : Progress
            The state at the end of training.

        history : dict
            The history of this fit.

        interrupt : KeyboardInterrupt or None
            The exception that ended training, if one did.
        """
        from . import _scikeras, training

        progress = None if checkpoint is None else checkpoint.load()
        if progress is not None and progress.finished:
            # The callbacks were called by the process that wrote the checkpoint.
            restore_callbacks(plan.callbacks, progress.callbacks)
            return progress, progress.history, None
        with training.acquire(plan.description) as compiled:
            loop = training.TrainingLoop(compiled, plan, held_out, progress, checkpoint)
            n_here = 0 if progress is None else progress.n_epochs
            interrupt = None
            try:
                history = _scikeras.fit(
                    loop,
                    *data,
                    n_epochs=1 if plan.one_pass else plan.n_epochs - n_here,
                    initial_epoch=len(plan.history.get("loss", [])) + n_here,
                    callbacks=plan.callbacks,
                    verbose=int(self.verbose),
                )
            except KeyboardInterrupt as error:
                if loop.progress is None:
                    raise
                history, interrupt = loop.progress.history, error
        return loop.progress, history, interrupt

    def _warn_of_training(self, plan, progress, interrupt):
        """Warn if training ended with an infinite loss, or if nothing was learned."""
        if progress.diverged is not None:
            warnings.warn(progress.diverged, ConvergenceWarning, stacklevel=2)
        elif plan.weights is None and interrupt is None:
            chance = plan.loss.chance_level(plan.description)
            _warn_without_progress(progress.history["loss"], chance)

    def _store_training(self, plan, progress, history):
        # With samples held out, the best epoch is kept.
        kept = progress if progress.best is None else progress.best
        # The state takes twice the memory of the weights, and serves to continue only.
        keeps_optimizer = plan.one_pass or self.warm_start
        self.architecture_ = plan.description.to_dict()
        is_averaged = kept.averaged is not None
        self.weights_ = kept.averaged if is_averaged else kept.weights
        self._trained_weights = (
            kept.weights if is_averaged and keeps_optimizer else None
        )
        self.optimizer_kind_ = plan.optimizer.kind
        self.optimizer_state_ = kept.optimizer_state if keeps_optimizer else None
        self.seed_ = plan.seed
        self.history_ = _joined(plan.history, history)
        self._n_passes = plan.n_passes + plan.one_pass


@contextlib.contextmanager
def restored_on_error(estimator):
    """Restore the attributes of an estimator if the body raises an error."""
    before = dict(vars(estimator))
    try:
        with overflow_as_value_error():
            yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


@contextlib.contextmanager
def overflow_as_value_error():
    """Raise a ValueError for an integer that is too large for a float."""
    try:
        yield
    except OverflowError as error:
        raise ValueError(f"A number is too large: {error}.") from error


def _choose_held_out(X, groups, order, n_held_out):
    """Choose the samples to hold out.

    Parameters
    ----------
    X : ndarray of shape (n_samples, ...)
        The inputs. Equal inputs are held out together, unless there are groups.

    groups : ndarray of shape (n_samples,) or None
        The groups that are held out as a whole.

    order : ndarray of int, shape (n_samples,)
        The samples in the order in which they, and their groups, are considered.

    n_held_out : int
        The number of samples to hold out, as nearly as the groups allow.

    Returns
    -------
    is_held_out : ndarray of bool, shape (n_samples,)
    """
    names, group = np.unique(
        _hashes(X) if groups is None else groups, return_inverse=True
    )
    if len(names) == 1:
        what = "inputs are equal" if groups is None else "samples are of one group"
        raise ValueError(
            f"All {len(X)} {what}, so that none can be held out: equal inputs, or "
            "samples of one group, stay together. Pass X_val and y_val, or set "
            "early_stopping=False."
        )
    sizes = np.bincount(group)
    _, first = np.unique(group[order], return_index=True)
    chosen, n_left = [], n_held_out
    for i in np.argsort(first):
        if sizes[i] <= n_left:
            chosen.append(i)
            n_left -= sizes[i]
        if not n_left:
            break
    return np.isin(group, chosen or [sizes.argmin()])


def _hashes(X):
    """Return integers that are equal where samples are, shape (n_samples,)."""
    hashes = np.empty(len(X), dtype=np.int64)
    for rows in gen_batches(len(X), _ROWS_HASHED):
        # Zeros of both signs are equal, but not their bytes.
        block = np.ascontiguousarray(X[rows] + np.zeros((), X.dtype))
        hashes[rows] = [
            int.from_bytes(
                hashlib.blake2b(row.tobytes(), digest_size=8).digest(), signed=True
            )
            for row in block
        ]
    return hashes


def _is_function(network):
    """Return whether a parameter is a function that builds networks."""
    return callable(network) and not hasattr(network, "get_params")


def refuse_strings(X, estimator, advice):
    """Raise an error with advice if X are strings and not arrays of numbers."""
    first = X
    if hasattr(X, "__array__"):  # a data frame, a Series, a column of Arrow
        first = next(np.asarray(X).flat, None)
    elif isinstance(X, list | tuple) and X:
        first = X[0]
    if isinstance(first, str):
        raise ValueError(
            f"{type(estimator).__name__} expects arrays of numbers, got strings such "
            f"as {quote(str(first))}. {advice}"
        )


def steps_of(estimator):
    """Return the steps of a Pipeline, without those that do nothing.

    Any other estimator is returned as the only step.
    """
    return [step for _, step in named_steps_of(estimator)]


def named_steps_of(estimator):
    """Return the steps of a Pipeline as pairs of a name and a step.

    The steps of a Pipeline within the Pipeline take its place, with the names of
    `get_params`: ``pipeline__sequencepadder``. Any other estimator has an empty name.
    """
    if not isinstance(estimator, Pipeline):
        return [("", estimator)]
    steps = _flat_steps(estimator)
    if not steps:
        raise ValueError(
            "Expected a Pipeline with a step other than 'passthrough', got one with "
            f"{quote(list(estimator.named_steps))}."
        )
    return steps


def _flat_steps(pipeline):
    steps = []
    for name, step in pipeline.steps:
        if isinstance(step, Pipeline):
            steps += [(f"{name}__{inner}", each) for inner, each in _flat_steps(step)]
        elif step not in (None, "passthrough"):
            steps.append((name, step))
    return steps


def _warn_without_progress(losses, chance):
    """Warn if nothing was learned.

    Nothing was learned if no epoch was better than the first, or if all were worse than
    guessing, where the loss of guessing is known. A slow start looks the same, so that
    a few epochs are not judged.
    """
    if len(losses) < _MIN_EPOCHS_TO_JUDGE:
        return
    lowest = min(losses[1:])
    if lowest >= losses[0] > 0:
        what = f"never fell below that of the first, {losses[0]:.4g}"
    elif lowest > 1.1 * chance > 0:
        what = f"never fell below that of guessing, {chance:.4g}"
    else:
        return
    warnings.warn(
        f"Nothing was learned: in {len(losses)} epochs the loss {what}; the last is "
        f"{losses[-1]:.4g}. A lower learning_rate, a clipnorm or more units may help.",
        ConvergenceWarning,
        stacklevel=3,
    )


def _joined(history, of_fit):
    """Return two histories as one, with NaN for the values that one does not have."""
    n_before, n_after = (len(part.get("loss", [])) for part in (history, of_fit))
    return {
        name: [
            *history.get(name, [np.nan] * n_before),
            *of_fit.get(name, [np.nan] * n_after),
        ]
        for name in history | of_fit
    }


def _draw_seed(random_state):
    # Without a random_state the seed comes from the operating system, so that no global
    # generator is used.
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0] >> 1)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
