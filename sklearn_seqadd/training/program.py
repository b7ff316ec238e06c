"""Compiled programs, above all the one that trains on many mini-batches in one call."""

import contextlib
import functools
import tempfile
import warnings
from pathlib import Path

import numpy as np

from .._tensorflow import PROGRAMS, gc_disabled, tf
from .functions import dtype_of
from .optimizers import has_averages, initial_state
from .updates import training_function
from .weights import assign

# The limits of one call of a training program: mini-batches, and bytes of inputs. The
# last call of an epoch runs fewer mini-batches, so that the number of samples is not
# compiled in.
_MAX_BATCHES_PER_CALL = 128
_MAX_BYTES_PER_CALL = 2**24


def choose_jit(jit_compile, n_batches, minimum):
    """Return whether to train with XLA, by parameters and sizes only.

    Parameters
    ----------
    jit_compile : bool or "auto"
        The user's choice.

    n_batches : int
        The number of mini-batches that the fit will run.

    minimum : int
        The number of mini-batches at which XLA saves the time that it takes to compile.
    """
    return n_batches >= minimum if jit_compile == "auto" else jit_compile


@gc_disabled()
def compile_program(function, signature, jit=None):
    """Compile a function of tensors.

    Parameters
    ----------
    function : callable

    signature : list of tf.TensorSpec
        The specifications of the function's arguments.

    jit : bool, default=None
        Whether to compile with XLA.

    Returns
    -------
    program : callable
        A concrete function. Called directly, a `tf.function` would warn of "retracing"
        when it meets the same line of code for another network.
    """

    # If a default argument is left out, TensorFlow fails to bind, formats an error that
    # lists every argument, and only then falls back - on each call. Positional
    # arguments always bind.
    def call(*args):
        return function(*args)

    compiled = tf.function(call, jit_compile=jit, autograph=False)
    return compiled.get_concrete_function(*signature)


def _kept_programs():
    """Return the files of the programs that are kept on disk."""
    return [] if PROGRAMS is None else sorted(PROGRAMS.glob("*.pb*"))


def _run_without_kept_programs(run, error):
    """Run a program without the files of programs, one of which may be damaged.

    If it succeeds, the files are deleted, with a warning. Otherwise they stay.

    Parameters
    ----------
    run : callable
        Compiles the program and runs it.

    error : tf.errors.OpError
        The error with which the program failed before.
    """
    with (
        tempfile.TemporaryDirectory(dir=PROGRAMS) as aside,
        contextlib.ExitStack() as put_back,
    ):
        for file in _kept_programs():
            with contextlib.suppress(FileNotFoundError):  # deleted by another process
                moved = file.replace(Path(aside, file.name))
                put_back.callback(moved.replace, file)
        result = run()
        put_back.pop_all()
    warnings.warn(
        f"A program in {PROGRAMS} cannot be used, and is compiled again: "
        f"{type(error).__name__}: {error.message}",
        stacklevel=3,
    )
    return result


class TrainingProgram:
    """Trains a model with one loss, optimizer and batch size, with XLA or without.

    Parameters
    ----------
    functions : NetworkFunctions

    plan : Plan
        The program keeps its optimizer. Learning rate and weight decay are not
        compiled.

    Attributes
    ----------
    optimizer : keras.optimizers.Optimizer
        The optimizer, whose variables are arbitrary until `start`.

    batches_per_call : int
        The largest number of mini-batches in a call.
    """

    def __init__(self, functions, plan):
        self.optimizer = plan.optimizer.optimizer
        self._functions = functions
        self._loss = plan.loss
        self._batch_size = plan.batch_size
        self._weights = functions.model.trainable_variables
        self._weight_decay = plan.optimizer.weight_decay
        self._build_optimizer()
        n_bytes = 4 * plan.batch_size * int(np.prod(functions.input_spec().shape[1:]))
        self.batches_per_call = max(
            1, min(_MAX_BATCHES_PER_CALL, _MAX_BYTES_PER_CALL // n_bytes)
        )
        # XLA compiles for one size, which the last call of an epoch fills in part.
        self._capacity = self.batches_per_call if plan.jit else None
        self._compile = functools.partial(
            compile_program,
            training_function(functions, plan.loss, self.optimizer, plan.groups),
            self._signature(),
            jit=plan.jit,
        )
        self._run = self._compile()
        self._has_run = False

    def _build_optimizer(self):
        # Random weights, to see whether the optimizer's variables depend on them. Every
        # fit sets its own before it starts.
        rng = np.random.default_rng(0)
        assign(self._weights, [rng.random(weight.shape) for weight in self._weights])
        self.optimizer.build(self._weights)
        state = self._functions.model.weights, self.optimizer.variables

        def read():
            return [[part.value.read_value() for part in parts] for parts in state]

        self._read = compile_program(read, [])
        self._initial_state = self.snapshot()[1]
        # Building an optimizer takes as long as a small fit. The variables of most
        # optimizers begin with the same number everywhere, and are kept instead.
        self._copies_weights = any(
            array.size and np.ptp(array) for array in self._initial_state
        )

    def _signature(self):
        """Return the specifications of the program's arguments."""
        batches = self._functions.batch_specs(
            self._loss, self._capacity, self._batch_size
        )
        self._dtypes = list(map(dtype_of, batches))
        rates = tf.TensorSpec([self._capacity], tf.float32)
        groups = tf.TensorSpec([self._capacity], tf.int32)
        signature = [*batches, rates, groups, tf.TensorSpec([], tf.int32)]
        if self._weight_decay is not None:
            signature.append(tf.TensorSpec([], tf.float32))
        return signature

    def start(self, optimizer, state=None):
        """Start from an optimizer's settings and variables.

        Parameters
        ----------
        optimizer : ResolvedOptimizer
            It has the learning rate and the weight decay.

        state : list of ndarray, default=None
            The optimizer's variables; None for those of a new one.
        """
        if state is None:
            state = self._initial_state
            if self._copies_weights:
                with self._functions.description.keras_settings.applied():
                    state = initial_state(self.optimizer, self._weights)
        assign(self.optimizer.variables, state)
        self.optimizer.learning_rate.assign(optimizer.learning_rate)
        self._weight_decay = optimizer.weight_decay

    def average_weights(self):
        """Replace the weights by the optimizer's moving average of them.

        Returns
        -------
        is_averaged : bool
            True if the optimizer has a moving average.
        """
        is_averaged = has_averages(self.optimizer)
        if is_averaged:
            self.optimizer.finalize_variable_values(self._weights)
        return is_averaged

    def snapshot(self):
        """Return copies of the weights and of the optimizer's variables."""
        # Reading them one by one would take longer than a small epoch.
        # keras.ops.convert_to_numpy would make NumPy 2.4 warn.
        return [[np.array(value.numpy()) for value in part] for part in self._read()]

    def restore(self, weights, optimizer_state):
        """Copy a snapshot back into the weights and the optimizer's variables."""
        assign(self._functions.model.weights, weights)
        assign(self.optimizer.variables, optimizer_state)

    def run(self, data, rows, groups, rates=None):
        """Train on some mini-batches.

        Parameters
        ----------
        data : tuple of ndarray
            Inputs, targets and weights of all samples. Integers may be smaller than
            those of the program.

        rows : ndarray of int, shape (n_batches, batch_size)
            The samples of each mini-batch, -1 at the places that are left over.

        groups : ndarray of int, shape (n_batches,)
            The group of each mini-batch.

        rates : ndarray, default=None
            The learning rate of each mini-batch; None for the optimizer's, which a
            callback may have set.

        Returns
        -------
        sums : ndarray
            The result of :func:`~sklearn_seqadd.training.losses.weighted_sums`, added
            up over the mini-batches.
        """
        if rates is None:
            rates = self.optimizer.learning_rate.numpy()
        arguments = [
            *self._gather(data, rows),
            self._with_capacity(rates, len(rows), np.float32),
            self._with_capacity(groups, len(rows), np.int32),
            len(rows),
        ]
        if self._weight_decay is not None:
            arguments.append(self._weight_decay)
        summed = self._run_or_recompile(list(map(tf.constant, arguments)))
        return summed.numpy().astype(np.float64)

    def _gather(self, data, rows):
        """Return the inputs, targets and weights of mini-batches.

        Returns
        -------
        batches : list of ndarray, shape (capacity, batch_size, ...)
        """
        n_batches = len(rows)
        is_sample = rows >= 0
        if not is_sample.all():
            rows = _filled_up(rows)
        batches = []
        for part, dtype in zip(data, self._dtypes, strict=True):
            shape = self._capacity or n_batches, self._batch_size, *part.shape[1:]
            batch = np.zeros(shape, dtype)
            if part.dtype == dtype:
                np.take(part, rows, axis=0, out=batch[:n_batches])
            else:
                batch[:n_batches] = part[rows]
            batches.append(batch)
        # A sample of weight zero is as if absent.
        batches[-1][:n_batches][~is_sample] = 0
        return batches

    def _with_capacity(self, values, n_batches, dtype):
        """Return a value for each mini-batch of a call, zeros after the last."""
        padded = np.zeros(self._capacity or n_batches, dtype)
        padded[:n_batches] = values
        return padded

    def _run_or_recompile(self, arguments):
        """Run the program; compile it again if its file on disk is damaged."""
        # When a program runs first, XLA finds it on disk, or compiles and writes it.
        may_be_found = self._capacity is not None and not self._has_run
        kept = _kept_programs() if may_be_found else []
        try:
            summed = self._run(*arguments)
        except tf.errors.ResourceExhaustedError:
            raise
        except tf.errors.OpError as error:
            if not kept or _kept_programs() != kept:
                raise
            summed = _run_without_kept_programs(
                lambda: self._recompile_and_run(arguments), error
            )
        self._has_run = True
        return summed

    def _recompile_and_run(self, arguments):
        with self._functions.description.keras_settings.applied():
            self._run = self._compile()
        return self._run(*arguments)


def _filled_up(rows):
    """Fill incomplete mini-batches by repeating their own samples.

    These have weight zero. Layers that normalize a mini-batch see real samples only.
    """
    return np.array([np.resize(batch[batch >= 0], len(batch)) for batch in rows])
