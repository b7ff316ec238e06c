"""scikit-learn's own checks of estimators, with no failure expected."""

import inspect
import warnings

import pytest
import sklearn
from custom_networks import Convolutional, Transformer
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.fixes import parse_version

import sklearn_seqadd
from sklearn_seqadd import (
    Decoder,
    MappingRegressor,
    Seq2SeqClassifier,
    Seq2SeqEnsemble,
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    SequenceTokenizer,
    TermExtractor,
)
from sklearn_seqadd._tensorflow import keras


class Columns(BaseEstimator):
    """Labels as columns of labels, and back."""

    def fit(self, X, y=None):
        self.shape_ = X.shape[1:]
        return self

    def transform(self, X):
        return X.reshape(len(X), -1)

    def inverse_transform(self, X):
        return X.reshape(-1, *self.shape_)


def classifier(**params):
    small = {"epochs": 2}
    if "network" not in params:
        small |= {"encoder_units": 8, "decoder_units": 8}
    return Seq2SeqClassifier(**{**small, **params})


# What is checked, and how many checks have to run: a tag can switch some of them off.
# With a tag for strings scikit-learn only checks that the estimator can be cloned.
SUBJECTS = {
    "Seq2SeqClassifier, as constructed": (Seq2SeqClassifier(), 48),
    "MappingRegressor, as constructed": (MappingRegressor(), 57),
    "MappingRegressor: mlp": (MappingRegressor("mlp"), 57),
    "Seq2SeqEnsemble, as constructed": (Seq2SeqEnsemble(), 48),
    "SequenceOneHotEncoder, as constructed": (SequenceOneHotEncoder(), 46),
    "SequencePadder, as constructed": (SequencePadder(), 1),
    "SequenceIntegerEncoder, as constructed": (SequenceIntegerEncoder(), 1),
    "SequenceTokenizer, as constructed": (SequenceTokenizer(), 1),
    "TermExtractor, as constructed": (TermExtractor(), 1),
    "Seq2SeqClassifier: small": (classifier(), 48),
    "Seq2SeqClassifier: explicit target transformer": (
        classifier(target_transformer=make_pipeline(Columns(), OrdinalEncoder())),
        48,
    ),
    "Seq2SeqClassifier: sequence, gru in both directions, two layers": (
        classifier(
            decoder="sequence",
            cell="gru",
            bidirectional=True,
            encoder_units=(8, 4),
            dropout=0.1,
            schedule="cosine",
            learning_rate=0.01,
            clipnorm=1.0,
        ),
        48,
    ),
    "Seq2SeqClassifier: attention, early stopping": (
        classifier(
            decoder="attention",
            encoder_units=None,
            mask_padding=True,
            early_stopping=True,
            n_iter_no_change=1,
            optimizer=keras.optimizers.Adam(use_ema=True),
        ),
        48,
    ),
    "Seq2SeqClassifier: relative, warm start": (
        classifier(
            decoder="relative", encoder_units=None, cell="simple_rnn", warm_start=True
        ),
        48,
    ),
    "Seq2SeqClassifier: autoregressive, embedding": (
        classifier(
            decoder="autoregressive", beam_width=2, embedding_dim=4, mask_padding=True
        ),
        48,
    ),
    "Seq2SeqClassifier: convolutions of one's own": (
        classifier(network=Convolutional(8)),
        48,
    ),
    "Seq2SeqClassifier: a Transformer of one's own": (
        classifier(network=Transformer(8)),
        48,
    ),
    "SequencePadder: by term": (SequencePadder("term", length=9, reverse=True), 1),
    "SequenceIntegerEncoder: given alphabet": (SequenceIntegerEncoder("0123+ "), 1),
}

# Larger networks than it takes, and those whose layers and settings others have as
# well, each in other company.
SLOW = {
    "Seq2SeqClassifier: convolutions of one's own",
    "Seq2SeqClassifier, as constructed",
    "MappingRegressor, as constructed",
    "MappingRegressor: mlp",
    "Seq2SeqEnsemble, as constructed",
    "Seq2SeqClassifier: sequence, gru in both directions, two layers",
    "Seq2SeqClassifier: attention, early stopping",
    "Seq2SeqClassifier: relative, warm start",
    "Seq2SeqClassifier: autoregressive, embedding",
    "Seq2SeqClassifier: a Transformer of one's own",
}

# What is checked though scikit-learn would not by itself, the tags being what they
# are: some checks are for classifiers only, and some only for its own estimators.
LIKE_A_CLASSIFIER = [
    "check_array_api_input_and_values",
    "check_classifier_data_not_an_array",
    "check_classifier_multioutput",
    "check_classifiers_multilabel_output_format_predict",
    "check_classifiers_multilabel_representation_invariance",
    "check_classifiers_one_label",
    "check_classifiers_one_label_sample_weights",
    "check_classifiers_regression_target",
    "check_dataframe_column_names_consistency",
    "check_estimators_partial_fit_n_features",
    "check_inplace_ensure_writeable",
    "check_param_validation",
    "check_regressors_int",
    "check_supervised_y_2d",
    "check_supervised_y_no_nan",
]
WITHOUT_DATA = [
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_param_validation",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
]
NOT_BY_ITSELF = {
    "Seq2SeqClassifier: small": LIKE_A_CLASSIFIER,
    "Seq2SeqClassifier: explicit target transformer": LIKE_A_CLASSIFIER,
    "SequenceOneHotEncoder, as constructed": [
        "check_dataframe_column_names_consistency",
        "check_inplace_ensure_writeable",
    ],
    "SequencePadder, as constructed": WITHOUT_DATA,
    "TermExtractor, as constructed": [
        *WITHOUT_DATA,
        "check_get_feature_names_out_error",
    ],
    "SequenceIntegerEncoder, as constructed": [
        *WITHOUT_DATA,
        "check_get_feature_names_out_error",
    ],
}

# The checks that an estimator may fail, and why: none.
EXPECTED_FAILURES = {}


def sklearn_is_at_least(version):
    return parse_version(sklearn.__version__) >= parse_version(version)


def broken_checks(estimator):
    """What no estimator with such tags can pass, by a mistake in the check itself."""
    tags = sklearn.utils.get_tags(estimator).input_tags
    broken = {}
    if tags.categorical and isinstance(estimator, Seq2SeqClassifier):
        broken["check_sample_weight_equivalence_on_dense_data"] = "takes no integers"
    if tags.categorical and tags.positive_only and not sklearn_is_at_least("1.7.1"):
        broken["check_positive_only_tag_during_fit"] = "subtracts floats from integers"
    return broken


def public_estimators():
    public = (getattr(sklearn_seqadd, name) for name in sklearn_seqadd.__all__)
    return {
        member
        for member in public
        if inspect.isclass(member)
        and issubclass(member, BaseEstimator)
        and not issubclass(member, Decoder)  # a parameter, as a kernel is
    }


def _given(estimator):
    """The parameters that do not have their default."""
    default = type(estimator)().get_params()
    return {k: v for k, v in estimator.get_params().items() if v != default[k]}


def test_every_public_estimator_is_checked_as_constructed():
    as_constructed = {
        type(estimator)
        for subject, (estimator, _) in SUBJECTS.items()
        if subject.endswith("as constructed") and not _given(estimator)
    }
    assert as_constructed == public_estimators()


def test_scipy_was_told_of_the_array_api_in_time():
    array_api = pytest.importorskip("scipy._lib._array_api", reason="SciPy 1.10")
    assert array_api.SCIPY_ARRAY_API


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(subject, marks=[pytest.mark.slow] if subject in SLOW else [])
        for subject in SUBJECTS
    ],
)
def test_scikit_learn_finds_nothing_to_object_to(subject, executed_checks):
    estimator, n_checks = SUBJECTS[subject]
    broken = broken_checks(estimator)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # checks warn on purpose
        results = check_estimator(
            estimator,
            expected_failed_checks={**EXPECTED_FAILURES, **broken},
            on_fail=None,
        )
    passed = [r["check_name"] for r in results if r["status"] == "passed"]
    executed_checks[subject] = len(passed)
    assert [
        f"{r['check_name']} {r['status']}: {r['exception']!r}"
        for r in results
        if r["status"] != "passed" and r["check_name"] not in broken
    ] == []
    if n_checks > 1 and sklearn_is_at_least("1.9"):  # which runs it for any estimator
        assert "check_array_api_input" in passed
        n_checks += 1
    assert len(passed) >= n_checks - len(broken)


@pytest.mark.parametrize(
    ("subject", "check"),
    [
        pytest.param(subject, check, id=f"{subject}-{check}")
        for subject, checks in NOT_BY_ITSELF.items()
        for check in checks
    ],
)
def test_nor_in_checks_that_it_would_not_run_by_itself(subject, check, executed_checks):
    estimator, _ = SUBJECTS[subject]
    params = {}
    if check == "check_array_api_input_and_values":
        if not sklearn_is_at_least("1.7"):
            pytest.skip("scikit-learn 1.6 needs a package of its own for this")
        params["array_namespace"] = "numpy"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        getattr(estimator_checks, check)(type(estimator).__name__, estimator, **params)
    key = f"{subject}, not by itself"
    executed_checks[key] = executed_checks.get(key, 0) + 1
