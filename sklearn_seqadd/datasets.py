"""Generated additions and other arithmetic expressions, as strings."""

import itertools
import math
import numbers

import numpy as np
from sklearn.utils import check_random_state

from ._digits import int_to_str, quote, str_to_int

__all__ = ["make_addition", "make_expressions"]

# The shares of `sampling="mixed"` with a carry chain, as in 9999999999+1, and with runs
# of one digit, as in 1000000000+1 or 9999999999+9999999998. Without them, sums of these
# two kinds are the only ones that a good network gets wrong.
_CARRY_CHAIN_SHARE = 0.3
_RUNS_SHARE = 0.15


def make_addition(
    n_samples: int = 100,
    *,
    n_terms: int | tuple[int, int] = 2,
    smallest: int = 0,
    largest: int = 99,
    sampling: str = "values",
    unique: bool = False,
    return_terms: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[np.ndarray, ...]:
    """Generate additions and their sums, both as strings.

    Parameters
    ----------
    n_samples : int, default=100
        The number of additions.

    n_terms : int or tuple of two ints, default=2
        The number of terms of each addition. With a tuple ``(low, high)`` it is
        drawn uniformly from `low` to `high`, both included, for each addition.

    smallest : int, default=0
        The smallest term that may occur; not negative.

    largest : int, default=99
        The largest term that may occur. It may have any number of digits.

    sampling : {"values", "lengths", "mixed"}, default="values"
        How the terms are drawn.

        - `"values"`: uniformly from the integers in ``[smallest, largest]``.
          Nearly all of them then have as many digits as `largest`.
        - `"lengths"`: for each term, first the number of digits is drawn
          uniformly, then a term uniformly from those with this number of digits.
        - `"mixed"`: with probability 1/2, an addition has full-length terms
          only, drawn uniformly from the integers above a tenth of `largest`;
          otherwise its terms are drawn as by `"lengths"`. Then 30 % of all
          additions get a carry chain: in a random run of neighbouring columns,
          the digits of two of the terms are changed to sum to nine
          (``"8271+1738"``, ``"9999+1"``). Another 15 % get runs: in a random run
          of neighbouring columns, each term has only zeros or only nines
          (``"1000+82"``, ``"4999+7000"``). An addition is left as it is where a
          changed term would be outside of ``[smallest, largest]``. Networks
          learn long sums best from this mixture, in which short sums are the
          curriculum.

    unique : bool, default=False
        Whether to generate each combination of terms only once, in any order:
        if ``"1+2"`` was generated, neither ``"1+2"`` nor ``"2+1"`` follows.

    return_terms : bool, default=False
        Whether to also return the terms as numbers.

    random_state : int, RandomState instance or None, default=None
        Determines the additions. Pass an int for the same additions at every
        call, or one `RandomState` instance for new ones at every call. See
        scikit-learn's glossary for ``random_state``.

    Returns
    -------
    X : ndarray of str, shape (n_samples,)
        The additions, such as ``"12+50"``.

    y : ndarray of str, shape (n_samples,)
        Their sums, such as ``"62"``.

    terms : ndarray of shape (n_samples, n_terms)
        The terms: int64 if all of them fit, otherwise object (Python's
        integers). If the number of terms varies, an object array of shape
        (n_samples,) with a tuple for each addition. Only returned if
        `return_terms` is True.

    Raises
    ------
    ValueError
        If a parameter is out of its range, or if `n_samples` is greater than
        the number of unique additions (which is in the message).

    See Also
    --------
    make_expressions : The same for several operations and brackets.

    Examples
    --------
    >>> from sklearn_seqadd import make_addition
    >>> X, y = make_addition(3, random_state=0)
    >>> X
    array(['44+47', '64+67', '67+9'], dtype='<U5')
    >>> y
    array(['91', '131', '76'], dtype='<U3')
    """
    rng = check_random_state(random_state)
    _check_integer("make_addition", "n_samples", n_samples, 1)
    smallest, largest = _check_bounds("make_addition", smallest, largest)
    low, high = _check_n_terms("make_addition", n_terms)
    if sampling not in ("values", "lengths", "mixed"):
        raise ValueError(
            "The 'sampling' parameter of make_addition must be a str among "
            f"{{'values', 'lengths', 'mixed'}}. Got {sampling!r} instead."
        )

    def draw(n):
        return _draw_additions(rng, n, low, high, smallest, largest, sampling)

    if unique:
        additions = _draw_unique(rng, draw, n_samples, low, high, smallest, largest)
    else:
        additions = draw(n_samples)

    X = np.array(["+".join(map(int_to_str, terms)) for terms in additions])
    y = np.array([int_to_str(sum(terms)) for terms in additions])
    if not return_terms:
        return X, y
    if low != high:
        terms = np.empty(n_samples, dtype=object)
        terms[:] = additions
    else:
        fits = largest <= np.iinfo(np.int64).max
        terms = np.array(additions, dtype=np.int64 if fits else object)
    return X, y, terms


def make_expressions(
    n_samples: int = 100,
    *,
    operators: str = "+-*",
    n_terms: int | tuple[int, int] = (2, 3),
    brackets: bool = False,
    smallest: int = 0,
    largest: int = 99,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Generate arithmetic expressions and their values, both as strings.

    Parameters
    ----------
    n_samples : int, default=100
        The number of expressions.

    operators : str, default="+-*"
        The operators to draw from uniformly: one or more of ``+``, ``-`` and
        ``*``. One that is repeated is drawn more often.

    n_terms : int or tuple of two ints, default=(2, 3)
        The number of numbers in each expression. With a tuple ``(low, high)``
        it is drawn uniformly from `low` to `high`, both included.

    brackets : bool, default=False
        Whether brackets may occur. If so, an expression with three numbers or
        more has, with probability 1/2, a random run of neighbouring numbers in
        brackets, which in turn may have brackets inside.

    smallest : int, default=0
        The smallest number that may occur; not negative. Values may be negative.

    largest : int, default=99
        The largest number that may occur. It may have any number of digits.

    random_state : int, RandomState instance or None, default=None
        Determines the expressions. Pass an int for the same expressions at every
        call, or one `RandomState` instance for new ones at every call. See
        scikit-learn's glossary for ``random_state``.

    Returns
    -------
    X : ndarray of str, shape (n_samples,)
        The expressions, such as ``"(3-17)*2"``.

    y : ndarray of str, shape (n_samples,)
        Their values, such as ``"-28"``, with the precedence of Python's
        operators.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    make_addition : Additions only, with several ways of sampling.

    Examples
    --------
    >>> from sklearn_seqadd import make_expressions
    >>> X, y = make_expressions(3, brackets=True, random_state=0)
    >>> X
    array(['64*67', '(67*9)-83', '21*36+87'], dtype='<U9')
    >>> y
    array(['4288', '520', '843'], dtype='<U4')
    """
    rng = check_random_state(random_state)
    _check_integer("make_expressions", "n_samples", n_samples, 1)
    smallest, largest = _check_bounds("make_expressions", smallest, largest)
    low, high = _check_n_terms("make_expressions", n_terms)
    if not isinstance(brackets, bool | np.bool_):
        raise ValueError(
            "The 'brackets' parameter of make_expressions must be a bool. Got "
            f"{brackets!r} instead."
        )
    if not isinstance(operators, str) or not operators or operators.strip("+-*"):
        raise ValueError(
            "The 'operators' parameter of make_expressions must be a non-empty str "
            f"of the characters '+', '-' and '*'. Got {operators!r} instead."
        )

    sizes = rng.randint(low, high + 1, size=n_samples).tolist()
    drawn = iter(_draw_uniform(rng, sum(sizes), smallest, largest))
    expressions = []
    for size in sizes:
        terms = list(itertools.islice(drawn, size))
        expressions.append(_draw_expression(rng, terms, operators, brackets))
    X = np.array([text for text, _ in expressions])
    y = np.array([int_to_str(value) for _, value in expressions])
    return X, y


# ------------------------------------------------------------------ validation


# scikit-learn's own validation takes True for 1, and cannot quote numbers of more than
# 4300 digits.


def _check_integer(caller, name, value, minimum):
    """Raise a ValueError unless a parameter is an integer from a minimum on."""
    is_integer = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_integer or value < minimum:
        raise ValueError(
            f"The {name!r} parameter of {caller} must be an int in the range "
            f"[{minimum}, inf). Got {quote(value)} instead."
        )


def _check_bounds(caller, smallest, largest):
    """Return the smallest and the largest term, as Python's integers."""
    _check_integer(caller, "smallest", smallest, 0)
    _check_integer(caller, "largest", largest, 0)
    # Those of NumPy have a limited width.
    smallest, largest = int(smallest), int(largest)
    if largest < smallest:
        raise ValueError(
            f"The 'largest' parameter of {caller} must not be below 'smallest'. "
            f"Got largest={quote(largest)} and smallest={quote(smallest)} instead."
        )
    return smallest, largest


def _check_n_terms(caller, n_terms):
    """Return the smallest and the largest number of terms."""
    if not isinstance(n_terms, tuple | list):
        _check_integer(caller, "n_terms", n_terms, 1)
        return int(n_terms), int(n_terms)
    if len(n_terms) != 2:
        raise ValueError(
            f"The 'n_terms' parameter of {caller} must be an int or a tuple "
            f"(low, high). Got {quote(n_terms)} instead."
        )
    low, high = n_terms
    _check_integer(caller, "n_terms", low, 1)
    _check_integer(caller, "n_terms", high, low)
    return int(low), int(high)


# ------------------------------------------------------------------- additions


def _draw_additions(rng, n_samples, low, high, smallest, largest, sampling):
    """Return a list of n_samples tuples of `low` to `high` Python integers."""
    sizes = rng.randint(low, high + 1, size=n_samples)
    activations_per_sample = int(sizes.sum())
    if sampling == "values":
        drawn = _draw_uniform(rng, activations_per_sample, smallest, largest)
    else:
        drawn = _draw_by_length(rng, activations_per_sample, smallest, largest)
    if sampling == "mixed":
        # For largest=999 these are the terms of its length. For 1000, which is the only
        # term of its length, there still are many.
        is_full = np.repeat(rng.random_sample(n_samples) < 0.5, sizes)
        floor = max(smallest, largest // 10 + 1 if largest > 0 else 0)
        full = iter(_draw_uniform(rng, int(is_full.sum()), floor, largest))
        drawn = [next(full) if i else d for i, d in zip(is_full, drawn, strict=True)]

    numbers_ = iter(drawn)
    additions = [tuple(itertools.islice(numbers_, size)) for size in sizes.tolist()]

    if sampling == "mixed":
        kind = rng.random_sample(n_samples)
        is_chain = kind < _CARRY_CHAIN_SHARE
        is_run = ~is_chain & (kind < _CARRY_CHAIN_SHARE + _RUNS_SHARE)
        for change, chosen in ((_with_carry_chain, is_chain), (_with_runs, is_run)):
            for i in np.flatnonzero(chosen).tolist():
                changed = change(rng, additions[i])
                if all(smallest <= term <= largest for term in changed):
                    additions[i] = changed
    return additions


def _draw_uniform(rng, n, low, high):
    """Return a list of n Python integers of any size, uniform in [low, high]."""
    if low == high:
        return [low] * n
    if high < np.iinfo(np.int64).max:
        return rng.randint(low, high + 1, size=n, dtype=np.int64).tolist()
    span = high - low + 1
    n_bits = (span - 1).bit_length()
    n_bytes = (n_bits + 7) // 8
    drawn: list[int] = []
    while len(drawn) < n:
        missing = n - len(drawn)
        # At least half of all candidates of n_bits are in the span.
        block = rng.bytes(2 * missing * n_bytes)
        candidates = (
            int.from_bytes(block[i : i + n_bytes], "little") & ((1 << n_bits) - 1)
            for i in range(0, len(block), n_bytes)
        )
        accepted = (low + c for c in candidates if c < span)
        drawn.extend(itertools.islice(accepted, missing))
    return drawn


def _draw_by_length(rng, n, smallest, largest):
    """Return a list of n Python integers whose numbers of digits are uniform."""
    fewest, most = len(int_to_str(smallest)), len(int_to_str(largest))
    n_digits = rng.randint(fewest, most + 1, size=n)
    drawn = np.empty(n, dtype=object)
    for length in np.unique(n_digits).tolist():
        low = max(smallest, 10 ** (length - 1) if length > 1 else 0)
        high = min(largest, 10**length - 1)
        members = np.flatnonzero(n_digits == length)
        drawn[members] = _draw_uniform(rng, members.size, low, high)
    return drawn.tolist()


def _with_carry_chain(rng, terms):
    """Return the terms, with two of them changed to sum to nine in a run of columns."""
    if len(terms) < 2:
        return terms
    first, second = rng.choice(len(terms), size=2, replace=False).tolist()
    longer, shorter = sorted((first, second), key=terms.__getitem__, reverse=True)
    # The least significant digit comes first, so that columns are indices.
    a = [int(digit) for digit in reversed(int_to_str(terms[longer]))]
    b = [int(digit) for digit in reversed(int_to_str(terms[shorter]))]
    begin = rng.randint(len(a))
    end = rng.randint(begin, len(a)) + 1
    for column in range(begin, end):
        if column < len(b):
            b[column] = 9 - a[column]
        else:
            a[column] = 9
    changed = list(terms)
    changed[longer] = str_to_int("".join(map(str, reversed(a))))
    changed[shorter] = str_to_int("".join(map(str, reversed(b))))
    return tuple(changed)


def _with_runs(rng, terms):
    """Return the terms, each with only zeros or only nines in a run of columns."""
    n_columns = len(int_to_str(max(terms)))
    begin = rng.randint(n_columns)
    end = rng.randint(begin, n_columns) + 1
    changed = []
    for term in terms:
        digits = list(reversed(int_to_str(term)))
        digits[begin:end] = "09"[rng.randint(2)] * len(digits[begin:end])
        if digits[-1] == "0" and len(digits) > 1:
            digits[-1] = "1"  # so that the term keeps its length
        changed.append(str_to_int("".join(reversed(digits))))
    return tuple(changed)


def _draw_unique(rng, draw, n_samples, low, high, smallest, largest):
    """Return n_samples additions, no two of which have the same terms in any order."""
    span = largest - smallest + 1
    n_existing = sum(math.comb(span + k - 1, k) for k in range(low, high + 1))
    if n_samples > n_existing:
        raise ValueError(
            f"Cannot generate n_samples={quote(n_samples)} unique additions: only "
            f"{quote(n_existing)} exist with {low} to {high} terms from "
            f"{quote(smallest)} to {quote(largest)}. Lower n_samples, raise largest or "
            "set unique=False."
        )
    additions: dict[tuple[int, ...], tuple[int, ...]] = {}  # by the sorted terms

    def keep(candidates):
        for terms in candidates:
            additions.setdefault(tuple(sorted(terms)), terms)

    # Repeated drawing is fast as long as most draws are new. When they no longer are,
    # the number of additions is small enough to list the missing ones.
    n_drawn = 0
    while len(additions) < n_samples and (
        n_existing > 4 * n_samples or n_drawn < 2 * n_samples
    ):
        n_to_draw = n_samples - len(additions) + 16
        keep(draw(n_to_draw))
        n_drawn += n_to_draw
    if len(additions) < n_samples:
        terms_range = range(smallest, largest + 1)
        left = [
            terms
            for k in range(low, high + 1)
            for terms in itertools.combinations_with_replacement(terms_range, k)
            if terms not in additions
        ]
        chosen = rng.choice(len(left), size=n_samples - len(additions), replace=False)
        keep(tuple(rng.permutation(np.array(left[i], dtype=object))) for i in chosen)
        shuffled = list(additions.values())
        return [shuffled[i] for i in rng.permutation(n_samples)]
    return list(additions.values())[:n_samples]


# ----------------------------------------------------------------- expressions


def _draw_expression(rng, numbers_, operators, brackets):
    """Return an expression of numbers in their order, and its value."""
    items = [(int_to_str(number), number) for number in numbers_]
    if brackets and len(items) > 2 and rng.random_sample() < 0.5:
        size = rng.randint(2, len(items))
        begin = rng.randint(len(items) - size + 1)
        inner, value = _draw_expression(
            rng, numbers_[begin : begin + size], operators, brackets
        )
        items[begin : begin + size] = [(f"({inner})", value)]
    chosen = [operators[i] for i in rng.randint(len(operators), size=len(items) - 1)]
    text = items[0][0] + "".join(
        operator + item for operator, (item, _) in zip(chosen, items[1:], strict=True)
    )
    return text, _evaluate([value for _, value in items], chosen)


def _evaluate(values, operators):
    """Return the value of values[0] operators[0] values[1] ..., products first."""
    signed_products = [values[0]]
    for operator, value in zip(operators, values[1:], strict=True):
        if operator == "*":
            signed_products[-1] *= value
        else:
            signed_products.append(value if operator == "+" else -value)
    return sum(signed_products)
