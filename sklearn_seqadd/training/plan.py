"""The plan of a fit."""

import dataclasses

import numpy as np

from ..networks import NetworkDescription
from .losses import Loss
from .optimizers import ResolvedOptimizer


@dataclasses.dataclass(frozen=True)
class Plan:
    """All that is decided before training begins."""

    # The network to train.
    description: NetworkDescription
    loss: Loss
    optimizer: ResolvedOptimizer
    # Copies of the user's callbacks.
    callbacks: list
    # The numbers of steps of input and answer in each group of mini-batches; empty if
    # all mini-batches have all steps.
    groups: tuple
    # The group of each sample.
    group_of_sample: np.ndarray
    batch_size: int
    # True to compile with XLA.
    jit: bool
    # Determines initial weights, and the order of samples and dropout in each epoch.
    seed: int
    # The number of epochs that the learning rate is planned for.
    n_epochs: int
    # The number of calls of `partial_fit` so far.
    n_passes: int
    # True if this fit is one call of `partial_fit`.
    one_pass: bool
    # The number of epochs without a gain after which training ends; None for no limit.
    n_iter_no_change: int | None
    # The decrease of the loss that counts as a gain.
    tol: float
    # The weights to start from; None to draw them.
    weights: list | None
    # The optimizer's variables to start from; None for those of a new optimizer.
    optimizer_state: list | None
    # The history of earlier fits that this one continues; empty if there are none.
    history: dict
