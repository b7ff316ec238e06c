"""What both estimators share: SciKeras inside, validation, state as plain data."""

import contextlib
import copy
import os
import warnings
from numbers import Integral, Real

import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import (
    _check_sample_weight,
    _num_samples,
    check_consistent_length,
    check_is_fitted,
)

from ._checkpoint import Checkpoint, callback_state

# After so many epochs something should have been learned.
_MIN_EPOCHS_TO_JUDGE = 5


class NetworkEstimator(BaseEstimator):
    """Base of the estimators that hold a network.

    A fitted one holds plain data only: the architecture as fitted, the weights and
    the optimizer's state as lists of arrays, the seed and the history. The Keras
    model that they belong to is borrowed whenever there is something to compute.
    """

    _parameter_constraints: dict = {
        # Strings and Keras optimizers; Keras itself is not imported for the check.
        "optimizer": "no_validation",
        "learning_rate": [Interval(Real, 0, None, closed="neither"), None],
        "schedule": "no_validation",
        "clipnorm": [Interval(Real, 0, None, closed="neither"), None],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "validation_split": [Interval(Real, 0, 1, closed="left")],
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
        # Not at the top: Keras takes seconds to import, and most of what is done
        # with an estimator (clone, get_params, import) needs no network.
        from .networks import build_network, loss_of

        model = build_network(self.architecture_)
        model.set_weights(self.weights_)
        optimizer = self._make_optimizer()
        if self.learning_rate is not None:
            optimizer.learning_rate = self.learning_rate
        model.compile(optimizer=optimizer, loss=loss_of(self.architecture_))
        return model

    def __sklearn_is_fitted__(self):
        return hasattr(self, "weights_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.non_deterministic = False
        return tags

    # ---------------------------------------------------------------- validation

    def _check_weighted(self, X, y, sample_weight):
        """X, y and the weights without the samples of weight zero."""
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, but "
                "the target y is None."
            )
        check_consistent_length(X, y)
        if sample_weight is None:
            return X, y, None
        sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        if (sample_weight < 0).any():
            i = int(np.argmax(sample_weight < 0))
            raise ValueError(
                "Negative values in data passed to `sample_weight`; the first is "
                f"{sample_weight[i]} of sample {i}."
            )
        kept = np.flatnonzero(sample_weight)
        if not len(kept):
            raise ValueError("All samples have a weight of zero: nothing to fit.")
        if len(kept) < _num_samples(X):
            X, y = _safe_indexing(X, kept), _safe_indexing(y, kept)
        return X, y, sample_weight[kept]

    def _clone_target_transformer(self):
        if isinstance(self.target_transformer, type):
            raise ValueError(
                f"The 'target_transformer' parameter of {type(self).__name__} must be "
                f"an instance, got the class {self.target_transformer.__name__} "
                "instead."
            )
        return clone(self.target_transformer)

    def _describe_optimizer(self):
        """Which kind of optimizer it is, its learning rate and its schedule.

        The kind is all but the learning rate, which is no part of what is compiled.
        """
        schedule = self.schedule
        learning_rate = self.learning_rate
        if isinstance(self.optimizer, str):
            kind = {"name": self.optimizer.lower()}
        else:
            self._check_optimizer(self.optimizer)
            kind = dict(self.optimizer.get_config())
            rate = kind.pop("learning_rate")
            del kind["name"]
            kind["class"] = type(self.optimizer)
            if isinstance(rate, dict):  # a schedule, serialized
                schedule = (
                    self.optimizer._learning_rate if schedule is None else schedule
                )
            elif learning_rate is None:
                learning_rate = float(rate)
        if self.clipnorm is not None:
            kind["clipnorm"] = float(self.clipnorm)
        self._check_schedule(schedule)
        kind = ", ".join(f"{name}={value}" for name, value in sorted(kind.items()))
        return kind, learning_rate, schedule

    def _make_optimizer(self):
        """A fresh Keras optimizer with its own learning rate, not that of this fit.

        It stays behind in the shared network, for fits with other learning rates.
        """
        from ._tensorflow import keras

        optimizer = self.optimizer
        if isinstance(optimizer, str):
            with contextlib.suppress(ValueError):  # named below
                optimizer = keras.optimizers.get(optimizer)
        self._check_optimizer(optimizer)
        config = optimizer.get_config()
        if isinstance(config["learning_rate"], dict):
            config["learning_rate"] = 1e-3  # in place of a schedule; never trained with
        if self.clipnorm is not None:
            config["clipnorm"] = float(self.clipnorm)
        return type(optimizer).from_config(config)

    def _check_optimizer(self, optimizer):
        from ._tensorflow import keras

        if not isinstance(optimizer, keras.optimizers.Optimizer):
            raise ValueError(
                f"The 'optimizer' parameter of {type(self).__name__} must be the name "
                "of a Keras optimizer or an instance of keras.optimizers.Optimizer. "
                f"Got {self.optimizer!r} instead."
            )

    def _check_schedule(self, schedule):
        from ._tensorflow import keras

        if schedule in (None, "cosine"):
            return
        if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
            raise ValueError(
                f"The 'schedule' parameter of {type(self).__name__} must be None, "
                "'cosine' or an instance of "
                "keras.optimizers.schedules.LearningRateSchedule. Got "
                f"{schedule!r} instead."
            )

    def _copy_callbacks(self):
        from ._tensorflow import keras

        for i, callback in enumerate(self.callbacks or ()):
            if not isinstance(callback, keras.callbacks.Callback):
                raise ValueError(
                    f"The 'callbacks' parameter of {type(self).__name__} must hold "
                    f"instances of keras.callbacks.Callback. Got {callback!r} at "
                    f"position {i} instead."
                )
        return [copy.deepcopy(callback) for callback in self.callbacks or ()]

    # ------------------------------------------------------------------ training

    def _train(self, architecture, X, y, sample_weight, *, go_on, one_pass=False):
        """Train a network and store it as plain data.

        Parameters
        ----------
        architecture : dict
            The network.

        X : ndarray of shape (n_samples, ...)
            The inputs, as the network takes them.

        y : ndarray of shape (n_samples, ...)
            The targets: codes of symbols, or numbers.

        sample_weight : ndarray of shape (n_samples,) or None

        go_on : bool
            Whether to start from the weights and the history that are there.

        one_pass : bool, default=False
            Whether to train for one epoch, as one of `epochs` that are to come,
            and not for all of them now.

        Returns
        -------
        interrupt : KeyboardInterrupt or None
            What ended the training early. It should be raised again, when nothing
            keeps what was learned from being kept.
        """
        from . import training

        batch_size = self.batch_size
        n_train = int(np.floor(len(X) * (1 - self.validation_split)))
        if not n_train:
            raise ValueError(
                f"With validation_split={self.validation_split} and n_samples={len(X)} "
                "no sample is left to train on. Lower validation_split."
            )
        n_steps = self.epochs * -(-n_train // batch_size)
        optimizer_kind, learning_rate, schedule = self._describe_optimizer()
        callbacks = self._copy_callbacks()
        history = copy.deepcopy(self.history_) if go_on else {}
        seed = self.seed_ if go_on else _draw_seed(self.random_state)
        # An optimizer of another kind cannot take over the state, and starts anew.
        same_optimizer = go_on and self.optimizer_kind_ == optimizer_kind
        if go_on and architecture != self.architecture_:
            changed = [
                f"{name}={self.architecture_[name]!r} (now {value!r})"
                for name, value in architecture.items()
                if self.architecture_[name] != value
            ]
            raise ValueError(
                "Training cannot go on with another network: this "
                f"{type(self).__name__} was fitted with {', '.join(changed)}. Set "
                "these back, or call fit with warm_start=False."
            )
        jit = training.choose_jit(self.jit_compile, n_steps)
        checkpoint = resume = interrupt = None
        if self.checkpoint_dir is not None and not one_pass:
            checkpoint = self._open_checkpoint(
                architecture=architecture,
                optimizer=optimizer_kind,
                learning_rate=learning_rate,
                schedule=schedule,
                jit=jit,
                callbacks=callbacks,
                seed=seed,
                begin=[self.weights_, self.optimizer_state_, history] if go_on else [],
                data=[X, y, sample_weight],
            )
            resume = checkpoint.load()
        with training.borrow_network(architecture) as network:
            network.prepare(
                weights=self.weights_ if go_on else None,
                make_optimizer=self._make_optimizer,
                optimizer_kind=optimizer_kind,
                optimizer_state=self.optimizer_state_ if same_optimizer else None,
                learning_rate=learning_rate,
                schedule=schedule,
                n_planned_steps=n_steps,
                begin_plan=not one_pass,
                batch_size=batch_size,
                jit=jit,
                seed=seed,
                resume=resume,
                save=None if checkpoint is None else checkpoint.save,
            )
            if resume is None or not resume.finished:
                try:
                    _fit_with_scikeras(
                        network,
                        X,
                        y,
                        sample_weight,
                        history=history,
                        epochs=1 if one_pass else self.epochs,
                        batch_size=batch_size,
                        validation_split=self.validation_split,
                        callbacks=callbacks,
                        verbose=int(self.verbose),
                    )
                except KeyboardInterrupt as error:
                    if network.progress is None:
                        raise
                    interrupt = error
            progress, diverged = network.progress, network.diverged
        if diverged is not None:
            warnings.warn(
                f"{diverged}. Training ended with what was learned in the "
                f"{progress.n_epochs} epochs before. {training.HELP_DIVERGED}",
                ConvergenceWarning,
                stacklevel=2,
            )
        elif not go_on and interrupt is None:
            _warn_without_progress(
                progress.history["loss"], _loss_by_chance(architecture)
            )
        for name, values in progress.history.items():
            history[name] = [*history.get(name, []), *values]
        # Twice the size of the weights, and of use only if training is to go on.
        keeps_optimizer = one_pass or self.warm_start
        self.architecture_ = architecture
        self.weights_ = progress.weights
        self.optimizer_kind_ = optimizer_kind
        self.optimizer_state_ = progress.optimizer_state if keeps_optimizer else None
        self.seed_ = seed
        self.history_ = history
        return interrupt

    def _open_checkpoint(self, *, schedule, callbacks, seed, **identity):
        """The checkpoint of the fit that all of this identifies."""
        if self.random_state is None:
            raise ValueError(
                "With a checkpoint_dir random_state must not be None: a fit that is "
                "run again is known by its seed."
            )
        if schedule is not None and not isinstance(schedule, str):
            schedule = [type(schedule).__qualname__, schedule.get_config()]
        return Checkpoint(
            self.checkpoint_dir,
            {
                **identity,
                "seed": seed,
                "schedule": schedule,
                "callbacks": [
                    [type(callback).__qualname__, callback_state(callback)]
                    for callback in callbacks
                ],
                "batch_size": self.batch_size,
                "epochs": self.epochs,
                "validation_split": self.validation_split,
            },
        )

    @contextlib.contextmanager
    def _network(self):
        """The fitted network, to compute with."""
        from . import training

        check_is_fitted(self)
        with training.borrow_network(self.architecture_) as network:
            network.set_weights(self.weights_)
            yield network


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


def refuse_strings(X, estimator, advice):
    """Raise an error with advice if X are strings and not arrays of numbers."""
    string = _first_string(X)
    if string is not None:
        raise ValueError(
            f"{type(estimator).__name__} expects arrays of numbers, got strings such "
            f"as {str(string)!r}. {advice}"
        )


def _fit_with_scikeras(network, X, y, sample_weight, *, history, epochs, **fit_params):
    """Train a network through SciKeras, as `keras.Model.fit` is called."""
    from scikeras.wrappers import BaseWrapper

    class Wrapper(BaseWrapper):
        # SciKeras would ask scikit-learn, which warns of targets that hardly repeat.
        def _type_of_target(self, y):
            return "multiclass-multioutput"

    # With a random_state of its own, SciKeras would switch TensorFlow's determinism
    # on for the whole process; the network was seeded before it came here.
    wrapper = Wrapper(model=lambda: network, warm_start=True, **fit_params)
    wrapper.initialize(X, y)
    n_here = 0 if network.progress is None else network.progress.n_epochs
    n_before = len(history.get("loss", [])) + n_here
    # SciKeras' transformers inside would warn of data frames that the user asked for.
    with config_context(transform_output="default"):
        wrapper.fit(X, y, sample_weight, epochs=epochs - n_here, initial_epoch=n_before)


def _loss_by_chance(architecture):
    """The loss of taking all symbols for equally probable; infinite for numbers."""
    if "n_symbols" in architecture and architecture["padding"] is None:
        return float(np.log(architecture["n_symbols"]))
    return np.inf


def _warn_without_progress(losses, chance):
    """Warn if nothing was learned, which hardly ever happens by itself.

    That is if no epoch was better than the first, or if all were worse than guessing,
    where it is known what that amounts to: not just as bad, as at a slow beginning.
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


def _draw_seed(random_state):
    # None draws from the operating system: no global generator is touched.
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0] >> 1)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))


def _first_string(X):
    """The first of one-dimensional X if it is a string, None otherwise."""
    if isinstance(X, str):
        return X
    if hasattr(X, "__array__"):  # a Series of pandas or polars, a column of Arrow
        X = np.asarray(X)
    is_flat = isinstance(X, list | tuple) or (isinstance(X, np.ndarray) and X.ndim == 1)
    return X[0] if is_flat and len(X) and isinstance(X[0], str) else None
