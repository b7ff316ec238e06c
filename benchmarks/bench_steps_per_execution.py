"""Keras' own ways to spend less time in Python, and the compiled loop of this package.

The tutorial's network is trained on the same sums by `keras.Model.fit`: as it is, with
`steps_per_execution=128`, and with `jit_compile=True` as well; and by this package
without XLA and with it. Each has a process of its own. "First epoch" is with tracing
and compilation, "ms/update" the median of the epochs after it.

    python benchmarks/bench_steps_per_execution.py
"""

import argparse
import json
import statistics
import time

import numpy as np
from _common import alternate, print_machine

from sklearn_seqadd import make_addition

N_EPOCHS, N_SAMPLES, BATCH_SIZE = 6, 5120, 10
ALPHABET = " +0123456789"
PARTS = {
    "keras": "Keras",
    "keras_steps": "Keras, 128 steps per execution",
    "keras_steps_jit": "Keras, 128 steps per execution, XLA",
    "package": "sklearn_seqadd without XLA",
    "package_jit": "sklearn_seqadd",
}


def draw():
    """Sums as one-hot vectors (n_samples, 5, 12), and the codes of their results."""

    def encode(strings, length):
        return np.array([[ALPHABET.index(c) for c in s.rjust(length)] for s in strings])

    X, y = make_addition(N_SAMPLES, largest=10, smallest=1, random_state=0)
    return np.eye(len(ALPHABET), dtype=np.float32)[encode(X, 5)], encode(y, 2)


def make_clock():
    """Return a callback that notes the seconds of each epoch in `seconds`."""
    import keras

    class Clock(keras.callbacks.Callback):
        seconds: list = []

        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds.append(time.perf_counter() - self.start)

    return Clock()


def by_keras(**compile_params):
    """Seconds of each epoch of `keras.Model.fit`."""
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((5, len(ALPHABET))),
            keras.layers.LSTM(100),
            keras.layers.RepeatVector(2),
            keras.layers.LSTM(50, return_sequences=True),
            keras.layers.Dense(len(ALPHABET), activation="softmax"),
        ]
    )
    model.compile(
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
        **compile_params,
    )
    clock = make_clock()
    model.fit(
        *draw(),
        batch_size=BATCH_SIZE,
        epochs=N_EPOCHS,
        verbose=0,
        callbacks=[clock],
    )
    return clock.seconds


def by_package(jit_compile):
    """Seconds of each epoch of this package."""
    from sklearn_seqadd import Seq2SeqClassifier

    clock = make_clock()
    Seq2SeqClassifier(
        epochs=N_EPOCHS,
        batch_size=BATCH_SIZE,
        jit_compile=jit_compile,
        callbacks=[clock],
        random_state=0,
    ).fit(*draw())
    return clock.seconds


RUNS = {
    "keras": lambda: by_keras(jit_compile=False),
    "keras_steps": lambda: by_keras(steps_per_execution=128, jit_compile=False),
    "keras_steps_jit": lambda: by_keras(steps_per_execution=128, jit_compile=True),
    "package": lambda: by_package(False),
    "package_jit": lambda: by_package(True),
}


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    if options.part:
        first, *others = RUNS[options.part]()
        n_updates = N_SAMPLES // BATCH_SIZE
        update = 1000 * statistics.median(others) / n_updates
        print(json.dumps({"first": first, "update": update}))
        return
    print_machine()
    found = alternate(__file__, PARTS, options.repeats)
    print(f"{'':38}first epoch  ms/update  faster")
    for part, figures in found.items():
        faster = found["keras"]["update"] / figures["update"]
        print(
            f"{PARTS[part]:38}{figures['first']:9.1f} s{figures['update']:11.2f}"
            f"{faster:8.1f}"
        )


if __name__ == "__main__":
    main()
