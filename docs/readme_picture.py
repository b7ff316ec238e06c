"""Make the picture of the README: what a network looks at while it adds.

    python docs/readme_picture.py

Two of the heads that `examples/plot_any_length.py` shows: of those of velocity 1, the
one that is surest to start at the end of each number.
"""

import runpy
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "_static" / "attention.png"
N_HEADS = 8  # of velocity 1

if __name__ == "__main__":
    example = runpy.run_path(str(ROOT / "examples" / "plot_any_length.py"))
    pipe, question = example["pipe"], example["question"]

    def show(head, ax=None):
        return example["AttentionDisplay"].from_estimator(
            pipe, question, head=head, ax=ax, colorbar=False
        )

    # The answer is written from its last digit, the lowest line of a picture.
    starts = np.array([np.asarray(show(head).weights)[-1] for head in range(N_HEADS)])
    plt.close("all")
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    ends = question.index("+") - 1, len(question) - 1
    for ax, end, name in zip(axes, ends, ("first", "second"), strict=True):
        show(int(np.argmax(starts[:, end])), ax)
        ax.set_title(f"a head that reads the {name} number")
    figure.savefig(PICTURE, dpi=110)
    plt.close("all")
    print(PICTURE.relative_to(ROOT))
