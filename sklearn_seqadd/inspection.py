"""Displays: pictures of how a network learned, where it errs and what it looks at.

Each is a scikit-learn Display: the data in the constructor, `from_estimator` and the
like to compute them, and `plot` to draw them. Matplotlib is imported only to draw.
"""

import operator
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import _num_samples, check_is_fitted

from .metrics import step_accuracy
from .preprocessing import (
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
)
from .seq2seq import Seq2SeqClassifier, attention_weights

__all__ = ["AttentionDisplay", "StepAccuracyDisplay", "TrainingHistoryDisplay"]

# Up to so many epochs each is marked with a dot; more dots would hide the line.
_MAX_MARKED_EPOCHS = 50


class TrainingHistoryDisplay:
    """Loss and scores by epoch, those of the validation beside those of the training.

    It is recommended to make one with :meth:`from_estimator` or :meth:`from_history`.

    Parameters
    ----------
    history : dict of lists of float
        For each metric its values, one for each epoch. ``"val_loss"`` is the loss of
        the validation, and so with other metrics; all names are welcome.

    name : str, default=None
        A name for the legend.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes, shape (n_panels,)
        The panels, in the order of the metrics.

    ax_ : matplotlib Axes
        The first panel.

    figure_ : matplotlib Figure
        The figure that contains them.

    lines_ : list of matplotlib Line2D
        The lines, in the order of the metrics, each training before its validation.

    See Also
    --------
    sklearn.model_selection.LearningCurveDisplay : Scores by the number of examples.

    Notes
    -----
    If a metric has fewer values than there are epochs, as when a callback adds it now
    and then, or when `validation_split` changed between two calls of `partial_fit`,
    nobody knows which epochs they belong to. It is then left out with a warning, and
    asking for it is an error. (A callback that has nothing to say can add NaN.)

    Examples
    --------
    >>> from sklearn_seqadd import TrainingHistoryDisplay
    >>> history = {"loss": [2.1, 1.4, 0.9], "val_loss": [1.8, 1.3, 1.1]}
    >>> display = TrainingHistoryDisplay(history).plot()
    >>> display.ax_.get_ylabel()
    'Loss'
    """

    axes_: Any
    ax_: Any
    figure_: Any
    lines_: list

    def __init__(
        self, history: Mapping[str, Sequence[float]], *, name: str | None = None
    ) -> None:
        self.history = history
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        metrics: str | Sequence[str] | None = None,
        name: str | None = None,
        ax: Any = None,
        **line_kw: Any,
    ) -> Self:
        """Plot the history of a fitted estimator.

        Parameters
        ----------
        estimator : estimator instance
            A fitted :class:`Seq2SeqClassifier` or :class:`MappingRegressor`, or a
            Pipeline that ends in one.

        metrics : str or list of str, default=None
            See :meth:`plot`.

        name : str, default=None
            A name for the legend, to tell several estimators apart.

        ax : matplotlib Axes or array of them, default=None
            See :meth:`plot`.

        **line_kw : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display, drawn.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.

        ValueError
            If the estimator keeps no history, or as in :meth:`plot`.

        Examples
        --------
        >>> from sklearn_seqadd import (
        ...     TrainingHistoryDisplay, make_addition, make_seq2seq_pipeline)
        >>> X, y = make_addition(200, largest=9, random_state=0)
        >>> pipe = make_seq2seq_pipeline(
        ...     encoder_units=8, decoder_units=8, epochs=3, validation_split=0.2)
        >>> display = TrainingHistoryDisplay.from_estimator(pipe.fit(X, y))
        >>> [ax.get_ylabel() for ax in display.axes_]
        ['Loss', 'Character accuracy', 'Exact match']
        """
        _check_matplotlib(f"{cls.__name__}.from_estimator")
        network = _last_step(estimator)
        if not hasattr(network, "history_"):
            if hasattr(network, "fit"):
                check_is_fitted(network)
            raise ValueError(
                f"{type(network).__name__} keeps no history of its training; pass a "
                "fitted Seq2SeqClassifier or MappingRegressor, or a Pipeline that ends "
                "in one (of a search, its best_estimator_)."
            )
        return cls.from_history(
            network.history_, metrics=metrics, name=name, ax=ax, **line_kw
        )

    @classmethod
    def from_history(
        cls,
        history: Any,
        *,
        metrics: str | Sequence[str] | None = None,
        name: str | None = None,
        ax: Any = None,
        **line_kw: Any,
    ) -> Self:
        """Plot a history, such as was saved or comes from Keras itself.

        Parameters
        ----------
        history : dict of lists of float or keras.callbacks.History
            The history.

        metrics : str or list of str, default=None
            See :meth:`plot`.

        name : str, default=None
            A name for the legend, to tell several histories apart.

        ax : matplotlib Axes or array of them, default=None
            See :meth:`plot`.

        **line_kw : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            As in :meth:`plot`.

        Examples
        --------
        >>> from sklearn_seqadd import TrainingHistoryDisplay
        >>> history = {"loss": [2.1, 1.4], "val_loss": [1.8, 1.3]}
        >>> display = TrainingHistoryDisplay.from_history(history, color="black")
        >>> [line.get_label() for line in display.lines_]
        ['training', 'validation']
        """
        display = cls(getattr(history, "history", history), name=name)
        return display.plot(ax=ax, metrics=metrics, **line_kw)

    def plot(
        self,
        ax: Any = None,
        *,
        metrics: str | Sequence[str] | None = None,
        name: str | None = None,
        **line_kw: Any,
    ) -> Self:
        """Draw a panel for each metric.

        Parameters
        ----------
        ax : matplotlib Axes or array of them, default=None
            An array has one for each metric. All metrics are drawn into a single one.
            If None, a new figure with a panel for each metric is made.

        metrics : str or list of str, default=None
            What to draw, without ``"val_"``: the validation is always beside the
            training. If None, all there is; with a single `ax` the loss only, as
            losses and scores are of different scales.

        name : str, default=None
            A name for the legend in place of that given to the constructor.

        **line_kw : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        display : TrainingHistoryDisplay
            Itself.

        Raises
        ------
        ValueError
            If the history is empty, if it does not have a metric that is asked for,
            has fewer values of it than epochs, or if there is not one of `ax` for each
            metric.
        """
        _check_matplotlib(f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D
        from matplotlib.ticker import MaxNLocator

        name = self.name if name is None else name
        curves = self._curves(metrics)
        if ax is None:
            figure, axes = plt.subplots(
                1,
                len(curves),
                figsize=(4 * len(curves) + 0.8 * (len(curves) == 1), 3.4),
                squeeze=False,
                layout="constrained",
            )
            axes = axes[0]
        else:
            axes = np.ravel(np.asarray(ax, dtype=object))
            figure = axes[0].figure
            if len(axes) == 1:
                if metrics is None:
                    first = "loss" if "loss" in curves else next(iter(curves))
                    curves = {first: curves[first]}
            elif len(axes) != len(curves):
                raise ValueError(
                    f"Got {len(axes)} axes for {len(curves)} metrics: "
                    f"{', '.join(curves)}. Give one for each, or one for all."
                )
        is_shared = len(axes) < len(curves)
        line_kw = normalize_kwargs(line_kw, Line2D)
        lines = []
        panels = [axes[0]] * len(curves) if is_shared else axes
        for panel, (metric, parts) in zip(panels, curves.items(), strict=True):
            color: dict[str, Any] = {}
            for part, values in parts.items():
                title = [name, _in_words(metric) if is_shared else None, part]
                has_dots = len(values) <= _MAX_MARKED_EPOCHS or np.isnan(values).any()
                style = {
                    "linestyle": "-" if part == "training" else "--",
                    "marker": ("o" if part == "training" else "s") if has_dots else "",
                    "markersize": 3,
                    "label": ", ".join(filter(None, title)),
                    **color,
                    **line_kw,
                }
                lines += panel.plot(np.arange(1, len(values) + 1), values, **style)
                # The same for both: a further display on these axes has the next.
                color = {"color": lines[-1].get_color()}
            panel.set_xlabel("Epoch")
            panel.set_ylabel("" if is_shared else _in_words(metric).capitalize())
            panel.xaxis.set_major_locator(
                MaxNLocator("auto", integer=True, min_n_ticks=1)
            )
            panel.legend()
        self.axes_, self.ax_, self.figure_ = axes, axes[0], figure
        self.lines_ = lines
        return self

    def _curves(self, metrics):
        """By metric, training and validation as arrays: what is to be drawn."""
        values = {
            key: np.asarray(of_key, dtype=np.float64)
            for key, of_key in self.history.items()
        }
        n_epochs = max(map(len, values.values()), default=0)
        if not n_epochs:
            raise ValueError("The history is empty: there is no epoch to draw.")
        partial = [key for key in values if len(values[key]) < n_epochs]
        curves = {"loss": {}} if "loss" in values else {}  # it comes first
        for key in values:
            curves.setdefault(key.removeprefix("val_"), {})
        for metric, parts in curves.items():
            for key, part in ((metric, "training"), (f"val_{metric}", "validation")):
                if key in values and key not in partial:
                    parts[part] = values[key]
        if metrics is None:
            if partial:
                warnings.warn(
                    f"Not drawn, as having fewer values than the {n_epochs} epochs: "
                    f"{', '.join(partial)}.",
                    UserWarning,
                    stacklevel=3,
                )
            return {metric: parts for metric, parts in curves.items() if parts}
        asked = [metrics] if isinstance(metrics, str) else list(metrics)
        if not asked:
            raise ValueError("metrics is empty: there is nothing to draw.")
        for metric in asked:
            if metric not in curves:
                raise ValueError(
                    f"The history has no metric {metric!r}. It has "
                    f"{', '.join(map(repr, curves))}."
                )
            for key in (metric, f"val_{metric}"):
                if key in partial:
                    raise ValueError(
                        f"{key!r} has {len(values[key])} values, but there are "
                        f"{n_epochs} epochs, and which of them is not known."
                    )
        return {metric: curves[metric] for metric in asked}


class StepAccuracyDisplay:
    """Accuracy by the position in the answer: which digits go wrong.

    It is recommended to make one with :meth:`from_estimator` or
    :meth:`from_predictions`.

    Parameters
    ----------
    step_accuracy : ndarray of shape (n_positions,)
        The share of the samples that are right at each position. With
        ``align="right"`` the first position is that of the last symbol.

    support : ndarray of shape (n_positions,), default=None
        How many samples have a symbol at each position: the sum of their weights. If
        None, it is not drawn.

    n_samples : float, default=None
        How many samples there are: the sum of their weights. If None, the largest of
        `support`.

    align : {"left", "right"}, default="right"
        Whether positions are counted from the first symbol or from the last.

    name : str, default=None
        A name for the legend.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The accuracies.

    bars_ : matplotlib BarContainer or None
        For each position the share of the samples that have it; None if not drawn.

    ax_ : matplotlib Axes
        The axes.

    figure_ : matplotlib Figure
        The figure that contains them.

    See Also
    --------
    character_accuracy_score : All positions together.
    carry_report : Share of the sums that are right, by the number of carries.

    Notes
    -----
    A sample has a position if its right answer or its prediction is so long. Where only
    one of them is, the sample counts as wrong there; where neither is, it does not
    count. So the right answer 62 and the prediction 162 make one right at positions 1
    and 2, counted from the last, and one wrong at position 3; counted from the first
    they differ at all three. With ``align="left"`` the mean of the accuracies, weighted
    by the support, is :func:`character_accuracy_score`.

    Examples
    --------
    >>> from sklearn_seqadd import StepAccuracyDisplay
    >>> display = StepAccuracyDisplay.from_predictions(
    ...     ["62", "100", "7"], ["62", "110", "7"])
    >>> display.step_accuracy.round(2)
    array([1. , 0.5, 1. ])
    >>> display.support
    array([3., 2., 1.])
    """

    line_: Any
    bars_: Any
    ax_: Any
    figure_: Any

    def __init__(
        self,
        step_accuracy: ArrayLike,
        *,
        support: ArrayLike | None = None,
        n_samples: float | None = None,
        align: str = "right",
        name: str | None = None,
    ) -> None:
        self.step_accuracy = step_accuracy
        self.support = support
        self.n_samples = n_samples
        self.align = align
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        align: str = "right",
        name: str | None = None,
        ax: Any = None,
        plot_support: bool = True,
        **line_kw: Any,
    ) -> Self:
        """Plot the accuracies of what a fitted estimator predicts.

        Parameters
        ----------
        estimator : estimator instance
            Whatever predicts answers of several symbols: a fitted
            :class:`Seq2SeqClassifier`, a Pipeline, a search.

        X : array-like of shape (n_samples,) or (n_samples, ...)
            The inputs, as `estimator` takes them.

        y : array-like of shape (n_samples,) or (n_samples, n_steps)
            The right answers: strings, or one symbol a column.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        align : {"left", "right"}, default="right"
            Whether positions are counted from the last symbol, as the place value of
            digits is, or from the first.

        name : str, default=None
            A name for the legend. If None, the name of the estimator's class, and in
            a Pipeline that of its last step.

        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        plot_support : bool, default=True
            Whether to draw, behind the accuracies, the share of the samples that have
            each position.

        **line_kw : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        display : StepAccuracyDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            As in :meth:`from_predictions`.

        Examples
        --------
        >>> from sklearn_seqadd import (
        ...     StepAccuracyDisplay, make_addition, make_seq2seq_pipeline)
        >>> X, y = make_addition(200, largest=9, random_state=0)
        >>> pipe = make_seq2seq_pipeline(encoder_units=8, decoder_units=8, epochs=3)
        >>> display = StepAccuracyDisplay.from_estimator(pipe.fit(X, y), X, y)
        >>> display.ax_.get_xlabel()
        'Position from the last character'
        """
        _check_matplotlib(f"{cls.__name__}.from_estimator")
        return cls.from_predictions(
            y,
            estimator.predict(X),
            sample_weight=sample_weight,
            align=align,
            name=type(_last_step(estimator)).__name__ if name is None else name,
            ax=ax,
            plot_support=plot_support,
            **line_kw,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        align: str = "right",
        name: str | None = None,
        ax: Any = None,
        plot_support: bool = True,
        **line_kw: Any,
    ) -> Self:
        """Plot the accuracies of answers.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,) or (n_samples, n_steps)
            The right answers: strings, or one symbol a column.

        y_pred : array-like of shape (n_samples,) or (n_samples, n_steps)
            The answers to judge.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        align : {"left", "right"}, default="right"
            Whether positions are counted from the last symbol, as the place value of
            digits is, or from the first.

        name : str, default=None
            A name for the legend.

        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        plot_support : bool, default=True
            Whether to draw, behind the accuracies, the share of the samples that have
            each position.

        **line_kw : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        display : StepAccuracyDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If the inputs are empty or differ in length, if all strings are empty, or
            if the answers are labels of one symbol each, such as integers, which have
            no positions.

        Examples
        --------
        >>> from sklearn_seqadd import StepAccuracyDisplay
        >>> display = StepAccuracyDisplay.from_predictions(
        ...     ["ab", "abc"], ["ab", "abd"], align="left", name="guess")
        >>> display.step_accuracy
        array([1., 1., 0.])
        """
        _check_matplotlib(f"{cls.__name__}.from_predictions")
        accuracy, support, n_samples = step_accuracy(
            y_true, y_pred, sample_weight, align
        )
        display = cls(
            accuracy, support=support, n_samples=n_samples, align=align, name=name
        )
        return display.plot(ax=ax, plot_support=plot_support, **line_kw)

    def plot(
        self,
        ax: Any = None,
        *,
        name: str | None = None,
        plot_support: bool = True,
        **line_kw: Any,
    ) -> Self:
        """Draw the accuracies.

        Positions are drawn in the order in which answers are written: counted from
        the last symbol, position 1 is at the right.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        name : str, default=None
            A name for the legend in place of that given to the constructor.

        plot_support : bool, default=True
            Whether to draw, behind the accuracies, the share of the samples that have
            each position.

        **line_kw : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        display : StepAccuracyDisplay
            Itself.
        """
        _check_matplotlib(f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D
        from matplotlib.ticker import MaxNLocator

        name = self.name if name is None else name
        accuracy = np.asarray(self.step_accuracy, dtype=np.float64)
        positions = np.arange(1, len(accuracy) + 1)
        if ax is None:
            _, ax = plt.subplots(
                figsize=(np.clip(2.5 + 0.4 * len(accuracy), 5, 12), 3.8),
                layout="constrained",
            )
        bars = None
        if plot_support and self.support is not None:
            support = np.asarray(self.support, dtype=np.float64)
            n_samples = support.max() if self.n_samples is None else self.n_samples
            bars = ax.bar(
                positions,
                support / n_samples,
                width=0.8,
                color="0.88",
                zorder=0,
                label="share of samples with this position",
            )
        style = {
            "marker": "o",
            "label": "accuracy" if name is None else name,
            **normalize_kwargs(line_kw, Line2D),
        }
        (line,) = ax.plot(positions, accuracy, **style)
        # Where others were drawn before, for as many positions as the longest has.
        n_positions = max(
            len(accuracy), *(len(other.get_xdata()) for other in ax.get_lines())
        )
        limits = (0.4, n_positions + 0.6)
        ax.set_xlim(limits[::-1] if self.align == "right" else limits)
        ax.set_ylim(0, 1.04)
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
        end = {"left": "first", "right": "last"}[self.align]
        ax.set_xlabel(f"Position from the {end} character")
        ax.set_ylabel("Accuracy")
        ax.legend()
        self.line_, self.bars_ = line, bars
        self.ax_, self.figure_ = ax, ax.figure
        return self


class AttentionDisplay:
    """Which characters of the input each step of the answer looked at.

    It is recommended to make one with :meth:`from_estimator`.

    Parameters
    ----------
    weights : ndarray of shape (n_steps_out, n_steps_in)
        For each step of the answer how much it looked at each step of the input. Each
        row sums to 1.

    input_symbols : sequence of str, length n_steps_in
        What is read at each step of the input.

    output_symbols : sequence of str, length n_steps_out
        What is written at each step of the answer.

    Attributes
    ----------
    im_ : matplotlib AxesImage
        The heat map.

    ax_ : matplotlib Axes
        The axes.

    figure_ : matplotlib Figure
        The figure that contains them.

    See Also
    --------
    Seq2SeqClassifier : The estimator; its decoders `"attention"` and
        `"autoregressive"` attend.

    Notes
    -----
    What a step looks at is not all it knows: the decoders are recurrent, so a carry
    reaches it from the step before. With a recurrent encoder, each step of the input
    also holds what stands around it.

    Examples
    --------
    >>> from sklearn_seqadd import AttentionDisplay
    >>> weights = [[0.0, 0.9, 0.1], [0.5, 0.0, 0.5]]
    >>> display = AttentionDisplay(weights, "1+2", " 3").plot()
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['␣', '3']
    """

    im_: Any
    ax_: Any
    figure_: Any

    def __init__(
        self,
        weights: ArrayLike,
        input_symbols: Sequence[str],
        output_symbols: Sequence[str],
    ) -> None:
        self.weights = weights
        self.input_symbols = input_symbols
        self.output_symbols = output_symbols

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        *,
        layer: int = 0,
        head: int | None = None,
        order: str = "reading",
        ax: Any = None,
        cmap: Any = "Blues",
        colorbar: bool = True,
        im_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Plot what a fitted estimator looks at while it answers one question.

        Parameters
        ----------
        estimator : estimator instance
            A fitted :class:`Seq2SeqClassifier` with the decoder `"attention"` or
            `"autoregressive"`, or a Pipeline that ends in one.

        X : str or array-like of shape (1,) or (1, ...)
            One sample as `estimator` takes it; a string need not be in a list.

        layer : int, default=0
            Which layer of the decoder: the first by default; -1 is the last.

        head : int, default=None
            Which head of attention. None averages them all.

        order : {"reading", "network"}, default="reading"
            With `"reading"`, steps that a :class:`SequencePadder` with
            ``reverse=True`` has reversed are shown the way round that the strings
            have. That can be known in a Pipeline (and of a target transformer) if there
            are only :class:`SequenceIntegerEncoder` and :class:`SequenceOneHotEncoder`
            after the padder; otherwise, and with `"network"`, steps are in the order in
            which the network reads and writes them.

        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        cmap : str or matplotlib Colormap, default="Blues"
            The colours.

        colorbar : bool, default=True
            Whether to add a colour bar.

        im_kw : dict, default=None
            Passed to matplotlib's `imshow`.

        Returns
        -------
        display : AttentionDisplay
            The display, drawn. The symbols are the characters that the network is
            given and writes, padding included. Of an estimator without a Pipeline the
            input is known by its codes only, if it embeds them, and else by the numbers
            of its steps.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.

        ValueError
            If its decoder does not attend, if `X` is not one sample, or if it has no
            such layer or head.

        Examples
        --------
        >>> from sklearn_seqadd import (
        ...     AttentionDisplay, make_addition, make_seq2seq_pipeline)
        >>> X, y = make_addition(200, largest=99, random_state=0)
        >>> pipe = make_seq2seq_pipeline(
        ...     decoder="attention", decoder_units=16, epochs=2, random_state=0)
        >>> display = AttentionDisplay.from_estimator(pipe.fit(X, y), "7+25")
        >>> display.input_symbols
        [' ', '7', '+', '2', '5']
        >>> display.weights.shape
        (3, 5)
        """
        _check_matplotlib(f"{cls.__name__}.from_estimator")
        if order not in ("reading", "network"):
            raise ValueError(f"order must be 'reading' or 'network', got {order!r}.")
        network = _last_step(estimator)
        if not isinstance(network, Seq2SeqClassifier):
            raise ValueError(
                "Attention can be shown of a Seq2SeqClassifier or a Pipeline that ends "
                f"in one, got {type(network).__name__} (of a search, pass its "
                "best_estimator_)."
            )
        check_is_fitted(network)
        fitted_as = network.architecture_
        if fitted_as["attention_heads"] is None:
            raise ValueError(
                f"decoder={fitted_as['decoder']!r} does not attend. The decoders "
                "'attention' and 'autoregressive' do."
            )
        n_layers = len(fitted_as["decoder_units"])
        layer = _check_index("layer", layer, n_layers)
        if head is not None:
            head = _check_index("head", head, fitted_as["attention_heads"])

        if isinstance(X, str):
            X = [X]
        if _num_samples(X) != 1:
            raise ValueError(
                f"Attention is shown for one sample, got {_num_samples(X)}. Pass one "
                "string, or X[:1]."
            )
        steps = _steps_before_last(estimator)
        for step in steps:
            X = step.transform(X)
            if isinstance(step, SequenceIntegerEncoder):
                codes = np.asarray(X)[0]
        weights, written = attention_weights(network, X, layer)
        weights = weights[0].mean(axis=0) if head is None else weights[0, head]
        encoder, reversed_in = _known_order(steps)
        if encoder is not None:
            input_symbols = [encoder.alphabet_[code] for code in codes]
        elif fitted_as["embedding_dim"] is not None:
            input_symbols = [f"{code:g}" for code in np.asarray(X)[0]]
        else:
            input_symbols = [str(i) for i in range(weights.shape[1])]
        output_symbols = [str(network.alphabet_[code]) for code in written[0]]
        target_transformer = network.target_transformer_
        _, reversed_out = _known_order(
            [*_steps_before_last(target_transformer), _last_step(target_transformer)]
        )
        if order == "reading" and reversed_in:
            weights, input_symbols = weights[:, ::-1], input_symbols[::-1]
        if order == "reading" and reversed_out:
            weights, output_symbols = weights[::-1], output_symbols[::-1]
        display = cls(np.ascontiguousarray(weights), input_symbols, output_symbols)
        return display.plot(ax=ax, cmap=cmap, colorbar=colorbar, im_kw=im_kw)

    def plot(
        self,
        ax: Any = None,
        *,
        cmap: Any = "Blues",
        colorbar: bool = True,
        im_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw a heat map, the answer from top to bottom and the input across.

        Spaces, with which strings are padded as a rule, are shown as ``␣`` and other
        characters without a shape of their own as ``·``.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        cmap : str or matplotlib Colormap, default="Blues"
            The colours.

        colorbar : bool, default=True
            Whether to add a colour bar.

        im_kw : dict, default=None
            Passed to matplotlib's `imshow`.

        Returns
        -------
        display : AttentionDisplay
            Itself.

        Raises
        ------
        ValueError
            If there is not one row of weights for each symbol of the answer and one
            column for each of the input.
        """
        _check_matplotlib(f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt

        weights = np.asarray(self.weights, dtype=np.float64)
        n_out, n_in = len(self.output_symbols), len(self.input_symbols)
        if weights.shape != (n_out, n_in):
            raise ValueError(
                f"Expected weights of shape ({n_out}, {n_in}), for {n_out} symbols of "
                f"the answer and {n_in} of the input, got shape {weights.shape}."
            )
        if ax is None:
            width = np.clip(2 + 0.32 * n_in, 4, 20)
            height = np.clip(1.2 + 0.32 * n_out, 2.4, 20)
            _, ax = plt.subplots(figsize=(width, height), layout="constrained")
        style = {"cmap": cmap, "vmin": 0, "vmax": 1, "aspect": "auto", **(im_kw or {})}
        image = ax.imshow(weights, **style)
        ax.set_xticks(range(n_in), [_visible(s) for s in self.input_symbols])
        ax.set_yticks(range(n_out), [_visible(s) for s in self.output_symbols])
        # Lines between the cells, without which equal neighbours run into one.
        ax.set_xticks(np.arange(n_in - 1) + 0.5, minor=True)
        ax.set_yticks(np.arange(n_out - 1) + 0.5, minor=True)
        ax.grid(which="minor", color="0.85", linewidth=0.5)
        ax.tick_params(which="minor", length=0)
        ax.set_xlabel("Input, character by character")
        ax.set_ylabel("Answer")
        if colorbar:
            ax.figure.colorbar(image, ax=ax, label="Attention")
        self.im_, self.ax_, self.figure_ = image, ax, ax.figure
        return self


# --------------------------------------------------------------------- helpers


def _check_matplotlib(caller):
    """Before anything is computed, so that nobody waits for nothing."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"{caller} requires matplotlib; install it with "
            '`pip install "sklearn_seqadd[plot]"`.'
        ) from error


def _last_step(estimator):
    return estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator


def _steps_before_last(estimator):
    if not isinstance(estimator, Pipeline):
        return []
    return [
        step for _, step in estimator.steps[:-1] if step not in (None, "passthrough")
    ]


def _known_order(steps):
    """The encoder of strings before a network, and whether it is given them reversed.

    None and False if what is between makes it impossible to tell.
    """
    encoder = None
    for step in reversed(steps):
        if isinstance(step, SequenceIntegerEncoder) and encoder is None:
            encoder = step
        elif isinstance(step, SequencePadder):
            return encoder, step.reverse
        elif not isinstance(step, SequenceOneHotEncoder):
            break
    return encoder, False


def _check_index(name, value, n):
    index = operator.index(value)
    if not -n <= index < n:
        raise ValueError(
            f"{name}={value} is not there: {name}s are numbered from 0 to {n - 1}."
        )
    return index % n


def _in_words(metric):
    return metric.replace("_", " ").strip()


def _visible(symbol):
    if symbol.isspace():
        return "␣"
    return symbol if symbol.isprintable() else "·"
