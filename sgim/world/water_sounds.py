"""Sounds of water: waves of the sea and a stream.

Data flow: random generator, intensity in [0, 1] -> waveform (num_samples,) at 16 kHz.
"""

import numpy as np

from sgim.world.sound_blocks import (
    CONTROL_RATE,
    SAMPLE_RATE,
    ambience,
    between,
    bubbles,
    clicks,
    db_to_gain,
    drift,
    event_starts,
    geometric,
    log_between,
    shaped_noise,
    to_samples,
    unit_rms,
    varied_levels,
)


def waves_sound(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Breakers: swell, bright crash, long hissing retreat over a distant roar.

    Small waves lap quickly and thinly; big ones come slowly, rise fast and roar.
    """
    seconds = num_samples / SAMPLE_RATE
    period = geometric(intensity, 2.2, 8.5) * log_between(rng, 0.85, 1.18)
    crests = np.arange(-period * rng.uniform(0.5, 1.5), seconds + period, period)
    crests = crests + rng.normal(0.0, 0.15 * period, crests.size)
    heights = db_to_gain(rng.normal(0.0, 2.5, crests.size))
    rise = between(rng, 0.1, 0.18) * period * (1.4 - 1.0 * intensity)
    fall = between(rng, 0.15, 0.35) * period
    crash = _swells(crests, heights, rise, fall, num_samples)
    late = crests + between(rng, 0.05, 0.2) * period
    foam = _swells(late, heights, 1.5 * rise, 1.6 * fall, num_samples)
    levels = varied_levels(rng, [5.0, 8.0, 6.5, 2.5, -1.0, -4.0, -6.0, -9.0], 2.5, 1.5)
    levels += (intensity - 0.5) * np.linspace(19.0, -14.0, levels.size)
    body = shaped_noise(rng, num_samples, levels) * crash
    foam_levels = varied_levels(rng, [-16.0, -9.0, -4.0, -1.0, 1.0, 2.0, 1.0, -1.0], 2.0, 1.5)
    wash = unit_rms(shaped_noise(rng, num_samples, foam_levels) * foam)
    rate = log_between(rng, 60.0, 600.0)
    starts = event_starts(rng, num_samples, rate, foam + 0.1 * foam.mean())
    splashes = clicks(rng, starts, num_samples, (0.3, 4.0), (800.0, 5000.0), 6.0)
    wash += unit_rms(splashes) * db_to_gain(between(rng, -10.0, 4.0))
    ripple = db_to_gain(between(rng, 0.6, 2.0) * drift(rng, num_samples, 3.0))
    waves = unit_rms(body) + unit_rms(wash) * db_to_gain(between(rng, -6.0, 0.0) - 10.0 * intensity)
    sea = shaped_noise(rng, num_samples, levels - np.linspace(-4.0, 4.0, levels.size))
    sea *= db_to_gain(between(rng, -9.0, -2.0) - 10.0 * intensity)
    air = ambience(rng, num_samples) * db_to_gain(between(rng, -9.0, -3.0) - 24.0 * intensity)
    return unit_rms(waves * ripple) + sea + air


def _swells(
    crests: np.ndarray, heights: np.ndarray, rise: float, fall: float, num_samples: int
) -> np.ndarray:
    """Level over time of waves that peak at `crests` (s), grow over `rise`, ebb over `fall` (s)."""
    seconds = num_samples / SAMPLE_RATE
    time = np.linspace(0.0, seconds, max(int(seconds * CONTROL_RATE), 8))
    since = time - crests[:, None]
    shapes = np.exp(np.minimum(since / rise, 0.0) - np.maximum(since / fall, 0.0))
    return to_samples(heights @ shapes, num_samples)


def stream_sound(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """From a trickle of single bubbles to the steady roar of falling water."""
    rate = geometric(intensity, 25.0, 450.0) * log_between(rng, 0.7, 1.5)
    flow = np.exp(0.5 * drift(rng, num_samples, between(rng, 2.0, 6.0)))
    low = log_between(rng, 350.0, 900.0)
    high = low * log_between(rng, 3.0, 7.0)
    ring = bubbles(
        rng, event_starts(rng, num_samples, rate, flow), num_samples, (2.0, 14.0), (low, high), 6.0
    )
    splashes = clicks(
        rng,
        event_starts(rng, num_samples, 0.5 * rate, flow),
        num_samples,
        (0.5, 4.0),
        (1200.0, 6000.0),
        5.0,
    )
    water = unit_rms(ring) + unit_rms(splashes) * db_to_gain(between(rng, -20.0, -7.0))
    brook = np.array([-10.0, -8.0, 2.0, 5.0, 3.0, 1.0, -1.0, -3.0])
    fall = np.array([12.0, 8.0, 5.0, 2.5, -1.0, -4.0, -6.5, -9.5])
    blend = np.clip(intensity + rng.normal(0.0, 0.35), 0.0, 1.0)
    levels = varied_levels(rng, (1.0 - blend) * brook + blend * fall, 4.5, 1.5)
    roar = shaped_noise(rng, num_samples, levels) * db_to_gain(0.3 * drift(rng, num_samples, 2.0))
    water = water + roar * db_to_gain(-14.0 + 24.0 * intensity + rng.normal(0.0, 3.0))
    return unit_rms(water) + ambience(rng, num_samples) * db_to_gain(between(rng, -40.0, -18.0))
