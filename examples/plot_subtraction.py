"""
Differences, which may be negative
==================================

``12-50`` is ``-38``. A sum can be written from its last digit on: each step takes a
digit of either number and what was carried. For differences this is not enough. The
last digit of 12-50 is that of 50-12, not of 62-50: which number is the larger one must
be known before the first digit is written, and the first digits tell it.

Three networks learn from 2000 differences of numbers up to 99. Attention without a
recurrent encoder, which learns sums best, takes one look for each character it writes;
for the first it would have to look at all digits at once, and does not find out how.
The tutorial's network has read everything before it writes. The third has heads that
start at the last digits and move on, and two recurrent layers that each read what these
see from both ends of the answer, so that every step knows what was found at either.
"""

import time

import matplotlib.pyplot as plt
import numpy as np

from sklearn_seqadd import (
    character_accuracy_score,
    exact_match_score,
    make_expressions,
    make_seq2seq_pipeline,
)

X, y = make_expressions(2_000, operators="-", n_terms=2, random_state=0)
X_unseen, y_unseen = make_expressions(10_000, operators="-", n_terms=2, random_state=1)
new = ~np.isin(X_unseen, X)
X_unseen, y_unseen = X_unseen[new], y_unseen[new]

# %%
# The networks.

pipes = {
    "attention": make_seq2seq_pipeline(decoder="attention", epochs=30, random_state=0),
    "both ways": make_seq2seq_pipeline(
        decoder="relative",
        decoder__velocities=[1],
        decoder_units=[128, 128],
        decoder__bidirectional=True,
        weight_decay=1,
        epochs=80,
        random_state=0,
    ),
    "tutorial": make_seq2seq_pipeline(random_state=0),
}
seconds = {}
for name in ("attention", "both ways"):
    start = time.perf_counter()
    pipes[name].fit(X, y)
    seconds[name] = time.perf_counter() - start

# %%
# The tutorial's network passes over the same differences again and again until it was
# trained for as long as the slower one.

tutorial = pipes["tutorial"]
codes = tutorial[:-1].fit_transform(X)
start = time.perf_counter()
while time.perf_counter() - start < max(seconds["attention"], seconds["both ways"]):
    tutorial[-1].partial_fit(codes, y)
seconds["tutorial"] = time.perf_counter() - start

# %%
# How many of the unseen differences are exactly right, and how many characters?

answers = {name: pipe.predict(X_unseen) for name, pipe in pipes.items()}
print(f"{len(X_unseen)} unseen differences")
for name, predicted in answers.items():
    print(
        f"{name:>10}: {100 * exact_match_score(y_unseen, predicted):5.1f} % right, "
        f"{100 * character_accuracy_score(y_unseen, predicted):5.1f} % of characters, "
        f"{seconds[name]:.0f} s of training"
    )
print("\nquestion  right  " + "  ".join(answers))
for i in range(8):
    row = (f"{predicted[i]:>{len(name)}}" for name, predicted in answers.items())
    print(f"{X_unseen[i]:>8}  {y_unseen[i]:>5}  " + "  ".join(row))

# %%
# The same by the difference itself, and by the character of the answer. What is wrong
# is mostly the last digit. Attention writes it first, and is right by chance; the sign
# and the tens, which follow, are right far more often. The tutorial's network, which
# has to find out as well where in the string the last digits stand, is on the same way
# and a little further; it learns more if it is given several times as long. The network
# that reads both ways has one answer in a thousand wrong in this run.

differences = y_unseen.astype(int)
edges = np.arange(-100, 101, 20)
centres = edges[:-1] + 10
bins = np.digitize(differences, edges[1:-1])
figure, (left, right) = plt.subplots(
    1, 2, figsize=(9, 4), layout="constrained", width_ratios=(3, 2)
)
for name, predicted in answers.items():
    is_right = predicted == y_unseen
    shares = [100 * is_right[bins == i].mean() for i in range(len(centres))]
    left.plot(centres, shares, marker="o", label=name)
left.set(xlabel="the difference", ylabel="exactly right (%)", ylim=(-3, 103))
left.axvline(0, color="grey", linewidth=0.8, linestyle=":")

# From the last character on, as the answers are written; short ones have spaces.
written = {
    name: np.array([list(text.rjust(3)) for text in predicted])
    for name, predicted in {**answers, "right": y_unseen}.items()
}
for i, name in enumerate(answers):
    shares = 100 * (written[name] == written["right"]).mean(axis=0)[::-1]
    right.bar(np.arange(3) + 0.27 * (i - 1), shares, 0.25, label=name)
right.set_xticks(range(3), ["last", "second\nlast", "third\nlast"])
right.set(xlabel="character of the answer", ylabel="right (%)", ylim=(-3, 103))
figure.legend(*right.get_legend_handles_labels(), loc="outside upper center", ncols=3)
plt.show()
