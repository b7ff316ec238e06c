"""How far the decoder "relative" goes beyond the lengths it was trained on.

Every row is trained from several seeds, of the data as well as of the network, and the
worst of them counts. Questions are unseen. Numbers asked for have all the digits that
are named, and a fifth of the sums are carry chains; "nines" is a carry through all
digits, 99...9+1 and 1+99...9.

    python benchmarks/any_length.py --rows ten soon twenty few terms words start
"""

import argparse
import datetime
import time

import numpy as np
from _common import print_machine
from learning import carry_chains, edge_cases, percent, unseen

from sklearn_seqadd import make_addition, make_seq2seq_pipeline

LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))
WORDS = {
    "copied": lambda word: word,
    "reversed": lambda word: word[::-1],
    "doubled": lambda word: "".join(2 * letter for letter in word),
}


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--rows", nargs="+", choices=ROWS, default=list(ROWS))
    add("--seeds", type=int, default=5)
    add("--first-seed", type=int, default=0)
    options = parser.parse_args()
    print_machine()
    print(f"{datetime.date.today()}, {options.seeds} seeds, the worst of each figure\n")
    for row in options.rows:
        found = []
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            found.append(ROWS[row](seed))
            shown = ", ".join(f"{k} {v:.6g}" for k, v in found[-1].items())
            print(f"  {row}, seed {seed}: {shown}", flush=True)
        worst = {
            name: (max if name.endswith("seconds") else min)(f[name] for f in found)
            for name in found[0]
        }
        print(f"{row}:")
        for name, value in worst.items():
            shown = f"{value:9.1f}" if name.endswith("seconds") else percent(value)
            print(f"    {name:28}{shown}", flush=True)


def ten(seed):
    """50,000 sums of up to ten digits."""
    pipe, found = fitted(sums(50_000, 10, seed), seed)
    found["10 digits, uniform"] = pipe.score(*uniform(10, 10_000, seed))
    found["10 digits, carry chains"] = pipe.score(*carry_chains(10, seed))
    found["10 digits, edge cases"] = pipe.score(*edge_cases(10))
    for digits in (20, 50, 100, 500, 1_000):
        found[f"{digits} digits"] = pipe.score(*uniform(digits, 1_000, seed, 0.2))
    found["5000 digits"] = pipe.score(*uniform(5_000, 5, seed))
    found["1000 digits, nines"] = pipe.score(*nines(1_000))
    return found


def soon(seed):
    """25,000 of them, one epoch: how soon sums of ten digits are learned.

    The first in a process has compilation in it, but not the import of TensorFlow.
    """
    import keras  # noqa: F401

    pipe, found = fitted(sums(25_000, 10, seed), seed, epochs=1)
    found["10 digits, uniform"] = pipe.score(*uniform(10, 10_000, seed))
    found["1000 digits"] = pipe.score(*uniform(1_000, 1_000, seed, 0.2))
    return found


def twenty(seed):
    """50,000 sums of up to twenty digits."""
    pipe, found = fitted(sums(50_000, 20, seed), seed)
    for digits in (20, 100, 1_000):
        found[f"{digits} digits"] = pipe.score(*uniform(digits, 1_000, seed, 0.2))
    found["1000 digits, nines"] = pipe.score(*nines(1_000))
    return found


def few(seed):
    """5,000 sums of up to ten digits."""
    pipe, found = fitted(sums(5_000, 10, seed), seed)
    for digits in (10, 100):
        found[f"{digits} digits"] = pipe.score(*uniform(digits, 1_000, seed, 0.2))
    return found


def terms(seed):
    """20,000 sums of two to four numbers of up to two digits."""
    X, y = make_addition(20_000, n_terms=(2, 4), random_state=seed)
    # Four digits and a carry at a time are more to learn than two.
    params = {"cell": "lstm", "decoder_units": (128, 128), "learning_rate": 3e-3}
    pipe, found = fitted((X, y), seed, epochs=20, weight_decay=0.3, **params)
    for n_terms in (2, 3, 4, 5, 6):
        asked = make_addition(2_000, n_terms=n_terms, random_state=100_000 + seed)
        found[f"{n_terms} terms"] = pipe.score(*unseen(X, *asked))
    return found


def words(seed):
    """6,000 words of one to eight letters."""
    figures = {}
    for name, change in WORDS.items():
        X = draw_words(6_000, 1, 8, seed)
        asked = draw_words(1_000, 50, 50, 100_000 + seed)
        pipe, found = fitted((X, [change(word) for word in X]), seed)
        figures[f"{name}, seconds"] = found["seconds"]
        figures[f"{name}, 50 letters"] = pipe.score(asked, [change(w) for w in asked])
    return figures


def start(seed):
    """25,000 sums, two epochs: whether heads find where to start."""
    figures = {}
    for digits, sampling in ((10, "mixed"), (20, "mixed"), (20, "lengths")):
        X, y = make_addition(
            25_000, largest=10**digits - 1, sampling=sampling, random_state=seed
        )
        pipe, _ = fitted((X, y), seed, epochs=2)
        asked = make_addition(
            1_000, largest=10**digits - 1, sampling=sampling, random_state=100_000
        )
        figures[f"{digits} digits, {sampling}"] = pipe.score(*unseen(X, *asked))
    return figures


ROWS = {f.__name__: f for f in (ten, soon, twenty, few, terms, words, start)}


def fitted(samples, seed, **params):
    """A pipeline that has learned, and the seconds that it took with compilation."""
    pipe = make_seq2seq_pipeline(decoder="relative", random_state=seed, **params)
    begin = time.perf_counter()
    pipe.fit(*samples)
    return pipe, {"seconds": time.perf_counter() - begin}


def sums(n_samples, digits, seed):
    """What is trained on."""
    return make_addition(
        n_samples, largest=10**digits - 1, sampling="mixed", random_state=seed
    )


def uniform(digits, n_samples, seed, share_of_chains=0.0):
    """Sums of numbers of so many digits, a share of them carry chains."""
    rng = np.random.RandomState(300_000 + seed)
    numbers = rng.randint(10, size=(2, n_samples, digits))
    numbers[:, :, 0] = rng.randint(1, 10, size=(2, n_samples))
    n_chains = round(share_of_chains * n_samples)
    # Digits of a pair sum to nine, but for the last: a carry from there runs on.
    numbers[1, :n_chains] = 9 - numbers[0, :n_chains]
    numbers[1, :n_chains, -1] = 10 - numbers[0, :n_chains, -1].clip(1)
    numbers[0, :n_chains, -1] = numbers[0, :n_chains, -1].clip(1)
    a, b = (["".join(map(str, row)).lstrip("0") for row in rows] for rows in numbers)
    return [f"{p}+{q}" for p, q in zip(a, b, strict=True)], [
        add_in_writing(p, q) for p, q in zip(a, b, strict=True)
    ]


def add_in_writing(a, b):
    """Python's own conversions take time with the square of the number of digits."""
    n = max(len(a), len(b))
    total = np.array([*map(int, a.zfill(n))]) + np.array([*map(int, b.zfill(n))])
    digits, carry = [], 0
    for column in total[::-1].tolist():
        carry, digit = divmod(column + carry, 10)
        digits.append(digit)
    return "".join(map(str, [carry, *digits[::-1]])).lstrip("0")


def nines(digits):
    """A carry through all digits."""
    questions = [f"{'9' * digits}+1", f"1+{'9' * digits}"]
    return questions, 2 * [f"1{'0' * digits}"]


def draw_words(n_samples, shortest, longest, seed):
    """Random letters."""
    rng = np.random.RandomState(seed)
    lengths = rng.randint(shortest, longest + 1, size=n_samples)
    return ["".join(rng.choice(LETTERS, size=n)) for n in lengths]


if __name__ == "__main__":
    main()
