"""Whole numbers of any length in decimal digits, and back.

Python's own `int`, `str` and `repr` refuse more than 4300 digits, a limit that is for
programs to lift, not for libraries. `decimal.Decimal` has none, and is exact in both
directions.
"""

from decimal import Decimal


def digits_of(number):
    """What `str` makes of an int."""
    return str(Decimal(number))


def whole_number(digits):
    """What `int` makes of a string of the digits 0 to 9, with or without a sign."""
    return int(Decimal(digits))


def shown(value):
    """What `repr` makes of anything, to be quoted in an error."""
    try:
        return repr(value)
    except ValueError:  # too many digits, here or somewhere inside
        return digits_of(value) if isinstance(value, int) else object.__repr__(value)


def shown_briefly(string, n_characters=60):
    """What `repr` makes of a string, cut to be quoted in an error."""
    if len(string) <= n_characters:
        return repr(string)
    return f"{string[:n_characters]!r}... ({len(string)} characters)"
