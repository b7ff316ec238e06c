"""What a file of ours has beside the graph, and how a damaged one is known."""

import hashlib
import json

# The version of what stands in the tables.
FORMAT = 1

# Where the tables stand among the properties of the model.
TABLES = "sklearn_seqadd"

_DIGEST = "sklearn_seqadd_sha256"
_DIGITS = 64


def trailer(digest):
    """The end of a file: the digest of all that comes before it.

    It is one more property of the model, encoded as a message of protocol buffers.
    Messages that follow each other are read as one, so the whole is a model of ONNX.
    """
    key, value = _DIGEST.encode(), digest.encode()
    entry = b"\x0a" + bytes([len(key)]) + key + b"\x12" + bytes([len(value)]) + value
    return b"\x72" + bytes([len(entry)]) + entry


def check_content(content, path):
    """Raise a ValueError if a file is damaged, or none of ours."""
    end = trailer(_DIGITS * "0")
    whole, found = content[: -len(end)], content[-len(end) :]
    if found != trailer(hashlib.sha256(whole).hexdigest()):
        raise ValueError(
            f"{path} is damaged, or is no file that export_onnx has written."
        )


def read_tables(properties, path):
    """The tables among the properties of a model."""
    tables = json.loads(properties[TABLES])
    if tables["format"] > FORMAT:
        raise ValueError(
            f"{path} was written by a later version of sklearn_seqadd, which this one "
            "cannot read."
        )
    return tables
