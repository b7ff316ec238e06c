"""What docs/faq.rst says, where no example of the gallery measures it.

Every figure is the share of unseen answers that are right as a whole, in percent, the
mean over several seeds, of the data as well as of the network, with the lowest and the
highest of them. A fit takes less than a minute.

    python benchmarks/faq.py
    python benchmarks/faq.py --parts units terms
"""

import argparse
import datetime

import numpy as np
from _common import print_machine
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer

from sklearn_seqadd import (
    Seq2SeqClassifier,
    SequenceIntegerEncoder,
    SequencePadder,
    exact_match_score,
    make_addition,
    make_expressions,
    make_seq2seq_pipeline,
)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    add("--seeds", type=int, default=3)
    options = parser.parse_args()
    print_machine()
    print(f"{datetime.date.today()}, {options.seeds} seeds\n")
    for part in options.parts:
        print(PARTS[part].__doc__)
        PARTS[part](range(options.seeds))
        print(flush=True)


def padding(seeds):
    """Where strings are padded: the tutorial's network, 3000 sums up to 99."""
    for side in ("left", "right", "term"):
        for reverse in (False, True):
            report(
                f"{side}{', reversed' if reverse else ''}",
                [share_of_sums(seed, side=side, reverse=reverse) for seed in seeds],
            )


def decoders(seeds):
    """The decoders, padded on the left: 3000 sums up to 99, encoder of 64 units."""
    params = {"encoder_units": 64, "decoder_units": 64, "bidirectional": True}
    for decoder in ("repeat", "sequence", "attention", "autoregressive"):
        report(
            decoder,
            [
                share_of_sums(
                    seed, decoder=decoder, side="left", reverse=False, **params
                )
                for seed in seeds
            ],
        )


def units(seeds):
    """Units of the tutorial's network, numbers by term and reversed."""
    for digits, n_samples, epochs in [(2, 3_000, 40), (4, 20_000, 12)]:
        for n_units in (25, 50, 100, 200):
            shares = []
            for seed in seeds:
                largest = 10**digits - 1
                X, y = make_addition(
                    n_samples, largest=largest, sampling="mixed", random_state=seed
                )
                pipe = make_seq2seq_pipeline(
                    side="term",
                    reverse=True,
                    encoder_units=n_units,
                    decoder_units=n_units // 2,
                    epochs=epochs,
                    random_state=seed,
                    **TRAINING,
                )
                questions = make_addition(
                    5_000, largest=largest, random_state=1000 + seed
                )
                shares.append(share_right(pipe, X, y, *questions))
            report(f"{digits} digits, {n_units} and {n_units // 2} units", shares)


def wider(seeds):
    """Four digits again, the same sums, with attention and no encoder."""
    for n_units in (32, 64, 128):
        shares = []
        for seed in seeds:
            X, y = make_addition(
                20_000, largest=9999, sampling="mixed", random_state=seed
            )
            pipe = make_seq2seq_pipeline(
                decoder="attention",
                decoder_units=n_units,
                batch_size=32,
                epochs=12,
                random_state=seed,
            )
            questions = make_addition(5_000, largest=9999, random_state=1000 + seed)
            shares.append(share_right(pipe, X, y, *questions))
        report(f"4 digits, {n_units} units", shares)


def batches(seeds):
    """The tutorial's protocol: 30 times 1000 fresh sums of numbers from 1 to 10."""
    for batch_size, learning_rate in [(10, 0.001), (10, 0.002), (1, 0.001)]:
        shares = []
        for seed in seeds:
            rng = np.random.RandomState(seed)
            # All hundred sums at once, to learn alphabets and lengths from.
            X, _ = make_addition(2_000, smallest=1, largest=10, random_state=seed)
            pipe = make_seq2seq_pipeline(
                batch_size=batch_size, learning_rate=learning_rate, random_state=seed
            )
            encode, network = pipe[:-1].fit(X), pipe[-1]
            for _ in range(30):
                X, y = make_addition(1_000, smallest=1, largest=10, random_state=rng)
                network.partial_fit(encode.transform(X), y)
            X, y = make_addition(1_000, smallest=1, largest=10, random_state=rng)
            shares.append(100 * network.score(encode.transform(X), y))
        report(f"batches of {batch_size}, learning rate {learning_rate}", shares)


def terms(seeds):
    """Two to four terms up to 99, attention, 20,000 sums, 15 epochs; by how many."""
    found = {n_terms: [] for n_terms in (2, 3, 4)}
    for seed in seeds:
        X, y = make_addition(
            20_000, n_terms=(2, 4), sampling="mixed", random_state=seed
        )
        pipe = make_seq2seq_pipeline(decoder="attention", epochs=15, random_state=seed)
        pipe.fit(X, y)
        for n_terms, shares in found.items():
            questions, answers = unseen(
                X,
                *make_addition(5_000, n_terms=n_terms, random_state=1000 + seed),
            )
            predicted = pipe.predict(questions)
            shares.append(100 * exact_match_score(answers, predicted))
    for n_terms, shares in found.items():
        report(f"{n_terms} terms", shares)


def few(seeds):
    """Few sums up to 99, decoder "relative", with weight decay and without."""
    for n_samples in (500, 1_000, 2_000):
        for weight_decay in (None, "auto"):
            shares = []
            for seed in seeds:
                X, y = make_addition(
                    n_samples,
                    largest=99,
                    sampling="mixed",
                    unique=True,
                    random_state=seed,
                )
                pipe = make_seq2seq_pipeline(
                    decoder="relative", weight_decay=weight_decay, random_state=seed
                )
                questions = make_addition(5_000, largest=99, random_state=1000 + seed)
                shares.append(share_right(pipe, X, y, *questions))
            report(f"{n_samples} examples, weight_decay={weight_decay}", shares)


def minus(seeds):
    """Sums and differences of two numbers up to 99, by term: 10,000, 20 epochs."""
    settings = {
        "repeat": TRAINING,
        "attention": {"decoder": "attention"},
        "autoregressive": {"decoder": "autoregressive"},
    }
    for name, params in settings.items():
        shares = []
        for seed in seeds:
            X, y = make_expressions(
                10_000, operators="+-", n_terms=2, random_state=seed
            )
            pipe = make_seq2seq_pipeline(
                **params, side="term", reverse=True, epochs=20, random_state=seed
            )
            questions = make_expressions(
                5_000, operators="+-", n_terms=2, random_state=1000 + seed
            )
            shares.append(share_right(pipe, X, y, *questions))
        report(name, shares)


def examples(seeds):
    """Expressions of two or three numbers up to 9 with +, - and brackets: how many?"""
    n_batches = 2_000
    for n_samples in (500, 2_000, 8_000):
        shares = []
        for seed in seeds:
            options = {"operators": "+-", "brackets": True, "largest": 9}
            X, y = make_expressions(n_samples, random_state=seed, **options)
            pipe = make_seq2seq_pipeline(
                decoder="autoregressive",
                # The same number of mini-batches for all.
                epochs=round(n_batches / np.ceil(n_samples / 64)),
                random_state=seed,
            )
            questions = make_expressions(5_000, random_state=1000 + seed, **options)
            shares.append(share_right(pipe, X, y, *questions))
        report(f"{n_samples:,} examples", shares)


def curricula(seeds):
    """Sums of 5 digits, attention, 10 times 5000 fresh ones: short ones first?"""
    for first in (1, 3, 5):
        shares = []
        for seed in seeds:
            rng = np.random.RandomState(seed)
            X, y = make_addition(1_000, largest=10**5 - 1, random_state=rng)
            answers = make_pipeline(
                SequencePadder(length=6, reverse=True),
                SequenceIntegerEncoder(" 0123456789"),
            )
            pipe = make_seq2seq_pipeline(
                decoder="attention", target_transformer=answers, random_state=seed
            )
            encode, network = pipe[:-1].fit(X), pipe[-1]
            questions = encode.transform(X)
            for epoch in range(10):
                largest = 10 ** min(5, first + epoch) - 1
                fresh = make_addition(
                    5_000, largest=largest, sampling="mixed", random_state=rng
                )
                network.partial_fit(encode.transform(fresh[0]), fresh[1])
            shares.append(100 * network.score(questions, y))
        report(f"largest at first {10**first - 1:,}", shares)


def series(seeds):
    """A noisy series, 24 values to predict the next 6; errors (RMSE), noise 0.1."""
    found = {
        "last value repeated": [],
        "ridge regression": [],
        "network, 32 levels": [],
        "rounding to these levels alone": [],
    }
    for seed in seeds:
        rng = np.random.RandomState(seed)
        X, y = draw_series(6_000, rng)
        X, X_unseen, y, y_unseen = X[:5_000], X[5_000:], y[:5_000], y[5_000:]
        levels = KBinsDiscretizer(32, encode="ordinal", strategy="uniform")
        levels.fit(y.reshape(-1, 1))

        def to_levels(values, levels=levels):
            codes = levels.transform(values.reshape(-1, 1))
            return codes.astype(int).reshape(values.shape)

        def to_values(codes, levels=levels):
            return levels.inverse_transform(codes.reshape(-1, 1)).reshape(codes.shape)

        network = Seq2SeqClassifier(epochs=20, random_state=seed, **TRAINING)
        network.fit(X, to_levels(y))
        predicted = {
            "last value repeated": np.repeat(X_unseen[:, -1:], 6, axis=1),
            "ridge regression": Ridge().fit(X, y).predict(X_unseen),
            "network, 32 levels": to_values(network.predict(X_unseen)),
            "rounding to these levels alone": to_values(to_levels(y_unseen)),
        }
        for name, values in predicted.items():
            found[name].append(np.sqrt(np.mean((values - y_unseen) ** 2)))
    for name, errors in found.items():
        report(name, errors, digits=3)


def roman(seeds):
    """Roman numerals up to 3999 to digits: 3000 to learn from, 999 to be asked for."""
    settings = {
        "repeat": {**TRAINING, "epochs": 40},
        "repeat, reversed": {**TRAINING, "epochs": 40, "reverse": True},
        "autoregressive": {"decoder": "autoregressive", "epochs": 40},
    }
    y = np.arange(1, 4000).astype(str)
    X = np.array([in_roman(int(number)) for number in y])
    for name, params in settings.items():
        shares = []
        for seed in seeds:
            order = np.random.RandomState(seed).permutation(len(X))
            train, test = order[:3_000], order[3_000:]
            pipe = make_seq2seq_pipeline(random_state=seed, **params)
            shares.append(share_right(pipe, X[train], y[train], X[test], y[test]))
        report(name, shares)


# The tutorial's network but for how it is trained.
TRAINING = {
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "clipnorm": 1.0,
    "batch_size": 32,
}


def share_of_sums(seed, **params):
    """The share right of 2000 sums up to 99 after training on 3000 others."""
    X, y = make_addition(5_000, largest=99, unique=True, random_state=seed)
    pipe = make_seq2seq_pipeline(
        **{"epochs": 40, "random_state": seed, **TRAINING, **params}
    )
    return share_right(pipe, X[:3_000], y[:3_000], X[3_000:], y[3_000:])


def share_right(pipe, X, y, questions, answers):
    """Train, and the share in percent of the unseen questions that is right."""
    pipe.fit(X, y)
    questions, answers = unseen(X, questions, answers)
    return 100 * exact_match_score(answers, pipe.predict(questions))


def unseen(X, questions, answers):
    """Those that are not among X."""
    new = ~np.isin(questions, X)
    return questions[new], answers[new]


def draw_series(n_samples, rng):
    """Thirty values of two waves and noise: the first 24, and the next 6."""
    time_ = np.arange(30)
    phases = rng.uniform(0, 2 * np.pi, (2, n_samples, 1))
    values = np.sin(time_ / 3 + phases[0]) + 0.5 * np.sin(time_ + phases[1])
    values += rng.normal(scale=0.1, size=values.shape)
    return values[:, :24], values[:, 24:]


def in_roman(number):
    """A number up to 3999 as a Roman numeral."""
    signs = {
        1000: "M", 900: "CM", 500: "D", 400: "CD", 100: "C", 90: "XC", 50: "L",
        40: "XL", 10: "X", 9: "IX", 5: "V", 4: "IV", 1: "I",
    }  # fmt: skip
    text = ""
    for value, sign in signs.items():
        text += sign * (number // value)
        number %= value
    return text


PARTS = {
    part.__name__: part
    for part in (
        padding,
        decoders,
        units,
        wider,
        batches,
        terms,
        few,
        minus,
        examples,
        curricula,
        series,
        roman,
    )
}


def report(name, figures, digits=1):
    """One line of a table."""
    mean, low, high = np.mean(figures), np.min(figures), np.max(figures)
    print(
        f"    {name:<40}{mean:8.{digits}f}   ({low:.{digits}f} to {high:.{digits}f})",
        flush=True,
    )


if __name__ == "__main__":
    main()
