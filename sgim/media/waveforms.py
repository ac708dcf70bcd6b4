"""Samples from outside -> one mono waveform, checked; the rules for files and arrays alike.

array, or blocks of a file (num_samples, channels) -> checks -> mixed -> resampled -> mono waveform.
"""

import numbers
from collections.abc import Iterable

import numpy as np
import soxr
import torch

from sgim.checks import SgimError, require, require_finite

MIN_SECONDS = 0.1
MAX_SECONDS = 600.0
PADDING_SECONDS = 0.3
"""Compressed ten minutes may be so much longer."""

SILENCE_PEAK = 1e-5
"""A waveform that stays within this of its mean (full scale is 1) counts as silence."""

MIN_SAMPLE_RATE = 1_000
MAX_SAMPLE_RATE = 768_000
CODEC_SLACK = 2 * 1152
"""A compressed file may end this many samples before its header says, for encoders pad it."""

LARGEST_PEAK = 2.0**31
"""Floats may hold the numbers of 32-bit samples; full scale is 1 otherwise."""

OVERSHOOT, LONE_SECONDS = 10.0, 0.002
"""Where samples reach beyond the first, more than the second must come near them."""

INTEGER_BITS = (16, 24, 32, 64)


def as_waveform(
    sound: np.ndarray | torch.Tensor, sample_rate: float | None, target_sample_rate: int = 16_000
) -> torch.Tensor:
    """Check an array of samples and bring it to one mono waveform.

    Parameters
    ----------
    sound : numpy.ndarray, torch.Tensor or list of numbers
        (num_samples,) or (channels, num_samples); floating point with full scale [-1, 1], or
        integers. Full scale of integers is their type's; where they have more than 16 bits, it is
        that of the fewest of 16, 24, 32 or 64 bits that hold them all.
    sample_rate : int
        Samples per second of `sound`.
    target_sample_rate : int
        Samples per second of the result.

    Returns
    -------
    torch.Tensor
        (num_samples,), float32; the mean over the channels, or the loudest one where they cancel
        each other.

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
    sample_rate = _as_sample_rate(sample_rate, name)
    channels = _as_channels(sound, name)
    check_seconds(channels.shape[1] / sample_rate, name)
    samples = channels.T
    check_samples(samples, sample_rate, name)
    mono = mix([_as_floats(samples)], sample_rate, target_sample_rate)
    return finished(mono, name)


def _as_sample_rate(sample_rate: object, name: str) -> float:
    require(
        sample_rate is not None,
        f"{name} comes without sample_rate; pass its samples per second, for example 16000.",
    )
    if hasattr(sample_rate, "item"):
        require(
            getattr(sample_rate, "ndim", 0) == 0 and not isinstance(sample_rate, np.str_),
            f"sample_rate is {sample_rate!r}; it must be one number: pass for example 16000.",
        )
        sample_rate = sample_rate.item()
    require(
        isinstance(sample_rate, numbers.Real),
        f"sample_rate is {sample_rate!r}; it must be a number: pass for example 16000.",
    )
    check_sample_rate(sample_rate, name)
    return float(sample_rate)


def _as_channels(sound: object, name: str) -> np.ndarray:
    """Array from outside -> (channels, num_samples) of numbers."""
    if torch.is_tensor(sound):
        sound = sound.detach().cpu()
        sound = sound.float() if sound.dtype == torch.bfloat16 else sound
    try:
        samples = np.asarray(sound)
    except (TypeError, ValueError, RuntimeError) as error:
        raise SgimError(
            f"{name} is no array of numbers ({error}); pass floats in [-1, 1]."
        ) from error
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
    return samples


def _as_floats(samples: np.ndarray) -> np.ndarray:
    """Numbers of any type -> float32 with full scale [-1, 1]."""
    if samples.dtype.kind == "f":
        return samples.astype(np.float32)
    bits = 8 * samples.dtype.itemsize
    signed = samples.dtype.kind == "i"
    if bits > 16:
        largest = max(abs(int(samples.min())), abs(int(samples.max()) + 1))
        bits = next(one for one in INTEGER_BITS if largest <= 2 ** (one - signed))
    middle = 0 if signed else 2 ** (bits - 1)
    return ((samples.astype(np.float64) - middle) / 2 ** (bits - 1)).astype(np.float32)


def check_sample_rate(sample_rate: float, name: str) -> None:
    """Raise `SgimError` where no sound has so many samples per second."""
    require(
        MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE,
        f"{name} has {sample_rate} samples per second; between {MIN_SAMPLE_RATE} and "
        f"{MAX_SAMPLE_RATE} can be read: resample it.",
    )


def check_seconds(seconds: float, name: str) -> None:
    """Raise `SgimError` for a sound that is too short or too long."""
    require(seconds > 0, f"{name} has no samples; pass at least {MIN_SECONDS} s of sound.")
    require(
        seconds > MIN_SECONDS - 1e-4,
        f"{name} lasts {seconds:.3f} s; a sound must last at least {MIN_SECONDS} s: pass a longer "
        "one.",
    )
    check_not_too_long(seconds, name)


def check_not_too_long(seconds: float, name: str) -> None:
    """Raise `SgimError` for a sound that is too long."""
    require(
        seconds <= MAX_SECONDS + PADDING_SECONDS,
        f"{name} lasts {seconds / 60:.1f} min; a sound may last at most {MAX_SECONDS / 60:g} min: "
        "cut it.",
    )


def check_samples(samples: np.ndarray, sample_rate: float, name: str) -> None:
    """Raise `SgimError` for samples (num_samples, channels) that no recorder gives.

    They are not finite, beyond the range of 32-bit samples, or a few stand far above full scale
    and a thousand times above all others.
    """
    require_finite(name, samples, "export it again without NaN or infinite samples")
    if samples.dtype.kind != "f" or samples.size == 0:
        return
    peak = max(float(samples.max()), -float(samples.min()))
    if peak <= OVERSHOOT:
        return
    near = int((np.abs(samples) > peak / 1000).sum())
    require(
        peak <= LARGEST_PEAK and near > min(LONE_SECONDS * sample_rate, len(samples) / 10),
        f"{name} holds a sample of {peak:.3g}, where full scale is 1; it is damaged: export it "
        "again.",
    )


def mix(blocks: Iterable[np.ndarray], sample_rate: float, target_sample_rate: int) -> np.ndarray:
    """Mix all channels of a sound into one, and resample it block by block.

    The mean of channels that cancel each other, as of two microphones of opposite polarity, is
    mostly what they do not share: their hiss. Where it is weaker than chance would make it, the
    loudest channel is taken alone.

    Parameters
    ----------
    blocks : iterable of numpy.ndarray, (num_samples, channels), float32
        May be gone through twice.
    sample_rate : samples per second of the blocks
    target_sample_rate : samples per second of the result

    Returns
    -------
    numpy.ndarray, (num_samples,), float32
    """
    mono, covariance = _mixed(blocks, sample_rate, target_sample_rate, None)
    powers, count = covariance.diagonal(), len(covariance)
    if covariance.mean() < 0.5 * powers.mean() / count:
        mono, _ = _mixed(blocks, sample_rate, target_sample_rate, int(powers.argmax()))
    return mono


def _mixed(
    blocks: Iterable[np.ndarray],
    sample_rate: float,
    target_sample_rate: int,
    channel: int | None,
) -> tuple[np.ndarray, np.ndarray]:
    """The mean of the channels or one of them; the covariance of all, times the length.

    The mean over the covariance is the power of the mean over the channels.
    """
    resampler = soxr.ResampleStream(sample_rate, target_sample_rate, 1, dtype="float32")
    parts, covariance = [], np.zeros((1, 1))
    for block in blocks:
        count = block.shape[1]
        if channel is None and count > 1:
            mono = block @ np.full(count, 1 / count, np.float32)
            sums = np.ones(len(block), np.float32) @ block
            covariance = covariance + block.T @ block - np.outer(sums, sums) / len(block)
        else:
            mono = np.ascontiguousarray(block[:, channel or 0])
        parts.append(resampler.resample_chunk(mono))
    parts.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    return np.concatenate(parts), covariance


def finished(mono: np.ndarray, name: str) -> torch.Tensor:
    """(num_samples,) float32 -> tensor; `SgimError` for silence."""
    mean = float(mono.mean(dtype=np.float64))
    require(
        max(float(mono.max()) - mean, mean - float(mono.min())) >= SILENCE_PEAK,
        f"{name} is silent; pass a recording in which one hears sound.",
    )
    return torch.from_numpy(mono)
