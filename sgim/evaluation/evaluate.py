"""Measures the numbers of the README: `python -m sgim evaluate`.

shipped bundle, judge, recordings where they are given -> one dict -> JSON and Markdown tables.
"""

import json
import statistics
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from tqdm import tqdm

from sgim.bundle import load_bundle, load_judge
from sgim.checks import atomic_path
from sgim.editing.picture_distances import lpips_distance
from sgim.editing.projection import project
from sgim.embedding.recordings import Recording
from sgim.evaluation.edits import (
    SCENE_SEEDS,
    STRENGTH_LEVELS,
    STRENGTH_NAMES,
    STRENGTH_SOUND_SEEDS,
    compare_settings,
    edited_strength,
    score_edits,
    score_recordings,
    summarize,
)
from sgim.evaluation.recognition import (
    DISTURBANCES,
    RecognitionReport,
    heard_strength,
    none_of_these,
    recording_zero_shot,
    scene_retrieval,
    scene_zero_shot,
    sound_zero_shot,
)
from sgim.models.judge import Judge
from sgim.seeds import ws_from_seeds
from sgim.world.names import SOUND_NAMES

SCENE_COUNT = 880
SOUNDS_PER_CLASS = 50
EDIT_SOUND_SEEDS = (77, 78)
PHOTO_SEEDS = tuple(range(9000, 9016))


def evaluate(
    *,
    recordings: list[Recording] | None = None,
    sound_seeds: tuple[int, ...] = EDIT_SOUND_SEEDS,
    with_lpips: bool = False,
    progress: bool = True,
) -> dict:
    """Run every benchmark of the mini world.

    Parameters
    ----------
    recordings : list of Recording
        Without them the rows on real sound are left out.
    sound_seeds : tuple of int
        Seeds of the sounds that edit; the spread over them is reported.
    with_lpips : bool
        Measure projections by LPIPS too, for which `lpips_distance` says what it needs.

    Raises
    ------
    SgimError
        With `with_lpips`, where it is not at hand.
    """
    distance = lpips_distance() if with_lpips else None
    bundle, judge = load_bundle("mini"), load_judge()
    with tqdm(
        total=6 + bool(recordings) + len(sound_seeds) + len(STRENGTH_NAMES), disable=not progress
    ) as bar:

        def done(result):
            bar.update()
            return result

        results = {
            "scene_zero_shot": done(scene_zero_shot(bundle, count=SCENE_COUNT)),
            "scene_retrieval": done(scene_retrieval(bundle)),
            "sounds": _as_json(done(sound_zero_shot(bundle, per_class=SOUNDS_PER_CLASS))),
            "heard_strength": done(heard_strength(bundle, per_class=SOUNDS_PER_CLASS)),
        }
        if recordings:
            results["recordings"] = done(_measure_recordings(bundle, judge, recordings))
        runs = [done(score_edits(bundle, judge, sound_seed=seed)[0]) for seed in sound_seeds]
        every = [score for run in runs for score in run]
        results["edits"] = {
            "all": summarize(every),
            "spread": _spread([summarize(run) for run in runs]),
            "count": len(every),
            "by_sound": {
                name: summarize([score for score in every if score.name == name])
                for name in SOUND_NAMES
            },
        }
        results["strength"] = {name: done(edited_strength(bundle, name)) for name in STRENGTH_NAMES}
        results["settings"] = done(compare_settings(bundle, judge))
        results["projection"] = done(score_projections(bundle, distance))
    return results


def score_projections(
    bundle,
    distance: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
    *,
    photo_seeds: tuple[int, ...] = PHOTO_SEEDS,
) -> dict:
    """Project renders, one by one.

    Returns
    -------
    dict
        One number per render: `psnr` in dB, `seconds`, and `lpips`, which is what `distance` says
        of two batches of pictures, (batch, 3, height, width) in [-1, 1], where it is given.
    """
    psnr, seconds, lpips = [], [], []
    with torch.no_grad():
        photos = bundle.generator.synthesis(ws_from_seeds(bundle.generator, photo_seeds))
    for photo in photos.split(1):
        result = project(bundle, photo)
        psnr.append(round(result.psnr.item(), 2))
        seconds.append(round(result.seconds, 2))
        if distance is not None:
            lpips.append(round(distance(result.images, photo).item(), 4))
    scores = {"psnr": psnr, "seconds": seconds}
    return scores | {"lpips": lpips} if lpips else scores


def _edits_by_recordings(bundle, judge: Judge, recordings: list[Recording]) -> dict:
    """Mean over the eight sounds of what `summarize` tells of their edits, and how many."""
    scores = score_recordings(bundle, judge, recordings)
    by_sound = [
        summarize([score for score in scores if score.name == name])
        for name in SOUND_NAMES
        if any(score.name == name for score in scores)
    ]
    means = {key: statistics.mean(row[key] for row in by_sound) for key in by_sound[0]}
    return means | {"count": len(scores)}


def _measure_recordings(bundle, judge: Judge, recordings: list[Recording]) -> dict:
    """Both shipped audio encoders on real sound; the one that learned from recordings is asked
    only about held-out ones."""
    held_out = [recording for recording in recordings if recording.held_out]
    synthetic = load_bundle("mini-synthetic", device=bundle.device)
    return {
        "shipped": _as_json(recording_zero_shot(bundle, held_out)),
        "synthetic": _as_json(recording_zero_shot(synthetic, held_out)),
        "synthetic_all": _as_json(recording_zero_shot(synthetic, recordings)),
        "disturbed": {
            name: recording_zero_shot(bundle, held_out, disturbance=name).accuracy
            for name in DISTURBANCES
        },
        "edits": _edits_by_recordings(bundle, judge, held_out),
        "none_of_these": none_of_these(bundle, held_out),
        "none_against_clear": none_of_these(bundle, held_out, against_clear=True),
    }


def save_results(results: dict, path: Path) -> None:
    """Write the measurements as JSON, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(results, indent=2) + "\n")


def _as_json(report: RecognitionReport) -> dict:
    return asdict(report) | {"confusion": report.confusion.tolist()}


def _spread(summaries: list[dict[str, float]]) -> dict[str, float]:
    """Standard deviation of each summary over the runs; 0 for a single run."""
    return {
        key: statistics.stdev([summary[key] for summary in summaries]) if summaries[1:] else 0.0
        for key in summaries[0]
    }


def to_markdown(results: dict) -> str:
    """The README's tables of measurements."""
    edits, spread = results["edits"]["all"], results["edits"]["spread"]
    retrieval, sounds = results["scene_retrieval"], results["sounds"]
    heard_strengths = results["heard_strength"].values()
    lines = [
        "| what | measured | on |",
        "|---|---|---|",
        f"| scenes named right, 11 classes | {results['scene_zero_shot']:.1%} | "
        f"{SCENE_COUNT} held-out renders, intensities 0.25–1 |",
        f"| picture → caption, R@1 of 256 | {retrieval['image_to_text']:.1%} | "
        "no caption is true of another picture |",
        f"| caption → picture, R@1 of 256 | {retrieval['text_to_image']:.1%} | the same |",
        f"| sounds named right, 8 classes | {sounds['accuracy']:.1%} | "
        f"{sounds['count']} held-out synthetic clips |",
        f"| strength heard, lowest–highest of 8 sounds | {min(heard_strengths):.2f}–"
        f"{max(heard_strengths):.2f} | Spearman correlation of the intensity and the place between "
        f"light and heavy words, {SOUNDS_PER_CLASS} held-out synthetic clips each |",
    ]
    if "recordings" in results:
        lines += _recording_lines(results["recordings"])
    runs = f"{results['edits']['count']} edits, 8 sounds × {len(SCENE_SEEDS)} scenes"
    lines += [
        f"| edits that reach their weather¹ | {edits['reached']:.1%} ± {spread['reached']:.1%} | "
        f"{runs} × {results['edits']['count'] // (8 * len(SCENE_SEEDS))} sound seeds |",
        f"| edits that the judge² names right | {edits['judged']:.1%} ± {spread['judged']:.1%} | "
        "the same |",
        f"| drift of horizon and ridges | {edits['drift']:.3f} | mean absolute change; the "
        "parameters run over 0.2 and 1 |",
        f"| seconds per edit, 128 px | {edits['seconds']:.1f} | CPU, 16 scenes at once |",
        *_projection_lines(**results["projection"]),
        "",
        "¹ The true intensity rises by at least 0.3, and more than any other. "
        "² A classifier that takes no part in guidance. ± is the standard deviation over seeds.",
        "",
        "| sound | reached | judged | rise of its weather | largest other rise |",
        "|---|---|---|---|---|",
    ]
    for name, row in results["edits"]["by_sound"].items():
        lines.append(
            f"| {name} | {row['reached']:.0%} | {row['judged']:.0%} | {row['rise']:.2f} | "
            f"{row['other_rise']:.2f} |"
        )
    lines += [
        "",
        f"Strength: Spearman correlation between the level asked for ({len(STRENGTH_LEVELS)} sound "
        "levels, 5 words) and the intensity of the edited scenes; for sounds the mean ± standard "
        f"deviation over {len(STRENGTH_SOUND_SEEDS)} sets of sounds.",
        "",
        "| | " + " | ".join(results["strength"]) + " |",
        "|---|" + "---|" * len(results["strength"]),
    ]
    rows = results["strength"].values()
    heard = [f"{row['sound']:.2f} ± {row['sound_spread']:.2f}" for row in rows]
    lines.append("| sound | " + " | ".join(heard) + " |")
    lines.append("| text | " + " | ".join(f"{row['text']:.2f}" for row in rows) + " |")
    lines += [
        "",
        "| λ_sim | adaptive mask | reached | rise | largest other rise | land drift |",
        "|---|---|---|---|---|---|",
    ]
    for row in results["settings"]:
        lines.append(
            f"| {row['similarity_weight']:g} | {'on' if row['adaptive_mask'] else 'off'} | "
            f"{row['reached']:.0%} | {row['rise']:.2f} | {row['other_rise']:.2f} | "
            f"{row['drift']:.3f} |"
        )
    if "recordings" in results:
        lines += ["", *_confusion_lines(results["recordings"]["shipped"]["confusion"])]
    return "\n".join(lines)


def _projection_lines(
    psnr: list[float], seconds: list[float], lpips: list[float] | None = None
) -> list[str]:
    lines = [
        f"| projections of renders, PSNR | {statistics.mean(psnr):.1f} ± "
        f"{statistics.pstdev(psnr):.1f} dB | {len(psnr)} scenes, the worst {min(psnr):.1f} dB |",
    ]
    if lpips:
        lines.append(
            f"| the same, LPIPS (AlexNet) | {statistics.mean(lpips):.3f} ± "
            f"{statistics.pstdev(lpips):.3f} | 0 is the same; the worst {max(lpips):.3f} |"
        )
    return [
        *lines,
        f"| seconds per projection, 128 px | {statistics.mean(seconds):.0f} | CPU, "
        f"{len(seconds)} one by one, the slowest {max(seconds):.0f} |",
    ]


def _recording_lines(recordings: dict) -> list[str]:
    lines = []
    for key, what in (
        ("shipped", "never trained on"),
        ("synthetic", "the same, heard by the encoder that learned from synthetic sound alone"),
        ("synthetic_all", "all recordings, heard by that encoder"),
    ):
        real = recordings[key]
        lines.append(
            f"| real recordings named right, 8 classes | {real['accuracy']:.1%} | "
            f"{real['count']} excerpts of {real['num_recordings']} recordings, class-balanced "
            f"per recording; {what} |"
        )
    for name, share in recordings["disturbed"].items():
        lines.append(
            f"| real recordings named right: {name} | {share:.1%} | the "
            f"{recordings['shipped']['num_recordings']} never trained on |"
        )
    edits = recordings["edits"]
    lines.append(
        f"| edits by these recordings that reach their weather¹ | {edits['reached']:.1%} | "
        f"{edits['count']} edits by recordings never trained on, class-balanced; the judge names "
        f"{edits['judged']:.1%} right |"
    )
    for name, area in recordings["none_of_these"].items():
        lines.append(
            f"| weather or none of it: {name} | {area:.2f} | area under the ROC curve of the top "
            f'score; {recordings["none_against_clear"][name]:.2f} where "clear" is a label too |'
        )
    return lines


def _confusion_lines(confusion: list[list[int]]) -> list[str]:
    """Counts of excerpts: rows are what a recording is, columns what was heard."""
    lines = ["| is ↓ heard → | " + " | ".join(SOUND_NAMES) + " |"]
    lines.append("|---|" + "---|" * len(SOUND_NAMES))
    for name, row in zip(SOUND_NAMES, confusion, strict=True):
        lines.append(f"| {name} | " + " | ".join(map(str, row)) + " |")
    return lines
