"""Strings per second from strings to integers, against scikit-learn's own.

Measured is `transform` alone of `SequencePadder` and `SequenceIntegerEncoder`, one
after the other, on an array of addition strings: once on strings that are all of 11
characters ("12345+67890"), once on strings of 3 to 11 characters, which need padding.
scikit-learn's `OrdinalEncoder` gets the same strings already padded; its time is that
of splitting them into an array of characters (a view) and of `transform`. "By hand" is
what one writes without knowing of views: pad and split each string in Python, then
`OrdinalEncoder`.

`SequenceTokenizer` gets strings of 3 to 9 words. Beside it stands what scikit-learn's
`CountVectorizer` does with them before it counts: its analyzer, with whitespace between
tokens, and its vocabulary. That ends in an index for each token; the tokenizer makes
a character of it.

All are fitted before. Each time is the median of several repetitions, in one process
and on one core: neither NumPy nor scikit-learn uses a second one for these
operations.

Run it from the repository's root with

    python benchmarks/bench_encoding.py
"""

import argparse
from functools import partial

import numpy as np
from _common import median_seconds, print_machine
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from sklearn_seqadd.datasets import make_addition
from sklearn_seqadd.preprocessing import (
    SequenceIntegerEncoder,
    SequencePadder,
    SequenceTokenizer,
)

parser = argparse.ArgumentParser(
    description="Strings per second from additions to integers."
)
parser.add_argument(
    "--samples", type=int, default=500_000, help="number of strings (default: 500000)"
)
parser.add_argument(
    "--repeats", type=int, default=5, help="repetitions of each row (default: 5)"
)
args = parser.parse_args()


def split_characters(strings):
    """Strings of one length as an array of characters (n_samples, n_steps)."""
    return strings.view("<U1").reshape(len(strings), -1)


def ordinal_codes(encoder, strings):
    return encoder.transform(split_characters(strings))


def by_hand(encoder, strings, length):
    return encoder.transform([list(string.rjust(length)) for string in strings])


def indices_of_tokens(vectorizer, strings):
    analyze, index = vectorizer.build_analyzer(), vectorizer.vocabulary_.get
    return [list(map(index, analyze(string))) for string in strings]


def print_row(strings, encoder, seconds, of_first):
    print(
        f"{strings:<20}{encoder:<28}{args.samples / seconds:>12,.0f}"
        f"{of_first / seconds:>8.1f}"
    )


print_machine()
print(f"{args.samples:,} strings, medians of {args.repeats} repetitions, one core")
print()
print(f"{'strings of':<20}{'encoder':<28}{'strings/s':>12}{'ratio':>8}")

for label, smallest, sampling in (
    ("11 characters", 10_000, "values"),
    ("3 to 11 characters", 0, "lengths"),
):
    X, _ = make_addition(
        args.samples,
        smallest=smallest,
        largest=99_999,
        sampling=sampling,
        random_state=0,
    )
    padded = SequencePadder().fit_transform(X)
    ordinal = OrdinalEncoder().fit(split_characters(padded))
    ordinal_seconds = median_seconds(
        partial(ordinal_codes, ordinal, padded), args.repeats
    )
    rows = [
        (
            "by hand",
            median_seconds(partial(by_hand, ordinal, X.tolist(), 11), args.repeats),
        ),
        ("OrdinalEncoder", ordinal_seconds),
    ]
    for side in ("left", "right", "term"):
        chain = make_pipeline(SequencePadder(side), SequenceIntegerEncoder()).fit(X)
        rows.append(
            (
                f"padder + encoder, {side}",
                median_seconds(partial(chain.transform, X), args.repeats),
            )
        )
    for encoder, seconds in rows:
        print_row(label, encoder, seconds, ordinal_seconds)

digits = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
rng = np.random.RandomState(0)
X = np.array(
    [" ".join(rng.choice(digits, rng.randint(3, 10))) for _ in range(args.samples)]
)
tokenizer = SequenceTokenizer().fit(X)
vectorizer = CountVectorizer(tokenizer=str.split, token_pattern=None).fit(X)
Z = tokenizer.transform(X)
seconds = {
    "CountVectorizer's analysis": median_seconds(
        partial(indices_of_tokens, vectorizer, X), args.repeats
    ),
    "tokenizer": median_seconds(partial(tokenizer.transform, X), args.repeats),
    "tokenizer, back": median_seconds(
        partial(tokenizer.inverse_transform, Z), args.repeats
    ),
}
first = next(iter(seconds.values()))
for name, of_one in seconds.items():
    print_row("3 to 9 words", name, of_one, first)
