"""Compiled programs: a run of many mini-batches, in TensorFlow and not in Python."""

import numpy as np

from .._tensorflow import tf
from .losses import totals
from .optimizers import weight_decay_of

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
        optimizer.build(network.network.trainable_variables)
        n_bytes = 4 * batch_size * int(np.prod(network.network.inputs[0].shape[1:]))
        n_steps = min(_MAX_STEPS_PER_CALL, _MAX_BYTES_PER_CALL // n_bytes)
        self.steps_per_call = max(1, n_steps)
        state = network.network.weights, optimizer.variables, network.random_state

        def read():
            return [[part.value.read_value() for part in parts] for parts in state]

        self._read = compile_program(read, [])
        self._initial_state = self.snapshot()[1]
        # XLA compiles for one size, which the last call of an epoch fills in part.
        self._capacity = self.steps_per_call if plan.jit else None
        batches = network.describe_batch(plan.loss, self._capacity, batch_size)
        rates = tf.TensorSpec([self._capacity], tf.float32)
        signature = [*batches, rates, tf.TensorSpec([], tf.int32)]
        self._weight_decay = plan.optimizer.weight_decay
        if self._weight_decay is not None:
            signature.append(tf.TensorSpec([], tf.float32))
        self._run = compile_program(self._loop(network), signature, jit=plan.jit)

    def start(self, optimizer, state=None):
        """Start from an optimizer's settings and its variables; None: new ones."""
        variables = self.optimizer.variables
        assign(variables, self._initial_state if state is None else state)
        self.optimizer.learning_rate.assign(optimizer.learning_rate)
        self._weight_decay = optimizer.weight_decay

    def run(self, data, rows, rates=None):
        """Train on some rows of the data, in mini-batches.

        Parameters
        ----------
        data : tuple of ndarray
            Inputs, targets and weights of all samples.

        rows : ndarray of int
            The samples in their order.

        rates : ndarray, default=None
            The learning rate of each mini-batch; None for the optimizer's, which a
            callback may have set.

        Returns
        -------
        totals : ndarray
            As of :func:`~sklearn_seqadd.training.losses.totals`.
        """
        n_steps = -(-len(rows) // self.batch_size)
        capacity = self._capacity or n_steps
        batches = []
        for part in data:
            # What the last mini-batch has no samples for stays zero, and a sample
            # of weight zero is as if absent.
            batch = np.zeros((capacity * self.batch_size, *part.shape[1:]), part.dtype)
            np.take(part, rows, axis=0, out=batch[: len(rows)])
            batches.append(batch.reshape(capacity, self.batch_size, *part.shape[1:]))
        padded_rates = np.zeros(capacity, dtype=np.float32)
        if rates is None:
            rates = self.optimizer.learning_rate.numpy()
        padded_rates[:n_steps] = rates
        given = [*batches, padded_rates, n_steps]
        if self._weight_decay is not None:
            given.append(self._weight_decay)
        summed = self._run(*map(tf.constant, given))
        return summed.numpy().astype(np.float64)

    def snapshot(self):
        """Copies of the weights, the optimizer's variables and the random state."""
        # Reading them one by one would take longer than a small epoch.
        # Not by keras.ops.convert_to_numpy, which NumPy 2.4 warns about.
        return [[np.array(value.numpy()) for value in part] for part in self._read()]

    def _loop(self, network):
        """A function that trains on the first n_steps of some mini-batches."""
        loss, optimizer = self.loss, self.optimizer
        weights = network.network.trainable_variables

        def train_step(x, y, sample_weight):
            with tf.GradientTape() as tape:
                outputs = network.outputs_of(x, y, training=True)
                summed = totals(loss, outputs, y, sample_weight)
                # Divided by the sum of weights, not by the number of samples, so that
                # a weight of two is the same as the sample twice.
                scaled = optimizer.scale_loss(summed[1] / summed[0])
            gradients = tape.gradient(scaled, weights)
            optimizer.apply(gradients, weights)
            return summed

        # The layers and the optimizer, which are Keras' own, assign their variables in
        # place; XLA keeps these as values for as long as the loop runs.
        def train(x, y, sample_weight, learning_rates, n_steps, weight_decay=None):
            def body(i, summed):
                optimizer.learning_rate.assign(learning_rates[i])
                with weight_decay_of(optimizer, weight_decay):
                    return i + 1, summed + train_step(x[i], y[i], sample_weight[i])

            zeros = tf.zeros(len(loss.measures) + 1, sample_weight.dtype)
            return tf.while_loop(
                lambda i, _: i < n_steps,
                body,
                (tf.constant(0), zeros),
                parallel_iterations=1,  # each step needs the weights of the one before
            )[1]

        return train


def assign(variables, arrays):
    """Copy arrays into variables."""
    # Of TensorFlow, not of Keras, whose own checks take twice as long.
    for variable, array in zip(variables, arrays, strict=True):
        variable.value.assign(array)
