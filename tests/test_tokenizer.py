"""Tokens to private characters, and exactly back."""

import enum
import warnings

import numpy as np
import pytest
import skops.io
from helpers import TINY, joblib_round_trip
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from sklearn_seqadd import (
    AttentionDisplay,
    Seq2SeqClassifier,
    SequencePadder,
    SequenceTokenizer,
    make_seq2seq_pipeline,
    symbol_error_rate,
)

PRIVATE = "\ue000\uf8ff\U000f0000\U0010fffd"
TEXT = st.text(st.sampled_from("ab \n" + PRIVATE), max_size=4)

# Commands to actions, in reverse.
WORDS = ["jump", "walk", "look"]
rng = np.random.RandomState(0)
COMMANDS = [
    [WORDS[i] for i in rng.randint(3, size=rng.randint(1, 5))] for _ in range(300)
]
ACTIONS = [[word.upper() for word in words[::-1]] for words in COMMANDS]


def spaced(lists):
    return [" ".join(words) for words in lists]


def pipeline(**params):
    small = {"decoder_units": 16, "decoder__heads": 2, "epochs": 20}
    return make_seq2seq_pipeline(
        decoder="relative", random_state=0, **{"analyzer": "word", **small, **params}
    )


# ------------------------------------------------------------- there and back


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(TEXT | st.integers(-3, 3)), min_size=1))
def test_lists_come_back(lists):
    tokenizer = SequenceTokenizer()
    if not any(lists):
        with pytest.raises(ValueError, match="No token is left"):
            tokenizer.fit(lists)
        return
    characters = tokenizer.fit_transform(lists)

    assert [len(string) for string in characters] == [len(row) for row in lists]
    assert tokenizer.inverse_transform(characters).tolist() == lists


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text(st.sampled_from("ab -\n" + PRIVATE), max_size=8), min_size=1),
    st.sampled_from([" ", "--", "a", "\ue000"]),
)
def test_strings_come_back(strings, sep):
    for tokenizer in (SequenceTokenizer(sep=sep), SequenceTokenizer("char")):
        if any(strings):
            characters = tokenizer.fit_transform(strings)
            assert tokenizer.inverse_transform(characters).tolist() == strings


def test_there_may_be_tens_of_thousands_of_tokens():
    lists = [[str(i) for i in range(100_000)], ["7", "99999"], []]
    tokenizer = SequenceTokenizer()
    characters = tokenizer.fit_transform(lists)

    assert len(set(characters[0])) == 100_000
    assert tokenizer.inverse_transform(characters).tolist() == lists
    with pytest.raises(ValueError, match="140000 different tokens.*max_features"):
        tokenizer.fit([list(range(140_000))])
    assert len(tokenizer.vocabulary_) == 100_000


@pytest.mark.parametrize("container", [np.array, tuple, "pandas", "polars"])
def test_strings_may_stand_in_any_container(container):
    if isinstance(container, str):
        container = pytest.importorskip(container).Series
    tokenizer = SequenceTokenizer()
    characters = tokenizer.fit_transform(container(["a b", "b"]))

    assert tokenizer.inverse_transform(characters).tolist() == ["a b", "b"]


def test_a_matrix_is_rows_of_tokens():
    X = np.array([[1, 2], [2, 3]])
    tokenizer = SequenceTokenizer()

    assert (
        tokenizer.inverse_transform(tokenizer.fit_transform(X)).tolist() == X.tolist()
    )


# ---------------------------------------------------------------- the tokens


class Word(str, enum.Enum):  # noqa: UP042  (what `str` makes of it differs)
    A = "a"
    PAIR = "a b"


@pytest.mark.parametrize("vocabulary", [None, [Word.A, "b"], {"b": 1, Word.A: 0}])
def test_members_of_an_enum_are_the_tokens_that_they_are(vocabulary):
    tokenizer = SequenceTokenizer(vocabulary=vocabulary).fit([[Word.A], ["b", "a"]])
    assert tokenizer.vocabulary_ == {"a": 0, "b": 1}
    assert set(map(type, tokenizer.vocabulary_)) == {str}
    tokenizer = SequenceTokenizer().fit([Word.PAIR, "b"])
    assert tokenizer.inverse_transform(tokenizer.transform([Word.PAIR])) == ["a b"]


def test_a_pattern_finds_the_words():
    tokenizer = SequenceTokenizer(token_pattern=r"\w+")
    characters = tokenizer.fit_transform(["one, two", "two!"])

    assert tokenizer.vocabulary_ == {"one": 0, "two": 1}
    assert tokenizer.inverse_transform(characters).tolist() == ["one two", "two"]


def test_a_function_may_cut():
    tokenizer = SequenceTokenizer(lambda date: date.split("-"), sep="/")
    characters = tokenizer.fit_transform(["2026-11", "11"])

    assert tokenizer.inverse_transform(characters).tolist() == ["2026/11", "11"]


@pytest.mark.parametrize("vocabulary", [["b", "a"], {"a": 1, "b": 0}])
def test_a_vocabulary_may_be_given(vocabulary):
    tokenizer = SequenceTokenizer(vocabulary=vocabulary).fit(["a"])

    assert tokenizer.vocabulary_ == {"b": 0, "a": 1}
    with pytest.raises(ValueError, match="not in the vocabulary.*'c' in sample 1"):
        tokenizer.fit(["a", "b c"])


def test_a_vocabulary_with_a_word_for_the_unknown_takes_all():
    tokenizer = SequenceTokenizer(vocabulary=["a", "<unk>"], handle_unknown="ignore")
    characters = tokenizer.fit_transform(["a b", "<unk>"])

    assert tokenizer.inverse_transform(characters).tolist() == ["a <unk>", "<unk>"]


@pytest.mark.parametrize(
    ("params", "kept"),
    [
        ({"min_df": 2}, ["a", "b"]),
        ({"min_df": 0.9}, ["a"]),
        ({"max_features": 1}, ["c"]),
        ({"max_features": 2}, ["a", "c"]),
    ],
)
def test_what_is_rare_is_left_out(params, kept):
    tokenizer = SequenceTokenizer(**params, handle_unknown="ignore")
    tokenizer.fit(["a b", "a b", "a c c c c"])

    assert list(tokenizer.vocabulary_) == kept


@pytest.mark.parametrize("handle_unknown", ["warn", "ignore", "error"])
def test_unknown_tokens(handle_unknown):
    tokenizer = SequenceTokenizer(handle_unknown=handle_unknown).fit(["a b"])
    message = "2 tokens are not in the vocabulary of 2; the first is 'c' in sample 1"
    if handle_unknown == "error":
        with pytest.raises(ValueError, match=message):
            tokenizer.transform(["a", "c d"])
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        characters = tokenizer.transform(["a", "c d"])
    assert tokenizer.inverse_transform(characters).tolist() == ["a", "<unk> <unk>"]
    assert len(caught) == (handle_unknown == "warn")
    for warning in caught:
        assert message in str(warning.message)
        assert warning.filename == __file__


def test_padding_inside_of_an_answer_is_unknown():
    tokenizer = SequenceTokenizer().fit(["a b"])
    a, b = tokenizer.transform(["a b"])[0]

    assert tokenizer.inverse_transform([f"{a} {b}"]).tolist() == ["a <unk> b"]


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("a b", "got 'a b' of type str"),
        (7, "got 7 of type int"),
        ([], "0 sample"),
        (["a", ["b"]], "sample 1 is .* of type list"),
        ([["a"], "b"], "sample 1 is 'b' of type str"),
        ([None], "sample 0 is None"),
        ([["a"], ["b", None]], "sample 1 has None of type NoneType"),
        ([["a", 1.5]], "sample 0 has 1.5 of type float"),
        ([["a"], [1, True]], "sample 1 has True of type bool"),
        ([["a"], ["a", "b\ud800"]], "A token of sample 1, .* surrogate pair"),
    ],
)
def test_what_is_no_sequence_of_tokens_is_refused(X, message):
    with pytest.raises(ValueError, match=message):
        SequenceTokenizer().fit(X)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"sep": ""}, "'sep' .* must not be empty.*analyzer='char'"),
        ({"token_pattern": "("}, "'token_pattern' .* must be a regular expression"),
        ({"token_pattern": "(a)(b)"}, "one group at most"),
        ({"vocabulary": "ab"}, "'vocabulary' .* must be an iterable of tokens"),
        ({"vocabulary": ["a", "a"]}, "It repeats 'a'"),
        ({"vocabulary": []}, "It is empty"),
        ({"vocabulary": ["a", True]}, "must hold strings or integers. Got True of"),
        ({"vocabulary": ["a", "\ud800"]}, "A token of the vocabulary, .* surrogate"),
        ({"vocabulary": {"a": 1}}, "indices from 0 to 0"),
        ({"min_df": 5}, "No token is left.*min_df=5"),
        ({"analyzer": "words"}, "'analyzer' parameter of SequenceTokenizer"),
    ],
)
def test_what_cannot_be_meant_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        SequenceTokenizer(**params).fit(["a b"])


def test_lists_are_sent_to_the_tokenizer():
    with pytest.raises(ValueError, match="sample 0 .*SequenceTokenizer first"):
        SequencePadder().fit([["a"]])
    with pytest.raises(ValueError, match="different lengths.*analyzer='word'"):
        Seq2SeqClassifier().fit(np.ones((2, 3)), [["a"], ["b", "c"]])


# --------------------------------------------------------------- in a pipeline


@pytest.fixture(scope="module")
def fitted():
    return pipeline().fit(COMMANDS, ACTIONS)


def test_lists_are_answered_with_lists(fitted):
    assert fitted.score(COMMANDS, ACTIONS) > 0.95
    answer = fitted.predict([["jump", "walk", "look"]])
    assert answer.tolist() == [["LOOK", "WALK", "JUMP"]]
    assert sorted(fitted[-1].alphabet_) == [" ", "JUMP", "LOOK", "WALK"]


def test_strings_are_answered_with_strings():
    strings = spaced(COMMANDS), spaced(ACTIONS)
    pipe = pipeline().fit(*strings)

    assert pipe.predict(["jump walk look"]).tolist() == ["LOOK WALK JUMP"]
    assert cross_val_score(pipe, *strings, cv=2).min() > 0.9


def test_a_grid_reaches_into_the_tokenizer():
    name = "seq2seqclassifier__target_transformer__sequencetokenizer__sep"
    grid = GridSearchCV(pipeline(epochs=1), {name: [" ", "O"]}, cv=2)
    grid.fit(spaced(COMMANDS), spaced(ACTIONS))

    assert set(grid.cv_results_[f"param_{name}"]) == {" ", "O"}


def test_letters_may_become_words():
    spelled = [" ".join(word) for word in WORDS]
    pipe = pipeline(analyzer=(None, "word")).fit(100 * WORDS, 100 * spelled)

    assert pipe.predict(["walk"]).tolist() == ["w a l k"]
    assert next(iter(pipe.named_steps)) == "sequencepadder"


def test_a_pair_has_two():
    with pytest.raises(ValueError, match=r"or a pair.*Got \('word',\)"):
        make_seq2seq_pipeline(analyzer=("word",))


def test_an_unknown_token_is_warned_of_once(fitted):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fitted.predict([["jump", "run"]])
    assert [str(w.message).partition(";")[0] for w in caught] == [
        "1 token is not in the vocabulary of 3"
    ]


def test_training_continues(fitted):
    network = clone(fitted).set_params(seq2seqclassifier__epochs=1)
    network.fit(COMMANDS, ACTIONS)
    Z = network[:-1].transform(COMMANDS)
    network[-1].partial_fit(Z, ACTIONS)

    with pytest.raises(ValueError, match="does not fit.*'RUN' in sample 0"):
        network[-1].partial_fit(Z[:1], [["RUN"]])


def test_files(fitted):
    expected = fitted.predict(COMMANDS[:5]).tolist()
    file = skops.io.dumps(fitted)
    types = skops.io.get_untrusted_types(data=file)
    restored = skops.io.loads(file, trusted=types)

    assert all(name.startswith("sklearn_seqadd") for name in types)
    assert restored.predict(COMMANDS[:5]).tolist() == expected
    assert joblib_round_trip(fitted).predict(COMMANDS[:5]).tolist() == expected


def test_tokens_are_displayed(fitted):
    pytest.importorskip("matplotlib")
    display = AttentionDisplay.from_estimator(fitted, [["jump", "walk"]])

    assert display.input_symbols[-2:] == ["jump", "walk"]
    assert display.output_symbols[-2:] == ["WALK", "JUMP"]


@pytest.mark.parametrize("token", ["$a$", r"$\frac{a}$"])
def test_tokens_are_not_displayed_as_formulas(token):
    pytest.importorskip("matplotlib")
    tokens = [[token, "b"]] * 10
    display = AttentionDisplay.from_estimator(
        pipeline(epochs=1).fit(tokens, tokens), tokens[:1]
    )
    labels = [*display.ax_.get_xticklabels(), *display.ax_.get_yticklabels()]
    assert token in [label.get_text() for label in labels]
    assert not any(label.get_parse_math() for label in labels)
    display.figure_.canvas.draw()


def test_a_weight_of_zero_takes_its_tokens_away():
    weight = np.ones(len(COMMANDS))
    rest = [i for i, words in enumerate(COMMANDS) if "jump" not in words]
    weight[[i for i in range(len(COMMANDS)) if i not in rest]] = 0
    pipe = make_seq2seq_pipeline(analyzer="word", **TINY)
    pipe.fit(COMMANDS, ACTIONS, seq2seqclassifier__sample_weight=weight)

    assert "JUMP" not in pipe[-1].alphabet_


# ---------------------------------------------------------------- error rates


@pytest.mark.parametrize(
    ("true", "pred", "rate"),
    [
        (["kitten"], ["sitting"], 3 / 6),
        (["a", "bc"], ["a", ""], 2 / 3),
        (["", ""], ["a", "bc"], 3.0),
        ([["a", "b"], ["c"]], [["b"], ["c", "d"]], 2 / 3),
        (np.array([[1, 2], [3, 4]]), np.array([[2, 1], [3, 4]]), 2 / 4),
    ],
)
def test_symbol_error_rate(true, pred, rate):
    assert symbol_error_rate(true, pred) == pytest.approx(rate)


@settings(max_examples=200, deadline=None)
@given(st.text("abc"), st.text("abc"))
def test_symbol_error_rate_is_the_edit_distance(a, b):
    table = list(range(len(b) + 1))
    for i, symbol in enumerate(a):
        last, table[0] = table[0], i + 1
        for j, other in enumerate(b):
            last, table[j + 1] = (
                table[j + 1],
                min(table[j + 1] + 1, table[j] + 1, last + (symbol != other)),
            )
    assert symbol_error_rate([a], [b]) == pytest.approx(table[-1] / (len(a) or 1))


def test_the_answer_that_is_no_list_is_named():
    with pytest.raises(ValueError, match="sample 1 is None of type NoneType"):
        symbol_error_rate([["a"], None], [["a"], ["b"]])


def test_symbols_may_be_words():
    true, pred = ["a bc", "d"], ["a cb", "d"]

    assert symbol_error_rate(true, pred, sep=" ") == pytest.approx(1 / 3)
    weighted = symbol_error_rate(true, pred, sep=" ", sample_weight=[1, 2])
    assert weighted == pytest.approx(1 / 4)
    with pytest.raises(ValueError, match="sep must not be empty"):
        symbol_error_rate(true, pred, sep="")
    with pytest.raises(ValueError, match="labels of one symbol each such as 1"):
        symbol_error_rate([1], [2])
