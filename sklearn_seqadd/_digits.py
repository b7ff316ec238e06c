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
    """Return the `repr` of anything as an error quotes it, with a long middle left out.

    Parameters
    ----------
    value : object

    Returns
    -------
    text : str
        At most 60 characters.
    """
    try:
        text = repr(value)
    except ValueError:  # too many digits, here or somewhere inside
        is_number = isinstance(value, int)
        text = digits_of(value) if is_number else object.__repr__(value)
    return text if len(text) <= 60 else f"{text[:45]}...{text[-12:]}"
