"""Domain randomization: makes a synthetic sound as accidental as a real recording.

Data flow: waveform + seed -> other sounds, room, equalizer, microphone, codec -> waveform.

Nothing here belongs to a class of sound. An encoder that has heard every sound through many rooms
and microphones recognizes it through one it has never heard (domain randomization, Tobin et al.
2017, there for pictures).
"""

from dataclasses import dataclass

import numpy as np
import soxr
import torch
from scipy import fft

from sgim.checks import require, require_in_range
from sgim.world.names import CLEAR, SOUND_NAMES
from sgim.world.sound_blocks import (
    NUM_BANDS,
    SAMPLE_RATE,
    ambience,
    band_limits,
    db_to_gain,
    response,
    shaped_noise,
    unit_rms,
    varied_levels,
)
from sgim.world.sounds import synthesize_sound
from sgim.world.strangers import knocks, music, synthesize_stranger, voice


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
    rumble: float = 0.2
    equalizer_db: float = 3.0
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

    Parameters as in `sgim.world.sounds.synthesize_sound`; "clear" is a sound without weather.
    Deterministic by `seed`.

    Returns
    -------
    waveform : float32 tensor (num_samples,) in [-1, 1] at 16 kHz
    """
    if name == CLEAR:
        return randomize_sound(synthesize_stranger(seconds, seed), seed, config)
    waveform, _ = synthesize_sound(name, intensity, seconds, seed)
    return randomize_sound(with_second_sound(waveform, name, seed, config), seed, config)


def with_second_sound(
    waveform: torch.Tensor, name: str, seed: int, config: RandomizeConfig = RandomizeConfig()
) -> torch.Tensor:
    """`waveform`, which plays `name`, sometimes with a synthesized other weather behind it."""
    rng = np.random.default_rng([seed, 1])
    if rng.uniform() >= config.second_sound:
        return waveform
    other = str(rng.choice([candidate for candidate in SOUND_NAMES if candidate != name]))
    second, _ = synthesize_sound(other, float(rng.uniform()), waveform.numel() / SAMPLE_RATE, seed)
    mixed = _add(waveform.numpy(), second.numpy(), rng.uniform(*config.second_sound_db))
    return torch.from_numpy(mixed.astype(np.float32))


def overlay(waveforms: list[torch.Tensor], seconds: float, seed: int) -> torch.Tensor:
    """Recordings of one kind as one: each at another speed and begun elsewhere, the later quieter.

    Parameters
    ----------
    waveforms : list of (num_samples,) at 16 kHz, repeated or cut to `seconds`
    """
    rng = np.random.default_rng([seed, 5])
    num_samples = round(seconds * SAMPLE_RATE)
    mixed = np.zeros(num_samples, np.float32)
    for index, waveform in enumerate(waveforms):
        speed = 2.0 ** rng.uniform(-0.3, 0.3)
        played = soxr.resample(waveform.numpy(), SAMPLE_RATE * speed, SAMPLE_RATE)
        played = np.roll(played, rng.integers(played.size))
        level = rng.uniform(-12.0, 0.0) if index else 0.0
        mixed += unit_rms(np.resize(played, num_samples)) * db_to_gain(level)
    return torch.from_numpy(mixed.astype(np.float32))


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
    if rng.uniform() < config.rumble:
        sound = _add(sound, ambience(rng, sound.size), rng.uniform(-20.0, 0.0))
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
        sound = _add(sound, voice(rng, sound.size), rng.uniform(-28.0, -8.0))
    if rng.uniform() < config.music:
        sound = _add(sound, music(rng, sound.size), rng.uniform(-28.0, -10.0))
    if rng.uniform() < config.clicks:
        sound = _add(sound, knocks(rng, sound.size), rng.uniform(-30.0, -10.0))
    return sound


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
            size,
            0.0,
            np.exp(rng.uniform(*np.log((2500.0, 7500.0)))),
            np.exp(rng.uniform(*np.log((60.0, 600.0)))),
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
