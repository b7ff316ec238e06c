"""The cache of compiled networks, one for each description in the process."""

import contextlib
import threading

from .._interrupts import deferred_interrupts, raise_deferred_interrupt
from .._tensorflow import check_usable, tf
from ..networks import are_applied
from ..networks.initial_weights import recording_paused
from .bounded import BoundedCache
from .network import CompiledNetwork

# The interval at which a waiting thread checks whether the holder of a network is in a
# callback, which may itself wait for this thread; and the time that the callback must
# have been running for that to be assumed.
_SECONDS_BETWEEN_CHECKS = 0.1
_MAX_SECONDS_IN_CALLBACK = 1.0

_networks = BoundedCache(16)
_networks_lock = threading.Lock()


class _Entry:
    """The place of a network in the cache, which may be empty.

    Attributes
    ----------
    compiled : CompiledNetwork or None
        None before the network is built, and after it failed.

    lock : threading.Lock
        Held by the thread that builds the network, trains it or predicts with it.

    spare : _Entry or None
        A second network of the same description, for a thread that must not wait for
        the first one.
    """

    def __init__(self):
        self.compiled = None
        self.lock = threading.Lock()
        self.spare = None

    def seconds_in_callback(self):
        """Return the seconds that a callback of the holder has been running."""
        return 0.0 if self.compiled is None else self.compiled.clock.seconds()


class _Held(threading.local):
    """The entries that this thread holds."""

    def __init__(self):
        self.entries = []


_held = _Held()


@contextlib.contextmanager
def acquire(description):
    """Acquire the compiled network of a description, and release it at the end.

    Parameters
    ----------
    description : NetworkDescription

    Yields
    ------
    compiled : CompiledNetwork
        Nobody else has it until the context ends, and Ctrl-C is held back until then.
        Its weights are arbitrary.

    Raises
    ------
    RuntimeError
        If TensorFlow cannot be used here: see :func:`check_usable`.

    Notes
    -----
    A thread may enter the context again within itself: a callback, or the `build` of a
    user's own network, may predict with another estimator. A thread that must not wait
    for the network gets a spare one, which stays in the cache as well: the thread holds
    the network already, or the holder has been in a callback for so long that the
    callback may be waiting for this thread. A network that cannot be built, traced or
    run is not kept.
    """
    check_usable()
    with deferred_interrupts():
        entry = _find(description)
        while not _lock(entry):
            with _networks_lock:
                entry.spare = entry.spare or _Entry()
            entry = entry.spare
        _held.entries.append(entry)
        try:
            if entry.compiled is None:
                entry.compiled = CompiledNetwork(description)
            with recording_paused():  # by a `build` that predicts
                yield entry.compiled
        except BaseException as error:
            is_damaged = isinstance(error, tf.errors.OpError)
            if is_damaged or getattr(entry.compiled, "is_damaged", True):
                entry.compiled = None
            raise
        finally:
            _held.entries.remove(entry)
            entry.lock.release()


def _find(description):
    with _networks_lock:
        return _networks.get_or_make(description, _Entry)


def _lock(entry):
    """Wait for an entry; return False if that might take for ever."""
    if entry in _held.entries or are_applied():
        return entry.lock.acquire(blocking=False)
    while not entry.lock.acquire(timeout=_SECONDS_BETWEEN_CHECKS):
        raise_deferred_interrupt()
        if entry.seconds_in_callback() > _MAX_SECONDS_IN_CALLBACK:
            return False
    return True
