"""How well long sums are learned, from how many examples, in what time.

Every row is trained from several seeds, of the data as well as of the network, and the
worst of them counts. All sums asked for are unseen: 10,000 pairs drawn uniformly, and
for ten digits and more also 1,000 sums full of carries and 60 edge cases (zeros, ones,
powers of ten and their neighbours, nothing but nines).

Beside the first seed the network of Keras' example `addition_rnn` is trained by plain
Keras, as in the example, on the same data for the same time. With `--published` it is
also trained on as many examples as the example names, until 99 % of the characters are
right or it has had eleven times as long, to compare the times that both need.

With `--samples` the rows are other ones: how many epochs are enough, from 500 samples
to 500,000, with all settings as the pipeline recommends them.

    python benchmarks/learning.py --rows 2 3 4 5 10 20 50
    python benchmarks/learning.py --rows 2 3 --published
    python benchmarks/learning.py --decoder relative
    python benchmarks/learning.py --decoder relative --alone --samples 500 2000 10000
"""

import argparse
import datetime
import sys
import time

import numpy as np
from _common import print_machine

from sklearn_seqadd import (
    character_accuracy_score,
    exact_match_score,
    make_addition,
    make_seq2seq_pipeline,
)

# Digits: examples to learn from, and what departs from the choice that
# make_seq2seq_pipeline makes for the decoder "attention".
ROWS = {
    2: (1_000, {"epochs": 60, "learning_rate": 6e-3}),
    3: (5_000, {"epochs": 15}),
    4: (5_000, {"epochs": 15}),
    5: (10_000, {"epochs": 10}),
    10: (50_000, {}),
    20: (50_000, {"epochs": 4}),
    50: (50_000, {"epochs": 3}),
}

# Examples: digits that so many are enough for.
SAMPLES = {500: 2, 2_000: 2, 10_000: 5, 100_000: 10, 500_000: 20}

# Keras' example by digits: examples to learn from.
PUBLISHED = {2: 5_000, 3: 50_000, 4: 400_000, 5: 550_000}


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--rows", type=int, nargs="+", choices=ROWS, default=[2, 3, 4, 5, 10])
    add("--decoder", choices=["attention", "relative"], default="attention")
    add("--samples", type=int, nargs="+", choices=SAMPLES, help="in place of --rows")
    add("--seeds", type=int, default=3)
    add("--alone", action="store_true", help="without addition_rnn")
    add("--published", action="store_true", help="time addition_rnn to 99 %%")
    options = parser.parse_args()
    print_machine()
    print(f"{datetime.date.today()}, {options.seeds} seeds, the worst of each figure\n")
    print("digits  examples    exact    chars  carries    edges  seconds  addition_rnn")
    rows = [(digits, ROWS[digits][0]) for digits in options.rows]
    if options.samples:
        rows = [(SAMPLES[n_samples], n_samples) for n_samples in options.samples]
    for digits, n_samples in rows:
        params = {"decoder": options.decoder}
        if options.decoder == "attention" and not options.samples:
            params.update(ROWS[digits][1])
        runs = [
            run(digits, n_samples, seed, params, with_peer=not (seed or options.alone))
            for seed in range(options.seeds)
        ]
        exact, chars, carries, edges, _, _ = np.min(runs, axis=0)
        peer, seconds = runs[0][4], max(r[5] for r in runs)
        print(
            f"{digits:6}{n_samples:10,}{percent(exact)}{percent(chars)}"
            f"{percent(carries)}{percent(edges)}{seconds:9.1f}{percent(peer, 14)}",
            flush=True,
        )
        if options.published and digits in PUBLISHED:
            print(f"        {published(digits, 11 * seconds)}", flush=True)


def run(digits, n_samples, seed, params, with_peer):
    """Shares right by kind of question, the peer's share, and the seconds trained."""
    largest = 10**digits - 1
    X, y = make_addition(
        n_samples,
        largest=largest,
        sampling="mixed",
        unique=digits == 2,  # of so few pairs many would come twice
        random_state=seed,
    )
    pipe = make_seq2seq_pipeline(random_state=seed, **params)
    start = time.perf_counter()
    pipe.fit(X, y)
    seconds = time.perf_counter() - start

    questions, answers = unseen(X, *draw_uniform(digits, seed))
    predicted = pipe.predict(questions)
    scores = [
        exact_match_score(answers, predicted),
        character_accuracy_score(answers, predicted),
    ]
    for special in (carry_chains(digits, seed), edge_cases(digits)):
        if digits < 10:  # too few of them that would be unseen
            scores.append(np.nan)
            continue
        questions_, answers_ = unseen(X, *special)
        scores.append(exact_match_score(answers_, pipe.predict(questions_)))
    # What runs for an hour should say how it goes.
    reached = "".join(map(percent, scores))
    print(f"{digits} digits, seed {seed}:{reached}{seconds:9.1f} s", file=sys.stderr)
    share = np.nan
    if with_peer:
        peer = AdditionRnn(digits, X, y, seed)
        peer.train(seconds)
        share = exact_match_score(answers, peer.predict(questions))
    return [*scores, share, seconds]


def published(digits, longest):
    """How long addition_rnn takes on its own number of examples, as text."""
    X, y = draw_uniform(digits, 0, PUBLISHED[digits])
    peer = AdditionRnn(digits, X, y, 0)
    questions, answers = unseen(X, *draw_uniform(digits, 1, 2_000))
    chars = 0
    while chars < 0.99 and peer.seconds < longest:
        # Looked at after every epoch, and where epochs are long, meanwhile too.
        peer.train(seconds=longest / 11, epochs=1)
        chars = character_accuracy_score(answers, peer.predict(questions))
    return (
        f"addition_rnn on {len(X):,} examples: {percent(chars)} of characters after "
        f"{peer.seconds:.0f} s"
    )


class AdditionRnn:
    """Keras' example: 128 LSTM units each side, questions padded right and reversed."""

    def __init__(self, digits, X, y, seed):
        import keras

        keras.utils.set_random_seed(seed)
        self.symbols = "0123456789+ "
        self.n_in, self.n_out = 2 * digits + 1, digits + 1
        self.data = self.encode_questions(X), self.encode(y, self.n_out)
        self.model = keras.Sequential(
            [
                keras.Input((self.n_in, len(self.symbols))),
                keras.layers.LSTM(128),
                keras.layers.RepeatVector(self.n_out),
                keras.layers.LSTM(128, return_sequences=True),
                keras.layers.Dense(len(self.symbols), activation="softmax"),
            ]
        )
        self.model.compile(loss="categorical_crossentropy", optimizer="adam")
        self.seconds = 0.0

    def encode(self, strings, length):
        padded = np.char.ljust(strings, length)
        codes = np.array([[self.symbols.index(s) for s in text] for text in padded])
        return np.eye(len(self.symbols), dtype=np.float32)[codes]

    def encode_questions(self, X):
        return self.encode(X, self.n_in)[:, ::-1]

    def train(self, seconds=None, epochs=10_000):
        import keras

        start = time.perf_counter()

        class OutOfTime(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                if seconds is not None and time.perf_counter() - start > seconds:
                    self.model.stop_training = True

        self.model.fit(
            *self.data,
            batch_size=32,
            epochs=epochs,
            verbose=0,
            callbacks=[OutOfTime()],
        )
        self.seconds += time.perf_counter() - start

    def predict(self, questions):
        codes = self.model.predict(
            self.encode_questions(questions), batch_size=1024, verbose=0
        ).argmax(axis=2)
        return np.array(
            ["".join(self.symbols[c] for c in row).strip() for row in codes]
        )


def draw_uniform(digits, seed, n_samples=10_000):
    """Pairs of numbers of up to so many digits, and their sums."""
    return make_addition(n_samples, largest=10**digits - 1, random_state=100_000 + seed)


def carry_chains(digits, seed, n_samples=1_000):
    """Pairs in which every carry runs on: digits sum to nine but for the last."""
    rng = np.random.RandomState(200_000 + seed)
    X, y = [], []
    for _ in range(n_samples):
        a = int("".join(map(str, rng.randint(10, size=digits))))
        b = 10**digits - 1 - a + int(rng.randint(2))
        X.append(f"{a}+{min(b, 10**digits - 1)}")
        y.append(str(a + min(b, 10**digits - 1)))
    return np.array(X), np.array(y)


def edge_cases(digits):
    """What is rare among numbers drawn uniformly."""
    largest = 10**digits - 1
    middle = 10 ** (digits // 2)
    numbers = [0, 1, 9, middle, middle - 1, 10 ** (digits - 1), largest - 1, largest]
    pairs = [(a, b) for a in numbers for b in numbers]
    return tuple(
        np.array(strings)
        for strings in zip(*((f"{a}+{b}", str(a + b)) for a, b in pairs), strict=True)
    )


def unseen(X, questions, answers):
    """Those that are not among X."""
    new = ~np.isin(questions, X)
    return questions[new], answers[new]


def percent(share, width=9):
    """A share as text; nothing for NaN."""
    return f"{'':{width}}" if np.isnan(share) else f"{100 * share:{width - 2}.2f} %"


if __name__ == "__main__":
    main()
