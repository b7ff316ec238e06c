"""SciKeras, which wraps the compiled network inside the estimators.

What it does for them: it checks that a model is compiled, routes parameters to the
model's `fit` and `predict`, prepares callbacks, counts epochs over several calls, and
keeps a history. It is no base class of theirs, as its own estimators do not follow
scikit-learn's conventions any more. With a `random_state` it would switch TensorFlow's
determinism on for the whole process; the network is seeded before it comes here.
"""

from scikeras.wrappers import BaseWrapper


def fit(network, X, y, sample_weight, *, n_epochs, initial_epoch, **fit_params):
    """Train a network.

    Parameters
    ----------
    network : CompiledNetwork

    X, y : ndarray
        Inputs and targets, validated.

    sample_weight : ndarray of shape (n_samples,) or None

    n_epochs : int
        For how many epochs.

    initial_epoch : int
        How many there have been before, in this and in earlier fits.

    **fit_params : dict
        As `network.fit` takes them.
    """
    routed = {f"fit__{name}": value for name, value in fit_params.items()}
    wrapper = _Wrapper(model=network, **routed)
    wrapper.fit(X, y, sample_weight, epochs=n_epochs, initial_epoch=initial_epoch)


def predict(network, X, **predict_params):
    """Predict with a network.

    Parameters
    ----------
    network : CompiledNetwork

    X : ndarray
        Inputs, validated.

    **predict_params : dict
        As `network.predict` takes them.

    Returns
    -------
    outputs : ndarray
        What `network.predict` returns.
    """
    routed = {f"predict__{name}": value for name, value in predict_params.items()}
    return _Wrapper(model=network, **routed).initialize(X).predict(X)


class _Wrapper(BaseWrapper):
    # The estimators have validated and encoded the data: X, y and the weights reach the
    # network as they are.

    def _validate_data(self, X=None, y=None, reset=False, y_numeric=False):
        return X, y

    @staticmethod
    def _validate_sample_weight(X, y, sample_weight):
        # SciKeras would copy X and y, and round the weights to single precision.
        return X, y, sample_weight

    @property
    def feature_encoder(self):
        return _AsItIs()

    target_encoder = feature_encoder


class _AsItIs:
    """The transformer that leaves everything as it is."""

    def fit(self, X):
        return self

    def transform(self, X):
        return X

    inverse_transform = transform
