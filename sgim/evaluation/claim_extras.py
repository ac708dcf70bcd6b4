"""What else the test of the claim looks at: mixtures, the paper's own example, compositions.

two weathers asked for at once -> edits by sounds and by words -> what of both is reached
"""

import statistics
from collections.abc import Mapping

import torch

from sgim.editing.targets import mix_targets
from sgim.evaluation import claim_design as design
from sgim.evaluation.edit_batches import edit_each
from sgim.metrics import spearman, wilson_interval
from sgim.seeds import ws_from_seeds
from sgim.world.names import WEATHER_NAMES
from sgim.world.sounds import mix_sounds, synthesize_sound

BY = ("sound", "words")


def mixtures(test, words: Mapping[str, list[str]], scenes: tuple[int, ...]) -> list[dict]:
    """Two sounds played together, as loud as each other, each of the level of its share; or their
    words, joined by "and". One row per edit: `by`, `pair`, `scene`, `share`, `levels`."""
    asked = [
        (pair, share)
        for pair in design.MIXED_PAIRS
        if set(pair) <= set(words)
        for share in design.RATIOS
    ]

    def say(pair: tuple[str, str], share: float) -> torch.Tensor:
        said = [
            words[name][_nearest(test.levels, level)]
            for name, level in zip(pair, (share, 1 - share), strict=True)
        ]
        return test.bundle.encode_text([" and ".join(said)])

    chosen, rows = scenes[: design.MIXED_SCENES], []
    for by in BY:
        for pair, share in asked:
            targets = [
                say(pair, share)
                if by == "words"
                else _played(test, dict(zip(pair, (share, 1 - share), strict=True)), scene)
                for scene in chosen
            ]
            for scene, levels in zip(chosen, _followed(test, chosen, targets), strict=True):
                rows.append(
                    {"by": by, "pair": pair, "scene": scene, "share": share, "levels": levels}
                )
    return rows


def example(test, scenes: tuple[int, ...]) -> list[dict]:
    """ "heavy rain" and "rain with thunder"; one row per edit: `by`, `asked`, `scene`, `levels`."""
    rows = []
    for asked, sounding in design.EXAMPLE.items():
        said = test.bundle.encode_text([asked])
        for by in BY:
            targets = [
                said if by == "words" else _played(test, sounding, scene) for scene in scenes
            ]
            for scene, levels in zip(scenes, _followed(test, scenes, targets), strict=True):
                rows.append({"by": by, "asked": asked, "scene": scene, "levels": levels})
    return rows


def compositions(test, scenes: tuple[int, ...]) -> list[dict]:
    """A sound and words that add to it; one row per edit: `sound`, `words`, `scene`, `levels`."""
    chosen, rows = scenes[: design.COMPOSED_SCENES], []
    for name, words in design.COMPOSITIONS:
        targets = [
            mix_targets(
                test.bundle, sound=synthesize_sound(name, 0.8, 5.0, design.FIRST_SOUND + scene),
                text=words,
            )
            for scene in chosen
        ]  # fmt: skip
        for scene, levels in zip(chosen, _followed(test, chosen, targets), strict=True):
            rows.append({"sound": name, "words": words, "scene": scene, "levels": levels})
    return rows


def scores_of_extras(extras: Mapping[str, list[dict]]) -> dict[str, dict]:
    """Of each kind what the plan calls right, as shares with Wilson's intervals, and how well the
    share reached follows the share asked for."""
    rows = extras["example"]
    example_scores = {
        by: {
            asked: _share([_is_right(row) for row in rows if (row["by"], row["asked"]) == key])
            for asked in design.EXAMPLE
            for key in [(by, asked)]
        }
        for by in BY
    }
    return {
        "mixtures": {by: _mixture_scores(extras["mixtures"], by) for by in BY},
        "example": example_scores,
        "compositions": _share(
            [
                _only(row["levels"], (row["sound"], design.COMPOSED_WITH[row["words"]]))
                for row in extras["compositions"]
            ]
        ),
    }


def _mixture_scores(rows: list[dict], by: str) -> dict:
    """Per pair: rank correlation of the shares, mean over scenes, and their mean difference."""
    scores = {}
    for pair in sorted({tuple(row["pair"]) for row in rows}):
        mine = [row for row in rows if row["by"] == by and tuple(row["pair"]) == pair]
        ranks = []
        for scene in sorted({row["scene"] for row in mine}):
            of_scene = [row for row in mine if row["scene"] == scene]
            asked = [row["share"] for row in of_scene]
            ranks.append(spearman(asked, [_share_reached(row) for row in of_scene]))
        scores[" + ".join(pair)] = {
            "spearman": statistics.mean(ranks),
            "error": statistics.mean(abs(_share_reached(row) - row["share"]) for row in mine),
            "both": _share([_only(row["levels"], pair) for row in mine]),
        }
    return scores


def _share_reached(row: dict) -> float:
    first, second = (row["levels"][name] for name in row["pair"])
    return first / max(first + second, 1e-6)


def _is_right(row: dict) -> bool:
    rain, thunder = (row["levels"][name] for name in ("rain", "thunderstorm"))
    if row["asked"] == "heavy rain":
        return rain >= design.HEAVY and thunder < design.PRESENT
    return min(rain, thunder) >= design.PRESENT


def _only(levels: Mapping[str, float], asked: tuple[str, str]) -> bool:
    """Whether both weathers are there and no other is."""
    there = {name for name, level in levels.items() if level >= design.PRESENT}
    return there == set(asked)


def _share(right: list[bool]) -> dict[str, object]:
    if not right:
        return {"right": None, "interval": None, "count": 0}
    interval = wilson_interval(sum(right), len(right))
    return {"right": statistics.mean(right), "interval": interval, "count": len(right)}


def _nearest(levels: tuple[float, ...], level: float) -> int:
    return min(range(len(levels)), key=lambda place: abs(levels[place] - level))


def _played(test, sounding: Mapping[str, float], scene: int) -> torch.Tensor:
    """Embedding of sounds of these levels, equally loud; each scene hears sounds of its own."""
    seed = design.FIRST_SOUND + scene
    played = [synthesize_sound(name, level, 5.0, seed) for name, level in sounding.items()]
    mixed = mix_sounds([waveform for waveform, _ in played], [1.0] * len(played))
    return test.bundle.encode_audio(mixed, played[0][1])


def _followed(test, scenes: tuple[int, ...], targets: list[torch.Tensor]) -> list[dict]:
    """Levels of all weathers of the scenes, each edited toward its target."""
    source_ws = ws_from_seeds(test.bundle.generator, scenes)
    ws = edit_each(test.bundle, source_ws, torch.cat(targets), config=test.config)
    after = test.bundle.generator.scene_parameters(ws)
    return [{name: after[name][place].item() for name in WEATHER_NAMES} for place in range(len(ws))]
