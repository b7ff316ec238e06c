"""
Nested and non-nested cross-validation, on strings
==================================================

A grid search reports the score of its best candidate on the very folds that made it
the best one, which flatters it a little. Searching again inside each fold of an outer
cross-validation, and scoring on what that search has not seen, does not.

This is the example `"Nested versus non-nested cross-validation"
<https://scikit-learn.org/stable/auto_examples/model_selection/plot_nested_cross_validation_iris.html>`_
of scikit-learn's gallery (BSD-3-Clause) with strings for irises and an
encoder-decoder for the support vector classifier. The steps through scikit-learn and
their arguments are the same: two shuffled :class:`~sklearn.model_selection.KFold` of
four folds, :class:`~sklearn.model_selection.GridSearchCV`, and
:func:`~sklearn.model_selection.cross_val_score` of the search itself. What differs:

- the data: the hundred sums of two digits, each of them once;
- the estimator: a pipeline, so that the two parameters in the grid have the name of its
  last step before theirs, and with two values each there are four candidates, not six;
- 3 trials instead of 30;
- the words and the looks of the figure.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

n_trials = 3

# %%
# The data: strings on both sides. Drawn often enough, each of the hundred occurs.

X, y = make_addition(2000, largest=9, random_state=0)
X, first = np.unique(X, return_index=True)
y = y[first]
print(f"{len(X)} sums from {X[0]}={y[0]} to {X[-1]}={y[-1]}")

# %%
# The estimator and what to search. All its fits, a few hundred, share what is
# compiled for the two architectures.

pipe = make_seq2seq_pipeline(
    reverse=True,
    decoder_units=16,
    schedule="cosine",
    batch_size=25,
    epochs=30,
    random_state=0,
)
grid = {
    "seq2seqclassifier__encoder_units": [8, 16],
    "seq2seqclassifier__learning_rate": [0.03, 0.1],
}

# %%
# In each trial both ways see the same outer folds.

non_nested_scores = np.zeros(n_trials)
nested_scores = np.zeros(n_trials)
for trial in range(n_trials):
    inner_cv = KFold(n_splits=4, shuffle=True, random_state=trial)
    outer_cv = KFold(n_splits=4, shuffle=True, random_state=trial)

    search = GridSearchCV(pipe, grid, cv=outer_cv).fit(X, y)
    non_nested_scores[trial] = search.best_score_

    search = GridSearchCV(pipe, grid, cv=inner_cv)
    nested_scores[trial] = cross_val_score(search, X, y, cv=outer_cv).mean()

difference = non_nested_scores - nested_scores
print(f"non-nested {non_nested_scores.round(3)}, nested {nested_scores.round(3)}")
print(f"difference {difference.mean():.3f} +- {difference.std():.3f}")

# %%
# A positive difference is what the choice among candidates gained from being judged
# on the folds that it was made on.

figure, (top, bottom) = plt.subplots(
    2, sharex=True, figsize=(6, 5), layout="constrained"
)
trials = np.arange(1, n_trials + 1)
top.plot(trials, non_nested_scores, "o-", label="non-nested")
top.plot(trials, nested_scores, "s-", label="nested")
top.set(ylabel="share of exact answers", title="Cross-validation of a grid search")
top.legend()
bottom.bar(trials, difference, width=0.4, color="gray")
bottom.axhline(0, color="black", linewidth=0.8)
bottom.set(xlabel="trial", ylabel="non-nested minus nested", xticks=trials)
plt.show()
