"""Attention of each step of the answer to the steps of the input."""

import operator
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from .._base import steps_of
from .._samples import as_samples
from ..networks import DECODERS
from ..preprocessing import (
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    in_words,
    plain_strings,
)
from ..seq2seq import Seq2SeqClassifier, attention_weights
from ._common import check_matplotlib


class AttentionDisplay:
    """Heat map of the attention of each step of the answer to the input.

    It is recommended to make one with :meth:`from_estimator`.

    Parameters
    ----------
    weights : ndarray of shape (n_steps_out, n_steps_in)
        The attention weights: a row for each step of the answer. Each row sums to 1, or
        to less with the decoder `"relative"`, whose heads may look nowhere.

    input_symbols : sequence of str, length n_steps_in
        The symbol at each step of the input.

    output_symbols : sequence of str, length n_steps_out
        The symbol at each step of the answer.

    Attributes
    ----------
    im_ : matplotlib AxesImage
        The heat map.

    ax_ : matplotlib Axes
        The axes.

    figure_ : matplotlib Figure
        The figure that contains the axes.

    See Also
    --------
    Seq2SeqClassifier : The estimator; its decoders `"attention"`, `"relative"` and
        `"autoregressive"` have attention.

    Notes
    -----
    A step depends on more than it attends to: the decoders are recurrent, so a carry
    reaches it from the step before. With a recurrent encoder, each step of the input
    also depends on the symbols around it.

    Examples
    --------
    >>> from sklearn_seqadd import AttentionDisplay
    >>> weights = [[0.0, 0.9, 0.1], [0.5, 0.0, 0.5]]
    >>> display = AttentionDisplay(weights, "1+2", " 3").plot()
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['␣', '3']
    """

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
        """Plot the attention of a fitted estimator for one sample.

        Parameters
        ----------
        estimator : estimator instance
            A fitted :class:`Seq2SeqClassifier` with the decoder `"attention"`,
            `"relative"` or `"autoregressive"`, or a Pipeline that ends in one.

        X : str or array-like of shape (1,) or (1, ...)
            One sample as `estimator` takes it; a string need not be in a list.

        layer : int, default=0
            The layer of attention, from 0; -1 is the last.

        head : int, default=None
            The head of attention, from 0. If None, the weights of all heads are
            averaged.

        order : {"reading", "network"}, default="reading"
            The order of the steps. With `"reading"` they are in the order of the
            strings, even if a :class:`SequencePadder` with ``reverse=True`` has
            reversed them. This needs a Pipeline (or a target transformer) with only
            :class:`SequenceIntegerEncoder` and :class:`SequenceOneHotEncoder` after the
            padder. In other cases, and with `"network"`, steps are in the order in
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
            The display, drawn. The symbols are the characters or tokens that the
            network reads and writes, including padding. For an estimator that is not in
            a Pipeline, the symbols of the input are their codes if it embeds them, and
            otherwise the numbers of the steps.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.

        ValueError
            If its decoder has no attention, if `X` is not one sample, or if the layer
            or the head does not exist.

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
        check_matplotlib(f"{cls.__name__}.from_estimator")
        if order not in ("reading", "network"):
            raise ValueError(f"order must be 'reading' or 'network', got {order!r}.")
        *steps, network = steps_of(estimator)
        layer = _check_layer(network, layer)
        inputs: Any = [X] if isinstance(X, str) else as_samples(X)
        if len(inputs) != 1:
            raise ValueError(
                f"Attention is shown for one sample, got {len(inputs)}. Pass one "
                "string, or X[:1]."
            )
        characters = ""
        for step in steps:
            if isinstance(step, SequenceIntegerEncoder):
                (characters,) = plain_strings(np.asarray(inputs, dtype=object))
            inputs = step.transform(inputs)
        weights, written = attention_weights(network, inputs, layer)
        weights = weights[0]
        if head is None:
            weights = weights.mean(axis=0)
        else:
            weights = weights[_check_index("head", head, len(weights))]
        encoder, reversed_in = _known_order(steps)
        input_symbols = _input_symbols(network, inputs, encoder, characters)
        input_symbols = list(map(str, in_words(input_symbols, steps)))
        output_symbols = [str(network.alphabet_[code]) for code in written[0]]
        reversed_out = _known_order(steps_of(network.target_transformer_))[1]
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
        """Draw a heat map, with the answer from top to bottom and the input across.

        Blanks are shown as ``␣``, and other invisible characters as ``·``. Padding is
        shown as one or the other, since strings that contain blanks are padded with
        another character.

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
            The display itself.

        Raises
        ------
        ValueError
            If `weights` does not have a row for each symbol of the answer and a column
            for each symbol of the input.
        """
        check_matplotlib(f"{type(self).__name__}.plot")
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
        # Without math, since a token with two dollar signs is not a formula.
        for ticks, symbols in (
            (ax.set_xticks, self.input_symbols),
            (ax.set_yticks, self.output_symbols),
        ):
            labels = [_visible(symbol) for symbol in symbols]
            ticks(range(len(labels)), labels, parse_math=False)
        # Lines between the cells separate neighbours of the same colour.
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


def _check_layer(network, layer):
    """Return the layer as an index from 0; raise if there is no attention to show."""
    if not isinstance(network, Seq2SeqClassifier):
        raise ValueError(
            "Attention can be shown for a Seq2SeqClassifier or a Pipeline that ends "
            f"in one, got {type(network).__name__}. Pass the best_estimator_ of a "
            "search."
        )
    check_is_fitted(network)
    fitted_as = network._network
    decoder = fitted_as.decoder
    if not decoder.has_attention:
        attending = [repr(name) for name, d in DECODERS.items() if d.has_attention]
        raise ValueError(
            f"{decoder.parameter}={decoder!r} has no attention that could be shown. "
            f"Decoders with attention: {', '.join(attending)}."
        )
    return _check_index("layer", layer, decoder.n_attention_layers(fitted_as))


def _check_index(name, value, n):
    index = operator.index(value)
    if not -n <= index < n:
        raise ValueError(
            f"{name}={value} does not exist: {name}s are numbered from 0 to {n - 1}."
        )
    return index % n


def _known_order(steps):
    """Return the encoder of strings before a network, and whether they are reversed.

    None and False, if steps in between make it impossible to tell.
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


def _input_symbols(network, X, encoder, characters):
    """Return the symbol of each step: a character, a code, or the step's number."""
    if encoder is not None:
        return list(characters)
    if network.architecture_["embedding_dim"] is not None:
        return [f"{code:g}" for code in np.asarray(X)[0]]
    return [str(i) for i in range(np.shape(X)[1])]


def _visible(symbol):
    if symbol.isspace():
        return "␣"
    return symbol if symbol.isprintable() else "·"
