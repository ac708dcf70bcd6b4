"""Sounds that say nothing of the weather: somebody talks, music plays, an engine runs.

random generator -> waveform (num_samples,) at 16 kHz. Each is crude, and enough to tell "none of
these" from weather; `sgim.world.randomize` also puts them quietly behind other sounds.
"""

import numpy as np
import torch
from scipy import fft

from sgim.world.sound_blocks import (
    SAMPLE_RATE,
    band_limits,
    clicks,
    db_to_gain,
    drift,
    event_starts,
    filtered,
    unit_rms,
)


def voice(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """Speech-like sound: a buzzing pitch through moving formants, in syllables."""
    pitch = rng.uniform(85.0, 250.0) * 2.0 ** (0.25 * drift(rng, num_samples, 2.0))
    buzz = _saw(pitch)
    open_vowel = band_limits(num_samples, 400.0, rng.uniform(700.0, 1000.0), 14.0)
    closed_vowel = band_limits(num_samples, 250.0, 400.0, 14.0)
    closed_vowel += 0.5 * band_limits(num_samples, 1700.0, rng.uniform(2200.0, 3000.0), 18.0)
    spectrum = fft.rfft(buzz)
    blend = 0.5 + 0.5 * np.tanh(2.0 * drift(rng, num_samples, 4.0))
    vowels = blend * fft.irfft(spectrum * open_vowel, num_samples)
    vowels += (1.0 - blend) * fft.irfft(spectrum * closed_vowel, num_samples)
    return vowels * np.maximum(drift(rng, num_samples, rng.uniform(4.0, 7.0)) + 0.3, 0.0)


def music(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """A few plucked or held notes of one scale."""
    time = np.arange(num_samples, dtype=np.float32) / SAMPLE_RATE
    root = rng.uniform(80.0, 400.0)
    melody = np.zeros(num_samples, np.float32)
    for start in np.arange(0.0, num_samples / SAMPLE_RATE, rng.uniform(0.2, 0.8)):
        note = root * 2.0 ** (rng.choice([0, 2, 4, 7, 9, 12, 16]) / 12.0)
        since = np.maximum(time - start, 0.0)
        strength = np.exp(-since / rng.uniform(0.15, 1.0)) * (time >= start)
        for overtone in range(1, 4):
            melody += strength * np.sin(2 * np.pi * note * overtone * since) / overtone**2
    return melody


def knocks(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """Somebody knocks, now and then, on something hard."""
    starts = event_starts(rng, num_samples, rng.uniform(0.2, 2.0))
    return clicks(rng, starts, num_samples, (1.0, 15.0), (150.0, 4000.0), 5.0)


def ticking(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """A clock: the same dry click over and over, in time."""
    starts = np.arange(0, num_samples, SAMPLE_RATE / rng.uniform(1.0, 5.0)).astype(int)
    click = clicks(rng, np.zeros(1, int), SAMPLE_RATE // 10, (1.0, 12.0), (400.0, 5000.0), 0.0)
    ticks = np.zeros(num_samples + click.size, np.float32)
    for start in starts:
        ticks[start : start + click.size] += click
    return ticks[:num_samples]


def engine(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """A motor: explosions in quick, regular order, with the hiss of the exhaust in step."""
    rate = np.exp(rng.uniform(*np.log((15.0, 250.0))))
    turns = rate * 2.0 ** (rng.uniform(0.0, 0.3) * drift(rng, num_samples, rng.uniform(0.2, 1.0)))
    saw = _saw(turns)
    pulses = np.exp(-rng.uniform(4.0, 15.0) * (saw + 1.0))
    hiss = rng.standard_normal(num_samples).astype(np.float32) * pulses
    body = band_limits(num_samples, 30.0, np.exp(rng.uniform(*np.log((800.0, 6000.0)))), 9.0)
    sound = unit_rms(pulses - pulses.mean()) + rng.uniform(0.1, 0.7) * unit_rms(hiss)
    return filtered(sound.astype(np.float32), body)


def siren(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """A tone that wails up and down, or jumps between two pitches."""
    time = np.arange(num_samples) / SAMPLE_RATE
    swing = np.sin(2 * np.pi * rng.uniform(0.2, 4.0) * time + rng.uniform(0.0, 6.3))
    if rng.uniform() < 0.4:
        swing = np.sign(swing)
    pitch = rng.uniform(400.0, 1000.0) * 2.0 ** (rng.uniform(0.15, 0.7) * swing)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    strength = db_to_gain(rng.uniform(-24.0, -6.0))
    return (np.sin(phase) + strength * np.sin(2 * phase) + strength * np.sin(3 * phase)).astype(
        np.float32
    )


STRANGERS = (voice, music, knocks, ticking, engine, siren)


def synthesize_stranger(seconds: float, seed: int) -> torch.Tensor:
    """One recording without weather: one of `STRANGERS`, sometimes two.

    Returns
    -------
    waveform : float32 tensor (num_samples,), peak 0.9, at 16 kHz; deterministic by `seed`
    """
    rng = np.random.default_rng([seed, 3])
    num_samples = round(seconds * SAMPLE_RATE)
    chosen = rng.choice(len(STRANGERS), size=rng.choice([1, 2], p=[0.7, 0.3]), replace=False)
    sound = sum(
        unit_rms(STRANGERS[kind](rng, num_samples)) * db_to_gain(rng.uniform(-12.0, 0.0))
        for kind in chosen
    )
    sound = 0.9 * sound / (np.abs(sound).max() + 1e-9)
    return torch.from_numpy(sound.astype(np.float32))


def _saw(pitch: np.ndarray) -> np.ndarray:
    """Sawtooth in [-1, 1] whose pitch in Hz may change at every sample."""
    phase = np.cumsum(pitch, dtype=np.float64) / SAMPLE_RATE
    return (2.0 * np.mod(phase, 1.0) - 1.0).astype(np.float32)
