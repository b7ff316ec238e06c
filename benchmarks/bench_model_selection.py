"""Cross-validation and grid search, against a plain SciKeras wrapper of the network.

- 5-fold cross-validation of 1000 sums of two digits, 10 epochs, batches of 32;
- a grid of 12 candidates (3 sizes of encoder x 4 learning rates) x 3 folds, likewise;
- one tiny fit and prediction (200 sums, 2 epochs) in a process that is warm: of a
  network whose shapes were seen before, and of one that is new.

Each of the two works in a process of its own, in turn; times are without imports. The
SciKeras wrapper is `KerasRegressor`, as `KerasClassifier` takes no sequences for
targets; its network, loss, optimizer and data are the same, and its inputs are encoded
beforehand, outside what is measured.

    python benchmarks/bench_model_selection.py
"""

import argparse
import json
import time

import numpy as np
from _common import alternate, print_machine
from sklearn.model_selection import GridSearchCV, cross_val_score

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

UNITS = [50, 75, 100]
RATES = [1e-3, 2e-3, 3e-3, 1e-2]


def package():
    """What is to be measured of this package: estimator, grid, X, y."""
    X, y = make_addition(1000, random_state=0)
    grid = {
        "seq2seqclassifier__encoder_units": UNITS,
        "seq2seqclassifier__learning_rate": RATES,
    }

    def make(**params):
        return make_seq2seq_pipeline(random_state=0, **params)

    return make, grid, X, y


def scikeras():
    """The same of SciKeras."""
    import keras
    from scikeras.wrappers import KerasRegressor

    def build(units):
        return keras.Sequential(
            [
                keras.Input((5, 12)),
                keras.layers.LSTM(units),
                keras.layers.RepeatVector(3),
                keras.layers.LSTM(50, return_sequences=True),
                keras.layers.Dense(12, activation="softmax"),
            ]
        )

    class Wrapper(KerasRegressor):
        def score(self, X, y, sample_weight=None):
            return (self.predict(X).argmax(-1) == y).all(axis=1).mean()

    def encode(strings, length):
        return np.array(
            [["0123456789+ ".index(c) for c in s.rjust(length)] for s in strings]
        )

    X, y = make_addition(1000, random_state=0)
    X, y = np.eye(12, dtype=np.float32)[encode(X, 5)], encode(y, 3)

    def make(epochs, encoder_units=100):
        return Wrapper(
            build,
            model__units=encoder_units,
            loss="sparse_categorical_crossentropy",
            optimizer="adam",
            optimizer__learning_rate=0.001,
            batch_size=32,
            epochs=epochs,
            verbose=0,
        )

    return make, {"model__units": UNITS, "optimizer__learning_rate": RATES}, X, y


PARTS = {"SciKeras": scikeras, "sklearn_seqadd": package}


def measure(part):
    """Seconds of each task."""
    make, grid, X, y = PARTS[part]()
    # TensorFlow itself starts up once, for either.
    make(epochs=1, encoder_units=7).fit(X[:64], y[:64]).predict(X[:64])
    tasks = {
        "cross-validation": lambda: cross_val_score(make(epochs=10), X, y),
        "grid search": lambda: GridSearchCV(
            make(epochs=10), grid, cv=3, refit=False
        ).fit(X, y),
        "tiny fit, new shape": lambda: (
            make(epochs=2, encoder_units=33).fit(X[:200], y[:200]).predict(X[:200])
        ),
        "tiny fit, seen before": lambda: (
            make(epochs=2, encoder_units=33).fit(X[:200], y[:200]).predict(X[:200])
        ),
    }
    figures = {}
    for task, run in tasks.items():
        start = time.perf_counter()
        run()
        figures[task] = time.perf_counter() - start
    return figures


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--part", choices=PARTS)
parser.add_argument("--repeats", type=int, default=3)
options = parser.parse_args()
if options.part:
    print(json.dumps(measure(options.part)))
else:
    print_machine()
    medians = alternate(__file__, PARTS, options.repeats)
    peer, ours = medians["SciKeras"], medians["sklearn_seqadd"]
    print(f"{'':<24}{'SciKeras':>10}{'sklearn_seqadd':>16}{'faster':>8}")
    for task in list(ours)[1:]:
        ratio = peer[task] / ours[task]
        print(f"{task:<24}{peer[task]:>8.2f} s{ours[task]:>14.2f} s{ratio:>8.1f}")
