"""A long recording heard moment by moment: what each moment says, and how loudly.

waveform -> overlapping windows -> `Moments` -> embedding and loudness at any time
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from sgim.checks import require
from sgim.embedding.hearing import embed_names, knows_weathers, what_is_heard

HOP_SECONDS = 0.5
WINDOW_SECONDS = 2.0
"""What is said is heard in windows that long around a moment. In longer ones sounds that come and
go seem to swell, like waves: 83 of 90 moments were named right, with windows of 5 s 68."""

LEVEL_SECONDS = 1.0
SOFTEST_DB = 36.0
"""Moments so far below the loud ones count as silence."""

LOUD_SHARE = 0.9
"""Of all moments this share is no louder than the level that counts as full."""

SMOOTH_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Moments:
    """What a recording says in time.

    Attributes
    ----------
    times : torch.Tensor, (moments,), seconds from the beginning
    features : torch.Tensor, (moments, embed_dim), unit norm; 0 where nothing sounds
    loudness : torch.Tensor, (moments,), in [0, 1]
        0 for silence, 1 for loud moments, in between by the level in dB. In the mini world it is
        less for what may be none of its weathers.
    names : tuple of str
        The likeliest weather of each moment, where the bundle knows weathers; else "".
    """

    times: torch.Tensor
    features: torch.Tensor
    loudness: torch.Tensor
    names: tuple[str, ...]

    def at(self, times: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Embeddings (frames, embed_dim), unit norm, and loudness (frames,) at other times.

        Both change smoothly, over half a second; what is loud counts more, and silence has the
        embedding of the nearest moment that sounds.
        """
        nearness = -0.5 * ((times[:, None] - self.times) / SMOOTH_SECONDS) ** 2
        loudness = nearness.softmax(dim=1) @ self.loudness
        features = (nearness + self.loudness.log()).softmax(dim=1) @ self.features
        return F.normalize(features, dim=1), loudness

    def told(self) -> list[tuple[float, str]]:
        """When the likeliest weather becomes another one: (seconds, name), "" for silence."""
        told, before = [], None
        for time, name, loudness in zip(self.times, self.names, self.loudness, strict=True):
            now = name if loudness > 0 else ""
            if now != before:
                told.append((time.item(), now))
            before = now
        return told


def listen(bundle, waveform: torch.Tensor) -> Moments:
    """Hear a recording every half second.

    Parameters
    ----------
    bundle : Bundle
    waveform : torch.Tensor, (num_samples,), at `bundle.sample_rate`

    Raises
    ------
    SgimError
        For a recording in which nothing sounds.
    """
    rate = bundle.sample_rate
    times = torch.arange(0, len(waveform) / rate, HOP_SECONDS)
    loudness = _loudness(torch.stack([_level(waveform, rate, t) for t in times.tolist()]))
    require(
        bool(loudness.max() > 0),
        "nothing sounds in the recording; a picture follows sounds: pass another one.",
    )
    names = embed_names(bundle) if knows_weathers(bundle) else None
    features, told = [], []
    for index, time in enumerate(times.tolist()):
        if loudness[index] == 0:
            features.append(None)
            told.append("")
            continue
        features.append(bundle.encode_audio(_around(waveform, rate, time, WINDOW_SECONDS), rate))
        heard = what_is_heard(bundle, features[-1], names) if names is not None else None
        told.append("" if heard is None else heard.name)
        loudness[index] *= 1.0 if heard is None else heard.sureness
    silent = torch.zeros_like(next(one for one in features if one is not None))
    return Moments(
        times=times,
        features=torch.cat([silent if one is None else one for one in features]).cpu(),
        loudness=loudness,
        names=tuple(told),
    )


def _around(waveform: torch.Tensor, rate: int, time: float, seconds: float) -> torch.Tensor:
    """The part of a recording around a time, as long as asked for where there is so much."""
    length = min(len(waveform), round(seconds * rate))
    begin = min(max(0, round(time * rate) - length // 2), len(waveform) - length)
    return waveform[begin : begin + length]


def _level(waveform: torch.Tensor, rate: int, time: float) -> torch.Tensor:
    """The level around a time in dB of full scale; a constant offset has none."""
    power = _around(waveform, rate, time, LEVEL_SECONDS).var(unbiased=False)
    return 10.0 * power.clamp_min(1e-20).log10()


def _loudness(levels: torch.Tensor) -> torch.Tensor:
    """Levels in dB (moments,) -> [0, 1]."""
    loud = levels.quantile(LOUD_SHARE).clamp_min(levels.max() - SOFTEST_DB / 2)
    return (1.0 + (levels - loud) / SOFTEST_DB).clamp(0.0, 1.0) * (levels > -100.0)
