"""The tutorial's run: 30 epochs of 1000 fresh sums in batches of 10, then 1000 sums.

Compared are, each as a whole process with its imports, in turn:

- plain Keras as the tutorial writes it, a call of ``fit`` for each epoch;
- the same network written by hand in PyTorch and in JAX, as fast as it can be without
  much ado: fused Adam and one thread in the one, an epoch as one compiled scan in the
  other; each in an environment of its own, if there is one;
- this package, a call of ``partial_fit`` for each epoch, as it is by default, with the
  programs that it compiled kept on disk, and without XLA.

"ms/step" is the median over the epochs after the third: what a step costs once
everything is compiled. The bare arithmetic is a NumPy loop of the same matrix products
(forward, and both of the backward pass), without activations and without an optimizer.

    python benchmarks/bench_seed_run.py
    python benchmarks/bench_seed_run.py --torch VENV/bin/python --jax VENV/bin/python
"""

import argparse
import json
import statistics
import tempfile
import time

import numpy as np
from _common import alternate, median_seconds, print_machine, run_part

N_EPOCHS, N_SAMPLES, BATCH_SIZE = 30, 1000, 10
ALPHABET = "0123456789+ "
# With Adam's 0.001 the run ends before the network is sure of itself, and a single
# spike of the loss decides how many sums are right.
LEARNING_RATE = 0.002


def draw(rng):
    a, b = rng.randint(1, 11, size=(2, N_SAMPLES)).tolist()
    return (
        [f"{i}+{j}" for i, j in zip(a, b, strict=True)],
        [str(i + j) for i, j in zip(a, b, strict=True)],
    )


def encode(strings, length):
    """Codes, as one would write it for one script."""
    return np.array([[ALPHABET.index(c) for c in s.rjust(length)] for s in strings])


def one_hot(strings, length):
    return np.eye(len(ALPHABET), dtype=np.float32)[encode(strings, length)]


def plain():
    """As the tutorial does it, with the Keras of today."""
    import keras

    keras.utils.set_random_seed(0)
    rng = np.random.RandomState(0)
    model = keras.Sequential(
        [
            keras.Input((5, 12)),
            keras.layers.LSTM(100),
            keras.layers.RepeatVector(2),
            keras.layers.LSTM(50, return_sequences=True),
            keras.layers.TimeDistributed(keras.layers.Dense(12, activation="softmax")),
        ]
    )
    model.compile(
        loss="categorical_crossentropy",
        optimizer=keras.optimizers.Adam(LEARNING_RATE),
        metrics=["accuracy"],
    )
    times = []
    for _ in range(N_EPOCHS):
        X, y = draw(rng)
        X, y = one_hot(X, 5), one_hot(y, 2)
        start = time.perf_counter()
        model.fit(X, y, batch_size=BATCH_SIZE, epochs=1, verbose=0)
        times.append(time.perf_counter() - start)
    X, y = draw(rng)
    predicted = model.predict(one_hot(X, 5), verbose=0).argmax(-1)
    return times, (predicted == one_hot(y, 2).argmax(-1)).all(axis=1).mean()


def torch_by_hand():
    """The network in PyTorch."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    # The products are so small that a second thread takes more time than it saves.
    torch.set_num_threads(1)

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.LSTM(12, 100, batch_first=True)
            self.decoder = nn.LSTM(100, 50, batch_first=True)
            self.output = nn.Linear(50, 12)

        def forward(self, x):
            _, (encoded, _) = self.encoder(x)
            decoded, _ = self.decoder(encoded[0][:, None].expand(-1, 2, -1))
            return self.output(decoded)

    rng = np.random.RandomState(0)
    network = Network()
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE, fused=True)
    loss_of = nn.CrossEntropyLoss()
    times = []
    for _ in range(N_EPOCHS):
        X, y = draw(rng)
        X, y = torch.from_numpy(one_hot(X, 5)), torch.from_numpy(encode(y, 2))
        start = time.perf_counter()
        for rows in torch.randperm(N_SAMPLES).split(BATCH_SIZE):
            optimizer.zero_grad()
            loss = loss_of(network(X[rows]).flatten(0, 1), y[rows].flatten())
            loss.backward()
            optimizer.step()
        times.append(time.perf_counter() - start)
    X, y = draw(rng)
    with torch.no_grad():
        predicted = network(torch.from_numpy(one_hot(X, 5))).argmax(-1).numpy()
    return times, (predicted == encode(y, 2)).all(axis=1).mean()


def jax_by_hand():
    """The network in JAX."""
    import jax
    import jax.numpy as jnp

    def lstm(key, n_inputs, n_units):
        first, second = jax.random.split(key)
        glorot = jax.nn.initializers.glorot_uniform()
        orthogonal = jax.nn.initializers.orthogonal()
        bias = jnp.zeros(4 * n_units).at[n_units : 2 * n_units].set(1)
        return (
            glorot(first, (n_inputs, 4 * n_units)),
            orthogonal(second, (n_units, 4 * n_units)),
            bias,
        )

    def read(weights, steps):
        kernel, recurrent, bias = weights
        n_units = len(recurrent)
        h = c = jnp.zeros((len(steps[0]), n_units))
        outputs = []
        for x in steps:  # so few of them that they are written out
            i, f, g, o = jnp.split(x @ kernel + h @ recurrent + bias, 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            outputs.append(h)
        return outputs

    def logits(params, x):
        encoded = read(params["encoder"], [x[:, t] for t in range(5)])[-1]
        decoded = jnp.stack(read(params["decoder"], [encoded] * 2), axis=1)
        return decoded @ params["output"][0] + params["output"][1]

    def loss_of(params, x, y):
        probabilities = jax.nn.log_softmax(logits(params, x))
        return -jnp.take_along_axis(probabilities, y[..., None], 2).mean()

    def train_step(state, batch):
        params, first, second, t = state
        gradients = jax.grad(loss_of)(params, *batch)
        t += 1
        rate = LEARNING_RATE * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        tree = jax.tree.map
        first = tree(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
        second = tree(lambda v, g: 0.999 * v + 0.001 * g**2, second, gradients)
        params = tree(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), params, first, second
        )
        return (params, first, second, t), None

    def train_epoch(state, batches):
        return jax.lax.scan(train_step, state, batches)[0]

    train_epoch = jax.jit(train_epoch, donate_argnums=0)
    keys = jax.random.split(jax.random.key(0), 3)
    params = {
        "encoder": lstm(keys[0], 12, 100),
        "decoder": lstm(keys[1], 100, 50),
        "output": (
            jax.nn.initializers.glorot_uniform()(keys[2], (50, 12)),
            jnp.zeros(12),
        ),
    }
    first, second = (jax.tree.map(jnp.zeros_like, params) for _ in range(2))
    state = params, first, second, 0.0
    rng = np.random.RandomState(0)
    times = []
    for _ in range(N_EPOCHS):
        X, y = draw(rng)
        X, y = one_hot(X, 5), encode(y, 2)
        start = time.perf_counter()
        rows = rng.permutation(N_SAMPLES).reshape(-1, BATCH_SIZE)
        state = jax.block_until_ready(train_epoch(state, (X[rows], y[rows])))
        times.append(time.perf_counter() - start)
    X, y = draw(rng)
    predicted = np.asarray(jax.jit(logits)(state[0], one_hot(X, 5)).argmax(-1))
    return times, (predicted == encode(y, 2)).all(axis=1).mean()


def package(jit_compile="auto"):
    """The same with this package."""
    from sklearn.pipeline import make_pipeline

    from sklearn_seqadd import (
        Seq2SeqClassifier,
        SequenceIntegerEncoder,
        SequenceOneHotEncoder,
        SequencePadder,
    )

    def steps(length):
        return SequencePadder(length=length), SequenceIntegerEncoder(ALPHABET)

    rng = np.random.RandomState(0)
    network = Seq2SeqClassifier(
        target_transformer=make_pipeline(*steps(2)),
        learning_rate=LEARNING_RATE,
        batch_size=BATCH_SIZE,
        jit_compile=jit_compile,
        random_state=0,
    )
    pipe = make_pipeline(*steps(5), SequenceOneHotEncoder(), network)
    times = []
    for epoch in range(N_EPOCHS):
        X, y = draw(rng)
        if not epoch:
            pipe[:-1].fit(X)
        start = time.perf_counter()
        network.partial_fit(pipe[:-1].transform(X), y)
        times.append(time.perf_counter() - start)
    return times, pipe.score(*draw(rng))


def arithmetic():
    """The matrix products of one step, seconds."""
    rng = np.random.RandomState(0)
    layers = [(12, 100, 5), (100, 50, 2)]  # inputs, units, time steps
    products = []
    for n_inputs, n_units, n_steps in layers:
        for width in (n_inputs, n_units):
            x, w, g = (
                rng.rand(*shape).astype(np.float32)
                for shape in (
                    (BATCH_SIZE, width),
                    (width, 4 * n_units),
                    (BATCH_SIZE, 4 * n_units),
                )
            )
            products += [(x, w), (g, w.T), (x.T, g)] * n_steps
    x, w, g = (rng.rand(*s).astype("f4") for s in ((20, 50), (50, 12), (20, 12)))
    products += [(x, w), (g, w.T), (x.T, g)]

    def step():
        for a, b in products:
            a @ b

    step()
    return median_seconds(step, 1000)


# In a directory that the first run fills.
KEPT = "sklearn_seqadd, programs kept"
PARTS = {
    "plain Keras": plain,
    "PyTorch by hand": torch_by_hand,
    "JAX by hand": jax_by_hand,
    "sklearn_seqadd": package,
    KEPT: package,
    "sklearn_seqadd without XLA": lambda: package(jit_compile=False),
}

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--part", choices=PARTS)
parser.add_argument("--repeats", type=int, default=3)
parser.add_argument("--torch", help="the Python of an environment with PyTorch")
parser.add_argument("--jax", help="the Python of an environment with JAX")
options = parser.parse_args()
if options.part:
    times, score = PARTS[options.part]()
    steady = statistics.median(times[3:]) / (N_SAMPLES / BATCH_SIZE)
    print(json.dumps({"step": steady, "score": float(score)}))
else:
    print_machine()
    pythons = {"PyTorch by hand": options.torch, "JAX by hand": options.jax}
    parts = [part for part in PARTS if pythons.get(part, True)]
    params = {part: {"python": python} for part, python in pythons.items()}
    with tempfile.TemporaryDirectory() as folder:
        params[KEPT] = {"SKLEARN_SEQADD_CACHE_DIR": folder}
        run_part(__file__, KEPT, **params[KEPT])
        medians = alternate(__file__, parts, options.repeats, **params)
    bare = arithmetic()
    peer = medians["plain Keras"]
    print(
        f"{'':<31}{'process':>10}{'faster':>8}{'ms/step':>9}{'faster':>8}{'right':>8}"
    )
    for part, found in medians.items():
        faster = peer["process"] / found["process"]
        print(
            f"{part:<31}{found['process']:>8.1f} s{faster:>8.1f}"
            f"{1000 * found['step']:>9.2f}{peer['step'] / found['step']:>8.1f}"
            f"{100 * found['score']:>6.1f} %"
        )
    print(f"{'bare arithmetic':<31}{'':>18}{1000 * bare:>9.2f}")
