"""What people preferred: shares with intervals, a ranking, agreement, raters who did not attend.

answers -> raters who pass the study's attention checks -> `PreferenceAnalysis` -> Markdown
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sgim.checks import require
from sgim.evaluation.agreement import krippendorff_alpha
from sgim.evaluation.bradley_terry import bradley_terry, preference_chances
from sgim.evaluation.human_study import CHECK, PAIR
from sgim.evaluation.study_answers import Answer
from sgim.metrics import wilson_interval

Interval = tuple[float, float]
PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, kw_only=True)
class Preference:
    """How often `first` was preferred to `second`, both by name.

    `interval` is Wilson's, which takes all answers as independent; `over_raters` is a bootstrap
    over raters, which does not; with one rater there is none. `agreement` is Krippendorff's alpha
    over the questions, None where it is not defined.
    """

    first: str
    second: str
    wins: int
    answers: int
    interval: Interval
    over_raters: Interval | None
    agreement: float | None

    @property
    def share(self) -> float:
        """In [0, 1]."""
        return self.wins / self.answers


@dataclass(frozen=True, kw_only=True)
class Rank:
    """A method's strength by Bradley and Terry; its bootstrap interval needs two raters or more.

    `beats` is the expected share of comparisons with the other methods in which it is preferred.
    """

    method: str
    strength: float
    interval: Interval | None
    beats: float


@dataclass(frozen=True, kw_only=True)
class PreferenceAnalysis:
    """All of it; `excluded` maps each rater who did not pass to the checks that were right.

    `left_share` says how often the left picture was chosen, with Wilson's interval: around one half
    unless raters have a habit.
    """

    raters: tuple[int, ...]
    excluded: dict[int, int]
    needed_right: int
    preferences: tuple[Preference, ...]
    ranking: tuple[Rank, ...]
    left_share: float
    left_interval: Interval


def passing(answers: Sequence[Answer]) -> tuple[list[int], dict[int, int]]:
    """Raters who pass, and those who do not with the number of checks that they have right.

    The rule stands in the answers since the study was made: a rater passes who has at least
    `needed_right` attention checks right. Who stops before that many does not pass.
    """
    right = Counter({answer.rater: 0 for answer in answers})
    right.update(one.rater for one in answers if one.kind == CHECK and one.chosen == one.known)
    needed = {answer.rater: answer.needed_right for answer in answers}
    kept = sorted(rater for rater in right if right[rater] >= needed[rater])
    return kept, {rater: right[rater] for rater in sorted(right) if rater not in kept}


def analyze_preferences(
    answers: Sequence[Answer], *, num_resamples: int = 2000, seed: int = 0
) -> PreferenceAnalysis:
    """Analyze the answers of one study.

    Parameters
    ----------
    answers : sequence of Answer
        Of all raters, also of those who did not attend.
    num_resamples : int
        Draws of the bootstrap over raters.
    seed : int

    Raises
    ------
    SgimError
        When nobody passes the attention checks, or no pair was answered.
    """
    raters, excluded = passing(answers)
    kept = set(raters)
    pairs = [answer for answer in answers if answer.kind == PAIR and answer.rater in kept]
    require(
        bool(pairs),
        f"None of {len(excluded) + len(raters)} raters passed the attention checks and answered a "
        "comparison; there is nothing to analyze: collect more answers.",
    )
    methods = sorted({method for answer in pairs for method in answer.options})
    wins = count_wins(pairs, raters, methods)
    random = np.random.default_rng(seed)
    weights = random.multinomial(len(raters), [1 / len(raters)] * len(raters), num_resamples)
    resampled = np.einsum("br,rij->bij", weights, wins) if len(raters) > 1 else None
    left = sum(answer.chosen == answer.left for answer in pairs)
    return PreferenceAnalysis(
        raters=tuple(raters),
        excluded=excluded,
        needed_right=answers[0].needed_right,
        preferences=_preferences(pairs, wins.sum(axis=0), resampled, methods),
        ranking=_ranking(wins.sum(axis=0), resampled, methods),
        left_share=left / len(pairs),
        left_interval=wilson_interval(left, len(pairs)),
    )


def count_wins(
    pairs: Sequence[Answer], raters: Sequence[int], methods: Sequence[str]
) -> np.ndarray:
    """How often each rater preferred the row's method to the column's.

    Returns
    -------
    numpy.ndarray of int, (num_raters, num_methods, num_methods)
    """
    row = {rater: number for number, rater in enumerate(raters)}
    place = {method: number for number, method in enumerate(methods)}
    wins = np.zeros((len(raters), len(methods), len(methods)), dtype=int)
    for answer in pairs:
        (loser,) = {answer.left, answer.right} - {answer.chosen}
        wins[row[answer.rater], place[answer.chosen], place[loser]] += 1
    return wins


def _preferences(
    pairs: Sequence[Answer], wins: np.ndarray, resampled: np.ndarray | None, methods: Sequence[str]
) -> tuple[Preference, ...]:
    found = []
    for one, other in combinations(range(len(methods)), 2):
        first, second = (one, other) if wins[one, other] >= wins[other, one] else (other, one)
        count = int(wins[first, second] + wins[second, first])
        if not count:
            continue
        found.append(
            Preference(
                first=methods[first],
                second=methods[second],
                wins=int(wins[first, second]),
                answers=count,
                interval=wilson_interval(int(wins[first, second]), count),
                over_raters=_over_raters(resampled, first, second),
                agreement=_agreement(pairs, {methods[first], methods[second]}),
            )
        )
    return tuple(found)


def _over_raters(resampled: np.ndarray | None, first: int, second: int) -> Interval | None:
    """Interval of a share over the resampled counts of two methods."""
    if resampled is None:
        return None
    draws = resampled[:, first, second] + resampled[:, second, first]
    return _interval(resampled[draws > 0, first, second] / draws[draws > 0])


def _agreement(pairs: Sequence[Answer], methods: set[str]) -> float | None:
    units: dict[str, list[str]] = {}
    for answer in pairs:
        if set(answer.options) == methods:
            units.setdefault(answer.question, []).append(answer.chosen)
    shared = [unit for unit in units.values() if len(unit) >= 2]
    alpha = krippendorff_alpha(shared) if shared else math.nan
    return None if math.isnan(alpha) else alpha


def _ranking(
    wins: np.ndarray, resampled: np.ndarray | None, methods: Sequence[str]
) -> tuple[Rank, ...]:
    strengths = bradley_terry(wins)
    draws = None if resampled is None else bradley_terry(resampled)
    chances = preference_chances(strengths)
    others = len(methods) - 1
    ranks = [
        Rank(
            method=method,
            strength=float(strengths[place]),
            interval=None if draws is None else _interval(draws[:, place]),
            beats=float((chances[place].sum() - 0.5) / others),
        )
        for place, method in enumerate(methods)
    ]
    return tuple(sorted(ranks, key=lambda rank: -rank.strength))


def _interval(values: np.ndarray) -> Interval:
    low, high = np.percentile(values, PERCENTILES)
    return float(low), float(high)
