"""Do raters agree more than chance? Krippendorff's alpha for names without an order.

one list of values per question -> 1 for full agreement, 0 for chance, less for disagreement
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from sgim.checks import require


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float:
    """Krippendorff's alpha for nominal values, with any number of raters per question.

    alpha = 1 - D_observed / D_expected. D_observed is the share of unequal values among the pairs
    within a question, where a question with m values has the weight m; D_expected is that share
    among all pairs of values, whatever their questions.

    Parameters
    ----------
    units : iterable of sequences
        The values that raters gave to each question; a question with one value says nothing.

    Returns
    -------
    float
        At most 1; NaN when all values are the same, for then chance agrees as well.

    Raises
    ------
    SgimError
        When no question has two values.

    Examples
    --------
    >>> krippendorff_alpha([["a", "a"], ["b", "b"]])
    1.0
    """
    units = [list(unit) for unit in units if len(unit) >= 2]
    require(
        bool(units), "No question was answered by two raters; agreement needs at least two raters."
    )
    total = sum(map(len, units))
    observed = sum(_unequal_pairs(unit) / (len(unit) - 1) for unit in units) / total
    everything = [value for unit in units for value in unit]
    expected = _unequal_pairs(everything) / (total * (total - 1))
    return 1 - observed / expected if expected else float("nan")


def _unequal_pairs(values: Sequence[Hashable]) -> int:
    """Ordered pairs of different values."""
    return len(values) ** 2 - sum(count**2 for count in Counter(values).values())
