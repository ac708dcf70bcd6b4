"""Curves that grow while something trains.

names of columns, rows epoch by epoch -> panels of curves in the colors of the page
"""

from collections.abc import Callable, Mapping, Sequence

from IPython.display import HTML, display

from sgim.checks import require
from sgim.notebook.plots import PALETTE
from sgim.notebook.svg import FAINT, svg_drawing, svg_text

WIDTH, TOP, BOTTOM, LINE = 300, 26, 146, 16


def live_curves(
    panels: Mapping[str, Sequence[str]], num_epochs: int
) -> Callable[[int, Mapping[str, float]], None]:
    """A callback for `align(on_epoch=...)` that draws below the cell, anew after each epoch.

    Parameters
    ----------
    panels : mapping, title -> names of the columns that it shows
    num_epochs : int
        Where the curves will end.
    """
    handle = display(HTML(draw_growing(panels, [], num_epochs)), display_id=True)
    rows: list[Mapping[str, float]] = []

    def follow(epoch: int, row: Mapping[str, float]) -> None:
        rows.append(row)
        handle.update(HTML(draw_growing(panels, rows, num_epochs)))

    return follow


def draw_growing(
    panels: Mapping[str, Sequence[str]], rows: Sequence[Mapping[str, float]], num_epochs: int
) -> str:
    """SVG of all panels, side by side, with as many epochs as there are rows.

    Raises
    ------
    SgimError
        When a row lacks a column.
    """
    for name in (name for names in panels.values() for name in names):
        missing = [number for number, row in enumerate(rows, start=1) if name not in row]
        require(not missing, f"row {missing[:1]} has no column {name!r}; name those it has.")
    parts, ends = [], []
    for place, (title, names) in enumerate(panels.items()):
        curves = {name: [row[name] for row in rows] for name in names}
        parts.append(_panel(title, curves, num_epochs, place * WIDTH))
        ends += [
            f"{name} {curve[0]:.2g} to {curve[-1]:.2g}" for name, curve in curves.items() if curve
        ]
    told = f"Curves over {len(rows)} of {num_epochs} epochs: {', '.join(ends) or 'none yet'}."
    most = max(len(names) for names in panels.values())
    height = BOTTOM + 24 + LINE * most
    return svg_drawing("".join(parts), height, told, WIDTH * len(panels))


def _panel(title: str, curves: Mapping[str, Sequence[float]], num_epochs: int, left: int) -> str:
    left, width = left + 40, WIDTH - 60
    highest = 1.1 * max([value for curve in curves.values() for value in curve], default=1.0) or 1.0
    parts = [
        svg_text(left, 14, title),
        f'<path d="M{left},{TOP} V{BOTTOM} H{left + width}" fill="none" stroke="{FAINT}"/>',
        svg_text(left - 4, TOP + 8, f"{highest:.2g}", "end"),
        svg_text(left - 4, BOTTOM, "0", "end"),
        svg_text(left, BOTTOM + 15, "1"),
        svg_text(left + width / 2, BOTTOM + 15, "epoch", "middle"),
        svg_text(left + width, BOTTOM + 15, str(num_epochs), "end"),
    ]
    for number, (name, curve) in enumerate(curves.items()):
        color, y = PALETTE[number], BOTTOM + 18 + LINE * (number + 1)
        points = " ".join(
            f"{left + width * index / max(1, num_epochs - 1):.1f},"
            f"{BOTTOM - (BOTTOM - TOP) * value / highest:.1f}"
            for index, value in enumerate(curve)
        )
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>',
            f'<path d="M{left},{y - 4} h18" stroke="{color}" stroke-width="3"/>',
            svg_text(left + 24, y, name.replace("_", "-")),
        ]
    return "".join(parts)
