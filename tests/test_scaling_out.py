"""More than one machine: the workers of a Dask cluster, on the loopback interface."""

import os
import signal
import threading
import time

import dask
import distributed
import joblib
import numpy as np
import pytest
from custom_networks import Transformer
from helpers import TINY, assert_same_weights, slow
from sklearn.model_selection import GridSearchCV, cross_validate

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

# Dask's own affairs; what this package warns of remains an error.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:(distributed|dask|tornado)"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

LOOPBACK = "/sys/class/net/lo/statistics/tx_bytes"
GRID = {"seq2seqclassifier__learning_rate": [1e-3, 3e-3, 1e-2]}


@pytest.fixture(scope="module")
def client():
    with (
        dask.config.set({"distributed.worker.daemon": False}),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # None is port 8787, taken or not
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def on_the_cluster():
    # Not parallel_config, which the oldest joblib of scikit-learn 1.6 does not have.
    return joblib.parallel_backend("dask")


@pytest.mark.slow
def test_a_grid_search_gives_the_results_of_a_serial_one(client, small_sums):
    pipe = make_seq2seq_pipeline(**TINY)
    serial = GridSearchCV(pipe, GRID, cv=3).fit(*small_sums)
    with on_the_cluster():
        search = GridSearchCV(pipe, GRID, cv=3).fit(*small_sums)
    for name, expected in serial.cv_results_.items():
        if not name.endswith("_time"):
            np.testing.assert_array_equal(search.cv_results_[name], expected)
    np.testing.assert_array_equal(
        search.predict(small_sums[0]), serial.predict(small_sums[0])
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "params",
    [
        pytest.param(TINY, id="repeat"),
        slow({**TINY, "decoder": "relative"}, id="relative"),
        slow({"network": Transformer(), "epochs": 2, "random_state": 0}, id="own"),
    ],
)
def test_a_cross_validation_brings_the_estimators_home(client, small_sums, params):
    pipe = make_seq2seq_pipeline(**params)
    serial = cross_validate(pipe, *small_sums, cv=4, return_estimator=True)
    with on_the_cluster():
        found = cross_validate(pipe, *small_sums, cv=4, return_estimator=True)
    np.testing.assert_array_equal(found["test_score"], serial["test_score"])
    for one, other in zip(found["estimator"], serial["estimator"], strict=True):
        assert_same_weights(one[-1], other[-1])


def test_both_workers_work(client, small_sums):
    with on_the_cluster():
        where = joblib.Parallel()(joblib.delayed(slow_pid)() for _ in range(4))
    assert len(set(where)) == 2
    assert os.getpid() not in where


def slow_pid():
    time.sleep(0.5)
    return os.getpid()


class CopyingClient(distributed.Client):
    """Gives data to all workers, so that none dies as the only one that has it."""

    def scatter(self, *args, **kwargs):
        return super().scatter(*args, **{"broadcast": True, **kwargs})


@pytest.mark.slow
def test_a_worker_that_is_killed_is_survived(client):
    X, y = make_addition(2000, random_state=0)
    pipe = make_seq2seq_pipeline(**{**TINY, "epochs": 20})
    serial = GridSearchCV(pipe, GRID, cv=2, refit=False).fit(X, y)
    pids = client.run(os.getpid)
    killed = []
    ended = threading.Event()

    def kill_a_busy_worker():
        while not ended.wait(0.05):
            # The samples, the answers, and two arrays of indices for each split
            copied = [k for k, where in client.who_has().items() if len(where) == 2]
            busy = [pids[a] for a, tasks in client.processing().items() if tasks]
            if len(copied) >= 6 and busy:
                time.sleep(0.2)  # into the midst of its fit
                os.kill(busy[0], signal.SIGKILL)
                killed.append(busy[0])
                return

    killer = threading.Thread(target=kill_a_busy_worker)
    killer.start()
    try:
        with CopyingClient(client.cluster), on_the_cluster():
            search = GridSearchCV(pipe, GRID, cv=2, refit=False).fit(X, y)
    finally:
        ended.set()
        killer.join()
    assert len(killed) == 1
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], serial.cv_results_["mean_test_score"]
    )
    client.wait_for_workers(2, timeout=60)
    assert killed[0] not in client.run(os.getpid).values()


@pytest.mark.skipif(not os.path.exists(LOOPBACK), reason="counted by Linux only")
def test_little_travels(client, small_sums):
    pipe = make_seq2seq_pipeline(**TINY)
    moved = []
    for _ in range(3):  # others may use the interface too, hardly all the time
        before = loopback_bytes()
        with on_the_cluster():
            found = cross_validate(pipe, *small_sums, cv=4, return_estimator=True)
        moved.append(loopback_bytes() - before)
    n_bytes = sum(w.nbytes for e in found["estimator"] for w in e[-1].weights_)
    # The weights home, the strings to each worker, and what a scheduler has to say:
    # far from what a Keras model and its compiled programs would be.
    assert min(moved) < 2 * n_bytes + 1_000_000


def loopback_bytes():
    with open(LOOPBACK) as file:
        return int(file.read())
