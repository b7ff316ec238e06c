"""The encoder-decoder as a scikit-learn estimator."""

import dataclasses
import os
import warnings
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array, check_consistent_length, check_scalar
from sklearn.utils.validation import check_is_fitted, validate_data

from ._base import NetworkEstimator, refuse_strings
from ._digits import quote
from ._samples import as_samples
from ._search import AnswerSearch
from ._sklearn import (
    COUNT,
    HasMethods,
    Interval,
    StrOptions,
    count_steps,
    fit_context,
    validate_parameter_constraints,
)
from ._targets import TargetCodec
from .metrics import exact_match_score
from .networks import (
    DECODERS,
    CustomDecoder,
    CustomNetwork,
    Decoder,
    KerasSettings,
    Seq2SeqNetwork,
    plain,
)
from .preprocessing import check_codes, input_symbols

__all__ = ["Seq2SeqClassifier"]

_ADVICE_FOR_STRINGS = (
    "Put SequencePadder(), SequenceIntegerEncoder() and SequenceOneHotEncoder() before "
    "it in a Pipeline, or use make_seq2seq_pipeline()."
)

# The dtypes of inputs that are not copied; the others become the first of them.
_DTYPES = [np.float32, np.uint8, np.int8, np.int16, np.int32]

# The parameters that a network of the user's own replaces.
_REPLACED_BY_NETWORK = (
    "encoder_units",
    "decoder_units",
    "cell",
    "decoder",
    "bidirectional",
    "embedding_dim",
    "mask_padding",
    "dropout",
)


class Seq2SeqClassifier(NetworkEstimator):
    """Learn sequences from sequences with an encoder-decoder network.

    A recurrent encoder reads the input, one step after the other, into a vector; the
    vector is repeated for every step of the answer; a recurrent decoder turns the
    copies into features, and a softmax layer the features of each step into
    probabilities of the symbols. The defaults are a network that learns to add
    small numbers written as strings.

    Parameters
    ----------
    encoder_units : int, array-like of int or None, default=100
        Units of the recurrent layer that reads the input; of each layer, if there
        are several. None: no recurrent encoder, as `decoder` allows.

    decoder_units : int or array-like of int, default=50
        Units of the recurrent layer that writes the answer; of each layer, if there
        are several.

    network : object or function, default=None
        A network of your own, in place of what all parameters down to `dropout` say:
        a :class:`~sklearn.base.BaseEstimator` with a method ``build(n_steps_in,
        n_features, n_steps_out, n_symbols)`` that returns a new `keras.Model`, or a
        function that does. It takes inputs of shape (n_samples, n_steps_in,
        n_features) and gives probabilities of shape (n_samples, n_steps_out,
        n_symbols). If it has a second input, of shape (n_samples, n_steps_out), it is
        fed the symbols that it wrote before, as codes; the first is n_symbols. Its
        parameters are reached as ``network__units``. See :ref:`your_own_network`.

    cell : {"lstm", "gru", "simple_rnn"}, default="lstm"
        The kind of recurrent layers: with gates that protect what is remembered, or
        plain ones. Plain ones suffice where attention brings all that is needed at a
        step. Nothing adds up in them, so that they behave alike after any number of
        steps.

    decoder : {"repeat", "sequence", "attention", "relative", "autoregressive"} or \
            Decoder, default="repeat"
        The part of the network that makes the answer of what was read: a decoder, or
        the short form of one with its default parameters.

        - `"repeat"`, :class:`RepeatDecoder`: the encoder's last output, repeated for
          every step of the answer [1]_ [2]_.
        - `"sequence"`, :class:`SequenceDecoder`: the encoder's output at each step,
          read by the decoder as it comes.
        - `"attention"`, :class:`AttentionDecoder`: multi-head attention [3]_ from a
          learned query for every step of the answer, all steps at once.
        - `"relative"`, :class:`RelativeDecoder`: heads of attention that find a start
          by content and move on from there, for inputs and answers of any length.
        - `"autoregressive"`, :class:`AutoregressiveDecoder`: symbol by symbol, fed the
          symbol that it wrote before, with attention to the content [4]_.

        The parameters of a decoder are reached as ``decoder__heads``.

    bidirectional : bool, default=False
        If True, a second encoder reads the input backwards.

    embedding_dim : int or "one-hot", default=None
        The length of a vector to learn for each symbol of the input. X then holds
        integer codes, without one-hot encoding. A code larger than all in `fit` has
        an untrained vector of its own. With `"one-hot"` the network itself makes
        one-hot vectors of codes, a mini-batch at a time: it learns the same weights as
        from one-hot vectors, and many strings take less memory. If None, numbers are
        taken as they are.

    mask_padding : bool, default=False
        If True, recurrent layers skip, and attention does not see, the steps of the
        input that hold the padding: the code 0, or the one-hot vector of the first
        symbol.

    dropout : float, default=0.0
        The share of the outputs of each recurrent layer, and of other layers as the
        decoder says, that is dropped in training.

    beam_width : int, default=1
        For `"autoregressive"`: the number of hypotheses that `predict` keeps at each
        step. With 1 it takes the most probable symbol every time. It is not part of the
        network and may be set after `fit`.

    padding_weight : float, default=1.0
        The weight in the loss of the steps of the answer that are padding. Where
        answers end must be learned too, unless all of them have one length.

    label_smoothing : float, default=0.0
        The share of what is expected at each step that is spread over all symbols
        (arXiv:1512.00567), so that no probability is driven to one.

    group_by_length : bool, default=False
        If True, mini-batches are made of sequences of similar lengths (bucketing), of
        which the padding at the end is cut off: where lengths differ much, training
        takes less time. It is for sequences padded at the end, and for decoders that
        ignore padding: `"autoregressive"`, and `"relative"` if it reads forwards only.

    target_transformer : transformer, default=None
        The transformer of targets into codes (n_samples, n_steps) or one-hot vectors
        (n_samples, n_steps, n_symbols), and back with `inverse_transform`. It is
        cloned before it is fitted. If None, strings are padded on the left and
        encoded by character, and other targets are encoded as labels.

    optimizer : str or keras.optimizers.Optimizer, default="adam"
        The optimizer: its name, or an instance, of which a copy is used. With one that
        averages the weights (``keras.optimizers.Adam(use_ema=True)``), the fitted
        weights are the averages, and samples held out are answered with them.

    learning_rate : float, default=None
        The learning rate. If None, it is the optimizer's own.

    schedule : "cosine", keras.optimizers.schedules.LearningRateSchedule or None, \
            default=None
        The change of the learning rate from one mini-batch to the next. `"cosine"`
        raises it to `learning_rate` in a tenth of the mini-batches (200 at most) and
        then lowers it to zero, following half a cosine, until the last of `epochs`.
        Each call of `partial_fit`, whatever the number of its samples, is one of
        `epochs`; after the last of them, and after `fit`, the next call starts a new
        cosine ("warm restarts" [5]_). A Keras schedule gives the rates itself, by the
        number of mini-batches since training started.

    clipnorm : float, default=None
        The norm to which the gradient of each weight is clipped. If None, it is the
        optimizer's own setting.

    weight_decay : float or "auto", default=None
        Decoupled weight decay (arXiv:1711.05101): each mini-batch takes this share,
        times the learning rate, off every weight. It keeps a network from learning few
        samples by heart. With `"auto"` it is about 2000 divided by the number of
        samples, at most 4, and zero in `partial_fit`. If None, it is the optimizer's
        own setting.

    batch_size : int, default=32
        Samples in a mini-batch.

    epochs : int or "auto", default=30
        Passes over the samples in `fit`. With `"auto"` there are about 170 mini-batches
        times the cube root of the number of samples: the fewer samples there are, the
        more passes it takes to learn from them. In `partial_fit` the samples of the
        call count.

    early_stopping : bool, default=False
        If True, `fit` ends when the answers to samples held out get no better, and
        keeps the weights of the best epoch. An epoch is better if more answers are
        correct or, if equally many are, by a smaller loss; for a regressor the loss
        alone counts.
        The samples held out are `X_val` and `y_val` if `fit` is given them, and
        otherwise `validation_fraction` of the samples, drawn by `random_state`. Equal
        inputs stay together: all of them are held out, or none (see `groups` of `fit`).
        `partial_fit`, which runs one epoch, holds nothing out and does not stop.

    validation_fraction : float, default=0.1
        The share of the samples that is held out. Used only if `early_stopping` is
        True.

    n_iter_no_change : int, default=10
        The number of epochs without an improvement after which training ends. Used only
        if `early_stopping` is True.

    tol : float, default=0.0001
        The loss of the samples held out must fall by more than this to count as an
        improvement. More correct answers always count. Once all answers are correct
        nothing counts any more, and training ends after `n_iter_no_change` further
        epochs. The weights are those of the best epoch even if it was better by less
        than `tol`. Used only if `early_stopping` is True.

    callbacks : list of keras.callbacks.Callback, default=None
        Callbacks for `fit` and `partial_fit`. Each fit uses shallow copies: what a
        callback sets on itself does not change the callback that was passed, but the
        objects that it refers to (a list, a lock, a trial of a search) are shared by
        all fits. Scores are in `history_`. Batch hooks make training slower, because
        each mini-batch is then run on its own.

    checkpoint_dir : str or path-like, default=None
        A directory in which `fit` saves its state at the ends of epochs. Run again on
        the same data with the same parameters and the same versions, after its process
        was killed, it resumes from there and ends with the same weights; a fit that was
        finished is not trained again. The fits of a search can share the directory. It
        needs a `random_state`, and `partial_fit` does not use it.

    warm_start : bool, default=False
        If True, `fit` continues from the weights of the last fit, if there was one.

    jit_compile : bool or "auto", default="auto"
        If True, training is compiled with XLA. With `"auto"` it is if a fit has enough
        mini-batches to earn back the time that this takes; `partial_fit` counts as one
        of `epochs` calls.

    verbose : int, default=0
        0 is silent, 1 shows a progress bar and 2 prints a line an epoch. Where the
        output is neither a terminal nor a notebook, 1 is the same as 2.

    random_state : int, RandomState instance or None, default=None
        Determines the initial weights and the order of samples in each epoch. Pass
        an int for reproducible results. With None no global generator is used.

    Attributes
    ----------
    alphabet_ : ndarray of shape (n_symbols,)
        The symbols that answers are made of, in the order of the columns of
        `predict_step_proba`. For strings the first is the padding.

    target_transformer_ : transformer
        The fitted transformer of the targets.

    target_codec_ : object
        The encoder and decoder of targets: `target_transformer_` and `alphabet_` with
        the kind and dtype of the targets.

    history_ : dict of lists of float
        By epoch: ``loss``, ``exact_match`` and ``character_accuracy`` of the samples
        trained on, padding included, measured while the weights change; where
        samples are held out also ``val_loss``, ``val_exact_match`` and
        ``val_character_accuracy`` of these, NaN in epochs without.

    n_iter_ : int
        The number of epochs since training began.

    model_ : keras.Model
        A Keras model with the fitted weights, a new one at each access. To train it or
        to change its weights does not change this estimator.

    architecture_ : dict
        The network as fitted: its hyper-parameters and shapes.

    weights_ : list of ndarray
        The weights as fitted, in the order of ``model_.get_weights()``.

    optimizer_kind_ : str
        The optimizer as fitted, but for its learning rate.

    optimizer_state_ : list of ndarray or None
        The optimizer's variables, with which training can continue: after `partial_fit`
        and with ``warm_start=True``. After other fits None; if training continues all
        the same, the optimizer starts from the beginning.

    seed_ : int
        The seed drawn from `random_state`.

    n_features_in_ : int
        The number of steps of the input.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns. Only if X has names that are all strings.

    See Also
    --------
    make_seq2seq_pipeline : This estimator with the transformers for strings.
    sklearn.neural_network.MLPClassifier : A network for a fixed set of classes.

    Notes
    -----
    Strings that answer a question are an open set, not a set of classes that are all
    known: for scikit-learn this is not a classifier in spite of its name
    (:func:`sklearn.base.is_classifier` is False), and cross-validation does not
    stratify. Integers are labels to it, not digits: use strings for numbers.

    After `fit` the estimator holds plain data only. The Keras model and what was
    compiled for it are shared by all estimators of equal architecture.

    References
    ----------
    .. [1] I. Sutskever, O. Vinyals and Q. V. Le, "Sequence to Sequence Learning with
       Neural Networks", 2014, arXiv:1409.3215.
    .. [2] W. Zaremba and I. Sutskever, "Learning to Execute", 2014, arXiv:1410.4615.
    .. [3] A. Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762.
    .. [4] D. Bahdanau, K. Cho and Y. Bengio, "Neural Machine Translation by Jointly
       Learning to Align and Translate", 2014, arXiv:1409.0473.
    .. [5] I. Loshchilov and F. Hutter, "SGDR: Stochastic Gradient Descent with Warm
       Restarts", 2017, arXiv:1608.03983.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_seqadd import (
    ...     Seq2SeqClassifier, SequenceIntegerEncoder, SequenceOneHotEncoder,
    ...     SequencePadder, make_addition)
    >>> X, y = make_addition(1000, largest=9, random_state=0)
    >>> pipe = make_pipeline(
    ...     SequencePadder(), SequenceIntegerEncoder(), SequenceOneHotEncoder(),
    ...     Seq2SeqClassifier(epochs=40, learning_rate=0.01, random_state=0))
    >>> pipe.fit(X, y).predict(["2+3", "4+8"])
    array(['5', '12'], dtype='<U2')
    """

    target_codec_: TargetCodec

    _network_class = Seq2SeqNetwork
    _loss_name = "sparse_categorical_crossentropy"

    _parameter_constraints: dict = {
        **NetworkEstimator._parameter_constraints,
        "encoder_units": [COUNT, "array-like", None],
        "decoder_units": [COUNT, "array-like"],
        "network": [HasMethods(["build", "get_params"]), callable, None],
        "cell": [StrOptions({"lstm", "gru", "simple_rnn"})],
        "decoder": [StrOptions(DECODERS.keys()), Decoder],
        "bidirectional": ["boolean"],
        "embedding_dim": [COUNT, StrOptions({"one-hot"}), None],
        "mask_padding": ["boolean"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "beam_width": [COUNT],
        "epochs": [COUNT, StrOptions({"auto"})],
        "padding_weight": [Interval(Real, 0, None, closed="left")],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "group_by_length": ["boolean"],
    }

    def __init__(
        self,
        encoder_units: int | ArrayLike | None = 100,
        decoder_units: int | ArrayLike = 50,
        *,
        network: Any = None,
        cell: str = "lstm",
        decoder: str | Decoder = "repeat",
        bidirectional: bool = False,
        embedding_dim: int | str | None = None,
        mask_padding: bool = False,
        dropout: float = 0.0,
        beam_width: int = 1,
        padding_weight: float = 1.0,
        label_smoothing: float = 0.0,
        group_by_length: bool = False,
        target_transformer: Any = None,
        optimizer: Any = "adam",
        learning_rate: float | None = None,
        schedule: Any = None,
        clipnorm: float | None = None,
        weight_decay: float | str | None = None,
        batch_size: int = 32,
        epochs: int | str = 30,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-4,
        callbacks: list | tuple | None = None,
        checkpoint_dir: str | os.PathLike | None = None,
        warm_start: bool = False,
        jit_compile: bool | str = "auto",
        verbose: int = 0,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.encoder_units = encoder_units
        self.decoder_units = decoder_units
        self.network = network
        self.cell = cell
        self.decoder = decoder
        self.bidirectional = bidirectional
        self.embedding_dim = embedding_dim
        self.mask_padding = mask_padding
        self.dropout = dropout
        self.beam_width = beam_width
        self.padding_weight = padding_weight
        self.label_smoothing = label_smoothing
        self.group_by_length = group_by_length
        self.target_transformer = target_transformer
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.clipnorm = clipnorm
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.callbacks = callbacks
        self.checkpoint_dir = checkpoint_dir
        self.warm_start = warm_start
        self.jit_compile = jit_compile
        self.verbose = verbose
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Learn the targets from the inputs.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs: one number or one vector at each step.

        y : array-like of shape (n_samples,), (n_samples, n_steps) or \
                (n_samples, n_steps, n_symbols)
            The targets. A string is a sequence of characters, anything else (int,
            bool) one symbol; with two dimensions there is one symbol a column, with
            three one one-hot vector a step.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights. A sample of weight zero is as if absent, and the loss of a
            mini-batch is divided by the sum of its weights.

        X_val : array-like, default=None
            Inputs to score after every epoch, of the shape of X but for the number of
            samples. Nothing is learned from them; with `early_stopping` they say when
            to end. In a Pipeline with ``transform_input=["X_val"]`` they go through
            its steps (see :ref:`validation`).

        y_val : array-like, default=None
            The correct answers to `X_val`, as y has them. An answer with a symbol that
            y does not have, or that is longer than all in y, counts as wrong, with one
            warning; so does the answer to an input that is longer than all in X.
            ``val_loss`` leaves these samples out, and ``val_character_accuracy`` counts
            the unknown symbols as wrong.

        groups : array-like of shape (n_samples,), default=None
            The group of each sample. With `early_stopping`, the samples of one group
            are all held out, or none of them is. If None, samples with equal inputs
            are a group. Not used if there are `X_val` and `y_val`.

        Returns
        -------
        self : object
            Fitted estimator. If an error is raised it is as it was before. If the
            keyboard interrupts the training, it is raised again, and the estimator
            holds what was learned in the epochs that were finished.

        Raises
        ------
        ValueError
            If X or y are invalid, if y is continuous, if `target_transformer`
            does not give the targets back, or if the loss becomes infinite or NaN in
            the first epoch.

        Warns
        -----
        ConvergenceWarning
            If the loss becomes infinite or NaN later: training then ends with what was
            learned before. Also if in five epochs and more the loss never fell below
            that of the first.
        """
        return self._fit(X, y, sample_weight, validation=(X_val, y_val), groups=groups)

    @fit_context(prefer_skip_nested_validation=False)
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one more pass, over these samples.

        In a Pipeline, whose transformers are fitted already, this is
        ``pipe[-1].partial_fit(pipe[:-1].transform(X), y)``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs, of the shape that the first call had.

        y : array-like of shape (n_samples,) or (n_samples, n_steps)
            The targets. The first call, or `fit`, decides on symbols and length.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights, as in `fit`.

        Returns
        -------
        self : object
            Fitted estimator. If an error is raised it is as it was before.

        Raises
        ------
        ValueError
            As in `fit`; also if a target is longer than at the first call, or has a
            symbol that did not occur there.
        """
        return self._fit(X, y, sample_weight, one_pass=True)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Predict the answers: the most probable symbol at each step.

        The decoder `"autoregressive"` searches with `beam_width` for the most
        probable answer as a whole.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        Returns
        -------
        y : ndarray of shape (n_samples,), (n_samples, n_steps) or \
                (n_samples, n_steps, n_symbols)
            The answers, in the kind and dtype that `fit` saw; strings without padding.
        """
        with self._fitted_network(X) as (predictor, X):
            codes = self._search(predictor).best(X)
        return self.target_codec_.decode(codes)

    def predict_step_proba(self, X: ArrayLike) -> np.ndarray:
        """Predict the probability of each symbol at each step of the answer.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        Returns
        -------
        probabilities : ndarray of float32, shape (n_samples, n_steps, n_symbols)
            The symbols of `alphabet_` in its order, at the steps of the padded (and
            perhaps reversed) targets. With the decoder `"autoregressive"` they are the
            probabilities after the symbols that `predict` wrote. With this decoder and
            with `"relative"`, answers to inputs longer than in `fit` have steps in
            proportion; where targets end in padding, they have at least the number of
            steps of the input, since the length of the longest answer is not known.
        """
        from . import _scikeras

        with self._fitted_network(X) as (predictor, X):
            if not predictor.feeds_back:
                return _scikeras.predict(predictor, X)
            return predictor.predict(X, codes=self._search(predictor).best(X))

    def predict_n_best(
        self, X: ArrayLike, n_best: int = 5, return_scores: bool = False
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Predict the most probable answers, the best first.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        n_best : int, default=5
            The number of answers.

        return_scores : bool, default=False
            If True, the logarithms of their probabilities are returned as well.

        Returns
        -------
        answers : ndarray of shape (n_samples, n_best, ...)
            The answers, in the form that `predict` gives them. They are all different;
            there are fewer columns if a sample does not have `n_best` answers.

        scores : ndarray of shape (n_samples, n_best)
            The logarithms of their probabilities, in descending order. Only if
            `return_scores` is True.

        Notes
        -----
        The probability of an answer is the product of the probabilities of its steps,
        padding included: see :meth:`score_samples`. Where the decoder finds each step
        by itself, these are the best of all answers, and the first is that of
        `predict`. `"autoregressive"` searches for them with a beam of `beam_width` or
        `n_best` hypotheses, whichever is more; a wider beam may find better ones.
        """
        check_scalar(n_best, "n_best", Integral, min_val=1)
        with self._fitted_network(X) as (predictor, inputs):
            codes, scores = self._search(predictor).n_best(inputs, int(n_best))
        n_samples, n_columns, n_steps = codes.shape
        answers = self.target_codec_.decode(codes.reshape(-1, n_steps))
        answers = answers.reshape(n_samples, n_columns, *answers.shape[1:])
        return (answers, scores) if return_scores else answers

    def score_samples(self, X: ArrayLike, y: ArrayLike | None = None) -> np.ndarray:
        """Return the logarithms of the probabilities of given answers.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        y : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            The answers, as in `fit`. If None, the answers of `predict`; the scores then
            say how sure it is.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Natural logarithms, 0 at most; minus infinity for an answer that cannot be
            written.

        Raises
        ------
        ValueError
            If an answer is longer than any that is predicted, or has a symbol that did
            not occur in `fit`.

        Notes
        -----
        It is the sum over all steps of the padded answer. With a decoder that finds
        each step by itself, a long answer has no more factors than a short one, whose
        padding must be predicted as well, and so neither is preferred. With
        `"autoregressive"`, if answers are padded at the end, the first padding is the
        end of the sequence and steps after it have the probability 1; long answers then
        have more factors, as in all networks of this kind. With `"relative"`, an answer
        that goes on after the most probable end has the probability 0.
        """
        with self._fitted_network(X) as (predictor, inputs):
            codes = None
            if y is not None:
                y = as_samples(y, "y")
                check_consistent_length(inputs, y)
                codes = self.target_codec_.encode(
                    y, allow_longer=self._network.decoder.any_length
                )
            return self._search(predictor).scores(inputs, codes)

    def score(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Return the share of the answers that are correct as a whole.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        y : array-like of shape (n_samples,), (n_samples, n_steps) or \
                (n_samples, n_steps, n_symbols)
            The correct answers, or for each sample a list of accepted answers.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        Returns
        -------
        score : float
            See :func:`exact_match_score`.
        """
        return exact_match_score(y, self.predict(X), sample_weight=sample_weight)

    @property
    def target_transformer_(self):
        """The fitted transformer of the targets."""
        check_is_fitted(self, "target_codec_")
        return self.target_codec_.transformer

    @property
    def alphabet_(self):
        """The symbols that answers are made of."""
        check_is_fitted(self, "target_codec_")
        return self.target_codec_.alphabet

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        embeds = self._embedding_dim is not None
        tags.input_tags.three_d_array = not embeds
        tags.input_tags.categorical = embeds
        tags.input_tags.positive_only = embeds
        return tags

    # ----------------------------------------------- what `fit` calls, in its order

    def _check_X(self, X, *, reset):
        """Validate inputs: floats, or integers, which become floats later on.

        Returns
        -------
        X : ndarray of shape (n_samples, n_steps, n_features) or (n_samples, n_steps)
            Codes to embed have two dimensions.
        """
        X = as_samples(X)
        refuse_strings(X, self, _ADVICE_FOR_STRINGS)
        if reset or not self._is_longer(X):
            X = validate_data(self, X, dtype=_DTYPES, allow_nd=True, reset=reset)
        else:
            X = check_array(X, dtype=_DTYPES, allow_nd=True, estimator=self)
        name = type(self).__name__
        _check_input_shape(X, name)
        # Parameters may have been set since `fit`.
        fitted = None if reset else self._network
        embedding_dim = fitted.embedding_dim if fitted else self._embedding_dim
        if embedding_dim is not None:
            return _check_embedded(
                X, embedding_dim, fitted.n_input_symbols if fitted else np.inf
            )
        X = X.reshape(*X.shape[:2], -1)
        if fitted and X.shape[2] != fitted.n_features:
            raise ValueError(
                f"X has {X.shape[2]} values at each step, but {name} is expecting "
                f"{fitted.n_features} as in fit."
            )
        return X

    def _is_longer(self, X):
        """Return whether inputs have more steps than in `fit`, if they may."""
        n_steps = count_steps(X)
        if n_steps <= self.n_features_in_:
            return False
        self._network.check_longer(n_steps, self.n_features_in_, type(self).__name__)
        return True

    @property
    def _embedding_dim(self):
        """The parameter `embedding_dim`; None if a network of the user's own counts."""
        return self.embedding_dim if self.network is None else None

    def _encode_targets(self, y, *, resume):
        if resume:
            return self.target_codec_.encode(y)
        transformer = self.target_transformer
        if transformer is not None:
            transformer = self._clone_target_transformer()
        codec = TargetCodec(transformer)
        codes = codec.fit_encode(y)
        self.target_codec_ = codec
        return codes

    def _describe(self, X, codes, fitted):
        if self.network is not None:
            return self._describe_own(X, codes)
        decoder = self.decoder
        if isinstance(decoder, str):
            decoder = DECODERS[decoder]()
        decoder = decoder.resolve()
        n_input_symbols = None
        if self.embedding_dim is not None:
            n_input_symbols = fitted.n_input_symbols if fitted else int(X.max()) + 1
        codec, copied = self.target_codec_, None
        end = codec.end if decoder.ends_at_padding else None
        if decoder.copies:
            copied = fitted.copied if fitted else _find_copied(X, codec)
        network = Seq2SeqNetwork(
            n_steps_in=X.shape[1],
            n_steps_out=codes.shape[1] + (end is not None and decoder.any_length),
            n_symbols=len(codec.alphabet),
            n_features=X.shape[2] if X.ndim == 3 else None,
            n_input_symbols=n_input_symbols,
            encoder_units=_as_layers("encoder_units", self.encoder_units),
            decoder_units=_as_layers("decoder_units", self.decoder_units),
            cell=self.cell,
            decoder=decoder,
            bidirectional=bool(self.bidirectional),
            embedding_dim=plain(self.embedding_dim),
            mask_padding=bool(self.mask_padding),
            dropout=float(self.dropout),
            eos_code=end,
            copied=copied,
        )
        if network.has_own_code:
            settings = KerasSettings.current()
            network = dataclasses.replace(network, keras_settings=settings)
        if not network.encoder_units:
            self._check_unused(["bidirectional"], "without an encoder")
        if not (decoder.feeds_back or network.has_own_code):
            self._check_unused(["beam_width"], f"with decoder={decoder.name!r}")
        decoder.check(network)
        return network

    def _describe_own(self, X, codes):
        """Return the description of the network that the user's own code builds."""
        self._check_unused(_REPLACED_BY_NETWORK, "with a `network` of your own")
        name = type(self).__name__
        return Seq2SeqNetwork(
            n_steps_in=X.shape[1],
            n_steps_out=codes.shape[1],
            n_symbols=len(self.target_codec_.alphabet),
            n_features=X.shape[2],
            decoder=CustomDecoder(CustomNetwork.from_parameter(self.network, name)),
            keras_settings=KerasSettings.current(),
        )

    def _prepare_validation(self, X, y):
        codec, unknown = self.target_codec_, len(self.target_codec_.alphabet)
        X, fits = _cut_padding(X, self.n_features_in_)
        y = codec.check(y)
        codes, is_known = codec.encode_with_unknown(y)
        is_known &= fits
        if not is_known.any():
            try:
                codec.encode(y)
            except ValueError as error:
                raise ValueError(f"none of it can be scored: {error}") from error
            raise ValueError(
                "none of it can be scored: the inputs are longer than those in fit"
            )
        codes = self._network.training_targets(codes)
        if codes.shape[1] != self._network.n_steps_out:
            raise ValueError("y_val has another number of columns than y.")
        _warn_of_unknown(y, is_known)
        # An answer that is only too long has one step that cannot be right.
        codes[~is_known & (codes < unknown).all(axis=1), -1] = unknown
        return X, codes

    def _group(self, network, X, y, one_pass):
        if not self.group_by_length:
            return super()._group(network, X, y, one_pass)
        from .training import grouping

        network.decoder.check_grouping(network)
        if not network.has_eos:
            raise ValueError(
                "group_by_length=True needs answers of different lengths that are "
                "padded at their end: set the side of both SequencePadder to 'right', "
                "or reverse to True."
            )
        lengths = grouping.lengths_of(network, X, y)
        # The pieces of a stream differ, and are to share one compiled program.
        groups = grouping.choose_groups(network, None if one_pass else lengths)
        return groups, grouping.group_of(lengths, groups)

    def _make_loss(self):
        from .training import SymbolLoss

        smoothing, end = float(self.label_smoothing), None
        if self._network.decoder.feeds_back:
            end = self._network.eos_code
        if self.padding_weight == 1:
            return SymbolLoss(smoothing=smoothing, end=end)
        code = self.target_codec_.padding
        if code is None:
            raise ValueError(
                f"padding_weight={self.padding_weight} needs targets that are padded: "
                "the target transformer has no `fill_` among its symbols."
            )
        return SymbolLoss(code, float(self.padding_weight), smoothing, end)

    # -------------------------------------------------------------------- prediction

    def _fitted_network(self, X):
        check_is_fitted(self)
        self._check_beam_width()
        return super()._fitted_network(X)

    def _check_beam_width(self):
        """Raise an error if it was set to something invalid after `fit`."""
        validate_parameter_constraints(
            {"beam_width": self._parameter_constraints["beam_width"]},
            {"beam_width": self.beam_width},
            caller_name=type(self).__name__,
        )

    def _search(self, predictor):
        """Return the search for answers of the fitted network."""
        description, codec = self._network, self.target_codec_
        return AnswerSearch(predictor, description, codec, self.beam_width)


def attention_weights(estimator, X, layer):
    """Return the attention weights of a Seq2SeqClassifier, and the answers.

    Parameters
    ----------
    estimator : Seq2SeqClassifier
        A fitted estimator, with a decoder that has attention.

    X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
        The inputs.

    layer : int
        The number of the attention layer, from 0.

    Returns
    -------
    weights : ndarray of shape (n_samples, n_heads, n_steps_out, n_steps_in)
        The weights. Each row sums to 1 at most.

    codes : ndarray of int, shape (n_samples, n_steps_out)
        The answers of `predict`, as codes of `alphabet_`. Steps of padding that `fit`
        did not have are left out.
    """
    with estimator._fitted_network(X) as (predictor, X):
        codes = estimator._search(predictor).best(X)
        weights = predictor.attend(X, layer, codes)
    padding, n_steps = estimator.target_codec_.padding, codes.shape[1]
    fitted_as = estimator._network
    n_fitted = fitted_as.n_steps_out - fitted_as.has_eos_step
    while n_steps > n_fitted and (codes[:, n_steps - 1] == padding).all():
        n_steps -= 1
    return weights[:, :, :n_steps], codes[:, :n_steps]


def _check_input_shape(X, name):
    if 0 in X.shape:
        raise ValueError(
            f"Found array with 0 feature(s) (shape={X.shape}) while a minimum of 1 is "
            f"required by {name}."
        )
    if X.ndim > 3:
        raise ValueError(
            f"Found array with dim {X.ndim}, while dim <= 3 is required by {name}: "
            "(n_samples, n_steps, n_features)."
        )


def _check_embedded(X, embedding_dim, n_symbols):
    """Return codes to embed, with one code for all symbols that were not in `fit`."""
    if X.ndim != 2:
        raise ValueError(
            f"embedding_dim={embedding_dim} expects integer codes of shape (n_samples, "
            f"n_steps), got an array of shape {X.shape}. Leave SequenceOneHotEncoder "
            "out, or set embedding_dim=None."
        )
    check_codes(X)
    return np.minimum(X, n_symbols, dtype=X.dtype) if X.max() > n_symbols else X


def _find_copied(X, codec):
    """Find the symbols of the input that are symbols of the answer.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_steps) or (n_samples, n_steps, n_symbols)
        The inputs, codes or one-hot vectors.

    codec : TargetCodec
        The codec of the targets.

    Returns
    -------
    copied : tuple of int or None
        For each code of an input symbol, the code of the same symbol in answers, or -1
        if there is none. None if the symbols are not known, or if none is in both.
    """
    symbols = input_symbols(X)
    if symbols is None or (X.ndim == 3 and X.shape[2] == 1):
        return None
    n_symbols = X.shape[2] if X.ndim == 3 else int(X.max()) + 1
    codes = {symbol: code for code, symbol in enumerate(codec.alphabet.tolist())}
    # The first symbol of the input is the padding, which attention does not see.
    copied = [codes.get(symbol, -1) for symbol in symbols[1:n_symbols]]
    copied = [-1 if code == codec.padding else code for code in copied]
    if max(copied, default=-1) < 0:
        return None
    return (-1, *copied, *[-1] * (n_symbols - 1 - len(copied)))


def _as_layers(name, units):
    """Return the units of each layer as a tuple."""
    layers = [] if units is None else np.atleast_1d(units).tolist()
    if any(not isinstance(n, int) or n < 1 for n in layers):
        raise ValueError(f"{name} must be integers > 0, got {quote(units)}.")
    if not layers and units is not None:
        raise ValueError(f"{name} must name one layer at least, got {quote(units)}.")
    return tuple(layers)


def _cut_padding(X, n_steps):
    """Cut padding of inputs that have more steps than in `fit`.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_steps_now, ...)
        The inputs, with `n_steps` or more.

    n_steps : int
        The number of steps in `fit`.

    Returns
    -------
    X : ndarray of shape (n_samples, n_steps, ...)

    fits : ndarray of bool, shape (n_samples,)
        True for inputs that have lost nothing but padding.
    """
    from .training import grouping

    if X.shape[1] <= n_steps:
        return X, np.ones(len(X), dtype=bool)
    visible = grouping.visible_steps(X)
    in_front = visible[:, :-n_steps].any(axis=1)
    at_end = visible[:, n_steps:].any(axis=1)
    cut = X[:, :n_steps].copy()
    cut[at_end] = X[at_end, -n_steps:]
    return cut, ~(in_front & at_end)


def _warn_of_unknown(y, is_known):
    """Warn of validation answers that cannot be written, if there are any."""
    if is_known.all():
        return
    i, n_unknown = int(np.argmin(is_known)), int(np.sum(~is_known))
    warnings.warn(
        f"{n_unknown} of {len(y)} samples of the validation data count as wrong, "
        "because they have symbols that were not in fit or are longer; the first is "
        f"y_val[{i}] = {quote(y[i : i + 1].tolist()[0])}.",
        UserWarning,
        stacklevel=3,
    )
