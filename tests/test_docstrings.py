"""Docstrings are the manual: everything public is in them, and nothing else."""

import inspect
import re

import numpy as np
import pytest
from sklearn.base import BaseEstimator

import sklearn_seqadd
from sklearn_seqadd import MappingRegressor, Seq2SeqClassifier, Seq2SeqEnsemble
from sklearn_seqadd.networks import DECODERS

PUBLIC = {name: getattr(sklearn_seqadd, name) for name in sklearn_seqadd.__all__}
CLASSES = {name: member for name, member in PUBLIC.items() if inspect.isclass(member)}
ESTIMATORS = {
    name: member
    for name, member in CLASSES.items()
    if issubclass(member, BaseEstimator)
}
METHODS = {
    f"{class_name}.{name}": method
    for class_name, member in CLASSES.items()
    for name, method in inspect.getmembers(member, inspect.isfunction)
    if not name.startswith("_")
    and inspect.unwrap(method).__module__.startswith("sklearn_seqadd")
}
CALLABLES = {**PUBLIC, **METHODS}


def sections(member):
    """The text of each section of a docstring, by its title."""
    doc = inspect.getdoc(member)
    assert doc, "no docstring"
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", doc, flags=re.MULTILINE)
    return dict(zip(["Summary", *parts[1::2]], parts[::2], strict=True))


def described(text):
    """The names that a section describes, in its order, and what is said of each."""
    parts = re.split(r"^(\**\w+)(?: : .+)?$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", CALLABLES)
def test_every_parameter_is_described_in_its_order(name):
    parameters = [
        {p.VAR_KEYWORD: "**", p.VAR_POSITIONAL: "*"}.get(p.kind, "") + p.name
        for p in inspect.signature(CALLABLES[name]).parameters.values()
        if p.name != "self"
    ]
    found = described(sections(CALLABLES[name]).get("Parameters", ""))

    assert list(found) == parameters
    assert all(text.strip() for text in found.values() if text is not None)


@pytest.mark.parametrize("name", CALLABLES)
def test_the_summary_is_one_line_that_ends_in_a_full_stop(name):
    summary, _, rest = sections(CALLABLES[name])["Summary"].partition("\n")

    assert summary.endswith(".")
    assert not rest.strip() or rest.startswith("\n")


def returns_something(name):
    member = CALLABLES[name]
    # A method without a docstring of its own is described in the base class.
    is_described_here = name not in CLASSES and member.__doc__ is not None
    return is_described_here and inspect.signature(member).return_annotation is not None


@pytest.mark.parametrize("name", [*filter(returns_something, CALLABLES)])
def test_what_is_returned_is_described(name):
    assert described(sections(CALLABLES[name])["Returns"])


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_comes_with_an_example(name):
    assert ">>> " in sections(PUBLIC[name])["Examples"]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_default_is_named(name):
    text = inspect.getdoc(ESTIMATORS[name])
    for parameter in inspect.signature(ESTIMATORS[name]).parameters.values():
        default = parameter.default
        written = f'"{default}"' if isinstance(default, str) else repr(default)
        described_as = re.search(rf"^{parameter.name} : (.*)$", text, re.MULTILINE)
        assert described_as[1].endswith(f"default={written}")


# What each estimator can be fitted on, if not on strings.
FIT_ON = {
    "MappingRegressor": (np.eye(4), [0, 1, 0, 1]),
    "Seq2SeqClassifier": (np.eye(4), [0, 1, 0, 1]),
    "Seq2SeqEnsemble": (np.eye(4), [0, 1, 0, 1]),
    "SequenceOneHotEncoder": ([[0, 1], [2, 1]], None),
}


@pytest.mark.parametrize(
    "name", [n for n, m in ESTIMATORS.items() if hasattr(m, "fit")]
)
def test_the_attributes_described_are_those_that_fit_adds(name):
    params = {}
    if issubclass(ESTIMATORS[name], Seq2SeqClassifier):
        params = {"encoder_units": 8, "decoder_units": 8, "epochs": 1}
    elif issubclass(ESTIMATORS[name], Seq2SeqEnsemble):
        params = {"n_estimators": 1}
    estimator = ESTIMATORS[name](**params)
    estimator.fit(*FIT_ON.get(name, (["12+5", "1+50"], None)))
    learned = {n for n in vars(estimator) if n.endswith("_") and n[0] != "_"}
    found = set(described(sections(ESTIMATORS[name])["Attributes"]))

    assert learned <= found
    for attribute in found - {"feature_names_in_"}:  # only of data frames
        assert hasattr(estimator, attribute)


# What means something else to a network for numbers.
OF_THEIR_OWN = {
    *("learning_rate", "schedule", "batch_size", "epochs"),
    *("target_transformer", "target_transformer_", "history_", "n_features_in_"),
    "network",
}


@pytest.mark.parametrize("section", ["Parameters", "Attributes"])
def test_what_both_networks_have_is_described_alike(section):
    one, other = (
        described(sections(member)[section])
        for member in (Seq2SeqClassifier, MappingRegressor)
    )
    shared = one.keys() & other.keys() - OF_THEIR_OWN
    assert len(shared) >= 7
    assert {name: one[name] for name in shared} == {
        name: other[name] for name in shared
    }


def test_every_decoder_is_described():
    text = described(sections(Seq2SeqClassifier)["Parameters"])["decoder"]
    assert re.findall(r'^ *- `"(\w+)"`', text, re.MULTILINE) == list(DECODERS)
