"""What both estimators share: validation, training in steps, state as plain data."""

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
from ._digits import shown
from ._interrupts import interrupts_held_back
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

# Of MLPRegressor.
_AUTO_BATCH_SIZE = 200

# With epochs="auto": mini-batches by the cube root of the number of samples, as twice
# the samples need less than twice the mini-batches.
_AUTO_STEPS = 170

# After so many epochs something should have been learned.
_MIN_EPOCHS_TO_JUDGE = 5

# The samples hashed together, so that little memory is needed.
_ROWS_HASHED = 2048

# The smallest weight of a sample, where the largest is 1 to 2: less would be zero in
# single precision, and a mini-batch of such samples without any weight.
_MIN_WEIGHT = 2.0**-100


class NetworkEstimator(BaseEstimator):
    """Base of the estimators that hold a network.

    A fitted one holds plain data only: the architecture as fitted, the weights and
    the optimizer's state as lists of arrays, the seed and the history. The compiled
    network that they belong to is acquired whenever there is something to compute.

    A subclass has a kind of network, the name of a loss, `_check_X`, `_prepare` and
    `_make_loss`.
    """

    _network_class: ClassVar[type[NetworkDescription]]
    _loss_name: ClassVar[str]  # Keras' own

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
        "average_weights": ["boolean"],
        "callbacks": [list, tuple, None],
        "checkpoint_dir": [str, os.PathLike, None],
        "warm_start": ["boolean"],
        "jit_compile": ["boolean", StrOptions({"auto"})],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }

    @property
    def model_(self):
        """A Keras model of its own with the fitted weights."""
        check_is_fitted(self)
        model = self._network.for_prediction().build()
        model.set_weights(self.weights_)
        resolved = self._resolve_optimizer()
        resolved.optimizer.learning_rate = resolved.learning_rate
        model.compile(optimizer=resolved.optimizer, loss=self._loss_name)
        # Or a saved one would come back with a warning.
        model.optimizer.build(model.trainable_variables)
        return model

    @property
    def n_iter_(self):
        """The number of epochs since training began."""
        check_is_fitted(self)
        return len(self.history_["loss"])

    def get_params(self, deep=True):
        """Get the parameters, those of the network among them if it is a function.

        Parameters
        ----------
        deep : bool, default=True
            Whether to return also the parameters of what is among them.

        Returns
        -------
        params : dict
            By name.
        """
        params = super().get_params(deep)
        if deep and _is_function(params.get("network")):
            of_function = FunctionNetwork(params["network"]).get_params()
            params |= {f"network__{name}": value for name, value in of_function.items()}
        return params

    def set_params(self, **params):
        """Set parameters, by names as in `get_params`.

        Parameters
        ----------
        **params : dict
            Their values.

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
        """Return an unfitted copy whose callbacks share what they refer to.

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
        """Yield a `Predictor` of the fitted network, and inputs as it takes them."""
        # Not at the top: Keras takes seconds to import, and most of what is done
        # with an estimator (clone, get_params, import) needs no network.
        from . import training

        check_is_fitted(self)
        with too_large_is_invalid():
            X = self._check_X(X, reset=False)
        with training.acquire(self._network.for_prediction()) as compiled:
            compiled.weights.set(self.weights_)
            yield compiled.predictor, X

    def _check_X(self, X, *, reset):
        """The inputs as the network takes them, validated.

        Parameters
        ----------
        X : array-like
            As the user has given them.

        reset : bool
            Whether they are those of a new fit, or must be like those of the last.

        Returns
        -------
        X : ndarray of shape (n_samples, ...)
        """
        raise NotImplementedError

    def _prepare(self, X, y, *, resume):
        """Validate and encode targets; learn what is not learned by the network.

        Parameters
        ----------
        X : ndarray of shape (n_samples, ...)
            The inputs, as the network takes them.

        y : array-like
            As the user has given them.

        resume : bool
            Whether to keep what was learned before.

        Returns
        -------
        network : NetworkDescription
            The network that these samples need.

        y : ndarray of shape (n_samples, ...)
            The targets: codes of symbols, or numbers.
        """
        raise NotImplementedError

    def _make_loss(self):
        """What is made small, an object of :mod:`sklearn_seqadd.training`."""
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
                f"y is the single string {shown(y)}. Put it in a list if there is one "
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
                    f"instances of keras.callbacks.Callback. Got {shown(callback)} at "
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

    @interrupts_held_back()  # until what was learned is in the estimator
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
        """Fit, or train for one pass more: what `fit` and `partial_fit` do."""
        resume = self.__sklearn_is_fitted__() and (one_pass or self.warm_start)
        with unchanged_if_failing(self):
            X = self._check_X(X, reset=not resume)
            y = as_samples(y, "y")
            if hasattr(y, "__array__"):  # a Series, an Index, a column of Arrow
                y = np.asarray(y)
            X, y, sample_weight, groups = self._check_weighted(
                X, y, sample_weight, groups
            )
            network, y = self._prepare(X, y, resume=resume)
            if resume:
                self._check_same_network(network)
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
            raise interrupt  # with what was learned in the estimator
        return self

    def _hold_out(self, data, groups, validation, seed, one_pass):
        """Split data into samples to train on and samples to score, if any."""
        X_val, y_val = validation
        if (X_val is None) != (y_val is None):
            name, other = ("y_val", "X_val") if X_val is None else ("X_val", "y_val")
            raise ValueError(f"{name} is given without {other}.")
        if X_val is not None:
            return data, self._check_validation(X_val, y_val)
        if one_pass or not self.early_stopping:
            return data, None
        n_samples = len(data[0])
        # As train_test_split counts them.
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
        """Return validation data of the user's own as that held out would be."""
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
        network, y = self._prepare(X, y, resume=True)
        if network != self._network:
            raise ValueError("y_val has another number of columns than y.")
        return X, y

    def _plan_training(self, network, data, seed, resume, one_pass):
        """All that is to be decided before training begins, with an error if it can't.

        Parameters
        ----------
        network : NetworkDescription

        data : list
            Inputs, targets and weights of the samples to train on.

        seed : int

        resume : bool
            Whether to start from the weights and the history that are there.

        one_pass : bool
            Whether to train for one epoch, as one of `epochs` that are to come,
            and not for all of them now.

        Returns
        -------
        plan : training.Plan
        """
        from . import training

        X, y, _ = data
        n_train = len(X)
        batch_size = self.batch_size
        if batch_size == "auto":
            # Of fewer samples there is one mini-batch, filled up with samples of weight
            # zero: another size would have to be compiled anew.
            batch_size = _AUTO_BATCH_SIZE
        n_steps = -(-n_train // batch_size)
        n_epochs = self.epochs
        if n_epochs == "auto":
            n_epochs = max(1, round(_AUTO_STEPS * n_train ** (1 / 3) / n_steps))
        # Pieces of a stream do not tell how many samples there will be.
        optimizer = self._resolve_optimizer(None if one_pass else n_train)
        callbacks = self._copy_callbacks()
        # An optimizer of another kind cannot take over the state, and starts anew.
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
            jit=training.choose_jit(
                self.jit_compile, n_epochs * n_steps, network.min_steps_for_xla
            ),
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

    def _weights_to_continue(self):
        """The weights as trained, of which `weights_` may be a moving average."""
        trained = getattr(self, "_trained_weights", None)
        return self.weights_ if trained is None else trained

    def _group(self, network, X, y, one_pass):
        """Return the lengths of the groups of mini-batches, and each sample's group.

        Without groups the lengths are empty, and all samples are of the group 0.
        """
        return (), np.zeros(len(X), dtype=np.int8)

    def _check_same_network(self, network):
        fitted = self._network
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
        """The checkpoint of the fit that the plan and the data identify, if any."""
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
            # Other versions may train in another way.
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
                "With a checkpoint_dir the parameters must be such as can be pickled, "
                f"which a lambda or a class within a function is not: {error}"
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
            The interrupt that ended training, if any.
        """
        from . import _scikeras, training

        progress = None if checkpoint is None else checkpoint.load()
        if progress is not None and progress.finished:
            # The callbacks are left as if they had been called.
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
        """Warn if training ended with an infinite loss, or did not get anywhere."""
        if progress.diverged is not None:
            warnings.warn(progress.diverged, ConvergenceWarning, stacklevel=2)
        elif plan.weights is None and interrupt is None:
            chance = plan.loss.chance_level(plan.description)
            _warn_without_progress(progress.history["loss"], chance)

    def _store_training(self, plan, progress, history):
        # The best epoch, if one was looked for.
        kept = progress if progress.best is None else progress.best
        # Twice the size of the weights, and of use only if training is to continue.
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
def unchanged_if_failing(estimator):
    """Leave an estimator as it was if what is done with it fails."""
    before = dict(vars(estimator))
    try:
        with too_large_is_invalid():
            yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


@contextlib.contextmanager
def too_large_is_invalid():
    """Say that an integer which no float can hold is an invalid value."""
    try:
        yield
    except OverflowError as error:
        raise ValueError(f"A number is too large: {error}.") from error


def _choose_held_out(X, groups, order, n_held_out):
    """Choose the samples to hold out.

    Parameters
    ----------
    X : ndarray of shape (n_samples, ...)
        The inputs. Equal ones are held out together, unless there are groups.

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
    """Whether a parameter is a function that builds networks, and no object."""
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
            f"as {shown(str(first))}. {advice}"
        )


def steps_of(estimator):
    """Return the steps of a Pipeline that do something, or another estimator alone."""
    return [step for _, step in named_steps_of(estimator)]


def named_steps_of(estimator):
    """Return the same as pairs of a name and a step; other estimators have no name.

    The steps of a Pipeline within the Pipeline stand in its place, named as in
    `get_params`: ``pipeline__sequencepadder``.
    """
    if not isinstance(estimator, Pipeline):
        return [("", estimator)]
    steps = _flat_steps(estimator)
    if not steps:
        raise ValueError(
            "Expected a Pipeline with a step other than 'passthrough', got one with "
            f"{shown(list(estimator.named_steps))}."
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
    """Warn if nothing was learned, which hardly ever happens by itself.

    That is if no epoch was better than the first, or if all were worse than guessing,
    where it is known what that amounts to. Just as bad it may be at a slow start.
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
    """The history of earlier fits and of one more; NaN where one has no value."""
    n_before, n_after = (len(part.get("loss", [])) for part in (history, of_fit))
    return {
        name: [
            *history.get(name, [np.nan] * n_before),
            *of_fit.get(name, [np.nan] * n_after),
        ]
        for name in history | of_fit
    }


def _draw_seed(random_state):
    # None draws from the operating system: no global generator is touched.
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0] >> 1)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
