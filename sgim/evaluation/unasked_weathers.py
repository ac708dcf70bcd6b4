"""Does a picture lose by what nobody asked for? A guide that does not mind lets it in.

scene with the asked weather + a little of another -> change of the cosine with the target
"""

import torch

from sgim.editing.targets import guidance_target
from sgim.evaluation.edit_scores import SCENE_SEEDS, SOUND_INTENSITY, SOUND_SEEDS
from sgim.seeds import ws_from_seeds
from sgim.world.names import SOUND_NAMES, WEATHER_NAMES
from sgim.world.sounds import synthesize_sound

ASKED, UNASKED = 0.7, 0.2
"""Intensities of the weather that is heard and of the one that is not."""


@torch.no_grad()
def unasked_costs(
    bundle,
    *,
    scene_seeds: tuple[int, ...] = SCENE_SEEDS[:8],
    sound_seeds: tuple[int, ...] = SOUND_SEEDS,
) -> dict[str, dict[str, dict[str, float]]]:
    """Mean change of the cosine by each unasked weather, for each target.

    Returns
    -------
    dict
        "direct" and "image", the targets of `ManipulateConfig` -> sound -> other weather -> change;
        below 0 the guide minds it.
    """
    source_ws = ws_from_seeds(bundle.generator, scene_seeds)

    def seen(**weather: float) -> torch.Tensor:
        return bundle.encode_image(
            bundle.generator.synthesis(bundle.generator.with_weather(source_ws, weather))
        )

    costs = {target: {name: {} for name in SOUND_NAMES} for target in ("direct", "image")}
    for name in SOUND_NAMES:
        sounds = (synthesize_sound(name, SOUND_INTENSITY, 5.0, seed) for seed in sound_seeds)
        heard = torch.cat([bundle.encode_audio(*sound) for sound in sounds])
        alone = seen(**{name: ASKED})
        for other in WEATHER_NAMES:
            if other == name:
                continue
            change = seen(**{name: ASKED, other: UNASKED}) - alone
            for target, of in costs.items():
                wanted = guidance_target(bundle, heard, target)
                of[name][other] = (change @ wanted.T).mean().item()
    return costs


def largest_cost(costs: dict[str, dict[str, float]]) -> tuple[str, str, float]:
    """The sound and the other weather that the guide minds least, and by how much."""
    return max(
        ((name, other, cost) for name, row in costs.items() for other, cost in row.items()),
        key=lambda entry: entry[2],
    )
