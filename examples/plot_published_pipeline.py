"""
A pipeline and a grid search, on strings
========================================

How strings are padded and in which direction they are written matters to the network
that learns them. All of it belongs to one pipeline, so one grid search tries it.

This is the example `"Pipelining: chaining a PCA and a logistic regression"
<https://scikit-learn.org/stable/auto_examples/compose/plot_digits_pipe.html>`_ of
scikit-learn's gallery (BSD-3-Clause) with sums for images of digits. The steps through
scikit-learn and their arguments are the same: a :class:`~sklearn.pipeline.Pipeline`
of named steps, a :class:`~sklearn.model_selection.GridSearchCV` with two jobs over one
parameter of a transformer and one of the last step, then the transformer fitted on its
own, and the best result for each of its settings. What differs:

- the data: 800 different sums of two numbers up to 49, as strings;
- the steps: `SequencePadder`, `SequenceIntegerEncoder`, `SequenceOneHotEncoder` and
  `Seq2SeqClassifier` for a scaler, a PCA and a logistic regression;
- hence the grid: the side of the padding for the number of components, the direction
  of the answers for the strength of the regularization, 6 candidates instead of 20;
- in the upper axes, what the transformer does without a network: the positions of the
  plus sign, in the place of the PCA's spectrum;
- the words and the looks of the figure.
"""

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_seqadd import (
    Seq2SeqClassifier,
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    make_addition,
)

# %%
# The pipeline. Questions are read from their last digit on; from which end answers
# are written is to be found out, so their transformer is given too.

padder = SequencePadder(reverse=True)
network = Seq2SeqClassifier(
    encoder_units=32,
    decoder_units=32,
    target_transformer=make_pipeline(SequencePadder(), SequenceIntegerEncoder()),
    learning_rate=0.03,
    schedule="cosine",
    random_state=0,
)
pipe = Pipeline(
    [
        ("padder", padder),
        ("encoder", SequenceIntegerEncoder()),
        ("vectors", SequenceOneHotEncoder()),
        ("network", network),
    ]
)
X, y = make_addition(800, largest=49, unique=True, random_state=0)

# %%
# The search, on strings. The grid reaches through the pipeline and the network into
# the transformer of the answers. The score is the share of sums exactly right.

grid = {
    "padder__side": ["left", "right", "term"],
    "network__target_transformer__sequencepadder__reverse": [False, True],
}
search = GridSearchCV(pipe, grid, n_jobs=2).fit(X, y)
print(f"Best parameters, with a score of {search.best_score_:.3f} in cross-validation:")
print(search.best_params_)

# %%
# Where a plus sign is found once the strings are padded on each side: only padded by
# term it always has the same place, and with it the units and the tens. Below, the
# score of the best candidate of each side.

sides = grid["padder__side"]
positions = {}
for side in sides:
    padded = padder.set_params(side=side).fit_transform(X)
    positions[side] = np.char.find(padded, "+")

figure, (top, bottom) = plt.subplots(
    2, sharex=True, figsize=(6, 6), layout="constrained"
)
for side in sides:
    places, counts = np.unique(positions[side], return_counts=True)
    top.scatter([side] * len(places), places, s=counts, alpha=0.6, color="C0")
top.axvline(
    search.best_estimator_.named_steps["padder"].side,
    linestyle=":",
    color="C1",
    zorder=0,
    label="side chosen",
)
top.set(ylabel="position of the plus sign", ylim=(0, 4), yticks=range(5))
top.legend()

best = (
    pl.DataFrame(search.cv_results_)
    .sort("mean_test_score", descending=True)
    .unique("param_padder__side", keep="first", maintain_order=True)
)
results = {row["param_padder__side"]: row for row in best.to_dicts()}
bottom.errorbar(
    sides,
    [results[side]["mean_test_score"] for side in sides],
    yerr=[results[side]["std_test_score"] for side in sides],
    fmt="o",
    capsize=4,
)
bottom.set(xlabel="side of the padding", ylabel="share of exact answers", ylim=(0, 1))
bottom.set_xlim(-0.5, 2.5)
plt.show()
