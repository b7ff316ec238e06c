"""The functions of tensors that programs are compiled from."""

import contextlib
import dataclasses

import numpy as np

from .._tensorflow import tf
from .beam_search import one_step_late


class NetworkFunctions:
    """A Keras model as functions of tensors, and the specifications of the tensors.

    Parameters
    ----------
    description : NetworkDescription

    model : keras.Model
        The model that the description has built.

    Attributes
    ----------
    description, model
        The parameters.

    is_damaged : bool
        True after tracing has failed, which may leave the layers in any state.
    """

    def __init__(self, description, model):
        self.description = description
        self.model = model
        self.is_damaged = False

    @contextlib.contextmanager
    def tracing(self):
        """Apply the model's settings of Keras in this context, for tracing.

        An error in the context sets `is_damaged`.
        """
        try:
            with self.description.keras_settings.applied():
                yield
        except BaseException:
            self.is_damaged = True
            raise

    # ---------------------------------------------------------------- functions

    @property
    def feeds_back(self):
        """True if the network is fed its own answers, symbol by symbol."""
        return len(self.model.inputs) > 1

    def inputs_of(self, x, y):
        """Return all inputs of the model: `x`, and `y` one step late if it feeds back.

        Parameters
        ----------
        x : tensor of shape (n_samples, n_steps_in, ...)

        y : tensor of int, shape (n_samples, n_steps_out)
        """
        if not self.feeds_back:
            return x
        return [x, one_step_late(y, self.model.output_shape[-1])]

    def outputs_of(self, x, y, *, training=False):
        """Return the outputs of the model.

        Parameters
        ----------
        x, y : tensor
            As in `inputs_of`.

        training : bool, default=False
        """
        outputs = self.model(self.inputs_of(x, y), training=training)
        return tf.cast(outputs, self.description.dtype)

    def truncated(self, n_steps_in, n_steps_out):
        """Return `outputs_of` for sequences of fewer steps, with the same weights.

        Weights with an entry for each step are cut to the entries of the first steps.

        Parameters
        ----------
        n_steps_in, n_steps_out : int
        """
        whole = self.model
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
                weights, state, self.inputs_of(x, y), training=training
            )
            # Otherwise the next mini-batch would draw the same random numbers.
            for variable, value in zip(
                whole.non_trainable_variables, state, strict=True
            ):
                variable.assign(value)
            return tf.cast(outputs, self.description.dtype)

        return outputs_of

    # ----------------------------------------------------------- specifications

    @property
    def input_dtype(self):
        """The dtype of inputs."""
        return np.dtype(self.model.inputs[0].dtype)

    def input_spec(self, *leading):
        """Return the specification of inputs with these leading axes.

        Without any, there is one leading axis, of any size.
        """
        shape = self.model.inputs[0].shape[1:]
        return tf.TensorSpec([*(leading or [None]), *shape], self.input_dtype)

    def batch_specs(self, loss, *leading):
        """Return the specifications of inputs, targets and sample weights.

        Parameters
        ----------
        loss : Loss

        *leading : int or None
            The leading axes.
        """
        target_shape = loss.target_shape(self.model.output_shape[1:])
        return [
            self.input_spec(*leading),
            tf.TensorSpec([*leading, *target_shape], loss.target_dtype),
            tf.TensorSpec(leading, self.description.dtype),
        ]

    def cast(self, loss, x, y, sample_weight=None):
        """Return samples in the dtypes of their specifications.

        Integers of 32 bits or fewer stay as they are.

        Parameters
        ----------
        loss : Loss

        x, y : ndarray
            Inputs and targets.

        sample_weight : ndarray of shape (n_samples,), default=None
            None for ones.
        """
        if sample_weight is None:
            sample_weight = np.ones(len(x))
        return [
            # Codes and one-hot vectors of a million strings are gigabytes otherwise.
            part
            if part.dtype.kind in "iu" and part.dtype.itemsize <= 4
            else part.astype(dtype_of(spec), copy=False)
            for part, spec in zip(
                (x, y, sample_weight), self.batch_specs(loss, None), strict=True
            )
        ]


def dtype_of(spec):
    """Return NumPy's dtype of a specification."""
    return spec.dtype.as_numpy_dtype
