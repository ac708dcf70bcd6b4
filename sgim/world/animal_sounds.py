"""Sounds of animals: how many birds or crickets sing, near and far, and before what.

Data flow: random generator, intensity in [0, 1] -> waveform (num_samples,) at 16 kHz.
`sgim.world.song` has the voice of a single one.
"""

import numpy as np

from sgim.world.song import bird_voice, cricket_voice
from sgim.world.sound_blocks import (
    ambience,
    band_limits,
    between,
    db_to_gain,
    filtered,
    geometric,
    log_between,
    shaped_noise,
    unit_rms,
)


def birds_sound(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """One to many singers, near and far, over the quiet of a wood or a garden."""
    voices = _singers(rng, intensity, 10.0)
    song = np.zeros(num_samples, np.float32)
    for index in range(voices):
        distance_db = 0.0 if index == 0 else between(rng, -24.0, 0.0)
        song += bird_voice(rng, intensity, num_samples) * db_to_gain(distance_db)
    song = unit_rms(song)
    if rng.uniform() < 0.4:
        song += _insect_band(rng, num_samples) * db_to_gain(between(rng, -28.0, -8.0))
    floor_db = between(rng, -4.0, 5.0) - 20.0 * intensity
    return unit_rms(song) + ambience(rng, num_samples) * db_to_gain(floor_db)


def crickets_sound(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Near singers with clear pulses before the even band of a distant choir."""
    voices = _singers(rng, intensity, 9.0)
    song = np.zeros(num_samples, np.float32)
    for index in range(voices):
        distance_db = 0.0 if index == 0 else between(rng, -20.0, 0.0)
        song += cricket_voice(rng, intensity, num_samples) * db_to_gain(distance_db)
    song = unit_rms(song)
    if rng.uniform() < 0.7:
        song += _insect_band(rng, num_samples) * db_to_gain(
            between(rng, -16.0, -8.0) + 10.0 * intensity
        )
    floor_db = between(rng, -2.0, 7.0) - 26.0 * intensity
    return unit_rms(song) + ambience(rng, num_samples) * db_to_gain(floor_db)


def _singers(rng: np.random.Generator, intensity: float, most: float) -> int:
    """How many sing: one at intensity 0, about `most` at 1."""
    return round(geometric(intensity, 1.0, most) * log_between(rng, 0.75, 1.33))


def _insect_band(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """The even narrow band of many distant insects, unit RMS."""
    center = log_between(rng, 2600.0, 6500.0)
    breadth = log_between(rng, 1.02, 1.25)
    noise = shaped_noise(rng, num_samples, [0.0] * 8)
    band = band_limits(num_samples, center / breadth, center * breadth, 60.0)
    return unit_rms(filtered(noise, band))
