"""Resident memory over many fits in one process (Linux).

Each row is a process of its own that fits and predicts 200 sums (2 epochs) again and
again: one network with SciKeras, one with this package, and with this package a new
architecture every time. "MB a fit" is the growth after the third fit, divided by the
number of fits after it.

    python benchmarks/bench_memory.py
"""

import argparse
import gc
import json

from _common import print_machine, resident_megabytes, run_part

from sklearn_seqadd import make_addition, make_seq2seq_pipeline


def one_architecture():
    """Fit the same network again and again."""
    X, y = make_addition(200, random_state=0)
    return lambda i: make_seq2seq_pipeline(epochs=2).fit(X, y).predict(X)


def new_architectures():
    """Fit another network every time."""
    X, y = make_addition(200, random_state=0)
    return lambda i: (
        make_seq2seq_pipeline(encoder_units=50 + i, epochs=2).fit(X, y).predict(X)
    )


def scikeras():
    """Fit the same network with SciKeras."""
    import keras
    import numpy as np
    from scikeras.wrappers import KerasRegressor

    def build():
        return keras.Sequential(
            [
                keras.Input((5, 12)),
                keras.layers.LSTM(100),
                keras.layers.RepeatVector(3),
                keras.layers.LSTM(50, return_sequences=True),
                keras.layers.Dense(12, activation="softmax"),
            ]
        )

    rng = np.random.RandomState(0)
    X, y = rng.rand(200, 5, 12), rng.randint(12, size=(200, 3))
    loss = "sparse_categorical_crossentropy"
    return lambda i: (
        KerasRegressor(build, loss=loss, optimizer="adam", epochs=2, verbose=0)
        .fit(X, y)
        .predict(X)
    )


PARTS = {
    "SciKeras": (scikeras, 15),
    "one architecture": (one_architecture, 50),
    "new architectures": (new_architectures, 50),
}

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--part", choices=PARTS)
options = parser.parse_args()
if options.part:
    make, n_fits = PARTS[options.part]
    fit = make()
    megabytes = []
    for i in range(n_fits):
        fit(i)
        gc.collect()
        megabytes.append(resident_megabytes())
    growth = (megabytes[-1] - megabytes[2]) / (n_fits - 3)
    print(json.dumps({"third": megabytes[2], "last": megabytes[-1], "growth": growth}))
else:
    print_machine()
    print(f"{'':<20}{'fits':>6}{'third':>10}{'last':>10}{'MB a fit':>10}")
    for part, (_, n_fits) in PARTS.items():
        _, found = run_part(__file__, part)
        print(
            f"{part:<20}{n_fits:>6}{found['third']:>7.0f} MB{found['last']:>7.0f} MB"
            f"{found['growth']:>10.3f}"
        )
