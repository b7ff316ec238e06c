"""Time and memory of one epoch over many strings (Linux).

Each row is a process of its own that has so many sums of numbers of twenty digits, as
strings, and fits a pipeline to them, for one epoch. "Peak" is the largest resident
memory during this fit; it includes the strings, TensorFlow and the compiled program.

    python benchmarks/bench_many_strings.py
    python benchmarks/bench_many_strings.py --decoder attention
    python benchmarks/bench_many_strings.py --one-hot-step

With the last, vectors are made by the step of the pipeline, and not in the network.
"""

import argparse
import json
import time
from pathlib import Path

from _common import print_machine, run_part

from sklearn_seqadd import make_addition, make_seq2seq_pipeline


def fit(n_samples, decoder, embedding_dim):
    """Seconds and the peak in megabytes."""
    X, y = make_addition(
        n_samples, largest=10**20 - 1, sampling="mixed", random_state=0
    )
    pipe = make_seq2seq_pipeline(
        decoder=decoder, embedding_dim=embedding_dim, epochs=1, random_state=0
    )
    # What the strings took while they were made does not count.
    Path("/proc/self/clear_refs").write_text("5")
    start = time.perf_counter()
    pipe.fit(X, y)
    seconds = time.perf_counter() - start
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return {"seconds": seconds, "peak": int(line.split()[1]) * 1024 / 1e6}
    raise OSError("/proc/self/status has no VmHWM")


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--decoder", default="relative")
    add("--samples", type=int, nargs="+", default=[125_000, 250_000, 500_000, 10**6])
    add("--one-hot-step", action="store_true")
    add("--part", type=int, help="one process, by its number of samples")
    options = parser.parse_args()
    if options.part:
        embedding_dim = None if options.one_hot_step else "one-hot"
        print(json.dumps(fit(options.part, options.decoder, embedding_dim)))
        return
    print_machine()
    print(f"{'samples':>10}{'seconds':>10}{'a second':>12}{'peak':>12}")
    for n in options.samples:
        arguments = ["--decoder", options.decoder]
        if options.one_hot_step:
            arguments.append("--one-hot-step")
        _, found = run_part(__file__, str(n), *arguments)
        print(
            f"{n:>10,}{found['seconds']:>10.1f}{n / found['seconds']:>10,.0f}/s"
            f"{found['peak']:>9,.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
