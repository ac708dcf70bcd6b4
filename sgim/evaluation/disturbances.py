"""What may befall a recording before it is heard.

a waveform at 16 kHz, its name, a random generator -> mixed, narrower or quieter
"""

import numpy as np
import soxr
import torch

from sgim.world.names import SOUND_NAMES
from sgim.world.sounds import synthesize_sound
from sgim.world.strangers import voice

SAMPLE_RATE = 16_000
DISTURBANCE_SEED = 90_005


def _with_another_sound(waveform: torch.Tensor, name: str, rng: np.random.Generator):
    other = str(rng.choice([candidate for candidate in SOUND_NAMES if candidate != name]))
    seconds = waveform.numel() / SAMPLE_RATE
    sound, _ = synthesize_sound(other, float(rng.uniform()), seconds, int(rng.integers(2**31)))
    return _mixed(waveform, sound)


def _with_a_voice(waveform: torch.Tensor, name: str, rng: np.random.Generator):
    return _mixed(waveform, torch.from_numpy(voice(rng, waveform.numel())).float())


def _mixed(waveform: torch.Tensor, other: torch.Tensor, snr_db: float = 10.0) -> torch.Tensor:
    gain = waveform.square().mean().sqrt() / other.square().mean().sqrt().clamp_min(1e-9)
    return waveform + other * gain * 10 ** (-snr_db / 20)


def _through_a_telephone(waveform: torch.Tensor, name: str, rng: np.random.Generator):
    narrow = soxr.resample(waveform.numpy(), SAMPLE_RATE, SAMPLE_RATE // 2)
    return torch.from_numpy(soxr.resample(narrow, SAMPLE_RATE // 2, SAMPLE_RATE))


DISTURBANCES = {
    "another sound, 10 dB below": _with_another_sound,
    "a voice, 10 dB below": _with_a_voice,
    "sampled at 8 kHz": _through_a_telephone,
    "30 dB quieter": lambda waveform, name, rng: waveform * 10 ** (-30 / 20),
}
"""What may befall a recording: (waveform at 16 kHz, its name, random generator) -> waveform."""
