"""Front end of the audio encoder; tensors only, no files.

Data flow: waveform (batch, num_samples) at 16 kHz -> log_mel (batch, 1, n_mels, n_frames), one clip
at a time: what stands beside a clip in its batch never changes it.
"""

import math
from dataclasses import dataclass

import torch
from torch import nn

from sgim.checks import require

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
        filters = mel_filters(config)
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


def mel_filters(config: LogMelConfig) -> torch.Tensor:
    """Triangles of height 1 over the frequencies, evenly spaced in mel: (n_freqs, n_mels).

    On the HTK scale f Hz are 2595 log10(1 + f / 700) mel. Each triangle begins and ends at the
    peaks of its neighbors.
    """
    ends = (2595.0 * math.log10(1.0 + f / 700.0) for f in (config.f_min, config.f_max))
    mels = torch.linspace(*ends, config.n_mels + 2)
    begin, peak, end = (700.0 * (10.0 ** (mels / 2595.0) - 1.0)).unfold(0, 3, 1).unbind(1)
    frequencies = torch.linspace(0, config.sample_rate // 2, config.n_fft // 2 + 1)[:, None]
    rising, falling = (frequencies - begin) / (peak - begin), (end - frequencies) / (end - peak)
    return torch.minimum(rising, falling).clamp_min(0)


def _groups(filters: torch.Tensor) -> list[tuple[slice, slice]]:
    """Rows and columns of mel filters (n_freqs, n_mels), outside of which they are 0."""
    groups = []
    for first in range(0, filters.shape[1], BANDS_AT_ONCE):
        columns = slice(first, first + BANDS_AT_ONCE)
        rows = filters[:, columns].sum(1).nonzero().flatten().tolist() or [0]
        groups.append((slice(rows[0], rows[-1] + 1), columns))
    return groups


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
