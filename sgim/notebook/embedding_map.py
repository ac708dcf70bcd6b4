"""A map of an embedding to walk on: a click on a point plays, shows or tells what lies there.

features by kind, two axes -> points -> the chosen thing, and its nearest of each kind
"""

from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets
import torch

from sgim.checks import require
from sgim.notebook.clickable import ClickableDrawing
from sgim.notebook.plots import PALETTE
from sgim.notebook.shown_thing import ShownThing, Thing
from sgim.notebook.studio_controls import sentence_html
from sgim.notebook.svg import FAINT, svg_drawing, svg_text

WIDTH, HEIGHT, MARGIN, LEGEND = 560, 400, 12, 60
SHAPES = ("circle", "triangle", "square")


class EmbeddingMap(widgets.VBox):
    """Points of up to three kinds; each group has a color, each kind a shape.

    Click a point, or walk on with the arrow keys, or choose it from the list. Without the widget
    it is one call: `choose(kind, index)`.

    Parameters
    ----------
    features : mapping, kind -> torch.Tensor (count, embed_dim)
        Of unit norm, up to three kinds.
    axes : torch.Tensor, (2, embed_dim)
        Directions of the map.
    groups : mapping, kind -> one name per feature
        What gives a point its color; up to eight names have one, all others are left gray.
    things : mapping, kind -> callable, index -> str, picture or (waveform, sample_rate)
        What lies at a point, as `ShownThing.show` takes it.
    names : sequence of str
        The groups that have a color, in the order of the palette; all groups when left out.

    Raises
    ------
    SgimError
        When there are more than three kinds, or groups and features do not match.
    """

    def __init__(
        self,
        features: Mapping[str, torch.Tensor],
        axes: torch.Tensor,
        *,
        groups: Mapping[str, Sequence[str]],
        things: Mapping[str, Callable[[int], Thing]],
        names: Sequence[str] | None = None,
    ):
        require(
            len(features) <= len(SHAPES),
            f"features hold {len(features)} kinds; a map shows {len(SHAPES)} at most: leave some "
            "out.",
        )
        for kind, rows in features.items():
            require(
                len(groups[kind]) == len(rows),
                f"there are {len(rows)} features of {kind} and {len(groups[kind])} groups; give "
                "each feature one.",
            )
        self._features, self._groups, self._things = features, groups, things
        self._places = [(kind, at) for kind, rows in features.items() for at in range(len(rows))]
        self._names = list(names or dict.fromkeys(one for kind in features for one in groups[kind]))
        labels = [f"{kind} {index}: {groups[kind][index]}" for kind, index in self._places]
        self.map = ClickableDrawing(
            drawing=self._draw(axes),
            words="Map of the embedding. Arrow keys walk from point to point; a list is below.",
        )
        self.point = widgets.Dropdown(
            options=[("none", -1), *((label, place) for place, label in enumerate(labels))],
            value=-1,
            description="point",
        )
        widgets.link((self.map, "chosen"), (self.point, "value"))
        self.told, self.thing = widgets.HTML(), ShownThing()
        self.map.observe(lambda change: self._show(change["new"]), names="chosen")
        aside = widgets.VBox([self.point, self.told, self.thing], layout={"width": "350px"})
        super().__init__([widgets.HBox([self.map, aside], layout={"flex_flow": "row wrap"})])

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return f"A map of {len(self._places)} points: run the notebook to play what lies there."

    def _repr_mimebundle_(self, **kwargs) -> dict:
        """The widget, and for pages without a kernel the map."""
        shown = f"{self.map.drawing}<p>{self!r}</p>"
        return {**super()._repr_mimebundle_(**kwargs), "text/html": shown}

    def choose(self, kind: str, index: int) -> str:
        """Choose a point; tells what is nearest to it in the whole space, in one sentence.

        Raises
        ------
        SgimError
            When there is no such point.
        """
        require(
            (kind, index) in self._places,
            f"there is no point {kind!r} {index}; kinds are {', '.join(self._features)}, and each "
            "counts from 0.",
        )
        self.map.chosen = self._places.index((kind, index))
        return self._sentence(kind, index)

    def nearest(self, kind: str, index: int) -> dict[str, tuple[int, float]]:
        """Kind -> the index of its feature with the highest cosine, and the cosine."""
        own, found = self._features[kind][index], {}
        for other, rows in self._features.items():
            cosines = rows @ own
            if other == kind:
                cosines[index] = -1
            found[other] = (int(cosines.argmax()), cosines.max().item())
        return found

    def _show(self, place: int) -> None:
        if place < 0:
            self.map.marked, self.told.value = [], ""
            self.thing.show("", "")
            return
        kind, index = self._places[place]
        near = self.nearest(kind, index)
        self.map.marked = [self._places.index((other, at)) for other, (at, _) in near.items()]
        self.told.value = sentence_html(self._sentence(kind, index))
        self.thing.show(self.point.label, self._things[kind](index))

    def _sentence(self, kind: str, index: int) -> str:
        near = [
            f"{other} {at} ({self._groups[other][at]}, {cosine:.2f})"
            for other, (at, cosine) in self.nearest(kind, index).items()
        ]
        return (
            f"{kind} {index}, {self._groups[kind][index]}. Nearest by cosine, with a thin outline: "
            f"{', '.join(near)}."
        )

    def _draw(self, axes: torch.Tensor) -> str:
        flat = torch.cat([rows @ axes.T for rows in self._features.values()])
        shapes = {kind: SHAPES[i % len(SHAPES)] for i, kind in enumerate(self._features)}
        colors = {name: PALETTE[i] for i, name in enumerate(self._names[: len(PALETTE)])}
        points = [
            _point(shapes[kind], *spot, colors.get(self._groups[kind][index]), place)
            for place, ((kind, index), spot) in enumerate(
                zip(self._places, _spots(flat), strict=True)
            )
        ]
        told = f"A map of {len(flat)} points: {', '.join(self._features)}."
        legend = _legend(shapes, colors)
        return svg_drawing("".join([*points, *legend]), HEIGHT + LEGEND, told, WIDTH)


def _spots(flat: torch.Tensor) -> list[tuple[float, float]]:
    """Places (count, 2) on the map -> x and y in the drawing; both axes have one scale."""
    low, high = flat.amin(dim=0), flat.amax(dim=0)
    room = torch.tensor([WIDTH, HEIGHT]) - 2.0 * MARGIN
    scale = (room / (high - low).clamp(min=1e-6)).min()
    right, up = ((flat - low) * scale).T.tolist()
    return [(MARGIN + x, HEIGHT - MARGIN - y) for x, y in zip(right, up, strict=True)]


def _point(shape: str, x: float, y: float, color: str | None, place: int | None = None) -> str:
    """A mark; without a color it is gray and lets others shine through."""
    number = "" if place is None else f' data-i="{place}"'
    if color is None:
        color, number = FAINT, f' opacity="0.35"{number}'
    if shape == "circle":
        return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{color}"{number}/>'
    if shape == "square":
        corner = f'x="{x - 4:.0f}" y="{y - 4:.0f}" width="8" height="8"'
        return f'<rect {corner} fill="{color}"{number}/>'
    return f'<path d="M{x:.0f},{y - 5:.0f}l5,9h-10z" fill="{color}"{number}/>'


def _legend(shapes: Mapping[str, str], colors: Mapping[str, str]) -> list[str]:
    """Kinds in a row below the map, names of colors in two rows below them."""
    parts = []
    for column, (kind, shape) in enumerate(shapes.items()):
        x = MARGIN + 130 * column
        parts += [_point(shape, x, HEIGHT + 8, FAINT), svg_text(x + 10, HEIGHT + 12, kind)]
    for number, (name, color) in enumerate(colors.items()):
        x, y = MARGIN + 130 * (number % 4), HEIGHT + 28 + 18 * (number // 4)
        parts += [_point("square", x, y, color), svg_text(x + 10, y + 4, name)]
    return parts
