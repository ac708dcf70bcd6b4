"""Samples from outside -> one mono waveform, checked; the rules for files and arrays alike.

array (num_samples,) or (channels, num_samples) -> checks -> resampled -> mono waveform.
"""

import numpy as np
import soxr
import torch

from sgim.checks import require

MIN_SECONDS = 0.1
MAX_SECONDS = 600.0
SILENCE_PEAK = 1e-5
"""A waveform that stays within this of its mean (full scale is 1) counts as silence."""

MIN_SAMPLE_RATE = 1_000
MAX_SAMPLE_RATE = 768_000
MP3_SLACK_FRAMES = 2 * 1152
"""An mp3 may end this many samples before its header says, for encoders differ in their padding."""


def as_waveform(
    sound: np.ndarray | torch.Tensor, sample_rate: int | None, target_sample_rate: int = 16_000
) -> torch.Tensor:
    """Check an array of samples and bring it to one mono waveform.

    Parameters
    ----------
    sound : numpy.ndarray or torch.Tensor
        (num_samples,) or (channels, num_samples); floating point with full scale [-1, 1], or
        integers, whose full scale is their type's.
    sample_rate : int
        Samples per second of `sound`.
    target_sample_rate : int
        Samples per second of the result.

    Returns
    -------
    torch.Tensor
        (num_samples,), float32; the mean over the channels.

    Raises
    ------
    SgimError
        Under the same rules as `read_sound`, or if the shape or type is not as above.

    Examples
    --------
    >>> tone = np.sin(np.arange(8000) / 5)
    >>> as_waveform(np.stack([tone, tone]), sample_rate=8000, target_sample_rate=16000).shape
    torch.Size([16000])
    """
    name = "the waveform"
    require(
        sample_rate is not None,
        f"{name} comes without sample_rate; pass its samples per second, for example 16000.",
    )
    samples = _as_float_channels(sound, name)
    check_sample_rate(sample_rate, name)
    check_seconds(samples.shape[1], sample_rate, name)
    check_finite(samples, name)
    if sample_rate != target_sample_rate:
        samples = soxr.resample(samples.T, sample_rate, target_sample_rate).T
    return to_mono(samples, name)


def _as_float_channels(sound: np.ndarray | torch.Tensor, name: str) -> np.ndarray:
    """Array from outside -> (channels, num_samples), float32."""
    if torch.is_tensor(sound):
        sound = sound.detach().cpu()
        sound = sound.float() if sound.is_floating_point() else sound
    samples = np.asarray(sound)
    require(
        samples.dtype.kind in "fiu",
        f"{name} holds {samples.dtype} values; it must hold real numbers: pass floats in [-1, 1].",
    )
    require(
        samples.ndim in (1, 2),
        f"{name} has shape {samples.shape}; it must be (num_samples,) or (channels, num_samples).",
    )
    require(samples.size > 0, f"{name} has no samples; pass at least {MIN_SECONDS} s of sound.")
    samples = np.atleast_2d(samples)
    require(
        samples.shape[0] <= samples.shape[1],
        f"{name} has shape {samples.shape}, more channels than samples; pass it as "
        "(channels, num_samples), that is, transposed.",
    )
    if samples.dtype.kind == "f":
        return samples.astype(np.float32)
    limits = np.iinfo(samples.dtype)
    middle = 0 if limits.min < 0 else (limits.max + 1) // 2
    return ((samples.astype(np.float64) - middle) / (limits.max - middle + 1)).astype(np.float32)


def check_sample_rate(sample_rate: float, name: str) -> None:
    require(
        MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE,
        f"{name} has {sample_rate} samples per second; between {MIN_SAMPLE_RATE} and "
        f"{MAX_SAMPLE_RATE} can be read: resample it.",
    )


def check_seconds(num_frames: int, sample_rate: float, name: str) -> None:
    require(num_frames > 0, f"{name} has no samples; pass at least {MIN_SECONDS} s of sound.")
    require(
        num_frames + 1 > MIN_SECONDS * sample_rate,
        f"{name} lasts {num_frames / sample_rate:.3f} s; a sound must last at least "
        f"{MIN_SECONDS} s: pass a longer one.",
    )
    require(
        num_frames <= MAX_SECONDS * sample_rate + MP3_SLACK_FRAMES,
        f"{name} lasts {num_frames / sample_rate / 60:.1f} min; a sound may last at most "
        f"{MAX_SECONDS / 60:g} min: cut it.",
    )


def check_finite(samples: np.ndarray, name: str) -> None:
    require(
        bool(np.isfinite(samples).all()),
        f"{name} holds NaN or infinite samples; export it again with finite ones.",
    )


def to_mono(channels: np.ndarray, name: str) -> torch.Tensor:
    """(channels, num_samples) -> (num_samples,): the mean, or one channel where they cancel out."""
    mono, loudest = channels.mean(axis=0), max(channels, key=_swing)
    if _swing(mono) < 1e-3 * _swing(loudest):
        mono = loudest
    require(
        _swing(mono) >= SILENCE_PEAK,
        f"{name} is silent; pass a recording in which one hears sound.",
    )
    return torch.from_numpy(np.ascontiguousarray(mono, dtype=np.float32))


def _swing(samples: np.ndarray) -> float:
    return float(np.abs(samples - samples.mean()).max())
