"""Loss and scores by epoch."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._base import steps_of
from ._common import check_matplotlib, mark_whole_numbers

# The greatest number of epochs that are marked with dots; more would hide the line.
_MAX_MARKED_EPOCHS = 50


class TrainingHistoryDisplay:
    """Loss and scores by epoch, of training and validation side by side.

    It is recommended to make one with :meth:`from_estimator` or :meth:`from_history`.

    Parameters
    ----------
    history : dict of lists of float
        The values of each metric, one for each epoch. ``"val_loss"`` is the loss in
        validation, and likewise for other metrics. Metrics may have any names.

    name : str, default=None
        A name for the legend.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes, shape (n_panels,)
        The panels, in the order of the metrics.

    ax_ : matplotlib Axes
        The first panel.

    figure_ : matplotlib Figure
        The figure that contains the panels.

    lines_ : list of matplotlib Line2D
        The lines in the order of the metrics, training before validation.

    See Also
    --------
    sklearn.model_selection.LearningCurveDisplay : Scores by the number of examples.

    Notes
    -----
    If a metric has fewer values than there are epochs, for example because a callback
    adds a value now and then, it is unknown which epochs they belong to. It is then
    left out with a warning, and is an error in `metrics`. A callback can add NaN at the
    other epochs.

    Examples
    --------
    >>> from sklearn_seqadd import TrainingHistoryDisplay
    >>> history = {"loss": [2.1, 1.4, 0.9], "val_loss": [1.8, 1.3, 1.1]}
    >>> display = TrainingHistoryDisplay(history).plot()
    >>> display.ax_.get_ylabel()
    'Loss'
    """

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
        ...     encoder_units=8, decoder_units=8, epochs=3, early_stopping=True)
        >>> display = TrainingHistoryDisplay.from_estimator(pipe.fit(X, y))
        >>> [ax.get_ylabel() for ax in display.axes_]
        ['Loss', 'Character accuracy', 'Exact match']
        """
        check_matplotlib(f"{cls.__name__}.from_estimator")
        network = steps_of(estimator)[-1]
        if not hasattr(network, "history_"):
            if hasattr(network, "fit"):
                check_is_fitted(network)
            raise ValueError(
                f"{type(network).__name__} keeps no history of its training. Pass a "
                "fitted Seq2SeqClassifier or MappingRegressor, a Pipeline that ends in "
                "one, or the best_estimator_ of a search."
            )
        history = network.history_
        return cls.from_history(history, metrics=metrics, name=name, ax=ax, **line_kw)

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
        """Plot a history, for example one that was saved, or one from Keras.

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
            Axes to draw on: an array with one for each metric, or a single one for all
            metrics. If None, a new figure with a panel for each metric is made.

        metrics : str or list of str, default=None
            The metrics to draw, without ``"val_"``: validation is always drawn beside
            training. If None, all metrics; with a single `ax` only the loss, since the
            scales of losses and scores differ.

        name : str, default=None
            A name for the legend, in place of that given to the constructor.

        **line_kw : dict
            Passed to matplotlib's `plot`.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display itself.

        Raises
        ------
        ValueError
            If the history is empty, if it lacks one of `metrics` or has fewer values of
            it than epochs, or if `ax` is an array of another length than `metrics`.
        """
        check_matplotlib(f"{type(self).__name__}.plot")
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D

        name = self.name if name is None else name
        curves = self._curves(metrics)
        axes = _panels(ax, len(curves))
        if len(axes) == 1 and metrics is None:
            first = "loss" if "loss" in curves else next(iter(curves))
            curves = {first: curves[first]}
        is_shared = len(axes) == 1 < len(curves)
        if not is_shared and len(axes) != len(curves):
            raise ValueError(
                f"Got {len(axes)} axes for {len(curves)} metrics: "
                f"{', '.join(curves)}. Give one for each, or one for all."
            )
        line_kw = normalize_kwargs(line_kw, Line2D)
        lines = []
        panels = [axes[0]] * len(curves) if is_shared else axes
        for panel, (metric, parts) in zip(panels, curves.items(), strict=True):
            title = [name, _in_words(metric) if is_shared else None]
            lines += _draw_curve(panel, parts, title, line_kw)
            panel.set_xlabel("Epoch")
            label = "" if is_shared else _in_words(metric).capitalize()
            panel.set_ylabel(label, parse_math=False)
            mark_whole_numbers(panel.xaxis)
            panel.legend()
        self.axes_, self.ax_, self.figure_ = axes, axes[0], axes[0].figure
        self.lines_ = lines
        return self

    def _curves(self, metrics):
        """Return the values to draw: by metric, arrays of training and validation."""
        values = {key: np.asarray(v, float) for key, v in self.history.items()}
        n_epochs = max(map(len, values.values()), default=0)
        if not n_epochs:
            raise ValueError("The history is empty: there is no epoch to draw.")
        partial = [key for key in values if len(values[key]) < n_epochs]
        # The loss comes first.
        curves: dict[str, dict] = {"loss": {}} if "loss" in values else {}
        for key in values:
            curves.setdefault(key.removeprefix("val_"), {})
        for metric, parts in curves.items():
            for key, part in ((metric, "training"), (f"val_{metric}", "validation")):
                if key in values and key not in partial:
                    parts[part] = values[key]
        if metrics is None:
            if partial:
                warnings.warn(
                    f"Not drawn, because they have fewer values than the {n_epochs} "
                    f"epochs: {', '.join(partial)}.",
                    UserWarning,
                    stacklevel=3,
                )
            return {metric: parts for metric, parts in curves.items() if parts}
        chosen = [metrics] if isinstance(metrics, str) else list(metrics)
        if not chosen:
            raise ValueError("metrics is empty: there is nothing to draw.")
        for metric in chosen:
            if metric not in curves:
                raise ValueError(
                    f"The history has no metric {metric!r}. It has "
                    f"{', '.join(map(repr, curves))}."
                )
            for key in (metric, f"val_{metric}"):
                if key in partial:
                    raise ValueError(
                        f"{key!r} has {len(values[key])} values, but there are "
                        f"{n_epochs} epochs, and it is unknown which of them they "
                        "belong to."
                    )
        return {metric: curves[metric] for metric in chosen}


# --------------------------------------------------------------------- helpers


def _panels(ax, n):
    """Return the given axes as a flat array; if None, n axes of a new figure."""
    import matplotlib.pyplot as plt

    if ax is not None:
        return np.ravel(np.asarray(ax, dtype=object))
    size = 4 * n + 0.8 * (n == 1), 3.4
    _, axes = plt.subplots(1, n, figsize=size, squeeze=False, layout="constrained")
    return axes[0]


def _draw_curve(panel, parts, title, line_kw):
    """Draw the lines of one metric, training and validation; return them in a list."""
    lines: list = []
    for part, values in parts.items():
        has_dots = len(values) <= _MAX_MARKED_EPOCHS or np.isnan(values).any()
        # Both have the same colour; another display on these axes gets the next one.
        color = {"color": lines[0].get_color()} if lines else {}
        style = {
            "linestyle": "-" if part == "training" else "--",
            "marker": ("o" if part == "training" else "s") if has_dots else "",
            "markersize": 3,
            "label": ", ".join(filter(None, [*title, part])),
            **color,
            **line_kw,
        }
        lines += panel.plot(np.arange(1, len(values) + 1), values, **style)
    return lines


def _in_words(metric):
    return metric.replace("_", " ").strip()
