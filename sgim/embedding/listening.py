"""A long sound heard moment by moment: what each moment says, and how loudly.

waveform, or one that comes in pieces -> overlapping windows -> `Moments` -> embedding and loudness
at any time
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from sgim.checks import require
from sgim.embedding.hearing import Heard, embed_names, knows_weathers, what_is_heard

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
        (moments, 0) where nothing sounds at all.
    loudness : torch.Tensor, (moments,), in [0, 1]
        0 for silence, 1 for loud moments, in between by the level in dB. In the mini world it is
        less for what may be none of its weathers.
    heard : tuple of Heard or None
        What each moment says, None for silence and where the bundle knows no weathers.
    """

    times: torch.Tensor
    features: torch.Tensor
    loudness: torch.Tensor
    heard: tuple[Heard | None, ...]

    @property
    def sounds(self) -> bool:
        """Whether anything does."""
        return bool(self.loudness.max() > 0)

    @property
    def names(self) -> tuple[str, ...]:
        """The likeliest weather of each moment, or ""."""
        return tuple("" if one is None else one.name for one in self.heard)

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
    moments = Listener(bundle).hear(waveform)
    require(
        moments.sounds,
        "nothing sounds in the recording; a picture follows sounds: pass another one.",
    )
    return moments


class Listener:
    """Hears a sound that comes in pieces, and embeds no window twice.

    Parameters
    ----------
    bundle : Bundle
    lately : float
        Moments so many seconds before the end of what has come are told of.
    remembered : float
        What is loud is judged by so many seconds.
    quiet_db : float
        A sound is never loud below this level, in dB of full scale.
    weathers_only : bool
        What is none of the weathers counts as silence.
    """

    def __init__(
        self,
        bundle,
        *,
        lately: float = math.inf,
        remembered: float = math.inf,
        quiet_db: float = -math.inf,
        weathers_only: bool = False,
    ):
        self._bundle, self._quiet_db, self._weathers_only = bundle, quiet_db, weathers_only
        self._lately, self._remembered = lately, remembered
        self._names = embed_names(bundle) if knows_weathers(bundle) else None
        self._sound = torch.zeros(0)
        self._forgotten = 0
        self._embedded: dict[tuple[int, int], tuple[torch.Tensor, Heard | None]] = {}

    @property
    def seconds(self) -> float:
        """Of all that has come."""
        return (self._forgotten + len(self._sound)) / self._bundle.sample_rate

    def hear(self, piece: torch.Tensor) -> Moments:
        """Moments every half second, once this piece of the sound has come, too.

        Parameters
        ----------
        piece : torch.Tensor, (num_samples,), at the bundle's rate
        """
        self._sound = torch.cat([self._sound, piece])
        rate, begin = self._bundle.sample_rate, self._forgotten / self._bundle.sample_rate
        times = torch.arange(0, len(self._sound) / rate, HOP_SECONDS)
        levels = torch.stack([_level(self._sound, rate, time) for time in times.tolist()])
        loudness = _loudness(levels, self._quiet_db)
        lately = times + begin >= self.seconds - self._lately
        times, loudness = times[lately], loudness[lately]
        told = [
            self._embed(time) if loud > 0 else None
            for time, loud in zip(times.tolist(), loudness.tolist(), strict=True)
        ]
        self._forget()
        return self._as_moments(times + begin, loudness, told)

    def _embed(self, time: float) -> tuple[torch.Tensor, Heard | None]:
        """Embedding and name of the window around a time in what is remembered."""
        rate, names = self._bundle.sample_rate, self._names
        window = _around(self._sound, rate, time, WINDOW_SECONDS)
        key = self._forgotten + window.storage_offset(), len(window)
        if key not in self._embedded:
            features = self._bundle.encode_audio(window, rate)
            heard = None if names is None else what_is_heard(self._bundle, features, names)
            self._embedded[key] = features, heard
        return self._embedded[key]

    def _as_moments(self, times: torch.Tensor, loudness: torch.Tensor, told: list) -> Moments:
        heard = tuple(None if one is None else one[1] for one in told)
        sounding = [features for features, _ in filter(None, told)] or [torch.zeros(1, 0)]
        silent = torch.zeros_like(sounding[0])
        return Moments(
            times=times,
            features=torch.cat([silent if one is None else one[0] for one in told]).cpu(),
            loudness=loudness * torch.tensor([self._share(one) for one in heard]),
            heard=heard,
        )

    def _share(self, heard: Heard | None) -> float:
        """How much of the loudness of a moment counts."""
        if heard is None or (self._weathers_only and heard.is_weather):
            return 1.0
        return 0.0 if self._weathers_only else heard.sureness

    def _forget(self) -> None:
        """Drop the beginning of what is longer than what is remembered."""
        hop = round(HOP_SECONDS * self._bundle.sample_rate)
        extra = max(0.0, len(self._sound) - self._remembered * self._bundle.sample_rate)
        dropped = hop * math.floor(extra / hop)
        self._sound, self._forgotten = self._sound[dropped:].clone(), self._forgotten + dropped


def _around(waveform: torch.Tensor, rate: int, time: float, seconds: float) -> torch.Tensor:
    """The part of a recording around a time, as long as asked for where there is so much."""
    length = min(len(waveform), round(seconds * rate))
    begin = min(max(0, round(time * rate) - length // 2), len(waveform) - length)
    return waveform[begin : begin + length]


def _level(waveform: torch.Tensor, rate: int, time: float) -> torch.Tensor:
    """The level around a time in dB of full scale; a constant offset has none."""
    power = _around(waveform, rate, time, LEVEL_SECONDS).var(unbiased=False)
    return 10.0 * power.clamp_min(1e-20).log10()


def _loudness(levels: torch.Tensor, quiet_db: float) -> torch.Tensor:
    """Levels in dB (moments,) -> [0, 1]; none up to `quiet_db` is loud."""
    loud = levels.quantile(LOUD_SHARE).clamp_min(levels.max() - SOFTEST_DB / 2)
    loud = loud.clamp_min(quiet_db)
    return (1.0 + (levels - loud) / SOFTEST_DB).clamp(0.0, 1.0) * (levels > -100.0)
