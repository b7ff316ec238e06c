"""Run the command line, ``python -m sklearn_seqadd``."""

import gc
import signal
import sys

# Customary for a process that Ctrl-C has ended.
INTERRUPTED = 130


def main(args=None):
    """Run the command line.

    Parameters
    ----------
    args : list of str, default=None
        The arguments; None for those of the process.
    """
    try:
        # The import takes long enough to be interrupted.
        from ._command_line import run

        status = run(args)
    except KeyboardInterrupt as interrupt:
        print(f"sklearn_seqadd: {str(interrupt) or 'interrupted.'}", file=sys.stderr)
        status = INTERRUPTED
    if status:
        sys.exit(status)


if __name__ == "__main__":
    try:
        main()
    finally:  # while Python ends, Ctrl-C has nothing left to say
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Nothing is to be finalized. At exit Python would look for garbage among all that
    # TensorFlow has made, for most of a second.
    gc.freeze()
