"""A picture that follows a sound in time, as a film.

recording -> what it says, moment by moment -> one latent for every frame -> pictures -> mp4 or GIF
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from numbers import Integral

import torch
from PIL import Image

from sgim.bundle import Bundle
from sgim.checks import require
from sgim.devices import ordinary_torch, threads_for
from sgim.editing.following import follow, steadied, without_blinks
from sgim.editing.latents import as_ws
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.embedding.listening import Moments, listen
from sgim.media.film_files import save_film
from sgim.media.given_sounds import to_waveform
from sgim.media.picture_files import to_pictures
from sgim.media.waveforms import as_waveform
from sgim.world.photo_lands import PhotoGenerator

SOUND_RATE = 44_100
"""Samples per second of the sound in a film."""

FASTEST = 30
LONGEST_SECONDS = 180.0
SCENE_SIDE, PHOTO_SIDE = 256, 384
"""Pixels of the longer side of a film."""

FRAMES_AT_ONCE = 8

BLINK_SECONDS = 1.2
"""What is heard for less than this is not painted."""

STEADY_SECONDS = 0.25
"""Latents are averaged twice over so long before and after: weather comes and does not pop."""


@dataclass(frozen=True, kw_only=True)
class Film:
    """Pictures in time and the sound that they follow.

    Attributes
    ----------
    generator : what draws the pictures
    ws : torch.Tensor, (frames, num_ws, w_dim)
    fps : int
    waveform : torch.Tensor, (num_samples,), 44100 samples per second
    heard : list of (seconds, name)
        When the likeliest weather changes, "" for silence; names are "" in other worlds.
    """

    generator: torch.nn.Module = field(repr=False)
    ws: torch.Tensor = field(repr=False)
    fps: int
    waveform: torch.Tensor = field(repr=False)
    heard: list[tuple[float, str]]

    def __len__(self) -> int:
        return len(self.ws)

    def pictures(self, every: int = 1) -> Iterator[Image.Image]:
        """The frames, or each so many of them, drawn as they are asked for."""
        indices = torch.arange(0, len(self.ws), every, device=self.ws.device)
        pixels = FRAMES_AT_ONCE * self.generator.img_resolution**2
        for chosen in indices.split(FRAMES_AT_ONCE):
            with torch.no_grad(), threads_for(pixels):
                images = drawn(self.generator, self.ws[chosen], chosen / self.fps)
            yield from to_pictures(images)

    def save(self, path: str | os.PathLike) -> None:
        """Write .mp4, with the sound, or .gif; see `sgim.media.film_files.save_film`."""
        save_film(self.pictures(), path, self.fps, (self.waveform, SOUND_RATE))


@ordinary_torch()
def animate(
    bundle: Bundle,
    sound,
    source_ws=None,
    *,
    sample_rate: int | None = None,
    fps: int = 12,
    config: ManipulateConfig | None = None,
) -> Film:
    """Let a picture follow a recording in time.

    Parameters
    ----------
    bundle : Bundle
        With a `PhotoGenerator` in it the weather comes over a photo.
    sound : path, bytes or open file of a recording, or samples, as `Bundle.encode_audio` takes one
        Up to 3 min.
    source_ws : latents of the picture in silence, as `manipulate` takes them
        The average one when left out.
    sample_rate : int
        Required for samples, not for files.
    fps : int
        Pictures per second, 1 to 30.
    config : ManipulateConfig
        Of the edits in between; see `sgim.editing.following.follow`.

    Returns
    -------
    Film
        In silence it shows the source, in the loudest moments the whole edit.

    Raises
    ------
    SgimError
        For a sound that cannot be read, is silent or too long, fps out of range, and latents of
        another shape.
    """
    check_fps(fps)
    generator = bundle.generator
    source_ws = as_ws(generator.w_avg if source_ws is None else source_ws, generator)
    waveform = to_waveform(sound, sample_rate, SOUND_RATE)
    seconds = len(waveform) / SOUND_RATE
    require(
        seconds <= LONGEST_SECONDS,
        f"the sound lasts {seconds:.0f} s and a film {LONGEST_SECONDS:.0f} s at most; cut it.",
    )
    moments = listen(bundle, as_waveform(waveform, SOUND_RATE, bundle.sample_rate))
    times = torch.arange(max(1, round(seconds * fps))) / fps
    return Film(
        generator=_at_film_size(generator),
        ws=moved_in_time(bundle, source_ws, moments, times, config),
        fps=int(fps),
        waveform=waveform,
        heard=moments.told(),
    )


def moved_in_time(
    bundle: Bundle,
    source_ws: torch.Tensor,
    moments: Moments,
    times: torch.Tensor,
    config: ManipulateConfig | None = None,
) -> torch.Tensor:
    """Latents (frames, num_ws, w_dim) that follow what is heard, smoothly.

    Parameters
    ----------
    source_ws : torch.Tensor, (1, num_ws, w_dim)
    moments : Moments
        Something sounds in them.
    times : torch.Tensor, (frames,), seconds, evenly spaced
    config : ManipulateConfig
        See `sgim.editing.following.follow`.
    """
    fps = 1.0 if len(times) == 1 else 1.0 / (times[1] - times[0]).item()
    targets, loudness = moments.at(times)
    followed = follow(bundle, source_ws, targets.to(source_ws), config)
    followed = without_blinks(followed, round(BLINK_SECONDS * fps))
    moved = torch.lerp(source_ws, followed, loudness.to(source_ws)[:, None, None])
    return steadied(moved, round(STEADY_SECONDS * fps))


def drawn(generator: torch.nn.Module, ws: torch.Tensor, seconds: torch.Tensor) -> torch.Tensor:
    """Pictures (frames, 3, H, W) at moments (frames,); those who know no time draw stills."""
    if hasattr(generator, "frames"):
        return generator.frames(ws, seconds.to(ws))
    return generator.synthesis(ws, noise_mode="const")


def check_fps(fps: int) -> None:
    """Raise `SgimError` unless `fps` is a whole number from 1 to 30."""
    require(
        isinstance(fps, Integral) and not isinstance(fps, bool) and 1 <= fps <= FASTEST,
        f"fps is {fps!r}; it must be a whole number of pictures per second, 1 to {FASTEST}: "
        "12 is usual.",
    )


def _at_film_size(generator: torch.nn.Module) -> torch.nn.Module:
    """The same scene or photo in the size of films; other generators have one size."""
    if not hasattr(generator, "at_resolution"):
        return generator
    side = PHOTO_SIDE if isinstance(generator, PhotoGenerator) else SCENE_SIDE
    return generator.at_resolution(max(side, generator.img_resolution))
