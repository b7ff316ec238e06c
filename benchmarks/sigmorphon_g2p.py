"""Letters to phonemes in fifteen languages: the task of SIGMORPHON 2020.

The folder has the files of https://github.com/sigmorphon/2020, task 1, such as
``hun_train.tsv``. Printed are the shares of words with any mistake, beside those of the
best baseline, an LSTM whose settings were searched for each language, and of the
ensemble that won (K. Gorman et al., "The SIGMORPHON 2020 Shared Task on Multilingual
Grapheme-to-Phoneme Conversion", 2020, and X. Yu, N. T. Vu and J. Kuhn, "Ensemble
Self-Training for Low-Resource Languages", 2020; both of the test set).

    python benchmarks/sigmorphon_g2p.py FOLDER --languages hun ice --split test
"""

from pathlib import Path

from _strings import Table, parse, read

# Word error rates of the LSTM and of IMS, in percent.
PUBLISHED = {
    "ady": (28.00, 25.33),
    "arm": (14.67, 12.67),
    "bul": (31.11, 22.22),
    "dut": (16.44, 13.56),
    "fre": (6.22, 6.89),
    "geo": (26.44, 24.89),
    "gre": (18.89, 18.67),
    "hin": (6.67, 5.11),
    "hun": (5.33, 5.11),
    "ice": (10.00, 9.33),
    "jpn": (7.56, 5.33),
    "kor": (46.89, 26.22),
    "lit": (19.11, 20.00),
    "rum": (10.67, 10.22),
    "vie": (4.67, 1.56),
}


def main():
    """Measure and print."""
    options = parse(__doc__, languages=list(PUBLISHED))
    table = Table(options.seeds, "% of words with a mistake", "LSTM", "IMS")
    for language in options.languages:
        learned, asked = (
            read(Path(options.folder, f"{language}_{split}.tsv"), 0, 1)
            for split in ("train", options.split)
        )
        table.add(
            language,
            learned,
            asked,
            *PUBLISHED[language],
            wrong=True,
            analyzer=(None, "word"),
        )
    table.end()


if __name__ == "__main__":
    main()
