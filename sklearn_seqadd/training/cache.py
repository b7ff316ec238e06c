"""The cache of compiled networks, one for each description in the process."""

import collections
import contextlib
import threading

from .._interrupts import interrupts_held_back, raise_held_interrupt
from .network import CompiledNetwork

# How many networks stay in memory.
_MAX_NETWORKS = 16

# How often who waits for a network looks whether a callback of its holder may wait for
# the waiting one, and after how many seconds in a callback that is taken for granted.
_SECONDS_BETWEEN_LOOKS = 0.1
_MAX_SECONDS_IN_CALLBACK = 1.0

_networks: collections.OrderedDict = collections.OrderedDict()
_networks_lock = threading.Lock()
_holding = threading.local()


@contextlib.contextmanager
def acquire(description):
    """Acquire the compiled network of a description, and release it at the end.

    Parameters
    ----------
    description : NetworkDescription

    Yields
    ------
    network : CompiledNetwork
        Nobody else has it until the context ends. Its weights are arbitrary. Ctrl-C
        is held back for as long.
    """
    with interrupts_held_back():
        # A callback that predicts with another estimator must neither overwrite nor
        # wait for the training that it interrupts.
        nested = getattr(_holding, "active", False)
        network = None if nested else _find(description)
        if network is None or not _lock(network):
            yield CompiledNetwork(description)
            return
        try:
            _holding.active = True
            yield network
        finally:
            _holding.active = False
            network.lock.release()


def _find(description):
    with _networks_lock:
        if description not in _networks:
            _networks[description] = CompiledNetwork(description)
        _networks.move_to_end(description)
        while len(_networks) > _MAX_NETWORKS:
            _networks.popitem(last=False)
        return _networks[description]


def _lock(network):
    """Wait for the network; False if its holder may be waiting for this thread."""
    while not network.lock.acquire(timeout=_SECONDS_BETWEEN_LOOKS):
        raise_held_interrupt()
        if network.seconds_in_callback() > _MAX_SECONDS_IN_CALLBACK:
            return False
    return True
