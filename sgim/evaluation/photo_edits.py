"""How well sounds edit photos: weather painted over each, judged as edits of scenes are.

folder of photos x sounds -> one pass of the mapper, or the optimizer, on `PhotoGenerator` -> scores
"""

import dataclasses
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from sgim.checks import require
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.evaluation.edit_batches import Edited
from sgim.evaluation.edit_scores import SOUND_INTENSITY, SOUND_SEED, EditScore, score, summarize
from sgim.evaluation.edit_ways import FROM_THE_SOURCE, ONE_PASS
from sgim.media.photos import as_whole_image
from sgim.metrics import bootstrap_interval
from sgim.models.judge import Judge
from sgim.world.names import SOUND_NAMES
from sgim.world.photo_lands import LARGEST, SHORTEST, PhotoGenerator
from sgim.world.sounds import synthesize_sound

ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
LEAST_PHOTOS = 2
RESOLUTION = 256
WAYS = {"one pass": ONE_PASS, "the optimizer": FROM_THE_SOURCE}


def photos_of(folder: Path) -> dict[str, Path]:
    """Photos of a folder by the names of their files, in order.

    Raises
    ------
    SgimError
        When it is no folder, there are fewer than two, or one cannot be read.
    """
    require(folder.is_dir(), f"{folder} is no folder; name the one that holds the photos.")
    found = {path.name: path for path in sorted(folder.glob("*")) if path.suffix.lower() in ENDINGS}
    require(
        len(found) >= LEAST_PHOTOS,
        f"{folder} holds {len(found)} photos; intervals need {LEAST_PHOTOS} or more: put JPEG, PNG "
        "or WebP files there.",
    )
    for path in found.values():
        as_whole_image(path, SHORTEST)
    return found


def score_photos(
    bundle,
    judge: Judge,
    photos: dict[str, Path],
    *,
    config: ManipulateConfig = ONE_PASS,
    sound_seed: int = SOUND_SEED,
    resolution: int = RESOLUTION,
    progress: bool = False,
) -> dict:
    """Edit every photo by all sounds whose weather has a place in it.

    Returns
    -------
    dict
        `all`, `intervals` (by bootstrap over photos), `count`; `by_sound`: name -> summary and
        `count`; `photos`: name -> its summary and what `_look` tells.
    """
    sounds = {
        name: bundle.encode_audio(*synthesize_sound(name, SOUND_INTENSITY, 5.0, sound_seed))
        for name in SOUND_NAMES
    }
    scores, looks = {}, {}
    for place, (name, path) in enumerate(tqdm(photos.items(), "photos", disable=not progress)):
        started = time.perf_counter()
        generator = PhotoGenerator(path, resolution=resolution)
        seconds = time.perf_counter() - started
        edits = _edits(dataclasses.replace(bundle, generator=generator), sounds, config)
        scores[name] = [
            score(generator, judge, edited, weather, [place], sound_seed)[0]
            for weather, edited in edits.items()
        ]
        looks[name] = _look(generator, path, edits) | {"seconds_before": seconds}
    every = [one for of_photo in scores.values() for one in of_photo]
    return {
        "all": summarize(every),
        "intervals": _intervals(list(scores.values())),
        "count": len(every),
        "by_sound": {
            name: summarize(of_sound) | {"count": len(of_sound)}
            for name in SOUND_NAMES
            if (of_sound := [one for one in every if one.name == name])
        },
        "photos": {
            name: summarize(scores[name]) | looks[name] | {"count": len(scores[name])}
            for name in photos
        },
    }


def _edits(bundle, sounds: dict[str, torch.Tensor], config: ManipulateConfig) -> dict[str, Edited]:
    """The photo under each sound that has a place in it, edited together."""
    names = [name for name in sounds if name in bundle.generator.weather_names]
    source = bundle.generator.w_avg.repeat(len(names), 1, 1)
    result = manipulate(
        bundle,
        source,
        target_features=torch.cat([sounds[name] for name in names]),
        config=config,
    )
    return {
        name: Edited(
            source[:1], result.ws[[row]], result.images[[row]], result.seconds / len(names)
        )
        for row, name in enumerate(names)
    }


@torch.no_grad()
def _look(generator: PhotoGenerator, path: Path, edits: dict[str, Edited]) -> dict:
    """What becomes of the photo.

    `clear_error`: the largest difference between the photo and its full picture without weather,
    in steps of 1/255; `edges`: correlation of the edges of the photo and of the edit by rain;
    `full_seconds`: one picture more in the photo's own size of `megapixels`.
    """
    photo = as_whole_image(path, LARGEST)
    clear = generator.in_full_size(generator.w_avg[None])
    small = generator.synthesis(generator.w_avg[None])
    started = time.perf_counter()
    full = generator.in_full_size(edits["rain"].ws)
    seconds = time.perf_counter() - started
    return {
        "clear_error": (127.5 * (clear - photo)).abs().max().item(),
        "edges": _correlation(_edges(small), _edges(edits["rain"].images)),
        "full_seconds": seconds,
        "megapixels": full.shape[2] * full.shape[3] / 1e6,
        "has_water": generator.has_water,
    }


def _edges(picture: torch.Tensor) -> np.ndarray:
    """Strength of the brightness' slope at every pixel."""
    slopes = np.gradient(picture[0].mean(0).numpy())
    return np.hypot(*slopes)


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def _intervals(scores: Sequence[Sequence[EditScore]]) -> dict[str, tuple[float, float]]:
    """95 % intervals of the mean over photos of their shares."""
    found = {}
    for key, truth in {
        "right": lambda one: one.right,
        "reached": lambda one: one.reached,
        "judged": lambda one: one.judged == one.name,
    }.items():
        shares = [statistics.mean(truth(one) for one in of_photo) for of_photo in scores]
        found[key] = bootstrap_interval([[share] for share in shares], ["photos"] * len(shares))
    return found


def photos_table(results: dict) -> str:
    """One row per sound, a row for all by each way, one per photo, and what becomes of them."""
    quick = results["one pass"]
    lines = [
        "| sound | right | reached | judged | rise | largest other rise | edits |",
        "|---|---|---|---|---|---|---|",
    ]
    rows = quick["by_sound"] | {
        f"all, by {way}": results[way]["all"] | {"count": results[way]["count"]} for way in WAYS
    }
    for name, row in rows.items():
        lines.append(
            f"| {name} | {row['right']:.0%} | {row['reached']:.0%} | {row['judged']:.0%} | "
            f"{row['rise']:.2f} | {row['other_rise']:.2f} | {row['count']} |"
        )
    looks = quick["photos"].values()
    lines += [
        "",
        "| photo | edits | right | judged | right, by the optimizer |",
        "|---|---|---|---|---|",
    ]
    slow = results["the optimizer"]["photos"]
    for name, look in quick["photos"].items():
        lines.append(
            f"| {name} | {look['count']} | {look['right']:.0%} | {look['judged']:.0%} | "
            f"{slow[name]['right']:.0%} |"
        )
    low, high = quick["intervals"]["right"]
    worst = max(look["clear_error"] for look in looks)
    edges = statistics.median(look["edges"] for look in looks)
    largest = max(looks, key=lambda look: look["megapixels"])
    told = (
        f"The rows of single sounds are edits by one pass. Right, 95 % interval by bootstrap over "
        f"the {len(looks)} photos: {low:.0%} to {high:.0%}. Without weather a picture differs from "
        f"its photo by at most {worst:.1f}/255. Under rain the edges correlate with the photo's by "
        f"{edges:.2f} (median). The largest photo, {largest['megapixels']:.1f} megapixels, takes "
        f"{largest['full_seconds']:.1f} s more in its own size."
    )
    return "\n".join([*lines, "", told])
