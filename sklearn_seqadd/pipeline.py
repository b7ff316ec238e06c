"""A pipeline from strings to strings, in one line."""

from collections.abc import Callable
from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline, make_pipeline

from .networks import DECODERS, Decoder
from .preprocessing import (
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
    SequenceTokenizer,
)
from .seq2seq import Seq2SeqClassifier

__all__ = ["make_seq2seq_pipeline"]


def make_seq2seq_pipeline(
    *,
    side: str | None = None,
    reverse: bool | None = None,
    analyzer: str | Callable | tuple | None = None,
    sep: str = " ",
    **classifier_params: Any,
) -> Pipeline:
    """Make a Pipeline that learns strings from strings.

    Parameters
    ----------
    side : {"left", "right", "term"}, default=None
        The side on which input and target are padded: see :class:`SequencePadder`. None
        is `"left"`, `"term"` for the decoder `"attention"`, and `"right"` for
        `"autoregressive"`.

    reverse : bool, default=None
        If True, input and target are reversed after padding, so that sums are read
        and written from their last digit on. None is False, and True for the decoders
        `"attention"` and `"relative"`.

    analyzer : {"word", "char"}, callable or pair of these, default=None
        The analyzer of a :class:`SequenceTokenizer` in front, which cuts samples into
        tokens such as words; it also takes lists of tokens. A pair is one for the input
        and one for the target. With None there is no tokenizer: symbols are the
        characters of strings.

    sep : str, default=" "
        The separator of the tokens of a string, with `analyzer="word"`.

    **classifier_params : dict
        Parameters of :class:`Seq2SeqClassifier`, and of its decoder as
        ``decoder__heads``. A `target_transformer` among them takes the place of the one
        that would be made. With `embedding_dim` the step that makes one-hot vectors is
        left out.

    Returns
    -------
    pipeline : Pipeline
        Steps ``sequencepadder``, ``sequenceintegerencoder``,
        ``sequenceonehotencoder`` and ``seq2seqclassifier``. Its target transformer
        is a Pipeline of the first two, so that a grid can reach
        ``seq2seqclassifier__target_transformer__sequencepadder__reverse``. With an
        `analyzer` a step ``sequencetokenizer`` stands before them.

    Raises
    ------
    TypeError
        If a parameter is not one of :class:`Seq2SeqClassifier`.

    ValueError
        If `analyzer` is a tuple but not a pair.

    Notes
    -----
    With three of the decoders, parameters that are not given have the values that were
    seen to learn best, which are not the defaults of :class:`Seq2SeqClassifier`.

    - ``decoder="attention"``, for strings whose characters line up, such as sums:
      ``side="term"``, ``reverse=True``, ``encoder_units=None`` and
      ``decoder_units=128``.
    - ``decoder="relative"``, for strings that are answered in the order in which they
      are read, or in the reverse order, and for strings longer than all in `fit`:
      ``reverse=True``, ``encoder_units=None``, ``decoder_units=128``,
      ``cell="simple_rnn"``, ``learning_rate=5e-3``, ``weight_decay="auto"``,
      ``batch_size=32``, and padders with ``handle_overlong="extend"``.
    - ``decoder="autoregressive"``, for strings in which a symbol may depend on any
      part of the input, such as dates, words and their forms: ``side="right"``,
      ``encoder_units=128``, ``bidirectional=True``, ``decoder_units=256``,
      ``embedding_dim=64``, ``dropout=0.3``, ``label_smoothing=0.1``,
      ``learning_rate=2e-3``, ``weight_decay=0.01``, ``batch_size=32``, and padders with
      ``handle_overlong="extend"``.

    All three have ``epochs="auto"``, ``schedule="cosine"`` and ``clipnorm=1.0``;
    `"attention"` also has ``learning_rate=3e-3`` and ``batch_size=64``.

    Examples
    --------
    >>> from sklearn_seqadd import make_addition, make_seq2seq_pipeline
    >>> X, y = make_addition(1000, largest=9, random_state=0)
    >>> pipe = make_seq2seq_pipeline(epochs=40, learning_rate=0.01, random_state=0)
    >>> pipe.fit(X, y).predict(["2+3", "4+8"])
    array(['5', '12'], dtype='<U2')
    """
    decoder = _make_decoder(classifier_params)
    recommended = (
        {} if decoder is None else {**decoder.architecture, **decoder.training}
    )
    padding = {} if decoder is None else dict(decoder.padding)
    if side is not None:
        padding["side"] = side
    if reverse is not None:
        padding["reverse"] = reverse
    padder = SequencePadder(**padding)
    if not isinstance(analyzer, tuple):
        analyzer = analyzer, analyzer
    if len(analyzer) != 2:
        raise ValueError(
            "analyzer must be one for input and target, or a pair: one for the input "
            f"and one for the target. Got {analyzer!r}."
        )
    tokenize, tokenize_target = (
        [] if each is None else [SequenceTokenizer(each, sep=sep)] for each in analyzer
    )
    # The tokenizer warns of an unknown token already.
    encoder = SequenceIntegerEncoder()
    if tokenize:
        encoder.set_params(handle_unknown="ignore")
    params = {
        "target_transformer": make_pipeline(
            *tokenize_target, clone(padder), SequenceIntegerEncoder()
        ),
        **recommended,
        **classifier_params,
    }
    if decoder is not None:
        params["decoder"] = decoder
    if (
        params.get("encoder_units", 1) is None
        and "bidirectional" not in classifier_params
    ):
        params.pop("bidirectional", None)  # recommended for a recurrent encoder
    one_hot = [] if params.get("embedding_dim") else [SequenceOneHotEncoder()]
    return make_pipeline(
        *tokenize, padder, encoder, *one_hot, Seq2SeqClassifier(**params)
    )


def _make_decoder(classifier_params):
    """Return the decoder, and take its parameters out of those of the estimator.

    Parameters
    ----------
    classifier_params : dict
        The parameters, of which the names that begin with ``decoder__`` are removed.

    Returns
    -------
    decoder : Decoder or None
        None without a decoder, or with an invalid one, which `fit` will refuse.
    """
    decoder = classifier_params.get("decoder")
    of_decoder = {
        name: classifier_params.pop(name)
        for name in list(classifier_params)
        if name.startswith("decoder__")
    }
    if isinstance(decoder, str) and decoder in DECODERS:
        decoder = DECODERS[decoder]()
    if not isinstance(decoder, Decoder):
        if of_decoder:
            raise ValueError(
                f"{next(iter(of_decoder))} is a parameter of a decoder, but "
                f"decoder={decoder!r}. Give one of {', '.join(map(repr, DECODERS))}, "
                "or a Decoder."
            )
        return None
    params = {
        name.removeprefix("decoder__"): value for name, value in of_decoder.items()
    }
    return clone(decoder).set_params(**params)
