"""The parts of an exported file beside the graph, and the check for damage."""

import hashlib
import json

# The version of the format of the tables.
FORMAT = 1

# The name of the property of the model that holds the tables.
TABLES = "sklearn_seqadd"

# The name of the property that holds the digest, and the length of the digest.
_DIGEST = "sklearn_seqadd_sha256"
_DIGITS = 64


def trailer(digest):
    """Return the end of a file, which holds the digest of everything before it.

    It is one more property of the model, encoded as a protocol buffers message.
    Consecutive messages are read as one, so the whole file is a valid ONNX model.
    """
    key, value = _DIGEST.encode(), digest.encode()
    entry = b"\x0a" + bytes([len(key)]) + key + b"\x12" + bytes([len(value)]) + value
    return b"\x72" + bytes([len(entry)]) + entry


def check_content(content, path):
    """Raise a ValueError if a file is damaged, or was not written by export_onnx."""
    end = trailer(_DIGITS * "0")
    whole, found = content[: -len(end)], content[-len(end) :]
    if found != trailer(hashlib.sha256(whole).hexdigest()):
        raise ValueError(
            f"{path} is damaged, or is not a file that export_onnx has written."
        )


def read_tables(properties, path):
    """Return the tables of a model from its properties."""
    tables = json.loads(properties[TABLES])
    if tables["format"] > FORMAT:
        raise ValueError(
            f"{path} was written by a later version of sklearn_seqadd, which this one "
            "cannot read."
        )
    return tables
