"""
Long numbers
============

Sums of numbers of twelve digits, which there are a million million million million of.
The network sees 30,000, and has to find out what adding is. With
``decoder="attention"`` it does: every step of the answer learns which columns to look
at, what stands there is the same digits in every column, and only the carry is left to
the recurrent layer.

What it is shown matters as much as what it is: ``sampling="mixed"`` has short sums
among the long ones, which are learned first, and carry chains, without which sums such
as 999999999999+1 stay wrong.
"""

import time

import matplotlib.pyplot as plt
import numpy as np

from sklearn_seqadd import (
    carry_report,
    exact_match_score,
    make_addition,
    make_seq2seq_pipeline,
)

LARGEST = 10**12 - 1

X, y = make_addition(30_000, largest=LARGEST, sampling="mixed", random_state=0)
X_unseen, y_unseen = make_addition(10_000, largest=LARGEST, random_state=1)

pipe = make_seq2seq_pipeline(
    decoder="attention", decoder_units=64, epochs=6, random_state=0
)
start = time.perf_counter()
pipe.fit(X, y)
seconds = time.perf_counter() - start
predicted = pipe.predict(X_unseen)
share = exact_match_score(y_unseen, predicted)
print(f"{100 * share:.2f} % of 10,000 unseen sums, {seconds:.0f} s of training")
for question, answer, right in zip(X_unseen[:5], predicted, y_unseen, strict=False):
    print(f"{question} = {answer}{'' if answer == right else f'  <- {right}'}")

# %%
# Carries are what makes sums difficult. By their number:

print(carry_report(X_unseen, y_unseen, predicted))

# %%
# And edge cases that no uniform draw would ever hit:

edges = ["999999999999+1", "1+999999999999", "999999999999+999999999999", "0+0"]
edges += ["100000000000+900000000000", "500000000000+7", "10101010101+89898989899"]
for question, answer in zip(edges, pipe.predict(edges), strict=True):
    right = str(sum(map(int, question.split("+"))))
    print(f"{question} = {answer}{'' if answer == right else f'  <- {right}'}")

# %%
# How soon it learns depends little on the length of the numbers: the same network on
# sums of up to 3, 6 and 12 digits, by epoch.

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for n_digits in (3, 6, 12):
    X, y = make_addition(
        11_000, largest=10**n_digits - 1, sampling="mixed", random_state=0
    )
    pipe.set_params(
        seq2seqclassifier__early_stopping=True,
        seq2seqclassifier__n_iter_no_change=100,  # it runs to the end
    ).fit(X, y)
    by_epoch = 100 * np.array(pipe[-1].history_["val_exact_match"])
    ax.plot(range(1, len(by_epoch) + 1), by_epoch, ".-", label=f"{n_digits} digits")
ax.set(xlabel="epoch", ylabel="held-out sums that are right (%)", ylim=(-3, 103))
ax.legend()
plt.show()
