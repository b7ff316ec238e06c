"""Programs that evaluate, predict, search and show attention, block by block."""

import numpy as np

from .._interrupts import raise_deferred_interrupt
from .._tensorflow import tf
from ..networks import MAX_ACTIVATIONS, PREDICTION_ROWS
from .beam_search import beam_search
from .bounded import BoundedCache
from .functions import dtype_of
from .losses import weighted_means, weighted_sums
from .program import compile_program

# Matrix products in single precision round all rows alike if the number of rows is a
# multiple of this number.
ROWS_ROUNDED_ALIKE = 16


class Predictor:
    """Evaluate, predict and search with the current weights, in bounded memory.

    Each program is compiled when it is first needed.

    Parameters
    ----------
    functions : NetworkFunctions

    Attributes
    ----------
    model : keras.Model
        The model whose weights are used.

    feeds_back : bool
        True if the network is fed its own answers, symbol by symbol.
    """

    def __init__(self, functions):
        self._functions = functions
        self.model = functions.model
        self.feeds_back = functions.feeds_back
        self._prediction = None
        self._evaluations = BoundedCache(4)  # by loss
        self._searches = BoundedCache(8)  # by width of the beam
        self._attentions = {}  # by layer

    def evaluate(self, x, y, sample_weight, *, loss):
        """Return the loss and its metrics for some samples.

        Parameters
        ----------
        x, y : ndarray
            Inputs and targets.

        sample_weight : ndarray of shape (n_samples,)

        loss : Loss

        Returns
        -------
        scores : dict
            A float by name.
        """
        specs = self._functions.batch_specs(loss, None)
        program = self._evaluations.get_or_make(
            loss, lambda: self._compile(self._evaluation(loss), specs)
        )
        summed = 0.0
        for rows in self._blocks_of(x):
            block = [
                tf.constant(part[rows].astype(dtype_of(spec), copy=False))
                for part, spec in zip((x, y, sample_weight), specs, strict=True)
            ]
            summed = summed + program(*block).numpy().astype(np.float64)
        return weighted_means(loss, summed)

    def _evaluation(self, loss):
        """Return a function from samples to the weighted sums of their metrics."""
        functions = self._functions
        with functions.tracing():
            shortened = functions.description.without_inference_layer(self.model)

        def evaluate(x, y, sample_weight):
            outputs, params = functions.outputs_of(x, y), {}
            if shortened is not None:
                # The loss is computed without the inference layer, as in training, and
                # the answers with it, as in prediction.
                params["answered"] = outputs
                outputs = shortened(functions.inputs_of(x, y), training=False)
                outputs = tf.cast(outputs, functions.description.dtype)
            return weighted_sums(loss, outputs, y, sample_weight, **params)

        return evaluate

    def predict(self, x, *, codes=None, symbols=False):
        """Predict the outputs of the network.

        Parameters
        ----------
        x : ndarray of shape (n_samples, ...)
            The inputs.

        codes : ndarray of int, shape (n_samples, n_steps_out), default=None
            The answers that the network is fed, such as the best ones of `search`; None
            if the network does not feed back.

        symbols : bool, default=False
            If True, return the codes of the most probable symbols, not probabilities.

        Returns
        -------
        outputs : ndarray of shape (n_samples, ...)
            Probabilities of shape (n_samples, n_steps_out, n_symbols), or numbers of
            shape (n_samples, n_outputs). With `symbols` codes of shape (n_samples,
            n_steps_out).
        """
        functions = self._functions
        if self._prediction is None:
            answers = tf.TensorSpec([None, self.model.output_shape[1]], np.int32)
            specs = [functions.input_spec(), answers][: len(self.model.inputs)]
            self._prediction = self._compile(
                lambda x, y=None: functions.outputs_of(x, y), specs
            )
        outputs = None
        for rows in self._blocks_of(x):
            block = [tf.constant(np.asarray(x[rows], functions.input_dtype))]
            if codes is not None:
                block.append(tf.constant(np.asarray(codes[rows], np.int32)))
            of_block = self._prediction(*block).numpy()
            if symbols:
                of_block = of_block.argmax(axis=-1)
            if outputs is None:
                outputs = np.empty((len(x), *of_block.shape[1:]), of_block.dtype)
            outputs[rows] = of_block
        return outputs

    def search(self, x, beam_width):
        """Search for the most probable answers of a network that feeds back.

        Parameters
        ----------
        x : ndarray of shape (n_samples, ...)
            The inputs.

        beam_width : int
            The number of hypotheses kept at each step; with 1 the search is greedy.

        Returns
        -------
        codes : ndarray of int, shape (n_samples, beam_width, n_steps_out)
            The most probable first.

        scores : ndarray of shape (n_samples, beam_width)
            The logarithms of their probabilities.
        """
        n_steps = self._functions.description.longest_answer(x.shape[1])
        search = self._searches.get_or_make(
            beam_width, lambda: self._compile_search(beam_width)
        )
        codes = np.empty((len(x), beam_width, n_steps), np.int64)
        scores = np.empty((len(x), beam_width), np.float32)
        for rows in self._blocks_of(x, beam_width):
            block = tf.constant(np.asarray(x[rows], self._functions.input_dtype))
            found = search(block, tf.constant(n_steps))
            codes[rows], scores[rows] = (part.numpy() for part in found)
        return codes, scores

    def _compile_search(self, beam_width):
        description = self._functions.description
        n_symbols = self.model.output_shape[-1]
        with self._functions.tracing():
            steps = description.step_by_step(self.model)
        search = beam_search(steps, n_symbols, beam_width, description.eos_code)
        n_steps = tf.TensorSpec([], tf.int32)
        return self._compile(search, [self._functions.input_spec(), n_steps])

    def attend(self, x, layer, codes):
        """Return the attention weights of a layer for a few samples.

        Parameters
        ----------
        x : ndarray of shape (n_samples, ...)
            The inputs.

        layer : int
            The number of the layer of attention, from 0.

        codes : ndarray of int, shape (n_samples, n_steps_out)
            The answers.

        Returns
        -------
        weights : ndarray of shape (n_samples, n_heads, n_steps_out, n_steps_in)
        """
        functions, attentions = self._functions, self._attentions
        x = tf.constant(np.asarray(x, functions.input_dtype))
        inputs = functions.inputs_of(x, tf.constant(np.asarray(codes, np.int32)))
        with functions.tracing():
            if layer not in attentions:
                decoder = functions.description.decoder
                attentions[layer] = decoder.build_attention(self.model, layer)
            return attentions[layer](inputs, training=False).numpy()

    def _compile(self, function, specs):
        with self._functions.tracing():
            return compile_program(function, specs)

    def _blocks_of(self, x, rows_of_each=1):
        """Yield slices of inputs that are computed together.

        Each sample needs the memory of `rows_of_each`.
        """
        activations_per_sample = self._functions.description.activations_per_sample(
            x.shape[1]
        )
        n_activations = rows_of_each * activations_per_sample * PREDICTION_ROWS
        return _blocks(len(x), max(rows_of_each, -(-n_activations // MAX_ACTIVATIONS)))


def _blocks(n_samples, rows_of_each=1):
    """Yield slices of samples, each of which needs the memory of `rows_of_each`."""
    n_rows = max(1, PREDICTION_ROWS // rows_of_each)
    n_rows -= n_rows % ROWS_ROUNDED_ALIKE if n_rows > ROWS_ROUNDED_ALIKE else 0
    for begin in range(0, n_samples, n_rows):
        raise_deferred_interrupt()
        yield slice(begin, begin + n_rows)
