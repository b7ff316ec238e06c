"""Make the picture of the README: what a network looks at while it adds.

    python docs/readme_picture.py

It is a figure of `examples/plot_attention_looked_at.py`, as the gallery shows it.
"""

import runpy
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "_static" / "attention.png"

if __name__ == "__main__":
    example = runpy.run_path(str(ROOT / "examples" / "plot_attention_looked_at.py"))
    display = example["AttentionDisplay"].from_estimator(
        example["pipe"], example["question"]
    )
    display.figure_.savefig(PICTURE, dpi=110)
    plt.close("all")
    print(PICTURE.relative_to(ROOT))
