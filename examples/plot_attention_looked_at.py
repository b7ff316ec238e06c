"""
What attention looks at
=======================

A child adds two numbers column by column, from the last: two digits, and what is
carried from the column before. A network that learned to add, and that was told nothing
but questions and answers, need not do the same. With attention it can be seen whether
it does: each step of the answer has weights that say how much it looked at each
character of the question.

Three Displays and a report look at one network here: how it learned, where it errs, on
which sums, and what it looks at.
"""

import time

import matplotlib.pyplot as plt

from sklearn_seqadd import (
    AttentionDisplay,
    StepAccuracyDisplay,
    TrainingHistoryDisplay,
    carry_report,
    make_addition,
    make_seq2seq_pipeline,
)

# %%
# Two terms of up to four digits. ``sampling="mixed"`` draws short ones as often as long
# ones, and sums with many carries more often than chance would. The questions to be
# asked have four digits as a rule.

X, y = make_addition(12_000, largest=9999, sampling="mixed", random_state=0)
X_test, y_test = make_addition(5_000, largest=9999, random_state=1)

pipe = make_seq2seq_pipeline(
    decoder="attention",
    decoder__heads=2,
    epochs=4,
    early_stopping=True,
    random_state=0,
)
start = time.perf_counter()
pipe.fit(X, y)
print(f"{time.perf_counter() - start:.0f} s of training")

# %%
# How it learned: loss and scores by epoch, on what it was trained on and on the tenth
# that was held out. The training's figures are those met on the way, while weights
# still change; so the validation's, taken at the end of an epoch, may well be better.

TrainingHistoryDisplay.from_estimator(pipe)
plt.show()

# %%
# Where it errs: the accuracy at each digit of the answer, counted from the last, so
# that units are position 1. The bars say how many answers are that long. A network that
# was trained for one epoch only is drawn beside it: there is more to see.

beginner = make_seq2seq_pipeline(
    decoder="attention", decoder__heads=2, epochs=1, random_state=0
).fit(X, y)
display = StepAccuracyDisplay.from_estimator(pipe, X_test, y_test, name="four epochs")
StepAccuracyDisplay.from_estimator(
    beginner,
    X_test,
    y_test,
    name="one epoch",
    ax=display.ax_,
    plot_support=False,
    linestyle="--",
    marker="s",
)
plt.show()

# %%
# On which sums it errs: those with many carries, in which one digit depends on all that
# stand behind it. The network of one epoch shows it; the other has few errors left.

print("one epoch\n" + carry_report(X_test, y_test, beginner.predict(X_test)))
print("\nfour epochs\n" + carry_report(X_test, y_test, pipe.predict(X_test)))

# %%
# What it looks at. Questions are padded by term, so that digits of the same place value
# always stand at the same step, and both questions and answers are reversed, so that
# writing begins with the units. The picture shows them in reading order nevertheless.
# Padding is shown as ␣.
#
# Each digit of the answer looks at the two digits above it, where one would look too.
# It does not look at the column before: the carry comes with the recurrent layer that
# writes. The first digit, which is a carry or nothing, has no column to look at.

question = "4257+868"
AttentionDisplay.from_estimator(pipe, question)
print(f"{question} = {pipe.predict([question])[0]}")
plt.show()

# %%
# That was the average of two heads. One by one:

figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
for head, ax in enumerate(axes):
    AttentionDisplay.from_estimator(
        pipe, question, head=head, ax=ax, colorbar=ax is axes[-1]
    )
    ax.set_title(f"head {head}")
plt.show()
