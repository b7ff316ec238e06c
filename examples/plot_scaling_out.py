"""
A search on a cluster
=====================

A search is many fits that know nothing of each other, so they can be made anywhere.
scikit-learn hands them to joblib, and joblib to the workers of a Dask cluster, here two
processes on this machine. The search is told so in one line; neither the pipeline nor
the grid knows. It needs ``pip install "sklearn_seqadd[dask]"``.
"""

import time

import joblib
import matplotlib.pyplot as plt
import numpy as np
from dask.distributed import Client, LocalCluster, get_task_stream
from sklearn.model_selection import GridSearchCV

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

# %%
# Six learning rates, three folds each.


def make_search():
    """The search; the same whoever works on it."""
    return GridSearchCV(
        make_seq2seq_pipeline(side="term", reverse=True, epochs=15, random_state=0),
        {"seq2seqclassifier__learning_rate": np.geomspace(1e-3, 3e-2, 6).round(4)},
        cv=3,
    )


# %%
# First here, in one process. Then on the cluster, where Dask keeps a record of which
# worker did what and when. It begins with what each worker has to do once: to import
# TensorFlow, and to compile the network.


def run(X, y):
    """Search in this process and on the cluster; the two searches and the record."""
    start = time.perf_counter()
    here = make_search().fit(X, y)
    print(f"in this process {time.perf_counter() - start:5.1f} s")
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0"
        ) as c,
        Client(c) as client,
        get_task_stream(client=client) as stream,
        joblib.parallel_backend("dask"),
    ):
        start = time.perf_counter()
        there = make_search().fit(X, y)
        print(f"on two workers  {time.perf_counter() - start:5.1f} s")
    return here, there, stream.data


# %%
# Each bar is a piece of work, most of them one fit and its score.


def plot(tasks):
    """Draw what each worker did, by time."""
    spans = [
        (task["worker"], span["start"], span["stop"] - span["start"])
        for task in tasks
        for span in task["startstops"]
        if span["action"] == "compute"
    ]
    first = min(start for _, start, _ in spans)
    workers = sorted({worker for worker, _, _ in spans})
    figure, ax = plt.subplots(figsize=(7, 2.2), layout="constrained")
    for worker, start, seconds in spans:
        ax.barh(workers.index(worker), seconds, left=start - first, edgecolor="white")
    ax.set_yticks(range(len(workers)), [f"worker {i + 1}" for i in range(len(workers))])
    ax.set(xlabel="seconds", title=f"{len(spans)} pieces of work")
    return figure


# %%
# Workers import the script that starts them, so what it does stands under this ``if``.
# The scores are the same, bit for bit.

if __name__ == "__main__":
    here, there, tasks = run(*make_addition(2000, largest=99, random_state=0))
    for name in ("mean_test_score", "std_test_score"):
        assert (here.cv_results_[name] == there.cv_results_[name]).all()
    print("best:", there.best_params_, f"{there.best_score_:.1%}")
    plot(tasks)
    plt.show()
