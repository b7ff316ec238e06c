"""What the package as a whole promises: names, imports, the examples."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest
from helpers import run

import sklearn_seqadd

ROOT = Path(__file__).parents[1]


def test_every_public_name_is_there():
    for name in sklearn_seqadd.__all__:
        assert getattr(sklearn_seqadd, name).__name__ == name
    assert set(sklearn_seqadd.__all__) <= set(dir(sklearn_seqadd))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="sklearn_seqadd attribute make_division"):
        _ = sklearn_seqadd.make_division


def test_nothing_imports_tensorflow_or_matplotlib_before_they_are_needed():
    run(
        "-c",
        "import sys, sklearn_seqadd\n"
        "from sklearn_seqadd import *\n"
        "make_seq2seq_pipeline().get_params()\n"
        "assert not {'tensorflow', 'keras', 'scikeras'} & set(sys.modules)\n"
        "assert 'matplotlib' not in sys.modules\n",
    )


def test_importing_the_package_alone_imports_nothing_heavy():
    run(
        "-c",
        "import sys, sklearn_seqadd\n"
        "assert not {'numpy', 'sklearn', 'tensorflow'} & set(sys.modules)\n",
    )


def test_private_names_of_scikit_learn_are_imported_in_one_file():
    found = set()
    for path in Path(sklearn_seqadd.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in getattr(node, "names", ())]
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{name}" for name in names if not node.level]
            elif not isinstance(node, ast.Import):
                continue
            for parts in (name.split(".") for name in names):
                private = [part[0] == "_" != part[-1] for part in parts]
                if parts[0] == "sklearn" and any(private):
                    found.add(path.name)
    assert found == {"_sklearn.py"}


def names_of_attributes(tree):
    """The attributes that code asks for, by name or by ``getattr`` and the like."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and str(node.value).isidentifier():
            yield str(node.value)


def names_of_its_own(tree):
    """What code defines, or gives to objects of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name) and node.value.id == "self":
                yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def test_private_names_of_others_are_used_in_one_file_each():
    trees = {
        path.name: ast.parse(path.read_text(encoding="utf-8"))
        for path in Path(sklearn_seqadd.__file__).parent.rglob("*.py")
    }
    own = {name for tree in trees.values() for name in names_of_its_own(tree)}
    # Documented in spite of their underscore.
    own |= {"_asdict", "_replace", "_exit"}
    own |= {path.removesuffix(".py") for path in trees}
    used = {
        file
        for file, tree in trees.items()
        for name in names_of_attributes(tree)
        if re.fullmatch(r"_(?!sklearn_seqadd)[a-z]\w*", name) and name not in own
    }

    assert used == {"_keras.py", "_scikeras.py"}


@pytest.mark.slow
def test_tensorflow_starts_up_without_a_word_and_the_environment_is_as_before():
    def run_and_compare(*code):
        """A process, and the variables of its environment that the code has changed."""
        shown = (
            "json.dumps({k: v for k, v in os.environ.items() if before.get(k) != v})"
        )
        lines = "import json, os", "before = dict(os.environ)", *code, f"print({shown})"
        done = run("-W", "error", "-c", "\n".join(lines))
        return done, json.loads(done.stdout)

    done, changed = run_and_compare(
        "from sklearn_seqadd import make_addition, make_seq2seq_pipeline",
        "pipe = make_seq2seq_pipeline(encoder_units=4, decoder_units=4, epochs=1)",
        "pipe.set_params(seq2seqclassifier__jit_compile=True)",
        "X, y = make_addition(20)",
        "pipe.fit(X, y).predict(X)",
        "assert before.keys() <= os.environ.keys()",
    )
    # They set variables of their own.
    _, changed_by_others = run_and_compare(
        "import warnings",
        "warnings.simplefilter('ignore')",
        "import sklearn.utils, tensorflow, keras",
    )
    assert done.stderr == ""
    assert changed == changed_by_others


@pytest.mark.slow
def test_compiled_programs_are_kept_and_damaged_ones_are_compiled_anew(tmp_path):
    folder = tmp_path / "kept here"
    script = """
import hashlib, os
from sklearn_seqadd import make_addition, make_seq2seq_pipeline
pipe = make_seq2seq_pipeline(
    encoder_units=4, decoder_units=4, epochs=1, random_state=0, jit_compile=True)
weights = pipe.fit(*make_addition(20, random_state=0))[-1].weights_
assert "TF_XLA_FLAGS" not in os.environ
print(hashlib.sha256(b"".join(array.tobytes() for array in weights)).hexdigest())
"""

    def fit(directory):
        return run("-c", script, SKLEARN_SEQADD_CACHE_DIR=str(directory))

    def kept():
        return {file: file.stat().st_mtime_ns for file in folder.rglob("*.pb")}

    expected = fit("").stdout
    assert fit(folder).stdout == expected
    before = kept()
    assert len(before) == 1
    again = fit(folder)
    assert (again.stdout, again.stderr) == (expected, "")
    assert kept() == before
    (file,) = before
    file.write_bytes(file.read_bytes()[:1000])
    damaged = fit(folder)
    assert damaged.stdout == expected
    assert "cannot be used, and is compiled again" in damaged.stderr


@pytest.mark.slow
def test_an_error_of_a_layer_deletes_no_compiled_programs(tmp_path):
    script = """
import sys
import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.base import BaseEstimator
from sklearn_seqadd import Seq2SeqClassifier
from sklearn_seqadd._tensorflow import PROGRAMS

other = PROGRAMS / "of_another_network.pb"
other.write_bytes(b"kept")

class Fails(keras.layers.Layer):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def call(self, x, training=False):
        if training and self.kind == "checks":
            tf.debugging.assert_less(tf.reduce_max(x), -1.0)
        elif training:
            x += tf.strings.to_number(tf.strings.as_string(x))  # XLA has no strings
        return x

class Net(BaseEstimator):
    def __init__(self, kind):
        self.kind = kind

    def build(self, n_steps_in, n_features, n_steps_out, n_symbols):
        return keras.Sequential([
            keras.Input((n_steps_in, n_features)),
            keras.layers.Flatten(),
            Fails(self.kind),
            keras.layers.Dense(n_steps_out * n_symbols),
            keras.layers.Reshape((n_steps_out, n_symbols)),
            keras.layers.Softmax(),
        ])

X, y = np.ones((20, 3, 2)), np.arange(40).reshape(20, 2) % 4
for kind, jit in (("checks", False), ("strings", True)):
    network = Seq2SeqClassifier(network=Net(kind), epochs=1, jit_compile=jit)
    with pytest.raises(tf.errors.InvalidArgumentError):
        network.fit(X, y)
    assert [other] == list(PROGRAMS.iterdir()), list(PROGRAMS.iterdir())
"""
    done = run(
        "-W", "error::UserWarning", "-c", script, SKLEARN_SEQADD_CACHE_DIR=str(tmp_path)
    )
    assert "is compiled again" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["a file", "under a file", "of nobody"])
def test_a_cache_directory_that_cannot_be_used_is_warned_of(kind, tmp_path):
    file = tmp_path / "file"
    file.write_text("text")
    named = {
        "a file": file,
        "under a file": file / "folder",
        "of nobody": "~no-such-user/folder",
    }[kind]
    script = """
from sklearn_seqadd import Seq2SeqClassifier
Seq2SeqClassifier(4, 4, epochs=1, jit_compile=True).fit([[1.0], [2.0]], [0, 1])
"""
    done = run("-c", script, SKLEARN_SEQADD_CACHE_DIR=str(named))
    assert f"SKLEARN_SEQADD_CACHE_DIR={str(named)!r} cannot be used" in done.stderr
    assert file.read_text() == "text"


def test_a_backend_other_than_tensorflow_is_an_error_with_advice():
    done = subprocess.run(
        [sys.executable, "-c", "import sklearn_seqadd._tensorflow"],
        capture_output=True,
        text=True,
        env={**os.environ, "KERAS_BACKEND": "numpy"},
        check=False,
    )
    assert done.returncode
    assert "KERAS_BACKEND=tensorflow" in done.stderr


@pytest.mark.slow
def test_the_tutorial_reaches_its_figure_in_four_of_five_runs():
    done = run(ROOT / "examples/plot_tutorial.py", "--seeds", 5, MPLBACKEND="agg")
    scores = [
        float(line.split()[2])
        for line in done.stdout.splitlines()
        if line.startswith("seed")
    ]
    assert len(scores) == 5
    assert sum(score >= 99 for score in scores) >= 4


@pytest.mark.slow
def test_terms_may_be_shuffled_and_characters_may_not():
    done = run(ROOT / "examples/plot_order_matters.py", "--seeds", 3, MPLBACKEND="agg")
    errors, shares = {}, {}
    for line in done.stdout.splitlines()[1:10]:
        # Model and way may contain spaces; then come an error and "99 %" by seed.
        figures = line[36:].split()
        errors[line[:21].strip(), line[21:36].strip()] = [
            float(e) for e in figures[::3]
        ]
        shares[line[:21].strip(), line[21:36].strip()] = [int(s) for s in figures[1::3]]
    as_they_are = median(errors["numbers, LSTM", "as they are"])
    for way in ("test shuffled", "both shuffled"):
        assert max(errors["numbers, perceptron", way]) < 0.05
        assert abs(median(errors["numbers, LSTM", way]) / as_they_are - 1) < 0.25
        assert max(shares["characters, LSTM", way]) < 20
    assert min(shares["characters, LSTM", "as they are"]) >= 90
    assert len(shares["characters, LSTM", "as they are"]) == 3
