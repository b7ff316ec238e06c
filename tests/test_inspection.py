"""What the Displays promise: the data they compute, and that these are drawn."""

import copy
import sys
import warnings

import numpy as np
import pytest
from helpers import assert_same_weights, slow, tiny_pipeline
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_seqadd import (
    AttentionDecoder,
    AttentionDisplay,
    MappingRegressor,
    Seq2SeqClassifier,
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    StepAccuracyDisplay,
    TermExtractor,
    TrainingHistoryDisplay,
    character_accuracy_score,
    make_addition,
    make_seq2seq_pipeline,
)

plt = pytest.importorskip("matplotlib.pyplot")

TINY = {"decoder_units": 8, "decoder__heads": 2, "epochs": 8, "random_state": 0}


@pytest.fixture(autouse=True)
def no_figure_left():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def sums():
    return make_addition(400, largest=99, random_state=0)


@pytest.fixture(scope="module")
def attending(sums):
    """Learned a little, so that it looks at some characters more than at others."""
    pipe = make_seq2seq_pipeline(
        decoder="attention", learning_rate=0.02, early_stopping=True, **TINY
    )
    return pipe.fit(*sums)


@pytest.fixture(scope="module")
def autoregressive(sums):
    pipe = make_seq2seq_pipeline(
        decoder="autoregressive",
        encoder_units=None,
        embedding_dim=None,
        learning_rate=0.02,
        reverse=True,
        decoder_units=8,
        epochs=8,
        random_state=0,
    )
    return pipe.fit(*sums)


@pytest.fixture(scope="module")
def repeating(sums):
    return tiny_pipeline(epochs=1).fit(*sums)


def tick_labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


# ----------------------------------------------------------------------- all of them

DISPLAYS = {
    "TrainingHistoryDisplay": TrainingHistoryDisplay({"loss": [2.0, 1.0]}),
    "StepAccuracyDisplay": StepAccuracyDisplay([1.0, 0.5], support=[4, 2]),
    "AttentionDisplay": AttentionDisplay([[0.3, 0.7]], "ab", "c"),
}
every_display = pytest.mark.parametrize("name", DISPLAYS)


@every_display
def test_plot_returns_itself_with_a_figure_of_its_own(name):
    display = copy.copy(DISPLAYS[name])

    assert display.plot() is display
    assert display.ax_ in display.figure_.axes
    assert display.figure_.number in plt.get_fignums()


@every_display
def test_plot_draws_on_given_axes_and_makes_no_figure(name):
    figure, (_, ax) = plt.subplots(1, 2)
    display = copy.copy(DISPLAYS[name]).plot(ax=ax)

    assert display.ax_ is ax
    assert display.figure_ is figure
    assert ax.has_data()
    assert plt.get_fignums() == [figure.number]


@every_display
def test_nothing_is_cut_off(name):
    figure = copy.copy(DISPLAYS[name]).plot().figure_
    figure.canvas.draw()
    outer = figure.get_window_extent()
    for ax in figure.axes:
        inner = ax.get_tightbbox()
        assert outer.x0 <= inner.x0 < inner.x1 <= outer.x1
        assert outer.y0 <= inner.y0 < inner.y1 <= outer.y1


@every_display
def test_without_matplotlib_the_error_says_what_to_install(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    display = copy.copy(DISPLAYS[name])
    advice = r'requires matplotlib.*pip install "sklearn_seqadd\[plot\]"'

    with pytest.raises(ImportError, match=rf"{name}\.plot {advice}"):
        display.plot()
    # Before anything is computed, so before the arguments are looked at.
    given = (None,) * {"TrainingHistoryDisplay": 1, "AttentionDisplay": 2}.get(name, 3)
    with pytest.raises(ImportError, match=rf"{name}\.from_estimator {advice}"):
        type(display).from_estimator(*given)


# -------------------------------------------------------------------------- training


def test_each_metric_has_a_panel_with_the_validation_beside_the_training(attending):
    display = TrainingHistoryDisplay.from_estimator(attending)
    history = attending[-1].history_

    assert display.ax_ is display.axes_[0]
    labels = [ax.get_ylabel() for ax in display.axes_]
    assert labels[0] == "Loss"
    assert set(labels[1:]) == {"Exact match", "Character accuracy"}
    assert len(display.lines_) == 6
    for ax, label in zip(display.axes_, labels, strict=True):
        metric = label.lower().replace(" ", "_")
        training, validation = ax.get_lines()
        for line, key in ((training, metric), (validation, f"val_{metric}")):
            np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 9))
            np.testing.assert_array_equal(line.get_ydata(), history[key])
        texts = [text.get_text() for text in ax.get_legend().get_texts()]
        assert texts == ["training", "validation"]
        # Told apart without colours.
        assert training.get_linestyle() != validation.get_linestyle()


def test_a_bare_estimator_and_a_regressor_have_a_history_too(attending, sums):
    X, y = sums
    mapping = make_pipeline(TermExtractor(), MappingRegressor("mlp", 4, epochs=2))
    mapping.fit(X[:40], y[:40].astype(int))

    bare = TrainingHistoryDisplay.from_estimator(attending[-1])
    assert bare.history == attending[-1].history_
    (line,) = TrainingHistoryDisplay.from_estimator(mapping).lines_
    np.testing.assert_array_equal(line.get_ydata(), mapping[-1].history_["loss"])


def test_one_axes_shows_the_loss_or_whatever_is_asked_for():
    history = {
        "exact_match": [0.1, 0.5],
        "character_accuracy": [0.4, 0.8],
        "loss": [2.0, 1.0],
    }
    _, (one, other) = plt.subplots(1, 2)
    display = TrainingHistoryDisplay(history).plot(ax=one)
    np.testing.assert_array_equal(display.lines_[0].get_ydata(), [2.0, 1.0])
    assert len(display.lines_) == 1
    assert one.get_ylabel() == "Loss"

    display.plot(ax=other, metrics=["character_accuracy", "exact_match"], name="mine")
    assert [line.get_label() for line in display.lines_] == [
        "mine, character accuracy, training",
        "mine, exact match, training",
    ]
    assert len({line.get_color() for line in display.lines_}) == 2
    assert display.ax_ is other


def test_several_axes_take_one_metric_each():
    history = {"loss": [2.0], "exact_match": [0.1], "val_exact_match": [0.0]}
    _, axes = plt.subplots(2)
    display = TrainingHistoryDisplay(history).plot(ax=axes)

    assert [ax.get_ylabel() for ax in axes] == ["Loss", "Exact match"]
    assert list(display.axes_) == list(axes)
    _, axes = plt.subplots(3)
    with pytest.raises(ValueError, match=r"3 axes for 2 metrics: loss, exact_match"):
        display.plot(ax=axes)


def test_two_histories_on_the_same_axes_can_be_told_apart():
    history = {"loss": [2.0, 1.0], "val_loss": [2.5, 1.5]}
    first = TrainingHistoryDisplay(history, name="first").plot(metrics="loss")
    second = TrainingHistoryDisplay(history, name="second").plot(first.ax_)

    texts = [text.get_text() for text in first.ax_.get_legend().get_texts()]
    assert texts == [
        "first, training",
        "first, validation",
        "second, training",
        "second, validation",
    ]
    colors = [line.get_color() for line in first.lines_ + second.lines_]
    assert colors[0] == colors[1] != colors[2] == colors[3]


def test_a_single_epoch_can_be_seen():
    display = TrainingHistoryDisplay({"loss": [2.0]}).plot()
    (line,) = display.lines_

    assert line.get_marker() not in ("", "None", None)
    ticks = display.ax_.xaxis.get_major_locator().tick_values(*display.ax_.get_xlim())
    assert 1 in ticks
    assert all(tick == int(tick) for tick in ticks)


def test_a_value_between_two_missing_ones_can_be_seen():
    values = [1.0] * 30 + [np.nan, 1.0, np.nan] + [1.0] * 30
    whole, with_holes = (
        TrainingHistoryDisplay({"loss": [1.0] * 63, "f1": values})
        .plot(metrics=["loss", "f1"])
        .lines_
    )

    assert whole.get_marker() in ("", "None")
    assert with_holes.get_marker() not in ("", "None")


def test_metrics_that_a_callback_adds_are_drawn(sums):
    keras = pytest.importorskip("keras")

    class Extra(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            logs["_odd name"] = float(epoch)
            logs["val_only"] = 2.0 * epoch

    pipe = make_seq2seq_pipeline(
        encoder_units=8, decoder_units=8, epochs=2, callbacks=[Extra()]
    )
    display = TrainingHistoryDisplay.from_estimator(
        pipe.fit(*sums), metrics=["_odd name", "only"]
    )

    values = [line.get_ydata().tolist() for line in display.lines_]
    assert values == [[0, 1], [0, 2]]
    assert display.lines_[1].get_label() == "validation"


def test_values_of_unknown_epochs_are_left_out_with_a_word():
    history = {"loss": [3.0, 2.0, 1.0], "val_loss": [2.0], "f1": [0.5]}
    display = TrainingHistoryDisplay(history)

    with pytest.warns(UserWarning, match="than the 3 epochs: val_loss, f1"):
        display.plot()
    assert [line.get_label() for line in display.lines_] == ["training"]
    with pytest.raises(ValueError, match="'f1' has 1 values, but there are 3 epochs"):
        display.plot(metrics=["f1"])


def test_a_history_of_keras_is_taken_as_it_is():
    keras = pytest.importorskip("keras")
    history = keras.callbacks.History()
    history.history = {"loss": [2.0, 1.0]}
    display = TrainingHistoryDisplay.from_history(history, color="black", lw=3)

    (line,) = display.lines_
    assert line.get_color() == "black"
    assert line.get_linewidth() == 3


def test_what_is_not_in_the_history_is_an_error_that_says_what_is():
    with pytest.raises(ValueError, match=r"no metric 'f1'. It has 'loss', 'a'"):
        TrainingHistoryDisplay({"a": [1], "loss": [1]}).plot(metrics="f1")
    with pytest.raises(ValueError, match="empty"):
        TrainingHistoryDisplay({}).plot()
    with pytest.raises(ValueError, match="metrics is empty"):
        TrainingHistoryDisplay({"loss": [1]}).plot(metrics=[])


def test_without_a_history_there_is_nothing_to_draw():
    with pytest.raises(NotFittedError):
        TrainingHistoryDisplay.from_estimator(make_seq2seq_pipeline())
    other = LinearRegression().fit(np.eye(2), [0, 1])
    with pytest.raises(ValueError, match="LinearRegression keeps no history"):
        TrainingHistoryDisplay.from_estimator(other)


# ------------------------------------------------------------------------- positions


@pytest.mark.parametrize(
    ("align", "accuracy"),
    [
        # Units: 2, 0 and 7 right, 4 for 3 wrong. Tens: 6 right, 1 for 0 and nothing for
        # 2 wrong. Hundreds: 1 right, 1 for nothing and nothing for 1 wrong.
        ("right", [3 / 4, 1 / 3, 1 / 3]),
        # First: 1 and 7 right, 1 for 6 and 4 for 1 wrong. Second: 6 for 2, 1 for 0 and
        # nothing for 2 wrong. Third: 0 right, 2 for nothing and nothing for 3 wrong.
        ("left", [2 / 4, 0, 1 / 3]),
    ],
)
def test_positions_are_counted_from_either_end(align, accuracy):
    y_true, y_pred = ["62", "100", "7", "123"], ["162", "110", "7", "4"]
    display = StepAccuracyDisplay.from_predictions(y_true, y_pred, align=align)

    np.testing.assert_allclose(display.step_accuracy, accuracy)
    np.testing.assert_array_equal(display.support, [4, 3, 3])


def test_from_the_left_the_weighted_mean_is_the_character_accuracy():
    rng = np.random.RandomState(0)
    y_true, y_pred = (
        ["".join(rng.choice(["a", "b"], rng.randint(0, 5))) for _ in range(50)]
        for _ in range(2)
    )
    weight = rng.randint(0, 4, 50)
    display = StepAccuracyDisplay.from_predictions(
        y_true, y_pred, sample_weight=weight, align="left"
    )

    mean = np.average(display.step_accuracy, weights=display.support)
    assert mean == pytest.approx(
        character_accuracy_score(y_true, y_pred, sample_weight=weight)
    )


def test_a_sample_of_weight_zero_has_no_positions():
    display = StepAccuracyDisplay.from_predictions(
        ["62", "1000"], ["62", "1000"], sample_weight=[2, 0]
    )

    np.testing.assert_array_equal(display.support, [2, 2])
    assert display.n_samples == 2


def test_columns_are_positions_that_all_samples_have():
    y_true = np.array([[1, 2, 3], [4, 5, 6]])
    y_pred = np.array([[1, 2, 9], [9, 5, 9]])
    right = StepAccuracyDisplay.from_predictions(y_true, y_pred)
    left = StepAccuracyDisplay.from_predictions(y_true, y_pred, align="left")

    np.testing.assert_array_equal(right.step_accuracy, [0, 1, 0.5])
    np.testing.assert_array_equal(left.step_accuracy, [0.5, 1, 0])
    np.testing.assert_array_equal(right.support, [2, 2, 2])


def test_answers_without_positions_are_refused():
    with pytest.raises(ValueError, match=r"labels of one symbol each such as 62"):
        StepAccuracyDisplay.from_predictions([62, 100], [62, 101])
    with pytest.raises(ValueError, match=r"y_pred\[0\] = 62, which is not a string"):
        StepAccuracyDisplay.from_predictions(["62"], [62])
    with pytest.raises(ValueError, match="answers are empty"):
        StepAccuracyDisplay.from_predictions(["", ""], ["", ""])
    with pytest.raises(ValueError, match="'left' or 'right', got 'middle'"):
        StepAccuracyDisplay.from_predictions(["1"], ["1"], align="middle")


@pytest.mark.parametrize("align", ["left", "right"])
def test_tokens_have_positions_as_characters_have(align):
    y_true, y_pred = ["HH AH L", "OW", ""], ["HH L", "OW L", "L"]
    of_strings = StepAccuracyDisplay.from_predictions(
        y_true, y_pred, align=align, sep=" "
    )
    of_lists = StepAccuracyDisplay.from_predictions(
        [answer.split() for answer in y_true],
        [answer.split() for answer in y_pred],
        align=align,
    )

    expected = {"left": [2 / 3, 0, 0], "right": [1 / 3, 0, 0]}[align]
    for display in (of_strings, of_lists):
        np.testing.assert_allclose(display.step_accuracy, expected)
        np.testing.assert_array_equal(display.support, [3, 2, 1])
    with pytest.raises(ValueError, match="sep must not be empty"):
        StepAccuracyDisplay.from_predictions(y_true, y_pred, sep="")


def test_positions_are_drawn_as_answers_are_written():
    y_true, y_pred = ["62", "100"], ["62", "110"]
    right = StepAccuracyDisplay.from_predictions(y_true, y_pred)
    left = StepAccuracyDisplay.from_predictions(y_true, y_pred, align="left")

    for display, end in ((right, "last"), (left, "first")):
        np.testing.assert_array_equal(display.line_.get_xdata(), [1, 2, 3])
        np.testing.assert_array_equal(display.line_.get_ydata(), display.step_accuracy)
        heights = [bar.get_height() for bar in display.bars_]
        np.testing.assert_array_equal(heights, [1, 1, 0.5])
        assert display.ax_.get_xlabel() == f"Position from the {end} symbol"
    # Units at the right, as in a number.
    assert right.ax_.xaxis_inverted()
    assert not left.ax_.xaxis_inverted()


def test_an_estimator_is_judged_by_what_it_predicts(repeating, sums):
    X, y = sums
    weight = np.arange(len(X))
    display = StepAccuracyDisplay.from_estimator(
        repeating, X, y, sample_weight=weight, align="left"
    )
    expected = StepAccuracyDisplay.from_predictions(
        y, repeating.predict(X), sample_weight=weight, align="left"
    )

    np.testing.assert_array_equal(display.step_accuracy, expected.step_accuracy)
    assert display.line_.get_label() == "Seq2SeqClassifier"
    Z = repeating[:-1].transform(X)
    bare = StepAccuracyDisplay.from_estimator(repeating[-1], Z, y, name="mine")
    assert bare.line_.get_label() == "mine"


def test_two_models_fit_on_one_axes():
    first = StepAccuracyDisplay.from_predictions(["100"], ["100"], name="first")
    second = StepAccuracyDisplay.from_predictions(
        ["62"], ["62"], name="second", ax=first.ax_, plot_support=False, c="black"
    )

    assert second.bars_ is None
    assert second.line_.get_color() == "black"
    assert first.ax_.xaxis_inverted()
    low, high = sorted(first.ax_.get_xlim())
    assert low < 1 < 3 < high


# ------------------------------------------------------------------------- attention


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def by_hand(pipe, question):
    """The weights of attention (n_heads, n_steps_out, n_steps_in), from weights_."""
    network = pipe[-1]
    paths = [weight.path for weight in network.model_.weights]
    w = {
        path: values.astype(np.float64)
        for path, values in zip(paths, network.weights_, strict=True)
    }
    x = pipe[:-1].transform([question])[0].astype(np.float64)
    values = x @ w["symbols/kernel"] + w["symbols/bias"]
    if network.decoder.name == "attention":
        q, k = (
            np.einsum("td,dhe->hte", steps, w[f"attention/{name}/kernel"])
            + w[f"attention/{name}/bias"][:, None]
            for steps, name in (
                (w["queries/positions"], "query"),
                (values + w["keys/positions"], "key"),
            )
        )
        return softmax(q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1]))
    visible = x[:, 0] == 0
    keys = values @ w["keys/kernel"] + w["keys/bias"]
    first = values[visible].mean(axis=0) @ w["first_state/kernel"]
    hidden, cell = np.split(np.tanh(first + w["first_state/bias"]), 2)
    answer = pipe.predict([question])
    codes = network.target_transformer_.transform(answer)[0]
    previous = [len(network.alphabet_), *codes]
    looked, context, weights = np.zeros(len(x)), np.zeros(values.shape[1]), []
    for step in w["previous_symbol/embeddings"][previous]:
        gates = (
            step @ w["attention/symbol_kernel"]
            + context @ w["attention/cell_0/kernel"]
            + hidden @ w["attention/cell_0/recurrent_kernel"]
            + w["attention/cell_0/bias"]
        )
        i, f, c, o = np.split(gates, 4)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(c)
        hidden = sigmoid(o) * np.tanh(cell)
        moved = np.zeros((len(x), 5))
        for j, n in enumerate((-1, 0, 1, 2, 3)):
            for at in range(len(x)):
                if 0 <= at - n < len(x):
                    moved[at, j] = looked[at - n]
        summed = keys + hidden @ w["attention/query_kernel"]
        summed += moved @ w["attention/location_kernel"]
        scores = np.tanh(summed) @ w["attention/score_kernel"][:, 0]
        looked = softmax(np.where(visible, scores, -np.inf))
        context = looked @ values
        weights.append(looked)
    return np.array(weights)[None]


@pytest.mark.parametrize("name", ["attending", "autoregressive"])
@pytest.mark.parametrize("question", ["7+25", "99+1"])
def test_the_weights_are_those_that_the_network_attends_with(name, question, request):
    pipe = request.getfixturevalue(name)
    expected = by_hand(pipe, question)
    # A network that looks everywhere alike would not tell right from wrong.
    assert expected.std(axis=-1).max() > 0.05

    for head, of_head in enumerate(expected):
        display = AttentionDisplay.from_estimator(
            pipe, question, head=head, order="network"
        )
        n_steps = len(display.weights)
        np.testing.assert_allclose(display.weights, of_head[:n_steps], atol=1e-5)
    display = AttentionDisplay.from_estimator(pipe, question, order="network")
    expected = expected.mean(axis=0)[:n_steps]
    np.testing.assert_allclose(display.weights, expected, atol=1e-5)
    np.testing.assert_allclose(display.weights.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", ["attending", "autoregressive"])
def test_looking_changes_nothing(name, request, sums):
    pipe = request.getfixturevalue(name)
    X, _ = sums
    network = pipe[-1]
    Z = pipe[:-1].transform(X)
    answers, probabilities = pipe.predict(X), network.predict_step_proba(Z)
    before = copy.deepcopy(vars(network))
    AttentionDisplay.from_estimator(pipe, X[:1])

    assert vars(network).keys() == before.keys()
    for part in ("weights_", "history_", "architecture_", "seed_"):
        np.testing.assert_equal(getattr(network, part), before[part])
    np.testing.assert_array_equal(pipe.predict(X), answers)
    np.testing.assert_array_equal(network.predict_step_proba(Z), probabilities)


def test_a_network_that_was_looked_at_learns_as_any_other(sums):
    pipe = make_seq2seq_pipeline(**{**TINY, "epochs": 1, "decoder": "attention"})
    looked_at, other = clone(pipe).fit(*sums), clone(pipe).fit(*sums)
    AttentionDisplay.from_estimator(looked_at, "7+25")
    Z = other[:-1].transform(sums[0])
    looked_at[-1].partial_fit(Z, sums[1])
    other[-1].partial_fit(Z, sums[1])

    assert_same_weights(looked_at[-1], other[-1])


def test_the_symbols_are_those_of_question_and_answer_in_reading_order(attending):
    display = AttentionDisplay.from_estimator(attending, "7+25")
    turned = AttentionDisplay.from_estimator(attending, "7+25", order="network")

    assert "".join(display.input_symbols) == " 7+25"
    answer = attending.predict(["7+25"])[0]
    assert "".join(display.output_symbols) == f"{answer:>3}"
    assert turned.input_symbols == display.input_symbols[::-1]
    assert turned.output_symbols == display.output_symbols[::-1]
    np.testing.assert_array_equal(turned.weights, display.weights[::-1, ::-1])


@pytest.mark.filterwarnings("ignore:1 character is not in the alphabet")
def test_an_unknown_character_is_shown_as_it_is(attending):
    display = AttentionDisplay.from_estimator(attending, "7?25")

    assert "".join(display.input_symbols) == " 7?25"


def test_only_the_side_that_is_reversed_is_turned(sums):
    pipe = make_seq2seq_pipeline(decoder="attention", reverse=False, **TINY)
    pipe.set_params(
        seq2seqclassifier__target_transformer__sequencepadder__reverse=True,
        seq2seqclassifier__epochs=1,
    )
    pipe.fit(*sums)
    display = AttentionDisplay.from_estimator(pipe, "7+25")
    turned = AttentionDisplay.from_estimator(pipe, "7+25", order="network")

    assert turned.input_symbols == display.input_symbols == list(" 7+25")
    assert turned.output_symbols == display.output_symbols[::-1]
    np.testing.assert_array_equal(turned.weights, display.weights[::-1])


def test_an_order_that_cannot_be_known_is_left_as_the_network_has_it(sums):
    pipe = make_pipeline(
        SequencePadder(side="term", reverse=True),
        FunctionTransformer(lambda X: X),  # it could do anything to them
        SequenceIntegerEncoder(),
        SequenceOneHotEncoder(),
        Seq2SeqClassifier(
            encoder_units=None,
            decoder_units=8,
            decoder=AttentionDecoder(2),
            epochs=1,
            random_state=0,
        ),
    )
    display = AttentionDisplay.from_estimator(pipe.fit(*sums), "7+25")

    assert display.input_symbols == list("52+7 ")


def test_without_a_pipeline_steps_are_known_by_number(attending):
    Z = attending[:-1].transform(["7+25"])
    display = AttentionDisplay.from_estimator(attending[-1], Z)
    whole = AttentionDisplay.from_estimator(attending, "7+25", order="network")

    assert display.input_symbols == ["0", "1", "2", "3", "4"]
    # The answer is known by the target transformer, which the estimator has itself.
    np.testing.assert_array_equal(display.weights, whole.weights[::-1])
    assert display.output_symbols == whole.output_symbols[::-1]


def test_embedded_codes_are_known_as_codes_and_in_a_pipeline_as_characters(sums):
    pipe = make_seq2seq_pipeline(
        decoder="attention", embedding_dim=4, **{**TINY, "epochs": 1}
    )
    codes = pipe.fit(*sums)[:-1].transform(["7+25"])
    bare = AttentionDisplay.from_estimator(pipe[-1], codes)

    assert bare.input_symbols == [str(code) for code in codes[0]]
    whole = AttentionDisplay.from_estimator(pipe, "7+25")
    assert whole.input_symbols == list(" 7+25")


def test_labels_are_shown_as_they_are():
    X, y = np.eye(4), np.array([[10, 20], [20, 10], [10, 10], [20, 20]])
    network = Seq2SeqClassifier(
        decoder=AttentionDecoder(2), decoder_units=8, epochs=1, random_state=0
    )
    display = AttentionDisplay.from_estimator(network.fit(X, y), X[:1])

    assert display.weights.shape == (2, 4)
    assert display.output_symbols == [str(n) for n in network.predict(X[:1])[0]]


def test_each_layer_looks_for_itself(sums):
    pipe = make_seq2seq_pipeline(
        **{**TINY, "decoder": "attention", "decoder_units": (8, 6), "epochs": 1}
    )
    pipe.fit(*sums)
    first, last, also_last = (
        AttentionDisplay.from_estimator(pipe, "7+25", layer=layer).weights
        for layer in (0, 1, -1)
    )

    assert np.abs(first - last).max() > 1e-3
    np.testing.assert_array_equal(last, also_last)
    np.testing.assert_allclose(last.sum(axis=1), 1, atol=1e-5)


def test_a_beam_shows_the_answer_that_it_found(autoregressive, sums):
    pipe = copy.deepcopy(autoregressive)
    X, _ = sums
    greedy = pipe.predict(X)
    pipe[-1].set_params(beam_width=3)
    i = int(np.argmax(pipe.predict(X) != greedy))
    display = AttentionDisplay.from_estimator(pipe, X[i])

    assert pipe.predict(X[i : i + 1])[0] != greedy[i]
    assert "".join(display.output_symbols).strip() == pipe.predict(X[i : i + 1])[0]


@pytest.mark.parametrize(
    "kind", [str, np.str_, lambda x: [x], lambda x: np.array([x]), "pandas", "polars"]
)
def test_one_sample_is_taken_in_any_form(attending, kind):
    if isinstance(kind, str):
        kind = pytest.importorskip(kind).Series
        X = kind(["7+25"])
    else:
        X = kind("7+25")

    display = AttentionDisplay.from_estimator(attending, X)
    assert display.input_symbols == list(" 7+25")


def test_more_or_fewer_samples_than_one_are_refused(attending):
    for X in (["7+25", "1+2"], []):
        with pytest.raises(ValueError, match=f"one sample, got {len(X)}"):
            AttentionDisplay.from_estimator(attending, X)


def test_a_network_that_does_not_attend_is_refused(repeating, sums):
    with pytest.raises(ValueError, match=r"decoder=RepeatDecoder\(\) has no attention"):
        AttentionDisplay.from_estimator(repeating, "7+25")
    # What counts is how it was fitted, not what is set for the next fit.
    pipe = copy.deepcopy(repeating)
    pipe[-1].set_params(decoder="attention")
    with pytest.raises(ValueError, match=r"decoder=RepeatDecoder\(\) has no attention"):
        AttentionDisplay.from_estimator(pipe, "7+25")
    search = GridSearchCV(repeating, {})
    with pytest.raises(ValueError, match="got GridSearchCV.*best_estimator_"):
        AttentionDisplay.from_estimator(search, "7+25")


def test_a_network_that_is_not_fitted_is_refused():
    pipe = make_seq2seq_pipeline(decoder="attention")
    for estimator in (pipe, pipe[-1]):
        with pytest.raises(NotFittedError):
            AttentionDisplay.from_estimator(estimator, "7+25")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"layer": 1}, "layer=1 does not exist: layers are numbered from 0 to 0"),
        ({"head": 2}, "head=2 does not exist: heads are numbered from 0 to 1"),
        ({"head": -3}, "head=-3 does not exist"),
        ({"order": "any"}, "order must be 'reading' or 'network', got 'any'"),
    ],
)
def test_what_there_is_not_is_an_error_that_says_what_there_is(
    attending, params, message
):
    with pytest.raises(ValueError, match=message):
        AttentionDisplay.from_estimator(attending, "7+25", **params)


def test_the_answer_goes_down_and_the_question_across():
    weights = [[0.1, 0.2, 0.7], [0.6, 0.4, 0.0]]
    display = AttentionDisplay(weights, [" ", "1", "\ue000"], ["x", "\t"]).plot()

    np.testing.assert_array_equal(display.im_.get_array(), weights)
    assert tick_labels(display.ax_.xaxis) == ["␣", "1", "·"]
    assert tick_labels(display.ax_.yaxis) == ["x", "␣"]
    left, right, bottom, top = display.im_.get_extent()
    assert left < right
    assert top < bottom
    assert display.im_.get_clim() == (0, 1)
    assert len(display.figure_.axes) == 2


def test_how_it_is_drawn_can_be_chosen():
    display = AttentionDisplay([[1.0]], "a", "b").plot(
        cmap="viridis", colorbar=False, im_kw={"vmax": 0.5}
    )

    assert display.im_.get_cmap().name == "viridis"
    assert display.im_.get_clim() == (0, 0.5)
    assert len(display.figure_.axes) == 1


def test_weights_that_do_not_fit_the_symbols_are_refused():
    with pytest.raises(ValueError, match=r"shape \(1, 2\), .*got shape \(2, 1\)"):
        AttentionDisplay([[1.0], [1.0]], "ab", "c").plot()


# ------------------------------------------------------------------- nested pipelines


@pytest.mark.parametrize("in_target", [False, True])
def test_a_pipeline_within_a_pipeline_is_displayed_as_its_steps(
    attending, sums, in_target
):
    X, y = sums
    inner = attending
    if in_target:
        inner = clone(attending).set_params(
            seq2seqclassifier__target_transformer=make_pipeline(
                attending[-1].target_transformer
            )
        )
        inner.fit(X, y)
    nested = make_pipeline(FunctionTransformer(np.char.lower), inner)
    nested = make_pipeline("passthrough", nested)

    shown = AttentionDisplay.from_estimator(nested, X[:1])

    expected = AttentionDisplay.from_estimator(inner, X[:1])
    np.testing.assert_array_equal(shown.weights, expected.weights)
    assert shown.input_symbols == expected.input_symbols
    assert shown.output_symbols == expected.output_symbols
    history = TrainingHistoryDisplay.from_estimator(nested).history
    assert history == inner[-1].history_
    accuracy = StepAccuracyDisplay.from_estimator(nested, X, y)
    assert accuracy.line_.get_label() == "Seq2SeqClassifier"


@pytest.mark.parametrize(
    "display", [AttentionDisplay, StepAccuracyDisplay, TrainingHistoryDisplay]
)
def test_a_pipeline_without_a_step_is_not_displayed(display, sums):
    arguments = {AttentionDisplay: sums[:1], StepAccuracyDisplay: sums}
    with pytest.raises((ValueError, AttributeError)):
        display.from_estimator(
            make_pipeline("passthrough"), *arguments.get(display, ())
        )


@pytest.mark.parametrize(
    "params", [{}, slow({"encoder_units": 8}), slow({"mask_padding": True})]
)
def test_a_network_that_attends_is_displayed_without_a_warning(sums, params):
    pipe = make_seq2seq_pipeline(
        decoder="relative", decoder_units=8, epochs=1, random_state=0, **params
    ).fit(*sums)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        AttentionDisplay.from_estimator(pipe, "1+2")
