"""Files that are written as a whole or not at all."""

import contextlib
import os
import uuid
from pathlib import Path


@contextlib.contextmanager
def atomic_write(path):
    """Write a temporary file, which replaces the given one at the end of the context.

    If an error is raised in the context, the given file keeps its content.

    Parameters
    ----------
    path : str or path-like
        The file to replace.

    Yields
    ------
    part : pathlib.Path
        The path of the temporary file, in the same folder. It no longer exists after
        the context.
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
