"""The compiled network: a Keras model with the programs that train it and use it.

A Keras model is slow to build and slower to compile, and its memory is never returned
in full. Therefore a process has one compiled network for each description. One fit at a
time copies its weights in, trains, and copies them out again.
"""

from .._tensorflow import gc_disabled
from ..networks.initial_weights import (
    has_initializer,
    keep_value,
    recorded_initializers,
)
from .bounded import BoundedCache
from .callbacks import CallbackClock
from .functions import NetworkFunctions
from .prediction import Predictor
from .program import TrainingProgram
from .weights import ModelWeights


class CompiledNetwork:
    """A Keras model with the programs that were compiled for it.

    Parameters
    ----------
    description : NetworkDescription

    Attributes
    ----------
    description : NetworkDescription

    model : keras.Model
        The model that the description has built, which callbacks get to see.

    weights : ModelWeights
        The model's weights, which are arbitrary until they are set.

    functions : NetworkFunctions
        The functions that programs are compiled from.

    predictor : Predictor
        Predicts with the weights as they are.

    clock : CallbackClock
        Measures how long a callback has been running.
    """

    def __init__(self, description):
        self.description = description
        with recorded_initializers(), gc_disabled():
            self.model = description.build()
        for weight in self.model.weights:
            if not has_initializer(weight):  # added without `add_weight`
                keep_value(weight)
        self.weights = ModelWeights(self.model, description.keras_settings)
        self.functions = NetworkFunctions(description, self.model)
        self.predictor = Predictor(self.functions)
        self.clock = CallbackClock()
        self._training_programs = BoundedCache(4)

    @property
    def is_damaged(self):
        """True after tracing has failed: see `NetworkFunctions`."""
        return self.functions.is_damaged

    def training_program(self, plan):
        """Return the training program for a plan, and compile it if there is none.

        `keras.Model.compile` is called, too, so that the model has the optimizer.

        Parameters
        ----------
        plan : Plan
            The program depends on its loss, optimizer, batch size and groups, and on
            whether to use XLA.

        Returns
        -------
        program : TrainingProgram
        """

        def make_program():
            with self.functions.tracing():
                return TrainingProgram(self.functions, plan)

        key = plan.loss, plan.optimizer.key, plan.batch_size, plan.jit, plan.groups
        program = self._training_programs.get_or_make(key, make_program)
        if getattr(self.model, "optimizer", None) is not program.optimizer:
            # Callbacks find the optimizer where Keras puts it.
            with self.functions.tracing():
                self.model.compile(optimizer=program.optimizer, loss=plan.loss.name)
        return program
