"""scikit-learn's own checks of estimators, with no failure expected."""

import warnings

import pytest
from sklearn.utils.estimator_checks import check_estimator

from sklearn_seqadd import (
    Seq2SeqClassifier,
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
)

SMALL = {"encoder_units": 8, "decoder_units": 8, "epochs": 2}


# The number of checks that run is part of the promise: a tag can switch them off.
@pytest.mark.parametrize(
    ("estimator", "n_checks"),
    [
        pytest.param(Seq2SeqClassifier(**SMALL), 48, id="lstm"),
        pytest.param(
            Seq2SeqClassifier(**SMALL, cell="gru", bidirectional=True), 48, id="gru"
        ),
        pytest.param(SequenceOneHotEncoder(), 46, id="one-hot"),
        # Strings are no two-dimensional numbers: scikit-learn only checks the clone.
        pytest.param(SequencePadder(), 1, id="padder"),
        pytest.param(SequenceIntegerEncoder(), 1, id="integers"),
    ],
)
def test_scikit_learn_finds_nothing_to_object_to(estimator, n_checks):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # checks warn on purpose
        results = check_estimator(estimator, on_fail=None)
    failed = [
        f"{result['check_name']}: {result['exception']!r}"
        for result in results
        if result["status"] == "failed"
    ]
    assert not failed
    assert sum(result["status"] == "passed" for result in results) >= n_checks
