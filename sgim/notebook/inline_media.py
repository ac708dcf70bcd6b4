"""Pictures, sounds and curves as the bytes of small files, and the widget that shows them.

images -> PNG; a waveform -> WAV; the terms of an edit -> curves as SVG, without a plotting backend.
"""

import io
from collections.abc import Mapping, Sequence

import ipywidgets as widgets
import soundfile
import torch
from PIL import Image

from sgim.media.picture_files import to_pictures
from sgim.notebook.plots import GRAY, PALETTE

GAP = 4
CURVES = {"guidance": "cosine distance to the target", "similarity": "distance from the source"}


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


def draw_curves(history: Mapping[str, Sequence[float]], num_steps: int) -> bytes:
    """The terms `CURVES` over the steps so far, as an SVG file, ready within a millisecond.

    Parameters
    ----------
    history : mapping, term -> one value per step so far
    num_steps : int
        Where the horizontal axis ends.

    Examples
    --------
    >>> draw_curves({"guidance": [0.9, 0.5], "similarity": [0.0, 0.1]}, 60).count(b"<polyline")
    2
    """
    panels = [
        _draw_curve(title, history.get(name, []), num_steps, PALETTE[index], 40 + 275 * index)
        for index, (name, title) in enumerate(CURVES.items())
    ]
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 540 170" font-family="sans-serif"'
    return f'{head} font-size="11" fill="{GRAY}">{"".join(panels)}</svg>'.encode()


def _draw_curve(title: str, values: Sequence[float], num_steps: int, color: str, left: int) -> str:
    width, height, top, bottom = 220, 110, 25, 135
    highest = max(values, default=0.0) * 1.1 or 1.0
    points = " ".join(
        f"{left + width * index / max(1, num_steps - 1):.1f},{bottom - height * y / highest:.1f}"
        for index, y in enumerate(values)
    )
    axes = f"M{left},{top} V{bottom} H{left + width}"
    return (
        f'<text x="{left}" y="14" font-size="12">{title}</text>'
        f'<path d="{axes}" fill="none" stroke="{GRAY}" stroke-width="0.7"/>'
        f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>'
        f'<text x="{left - 5}" y="{top + 8}" text-anchor="end">{highest:.2g}</text>'
        f'<text x="{left - 5}" y="{bottom}" text-anchor="end">0</text>'
        f'<text x="{left}" y="{bottom + 16}">1</text>'
        f'<text x="{left + width / 2}" y="{bottom + 16}" text-anchor="middle">step</text>'
        f'<text x="{left + width}" y="{bottom + 16}" text-anchor="end">{num_steps}</text>'
    )


def picture_widget(value: bytes = b"", kind: str = "png", shows: str = "") -> widgets.Image:
    """A widget for a picture of kind "png" or "svg+xml", as wide as a notebook's column takes.

    What it `shows` is its title, the one text that a screen reader finds in such a widget.
    """
    layout = widgets.Layout(width="540px", max_width="100%")
    return widgets.Image(value=value, format=kind, layout=layout, tooltip=shows or None)
