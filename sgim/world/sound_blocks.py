"""Building blocks of the mini world's sounds: shaped noise, drifting levels, scattered grains.

Data flow: random generator + a few physical parameters -> arrays of `num_samples` at 16 kHz.

Spectra are given as *mel levels*: dB at the centers of eight bands of equal width on the mel
scale between 0 and 8000 Hz, the way a log-mel picture shows them. White noise rises on that scale
(mel bands grow wider with frequency), and the functions here take that into account.
"""

from functools import lru_cache

import numpy as np
from scipy import fft, interpolate

SAMPLE_RATE = 16000
NUM_BANDS = 8
CONTROL_RATE = 250


def mel(frequency: np.ndarray) -> np.ndarray:
    """Mel (HTK formula) of a frequency in Hz."""
    return 2595.0 * np.log10(1.0 + frequency / 700.0)


@lru_cache(maxsize=8)
def _band_positions(num_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Position of every FFT bin in bands, and the dB a mel band gains there by being wide."""
    frequency = np.fft.rfftfreq(num_samples, 1.0 / SAMPLE_RATE)
    position = mel(frequency) / mel(SAMPLE_RATE / 2) * NUM_BANDS - 0.5
    return position.astype(np.float32), 10.0 * np.log10(1.0 + frequency / 700.0)


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A random number between `low` and `high`, all alike."""
    return float(rng.uniform(low, high))


def log_between(rng: np.random.Generator, low: float, high: float) -> float:
    """A random number between `low` and `high`, all ratios alike (both above 0)."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def geometric(intensity: float, low: float, high: float) -> float:
    """Geometric path from `low` (intensity 0) to `high` (intensity 1)."""
    return float(low * (high / low) ** intensity)


def db_to_gain(level_db):
    """Amplitude factor of a level in dB."""
    return 10.0 ** (np.asarray(level_db) / 20.0)


def unit_rms(waveform: np.ndarray) -> np.ndarray:
    """`waveform` scaled to a root mean square of 1 (silence stays silence)."""
    return waveform / (np.sqrt(np.mean(np.square(waveform))) + 1e-9)


def response(num_samples: int, levels_db: np.ndarray) -> np.ndarray:
    """Amplitude response (num_samples // 2 + 1,) that follows eight band levels in dB."""
    position, _ = _band_positions(num_samples)
    return db_to_gain(np.interp(position, np.arange(NUM_BANDS), levels_db)).astype(np.float32)


def filtered(waveform: np.ndarray, amplitude_response: np.ndarray) -> np.ndarray:
    """`waveform` with each FFT bin multiplied by `amplitude_response` (zero phase)."""
    return fft.irfft(fft.rfft(waveform) * amplitude_response, waveform.size)


def band_limits(num_samples: int, low: float, high: float, slope_db: float = 24.0) -> np.ndarray:
    """Amplitude response of a band pass from `low` to `high` Hz, `slope_db` per octave outside."""
    frequency = np.maximum(np.fft.rfftfreq(num_samples, 1.0 / SAMPLE_RATE), 1.0)
    below = np.maximum(np.log2(low / frequency), 0.0) if low > 0 else 0.0
    above = np.maximum(np.log2(frequency / high), 0.0)
    return db_to_gain(-slope_db * (below + above)).astype(np.float32)


def shaped_noise(rng: np.random.Generator, num_samples: int, levels_db: np.ndarray) -> np.ndarray:
    """Gaussian noise (num_samples,) of unit RMS whose log-mel picture shows `levels_db`."""
    _, width_db = _band_positions(num_samples)
    spectrum = rng.standard_normal((2, num_samples // 2 + 1), dtype=np.float32)
    spectrum = (spectrum[0] + 1j * spectrum[1]) * response(num_samples, levels_db)
    spectrum *= db_to_gain(-width_db).astype(np.float32)
    return unit_rms(fft.irfft(spectrum, num_samples))


def varied_levels(
    rng: np.random.Generator, levels_db, tilt_db: float = 4.0, wiggle_db: float = 2.0
) -> np.ndarray:
    """`levels_db` with a random tilt across the bands and a random wiggle of each band."""
    tilt = rng.normal(0.0, tilt_db) * np.linspace(-1.0, 1.0, NUM_BANDS)
    return np.asarray(levels_db, float) + tilt + rng.normal(0.0, wiggle_db, NUM_BANDS)


def ambience(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """The background of an outdoor recording: rumble falling towards the highs, unit RMS."""
    falling = np.array([16.0, 6.0, 0.0, -3.0, -5.0, -7.0, -9.0, -11.0])
    levels = varied_levels(rng, falling * rng.uniform(0.2, 1.4), tilt_db=3.0, wiggle_db=2.5)
    return shaped_noise(rng, num_samples, levels)


def drift(rng: np.random.Generator, num_samples: int, rate: float, low: float = 0.0) -> np.ndarray:
    """A smooth random curve (num_samples,), mean 0 and spread about 1, `rate` knots per second.

    Where `low` is given the curve is cut off below it, which makes lulls between swells.
    """
    seconds = num_samples / SAMPLE_RATE
    knots = np.arange(-2.0, seconds * rate + 3.0) + rng.uniform()
    curve = interpolate.CubicSpline(knots, rng.standard_normal(knots.size))
    times = np.linspace(0.0, seconds, max(int(seconds * CONTROL_RATE), 8))
    values = curve(times * rate)
    if low:
        values = np.maximum(values, low)
    return to_samples(values, num_samples)


def to_samples(control: np.ndarray, num_samples: int) -> np.ndarray:
    """A control curve of any length stretched linearly over `num_samples`."""
    places = np.linspace(0.0, control.size - 1.0, num_samples, dtype=np.float32)
    return np.interp(places, np.arange(control.size), control).astype(np.float32)


def event_starts(
    rng: np.random.Generator, num_samples: int, rate: float, density: np.ndarray | None = None
) -> np.ndarray:
    """Sample positions of a Poisson process, `rate` per second, denser where `density` is high."""
    count = rng.poisson(rate * num_samples / SAMPLE_RATE)
    if density is None:
        return rng.integers(0, num_samples, count)
    cumulative = np.cumsum(density[::64], dtype=np.float64)
    return 64 * np.searchsorted(cumulative, rng.uniform(0.0, cumulative[-1], count))


def scatter(num_samples: int, starts: np.ndarray, grains: np.ndarray) -> np.ndarray:
    """Sum of `grains` (count, length), each beginning at its place in `starts` (count,)."""
    if not len(starts):
        return np.zeros(num_samples, np.float32)
    places = starts[:, None] + np.arange(grains.shape[1])
    total = np.bincount(places.ravel(), grains.ravel(), num_samples)
    return total[:num_samples].astype(np.float32)


def heavy_tailed_gains(rng: np.random.Generator, count: int, spread_db: float) -> np.ndarray:
    """Amplitudes (count, 1) whose levels are normally distributed with `spread_db`."""
    return db_to_gain(rng.normal(0.0, spread_db, (count, 1)))


def clicks(
    rng: np.random.Generator, starts: np.ndarray, num_samples: int, decay_ms, tone_hz, spread_db
) -> np.ndarray:
    """Short decaying hits: half noise, half a damped tone.

    Parameters
    ----------
    starts : (count,) sample positions
    decay_ms, tone_hz : (low, high) range of the hits' decay times and pitches
    spread_db : how different in level the hits are
    """
    count = len(starts)
    decay = np.exp(rng.uniform(*np.log(decay_ms), (count, 1))) * SAMPLE_RATE / 1000.0
    tone = np.exp(rng.uniform(*np.log(tone_hz), (count, 1)))
    time = np.arange(int(5 * decay_ms[1] * SAMPLE_RATE / 1000.0) + 8, dtype=np.float32)
    hits = 0.7 * rng.standard_normal((count, time.size), dtype=np.float32)
    hits += np.sin(2 * np.pi * tone / SAMPLE_RATE * time) * rng.uniform(0.0, 2.0, (count, 1))
    hits *= np.exp(-time / decay) * heavy_tailed_gains(rng, count, spread_db)
    return scatter(num_samples, starts, hits)


def bubbles(
    rng: np.random.Generator, starts: np.ndarray, num_samples: int, decay_ms, tone_hz, spread_db
) -> np.ndarray:
    """Drops and air bubbles in water: damped tones whose pitch rises while they ring."""
    count = len(starts)
    decay = np.exp(rng.uniform(*np.log(decay_ms), (count, 1))) * SAMPLE_RATE / 1000.0
    tone = np.exp(rng.uniform(*np.log(tone_hz), (count, 1))) / SAMPLE_RATE
    rise = rng.uniform(-0.1, 0.6, (count, 1)) / (5.0 * decay)
    time = np.arange(int(4 * decay_ms[1] * SAMPLE_RATE / 1000.0) + 8, dtype=np.float32)
    rings = np.sin(2 * np.pi * tone * time * (1.0 + rise * time))
    rings *= np.exp(-time / decay) * (1.0 - np.exp(-time / 8.0))
    return scatter(num_samples, starts, rings * heavy_tailed_gains(rng, count, spread_db))
