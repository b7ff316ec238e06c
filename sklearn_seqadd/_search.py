"""Answers of a fitted network: the best, the n best, and scores of given ones."""

import itertools

import numpy as np
from sklearn.utils import gen_batches

# The largest number of answers to search for, as a multiple of `n_best`. Codes that
# differ only in the place of padding decode to equal answers, so more are needed.
_MAX_SPELLINGS = 64

# The largest number of continuations of answers that are compared together.
_MAX_CANDIDATES = 2**20

# The number of answers that are given scores together.
_ROWS_SCORED = 2048


class AnswerSearch:
    """Search for the most probable answers of a network.

    Parameters
    ----------
    predictor : Predictor
        The network, with the fitted weights.

    description : Seq2SeqNetwork
        The description of the network.

    codec : TargetCodec
        The codec of its answers.

    beam_width : int
        The number of hypotheses that are kept at each step, if the network is fed its
        own answers.
    """

    def __init__(self, predictor, description, codec, beam_width):
        self.predictor = predictor
        self.description = description
        self.codec = codec
        self.beam_width = beam_width

    def best(self, X):
        """Return the codes of the best answers.

        Parameters
        ----------
        X : ndarray of shape (n_samples, ...)
            The inputs.

        Returns
        -------
        codes : ndarray of int, shape (n_samples, n_steps)
        """
        from . import _scikeras

        if self.predictor.feeds_back:
            codes, _ = self.predictor.search(X, self.beam_width)
            return codes[:, 0]
        return _scikeras.predict(self.predictor, X, symbols=True)

    def n_best(self, X, n_best):
        """Return the best answers, all of them different.

        Parameters
        ----------
        X : ndarray of shape (n_samples, ...)
            The inputs.

        n_best : int
            The number of answers to each input.

        Returns
        -------
        codes : ndarray of int, shape (n_samples, n_columns, n_steps)
            The codes, those of the most probable answer first. There are fewer than
            `n_best` columns if a sample has fewer different answers.

        scores : ndarray of shape (n_samples, n_columns)
            The logarithms of their probabilities.
        """
        found = []
        for rows in self._batches_of_candidates(len(X), n_best):
            found += self._find_different(X[rows], n_best, n_best)
        n_columns = min(len(scores) for _, scores in found)
        codes, scores = (
            np.stack([part[:n_columns] for part in parts])
            for parts in zip(*found, strict=True)
        )
        return codes, scores

    def scores(self, X, codes=None):
        """Return the logarithms of the probabilities of answers.

        Parameters
        ----------
        X : ndarray of shape (n_samples, ...)
            The inputs.

        codes : ndarray of int, shape (n_samples, n_steps), default=None
            The answers; if None, the best ones.

        Returns
        -------
        scores : ndarray of float64, shape (n_samples,)
        """
        blocks = gen_batches(len(X), _ROWS_SCORED)
        return np.concatenate([self._score_block(X, codes, rows) for rows in blocks])

    def _batches_of_candidates(self, n_samples, n_sought):
        """Yield slices of samples as `_MAX_CANDIDATES` allows, one sample at least."""
        n_candidates = n_sought * len(self.codec.alphabet)
        return gen_batches(n_samples, max(1, _MAX_CANDIDATES // n_candidates))

    def _find_different(self, X, n_best, n_sought):
        """Return the best different answers: a pair of codes and scores by sample.

        Parameters
        ----------
        X : ndarray of shape (n_samples, ...)
            The inputs.

        n_best : int
            The number of different answers to find.

        n_sought : int
            The number of most probable answers to search for, equal ones included. If
            they are too few, the method is called again with a larger number.
        """
        codes, scores = self._write_n_best(X, n_sought)
        n_samples, n_columns, n_steps = codes.shape
        # By their `repr`, because lists of tokens cannot be the keys of a dict.
        answers = map(repr, self.codec.decode(codes.reshape(-1, n_steps)).tolist())
        found, lacking = [], []
        for i in range(n_samples):
            different: dict = {}
            for j, answer in enumerate(itertools.islice(answers, n_columns)):
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
                pairs = self._find_different(X[lacking[rows]], n_best, n_sought)
                for i, pair in zip(lacking[rows], pairs, strict=True):
                    found[i] = pair
        return found

    def _write_n_best(self, X, n_best):
        """Return codes and scores of the best answers, which may repeat."""
        from .training import n_best_of_steps

        if self.predictor.feeds_back:
            codes, scores = self.predictor.search(X, max(n_best, self.beam_width))
            return codes[:, :n_best], scores[:, :n_best]
        return n_best_of_steps(self.predictor.predict(X), n_best)

    def _score_block(self, X, codes, rows):
        """Return the scores of the answers of some rows, by default the best ones."""
        from .training import ROWS_ROUNDED_ALIKE

        # Filled up to a multiple of ROWS_ROUNDED_ALIKE, so that a score does not depend
        # on the number of rows.
        n_samples = rows.stop - rows.start
        n_rows = n_samples + -n_samples % ROWS_ROUNDED_ALIKE
        filled_up = np.minimum(rows.start + np.arange(n_rows), rows.stop - 1)
        X, predictor = X[filled_up], self.predictor
        if codes is None and predictor.feeds_back:
            return predictor.search(X, self.beam_width)[1][:n_samples, 0]
        if predictor.feeds_back:
            n_steps = self.description.longest_answer(X.shape[1])
            codes = self._pad(codes[filled_up], n_steps, rows)
            probabilities = predictor.predict(X, codes=codes)
        else:
            probabilities = predictor.predict(X)
            if codes is None:
                codes = probabilities.argmax(axis=2)
            else:
                codes = self._pad(codes[filled_up], probabilities.shape[1], rows)
        of_codes = np.take_along_axis(probabilities, codes[..., None], axis=2)
        with np.errstate(divide="ignore"):
            logarithms = np.log(of_codes[:n_samples, :, 0].astype(np.float64))
        return logarithms.sum(axis=1)

    def _pad(self, codes, n_steps, rows):
        """Pad the codes of some rows as the network was fitted on them."""
        at_end = self.description.has_eos
        return self.codec.pad(codes, n_steps, at_end=at_end, first=rows.start)
