"""A grid search of 36 fits by one process, and by two worker processes.

12 candidates (3 sizes of encoder x 4 learning rates) x 3 folds of 1000 sums, as
`n_jobs=1` and `n_jobs=2` of `GridSearchCV`. Each in a process of its own, in turn: the
first search, for which TensorFlow is imported and each network compiled, by both
workers if there are two, and the same search again.

    python benchmarks/bench_jobs.py
"""

import argparse
import json
import time

from _common import alternate, print_machine
from sklearn.model_selection import GridSearchCV

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

GRID = {
    "seq2seqclassifier__encoder_units": [50, 75, 100],
    "seq2seqclassifier__learning_rate": [1e-3, 2e-3, 3e-3, 1e-2],
}


def search(n_jobs, epochs):
    """Seconds of one search."""
    X, y = make_addition(1000, random_state=0)
    pipe = make_seq2seq_pipeline(epochs=epochs, random_state=0)
    start = time.perf_counter()
    GridSearchCV(pipe, GRID, cv=3, refit=False, n_jobs=n_jobs).fit(X, y)
    return time.perf_counter() - start


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", help="a number of jobs, and one of epochs")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    if options.part:
        params = list(map(int, options.part.split()))
        print(json.dumps({"first": search(*params), "again": search(*params)}))
        return
    print_machine()
    print(f"{'':12}{'n_jobs=1':>24}{'n_jobs=2':>24}{'times as fast':>20}")
    print(f"{'epochs':12}" + f"{'first':>12}{'again':>12}" * 2 + f"{'':4}first   again")
    for epochs in (10, 30):
        parts = [f"{n_jobs} {epochs}" for n_jobs in (1, 2)]
        one, two = alternate(__file__, parts, options.repeats).values()
        seconds = "".join(
            f"{of[name]:10.2f} s" for of in (one, two) for name in ("first", "again")
        )
        faster = "".join(f"{one[name] / two[name]:9.2f}" for name in ("first", "again"))
        print(f"{epochs:<12}{seconds}{faster}", flush=True)


if __name__ == "__main__":
    main()
