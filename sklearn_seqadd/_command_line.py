"""The command line: generate sums, learn them, show and score answers, save and load.

Without arguments it generates sums as strings, cross-validates the pipeline on most of
them, trains it, and shows its answers to the others. Given a file of pairs, it learns
these instead. It can save the trained pipeline, and answer questions with it then or
later.
"""

import argparse
import contextlib
import errno
import os
import re
import sys
import time
import warnings

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import (
    GroupShuffleSplit,
    cross_val_score,
    train_test_split,
)
from sklearn.utils.validation import check_is_fitted

from . import (
    character_accuracy_score,
    exact_match_score,
    make_addition,
    make_seq2seq_pipeline,
    numeric_rmse,
    symbol_error_rate,
)
from ._interrupts import Holder, deferred_interrupts
from ._user_files import (
    STANDARD_INPUT,
    FileError,
    check_readable,
    check_writable,
    load_pipeline,
    name_of,
    read_blocks,
    read_pairs,
    save_pipeline,
)
from .networks import DECODERS

N_ROWS = 20
FAILED, INTERRUPTED = 1, 130

_TARGET_SEP = "seq2seqclassifier__target_transformer__sequencetokenizer__sep"

# Characters that would move an answer out of its line or column.
_ESCAPES = str.maketrans({"\t": r"\t", "\n": r"\n", "\r": r"\r"})


def run(args=None):
    """Run the command line; return the exit status.

    Parameters
    ----------
    args : list of str, default=None
        The arguments; None for those of the process.
    """
    options = parse_options(args)
    # With --save, the pipeline is trained and saved even if the output is closed.
    output = OutputStream(sys.stdout, "standard output", lasting=bool(options.save))
    errors = OutputStream(sys.stderr, "standard error", lasting=True)
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
        warnings_in_words(),
    ):
        try:
            status = choose_job(options)(options)
        except (FileError, ValueError) as error:
            sys.exit(f"sklearn_seqadd: {error}")
        finally:
            output.flush()
    return status or (FAILED if output.has_failed else 0)


def choose_job(options):
    """Return the function for the job that the options ask for."""
    if options.load is not None:
        return use_saved
    return learn_sums if options.pairs is None else learn_pairs


# --------------------------------------------------------------------------- jobs


def learn_sums(options):
    """Learn to add."""
    start = time.perf_counter()
    check_files(options)
    X, y = make_addition(
        options.samples,
        n_terms=options.terms,
        largest=10**options.digits - 1,
        sampling="values" if options.digits < 4 else "mixed",
        random_state=options.seed,
    )
    # A sum that was drawn twice must not be in both parts.
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
    pipeline.set_params(seq2seqclassifier__verbose=1)
    status = train_and_save(pipeline, X, y, options.save)
    predicted = pipeline.predict(X_unseen)

    print("\nSums that it has never seen:\n")
    print_rows(X_unseen[:N_ROWS], y_unseen[:N_ROWS], predicted[:N_ROWS])
    answers = y_unseen, predicted
    print(f"\nOn all {len(X_unseen)} of them:")
    print(f"    exact match         {percent(exact_match_score(*answers))}")
    print(f"    character accuracy  {percent(character_accuracy_score(*answers))}")
    print(f"    RMSE                {numeric_rmse(*answers):.2f}")
    print(f"Done in {time.perf_counter() - start:.0f} seconds.")
    answer_after_training(pipeline, options)
    return status


def learn_pairs(options):
    """Learn from the pairs in a file."""
    start = time.perf_counter()
    check_files(options)
    X, y, line_numbers = read_pairs(options.pairs)
    if len(set(X)) < 2:
        raise FileError(
            f"{name_of(options.pairs)}: expected at least two different questions."
        )
    # A question that occurs twice must not be in both parts.
    train, test = hold_out(X, options.seed)
    print(f"{len(train)} pairs to learn from, {len(test)} others to be asked, such as")
    print(f"    {X[0]} -> {y[0]}\n")

    pipeline = make_pipeline_for(options)
    with samples_as_lines(options.pairs, line_numbers[train]):
        status = train_and_save(pipeline, X[train], y[train], options.save)

    print(f"\nOn the {len(test)} that it has never seen:")
    with samples_as_lines(options.pairs, line_numbers[test]):
        print_scores(pipeline, X[test], y[test])
    print(f"Done in {time.perf_counter() - start:.0f} seconds.")
    answer_after_training(pipeline, options)
    return status


def use_saved(options):
    """Score a saved pipeline on the pairs of a file, and answer questions with it."""
    pipeline = load_pipeline(options.load)
    if options.pairs is not None:
        X, y, line_numbers = read_pairs(options.pairs)
        if not len(X):
            raise FileError(f"{name_of(options.pairs)}: expected at least one pair.")
        # Only answers are written to the standard output, so that they can be piped.
        stream = sys.stdout if options.ask is None else sys.stderr
        with (
            contextlib.redirect_stdout(stream),
            samples_as_lines(options.pairs, line_numbers),
        ):
            print(f"On the {len(X)} pairs in {name_of(options.pairs)}:")
            print_scores(pipeline, X, y)
    if options.ask is not None:
        answer(pipeline, options.ask, options.n_best)


def check_files(options):
    """Raise an error for files that cannot be used, before the training."""
    if options.save is not None:
        check_writable(options.save)
    if options.ask is not None:
        check_readable(options.ask)


def make_pipeline_for(options):
    """Return the pipeline that learns pairs."""
    target_sep = options.sep if options.target_sep is None else options.target_sep
    seps = {"sequencetokenizer__sep": options.sep, _TARGET_SEP: target_sep}
    return make_seq2seq_pipeline(
        decoder=options.decoder or "autoregressive",
        analyzer=tuple(None if sep is None else "word" for sep in seps.values()),
        epochs=options.epochs,
        random_state=options.seed,
        verbose=1,
    ).set_params(**{name: sep for name, sep in seps.items() if sep is not None})


def hold_out(questions, seed):
    """Split the pairs so that a tenth of the questions is held out."""
    splitter = GroupShuffleSplit(1, test_size=0.1, random_state=seed)
    return next(splitter.split(questions, groups=questions))


# ----------------------------------------------------------------------- training


def train_and_save(pipeline, X, y, path):
    """Train a pipeline, and save it before anything else can fail.

    Ctrl-C ends the training. The result of the epochs before is used as if the training
    had ended there, but the exit status is that of an interrupt.

    Returns
    -------
    status : int
        The exit status.
    """
    status = 0
    try:
        with deferred_interrupts(TrainingInterrupt):
            pipeline.fit(X, y)
    except KeyboardInterrupt:
        status = INTERRUPTED
        n_epochs = count_epochs(pipeline)
        if not n_epochs:
            raise KeyboardInterrupt(
                "interrupted before the end of the first epoch: nothing was learned."
            ) from None
        print_message(f"interrupted: the result of {n_epochs} epochs is kept.")
    if path is not None:
        save_pipeline(pipeline, path)
        print(f"\nSaved in {path}.")
    return status


class TrainingInterrupt(Holder):
    """Handler that ends the training at the first Ctrl-C, the process at the second.

    Parameters
    ----------
    handler : callable
        The handler of the first Ctrl-C.
    """

    def __init__(self, handler):
        super().__init__(handler)
        self._is_first = True

    def __call__(self, *interrupt):
        if not self._is_first:
            os._exit(INTERRUPTED)  # an exception might be lost in TensorFlow
        self._is_first = False
        with contextlib.suppress(OSError):  # not print, which may be interrupted itself
            os.write(2, b"\nEnding the training; Ctrl-C once more ends at once.\n")
        super().__call__(*interrupt)


def count_epochs(pipeline):
    """Return the number of epochs that a pipeline was trained for."""
    try:
        check_is_fitted(pipeline)
    except NotFittedError:
        return 0
    return len(pipeline[-1].history_["loss"])


# ---------------------------------------------------------------------- answering


def answer_after_training(pipeline, options):
    """Answer the questions, if there are any."""
    if options.ask is not None:
        print(f"\nAsked in {name_of(options.ask)}:\n", flush=True)
        answer(pipeline, options.ask, options.n_best)


def answer(pipeline, path, n_best):
    """Print a line for each line of questions: the question and its answer."""
    if path == STANDARD_INPUT and sys.stdin is not None and sys.stdin.isatty():
        print_message("questions, one a line:")
    for first, lines in read_blocks(path):
        asked = {n: question for n, question in enumerate(lines, first) if question}
        rows = {}
        if asked:
            with samples_as_lines(path, list(asked)):
                answers = predict(pipeline, list(asked.values()), n_best)
            rows = dict(zip(asked, answers, strict=True))
        for n, question in enumerate(lines, first):
            row = [question, *map(str, rows.get(n, []))]
            print("\t".join(text.translate(_ESCAPES) for text in row))
        sys.stdout.flush()
        if isinstance(sys.stdout, OutputStream) and sys.stdout.has_failed:
            break


def predict(pipeline, questions, n_best=None):
    """Return a list of the answers to each question, the best first."""
    if n_best is None:
        return [[best] for best in pipeline.predict(questions).tolist()]
    if not hasattr(pipeline[-1], "predict_n_best"):
        raise ValueError(
            f"--n-best needs a pipeline that ends in a Seq2SeqClassifier. It ends in a "
            f"{type(pipeline[-1]).__name__}."
        )
    inputs = pipeline[:-1].transform(questions)
    answers = pipeline[-1].predict_n_best(inputs, n_best).tolist()
    if len(answers[0]) < n_best and len(questions) > 1:
        # A question with fewer answers limits the answers to the others of its block.
        return [predict(pipeline, [question], n_best)[0] for question in questions]
    return answers


# ----------------------------------------------------------------------- printing


class OutputStream:
    """A stream that raises no exception when writing fails.

    Characters that are not in its encoding are printed as escapes.

    Parameters
    ----------
    stream : file-like or None
        The stream; None if the process has none.

    name : str
        The name of the stream in messages.

    lasting : bool
        If True, the process goes on after a failure, for example when the other end of
        a pipe was closed; otherwise it ends.

    Attributes
    ----------
    has_failed : bool
        True if writing has failed. Output from then on is lost.
    """

    def __init__(self, stream, name, *, lasting):
        self._stream = stream
        self._name = name
        self._lasting = lasting
        self.has_failed = False
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, text):
        if self._stream is not None:
            with self._failing():
                self._stream.write(text)
        return len(text)

    def flush(self):
        if self._stream is not None:
            with self._failing():
                self._stream.flush()

    @contextlib.contextmanager
    def _failing(self):
        try:
            yield
        except OSError as error:
            self.has_failed = True
            # Python would try to write its buffer once more at exit.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
            if error.errno != errno.EPIPE:
                print_message(f"{self._name} cannot be written: {error.strerror}.")
            if not self._lasting:
                sys.exit(FAILED)


def print_message(message):
    """Print a message to the standard error."""
    print(f"sklearn_seqadd: {message}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def warnings_in_words(in_words=str):
    """Print warnings as sentences, without the line of code that they come from."""

    def show(message, *details):
        print_message(in_words(message))

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


@contextlib.contextmanager
def samples_as_lines(path, line_numbers):
    """Let errors and warnings name lines of a file in place of samples.

    Parameters
    ----------
    path : str
        The file that the samples were read from.

    line_numbers : sequence of int
        The line of each sample in the file.
    """

    def line_of(match):
        i = int(match[1])
        return f"line {line_numbers[i]}" if i < len(line_numbers) else match[0]

    def in_words(message):
        message = re.sub(r"\b[Ss]ample (\d+)", line_of, str(message))
        return f"{name_of(path)}: {message}"

    with warnings_in_words(in_words):
        try:
            yield
        except ValueError as error:
            raise FileError(in_words(error)) from error


def print_scores(pipeline, X, y):
    """Print the scores of a pipeline, and some of its wrong answers."""
    predicted = pipeline.predict(X)
    sep = pipeline.get_params().get(_TARGET_SEP)
    print(f"    exact match        {percent(exact_match_score(y, predicted))}")
    print(f"    symbol error rate  {percent(symbol_error_rate(y, predicted, sep=sep))}")
    wrong = np.flatnonzero(predicted != y)[:N_ROWS]
    if len(wrong):
        print("\nWrong, for example:\n")
        print_rows(X[wrong], y[wrong], predicted[wrong])


def print_rows(questions, expected, predicted):
    """Print a table of questions and answers, and mark the wrong ones."""
    titles = "question", "expected", "predicted"
    rows = [titles, *zip(questions, expected, predicted, strict=True)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(map(str.rjust, row, widths))
        print(line if row is titles or row[1] == row[2] else f"{line}  <- wrong")


def percent(share):
    """Return a share as text."""
    return f"{100 * share:.1f} %"


# ------------------------------------------------------------------------ options


def parse_options(args):
    """Parse the arguments, and check which of them go together."""
    parser = make_parser()
    options = parser.parse_args(args)
    if options.load is not None:
        if options.save is not None:
            parser.error("--load trains nothing that --save could save")
        if options.pairs is None and options.ask is None:
            options.ask = STANDARD_INPUT
    elif options.pairs is None and (options.sep or options.target_sep):
        parser.error("--sep and --target-sep are for pairs of your own: PAIRS.tsv")
    if options.n_best is not None and options.ask is None:
        parser.error("--n-best is for questions: --ask FILE")
    return options


def make_parser():
    """Make the parser of the arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m sklearn_seqadd",
        usage="%(prog)s [options]\n"
        "       %(prog)s PAIRS.tsv [--save FILE] [--ask FILE] [options]\n"
        "       %(prog)s --load FILE [PAIRS.tsv] [--ask FILE] [--n-best N]",
        description="Learn to add numbers that are written as strings, learn from your "
        "own pairs of strings, or answer questions with what was learned.",
        epilog="Files are UTF-8. Ctrl-C ends the training; what was learned until then "
        "is scored and saved.",
    )
    add_training_options(parser.add_argument_group("training").add_argument)
    add_options_of_sums(parser.add_argument_group("sums").add_argument)
    add_options_of_pairs(parser.add_argument_group("your own pairs").add_argument)
    add_options_of_questions(parser.add_argument_group("questions").add_argument)
    return parser


def add_training_options(add):
    """Add the options of training to a group."""
    add(
        "--decoder",
        choices=list(DECODERS),
        metavar="NAME",
        help=f"one of {', '.join(DECODERS)}; relative for sums, else autoregressive",
    )
    add(
        "--epochs",
        type=epochs,
        metavar="N",
        default="auto",
        help="passes over the samples; the default depends on their number",
    )
    add(
        "--seed",
        type=int,
        metavar="N",
        default=0,
        help="the same seed, the same result (default: %(default)s)",
    )
    add("--save", metavar="FILE", help="where to save the pipeline, by skops")


def add_options_of_sums(add):
    """Add the options of generated sums to a group."""
    for name, kind, default, text in (
        ("--digits", positive, 2, "digits of the largest number"),
        ("--terms", positive, 2, "numbers in each sum"),
        ("--samples", positive, 6000, "sums to generate"),
        ("--folds", folds, 5, "of the cross-validation; 0: none"),
    ):
        text += " (default: %(default)s)"
        add(name, type=kind, metavar="N", default=default, help=text)


def add_options_of_pairs(add):
    """Add the options of pairs in a file to a group."""
    add(
        "pairs",
        nargs="?",
        metavar="PAIRS.tsv",
        help="a question, a tab and its answer in each line; a tenth of the questions "
        "is held out for the scores",
    )
    add(
        "--sep",
        type=separator,
        help="the separator of two tokens; without it symbols are characters",
    )
    add("--target-sep", type=separator, help="the separator in answers, if it differs")


def add_options_of_questions(add):
    """Add the options of questions and of a saved pipeline to a group."""
    add(
        "--load",
        metavar="FILE",
        help="a saved pipeline, to answer questions and to be scored on PAIRS.tsv; "
        "nothing is trained",
    )
    add(
        "--ask",
        metavar="FILE",
        help="questions, one a line; - is standard input, and the default with --load. "
        "Each line is answered by one: the question, a tab and the answer",
    )
    add(
        "--n-best",
        type=positive,
        metavar="N",
        help="the N best answers, the best first, with tabs in between",
    )


def positive(text):
    """Convert a whole number above zero, for argparse."""
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return int(text)


def epochs(text):
    """Convert a number of epochs, for argparse."""
    return text if text == "auto" else positive(text)


def separator(text):
    """Convert a separator of tokens, for argparse."""
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def folds(text):
    """Convert a number of folds, for argparse."""
    if int(text) < 0 or int(text) == 1:
        raise argparse.ArgumentTypeError(f"must be 0 or at least 2, got {text}")
    return int(text)
