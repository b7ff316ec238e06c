"""Networks from sequences to sequences."""

import dataclasses

from ._custom import CustomNetwork
from ._description import NetworkDescription
from ._members import AveragedSteps, build_members, members_of, with_end
from .decoders import DECODERS, CustomDecoder


@dataclasses.dataclass(frozen=True)
class Seq2SeqNetwork(NetworkDescription):
    """A network of :class:`~sklearn_seqadd.Seq2SeqClassifier`, with its parameters.

    It maps vectors (n_samples, n_steps_in, n_features), or codes (n_samples,
    n_steps_in) to be embedded, to probabilities (n_samples, n_steps_out, n_symbols).
    Fields that the decoder does not use are None, whatever the parameter.
    """

    n_steps_in: int
    n_steps_out: int
    n_symbols: int
    n_features: int | None = None
    n_input_symbols: int | None = None
    encoder_units: tuple[int, ...] = (100,)
    decoder_units: tuple[int, ...] = (50,)
    cell: str = "lstm"
    decoder: str = "repeat"
    bidirectional: bool = False
    embedding_dim: int | str | None = None
    mask_padding: bool = False
    attention_heads: int | None = None
    dropout: float = 0.0
    attention_velocities: tuple[float | tuple[float, float], ...] | None = None
    steps_per_symbol: int = 1
    context_units: int | None = None
    context_width: int | None = None
    bidirectional_decoder: bool | None = None
    answer_positions: bool = True
    # The code of padding, if answers end in it.
    answer_padding: int | None = None
    # Whether it takes inputs of any number of steps; those above are then a proportion.
    any_length: bool = False
    # How many such networks predict together.
    n_members: int = 1
    network: str = "seq2seq"
    # The user's own network, if it is one: of the layers nothing else is said then.
    custom: CustomNetwork | None = None

    @property
    def layout(self):
        """The decoder: what there is to know of a network beside its sizes."""
        if self.custom is not None:
            return CustomDecoder(self.custom)
        return DECODERS[self.decoder]

    @property
    def vector_length(self):
        """The length of the vector of a symbol of the input."""
        if self.embedding_dim is None:
            return self.n_features
        is_one_hot = self.embedding_dim == "one-hot"
        return self.n_input_symbols if is_one_hot else self.embedding_dim

    @property
    def padded_answers(self):
        """Whether answers end in padding."""
        return self.answer_padding is not None

    @property
    def has_step_at_end(self):
        """Whether answers have one step more, at which nothing comes any more."""
        return self.padded_answers and self.layout.any_length

    @property
    def min_steps_for_xla(self):
        return self.layout.min_steps_for_xla

    def check_longer(self, n_steps, n_fitted, name):
        """Raise a ValueError for more steps than in `fit`, unless it takes any.

        The name is that of the estimator, for the error.
        """
        if self.layout.any_length:
            return
        fixed = f"decoder={self.decoder!r}" if self.custom is None else "this network"
        any_length = [repr(d.name) for d in DECODERS.values() if d.any_length]
        raise ValueError(
            f"X has {n_steps} features, but {name} is expecting {n_fitted} "
            f"features as input: {fixed} has a fixed number of steps. "
            "Fit on sequences as long, or cut them as SequencePadder does with "
            "handle_overlong='warn'; sequences of any length are taken with "
            f"decoder={' or '.join(any_length)}."
        )

    def for_prediction(self):
        return dataclasses.replace(self, any_length=self.layout.any_length)

    def n_numbers(self, n_steps):
        return self.n_members * self.layout.n_numbers(self, n_steps)

    def _build(self):
        if self.n_members == 1:
            model = self.layout.build(self)
        else:
            model = build_members(lambda: self.layout.build(self), self.n_members)
        end = self.layout.end(self)
        return model if end is None else with_end(model, end)

    def before_end(self, model):
        return self.layout.before_end(self, model)

    def step_by_step(self, model):
        """See :meth:`Decoder.step_by_step`."""
        return self._averaged(self.layout.step_by_step, model)

    def onnx_step_by_step(self, model, graph):
        """See :meth:`Decoder.onnx_step_by_step`."""
        return self._averaged(self.layout.onnx_step_by_step, model, graph)

    def _averaged(self, step_by_step, model, *params):
        """What all members write together, step by step."""
        if self.n_members == 1:
            return step_by_step(self, model, *params)
        members = members_of(model, self.n_members)
        return AveragedSteps([step_by_step(self, m, *params) for m in members])
