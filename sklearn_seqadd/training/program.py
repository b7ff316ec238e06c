"""Compiled programs: a run of many mini-batches, in TensorFlow and not in Python."""

import contextlib
import functools
import tempfile
import warnings
from pathlib import Path

import numpy as np

from .._tensorflow import PROGRAMS, garbage_collection_paused, tf
from .losses import weighted_sums
from .optimizers import has_averages, initial_state, weight_decay_of

# Mini-batches in one call of a program, fewer where they are large. The last call of an
# epoch runs what is left, so the number of samples is not compiled in.
_MAX_STEPS_PER_CALL = 128
_MAX_BYTES_PER_CALL = 2**24


def choose_jit(jit_compile, n_steps, minimum):
    """Whether to train with XLA, from parameters and sizes only.

    Parameters
    ----------
    jit_compile : bool or "auto"
        The user's word.

    n_steps : int
        The number of mini-batches that the fit will run.

    minimum : int
        From how many on XLA saves more time than it takes to compile.
    """
    return n_steps >= minimum if jit_compile == "auto" else jit_compile


@garbage_collection_paused()
def compile_program(function, signature, jit=None):
    """Compile a function of tensors.

    Parameters
    ----------
    function : callable

    signature : list of tf.TensorSpec
        What it is called with.

    jit : bool, default=None
        Whether to compile with XLA.

    Returns
    -------
    program : callable
        A concrete function: a `tf.function` called directly would warn of "retracing"
        when it meets the same line of code for another network.
    """

    # A parameter that is left to its default does not bind, of which TensorFlow makes
    # an error with all arguments in words, and then tries another way: every time.
    def call(*args):
        return function(*args)

    compiled = tf.function(call, jit_compile=jit, autograph=False)
    return compiled.get_concrete_function(*signature)


def _kept_programs():
    """Return the files of the programs that are kept on disk."""
    return [] if PROGRAMS is None else sorted(PROGRAMS.glob("*.pb*"))


def _run_without_kept_programs(run, error):
    """Run something without the programs on disk, one of which may be damaged.

    If it succeeds, the programs are deleted, with a warning. Otherwise they stay.

    Parameters
    ----------
    run : callable

    error : tf.errors.OpError
        The error with which it failed before.
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
        f"A program in {PROGRAMS} cannot be used, and is compiled anew: "
        f"{type(error).__name__}: {error.message}",
        stacklevel=3,
    )
    return result


def dtype_of(spec):
    """NumPy's dtype of what a program takes."""
    return spec.dtype.as_numpy_dtype


class TrainingProgram:
    """One way to train a network: a loss, an optimizer, a batch size, XLA or not.

    Parameters
    ----------
    network : CompiledNetwork

    plan : Plan
        The program keeps its optimizer. Learning rate and weight decay are not
        compiled.
    """

    def __init__(self, network, plan):
        self.loss = plan.loss
        self.optimizer = optimizer = plan.optimizer.optimizer
        self.batch_size = batch_size = plan.batch_size
        self._groups = plan.groups
        self._weights = network.network.trainable_variables
        # Random weights, to see whether the optimizer's variables depend on them. Every
        # fit sets its own before it starts.
        rng = np.random.default_rng(0)
        assign(self._weights, [rng.random(weight.shape) for weight in self._weights])
        optimizer.build(self._weights)
        n_bytes = 4 * batch_size * int(np.prod(network.network.inputs[0].shape[1:]))
        n_steps = min(_MAX_STEPS_PER_CALL, _MAX_BYTES_PER_CALL // n_bytes)
        self.steps_per_call = max(1, n_steps)
        state = network.network.weights, optimizer.variables

        def read():
            return [[part.value.read_value() for part in parts] for parts in state]

        self._read = compile_program(read, [])
        self._initial_state = self.snapshot()[1]
        # Building an optimizer takes as long as a small fit, and most begin with zeros.
        self._copies_weights = any(
            array.size and np.ptp(array) for array in self._initial_state
        )
        # XLA compiles for one size, which the last call of an epoch fills in part.
        self._capacity = self.steps_per_call if plan.jit else None
        batches = network.describe_batch(plan.loss, self._capacity, batch_size)
        self._dtypes = list(map(dtype_of, batches))
        rates = tf.TensorSpec([self._capacity], tf.float32)
        groups = tf.TensorSpec([self._capacity], tf.int32)
        signature = [*batches, rates, groups, tf.TensorSpec([], tf.int32)]
        self._weight_decay = plan.optimizer.weight_decay
        if self._weight_decay is not None:
            signature.append(tf.TensorSpec([], tf.float32))
        self._compile = functools.partial(
            compile_program, self._loop(network), signature, jit=plan.jit
        )
        self._keras_settings = network.description.keras_settings
        self._run = self._compile()
        self._has_run = False

    def start(self, optimizer, state=None):
        """Start from an optimizer's settings and its variables; None: new ones."""
        if state is None:
            state = self._initial_state
            if self._copies_weights:
                with self._keras_settings.applied():
                    state = initial_state(self.optimizer, self._weights)
        assign(self.optimizer.variables, state)
        self.optimizer.learning_rate.assign(optimizer.learning_rate)
        self._weight_decay = optimizer.weight_decay

    def average_weights(self):
        """Put the optimizer's moving average of the weights in their place.

        Returns
        -------
        is_averaged : bool
            Whether the optimizer has any.
        """
        is_averaged = has_averages(self.optimizer)
        if is_averaged:
            self.optimizer.finalize_variable_values(self._weights)
        return is_averaged

    def run(self, data, rows, groups, rates=None):
        """Train on some mini-batches.

        Parameters
        ----------
        data : tuple of ndarray
            Inputs, targets and weights of all samples; integers may be smaller than
            the program takes them.

        rows : ndarray of int, shape (n_batches, batch_size)
            The samples of each mini-batch, -1 where there are too few.

        groups : ndarray of int, shape (n_batches,)
            The group of each mini-batch.

        rates : ndarray, default=None
            The learning rate of each mini-batch; None for the optimizer's, which a
            callback may have set.

        Returns
        -------
        sums : ndarray
            As of :func:`~sklearn_seqadd.training.losses.weighted_sums`.
        """
        n_steps = len(rows)
        capacity = self._capacity or n_steps
        is_sample = rows >= 0
        if not is_sample.all():
            rows = _filled_up(rows)
        batches = []
        for part, dtype in zip(data, self._dtypes, strict=True):
            shape = capacity, self.batch_size, *part.shape[1:]
            batch = np.zeros(shape, dtype)
            if part.dtype == dtype:
                np.take(part, rows, axis=0, out=batch[:n_steps])
            else:
                batch[:n_steps] = part[rows]
            batches.append(batch)
        # And a sample of weight zero is as if absent.
        batches[-1][:n_steps][~is_sample] = 0
        padded_rates = np.zeros(capacity, dtype=np.float32)
        if rates is None:
            rates = self.optimizer.learning_rate.numpy()
        padded_rates[:n_steps] = rates
        padded_groups = np.zeros(capacity, dtype=np.int32)
        padded_groups[:n_steps] = groups
        given = [*batches, padded_rates, padded_groups, n_steps]
        if self._weight_decay is not None:
            given.append(self._weight_decay)
        given = list(map(tf.constant, given))
        # When a program runs first, XLA finds it on disk, or compiles and writes it.
        may_be_found = self._capacity is not None and not self._has_run
        kept = _kept_programs() if may_be_found else []
        try:
            summed = self._run(*given)
        except tf.errors.ResourceExhaustedError:
            raise
        except tf.errors.OpError as error:
            if not kept or _kept_programs() != kept:
                raise
            summed = _run_without_kept_programs(lambda: self._run_anew(given), error)
        self._has_run = True
        return summed.numpy().astype(np.float64)

    def _run_anew(self, given):
        with self._keras_settings.applied():
            self._run = self._compile()
        return self._run(*given)

    def snapshot(self):
        """Return copies of the weights and of the optimizer's variables."""
        # Reading them one by one would take longer than a small epoch.
        # Not by keras.ops.convert_to_numpy, which NumPy 2.4 warns about.
        return [[np.array(value.numpy()) for value in part] for part in self._read()]

    def _loop(self, network):
        """A function that trains on the first n_steps of some mini-batches."""
        loss, optimizer, weights = self.loss, self.optimizer, self._weights
        # By the group of a mini-batch; without groups all are of one.
        ways = [self._way(network, group) for group in self._groups or [None]]

        # The layers and the optimizer, which are Keras' own, assign their variables in
        # place; XLA keeps these as values for as long as the loop runs.
        def train(x, y, sample_weight, rates, groups, n_steps, weight_decay=None):
            def train_step(i):
                batch = x[i], y[i], sample_weight[i]
                if len(ways) == 1:
                    summed, gradients = ways[0](*batch)
                else:
                    summed, *gradients = tf.switch_case(
                        groups[i],
                        [functools.partial(_flat, way, *batch) for way in ways],
                    )
                optimizer.apply(gradients, weights)
                return summed

            def body(i, summed):
                optimizer.learning_rate.assign(rates[i])
                with weight_decay_of(optimizer, weight_decay):
                    return i + 1, summed + train_step(i)

            zeros = tf.zeros(len(loss.metrics) + 1, sample_weight.dtype)
            return tf.while_loop(
                lambda i, _: i < n_steps,
                body,
                (tf.constant(0), zeros),
                parallel_iterations=1,  # each step needs the weights of the one before
            )[1]

        return train

    def _way(self, network, group):
        """A function from a mini-batch to the sums of measures, and gradients."""
        loss, optimizer, weights = self.loss, self.optimizer, self._weights
        outputs_of, loss_params = network.outputs_of, {}
        if group is not None:
            outputs_of = network.shortened(*group)
            loss_params["n_steps"] = network.network.output_shape[1]

        def gradients_of(x, y, sample_weight):
            if group is not None:
                x, y = (part[:, :n] for part, n in zip((x, y), group, strict=True))
            with tf.GradientTape() as tape:
                outputs = outputs_of(x, y, training=True)
                summed = weighted_sums(loss, outputs, y, sample_weight, **loss_params)
                # Divided by the sum of weights, not by the number of samples, so that
                # a weight of two is the same as the sample twice.
                mean = summed[1] / summed[0]
                # Penalties of layers, such as regularizers; of built-in ones there are
                # none.
                for penalty in network.network.losses:
                    mean += tf.cast(penalty, mean.dtype)
                scaled = optimizer.scale_loss(mean)
            return summed, tape.gradient(scaled, weights)

        return gradients_of


def _filled_up(rows):
    """Where there are too few samples for a mini-batch, its own once more.

    With others, layers that normalize a mini-batch would learn of what is no sample.
    """
    return np.array([np.resize(batch[batch >= 0], len(batch)) for batch in rows])


def _flat(way, *batch):
    """What a way returns as a list of tensors, the same of all ways."""
    summed, gradients = way(*batch)
    return [summed, *map(tf.convert_to_tensor, gradients)]


def assign(variables, arrays):
    """Copy arrays into variables."""
    # Of TensorFlow, not of Keras, whose own checks take twice as long.
    for variable, array in zip(variables, arrays, strict=True):
        variable.value.assign(array)
