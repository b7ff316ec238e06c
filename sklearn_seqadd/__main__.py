"""Learn to add: the main job, as a reader would write it.

Generates sums as strings, cross-validates the pipeline on most of them, trains it and
shows what it answers to questions that it has never seen.
"""

import argparse
import time

import numpy as np
from sklearn.model_selection import cross_val_score, train_test_split

from sklearn_seqadd import (
    character_accuracy_score,
    exact_match_score,
    make_addition,
    make_seq2seq_pipeline,
    numeric_rmse,
)

N_ROWS = 20


def main(args=None):
    """Run the main job.

    Parameters
    ----------
    args : list of str, default=None
        The command line; None for the process's own.
    """
    options = parse_options(args)
    start = time.perf_counter()
    X, y = make_addition(
        options.samples,
        n_terms=options.terms,
        largest=10**options.digits - 1,
        sampling="values" if options.digits < 4 else "mixed",
        random_state=options.seed,
    )
    # A sum that is drawn twice must not be learned and then asked for.
    X, first = np.unique(X, return_index=True)
    X, X_unseen, y, y_unseen = train_test_split(
        X, y[first], test_size=0.2, random_state=options.seed
    )
    print(f"{len(X)} sums to learn from, {len(X_unseen)} others to be asked, such as")
    print(f"    {X[0]} = {y[0]}\n")

    pipeline = make_seq2seq_pipeline(
        side="term",
        reverse=True,
        learning_rate=0.003,
        epochs=options.epochs,
        random_state=options.seed,
    )

    if options.folds:
        print(f"Cross-validation, {options.folds} folds ...", flush=True)
        scores = cross_val_score(pipeline, X, y, cv=options.folds)
        print(f"    exact match {percent(scores.mean())} +- {percent(scores.std())}\n")

    print("Training on all of them ...", flush=True)
    pipeline.set_params(seq2seqclassifier__verbose=1).fit(X, y)
    predicted = pipeline.predict(X_unseen)

    print("\nSums that it has never seen:\n")
    print_rows(X_unseen[:N_ROWS], y_unseen[:N_ROWS], predicted[:N_ROWS])
    print(
        f"\nOn all {len(X_unseen)} of them:\n"
        f"    exact match         {percent(exact_match_score(y_unseen, predicted))}\n"
        f"    character accuracy  "
        f"{percent(character_accuracy_score(y_unseen, predicted))}\n"
        f"    RMSE                {numeric_rmse(y_unseen, predicted):.2f}\n"
        f"Done in {time.perf_counter() - start:.0f} seconds."
    )


def parse_options(args):
    """The command line as a namespace."""
    parser = argparse.ArgumentParser(
        prog="python -m sklearn_seqadd",
        description="Learn to add numbers that are written as strings.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--digits", type=positive, default=2, help="digits of the largest number")
    add("--terms", type=positive, default=2, help="numbers in each sum")
    add("--samples", type=positive, default=6000, help="sums to generate")
    add("--epochs", type=positive, default=30, help="passes over the sums")
    add("--folds", type=folds, default=5, help="of the cross-validation; 0: none")
    add("--seed", type=int, default=0, help="the same seed, the same result")
    return parser.parse_args(args)


def positive(text):
    """A whole number above zero, for argparse."""
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return int(text)


def folds(text):
    """A number of folds, for argparse."""
    if int(text) < 0 or int(text) == 1:
        raise argparse.ArgumentTypeError(f"must be 0 or at least 2, got {text}")
    return int(text)


def print_rows(questions, expected, predicted):
    """A table of questions and answers; the wrong ones are marked."""
    columns = ("question", questions), ("expected", expected), ("predicted", predicted)
    widths = [max(len(title), *map(len, cells)) for title, cells in columns]
    rows = zip(*(cells for _, cells in columns), strict=True)
    print("  ".join(f"{t:>{w}}" for (t, _), w in zip(columns, widths, strict=True)))
    for row in rows:
        line = "  ".join(f"{cell:>{w}}" for cell, w in zip(row, widths, strict=True))
        print(line if row[1] == row[2] else f"{line}  <- wrong")


def percent(share):
    """A share as text."""
    return f"{100 * share:.1f} %"


if __name__ == "__main__":
    main()
