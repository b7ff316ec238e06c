"""How well tasks beyond a sum of two numbers are learned: products, brackets, signs.

Every task is trained from several seeds, of the data as well as of the network, and the
worst of them counts. All that is asked for is unseen. Beside each two other networks
learn from the same examples for as long: attention to places with its settings as they
are recommended, and the network of the tutorial (`make_seq2seq_pipeline()` with its
defaults).

    python benchmarks/expressions.py
    python benchmarks/expressions.py --tasks "a*b" "(a+b)*c" --seeds 1 --alone
"""

import argparse
import datetime
import itertools
import time

import numpy as np
from _common import print_machine
from sklearn.base import clone

from sklearn_seqadd import (
    character_accuracy_score,
    exact_match_score,
    make_expressions,
    make_seq2seq_pipeline,
)

PEERS = {"attention": {"decoder": "attention"}, "tutorial": {}}


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    add("--seeds", type=int, default=3)
    add("--alone", action="store_true", help="without the other networks")
    options = parser.parse_args()
    print_machine()
    print(f"{datetime.date.today()}, {options.seeds} seeds, the worst of each figure\n")
    print(
        "                             this package               attention  tutorial's"
    )
    print("task              examples     exact     chars       s     exact      exact")
    for task in options.tasks:
        runs = [run(task, seed, options.alone) for seed in range(options.seeds)]
        worst = np.min([scores for scores, _, _ in runs], axis=0)
        n_samples, seconds = np.max([sizes for _, *sizes in runs], axis=0)
        exact, chars, *peers = map(percent, worst)
        print(
            f"{task:16}{n_samples:10,.0f}  {exact}  {chars}{seconds:8.0f}  "
            + "   ".join(peers),
            flush=True,
        )


def run(task, seed, alone=False):
    """Shares right of all networks, the number of examples, and seconds."""
    X, y, questions, answers = unseen(*TASKS[task](seed))
    pipe = make_seq2seq_pipeline(random_state=seed, **SETTINGS[task])
    start = time.perf_counter()
    pipe.fit(X, y)
    seconds = time.perf_counter() - start
    predicted = pipe.predict(questions)
    scores = [
        exact_match_score(answers, predicted),
        character_accuracy_score(answers, predicted),
    ]
    for params in () if alone else PEERS.values():
        peer = make_seq2seq_pipeline(random_state=seed, **params)
        fit_as_long(peer, X, y, seconds)
        scores.append(peer.score(questions, answers))
    return scores, len(X), seconds


def fit_as_long(pipe, X, y, seconds):
    """Fit with as many epochs as there is time for, the compilation included."""
    trial = clone(pipe)
    codes = trial[:-1].fit_transform(X)
    times = [time.perf_counter()]
    for _ in range(3):
        trial[-1].partial_fit(codes, y)
        times.append(time.perf_counter())
    first, *others = np.diff(times)
    epochs = max(1, round((seconds - first) / np.mean(others)) + 1)
    pipe.set_params(seq2seqclassifier__epochs=epochs).fit(X, y)


def unseen(X, y, questions, answers):
    """Only what is not among the examples is asked."""
    new = ~np.isin(questions, X)
    return X, y, questions[new], answers[new]


# ------------------------------------------------------------------------- tasks


def products(seed):
    """Pairs of numbers of up to two digits; a tenth is unseen in either order."""
    a, b = np.triu_indices(100)
    is_unseen = np.random.RandomState(seed).random_sample(len(a)) < 0.1
    learned, asked = (
        sorted(set(zip([*a[rows], *b[rows]], [*b[rows], *a[rows]], strict=True)))
        for rows in (~is_unseen, is_unseen)
    )
    return *evaluated("{}*{}", learned), *evaluated("{}*{}", asked)


def long_products(seed):
    """Products of numbers of up to three digits."""
    return *of_lengths("{}*{}", 100_000, 3, seed), *uniform("{}*{}", 5_000, 3, seed)


def brackets(seed):
    """A sum times a number, all of up to two digits."""
    text = "({}+{})*{}"
    return *of_lengths(text, 50_000, 2, seed), *uniform(text, 10_000, 2, seed)


def differences(seed):
    """Differences of two numbers of up to two digits."""
    return *drawn(2_000, 99, seed), *drawn(10_000, 99, 100_000 + seed)


def long_differences(seed):
    """Differences of two numbers of up to three digits."""
    return *drawn(20_000, 999, seed), *drawn(10_000, 999, 100_000 + seed)


def longest_differences(seed):
    """Differences of fifty digits, learned from those of up to ten."""
    asked = drawn(2_000, 10**50 - 1, 100_000 + seed)
    return *of_lengths("{}-{}", 50_000, 10, seed), *asked


def drawn(n_samples, largest, seed):
    return make_expressions(
        n_samples, operators="-", n_terms=2, largest=largest, random_state=seed
    )


def mixed_operations(seed):
    """Two or three numbers of one digit and any operators; asked are those of three."""
    return (
        *make_expressions(6_000, largest=9, random_state=seed),
        *make_expressions(10_000, n_terms=3, largest=9, random_state=100_000 + seed),
    )


def nested_brackets(seed):
    """Two to four numbers of up to two digits; asked are brackets in brackets."""
    return *draw_brackets(50_000, (2, 3, 4), seed), *draw_brackets(
        10_000, (4,), 100_000 + seed
    )


NESTED = {
    2: ["{}?{}"],
    3: ["({}?{})?{}", "{}?({}?{})"],
    4: ["(({}?{})?{})?{}", "({}?({}?{}))?{}", "{}?(({}?{})?{})", "{}?({}?({}?{}))"],
}


def draw_brackets(n_samples, activations_per_sample, seed):
    rng = np.random.RandomState(seed)
    X = []
    for n in rng.choice(activations_per_sample, size=n_samples):
        text = NESTED[n][rng.randint(len(NESTED[n]))]
        text = text.replace("?", "{}")
        numbers, signs = rng.randint(100, size=n), rng.choice(["+", "-"], size=n - 1)
        filled = itertools.chain(*itertools.zip_longest(numbers, signs))
        X.append(text.format(*filled))
    return np.array(X), np.array([str(eval(text)) for text in X])


def of_lengths(text, n_samples, n_digits, seed):
    """Half of the numbers drawn uniformly, half of any number of digits."""
    rng = np.random.RandomState(seed)
    shape = n_samples, text.count("{}")
    lengths = rng.randint(1, n_digits + 1, size=shape)
    lengths[rng.random_sample(shape) < 0.5] = n_digits
    return evaluated(text, [[rng.randint(10**n) for n in row] for row in lengths])


def uniform(text, n_samples, n_digits, seed):
    """Numbers of up to so many digits, drawn uniformly."""
    rng = np.random.RandomState(100_000 + seed)
    numbers = rng.randint(10**n_digits, size=(n_samples, text.count("{}")))
    return evaluated(text, numbers.tolist())


def evaluated(text, numbers):
    """Questions and answers."""
    X = [text.format(*row) for row in numbers]
    return np.array(X), np.array([str(eval(question)) for question in X])


def percent(share):
    """A share as text."""
    return f"{100 * share:6.2f} %"


TASKS = {
    "a*b": products,
    "a*b, 3 digits": long_products,
    "a-b": differences,
    "a-b, 3 digits": long_differences,
    "a-b, 50 digits": longest_differences,
    "mixed": mixed_operations,
    "(a+b)*c": brackets,
    "nested": nested_brackets,
}

# Heads that go to and fro, and a layer in which products of digits are learned.
TO_AND_FRO = {
    "decoder": "relative",
    "decoder__velocities": [(0, 1), (1, -1)],
    "decoder__heads": 3,
    "decoder__steps_per_symbol": 3,
    "decoder__dense_units": 128,
    "weight_decay": 0.1,
    "batch_size": 64,
}
# An answer that is read from both ends before it is written.
SIGNED = {
    "decoder": "relative",
    "decoder__velocities": [1],
    "decoder_units": [128, 128],
    "decoder__bidirectional": True,
    "learning_rate": 0.003,
    "batch_size": 64,
}
# And by gates, where what a digit means depends on what stands beside it.
GATED = {**SIGNED, "cell": "gru"}
# By task, parameters of make_seq2seq_pipeline, as search_settings.py finds them.
SETTINGS = {
    # Few examples, which must not be learned by heart: strong decay, for many epochs.
    "a*b": {
        **TO_AND_FRO,
        "decoder__heads": 4,
        "decoder_units": [256, 256],
        "weight_decay": 1,
        "label_smoothing": 0.2,
        "epochs": 100,
    },
    # With twice the epochs.
    "a*b, 3 digits": {
        **TO_AND_FRO,
        "decoder__heads": 4,
        "decoder_units": [256, 256],
        "epochs": 12,
    },
    # But for an encoder: 0.1 % for three times the time.
    "a-b": {
        **GATED,
        "decoder__velocities": [1, -1],
        "learning_rate": 0.005,
        "weight_decay": 1,
        "label_smoothing": 0.2,
        "epochs": 80,
    },
    "a-b, 3 digits": {
        **SIGNED,
        "decoder__velocities": [1, 0],
        "decoder__heads": 3,
        "learning_rate": 0.005,
        "weight_decay": 1,
        "label_smoothing": 0.2,
        "epochs": 30,
    },
    # With twice the epochs.
    "a-b, 50 digits": {
        **SIGNED,
        "decoder__velocities": [1, 0],
        "decoder__heads": 8,
        "decoder__dense_units": 256,
        "weight_decay": 0.1,
        "epochs": 6,
    },
    # With twice the epochs.
    "mixed": {
        **GATED,
        "decoder__velocities": [1, 0],
        "decoder__heads": 8,
        "decoder_units": [256, 256],
        "weight_decay": 1,
        "label_smoothing": 0.2,
        "epochs": 300,
    },
    # With twice the epochs.
    "(a+b)*c": {
        **TO_AND_FRO,
        "decoder__heads": 8,
        "decoder__steps_per_symbol": 2,
        "decoder__dense_units": 256,
        "decoder_units": [256, 256],
        "learning_rate": 0.003,
        "epochs": 48,
    },
    # With twice the epochs.
    "nested": {
        **GATED,
        "encoder_units": [64, 64],
        "bidirectional": True,
        "decoder__velocities": [1, -1],
        "decoder__heads": 8,
        "weight_decay": 1,
        "label_smoothing": 0.2,
        "epochs": 18,
    },
}


if __name__ == "__main__":
    main()
