"""How well tasks beyond a sum of two numbers are learned: negative answers, brackets.

Every row is trained from several seeds, of the data as well as of the network, and the
worst of them counts. All that is asked for is unseen. Beside each the network of the
tutorial (`make_seq2seq_pipeline()` with its defaults) passes over the same data until
it was trained for as long.

    python benchmarks/expressions.py
    python benchmarks/expressions.py --rows "a*b" "(a+b)*c" --seeds 1
"""

import argparse
import datetime
import time

import keras
import numpy as np
from _common import print_machine

from sklearn_seqadd import (
    character_accuracy_score,
    exact_match_score,
    make_addition,
    make_expressions,
    make_seq2seq_pipeline,
)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--rows", nargs="+", choices=ROWS, default=list(ROWS))
    add("--seeds", type=int, default=3)
    options = parser.parse_args()
    print_machine()
    print(f"{datetime.date.today()}, {options.seeds} seeds, the worst of each figure\n")
    print("                                 this package      the tutorial's network")
    print("task              examples    exact   chars   s      exact   chars   s")
    for row in options.rows:
        make, params = ROWS[row]
        runs = [run(make, params, seed) for seed in range(options.seeds)]
        exact, chars, peer_exact, peer_chars = np.min([r[:4] for r in runs], axis=0)
        n_samples, seconds, peer_seconds = np.max([r[4:] for r in runs], axis=0)
        print(
            f"{row:16}{n_samples:10,.0f}  {percent(exact)}{percent(chars)}"
            f"{seconds:5.0f}   {percent(peer_exact)}{percent(peer_chars)}"
            f"{peer_seconds:5.0f}",
            flush=True,
        )


def run(make, params, seed):
    """Shares right of both networks, the number of examples, seconds of both."""
    X, y, questions, answers = make(seed)
    new = ~np.isin(questions, X)
    questions, answers = questions[new], answers[new]
    pipe = make_seq2seq_pipeline(random_state=seed, **params)
    start = time.perf_counter()
    pipe.fit(X, y)
    seconds = time.perf_counter() - start

    peer = make_seq2seq_pipeline(random_state=seed)
    codes = peer[:-1].fit_transform(X)
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        peer[-1].partial_fit(codes, y)
    peer_seconds = time.perf_counter() - start

    scores = []
    for fitted in (pipe, peer):
        predicted = fitted.predict(questions)
        scores.append(exact_match_score(answers, predicted))
        scores.append(character_accuracy_score(answers, predicted))
    return [*scores, len(X), seconds, peer_seconds]


def variable_terms(seed):
    """Sums of two to four numbers of up to three digits."""
    terms = {"n_terms": (2, 4), "largest": 999}
    return (
        *make_addition(20_000, sampling="mixed", random_state=seed, **terms),
        *make_addition(10_000, random_state=100_000 + seed, **terms),
    )


def subtraction(seed):
    """Differences of two numbers of up to two digits."""
    options = {"operators": "-", "n_terms": 2}
    return (
        *make_expressions(2_000, random_state=seed, **options),
        *make_expressions(10_000, random_state=100_000 + seed, **options),
    )


def mixed_operations(seed):
    """Two or three numbers of one digit, and any operators."""
    return (
        *make_expressions(6_000, largest=9, random_state=seed),
        *make_expressions(10_000, n_terms=3, largest=9, random_state=100_000 + seed),
    )


def multiplication(seed):
    """Pairs of numbers of up to two digits; a tenth is unseen in either order."""
    a, b = np.triu_indices(100)
    unseen = np.random.RandomState(seed).random_sample(len(a)) < 0.1
    return (*products(a[~unseen], b[~unseen]), *products(a[unseen], b[unseen]))


def products(a, b):
    """In both orders, each once."""
    pairs = sorted(set(zip([*a, *b], [*b, *a], strict=True)))
    X = np.array([f"{first}*{second}" for first, second in pairs])
    return X, np.array([str(first * second) for first, second in pairs])


def brackets(seed):
    """A sum times a number, all of up to two digits."""
    return *draw_brackets(50_000, seed), *draw_brackets(10_000, 100_000 + seed)


def draw_brackets(n_samples, seed):
    numbers = np.random.RandomState(seed).randint(100, size=(n_samples, 3)).tolist()
    X = np.array([f"({a}+{b})*{c}" for a, b, c in numbers])
    return X, np.array([str((a + b) * c) for a, b, c in numbers])


def percent(share):
    """A share as text."""
    return f"{100 * share:6.1f} %"


COSINE = {"learning_rate": 0.003, "schedule": "cosine", "clipnorm": 1.0}
STACKED = {
    "decoder": "attention",
    "decoder_units": [64, 64, 64],
    "learning_rate": 0.005,
}
BOTH_WAYS = {
    **COSINE,
    "encoder_units": [64, 64],
    "bidirectional": True,
    "cell": "gru",
    "learning_rate": 0.005,
    "batch_size": 64,
}
DECAY = {"optimizer": keras.optimizers.AdamW(weight_decay=0.1)}

# Task: its data, and the parameters of make_seq2seq_pipeline.
ROWS = {
    "2 to 4 terms": (variable_terms, {"decoder": "attention", "epochs": 12}),
    "a-b": (subtraction, {**COSINE, "side": "term", "reverse": True, "epochs": 60}),
    "mixed": (mixed_operations, {**BOTH_WAYS, **DECAY, "epochs": 40}),
    "a*b": (multiplication, {**STACKED, "epochs": 30}),
    "(a+b)*c": (brackets, {**BOTH_WAYS, "epochs": 10}),
}


if __name__ == "__main__":
    main()
