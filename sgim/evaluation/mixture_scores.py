"""Edits by two sounds at once: do both weathers come, nothing else, and in the order of weights?

pairs of sounds x weights x scenes -> edits -> how far each weather has risen
"""

import statistics

import torch

from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.targets import mix_targets
from sgim.evaluation.edit_batches import Edited, edit_all
from sgim.evaluation.edit_scores import RIGHT_OTHER, SCENE_SEEDS, SOUND_INTENSITY, SOUND_SEEDS
from sgim.seeds import ws_from_seeds
from sgim.world.names import WEATHER_NAMES
from sgim.world.sounds import synthesize_sound

PAIRS = (("rain", "thunderstorm"), ("wind", "waves"))
WEIGHTS = ((3, 1), (1, 1), (1, 3))
MIXED_SCENES = SCENE_SEEDS[:4]


def edited_mixtures(
    bundle,
    *,
    config: ManipulateConfig | None = None,
    pairs: tuple[tuple[str, str], ...] = PAIRS,
    scene_seeds: tuple[int, ...] = MIXED_SCENES,
    sound_seeds: tuple[int, ...] = SOUND_SEEDS,
    progress: bool = False,
) -> list[dict]:
    """Edit scenes by two sounds with weights 3 : 1, 1 : 1 and 1 : 3.

    Returns
    -------
    list of dict
        Per pair and weights `sounds`, `weights`, `rises` (mean gain of intensity of either),
        `other_rise` (mean of the largest gain of any other), `count`, and `right`: the share of
        edits in which both gain 0.15 or more, no other does, and the heavier one gains more.
    """
    source_ws = ws_from_seeds(bundle.generator, scene_seeds)
    kinds = [(names, weights) for names in pairs for weights in WEIGHTS]
    targets = [
        _mixed(bundle, names, weights, seed) for names, weights in kinds for seed in sound_seeds
    ]
    edits = edit_all(bundle, source_ws, targets, config=config, what="mixtures", progress=progress)
    rows = []
    for place, (names, weights) in enumerate(kinds):
        of_kind = edits[place * len(sound_seeds) : (place + 1) * len(sound_seeds)]
        rises = [rise for edited in of_kind for rise in _rises(bundle.generator, edited, names)]
        firsts, seconds, others = zip(*rises, strict=True)
        rows.append(
            {
                "sounds": names,
                "weights": weights,
                "rises": [statistics.mean(firsts), statistics.mean(seconds)],
                "other_rise": statistics.mean(others),
                "right": statistics.mean(_is_right(*rise, *weights) for rise in rises),
                "count": len(rises),
            }
        )
    return rows


def _mixed(bundle, names: tuple[str, str], weights: tuple[int, int], seed: int) -> torch.Tensor:
    sounds = [synthesize_sound(name, SOUND_INTENSITY, 5.0, seed) for name in names]
    return mix_targets(bundle, sound=list(zip(sounds, weights, strict=True)))


def _rises(generator, edited: Edited, names: tuple[str, str]) -> list[tuple[float, float, float]]:
    """Of each scene the gains of both weathers and the largest of any other."""
    before, after = (generator.scene_parameters(ws) for ws in (edited.source_ws, edited.ws))
    gains = {name: after[name] - before[name] for name in WEATHER_NAMES}
    first, second = (gains.pop(name) for name in names)
    largest = torch.stack(list(gains.values())).amax(dim=0)
    return list(zip(first.tolist(), second.tolist(), largest.tolist(), strict=True))


def _is_right(
    first: float, second: float, other: float, first_weight: float, second_weight: float
) -> bool:
    in_order = (first - second) * (first_weight - second_weight) >= 0
    return min(first, second) >= RIGHT_OTHER > other and in_order
