"""The order and the sides of one rater, the same in Python and in the study's page.

number of a rater -> order of the questions, which option stands on the left

Lehmer's generator with the multiplier of Park, Miller and Stockmeyer (1993) is exact in the
floating-point numbers of a browser as well: no product reaches 2**53.
"""

import secrets
from collections.abc import Iterator

from sgim.checks import require

MODULUS, MULTIPLIER = 2**31 - 1, 48_271
WARM_UP = 20
"""Numbers that are thrown away first, so that raters with near numbers see other orders."""

FIRST_RATER, LAST_RATER = 1_000_000, 9_999_999
"""Drawn numbers have seven digits: two of 40 raters share one in less than 1 of 10,000 classes."""


def new_rater() -> int:
    """A random number for a rater; nothing about the person is in it."""
    return FIRST_RATER + secrets.randbelow(LAST_RATER - FIRST_RATER + 1)


def order_of_rater(rater: int, count: int) -> list[tuple[int, int]]:
    """Places of `count` questions in the order of a rater, each with its option on the left.

    Half of the questions show their first option (0) on the left, the others their second (1).

    Parameters
    ----------
    rater : int, from 1 to 2**31 - 2
    count : int

    Examples
    --------
    >>> sorted(place for place, left in order_of_rater(1_234_567, 4))
    [0, 1, 2, 3]
    """
    check_rater(rater)
    numbers = _numbers(rater)
    places = _shuffled(list(range(count)), numbers)
    sides = _shuffled([place % 2 for place in range(count)], numbers)
    return list(zip(places, sides, strict=True))


def check_rater(rater: int) -> None:
    """Raise `SgimError` unless `rater` is the number of a rater."""
    require(
        isinstance(rater, int) and 1 <= rater < MODULUS,
        f"rater is {rater!r}; it must be a whole number from 1 to 2**31 - 2: leave it out to draw "
        "one.",
    )


def _numbers(state: int) -> Iterator[float]:
    """Pseudo-random numbers in (0, 1)."""
    drawn = 0
    while True:
        state = MULTIPLIER * state % MODULUS
        drawn += 1
        if drawn > WARM_UP:
            yield state / MODULUS


def _shuffled(items: list, numbers: Iterator[float]) -> list:
    """The items in random order (Fisher and Yates)."""
    for last in range(len(items) - 1, 0, -1):
        other = int(next(numbers) * (last + 1))
        items[last], items[other] = items[other], items[last]
    return items
