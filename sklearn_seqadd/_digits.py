"""Conversion of whole numbers of any length to decimal digits and back.

Python's `int`, `str` and `repr` refuse more than 4300 digits. A program may lift this
limit, but a library should not. `decimal.Decimal` has no limit, and is exact in both
directions.
"""

from decimal import Decimal


def int_to_str(number):
    """Return the digits of an int of any length, as `str` does for short ones."""
    return str(Decimal(number))


def str_to_int(digits):
    """Return the int of a string of the digits 0 to 9, with or without a sign."""
    return int(Decimal(digits))


def quote(value):
    """Return the `repr` of an object for an error, without its middle if it is long.

    Parameters
    ----------
    value : object
        The object.

    Returns
    -------
    text : str
        At most 60 characters.
    """
    try:
        text = repr(value)
    except ValueError:  # a number, or one inside the object, has too many digits
        is_number = isinstance(value, int)
        text = int_to_str(value) if is_number else object.__repr__(value)
    return text if len(text) <= 60 else f"{text[:45]}...{text[-12:]}"
