"""Files that a user names on the command line, with errors written for the user."""

import codecs
import io
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from ._files import atomic_write

STANDARD_INPUT = "-"

# The greatest number of bytes that are read at once, which is the capacity of a pipe.
_CHUNK_SIZE = 1 << 16

# The types that a saved pipeline may name. skops also trusts those of scikit-learn and
# NumPy. Whole modules of this package cannot be trusted, since they also contain the
# modules that they import, such as `os`.
TRUSTED_TYPES = [
    "sklearn_seqadd._targets.LabelSequenceEncoder",
    "sklearn_seqadd._targets.TargetCodec",
    "sklearn_seqadd.arithmetic.TermExtractor",
    "sklearn_seqadd.ensemble.Seq2SeqEnsemble",
    "sklearn_seqadd.mapping.MappingRegressor",
    "sklearn_seqadd.networks.decoders.attention.AttentionDecoder",
    "sklearn_seqadd.networks.decoders.autoregressive.AutoregressiveDecoder",
    "sklearn_seqadd.networks.decoders.relative.RelativeDecoder",
    "sklearn_seqadd.networks.decoders.repeat.RepeatDecoder",
    "sklearn_seqadd.networks.decoders.sequence.SequenceDecoder",
    "sklearn_seqadd.preprocessing._encoders.SequenceIntegerEncoder",
    "sklearn_seqadd.preprocessing._encoders.SequenceOneHotEncoder",
    "sklearn_seqadd.preprocessing._padder.SequencePadder",
    "sklearn_seqadd.preprocessing._tokenizer.SequenceTokenizer",
    "sklearn_seqadd.seq2seq.Seq2SeqClassifier",
]


class FileError(Exception):
    """An error in a file, or in reading or writing it, with a message for the user."""


def name_of(path):
    """Return the name of a file for messages."""
    return "standard input" if path == STANDARD_INPUT else str(path)


def read_blocks(path):
    """Read a text file or standard input, and yield lines as soon as they arrive.

    The text is UTF-8, with or without a byte order mark, on every platform.

    Parameters
    ----------
    path : str or path-like
        The file; "-" is standard input.

    Yields
    ------
    first : int
        The number of the first of these lines, from 1.

    lines : list of str
        At least one line, without line ends.

    Raises
    ------
    FileError
        If the file cannot be read, is not UTF-8 or contains a NUL character.
    """
    # Bytes that are not UTF-8 become surrogates, which `_check_lines` finds.
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder("utf-8-sig")("surrogateescape"), translate=True
    )
    first, rest, at_end = 1, "", False
    try:
        with _open(path) as file:
            while not at_end:
                chunk = file.read1(_CHUNK_SIZE)
                at_end = not chunk
                *lines, rest = (rest + decoder.decode(chunk, at_end)).split("\n")
                if at_end and rest:
                    lines.append(rest)
                if lines:
                    _check_lines(path, first, lines)
                    yield first, lines
                    first += len(lines)
    except OSError as error:
        raise FileError(f"{name_of(path)} cannot be read: {_reason(error)}.") from None


def read_pairs(path):
    """Read questions and answers, two columns with a tab in between.

    Parameters
    ----------
    path : str or path-like
        The file; "-" is standard input.

    Returns
    -------
    X, y : ndarray of str, shape (n_pairs,)
        The questions and the answers.

    line_numbers : ndarray of int, shape (n_pairs,)
        The line of each pair, from 1.

    Raises
    ------
    FileError
        If the file cannot be read, or a line does not have two columns.
    """
    import numpy as np

    pairs, line_numbers = [], []
    for first, lines in read_blocks(path):
        for n, line in enumerate(lines, first):
            if not line:
                continue
            columns = line.split("\t")
            if len(columns) != 2:
                raise FileError(
                    f"{name_of(path)}, line {n}: expected two columns with a tab in "
                    f"between, got {len(columns)}: {line[:60]!r}."
                )
            pairs.append(columns)
            line_numbers.append(n)
    X, y = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(X, str), np.array(y, str), np.array(line_numbers, int)


def check_readable(path):
    """Raise a FileError for a file of questions that cannot be read."""
    if path == STANDARD_INPUT or Path(path).is_fifo() or Path(path).is_char_device():
        return  # which can be read only once
    for _ in read_blocks(path):
        pass


def check_writable(path):
    """Raise a FileError if a pipeline cannot be saved in a file."""
    _import_skops("--save")
    if Path(path).is_dir():
        raise FileError(f"{path} cannot be written: Is a directory.")
    try:
        with tempfile.TemporaryFile(dir=Path(path).parent):
            pass
    except OSError as error:
        raise FileError(f"{path} cannot be written: {_reason(error)}.") from None


def save_pipeline(pipeline, path):
    """Save a pipeline; if this fails, the file keeps its previous content."""
    try:
        with atomic_write(path) as unfinished:
            _import_skops("--save").dump(pipeline, unfinished)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {_reason(error)}.") from None


def load_pipeline(path):
    """Load a saved pipeline, without running code that its file names."""
    from sklearn.pipeline import Pipeline

    skops_io = _import_skops("--load")
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        pipeline = skops_io.load(path, trusted=TRUSTED_TYPES)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {_reason(error)}.") from None
    except UntrustedTypesFoundException as error:
        raise FileError(
            f"{path} is not loaded, because it needs types from outside of this "
            f"package. {str(error).splitlines()[0]} If you trust them, load it in "
            "Python with skops.io.load."
        ) from None
    except Exception as error:  # a damaged file may lead to any error
        raise FileError(
            f"{path} is damaged, or is not a pipeline that --save or skops has saved "
            f"({type(error).__name__}: {error})."
        ) from None
    if not isinstance(pipeline, Pipeline):
        raise FileError(
            f"{path} holds an object of type {type(pipeline).__name__}, not a Pipeline."
        )
    return pipeline


def _open(path):
    """Open a file; or return standard input, which stays open."""
    if path != STANDARD_INPUT:
        return open(path, "rb")
    if sys.stdin is None:
        raise FileError("standard input cannot be read: It is closed.")
    return nullcontext(sys.stdin.buffer)


def _check_lines(path, first, lines):
    """Raise a FileError for a line with a NUL character or bytes that are not UTF-8."""
    for n, line in enumerate(lines, first):
        if "\0" in line:
            raise FileError(f"{name_of(path)}, line {n}: has a NUL character.")
        try:
            line.encode()
        except UnicodeEncodeError:
            raise FileError(f"{name_of(path)}, line {n}: is not UTF-8.") from None


def _reason(error):
    return error.strerror or str(error)


def _import_skops(option):
    try:
        import skops.io
    except ImportError:
        raise FileError(f"{option} needs skops: pip install skops.") from None
    return skops.io
