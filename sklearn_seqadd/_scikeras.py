"""SciKeras, which wraps the Keras model of a network inside the estimators.

`BaseWrapper` gets the model itself, and its `fit` and `predict` take their usual steps:
the model is checked to be compiled with a loss and an optimizer, callbacks are
prepared, the model is trained from a given epoch on, and its history is kept, which
becomes that of the estimator. Two parts are replaced. The model's own `fit` would run
one mini-batch at a time from Python; a compiled program runs many of them, with the
same model, optimizer and callbacks, and another one predicts. The validation and the
encoding of data are skipped, because the estimators have done both.

The estimators do not inherit from `BaseWrapper`, because its subclasses in SciKeras no
longer follow all of scikit-learn's conventions. The wrapper never gets a
`random_state`, because it would make TensorFlow deterministic in the whole process; the
model is seeded before.
"""

from scikeras.wrappers import BaseWrapper


def fit(loop, X, y, sample_weight, *, n_epochs, initial_epoch, callbacks, verbose):
    """Train a model.

    Parameters
    ----------
    loop : TrainingLoop
        The loop that holds the model and trains it.

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
        The predictor that holds the model.

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
    """A wrapper that calls a function in place of the model's `fit` or `predict`.

    Parameters
    ----------
    model : keras.Model

    run : callable
        The function, `TrainingLoop.run` or `Predictor.predict`.

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
