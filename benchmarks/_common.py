"""What the benchmarks share: the machine, repeated runs of fresh processes, a table."""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path


def print_machine():
    """Say what the figures were measured on."""
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    packages = ("numpy", "scikit-learn", "scikeras", "keras", "tensorflow")
    print(f"{os.cpu_count()} cores of {processor}, Python {platform.python_version()}")
    print(", ".join(f"{name} {version(name)}" for name in packages))
    print()


def run_part(script, part, *arguments, python=sys.executable, **environment):
    """Run one part of a benchmark in a fresh process.

    The part prints its figures as one line of JSON, its last.

    Returns
    -------
    seconds : float
        Of the whole process.

    figures : dict
        What the part printed.
    """
    start = time.perf_counter()
    done = subprocess.run(
        [python, script, "--part", part, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stderr)
    return seconds, json.loads(done.stdout.splitlines()[-1])


def alternate(script, parts, repeats, **params_of):
    """Run the parts in turn, several times; medians of all their figures by part.

    Parameters of `run_part` that are for one part only are given by its name.
    """
    runs = {part: [] for part in parts}
    for _ in range(repeats):
        for part in parts:
            seconds, figures = run_part(script, part, **params_of.get(part, {}))
            runs[part].append({"process": seconds, **figures})
    return {
        part: {name: statistics.median(run[name] for run in found) for name in found[0]}
        for part, found in runs.items()
    }


def median_seconds(function, repeats):
    """The median time of a call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def resident_megabytes(process="self"):
    """Resident memory of this process, or of another by its number (Linux)."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096 / 1e6
