"""Networks as users bring them, in a module of its own so that they can be pickled."""

import keras
from sklearn.base import BaseEstimator


class Transformer(BaseEstimator):
    """Vaswani et al. (2017), arXiv:1706.03762, with a layer on either side."""

    def __init__(self, units=16, heads=2, sees_ahead=False):
        self.units = units
        self.heads = heads
        self.sees_ahead = sees_ahead

    def build(self, n_steps_in, n_features, n_steps_out, n_symbols):
        question = keras.Input((n_steps_in, n_features))
        previous = keras.Input((n_steps_out,), dtype="int32")
        read = self._layer(self._embed(question, n_steps_in))
        written = keras.ops.one_hot(previous, n_symbols + 1)
        written = self._embed(written, n_steps_out)
        written = self._layer(written, read, causal=not self.sees_ahead)
        probabilities = keras.layers.Dense(n_symbols, "softmax")(written)
        return keras.Model([question, previous], probabilities)

    def _embed(self, steps, n_steps):
        return keras.layers.EinsumDense(
            "btf,fu->btu",
            output_shape=(n_steps, self.units),
            bias_axes="tu",
            bias_initializer="random_normal",
        )(steps)

    def _layer(self, steps, read=None, causal=False):
        for memory in (steps, read):
            if memory is not None:
                attend = keras.layers.MultiHeadAttention(self.heads, self.units)
                seen = attend(
                    steps, memory, use_causal_mask=causal and memory is not read
                )
                steps = keras.layers.LayerNormalization()(steps + seen)
        hidden = keras.layers.Dense(2 * self.units, "relu")(steps)
        hidden = keras.layers.Dense(self.units)(hidden)
        return keras.layers.LayerNormalization()(steps + hidden)


class Convolutional(BaseEstimator):
    """Filters over the steps of the question, then a dense layer for each step."""

    def __init__(self, units=16, width=3):
        self.units = units
        self.width = width

    def build(self, n_steps_in, n_features, n_steps_out, n_symbols):
        return keras.Sequential(
            [
                keras.Input((n_steps_in, n_features)),
                keras.layers.Conv1D(self.units, self.width, padding="same"),
                keras.layers.LayerNormalization(),
                keras.layers.Activation("relu"),
                keras.layers.Flatten(),
                keras.layers.Dense(n_steps_out * n_symbols),
                keras.layers.Reshape((n_steps_out, n_symbols)),
                keras.layers.Softmax(),
            ]
        )


class Noise(keras.layers.Layer):
    """Multiplies by random numbers in training, and counts how often."""

    def __init__(self, scale):
        super().__init__()
        self.scale = scale
        self.seed_generator = keras.random.SeedGenerator(1)
        self.mean = keras.metrics.Mean()

    def build(self, input_shape):
        self.n_calls = self.add_weight((), "zeros", dtype="int32", trainable=False)
        # Not by `add_weight`, and so with no initializer.
        self.gain = keras.Variable([1.5] * input_shape[-1])

    def call(self, inputs, training=False):
        if training:
            self.n_calls.assign(self.n_calls + 1)
            inputs *= keras.random.normal(
                keras.ops.shape(inputs), 1, self.scale, seed=self.seed_generator
            )
        return inputs * self.gain


class Awkward(BaseEstimator):
    """Two inputs, batch normalization, masks, a random layer, half precision."""

    def __init__(self, units=8, scale=0.1, initializer=None):
        self.units = units
        self.scale = scale
        self.initializer = initializer

    def build(self, n_steps_in, n_features, n_steps_out, n_symbols):
        question = keras.Input((n_steps_in, n_features), name="question")
        previous = keras.Input((n_steps_out,), dtype="int32", name="previous")
        read = keras.layers.Masking()(question)
        read = keras.layers.GRU(self.units)(read)
        read = keras.layers.Dense(
            self.units, kernel_initializer=self.initializer or "he_normal"
        )(read)
        read = keras.layers.BatchNormalization()(read)
        read = Noise(self.scale)(read)
        read = keras.layers.RepeatVector(n_steps_out)(read)
        before = keras.layers.Embedding(n_symbols + 1, self.units, mask_zero=True)
        written = keras.layers.Concatenate()([read, before(previous)])
        written = keras.layers.LSTM(self.units, return_sequences=True)(written)
        written = keras.layers.SpatialDropout1D(0.1)(written)
        written = keras.layers.Dense(n_symbols)(written)
        softmax = keras.layers.Activation("softmax", dtype="mixed_float16")
        return keras.Model([question, previous], softmax(written))


def dense(n_steps_in, n_features, n_steps_out, n_symbols, units=8, activation="tanh"):
    """A function in place of an object."""
    return keras.Sequential(
        [
            keras.layers.Flatten(),
            keras.layers.Dense(units, activation),
            keras.layers.Dense(n_steps_out * n_symbols),
            keras.layers.Reshape((n_steps_out, n_symbols)),
            keras.layers.Softmax(),
        ]
    )


class FromFile(BaseEstimator):
    """A model that was saved, with its weights, as a start."""

    def __init__(self, path, frozen=False):
        self.path = path
        self.frozen = frozen

    def build(self, n_steps_in, n_features, n_steps_out, n_symbols):
        model = keras.models.load_model(self.path)
        if self.frozen:
            model.layers[0].trainable = False
        return model


class Perceptron(BaseEstimator):
    """For the regressor, in single precision."""

    def __init__(self, units=8):
        self.units = units

    def build(self, n_terms, n_outputs):
        return keras.Sequential(
            [
                keras.Input((n_terms,)),
                keras.layers.Dense(self.units, "relu"),
                keras.layers.Dense(n_outputs),
            ]
        )
