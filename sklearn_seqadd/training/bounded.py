"""A cache of bounded size, for entries that are slow to make and large to keep."""

import collections


class BoundedCache(collections.OrderedDict):
    """A dict that drops the entry that was used longest ago.

    Parameters
    ----------
    capacity : int
        The largest number of entries.
    """

    def __init__(self, capacity):
        super().__init__()
        self.capacity = capacity

    def get_or_make(self, key, make):
        """Return the entry of a key, made first if there is none.

        Parameters
        ----------
        key : hashable

        make : callable
            Takes no arguments and returns the entry.
        """
        if key not in self:
            self[key] = make()
        self.move_to_end(key)
        while len(self) > self.capacity:
            self.popitem(last=False)
        return self[key]
