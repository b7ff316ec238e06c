"""Inflection, a word and tags to a form of it: CoNLL-SIGMORPHON 2017.

The folder has the files of https://github.com/sigmorphon/conll2017, such as
``turkish-train-medium``. Tags are tokens in front of the letters of the word. Printed
are the shares of correct forms, beside those of the best submission for each language
(R. Cotterell et al., "CoNLL-SIGMORPHON 2017 Shared Task: Universal Morphological
Reinflection in 52 Languages", 2017, table 9; of the test set).

    python benchmarks/inflection.py FOLDER --languages turkish --sizes medium
"""

from pathlib import Path

from _strings import Table, parse, read_forms

SIZES = ["low", "medium", "high"]

# The best submission, by size.
PUBLISHED = {
    "arabic": (37.0, 79.7, 94.5),
    "english": (90.6, 94.7, 97.2),
    "finnish": (19.7, 78.4, 95.1),
    "german": (68.1, 80.0, 93.0),
    "hungarian": (38.1, 75.1, 86.8),
    "navajo": (20.4, 50.8, 92.3),
    "russian": (52.3, 84.1, 92.8),
    "turkish": (42.0, 89.7, 98.4),
}


def main():
    """Measure and print."""
    options = parse(__doc__, languages=list(PUBLISHED), sizes=SIZES)
    for size in options.sizes:
        table = Table(options.seeds, f"% of correct forms, {size}", "best")
        for language in options.languages:
            learned, asked = (
                read_forms(Path(options.folder, f"{language}-{split}"))
                for split in (f"train-{size}", options.split)
            )
            best = PUBLISHED[language][SIZES.index(size)]
            table.add(language, learned, asked, best, analyzer=("word", None))
        table.end()


if __name__ == "__main__":
    main()
