"""The compiled network: a Keras model that trains and predicts by compiled programs.

A Keras model is slow to build, slower to compile, and its memory never comes back
whole. So there is one for each description in the process, with its programs. One fit
at a time copies its weights in, trains, and copies them out again.
"""

import contextlib
import dataclasses
import time

import numpy as np

from .._interrupts import raise_held_interrupt
from .._tensorflow import garbage_collection_paused, keras, tf
from ..networks import MAX_NUMBERS, PREDICTION_ROWS
from ..networks.initial_weights import (
    has_initializer,
    initial_weights,
    keep_value,
    recorded_initializers,
)
from .beam_search import beam_search, one_step_late
from .bounded import BoundedCache
from .losses import weighted_means, weighted_sums
from .program import TrainingProgram, assign, compile_program, dtype_of

# Of matrices of single precision, a multiple of what processors take at once.
ROWS_ROUNDED_ALIKE = 16


class CompiledNetwork(keras.Model):
    """A network with all that was compiled for it.

    `fit`, `evaluate` and `predict` take the place of Keras' own.

    Parameters
    ----------
    description : NetworkDescription

    Attributes
    ----------
    network : keras.Model
        What was built, which callbacks get to see.

    is_damaged : bool
        Whether a program could not be traced, after which the layers may be in any
        state.
    """

    def __init__(self, description):
        super().__init__(name="compiled_network")
        self.description = description
        with recorded_initializers(), garbage_collection_paused():
            self.network = description.build()
        for weight in self.network.weights:
            if not has_initializer(weight):  # added without `add_weight`
                keep_value(weight)
        self.is_damaged = False
        self._programs = _Programs()
        self._programs.random_state = _random_state(self.network)

    def call(self, inputs, training=None):
        """As Keras calls the network."""
        return self.network(inputs, training=training)

    # ------------------------------------------------------------------ weights

    @property
    def random_state(self):
        """The variables of the layers that draw random numbers, a list."""
        return self._programs.random_state

    def set_weights(self, weights):
        """Copy weights in, arrays of the shapes that the network has."""
        expected = [tuple(weight.shape) for weight in self.network.weights]
        if [np.shape(array) for array in weights] != expected:
            raise ValueError(
                "weights_ do not fit architecture_: the estimator was changed after it "
                "was fitted, or comes from a damaged file."
            )
        assign(self.network.weights, weights)

    def initialize(self, seed):
        """Draw the weights, and what the layers draw random numbers from."""
        if self._programs.initial_weights[0] != seed:
            # Kept, as the folds of a cross-validation all start from the same.
            with self.description.keras_settings.applied():
                weights = initial_weights(self.network, seed)
            self._programs.initial_weights = seed, weights
        self.set_weights(self._programs.initial_weights[1])

    def seed_random_state(self, seed, epoch):
        """Seed the layers that draw random numbers, such as dropout, for an epoch.

        Parameters
        ----------
        seed : int
            The seed of the fit.

        epoch : int
            The number of the epoch since training began, from 0.
        """
        for i, state in enumerate(self.random_state):
            # Two 32-bit words, as Keras' SeedGenerator keeps them.
            words = np.random.SeedSequence([seed, i, epoch]).generate_state(2)
            state.assign(words.astype("uint32").astype(state.dtype))

    # ----------------------------------------------------------------- training

    def training_program(self, plan):
        """The program for a way of training, compiled if there is none yet.

        Parameters
        ----------
        plan : Plan
            It has the loss, the optimizer, the batch size, the groups, and whether to
            use XLA.

        Returns
        -------
        program : TrainingProgram
            The model is compiled with its optimizer in Keras' sense, too.
        """
        key = plan.loss, plan.optimizer.key, plan.batch_size, plan.jit, plan.groups
        program = self._kept(
            self._programs.training, key, lambda: TrainingProgram(self, plan)
        )
        if getattr(self, "optimizer", None) is not program.optimizer:
            # Callbacks find the optimizer where Keras puts it.
            with self._tracing():
                for model in (self, self.network):
                    model.compile(optimizer=program.optimizer, loss=plan.loss.name)
        return program

    def fit(self, x, y, *, training, **params):
        """Train.

        Parameters
        ----------
        x, y : ndarray
            Inputs and targets.

        training : Fit
            What has been prepared to train this network.

        **params : dict
            As in :meth:`keras.Model.fit`.

        Returns
        -------
        history : keras.callbacks.History
        """
        return training.run(x, y, **params)

    @contextlib.contextmanager
    def called_back(self):
        """While a callback runs, which may do and wait for anything."""
        self._programs.in_callback_since = time.monotonic()
        try:
            yield
        finally:
            self._programs.in_callback_since = None

    def seconds_in_callback(self):
        """For how long a callback has been running, 0 if none is."""
        since = self._programs.in_callback_since
        return 0.0 if since is None else time.monotonic() - since

    # --------------------------------------------------------------- prediction

    def evaluate(self, x, y, sample_weight, *, loss):
        """Loss and measures of the samples, a dict."""
        batch = self.describe_batch(loss, None)
        program = self._kept(
            self._programs.evaluation,
            loss,
            lambda: compile_program(self._evaluation(loss), batch),
        )
        summed = 0.0
        for rows in self._blocks_of(x):
            block = [
                tf.constant(part[rows].astype(dtype_of(spec), copy=False))
                for part, spec in zip((x, y, sample_weight), batch, strict=True)
            ]
            summed = summed + program(*block).numpy().astype(np.float64)
        return weighted_means(loss, summed)

    def _evaluation(self, loss):
        """A function from samples to the sums of their measures."""
        in_training = self.description.without_inference_layer(self.network)

        def evaluate(x, y, sample_weight):
            outputs, params = self.outputs_of(x, y), {}
            if in_training is not None:
                # The loss is that of training; right is what would be answered.
                params["answered"] = outputs
                outputs = in_training(self._feed(x, y), training=False)
            return weighted_sums(loss, outputs, y, sample_weight, **params)

        return evaluate

    def predict(self, x, *, codes=None, symbols=False, **keras_params):
        """What the network makes of the inputs, in bounded memory.

        Parameters
        ----------
        x : ndarray of shape (n_samples, ...)
            As `network` takes it.

        codes : ndarray of int, shape (n_samples, n_steps_out), default=None
            For a network that is fed its own answers: the answers, from `search`.

        symbols : bool, default=False
            Whether to return the most probable symbols and not all probabilities.

        **keras_params : dict
            Others of :meth:`keras.Model.predict`, which have no influence here.

        Returns
        -------
        outputs : ndarray of shape (n_samples, ...)
            As `network` gives it: probabilities of shape (n_samples, n_steps_out,
            n_symbols), or numbers of shape (n_samples, n_outputs). With `symbols`
            codes of shape (n_samples, n_steps_out).
        """
        if self._programs.prediction is None:
            answers = tf.TensorSpec([None, self.network.output_shape[1]], np.int32)
            specs = [self._inputs_spec(), answers][: len(self.network.inputs)]
            with self._tracing():
                self._programs.prediction = compile_program(
                    lambda x, y=None: self.outputs_of(x, y), specs
                )
        outputs = None
        for rows in self._blocks_of(x):
            block = [tf.constant(np.asarray(x[rows], self.input_dtype))]
            if codes is not None:
                block.append(tf.constant(np.asarray(codes[rows], np.int32)))
            of_block = self._programs.prediction(*block).numpy()
            if symbols:
                of_block = of_block.argmax(axis=-1)
            if outputs is None:
                outputs = np.empty((len(x), *of_block.shape[1:]), of_block.dtype)
            outputs[rows] = of_block
        return outputs

    def search(self, x, beam_width):
        """The most probable answers of a network that is fed its own answers.

        Parameters
        ----------
        x : ndarray of shape (n_samples, ...)
            As `network` takes it.

        beam_width : int
            How many hypotheses are kept at each step; with 1 the search is greedy.

        Returns
        -------
        codes : ndarray of int, shape (n_samples, beam_width, n_steps_out)
            The most probable first.

        scores : ndarray of shape (n_samples, beam_width)
            The logarithms of their probabilities.
        """
        n_steps = self.description.longest_answer(x.shape[1])
        search = self._kept(
            self._programs.searches,
            beam_width,
            lambda: self._compile_search(beam_width),
        )
        codes = np.empty((len(x), beam_width, n_steps), np.int64)
        scores = np.empty((len(x), beam_width), np.float32)
        for rows in self._blocks_of(x, beam_width):
            block = tf.constant(np.asarray(x[rows], self.input_dtype))
            found = search(block, tf.constant(n_steps))
            codes[rows], scores[rows] = (part.numpy() for part in found)
        return codes, scores

    def _compile_search(self, beam_width):
        description = self.description
        n_symbols = self.network.output_shape[-1]
        steps = description.step_by_step(self.network)
        search = beam_search(steps, n_symbols, beam_width, description.answer_padding)
        n_steps = tf.TensorSpec([], tf.int32)
        return compile_program(search, [self._inputs_spec(), n_steps])

    def attend(self, x, layer, codes):
        """What a layer of attention looks at, for a few samples.

        Parameters
        ----------
        x : ndarray of shape (n_samples, ...)
            As `network` takes it.

        layer : int
            Which layer of attention, from 0.

        codes : ndarray of int, shape (n_samples, n_steps_out)
            The answers.

        Returns
        -------
        weights : ndarray of shape (n_samples, n_heads, n_steps_out, n_steps_in)
        """
        attentions = self._programs.attentions
        x = tf.constant(np.asarray(x, self.input_dtype))
        inputs = self._feed(x, tf.constant(np.asarray(codes, np.int32)))
        with self._tracing():
            if layer not in attentions:
                decoder = self.description.decoder
                attentions[layer] = decoder.build_attention(self.network, layer)
            return attentions[layer](inputs, training=False).numpy()

    def _kept(self, programs, key, make):
        """Return a program from a cache, traced first if it is not there."""

        def traced():
            with self._tracing():
                return make()

        return programs.get_or_make(key, traced)

    @contextlib.contextmanager
    def _tracing(self):
        """Trace a program in this context, with the network's settings of Keras."""
        try:
            with self.description.keras_settings.applied():
                yield
        except BaseException:
            self.is_damaged = True
            raise

    # ------------------------------------------------------------------- shapes

    @property
    def feeds_back(self):
        """Whether the network is fed its own answers, symbol by symbol."""
        return len(self.network.inputs) > 1

    @property
    def input_dtype(self):
        """The dtype of inputs."""
        return np.dtype(self.network.inputs[0].dtype)

    def outputs_of(self, x, y, *, training=False):
        """What the network makes of tensors; y is fed to it if it feeds back."""
        outputs = self.network(self._feed(x, y), training=training)
        return tf.cast(outputs, self.description.dtype)

    def shortened(self, n_steps_in, n_steps_out):
        """`outputs_of` with sequences of fewer steps, and the weights of this network.

        Weights of single steps are those of the first ones.
        """
        whole = self.network
        short = dataclasses.replace(
            self.description, n_steps_in=n_steps_in, n_steps_out=n_steps_out
        ).build()

        def outputs_of(x, y, *, training):
            weights = [
                whole_weight.value[tuple(map(slice, weight.shape))]
                if whole_weight.shape != weight.shape
                else whole_weight.value
                for whole_weight, weight in zip(
                    whole.trainable_variables, short.trainable_variables, strict=True
                )
            ]
            state = [variable.value for variable in whole.non_trainable_variables]
            outputs, state = short.stateless_call(
                weights, state, self._feed(x, y), training=training
            )
            # Random numbers of the next step are others.
            for variable, value in zip(
                whole.non_trainable_variables, state, strict=True
            ):
                variable.assign(value)
            return outputs

        return outputs_of

    def describe_batch(self, loss, *leading):
        """What tensors x, y and sample_weight are, with these leading axes."""
        target_shape = loss.target_shape(self.network.output_shape[1:])
        return [
            self._inputs_spec(*leading),
            tf.TensorSpec([*leading, *target_shape], loss.target_dtype),
            tf.TensorSpec(leading, self.description.dtype),
        ]

    def _blocks_of(self, x, rows_of_each=1):
        """Slices of samples that are computed at a time, in bounded memory."""
        n_numbers = rows_of_each * self.description.n_numbers(x.shape[1])
        least = -(-n_numbers * PREDICTION_ROWS // MAX_NUMBERS)
        return _blocks(len(x), max(rows_of_each, least))

    def _feed(self, x, y):
        if not self.feeds_back:
            return x
        return [x, one_step_late(y, self.network.output_shape[-1])]

    def _inputs_spec(self, *leading):
        shape = self.network.inputs[0].shape[1:]
        return tf.TensorSpec([*(leading or [None]), *shape], self.input_dtype)


class _Programs:
    """What was compiled or drawn for a network; Keras does not look into it."""

    def __init__(self):
        self.random_state = []
        self.in_callback_since = None
        # The numbers of ways of training, of losses and of widths of a beam.
        self.training = BoundedCache(4)
        self.evaluation = BoundedCache(4)
        self.prediction = None
        self.searches = BoundedCache(8)
        self.attentions = {}
        self.initial_weights = None, None


def _random_state(network):
    # Of what is no weight. A layer may have measures too, which are something else.
    others = {
        id(variable) for variable in [*network.weights, *network.metrics_variables]
    }
    return [variable for variable in network.variables if id(variable) not in others]


def _blocks(n_samples, rows_of_each=1):
    n_rows = max(1, PREDICTION_ROWS // rows_of_each)
    # Matrix products round their last rows in another way, if these are no multiple.
    n_rows -= n_rows % ROWS_ROUNDED_ALIKE if n_rows > ROWS_ROUNDED_ALIKE else 0
    for begin in range(0, n_samples, n_rows):
        raise_held_interrupt()
        yield slice(begin, begin + n_rows)
