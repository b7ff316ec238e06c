"""What strings may be held in, for whatever takes them."""

import numpy as np
import pytest


def string_dtype(strings):
    if not hasattr(np.dtypes, "StringDType"):
        pytest.skip("this NumPy has no StringDType")
    return np.array(strings, dtype=np.dtypes.StringDType())


def pandas_series(strings, **params):
    return pytest.importorskip("pandas").Series(strings, **params)


def polars_series(strings):
    return pytest.importorskip("polars").Series(strings)


class ConvertsToArray:
    """Neither an array nor a sequence, but NumPy knows what to do with it."""

    def __init__(self, strings):
        self.strings = strings

    def __array__(self, dtype=None, copy=None):
        return np.array(self.strings, dtype=dtype)


STRING_KINDS = {
    "list": list,
    "tuple": tuple,
    "list of numpy.str_": lambda strings: list(np.array(strings)),
    "object array": lambda strings: np.array(strings, dtype=object),
    "U array": np.array,
    "U array wider than its strings": lambda strings: np.array(strings, dtype="<U12"),
    "big-endian U array": lambda strings: np.array(strings).astype(">U12"),
    "every second of a U array": lambda strings: np.repeat(strings, 2)[::2],
    "read-only U array": lambda strings: np.broadcast_to(strings, len(strings)),
    "StringDType": string_dtype,
    "pandas object": lambda strings: pandas_series(strings, dtype=object),
    "pandas string": lambda strings: pandas_series(strings, dtype="string"),
    "pandas default": pandas_series,
    "pandas with another index": lambda strings: pandas_series(
        strings, index=[*range(len(strings), 0, -1)]
    ),
    "pandas category": lambda strings: pandas_series(strings, dtype="category"),
    "pandas Index": lambda strings: pytest.importorskip("pandas").Index(strings),
    "pandas of Arrow": lambda strings: pandas_series(strings, dtype="string[pyarrow]"),
    "column of a data frame": lambda strings: pandas_series(strings).to_frame(),
    "column of an array": lambda strings: np.array(strings)[:, None],
    "masked array without a mask": np.ma.array,
    "view of a dict": lambda strings: dict(enumerate(strings)).values(),
    "polars": polars_series,
    "Arrow": lambda strings: pytest.importorskip("pyarrow").array(strings),
    "Arrow in chunks": lambda strings: pytest.importorskip("pyarrow").chunked_array(
        [strings[:1], strings[1:]]
    ),
    "what can become an array": ConvertsToArray,
}
