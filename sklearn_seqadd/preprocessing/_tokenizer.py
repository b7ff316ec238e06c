"""Tokens of any kind as strings of one private character each, and exactly back."""

import collections
import itertools
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from numbers import Integral, Real
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from .._digits import shown
from .._sklearn import COUNT, Interval, StrOptions, fit_context
from . import _code_points as kernel

# What stands for a token that is not in the vocabulary.
UNKNOWN = "<unk>"

# The code points that Unicode leaves to private use, first and last of each range.
_PRIVATE = ((0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD))
_PRIVATE_CODES = np.concatenate(
    [np.arange(first, last + 1, dtype=np.uint32) for first, last in _PRIVATE]
)
_MAX_TOKENS = len(_PRIVATE_CODES) - 1  # one for the unknown


class SequenceTokenizer(kernel.StringTransformer):
    """Turn sequences of tokens into strings of one private character a token.

    Words, phonemes, commands: with this transformer first in a pipeline, and first in
    the target transformer, all that works on the characters of a string works on
    tokens.

    Parameters
    ----------
    analyzer : {"word", "char"} or callable, default="word"
        How a string is cut into tokens: at each `sep`, into characters, or by a
        function that takes a sample and returns its tokens. Samples that are lists of
        tokens are not cut, unless by a function.

    sep : str, default=" "
        What stands between two words, and is put there by `inverse_transform`. Not a
        pattern: two of them have an empty token in between.

    token_pattern : str, default=None
        A regular expression that finds the words, in place of `sep`. What stands
        between them is lost: `inverse_transform` puts `sep` there. If it has a group,
        the group is the word.

    vocabulary : iterable or Mapping of tokens, default=None
        The tokens in the order of their indices, or a mapping of tokens to indices
        from 0 on. If None, it is learned in `fit`.

    min_df : int or float, default=1
        Leave out tokens that occur in fewer samples: their number, or as a float their
        share. Not used with a given `vocabulary`.

    max_features : int, default=None
        Leave out all but so many of the most frequent tokens. Not used with a given
        `vocabulary`.

    handle_unknown : {"warn", "ignore", "error"}, default="warn"
        What `transform` does with tokens that did not occur in `fit`, or are not in the
        vocabulary. With `"error"` it raises; otherwise they become one character that
        stands for the unknown, and `"warn"` says in one warning how many there were and
        which was the first.

    Attributes
    ----------
    vocabulary_ : dict
        The index of each token.

    kind_ : {"strings", "lists"}
        What the samples in `fit` were, and what `inverse_transform` gives back.

    See Also
    --------
    SequencePadder : Make the strings equally long.
    make_seq2seq_pipeline : Its parameter `analyzer` puts this transformer first.

    Notes
    -----
    `inverse_transform` gives back what `fit` saw, strings or lists of tokens, exactly:
    empty sequences, empty tokens and spaces included. An exception is a list of tokens
    that has only the empty string, if samples are strings: ``""`` has no tokens. What
    is unknown comes back as ``"<unk>"``, and so does any other character that is no
    token's, such as padding inside of a predicted answer. If ``"<unk>"`` itself is in
    the vocabulary, unknown tokens are the same as that one, and are taken in `fit` too
    if the vocabulary is given.

    Names and meanings of the parameters are those of
    :class:`sklearn.feature_extraction.text.CountVectorizer`. At most 137,467 tokens can
    be told apart.

    Examples
    --------
    >>> from sklearn_seqadd import SequenceTokenizer
    >>> tokenizer = SequenceTokenizer()
    >>> strings = tokenizer.fit_transform(["HH AH L OW", "OW L"])
    >>> [len(string) for string in strings]
    [4, 2]
    >>> tokenizer.vocabulary_
    {'AH': 0, 'HH': 1, 'L': 2, 'OW': 3}
    >>> tokenizer.inverse_transform(strings)
    array(['HH AH L OW', 'OW L'], dtype='<U10')
    """

    _parameter_constraints: dict = {
        "analyzer": [StrOptions({"word", "char"}), callable],
        "sep": [str],
        "token_pattern": [str, None],
        "vocabulary": "no_validation",
        "min_df": [
            Interval(Real, 0, 1, closed="both"),
            Interval(Integral, 1, None, closed="left"),
        ],
        "max_features": [COUNT, None],
        "handle_unknown": [StrOptions({"warn", "ignore", "error"})],
    }

    def __init__(
        self,
        analyzer: str | Callable = "word",
        *,
        sep: str = " ",
        token_pattern: str | None = None,
        vocabulary: Iterable | Mapping | None = None,
        min_df: float = 1,
        max_features: int | None = None,
        handle_unknown: str = "warn",
    ) -> None:
        self.analyzer = analyzer
        self.sep = sep
        self.token_pattern = token_pattern
        self.vocabulary = vocabulary
        self.min_df = min_df
        self.max_features = max_features
        self.handle_unknown = handle_unknown

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike | list, y: None = None) -> Self:
        """Learn the vocabulary, or check the given one against the samples.

        Parameters
        ----------
        X : array-like of str, or list of lists of tokens, shape (n_samples,)
            The samples. Tokens are strings or integers.

        y : None
            Ignored.

        Returns
        -------
        self : object
            Fitted transformer.

        Raises
        ------
        ValueError
            If a sample is neither a string nor a list of tokens, if `sep` is empty or
            `token_pattern` is no pattern, if the vocabulary is empty, too large, or
            repeats a token, or if it is given and lacks a token.
        """
        samples, kind = self._check(X)
        tokens = self._analyze(samples)
        if self.vocabulary is None:
            vocabulary = self._learn(tokens)
            _check_characters(tokens, vocabulary)
        else:
            vocabulary = self._check_vocabulary()
            if UNKNOWN not in vocabulary:
                unknown = _describe_unknown(tokens, vocabulary)
                if unknown is not None:
                    raise ValueError(unknown)
        self.vocabulary_ = vocabulary
        self.kind_ = kind
        return self

    def transform(self, X: ArrayLike | list) -> np.ndarray:
        """Turn samples into strings of private characters.

        Parameters
        ----------
        X : array-like of str, or list of lists of tokens, shape (n_samples,)
            The samples.

        Returns
        -------
        X_characters : ndarray of str, shape (n_samples,)
            Strings of as many characters as there are tokens.
        """
        check_is_fitted(self)
        tokens = self._analyze(self._check(X)[0])
        n_tokens = np.fromiter(map(len, tokens), np.intp, len(tokens))
        found = map(
            self.vocabulary_.get,
            itertools.chain.from_iterable(tokens),
            itertools.repeat(-1),
        )
        indices = np.fromiter(found, np.intp, int(n_tokens.sum()))
        if self.handle_unknown != "ignore" and (indices < 0).any():
            unknown = _describe_unknown(tokens, self.vocabulary_)
            if self.handle_unknown == "error":
                raise ValueError(unknown)
            warnings.warn(f"{unknown} Taken as {UNKNOWN!r}.", UserWarning, stacklevel=3)
        indices[indices < 0] = self.vocabulary_.get(UNKNOWN, _MAX_TOKENS)
        codes = np.zeros((len(tokens), max(int(n_tokens.max()), 1)), dtype=np.uint32)
        codes[np.arange(codes.shape[1]) < n_tokens[:, None]] = _PRIVATE_CODES[indices]
        return kernel.noted(kernel.strings(codes), vocabulary=self.vocabulary_)

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Turn strings of private characters back into what `fit` saw.

        Parameters
        ----------
        X : array-like of str, shape (n_samples,)
            Strings of private characters, or such as a network predicts in their place.

        Returns
        -------
        X_original : ndarray of str, or of object, shape (n_samples,)
            Strings, or lists of tokens.
        """
        check_is_fitted(self)
        codes = kernel.check_strings(X, self)
        is_token = codes != 0
        flat = _find_tokens(codes[is_token], self.vocabulary_)[0]
        ends = np.cumsum(is_token.sum(axis=1))
        begins = [0, *ends[:-1].tolist()]
        rows = [flat[i:j] for i, j in zip(begins, ends.tolist(), strict=True)]
        if self.kind_ == "lists":
            return np.fromiter(rows, dtype=object, count=len(rows))
        sep = "" if self.analyzer == "char" else self.sep
        return np.array([sep.join(map(str, row)) for row in rows], dtype=np.str_)

    def _check(self, X):
        """The samples in a list, and whether they are strings or lists."""
        name = type(self).__name__
        kinds = "strings or lists of tokens"
        if isinstance(X, str | bytes):
            raise ValueError(
                f"{name} expects an iterable of {kinds}, got {shown(X)} of type "
                f"{type(X).__name__}. Put it in a list if there is one sample."
            )
        samples = kernel.check_samples(X, name, kinds, max_ndim=2).tolist()
        if callable(self.analyzer):
            return samples, "strings" if isinstance(samples[0], str) else "lists"
        wanted = str if isinstance(samples[0], str) else (list, tuple, np.ndarray)
        for i, sample in enumerate(samples):
            if not isinstance(sample, wanted):
                raise ValueError(
                    f"{name} expects {kinds}, all of one kind, but "
                    f"sample {i} is {shown(sample)} of type {type(sample).__name__}."
                )
        if wanted is str:
            return kernel.plain_strings(samples), "strings"
        return samples, "lists"

    def _analyze(self, samples):
        """The tokens of each sample, a list of lists."""
        if callable(self.analyzer):
            tokens = [list(self.analyzer(sample)) for sample in samples]
        elif not isinstance(samples[0], str):
            tokens = [list(sample) for sample in samples]
        elif self.analyzer == "char":
            return list(map(list, samples))
        elif self.token_pattern is not None:
            return list(map(self._pattern().findall, samples))
        else:
            if not self.sep:
                raise ValueError(
                    "The 'sep' parameter of SequenceTokenizer must not be empty. For "
                    "characters as tokens set analyzer='char'."
                )
            sep = self.sep
            return [sample.split(sep) if sample else [] for sample in samples]
        kinds = set(map(type, itertools.chain.from_iterable(tokens)))
        if not all(map(_is_kind_of_token, kinds)):
            i, token = next(
                (i, token)
                for i, row in enumerate(tokens)
                for token in row
                if not _is_kind_of_token(type(token))
            )
            raise ValueError(
                "SequenceTokenizer expects tokens that are strings or integers, but "
                f"sample {i} has {shown(token)} of type {type(token).__name__}."
            )
        return tokens if kinds <= {str, int} else list(map(_plain_tokens, tokens))

    def _pattern(self):
        try:
            pattern = re.compile(self.token_pattern)
        except re.error as error:
            raise ValueError(
                "The 'token_pattern' parameter of SequenceTokenizer must be a regular "
                f"expression. Got {shown(self.token_pattern)} instead: {error}."
            ) from error
        if pattern.groups > 1:
            raise ValueError(
                "The 'token_pattern' parameter of SequenceTokenizer must have one "
                f"group at most. Got {shown(self.token_pattern)} instead."
            )
        return pattern

    def _learn(self, tokens):
        """The vocabulary of the samples, without what is too rare."""
        counts = collections.Counter(itertools.chain.from_iterable(tokens))
        min_df = self.min_df
        if not isinstance(min_df, Integral):
            min_df = min_df * len(tokens)
        if min_df > 1:
            n_samples = collections.Counter(
                itertools.chain.from_iterable(map(set, tokens))
            )
            counts = {t: n for t, n in counts.items() if n_samples[t] >= min_df}
        kept = _sorted(counts)
        if self.max_features is not None:
            kept = sorted(kept, key=lambda token: -counts[token])  # ties in order
            kept = _sorted(kept[: self.max_features])
        if not kept:
            raise ValueError(
                "No token is left for the vocabulary: the samples have none, or "
                f"min_df={self.min_df} is too high."
            )
        _check_size(kept)
        return {token: i for i, token in enumerate(kept)}

    def _check_vocabulary(self):
        given = self.vocabulary
        what = "The 'vocabulary' parameter of SequenceTokenizer"
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise ValueError(
                f"{what} must be an iterable of tokens or a mapping of tokens to "
                f"indices. Got {shown(given)} instead."
            )
        tokens = list(given)
        for token in tokens:
            if not _is_kind_of_token(type(token)):
                raise ValueError(
                    f"{what} must hold strings or integers. Got {shown(token)} of type "
                    f"{type(token).__name__}."
                )
            if isinstance(token, str):
                kernel.check_characters(token, "A token of the vocabulary")
        if isinstance(given, Mapping):
            if sorted(given.values()) != list(range(len(tokens))):
                raise ValueError(
                    f"{what} must map tokens to the indices from 0 to "
                    f"{len(tokens) - 1}, each of them once."
                )
            tokens.sort(key=given.__getitem__)
        tokens = _plain_tokens(tokens)
        repeated = [t for t, n in collections.Counter(tokens).items() if n > 1]
        if repeated or not tokens:
            raise ValueError(
                f"{what} must have tokens, each of them once. "
                + (f"It repeats {shown(repeated[0])}." if repeated else "It is empty.")
            )
        _check_size(tokens)
        return {token: i for i, token in enumerate(tokens)}


# --------------------------------------------------------------------- helpers


def _is_kind_of_token(kind):
    # True is equal to 1, and would be the same token.
    return issubclass(kind, str | Integral) and not issubclass(kind, bool)


def _plain_tokens(tokens):
    """Return tokens in a list, strings without what subclasses make of them."""
    return [str.__str__(token) if isinstance(token, str) else token for token in tokens]


def _check_characters(tokens, vocabulary):
    """Raise an error if a token of the vocabulary has half of a surrogate pair."""
    for token in vocabulary:
        if isinstance(token, str) and kernel.has_surrogates(token):
            i = next(i for i, row in enumerate(tokens) if token in row)
            kernel.check_characters(token, f"A token of sample {i}")


def _sorted(tokens):
    """In order, integers before strings."""
    return sorted(tokens, key=lambda token: (isinstance(token, str), token))


def _check_size(tokens):
    if len(tokens) > _MAX_TOKENS:
        raise ValueError(
            f"Found {len(tokens)} different tokens, but SequenceTokenizer can tell "
            f"{_MAX_TOKENS} apart. Set min_df or max_features."
        )


def _describe_unknown(tokens, vocabulary):
    """What is not in the vocabulary, in words; None if all is."""
    missing = set(itertools.chain.from_iterable(tokens)) - vocabulary.keys()
    if not missing:
        return None
    n = sum(token in missing for row in tokens for token in row)
    i, token = next(
        (i, token) for i, row in enumerate(tokens) for token in row if token in missing
    )
    return (
        f"{n} token{'s are' if n > 1 else ' is'} not in the vocabulary of "
        f"{len(vocabulary)}; the first is {shown(token)} in sample {i}."
    )


def _find_tokens(codes, vocabulary):
    """The tokens of code points, a list, and which of them are private at all."""
    tokens = [*vocabulary, UNKNOWN]  # in the order of their indices
    indices = np.searchsorted(_PRIVATE_CODES, codes)
    is_private = _PRIVATE_CODES[np.minimum(indices, _MAX_TOKENS)] == codes
    indices = np.where(is_private, np.minimum(indices, len(vocabulary)), -1)
    return [tokens[i] for i in indices.tolist()], is_private


def in_words(characters, steps):
    """What the characters that come out of some steps stand for, a list.

    Tokens if one of the steps is a fitted :class:`SequenceTokenizer`. A character that
    is no token's, such as the fill, stands for itself.
    """
    for step in steps:
        if isinstance(step, SequenceTokenizer):
            return _as_tokens(characters, step.vocabulary_)
    return list(characters)


def input_symbols(X):
    """Return the symbols that codes or one-hot vectors stand for, by their notes.

    Parameters
    ----------
    X : array-like
        What :class:`SequenceIntegerEncoder` or :class:`SequenceOneHotEncoder` returns,
        or anything else.

    Returns
    -------
    symbols : list of str or None
        In the order of the codes, the padding first. None if nothing is noted.
    """
    notes = kernel.notes_of(X)
    if "alphabet" not in notes:
        return None
    return _as_tokens(notes["alphabet"], notes.get("vocabulary", {}))


def _as_tokens(characters, vocabulary):
    """Return the token of each private character, and other characters as they are."""
    codes = np.array(list(map(ord, characters)), dtype=np.uint32)
    found = _find_tokens(codes, vocabulary)
    return [
        token if is_private else character
        for token, is_private, character in zip(*found, characters, strict=True)
    ]
