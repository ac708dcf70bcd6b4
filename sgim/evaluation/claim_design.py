"""The plan of the test of "sound carries finer cues than text"; docs/claim.md says it in words.

the plan, fixed before any number was made -> scenes, sounds, levels, sequences
"""

from dataclasses import dataclass

from sgim.evaluation.edit_scores import STRENGTH_LEVELS
from sgim.world.names import SOUND_NAMES

PIXELS = 64
"""Of the pictures that are edited: a third of the time that 128 take."""

PER_WEATHER = 4
FIRST_SCENE, FIRST_SOUND = 61_000, 620_000
VALIDATION_SCENES = (60_000, 60_001, 60_002, 60_003)
"""Seeds that nothing else in the project draws from; the words are chosen on the last."""

SIDES = (
    "sound",
    "chosen words",
    "words of the heard level",
    "ordinary words",
    "random direction",
    "no edit",
)
REFERENCES = SIDES[-2:]
"""Sides that must fail, or the test itself is broken."""

RANDOM_TRIES = 4
"""Random directions for each level of each sequence."""

MIXED_PAIRS = (("rain", "thunderstorm"), ("wind", "waves"))
RATIOS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Shares of the first sound of a pair; the second has the rest."""

EXAMPLE = {"heavy rain": {"rain": 0.9}, "rain with thunder": {"rain": 0.6, "thunderstorm": 0.6}}
"""What is asked for -> the weathers that sound; the paper's own example."""

EXAMPLE_SCENES = tuple(range(61_100, 61_108))
MIXED_SCENES, COMPOSED_SCENES = 4, 4
"""How many of the scenes of the example the mixtures and the compositions use."""

COMPOSITIONS = (("rain", "thick fog"), ("waves", "snow"), ("fire", "birds"))
"""A sound, and the words that are added to it."""

COMPOSED_WITH = {"thick fog": "fog", "snow": "snow", "birds": "birds"}
PRESENT, HEAVY = 0.15, 0.5
"""From which intensity a weather counts as there, and as heavy."""


@dataclass(frozen=True)
class Sequence:
    """One scene, edited toward one weather at every level, each level by a sound of its own."""

    name: str
    scene: int
    sounds: tuple[int, ...]


def sequences(names: tuple[str, ...] = SOUND_NAMES, per_weather: int = PER_WEATHER):
    """Sequences that share no scene and no sound: list of `Sequence`, weather by weather."""
    planned = []
    for name in names:
        for copy in range(per_weather):
            number = SOUND_NAMES.index(name) * 10 + copy
            first = FIRST_SOUND + 100 * number
            sounds = tuple(range(first, first + len(STRENGTH_LEVELS)))
            planned.append(Sequence(name, FIRST_SCENE + number, sounds))
    return planned
