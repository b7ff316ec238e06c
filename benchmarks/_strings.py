"""Tasks of strings that others have published: train, ask, and print a table."""

import argparse
import collections
import datetime
import time

import numpy as np
from _common import print_machine

from sklearn_seqadd import exact_match_score, make_seq2seq_pipeline


def parse(description, **choices):
    """Return the options of a benchmark.

    Parameters
    ----------
    description : str
        The docstring of the benchmark.

    **choices : list of str
        Options that take some of these values, and all of them by default.
    """
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    add = parser.add_argument
    add("folder", help="where the data are")
    for name, values in choices.items():
        add(f"--{name}", nargs="+", choices=values, default=values)
    add("--seeds", nargs="+", type=int, default=[0, 1, 2])
    add("--split", choices=["dev", "test"], default="dev", help="what is asked")
    return parser.parse_args()


def read(path, *columns):
    """Return columns of a file with tabs between them, a list of strings each."""
    lines = path.read_text(encoding="utf-8").split("\n")
    rows = [line.split("\t") for line in lines if line.strip()]
    return [[row[column] for row in rows] for column in columns]


def read_forms(path):
    """Return lists of tags and letters, and forms, of a file of words, forms, tags."""
    words, forms, tags = read(path, 0, 1, 2)
    return [
        [f"<{tag}>" for tag in of_word.split(";")] + list(word)
        for word, of_word in zip(words, tags, strict=True)
    ], forms


def most_frequent(X, y):
    """Return the most frequent answer to each input, a dict."""
    answers = collections.defaultdict(collections.Counter)
    for question, answer in zip(X, y, strict=True):
        answers[question][answer] += 1
    return {
        question: counts.most_common(1)[0][0] for question, counts in answers.items()
    }


class Table:
    """A table of shares of answers, printed a line at a time.

    Parameters
    ----------
    seeds : list of int
        The seeds of the networks.

    what : str
        A description of the shares.

    published : list of str
        The headings of published figures.
    """

    def __init__(self, seeds, what, *published):
        self.seeds = seeds
        self._means = []
        print_machine()
        print(f"{datetime.date.today()}: {what}")
        headings = [f"seed {seed}" for seed in seeds] + ["mean", "minutes", *published]
        print(" " * 24 + "".join(f"{heading:>10}" for heading in headings), flush=True)

    def add(
        self, name, learned, asked, *published, wrong=False, look_up=False, **params
    ):
        """Train a network for each seed, and print the shares of its answers.

        Parameters
        ----------
        name : str
            The name of the line.

        learned, asked : pair of array-like
            Inputs and answers.

        *published : float
            Published figures.

        wrong : bool, default=False
            Whether shares are those of wrong answers, not of correct ones.

        look_up : bool, default=False
            Whether an input that was learned has its most frequent answer, and the
            network answers only the others.

        **params : dict
            Parameters of :func:`make_seq2seq_pipeline`.
        """
        known = most_frequent(*learned) if look_up else {}
        start, shares = time.perf_counter(), []
        for seed in self.seeds:
            pipe = make_seq2seq_pipeline(
                decoder="autoregressive", random_state=seed, **params
            )
            predicted = pipe.fit(*learned).predict(asked[0])
            if known:
                pairs = zip(asked[0], predicted.tolist(), strict=True)
                predicted = [known.get(word, answer) for word, answer in pairs]
            share = 100 * exact_match_score(asked[1], predicted)
            shares.append(100 - share if wrong else share)
        minutes = (time.perf_counter() - start) / 60 / len(self.seeds)
        self._means.append([np.mean(shares), minutes, *published])
        self._print(name, shares + self._means[-1])

    def end(self):
        """Print the mean of all lines."""
        if len(self._means) > 1:
            blank = [np.nan] * len(self.seeds)
            self._print("mean", [*blank, *np.mean(self._means, axis=0)])

    def _print(self, name, figures):
        cells = ("" if np.isnan(figure) else f"{figure:.2f}" for figure in figures)
        print(f"{name:24}" + "".join(f"{cell:>10}" for cell in cells), flush=True)
