"""The decoder that stands for a whole network of the user's own."""

from ._decoder import Decoder


class CustomDecoder(Decoder):
    """Build the network of the parameter `network` of an estimator.

    Parameters
    ----------
    network : CustomNetwork
        The user's network, as a value.
    """

    name = "custom"
    parameter = "network"

    def __init__(self, network):
        self.network = network

    def __repr__(self, N_CHAR_MAX=700):
        return repr(self.network)

    def resolve(self):
        return self

    def check_grouping(self, network):
        raise ValueError(
            "group_by_length=True cannot be used with networks of your own, which may "
            "read padding as a symbol like any other."
        )

    def build(self, network):
        shapes = {
            name: getattr(network, name)
            for name in ("n_steps_in", "n_features", "n_steps_out", "n_symbols")
        }
        return self.network.build(
            [(network.n_steps_in, network.n_features), (network.n_steps_out,)],
            (network.n_steps_out, network.n_symbols),
            gives_probabilities=True,
            **shapes,
        )
