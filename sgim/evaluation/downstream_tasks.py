"""The tasks of a benchmark for one embedder: numbers with 95 % intervals, as plain values.

benchmark, embedder, features -> `TASKS[name]` -> dict for a JSON file, or why it is left out
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from sgim.embedding.hearing import knows_weathers
from sgim.evaluation import frozen_tasks, prompt_templates
from sgim.evaluation.benchmarks import Benchmark
from sgim.evaluation.embedders import Embedder
from sgim.evaluation.mini_benchmark import mini_pictures
from sgim.evaluation.task_scores import (
    RetrievalScores,
    expected_calibration_error,
    interval_over,
    ranks_of,
    retrieval_scores,
)
from sgim.metrics import confusion_matrix, zero_shot_scores

RECALLS = (1, 5, 10)
TOP = 5


@dataclass(frozen=True, kw_only=True)
class EmbeddedBenchmark:
    """A benchmark, one embedder, and what it made of the clips that can be heard.

    `places`: which clips of the benchmark these are.
    """

    benchmark: Benchmark
    embedder: Embedder
    places: np.ndarray
    features: torch.Tensor
    seed: int

    @property
    def clips(self) -> frozen_tasks.Labelled:
        """The features with their labels, folds and recordings."""
        clips = self.benchmark.clips
        classes, folds, groups = (
            np.asarray(column)[self.places] for column in (clips.classes, clips.folds, clips.groups)
        )
        return frozen_tasks.Labelled(
            features=self.features.numpy(),
            classes=classes,
            folds=folds,
            groups=groups,
            tested=self.benchmark.tested,
        )


def left_out(reason: str) -> dict:
    """What stands in the place of numbers."""
    return {"left_out": reason}


def _named(
    embedded: EmbeddedBenchmark, places: np.ndarray, predictions: np.ndarray, names: Sequence
) -> dict:
    """What predictions come to; `places` are the clips they are of, `names` all that was asked."""
    clips, all_of = embedded.clips, embedded.benchmark.clips
    own = {all_of.names.index(name): index for index, name in enumerate(names)}
    truth = np.array([own[label] for label in clips.classes[places]])
    groups, right = clips.groups[places], predictions == truth
    confusion = confusion_matrix(truth, predictions, len(names))
    return {
        "accuracy": float(right.mean()),
        "interval": interval_over(right, groups, seed=embedded.seed),
        "chance": 1 / len(names),
        "count": len(right),
        "recordings": len(set(groups.tolist())),
        "folds": {
            str(fold): float(right[clips.folds[places] == fold].mean())
            for fold in np.unique(clips.folds[places]).tolist()
        },
        "per_class": dict(zip(names, _recalls(confusion), strict=True)),
        "confusion": confusion.tolist(),
        "right": _signs(len(all_of.classes), embedded.places[places], right),
    }


def _signs(count: int, places: np.ndarray, right: np.ndarray) -> str:
    """One sign per clip: 1 right, 0 wrong, a dot for one that was not asked about."""
    signs = np.full(count, ".")
    signs[places] = np.where(right, "1", "0")
    return "".join(signs)


def _recalls(confusion: np.ndarray) -> list[float | None]:
    counts = confusion.sum(axis=1)
    return [
        float(own / count) if count else None
        for own, count in zip(confusion.diagonal(), counts, strict=True)
    ]


def zero_shot(embedded: EmbeddedBenchmark) -> dict:
    """Every template, their ensemble in detail, and which labels are asked about."""
    bundle, names = embedded.embedder.bundle, embedded.benchmark.clips.names
    if bundle is None:
        return left_out("statistics share no space with words")
    asked = prompt_templates.labels_with_words(bundle, names)
    if len(asked) < 2:
        return left_out("the text tower has words for fewer than two of the labels")
    clips = embedded.clips
    labels = [names.index(name) for name in asked]
    places = np.flatnonzero(np.isin(clips.classes, labels) & clips.is_tested)
    truth = np.array([labels.index(label) for label in clips.classes[places]])
    scores = prompt_templates.template_scores(bundle, embedded.features[places], asked)
    best = {name: table.argmax(dim=1).numpy() for name, table in scores.items()}
    ensemble = scores[prompt_templates.ENSEMBLE]
    probabilities = (prompt_templates.inverse_temperature(bundle) * ensemble).softmax(dim=1)
    told = _named(embedded, places, best[prompt_templates.ENSEMBLE], asked)
    if len(asked) > TOP:
        told["top5"] = float(np.mean(ranks_of(ensemble.numpy(), truth) <= TOP))
    return told | {
        "calibration_error": expected_calibration_error(probabilities.numpy(), truth),
        "confidence": float(probabilities.max(dim=1).values.mean()),
        "templates": {
            name: float(np.mean(best[name] == truth)) for name in prompt_templates.TEMPLATES
        },
        "labels": asked,
        "labels_left_out": [name for name in names if name not in asked],
    }


def probe(embedded: EmbeddedBenchmark) -> dict:
    """Linear probe; its regularization is chosen inside the training folds."""
    return _cross_validated(embedded, frozen_tasks.linear, frozen_tasks.REGULARIZATIONS)


def knn(embedded: EmbeddedBenchmark) -> dict:
    """Nearest neighbours; their number is chosen inside the training folds."""
    return _cross_validated(embedded, frozen_tasks.neighbors, frozen_tasks.NEIGHBORS)


def _cross_validated(embedded: EmbeddedBenchmark, build, settings: Sequence[float]) -> dict:
    predictions, chosen = frozen_tasks.cross_validated(embedded.clips, build, settings)
    places = np.flatnonzero(predictions >= 0)
    told = _named(embedded, places, predictions[places], embedded.benchmark.clips.names)
    return told | {"chosen": chosen, "chosen_from": list(settings)}


def few_shot(embedded: EmbeddedBenchmark) -> dict:
    """Accuracy over the number of clips of each class that one may learn from."""
    clips = embedded.clips
    groups = clips.groups[clips.is_tested]
    curve = frozen_tasks.few_shot(clips, seed=embedded.seed)
    if not curve:
        return left_out("a label has no clip in some training folds")
    return {
        "chance": 1 / len(embedded.benchmark.clips.names),
        "draws": frozen_tasks.DRAWS,
        "curve": {
            str(shots): {
                "accuracy": float(right.mean()),
                "interval": interval_over(right.mean(axis=0), groups, seed=embedded.seed),
                "deviation_of_draws": float(right.mean(axis=1).std()),
            }
            for shots, right in curve.items()
        },
        "shots_left_out": [shots for shots in frozen_tasks.SHOTS if shots not in curve],
    }


def retrieval(embedded: EmbeddedBenchmark) -> dict:
    """Sound, picture and sentence search for each other within the mini world's sets of 40."""
    pairs, bundle = embedded.benchmark.pairs, embedded.embedder.bundle
    if pairs is None:
        return left_out("its clips have neither pictures nor sentences")
    if bundle is None or not knows_weathers(bundle):
        return left_out("it shares no space with the mini world's pictures and sentences")
    sounds = embedded.features
    others = {
        "picture": mini_pictures(pairs, bundle).cpu()[embedded.places],
        "text": bundle.encode_text(pairs.captions).cpu()[embedded.places],
    }
    told = {"candidates": len(pairs.sets) // len(set(pairs.sets))}
    for name, features in others.items():
        for key, query, target in (
            (f"sound → {name}", sounds, features),
            (f"{name} → sound", features, sounds),
        ):
            told[key] = _found(embedded, _search(embedded, query, target))
    return told


def _search(
    embedded: EmbeddedBenchmark, query: torch.Tensor, target: torch.Tensor
) -> RetrievalScores:
    """All sets, each searched in alone; a good find is of the same weather."""
    sets = np.asarray(embedded.benchmark.pairs.sets)[embedded.places]
    ranks, precisions = np.zeros(len(sets)), np.zeros(len(sets))
    for number in np.unique(sets):
        mine = np.flatnonzero(sets == number)
        classes = embedded.clips.classes[mine]
        found = retrieval_scores(
            zero_shot_scores(query[mine], target[mine]).numpy(),
            np.arange(len(mine)),
            classes[:, None] == classes,
        )
        ranks[mine], precisions[mine] = found.ranks, found.precisions
    return RetrievalScores(ranks, precisions)


def _found(embedded: EmbeddedBenchmark, scores: RetrievalScores) -> dict:
    groups, seed = embedded.clips.groups, embedded.seed
    return {
        **{f"R@{k}": scores.recall_at(k) for k in RECALLS},
        "R@1 interval": interval_over(scores.ranks <= 1, groups, seed=seed),
        "median_rank": scores.median_rank,
        "mAP": scores.mean_average_precision,
        "mAP interval": interval_over(scores.precisions, groups, seed=seed),
        "count": len(scores.ranks),
    }


TASKS: dict[str, Callable[[EmbeddedBenchmark], dict]] = {
    "zero-shot": zero_shot,
    "probe": probe,
    "knn": knn,
    "few-shot": few_shot,
    "retrieval": retrieval,
}
"""What can be asked for."""
