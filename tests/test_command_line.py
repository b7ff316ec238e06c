"""The command line: sums, pairs in files, and saved pipelines that answer."""

import contextlib
import importlib
import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import plain_environment, run
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import sklearn_seqadd
from sklearn_seqadd import SequencePadder
from sklearn_seqadd.__main__ import main
from sklearn_seqadd._command_line import OutputStream, predict, samples_as_lines
from sklearn_seqadd._files import atomic_write
from sklearn_seqadd._targets import TargetCodec
from sklearn_seqadd._user_files import (
    TRUSTED_TYPES,
    FileError,
    load_pipeline,
    read_blocks,
    read_pairs,
)

skops_io = pytest.importorskip("skops.io")

QUICK = "--decoder", "repeat"  # the network that is compiled in the shortest time
SUMS = "".join(f"{i}+{j}\t{i + j}\n" for i in range(20) for j in range(20))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """A file of sums."""
    path = tmp_path_factory.mktemp("pairs") / "pairs.tsv"
    path.write_text(SUMS)
    return path


@pytest.fixture(scope="module")
def saved(fitted, tmp_path_factory):
    """A file with a pipeline that has learned sums of two digits."""
    path = tmp_path_factory.mktemp("saved") / "sums.skops"
    skops_io.dump(fitted, path)
    return path


@pytest.fixture
def stdin(monkeypatch):
    """A function that puts text into standard input."""

    def put(text):
        content = text if isinstance(text, bytes) else text.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return put


@contextlib.contextmanager
def started(*arguments, **streams):
    """A process of the command line, with pipes of text."""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "sklearn_seqadd", *map(str, arguments)],
        **{"stdin": subprocess.DEVNULL, **streams},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=plain_environment(),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(stream, beginning):
    """Read lines up to one with a certain beginning."""
    for line in stream:
        if line.startswith(beginning):
            return
    raise AssertionError(f"there is no line that begins with {beginning!r}")


# --------------------------------------------------------------------------- jobs


def test_it_asks_answers_and_scores():
    few = "--digits", 1, "--samples", 500, "--epochs", 4, "--folds", 2
    done = run("-m", "sklearn_seqadd", *few)
    lines = done.stdout.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.split()[:1] == ["question"])
    table = lines[begin + 1 : begin + 21]
    assert lines[begin + 21] == ""
    for line in table:
        question, expected, predicted, *mark = line.split()
        assert int(expected) == sum(map(int, question.split("+")))
        assert bool(mark) == (predicted != expected)
    for score in ("exact match", "character accuracy", "RMSE"):
        assert any(line.strip().startswith(score) for line in lines)
    assert done.stderr == ""


def test_it_explains_its_options():
    done = run("-m", "sklearn_seqadd", "--help")
    for option in ("--digits", "--terms", "--samples", "--epochs", "--folds", "--seed"):
        assert option in done.stdout
    for option in ("PAIRS.tsv", "--sep", "--target-sep", "--save", "--ask", "--load"):
        assert option in done.stdout


def test_it_learns_from_pairs(tmp_path):
    skops_io = pytest.importorskip("skops.io")
    words = np.array(["one", "two", "three", "four"])
    rng = np.random.RandomState(0)
    rows = [words[rng.randint(4, size=rng.randint(1, 5))] for _ in range(500)]
    lines = [f"{' '.join(row)}\t{'-'.join(row[::-1]).upper()}" for row in rows]
    (tmp_path / "pairs.tsv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (tmp_path / "asked.txt").write_text("one two three\nfour\n", encoding="utf-8")
    saved = tmp_path / "words.skops"
    # fmt: off
    done = run(
        "-m", "sklearn_seqadd", tmp_path / "pairs.tsv", "--sep", " ", "--target-sep",
        "-", "--decoder", "relative", "--epochs", 12, "--save", saved, "--ask",
        tmp_path / "asked.txt",
    )
    # fmt: on
    answers = dict(line.split("\t") for line in done.stdout.splitlines()[-2:])

    assert answers == {"one two three": "THREE-TWO-ONE", "four": "FOUR"}
    for score in ("exact match", "symbol error rate"):
        assert score in done.stdout
    assert done.stderr == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "asked.txt",
        "pairs.tsv",
        "words.skops",
    ]
    types = skops_io.get_untrusted_types(file=saved)
    pipe = skops_io.load(saved, trusted=types)
    assert pipe.predict(["two one"]).tolist() == ["ONE-TWO"]


@pytest.mark.parametrize(
    ("content", "more", "message"),
    [
        (b"a\tb\nc d\n", [], "line 2: expected two columns .* got 1: 'c d'"),
        (b"a\tb\n\na\tb\tc\n", [], "line 3: expected two columns .* got 3"),
        (b"a\tb\n\xff\tb\n", [], "line 2: is not UTF-8"),
        (b"a\tb\na\tb\n", [], "two different questions"),
        (b"", [], "two different questions"),
        ("a\u2028b\tc\r\n\r\nd".encode(), [], "line 3: expected two columns"),
        (b"a\tb\nb\tc\n", ["--ask", "nowhere"], "nowhere cannot be read"),
        (b"a\tb\nb\tc\n", ["--save", "no/where"], "no/where cannot be written"),
    ],
)
def test_it_names_the_line_that_is_wrong(tmp_path, monkeypatch, content, more, message):
    from sklearn_seqadd.__main__ import main

    monkeypatch.chdir(tmp_path)
    Path("pairs.tsv").write_bytes(content)
    with pytest.raises(SystemExit, match=message):
        main(["pairs.tsv", *more])
    assert [path.name for path in Path().iterdir()] == ["pairs.tsv"]


def test_it_names_the_decoders_that_there_are(capsys):
    with pytest.raises(SystemExit):
        main(["--decoder", "none"])
    message = capsys.readouterr().err
    for name in sklearn_seqadd.networks.DECODERS:
        assert f"{name!r}" in message


def test_sums_are_saved_and_questions_answered(tmp_path, capsys, stdin):
    few = "--digits", "1", "--samples", "300", "--epochs", "2", "--folds", "0", *QUICK
    path = tmp_path / "sums.skops"
    stdin("1+2\n\n3+4")
    main([*few, "--save", str(path), "--ask", "-", "--n-best", "2"])
    lines = capsys.readouterr().out.splitlines()
    assert f"Saved in {path}." in lines
    assert lines.index("Asked in standard input:") == len(lines) - 5
    pipe = load_pipeline(path)
    (first, second) = predict(pipe, ["1+2", "3+4"], 2)
    assert lines[-3:] == ["\t".join(["1+2", *first]), "", "\t".join(["3+4", *second])]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--load", "a", "--save", "b"], "--load trains nothing"),
        (["--sep", " "], "PAIRS.tsv"),
        (["pairs.tsv", "--n-best", "2"], "--ask"),
        (["--load", "a", "pairs.tsv", "--n-best", "2"], "--ask"),
        (["--n-best", "0", "--ask", "-"], "at least 1"),
    ],
)
def test_options_that_contradict_each_other_are_refused(arguments, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert message in capsys.readouterr().err


# ------------------------------------------------------------------ files of text


def test_files_are_read_as_they_come(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_bytes("\ufeff é \t x\u2028\r\n\r\na \t\r\n\tc".encode())
    X, y, line_numbers = read_pairs(path)
    assert X.tolist() == [" é ", "a ", ""]
    assert y.tolist() == [" x\u2028", "", "c"]
    assert line_numbers.tolist() == [1, 3, 4]


def test_long_files_are_read_in_blocks(tmp_path):
    path = tmp_path / "questions.txt"
    path.write_text("".join(f"é{i}\r\n" for i in range(100_000)), encoding="utf-8")
    blocks = list(read_blocks(path))
    assert len(blocks) > 2
    expected = 1
    for first, lines in blocks:
        assert first == expected
        assert lines == [f"é{i - 1}" for i in range(first, first + len(lines))]
        expected += len(lines)
    assert expected == 100_001


@pytest.mark.filterwarnings("default")
def test_errors_and_warnings_name_lines_where_the_package_names_samples(capsys):
    padder = SequencePadder(length=3, handle_overlong="error")
    with (
        pytest.raises(FileError, match="q.txt: line 17, '12.1', needs 4 characters"),
        samples_as_lines("q.txt", [5, 17]),
    ):
        padder.fit(["1+1", "12+1"])
    padder.set_params(handle_overlong="warn").fit(["1+1"])
    with samples_as_lines("q.txt", [5, 17]):
        padder.transform(["1+1", "12+1"])
    message = capsys.readouterr().err
    assert message.startswith("sklearn_seqadd: q.txt: 1 of 2 strings do not fit")
    assert "the first is line 17, '12+1'" in message


def test_pairs_may_begin_and_end_with_blanks(tmp_path, capsys):
    path, odd = tmp_path / "pairs.tsv", [" ab\tba", "ab \tba", "cd\t dc", "cd\tdc "]
    path.write_text(SUMS + "".join(f"{pair}\n" for pair in odd * 3))
    main([str(path), "--epochs", "1", *QUICK])
    printed = capsys.readouterr()
    assert "symbol error rate" in printed.out
    assert printed.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([".", "--epochs", "1"], r"\. cannot be read: Is a directory"),
        (["pairs.tsv", "--ask", "."], r"\. cannot be read: Is a directory"),
        (["pairs.tsv", "--save", "."], r"\. cannot be written: Is a directory"),
        (["pairs.tsv", "--ask", "bad.txt"], "bad.txt, line 2: is not UTF-8"),
        (["nul.tsv"], "nul.tsv, line 2: has a NUL character"),
        (["--samples", "1"], "n_samples=1"),
        (["--seed", "-1"], "Seed must be"),
    ],
)
def test_what_cannot_be_learned_is_a_sentence(
    tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    Path("pairs.tsv").write_text(SUMS)
    Path("bad.txt").write_bytes(b"1+2\n\xe9\n")
    Path("nul.tsv").write_bytes(b"a\tb\nc\td\0\n")
    with pytest.raises(SystemExit, match=f"^sklearn_seqadd: .*{message}"):
        main(arguments)


# ----------------------------------------------------------------- saved pipelines


def test_there_is_a_line_for_each_line_and_nothing_else(saved, capsys, stdin):
    stdin("2+3\r\n\r\n4+8\r\n\r\n\r\n6+6")
    main(["--load", str(saved)])
    printed = capsys.readouterr()
    assert printed.out == "2+3\t5\n\n4+8\t12\n\n\n6+6\t12\n"
    assert printed.err == ""


@pytest.mark.filterwarnings("default")
def test_a_blank_is_a_question_and_an_unknown_character_a_warning(saved, capsys, stdin):
    stdin("2+3\n \n\n2*3\n")
    main(["--load", str(saved)])
    printed = capsys.readouterr()
    known, blank, empty, unknown = printed.out.splitlines()
    assert (known, empty) == ("2+3\t5", "")
    assert blank.startswith(" \t")
    assert unknown.startswith("2*3\t")
    for line in printed.err.splitlines():
        assert line.startswith("sklearn_seqadd: standard input: ")
        assert re.search("not in the alphabet .* line [24]", line)


def test_several_answers_stand_in_columns(saved, fitted, capsys, stdin):
    stdin("2+3\n\n4+8\n")
    main(["--load", str(saved), "--n-best", "3"])
    rows = [line.split("\t") for line in capsys.readouterr().out.split("\n")]
    expected = fitted[-1].predict_n_best(fitted[:-1].transform(["2+3", "4+8"]), 3)
    assert rows == [["2+3", *expected[0]], [""], ["4+8", *expected[1]], [""]]


@pytest.mark.filterwarnings("default")
def test_few_answers_to_one_question_do_not_limit_those_to_another(small_sums):
    pipe = sklearn_seqadd.make_seq2seq_pipeline(
        decoder="relative", decoder_units=8, epochs=1, random_state=0
    ).fit(*small_sums)
    one, other = predict(pipe, ["5", "12+34"], 300)
    assert len(one) != len(other)
    assert [one] == predict(pipe, ["5"], 300)
    assert [other] == predict(pipe, ["12+34"], 300)


def test_an_answer_stays_in_its_line_and_column(tmp_path, capsys, stdin):
    X, y = ["a", "b", "c"] * 50, ["x\ny", "x\ty", "\r"] * 50
    pipe = sklearn_seqadd.make_seq2seq_pipeline(
        encoder_units=16, epochs=20, learning_rate=0.03, random_state=0
    ).fit(X, y)
    skops_io.dump(pipe, tmp_path / "odd.skops")
    stdin("a\nb\nc\n")
    main(["--load", str(tmp_path / "odd.skops")])
    assert capsys.readouterr().out == "a\tx\\ny\nb\tx\\ty\nc\t\\r\n"


def test_a_saved_pipeline_is_scored_on_pairs(saved, tmp_path, capsys):
    pairs, asked = str(tmp_path / "pairs.tsv"), str(tmp_path / "asked.txt")
    Path(pairs).write_text("2+3\t5\n4+8\t12\n1+1\t3\n")
    Path(asked).write_text("2+3\n4+8")
    main(["--load", str(saved), pairs])
    scores = capsys.readouterr().out
    assert scores.startswith(
        f"On the 3 pairs in {pairs}:\n    exact match        66.7 %"
    )
    main(["--load", str(saved), pairs, "--ask", asked])
    printed = capsys.readouterr()
    assert printed.out == "2+3\t5\n4+8\t12\n"
    assert printed.err == scores


def test_the_symbols_that_are_scored_are_those_that_were_learned(tmp_path, capsys):
    path, words = tmp_path / "pairs.tsv", ["one", "two", "three", "four"]
    path.write_text("".join(f"{a} {b}\t{b}-{a}\n" for a in words for b in words))
    file, seps = str(tmp_path / "words.skops"), ("--sep", " ", "--target-sep", "-")
    main([str(path), *seps, "--epochs", "1", *QUICK, "--save", file])
    capsys.readouterr()
    main(["--load", file, str(path)])
    X, y, _ = read_pairs(path)
    rate = sklearn_seqadd.symbol_error_rate(y, load_pipeline(file).predict(X), sep="-")
    assert f"symbol error rate  {100 * rate:.1f} %\n" in capsys.readouterr().out


def damaged(path, saved):
    path.write_bytes(saved.read_bytes()[:1000])


def another_object(path, saved):
    skops_io.dump(SequencePadder(), path)


def call_of_the_system(path, saved):
    skops_io.dump(make_pipeline(FunctionTransformer(os.system)), path)


def function_of_this_package(path, saved):
    skops_io.dump(make_pipeline(FunctionTransformer(atomic_write)), path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path, saved: None, "cannot be read: No such file"),
        (lambda path, saved: path.mkdir(), "cannot be read: Is a directory"),
        (lambda path, saved: path.write_bytes(b""), "is damaged, or is not a pipeline"),
        (damaged, "is damaged, or is not a pipeline"),
        (another_object, "holds an object of type SequencePadder"),
        (call_of_the_system, "is not loaded, .*system"),
        (function_of_this_package, "is not loaded, .*atomic_write"),
    ],
)
def test_a_file_that_is_not_such_a_pipeline_is_refused(tmp_path, saved, make, message):
    make(tmp_path / "file.skops", saved)
    with pytest.raises(SystemExit, match=f"^sklearn_seqadd: .*{message}"):
        main(["--load", str(tmp_path / "file.skops")])


def test_trusted_are_the_estimators_of_this_package():
    trusted = set()
    for name in TRUSTED_TYPES:
        module, _, attribute = name.rpartition(".")
        trusted.add(getattr(importlib.import_module(module), attribute))
    assert all(issubclass(kind, BaseEstimator | TargetCodec) for kind in trusted)
    for name in sklearn_seqadd.__all__:
        kind = getattr(sklearn_seqadd, name)
        if isinstance(kind, type) and issubclass(kind, BaseEstimator):
            assert kind in trusted or kind is sklearn_seqadd.Decoder


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (b"1+1\n\xff", [], "standard input, line 2: is not UTF-8"),
        (b"1\0+1", [], "standard input, line 1: has a NUL character"),
        (b"", ["empty.tsv"], "empty.tsv: expected at least one pair"),
        (b"", ["--ask", "nowhere"], "nowhere cannot be read"),
    ],
)
def test_questions_that_cannot_be_read_are_a_sentence(
    saved, tmp_path, monkeypatch, stdin, content, arguments, message
):
    monkeypatch.chdir(tmp_path)
    Path("empty.tsv").touch()
    stdin(content)
    with pytest.raises(SystemExit, match=f"^sklearn_seqadd: {message}"):
        main(["--load", str(saved), *arguments])


def test_without_standard_input_there_is_a_sentence(saved, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SystemExit, match="standard input cannot be read"):
        main(["--load", str(saved)])


# --------------------------------------------------------------- pipes and terminals


@pytest.mark.slow
def test_answers_come_as_soon_as_questions_and_end_with_their_reader(saved):
    with started("--load", saved, stdin=subprocess.PIPE) as process:
        for question, answer in ("2+3", "5"), ("4+8", "12"):
            process.stdin.write(f"{question}\n")
            process.stdin.flush()
            assert process.stdout.readline() == f"{question}\t{answer}\n"
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            while process.poll() is None:  # without an end
                process.stdin.write("2+3\n" * 10_000)
        assert process.wait() == 1
        assert process.stderr.read() == ""
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


@pytest.mark.slow
def test_what_cannot_be_printed_does_not_prevent_saving(tmp_path):
    path, file = tmp_path / "pairs.tsv", tmp_path / "p.skops"
    words = [f"{a}{b}" for a in "abcdef" for b in "uvwxyz"]
    lines = [f"{word}\t{word.replace('v', 'ʋ')}ə\n" for word in words]
    path.write_text("".join(lines), encoding="utf-8")
    done = run(
        *("-m", "sklearn_seqadd", path, "--epochs", 1, *QUICK, "--save", file),
        PYTHONIOENCODING="ascii",
        PYTHONUTF8="0",
    )
    assert file.exists()
    assert r"\u0259" in done.stdout
    assert done.stderr == ""


@pytest.mark.slow
def test_training_is_saved_if_nobody_reads_on(pairs, tmp_path):
    file = tmp_path / "p.skops"
    with started(pairs, "--epochs", 3, *QUICK, "--save", file) as process:
        read_until(process.stdout, "epoch 1")
        process.stdout.close()
        assert process.wait() == 1
        assert process.stderr.read() == ""
    assert len(load_pipeline(file)[-1].history_["loss"]) == 3


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="needs a device that is full"
)
@pytest.mark.parametrize("lasting", [False, True])
def test_output_to_a_full_disk_is_a_sentence(capsys, lasting):
    with open("/dev/full", "w") as file:
        stream = OutputStream(file, "standard output", lasting=lasting)
        ends = contextlib.nullcontext() if lasting else pytest.raises(SystemExit)
        with ends:
            print("12", file=stream, flush=True)
        assert stream.has_failed
    assert "standard output cannot be written: No space" in capsys.readouterr().err


# -------------------------------------------------------------------------- Ctrl-C

EPOCHS = "--epochs", 100_000


@pytest.mark.slow
def test_what_was_learned_before_ctrl_c_is_saved_and_scored(
    interruptible, pairs, tmp_path
):
    file = tmp_path / "p.skops"
    with started(pairs, *EPOCHS, *QUICK, "--save", file) as process:
        read_until(process.stdout, "epoch      3")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    n_epochs = len(load_pipeline(file)[-1].history_["loss"])
    assert 3 <= n_epochs < 100_000
    assert f"Saved in {file}." in out
    assert "exact match" in out
    *notice, last = err.splitlines()
    assert "Ctrl-C once more" in " ".join(notice)
    assert last == (
        f"sklearn_seqadd: interrupted: the result of {n_epochs} epochs is kept."
    )
    assert process.returncode == 130


def test_ctrl_c_before_anything_was_learned_is_a_sentence(
    interruptible, pairs, tmp_path
):
    file = tmp_path / "p.skops"
    with started(pairs, *EPOCHS, *QUICK, "--save", file) as process:
        read_until(process.stdout, "    0+0 -> 0")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert "sklearn_seqadd: interrupted" in err
    assert "Traceback" not in err
    assert process.returncode == 130
    assert not file.exists()


@pytest.mark.slow
def test_another_ctrl_c_ends_at_once(interruptible):
    script = """
import signal
from sklearn_seqadd._command_line import TrainingInterrupt
from sklearn_seqadd._interrupts import deferred_interrupts, raise_deferred_interrupt
with deferred_interrupts(TrainingInterrupt):
    signal.raise_signal(signal.SIGINT)
    try:
        raise_deferred_interrupt()
    except KeyboardInterrupt:
        print("held", flush=True)
    signal.raise_signal(signal.SIGINT)
    print("not reached", flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 130
    assert done.stdout == "held\n"
    assert "Traceback" not in done.stderr
