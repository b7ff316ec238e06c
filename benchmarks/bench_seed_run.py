"""The tutorial's run: 30 epochs of 1000 fresh sums in batches of 10, then 1000 sums.

Compared are, each as a whole process with its imports, in turn:

- plain Keras as the tutorial writes it, a call of ``fit`` for each epoch;
- this package, a call of ``partial_fit`` for each epoch, as it is by default, and
  without XLA.

"ms/step" is the median over the epochs after the third: what a step costs once
everything is compiled. The bare arithmetic is a NumPy loop of the same matrix products
(forward, and both of the backward pass), without activations and without an optimizer.

    python benchmarks/bench_seed_run.py
"""

import argparse
import json
import statistics
import time

import numpy as np
from _common import alternate, median_seconds, print_machine

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


def plain():
    """As the tutorial does it, with the Keras of today."""
    import keras

    def one_hot(strings, length):
        codes = [[ALPHABET.index(c) for c in s.rjust(length)] for s in strings]
        return np.eye(len(ALPHABET))[codes]

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


def package(jit_compile="auto"):
    """The same with this package."""
    from sklearn.pipeline import make_pipeline

    from sklearn_seqadd import (
        Seq2SeqClassifier,
        SequenceIntegerEncoder,
        SequenceOneHotEncoder,
        SequencePadder,
    )

    def encode(length):
        return SequencePadder(length=length), SequenceIntegerEncoder(ALPHABET)

    rng = np.random.RandomState(0)
    network = Seq2SeqClassifier(
        target_transformer=make_pipeline(*encode(2)),
        learning_rate=LEARNING_RATE,
        batch_size=BATCH_SIZE,
        jit_compile=jit_compile,
        random_state=0,
    )
    pipe = make_pipeline(*encode(5), SequenceOneHotEncoder(), network)
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


PARTS = {
    "plain Keras": plain,
    "sklearn_seqadd": package,
    "sklearn_seqadd without XLA": lambda: package(jit_compile=False),
}

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--part", choices=PARTS)
parser.add_argument("--repeats", type=int, default=3)
options = parser.parse_args()
if options.part:
    times, score = PARTS[options.part]()
    steady = statistics.median(times[3:]) / (N_SAMPLES / BATCH_SIZE)
    print(json.dumps({"step": steady, "score": float(score)}))
else:
    print_machine()
    medians = alternate(__file__, PARTS, options.repeats)
    bare = arithmetic()
    peer = medians["plain Keras"]
    print(
        f"{'':<28}{'process':>10}{'faster':>8}{'ms/step':>9}{'faster':>8}{'right':>8}"
    )
    for part, found in medians.items():
        faster = peer["process"] / found["process"]
        print(
            f"{part:<28}{found['process']:>8.1f} s{faster:>8.1f}"
            f"{1000 * found['step']:>9.2f}{peer['step'] / found['step']:>8.1f}"
            f"{100 * found['score']:>6.1f} %"
        )
    print(f"{'bare arithmetic':<28}{'':>18}{1000 * bare:>9.2f}")
