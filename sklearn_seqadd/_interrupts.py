"""Ctrl-C while TensorFlow is at work.

Python's handler raises ``KeyboardInterrupt`` wherever the main thread happens to be. In
the midst of TensorFlow's C code the exception may be lost, or come out as another one,
after which a search continues as if a fit had failed.
"""

import contextlib
import signal
import threading


@contextlib.contextmanager
def interrupts_held_back(make_holder=None):
    """Keep Ctrl-C for `raise_held_interrupt`, or for the end of the context.

    A second Ctrl-C is handled at once, as it would have been without the context.

    Parameters
    ----------
    make_holder : callable, default=None
        A subclass of `Holder` that does something else.
    """
    before = signal.getsignal(signal.SIGINT)
    # Threads other than the main one are not interrupted. A handler may also be None
    # or a number, which interrupt nothing in Python, or the one of a context outside.
    if (
        threading.current_thread() is not threading.main_thread()
        or not callable(before)
        or isinstance(before, Holder)
    ):
        yield
        return
    holder = (make_holder or Holder)(before)
    signal.signal(signal.SIGINT, holder)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is holder:  # nobody has set another
            signal.signal(signal.SIGINT, before)
        holder.release()


def raise_held_interrupt():
    """Handle a Ctrl-C that was held back, as a rule by a ``KeyboardInterrupt``."""
    if threading.current_thread() is threading.main_thread():
        handler = signal.getsignal(signal.SIGINT)
        if isinstance(handler, Holder):
            handler.release()


class Holder:
    """Handles an interrupt later than it comes.

    Parameters
    ----------
    handler : callable
        The handler of signals that it stands in for.
    """

    def __init__(self, handler):
        self._handler = handler
        self._held = None

    def __call__(self, *interrupt):
        if self._held is None:
            self._held = interrupt
        else:
            self.release()

    def release(self):
        if self._held is not None:
            interrupt, self._held = self._held, None
            self._handler(*interrupt)
