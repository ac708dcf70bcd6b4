"""Samples of the mini world: a scene, its sound and its caption.

seed -> weather and intensity -> latent, caption (and sound), which share exactly these two things
and nothing else, unless a bias is planted on purpose.
"""

import random
from dataclasses import dataclass

import torch

from sgim.checks import require, require_in_range
from sgim.world.captions import describe, describe_mix
from sgim.world.names import SOUND_NAMES, WEATHER_NAMES
from sgim.world.scenes import SceneGenerator

CLEAR_SHARE = 0.08
MIN_INTENSITY = 0.1
FAMILY_SIZE = 8
FAINTEST = 0.02


@dataclass(frozen=True)
class SceneSamples:
    """Latents (count, num_ws, w_dim) and of each its weathers, name -> intensity, its other
    scene parameters, and one caption."""

    ws: torch.Tensor
    weathers: list[dict[str, float]]
    landscapes: list[dict[str, float]]
    captions: list[str]


@dataclass(frozen=True)
class SoundLabels:
    """What sounds play: names and intensities in [0, 1], and the seed of each recording."""

    names: list[str]
    intensities: list[float]
    seeds: list[int]


def draw_weather(
    rng: random.Random, pair_share: float, names: tuple[str, ...] = WEATHER_NAMES
) -> dict[str, float]:
    """No weather, one, or two: name -> intensity in [0.1, 1]."""
    if rng.random() < CLEAR_SHARE:
        return {}
    count = 2 if rng.random() < pair_share else 1
    drawn = rng.sample(names, count)
    return {name: rng.uniform(MIN_INTENSITY, 1) for name in drawn}


def draw_family(
    rng: random.Random, names: tuple[str, ...] = WEATHER_NAMES
) -> list[dict[str, float]]:
    """Weathers for `FAMILY_SIZE` scenes of one land, which differ in little.

    Clear; one weather faint, at some strength and at its full; the same beside a second, a third,
    and both; another weather alone.
    """
    first, second, third, other = rng.sample(names, 4)
    strength, beside = rng.uniform(0.3, 1.0), (FAINTEST, 0.6)
    return [
        {},
        {first: rng.uniform(FAINTEST, 0.25)},
        {first: strength},
        {first: rng.uniform(0.85, 1.0)},
        {first: strength, second: rng.uniform(*beside)},
        {first: strength, third: rng.uniform(*beside)},
        {first: rng.uniform(0.3, 1.0), second: rng.uniform(*beside), third: rng.uniform(*beside)},
        {other: rng.uniform(MIN_INTENSITY, 1.0)},
    ]


def place_weathers(
    generator: SceneGenerator, ws: torch.Tensor, weathers: list[dict[str, float]]
) -> torch.Tensor:
    """Give each latent its own weathers; the calm traces it came with stay."""
    calm = generator.scene_parameters(ws)
    intensities = {name: calm[name].clone() for name in generator.weather_names}
    for index, weather in enumerate(weathers):
        for name, intensity in weather.items():
            intensities[name][index] = intensity
    return generator.with_weather(ws, intensities)


def draw_scenes(
    generator: SceneGenerator,
    count: int,
    *,
    seed: int,
    pair_share: float = 0.3,
    planted_bias: float = 0.0,
    families: bool = False,
) -> SceneSamples:
    """Draw scenes with captions.

    Parameters
    ----------
    generator : SceneGenerator
    count : int
    seed : int
    pair_share : float in [0, 1]
        Share of scenes with two weathers.
    planted_bias : float in [0, 1]
        Share of scenes whose landscape is the one of their weather, an accident as in videos
        recorded in one place; 0 leaves landscape and weather independent.
    families : bool
        Every `FAMILY_SIZE` scenes in turn share their land and light, see `draw_family`;
        `pair_share` says nothing then.

    Raises
    ------
    SgimError
        When a share leaves [0, 1], or families do not fill `count`.
    """
    require_in_range("pair_share", pair_share, 0.0, 1.0)
    require_in_range("planted_bias", planted_bias, 0.0, 1.0)
    require(
        not families or count % FAMILY_SIZE == 0,
        f"count is {count}; families need a multiple of {FAMILY_SIZE}.",
    )
    rng = random.Random(seed)
    noise = torch.Generator().manual_seed(seed)
    if families:
        weathers = [
            weather
            for _ in range(count // FAMILY_SIZE)
            for weather in draw_family(rng, generator.weather_names)
        ]
        z = torch.randn(count // FAMILY_SIZE, generator.z_dim, generator=noise)
        z = z.repeat_interleave(FAMILY_SIZE, dim=0)
    else:
        weathers = [draw_weather(rng, pair_share, generator.weather_names) for _ in range(count)]
        z = torch.randn(count, generator.z_dim, generator=noise)
    homes = torch.randn(
        len(WEATHER_NAMES), generator.z_dim, generator=torch.Generator().manual_seed(0)
    )
    for index, weather in enumerate(weathers):
        if weather and rng.random() < planted_bias:
            z[index] = homes[WEATHER_NAMES.index(next(iter(weather)))]
    with torch.no_grad():
        ws = place_weathers(generator, generator.mapping(z), weathers)
        parameters = generator.scene_parameters(ws)
    landscapes = [
        {
            name: value[index].item()
            for name, value in parameters.items()
            if name not in WEATHER_NAMES
        }
        for index in range(count)
    ]
    captions = [
        caption_of(weather, rng, landscape)
        for weather, landscape in zip(weathers, landscapes, strict=True)
    ]
    return SceneSamples(ws, weathers, landscapes, captions)


def caption_of(
    weather: dict[str, float], rng: random.Random, landscape: dict[str, float] | None = None
) -> str:
    """Caption of no, one or two weathers, with a word on the landscape where it is given."""
    if len(weather) > 1:
        return describe_mix(list(weather.items()), rng, landscape)
    name, intensity = next(iter(weather.items()), ("clear", 0.0))
    return describe(name, intensity, rng, landscape)


def draw_sounds(count: int, *, seed: int, names: tuple[str, ...] = SOUND_NAMES) -> SoundLabels:
    """Draw which sounds to play: names in turn, intensities uniform in [0.1, 1]."""
    rng = random.Random(seed)
    return SoundLabels(
        names=[names[index % len(names)] for index in range(count)],
        intensities=[rng.uniform(MIN_INTENSITY, 1) for _ in range(count)],
        seeds=[rng.randrange(2**31) for _ in range(count)],
    )
