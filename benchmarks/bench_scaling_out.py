"""A grid search on one and on two workers of a Dask cluster, beside a serial one.

The cluster is one of processes on this machine, each of which works on one candidate at
a time. Workers have imported and compiled before they are timed; what that takes them
is a row of its own. The bytes are those that crossed the loopback interface while the
search ran (Linux).

    pip install -e ".[dask]"
    python benchmarks/bench_scaling_out.py
"""

import argparse
import pickle
import time
from pathlib import Path

import distributed
import joblib
from _common import print_machine
from sklearn.model_selection import GridSearchCV

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

LOOPBACK = Path("/sys/class/net/lo/statistics/tx_bytes")
RATES = [1e-3, 2e-3, 3e-3, 5e-3, 7e-3, 1e-2]


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print_machine()
    print(f"dask {distributed.__version__}, joblib {joblib.__version__}\n")
    X, y = make_addition(3000, random_state=0)
    pipe = make_seq2seq_pipeline(epochs=30, random_state=0)
    print(f"a pipeline: {len(pickle.dumps(pipe)):,} bytes, fitted: ", end="")
    print(f"{len(pickle.dumps(pipe.fit(X, y))):,} bytes\n")

    serial = min(seconds_of(pipe, X, y)[0] for _ in range(options.repeats))
    print(f"{'':<12}{'first fits':>12}{'search':>10}{'efficiency':>12}{'moved':>12}")
    print(f"{'serial':<12}{'':>12}{serial:8.1f} s")
    for n_workers in (1, 2):
        with (
            distributed.LocalCluster(
                n_workers=n_workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
            ) as cluster,
            distributed.Client(cluster),
            joblib.parallel_backend("dask"),
        ):
            first = seconds_of(pipe, X, y)[0]
            runs = [seconds_of(pipe, X, y) for _ in range(options.repeats)]
        seconds, moved = min(runs)
        print(
            f"{n_workers} {'worker' if n_workers == 1 else 'workers':<10}"
            f"{first - seconds:10.1f} s{seconds:8.1f} s"
            f"{serial / seconds / n_workers:12.0%}{moved / 1e6:9.1f} MB"
        )


def seconds_of(pipe, X, y):
    """How long a search takes, and the bytes that it moves."""
    grid = {"seq2seqclassifier__learning_rate": RATES}
    search = GridSearchCV(pipe, grid, cv=4, refit=False)
    before = int(LOOPBACK.read_text())
    start = time.perf_counter()
    search.fit(X, y)
    return time.perf_counter() - start, int(LOOPBACK.read_text()) - before


if __name__ == "__main__":
    main()
