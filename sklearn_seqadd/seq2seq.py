"""The encoder-decoder as a scikit-learn estimator."""

import copy
import dataclasses
import itertools
import os
import warnings
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import (
    assert_all_finite,
    check_array,
    check_consistent_length,
    check_scalar,
    gen_batches,
)
from sklearn.utils.validation import check_is_fitted, validate_data

from ._answers import as_lists, codes_of_one_hot, of_kind
from ._base import NetworkEstimator, refuse_strings, steps_of
from ._digits import shown
from ._samples import as_samples
from ._sklearn import (
    COUNT,
    HasMethods,
    Interval,
    StrOptions,
    count_steps,
    fit_context,
    validate_parameter_constraints,
)
from .metrics import exact_match_score
from .networks import (
    DECODERS,
    CustomDecoder,
    CustomNetwork,
    Decoder,
    KerasSettings,
    Seq2SeqNetwork,
)
from .preprocessing import (
    UNKNOWN,
    SequenceIntegerEncoder,
    SequencePadder,
    SequenceTokenizer,
    check_characters,
    check_codes,
    in_words,
    input_symbols,
    plain_strings,
)
from .preprocessing._code_points import StringTransformer

__all__ = ["Seq2SeqClassifier"]

# Of so many times as many rows of codes the different answers are taken, at most.
_MAX_SPELLINGS = 64

# So many continuations of answers are compared at a time.
_MAX_CANDIDATES = 2**20

# So many answers are restored from their codes.
_ROWS_RESTORED = 2**16

# And so many answers are given scores.
_ROWS_SCORED = 2048


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
        plain ones. Those suffice where attention brings all that is needed at a step,
        and as nothing in them adds up they stay the same for however many steps.

    decoder : {"repeat", "sequence", "attention", "relative", "autoregressive"} or \
            Decoder, default="repeat"
        How the answer comes out of what was read: a decoder, or the short form of one
        with its default parameters.

        - `"repeat"`, :class:`RepeatDecoder`: the encoder's last output, repeated for
          every step of the answer [1]_ [2]_.
        - `"sequence"`, :class:`SequenceDecoder`: the encoder's output at each step,
          read by the decoder as it comes.
        - `"attention"`, :class:`AttentionDecoder`: multi-head attention [3]_ from a
          learned query for every step of the answer, all steps at once.
        - `"relative"`, :class:`RelativeDecoder`: heads of attention that start
          somewhere and move on, for inputs and answers of any length.
        - `"autoregressive"`, :class:`AutoregressiveDecoder`: symbol by symbol, fed the
          symbol that it wrote before, with attention to the content [4]_, for inputs
          and answers of any length.

        The parameters of a decoder are reached as ``decoder__heads``.

    bidirectional : bool, default=False
        Whether a second encoder reads the input backwards.

    embedding_dim : int or "one-hot", default=None
        The length of a vector to learn for each symbol of the input. X then holds
        integer codes, without one-hot encoding. A code larger than all in `fit` has
        an untrained vector of its own. With `"one-hot"` the network itself makes
        one-hot vectors of codes, a mini-batch at a time: the weights are those that it
        learns of such vectors, and many strings take less memory. If None, numbers are
        taken as they are.

    mask_padding : bool, default=False
        Whether recurrent layers skip, and attention does not see, the steps of the
        input that hold the padding: the first symbol, that is the code 0 or the
        one-hot vector of the first symbol.

    dropout : float, default=0.0
        The share of the outputs of each recurrent layer, and of other layers as the
        decoder says, that is dropped in training.

    beam_width : int, default=1
        For `"autoregressive"`: how many hypotheses `predict` keeps at each step. With 1
        it takes the most probable symbol every time. It is not part of the network and
        may be set after `fit`.

    padding_weight : float, default=1.0
        Weight in the loss of those steps of the answer that are padding. What an
        answer is padded with must be learned too, unless it is fixed by a length.

    label_smoothing : float, default=0.0
        The share of what is expected at each step that is spread over all symbols
        (arXiv:1512.00567), so that no probability is driven to one.

    group_by_length : bool, default=False
        Whether mini-batches are made of sequences of like lengths, of which the padding
        at the end is cut off: where lengths differ much, training takes less time. It
        is for sequences padded at the end, and decoders to which padding is as if
        absent: `"autoregressive"`, and `"relative"` with a decoder that reads forwards
        only.

    target_transformer : transformer, default=None
        What turns targets into codes (n_samples, n_steps) or one-hot vectors
        (n_samples, n_steps, n_symbols), and back with `inverse_transform`. It is
        cloned before it is fitted. If None, strings are padded on the left and
        encoded by character, and other targets are encoded as labels.

    optimizer : str or keras.optimizers.Optimizer, default="adam"
        The optimizer: its name, or an instance, of which a copy is used.

    learning_rate : float, default=None
        The learning rate. If None, it is the optimizer's own.

    schedule : "cosine", keras.optimizers.schedules.LearningRateSchedule or None, \
            default=None
        How the learning rate changes from one mini-batch to the next. `"cosine"`
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
        more passes it takes to learn from them. In `partial_fit` the samples are those
        of the call.

    early_stopping : bool, default=False
        Whether `fit` ends when the answers to samples held out get no better, and keeps
        the weights of the best epoch. An epoch is better if more answers are correct
        or, with as many, if the loss is smaller; for a regressor the loss alone counts.
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

    average_weights : bool, default=False
        Whether the fitted weights are a moving average of those in training, the
        optimizer's own (`use_ema`; its `ema_momentum` is 0.99 unless it was made with
        another). It is what samples held out are answered with.

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
        Whether `fit` continues from the weights of the last fit, if there was one.

    jit_compile : bool or "auto", default="auto"
        Whether to compile training with XLA. With `"auto"`, where a fit has so many
        mini-batches that this pays; `partial_fit` counts as one of `epochs` calls.

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

    history_ : dict of lists of float
        By epoch: ``loss``, ``exact_match`` and ``character_accuracy`` of the samples
        trained on, padding included, measured while the weights change; where
        samples are held out also ``val_loss``, ``val_exact_match`` and
        ``val_character_accuracy`` of these, NaN in epochs without.

    n_iter_ : int
        The number of epochs since training began.

    model_ : keras.Model
        A Keras model with the fitted weights, made anew at each access. To train it
        or to change its weights does not change this estimator.

    architecture_ : dict
        The network as fitted: its hyper-parameters and shapes.

    weights_ : list of ndarray
        The weights as fitted, in the order of ``model_.get_weights()``.

    optimizer_kind_ : str
        The optimizer as fitted, but for its learning rate.

    optimizer_state_ : list of ndarray or None
        The optimizer's variables, with which training can continue: after `partial_fit`
        and with ``warm_start=True``. After other fits None; an optimizer that continues
        from there starts anew.

    seed_ : int
        The seed drawn from `random_state`.

    n_features_in_ : int
        The number of steps of the input.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns. Only if X has such, all of them strings.

    See Also
    --------
    make_seq2seq_pipeline : This estimator with the transformers for strings.
    sklearn.neural_network.MLPClassifier : A network for a fixed set of classes.

    Notes
    -----
    Strings that answer a question are an open set, not a set of classes that are all
    known: for scikit-learn this is no classifier in spite of its name
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
        average_weights: bool = False,
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
        self.average_weights = average_weights
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
            warning; so does the answer to an input that is longer than those in X.
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
        with self._fitted_network(X) as (network, X):
            codes = self._write(network, X)
        return self._decode(codes)

    def predict_step_proba(self, X: ArrayLike) -> np.ndarray:
        """Predict the probability of each symbol at each step of the answer.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        Returns
        -------
        probabilities : ndarray of float32, shape (n_samples, n_steps, n_symbols)
            The symbols are those of `alphabet_`, in its order. Steps are those of the
            padded (and perhaps reversed) targets. With the decoder
            `"autoregressive"` they are those after the symbols that `predict` wrote.
            With this decoder and with `"relative"`, answers to inputs longer than in
            `fit` have steps in proportion; where targets end in padding, as many as the
            input has at least, since its longest answer is not known.
        """
        from . import _scikeras

        with self._fitted_network(X) as (network, X):
            if not network.feeds_back:
                return _scikeras.predict(network, X)
            return network.predict(X, codes=self._write(network, X))

    def predict_n_best(
        self, X: ArrayLike, n_best: int = 5, return_scores: bool = False
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Predict the most probable answers, the best first.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        n_best : int, default=5
            How many answers.

        return_scores : bool, default=False
            Whether to return the logarithms of their probabilities as well.

        Returns
        -------
        answers : ndarray of shape (n_samples, n_best, ...)
            The answers, as those of `predict`. They are all different; there are fewer
            columns if a sample does not have so many.

        scores : ndarray of shape (n_samples, n_best)
            The logarithms of their probabilities, in descending order. Only if
            `return_scores` is True.

        Notes
        -----
        The probability of an answer is the product of those of its steps, padding
        included: see :meth:`score_samples`. Where the decoder finds each step by
        itself these are the best of all answers, and the first is that of `predict`.
        `"autoregressive"` searches for them with a beam of `beam_width` or `n_best`
        hypotheses, whichever is more; a wider beam may find better ones.
        """
        check_scalar(n_best, "n_best", Integral, min_val=1)
        found = []
        with self._fitted_network(X) as (network, inputs):
            for rows in self._batches_of_candidates(len(inputs), int(n_best)):
                found += self._find_different(network, inputs[rows], int(n_best))
        n_best = min(len(scores) for _, scores in found)
        codes = np.concatenate([codes[:n_best] for codes, _ in found])
        scores = np.stack([scores[:n_best] for _, scores in found])
        answers = self._decode(codes)
        answers = answers.reshape(len(found), n_best, *answers.shape[1:])
        return (answers, scores) if return_scores else answers

    def score_samples(self, X: ArrayLike, y: ArrayLike | None = None) -> np.ndarray:
        """Logarithms of the probabilities of given answers.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        y : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            The answers, as in `fit`. If None, those of `predict`: how sure it is.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Natural logarithms, 0 at most; minus infinity for what cannot be written.

        Raises
        ------
        ValueError
            If an answer is longer than those that are predicted, or has a symbol that
            did not occur in `fit`.

        Notes
        -----
        It is the sum over all steps of the padded answer. Of decoders that find each
        step by itself, a long answer has no more factors than a short one, whose
        padding must be predicted as well, and so neither is preferred. Of
        `"autoregressive"`, if answers are padded at the end, the first padding is the
        end of the answer and steps after it have the probability 1; long answers then
        have more factors, as in all networks of this kind. With `"relative"` an answer
        that goes on after the most probable end is taken for impossible.
        """
        scores = []
        with self._fitted_network(X) as (network, inputs):
            codes = None
            if y is not None:
                y = as_samples(y, "y")
                check_consistent_length(inputs, y)
                any_length = self._network.decoder.any_length
                codes = self._encode_again(
                    _check_targets(y, self.target_transformer_),
                    may_be_longer=any_length,
                )
            for rows in gen_batches(len(inputs), _ROWS_SCORED):
                scores.append(self._score_block(network, inputs, codes, rows))
        return np.concatenate(scores)

    def score(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Share of the answers that are right as a whole.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
            The inputs.

        y : array-like of shape (n_samples,), (n_samples, n_steps) or \
                (n_samples, n_steps, n_symbols)
            The right answers, or for each sample a list of accepted answers.

        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        Returns
        -------
        score : float
            See :func:`exact_match_score`.
        """
        return exact_match_score(y, self.predict(X), sample_weight=sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        embeds = self._embedding_dim is not None
        tags.input_tags.three_d_array = not embeds
        tags.input_tags.categorical = embeds
        tags.input_tags.positive_only = embeds
        return tags

    def _prepare(self, X, y, *, resume):
        y = _check_targets(
            y, self.target_transformer_ if resume else self.target_transformer
        )
        codes = self._encode_again(y) if resume else self._encode(y)
        if self.network is None:
            network = self._describe(X, codes, resume)
        else:
            network = self._describe_own(X, codes)
        if network.has_step_at_end:
            # One step more, at which all learn that nothing comes after an answer.
            end = np.full((len(codes), 1), network.answer_padding, dtype=codes.dtype)
            codes = np.concatenate([codes, end], axis=1)
        return network, codes

    def _describe(self, X, codes, resume):
        """Return the description of the network that the parameters ask for."""
        decoder = self._resolve_decoder()
        n_input_symbols = padding = None
        if self.embedding_dim is not None:
            n_input_symbols = int(X.max()) + 1
            if resume:
                n_input_symbols = self.architecture_["n_input_symbols"]
        if decoder.ends_at_padding:
            padding = self._find_end(codes)
            if resume:
                padding = self.architecture_["answer_padding"]
        has_step_at_end = padding is not None and decoder.any_length
        copied = None
        if decoder.copies:
            copied = find_copied(X, self.alphabet_, self._padding_code())
            if resume:
                copied = self._network.copied
        network = Seq2SeqNetwork(
            n_steps_in=X.shape[1],
            n_steps_out=codes.shape[1] + has_step_at_end,
            n_symbols=len(self.alphabet_),
            n_features=X.shape[2] if X.ndim == 3 else None,
            n_input_symbols=n_input_symbols,
            encoder_units=_as_layers("encoder_units", self.encoder_units),
            decoder_units=_as_layers("decoder_units", self.decoder_units),
            cell=self.cell,
            decoder=decoder,
            bidirectional=bool(self.bidirectional),
            embedding_dim=_as_dimension(self.embedding_dim),
            mask_padding=bool(self.mask_padding),
            dropout=float(self.dropout),
            answer_padding=padding,
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
            n_symbols=len(self.alphabet_),
            n_features=X.shape[2],
            decoder=CustomDecoder(CustomNetwork.from_parameter(self.network, name)),
            keras_settings=KerasSettings.current(),
        )

    def _resolve_decoder(self):
        """Return a decoder of its own with plain parameters."""
        if isinstance(self.decoder, str):
            return DECODERS[self.decoder]().resolve()
        return self.decoder.resolve()

    def _prepare_validation(self, X, y):
        X, is_known = self._cut_to_fitted_steps(X)
        y = _check_targets(y, self.target_transformer_)
        reason = "the inputs are longer than those in fit"
        if is_known.all():
            try:
                return super()._prepare_validation(X, y)
            except ValueError as error:
                reason = error
        codes, can_be_written = self._encode_what_is_known(y)
        is_known &= can_be_written
        if not is_known.any():
            raise ValueError(f"none of it can be scored: {reason}")
        i, n_unknown = int(np.argmin(is_known)), int(np.sum(~is_known))
        _, of_known = super()._prepare_validation(X[is_known], y[is_known])
        warnings.warn(
            f"{n_unknown} of {len(y)} samples of the validation data count as wrong, "
            "because they have symbols that were not in fit or are longer; the first "
            f"is y_val[{i}] = {shown(y[i : i + 1].tolist()[0])}.",
            UserWarning,
            stacklevel=2,
        )
        unknown, n_steps = len(self.alphabet_), codes.shape[1]
        encoded = np.full((len(y), of_known.shape[1]), unknown)
        encoded[:, :n_steps] = codes
        encoded[:, n_steps:] = self._padding_code() or 0
        # A step that cannot be right, also where nothing but the length is wrong.
        encoded[~is_known & (encoded < unknown).all(axis=1), -1] = unknown
        encoded[is_known] = of_known
        return X, encoded

    def _cut_to_fitted_steps(self, X):
        """Cut padding of longer inputs to the steps of `fit`.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_steps, ...)
            Inputs with as many steps as in `fit`, or with more.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features_in_, ...)

        fits : ndarray of bool, shape (n_samples,)
            Whether nothing but padding was cut off.
        """
        from .training import grouping

        n_steps = self.n_features_in_
        if X.shape[1] <= n_steps:
            return X, np.ones(len(X), dtype=bool)
        visible = grouping.visible_steps(X)
        in_front = visible[:, :-n_steps].any(axis=1)
        at_end = visible[:, n_steps:].any(axis=1)
        cut = X[:, :n_steps].copy()
        cut[at_end] = X[at_end, -n_steps:]
        return cut, ~(in_front & at_end)

    def _encode_what_is_known(self, y):
        """Encode targets that may have symbols or lengths that were not in `fit`.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_steps)

        Returns
        -------
        codes : ndarray of int, shape (n_samples, n_steps)
            The number of symbols is the code of a symbol that was not in `fit`.

        is_known : ndarray of bool, shape (n_samples,)
            Whether the network can write a target.
        """
        unknown = len(self.alphabet_)
        transformer = copy.deepcopy(self.target_transformer_)
        for name in transformer.get_params():
            if name.endswith(("handle_overlong", "handle_unknown")):
                transformer.set_params(**{name: "ignore"})
        try:
            if isinstance(transformer, _LabelSequenceEncoder):
                encoded = transformer.transform(y, unknown)
            else:
                encoded = transformer.transform(y)
        except ValueError:
            # A transformer of the user's own that takes known symbols only.
            codes = np.full((len(y), self._network.n_steps_out), unknown)
            return codes, self._can_be_encoded(y)
        encoded = np.asarray(encoded)
        codes, _ = _as_codes(encoded)
        codes = np.minimum(codes.astype(np.int64), unknown)
        if encoded.ndim == 3:
            codes[~encoded.any(axis=2)] = unknown
        is_known = (codes < unknown).all(axis=1)
        if is_known.any():
            part, restored = y[is_known], self._decode(codes[is_known])
            if restored.shape == part.shape:
                differs = _differ(restored, part).reshape(len(part), -1).any(axis=1)
                is_known[is_known] = ~differs
            else:
                is_known[:] = False
        return codes, is_known

    def _can_be_encoded(self, y):
        """Return for each target whether it can be encoded, by halves."""
        try:
            self._encode_again(y)
        except ValueError:
            if len(y) == 1:
                return np.zeros(1, dtype=bool)
            half = len(y) // 2
            return np.r_[self._can_be_encoded(y[:half]), self._can_be_encoded(y[half:])]
        return np.ones(len(y), dtype=bool)

    def _make_loss(self):
        from .training import SymbolLoss

        smoothing, end = float(self.label_smoothing), None
        if self._network.decoder.feeds_back:
            end = self._network.answer_padding
        if self.padding_weight == 1:
            return SymbolLoss(smoothing=smoothing, end=end)
        code = self._padding_code()
        if code is None:
            raise ValueError(
                f"padding_weight={self.padding_weight} needs targets that are padded: "
                "the target transformer has no `fill_` among its symbols."
            )
        return SymbolLoss(code, float(self.padding_weight), smoothing, end)

    def _group(self, network, X, y, one_pass):
        if not self.group_by_length:
            return super()._group(network, X, y, one_pass)
        from .training import grouping

        network.decoder.check_grouping(network)
        if not network.padded_answers:
            raise ValueError(
                "group_by_length=True needs answers of different lengths that are "
                "padded at their end: set the side of both SequencePadder to 'right', "
                "or reverse to True."
            )
        lengths = grouping.lengths_of(network, X, y)
        # The pieces of a stream differ, and are to share one compiled program.
        groups = grouping.choose_groups(network, None if one_pass else lengths)
        return groups, grouping.group_of(lengths, groups)

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

    @property
    def _embedding_dim(self):
        """The parameter, if it counts."""
        return self.embedding_dim if self.network is None else None

    def _check_X(self, X, *, reset):
        """X as the network takes it: float32, or integers, which become that later on.

        Of shape (n_samples, n_steps) if it is to be embedded, and of shape
        (n_samples, n_steps, n_features) otherwise.
        """
        X = as_samples(X)
        refuse_strings(
            X,
            self,
            "Put SequencePadder(), SequenceIntegerEncoder() and "
            "SequenceOneHotEncoder() before it in a Pipeline, or use "
            "make_seq2seq_pipeline().",
        )
        dtypes = [np.float32, np.uint8, np.int8, np.int16, np.int32]
        if reset or not self._is_longer(X):
            X = validate_data(self, X, dtype=dtypes, allow_nd=True, reset=reset)
        else:
            X = check_array(X, dtype=dtypes, allow_nd=True, estimator=self)
        if 0 in X.shape:
            raise ValueError(
                f"Found array with 0 feature(s) (shape={X.shape}) while a minimum of 1 "
                f"is required by {type(self).__name__}."
            )
        if X.ndim > 3:
            raise ValueError(
                f"Found array with dim {X.ndim}, while dim <= 3 is required by "
                f"{type(self).__name__}: (n_samples, n_steps, n_features)."
            )
        # Parameters may have been set since `fit`.
        fitted = None if reset else self._network
        embedding_dim = self._embedding_dim if reset else fitted.embedding_dim
        if embedding_dim is None:
            X = X.reshape(*X.shape[:2], -1)
            expected = X.shape[2] if reset else fitted.n_features
            if X.shape[2] != expected:
                raise ValueError(
                    f"X has {X.shape[2]} values at each step, but "
                    f"{type(self).__name__} is expecting {expected} as in fit."
                )
            return X
        if X.ndim != 2:
            raise ValueError(
                f"embedding_dim={embedding_dim} expects integer codes of shape "
                f"(n_samples, n_steps), got an array of shape {X.shape}. Leave "
                "SequenceOneHotEncoder out, or set embedding_dim=None."
            )
        check_codes(X)
        n_symbols = np.inf if reset else fitted.n_input_symbols
        # Whatever was not there in training has the last vector.
        return np.minimum(X, n_symbols, dtype=X.dtype) if X.max() > n_symbols else X

    def _padding_code(self):
        """Return the code of the fill of padded targets; None without padding."""
        alphabet = self.alphabet_.tolist()
        for step in steps_of(self.target_transformer_):
            fill = getattr(step, "fill_", None)
            if fill is not None and fill in alphabet:
                return alphabet.index(fill)
        return None

    def _find_end(self, codes):
        """The code of padding if there is any, and nothing after it; else None."""
        padding = self._padding_code()
        is_padding = codes == padding
        is_last = (is_padding[:, :-1] <= is_padding[:, 1:]).all()
        return padding if is_padding.any() and is_last else None

    def _is_longer(self, X):
        """Whether inputs have more steps than in `fit`; an error if they must not."""
        n_steps = count_steps(X)
        if n_steps <= self.n_features_in_:
            return False
        self._network.check_longer(n_steps, self.n_features_in_, type(self).__name__)
        return True

    def _encode(self, y):
        """Fit the target transformer; the codes (n_samples, n_steps) of y."""
        if self.target_transformer is not None:
            transformer = self._clone_target_transformer()
        elif _are_strings(y):
            transformer = make_pipeline(SequencePadder(), SequenceIntegerEncoder())
        else:
            transformer = _LabelSequenceEncoder()
        encoded = transformer.fit(y).transform(y)
        codes, n_symbols = _as_codes(encoded)
        alphabet = _find_alphabet(transformer)
        if alphabet is None or len(alphabet) < n_symbols:
            alphabet = np.arange(n_symbols)
        self.target_transformer_ = transformer
        self.alphabet_ = alphabet
        # Plain words, not a dtype object, which no safe file format takes.
        self._target_kind = "StringDType" if y.dtype.kind == "T" else y.dtype.kind
        self._one_hot_targets = n_symbols if np.ndim(encoded) == 3 else None
        self._check_inverse(
            y, codes, "`target_transformer` does not give all targets back"
        )
        return codes

    def _encode_again(self, y, *, may_be_longer=False):
        """The codes of further targets; an error if they cannot be represented."""
        transformer = copy.deepcopy(self.target_transformer_)
        # What may be cut or replaced in a question must not be in an answer.
        for name, value in transformer.get_params().items():
            extends = may_be_longer and value == "extend"
            if name.endswith(("handle_overlong", "handle_unknown")) and not extends:
                transformer.set_params(**{name: "error"})
        misfit = "y does not fit the targets of the first call"
        try:
            codes, _ = _as_codes(transformer.transform(y))
        except ValueError as error:
            raise ValueError(f"{misfit}: {error}") from error
        self._check_inverse(y, codes, misfit)
        return codes

    def _check_inverse(self, y, codes, what):
        for rows in gen_batches(len(y), _ROWS_RESTORED):
            part, restored = y[rows], self._decode(codes[rows])
            i = 0
            if restored.shape == part.shape:
                wrong = _differ(restored, part).reshape(len(part), -1).any(axis=1)
                if not wrong.any():
                    continue
                i = int(np.argmax(wrong))
            was, would_be = (array[i : i + 1].tolist()[0] for array in (part, restored))
            tokenizes = any(
                isinstance(step, SequenceTokenizer)
                for step in steps_of(self.target_transformer_)
            )
            advice = "Use a transformer that keeps all of them, or leave them out."
            if tokenizes and UNKNOWN in would_be:
                advice = (
                    "A token that is not in the vocabulary cannot be written: lower "
                    "min_df or raise max_features of the targets' SequenceTokenizer, "
                    "or leave out the samples with rare tokens in their answers."
                )
            raise ValueError(
                f"{what}: y[{rows.start + i}] = {shown(was)} would come back as "
                f"{shown(would_be)}. {advice}"
            )

    def _write(self, network, X):
        """The answers as codes, (n_samples, n_steps)."""
        from . import _scikeras

        if network.feeds_back:
            codes, _ = network.search(X, self.beam_width)
            return codes[:, 0]
        return _scikeras.predict(network, X, symbols=True)

    def _write_n_best(self, network, X, n_best):
        """The codes of the best answers, and the logarithms of their probabilities."""
        from .training import n_best_of_steps

        if network.feeds_back:
            codes, scores = network.search(X, max(n_best, self.beam_width))
            return codes[:, :n_best], scores[:, :n_best]
        return n_best_of_steps(network.predict(X), n_best)

    def _find_different(self, network, X, n_best, n_sought=None):
        """The best answers that differ; pairs of codes and scores, a sample each.

        Parameters
        ----------
        network : CompiledNetwork

        X : ndarray
            The inputs.

        n_best : int
            How many are enough.

        n_sought : int, default=None
            How many are looked at: more than `n_best` where paddings at different
            steps spell the same answer.
        """
        n_sought = n_sought or n_best
        codes, scores = self._write_n_best(network, X, n_sought)
        n_samples, n_columns, n_steps = codes.shape
        spelled = map(repr, self._decode(codes.reshape(-1, n_steps)).tolist())
        found, lacking = [], []
        for i in range(n_samples):
            different: dict = {}
            for j, answer in enumerate(itertools.islice(spelled, n_columns)):
                if np.isfinite(scores[i, j]):
                    different.setdefault(answer, j)
            columns = list(different.values())[:n_best]
            found.append((codes[i, columns], scores[i, columns]))
            has_more = n_columns == n_sought and np.isfinite(scores[i]).all()
            if len(columns) < n_best and has_more:
                lacking.append(i)
        if lacking and n_sought < _MAX_SPELLINGS * n_best:
            n_sought *= 4
            for rows in self._batches_of_candidates(len(lacking), n_sought):
                again = self._find_different(
                    network, X[lacking[rows]], n_best, n_sought
                )
                for i, of_sample in zip(lacking[rows], again, strict=True):
                    found[i] = of_sample
        return found

    def _batches_of_candidates(self, n_samples, n_sought):
        """Slices of samples, of whose answers so many can be looked at together."""
        n_candidates = n_sought * len(self.alphabet_)
        return gen_batches(n_samples, max(1, _MAX_CANDIDATES // n_candidates))

    def _score_block(self, network, X, codes, rows):
        """Logarithms of the probabilities of some answers; None: of those predicted."""
        from .training import ROWS_ROUNDED_ALIKE

        # So that a score does not depend on how many samples there are.
        n_samples = rows.stop - rows.start
        n_rows = n_samples + -n_samples % ROWS_ROUNDED_ALIKE
        filled_up = np.minimum(rows.start + np.arange(n_rows), rows.stop - 1)
        X = X[filled_up]
        if network.feeds_back:
            if codes is None:
                return network.search(X, self.beam_width)[1][:n_samples, 0]
            n_steps = self._network.longest_answer(X.shape[1])
            codes = self._as_long_as(codes[filled_up], n_steps, rows.start)
            probabilities = network.predict(X, codes=codes)
        else:
            probabilities = network.predict(X)
            if codes is None:
                codes = probabilities.argmax(axis=2)
            else:
                n_steps = probabilities.shape[1]
                codes = self._as_long_as(codes[filled_up], n_steps, rows.start)
        of_codes = np.take_along_axis(probabilities, codes[..., None], axis=2)
        with np.errstate(divide="ignore"):
            logarithms = np.log(of_codes[:n_samples, :, 0].astype(np.float64))
        return logarithms.sum(axis=1)

    def _as_long_as(self, codes, n_steps, first=0):
        """Codes of answers with so many steps; an error counts them from `first`."""
        padding, n_missing = self._padding_code(), n_steps - codes.shape[1]
        if not n_missing:
            return codes
        if padding is None:
            raise ValueError(
                f"y has {codes.shape[1]} columns, but {n_steps} are predicted."
            )
        in_front = self.architecture_.get("answer_padding") is None
        if n_missing < 0:
            beyond = codes[:, :-n_missing] if in_front else codes[:, n_steps:]
            if (beyond != padding).any():
                i = first + int((beyond != padding).any(axis=1).argmax())
                raise ValueError(
                    f"y[{i}] has more than the {n_steps} steps of the answers that are "
                    "predicted."
                )
            return codes[:, -n_missing:] if in_front else codes[:, :n_steps]
        width = (n_missing, 0) if in_front else (0, n_missing)
        return np.pad(codes, ((0, 0), width), constant_values=padding)

    def _decode(self, codes):
        """Codes (n_samples, n_steps) as targets of the kind that was fitted."""
        if self._one_hot_targets:
            codes = np.eye(self._one_hot_targets, dtype=np.float32)[codes]
        y = np.asarray(self.target_transformer_.inverse_transform(codes))
        return of_kind(y, self._target_kind)


def attention_weights(estimator, X, layer):
    """Return the attention weights of a fitted Seq2SeqClassifier, and what it writes.

    Parameters
    ----------
    estimator : Seq2SeqClassifier
        Fitted, with a decoder that has attention.

    X : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
        The inputs.

    layer : int
        Which attention layer, from 0.

    Returns
    -------
    weights : ndarray of shape (n_samples, n_heads, n_steps_out, n_steps_in)
        Each row sums to 1 at most.

    codes : ndarray of int, shape (n_samples, n_steps_out)
        What `predict` writes, as codes of `alphabet_`. Steps beyond those in `fit` that
        are nothing but padding are left out.
    """
    with estimator._fitted_network(X) as (network, X):
        codes = estimator._write(network, X)
        weights = network.attend(X, layer, codes)
    padding, n_steps = estimator._padding_code(), codes.shape[1]
    fitted_as = estimator._network
    n_fitted = fitted_as.n_steps_out - fitted_as.has_step_at_end
    while n_steps > n_fitted and (codes[:, n_steps - 1] == padding).all():
        n_steps -= 1
    return weights[:, :, :n_steps], codes[:, :n_steps]


class _LabelSequenceEncoder(TransformerMixin, BaseEstimator):
    """scikit-learn's LabelEncoder for one label, for one a step, or for one-hot ones.

    The labels of one-hot vectors are the positions of the ones.
    """

    def fit(self, X, y=None):
        labels = _flat_labels(X if X.ndim < 3 else np.arange(X.shape[2]))
        self._encoder = LabelEncoder().fit(labels)
        for label in self.classes_.tolist():
            if isinstance(label, str):
                check_characters(label, "The label")
        self._n_dimensions = X.ndim
        # Plain words, not a dtype object, which no safe file format takes.
        self._dtype = X.dtype.str
        return self

    @property
    def classes_(self):
        return self._encoder.classes_

    def transform(self, X, unknown=None):
        """Encode labels; one that was not in `fit` is an error, or gets a code."""
        if 3 in (X.ndim, self._n_dimensions):
            if X.ndim != self._n_dimensions or X.shape[2] != len(self.classes_):
                expected = f"one-hot vectors of {len(self.classes_)} symbols"
                if self._n_dimensions < 3:
                    expected = f"labels in an array of ndim {self._n_dimensions}"
                raise ValueError(f"expected {expected}, got shape {X.shape}.")
            return X.argmax(axis=2)
        labels = _flat_labels(X)
        is_known = np.ones(len(labels), dtype=bool)
        if unknown is not None:
            is_known = np.isin(labels, self.classes_)
        codes = np.full(len(labels), unknown or 0)
        codes[is_known] = self._encoder.transform(labels[is_known])
        return codes.reshape(len(X), -1)

    def inverse_transform(self, X):
        if self._n_dimensions == 3:
            return np.eye(len(self.classes_), dtype=self._dtype)[X]
        labels = self._encoder.inverse_transform(X.ravel()).reshape(X.shape)
        return labels[:, 0] if self._n_dimensions == 1 else labels


def _flat_labels(y):
    """Return labels in one dimension, of a dtype that scikit-learn takes."""
    labels = y.ravel()
    # NumPy's StringDType converts to `<U` only by way of objects.
    return labels.astype(object).astype("U") if labels.dtype.kind == "T" else labels


def find_copied(X, alphabet, padding):
    """Return which symbols of the input are symbols of the answer.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_steps) or (n_samples, n_steps, n_symbols)
        The inputs, codes or one-hot vectors.

    alphabet : ndarray of shape (n_symbols,)
        The symbols of the answer.

    padding : int or None
        The code of padding in answers, which is not copied.

    Returns
    -------
    copied : tuple of int or None
        By the code of a symbol of the input that of the same symbol of the answer, -1
        if there is none. None if it is not known, or if no symbol is in both.
    """
    symbols = input_symbols(X)
    if symbols is None or (X.ndim == 3 and X.shape[2] == 1):
        return None
    n_symbols = X.shape[2] if X.ndim == 3 else int(X.max()) + 1
    codes = {symbol: code for code, symbol in enumerate(alphabet.tolist())}
    # The first symbol of the input is the padding, which attention does not see.
    copied = [codes.get(symbol, -1) for symbol in symbols[1:n_symbols]]
    copied = [-1 if code == padding else code for code in copied]
    if max(copied, default=-1) < 0:
        return None
    return (-1, *copied, *[-1] * (n_symbols - 1 - len(copied)))


def _as_layers(name, units):
    """The units of each layer, a tuple."""
    layers = [] if units is None else np.atleast_1d(units).tolist()
    if any(not isinstance(n, int) or n < 1 for n in layers):
        raise ValueError(f"{name} must be integers > 0, got {shown(units)}.")
    if not layers and units is not None:
        raise ValueError(f"{name} must name one layer at least, got {shown(units)}.")
    return tuple(layers)


def _as_dimension(embedding_dim):
    """Plain, as it is stored."""
    return int(embedding_dim) if isinstance(embedding_dim, Integral) else embedding_dim


# --------------------------------------------------------------------- targets


def _check_targets(y, transformer):
    """Return targets as an array of strings, labels, one-hot vectors, or lists.

    Parameters
    ----------
    y : array-like
        The targets, as the user has given them.

    transformer : transformer or None
        The target transformer, fitted or not.
    """
    y = as_samples(y, "y")
    first = None if transformer is None else steps_of(transformer)[0]
    if hasattr(y, "__array__"):  # a Series, a data frame, a column of Arrow
        y = np.asarray(y)
        is_column = y.shape[1:] == (1,) and isinstance(y[0, 0], str)
        if is_column and isinstance(first, StringTransformer):
            y = y[:, 0]
    takes_lists = isinstance(first, SequenceTokenizer) and not isinstance(y, str)
    if takes_lists and not isinstance(next(iter(y)), str):
        return as_lists(y)
    try:
        given, y = y, np.asarray(y)
    except ValueError as error:  # NumPy says nothing of targets
        raise ValueError(
            "y holds sequences of different lengths. For lists of tokens begin the "
            "target transformer with SequenceTokenizer, as "
            "make_seq2seq_pipeline(analyzer='word') does."
        ) from error
    if y.dtype.kind in "Uf" and not hasattr(given, "__array__"):
        objects = np.asarray(given, dtype=object)
        if y.dtype.kind == "U":
            # Which hides a number or a None among strings.
            _check_all_strings(objects)
            y = np.array(plain_strings(objects.flat)).reshape(objects.shape)
        elif all(isinstance(target, Integral) for target in objects.flat):
            y = objects  # integers that only floats hold, rounded
    if y.ndim not in (1, 2, 3):
        raise ValueError(
            "y should be of shape (n_samples,), (n_samples, n_steps) or, of one-hot "
            "vectors, (n_samples, n_steps, n_symbols), got an array of shape "
            f"{y.shape} instead."
        )
    if len(y) and not y.size:
        raise ValueError(
            f"Found array with 0 feature(s) (shape={y.shape}) while a minimum of 1 is "
            "required of y."
        )
    if y.ndim == 3:
        if not isinstance(first, _LabelSequenceEncoder | None):
            raise ValueError(
                f"y of shape {y.shape} holds one-hot vectors, which need no target "
                "transformer: set target_transformer=None, or pass answers that "
                f"{type(first).__name__} takes."
            )
        codes_of_one_hot(y, "y")
        return y
    if y.dtype.kind == "O" and any(isinstance(target, str) for target in y.flat):
        _check_all_strings(y)
        strings = np.empty(y.size, dtype=object)
        strings[:] = plain_strings(y.flat)
        return strings.reshape(y.shape)
    if y.dtype.kind == "T":
        _check_all_strings(y.astype(object))
    values = np.array(y.tolist()) if y.dtype.kind == "O" else y
    if values.dtype.kind == "O":
        # Integers beyond 64 bits are labels like others.
        ranks = [
            0 if isinstance(target, Integral) else 2 - np.isscalar(target)
            for target in y.flat
        ]
        i = int(np.argmax(ranks))
        if not ranks[i]:
            return y
        raise ValueError(
            f"Unknown label type: y[{i // (y.size // len(y))}] holds "
            f"{shown(y.flat[i])} of type {type(y.flat[i]).__name__}. A target is a "
            "string, or labels."
        )
    if values.dtype.kind == "f":
        assert_all_finite(values, input_name="y")
        if (values != np.floor(values)).any():
            raise ValueError(
                "Unknown label type: continuous. Maybe you are trying to fit a "
                "classifier, which expects discrete classes on a regression target "
                "with continuous values."
            )
    elif values.dtype.kind == "c":
        raise ValueError("Complex data not supported as targets.")
    return y


def _check_all_strings(y):
    for i, symbol in np.ndenumerate(y):
        if not isinstance(symbol, str):
            raise ValueError(
                f"y[{i[0]}] is {shown(symbol)} of type {type(symbol).__name__}, but "
                "other targets are strings."
            )


def _differ(a, b):
    """Which elements of two arrays of one shape are not equal."""
    if a.dtype.kind in "biuf" and b.dtype.kind in "biuf":
        return a != b
    # NumPy will not compare strings with numbers; objects compare as such.
    return a.astype(object) != b.astype(object)


def _are_strings(y):
    """Whether each target is one string, a sequence of characters."""
    # With two dimensions there is one symbol a column, a string of any length included.
    return y.ndim == 1 and isinstance(y[0], str)


def _as_codes(encoded):
    """Codes of shape (n_samples, n_steps), and how many symbols there are."""
    encoded = np.asarray(encoded)
    if encoded.ndim == 3:
        return encoded.argmax(axis=2), encoded.shape[2]
    if (
        encoded.ndim != 2
        or encoded.dtype.kind not in "biuf"
        or (encoded != np.floor(encoded)).any()
        or (encoded < 0).any()
    ):
        raise ValueError(
            "`target_transformer` must turn targets into codes 0, 1, 2, ... of shape "
            "(n_samples, n_steps) or one-hot vectors of shape (n_samples, n_steps, "
            f"n_symbols). Got an array of shape {encoded.shape} and dtype "
            f"{encoded.dtype} instead."
        )
    if encoded.dtype.kind not in "iu":
        encoded = encoded.astype(np.int64)
    return encoded, int(encoded.max()) + 1


def _find_alphabet(transformer):
    """The symbols of the last step that knows them, as an array; None without."""
    for step in reversed(steps_of(transformer)):
        if hasattr(step, "alphabet_"):
            symbols = in_words(step.alphabet_, steps_of(transformer))
            if all(isinstance(symbol, str) for symbol in symbols):
                return np.array(symbols)
            return np.array(symbols, dtype=object)
        if hasattr(step, "classes_"):
            return np.array(step.classes_)
    return None
