"""
Sums of two, three or four numbers
==================================

Nothing in the network knows how many numbers a sum has. With ``n_terms=(2, 4)`` the
same pipeline learns ``7+60``, ``5+93+8`` and ``44+9+70+81`` at once, beside the
network of the tutorial, which is trained on the same sums for as long.

Numbers padded by term line up from the end of the string: the last number always stands
at the same place, and before the first there is padding for those that are not there.
"""

import time

import matplotlib.pyplot as plt
import numpy as np

from sklearn_seqadd import (
    character_accuracy_score,
    exact_match_score,
    make_addition,
    make_seq2seq_pipeline,
)

X, y = make_addition(
    20_000, n_terms=(2, 4), largest=99, sampling="mixed", random_state=0
)
X_unseen, y_unseen = make_addition(10_000, n_terms=(2, 4), largest=99, random_state=1)
new = ~np.isin(X_unseen, X)
X_unseen, y_unseen = X_unseen[new], y_unseen[new]

# %%
# The decoder that learns sums best, a little narrower than recommended, and the
# tutorial's network. That one passes over the same sums again and again until it was
# trained for as long.

pipe = make_seq2seq_pipeline(
    decoder="attention",
    decoder_units=96,
    learning_rate=0.003,
    batch_size=32,
    epochs=8,
    random_state=0,
)
start = time.perf_counter()
pipe.fit(X, y)
seconds = time.perf_counter() - start

tutorial = make_seq2seq_pipeline(random_state=0)
codes = tutorial[:-1].fit_transform(X)
start = time.perf_counter()
while time.perf_counter() - start < seconds:
    tutorial[-1].partial_fit(codes, y)
seconds_tutorial = time.perf_counter() - start

# %%
# How many of the unseen sums are exactly right, and how many characters?

answers = {"attention": pipe.predict(X_unseen), "tutorial": tutorial.predict(X_unseen)}
trained = {"attention": seconds, "tutorial": seconds_tutorial}
print(f"{len(X_unseen)} unseen sums")
for name, predicted in answers.items():
    print(
        f"{name:>10}: {100 * exact_match_score(y_unseen, predicted):5.1f} % right, "
        f"{100 * character_accuracy_score(y_unseen, predicted):5.1f} % of characters, "
        f"{trained[name]:.0f} s of training"
    )
print(f"\n{'question':>12}  right  " + "  ".join(answers))
for i in range(8):
    row = (f"{predicted[i]:>{len(name)}}" for name, predicted in answers.items())
    print(f"{X_unseen[i]:>12}  {y_unseen[i]:>5}  " + "  ".join(row))

# %%
# The same by the number of terms. With two of them nearly all is right; each further
# one is a pair of digits more to look at in every step, and a larger carry. Numbers of
# three digits, given more time, are a row of ``benchmarks/expressions.py``.

n_terms = np.char.count(X_unseen, "+") + 1
sizes = np.unique(n_terms)
figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
for i, (name, predicted) in enumerate(answers.items()):
    right = predicted == y_unseen
    shares = [100 * right[n_terms == size].mean() for size in sizes]
    bars = axis.bar(sizes + 0.4 * (i - 0.5), shares, 0.38, label=name)
    axis.bar_label(bars, fmt="%.1f")
axis.set(xlabel="numbers in the sum", ylabel="exactly right (%)", ylim=(0, 108))
axis.set_xticks(sizes)
axis.legend(loc="upper center", ncols=2, bbox_to_anchor=(0.5, 1.14), frameon=False)
plt.show()
