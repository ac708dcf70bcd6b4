"""Measures the numbers of the mini world: `python -m sgim evaluate`.

shipped bundle, judge, recordings where they are given -> one dict of plain numbers
"""

import json
import statistics
from dataclasses import asdict

from tqdm import tqdm

from sgim.bundle import WEIGHTS_FOLDER, load_bundle, load_judge
from sgim.checks import require
from sgim.editing.picture_distances import lpips_distance
from sgim.embedding.audio_training import embed_recordings, scores_of_heard
from sgim.embedding.recordings import Recording, those_heard
from sgim.embedding.zero_shot import label_features
from sgim.evaluation.disturbances import DISTURBANCE_SEED, DISTURBANCES
from sgim.evaluation.edit_scores import (
    SCENE_SEEDS,
    SOUND_SEEDS,
    STRENGTH_SOUND_SEEDS,
    EditScore,
    compare_settings,
    edited_strength,
    intervals,
    score_edits,
    score_recordings,
    summarize,
)
from sgim.evaluation.mixture_scores import MIXED_SCENES, edited_mixtures
from sgim.evaluation.projection_scores import PHOTO_SEEDS, score_projections
from sgim.evaluation.scene_recognition import (
    RETRIEVAL_SEED,
    SCENE_SEED,
    scene_retrieval,
    scene_zero_shot,
)
from sgim.evaluation.sound_recognition import (
    SOUND_SEED,
    STRENGTH_SEED,
    RecognitionReport,
    balanced_interval,
    difference,
    heard_strength,
    none_of_these,
    recording_zero_shot,
    sound_zero_shot,
)
from sgim.evaluation.unasked_weathers import unasked_costs
from sgim.models.judge import Judge
from sgim.world.names import HEARD_NAMES, SOUND_NAMES

SCENE_COUNT = 880
SOUNDS_PER_CLASS = 50
SEEDS = {
    "scenes named": SCENE_SEED,
    "retrieval": RETRIEVAL_SEED,
    "sounds named": SOUND_SEED,
    "strength heard": STRENGTH_SEED,
    "disturbances": DISTURBANCE_SEED,
    "edited scenes": SCENE_SEEDS,
    "sounds that edit": SOUND_SEEDS,
    "sounds of the strength": STRENGTH_SOUND_SEEDS,
    "scenes of mixtures": MIXED_SCENES,
    "projected scenes": PHOTO_SEEDS,
}
"""What `evaluate` draws from."""


def evaluate(
    *,
    recordings: list[Recording] | None = None,
    with_lpips: bool = False,
    progress: bool = True,
) -> dict:
    """Run every benchmark of the mini world.

    Parameters
    ----------
    recordings : list of Recording
        Without them the rows on real sound are left out; those that cannot be heard are passed
        over.
    with_lpips : bool
        Measure projections by LPIPS too, for which `lpips_distance` says what it needs.
    progress : bool
        Show what is being measured.

    Raises
    ------
    SgimError
        With `with_lpips`, where it is not at hand; when of the recordings none can be measured.

    Warns
    -----
    UserWarning
        When a recording cannot be heard.
    """
    recordings = _measurable(recordings) if recordings else []
    distance = lpips_distance() if with_lpips else None
    bundle, judge = load_bundle("mini"), load_judge()
    works = {
        "scene_zero_shot": lambda: scene_zero_shot(bundle, count=SCENE_COUNT),
        "scene_retrieval": lambda: scene_retrieval(bundle),
        "sounds": lambda: _as_json(sound_zero_shot(bundle, per_class=SOUNDS_PER_CLASS)),
        "heard_strength": lambda: heard_strength(bundle, per_class=SOUNDS_PER_CLASS),
        "recordings": lambda: _measure_recordings(bundle, judge, recordings, progress),
        "edits": lambda: _measure_edits(bundle, judge, progress),
        "strength": lambda: {
            name: edited_strength(bundle, name, progress=progress) for name in SOUND_NAMES
        },
        "mixtures": lambda: edited_mixtures(bundle, progress=progress),
        "unasked": lambda: unasked_costs(bundle),
        "settings": lambda: compare_settings(bundle, judge, progress=progress),
        "projection": lambda: score_projections(bundle, distance, progress=progress),
    }
    if not recordings:
        works.pop("recordings")
    results = {}
    with tqdm(works.items(), disable=not progress) as bar:
        for name, work in bar:
            bar.set_description(name.replace("_", " "))
            results[name] = work()
    return results


def _measurable(recordings: list[Recording]) -> list[Recording]:
    """The recordings that can be heard, among which must be one to measure edits with."""
    heard = those_heard(recordings)
    require(
        any(recording.held_out and recording.name in SOUND_NAMES for recording in heard),
        "none of the recordings is of the eight sounds and held out; give some of them another "
        'use than "train" in the manifest.',
    )
    return heard


def _measure_edits(bundle, judge: Judge, progress: bool) -> dict:
    """Edits by the eight sounds, once per seed of the sounds."""
    runs = [
        score_edits(bundle, judge, sound_seed=seed, progress=progress)[0] for seed in SOUND_SEEDS
    ]
    every = [score for run in runs for score in run]
    return {
        "all": summarize(every),
        "intervals": intervals(every),
        "count": len(every),
        "by_sound": {
            name: summarize([score for score in every if score.name == name])
            for name in SOUND_NAMES
        },
    }


def balanced_edits(scores: list[EditScore]) -> dict:
    """Of edits by recordings the mean over the sounds of what `summarize` tells, how many, and the
    interval of the share that is right, over recordings."""
    by_sound = [
        summarize([score for score in scores if score.name == name])
        for name in SOUND_NAMES
        if any(score.name == name for score in scores)
    ]
    means = {key: statistics.mean(row[key] for row in by_sound) for key in by_sound[0]}
    shares: dict[tuple[str, str], list[bool]] = {}
    for score in scores:
        shares.setdefault((score.name, score.sound), []).append(score.right)
    right = {recording: statistics.mean(found) for recording, found in shares.items()}
    return means | {"count": len(scores), "interval": balanced_interval(right)}


def _measure_recordings(bundle, judge: Judge, recordings: list[Recording], progress: bool) -> dict:
    """Both shipped audio encoders on real sound; the one that learned from recordings is asked
    only about held-out ones."""
    held_out = [recording for recording in recordings if recording.held_out]
    synthetic = load_bundle("mini-synthetic", device=bundle.device)
    shipped = recording_zero_shot(bundle, held_out)
    unschooled = recording_zero_shot(synthetic, held_out)
    return {
        "shipped": _as_json(shipped),
        "synthetic": _as_json(unschooled),
        "schooling": difference(shipped, unschooled),
        "synthetic_all": _as_json(recording_zero_shot(synthetic, recordings)),
        "disturbed": {
            name: recording_zero_shot(bundle, held_out, disturbance=name).accuracy
            for name in DISTURBANCES
        },
        "edits": balanced_edits(score_recordings(bundle, judge, held_out, progress=progress)),
        "certainty": _certainty(bundle, held_out),
        "left_out": _card("mini_audio")["left_out"],
        "none_of_these": none_of_these(bundle, held_out),
        "none_by_top_score": none_of_these(bundle, held_out, by_top_score=True),
    }


def _card(name: str) -> dict:
    return json.loads((WEIGHTS_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _certainty(bundle, held_out: list[Recording]) -> dict:
    names = label_features(bundle.encode_text, HEARD_NAMES)
    cosines = embed_recordings(bundle.audio_encoder, held_out) @ names.T
    return scores_of_heard(cosines, held_out, bundle.audio_encoder.config.certainty)


def _as_json(report: RecognitionReport) -> dict:
    kept = asdict(report) | {"confusion": report.confusion.tolist()}
    kept.pop("named")
    return kept
