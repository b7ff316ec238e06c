"""
Choosing a model: try a suite, continue with what works
=======================================================

Which framing of a problem is best, and which network? Jason Brownlee's answer to a
reader of his tutorial was to try a suite of methods and to double down on those that
work best. Here it is for additions of two numbers up to 99: models that are given the
numbers, and networks that are given characters, on the same strings, by the same
cross-validation, in one table.

With two thousand sums to learn from, of those that are given numbers the linear
regression and the perceptron are right on all others, the recurrent network on 36 %. Of
those that are given characters, the tutorial's network is right on 13 %, with GRU
layers on 63 %, with an encoder that reads both ways on 91 %; the tutorial's network
again, with numbers padded so that digits line up, and read and written from the last
digit on, on 98 %. No layer was changed for that. Attention on strings that are written
so comes to 99 %, in more time; it is made for longer numbers and more examples.
(TensorFlow 2.21.)

So for sums alone the answer is a linear regression, which knows beforehand what there
is to know. Where nobody can say how to make numbers of the strings, the table says
where to continue: how they are written first, then the network.
"""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from sklearn_seqadd import (
    MappingRegressor,
    TermExtractor,
    exact_match_score,
    make_addition,
    make_seq2seq_pipeline,
    numeric_rmse,
)

# %%
# Each pair of numbers occurs once, in one order or the other. With two folds, 2000 sums
# are learned and 2000 others asked for.

X, y = make_addition(4000, largest=99, unique=True, random_state=0)

# %%
# The suite. Another network is another line.


def from_numbers(network, hidden_units, epochs):
    """A network that is given the terms as numbers."""
    regressor = MappingRegressor(
        network,
        hidden_units,
        target_transformer=MinMaxScaler(),
        learning_rate=0.01,
        schedule="cosine",
        batch_size=32,
        epochs=epochs,
        random_state=0,
    )
    return make_pipeline(TermExtractor(), MinMaxScaler(), regressor)


def from_characters(**params):
    """A network that is given characters; without parameters the tutorial's."""
    return make_seq2seq_pipeline(
        learning_rate=0.003, schedule="cosine", epochs=40, random_state=0, **params
    )


linear = make_pipeline(TermExtractor(), LinearRegression())
models = {
    ("numbers", "linear regression"): linear,
    ("numbers", "perceptron 4-2"): from_numbers("mlp", (4, 2), epochs=20),
    ("numbers", "LSTM 6-2"): from_numbers("lstm", (6, 2), epochs=40),
    ("characters", "LSTM"): from_characters(),
    ("characters", "GRU"): from_characters(cell="gru"),
    ("characters", "bidirectional"): from_characters(bidirectional=True),
    ("characters", "by term"): from_characters(side="term"),
    ("characters", "by term, reversed"): from_characters(side="term", reverse=True),
    # With the settings that are recommended for it, and as many more epochs as there
    # are fewer examples than those are meant for.
    ("characters", "attention"): make_seq2seq_pipeline(
        decoder="attention", epochs=40, random_state=0
    ),
}

# %%
# An answer is right if all of it is; a number, if it is right once it is rounded. The
# two measures need not agree. A network for numbers is a little wrong everywhere; one
# for characters is right or wrong, and a few wrong leading digits make a large error
# beside many right answers.


def share_right(y_true, y_pred):
    """Exact matches, of strings or of rounded numbers."""
    answers = (
        values if values.dtype.kind == "U" else values.round().astype(int).astype(str)
        for values in (y_true, y_pred)
    )
    return exact_match_score(*answers)


def count_parameters(pipe):
    """How many numbers the last step of a fitted pipeline has learned."""
    if isinstance(pipe[-1], LinearRegression):
        return pipe[-1].coef_.size + 1
    return sum(weights.size for weights in pipe[-1].weights_)


scoring = {
    "right": make_scorer(share_right),
    "error": make_scorer(numeric_rmse, greater_is_better=False),
}
rows = {}
for name, model in models.items():
    # Scikit-learn's own regression does not read numbers from strings.
    targets = y.astype(float) if model is linear else y
    found = cross_validate(
        model, X, targets, cv=2, scoring=scoring, return_estimator=True
    )
    rows[name] = {
        "right (%)": 100 * found["test_right"].mean(),
        "RMSE": -found["test_error"].mean(),
        # The first fold may have to compile the network, the second does not.
        "fit (s)": found["fit_time"][1],
        "parameters": count_parameters(found["estimator"][1]),
    }

table = pd.DataFrame.from_dict(rows, orient="index")
table.index.names = ["given", "model"]
print(table.round({"right (%)": 1, "RMSE": 2, "fit (s)": 3}).to_string())

# %%
# The best is in the upper left corner.

figure, axis = plt.subplots(figsize=(8, 4.5), layout="constrained")
labels = {  # where they stand beside a point: offset, and how they are aligned
    "below": {"xytext": (0, -8), "ha": "center", "va": "top"},
    "left": {"xytext": (-8, 0), "ha": "right", "va": "center"},
    "above": {"xytext": (0, 6), "ha": "center", "va": "bottom"},
}
for given, marker, side in [("numbers", "s", "below"), ("characters", "o", "left")]:
    found = table.loc[given]
    axis.plot(found["fit (s)"], found["right (%)"], marker, label=f"given {given}")
    for name, row in found.iterrows():
        place = "above" if name == "attention" else side  # where no other label is
        axis.annotate(
            name,
            (row["fit (s)"], row["right (%)"]),
            textcoords="offset points",
            **labels[place],
        )
axis.set(xlabel="time of one fit (s)", xscale="log", ylabel="sums right (%)")
axis.set_ylim(-8, 108)
axis.margins(x=0.12)
axis.legend(loc="lower left")
plt.show()
