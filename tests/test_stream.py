"""Data larger than memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "bench_stream.py"


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux", reason="resident memory is read from /proc"
)
@pytest.mark.parametrize(
    ("n_sums", "chunk", "right"),
    [
        (200_000, 10_000, 0.01),  # it has just begun
        (5_000_000, 100_000, 0.9),
    ],
)
def test_a_stream_is_learned_from_in_flat_memory(n_sums, chunk, right):
    printed = subprocess.run(
        [sys.executable, SCRIPT, "--sums", str(n_sums), "--chunk", str(chunk)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = json.loads(printed.splitlines()[-1])
    # After the first tenth all is compiled, and what a chunk takes was taken. A copy of
    # the whole stream would be 100 times the bound.
    first, *others = found["megabytes"]
    assert max(others) < first + max(30, n_sums * 2e-5)
    assert found["right"] > right
