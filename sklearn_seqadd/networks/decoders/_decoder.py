"""What a decoder has to say of itself."""

from collections.abc import Mapping
from typing import Any

from .._description import NetworkDescription
from .._members import without_end


class Decoder:
    """One way in which an answer comes out of what was read.

    All that is known about it stands in its class. Its methods import `layers`, and
    with it Keras, only when they build something: what a decoder is called, what it
    refuses and what is recommended for it is asked long before.
    """

    # The value of the parameter `decoder`.
    name: str
    # Whether it has layers of attention, named "attention", "attention_1" and so on.
    attends = False
    # Whether nothing in it depends on the numbers of steps: it then answers inputs that
    # are longer than those in training, with steps in proportion.
    any_length = False
    # For how many mini-batches XLA is worth its time to compile.
    min_steps_for_xla = NetworkDescription.min_steps_for_xla
    # Fields of the description that only some decoders use, and this one does.
    uses: frozenset[str] = frozenset()
    # What learns best with it in place of the defaults: parameters of
    # `make_seq2seq_pipeline`.
    recommended: Mapping[str, Any] = {}

    def check(self, network):
        """Raise a ValueError if it cannot be built.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description.
        """

    def check_grouping(self, network):
        """Raise a ValueError if padding that is cut off makes a difference.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description.
        """
        raise ValueError(
            f"group_by_length=True is not for decoder={self.name!r}, to which padding "
            "is a symbol like any other."
        )

    def build(self, network):
        """Build the network.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description.

        Returns
        -------
        model : keras.Model
            From inputs as the description says to probabilities of shape (n_samples,
            n_steps_out, n_symbols). If it is fed the symbol that it wrote before, it
            has a second input, of shape (n_samples, n_steps_out): the answer one step
            late, which begins with n_symbols. `step_by_step` then says how.
        """
        raise NotImplementedError

    def end(self, network):
        """What is done with probabilities at last, in prediction.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description.

        Returns
        -------
        layer : keras.layers.Layer or None
            From probabilities of shape (n_samples, n_steps_out, n_symbols) to such. In
            training it must change nothing.
        """

    def before_end(self, network, model):
        """Return the network without what it does to probabilities in prediction only.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description.

        model : keras.Model
            The whole network, with the layer of `end`.

        Returns
        -------
        model : keras.Model or None
            It shares the layers of `model`. None if there is nothing to leave out.
        """
        end = self.end(network)
        return None if end is None else without_end(model, end.name)

    def n_attention_layers(self, network):
        """How many layers of attention there are, if it attends."""
        return len(network.decoder_units)

    def build_attention(self, model, layer):
        """What a layer of attention looks at, as a network of its own.

        Parameters
        ----------
        model : keras.Model
            What `build` returned.

        layer : int
            Which layer of attention, from 0.

        Returns
        -------
        attention : keras.Model
            From the inputs of `model` to weights of shape (n_samples, n_heads,
            n_steps_out, n_steps_in), each row of which sums to 1 at most. It shares the
            layers of `model`, and so its weights.
        """
        from ..layers import attention_scores, keras

        return keras.Model(model.inputs, attention_scores(model, layer))

    def n_numbers(self, network, n_steps):
        """How many numbers there are at once for a sample of so many steps.

        By this so many samples are predicted at a time that memory is bounded.
        """
        return 1

    def step_by_step(self, network, model):
        """A network that feeds back, one step of the answer at a time.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description.

        model : keras.Model
            What `build` returned.

        Returns
        -------
        steps : object
            With two methods. ``start(x)`` takes inputs and returns two nested lists of
            tensors, each with one row a sample: what is known of them, and a state.
            ``step(t, previous, known, state)`` takes these, the number of the step and
            the codes (n_samples,) that were written before, n_symbols at the first; it
            returns probabilities (n_samples, n_symbols) and the state after the step.
        """
        raise NotImplementedError

    def onnx_step_by_step(self, network, model, graph):
        """What `step_by_step` returns, on values of an ONNX graph in place of tensors.

        Parameters
        ----------
        network : Seq2SeqNetwork
            The description.

        model : keras.Model
            What `build` returned.

        graph : sklearn_seqadd.onnx.graph.Graph
            The graph to which the operations are added.

        Returns
        -------
        steps : object
            As that of `step_by_step`.
        """
        raise NotImplementedError
