"""Ranking of methods from comparisons of two (Bradley and Terry 1952).

counts of preferences -> strengths on the scale of log-odds

P(i preferred to j) = 1 / (1 + exp(strength[j] - strength[i])), strengths with the mean 0.
"""

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from sgim.checks import require

HALF = 0.5
"""Added to both counts of any two methods that were compared, so that the strength of a method that
always wins stays finite."""

STEPS, LONGEST_STEP, NEAR = 100, 2.0, 1e-9


def bradley_terry(wins: np.ndarray) -> np.ndarray:
    """Strengths of maximum likelihood, by Newton's method; many tables at once if you like.

    Parameters
    ----------
    wins : array_like, (..., num_methods, num_methods)
        How often the row's method was preferred to the column's.

    Returns
    -------
    numpy.ndarray, (..., num_methods)
        Mean 0. The difference of two is the logarithm of the odds that the first is preferred.

    Raises
    ------
    SgimError
        When some methods were compared with no other, directly or through others.

    Examples
    --------
    >>> strengths = bradley_terry([[0, 29.5], [9.5, 0]])  # odds of 30 to 10, halves included
    >>> round(float(np.exp(strengths[0] - strengths[1])), 6)
    3.0
    """
    wins = np.asarray(wins, dtype=float)
    compared = wins + wins.swapaxes(-1, -2)
    pooled = compared.reshape(-1, *compared.shape[-2:]).sum(axis=0)
    require(
        connected_components(pooled)[0] == 1,
        "Some methods were never compared with the others, not even through a third; rank them in "
        "studies of their own.",
    )
    wins = wins + HALF * (pooled > 0)
    compared = wins + wins.swapaxes(-1, -2)
    strengths = np.zeros(wins.shape[:-1])
    for _ in range(STEPS):
        chance = preference_chances(strengths)
        slope = (wins - compared * chance).sum(axis=-1)
        curve = compared * chance * (1 - chance)
        laplacian = np.eye(wins.shape[-1]) * curve.sum(axis=-1)[..., None] - curve
        # 1 / n everywhere makes it invertible and keeps the mean of the strengths at 0.
        step = np.linalg.solve(laplacian + 1 / wins.shape[-1], slope[..., None])[..., 0]
        strengths += step.clip(-LONGEST_STEP, LONGEST_STEP)
        if np.abs(step).max() < NEAR:
            break
    return strengths - strengths.mean(axis=-1, keepdims=True)


def preference_chances(strengths: np.ndarray) -> np.ndarray:
    """Chance (..., row, column) that the row's method is preferred to the column's."""
    return expit(strengths[..., :, None] - strengths[..., None, :])
