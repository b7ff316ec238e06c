"""How soon a pipeline answers, as an ONNX file and as a joblib file with TensorFlow.

A new process imports, loads and answers one string; then it answers one string again
and again. All in one table, medians.

    python benchmarks/bench_first_answer.py

`--python` runs the ONNX file with another interpreter: that of an environment with
scikit-learn, ONNX Runtime and this package, but without what it was trained with.
`--python-joblib` is for the others: Keras imports pandas and Matplotlib where they are
installed.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

PIPELINES = {
    "repeat": {"epochs": 1},
    "attention": {"decoder": "attention", "epochs": 1},
    "relative": {"decoder": "relative", "epochs": 1},
    "autoregressive": {"decoder": "autoregressive", "epochs": 1},
}
QUESTION = ["12+50"]


def fit(folder):
    """Write both files of each pipeline."""
    import joblib

    from sklearn_seqadd import export_onnx, make_addition, make_seq2seq_pipeline

    X, y = make_addition(1000, largest=99, random_state=0)
    for name, params in PIPELINES.items():
        pipe = make_seq2seq_pipeline(**params, random_state=0).fit(X, y)
        joblib.dump(pipe, f"{folder}/{name}.joblib")
        export_onnx(pipe, f"{folder}/{name}.onnx")
    return {}


def answer(path):
    """Seconds of the steps to the first answer, and of one that comes later."""
    start = time.perf_counter()
    if path.endswith(".onnx"):
        from sklearn_seqadd import OnnxPipeline as load
    else:
        from joblib import load
    imported = time.perf_counter()
    pipe = load(path)
    loaded = time.perf_counter()
    pipe.predict(QUESTION)
    answered = time.perf_counter()
    later = []
    for _ in range(300):
        begin = time.perf_counter()
        pipe.predict(QUESTION)
        later.append(time.perf_counter() - begin)
    return {
        "import": imported - start,
        "load": loaded - imported,
        "first": answered - loaded,
        "later": statistics.median(later),
    }


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--repeats", type=int, default=5)
parser.add_argument("--python", default=sys.executable, help="that runs the ONNX file")
parser.add_argument("--python-joblib", default=sys.executable)
parser.add_argument("--part", nargs=2, help=argparse.SUPPRESS)
options = parser.parse_args()

if options.part:
    part, argument = options.part
    print(json.dumps({"fit": fit, "answer": answer}[part](argument)))
    sys.exit()

from _common import print_machine, run_part  # noqa: E402 the parts import nothing more

print_machine()
print("                          import     load    first   in all       later")
with tempfile.TemporaryDirectory() as folder:
    run_part(__file__, "fit", folder)
    for name in PIPELINES:
        for kind, python in (
            ("onnx", options.python),
            ("joblib", options.python_joblib),
        ):
            path = Path(folder) / f"{name}.{kind}"
            runs = [
                run_part(__file__, "answer", path, python=python)[1]
                for _ in range(options.repeats)
            ]
            seconds = {
                key: statistics.median(each[key] for each in runs) for key in runs[0]
            }
            seconds["in all"] = statistics.median(
                each["import"] + each["load"] + each["first"] for each in runs
            )
            shown = "".join(
                f"{seconds[key]:>7.2f} s"
                for key in ("import", "load", "first", "in all")
            )
            later = f"{seconds['later'] * 1e3:>9.2f} ms"
            print(f"{name:<16}{kind:<7}{shown}{later}")
