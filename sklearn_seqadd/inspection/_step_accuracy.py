"""Accuracy by the position in the answer."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .._base import steps_of
from ..metrics import step_accuracy
from ._common import check_matplotlib, mark_whole_numbers


class StepAccuracyDisplay:
    """Accuracy by the position in the answer, which shows which digits are wrong.

    It is recommended to make one with :meth:`from_estimator` or
    :meth:`from_predictions`.

    Parameters
    ----------
    step_accuracy : ndarray of shape (n_positions,)
        The share of the samples that are correct at each position. With
        ``align="right"`` the first position is that of the last symbol.

    support : ndarray of shape (n_positions,), default=None
        The number of samples that have a symbol at each position, or the sum of their
        weights. If None, it is not drawn.

    n_samples : float, default=None
        The number of all samples, or the sum of their weights. If None, the largest of
        `support`.

    align : {"left", "right"}, default="right"
        Whether positions are counted from the first symbol or from the last.

    name : str, default=None
        A name for the legend.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The line of the accuracies.

    bars_ : matplotlib BarContainer or None
        The bars of the share of the samples that have each position; None if they are
        not drawn.

    ax_ : matplotlib Axes
        The axes.

    figure_ : matplotlib Figure
        The figure that contains the axes.

    See Also
    --------
    character_accuracy_score : All positions together.
    carry_report : Share of the sums that are correct, by the number of carries.

    Notes
    -----
    A sample has a position if its correct answer or its prediction has a symbol there.
    If only one of them has, the sample is wrong at this position; if neither has, it
    does not count. For example, the correct answer 62 and the prediction 162 agree at
    positions 1 and 2, counted from the last, and disagree at position 3; counted from
    the first they disagree at all three. With ``align="left"`` the mean of the
    accuracies, weighted by the support, is :func:`character_accuracy_score`.

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
        sep: str | None = None,
        name: str | None = None,
        ax: Any = None,
        plot_support: bool = True,
        **line_kw: Any,
    ) -> Self:
        """Plot the accuracies of the predictions of a fitted estimator.

        Parameters
        ----------
        estimator : estimator instance
            An estimator that predicts answers of several symbols: a fitted
            :class:`Seq2SeqClassifier`, a Pipeline, or a search.

        X : array-like of shape (n_samples,) or (n_samples, ...)
            The inputs, as `estimator` takes them.

        y : array-like of shape (n_samples,), (n_samples, n_steps) or \
                (n_samples, n_steps, n_symbols)
            The correct answers: strings, lists of tokens, one symbol a column, or
            one-hot vectors. Or for each sample a list of accepted answers, of which the
            one with the greatest share of correct symbols counts.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        align : {"left", "right"}, default="right"
            Whether positions are counted from the last symbol, as place values of
            digits are, or from the first.

        sep : str, default=None
            The separator of two symbols of a string. If None, every character is a
            symbol.

        name : str, default=None
            A name for the legend. If None, the name of the estimator's class; for a
            Pipeline that of its last step.

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
        'Position from the last symbol'
        """
        check_matplotlib(f"{cls.__name__}.from_estimator")
        return cls.from_predictions(
            y,
            estimator.predict(X),
            sample_weight=sample_weight,
            align=align,
            sep=sep,
            name=type(steps_of(estimator)[-1]).__name__ if name is None else name,
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
        sep: str | None = None,
        name: str | None = None,
        ax: Any = None,
        plot_support: bool = True,
        **line_kw: Any,
    ) -> Self:
        """Plot the accuracies of predictions.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,), (n_samples, n_steps) or \
                (n_samples, n_steps, n_symbols)
            The correct answers: strings, lists of tokens, one symbol a column, or
            one-hot vectors. Or for each sample a list of accepted answers, of which the
            one with the greatest share of correct symbols counts.

        y_pred : array-like of shape (n_samples,) or (n_samples, n_steps)
            The predictions.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        align : {"left", "right"}, default="right"
            Whether positions are counted from the last symbol, as place values of
            digits are, or from the first.

        sep : str, default=None
            The separator of two symbols of a string. If None, every character is a
            symbol.

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
            If the inputs are empty or differ in length, if all answers are empty, if
            `sep` is empty, if strings are compared with numbers, or if the answers are
            labels of one symbol each, such as integers, which have no positions.

        Examples
        --------
        >>> from sklearn_seqadd import StepAccuracyDisplay
        >>> display = StepAccuracyDisplay.from_predictions(
        ...     ["ab", "abc"], ["ab", "abd"], align="left", name="guess")
        >>> display.step_accuracy
        array([1., 1., 0.])
        """
        check_matplotlib(f"{cls.__name__}.from_predictions")
        accuracy, support, n = step_accuracy(y_true, y_pred, sample_weight, align, sep)
        display = cls(accuracy, support=support, n_samples=n, align=align, name=name)
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

        Positions are drawn in the order of the symbols in an answer: if they are
        counted from the last symbol, position 1 is on the right.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        name : str, default=None
            A name for the legend, in place of that given to the constructor.

        plot_support : bool, default=True
            Whether to draw, behind the accuracies, the share of the samples that have
            each position.

        **line_kw : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        display : StepAccuracyDisplay
            The display itself.
        """
        check_matplotlib(f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D

        name = self.name if name is None else name
        accuracy = np.asarray(self.step_accuracy, dtype=np.float64)
        positions = np.arange(1, len(accuracy) + 1)
        if ax is None:
            width = np.clip(2.5 + 0.4 * len(accuracy), 5, 12)
            _, ax = plt.subplots(figsize=(width, 3.8), layout="constrained")
        bars = None
        if plot_support and self.support is not None:
            support = np.asarray(self.support, dtype=np.float64)
            n_samples = support.max() if self.n_samples is None else self.n_samples
            share, label = support / n_samples, "share of samples with this position"
            bars = ax.bar(positions, share, color="0.88", zorder=0, label=label)
        style = {
            "marker": "o",
            "label": "accuracy" if name is None else name,
            **normalize_kwargs(line_kw, Line2D),
        }
        (line,) = ax.plot(positions, accuracy, **style)
        # Wide enough for the longest of all lines on these axes.
        n_positions = max(len(drawn.get_xdata()) for drawn in ax.get_lines())
        limits = (0.4, n_positions + 0.6)
        ax.set_xlim(limits[::-1] if self.align == "right" else limits)
        ax.set_ylim(0, 1.04)
        mark_whole_numbers(ax.xaxis)
        end = {"left": "first", "right": "last"}[self.align]
        ax.set_xlabel(f"Position from the {end} symbol")
        ax.set_ylabel("Accuracy")
        ax.legend()
        self.line_, self.bars_ = line, bars
        self.ax_, self.figure_ = ax, ax.figure
        return self
