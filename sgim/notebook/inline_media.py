"""Pictures and sounds as the bytes of small files, and the widgets that show and play them.

images -> PNG; a waveform -> WAV; files -> widgets with words.
"""

import io

import ipywidgets as widgets
import soundfile
import torch
import traitlets
from PIL import Image

from sgim.media.picture_files import to_pictures

GAP = 4


def encode_png(images: torch.Tensor) -> bytes:
    """Pictures (batch, 3, height, width) in [-1, 1], side by side, as one PNG file."""
    buffer = io.BytesIO()
    _strip(images).save(buffer, format="PNG")
    return buffer.getvalue()


def encode_jpeg(images: torch.Tensor, quality: int = 88) -> bytes:
    """The same as a JPEG file, a tenth of the PNG file."""
    buffer = io.BytesIO()
    _strip(images).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _strip(images: torch.Tensor) -> Image.Image:
    pictures = to_pictures(images)
    width, height = pictures[0].size
    strip = Image.new("RGB", (len(pictures) * (width + GAP) - GAP, height), "white")
    for index, picture in enumerate(pictures):
        strip.paste(picture, (index * (width + GAP), 0))
    return strip


def encode_mp3(waveform: torch.Tensor, sample_rate: int) -> bytes:
    """A waveform (num_samples,) in [-1, 1] as an MP3 file, a sixth of its WAV file."""
    buffer = io.BytesIO()
    samples = waveform.detach().cpu().clamp(-1, 1).numpy()
    soundfile.write(buffer, samples, sample_rate, format="MP3")
    return buffer.getvalue()


def encode_wav(waveform: torch.Tensor, sample_rate: int) -> bytes:
    """A waveform (num_samples,) in [-1, 1] as a 16-bit WAV file.

    Examples
    --------
    >>> len(encode_wav(torch.zeros(100), 16000))  # 44 bytes of header
    244
    """
    buffer = io.BytesIO()
    samples = waveform.detach().cpu().clamp(-1, 1).numpy()
    soundfile.write(buffer, samples, sample_rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


class NamedImage(widgets.Image):
    """A picture whose `tooltip` is its name for a screen reader.

    JupyterLab shows a widget with a tooltip only where it has a description, too, were it empty,
    and pictures and players have none of their own.
    """

    description = traitlets.Unicode("").tag(sync=True)


class NamedAudio(widgets.Audio):
    """A player whose `tooltip` is its name for a screen reader."""

    description = traitlets.Unicode("").tag(sync=True)


def player_widget(kind: str = "wav") -> NamedAudio:
    """A player for files of kind "wav" or "mp3" that waits until it is asked to play.

    It begins with a tenth of a second of silence, for a browser complains of an empty file.
    """
    encode = {"wav": encode_wav, "mp3": encode_mp3}[kind]
    silence = encode(torch.zeros(1600), 16000)
    return NamedAudio(format=kind, value=silence, autoplay=False, loop=False)


def picture_widget(kind: str = "png") -> NamedImage:
    """A widget for a file of kind "png", "jpeg" or "webp", as wide as a notebook's column takes."""
    return NamedImage(format=kind, layout=widgets.Layout(width="540px", max_width="100%"))
