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
        decoder="relative", epochs=options.epochs, random_state=options.seed
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
    answers = y_unseen, predicted
    print(f"\nOn all {len(X_unseen)} of them:")
    print(f"    exact match         {percent(exact_match_score(*answers))}")
    print(f"    character accuracy  {percent(character_accuracy_score(*answers))}")
    print(f"    RMSE                {numeric_rmse(*answers):.2f}")
    print(f"Done in {time.perf_counter() - start:.0f} seconds.")


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
    add("--epochs", type=epochs, default="auto", help="passes over the sums")
    add("--folds", type=folds, default=5, help="of the cross-validation; 0: none")
    add("--seed", type=int, default=0, help="the same seed, the same result")
    return parser.parse_args(args)


def positive(text):
    """A whole number above zero, for argparse."""
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return int(text)


def epochs(text):
    """A number of epochs, for argparse."""
    return text if text == "auto" else positive(text)


def folds(text):
    """A number of folds, for argparse."""
    if int(text) < 0 or int(text) == 1:
        raise argparse.ArgumentTypeError(f"must be 0 or at least 2, got {text}")
    return int(text)


def print_rows(questions, expected, predicted):
    """A table of questions and answers; the wrong ones are marked."""
    titles = "question", "expected", "predicted"
    rows = [titles, *zip(questions, expected, predicted, strict=True)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(map(str.rjust, row, widths))
        print(line if row is titles or row[1] == row[2] else f"{line}  <- wrong")


def percent(share):
    """A share as text."""
    return f"{100 * share:.1f} %"


if __name__ == "__main__":
    main()
