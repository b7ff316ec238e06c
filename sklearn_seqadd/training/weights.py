"""The weights of a Keras model, and the seeds of its layers."""

import numpy as np

from ..networks.initial_weights import initial_weights


class ModelWeights:
    """The weights of a model, and the variables that its layers draw random numbers by.

    Parameters
    ----------
    model : keras.Model

    keras_settings : KerasSettings
        The settings of Keras that initializers are called with.

    Attributes
    ----------
    random_state : list of keras.Variable
        The variables of the layers that draw random numbers, such as dropout.
    """

    def __init__(self, model, keras_settings):
        self._model = model
        self._keras_settings = keras_settings
        # The metrics of a layer have variables as well, which are not to be seeded.
        others = {id(part) for part in [*model.weights, *model.metrics_variables]}
        self.random_state = [part for part in model.variables if id(part) not in others]
        self._initial = None, None  # the last seed and its weights

    def set(self, arrays):
        """Copy arrays into the weights."""
        expected = [tuple(weight.shape) for weight in self._model.weights]
        if [np.shape(array) for array in arrays] != expected:
            raise ValueError(
                "weights_ do not fit architecture_: the estimator was changed after it "
                "was fitted, or comes from a damaged file."
            )
        assign(self._model.weights, arrays)

    def initialize(self, seed):
        """Draw the weights of a new fit.

        Parameters
        ----------
        seed : int
        """
        if self._initial[0] != seed:
            # Kept, because all folds of a cross-validation start with the same weights.
            with self._keras_settings.applied():
                self._initial = seed, initial_weights(self._model, seed)
        self.set(self._initial[1])

    def seed_layers(self, seed, epoch):
        """Seed the layers that draw random numbers for an epoch.

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


def assign(variables, arrays):
    """Copy arrays into variables."""
    # By TensorFlow's `assign`, because the checks in Keras' take twice as long.
    for variable, array in zip(variables, arrays, strict=True):
        variable.value.assign(array)
