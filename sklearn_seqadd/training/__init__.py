"""Compiled training and prediction, shared between fits."""

from .cache import acquire
from .fit import Fit, Plan
from .losses import SquaredError, SymbolLoss
from .optimizers import resolve_optimizer
from .program import choose_jit

__all__ = [
    "Fit",
    "Plan",
    "SquaredError",
    "SymbolLoss",
    "acquire",
    "choose_jit",
    "resolve_optimizer",
]
