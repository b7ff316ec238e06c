"""Learn to add, or whatever a file has: the main job, as a reader would write it.

Generates sums as strings, cross-validates the pipeline on most of them, trains it and
shows what it answers to questions that it has never seen. With a file of pairs it
learns from these instead.
"""

import argparse
import gc
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.model_selection import (
    GroupShuffleSplit,
    cross_val_score,
    train_test_split,
)

from sklearn_seqadd import (
    character_accuracy_score,
    exact_match_score,
    make_addition,
    make_seq2seq_pipeline,
    numeric_rmse,
    symbol_error_rate,
)
from sklearn_seqadd._files import written_whole

N_ROWS = 20
DECODERS = ["relative", "autoregressive", "attention", "repeat", "sequence"]


def main(args=None):
    """Run the main job.

    Parameters
    ----------
    args : list of str, default=None
        The command line; None for the process's own.
    """
    options = parse_options(args)
    learn = learn_sums if options.pairs is None else learn_pairs
    try:
        learn(options)
    except FileError as error:
        sys.exit(f"sklearn_seqadd: {error}")


class FileError(Exception):
    """Of a file that cannot be read, written or understood, in words for its user."""


def learn_sums(options):
    """Learn to add."""
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
        decoder=options.decoder or "relative",
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
    answers = y_unseen, predicted
    print(f"\nOn all {len(X_unseen)} of them:")
    print(f"    exact match         {percent(exact_match_score(*answers))}")
    print(f"    character accuracy  {percent(character_accuracy_score(*answers))}")
    print(f"    RMSE                {numeric_rmse(*answers):.2f}")
    print(f"Done in {time.perf_counter() - start:.0f} seconds.")


def learn_pairs(options):
    """Learn from the pairs in a file, and ask, save and use the result."""
    start = time.perf_counter()
    dump = find_dump(options.save) if options.save else None
    asked = read_lines(options.ask) if options.ask else []
    X, y = read_pairs(options.pairs)
    # A question that occurs twice must not be learned and then asked for.
    train, test = hold_out(X, options.seed)
    print(f"{len(train)} pairs to learn from, {len(test)} others to be asked, such as")
    print(f"    {X[0]} -> {y[0]}\n")

    target_sep = options.sep if options.target_sep is None else options.target_sep
    seps = {
        "sequencetokenizer__sep": options.sep,
        "seq2seqclassifier__target_transformer__sequencetokenizer__sep": target_sep,
    }
    pipeline = make_seq2seq_pipeline(
        decoder=options.decoder or "autoregressive",
        analyzer=tuple(None if sep is None else "word" for sep in seps.values()),
        epochs=options.epochs,
        random_state=options.seed,
        verbose=1,
    ).set_params(**{name: sep for name, sep in seps.items() if sep is not None})
    pipeline.fit(X[train], y[train])

    predicted = pipeline.predict(X[test])
    answers = y[test], predicted
    print(f"\nOn the {len(test)} that it has never seen:")
    print(f"    exact match        {percent(exact_match_score(*answers))}")
    print(
        f"    symbol error rate  {percent(symbol_error_rate(*answers, sep=target_sep))}"
    )
    wrong = np.flatnonzero(predicted != y[test])[:N_ROWS]
    if len(wrong):
        print("\nWrong, for example:\n")
        print_rows(X[test][wrong], y[test][wrong], predicted[wrong])
    if dump is not None:
        save(dump, pipeline, options.save)
        print(f"\nSaved in {options.save}.")
    print(f"Done in {time.perf_counter() - start:.0f} seconds.")
    if asked:
        print(f"\nAsked in {options.ask}:\n")
        for question, answer in zip(asked, pipeline.predict(asked), strict=True):
            print(f"{question}\t{answer}")


def read_lines(path):
    """The lines of a text file."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        # Not splitlines, which cuts at more than an editor does.
        return text.removesuffix("\n").split("\n") if text else []
    except UnicodeDecodeError as error:
        n = error.object[: error.start].count(b"\n") + 1
        raise FileError(f"{path}, line {n}: is not UTF-8.") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from None


def read_pairs(path):
    """Questions and answers, two columns with a tab in between."""
    pairs = []
    for n, line in enumerate(read_lines(path), start=1):
        if not line:
            continue
        columns = line.split("\t")
        if len(columns) != 2:
            raise FileError(
                f"{path}, line {n}: expected two columns with a tab in between, got "
                f"{len(columns)}: {line[:60]!r}."
            )
        if "\0" in line:
            raise FileError(f"{path}, line {n}: has a NUL character.")
        pairs.append(columns)
    if len({question for question, _ in pairs}) < 2:
        raise FileError(f"{path}: expected two different questions at least.")
    X, y = zip(*pairs, strict=True)
    return np.array(X), np.array(y)


def hold_out(questions, seed):
    """Which to learn from, and which to ask: a tenth of the questions."""
    splitter = GroupShuffleSplit(1, test_size=0.1, random_state=seed)
    return next(splitter.split(questions, groups=questions))


def find_dump(path):
    """The function that saves; an error before an hour was spent in vain."""
    try:
        from skops.io import dump
    except ImportError:
        raise FileError("--save needs skops: pip install skops.") from None
    if not Path(path).parent.is_dir():
        raise FileError(f"{path} cannot be written: there is no such folder.")
    return dump


def save(dump, pipeline, path):
    """Save a pipeline; what was in the file stays there until all is written."""
    try:
        with written_whole(path) as unfinished:
            dump(pipeline, unfinished)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}.") from None


def parse_options(args):
    """The command line as a namespace."""
    parser = argparse.ArgumentParser(
        prog="python -m sklearn_seqadd",
        description="Learn to add numbers that are written as strings, or learn from "
        "your own pairs of strings.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--decoder", choices=DECODERS, help="relative for sums, else autoregressive")
    add("--epochs", type=epochs, default="auto", help="passes over the samples")
    add("--seed", type=int, default=0, help="the same seed, the same result")
    add = parser.add_argument_group("sums").add_argument
    add("--digits", type=positive, default=2, help="digits of the largest number")
    add("--terms", type=positive, default=2, help="numbers in each sum")
    add("--samples", type=positive, default=6000, help="sums to generate")
    add("--folds", type=folds, default=5, help="of the cross-validation; 0: none")
    add = parser.add_argument_group("your own pairs").add_argument
    add("pairs", nargs="?", metavar="PAIRS.tsv", help="a question, a tab, its answer")
    add(
        "--sep",
        type=separator,
        help="what stands between two tokens; none: symbols are characters",
    )
    add(
        "--target-sep",
        type=separator,
        help="the same, of the answers, if it is another",
    )
    add("--save", metavar="FILE", help="where to save the pipeline, by skops")
    add("--ask", metavar="FILE", help="questions to answer, one a line")
    return parser.parse_args(args)


def positive(text):
    """A whole number above zero, for argparse."""
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return int(text)


def epochs(text):
    """A number of epochs, for argparse."""
    return text if text == "auto" else positive(text)


def separator(text):
    """What stands between tokens, for argparse."""
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return text


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
    # Nothing is to be finalized. At exit Python would look for garbage among all that
    # TensorFlow has made, for most of a second.
    gc.freeze()
