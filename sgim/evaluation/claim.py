"""Edits at every level asked for, by sounds and by words: `sgim evaluate --claim`.

sequences x levels -> targets of each side -> edits -> levels reached -> scores and a verdict
"""

import dataclasses
import random
from collections.abc import Sequence as Items
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.targets import guidance_target
from sgim.evaluation import claim_design as design
from sgim.evaluation.claim_extras import compositions, example, mixtures, scores_of_extras
from sgim.evaluation.claim_scores import bits, differences, side_scores, thinned, verdict
from sgim.evaluation.claim_words import chosen_words
from sgim.evaluation.edit_batches import edit_each, smaller_pictures
from sgim.evaluation.edit_scores import STRENGTH_LEVELS
from sgim.evaluation.kept_parts import KeptParts, weights_kept
from sgim.seeds import ws_from_seeds
from sgim.world.captions import describe
from sgim.world.names import SOUND_NAMES
from sgim.world.sounds import synthesize_sound

SEEDS = {
    "scenes": [sequence.scene for sequence in design.sequences()],
    "first sound": design.FIRST_SOUND,
    "scenes the words were chosen on": design.VALIDATION_SCENES,
    "scenes of the example, mixtures and compositions": design.EXAMPLE_SCENES,
}


@dataclasses.dataclass(frozen=True)
class _Test:
    """What every part of the test needs."""

    bundle: object
    levels: tuple[float, ...]
    config: ManipulateConfig
    parts: KeptParts


def measure_claim(
    bundle,
    folder: str | Path = "build/claim",
    *,
    names: tuple[str, ...] = SOUND_NAMES,
    per_weather: int = design.PER_WEATHER,
    levels: tuple[float, ...] = STRENGTH_LEVELS,
    extra_scenes: tuple[int, ...] = design.EXAMPLE_SCENES,
    config: ManipulateConfig | None = None,
    progress: bool = False,
) -> dict:
    """Carry out the plan of docs/claim.md; a call that was stopped goes on in the same folder.

    Returns
    -------
    dict
        `levels`; `words`: weather -> the phrase chosen for each level; `sequences`: name and scene
        of each; `sides`: side -> levels reached, (sequences, levels); `extras`: every edit of the
        mixtures, the example and the compositions; `scores`: what `docs/claim.md` tells of these.
    """
    config = config or ManipulateConfig()
    planned = design.sequences(names, per_weather)
    settings = {
        "weights": weights_kept(),
        "config": repr(config),
        "pixels": design.PIXELS,
        "levels": levels,
        "per_weather": per_weather,
        "extra_scenes": extra_scenes,
    }
    parts = KeptParts(folder, settings)
    test = _Test(smaller_pictures(bundle, design.PIXELS), levels, config, parts)
    sides = {side: [] for side in design.SIDES}
    words = {}
    for name in tqdm(names, "weathers", disable=not progress):
        mine = [sequence for sequence in planned if sequence.name == name]
        words[name] = parts.get(f"words {name}", lambda name=name: _words(test, name))
        for side, reached in _sides(test, name, mine, words[name]).items():
            sides[side] += reached
    extras = {
        "mixtures": parts.get("mixtures", lambda: mixtures(test, words, extra_scenes)),
        "example": parts.get("example", lambda: example(test, extra_scenes)),
        "compositions": parts.get("compositions", lambda: compositions(test, extra_scenes)),
    }
    return {
        "levels": list(levels),
        "words": words,
        "sequences": [{"name": one.name, "scene": one.scene} for one in planned],
        "sides": sides,
        "extras": extras,
        "scores": claim_scores(sides, [one.name for one in planned], levels)
        | scores_of_extras(extras),
    }


def claim_scores(sides: dict[str, list], groups: list[str], levels: Items[float]) -> dict:
    """Each side, sound less each other side, what thinned-out words carry, and the verdict."""
    reached = {side: np.array(rows) for side, rows in sides.items()}
    less = {
        side: differences(reached["sound"], table, groups, levels)
        for side, table in reached.items()
        if side not in ("sound", *design.REFERENCES)
    }
    said, count = reached["chosen words"], len(levels)
    return {
        "sides": {
            side: side_scores(table, np.repeat(groups, len(table) // len(groups)), levels)
            for side, table in reached.items()
        },
        "sound_less": less,
        "verdict": verdict(less["chosen words"]["bits"]["interval"]),
        "grades": {
            str(grades): bits(said[:, thinned(count, grades)], groups)
            for grades in range(1, count + 1)
        },
    }


def _words(test: _Test, name: str) -> list[str]:
    scenes = ws_from_seeds(test.bundle.generator, design.VALIDATION_SCENES)
    return chosen_words(test.bundle, name, scenes, test.levels)


def _sides(
    test: _Test, name: str, planned: list[design.Sequence], words: list[str]
) -> dict[str, list[list[float]]]:
    """Levels reached for one weather, by side, (sequences, levels) each."""
    source_ws = ws_from_seeds(test.bundle.generator, [one.scene for one in planned])

    def followed(side: str, ws: torch.Tensor, targets: torch.Tensor) -> list[list[float]]:
        return test.parts.get(f"{side} {name}", lambda: _reached(test, name, ws, targets))

    sounds = torch.stack([_sounds(test, one) for one in planned])
    said = test.bundle.encode_text(words)
    by_words = followed("chosen words", source_ws, said.expand(len(planned), -1, -1))
    captions = torch.stack([_captions(test, one) for one in planned])
    directions = torch.cat([_random(one, sounds[0]) for one in planned])
    repeated = source_ws.repeat_interleave(design.RANDOM_TRIES, dim=0)
    side = f"{design.RANDOM_TRIES} random directions"
    before = test.bundle.generator.scene_parameters(source_ws)[name]
    return {
        "sound": followed("sound", source_ws, sounds),
        "chosen words": by_words,
        "words of the heard level": [
            [row[place] for place in heard]
            for row, heard in zip(by_words, _heard(test, sounds, said), strict=True)
        ],
        "ordinary words": followed("ordinary words", source_ws, captions),
        "random direction": followed(side, repeated, directions),
        "no edit": before[:, None].expand(-1, len(test.levels)).tolist(),
    }


def _reached(
    test: _Test, name: str, source_ws: torch.Tensor, targets: torch.Tensor
) -> list[list[float]]:
    """Every scene (sequences, ...) edited toward its targets (sequences, levels, embed_dim)."""
    count = targets.shape[1]
    ws = edit_each(
        test.bundle,
        source_ws.repeat_interleave(count, dim=0),
        targets.flatten(0, 1),
        config=test.config,
    )
    return test.bundle.generator.scene_parameters(ws)[name].view(-1, count).tolist()


def _sounds(test: _Test, planned: design.Sequence) -> torch.Tensor:
    """Embeddings (levels, embed_dim) of a sequence's sounds."""
    heard = [
        test.bundle.encode_audio(*synthesize_sound(planned.name, level, 5.0, seed))
        for level, seed in zip(test.levels, planned.sounds[: len(test.levels)], strict=True)
    ]
    return torch.cat(heard)


def _captions(test: _Test, planned: design.Sequence) -> torch.Tensor:
    drawn = random.Random(planned.scene)
    return test.bundle.encode_text([describe(planned.name, at, drawn) for at in test.levels])


def _heard(test: _Test, sounds: torch.Tensor, said: torch.Tensor) -> list[list[int]]:
    """Which of the words each sound (sequences, levels, embed_dim) is nearest to."""
    heard, words = (
        guidance_target(test.bundle, features, test.config.target)
        for features in (sounds.flatten(0, 1), said)
    )
    return (heard @ words.T).argmax(dim=1).view(sounds.shape[:2]).tolist()


def _random(planned: design.Sequence, like: torch.Tensor) -> torch.Tensor:
    """Directions (tries, levels, embed_dim) of no meaning."""
    generator = torch.Generator().manual_seed(planned.scene)
    drawn = torch.randn(design.RANDOM_TRIES, *like.shape, generator=generator)
    return torch.nn.functional.normalize(drawn.to(like), dim=-1)
