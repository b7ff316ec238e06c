"""
A Transformer and a convolutional network of your own
=====================================================

A network is an object whose ``build`` returns a Keras model, as a kernel is an object
that a Gaussian process is given. Here are two of them, each in under forty lines of
Keras, beside networks that come with the package, on dates and on sums: nobody but the
two classes knows that they are not built in.
"""

import datetime
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, ops
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

# %%
# A Transformer
# -------------
# Vaswani et al. (2017), arXiv:1706.03762, with layer normalization in front of each
# part. It has a second input, and so it is fed what it wrote before: codes of symbols,
# one step late. In training these are the right ones, all at once; ``use_causal_mask``
# keeps what comes later out of sight, and `fit` makes sure that it does.


class Transformer(BaseEstimator):
    def __init__(self, units=64, heads=4, n_layers=1):
        self.units = units
        self.heads = heads
        self.n_layers = n_layers

    def build(self, n_steps_in, n_features, n_steps_out, n_symbols):
        question = keras.Input((n_steps_in, n_features))
        previous = keras.Input((n_steps_out,), dtype="int32")
        read = self.embed(question, n_steps_in)
        for _ in range(self.n_layers):
            read = self.attend(read)
            read = self.think(read)
        # The first symbol of all has a code of its own, n_symbols.
        answer = self.embed(ops.one_hot(previous, n_symbols + 1), n_steps_out)
        for _ in range(self.n_layers):
            answer = self.attend(answer, use_causal_mask=True)
            answer = self.attend(answer, read)
            answer = self.think(answer)
        answer = layers.LayerNormalization()(answer)
        probabilities = layers.Dense(n_symbols, "softmax")(answer)
        return keras.Model([question, previous], probabilities)

    def embed(self, symbols, n_steps):
        # A vector for each symbol, and a bias for each step: its position.
        shape, normal = (n_steps, self.units), "random_normal"
        embed = layers.EinsumDense(
            "bts,su->btu", shape, bias_axes="tu", bias_initializer=normal
        )
        return embed(symbols)

    def attend(self, steps, memory=None, **params):
        attention = layers.MultiHeadAttention(self.heads, self.units // self.heads)
        query = layers.LayerNormalization()(steps)
        return steps + attention(query, query if memory is None else memory, **params)

    def think(self, steps):
        hidden = layers.Dense(4 * self.units, "relu")(
            layers.LayerNormalization()(steps)
        )
        return steps + layers.Dense(self.units)(hidden)


# %%
# Convolutions
# ------------
# Filters that see three steps at a time, and between reading and writing one layer in
# which each step of the answer has its own weights for each step of the question. With
# one input, all steps of the answer are found at once.


class Convolutional(BaseEstimator):
    def __init__(self, filters=64, width=3, n_layers=2):
        self.filters = filters
        self.width = width
        self.n_layers = n_layers

    def build(self, n_steps_in, n_features, n_steps_out, n_symbols):
        question = keras.Input((n_steps_in, n_features))
        steps = self.convolve(layers.Dense(self.filters)(question))
        across = layers.EinsumDense(
            "bif,ifog->bog", (n_steps_out, self.filters), bias_axes="og"
        )
        steps = self.convolve(across(steps))
        probabilities = layers.Dense(n_symbols, "softmax")(steps)
        return keras.Model(question, probabilities)

    def convolve(self, steps):
        for _ in range(self.n_layers):
            seen = layers.Conv1D(self.filters, self.width, padding="same")
            hidden = ops.relu(seen(layers.LayerNormalization()(steps)))
            steps = steps + layers.Dense(self.filters)(hidden)
        return steps


# %%
# Two tasks
# ---------
# Dates as people write them, to be written in the one way of ISO 8601, and sums of
# numbers of up to three digits.

FORMS = ["%B %d, %Y", "%d %B %Y", "%d %b %Y", "%d.%m.%Y", "%m/%d/%Y", "%A, %d %B %Y"]


def make_dates(n_samples, seed):
    rng = np.random.RandomState(seed)
    days = rng.randint(
        datetime.date(1900, 1, 1).toordinal(),
        datetime.date(2100, 1, 1).toordinal(),
        size=n_samples,
    )
    dates = [datetime.date.fromordinal(day) for day in days.tolist()]
    written = [date.strftime(rng.choice(FORMS)) for date in dates]
    return np.array(written), np.array([date.isoformat() for date in dates])


def make_sums(n_samples, seed):
    return make_addition(n_samples, largest=999, random_state=seed)


# %%
# What is given to :func:`make_seq2seq_pipeline` is the network, how it is trained, and
# for sums how they are written: by term and from the last digit on. The decoder that is
# built in for such a task is trained as is recommended.

TRAINED = {
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "clipnorm": 1.0,
    "batch_size": 64,
}
TASKS = {
    "dates": (
        make_dates,
        {"epochs": 10},
        {"decoder": "autoregressive", "epochs": 10},
    ),
    "sums": (
        make_sums,
        {"epochs": 30, "side": "term", "reverse": True},
        {"decoder": "relative"},
    ),
}

results = {}
for task, (make, params, built_in) in TASKS.items():
    X, y = make(6_000, seed=0)
    questions, answers = make(3_000, seed=1)
    new = ~np.isin(questions, X)
    for name, settings in {
        "Transformer": {"network": Transformer(), **params, **TRAINED},
        "Convolutional": {"network": Convolutional(), **params, **TRAINED},
        built_in["decoder"]: built_in,
    }.items():
        pipe = make_seq2seq_pipeline(random_state=0, **settings)
        start = time.perf_counter()
        pipe.fit(X, y)
        seconds = time.perf_counter() - start
        share = pipe.score(questions[new], answers[new])
        results[task, name] = share, seconds
        print(
            f"{task}: {name:24} {100 * share:6.2f} % of {new.sum()} unseen, "
            f"{seconds:.0f} s"
        )

# %%
# On dates all three have next to nothing left to learn. On sums the Transformer is
# right every time, and the decoder that is made for such strings needs the least time.

fig, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
for ax, task in zip(axes, TASKS, strict=True):
    names = [name for of_task, name in results if of_task == task]
    wrong = [100 - 100 * results[task, name][0] for name in names]
    bars = ax.barh(names, wrong)
    ax.bar_label(bars, [f"{results[task, name][1]:.0f} s" for name in names], padding=3)
    ax.invert_yaxis()
    ax.set(title=task, xlabel="unseen answers that are wrong (%)")
    ax.set_xlim(0, 1.2 * max(*wrong, 0.1))
plt.show()

# %%
# Its parameters are parameters
# -----------------------------
# A grid reaches them by their names. Networks of equal parameters are compiled once,
# here three for nine fits.

X, y = make_addition(3_000, largest=99, random_state=0)
pipe = make_seq2seq_pipeline(
    network=Convolutional(),
    epochs=20,
    side="term",
    reverse=True,
    random_state=0,
    **TRAINED,
)
grid = GridSearchCV(pipe, {"seq2seqclassifier__network__filters": [8, 32, 128]}, cv=3)
grid.fit(X, y)
for params, score in zip(
    grid.cv_results_["params"], grid.cv_results_["mean_test_score"], strict=True
):
    print(f"{params['seq2seqclassifier__network__filters']:4} filters: {score:.3f}")
