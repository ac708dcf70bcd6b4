"""The tasks of an exam, each for one examinee: numbers with 95 % intervals, as plain values.

exam, examinee, features -> `TASKS[name]` -> dict for a JSON file, or why the task is left out
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from sgim.embedding.hearing import knows_weathers
from sgim.evaluation import frozen_tasks, text_exam
from sgim.evaluation.exam_scores import (
    RetrievalScores,
    expected_calibration_error,
    interval_over,
    ranks_of,
    retrieval_scores,
)
from sgim.evaluation.examinees import Examinee
from sgim.evaluation.exams import Exam
from sgim.evaluation.mini_exam import mini_pictures
from sgim.metrics import confusion_matrix, zero_shot_scores

RECALLS = (1, 5, 10)
TOP = 5


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """One examinee with an exam, and what it made of the clips that can be heard.

    `places`: which clips of the exam these are.
    """

    exam: Exam
    examinee: Examinee
    places: np.ndarray
    features: torch.Tensor
    seed: int

    @property
    def clips(self) -> frozen_tasks.Labelled:
        """The features with their labels, folds and recordings."""
        clips = self.exam.clips
        classes, folds, groups = (
            np.asarray(column)[self.places] for column in (clips.classes, clips.folds, clips.groups)
        )
        return frozen_tasks.Labelled(
            features=self.features.numpy(),
            classes=classes,
            folds=folds,
            groups=groups,
            tested=self.exam.tested,
        )


def left_out(reason: str) -> dict:
    """What stands in the place of numbers."""
    return {"left_out": reason}


def _named(sitting: Sitting, places: np.ndarray, predictions: np.ndarray, names: Sequence) -> dict:
    """What predictions come to; `places` are the clips they are of, `names` all that was asked."""
    clips, all_of = sitting.clips, sitting.exam.clips
    own = {all_of.names.index(name): index for index, name in enumerate(names)}
    truth = np.array([own[label] for label in clips.classes[places]])
    groups, right = clips.groups[places], predictions == truth
    confusion = confusion_matrix(truth, predictions, len(names))
    return {
        "accuracy": float(right.mean()),
        "interval": interval_over(right, groups, seed=sitting.seed),
        "chance": 1 / len(names),
        "count": len(right),
        "recordings": len(set(groups.tolist())),
        "folds": {
            str(fold): float(right[clips.folds[places] == fold].mean())
            for fold in np.unique(clips.folds[places]).tolist()
        },
        "per_class": dict(zip(names, _recalls(confusion), strict=True)),
        "confusion": confusion.tolist(),
        "right": _signs(len(all_of.classes), sitting.places[places], right),
    }


def _signs(count: int, places: np.ndarray, right: np.ndarray) -> str:
    """One sign per clip of the exam: 1 right, 0 wrong, a dot for one that was not asked about."""
    signs = np.full(count, ".")
    signs[places] = np.where(right, "1", "0")
    return "".join(signs)


def _recalls(confusion: np.ndarray) -> list[float | None]:
    counts = confusion.sum(axis=1)
    return [
        float(own / count) if count else None
        for own, count in zip(confusion.diagonal(), counts, strict=True)
    ]


def zero_shot(sitting: Sitting) -> dict:
    """Every template, their ensemble in detail, and which labels are asked about."""
    bundle, names = sitting.examinee.bundle, sitting.exam.clips.names
    if bundle is None:
        return left_out("statistics share no space with words")
    asked = text_exam.labels_with_words(bundle, names)
    if len(asked) < 2:
        return left_out("the text tower has words for fewer than two of the labels")
    clips = sitting.clips
    labels = [names.index(name) for name in asked]
    places = np.flatnonzero(np.isin(clips.classes, labels) & clips.is_tested)
    truth = np.array([labels.index(label) for label in clips.classes[places]])
    scores = text_exam.template_scores(bundle, sitting.features[places], asked)
    best = {name: table.argmax(dim=1).numpy() for name, table in scores.items()}
    ensemble = scores[text_exam.ENSEMBLE]
    probabilities = (text_exam.inverse_temperature(bundle) * ensemble).softmax(dim=1)
    told = _named(sitting, places, best[text_exam.ENSEMBLE], asked)
    if len(asked) > TOP:
        told["top5"] = float(np.mean(ranks_of(ensemble.numpy(), truth) <= TOP))
    return told | {
        "calibration_error": expected_calibration_error(probabilities.numpy(), truth),
        "confidence": float(probabilities.max(dim=1).values.mean()),
        "templates": {name: float(np.mean(best[name] == truth)) for name in text_exam.TEMPLATES},
        "labels": asked,
        "labels_left_out": [name for name in names if name not in asked],
    }


def probe(sitting: Sitting) -> dict:
    """Linear probe; its regularization is chosen inside the training folds."""
    return _cross_validated(sitting, frozen_tasks.linear, frozen_tasks.REGULARIZATIONS)


def knn(sitting: Sitting) -> dict:
    """Nearest neighbours; their number is chosen inside the training folds."""
    return _cross_validated(sitting, frozen_tasks.neighbors, frozen_tasks.NEIGHBORS)


def _cross_validated(sitting: Sitting, build, settings: Sequence[float]) -> dict:
    predictions, chosen = frozen_tasks.cross_validated(sitting.clips, build, settings)
    places = np.flatnonzero(predictions >= 0)
    told = _named(sitting, places, predictions[places], sitting.exam.clips.names)
    return told | {"chosen": chosen, "chosen_from": list(settings)}


def few_shot(sitting: Sitting) -> dict:
    """Accuracy over the number of clips of each class that one may learn from."""
    clips = sitting.clips
    groups = clips.groups[clips.is_tested]
    curve = frozen_tasks.few_shot(clips, seed=sitting.seed)
    if not curve:
        return left_out("a label has no clip in some training folds")
    return {
        "chance": 1 / len(sitting.exam.clips.names),
        "draws": frozen_tasks.DRAWS,
        "curve": {
            str(shots): {
                "accuracy": float(right.mean()),
                "interval": interval_over(right.mean(axis=0), groups, seed=sitting.seed),
                "deviation_of_draws": float(right.mean(axis=1).std()),
            }
            for shots, right in curve.items()
        },
        "shots_left_out": [shots for shots in frozen_tasks.SHOTS if shots not in curve],
    }


def retrieval(sitting: Sitting) -> dict:
    """Sound, picture and sentence search for each other within the mini world's sets of 40."""
    pairs, bundle = sitting.exam.pairs, sitting.examinee.bundle
    if pairs is None:
        return left_out("its clips have neither pictures nor sentences")
    if bundle is None or not knows_weathers(bundle):
        return left_out("it shares no space with the mini world's pictures and sentences")
    sounds = sitting.features
    others = {
        "picture": mini_pictures(pairs, bundle).cpu()[sitting.places],
        "text": bundle.encode_text(pairs.captions).cpu()[sitting.places],
    }
    told = {"candidates": len(pairs.sets) // len(set(pairs.sets))}
    for name, features in others.items():
        for key, query, target in (
            (f"sound → {name}", sounds, features),
            (f"{name} → sound", features, sounds),
        ):
            told[key] = _found(sitting, _search(sitting, query, target))
    return told


def _search(sitting: Sitting, query: torch.Tensor, target: torch.Tensor) -> RetrievalScores:
    """All sets, each searched in alone; a good find is of the same weather."""
    sets = np.asarray(sitting.exam.pairs.sets)[sitting.places]
    ranks, precisions = np.zeros(len(sets)), np.zeros(len(sets))
    for number in np.unique(sets):
        mine = np.flatnonzero(sets == number)
        classes = sitting.clips.classes[mine]
        found = retrieval_scores(
            zero_shot_scores(query[mine], target[mine]).numpy(),
            np.arange(len(mine)),
            classes[:, None] == classes,
        )
        ranks[mine], precisions[mine] = found.ranks, found.precisions
    return RetrievalScores(ranks, precisions)


def _found(sitting: Sitting, scores: RetrievalScores) -> dict:
    groups, seed = sitting.clips.groups, sitting.seed
    return {
        **{f"R@{k}": scores.recall_at(k) for k in RECALLS},
        "R@1 interval": interval_over(scores.ranks <= 1, groups, seed=seed),
        "median_rank": scores.median_rank,
        "mAP": scores.mean_average_precision,
        "mAP interval": interval_over(scores.precisions, groups, seed=seed),
        "count": len(scores.ranks),
    }


TASKS: dict[str, Callable[[Sitting], dict]] = {
    "zero-shot": zero_shot,
    "probe": probe,
    "knn": knn,
    "few-shot": few_shot,
    "retrieval": retrieval,
}
"""What can be asked for."""
