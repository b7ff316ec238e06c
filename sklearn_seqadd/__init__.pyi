# The public names and their modules, for `__init__.py` and for type checkers, to which
# only `as` exports a name.

from .arithmetic import TermExtractor as TermExtractor
from .arithmetic import carry_report as carry_report
from .datasets import make_addition as make_addition
from .datasets import make_expressions as make_expressions
from .ensemble import Seq2SeqEnsemble as Seq2SeqEnsemble
from .inspection import AttentionDisplay as AttentionDisplay
from .inspection import StepAccuracyDisplay as StepAccuracyDisplay
from .inspection import TrainingHistoryDisplay as TrainingHistoryDisplay
from .mapping import MappingRegressor as MappingRegressor
from .metrics import character_accuracy_score as character_accuracy_score
from .metrics import exact_match_score as exact_match_score
from .metrics import numeric_rmse as numeric_rmse
from .metrics import symbol_error_rate as symbol_error_rate
from .networks import AttentionDecoder as AttentionDecoder
from .networks import AutoregressiveDecoder as AutoregressiveDecoder
from .networks import Decoder as Decoder
from .networks import RelativeDecoder as RelativeDecoder
from .networks import RepeatDecoder as RepeatDecoder
from .networks import SequenceDecoder as SequenceDecoder
from .onnx.exporting import export_onnx as export_onnx
from .onnx.pipeline import OnnxPipeline as OnnxPipeline
from .pipeline import make_seq2seq_pipeline as make_seq2seq_pipeline
from .preprocessing import SequenceIntegerEncoder as SequenceIntegerEncoder
from .preprocessing import SequenceOneHotEncoder as SequenceOneHotEncoder
from .preprocessing import SequencePadder as SequencePadder
from .preprocessing import SequenceTokenizer as SequenceTokenizer
from .seq2seq import Seq2SeqClassifier as Seq2SeqClassifier

__version__: str
__all__: list[str]
