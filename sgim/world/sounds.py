"""Eight sounds of the mini world, made from noise, grains and tones.

Data flow: name, intensity in [0, 1], seconds, seed -> one recording situation -> waveform (16 kHz).

Every seed is another place and another microphone; the intensity decides how fast, how dense, how
bright and how far above the background something sounds. Loudness says nothing: every waveform is
scaled to the same peak, as recordings are.
"""

import numpy as np
import torch

from sgim.checks import require, require_in_range, require_one_of
from sgim.world import air_sounds, animal_sounds, fire_sounds, water_sounds
from sgim.world.names import SOUND_NAMES
from sgim.world.sound_blocks import SAMPLE_RATE

PEAK = 0.9

SYNTHESIZERS = {
    "rain": air_sounds.rain_sound,
    "thunderstorm": air_sounds.thunderstorm_sound,
    "wind": air_sounds.wind_sound,
    "fire": fire_sounds.fire_sound,
    "waves": water_sounds.waves_sound,
    "stream": water_sounds.stream_sound,
    "birds": animal_sounds.birds_sound,
    "crickets": animal_sounds.crickets_sound,
}
"""How each of `SOUND_NAMES` is made: (generator, intensity, num_samples) -> waveform."""


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
    waveform = SYNTHESIZERS[name](rng, float(intensity), num_samples)
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
