"""TensorFlow and Keras, imported without messages and limited to allotted threads.

All other modules import the two from here, and only when a network is needed, because
the import takes seconds.
"""

import contextlib
import gc
import hashlib
import os
import platform
import re
import sys
import tempfile
import warnings
from pathlib import Path

from ._forks import check_not_forked
from ._keras import read_xla_flags

# The lines that TensorFlow writes to standard error before it obeys its log level.
_NOISE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog|"
    rb"To enable the following instructions|"
    rb"[IWE]\d{4} \d\d:\d\d:|"
    rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "
)


@contextlib.contextmanager
def gc_disabled():
    """Pause garbage collection in this context, which creates objects but no garbage.

    Python would scan hundreds of thousands of objects again and again, which would take
    a fifth of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _grow_old():
    """Move all live objects to the oldest generation, which is rarely scanned.

    Objects that an import has made while garbage collection was paused would be scanned
    as soon as it resumes.
    """
    if not gc.get_freeze_count():  # unfreezing would undo the freezing of others
        gc.freeze()
        gc.unfreeze()


def _import_quietly():
    """Import TensorFlow; the environment and the streams are then as before."""
    try:
        stream = os.dup(2)
    except OSError:  # there is no standard error stream
        import tensorflow

        return tensorflow
    level = os.environ.get("TF_CPP_MIN_LOG_LEVEL")
    with tempfile.TemporaryFile() as captured:
        try:
            # TensorFlow reads its log level once, at import.
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
            os.dup2(captured.fileno(), 2)
            import tensorflow

            return tensorflow
        finally:
            os.dup2(stream, 2)
            if level is None:
                del os.environ["TF_CPP_MIN_LOG_LEVEL"]
            captured.seek(0)
            failed = "tensorflow" not in sys.modules
            for line in captured:
                if failed or not _NOISE.match(line):
                    os.write(2, line)
            os.close(stream)


def _limit_threads():
    """Limit TensorFlow to the number of threads that joblib allots to a worker process.

    joblib sets environment variables that the libraries of NumPy read. TensorFlow does
    not read them, and would start a thread for every core in each worker.
    """
    allotted = os.environ.get("OMP_NUM_THREADS", "")
    if allotted.isdigit() and int(allotted):
        tf.config.threading.set_intra_op_parallelism_threads(int(allotted))
        tf.config.threading.set_inter_op_parallelism_threads(int(allotted))


def _keep_compiled_programs():
    """Let XLA keep compiled programs in a directory, if the user has named one.

    Returns
    -------
    directory : Path or None
        The directory for this version of TensorFlow and this processor.
    """
    named = os.environ.get("SKLEARN_SEQADD_CACHE_DIR")
    if not named:
        return None
    kind = hashlib.sha256(f"{tf.__version__}\n{_processor()}".encode()).hexdigest()
    try:
        directory = Path(named).expanduser().resolve() / f"xla-{kind[:16]}"
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except (OSError, RuntimeError) as error:  # RuntimeError: no home directory
        warnings.warn(
            f"SKLEARN_SEQADD_CACHE_DIR={named!r} cannot be used, and compiled programs "
            f"are not kept: {error}",
            stacklevel=2,
        )
        return None
    flags = os.environ.get("TF_XLA_FLAGS")
    option = f"--tf_xla_persistent_cache_directory='{directory}'"
    os.environ["TF_XLA_FLAGS"] = f"{flags or ''} {option}"
    try:
        read_xla_flags()
    finally:
        if flags is None:
            del os.environ["TF_XLA_FLAGS"]
        else:
            os.environ["TF_XLA_FLAGS"] = flags
    return directory


def _processor():
    """Return a description of the processor, which programs are compiled for."""
    try:
        first, _, _ = Path("/proc/cpuinfo").read_text().partition("\n\n")
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    lines = first.splitlines()
    kept = [line for line in lines if line.startswith(("model name", "flags"))]
    return "\n".join([platform.machine(), *kept])


if "tensorflow" in sys.modules:
    import tensorflow as tf
else:
    with gc_disabled():
        tf = _import_quietly()
        _grow_old()
    _limit_threads()
PROGRAMS = _keep_compiled_programs()

_ADVICE = (
    "sklearn_seqadd needs Keras with the TensorFlow backend. Set "
    "KERAS_BACKEND=tensorflow in the environment."
)
try:
    import keras
except ImportError as error:  # as a rule, the backend is not installed
    raise ImportError(f"{_ADVICE} Keras cannot be imported: {error}") from error
if keras.backend.backend() != "tensorflow":
    raise ImportError(f"{_ADVICE} Its backend is {keras.backend.backend()!r}.")


def check_usable():
    """Raise a RuntimeError where networks can neither be built nor run.

    This is the case in a process that was forked after TensorFlow had been used, in the
    scope of a distribution strategy, in graph mode and inside of a `tf.function`.
    """
    check_not_forked()
    if tf.inside_function():
        raise RuntimeError(
            "sklearn_seqadd cannot be used inside of a tf.function, nor in the `call` "
            "of a Keras layer: call fit and predict outside of it."
        )
    if not tf.executing_eagerly():
        raise RuntimeError(
            "sklearn_seqadd needs eager execution, but TensorFlow is in graph mode. "
            "Leave the context of tf.Graph().as_default(), and do not call "
            "tf.compat.v1.disable_eager_execution() or disable_v2_behavior()."
        )
    if tf.distribute.has_strategy():
        strategy = type(tf.distribute.get_strategy()).__name__
        raise RuntimeError(
            "sklearn_seqadd cannot be used within the scope of a tf.distribute "
            f"strategy, here {strategy}: leave the scope before you call fit or "
            "predict."
        )


__all__ = ["PROGRAMS", "check_usable", "gc_disabled", "keras", "tf"]
