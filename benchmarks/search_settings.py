"""Which settings learn a task best: a search that can be repeated.

It asks the questions of the guide ("What to try, and in which order") one after the
other. For each the candidates differ from the best so far in what is asked, and
learn for all epochs from the examples of a task of `expressions.py` but for a tenth, by
which they are judged; what has the same numbers is held out together. Of few examples
a tenth tells little, and `--splits` is how many of them are tried. Where a task asks
for more symbols than any of its examples has, candidates are judged by such questions,
which are not those of `expressions.py`. (A race in which all begin with few epochs and
the better third goes on did worse: strong weight decay, which wins in the end, learns
slowly.) Printed is each candidate with its score and seconds, and at last the best.

    python benchmarks/search_settings.py "a-b" --epochs 80 --splits 4
"""

import argparse
import datetime
import re
import time

import numpy as np
from _common import print_machine
from expressions import TASKS, percent
from sklearn.model_selection import GroupShuffleSplit, cross_val_score

from sklearn_seqadd import make_seq2seq_pipeline

START = {
    "decoder": "relative",
    "attention_velocities": [1],
    "attention_heads": 4,
    "decoder_units": 128,
    "learning_rate": 0.005,
    "weight_decay": 0.1,
    "batch_size": 64,
}
LOOKS = [
    {"attention_velocities": [1]},
    {"attention_velocities": [1, -1]},
    {"attention_velocities": [0]},
    {"attention_velocities": [1, 0]},
    *(
        {"attention_velocities": [(0, 1), (1, -1)], "steps_per_symbol": n_steps}
        for n_steps in (2, 3)
    ),
]
QUESTIONS = {
    # Together, as to go to and fro is of no use without a layer for what is met.
    "Where do heads look, and must something be known of several symbols together?": [
        look | context for context in ({}, {"context_units": 128}) for look in LOOKS
    ],
    "Is it learned by heart?": [
        {"weight_decay": 0.3},
        {"weight_decay": 1},
        {"weight_decay": 1, "label_smoothing": 0.2},
    ],
    "Is something known at the other end only?": [
        {"bidirectional_decoder": True, "decoder_units": [128, 128]},
    ],
    "Does what a symbol means depend on others?": [
        {"cell": "gru"},
        {"cell": "gru", "encoder_units": [64, 64], "bidirectional": True},
    ],
    "How many heads?": [{"attention_heads": 3}, {"attention_heads": 8}],
    "How wide?": [
        {"decoder_units": 256},
        {"decoder_units": [256, 256]},
        {"context_units": 256},
    ],
    "How fast?": [{"learning_rate": 0.003}, {"learning_rate": 0.01}],
}


def main():
    """Search and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("task", choices=TASKS)
    add("--epochs", type=int, default=50)
    add("--splits", type=int, default=1, help="more where there are few examples")
    add("--seed", type=int, default=0)
    options = parser.parse_args()
    print_machine()
    print(f"{datetime.date.today()}, {options.task}, {options.epochs} epochs")
    X, y, cv = examples(options.task, options.splits, options.seed)

    def judge(params):
        pipe = make_seq2seq_pipeline(
            epochs=options.epochs, random_state=options.seed, **params
        )
        start = time.perf_counter()
        score = cross_val_score(pipe, X, y, cv=cv).mean()
        print(
            f"  {percent(score)}{time.perf_counter() - start:6.0f} s  {params}",
            flush=True,
        )
        return score

    print("\nTo begin with")
    best, highest = START, judge(START)
    for question, changes in QUESTIONS.items():
        if highest == 1:
            break
        print(question)
        for candidate in [best | change for change in changes]:
            if candidate != best and (score := judge(candidate)) > highest:
                best, highest = candidate, score
    print(f"The best\n  {percent(highest)}           {best}")


def examples(task, n_splits, seed):
    """Questions, answers, and which of them are learned and which judge."""
    X, y, asked, _ = TASKS[task](seed)
    if np.char.str_len(asked).max() > np.char.str_len(X).max():
        _, _, *others = TASKS[task](1_000 + seed)
        X, y = (np.concatenate(parts) for parts in zip((X, y), others, strict=True))
        n_asked = len(others[0])
        return X, y, [(np.arange(len(X) - n_asked), np.arange(len(X))[-n_asked:])]
    numbers = [sorted(re.findall(r"\d+", question)) for question in X]
    _, groups = np.unique(list(map(" ".join, numbers)), return_inverse=True)
    cv = GroupShuffleSplit(n_splits, test_size=0.1, random_state=seed)
    return X, y, list(cv.split(X, y, groups))


if __name__ == "__main__":
    main()
