"""The global settings of Keras, which change what the same code builds."""

import contextlib
import json
import threading
from typing import NamedTuple

# All settings but the policy hold for all threads, so only one at a time has its own.
_lock = threading.RLock()
_of_thread = threading.local()


class KerasSettings(NamedTuple):
    """The settings that a network is built and traced with; by default Keras' own.

    Built-in networks always have the defaults. A network of the user's own has the
    settings that were current when it was fitted.
    """

    # The name of a policy; or its configuration as JSON, if a name does not say it all.
    dtype_policy: str = "float32"
    floatx: str = "float32"
    epsilon: float = 1e-7
    image_data_format: str = "channels_last"

    @classmethod
    def current(cls) -> "KerasSettings":
        """Return the settings of this thread."""
        from .._tensorflow import keras

        config = keras.config
        policy = config.dtype_policy()
        name = policy.name
        if type(policy) is not keras.DTypePolicy:
            name = json.dumps(keras.dtype_policies.serialize(policy))
        return cls(
            name, config.floatx(), float(config.epsilon()), config.image_data_format()
        )

    @contextlib.contextmanager
    def applied(self):
        """Apply the settings in a context, and restore the previous ones after it."""
        from .._tensorflow import keras

        with _lock:
            before, policy = self.current(), keras.config.dtype_policy()
            was_applied, _of_thread.are_applied = are_applied(), True
            try:
                self._set(_policy_of(self.dtype_policy))
                yield
            finally:
                before._set(policy)
                _of_thread.are_applied = was_applied

    def _set(self, policy):
        from .._tensorflow import keras

        keras.config.set_floatx(self.floatx)
        keras.config.set_epsilon(self.epsilon)
        keras.config.set_image_data_format(self.image_data_format)
        keras.config.set_dtype_policy(policy)


def are_applied() -> bool:
    """Return whether this thread is in a context of `KerasSettings.applied`.

    Other threads may then wait for this one, so it must not wait for them.
    """
    return getattr(_of_thread, "are_applied", False)


def _policy_of(name):
    """Return the policy of a configuration as JSON; a name as it is."""
    from .._tensorflow import keras

    if name.startswith("{"):
        return keras.dtype_policies.deserialize(json.loads(name))
    return name
