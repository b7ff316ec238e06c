"""Commands to actions: SCAN, of which others have published figures.

All 20,910 commands of the grammar of Lake and Baroni (2018, arXiv:1711.00350) with
their actions are made here. "simple" holds out a fifth of them, drawn at random;
"length" trains on answers of up to 22 actions and asks for those of 24 to 48. Figures
are the shares of commands whose actions are all right, from several seeds. The paper's
best network has 14 % of the length split.

    python benchmarks/scan.py
"""

import argparse
import datetime
import itertools
import time

import numpy as np
from _common import print_machine
from sklearn.model_selection import train_test_split

from sklearn_seqadd import make_seq2seq_pipeline

TURNS = {"left": ["I_TURN_LEFT"], "right": ["I_TURN_RIGHT"]}
VERBS = {verb: [f"I_{verb.upper()}"] for verb in ("walk", "look", "run", "jump")}
SHARED = {
    "decoder": "autoregressive",
    "analyzer": "word",
    "group_by_length": True,
}
# By split. In longer answers small networks did better.
PARAMS = {
    "simple": SHARED,
    "length": {
        **SHARED,
        "cell": "gru",
        "encoder_units": 32,
        "decoder_units": 64,
        "dropout": 0.3,
    },
}


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--splits", nargs="+", choices=SPLITS, default=list(SPLITS))
    add("--seeds", type=int, default=3)
    options = parser.parse_args()
    print_machine()
    commands, actions = make_scan()
    print(f"{datetime.date.today()}, {len(commands)} commands\n")
    print("split     seed  trained   asked    right  seconds")
    for name, seed in itertools.product(options.splits, range(options.seeds)):
        X, X_asked, y, y_asked = SPLITS[name](commands, actions, seed)
        pipe = make_seq2seq_pipeline(random_state=seed, **PARAMS[name])
        if name == "length":
            padder = pipe[-1].target_transformer.named_steps["sequencepadder"]
            padder.set_params(length=48)
        start = time.perf_counter()
        pipe.fit(X, y)
        seconds = time.perf_counter() - start
        right = pipe.score(X_asked, y_asked)
        print(
            f"{name:8}{seed:6}{len(X):9}{len(X_asked):8}{100 * right:8.2f}%"
            f"{seconds:9.0f}",
            flush=True,
        )


def make_scan():
    """All commands, and what they mean; two arrays of strings."""
    phrases = dict(VERBS)
    for direction, turn in TURNS.items():
        for verb, action in {"turn": [], **VERBS}.items():
            phrases[f"{verb} {direction}"] = turn + action
            phrases[f"{verb} opposite {direction}"] = 2 * turn + action
            phrases[f"{verb} around {direction}"] = 4 * (turn + action)
    for phrase, action in list(phrases.items()):
        phrases[f"{phrase} twice"] = 2 * action
        phrases[f"{phrase} thrice"] = 3 * action
    commands = dict(phrases)
    for (first, a), (second, b) in itertools.product(phrases.items(), repeat=2):
        commands[f"{first} and {second}"] = a + b
        commands[f"{first} after {second}"] = b + a
    return np.array(list(commands)), np.array([" ".join(a) for a in commands.values()])


def simple(commands, actions, seed):
    """A fifth of the commands is held out."""
    return train_test_split(commands, actions, test_size=0.2, random_state=seed)


def by_length(commands, actions, seed):
    """What takes more than 22 actions is held out."""
    is_long = np.array([answer.count(" ") >= 22 for answer in actions])
    return commands[~is_long], commands[is_long], actions[~is_long], actions[is_long]


SPLITS = {"simple": simple, "length": by_length}


if __name__ == "__main__":
    main()
