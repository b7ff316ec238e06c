"""
Learning curves, on strings
===========================

How much is gained by more examples, and what do they cost? Two ways to write down the
same sums are compared, for the same network.

This is the example `"Plotting Learning Curves and Checking Models' Scalability"
<https://scikit-learn.org/stable/auto_examples/model_selection/plot_learning_curve.html>`_
of scikit-learn's gallery (BSD-3-Clause) with sums for images of digits. The steps
through scikit-learn and their arguments are the same:
:class:`~sklearn.model_selection.LearningCurveDisplay` side by side for two estimators,
with five sizes, training and test scores, a band for the standard deviation and a
:class:`~sklearn.model_selection.ShuffleSplit` that tests on a fifth; then
:func:`~sklearn.model_selection.learning_curve` with times. What differs:

- the data: 800 different sums of two numbers up to 49, as strings;
- the estimators: two pipelines for naive Bayes and a support vector classifier; both
  are of the class Pipeline, so the titles are given, not read from the class;
- 3 splits instead of 50, in two jobs instead of four;
- the name of the score, and the words and the looks of the figures.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import LearningCurveDisplay, ShuffleSplit, learning_curve

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

X, y = make_addition(800, largest=49, unique=True, random_state=0)

# %%
# The same network behind two ways of writing: padded on the left and read as written,
# or each number padded to the same width, and all of it read from its end.

network = {
    "encoder_units": 32,
    "decoder_units": 32,
    "learning_rate": 0.03,
    "schedule": "cosine",
    "random_state": 0,
}
pipelines = {
    "as written": make_seq2seq_pipeline(**network),
    "by term, reversed": make_seq2seq_pipeline(side="term", reverse=True, **network),
}
common = {
    "train_sizes": np.linspace(0.1, 1.0, 5),
    "cv": ShuffleSplit(n_splits=3, test_size=0.2, random_state=0),
    "n_jobs": 2,
}

# %%
# The scores. The sums are the same, and so is the network.

figure, axes = plt.subplots(1, 2, sharey=True, figsize=(9, 4), layout="constrained")
displays = {}
for ax, (name, pipe) in zip(axes, pipelines.items(), strict=True):
    displays[name] = LearningCurveDisplay.from_estimator(
        pipe,
        X,
        y,
        **common,
        score_type="both",
        score_name="Exact match",
        std_display_style="fill_between",
        line_kw={"marker": "o"},
        ax=ax,
    )
    handles, _ = ax.get_legend_handles_labels()
    ax.legend(handles[:2], ["training score", "test score"])
    ax.set_title(name)
    ax.label_outer()

# %%
# The times. What is compiled was compiled above, once for both pipelines, as they
# have the same network.

times = {}
for name, pipe in pipelines.items():
    sizes, _, test_scores, fit_times, score_times = learning_curve(
        pipe, X, y, **common, return_times=True
    )
    times[name] = sizes, test_scores, fit_times, score_times

figure, axes = plt.subplots(
    2, 2, sharex=True, sharey="row", figsize=(9, 6), layout="constrained"
)
for column, (name, (sizes, _, *both)) in zip(axes.T, times.items(), strict=True):
    for ax, seconds, what in zip(column, both, ("fit", "score"), strict=True):
        mean, std = seconds.mean(axis=1), seconds.std(axis=1)
        ax.plot(sizes, mean, "o-")
        ax.fill_between(sizes, mean - std, mean + std, alpha=0.3)
        ax.set_ylabel(f"time to {what} (s)")
    column[0].set_title(name)
    column[1].set_xlabel("number of samples in the training set")
for ax in axes.flat:
    ax.set_ylim(bottom=0)
    ax.label_outer()

# %%
# What a second of training buys.

figure, axes = plt.subplots(
    1, 2, sharex=True, sharey=True, figsize=(9, 4), layout="constrained"
)
for ax, (name, (_, test_scores, fit_times, _)) in zip(axes, times.items(), strict=True):
    mean, std = test_scores.mean(axis=1), test_scores.std(axis=1)
    order = fit_times.mean(axis=1).argsort()
    seconds = fit_times.mean(axis=1)[order]
    ax.plot(seconds, mean[order], "o-")
    ax.fill_between(seconds, (mean - std)[order], (mean + std)[order], alpha=0.3)
    ax.set(xlabel="time to fit (s)", title=name)
axes[0].set_ylabel("share of exact answers")
plt.show()
