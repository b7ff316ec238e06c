"""
Numbers in words to digits
==========================

``six hundred and four thousand and seventy-two`` is ``604072``. The words of a number
do not line up with its digits, and some digits, the zeros, have no word at all. The
same pipeline that learns dates learns this, without being told of either.
"""

import time

import matplotlib.pyplot as plt
import numpy as np

from sklearn_seqadd import exact_match_score, make_seq2seq_pipeline

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(number):
    """A number below a million in English words."""
    if number < 20:
        return ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return TENS[tens - 2] + (f"-{ONES[ones]}" if ones else "")
    unit, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    many, rest = divmod(number, unit)
    text = f"{in_words(many)} {name}"
    if not rest:
        return text
    return f"{text}{' and ' if rest < 100 else ' '}{in_words(rest)}"


def make_numbers(n_samples, seed):
    """Numbers of one to six digits, each length as often, in words and in digits."""
    rng = np.random.RandomState(seed)
    n_digits = rng.randint(1, 7, n_samples)
    numbers = rng.randint(10 ** (n_digits - 1), 10**n_digits)
    return np.array([in_words(n) for n in numbers]), numbers.astype(str)


X, y = make_numbers(10_000, seed=0)
X_unseen, y_unseen = make_numbers(10_000, seed=1)
new = ~np.isin(X_unseen, X)  # all the short ones are seen
X_unseen, y_unseen = X_unseen[new], y_unseen[new]

# %%
# The recommended settings for this decoder but for fewer epochs, on strings padded on
# the left.

pipe = make_seq2seq_pipeline(decoder="autoregressive", epochs=7, random_state=0)
start = time.perf_counter()
pipe.fit(X, y)
seconds = time.perf_counter() - start
predicted = pipe.predict(X_unseen)
share = exact_match_score(y_unseen, predicted)
print(f"{100 * share:.2f} % of {len(X_unseen)} unseen, {seconds:.0f} s of training")
for question, answer, right in zip(X_unseen[:10], predicted, y_unseen, strict=False):
    print(f"{question:>64}  {answer}{'' if answer == right else f'  <- {right}'}")

# %%
# How the network got there, by epoch.

history = pipe[-1].history_
epochs = range(1, len(history["loss"]) + 1)
fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
ax.plot(epochs, history["character_accuracy"], marker="o", label="characters")
ax.plot(epochs, history["exact_match"], marker="o", label="whole answers")
ax.set(xlabel="epoch", ylabel="share right while training", ylim=(0, 1.02))
ax.legend()
plt.show()
