"""Front end of the audio encoder; tensors only, no files.

Data flow: waveform (batch, num_samples) at 16 kHz -> log_mel (batch, 1, n_mels, n_frames), one clip
at a time: what stands beside a clip in its batch never changes it.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
import torchaudio
from torch import nn

from sgim.checks import require, require_in_range

CLIPS_AT_ONCE = 4
"""Clips of some seconds whose frames stay in a processor's cache, which halves the time."""

BANDS_AT_ONCE = 16
"""A mel filter is 0 almost everywhere; neighbors share the few frequencies where it is not."""


@dataclass(frozen=True, kw_only=True)
class LogMelConfig:
    """Settings of the log-mel front end (Hz, samples, dB)."""

    sample_rate: int = 16000
    n_fft: int = 512
    hop_length: int = 160
    n_mels: int = 64
    f_min: float = 40.0
    f_max: float = 8000.0
    top_db: float = 70.0
    scale_db: float = 15.0

    def __post_init__(self):
        for field in ("sample_rate", "n_fft", "hop_length", "n_mels", "top_db", "scale_db"):
            value = getattr(self, field)
            require(value > 0, f"{field} is {value}; it must be above 0.")
        require(
            0 <= self.f_min < self.f_max <= self.sample_rate / 2,
            f"f_min, f_max are {self.f_min}, {self.f_max} Hz; they must rise and stay below half "
            f"the sample rate ({self.sample_rate / 2:g} Hz).",
        )


class LogMel(nn.Module):
    """Log-mel spectrogram without the clip's level.

    Power mel spectrogram (Hann window, HTK mel scale, filters without area normalization), in dB,
    cut off `top_db` below the clip's maximum, minus the clip's mean, divided by `scale_db`.

    Examples
    --------
    >>> log_mel = LogMel(LogMelConfig())(torch.randn(2, 16000))
    >>> tuple(log_mel.shape)
    (2, 1, 64, 101)
    """

    def __init__(self, config: LogMelConfig = LogMelConfig()):
        super().__init__()
        self.config = config
        filters = torchaudio.functional.melscale_fbanks(
            n_freqs=config.n_fft // 2 + 1,
            f_min=config.f_min,
            f_max=config.f_max,
            n_mels=config.n_mels,
            sample_rate=config.sample_rate,
            mel_scale="htk",
        )
        self.register_buffer("filters", filters, persistent=False)
        self.groups = _groups(filters)
        self.register_buffer("window", torch.hann_window(config.n_fft), persistent=False)

    @property
    def sample_rate(self) -> int:
        """Samples per second of what it takes."""
        return self.config.sample_rate

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        """(batch, num_samples) -> log_mel (batch, 1, n_mels, n_frames), mean 0 per clip."""
        require(
            waveform.ndim == 2 and len(waveform) > 0 and waveform.shape[1] > self.config.n_fft // 2,
            f"waveform has shape {tuple(waveform.shape)}; it must be (batch, num_samples), a clip "
            f"or more of more than {self.config.n_fft // 2} samples: use windows() to make them.",
        )
        power = torch.cat([self._mel_power(clips) for clips in waveform.split(CLIPS_AT_ONCE)])
        level = power.clamp_min_(1e-10).log10_().mul_(10.0)
        level = torch.maximum(level, level.amax((1, 2), keepdim=True) - self.config.top_db)
        level = (level - level.mean((1, 2), keepdim=True)).div_(self.config.scale_db)
        return level.transpose(1, 2).unsqueeze(1)

    def _mel_power(self, clips: torch.Tensor) -> torch.Tensor:
        """(batch, num_samples) -> (batch, n_frames, n_mels); frame 0 is centered on sample 0."""
        n_fft, half = self.config.n_fft, self.config.n_fft // 2
        before, after = clips[:, 1 : half + 1].flip(1), clips[:, -half - 1 : -1].flip(1)
        frames = torch.cat([before, clips, after], dim=1).unfold(1, n_fft, self.config.hop_length)
        spectrum = torch.fft.rfft(frames * self.window).flatten(0, 1)
        power = torch.addcmul(spectrum.real.square(), spectrum.imag, spectrum.imag)
        bands = [power[:, rows] @ self.filters[rows, columns] for rows, columns in self.groups]
        return torch.cat(bands, dim=1).unflatten(0, frames.shape[:2])


def _groups(filters: torch.Tensor) -> list[tuple[slice, slice]]:
    """Rows and columns of mel filters (n_freqs, n_mels), outside of which they are 0."""
    groups = []
    for first in range(0, filters.shape[1], BANDS_AT_ONCE):
        columns = slice(first, first + BANDS_AT_ONCE)
        rows = filters[:, columns].sum(1).nonzero().flatten().tolist() or [0]
        groups.append((slice(rows[0], rows[-1] + 1), columns))
    return groups


@dataclass(frozen=True, kw_only=True)
class FilterAugmentConfig:
    """Strength (standard deviations in dB) and shares in [0, 1] of what befalls a log-mel.

    `tilt_db` lifts one end of the spectrum and lowers the other, `wiggle_db` bends it;
    `low_pass` and `high_pass` are the shares of clips that lose an end of it, `noise_floor` the
    share that gets steady noise, 25 to 60 dB below the peak.
    """

    tilt_db: float = 3.0
    wiggle_db: float = 1.5
    low_pass: float = 0.3
    high_pass: float = 0.2
    noise_floor: float = 0.4

    def __post_init__(self):
        for field, value in vars(self).items():
            require_in_range(field, value, 0.0, 30.0 if field.endswith("_db") else 1.0)


class FilterAugment(nn.Module):
    """Another microphone in another place, drawn anew for each look at a clip; only in training.

    A filter multiplies a spectrum, so on a log-mel it is an addition. Random filters of whole clips
    are those of Nam et al. 2022, "FilterAugment"; the lost ends and the noise floor are ours.

    Examples
    --------
    >>> tuple(FilterAugment(LogMelConfig())(torch.randn(2, 1, 64, 101)).shape)
    (2, 1, 64, 101)
    """

    num_bends = 8
    low_pass_db_per_band = 6.0
    high_pass_db_per_band = 2.5

    def __init__(self, log_mel: LogMelConfig, config: FilterAugmentConfig = FilterAugmentConfig()):
        super().__init__()
        self.log_mel, self.config = log_mel, config

    def forward(self, log_mel: torch.Tensor) -> torch.Tensor:
        """(batch, 1, n_mels, n_frames) -> the same shape, mean 0 per clip, filtered in training."""
        if self.training:
            scale_db = self.log_mel.scale_db
            log_mel = log_mel + self._filter_db(len(log_mel)).to(log_mel) / scale_db
            log_mel = self._over_noise(log_mel)
            least = log_mel.amax((2, 3), keepdim=True) - self.log_mel.top_db / scale_db
            log_mel = torch.maximum(log_mel, least)
        return log_mel - log_mel.mean((2, 3), keepdim=True)

    def _filter_db(self, batch: int) -> torch.Tensor:
        """Gains in dB, (batch, 1, n_mels, 1)."""
        config, bands = self.config, torch.arange(self.log_mel.n_mels)
        tilt = torch.randn(batch, 1) * config.tilt_db * torch.linspace(-1, 1, len(bands))
        cutoff = (0.45 + 0.55 * torch.rand(batch, 1)) * len(bands)
        lost_highs = (bands - cutoff).clamp_min(0) * self.low_pass_db_per_band
        cutoff = 0.25 * torch.rand(batch, 1) * len(bands)
        lost_lows = (cutoff - bands).clamp_min(0) * self.high_pass_db_per_band
        gains = tilt + self._bends(batch, config.wiggle_db)
        gains = gains - lost_highs * (torch.rand(batch, 1) < config.low_pass)
        gains = gains - lost_lows * (torch.rand(batch, 1) < config.high_pass)
        return gains[:, None, :, None]

    def _bends(self, batch: int, deviation_db: float) -> torch.Tensor:
        """Smooth random curves over the bands, (batch, n_mels)."""
        knots = torch.randn(batch, 1, self.num_bends) * deviation_db
        size = self.log_mel.n_mels
        return F.interpolate(knots, size=size, mode="linear", align_corners=True)[:, 0]

    def _over_noise(self, log_mel: torch.Tensor) -> torch.Tensor:
        """Powers of clips and of steady noise added up, on the scale of log-mels."""
        batch, scale_db = len(log_mel), self.log_mel.scale_db
        below_peak_db = 25.0 + 35.0 * torch.rand(batch, 1) - self._bends(batch, 5.0)
        below_peak_db[torch.rand(batch) >= self.config.noise_floor] = math.inf
        peaks = log_mel.amax((2, 3), keepdim=True)
        noise = peaks - (below_peak_db / scale_db)[:, None, :, None].to(log_mel)
        nepers = scale_db / 10 * math.log(10)
        return torch.logaddexp(log_mel * nepers, noise * nepers) / nepers


@dataclass(frozen=True, kw_only=True)
class SpecAugmentConfig:
    """Number and greatest width of the masks (mel bands, frames)."""

    num_frequency_masks: int = 1
    max_frequency_width: int = 10
    num_time_masks: int = 2
    max_time_width: int = 60

    def __post_init__(self):
        for field, value in vars(self).items():
            require(value >= 0, f"{field} is {value}; it must be 0 or more.")


class SpecAugment(nn.Module):
    """Masks random bands and times of each example with its mean level 0; only while training.

    Park et al. 2019, "SpecAugment", without time warping.
    """

    def __init__(self, config: SpecAugmentConfig = SpecAugmentConfig()):
        super().__init__()
        self.config = config
        frequency = torchaudio.transforms.FrequencyMasking(
            config.max_frequency_width, iid_masks=True
        )
        time = torchaudio.transforms.TimeMasking(config.max_time_width, iid_masks=True)
        self.masks = nn.ModuleList(
            [frequency] * config.num_frequency_masks + [time] * config.num_time_masks
        )

    def forward(self, log_mel: torch.Tensor) -> torch.Tensor:
        """(batch, 1, n_mels, n_frames) -> the same shape, masked in training mode."""
        if self.training:
            for mask in self.masks:
                log_mel = mask(log_mel, 0.0)
        return log_mel


def windows(waveform: torch.Tensor, num_samples: int, max_windows: int = 8) -> torch.Tensor:
    """Evenly spaced windows over a sound of any length.

    Parameters
    ----------
    waveform : (length,); one shorter than a window is repeated to fill it
    num_samples : length of a window
    max_windows : at most as many; neighbors overlap only to reach the sound's end

    Returns
    -------
    (num_windows, num_samples) of the first, the last and the windows between

    Examples
    --------
    >>> windows(torch.arange(5), 2, max_windows=8)
    tensor([[0, 1],
            [2, 3],
            [3, 4]])
    """
    require(
        waveform.ndim == 1 and waveform.numel() > 0,
        f"waveform has shape {tuple(waveform.shape)}; it must be (num_samples,) and not empty.",
    )
    require(max_windows > 0, f"max_windows is {max_windows}; it must be above 0.")
    waveform = _repeated(waveform, num_samples)
    latest = waveform.numel() - num_samples
    count = min(max_windows, -(-waveform.numel() // num_samples))
    starts = (
        torch.linspace(0, latest, count).round().long().tolist() if count > 1 else [latest // 2]
    )
    return torch.stack([waveform[start : start + num_samples] for start in starts])


def _repeated(waveform: torch.Tensor, num_samples: int) -> torch.Tensor:
    require(num_samples > 0, f"num_samples is {num_samples}; it must be above 0.")
    length = waveform.shape[-1]
    require(length > 0, "The waveform is empty; it must have at least one sample.")
    if length >= num_samples:
        return waveform
    repeats = -(-num_samples // length)
    return torch.cat([waveform] * repeats, dim=-1)[..., :num_samples]
