"""What an import costs, each in a process of its own that does nothing else.

python benchmarks/bench_import.py
"""

import argparse
import statistics
import subprocess
import sys
import time

from _common import print_machine

STATEMENTS = [
    "pass",
    "import numpy",
    "import sklearn_seqadd",
    "from sklearn_seqadd import make_addition",
    "import sklearn.pipeline",
    "from sklearn_seqadd import SequencePadder",
    "from sklearn_seqadd import make_seq2seq_pipeline",
    "import keras",
    "import sklearn.pipeline, scikeras.wrappers",
]

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--repeats", type=int, default=5)
options = parser.parse_args()

print_machine()
for statement in STATEMENTS:
    times = []
    for _ in range(options.repeats):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True, stderr=-3)
        times.append(time.perf_counter() - start)
    print(f"{statement:<52}{statistics.median(times):>7.2f} s")
