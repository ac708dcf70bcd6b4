"""What of a recording sounds: silence and room tone around a sound are not heard.

waveform (num_samples,) -> levels of short frames -> the same without its silent stretches.
"""

import torch
import torch.nn.functional as F

FRAME_SECONDS = 0.05
SILENCE_BELOW_DB, SILENCE_SECONDS = 60.0, 0.25
"""What lies so far below the loudest frame for so long is silence."""

ROOM_TONE_BELOW_DB, ROOM_TONE_SECONDS = 42.0, 1.0
ROOM_TONE_DB = -69.0
"""Root mean square of the loudest room tone, in dB of full scale."""

SMOOTH, FLUTTER_DB = 5, 3.0
"""Over how many frames the level of room tone is taken, and how far a frame may lie above it."""


def sounding(waveform: torch.Tensor, sample_rate: int) -> torch.Tensor:
    """Cut silence and room tone out of a sound.

    Silence lies 60 dB below the loudest 50 ms for a quarter of a second or more; room tone lies
    42 dB below them and below -69 dB of full scale for a second or more. Shorter pauses stay, and
    a constant offset is no sound.

    Parameters
    ----------
    waveform : (num_samples,)
    sample_rate : samples per second

    Returns
    -------
    torch.Tensor, (num_kept_samples,)
        `waveform` itself where nothing is cut.

    Examples
    --------
    >>> tone, silence = torch.sin(torch.arange(16_000) / 5.0), torch.zeros(80_000)
    >>> len(sounding(torch.cat([silence, tone, silence, tone]), sample_rate=16_000))
    32000
    """
    frame = round(FRAME_SECONDS * sample_rate)
    frames = F.pad(waveform, (0, -len(waveform) % frame)).unflatten(0, (-1, frame))
    power = frames.var(1, unbiased=False).clamp_min(1e-20)
    level = 10.0 * power.log10()
    below_loudest = level.max() - level
    cut = _long_runs(below_loudest > SILENCE_BELOW_DB, SILENCE_SECONDS)
    cut |= _room_tone(power)
    return waveform[~cut.repeat_interleave(frame)[: len(waveform)]] if cut.any() else waveform


def _room_tone(power: torch.Tensor) -> torch.Tensor:
    """Which frames hold room tone, by their power; smoothed, for it flutters."""
    smooth = F.avg_pool1d(power[None], SMOOTH, 1, SMOOTH // 2, count_include_pad=False)[0]
    highest = min(_power(ROOM_TONE_DB), _power(-ROOM_TONE_BELOW_DB) * power.max().item())
    inside = _long_runs(smooth < highest, ROOM_TONE_SECONDS).float()
    with_edges = F.max_pool1d(inside[None], SMOOTH, 1, SMOOTH // 2)[0] > 0
    return with_edges & (power < highest * _power(FLUTTER_DB))


def _power(decibels: float) -> float:
    return 10.0 ** (decibels / 10.0)


def _long_runs(frames: torch.Tensor, least_seconds: float) -> torch.Tensor:
    """Which True frames stand in a run of True frames that lasts `least_seconds`."""
    value, count = frames.unique_consecutive(return_counts=True)
    long = value & (count >= round(least_seconds / FRAME_SECONDS))
    return long.repeat_interleave(count)
