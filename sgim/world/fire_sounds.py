"""Sound of a fire, from a few crackles to a blaze.

Data flow: random generator, intensity in [0, 1] -> waveform (num_samples,) at 16 kHz.
"""

import numpy as np

from sgim.world.sound_blocks import (
    between,
    clicks,
    db_to_gain,
    drift,
    event_starts,
    geometric,
    log_between,
    shaped_noise,
    varied_levels,
)


def fire_sound(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Crackles and pops over the flutter of flames."""
    flutter = drift(rng, num_samples, between(rng, 3.0, 9.0))
    low_levels = varied_levels(rng, [14.0, 2.0, -5.0, -9.0, -12.0, -14.0, -16.0, -18.0], 3.0, 2.0)
    flames = shaped_noise(rng, num_samples, low_levels)
    flames *= db_to_gain(between(rng, 1.0, 3.0) * flutter)
    hiss_levels = varied_levels(rng, [-8.0, -4.0, -3.0, -3.0, -2.0, -1.0, 0.0, 0.0], 5.0, 2.5)
    hiss = shaped_noise(rng, num_samples, hiss_levels) * db_to_gain(0.7 * flutter)
    clusters = np.maximum(drift(rng, num_samples, between(rng, 1.0, 5.0)) + 1.0, 0.05) ** 2
    rate = geometric(intensity, 4.0, 70.0) * log_between(rng, 0.6, 1.6)
    starts = event_starts(rng, num_samples, rate, clusters)
    longest = log_between(rng, 1.5, 7.0)
    crackles = clicks(rng, starts, num_samples, (0.25, longest), (900.0, 6500.0), 8.0)
    pops = event_starts(rng, num_samples, 0.1 * rate)
    crackles += 1.5 * clicks(rng, pops, num_samples, (2.0, 12.0), (300.0, 2500.0), 6.0)
    quiet_db = between(rng, -20.0, -2.0) - 4.0 * intensity
    fire = crackles + hiss * _noise_gain(crackles, quiet_db)
    return fire + flames * _noise_gain(crackles, between(rng, -8.0, 4.0) + 4.0 * intensity)


def _noise_gain(grains: np.ndarray, level_db: float) -> float:
    """Gain that puts unit noise `level_db` relative to the RMS of `grains` (1 for no grain)."""
    rms = float(np.sqrt(np.mean(np.square(grains))))
    return (rms if rms > 0 else 1.0) * float(db_to_gain(level_db))
