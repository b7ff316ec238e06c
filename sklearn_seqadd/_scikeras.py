"""SciKeras, which wraps the Keras model of a network inside the estimators.

`BaseWrapper` gets the model itself, and its `fit` and `predict` take their usual steps:
the model is checked to be compiled with a loss and an optimizer, callbacks are
prepared, the model is trained from a given epoch on, and its history is kept, which
becomes that of the estimator. Only the call of the model's own `fit` or `predict` at
the end of these steps is replaced. Keras would run one mini-batch at a time from
Python; a compiled program runs many of them, with the same model, optimizer and
callbacks.

The estimators do not inherit from `BaseWrapper`: those of SciKeras, which do, no longer
follow all of scikit-learn's conventions. The wrapper never gets a `random_state`, with
which it would make TensorFlow deterministic in the whole process; the model is seeded
before it comes here.
"""

from scikeras.wrappers import BaseWrapper


def fit(loop, X, y, sample_weight, *, n_epochs, initial_epoch, callbacks, verbose):
    """Train a model.

    Parameters
    ----------
    loop : TrainingLoop
        It has the model, and trains it.

    X, y : ndarray
        Inputs and targets, validated.

    sample_weight : ndarray of shape (n_samples,) or None

    n_epochs : int
        The number of epochs to train for.

    initial_epoch : int
        The number of epochs before, in this and in earlier fits.

    callbacks : list of keras.callbacks.Callback

    verbose : int

    Returns
    -------
    history : dict
        A list of numbers by name, with one for each epoch of this fit.
    """
    wrapper = _Wrapper(
        loop.model, run=loop.run, fit__callbacks=callbacks, verbose=verbose
    )
    wrapper.fit(X, y, sample_weight, epochs=n_epochs, initial_epoch=initial_epoch)
    return wrapper.history_


def predict(predictor, X, **params):
    """Predict with a model.

    Parameters
    ----------
    predictor : Predictor
        It has the model, and predicts with it.

    X : ndarray
        Inputs, validated.

    **params : dict
        Further parameters of :meth:`Predictor.predict`.

    Returns
    -------
    outputs : ndarray
        The result of :meth:`Predictor.predict`.
    """
    wrapper = _Wrapper(predictor.model, run=predictor.predict)
    return wrapper.initialize(X).predict(X, **params)


class _Wrapper(BaseWrapper):
    """Wraps a model that compiled programs train or predict with.

    Parameters
    ----------
    model : keras.Model

    run : callable
        Takes the place of the model's `fit` or `predict`.

    **params : dict
        Parameters of `BaseWrapper`.
    """

    def __init__(self, model, *, run, **params):
        super().__init__(model, **params)
        self.run = run

    def _fit_keras_model(self, X, y, sample_weight, warm_start, epochs, initial_epoch):
        self.history_ = self.run(
            X,
            y,
            sample_weight,
            epochs=initial_epoch + epochs,
            initial_epoch=initial_epoch,
            callbacks=self._fit_callbacks,
            verbose=self.verbose,
        )

    def _predict_raw(self, X, **params):
        return self.run(X, **params)

    # The estimators have validated and encoded the data. SciKeras would copy X and y,
    # and round sample weights to single precision.

    def _validate_data(self, X=None, y=None, reset=False, y_numeric=False):
        return X, y

    @staticmethod
    def _validate_sample_weight(X, y, sample_weight):
        return X, y, sample_weight

    @property
    def feature_encoder(self):
        return _Identity()

    target_encoder = feature_encoder


class _Identity:
    """A transformer that leaves everything as it is."""

    def fit(self, X):
        return self

    def transform(self, X):
        return X

    inverse_transform = transform
