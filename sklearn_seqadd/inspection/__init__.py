"""Displays: pictures of how a network learned, where it errs and what it looks at.

Each is a scikit-learn Display: the data in the constructor, `from_estimator` and the
like to compute them, and `plot` to draw them. Matplotlib is imported only to draw.
"""

from ._attention import AttentionDisplay
from ._step_accuracy import StepAccuracyDisplay
from ._training_history import TrainingHistoryDisplay

__all__ = ["AttentionDisplay", "StepAccuracyDisplay", "TrainingHistoryDisplay"]
