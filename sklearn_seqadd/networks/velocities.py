"""How far heads of relative attention move, as it is known without Keras."""


def as_pair(velocity):
    """How far a head moves with each symbol, and with each step taken for one."""
    return tuple(velocity) if isinstance(velocity, tuple | list) else (velocity, 0.0)
