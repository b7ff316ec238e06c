"""The whole way from strings to strings, in one line."""

from typing import Any

from sklearn.pipeline import Pipeline, make_pipeline

from .preprocessing import (
    SequenceIntegerEncoder,
    SequenceOneHotEncoder,
    SequencePadder,
)
from .seq2seq import Seq2SeqClassifier

__all__ = ["make_seq2seq_pipeline"]


def make_seq2seq_pipeline(
    *, side: str = "left", reverse: bool = False, **classifier_params: Any
) -> Pipeline:
    """Make a Pipeline that learns strings from strings.

    Parameters
    ----------
    side : {"left", "right", "term"}, default="left"
        Where input and target are padded: see :class:`SequencePadder`.

    reverse : bool, default=False
        Whether input and target are reversed after padding, so that sums are read
        and written from their last digit on.

    **classifier_params : dict
        Parameters of :class:`Seq2SeqClassifier`. A `target_transformer` among them
        takes the place of the one that would be made.

    Returns
    -------
    pipeline : Pipeline
        Steps ``sequencepadder``, ``sequenceintegerencoder``,
        ``sequenceonehotencoder`` and ``seq2seqclassifier``. Its target transformer
        is a Pipeline of the first two, so that a grid can reach
        ``seq2seqclassifier__target_transformer__sequencepadder__reverse``.

    Raises
    ------
    TypeError
        If a parameter is not one of :class:`Seq2SeqClassifier`.

    Examples
    --------
    >>> from sklearn_seqadd import make_addition, make_seq2seq_pipeline
    >>> X, y = make_addition(1000, largest=9, random_state=0)
    >>> pipe = make_seq2seq_pipeline(epochs=40, learning_rate=0.01, random_state=0)
    >>> pipe.fit(X, y).predict(["2+3", "4+8"])
    array(['5', '12'], dtype='<U2')
    """
    classifier_params.setdefault(
        "target_transformer",
        make_pipeline(
            SequencePadder(side=side, reverse=reverse), SequenceIntegerEncoder()
        ),
    )
    return make_pipeline(
        SequencePadder(side=side, reverse=reverse),
        SequenceIntegerEncoder(),
        SequenceOneHotEncoder(),
        Seq2SeqClassifier(**classifier_params),
    )
