"""The data of Yoyodyne's own tests: a tutorial's worth of strings.

The folder has files of https://github.com/CUNY-CL/yoyodyne, tests/testdata, with names
such as ``ice_g2p.train.tsv``: the pronunciation of 800 Icelandic words, 1,000 Turkish
inflected forms, and words that are copied, read backwards, doubled or set in capitals.
Printed are the shares of correct answers, beside the best that the tests there state.

    python benchmarks/yoyodyne_tests.py FOLDER --tasks ice_g2p --split test
"""

from pathlib import Path

from _strings import Table, parse, read, read_forms

# Yoyodyne's best, in percent.
PUBLISHED = {
    "ice_g2p": 82.0,
    "tur_inflection": 89.4,
    "identity": 100.0,
    "reverse": 100.0,
    "upper": 100.0,
    "copy": 92.0,
}


def main():
    """Measure and print."""
    options = parse(__doc__, tasks=list(PUBLISHED))
    table = Table(options.seeds, "% of correct answers", "Yoyodyne")
    for task in options.tasks:
        paths = (
            Path(options.folder, f"{task}.{split}.tsv")
            for split in ("train", options.split)
        )
        if task == "tur_inflection":
            analyzer = ("word", None)
            learned, asked = map(read_forms, paths)
        else:
            analyzer = (None, "word") if task == "ice_g2p" else None
            learned, asked = (read(path, 0, 1) for path in paths)
        table.add(task, learned, asked, PUBLISHED[task], analyzer=analyzer)


if __name__ == "__main__":
    main()
