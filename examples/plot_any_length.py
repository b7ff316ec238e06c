"""
Ten digits learned, a thousand answered
=======================================

Sums of numbers of one to ten digits to learn from, and sums of numbers of up to a
thousand digits to answer. With ``decoder="relative"`` nothing in the network depends on
a length. A head of attention finds by content where to start, for example at the end of
a number, moves on from there one character at a time, and stops where the number ends.
That works the same way in a long string as in a short one.

What a column needs from the others, the carry, is passed on from digit to digit by the
recurrent layer that writes.
"""

import time

import matplotlib.pyplot as plt

from sklearn_seqadd import (
    AttentionDisplay,
    make_addition,
    make_seq2seq_pipeline,
)

X, y = make_addition(30_000, largest=10**10 - 1, sampling="mixed", random_state=0)

pipe = make_seq2seq_pipeline(decoder="relative", random_state=0)
start = time.perf_counter()
pipe.fit(X, y)
print(f"{time.perf_counter() - start:.0f} s of training")

# %%
# New sums of two numbers of exactly so many digits. The pipeline pads the strings of
# each call to the longest of them, and the answers get longer in proportion.

lengths = [1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 100, 200, 500, 1000]
shares = []
for n_digits in lengths:
    X_new, y_new = make_addition(
        100, smallest=10 ** (n_digits - 1), largest=10**n_digits - 1, random_state=1
    )
    shares.append(100 * pipe.score(X_new, y_new))
    print(f"{n_digits:4} digits: {shares[-1]:5.1f} % of the sums are right")

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.axvspan(1, 10, color="0.9", label="in training")
ax.semilogx(lengths, shares, "o-")
ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
ax.set_xticks(ticks, ticks)
ax.minorticks_off()
ax.set(xlabel="digits of each number", ylabel="sums that are right (%)", ylim=(-3, 103))
ax.legend(loc="lower left")
plt.show()

# %%
# A sum in which one carry runs from the last digit to the first, over two hundred
# digits. In training it could run over ten at most.

question = 200 * "5" + "+" + 199 * "4" + "5"
answer = pipe.predict([question])[0]
right = str(sum(map(int, question.split("+"))))
print(f"{answer[:10]}...{answer[-10:]}, {'right' if answer == right else 'wrong'}")

# %%
# What the eight heads of velocity 1 look at; they come first. Strings are reversed, so
# the answer is written from its last digit, the lowest line of a picture. What a head
# looks at there is its start. With each further digit it moves one character to the
# left. A sum needs two starts, one in each number; several heads may share one. Those
# that read the second number stop at the plus sign. A picture without colour is a head
# that has found no start, of which there may be some.

question = "4257968013+8682047519"
figure, axes = plt.subplots(2, 4, figsize=(12, 5), layout="constrained")
for head, ax in enumerate(axes.flat):
    AttentionDisplay.from_estimator(pipe, question, head=head, ax=ax, colorbar=False)
    ax.tick_params(labelsize=7)
    ax.set(title=f"head {head}", xlabel="", ylabel="")
plt.show()
