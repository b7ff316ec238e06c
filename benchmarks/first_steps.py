"""The first code of the README with other seeds: the worst fold, and the seconds.

python benchmarks/first_steps.py
"""

import argparse
import time

import numpy as np
from _common import print_machine
from sklearn.model_selection import cross_val_score

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--seeds", type=int, default=9, help="of the data and the network")
options = parser.parse_args()
print_machine()
print("seed  worst fold  seconds")
for seed in range(options.seeds):
    X, y = make_addition(5_000, largest=99, unique=True, random_state=seed)
    pipe = make_seq2seq_pipeline(decoder="relative", random_state=seed)
    start = time.perf_counter()
    worst = np.min(cross_val_score(pipe, X, y))
    print(f"{seed:4}{worst:10.1%}{time.perf_counter() - start:9.1f}", flush=True)
