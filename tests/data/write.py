"""Write a fitted pipeline and its answers, for later versions to read.

Run once for a version, with the oldest packages that it allows:

    python tests/data/write.py
"""

import json
import zipfile
from pathlib import Path

import skops.io

import sklearn_seqadd
from sklearn_seqadd import make_addition, make_seq2seq_pipeline


def main():
    """Write a file of each kind."""
    X, y = make_addition(2000, largest=99, random_state=0)
    for decoder, params in {
        "repeat": {"encoder_units": 16, "decoder_units": 16, "epochs": 10},
        "attention": {"decoder_units": 16, "epochs": 10},
    }.items():
        pipe = make_seq2seq_pipeline(decoder=decoder, random_state=0, **params).fit(
            X, y
        )
        # What the optimizer remembers is part of such a file.
        pipe[-1].partial_fit(pipe[:-1].transform(X), y)
        questions = X[:20].tolist()
        certainty = (
            pipe[-1].predict_step_proba(pipe[:-1].transform(questions)).max(axis=2)
        )
        path = Path(__file__).parent / f"{decoder}-{sklearn_seqadd.__version__}"
        skops.io.dump(pipe, f"{path}.skops", compression=zipfile.ZIP_DEFLATED)
        expected = {
            "questions": questions,
            "answers": pipe.predict(questions).tolist(),
            "certainty": certainty.round(5).tolist(),
        }
        Path(f"{path}.json").write_text(json.dumps(expected) + "\n")


# Not on import, which collecting the tests does.
if __name__ == "__main__":
    main()
