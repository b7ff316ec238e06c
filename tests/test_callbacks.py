"""Keras' callbacks in fit: they see what they would see in Keras."""

import subprocess
import sys

import numpy as np
import pytest
from helpers import TINY, assert_same_weights

from sklearn_seqadd import Seq2SeqClassifier


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras on NumPy 2.4
def test_a_callback_may_change_the_learning_rate(data):
    import keras

    stop = keras.callbacks.LearningRateScheduler(lambda epoch: 0.0 if epoch else 0.01)
    one, three = (
        Seq2SeqClassifier(**{**TINY, "epochs": epochs}, callbacks=[stop]).fit(*data)
        for epochs in (1, 3)
    )
    assert_same_weights(one, three, atol=1e-7)


def test_early_stopping_restores_the_best_weights(data):
    import keras

    stopper = keras.callbacks.EarlyStopping(
        "loss", patience=0, min_delta=10, restore_best_weights=True
    )
    stopped = Seq2SeqClassifier(**{**TINY, "epochs": 9}, callbacks=[stopper]).fit(*data)
    once = Seq2SeqClassifier(**{**TINY, "epochs": 1}).fit(*data)
    assert len(stopped.history_["loss"]) == 2
    assert_same_weights(stopped, once)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("params", "layers"),
    [
        ({}, ""),  # all of them Keras' own
        (
            {"decoder": "attention", "mask_padding": True},
            "sklearn_seqadd.networks.layers",
        ),
        (
            {"decoder": "autoregressive", "mask_padding": True},
            "sklearn_seqadd.networks.layers",
        ),
    ],
    ids=["repeat", "attention", "autoregressive"],
)
@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras on NumPy 2.4
def test_a_checkpoint_holds_a_model_that_plain_keras_loads(
    data, tmp_path, params, layers
):
    import keras

    path = tmp_path / "model.keras"
    checkpoint = keras.callbacks.ModelCheckpoint(path)
    estimator = Seq2SeqClassifier(**TINY, **params, callbacks=[checkpoint]).fit(*data)
    script = (
        "import os; os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'\n"
        f"import keras, numpy as np{layers and ', ' + layers}\n"
        f"model = keras.models.load_model({str(path)!r})\n"
        f"np.savez({str(tmp_path / 'w.npz')!r}, *model.get_weights())\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    loaded = np.load(tmp_path / "w.npz")
    for name, weight in zip(loaded.files, estimator.weights_, strict=True):
        np.testing.assert_array_equal(loaded[name], weight)
