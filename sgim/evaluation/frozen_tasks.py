"""What frozen features are good for: linear probe, nearest neighbours, learning from a few clips.

features, classes, folds, recordings -> predictions by what learned from the other folds

Every choice is made inside the training folds, by what their clips say of one another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

REGULARIZATIONS = (0.001, 0.01, 0.1, 1.0, 10.0)
"""scikit-learn's C that a probe chooses from, the smoothest first."""

NEIGHBORS = (1, 3, 5, 10, 20)
SHOTS = (1, 2, 4, 8, 16)
DRAWS = 10
INNER_FOLDS = 4

Build = Callable[[float, int], Pipeline]
"""Setting and number of training clips -> classifier."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Features (clips, size) of clips, with the classes, folds and recordings of these.

    `tested`: the folds that are tested, each by what learned from all others.
    """

    features: np.ndarray
    classes: np.ndarray
    folds: np.ndarray
    groups: np.ndarray
    tested: tuple[int, ...]

    def part(self, kept: np.ndarray) -> "Labelled":
        """The clips of a mask."""
        return Labelled(
            features=self.features[kept],
            classes=self.classes[kept],
            folds=self.folds[kept],
            groups=self.groups[kept],
            tested=self.tested,
        )

    @property
    def is_tested(self) -> np.ndarray:
        """Which clips are in a fold that is tested."""
        return np.isin(self.folds, self.tested)


def linear(setting: float, num_clips: int) -> Pipeline:
    """Logistic regression on scaled features; `setting` is scikit-learn's C."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=setting, max_iter=2000))


def neighbors(setting: float, num_clips: int) -> Pipeline:
    """A vote of the nearest clips by the cosine of scaled features, nearer ones weigh more."""
    voters = KNeighborsClassifier(min(int(setting), num_clips), metric="cosine", weights="distance")
    return make_pipeline(StandardScaler(), voters)


def cross_validated(
    clips: Labelled, build: Build, settings: Sequence[float]
) -> tuple[np.ndarray, list[float]]:
    """Predict every tested fold by what learned from the others, with a setting chosen in these.

    Returns
    -------
    predictions : (clips,)
        -1 where a clip is in no tested fold.
    chosen : list of float
        The setting of each tested fold.
    """
    predictions, chosen = np.full(len(clips.classes), -1), []
    for fold in clips.tested:
        held_out = clips.folds == fold
        known = clips.part(~held_out)
        chosen.append(best_setting(known, build, settings))
        fitted = build(chosen[-1], len(known.classes)).fit(known.features, known.classes)
        predictions[held_out] = fitted.predict(clips.features[held_out])
    return predictions, chosen


def best_setting(clips: Labelled, build: Build, settings: Sequence[float]) -> float:
    """The setting that names most clips right in a cross-validation; of equals the first.

    Folds stay whole where there are several; within one fold, recordings do.
    """
    several = len(np.unique(clips.folds)) > 1
    units = clips.folds if several else clips.groups
    count = min(INNER_FOLDS, len(np.unique(units)))
    if count < 2:
        return settings[len(settings) // 2]
    splits = list(GroupKFold(count).split(clips.features, groups=units))
    right = [
        sum(_num_right(clips, build, setting, *split) for split in splits) for setting in settings
    ]
    return settings[int(np.argmax(right))]


def _num_right(
    clips: Labelled, build: Build, setting: float, known: np.ndarray, tested: np.ndarray
) -> int:
    if len(np.unique(clips.classes[known])) < 2:
        return 0
    fitted = build(setting, len(known)).fit(clips.features[known], clips.classes[known])
    return int(np.sum(fitted.predict(clips.features[tested]) == clips.classes[tested]))


def few_shot(
    clips: Labelled,
    *,
    shots: Sequence[int] = SHOTS,
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[int, np.ndarray]:
    """Learn from a few clips of each class, drawn several times from the training folds.

    The clips come from different recordings as long as there are some, and those of few shots are
    among those of more. The classifier is `linear` with C = 1: nothing is left to choose by.

    Returns
    -------
    dict, shots -> (draws, tested clips), whether each clip is named right
        Shots are left out of which a class has too few clips.
    """
    least = min(_fewest(clips, fold) for fold in clips.tested)
    right: dict[int, list[np.ndarray]] = {count: [] for count in shots if count <= least}
    for draw in range(draws):
        of_draw = {count: np.zeros(len(clips.classes), dtype=bool) for count in right}
        for fold in clips.tested:
            held_out = clips.folds == fold
            random = np.random.default_rng([seed, draw, fold])
            order = _order_of_shots(clips, np.flatnonzero(~held_out), random)
            for count, named in of_draw.items():
                known = np.concatenate([places[:count] for places in order])
                fitted = linear(1.0, len(known)).fit(clips.features[known], clips.classes[known])
                named[held_out] = (
                    fitted.predict(clips.features[held_out]) == clips.classes[held_out]
                )
        for count, named in of_draw.items():
            right[count].append(named[clips.is_tested])
    return {count: np.stack(rows) for count, rows in right.items()}


def _fewest(clips: Labelled, fold: int) -> int:
    return int(np.unique(clips.classes[clips.folds != fold], return_counts=True)[1].min())


def _order_of_shots(
    clips: Labelled, places: np.ndarray, random: np.random.Generator
) -> list[np.ndarray]:
    """Per class, its clips in a random order in which new recordings come first."""
    places = random.permutation(places)
    ordered = []
    for label in np.unique(clips.classes[places]):
        mine = places[clips.classes[places] == label]
        firsts = np.sort(np.unique(clips.groups[mine], return_index=True)[1])
        others = np.setdiff1d(np.arange(len(mine)), firsts)
        ordered.append(mine[np.concatenate([firsts, others])])
    return ordered
