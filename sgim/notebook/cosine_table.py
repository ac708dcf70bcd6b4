"""A table of cosines to walk in: a click on a cell plays its row and tells what the cell says.

features of rows and columns, a scale -> a colored table, of cosines or of what a softmax makes of
them -> the chosen cell in one sentence
"""

from collections.abc import Callable, Sequence

import ipywidgets as widgets
import matplotlib
import torch

from sgim.checks import require
from sgim.notebook.clickable import ClickableDrawing
from sgim.notebook.plots import MATRIX_COLORS
from sgim.notebook.shown_thing import ShownThing, Thing
from sgim.notebook.studio_controls import sentence_html
from sgim.notebook.svg import svg_drawing, svg_text

SCALES = {"cosines": 0.0, "softmax, 1.07": 1.07, "softmax, 14.29": 1 / 0.07, "softmax, 100": 100.0}
CELL, LEFT, TOP = 24, 130, 22


class CosineTable(widgets.VBox):
    """Rows are sounds or pictures, columns what they are compared with.

    Click a cell, or walk on with the arrow keys. The list above turns each row's cosines into the
    probabilities of a softmax. Without the widget it is one call: `choose(row, column)`.

    Parameters
    ----------
    row_features, column_features : torch.Tensor, (num_rows, embed_dim), (num_columns, embed_dim)
        Of unit norm.
    rows, columns : sequence of str
        Their names.
    things : callable, row -> str, picture or (waveform, sample_rate)
        What a row is, as `ShownThing.show` takes it.

    Raises
    ------
    SgimError
        When there are not as many names as features.
    """

    def __init__(
        self,
        row_features: torch.Tensor,
        column_features: torch.Tensor,
        *,
        rows: Sequence[str],
        columns: Sequence[str],
        things: Callable[[int], Thing],
    ):
        self._cosines = row_features @ column_features.T
        self._rows, self._columns, self._things = list(rows), list(columns), things
        require(
            self._cosines.shape == (len(rows), len(columns)),
            f"there are {len(rows)} and {len(columns)} names for a table of "
            f"{tuple(self._cosines.shape)}; give each row and each column one.",
        )
        self.scale = widgets.Dropdown(options=SCALES, description="colors")
        self.table = ClickableDrawing(
            words="Table of cosines. Arrow keys walk from cell to cell; each is told beside it."
        )
        self.table.add_class("sgim-cells")
        self.told, self.thing = widgets.HTML(), ShownThing()
        self.scale.observe(lambda _: self._draw(), names="value")
        self.table.observe(lambda _: self._tell(), names="chosen")
        self._draw()
        aside = widgets.VBox([self.scale, self.told, self.thing], layout={"width": "350px"})
        super().__init__([widgets.HBox([self.table, aside], layout={"flex_flow": "row wrap"})])

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return f"A table of {self._cosines.numel()} cells: run the notebook to play its rows."

    def _repr_mimebundle_(self, **kwargs) -> dict:
        """The widget, and for pages without a kernel the table."""
        shown = f"{self.table.drawing}<p>{self!r}</p>"
        return {**super()._repr_mimebundle_(**kwargs), "text/html": shown}

    def choose(self, row: int, column: int) -> str:
        """Choose a cell; tells it in one sentence.

        Raises
        ------
        SgimError
            When there is no such cell.
        """
        num_rows, num_columns = self._cosines.shape
        require(
            0 <= row < num_rows and 0 <= column < num_columns,
            f"there is no cell ({row}, {column}); the table has {num_rows} rows and {num_columns} "
            "columns, counted from 0.",
        )
        self.table.chosen = row * num_columns + column
        return self._sentence(row, column)

    def values(self) -> torch.Tensor:
        """What the colors show: cosines, or probabilities (num_rows, num_columns)."""
        if not self.scale.value:
            return self._cosines
        return (self.scale.value * self._cosines).softmax(dim=1)

    def _tell(self) -> None:
        row, column = divmod(self.table.chosen, len(self._columns))
        self.told.value = sentence_html(self._sentence(row, column))
        self.thing.show(self._rows[row], self._things(row))

    def _sentence(self, row: int, column: int) -> str:
        cosine = self._cosines[row, column]
        place = 1 + int((self._cosines[row] > cosine).sum())
        told = f"{self._rows[row]}, with “{self._columns[column]}”: cosine {cosine:.2f}"
        if self.scale.value:
            told += f", probability {self.values()[row, column]:.2f}"
        return f"{told}; number {place} of {len(self._columns)} in its row."

    def _draw(self) -> None:
        values = self.values()
        low, high = (0.0, 1.0) if self.scale.value else (-0.2, 0.8)
        shades = ((values - low) / (high - low)).clamp(0, 1).flatten().tolist()
        num_columns = len(self._columns)
        parts = [
            f'<rect x="{LEFT + CELL * (place % num_columns)}" '
            f'y="{TOP + CELL * (place // num_columns)}" width="{CELL - 2}" height="{CELL - 2}" '
            f'fill="{_color(shade)}" data-i="{place}"/>'
            for place, shade in enumerate(shades)
        ]
        parts.append(svg_text(LEFT, 14, "darker is more; a click tells the column"))
        for row, name in enumerate(self._rows):
            parts.append(svg_text(LEFT - 6, TOP + CELL * row + 16, name, "end"))
        names = zip(self._rows, self._cosines.argmax(dim=1).tolist(), strict=True)
        darkest = "; ".join(f"{row}: “{self._columns[column]}”" for row, column in names)
        told = f"A table of {len(self._rows)} rows. Darkest in each: {darkest}."
        height, width = TOP + CELL * len(self._rows), LEFT + CELL * num_columns
        self.table.drawing = svg_drawing("".join(parts), height, told, max(width, 420))
        if self.table.chosen >= 0:
            self._tell()


def _color(shade: float) -> str:
    return matplotlib.colors.to_hex(matplotlib.colormaps[MATRIX_COLORS](shade))
