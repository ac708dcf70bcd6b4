"""How many raters does a study need?

an expected preference, answers per rater, likeness of a rater's answers -> number of raters
"""

import math

from scipy import stats

from sgim.checks import require, require_in_range


def raters_needed(
    share: float,
    answers_per_rater: int,
    *,
    correlation: float = 0.0,
    power: float = 0.8,
    level: float = 0.05,
) -> int:
    """Raters that find a preference with the chance `power`, where equal preference is the null.

    A two-sided test of a share against 1/2 at the level `level`, normal approximation. Answers of
    one rater resemble each other, so they count as fewer: their number is divided by
    1 + (answers_per_rater - 1) correlation.

    Parameters
    ----------
    share : float
        How often the better method is preferred, in (0.5, 1). Methods that are 10 points apart,
        55 % against 45 %, have the share 0.55.
    answers_per_rater : int
        Comparisons of these two methods.
    correlation : float
        Between two answers of one rater, in [0, 1]: 0 when all raters prefer alike.
    power, level : float

    Examples
    --------
    >>> raters_needed(0.55, 24)
    33
    """
    require(
        0.5 < share < 1, f"share is {share!r}; it lies between 0.5 and 1: pass 0.55, for example."
    )
    require(answers_per_rater >= 1, f"answers_per_rater is {answers_per_rater!r}; pass 1 or more.")
    require_in_range("correlation", correlation, 0, 1)
    require_in_range("power", power, 0.5, 0.999)
    require_in_range("level", level, 1e-6, 0.5)
    spread = math.sqrt(share * (1 - share))
    reach = stats.norm.isf(level / 2) / 2 + stats.norm.isf(1 - power) * spread
    answers = (reach / (share - 0.5)) ** 2 * (1 + (answers_per_rater - 1) * correlation)
    return math.ceil(answers / answers_per_rater)


def chance_to_pass(num_checks: int, needed_right: int) -> float:
    """Chance that someone who guesses answers enough attention checks right.

    Examples
    --------
    >>> chance_to_pass(6, 5)
    0.109375
    """
    return float(stats.binom.sf(needed_right - 1, num_checks, 0.5))
