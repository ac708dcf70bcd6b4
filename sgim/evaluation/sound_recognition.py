"""How well the joint embedding recognizes sounds: held-out synthetic ones and real recordings.

bundle -> zero-shot through text -> plain numbers with their sample sizes.
"""

import random
import statistics
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from sgim.checks import require, require_one_of
from sgim.embedding.certainty import probabilities
from sgim.embedding.recordings import NEVER_TRAINED, Recording
from sgim.embedding.zero_shot import label_features, strength_direction
from sgim.evaluation.disturbances import DISTURBANCE_SEED, DISTURBANCES, SAMPLE_RATE
from sgim.media.sound_files import read_sound
from sgim.metrics import (
    bootstrap_interval,
    confusion_matrix,
    spearman,
    zero_shot_scores,
)
from sgim.world.names import CLEAR, HEARD_NAMES, SOUND_NAMES
from sgim.world.sounds import synthesize_sound

SOUND_SEED = 90_003
STRENGTH_SEED = 90_004


@dataclass(frozen=True)
class RecognitionReport:
    """Predictions of one set.

    `accuracy` is class-balanced per recording, in [0, 1], and `interval` its 95 % interval by
    bootstrap over the recordings of each class; `named` tells of each recording, as (class,
    recording), which share of its excerpts is named right.
    """

    accuracy: float
    interval: tuple[float, float]
    recalls: dict[str, float]
    confusion: np.ndarray
    count: int
    num_recordings: int
    named: dict[tuple[str, str], float]


def synthetic_sounds(
    per_class: int, seed: int
) -> tuple[list[torch.Tensor], list[int], list[float]]:
    """Held-out clips of five seconds: waveforms, classes, intensities from 0.1 to 1."""
    rng = random.Random(seed)
    waveforms, classes, intensities = [], [], []
    for index in range(per_class * len(SOUND_NAMES)):
        classes.append(index % len(SOUND_NAMES))
        intensities.append(rng.uniform(0.1, 1))
        name = SOUND_NAMES[classes[-1]]
        waveforms.append(synthesize_sound(name, intensities[-1], 5.0, rng.randrange(2**31))[0])
    return waveforms, classes, intensities


def report(predictions: list[int], classes: list[int], groups: list[str]) -> RecognitionReport:
    """Class-balanced scores with recordings counting equally within a class."""
    excerpts: dict[tuple[str, str], list[bool]] = {}
    for label, prediction, group in zip(classes, predictions, groups, strict=True):
        excerpts.setdefault((SOUND_NAMES[label], group), []).append(label == prediction)
    named = {recording: statistics.mean(right) for recording, right in excerpts.items()}
    recalls = {
        name: statistics.mean(share for (own, _), share in named.items() if own == name)
        for name in SOUND_NAMES
        if any(own == name for own, _ in named)
    }
    return RecognitionReport(
        accuracy=statistics.mean(recalls.values()),
        interval=balanced_interval(named),
        recalls=recalls,
        confusion=confusion_matrix(classes, predictions, len(SOUND_NAMES)),
        count=len(classes),
        num_recordings=len(named),
        named=named,
    )


def balanced_interval(named: dict[tuple[str, str], float]) -> tuple[float, float]:
    """95 % interval of the class-balanced mean; recordings are drawn within their class."""
    classes = [name for name, _ in named]
    sizes = Counter(classes)
    balance = [len(named) / (len(sizes) * sizes[name]) for name in classes]
    shares = [[share * weight] for share, weight in zip(named.values(), balance, strict=True)]
    return bootstrap_interval(shares, classes)


def difference(first: RecognitionReport, second: RecognitionReport) -> dict[str, float | tuple]:
    """How much more of the same recordings the first names right than the second.

    Returns
    -------
    dict
        `accuracy`: the difference of both accuracies; `interval`: its 95 % interval, by bootstrap
        over the differences of single recordings within each class.

    Raises
    ------
    SgimError
        When the reports are not on the same recordings.
    """
    require(
        set(first.named) == set(second.named),
        f"the reports are on {first.num_recordings} and {second.num_recordings} recordings that "
        "are not the same; measure both on the same.",
    )
    named = {key: share - second.named[key] for key, share in first.named.items()}
    return {"accuracy": first.accuracy - second.accuracy, "interval": balanced_interval(named)}


def sound_zero_shot(bundle, *, per_class: int = 40, seed: int = SOUND_SEED) -> RecognitionReport:
    """Zero-shot through text on held-out synthetic sounds."""
    waveforms, classes, _ = synthetic_sounds(per_class, seed)
    features = bundle.encode_audio(waveforms, SAMPLE_RATE)
    scores = zero_shot_scores(features, label_features(bundle.encode_text, SOUND_NAMES))
    groups = [str(index) for index in range(len(classes))]
    return report(scores.argmax(dim=1).tolist(), classes, groups)


def heard_strength(bundle, *, per_class: int = 40, seed: int = STRENGTH_SEED) -> dict[str, float]:
    """Spearman of true intensity and the position along the light-to-heavy text direction."""
    waveforms, classes, intensities = synthetic_sounds(per_class, seed)
    features = bundle.encode_audio(waveforms, SAMPLE_RATE)
    correlations = {}
    for index, name in enumerate(SOUND_NAMES):
        mine = [i for i, label in enumerate(classes) if label == index]
        positions = features[mine] @ strength_direction(bundle.encode_text, name)
        correlations[name] = spearman([intensities[i] for i in mine], positions.tolist())
    return correlations


def recording_zero_shot(
    bundle,
    recordings: list[Recording],
    *,
    disturbance: str | None = None,
    seed: int = DISTURBANCE_SEED,
) -> RecognitionReport:
    """Zero-shot through text on recordings of the eight sounds; others are passed over.

    `disturbance` is one of `DISTURBANCES`, drawn anew for each excerpt from `seed`.

    Raises
    ------
    SgimError
        When the disturbance is unknown.
    """
    nature = [recording for recording in recordings if recording.name in SOUND_NAMES]
    waveforms = [read_sound(recording.path) for recording in nature]
    if disturbance is not None:
        require_one_of("disturbance", disturbance, tuple(DISTURBANCES))
        disturb, rng = DISTURBANCES[disturbance], np.random.default_rng(seed)
        waveforms = [
            disturb(waveform, recording.name, rng)
            for waveform, recording in zip(waveforms, nature, strict=True)
        ]
    scores = zero_shot_scores(
        bundle.encode_audio(waveforms, SAMPLE_RATE),
        label_features(bundle.encode_text, SOUND_NAMES),
    )
    classes = [SOUND_NAMES.index(recording.name) for recording in nature]
    groups = [recording.group for recording in nature]
    return report(scores.argmax(dim=1).tolist(), classes, groups)


def none_of_these(
    bundle, recordings: list[Recording], *, by_top_score: bool = False
) -> dict[str, float]:
    """How well the probability of any weather tells weather from what is none of it.

    With `by_top_score` it is the highest cosine with the eight sounds that has to tell.

    Returns
    -------
    dict
        Area under the ROC curve (0.5 is chance) by set of strangers: "trained kinds" such as a
        dog or a clock, heard in other recordings, "new kinds" such as a siren or a chainsaw, and
        "all"; sets that the recordings lack are left out.
    """
    features = bundle.encode_audio([recording.path for recording in recordings])
    scores = zero_shot_scores(features, label_features(bundle.encode_text, HEARD_NAMES))
    if by_top_score:
        sureness = scores[:, : len(SOUND_NAMES)].amax(dim=1)
    else:
        found = probabilities(scores, bundle.audio_encoder.config.certainty)
        sureness = 1 - found[:, HEARD_NAMES.index(CLEAR)]
    sets = {
        "trained kinds": lambda recording: recording.kind not in NEVER_TRAINED,
        "new kinds": lambda recording: recording.kind in NEVER_TRAINED,
        "all": lambda recording: True,
    }
    areas = {}
    for name, belongs in sets.items():
        chosen = [
            (recording.name in SOUND_NAMES, score)
            for recording, score in zip(recordings, sureness.tolist(), strict=True)
            if recording.name in SOUND_NAMES or belongs(recording)
        ]
        if len({is_weather for is_weather, _ in chosen}) == 2:
            areas[name] = float(roc_auc_score(*zip(*chosen, strict=True)))
    return areas
