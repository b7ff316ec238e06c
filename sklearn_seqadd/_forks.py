"""Processes that were forked after TensorFlow had been used.

A fork does not copy the threads of TensorFlow, which would wait for them forever.
"""

import os

from ._keras import has_started_tensorflow

_state = {"is_unusable": False}


def check_not_forked():
    """Raise a RuntimeError where TensorFlow was used before this process was forked."""
    if _state["is_unusable"]:
        raise RuntimeError(
            "This process was forked after TensorFlow had been used, and TensorFlow "
            "does not work after that. Start processes with the method 'spawn' or "
            "'forkserver' of multiprocessing, load the pipeline in each process after "
            "the fork and use it only there, or answer with OnnxPipeline."
        )


def _note_fork():
    if has_started_tensorflow():
        _state["is_unusable"] = True


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_note_fork)
