"""The mapping problem: 100 pairs of numbers x 50 epochs in batches of 2 (2500 steps).

Compared are, each in a process of its own, in turn, and without imports:

- SciKeras' `KerasRegressor` around an ordinary Keras model;
- `MappingRegressor` of this package.

Networks, data, optimizer, scaling and number of steps are the same: an LSTM 6-2-1 that
reads one number at a time, and a linear perceptron 4-2-1. "first" is the first fit in
the process of a network of these shapes, with all its compilation; "again" is another
fit of them, from another seed. "RMSE" is the error of that one on 100 other sums, in
the original units.

    python benchmarks/bench_mapping.py
"""

import argparse
import json
import time

import numpy as np
from _common import alternate, print_machine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from sklearn_seqadd import MappingRegressor, TermExtractor, make_addition, numeric_rmse

NETWORKS = {"LSTM 6-2-1": ("lstm", (6, 2)), "perceptron 4-2-1": ("mlp", (4, 2))}


def package(network, hidden_units, epochs, seed):
    """The estimator of this package."""
    return MappingRegressor(
        network, hidden_units, batch_size=2, epochs=epochs, random_state=seed
    )


def scikeras(network, hidden_units, epochs, seed):
    """The same of SciKeras."""
    import keras
    from scikeras.wrappers import KerasRegressor

    def build():
        keras.utils.set_random_seed(seed)
        first, second = hidden_units
        layers = {
            "lstm": [
                keras.Input((2,)),
                keras.layers.Reshape((2, 1)),
                keras.layers.LSTM(first, return_sequences=True),
                keras.layers.LSTM(second),
                keras.layers.Dense(1),
            ],
            "mlp": [
                keras.Input((2,)),
                keras.layers.Dense(first),
                keras.layers.Dense(second),
                keras.layers.Dense(1),
            ],
        }
        return keras.Sequential(layers[network])

    return KerasRegressor(
        build,
        loss="mean_squared_error",
        optimizer="adam",
        batch_size=2,
        epochs=epochs,
        verbose=0,
    )


PARTS = {"SciKeras": scikeras, "sklearn_seqadd": package}


def measure(make):
    """Seconds of the first fit and of another, and the error, by network."""
    X, y = make_addition(200, smallest=1, largest=10, random_state=0)
    terms = make_pipeline(TermExtractor(), MinMaxScaler()).fit(["1+1", "10+10"])
    sums = MinMaxScaler().fit([[2.0], [20.0]])
    X, y_scaled = terms.transform(X), sums.transform(y.astype(float)[:, None])[:, 0]
    # TensorFlow itself starts up once, for either.
    make("mlp", (3, 3), 1, 0).fit(X[:10], y_scaled[:10]).predict(X[:10])
    figures = {}
    for name, (network, hidden_units) in NETWORKS.items():
        for seed, run in enumerate(("first", "again")):
            regressor = make(network, hidden_units, 50, seed)
            start = time.perf_counter()
            regressor.fit(X[:100], y_scaled[:100])
            figures[f"{name}, {run}"] = time.perf_counter() - start
        answers = sums.inverse_transform(regressor.predict(X[100:])[:, None])
        figures[f"{name}, RMSE"] = numeric_rmse(y[100:], np.ravel(answers))
    return figures


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--part", choices=PARTS)
parser.add_argument("--repeats", type=int, default=3)
options = parser.parse_args()
if options.part:
    print(json.dumps(measure(PARTS[options.part])))
else:
    print_machine()
    medians = alternate(__file__, PARTS, options.repeats)
    peer, ours = medians["SciKeras"], medians["sklearn_seqadd"]
    print(f"{'':<25}{'SciKeras':>10}{'sklearn_seqadd':>16}{'faster':>8}")
    for name in NETWORKS:
        for task in (f"{name}, first", f"{name}, again"):
            ratio = peer[task] / ours[task]
            print(f"{task:<25}{peer[task]:>8.2f} s{ours[task]:>14.3f} s{ratio:>8.1f}")
        task = f"{name}, RMSE"
        print(f"{task:<25}{peer[task]:>10.3f}{ours[task]:>16.3f}")
