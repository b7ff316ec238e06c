"""What several test files need."""

import os
import signal

# scikit-learn's array-API checks are skipped unless SciPy was told of the array API
# before it was imported, which is too late once a test file has begun.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

# Whatever draws draws into memory, with and without a screen.
os.environ.setdefault("MPLBACKEND", "agg")

import numpy as np
import pytest

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

EXECUTED_CHECKS = pytest.StashKey[dict[str, int]]()


@pytest.fixture(scope="session")
def small_sums():
    """Four hundred sums of numbers up to 9, with repetitions, and their results."""
    return make_addition(400, largest=9, random_state=0)


@pytest.fixture(scope="session")
def fitted():
    """A pipeline that has learned such sums. Not to be fitted again: copy it."""
    X, y = make_addition(1000, largest=9, random_state=0)
    return make_seq2seq_pipeline(
        encoder_units=32,
        decoder_units=32,
        learning_rate=0.01,
        epochs=40,
        random_state=0,
    ).fit(X, y)


@pytest.fixture
def data():
    """A hundred sequences of three vectors, and two labels for each."""
    rng = np.random.RandomState(0)
    return rng.rand(100, 3, 2), rng.randint(4, size=(100, 2))


@pytest.fixture
def compilations(monkeypatch):
    """The list of what was compiled since the test began, with an empty cache."""
    from sklearn_seqadd.training import cache, prediction, program, schedules
    from sklearn_seqadd.training.bounded import BoundedCache

    compiled = []
    original = program.compile_program

    def record(function, signature, jit=None):
        if signature:  # and not only reads variables
            compiled.append(jit)
        return original(function, signature, jit)

    for module in (prediction, program, schedules):
        monkeypatch.setattr(module, "compile_program", record)
    monkeypatch.setattr(cache, "_networks", BoundedCache(16))
    return compiled


@pytest.fixture
def interruptible():
    """A process in the background may have been started without Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items):
    """Mark the pages of the documentation as slow."""
    for item in items:
        if item.path.suffix == ".rst":
            item.add_marker("slow")


@pytest.fixture(scope="session")
def executed_checks(pytestconfig):
    """How many of scikit-learn's checks were executed on what; for the summary."""
    return pytestconfig.stash.setdefault(EXECUTED_CHECKS, {})


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):  # one of several processes
        executed = session.config.stash.get(EXECUTED_CHECKS, {})
        session.config.workeroutput["executed_checks"] = executed


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    executed = node.config.stash.setdefault(EXECUTED_CHECKS, {})
    executed.update(getattr(node, "workeroutput", {}).get("executed_checks", {}))


def pytest_terminal_summary(terminalreporter, config):
    executed = config.stash.get(EXECUTED_CHECKS, {})
    if executed:
        terminalreporter.section("scikit-learn's checks executed")
        for subject, number in executed.items():
            terminalreporter.write_line(f"{number:4}  {subject}")
        terminalreporter.write_line(f"{sum(executed.values()):4}  in all")
