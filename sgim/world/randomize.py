"""Domain randomization: makes a synthetic sound as accidental as a real recording.

Data flow: waveform + seed -> other sounds, room, equalizer, microphone, codec -> waveform.

Nothing here belongs to a class of sound. An encoder that has heard every sound through many rooms
and microphones recognizes it through one it has never heard (domain randomization, Tobin et al.
2017, there for pictures).
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy import fft

from sgim.checks import require, require_in_range
from sgim.world.names import SOUND_NAMES
from sgim.world.sound_blocks import (
    NUM_BANDS,
    SAMPLE_RATE,
    band_limits,
    clicks,
    db_to_gain,
    drift,
    event_starts,
    response,
    shaped_noise,
    unit_rms,
    varied_levels,
)
from sgim.world.sounds import synthesize_sound


@dataclass(frozen=True, kw_only=True)
class RandomizeConfig:
    """How often (shares in [0, 1]) and how strongly a recording is disturbed."""

    second_sound: float = 0.3
    second_sound_db: tuple[float, float] = (-30.0, -6.0)
    voice: float = 0.1
    music: float = 0.06
    clicks: float = 0.1
    hum: float = 0.1
    noise_floor: float = 0.4
    equalizer_db: float = 4.0
    reverb: float = 0.35
    high_pass: float = 0.4
    low_pass: float = 0.35
    clipping: float = 0.06
    silence: float = 0.1
    gain_db: tuple[float, float] = (-30.0, 0.0)

    def __post_init__(self):
        for field, value in vars(self).items():
            if field == "equalizer_db":
                require_in_range(field, value, 0.0, 30.0)
            elif field.endswith("_db"):
                low, high = value
                require(low <= high, f"{field} is {value}; it must be (low, high): swap them.")
            else:
                require_in_range(field, value, 0.0, 1.0)


def training_sound(
    name: str,
    intensity: float,
    seconds: float,
    seed: int,
    config: RandomizeConfig = RandomizeConfig(),
) -> torch.Tensor:
    """One sound for training: synthesized, sometimes with a second one behind it, randomized.

    Parameters as in `sgim.world.sounds.synthesize_sound`. Deterministic by `seed`.

    Returns
    -------
    waveform : float32 tensor (num_samples,) in [-1, 1] at 16 kHz
    """
    waveform, _ = synthesize_sound(name, intensity, seconds, seed)
    rng = np.random.default_rng([seed, 1])
    if rng.uniform() < config.second_sound:
        other = str(rng.choice([candidate for candidate in SOUND_NAMES if candidate != name]))
        second, _ = synthesize_sound(other, float(rng.uniform()), seconds, seed)
        waveform = _add(waveform.numpy(), second.numpy(), rng.uniform(*config.second_sound_db))
        waveform = torch.from_numpy(waveform.astype(np.float32))
    return randomize_sound(waveform, seed, config)


def randomize_sound(
    waveform: torch.Tensor, seed: int, config: RandomizeConfig = RandomizeConfig()
) -> torch.Tensor:
    """`waveform` as another microphone in another place would have recorded it.

    Parameters
    ----------
    waveform : (num_samples,) in [-1, 1] at 16 kHz, at least 0.1 s
    seed : same seed, same disturbances
    config : shares and strengths

    Returns
    -------
    waveform : float32 tensor (num_samples,) in [-1, 1]

    Raises
    ------
    SgimError
        if the waveform is not one-dimensional or is shorter than 0.1 s
    """
    require(
        waveform.ndim == 1 and waveform.numel() >= SAMPLE_RATE // 10,
        f"The waveform has shape {tuple(waveform.shape)}; it must be (num_samples,) with at least "
        f"{SAMPLE_RATE // 10} samples: pass one mono sound.",
    )
    rng = np.random.default_rng([seed, 2])
    sound = _with_strangers(rng, unit_rms(waveform.numpy().astype(np.float32)), config)
    sound = _through_room_and_microphone(rng, sound, config)
    if rng.uniform() < config.noise_floor:
        floor = shaped_noise(rng, sound.size, varied_levels(rng, np.zeros(NUM_BANDS), 8.0, 3.0))
        sound = _add(sound, floor, rng.uniform(-50.0, -16.0))
    if rng.uniform() < config.hum:
        sound = _add(sound, _hum(rng, sound.size), rng.uniform(-36.0, -10.0))
    if rng.uniform() < config.silence:
        sound = _with_silence(rng, sound)
    sound = sound / (np.abs(sound).max() + 1e-9)
    if rng.uniform() < config.clipping:
        sound = np.clip(sound * db_to_gain(rng.uniform(2.0, 14.0)), -1.0, 1.0)
    sound = sound * db_to_gain(rng.uniform(*config.gain_db))
    return torch.from_numpy(sound.astype(np.float32)).clamp(-1.0, 1.0)


def _add(sound: np.ndarray, other: np.ndarray, level_db: float) -> np.ndarray:
    """`sound` at unit RMS with `other` added at `level_db` relative to it."""
    return unit_rms(sound) + unit_rms(other) * db_to_gain(level_db)


def _with_strangers(rng: np.random.Generator, sound: np.ndarray, config: RandomizeConfig):
    """Adds what may go on beside the sound: somebody talks, music plays, something knocks."""
    if rng.uniform() < config.voice:
        sound = _add(sound, _voice(rng, sound.size), rng.uniform(-28.0, -8.0))
    if rng.uniform() < config.music:
        sound = _add(sound, _music(rng, sound.size), rng.uniform(-28.0, -10.0))
    if rng.uniform() < config.clicks:
        starts = event_starts(rng, sound.size, rng.uniform(0.2, 2.0))
        knocks = clicks(rng, starts, sound.size, (1.0, 15.0), (150.0, 4000.0), 5.0)
        sound = _add(sound, knocks, rng.uniform(-30.0, -10.0))
    return sound


def _voice(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """Speech-like sound: a buzzing pitch through moving formants, in syllables."""
    pitch = rng.uniform(85.0, 250.0) * 2.0 ** (0.25 * drift(rng, num_samples, 2.0))
    phase = np.cumsum(pitch, dtype=np.float64) / SAMPLE_RATE
    buzz = (2.0 * np.mod(phase, 1.0) - 1.0).astype(np.float32)
    open_vowel = band_limits(num_samples, 400.0, rng.uniform(700.0, 1000.0), 14.0)
    closed_vowel = band_limits(num_samples, 250.0, 400.0, 14.0)
    closed_vowel += 0.5 * band_limits(num_samples, 1700.0, rng.uniform(2200.0, 3000.0), 18.0)
    spectrum = fft.rfft(buzz)
    blend = 0.5 + 0.5 * np.tanh(2.0 * drift(rng, num_samples, 4.0))
    vowels = blend * fft.irfft(spectrum * open_vowel, num_samples)
    vowels += (1.0 - blend) * fft.irfft(spectrum * closed_vowel, num_samples)
    return vowels * np.maximum(drift(rng, num_samples, rng.uniform(4.0, 7.0)) + 0.3, 0.0)


def _music(rng: np.random.Generator, num_samples: int) -> np.ndarray:
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


def _hum(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """Mains hum: 50 or 60 Hz with random overtones."""
    time = np.arange(num_samples, dtype=np.float32) / SAMPLE_RATE
    mains = rng.choice([50.0, 60.0])
    return sum(
        rng.uniform() * np.sin(2 * np.pi * mains * overtone * time) for overtone in (1, 2, 3, 4, 6)
    )


def _through_room_and_microphone(
    rng: np.random.Generator, sound: np.ndarray, config: RandomizeConfig
) -> np.ndarray:
    """Reverb, equalizer, high pass and codec low pass, all in one pass through the spectrum."""
    size = sound.size
    effect = response(
        size,
        varied_levels(rng, np.zeros(NUM_BANDS), config.equalizer_db, 0.5 * config.equalizer_db),
    )
    if rng.uniform() < config.high_pass:
        effect = effect * band_limits(
            size, np.exp(rng.uniform(*np.log((40.0, 900.0)))), 8000.0, rng.uniform(6.0, 24.0)
        )
    if rng.uniform() < config.low_pass:
        effect = effect * band_limits(
            size, 0.0, np.exp(rng.uniform(*np.log((2500.0, 7500.0)))), 60.0
        )
    if rng.uniform() < config.reverb:
        effect = effect * fft.rfft(_room(rng, size))
    return fft.irfft(fft.rfft(sound) * effect, size)


def _room(rng: np.random.Generator, num_samples: int) -> np.ndarray:
    """Impulse response: the direct sound and an exponential tail of noise."""
    decay = np.exp(rng.uniform(np.log(0.03), np.log(0.35))) * SAMPLE_RATE
    length = min(int(5 * decay), num_samples)
    tail = rng.standard_normal(length) * np.exp(-np.arange(length) / decay)
    impulse = np.zeros(num_samples)
    impulse[:length] = tail / np.sqrt(np.sum(tail**2)) * db_to_gain(rng.uniform(-20.0, 2.0))
    impulse[0] += 1.0
    return impulse


def _with_silence(rng: np.random.Generator, sound: np.ndarray) -> np.ndarray:
    """Fades in or out over a random time; the rest of the recording is digital silence."""
    size = sound.size
    edge = rng.uniform(0.05, 0.5) * size
    fade = rng.uniform(0.002, 0.15) * size
    gain = np.clip((np.arange(size) - edge) / fade, 0.0, 1.0)
    return sound * (gain if rng.uniform() < 0.3 else gain[::-1])
