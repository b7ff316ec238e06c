"""From hyper-parameters to a Keras model: encoders, decoders, heads; nothing else.

A network is described by an *architecture*: a dict of plain values that says all
there is to know about its layers and shapes. Two equal architectures are the same
network but for the weights, which is why these are made apart, from a seed.
"""

import numpy as np

from ._tensorflow import keras

# Up to here a recurrent layer is written out step by step: twice as fast to run, but
# its compilation takes time for every step.
_MAX_UNROLLED_STEPS = 32


def build_network(architecture):
    """Build the network that an architecture describes.

    Parameters
    ----------
    architecture : dict
        ``network`` says which kind it is. `"seq2seq"` has ``n_steps_in``,
        ``n_features``, ``n_steps_out`` and ``n_symbols`` (the shapes), and
        ``encoder_units``, ``decoder_units``, ``cell`` and ``bidirectional`` as in
        :class:`~sklearn_seqadd.Seq2SeqClassifier`. `"lstm"` and `"mlp"` have
        ``n_terms`` and ``n_outputs``, and ``hidden_units`` and ``activation`` as in
        :class:`~sklearn_seqadd.MappingRegressor`.

    Returns
    -------
    network : keras.Model
        `"seq2seq"`: from (n_samples, n_steps_in, n_features) to probabilities of
        shape (n_samples, n_steps_out, n_symbols). The others: from (n_samples,
        n_terms) to (n_samples, n_outputs). Its weights are arbitrary: see
        :func:`initial_weights`.
    """
    return _BUILDERS[architecture["network"]](architecture)


def loss_of(architecture):
    """Name of the loss that a network is trained with, as Keras knows it.

    Parameters
    ----------
    architecture : dict
        See :func:`build_network`.

    Returns
    -------
    loss : {"sparse_categorical_crossentropy", "mean_squared_error"}
    """
    if architecture["network"] == "seq2seq":
        return "sparse_categorical_crossentropy"
    return "mean_squared_error"


def initial_weights(network, seed):
    """Draw the weights that an untrained network starts from.

    They follow Keras' defaults for each kind of weight, but depend on nothing but
    the seed and the shapes.

    Parameters
    ----------
    network : keras.Model
        A model from :func:`build_network`.

    seed : int
        The seed.

    Returns
    -------
    weights : list of ndarray
        For ``network.set_weights``.
    """
    seeds = np.random.SeedSequence(seed).generate_state(len(network.weights))
    return [
        _initial_weight(weight, int(weight_seed))
        for weight, weight_seed in zip(network.weights, seeds, strict=True)
    ]


def _seq2seq(architecture):
    inputs = keras.Input(
        (architecture["n_steps_in"], architecture["n_features"]), name="input"
    )
    encoder = _recurrent(
        architecture["cell"],
        architecture["encoder_units"],
        architecture["n_steps_in"],
        name="encoder",
    )
    if architecture["bidirectional"]:
        encoder = keras.layers.Bidirectional(encoder, name="encoder")
    # (n_samples, encoder_units): what is known once the whole input was read
    encoded = encoder(inputs)
    # (n_samples, n_steps_out, encoder_units): the same for every output step
    repeated = keras.layers.RepeatVector(architecture["n_steps_out"], name="repeat")(
        encoded
    )
    # (n_samples, n_steps_out, decoder_units)
    decoded = _recurrent(
        architecture["cell"],
        architecture["decoder_units"],
        architecture["n_steps_out"],
        return_sequences=True,
        name="decoder",
    )(repeated)
    # (n_samples, n_steps_out, n_symbols): Keras applies Dense at every step
    outputs = _dense(architecture["n_symbols"], "softmax", name="output")(decoded)
    return keras.Model(inputs, outputs, name="seq2seq")


# The networks for numbers compute in double precision, as other regressors do: they
# are so small that it costs nothing.
def _mapping_lstm(architecture):
    *hidden_units, last_units = architecture["hidden_units"]
    inputs = keras.Input((architecture["n_terms"],), dtype="float64", name="input")
    # (n_samples, n_terms, 1): one time step a term, one feature
    steps = keras.layers.Reshape((-1, 1), dtype="float64", name="steps")(inputs)
    for i, units in enumerate(hidden_units):
        steps = _recurrent(
            "lstm",
            units,
            architecture["n_terms"],
            return_sequences=True,
            dtype="float64",
            name=f"hidden_{i}",
        )(steps)
    # (n_samples, last_units): what is known after the last term
    hidden = _recurrent(
        "lstm", last_units, architecture["n_terms"], dtype="float64", name="last"
    )(steps)
    outputs = _dense(architecture["n_outputs"], dtype="float64", name="output")(hidden)
    return keras.Model(inputs, outputs, name="mapping_lstm")


def _mapping_mlp(architecture):
    inputs = keras.Input((architecture["n_terms"],), dtype="float64", name="input")
    hidden = inputs
    for i, units in enumerate(architecture["hidden_units"]):
        hidden = _dense(
            units, architecture["activation"], dtype="float64", name=f"hidden_{i}"
        )(hidden)
    outputs = _dense(architecture["n_outputs"], dtype="float64", name="output")(hidden)
    return keras.Model(inputs, outputs, name="mapping_mlp")


_BUILDERS = {"seq2seq": _seq2seq, "lstm": _mapping_lstm, "mlp": _mapping_mlp}


def _recurrent(cell, units, n_steps, *, return_sequences=False, dtype="float32", name):
    layer = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell]
    return layer(
        units,
        return_sequences=return_sequences,
        unroll=n_steps <= _MAX_UNROLLED_STEPS,
        # Without seeds Keras would draw from Python's global generator.
        kernel_initializer=keras.initializers.GlorotUniform(seed=0),
        recurrent_initializer=keras.initializers.Orthogonal(seed=0),
        seed=0,
        dtype=dtype,
        name=name,
    )


def _dense(units, activation="linear", *, dtype="float32", name):
    return keras.layers.Dense(
        units,
        activation=activation,
        kernel_initializer=keras.initializers.GlorotUniform(seed=0),
        dtype=dtype,
        name=name,
    )


def _initial_weight(weight, seed):
    kind = weight.path.rpartition("/")[2]
    if kind == "kernel":
        initializer = keras.initializers.GlorotUniform(seed=seed)
    elif kind == "recurrent_kernel":
        initializer = keras.initializers.Orthogonal(seed=seed)
    elif kind == "bias":
        initializer = keras.initializers.Zeros()
    else:
        raise NotImplementedError(f"No initial values are known for {weight.path}.")
    value = initializer(weight.shape).numpy().astype(weight.dtype)
    if kind == "bias" and "lstm_cell" in weight.path:
        # Gates in Keras' order: input, forget, cell, output. The forget gate starts
        # open (Jozefowicz et al., 2015).
        n_units = weight.shape[0] // 4
        value[n_units : 2 * n_units] = 1.0
    return value
