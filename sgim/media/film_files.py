"""Films out: pictures and the sound that they follow become a file.

pictures of one size, fps, waveform -> mp4 with its sound, or GIF without -> whole or not at all
"""

import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path

import torch
from PIL import Image

from sgim.checks import SgimError, atomic_path, require

SUFFIXES = (".mp4", ".gif")
QUALITY = "18"
"""Constant rate factor of H.264: lower is better, 18 shows no loss."""

COLORS_FROM = 12
"""Pictures from which a GIF takes the colors of all."""


def check_film_path(path: str | os.PathLike) -> None:
    """Check before long work that a film of this name can be written.

    Raises
    ------
    SgimError
        For another ending than .mp4 and .gif, and for .mp4 where PyAV is not installed.
    """
    suffix = Path(path).suffix.lower()
    require(
        suffix in SUFFIXES,
        f"{path} must end in {' or '.join(SUFFIXES)}; these are the films that are written.",
    )
    if suffix == ".mp4":
        _av(path)


def save_film(
    pictures: Iterable[Image.Image],
    path: str | os.PathLike,
    fps: int,
    sound: tuple[torch.Tensor, int] | None = None,
) -> None:
    """Write a film, whole or not at all.

    Parameters
    ----------
    pictures : iterable of pictures of one size
        They are taken one by one as they are written; a GIF keeps them all in memory.
    path : path
        .mp4: H.264 and, with a sound, AAC. .gif: repeats, without sound, 256 colors for all.
    fps : int
        Pictures per second.
    sound : (waveform, sample_rate)
        (num_samples,) in [-1, 1].

    Raises
    ------
    SgimError
        As `check_film_path` does, and without pictures.
    """
    check_film_path(path)
    write = _write_gif if Path(path).suffix.lower() == ".gif" else _write_mp4
    pictures = iter(pictures)
    first = next(pictures, None)
    require(first is not None, "there are no pictures; a film takes at least one.")
    with atomic_path(path) as temporary:
        write(chain([first], pictures), first.size, temporary, fps, sound)


def _av(path: str | os.PathLike):
    try:
        import av
    except ImportError as error:
        raise SgimError(
            f"{path} is written by PyAV, which is not installed: run `pip install av`, or name a "
            ".gif file."
        ) from error
    return av


def _write_mp4(pictures: Iterator[Image.Image], size, path: Path, fps: int, sound) -> None:
    """Pictures, each with the samples that sound while it is shown."""
    av = _av(path)
    width, height = (side - side % 2 for side in size)
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
        video = container.add_stream(codec, rate=fps, options={"crf": QUALITY})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        track = None if sound is None else container.add_stream("aac", rate=sound[1], layout="mono")
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_image(picture.crop((0, 0, width, height)))
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(video.encode(frame))
            if track is not None:
                container.mux(track.encode(_samples(av, sound, index, fps)))
        container.mux(video.encode(None))
        if track is not None:
            container.mux(track.encode(None))


def _samples(av, sound: tuple[torch.Tensor, int], index: int, fps: int):
    """What sounds while a picture is shown; silence after the recording's end."""
    waveform, rate = sound
    begin, end = (moment * rate // fps for moment in (index, index + 1))
    samples = waveform[begin:end].float().cpu()
    samples = torch.nn.functional.pad(samples, (0, end - begin - len(samples)))
    frame = av.AudioFrame.from_ndarray(samples[None].numpy(), format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
    return frame


def _write_gif(pictures: Iterator[Image.Image], size, path: Path, fps: int, sound) -> None:
    """The same colors in all pictures, undithered, so that what stands still does not flicker."""
    pictures = list(pictures)
    chosen = pictures[:: -(-len(pictures) // COLORS_FROM)]
    strip = Image.new("RGB", (size[0] * len(chosen), size[1]))
    for index, picture in enumerate(chosen):
        strip.paste(picture, (index * size[0], 0))
    colors = strip.quantize(256, dither=Image.Dither.NONE)
    frames = [one.quantize(palette=colors, dither=Image.Dither.NONE) for one in pictures]
    ends = [10 * round(100 * count / fps) for count in range(len(frames) + 1)]
    frames[0].save(
        path,
        format="GIF",
        save_all=True,
        append_images=frames[1:],
        duration=[end - begin for begin, end in pairwise(ends)],
        loop=0,
    )
