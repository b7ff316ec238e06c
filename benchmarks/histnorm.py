"""Historical spellings to modern ones, of three languages.

The folder has files of https://github.com/coastalcph/histnorm, such as
``german-ridges.train.txt``, of whose tokens the first are learned. A token that was
learned is looked up, and the network answers the others, as M. Bollmann advises.
Printed are the shares of correct tokens, beside those of statistical machine
translation (cSMTiser with a language model) and of the best network there (NMT-2): "A
Large-Scale Comparison of Historical Text Normalization Systems", 2019, table 6, of the
test set.

    python benchmarks/histnorm.py FOLDER --corpora german-ridges --split test
"""

from pathlib import Path

from _strings import Table, parse, read

SIZES = [1_000, 5_000, 10_000]

# cSMTiser and NMT-2, by size.
PUBLISHED = {
    "german-ridges": ((75.04, 65.27), (80.25, 75.78), (82.67, 79.28)),
    "icelandic-icepahc": ((72.30, 65.98), (76.39, 71.44), (78.63, 74.84)),
    "slovene-goo300k-gaj": ((90.00, 88.10), (92.78, 90.39), (93.53, 91.64)),
}


def main():
    """Measure and print."""
    options = parse(__doc__, corpora=list(PUBLISHED), sizes=list(map(str, SIZES)))
    table = Table(options.seeds, "% of correct tokens", "cSMTiser", "NMT-2")
    for corpus in options.corpora:
        learned, asked = (
            read(Path(options.folder, f"{corpus}.{split}.txt"), 0, 1)
            for split in ("train", options.split)
        )
        for i, size in enumerate(SIZES):
            if str(size) not in options.sizes:
                continue
            part = [column[:size] for column in learned]
            published = PUBLISHED[corpus][i]
            table.add(f"{corpus} {size}", part, asked, *published, look_up=True)
    table.end()


if __name__ == "__main__":
    main()
