"""Which settings learn a task best: a search that can be repeated.

It asks how fast to learn, as little is known before that (Goodfellow, Bengio and
Courville, Deep Learning, 2016, 11.4), and then the questions of the guide ("What to
try, and in which order") one after the other, what costs little time first. For each
the candidates differ from the best so far in what is asked, and learn for all epochs
from the examples of a task of `expressions.py` but for a tenth, by which they are
judged; what has the same numbers is held out together. Where a task asks for more
symbols than any of its examples has, candidates are judged by such questions, which are
not those of `expressions.py`. What is right once may be so by luck: examples, what is
held out and the network are drawn from several seeds, and the worst counts, so that a
candidate is done with at the first seed where it is not better, the seed that is the
best one's worst coming first. (A race in which all begin with few epochs and the better
third goes on did worse: strong weight decay, which wins in the end, learns slowly.)
With `--like` the search begins with settings that other tasks of `expressions.py` are
learned with, the best of them, and asks of those where heads look alone. (To begin with
what was best elsewhere is how auto-sklearn does it, Feurer et al., NeurIPS 2015.) With
`--encoder` it begins with an encoder, which is else asked for last, as it takes long.
Printed is what is changed by each candidate, its scores and seconds, and at last the
best. With `--cache` a search that was interrupted goes on, if it is of the same tasks
and version of the package.

    python benchmarks/search_settings.py "a-b, 3 digits" --epochs 30
    python benchmarks/search_settings.py "a*b" --epochs 100 --like "a*b, 3 digits"
    python benchmarks/search_settings.py nested --epochs 9 --like "a-b" --encoder
"""

import argparse
import datetime
import functools
import re
import time

import numpy as np
from _common import print_machine
from expressions import SETTINGS, TASKS, percent
from joblib import Memory
from sklearn.model_selection import GroupShuffleSplit, cross_val_score

from sklearn_seqadd import make_seq2seq_pipeline

NO_ENCODER = {"encoder_units": None, "bidirectional": False}
ENCODER = {"encoder_units": [64, 64], "bidirectional": True}
PLAIN = NO_ENCODER | {
    "decoder__heads": 4,
    "decoder__steps_per_symbol": 1,
    "decoder__dense_units": None,
    "decoder__bidirectional": False,
    "cell": "simple_rnn",
    "learning_rate": 0.005,
    "label_smoothing": 0,
}
START = PLAIN | {
    "decoder": "relative",
    "decoder__velocities": [1],
    "decoder_units": 128,
    "weight_decay": 0.1,
    "batch_size": 64,
}
HOW_FAST = {"How fast?": [{"learning_rate": rate} for rate in (0.003, 0.005, 0.01)]}
LOOKS = [
    {"decoder__velocities": velocities, "decoder__steps_per_symbol": n_steps}
    for velocities, n_steps in [
        ([1], 1),
        ([1, -1], 1),
        ([0], 1),
        ([1, 0], 1),
        ([(0, 1), (1, -1)], 2),
        ([(0, 1), (1, -1)], 3),
    ]
]
# Together, as to go to and fro is of no use without a layer for what is met, and to
# read a number with its places is of none where its sign must be known first.
TOGETHER = [
    {},
    {"decoder__dense_units": 128},
    {"decoder__bidirectional": True, "decoder_units": [128, 128]},
]
LOOK_TOGETHER = {
    "Where do heads look, and what must be known together, symbols or both ends?": [
        look | together for together in TOGETHER for look in LOOKS
    ]
}
QUESTIONS = {
    "Is it learned by heart?": [
        {"weight_decay": decay, "label_smoothing": smoothing}
        for decay, smoothing in [(0.1, 0), (0.3, 0), (1, 0), (1, 0.2)]
    ],
    "How many heads?": [{"decoder__heads": n_heads} for n_heads in (3, 4, 8)],
    "How wide?": [
        {"decoder_units": 256},
        {"decoder_units": [128, 128]},
        {"decoder_units": [256, 256]},
        {"decoder__dense_units": 256},
    ],
    "Is something known at the other end only?": [
        {"decoder__bidirectional": both} for both in (True, False)
    ],
    "Does what a symbol means depend on others?": [
        {"cell": cell} for cell in ("gru", "simple_rnn")
    ],
    "On others far away?": [NO_ENCODER, ENCODER, ENCODER | {"cell": "gru"}],
}


def main():
    """Search and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("task", choices=TASKS)
    add("--epochs", type=int, default=50)
    add("--seeds", type=int, default=3, help="of which the worst counts")
    add("--enough", type=float, default=1.0, help="share right at which to end")
    add("--like", nargs="+", choices=TASKS, help="tasks whose settings are tried first")
    add("--encoder", action="store_true", help="begin with one")
    add("--cache", help="folder of scores, to go on with a search that was interrupted")
    options = parser.parse_args()
    print_machine()
    print(f"{datetime.date.today()}, {vars(options)}")
    judge = Memory(options.cache, verbose=0).cache(share_right)
    given = ENCODER if options.encoder else {}
    if options.like:
        first = {
            f"As for {task}": [PLAIN | SETTINGS[task] | given] for task in options.like
        }
        looks = {"Where do heads look?": LOOKS}
    else:
        first, looks = {"To begin with": [START | given]}, LOOK_TOGETHER
    best, highest, tried, seeds = {}, -1, [], range(options.seeds)
    for question, changes in (first | HOW_FAST | looks | QUESTIONS).items():
        if highest >= options.enough:
            break
        print(question)
        candidates = [best | change | {"epochs": options.epochs} for change in changes]
        for change, params in zip(changes, candidates, strict=True):
            if params in tried:
                continue
            tried.append(params)
            scores, seconds = {}, 0
            for seed in seeds:
                scores[seed], trained = judge(options.task, seed, params)
                seconds += trained
                if scores[seed] <= highest:
                    break
            shares = " ".join(percent(scores[seed]) for seed in sorted(scores))
            print(f"  {shares}{seconds:6.0f} s  {change}", flush=True)
            if min(scores.values()) > highest:
                best, highest = params, min(scores.values())
                seeds = sorted(scores, key=scores.get)
    print(f"The best\n  {percent(highest)}  {best}")


def share_right(task, seed, params):
    """Share of what is held out that is right, and the seconds it took."""
    X, y, cv = examples(task, seed)
    pipe = make_seq2seq_pipeline(random_state=seed, **params)
    start = time.perf_counter()
    (share,) = cross_val_score(pipe, X, y, cv=cv)
    return share, time.perf_counter() - start


@functools.cache
def examples(task, seed):
    """Questions, answers, and which of them are learned and which judge."""
    X, y, asked, _ = TASKS[task](seed)
    if np.char.str_len(asked).max() > np.char.str_len(X).max():
        _, _, *others = TASKS[task](1_000 + seed)
        X, y = (np.concatenate(parts) for parts in zip((X, y), others, strict=True))
        n_asked = len(others[0])
        return X, y, [(np.arange(len(X) - n_asked), np.arange(len(X))[-n_asked:])]
    numbers = [sorted(re.findall(r"\d+", question)) for question in X]
    _, groups = np.unique(list(map(" ".join, numbers)), return_inverse=True)
    cv = GroupShuffleSplit(1, test_size=0.1, random_state=seed)
    return X, y, list(cv.split(X, y, groups))


if __name__ == "__main__":
    main()
