"""
Plus, minus and times in one string
===================================

``7-3*8`` is ``-17``: the product comes first, although it stands last. Here two or
three numbers up to 9 are added, subtracted and multiplied at random, and what has to be
done with a digit depends on the signs around it.

The better network here differs from the tutorial's in several ways at once: two encoder
layers of GRU cells that read both ways, so that every sign is met before and after the
numbers beside it; weights that decay; and a learning rate that falls to zero. Neither
the layers nor the decay alone bring the whole gain. In this run it is right on about
78 % of the unseen expressions, and the tutorial's network, trained for as long, on
about 71 %.
"""

import time

import keras
import matplotlib.pyplot as plt
import numpy as np

from sklearn_seqadd import (
    character_accuracy_score,
    exact_match_score,
    make_expressions,
    make_seq2seq_pipeline,
)

X, y = make_expressions(6_000, n_terms=(2, 3), largest=9, random_state=0)
X_unseen, y_unseen = make_expressions(10_000, n_terms=3, largest=9, random_state=1)
X_unseen, chosen = np.unique(X_unseen, return_index=True)
y_unseen = y_unseen[chosen]
new = ~np.isin(X_unseen, X)
X_unseen, y_unseen = X_unseen[new], y_unseen[new]

# %%
# Nearly all of the 300 expressions with two numbers are among those trained on; asked
# for are expressions with three. Here two encoder layers of GRU cells read both ways,
# and as there are few expressions to learn from, the optimizer lets weights decay that
# do nothing. The tutorial's network passes over the same expressions again and again
# until it was trained for as long.

pipe = make_seq2seq_pipeline(
    encoder_units=[64, 64],
    bidirectional=True,
    cell="gru",
    optimizer=keras.optimizers.AdamW(weight_decay=0.1),
    learning_rate=0.005,
    schedule="cosine",
    clipnorm=1.0,
    batch_size=64,
    epochs=40,
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
# How many of the unseen expressions are exactly right, and how many characters?

answers = {"both ways": pipe.predict(X_unseen), "tutorial": tutorial.predict(X_unseen)}
trained = {"both ways": seconds, "tutorial": seconds_tutorial}
print(f"{len(X_unseen)} unseen expressions")
for name, predicted in answers.items():
    print(
        f"{name:>10}: {100 * exact_match_score(y_unseen, predicted):5.1f} % right, "
        f"{100 * character_accuracy_score(y_unseen, predicted):5.1f} % of characters, "
        f"{trained[name]:.0f} s of training"
    )
print("\nquestion  right  " + "  ".join(answers))
for i in np.random.RandomState(0).choice(len(X_unseen), 8, replace=False):
    row = (f"{predicted[i]:>{len(name)}}" for name, predicted in answers.items())
    print(f"{X_unseen[i]:>8}  {y_unseen[i]:>5}  " + "  ".join(row))

# %%
# The same by the two operators, the hardest last. Sums and differences are nearly all
# right, and where there is a product, far fewer: also of numbers below ten the product
# has to be known before anything can be added to it.

operators = np.array([text[1] + text[3] for text in X_unseen])
shares = {
    kind: [
        100 * (predicted == y_unseen)[operators == kind].mean()
        for predicted in answers.values()
    ]
    for kind in np.unique(operators)
}
kinds = sorted(shares, key=lambda kind: shares[kind][0])
figure, axis = plt.subplots(figsize=(7, 5), layout="constrained")
for i, name in enumerate(answers):
    places = np.arange(len(kinds)) + 0.4 * (0.5 - i)
    bars = axis.barh(places, [shares[kind][i] for kind in kinds], 0.38, label=name)
    axis.bar_label(bars, fmt="%.0f", padding=2)
axis.set_yticks(range(len(kinds)), [f"a {kind[0]} b {kind[1]} c" for kind in kinds])
axis.set(xlabel="exactly right (%)", xlim=(0, 108))
figure.legend(*axis.get_legend_handles_labels(), loc="outside upper center", ncols=2)
plt.show()
