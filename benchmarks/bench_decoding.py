"""Answers of 20 steps, symbol by symbol: each step once, or all steps each time.

The decoder "autoregressive" is fed what it wrote before. The package computes a step
from the states of the step before; beside it the same compiled network writes its
answers as it is trained, all of its steps for each symbol, as a loop around
`keras.Model.predict` would. Medians of some runs in turn, and their ratio.

    python benchmarks/bench_decoding.py
"""

import argparse
import statistics
import time

import numpy as np
from _common import print_machine

from sklearn_seqadd import make_seq2seq_pipeline
from sklearn_seqadd.training import acquire

N_STEPS = 20


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print_machine()
    rng = np.random.RandomState(0)
    letters = rng.choice(list("abcdefgh"), size=(options.samples, N_STEPS))
    words = np.array(["".join(row) for row in letters])
    pipe = make_seq2seq_pipeline(
        decoder="autoregressive", epochs=1, jit_compile=False, random_state=0
    )
    network = pipe.fit(words[:200], words[:200])[-1]
    X = pipe[:-1].transform(words)

    def whole():
        with acquire(network._network) as compiled:
            compiled.weights.set(network.weights_)
            predict = compiled.predictor.predict
            codes = np.zeros((len(X), N_STEPS), int)
            for t in range(N_STEPS):
                codes[:, t] = predict(X, codes=codes)[:, t].argmax(axis=1)
        return codes

    def steps():
        return network.predict_step_proba(X).argmax(axis=2)

    def search():
        return network.predict(X)

    assert (whole() == steps()).all()
    search()
    seconds = {whole: [], search: []}
    for _ in range(options.repeats):
        for way, of_way in seconds.items():
            start = time.perf_counter()
            way()
            of_way.append(time.perf_counter() - start)
    all_steps, each_once = map(statistics.median, seconds.values())
    print(f"{options.samples} answers of {N_STEPS} symbols")
    print(f"all steps for each symbol {all_steps:8.2f} s")
    print(f"each step once            {each_once:8.2f} s")
    print(f"{all_steps / each_once:.1f} times as fast, the same answers")


if __name__ == "__main__":
    main()
