"""Compiled training and prediction, shared between fits."""

from .beam_search import n_best_of_steps
from .cache import acquire
from .fit import Fit, Plan
from .losses import SquaredError, SymbolLoss
from .network import ROWS_ROUNDED_ALIKE
from .optimizers import resolve_optimizer
from .program import choose_jit

__all__ = [
    "ROWS_ROUNDED_ALIKE",
    "Fit",
    "Plan",
    "SquaredError",
    "SymbolLoss",
    "acquire",
    "choose_jit",
    "n_best_of_steps",
    "resolve_optimizer",
]
