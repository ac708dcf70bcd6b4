"""Disturbances of log-mels while an encoder learns; out of training they change nothing.

log_mel (batch, 1, n_mels, n_frames) -> filtered as by another microphone, masked -> the same shape.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
import torchaudio
from torch import nn

from sgim.checks import require, require_in_range
from sgim.media.log_mel import LogMelConfig


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
