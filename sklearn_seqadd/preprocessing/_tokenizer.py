"""Tokens as private characters, one for each token, with an exact inverse."""

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

from .._digits import quote
from .._sklearn import COUNT, Interval, StrOptions, fit_context
from . import _code_points as code_points

# The token that `inverse_transform` returns in place of an unknown one.
UNKNOWN = "<unk>"

# The code points that Unicode reserves for private use, first and last of each range.
_PRIVATE = ((0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD))
_PRIVATE_CODES = np.concatenate(
    [np.arange(first, last + 1, dtype=np.uint32) for first, last in _PRIVATE]
)
_MAX_TOKENS = len(_PRIVATE_CODES) - 1  # one stands for unknown tokens


class SequenceTokenizer(code_points.StringTransformer):
    """Turn sequences of tokens into strings of one private character for each token.

    Tokens are words, phonemes or commands, for example. With this transformer first in
    a pipeline, and first in the target transformer, all other steps treat tokens as
    they treat the characters of a string.

    Parameters
    ----------
    analyzer : {"word", "char"} or callable, default="word"
        How a string is cut into tokens: at each `sep`, into characters, or by a
        function that takes a sample and returns its tokens. Only a function cuts
        samples that already are lists of tokens.

    sep : str, default=" "
        The separator of two words, which `inverse_transform` puts between them. It is
        not a pattern: there is an empty token between two neighbouring separators.

    token_pattern : str, default=None
        A regular expression that finds the words, in place of `sep`. The text between
        words is lost: `inverse_transform` puts `sep` there. If the pattern has a group,
        the group is the word.

    vocabulary : iterable or Mapping of tokens, default=None
        The tokens in the order of their indices, or a mapping of tokens to indices
        from 0 on. If None, it is learned in `fit`.

    min_df : int or float, default=1
        The least number of samples that a token must occur in, or as a float their
        share; rarer tokens are left out of the vocabulary. Not used with a given
        `vocabulary`.

    max_features : int, default=None
        The greatest number of tokens, of which the most frequent are kept. Not used
        with a given `vocabulary`.

    handle_unknown : {"warn", "ignore", "error"}, default="warn"
        What `transform` does with tokens that are not in the vocabulary. With `"error"`
        it raises; otherwise one character stands for all of them, and `"warn"` gives
        one warning with their number and the first of them.

    Attributes
    ----------
    vocabulary_ : dict
        The index of each token.

    kind_ : {"strings", "lists"}
        The kind of the samples in `fit`, which `inverse_transform` returns.

    See Also
    --------
    SequencePadder : Make the strings equally long.
    make_seq2seq_pipeline : Its parameter `analyzer` puts this transformer first.

    Notes
    -----
    `inverse_transform` restores the samples exactly, strings or lists of tokens,
    including empty sequences, empty tokens and spaces. The only exception is a string
    of one empty token, since ``""`` has no tokens. An unknown token is restored as
    ``"<unk>"``, and so is any character that does not stand for a token, such as
    padding within a predicted answer. If ``"<unk>"`` is in the vocabulary itself, all
    unknown tokens are encoded as this token; with a given vocabulary they may then
    occur in `fit` too.

    The parameters have the names and meanings of those of
    :class:`sklearn.feature_extraction.text.CountVectorizer`. There can be 137,467
    different tokens.

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
            `token_pattern` is not a valid pattern, if the vocabulary is empty, is too
            large or repeats a token, or if a given vocabulary lacks a token.
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
            Strings with one character for each token.
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
        return code_points.noted(
            code_points.strings(codes), vocabulary=self.vocabulary_
        )

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Turn strings of private characters back into samples as in `fit`.

        Parameters
        ----------
        X : array-like of str, shape (n_samples,)
            Strings of private characters, or predictions of them.

        Returns
        -------
        X_original : ndarray of str, or of object, shape (n_samples,)
            Strings, or lists of tokens.
        """
        check_is_fitted(self)
        codes = code_points.check_strings(X, self)
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
        """Return the samples in a list, and their kind: "strings" or "lists"."""
        name = type(self).__name__
        kinds = "strings or lists of tokens"
        if isinstance(X, str | bytes):
            raise ValueError(
                f"{name} expects an iterable of {kinds}, got {quote(X)} of type "
                f"{type(X).__name__}. Put it in a list if there is one sample."
            )
        samples = code_points.check_samples(X, name, kinds, max_ndim=2).tolist()
        if callable(self.analyzer):
            return samples, "strings" if isinstance(samples[0], str) else "lists"
        wanted = str if isinstance(samples[0], str) else (list, tuple, np.ndarray)
        for i, sample in enumerate(samples):
            if not isinstance(sample, wanted):
                raise ValueError(
                    f"{name} expects {kinds}, all of one kind, but "
                    f"sample {i} is {quote(sample)} of type {type(sample).__name__}."
                )
        if wanted is str:
            return code_points.plain_strings(samples), "strings"
        return samples, "lists"

    def _analyze(self, samples):
        """Return the tokens of each sample, a list of lists."""
        if callable(self.analyzer):
            tokens = [list(self.analyzer(sample)) for sample in samples]
        elif not isinstance(samples[0], str):
            tokens = [list(sample) for sample in samples]
        elif self.analyzer == "char":
            return list(map(list, samples))
        elif self.token_pattern is not None:
            return list(map(_compile(self.token_pattern).findall, samples))
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
                f"sample {i} has {quote(token)} of type {type(token).__name__}."
            )
        return tokens if kinds <= {str, int} else list(map(_plain_tokens, tokens))

    def _learn(self, tokens):
        """Return the vocabulary of the samples, without tokens that are too rare."""
        counts = collections.Counter(itertools.chain.from_iterable(tokens))
        min_df = self.min_df
        if not isinstance(min_df, Integral):
            min_df = min_df * len(tokens)
        kept = list(counts)
        if min_df > 1:
            n_samples = collections.Counter(
                itertools.chain.from_iterable(map(set, tokens))
            )
            kept = [token for token in kept if n_samples[token] >= min_df]
        kept = _sorted(kept)
        if self.max_features is not None:
            # A stable sort: equally frequent tokens stay in their order.
            kept = sorted(kept, key=lambda token: -counts[token])
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
                f"indices. Got {quote(given)} instead."
            )
        tokens = list(given)
        for token in tokens:
            if not _is_kind_of_token(type(token)):
                raise ValueError(
                    f"{what} must hold strings or integers. Got {quote(token)} of type "
                    f"{type(token).__name__}."
                )
            if isinstance(token, str):
                code_points.check_characters(token, "A token of the vocabulary")
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
                + (f"It repeats {quote(repeated[0])}." if repeated else "It is empty.")
            )
        _check_size(tokens)
        return {token: i for i, token in enumerate(tokens)}


# --------------------------------------------------------------------- helpers


def _compile(token_pattern):
    """Return a compiled pattern; raise a ValueError if it is not a valid one."""
    try:
        pattern = re.compile(token_pattern)
    except re.error as error:
        raise ValueError(
            "The 'token_pattern' parameter of SequenceTokenizer must be a regular "
            f"expression. Got {quote(token_pattern)} instead: {error}."
        ) from error
    if pattern.groups > 1:
        raise ValueError(
            "The 'token_pattern' parameter of SequenceTokenizer must have one group at "
            f"most. Got {quote(token_pattern)} instead."
        )
    return pattern


def _is_kind_of_token(kind):
    # True equals 1, so both would be the same token.
    return issubclass(kind, str | Integral) and not issubclass(kind, bool)


def _plain_tokens(tokens):
    """Return tokens in a list, with plain `str` in place of its subclasses."""
    return [str.__str__(token) if isinstance(token, str) else token for token in tokens]


def _check_characters(tokens, vocabulary):
    """Raise an error if a token of the vocabulary has half of a surrogate pair."""
    for token in vocabulary:
        if isinstance(token, str) and code_points.has_surrogates(token):
            i = next(i for i, row in enumerate(tokens) if token in row)
            code_points.check_characters(token, f"A token of sample {i}")


def _sorted(tokens):
    """Return the tokens in order, integers before strings."""
    return sorted(tokens, key=lambda token: (isinstance(token, str), token))


def _check_size(tokens):
    if len(tokens) > _MAX_TOKENS:
        raise ValueError(
            f"Found {len(tokens)} different tokens, but SequenceTokenizer can encode "
            f"{_MAX_TOKENS} at most. Set min_df or max_features."
        )


def _describe_unknown(tokens, vocabulary):
    """Return a message about tokens that are not in the vocabulary; None if all are."""
    missing = set(itertools.chain.from_iterable(tokens)) - vocabulary.keys()
    if not missing:
        return None
    n = sum(token in missing for row in tokens for token in row)
    i, token = next(
        (i, token) for i, row in enumerate(tokens) for token in row if token in missing
    )
    return (
        f"{n} token{'s are' if n > 1 else ' is'} not in the vocabulary of "
        f"{len(vocabulary)}; the first is {quote(token)} in sample {i}."
    )


def _find_tokens(codes, vocabulary):
    """Return the tokens of code points, a list, and a mask of the private ones."""
    tokens = [*vocabulary, UNKNOWN]  # in the order of their indices
    indices = np.searchsorted(_PRIVATE_CODES, codes)
    is_private = _PRIVATE_CODES[np.minimum(indices, _MAX_TOKENS)] == codes
    indices = np.where(is_private, np.minimum(indices, len(vocabulary)), -1)
    return [tokens[i] for i in indices.tolist()], is_private


def in_words(characters, steps):
    """Return the tokens that characters stand for after some steps of a pipeline.

    Parameters
    ----------
    characters : str
        The characters.

    steps : list of transformers
        The fitted steps.

    Returns
    -------
    tokens : list
        Tokens, if one of the steps is a :class:`SequenceTokenizer`; characters
        otherwise. A character that does not stand for a token, such as the fill, is
        returned as it is.
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
    notes = code_points.notes_of(X)
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
