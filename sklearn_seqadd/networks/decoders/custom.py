"""The decoder of a network that the user builds as a whole."""

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
            "group_by_length=True is not for networks of your own, to which padding "
            "may be a symbol like any other."
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
