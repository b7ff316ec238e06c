"""Sequence-to-sequence networks inside scikit-learn: sums as strings, and others."""

import lazy_loader

from . import _forks as _forks  # imported early, to see forks
from ._version import __version__ as __version__

# The stub beside this file lists the public names. A module is imported when one of its
# names is first used, so the import of the package takes no time, and TensorFlow is not
# imported before the first `fit`.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
