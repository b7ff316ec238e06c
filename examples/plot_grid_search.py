"""
A grid search, read with pandas
===============================

Pipelines of this package are searched as any other: parameters of each step are reached
by the name of the step, those of the answers' transformers too. Candidates that differ
in a learning rate or a seed share one compiled network, so only two networks are
compiled here for 36 fits.
"""

import time

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.model_selection import GridSearchCV

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

X, y = make_addition(2400, largest=99, unique=True, random_state=0)

# %%
# How to pad, how wide, how fast. What is wrong as a whole may be nearly right, and
# characters say so; both scores are functions of strings.

grid = GridSearchCV(
    make_seq2seq_pipeline(reverse=True, schedule="cosine", epochs=20, random_state=0),
    {
        "sequencepadder__side": ["left", "term"],
        "seq2seqclassifier__encoder_units": [32, 64],
        "seq2seqclassifier__learning_rate": [1e-3, 3e-3, 1e-2],
    },
    cv=3,
    return_train_score=True,
)
start = time.perf_counter()
grid.fit(X, y)
print(f"{12 * 3 + 1} fits in {time.perf_counter() - start:.0f} s")
print("best:", grid.best_params_)

# %%
# All candidates as a table, the best first:

results = pd.DataFrame(grid.cv_results_)
results = results.rename(columns=lambda name: name.rpartition("__")[2])
columns = ["side", "encoder_units", "learning_rate", "mean_test_score", "mean_fit_time"]
table = results.sort_values("rank_test_score")[columns]
print(table.round(3).to_string(index=False))

# %%
# And what each choice does to the others:

by_rate = results.pivot_table(
    index="learning_rate", columns=["side", "encoder_units"], values="mean_test_score"
)
print(by_rate.round(3))

ax = (100 * by_rate).plot(marker="o", logx=True, figsize=(7, 4))
ax.set(xlabel="learning rate", ylabel="sums that are right (%)", ylim=(-3, 103))
ax.legend(title="padding, encoder_units")
ax.figure.set_layout_engine("constrained")
plt.show()
