"""TensorFlow and Keras, imported quietly and on as many cores as this process has.

Everything else in the package imports the two from here, and only when a network is
needed: the import takes seconds.
"""

import os
import re
import sys
import tempfile

# What TensorFlow writes to the standard error stream before its log level counts.
_NOISE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog|"
    rb"To enable the following instructions|"
    rb"[IWE]\d{4} \d\d:\d\d:|"
    rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "
)


def _import_quietly():
    """Import TensorFlow; the environment and the streams are then as before."""
    try:
        stream = os.dup(2)
    except OSError:  # no standard error stream, hence nothing to keep quiet
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
    """Keep to the cores that joblib allots to a worker process.

    joblib tells its workers through the variables that NumPy's libraries read;
    TensorFlow does not, and would start a thread for every core in each worker.
    """
    allotted = os.environ.get("OMP_NUM_THREADS", "")
    if allotted.isdigit() and int(allotted):
        tf.config.threading.set_intra_op_parallelism_threads(int(allotted))
        tf.config.threading.set_inter_op_parallelism_threads(int(allotted))


if "tensorflow" in sys.modules:
    import tensorflow as tf
else:
    tf = _import_quietly()
    _limit_threads()

_ADVICE = (
    "sklearn_seqadd needs Keras with the TensorFlow backend. Set "
    "KERAS_BACKEND=tensorflow in the environment."
)
try:
    import keras
except ImportError as error:  # of a backend that is not installed, as a rule
    raise ImportError(f"{_ADVICE} Keras cannot be imported: {error}") from error
if keras.backend.backend() != "tensorflow":
    raise ImportError(f"{_ADVICE} Its backend is {keras.backend.backend()!r}.")

__all__ = ["keras", "tf"]
