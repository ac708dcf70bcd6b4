"""What a picture's level tells of the level that was asked for: bits, ranks, slope, error.

levels reached (sequences, levels) -> measures with intervals -> differences of two sides
"""

import math
import statistics
from collections.abc import Callable, Sequence

import numpy as np

from sgim.checks import require
from sgim.metrics import spearman

RESAMPLES, SHUFFLES = 1000, 1000
TWO_SIDED = 1.96
"""Standard errors to each side of a 95 % interval."""

MEASURES = {
    "bits": "bits",
    "spearman": "rank correlation",
    "slope": "slope",
    "error": "error",
}
HOLDS = "the claim holds here"
REFUTED = "the claim is refuted here"
NOT_SHOWN = "the claim is not shown here"


def level_table(reached: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Counts (levels asked, bins reached), added over groups; ties share a bin.

    Parameters
    ----------
    reached : numpy.ndarray, (sequences, levels)
    groups : sequence, (sequences,)
        The weather of each; a group is cut into as many bins of equal count as there are levels.
    """
    labels, count = np.asarray(groups), reached.shape[1]
    table = np.zeros((count, count))
    for label in np.unique(labels):
        mine = reached[labels == label].ravel()
        ordered = np.sort(mine)
        below, upto = (np.searchsorted(ordered, mine, side=side) for side in ("left", "right"))
        bins = (below + upto) * count // (2 * len(mine))
        rows = np.tile(np.arange(count), len(mine) // count)
        table += np.bincount(rows * count + bins, minlength=count**2).reshape(count, count)
    return table


def mutual_information(table: np.ndarray) -> float:
    """Bits that rows tell of columns, from counts, with Miller and Madow's correction; 0 or more.

    The entropies of rows, columns and cells each grow by (used cells - 1) / (2 n) nats.

    Examples
    --------
    >>> round(mutual_information(np.eye(8) * 1000), 2)
    3.0
    >>> mutual_information(np.ones((8, 8)))
    0.0
    """
    total = table.sum()

    def entropy(counts: np.ndarray) -> float:
        used = counts[counts > 0] / total
        return -(used * np.log(used)).sum() + (len(used) - 1) / (2 * total)

    nats = entropy(table.sum(axis=0)) + entropy(table.sum(axis=1)) - entropy(table.ravel())
    return max(0.0, float(nats / math.log(2)))


def bits(reached: np.ndarray, groups: Sequence[str]) -> float:
    """Mutual information of the level asked for and the level reached."""
    return mutual_information(level_table(reached, groups))


def chance(reached: np.ndarray, groups: Sequence[str], *, seed: int = 0) -> float:
    """Share of shuffles of each sequence's levels that give as many bits."""
    random = np.random.default_rng(seed)
    known = bits(reached, groups)
    shuffled = (bits(random.permuted(reached, axis=1), groups) for _ in range(SHUFFLES))
    return (1 + sum(found >= known for found in shuffled)) / (1 + SHUFFLES)


def per_sequence(reached: np.ndarray, asked: Sequence[float]) -> dict[str, list[float]]:
    """Rank correlation, slope and error of each sequence."""
    return {
        "spearman": [spearman(asked, row) for row in reached],
        "slope": [statistics.linear_regression(asked, row).slope for row in reached.tolist()],
        "error": np.abs(reached - np.asarray(asked)).mean(axis=1).tolist(),
    }


def resampled(groups: Sequence[str], *, seed: int = 0) -> np.ndarray:
    """Places drawn with replacement within each group, (`RESAMPLES`, places)."""
    random, labels = np.random.default_rng(seed), np.asarray(groups)
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    drawn = [random.choice(group, (RESAMPLES, len(group))) for group in members]
    return np.concatenate(drawn, axis=1)


def mean_of(values: Sequence[float], draws: np.ndarray) -> dict[str, object]:
    """Mean as `value`, and its 95 % `interval` over the draws of `resampled`."""
    low, high = np.percentile(np.asarray(values)[draws].mean(axis=1), [2.5, 97.5])
    return {"value": statistics.mean(values), "interval": (float(low), float(high))}


def jackknife(measure: Callable[[np.ndarray], float], count: int) -> dict[str, object]:
    """`value` of a measure of `count` places, and its 95 % `interval`.

    The standard error is that of values without one place each (Tukey 1958), which adds no bias as
    places that are drawn twice would.

    Parameters
    ----------
    measure : callable
        Places (numbers from 0) -> a number.
    """
    require(count > 1, f"there is {count} sequence; an interval needs 2 or more.")
    places = np.arange(count)
    value = measure(places)
    without = np.array([measure(np.delete(places, place)) for place in places])
    error = math.sqrt((count - 1) * without.var())
    return {"value": value, "interval": (value - TWO_SIDED * error, value + TWO_SIDED * error)}


def side_scores(
    reached: np.ndarray, groups: Sequence[str], asked: Sequence[float]
) -> dict[str, dict]:
    """Each measure of one side: `value`, `interval`; of bits also `chance`."""
    labels, draws = np.asarray(groups), resampled(groups)
    told = jackknife(lambda rows: bits(reached[rows], labels[rows]), len(labels))
    told["interval"] = tuple(max(0.0, end) for end in told["interval"])
    scores = {"bits": told | {"chance": chance(reached, groups)}}
    means = {name: mean_of(each, draws) for name, each in per_sequence(reached, asked).items()}
    return scores | means


def differences(
    first: np.ndarray, second: np.ndarray, groups: Sequence[str], asked: Sequence[float]
) -> dict[str, dict]:
    """First side less second over the same sequences: each measure's `value` and `interval`."""
    labels, draws = np.asarray(groups), resampled(groups)

    def more_bits(rows: np.ndarray) -> float:
        return bits(first[rows], labels[rows]) - bits(second[rows], labels[rows])

    found = {"bits": jackknife(more_bits, len(labels))}
    of_second = per_sequence(second, asked)
    for name, values in per_sequence(first, asked).items():
        less = [a - b for a, b in zip(values, of_second[name], strict=True)]
        found[name] = mean_of(less, draws)
    return found


def verdict(interval: Sequence[float]) -> str:
    """What the plan says of the difference in bits, sound less chosen words."""
    low, high = interval
    if low > 0:
        return HOLDS
    return REFUTED if high < 0 else NOT_SHOWN


def thinned(count: int, grades: int) -> list[int]:
    """Which of `count` words stand for each of them when only some grades are kept.

    Examples
    --------
    >>> thinned(8, 2)
    [0, 0, 0, 0, 7, 7, 7, 7]
    """
    kept = np.linspace(0, count - 1, grades).round() if grades > 1 else np.array([count // 2])
    return [int(kept[np.abs(kept - place).argmin()]) for place in range(count)]
