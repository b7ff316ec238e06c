"""Which settings learn a task best: a search that can be repeated.

Candidates are drawn from one space for all tasks of `expressions.py`, and learn from
its examples but for a tenth, by which they are judged. All begin with few epochs; the
better third goes on with three times as many, and so on (scikit-learn's
`HalvingRandomSearchCV`, with epochs as the resource). Printed are the candidates of the
last round, the best first, then those of the round before, and so on, with seconds.

    python benchmarks/search_settings.py "a*b" --candidates 27 --epochs 54
"""

import argparse
import datetime
import time

import numpy as np
from _common import print_machine
from expressions import TASKS
from scipy.stats import loguniform
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingRandomSearchCV, ShuffleSplit

from sklearn_seqadd import make_seq2seq_pipeline

# Heads that read on, that stay, and that go to and fro within a symbol of the answer.
VELOCITIES = [[1], [0], [1, 0], [(0, 1), (1, -1)]]
SPACE = {
    "attention_velocities": VELOCITIES,
    "attention_heads": [3, 5, 8],
    "steps_per_symbol": [1, 2, 3],
    "context_units": [None, 128, 256],
    "encoder_units": [None, 64],
    "decoder_units": [128, 256, (128, 128)],
    "bidirectional_decoder": [False, True],
    "cell": ["simple_rnn", "gru"],
    "learning_rate": loguniform(2e-3, 2e-2),
    "weight_decay": loguniform(3e-2, 3),
    "batch_size": [64],
}


def main():
    """Search and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("task", choices=TASKS)
    add("--candidates", type=int, default=27)
    add("--epochs", type=int, default=54, help="of those that come to the last round")
    add("--seed", type=int, default=0)
    options = parser.parse_args()
    print_machine()
    X, y, _, _ = TASKS[options.task](options.seed)
    pipe = make_seq2seq_pipeline(
        decoder="relative", bidirectional=True, random_state=options.seed
    )
    rounds = int(np.ceil(np.log(options.candidates) / np.log(3)))
    search = HalvingRandomSearchCV(
        pipe,
        {f"seq2seqclassifier__{name}": values for name, values in SPACE.items()},
        resource="seq2seqclassifier__epochs",
        n_candidates=options.candidates,
        min_resources=max(1, options.epochs // 3**rounds),
        max_resources=options.epochs,
        cv=ShuffleSplit(1, test_size=0.1, random_state=options.seed),
        error_score="raise",
        refit=False,
        random_state=options.seed,
        verbose=1,
    )
    start = time.perf_counter()
    search.fit(X, y)
    minutes = (time.perf_counter() - start) / 60
    print(f"{datetime.date.today()}, {options.task}, {minutes:.0f} minutes\n")
    results = search.cv_results_
    order = np.lexsort([-results["mean_test_score"], -results["n_resources"]])
    for i in order[: 2 * options.candidates // 3]:
        params = {
            name.removeprefix("seq2seqclassifier__"): value
            for name, value in results["params"][i].items()
        }
        print(
            f"{100 * results['mean_test_score'][i]:6.2f} %"
            f"{results['mean_fit_time'][i]:6.0f} s  {params}"
        )


if __name__ == "__main__":
    main()
