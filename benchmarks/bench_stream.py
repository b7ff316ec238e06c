"""A stream of ten million sums through `partial_fit`: memory and speed (Linux).

The sums are generated in chunks, each is learned from once and forgotten, so that what
is in memory is one chunk, whatever the number of them. Resident memory is that of the
whole process, after every tenth of the stream.

    python benchmarks/bench_stream.py
    python benchmarks/bench_stream.py --sums 1000000 --chunk 50000
"""

import argparse
import json
import time

import numpy as np
from _common import print_machine, resident_megabytes
from sklearn.pipeline import make_pipeline

from sklearn_seqadd import (
    Seq2SeqClassifier,
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    make_addition,
)

N_TENTHS = 10


def main():
    """Learn the stream, and print how it went."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sums", type=int, default=10_000_000)
    parser.add_argument("--chunk", type=int, default=100_000)
    options = parser.parse_args()
    print_machine()

    n_chunks = options.sums // options.chunk
    # Length and alphabet are given, so that no chunk has to show them.
    encode = make_pipeline(
        SequencePadder(length=5),
        SequenceIntegerEncoder(" +0123456789"),
        SequenceOneHotEncoder(),
    )
    network = Seq2SeqClassifier(
        encoder_units=32,
        decoder_units=32,
        target_transformer=make_pipeline(
            SequencePadder(length=3), SequenceIntegerEncoder(" 0123456789")
        ),
        learning_rate=0.01,
        schedule="cosine",
        epochs=n_chunks,
        batch_size=1000,
        random_state=0,
    )
    rng = np.random.RandomState(0)
    megabytes = []
    start = time.perf_counter()
    print(f"{'sums':>12}{'seconds':>10}{'resident':>12}{'right':>10}")
    for i in range(n_chunks):
        X, y = make_addition(options.chunk, random_state=rng)
        X_new = encode.fit_transform(X) if i == 0 else encode.transform(X)
        if i % (n_chunks // N_TENTHS) == n_chunks // N_TENTHS - 1:
            # Asked before they are learned from; the samples may have come before.
            right = network.score(X_new[:10_000], y[:10_000])
            megabytes.append(resident_megabytes())
            print(
                f"{(i + 1) * options.chunk:12,}{time.perf_counter() - start:10.0f}"
                f"{megabytes[-1]:9.0f} MB{right:10.1%}",
                flush=True,
            )
        network.partial_fit(X_new, y)
    print(json.dumps({"megabytes": megabytes, "right": right}))


if __name__ == "__main__":
    main()
