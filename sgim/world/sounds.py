"""Eight sounds of the mini world, made from noise, grains and tones.

Data flow: name, intensity in [0, 1], seconds, seed -> one recording situation -> waveform (16 kHz).

Every seed is another place and another microphone; the intensity decides how fast, how dense, how
bright and how far above the background something sounds. Loudness says nothing: every waveform is
scaled to the same peak, as recordings are.
"""

import numpy as np
import torch

from sgim.checks import require, require_in_range, require_one_of
from sgim.world.names import SOUND_NAMES
from sgim.world.song import bird_voice, cricket_voice
from sgim.world.sound_blocks import (
    CONTROL_RATE,
    SAMPLE_RATE,
    band_limits,
    bubbles,
    clicks,
    db_to_gain,
    drift,
    event_starts,
    filtered,
    shaped_noise,
    to_samples,
    unit_rms,
    varied_levels,
)

PEAK = 0.9


def synthesize_sound(
    name: str, intensity: float, seconds: float, seed: int
) -> tuple[torch.Tensor, int]:
    """One recording of one sound.

    Parameters
    ----------
    name : one of `sgim.world.names.SOUND_NAMES`
    intensity : in [0, 1]; heard as rate, density, brightness and distance from the background,
        never as loudness
    seconds : length, 0.1 to 600
    seed : same seed, same waveform; another seed, another place and microphone

    Returns
    -------
    waveform : float32 tensor (num_samples,), peak 0.9
    sample_rate : 16000

    Raises
    ------
    SgimError
        for an unknown name, or an intensity or length out of range

    Examples
    --------
    >>> waveform, sample_rate = synthesize_sound("rain", 0.8, seconds=2.0, seed=1)
    >>> tuple(waveform.shape), sample_rate
    ((32000,), 16000)
    """
    require_one_of("name", name, SOUND_NAMES)
    require_in_range("intensity", intensity, 0.0, 1.0)
    require_in_range("seconds", seconds, 0.1, 600.0)
    rng = np.random.default_rng([SOUND_NAMES.index(name), seed])
    num_samples = round(seconds * SAMPLE_RATE)
    waveform = _SYNTHESIZERS[name](rng, float(intensity), num_samples)
    waveform = waveform * (PEAK / (np.abs(waveform).max() + 1e-9))
    return torch.from_numpy(waveform.astype(np.float32)), SAMPLE_RATE


def mix_sounds(waveforms: list[torch.Tensor], weights: list[float]) -> torch.Tensor:
    """Mix sounds by weight: each is brought to the same RMS, weighted, summed, scaled to peak 0.9.

    Parameters
    ----------
    waveforms : tensors (num_samples,) of one common length
    weights : one number >= 0 per waveform (an amplitude, not dB), at least one above 0

    Returns
    -------
    waveform : float32 tensor (num_samples,)

    Raises
    ------
    SgimError
        if counts or lengths differ, or no weight is above 0
    """
    require(
        len(waveforms) == len(weights) > 0,
        f"There are {len(waveforms)} waveforms and {len(weights)} weights; "
        "they must be as many, at least one: pass one weight per waveform.",
    )
    lengths = sorted({waveform.shape[-1] for waveform in waveforms})
    require(
        len(lengths) == 1,
        f"The waveforms have {lengths} samples; they must be equally long: crop them first.",
    )
    require(
        min(weights) >= 0 and max(weights) > 0,
        f"weights are {list(weights)}; none may be negative and one must be above 0.",
    )
    total = sum(
        weight * waveform / waveform.square().mean().sqrt().clamp_min(1e-9)
        for waveform, weight in zip(waveforms, weights, strict=True)
    )
    return total * (PEAK / total.abs().max().clamp_min(1e-9))


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _log_between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _scale(intensity: float, low: float, high: float) -> float:
    """Geometric path from `low` (intensity 0) to `high` (intensity 1)."""
    return float(low * (high / low) ** intensity)


def ambience(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """The background of an outdoor recording: rumble falling towards the highs, unit RMS."""
    falling = np.array([16.0, 6.0, 0.0, -3.0, -5.0, -7.0, -9.0, -11.0])
    levels = varied_levels(rng, falling * rng.uniform(0.2, 1.4), tilt_db=3.0, wiggle_db=2.5)
    return shaped_noise(rng, num_samples, levels)


def _rain(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Hiss of countless drops, single drops on leaves or a roof, the place's own rumble."""
    under_roof = rng.uniform() < 0.3
    levels = varied_levels(rng, [-2.0, 0.5, 1.5, 1.5, 0.5, -0.5, -1.5, -3.0], 4.0, 2.0)
    levels += (intensity - 0.5) * np.linspace(-6.0, 5.0, levels.size)
    if under_roof:
        levels -= np.linspace(-1.0, 1.0, levels.size) * _between(rng, 2.0, 7.0)
    hiss = shaped_noise(rng, num_samples, levels)
    hiss *= db_to_gain(_between(rng, 0.2, 1.8) * drift(rng, num_samples, 0.7))
    rate = _scale(intensity, 8.0, 600.0) * _log_between(rng, 0.6, 1.6)
    starts = event_starts(rng, num_samples, rate)
    tone = _log_between(rng, 300.0, 1500.0) if under_roof else _log_between(rng, 900.0, 3500.0)
    longest = _log_between(rng, 1.0, 8.0 if under_roof else 4.0)
    drops = clicks(rng, starts, num_samples, (0.3, longest), (tone, 2.5 * tone), 5.0)
    drops_db = _between(rng, -8.0 if under_roof else -14.0, 3.0) - 4.0 * intensity
    rain = hiss + unit_rms(drops) * db_to_gain(drops_db)
    rumble = ambience(rng, num_samples) * db_to_gain(_between(rng, -4.0, 5.0) - 20.0 * intensity)
    return rain + rumble


def _thunder_envelopes(
    rng: np.random.Generator, intensity: float, num_samples: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Levels over time of the rumble, the body and the crack of all strikes in a recording."""
    seconds = num_samples / SAMPLE_RATE
    time = np.arange(max(int(seconds * CONTROL_RATE), 8)) / CONTROL_RATE
    rumble, body, crack = (np.zeros(time.size) for _ in range(3))
    strikes = 1 + round(_scale(intensity, 0.03, 0.7) * seconds * _log_between(rng, 0.6, 1.6))
    starts = rng.uniform(-2.0, 0.8 * seconds, strikes)
    starts[0] = rng.uniform(-3.0, 0.2 * min(seconds, 8.0))
    rolling = np.exp(0.8 * drift(rng, time.size, 0.5 * SAMPLE_RATE / CONTROL_RATE))
    rumble += rolling * _log_between(rng, 0.01, 0.12)
    for start in starts:
        closeness = np.clip(intensity + rng.normal(0.0, 0.06), 0.0, 1.0)
        peals = 2 + rng.poisson(5.0 + 5.0 * closeness)
        offsets = np.concatenate([[0.0], rng.exponential(_log_between(rng, 0.3, 1.2), peals)])
        gains = db_to_gain(rng.normal(0.0, 4.0, peals + 1) - 4.0 * offsets)
        gains[0] *= 0.4 + 1.6 * closeness
        rumble_decay = _log_between(rng, 1.0, 5.0)
        for offset, gain in zip(offsets, gains, strict=True):
            since = time - start - offset
            running = since >= 0
            since = np.maximum(since, 0.0)
            attack = 1.0 - np.exp(-since / (0.15 * (1.05 - closeness)))
            rumble += running * attack * gain * np.exp(-since / rumble_decay)
            body += running * attack * gain * np.exp(-since / (0.25 * rumble_decay))
            crack += running * gain * closeness * np.exp(-since / rng.uniform(0.02, 0.15))
    return tuple(to_samples(envelope, num_samples) for envelope in (rumble, body, crack))


def _thunderstorm(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Rolling low rumble, cracks of near strikes, rain behind them."""
    rumble, body, crack = _thunder_envelopes(rng, intensity, num_samples)
    lumps = db_to_gain(_between(rng, 2.0, 5.0) * drift(rng, num_samples, _between(rng, 3.0, 8.0)))
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
    storm += ambience(rng, num_samples) * db_to_gain(_between(rng, -40.0, -24.0) - 8.0 * intensity)
    behind = _rain(rng, intensity, num_samples)
    storm += unit_rms(behind) * db_to_gain(_between(rng, -50.0, -40.0) + 26.0 * intensity)
    return storm


def _wind(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Gusts: a low roar that brightens as it swells, a howl, rustling leaves."""
    speed = _scale(intensity, 0.25, 1.4) * _log_between(rng, 0.8, 1.25)
    gust = drift(rng, num_samples, speed) + 0.4 * drift(rng, num_samples, 3.0 * speed)
    depth = _scale(intensity, 0.8, 4.2) * _log_between(rng, 0.75, 1.33)
    steep = _between(rng, 0.85, 2.1) * (1.35 - 0.7 * intensity)
    roar_levels = steep * np.array([23.0, 12.0, 4.0, -2.0, -5.0, -7.0, -11.0, -15.0])
    roar = shaped_noise(rng, num_samples, varied_levels(rng, roar_levels, 2.0, 1.5))
    sigh_levels = varied_levels(rng, [2.0, 6.0, 7.0, 4.0, 0.0, -4.0, -9.0, -14.0], 3.0, 2.0)
    sigh = shaped_noise(rng, num_samples, sigh_levels)
    buffets = _between(rng, 0.0, 3.0) * drift(rng, num_samples, _between(rng, 4.0, 12.0))
    wind = roar * db_to_gain(depth * gust + buffets)
    wind += sigh * db_to_gain(1.6 * depth * gust + _between(rng, -24.0, -12.0) + 14.0 * intensity)
    if rng.uniform() < 0.55:
        howl = _howl(rng, gust, intensity, num_samples)
        wind += howl * db_to_gain(
            1.5 * depth * gust + _between(rng, -24.0, -14.0) + 16.0 * intensity
        )
    if rng.uniform() < 0.35:
        leaves = shaped_noise(rng, num_samples, varied_levels(rng, [-30, -20, -10, -4, 0, 3, 3, 0]))
        wind += leaves * db_to_gain(
            1.6 * depth * gust + _between(rng, -24.0, -12.0) + 12.0 * intensity
        )
    floor = ambience(rng, num_samples) * db_to_gain(_between(rng, -18.0, -8.0) - 18.0 * intensity)
    return unit_rms(wind) + floor


def _howl(
    rng: np.random.Generator, gust: np.ndarray, intensity: float, num_samples: int
) -> np.ndarray:
    """Narrow noise whose pitch follows the gusts, as wind in wires and windows makes it."""
    pitch = _log_between(rng, 250.0, 700.0) * (1.0 + 0.6 * intensity)
    frequency = pitch * 2.0 ** (0.25 * gust)
    breath = shaped_noise(rng, num_samples, [0.0] * 8)
    width = _log_between(rng, 20.0, 90.0)
    slow = filtered(breath, band_limits(num_samples, 0.0, width, 18.0))
    carrier = np.sin(2 * np.pi * np.cumsum(frequency, dtype=np.float64) / SAMPLE_RATE)
    return unit_rms(slow * carrier.astype(np.float32))


def _fire(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Crackles and pops over the flutter of flames."""
    flutter = drift(rng, num_samples, _between(rng, 3.0, 9.0))
    low_levels = varied_levels(rng, [14.0, 2.0, -5.0, -9.0, -12.0, -14.0, -16.0, -18.0], 3.0, 2.0)
    flames = shaped_noise(rng, num_samples, low_levels)
    flames *= db_to_gain(_between(rng, 1.0, 3.0) * flutter)
    hiss_levels = varied_levels(rng, [-8.0, -4.0, -3.0, -3.0, -2.0, -1.0, 0.0, 0.0], 5.0, 2.5)
    hiss = shaped_noise(rng, num_samples, hiss_levels) * db_to_gain(0.7 * flutter)
    clusters = np.maximum(drift(rng, num_samples, _between(rng, 1.0, 5.0)) + 1.0, 0.05) ** 2
    rate = _scale(intensity, 4.0, 70.0) * _log_between(rng, 0.6, 1.6)
    starts = event_starts(rng, num_samples, rate, clusters)
    longest = _log_between(rng, 1.5, 7.0)
    crackles = clicks(rng, starts, num_samples, (0.25, longest), (900.0, 6500.0), 8.0)
    pops = event_starts(rng, num_samples, 0.1 * rate)
    crackles += 1.5 * clicks(rng, pops, num_samples, (2.0, 12.0), (300.0, 2500.0), 6.0)
    quiet_db = _between(rng, -20.0, -2.0) - 4.0 * intensity
    fire = crackles + hiss * _noise_gain(crackles, quiet_db)
    return fire + flames * _noise_gain(crackles, _between(rng, -8.0, 4.0) + 4.0 * intensity)


def _noise_gain(grains: np.ndarray, level_db: float) -> float:
    """Gain that puts unit noise `level_db` relative to the RMS of `grains` (1 for no grain)."""
    rms = float(np.sqrt(np.mean(np.square(grains))))
    return (rms if rms > 0 else 1.0) * float(db_to_gain(level_db))


def _waves(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Breakers: swell, bright crash, long hissing retreat over a distant roar.

    Small waves lap quickly and thinly; big ones come slowly, rise fast and roar.
    """
    seconds = num_samples / SAMPLE_RATE
    period = _scale(intensity, 2.2, 8.5) * _log_between(rng, 0.85, 1.18)
    crests = np.arange(-period * rng.uniform(0.5, 1.5), seconds + period, period)
    crests = crests + rng.normal(0.0, 0.15 * period, crests.size)
    heights = db_to_gain(rng.normal(0.0, 2.5, crests.size))
    rise = _between(rng, 0.1, 0.18) * period * (1.4 - 1.0 * intensity)
    fall = _between(rng, 0.15, 0.35) * period
    crash = _swells(crests, heights, rise, fall, num_samples)
    late = crests + _between(rng, 0.05, 0.2) * period
    foam = _swells(late, heights, 1.5 * rise, 1.6 * fall, num_samples)
    levels = varied_levels(rng, [5.0, 8.0, 6.5, 2.5, -1.0, -4.0, -6.0, -9.0], 2.5, 1.5)
    levels += (intensity - 0.5) * np.linspace(19.0, -14.0, levels.size)
    body = shaped_noise(rng, num_samples, levels) * crash
    foam_levels = varied_levels(rng, [-16.0, -9.0, -4.0, -1.0, 1.0, 2.0, 1.0, -1.0], 2.0, 1.5)
    wash = unit_rms(shaped_noise(rng, num_samples, foam_levels) * foam)
    rate = _log_between(rng, 60.0, 600.0)
    starts = event_starts(rng, num_samples, rate, foam + 0.1 * foam.mean())
    splashes = clicks(rng, starts, num_samples, (0.3, 4.0), (800.0, 5000.0), 6.0)
    wash += unit_rms(splashes) * db_to_gain(_between(rng, -10.0, 4.0))
    ripple = db_to_gain(_between(rng, 0.6, 2.0) * drift(rng, num_samples, 3.0))
    waves = unit_rms(body) + unit_rms(wash) * db_to_gain(
        _between(rng, -6.0, 0.0) - 10.0 * intensity
    )
    sea = shaped_noise(rng, num_samples, levels - np.linspace(-4.0, 4.0, levels.size))
    sea *= db_to_gain(_between(rng, -9.0, -2.0) - 10.0 * intensity)
    air = ambience(rng, num_samples) * db_to_gain(_between(rng, -9.0, -3.0) - 24.0 * intensity)
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


def _stream(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """From a trickle of single bubbles to the steady roar of falling water."""
    rate = _scale(intensity, 25.0, 450.0) * _log_between(rng, 0.7, 1.5)
    flow = np.exp(0.5 * drift(rng, num_samples, _between(rng, 2.0, 6.0)))
    low = _log_between(rng, 350.0, 900.0)
    high = low * _log_between(rng, 3.0, 7.0)
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
    water = unit_rms(ring) + unit_rms(splashes) * db_to_gain(_between(rng, -20.0, -7.0))
    brook = np.array([-10.0, -8.0, 2.0, 5.0, 3.0, 1.0, -1.0, -3.0])
    fall = np.array([12.0, 8.0, 5.0, 2.5, -1.0, -4.0, -6.5, -9.5])
    blend = np.clip(intensity + rng.normal(0.0, 0.35), 0.0, 1.0)
    levels = varied_levels(rng, (1.0 - blend) * brook + blend * fall, 4.5, 1.5)
    roar = shaped_noise(rng, num_samples, levels) * db_to_gain(0.3 * drift(rng, num_samples, 2.0))
    water = water + roar * db_to_gain(-14.0 + 24.0 * intensity + rng.normal(0.0, 3.0))
    return unit_rms(water) + ambience(rng, num_samples) * db_to_gain(_between(rng, -40.0, -18.0))


def _birds(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """One to many singers, near and far, over the quiet of a wood or a garden."""
    voices = _singers(rng, intensity, 10.0)
    song = np.zeros(num_samples, np.float32)
    for index in range(voices):
        distance_db = 0.0 if index == 0 else _between(rng, -24.0, 0.0)
        song += bird_voice(rng, intensity, num_samples) * db_to_gain(distance_db)
    song = unit_rms(song)
    if rng.uniform() < 0.4:
        song += _insect_band(rng, num_samples) * db_to_gain(_between(rng, -28.0, -8.0))
    floor_db = _between(rng, -4.0, 5.0) - 20.0 * intensity
    return unit_rms(song) + ambience(rng, num_samples) * db_to_gain(floor_db)


def _singers(rng: np.random.Generator, intensity: float, most: float) -> int:
    """How many sing: one at intensity 0, about `most` at 1."""
    return round(_scale(intensity, 1.0, most) * _log_between(rng, 0.75, 1.33))


def _insect_band(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """The even narrow band of many distant insects, unit RMS."""
    center = _log_between(rng, 2600.0, 6500.0)
    breadth = _log_between(rng, 1.02, 1.25)
    noise = shaped_noise(rng, num_samples, [0.0] * 8)
    band = band_limits(num_samples, center / breadth, center * breadth, 60.0)
    return unit_rms(filtered(noise, band))


def _crickets(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """Near singers with clear pulses before the even band of a distant choir."""
    voices = _singers(rng, intensity, 9.0)
    song = np.zeros(num_samples, np.float32)
    for index in range(voices):
        distance_db = 0.0 if index == 0 else _between(rng, -20.0, 0.0)
        song += cricket_voice(rng, intensity, num_samples) * db_to_gain(distance_db)
    song = unit_rms(song)
    if rng.uniform() < 0.7:
        song += _insect_band(rng, num_samples) * db_to_gain(
            _between(rng, -16.0, -8.0) + 10.0 * intensity
        )
    floor_db = _between(rng, -2.0, 7.0) - 26.0 * intensity
    return unit_rms(song) + ambience(rng, num_samples) * db_to_gain(floor_db)


_SYNTHESIZERS = {
    "rain": _rain,
    "thunderstorm": _thunderstorm,
    "wind": _wind,
    "fire": _fire,
    "waves": _waves,
    "stream": _stream,
    "birds": _birds,
    "crickets": _crickets,
}
