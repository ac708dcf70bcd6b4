"""What a figure shows, in words: curves, bars, tables in color, points, pictures, sounds.

axes of a figure, or what will be drawn -> clauses with titles, labels and rounded numbers.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.colors import rgb_to_hsv
from matplotlib.container import BarContainer
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter

MOST_NAMED = 12
"""Curves, bars or words of one axes; of more, only extremes are told."""
MOST_UNNAMED = 4
MOST_CELLS = 16
MOST_COLORED = 8
HUES = (
    (20, "red"),
    (45, "orange"),
    (70, "yellow"),
    (160, "green"),
    (195, "turquoise"),
    (255, "blue"),
    (330, "purple"),
    (360, "red"),
)
"""Up to which angle of the color circle [degrees] a color has which name."""
LARGEST_TABLE = 16
"""Images of more rows and columns are pictures; smaller ones are tables in color."""


def axes_in_words(ax: Axes) -> str:
    """Title, what is drawn, and over what; empty for axes that hold nothing."""
    if hasattr(ax, "alt_text"):
        drawn = [ax.alt_text.rstrip(".")]
    else:
        drawn = _drawn(ax)
        if drawn and (labels := _labels_text(ax)):
            drawn[0] = f"{labels}: {drawn[0]}"
    title = plain(ax.get_title() or ax.get_title(loc="left"))
    text = "; ".join(drawn)
    text = text[:1].upper() + text[1:]
    return f"{title}: {text}." if title and text else f"{text}." if text else ""


def _drawn(ax: Axes) -> list[str]:
    """One clause for everything that axes hold, words only where there is nothing else."""
    tables = [*ax.images, *(mesh for mesh in ax.collections if isinstance(mesh, QuadMesh))]
    points = [one for one in ax.collections if isinstance(one, PathCollection)]
    bars = [one for one in ax.containers if isinstance(one, BarContainer)]
    in_bars = {patch for container in bars for patch in container}
    others = {*ax.patches, *ax.collections} - {*points, *tables} - in_bars
    drawn = [
        *(_image_text(ax, table) for table in tables),
        *_curves_text([line for line in ax.lines if _is_curve(line)]),
        *(text for line in ax.lines if not _is_curve(line) and (text := _rule_text(line))),
        *(_bars_text(ax, container) for container in bars),
        *(_cloud_text(_label_of(cloud), np.ma.getdata(cloud.get_offsets())) for cloud in points),
        *sorted(f"marked “{label}”" for one in others if (label := _label_of(one))),
    ]
    words = [plain(text.get_text()) for text in ax.texts if text.get_text().strip()]
    if words and not drawn:
        return [f"a drawing with the words {', '.join(words[:MOST_NAMED])}"]
    return drawn


def _labels_text(ax: Axes) -> str:
    """What is drawn over what; bars that lie are drawn along x."""
    x_label, y_label = plain(ax.get_xlabel()), plain(ax.get_ylabel())
    if any(getattr(bars, "orientation", "") == "horizontal" for bars in ax.containers):
        x_label, y_label = y_label, x_label
    return f"{y_label} over {x_label}".strip() if x_label else y_label


def _curves_text(lines: Sequence[Line2D]) -> list[str]:
    named = [line for line in lines if _label_of(line)]
    unnamed = [line for line in lines if not _label_of(line)]
    texts = [_curve_text(line) for line in named[:MOST_NAMED]]
    if len(unnamed) <= MOST_UNNAMED:
        return texts + [_curve_text(line) for line in unnamed]
    heights = np.concatenate(
        [np.asarray(line.get_ydata(orig=False), dtype=float) for line in unnamed]
    )
    low, high = number(np.nanmin(heights)), number(np.nanmax(heights))
    return [*texts, f"{len(unnamed)} lines between {low} and {high}"]


def _is_curve(line: Line2D) -> bool:
    """Not a rule across the whole axes (`axhline`), and not without data."""
    return line.get_transform() == line.axes.transData and len(line.get_xdata()) > 0


def _curve_text(line: Line2D) -> str:
    """From where to where, and the extremes where they lie beyond both ends."""
    x, y = (np.asarray(values, dtype=float) for values in line.get_data(orig=False))
    x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    label = _label_of(line)
    if line.get_linestyle() == "None" or not len(y):
        return _cloud_text(label, np.stack([x, y], axis=1))
    names = _names_at(line.axes.xaxis, x, reach=1e-6)
    name = f"“{label}”" if label else "the curve"
    start, end, high, low = y[0], y[-1], y.argmax(), y.argmin()
    if y[high] - y[low] < 0.02 * max(abs(y[high]), abs(y[low]), 1e-12):
        return f"{name} stays near {number(start)} from {names[0]} to {names[-1]}"
    verb = "rises" if end > start else "falls" if end < start else "goes"
    text = f"{name} {verb} from {number(start)} at {names[0]} to {number(end)} at {names[-1]}"
    margin = 0.1 * (y[high] - y[low])
    if y[high] > max(start, end) + margin:
        text += f", with its highest value {number(y[high])} at {names[high]}"
    if y[low] < min(start, end) - margin:
        text += f", with its lowest value {number(y[low])} at {names[low]}"
    return text


def _rule_text(line: Line2D) -> str:
    label = _label_of(line)
    x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    if not label or len(x) != 2:
        return ""
    name, value = ("y", y[0]) if y[0] == y[1] else ("x", x[0])
    return f"a line “{label}” at {name} = {number(value)}"


def _bars_text(ax: Axes, bars: BarContainer) -> str:
    horizontal = bars.orientation == "horizontal"
    axis = ax.yaxis if horizontal else ax.xaxis
    ends = [(bar.get_y(), bar.get_height(), bar.get_width()) for bar in bars]
    if not horizontal:
        ends = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in bars]
    places = [start + size / 2 for start, size, _ in ends]
    values = [value for _, _, value in ends]
    names = _names_at(axis, places)
    label = _label_of(bars)
    head = f"bars “{label}”" if label else "bars"
    if len(values) <= MOST_NAMED:
        return f"{head}: {', '.join(map(_pair, names, values))}"
    high, low = int(np.argmax(values)), int(np.argmin(values))
    return (
        f"{len(values)} {head}, highest {_pair(names[high], values[high])}, "
        f"lowest {_pair(names[low], values[low])}"
    )


def _names_at(axis: Axis, places: Iterable[float], reach: float = 0.45) -> list[str]:
    """The words at ticks within `reach`, else the places themselves."""
    formatter, of_words = axis.get_major_formatter(), (FuncFormatter, StrCategoryFormatter)
    if not isinstance(formatter, of_words) and not isinstance(
        axis.get_major_locator(), FixedLocator
    ):
        return [number(place) for place in places]
    ticks = np.asarray(axis.get_ticklocs(), dtype=float)
    if not len(ticks):
        return [number(place) for place in places]
    words = [plain(word) for word in formatter.format_ticks(ticks)]
    nearest = [int(np.abs(ticks - place).argmin()) for place in places]
    return [
        words[tick] if abs(ticks[tick] - place) <= reach and words[tick] else number(place)
        for tick, place in zip(nearest, places, strict=True)
    ]


def _cloud_text(label: str, places: np.ndarray) -> str:
    name = f" “{label}”" if label else ""
    if not len(places):
        return f"no points{name}"
    (left, low), (right, high) = places.min(axis=0), places.max(axis=0)
    return (
        f"{len(places)} points{name}, from {number(left)} to {number(right)} across and from "
        f"{number(low)} to {number(high)} up"
    )


def _image_text(ax: Axes, image: AxesImage | QuadMesh) -> str:
    values = np.atleast_2d(np.ma.getdata(image.get_array()))
    if values.ndim == 3:
        return "a picture"
    rows, columns = values.shape
    if values.size > MOST_CELLS:
        kind = "an image" if min(rows, columns) > LARGEST_TABLE else "a table in color"
        return (
            f"{kind} of {rows} rows and {columns} columns, with values from "
            f"{number(np.nanmin(values))} to {number(np.nanmax(values))}"
        )
    names = _names_at(ax.yaxis, range(rows))
    lines = [
        f"row {name}: {', '.join(map(number, row))}"
        for name, row in zip(names, values, strict=True)
    ]
    return f"a table in color with {'; '.join(lines)}"


def is_picture(ax: Axes) -> bool:
    """A picture in color, and nothing else that needs words."""
    colored = [image for image in ax.images if np.ndim(image.get_array()) == 3]
    return bool(colored) and not ax.lines and not hasattr(ax, "alt_text")


def grid_in_words(panels: Sequence[Axes]) -> str:
    """How many pictures there are, in how many rows, with their titles and colors."""
    count = len(panels)
    titles = [plain(ax.get_title()) for ax in panels]
    place = panels[0].get_subplotspec()
    rows = place.get_gridspec().nrows if place is not None else 1
    shape = f" in {rows} rows" if rows > 1 else ""
    head = "A picture" if count == 1 else f"{count} pictures{shape}"
    if not any(titles):
        return f"{head}."
    names = [title or "untitled" for title in titles]
    if count <= MOST_COLORED:
        colors = (_colors_text(ax.images[0].get_array()) for ax in panels)
        names = [f"{name} ({color})" for name, color in zip(names, colors, strict=True)]
    return f"{head}, in reading order: {'; '.join(names)}."


def _colors_text(pixels: np.ndarray) -> str:
    """The mean colors of the upper and the lower half of (height, width, 3)."""
    pixels = np.asarray(pixels, dtype=float)[..., :3]
    pixels = pixels / 255 if pixels.max() > 1 else pixels
    half = max(1, len(pixels) // 2)
    above, below = (_color_word(part.mean(axis=(0, 1))) for part in (pixels[:half], pixels[-half:]))
    return above if above == below else f"{above} above, {below} below"


def _color_word(color: np.ndarray) -> str:
    hue, saturation, value = rgb_to_hsv(color)
    shade = "dark " if value < 0.4 else "light " if value > 0.75 else ""
    if value < 0.12:
        return "black"
    if saturation < 0.13:
        return "white" if value > 0.9 else f"{shade}gray"
    name = next(name for end, name in HUES if hue * 360 <= end)
    return f"{shade}{name}"


def sound_in_words(level, f_min: float, f_max: float, seconds: float) -> str:
    """Length and range of a sound, and where its `level` (n_mels, n_frames) is highest."""
    level = np.asarray(level)
    low, high = (np.log10(1 + hertz / 700) for hertz in (f_min, f_max))
    band = (1 + level.mean(axis=1).argmax()) / (len(level) + 1)
    hertz = 700 * (10 ** (low + (high - low) * band) - 1)
    moment = seconds * level.mean(axis=0).argmax() / level.shape[1]
    return (
        f"log-mel spectrogram of {seconds:.1f} s of sound, {f_min:g} to {f_max:g} Hz, "
        f"most energy near {number(hertz)} Hz, loudest at {moment:.1f} s"
    )


def confusion_in_words(percent: np.ndarray, names: Sequence[str]) -> str:
    """Best and worst class of a matrix in percent of its rows, and the largest mistake."""
    right = percent.diagonal()
    best, worst = names[right.argmax()], names[right.argmin()]
    text = (
        f"confusion matrix of {len(names)} classes; right: {number(right.max())} % of {best}, "
        f"{number(right.min())} % of {worst}"
    )
    wrong = percent - np.diag(right)
    if not wrong.any():
        return f"{text}; no mistakes"
    row, column = np.unravel_index(wrong.argmax(), wrong.shape)
    return (
        f"{text}; most frequent mistake: {number(wrong.max())} % of {names[row]} "
        f"recognized as {names[column]}"
    )


def _label_of(artist) -> str:
    label = str(artist.get_label() or "")
    if label.startswith("_child") and isinstance(artist, Line2D):
        holders = [one for one in artist.axes.containers if artist in one.get_children()]
        label = str(holders[0].get_label() or "") if holders else ""
    return "" if label.startswith("_") else plain(label)


def _pair(name: str, value: float) -> str:
    if re.fullmatch(r"[-−+.e\d]+", name):
        return f"{number(value)} at {name}"
    return f"“{name}” {number(value)}" if "," in name else f"{name} {number(value)}"


def number(value: float) -> str:
    """Two digits, or a whole number below ten thousand as it is."""
    value = float(value)
    if not np.isfinite(value):
        return "missing"
    if abs(value) < 10_000 and value == round(value):
        return f"{value:.0f}"
    return f"{float(f'{value:.2g}'):g}"


def plain(text: object) -> str:
    """Without the signs of mathematical type, in one line. matplotlib takes any object."""
    return " ".join(re.sub(r"[${}\\]", "", str(text)).split())
