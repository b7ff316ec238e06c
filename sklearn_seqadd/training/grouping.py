"""Bucketing: mini-batches of sequences of like lengths, so that short ones cost less.

Sequences are padded at the end to one number of steps. In a group of short ones the
last steps, which hold nothing but padding, are cut off. The number of steps of a group
is a fixed share of all steps, so that compiled programs depend on the data as little as
possible.
"""

import numpy as np
from sklearn.utils import gen_batches

# The number of steps in each group, as a share of all steps.
_SHARES = (1 / 8, 1 / 4, 1 / 2, 3 / 4, 1)

# A group with a smaller share of the samples is not worth its compilation.
_MIN_SHARE_OF_SAMPLES = 0.05

# The number of samples processed together, which bounds the memory.
_BLOCK = 2048


def visible_steps(x):
    """Return a mask of the steps that are not padding, shape (n_samples, n_steps).

    :class:`~sklearn_seqadd.networks.layers.VisibleSteps` computes the same.

    Parameters
    ----------
    x : ndarray of shape (n_samples, n_steps) or (n_samples, n_steps, n_features)
    """
    visible = np.empty(x.shape[:2], dtype=bool)
    for rows in gen_batches(len(x), _BLOCK):
        block = x[rows]
        if block.ndim == 2 or block.shape[2] == 1:
            visible[rows] = block.reshape(block.shape[:2]) != 0
        else:
            visible[rows] = (block[..., 0] != 1) | block[..., 1:].any(axis=2)
    return visible


def lengths_of(description, x, y):
    """Return the steps of inputs and answers before the padding at their end.

    The first padding of an answer is counted with it: it is the end of sequence, which
    is to be learned.

    Parameters
    ----------
    description : Seq2SeqNetwork
        A network whose answers end in padding.

    x : ndarray of shape (n_samples, n_steps_in, ...)

    y : ndarray of int, shape (n_samples, n_steps_out)

    Returns
    -------
    lengths : ndarray of int, shape (n_samples, 2)
    """
    is_symbol = visible_steps(x)
    n_answered = _last_true(y != description.eos_code) + 1
    return np.stack([_last_true(is_symbol), np.minimum(n_answered, y.shape[1])], axis=1)


def choose_groups(description, lengths=None):
    """Return the numbers of steps of each group, pairs in ascending order.

    Parameters
    ----------
    description : Seq2SeqNetwork

    lengths : ndarray of int, shape (n_samples, 2), default=None
        The result of `lengths_of`; None for all groups that there can be.
    """
    longest = description.n_steps_in, description.n_steps_out
    candidates = [
        tuple(max(1, int(np.ceil(share * n))) for n in longest) for share in _SHARES
    ]
    if lengths is None:
        return tuple(dict.fromkeys(candidates))
    groups, n_before = [], 0
    for group in candidates:
        n_until = int(np.count_nonzero((lengths <= group).all(axis=1)))
        is_large = n_until - n_before >= _MIN_SHARE_OF_SAMPLES * len(lengths)
        if group == longest or is_large:
            groups.append(group)
            n_before = n_until
    return tuple(dict.fromkeys(groups))


def group_of(lengths, groups):
    """Return the index of the first group that each sample fits in, (n_samples,)."""
    fits = (lengths[:, None] <= np.array(groups)).all(axis=2)
    return fits.argmax(axis=1)


def n_batches(group, batch_size):
    """Return the number of mini-batches in an epoch; none is of two groups."""
    return int(np.sum(-(-np.bincount(group) // batch_size)))


def make_batches(group, batch_size, rng):
    """Return the mini-batches of an epoch, in random order.

    Returns
    -------
    rows : ndarray of int, shape (n_batches, batch_size)
        The samples of each mini-batch; -1 at the places that a group leaves over.

    group_of_batch : ndarray of int, shape (n_batches,)
    """
    order = rng.permutation(len(group))
    batches, of_batch = [], []
    n_groups = group.max() + 1
    for i in range(n_groups):
        rows = order if n_groups == 1 else order[group[order] == i]
        n = -(-len(rows) // batch_size)
        filled = np.full(n * batch_size, -1)
        filled[: len(rows)] = rows
        batches.append(filled.reshape(n, batch_size))
        of_batch.append(np.full(n, i))
    all_rows, group_of_batch = np.concatenate(batches), np.concatenate(of_batch)
    if n_groups == 1:
        return all_rows, group_of_batch  # in random order already
    shuffled = rng.permutation(len(all_rows))
    return all_rows[shuffled], group_of_batch[shuffled]


def _last_true(is_symbol):
    """Return the last column that is true, counted from 1, or 0; (n_samples,)."""
    n_steps = is_symbol.shape[1]
    return np.where(
        is_symbol.any(axis=1), n_steps - is_symbol[:, ::-1].argmax(axis=1), 0
    )
