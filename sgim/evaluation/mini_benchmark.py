"""The benchmark of the mini world: every weather at every strength, as sound, picture and sentence.

seed -> `MiniPairs`: sets of 8 weathers x 5 strengths -> waveforms, pictures, sentences
"""

import random
from dataclasses import dataclass

import torch

from sgim.checks import require
from sgim.evaluation.scene_recognition import image_features_of
from sgim.world.captions import strength_prompts
from sgim.world.lexicon import STRENGTH_EDGES, STRENGTHS
from sgim.world.names import SOUND_NAMES
from sgim.world.randomize import randomize_sound
from sgim.world.samples import place_weathers
from sgim.world.sounds import synthesize_sound

BENCHMARK_SEED = 90_010
LEAST_HEARD = 0.1
SECONDS = 5.0


@dataclass(frozen=True)
class MiniPairs:
    """What a sound, a picture and a sentence of one row have in common.

    `classes` (index into `names`), `strengths` (index into `STRENGTHS`), `intensities` in
    [0.1, 1], the `seeds` of the sounds, `captions`, and `sets`: within a set each weather is there
    once at each strength, so a row has one true partner among 40.
    """

    names: tuple[str, ...]
    classes: list[int]
    strengths: list[int]
    intensities: list[float]
    seeds: list[int]
    captions: list[str]
    sets: list[int]


def draw_pairs(num_sets: int, seed: int = BENCHMARK_SEED) -> MiniPairs:
    """Draw sets of 40 rows.

    Raises
    ------
    SgimError
        When there is one set alone: each is a fold, and one fold is held out.
    """
    require(num_sets >= 2, f"num_sets is {num_sets}; it must be 2 or more: one is held out.")
    rng = random.Random(seed)
    edges = (LEAST_HEARD, *STRENGTH_EDGES, 1.0)
    rows = []
    for number in range(num_sets):
        for index, name in enumerate(SOUND_NAMES):
            for level, strength in enumerate(STRENGTHS):
                intensity = rng.uniform(*edges[level : level + 2])
                caption = rng.choice(strength_prompts(name, strength))
                rows.append((index, level, intensity, rng.randrange(2**31), caption, number))
    return MiniPairs(SOUND_NAMES, *map(list, zip(*rows, strict=True)))


def mini_sounds(pairs: MiniPairs, *, disturbed: bool = False) -> list[torch.Tensor]:
    """Waveforms of 5 s at 16 kHz; `disturbed` as a bad recording would have them."""
    sounds = []
    for label, intensity, seed in zip(pairs.classes, pairs.intensities, pairs.seeds, strict=True):
        waveform, _ = synthesize_sound(pairs.names[label], intensity, SECONDS, seed)
        sounds.append(randomize_sound(waveform, seed) if disturbed else waveform)
    return sounds


def mini_pictures(pairs: MiniPairs, bundle, seed: int = BENCHMARK_SEED) -> torch.Tensor:
    """Features of a scene per row, with its weather at its intensity: (rows, embed_dim)."""
    z = torch.randn(
        len(pairs.classes), bundle.generator.z_dim, generator=torch.Generator().manual_seed(seed)
    )
    weathers = [
        {pairs.names[label]: intensity}
        for label, intensity in zip(pairs.classes, pairs.intensities, strict=True)
    ]
    ws = place_weathers(bundle.generator, bundle.generator.mapping(z.to(bundle.device)), weathers)
    return image_features_of(bundle, ws)
