"""Small drawings of the Studio, as SVG that takes its colors from the page.

terms of the loss -> curves; numbers by name -> bars; a waveform -> its spectrogram

No plotting backend is used: a drawing is ready within a millisecond, and JupyterLab's own colors
make it legible in light and dark.
"""

import io
from base64 import b64encode
from collections.abc import Mapping, Sequence

import matplotlib
import torch
from PIL import Image

from sgim.media.log_mel import LogMel, LogMelConfig
from sgim.notebook.plots import PALETTE, SPECTROGRAM_COLORS
from sgim.notebook.svg import FAINT, INK, svg_drawing, svg_text

TITLES = {
    "total": "total loss",
    "guidance": "cosine distance to the target",
    "similarity": "distance from the source",
    "identity": "identity distance",
}
WIDTH = 600


def draw_curves(
    history: Mapping[str, Sequence[float]], ghost: Mapping[str, Sequence[float]], num_steps: int
) -> str:
    """One panel for each term of the loss that is not always 0.

    Parameters
    ----------
    history, ghost : mapping, term -> one value per step, of this edit and of the one before it
    num_steps : int
        Where the horizontal axis ends.
    """
    terms = [name for name in TITLES if name != "identity" or any(history.get(name, ()))]
    step = WIDTH / len(terms)
    panels = [
        _curve(name, history.get(name, ()), ghost.get(name, ()), num_steps, index * step, step)
        for index, name in enumerate(terms)
    ]
    ends = [
        f"{TITLES[name]} {history[name][0]:.2g} to {history[name][-1]:.2g}"
        for name in terms
        if history.get(name)
    ]
    told = f"Curves over the steps: {', '.join(ends) or 'none yet'}."
    return svg_drawing("".join(panels), 150, told, WIDTH)


def _curve(
    name: str,
    values: Sequence[float],
    ghost: Sequence[float],
    num_steps: int,
    left: float,
    width: float,
) -> str:
    top, bottom, left, width = 26, 126, left + 38, width - 50
    highest = 1.1 * max(*values, *ghost, 0.0, 0.0) or 1.0
    longest = max(num_steps, len(ghost))

    def line(numbers: Sequence[float], color: str, dashes: str = "") -> str:
        points = " ".join(
            f"{left + width * index / max(1, longest - 1):.1f},"
            f"{bottom - (bottom - top) * number / highest:.1f}"
            for index, number in enumerate(numbers)
        )
        style = f'fill="none" stroke="{color}" stroke-width="2"{dashes}'
        return f'<polyline points="{points}" {style}/>'

    color = PALETTE[list(TITLES).index(name)]
    axes = f"M{left},{top} V{bottom} H{left + width}"
    return (
        svg_text(left, 14, TITLES[name])
        + f'<path d="{axes}" fill="none" stroke="{FAINT}"/>'
        + line(ghost, FAINT, ' stroke-dasharray="3 3"')
        + line(values, color)
        + svg_text(left - 4, top + 8, f"{highest:.2g}", "end")
        + svg_text(left - 4, bottom, "0", "end")
        + svg_text(left, bottom + 15, "1")
        + svg_text(left + width / 2, bottom + 15, "step", "middle")
        + svg_text(left + width, bottom + 15, str(longest), "end")
    )


def draw_bars(
    title: str,
    values: Mapping[str, float],
    before: Mapping[str, float] | None = None,
    ghost: Mapping[str, float] | None = None,
    *,
    width: int = WIDTH // 2 - 6,
    color: str = PALETTE[0],
) -> str:
    """A bar from 0 to 1 for each name, a line where it was before, a dashed one for the ghost.

    Parameters
    ----------
    values, before, ghost : mapping, name -> number; what lies outside [0, 1] is drawn at its end
    """
    left, right, row = 92, width - 40, 17
    parts = [svg_text(0, 13, title)]
    for index, (name, value) in enumerate(values.items()):
        top = 22 + row * index

        def at(number: float) -> float:
            return left + (right - left) * min(1.0, max(0.0, number))

        parts.append(svg_text(left - 6, top + 11, name, "end"))
        parts.append(
            f'<rect x="{left}" y="{top}" width="{right - left}" height="12" fill="{FAINT}" '
            'opacity="0.18"/>'
            f'<rect x="{left}" y="{top + 1}" width="{at(value) - left:.1f}" height="10" '
            f'fill="{color}"/>'
        )
        for marks, dashes in ((before, ""), (ghost, ' stroke-dasharray="2 2"')):
            if marks and name in marks:
                x = at(marks[name])
                parts.append(
                    f'<path d="M{x:.1f},{top - 1} V{top + 13}" stroke="{INK}" stroke-width="2"'
                    f"{dashes}/>"
                )
        parts.append(svg_text(right + 5, top + 11, f"{value:.2f}"))
    largest = sorted(values, key=values.get, reverse=True)[:3]
    told = f"{title}: largest {', '.join(f'{name} {values[name]:.2f}' for name in largest)}."
    return svg_drawing("".join(parts), 26 + row * len(values), told, width)


def draw_spectrogram(waveform: torch.Tensor, sample_rate: int, width: int = 330) -> str:
    """Log-mel spectrogram of a waveform (num_samples,), 70 dB deep, over seconds."""
    config = LogMelConfig(sample_rate=sample_rate, f_max=min(8000.0, sample_rate / 2))
    level = LogMel(config)(waveform.detach().cpu().view(1, -1))[0, 0] * config.scale_db
    share = ((level - level.max()) / config.top_db + 1).clamp(0, 1).flip(0)
    colors = matplotlib.colormaps[SPECTROGRAM_COLORS](share.numpy(), bytes=True)[..., :3]
    buffer = io.BytesIO()
    Image.fromarray(colors).resize((width - 40, 80), Image.Resampling.BOX).save(
        buffer, "JPEG", quality=85
    )
    address = f"data:image/jpeg;base64,{b64encode(buffer.getvalue()).decode()}"
    seconds = len(waveform) / sample_rate
    parts = (
        f'<image x="36" y="0" width="{width - 40}" height="80" href="{address}"/>'
        + svg_text(32, 10, f"{config.f_max / 1000:g} kHz", "end")
        + svg_text(32, 80, f"{config.f_min:g} Hz", "end")
        + svg_text(36, 95, "0")
        + svg_text(width - 4, 95, f"{seconds:.1f} s", "end")
    )
    return svg_drawing(parts, 98, f"Spectrogram of {seconds:.1f} s of sound.", width)
