"""Ctrl-C while TensorFlow computes.

Python's handler raises ``KeyboardInterrupt`` wherever the main thread is. In the C code
of TensorFlow the exception may be lost or replaced by another one, and a search then
continues as if a fit had failed.
"""

import contextlib
import signal
import threading


@contextlib.contextmanager
def deferred_interrupts(make_holder=None):
    """Defer Ctrl-C until `raise_deferred_interrupt`, or until the end of the context.

    A second Ctrl-C is handled at once, as it would be without the context.

    Parameters
    ----------
    make_holder : callable, default=None
        A subclass of `Holder`, to be used in its place.
    """
    before = signal.getsignal(signal.SIGINT)
    # Only the main thread is interrupted. A handler that is None or a number raises
    # nothing in Python, and in a context within another the outer one has its Holder.
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
        if signal.getsignal(signal.SIGINT) is holder:  # no other handler was set
            signal.signal(signal.SIGINT, before)
        holder.release()


def raise_deferred_interrupt():
    """Handle a Ctrl-C that was held back: as a rule, raise ``KeyboardInterrupt``."""
    if threading.current_thread() is threading.main_thread():
        handler = signal.getsignal(signal.SIGINT)
        if isinstance(handler, Holder):
            handler.release()


class Holder:
    """A handler of signals that passes an interrupt on later, or at the second one.

    Parameters
    ----------
    handler : callable
        The handler that it takes the place of.
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
        """Pass an interrupt on that was held back."""
        if self._held is not None:
            interrupt, self._held = self._held, None
            self._handler(*interrupt)
