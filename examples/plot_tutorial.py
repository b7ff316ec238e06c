"""
Learning to add, as the tutorial does it
========================================

Two numbers from 1 to 10, written as a string of up to five characters, and their sum
as a string of up to two: a small encoder-decoder network learns one from the other,
character by character. It knows nothing of numbers; a digit is a symbol to it like
the plus sign.

The protocol is that of Jason Brownlee's tutorial "How to Learn to Add Numbers with
seq2seq Recurrent Neural Networks" (2017), figure for figure: an alphabet of twelve
symbols, an LSTM of 100 units, its last output repeated, an LSTM of 50 units, a softmax
layer at every step; 30 epochs of 1000 fresh sums each, in batches of 10; then 1000
sums that were drawn anew.

The tutorial names no learning rate. With Adam's usual 0.001 the network is nearly there
when the 30 epochs are over: in ten runs, five were right on 99 % of the sums or more.
With the 0.002 used here all ten were right on all sums. Repeat this with ``--seeds 10``
and ``--learning-rate 0.001``.
"""

import argparse

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline

from sklearn_seqadd import (
    Seq2SeqClassifier,
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    exact_match_score,
    make_addition,
)

parser = argparse.ArgumentParser()
parser.add_argument("--seeds", type=int, default=1, help="how many runs to make")
parser.add_argument("--learning-rate", type=float, default=0.002, help="of Adam")
# Not the command line of whoever runs this file from another program.
options = parser.parse_args() if __name__ == "__main__" else parser.parse_args([])

# %%
# Length and alphabet are given, not learned: examples come in a stream, and no single
# batch shows all that may come.


def encode(length):
    """The steps from strings to codes."""
    return SequencePadder(length=length), SequenceIntegerEncoder("0123456789+ ")


def draw_sums(n_samples, rng):
    """Two numbers from 1 to 10 as a string, and their sum as a string."""
    return make_addition(n_samples, smallest=1, largest=10, random_state=rng)


# %%
# The network is trained on fresh sums only. ``partial_fit`` makes one pass over what
# it is given, and continues from there at the next call.


def train(seed):
    """Train for 30 epochs of 1000 fresh sums; the pipeline, and sums to ask for."""
    rng = np.random.RandomState(seed)
    network = Seq2SeqClassifier(
        encoder_units=100,
        decoder_units=50,
        target_transformer=make_pipeline(*encode(length=2)),
        learning_rate=options.learning_rate,
        batch_size=10,
        random_state=seed,
    )
    pipe = make_pipeline(*encode(length=5), SequenceOneHotEncoder(), network)
    for epoch in range(30):
        X, y = draw_sums(1000, rng)
        if epoch == 0:
            pipe[:-1].fit(X)
        pipe[-1].partial_fit(pipe[:-1].transform(X), y)
    return pipe, *draw_sums(1000, rng)


# %%
# The answers to the first twenty questions of each run, as the tutorial prints them,
# and the share of right ones among a thousand.

runs = [train(seed) for seed in range(options.seeds)]
for seed, (pipe, X, y) in enumerate(runs):
    predicted = pipe.predict(X)
    for question, expected, answer in zip(X[:20], y[:20], predicted[:20], strict=True):
        print(f"{question:>5}  Expected={expected:>2}  Predicted={answer:>2}")
    score = exact_match_score(y, predicted)
    print(f"seed {seed}: {100 * score:.1f} % of 1000 sums are exactly right\n")

# %%
# Whole answers come right late: both characters must be.

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
for seed, (pipe, _, _) in enumerate(runs):
    history = pipe[-1].history_
    epochs = np.arange(1, len(history["loss"]) + 1)
    left.plot(epochs, history["loss"], label=f"seed {seed}")
    right.plot(epochs, history["character_accuracy"], "--", color=f"C{seed}")
    right.plot(epochs, history["exact_match"], color=f"C{seed}")
left.set(xlabel="epoch of 1000 fresh sums", ylabel="loss", yscale="log")
right.set(xlabel="epoch of 1000 fresh sums", ylabel="share right", ylim=(0, 1.02))
right.plot([], [], "--", color="gray", label="characters")
right.plot([], [], color="gray", label="whole sums")
left.legend()
right.legend()
plt.show()
