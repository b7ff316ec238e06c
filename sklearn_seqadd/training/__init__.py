"""Compiled training and prediction, shared between fits."""

from .beam_search import n_best_of_steps
from .cache import acquire
from .loop import TrainingLoop
from .losses import SquaredError, SymbolLoss
from .optimizers import resolve_optimizer
from .plan import Plan
from .prediction import ROWS_ROUNDED_ALIKE
from .program import choose_jit

__all__ = [
    "ROWS_ROUNDED_ALIKE",
    "Plan",
    "SquaredError",
    "SymbolLoss",
    "TrainingLoop",
    "acquire",
    "choose_jit",
    "n_best_of_steps",
    "resolve_optimizer",
]
