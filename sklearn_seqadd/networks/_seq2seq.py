"""Networks from sequences to sequences."""

import dataclasses
import functools

import numpy as np

from ._custom import CheckedBuild, CustomNetwork
from ._description import NetworkDescription, plain
from ._members import AveragedSteps, build_members, members_of, with_layer
from .decoders import DECODERS, CustomDecoder, Decoder, RepeatDecoder


@dataclasses.dataclass(frozen=True)
class Seq2SeqNetwork(NetworkDescription):
    """A network of :class:`~sklearn_seqadd.Seq2SeqClassifier`, with its parameters.

    It maps vectors (n_samples, n_steps_in, n_features), or codes (n_samples,
    n_steps_in) to be embedded, to probabilities (n_samples, n_steps_out, n_symbols).
    """

    n_steps_in: int
    n_steps_out: int
    n_symbols: int
    n_features: int | None = None
    n_input_symbols: int | None = None
    encoder_units: tuple[int, ...] = (100,)
    decoder_units: tuple[int, ...] = (50,)
    cell: str = "lstm"
    # With plain parameters, as `Decoder.resolve` returns it.
    decoder: Decoder = dataclasses.field(default_factory=RepeatDecoder)
    bidirectional: bool = False
    embedding_dim: int | str | None = None
    mask_padding: bool = False
    dropout: float = 0.0
    # The code of padding, if answers end in it.
    eos_code: int | None = None
    # For each code of an input symbol, the code of the same symbol in answers, or -1.
    copied: tuple[int, ...] | None = None
    # If True, inputs may have any number of steps, and the ratio of n_steps_out to
    # n_steps_in says how long their answers are.
    any_length: bool = False
    # The number of networks whose predictions are averaged.
    n_members: int = 1

    @classmethod
    def from_dict(cls, architecture):
        plain = dict(architecture)
        if "network" in plain:
            plain["decoder"] = CustomDecoder(CustomNetwork(plain.pop("network")))
        elif isinstance(plain.get("decoder"), str):
            params = plain.pop("decoder_params", {})
            plain["decoder"] = DECODERS[plain["decoder"]](**params).resolve()
        return super().from_dict(plain)

    def to_dict(self):
        values, decoder = super().to_dict(), self.decoder
        if isinstance(decoder, CustomDecoder):
            # A network of the user's own has no other settings.
            names = ("n_steps_in", "n_steps_out", "n_symbols", "n_features")
            known = {name: values[name] for name in (*names, "keras_settings")}
            return known | {"network": decoder.network.builder}
        if self.has_own_code:
            return values
        params = {
            name: plain(value, list)
            for name, value in decoder.get_params(deep=False).items()
        }
        return values | {"decoder": decoder.name, "decoder_params": params}

    @property
    def has_own_code(self):
        return type(self.decoder) not in DECODERS.values()

    @property
    def vector_length(self):
        """The number of features of each step of the input, as the decoder gets it."""
        if self.embedding_dim is None:
            return self.n_features
        is_one_hot = self.embedding_dim == "one-hot"
        return self.n_input_symbols if is_one_hot else self.embedding_dim

    @property
    def has_eos(self):
        """True if answers end in padding."""
        return self.eos_code is not None

    @property
    def has_eos_step(self):
        """True if answers have one more step, which is always padding."""
        return self.has_eos and self.decoder.any_length

    def training_targets(self, y):
        """Return codes, with the step at which nothing comes any more, if there is one.

        Parameters
        ----------
        y : ndarray of int, shape (n_samples, n_steps)
            The codes of the symbols of the targets.
        """
        if not self.has_eos_step:
            return y
        end = np.full((len(y), 1), self.eos_code, dtype=y.dtype)
        return np.concatenate([y, end], axis=1)

    @property
    def min_updates_for_xla(self):
        return self.decoder.min_updates_for_xla

    def check_longer(self, n_steps, n_fitted, name):
        """Raise a ValueError for more steps than in `fit`, unless any length is taken.

        Parameters
        ----------
        n_steps : int
            The number of steps.

        n_fitted : int
            The number of steps in `fit`.

        name : str
            The name of the estimator, for the error.
        """
        if self.decoder.any_length:
            return
        fixed = f"{self.decoder.parameter}={self.decoder!r}"
        any_length = [repr(d.name) for d in DECODERS.values() if d.any_length]
        raise ValueError(
            f"X has {n_steps} features, but {name} is expecting {n_fitted} "
            f"features as input: {fixed} has a fixed number of steps. "
            "Fit on sequences as long, or cut them as SequencePadder does with "
            "handle_overlong='warn'; sequences of any length are taken with "
            f"decoder={' or '.join(any_length)}."
        )

    def longest_answer(self, n_steps):
        """Return the number of steps of answers to inputs of n_steps steps."""
        if n_steps <= self.n_steps_in:
            return self.n_steps_out
        in_proportion = -(-n_steps * self.n_steps_out // self.n_steps_in)
        return max(n_steps, in_proportion) if self.has_eos else in_proportion

    def for_prediction(self):
        return dataclasses.replace(self, any_length=self.decoder.any_length)

    def activations_per_sample(self, n_steps):
        return self.n_members * self.decoder.activations_per_sample(self, n_steps)

    def _build(self):
        if self.n_members == 1:
            model = self._build_one()
        else:
            model = build_members(self._build_one, self.n_members)
        layer = self.decoder.inference_layer(self)
        return model if layer is None else with_layer(model, layer)

    def _build_one(self):
        build = functools.partial(self.decoder.build, self)
        if not self.has_own_code or isinstance(self.decoder, CustomDecoder):
            return build()
        n_steps_in: int | None = self.n_steps_in
        n_steps_out: int | None = self.n_steps_out
        if self.any_length:
            n_steps_in = n_steps_out = None
        input_shape = (n_steps_in, self.n_features)
        checked = CheckedBuild(f"{type(self.decoder).__name__}.build", build)
        return checked(
            [input_shape[: 1 if self.embedding_dim is not None else 2], (n_steps_out,)],
            (n_steps_out, self.n_symbols),
            gives_probabilities=not self.any_length,
        )

    def without_inference_layer(self, model):
        return self.decoder.without_inference_layer(self, model)

    def step_by_step(self, model):
        """Return the steps of the network; see :meth:`Decoder.step_by_step`."""
        return self.averaged(self.decoder.step_by_step, model)

    def averaged(self, step_by_step, model, *params):
        """Return the averaged steps of all members of a model.

        Parameters
        ----------
        step_by_step : callable
            A function that returns the steps of one network, from its description and
            its model.

        model : keras.Model
            The model of `build`.

        *params : tuple
            Further arguments of `step_by_step`.

        Returns
        -------
        steps : object
            As :meth:`Decoder.step_by_step` returns it.
        """
        if self.n_members == 1:
            return step_by_step(self, model, *params)
        members = members_of(model, self.n_members)
        return AveragedSteps([step_by_step(self, m, *params) for m in members])
