"""Scores of a benchmark that stand beside `sgim.metrics`: ranks, calibration, intervals.

scores or similarities, truth, recordings -> numbers with their 95 % intervals
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sgim.checks import require, require_finite

NUM_BINS = 10
RESAMPLES = 2000


def _table(name: str, values: object, truth: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    table, truth = np.asarray(values, dtype=float), np.asarray(truth)
    require(
        table.ndim == 2 and table.size > 0 and len(table) == len(truth),
        f"{name} has the shape {table.shape} for {len(truth)} clips; it must be a table with one "
        "row per clip.",
    )
    require_finite(name, table)
    return table, truth


def ranks_of(scores: object, own: Sequence[int]) -> np.ndarray:
    """The place, from 1, that the own column of every row takes when a row is sorted by score.

    Equal scores count against the row, so an encoder that says the same of everything gains
    nothing.

    Parameters
    ----------
    scores : array_like, (rows, columns)
    own : sequence of int, (rows,)

    Examples
    --------
    >>> ranks_of([[0.9, 0.1, 0.5], [0.2, 0.2, 0.2]], [2, 0]).tolist()
    [2, 3]
    """
    table, own = _table("scores", scores, own)
    mine = table[np.arange(len(table)), own]
    return (table >= mine[:, None]).sum(axis=1)


def expected_calibration_error(probabilities: object, classes: Sequence[int]) -> float:
    """How far confidence is from being right, in [0, 1] (Naeini et al. 2015).

    The largest probability of each clip is its confidence. In ten bins of equal width over it the
    mean confidence is compared with the share of right answers; bins weigh as their clips do.

    Examples
    --------
    >>> expected_calibration_error([[0.75, 0.25]] * 4, [0, 0, 0, 1])
    0.0
    >>> expected_calibration_error([[1.0, 0.0]] * 4, [0, 0, 0, 1])
    0.25
    """
    table, classes = _table("probabilities", probabilities, classes)
    confidence, right = table.max(axis=1), table.argmax(axis=1) == classes
    bins = np.minimum((confidence * NUM_BINS).astype(int), NUM_BINS - 1)
    gaps = np.bincount(bins, right - confidence, minlength=NUM_BINS)
    return float(np.abs(gaps).sum() / len(table))


@dataclass(frozen=True)
class RetrievalScores:
    """Of every query: the rank of its own target, and its average precision."""

    ranks: np.ndarray
    precisions: np.ndarray

    def recall_at(self, k: int) -> float:
        """Share of queries whose own target is among the first k, in [0, 1]."""
        return float(np.mean(self.ranks <= k))

    @property
    def median_rank(self) -> float:
        """From 1, which is best, to the number of targets."""
        return float(np.median(self.ranks))

    @property
    def mean_average_precision(self) -> float:
        """Mean over the queries, in [0, 1]."""
        return float(np.mean(self.precisions))


def retrieval_scores(similarity: object, own: Sequence[int], relevant: object) -> RetrievalScores:
    """Search for targets by their similarity with queries.

    Parameters
    ----------
    similarity : array_like, (queries, targets)
    own : sequence of int, (queries,)
        The one target that belongs to each query.
    relevant : array_like of bool, (queries, targets)
        All targets that would be good finds. The average precision of a query is the mean, over
        its relevant targets, of the share of relevant ones among all found up to there.

    Examples
    --------
    >>> scores = retrieval_scores([[0.9, 0.8, 0.1]], own=[1], relevant=[[False, True, True]])
    >>> scores.median_rank, round(scores.mean_average_precision, 4)
    (2.0, 0.5833)
    """
    table, own = _table("similarity", similarity, own)
    relevant = np.asarray(relevant, dtype=bool)
    require(
        relevant.shape == table.shape and bool(relevant.any(axis=1).all()),
        f"relevant has the shape {relevant.shape} beside similarity {table.shape}; both must be "
        "alike, with a relevant target for every query.",
    )
    ranks = ranks_of(table, own)
    order = np.lexsort((relevant, -table), axis=1)  # of equal ones the relevant come last
    hits = np.take_along_axis(relevant, order, axis=1)
    precision = hits.cumsum(axis=1) / np.arange(1, table.shape[1] + 1)
    return RetrievalScores(ranks, (precision * hits).sum(axis=1) / hits.sum(axis=1))


def interval_over(
    values: Sequence[float], groups: Sequence[object], *, seed: int = 0
) -> tuple[float, float]:
    """95 % interval of a mean over clips, by bootstrap over the recordings they were cut from.

    Recordings are drawn again with replacement, each with all its clips, 2000 times.

    Parameters
    ----------
    values : sequence of float, (clips,)
        For example 1 for a right answer and 0 for a wrong one.
    groups : sequence, (clips,)
        The recording of each clip.

    Examples
    --------
    >>> interval_over([1, 1, 1], ["a", "a", "b"])
    (1.0, 1.0)
    """
    values = np.asarray(values, dtype=float)
    require(
        values.ndim == 1 and 0 < len(values) == len(groups),
        f"there are {values.size} values and {len(groups)} recordings; pass one of each per clip.",
    )
    _, index = np.unique(np.asarray(groups), return_inverse=True)
    sums, sizes = np.bincount(index, values), np.bincount(index)
    random = np.random.default_rng(seed)
    drawn = random.multinomial(len(sizes), np.full(len(sizes), 1 / len(sizes)), size=RESAMPLES)
    low, high = np.percentile(drawn @ sums / (drawn @ sizes), [2.5, 97.5])
    return float(low), float(high)
