"""Pictures and sounds as the bytes of small files, and the widget that shows a picture.

images -> PNG; a waveform -> WAV; a picture file -> a widget with words.
"""

import io

import ipywidgets as widgets
import soundfile
import torch
from PIL import Image

from sgim.media.picture_files import to_pictures

GAP = 4


def encode_png(images: torch.Tensor) -> bytes:
    """Pictures (batch, 3, height, width) in [-1, 1], side by side, as one PNG file."""
    pictures = to_pictures(images)
    width, height = pictures[0].size
    strip = Image.new("RGB", (len(pictures) * (width + GAP) - GAP, height), "white")
    for index, picture in enumerate(pictures):
        strip.paste(picture, (index * (width + GAP), 0))
    buffer = io.BytesIO()
    strip.save(buffer, format="PNG")
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


def picture_widget(value: bytes = b"", kind: str = "png", shows: str = "") -> widgets.Image:
    """A widget for a picture of kind "png" or "svg+xml", as wide as a notebook's column takes.

    What it `shows` is its title, the one text that a screen reader finds in such a widget.
    """
    layout = widgets.Layout(width="540px", max_width="100%")
    return widgets.Image(value=value, format=kind, layout=layout, tooltip=shows or None)
