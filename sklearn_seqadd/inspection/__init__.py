"""Displays of the history of training, of accuracy by position, and of attention.

Each is a scikit-learn Display: its constructor takes the data, methods such as
`from_estimator` compute them, and `plot` draws them. Matplotlib is imported only to
draw.
"""

from ._attention import AttentionDisplay
from ._step_accuracy import StepAccuracyDisplay
from ._training_history import TrainingHistoryDisplay

__all__ = ["AttentionDisplay", "StepAccuracyDisplay", "TrainingHistoryDisplay"]
