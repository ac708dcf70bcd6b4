"""Sounds of the air: rain, thunderstorm and wind.

Data flow: random generator, intensity in [0, 1] -> waveform (num_samples,) at 16 kHz.
"""

import numpy as np

from sgim.world.sound_blocks import (
    CONTROL_RATE,
    SAMPLE_RATE,
    ambience,
    band_limits,
    between,
    clicks,
    db_to_gain,
    drift,
    event_starts,
    filtered,
    geometric,
    log_between,
    shaped_noise,
    to_samples,
    unit_rms,
    varied_levels,
)


def rain_sound(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Hiss of countless drops, single drops on leaves or a roof, the place's own rumble."""
    under_roof = rng.uniform() < 0.3
    levels = varied_levels(rng, [-2.0, 0.5, 1.5, 1.5, 0.5, -0.5, -1.5, -3.0], 4.0, 2.0)
    levels += (intensity - 0.5) * np.linspace(-6.0, 5.0, levels.size)
    if under_roof:
        levels -= np.linspace(-1.0, 1.0, levels.size) * between(rng, 2.0, 7.0)
    hiss = shaped_noise(rng, num_samples, levels)
    hiss *= db_to_gain(between(rng, 0.2, 1.8) * drift(rng, num_samples, 0.7))
    rate = geometric(intensity, 8.0, 600.0) * log_between(rng, 0.6, 1.6)
    starts = event_starts(rng, num_samples, rate)
    tone = log_between(rng, 300.0, 1500.0) if under_roof else log_between(rng, 900.0, 3500.0)
    longest = log_between(rng, 1.0, 8.0 if under_roof else 4.0)
    drops = clicks(rng, starts, num_samples, (0.3, longest), (tone, 2.5 * tone), 5.0)
    drops_db = between(rng, -8.0 if under_roof else -14.0, 3.0) - 4.0 * intensity
    rain = hiss + unit_rms(drops) * db_to_gain(drops_db)
    rumble = ambience(rng, num_samples) * db_to_gain(between(rng, -4.0, 5.0) - 20.0 * intensity)
    return rain + rumble


def _thunder_envelopes(
    rng: np.random.Generator, intensity: float, num_samples: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Levels over time of the rumble, the body and the crack of all strikes in a recording."""
    seconds = num_samples / SAMPLE_RATE
    time = np.arange(max(int(seconds * CONTROL_RATE), 8)) / CONTROL_RATE
    rumble, body, crack = (np.zeros(time.size) for _ in range(3))
    strikes = 1 + round(geometric(intensity, 0.03, 0.7) * seconds * log_between(rng, 0.6, 1.6))
    starts = rng.uniform(-2.0, 0.8 * seconds, strikes)
    starts[0] = rng.uniform(-3.0, 0.2 * min(seconds, 8.0))
    rolling = np.exp(0.8 * drift(rng, time.size, 0.5 * SAMPLE_RATE / CONTROL_RATE))
    rumble += rolling * log_between(rng, 0.01, 0.12)
    for start in starts:
        closeness = np.clip(intensity + rng.normal(0.0, 0.06), 0.0, 1.0)
        peals = 2 + rng.poisson(5.0 + 5.0 * closeness)
        offsets = np.concatenate([[0.0], rng.exponential(log_between(rng, 0.3, 1.2), peals)])
        gains = db_to_gain(rng.normal(0.0, 4.0, peals + 1) - 4.0 * offsets)
        gains[0] *= 0.4 + 1.6 * closeness
        rumble_decay = log_between(rng, 1.0, 5.0)
        for offset, gain in zip(offsets, gains, strict=True):
            since = time - start - offset
            running = since >= 0
            since = np.maximum(since, 0.0)
            attack = 1.0 - np.exp(-since / (0.15 * (1.05 - closeness)))
            rumble += running * attack * gain * np.exp(-since / rumble_decay)
            body += running * attack * gain * np.exp(-since / (0.25 * rumble_decay))
            crack += running * gain * closeness * np.exp(-since / rng.uniform(0.02, 0.15))
    return tuple(to_samples(envelope, num_samples) for envelope in (rumble, body, crack))


def thunderstorm_sound(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Rolling low rumble, cracks of near strikes, rain behind them."""
    rumble, body, crack = _thunder_envelopes(rng, intensity, num_samples)
    lumps = db_to_gain(between(rng, 2.0, 5.0) * drift(rng, num_samples, between(rng, 3.0, 8.0)))
    low = shaped_noise(
        rng, num_samples, varied_levels(rng, [26, 20, 4, -12, -26, -36, -42, -46], 4.0, 2.0)
    )
    middle = shaped_noise(
        rng, num_samples, varied_levels(rng, [6, 12, 9, 2, -8, -18, -28, -36], 3.0, 2.0)
    )
    bright = shaped_noise(
        rng, num_samples, varied_levels(rng, [0, 3, 4, 4, 3, 1, -3, -7], 4.0, 2.0)
    )
    storm = low * lumps * rumble
    storm += middle * lumps * body * db_to_gain(-12.0 + 12.0 * intensity + rng.normal(0.0, 1.5))
    storm += bright * crack * db_to_gain(-16.0 + 22.0 * intensity + rng.normal(0.0, 1.5))
    storm = unit_rms(storm)
    storm += ambience(rng, num_samples) * db_to_gain(between(rng, -40.0, -24.0) - 8.0 * intensity)
    behind = rain_sound(rng, intensity, num_samples)
    storm += unit_rms(behind) * db_to_gain(between(rng, -50.0, -40.0) + 26.0 * intensity)
    return storm


def wind_sound(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Gusts: a low roar that brightens as it swells, a howl, rustling leaves."""
    speed = geometric(intensity, 0.25, 1.4) * log_between(rng, 0.8, 1.25)
    gust = drift(rng, num_samples, speed) + 0.4 * drift(rng, num_samples, 3.0 * speed)
    depth = geometric(intensity, 0.8, 4.2) * log_between(rng, 0.75, 1.33)
    steep = between(rng, 0.85, 2.1) * (1.35 - 0.7 * intensity)
    roar_levels = steep * np.array([23.0, 12.0, 4.0, -2.0, -5.0, -7.0, -11.0, -15.0])
    roar = shaped_noise(rng, num_samples, varied_levels(rng, roar_levels, 2.0, 1.5))
    sigh_levels = varied_levels(rng, [2.0, 6.0, 7.0, 4.0, 0.0, -4.0, -9.0, -14.0], 3.0, 2.0)
    sigh = shaped_noise(rng, num_samples, sigh_levels)
    buffets = between(rng, 0.0, 3.0) * drift(rng, num_samples, between(rng, 4.0, 12.0))
    wind = roar * db_to_gain(depth * gust + buffets)
    wind += sigh * db_to_gain(1.6 * depth * gust + between(rng, -24.0, -12.0) + 14.0 * intensity)
    if rng.uniform() < 0.55:
        howl = _howl(rng, gust, intensity, num_samples)
        wind += howl * db_to_gain(
            1.5 * depth * gust + between(rng, -24.0, -14.0) + 16.0 * intensity
        )
    if rng.uniform() < 0.35:
        leaves = shaped_noise(rng, num_samples, varied_levels(rng, [-30, -20, -10, -4, 0, 3, 3, 0]))
        wind += leaves * db_to_gain(
            1.6 * depth * gust + between(rng, -24.0, -12.0) + 12.0 * intensity
        )
    floor = ambience(rng, num_samples) * db_to_gain(between(rng, -18.0, -8.0) - 18.0 * intensity)
    return unit_rms(wind) + floor


def _howl(
    rng: np.random.Generator, gust: np.ndarray, intensity: float, num_samples: int
) -> np.ndarray:
    """Narrow noise whose pitch follows the gusts, as wind in wires and windows makes it."""
    pitch = log_between(rng, 250.0, 700.0) * (1.0 + 0.6 * intensity)
    frequency = pitch * 2.0 ** (0.25 * gust)
    breath = shaped_noise(rng, num_samples, [0.0] * 8)
    width = log_between(rng, 20.0, 90.0)
    slow = filtered(breath, band_limits(num_samples, 0.0, width, 18.0))
    carrier = np.sin(2 * np.pi * np.cumsum(frequency, dtype=np.float64) / SAMPLE_RATE)
    return unit_rms(slow * carrier.astype(np.float32))
