"""Figures in one style, with colors that color-blind readers can tell apart.

images, waveforms, histories, matrices -> matplotlib figures; nothing is shown here. A figure
belongs to the caller: a notebook shows it when it is a cell's value, `savefig` writes it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sgim.checks import require
from sgim.files.tables import read_table
from sgim.media.log_mel import LogMel, LogMelConfig
from sgim.notebook.alt_text import in_words
from sgim.notebook.figure_words import confusion_in_words, sound_in_words

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7f7f7f", "#999933")
"""Okabe and Ito's colors; in the place of yellow and black two that hold on white and on black."""

SPECTROGRAM_COLORS = "magma"
MATRIX_COLORS = "Blues"
INK = "#26323a"
GRAY = "#6b7780"
"""For text on the page's own ground: contrast 4.6 with white and 4.1 with JupyterLab's dark."""
STYLE = {
    "axes.edgecolor": "#8a949b",
    "axes.facecolor": "none",
    "axes.grid": False,
    "axes.labelcolor": GRAY,
    "axes.prop_cycle": plt.cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10,
    "figure.dpi": 110,
    "font.size": 9,
    "legend.frameon": False,
    "text.color": GRAY,
    "xtick.color": GRAY,
    "ytick.color": GRAY,
}
"""Axes without a ground of their own; a notebook shows curves on the ground of its page."""
HERTZ_TICKS = (100, 300, 1000, 3000, 8000, 16000)


def show_images(
    images: torch.Tensor,
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    side: float = 1.7,
) -> Figure:
    """Pictures in a grid.

    Parameters
    ----------
    images : torch.Tensor, (batch, 3, height, width) in [-1, 1]
    titles : sequence of str
        One per picture.
    columns : int
        All in one row, up to eight, when left out.
    side : float
        Inches per picture, across.
    """
    count = len(images)
    require(
        images.ndim == 4 and count > 0,
        f"images have shape {tuple(images.shape)}; the rule is (batch, 3, height, width).",
    )
    require(
        titles is None or len(titles) == count,
        f"there are {count} images; give as many titles or none.",
    )
    columns = min(count, columns or 8)
    rows = math.ceil(count / columns)
    height = side * images.shape[2] / images.shape[3]
    figure = _new_figure(columns * side, rows * (height + (0.25 if titles else 0)))
    for index in range(count):
        ax = figure.add_subplot(rows, columns, index + 1)
        _draw_picture(ax, images[index])
        if titles is not None:
            ax.set_title(titles[index], fontsize=9)
    return figure


def plot_log_mel(
    waveform: torch.Tensor,
    sample_rate: int,
    ax: Axes | None = None,
    title: str | None = None,
    labels: bool = True,
    config: LogMelConfig | None = None,
) -> Figure:
    """Log-mel spectrogram of one sound over seconds and Hz, `top_db` deep, 0 dB at its maximum.

    Parameters
    ----------
    waveform : torch.Tensor, (num_samples,)
    sample_rate : int
    ax : matplotlib Axes
        Where to draw; a new figure when left out.
    title : str
    labels : bool
        Whether to name the axes.
    config : LogMelConfig
        Another front end than the mini world's, at the same `sample_rate`.
    """
    figure, ax = _figure_of(ax, 4.2, 2.2)
    config = config or LogMelConfig(sample_rate=sample_rate, f_max=min(8000.0, sample_rate / 2))
    require(
        config.sample_rate == sample_rate,
        f"config.sample_rate is {config.sample_rate} and sample_rate {sample_rate}; they must be "
        "the same: make the config for this sound.",
    )
    level = LogMel(config)(waveform.detach().cpu().view(1, -1))[0, 0] * config.scale_db
    seconds = waveform.numel() / sample_rate
    with plt.rc_context(STYLE):
        ax.imshow(
            (level - level.max()).numpy(),
            origin="lower",
            aspect="auto",
            cmap=SPECTROGRAM_COLORS,
            vmin=-config.top_db,
            vmax=0,
            extent=(0, seconds, *_mel([config.f_min, config.f_max])),
        )
        ticks = [hertz for hertz in HERTZ_TICKS if config.f_min <= hertz <= config.f_max]
        ax.set_yticks(_mel(ticks), [f"{hertz:g}" for hertz in ticks])
        if labels:
            ax.set_xlabel("time [s]")
            ax.set_ylabel("frequency [Hz]")
        if title:
            ax.set_title(title)
    in_words(ax, sound_in_words(level, config.f_min, config.f_max, seconds))
    return figure


def plot_history(history: Mapping[str, Sequence[float]], x_label: str = "step") -> Figure:
    """One small panel per term of a training or an edit; terms that stay 0 are left out.

    Parameters
    ----------
    history : mapping, name -> one value per step
    x_label : str
    """
    terms = {name: list(values) for name, values in history.items() if any(values)}
    require(bool(terms), "history holds nothing but zeros; plot one with at least one term.")
    figure = _new_figure(2.5 * len(terms), 2.0)
    with plt.rc_context(STYLE):
        for index, (name, values) in enumerate(terms.items()):
            ax = figure.add_subplot(1, len(terms), index + 1)
            ax.plot(range(1, len(values) + 1), values, color=PALETTE[index % len(PALETTE)])
            ax.set_title(name.replace("_", " "))
            ax.set_xlabel(x_label)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    return figure


def plot_training_log(path: Path) -> Figure:
    """The curves of a training from the log beside its checkpoint, one panel per column."""
    rows = read_table(path, ("epoch",))
    names = [name for name in rows[0].cells if name != "epoch"]
    columns = {name: [float(row[name] or "nan") for row in rows] for name in names}
    return plot_history(columns, "epoch")


def plot_confusion(
    matrix: np.ndarray | torch.Tensor, names: Sequence[str], ax: Axes | None = None
) -> Figure:
    """Confusion matrix: rows are the truth; cells give percent of their row.

    Parameters
    ----------
    matrix : (num_classes, num_classes), counts
    names : sequence of str
    ax : matplotlib Axes
    """
    counts = np.asarray(matrix, dtype=float)
    size = len(names)
    require(
        counts.shape == (size, size),
        f"matrix has shape {counts.shape}; {size} names need ({size}, {size}).",
    )
    percent = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, ax = _figure_of(ax, 1.6 + 0.5 * size, 1.2 + 0.45 * size)
    in_words(ax, confusion_in_words(percent, names))
    with plt.rc_context(STYLE):
        ax.imshow(percent, cmap=MATRIX_COLORS, vmin=0, vmax=100)
        for row, column in zip(*np.nonzero(percent.round()), strict=True):
            value = percent[row, column]
            color = "white" if value > 55 else INK
            ax.text(column, row, f"{value:.0f}", ha="center", va="center", color=color, fontsize=9)
        ax.set_xticks(range(size), names, rotation=45, ha="right")
        ax.set_yticks(range(size), names)
        ax.set_xlabel("recognized as")
        ax.set_ylabel("truth")
        ax.spines[:].set_visible(False)
    return figure


@dataclass(frozen=True, kw_only=True)
class SheetColumn:
    """A sound and what it made of the scenes.

    `waveform` (num_samples,), `sample_rate`; `images` (scenes, 3, height, width) in [-1, 1].
    """

    title: str
    subtitle: str
    waveform: torch.Tensor
    sample_rate: int
    images: torch.Tensor


def picture_sheet(source_images: torch.Tensor, columns: Sequence[SheetColumn]) -> Figure:
    """Scenes in rows, the source first, then one column per sound below its spectrogram.

    Parameters
    ----------
    source_images : torch.Tensor, (scenes, 3, height, width) in [-1, 1]
    columns : sequence of SheetColumn
    """
    side, gap, head, margin = 1.5, 0.07, 1.12, 0.2
    scenes = len(source_images)
    width = 2 * margin + (len(columns) + 1) * (side + gap) - gap + 0.15
    height = 2 * margin + head + scenes * (side + gap) - gap
    figure = plt.figure(figsize=(width, height), facecolor="white")
    plt.close(figure)

    def place(column: int, bottom: float, tall: float) -> Axes:
        left = margin + column * (side + gap) + (0.15 if column else 0)
        return figure.add_axes(
            (left / width, bottom / height, side / width, tall / height), frame_on=False
        )

    for column, images in enumerate([source_images, *(entry.images for entry in columns)]):
        for row in range(scenes):
            bottom = margin + (scenes - 1 - row) * (side + gap)
            _draw_picture(place(column, bottom, side), images[row])
    top = margin + scenes * (side + gap)
    figure.text(
        margin / width, (top + 0.05) / height, "scene", fontsize=11, fontweight="bold", color=INK
    )
    for column, entry in enumerate(columns, start=1):
        ax = place(column, top + 0.02, 0.62)
        plot_log_mel(entry.waveform, entry.sample_rate, ax, labels=False)
        ax.set_axis_off()
        left = (margin + column * (side + gap) + 0.15) / width
        figure.text(
            left, (top + 0.86) / height, entry.title, fontsize=11, fontweight="bold", color=INK
        )
        figure.text(left, (top + 0.70) / height, entry.subtitle, fontsize=7.5, color="#5d6a72")
    return figure


def _new_figure(width: float, height: float) -> Figure:
    """A figure of `width` x `height` inches that pyplot does not keep or show a second time."""
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(width, height), layout="constrained")
    plt.close(figure)
    return figure


def _figure_of(ax: Axes | None, width: float, height: float) -> tuple[Figure, Axes]:
    if ax is not None:
        return ax.figure, ax
    figure = _new_figure(width, height)
    with plt.rc_context(STYLE):
        return figure, figure.add_subplot()


def _draw_picture(ax: Axes, image: torch.Tensor) -> None:
    pixels = (image.detach().cpu().permute(1, 2, 0).clamp(-1, 1) + 1) / 2
    ax.imshow(pixels.numpy(), interpolation="antialiased")
    ax.set_axis_off()


def _mel(hertz: Sequence[float]) -> list[float]:
    """Hz -> mel, by the formula of the front end (HTK)."""
    return [2595 * math.log10(1 + value / 700) for value in hertz]
