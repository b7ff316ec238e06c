"""Files that are there as a whole or not at all."""

import contextlib
import os
import uuid
from pathlib import Path


@contextlib.contextmanager
def written_whole(path):
    """The name of a file to write, which takes the place of another at the end.

    What was in the file stays there until all is written, and if writing fails.

    Parameters
    ----------
    path : str or path-like
        The file to replace.

    Yields
    ------
    part : pathlib.Path
        Beside it. It is no longer there at the end, whatever happens.
    """
    path = Path(path)
    part = path.with_name(f"{path.stem}-{uuid.uuid4().hex}.part")
    try:
        yield part
        with open(part, "r+b") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
