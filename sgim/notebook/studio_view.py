"""What the Studio shows of an edit: pictures to compare, curves, weathers, the mask.

source, steps, result, the run before -> a wipe and drawings
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import ipywidgets as widgets
import torch

from sgim.notebook.inline_media import encode_jpeg
from sgim.notebook.plots import PALETTE
from sgim.notebook.studio_charts import draw_bars, draw_curves
from sgim.notebook.studio_sliders import layer_names
from sgim.notebook.wipe import Wipe
from sgim.world.names import WEATHER_NAMES

History = Mapping[str, Sequence[float]]


@dataclass
class Shown:
    """What is on show of one edit; empty where nothing is."""

    image: bytes = b""
    history: History = field(default_factory=dict)
    weathers: dict[str, float] = field(default_factory=dict)
    mask: dict[str, float] = field(default_factory=dict)


class StudioView(widgets.VBox):
    """Pictures and drawings of an edit, beside those of the edit before it.

    Parameters
    ----------
    generator : SceneGenerator or any other; only the former knows the true weathers of its scenes
        It may be exchanged before a new source is shown.
    num_steps : int
        Where the empty curves end.
    """

    def __init__(self, generator, num_steps: int):
        self.generator, self._num_steps = generator, num_steps
        self._before: dict[str, float] = {}
        self._now, self._ghost = Shown(), Shown()
        self.wipe = Wipe()
        self.curves, self.weathers, self.mask = widgets.HTML(), widgets.HTML(), widgets.HTML()
        bars = widgets.HBox([self.weathers, self.mask], layout={"flex_flow": "row wrap"})
        super().__init__([self.wipe, self.curves, bars])

    def show_source(self, images: torch.Tensor, ws: torch.Tensor, num_steps: int) -> None:
        """A new source (1, 3, height, width) and its latents; what was shown becomes the ghost."""
        if self._now.image:
            self._ghost = self._now
        self._now, self._num_steps = Shown(), num_steps
        self._before = self.true_weathers(ws)
        self.wipe.before, self.wipe.after = encode_jpeg(images), b""
        self.wipe.ghost = self._ghost.image
        self._draw()

    def show_edit(
        self,
        images: torch.Tensor,
        ws: torch.Tensor,
        history: History | None = None,
        layer_weights: torch.Tensor | None = None,
    ) -> None:
        """Pictures and latents of an edit; history and mask stay as they are where left out."""
        self._now.image = encode_jpeg(images)
        self._now.weathers = self.true_weathers(ws)
        if history is not None:
            self._now.history = history
        if layer_weights is not None:
            names = layer_names(self.generator)
            self._now.mask = dict(zip(names, layer_weights[0].tolist(), strict=True))
        self.wipe.after = self._now.image
        self._draw()

    def show_search(self, images: torch.Tensor) -> None:
        """Pictures on the way to a photo."""
        self.wipe.after = encode_jpeg(images)

    def clear(self) -> None:
        """Forget all edits."""
        self._now, self._ghost = Shown(), Shown()

    def true_weathers(self, ws: torch.Tensor) -> dict[str, float]:
        """True intensities of the weathers of one scene; none where the generator tells none."""
        if not hasattr(self.generator, "scene_parameters"):
            return {}
        parameters = self.generator.scene_parameters(ws)
        names = getattr(self.generator, "weather_names", WEATHER_NAMES)
        return {name: parameters[name].item() for name in names}

    def _draw(self) -> None:
        now, ghost = self._now, self._ghost
        self.curves.value = ""
        if self._num_steps > 0:
            self.curves.value = draw_curves(now.history, ghost.history, self._num_steps)
        shown = now.weathers or self._before
        self.weathers.value = ""
        if shown:
            title = "true weather (lines: source, last edit)"
            self.weathers.value = draw_bars(title, shown, self._before, ghost.weathers)
            self.wipe.before_words = f"The source: {_largest(self._before)}."
            self.wipe.after_words = f"The edit: {_largest(shown)}."
            self.wipe.ghost_words = f"The last edit: {_largest(ghost.weathers)}."
        mask = now.mask or ghost.mask
        self.mask.value = ""
        if mask:
            title = "layer mask g" if now.mask else "layer mask g of the last edit"
            last = ghost.mask if now.mask else None
            self.mask.value = draw_bars(title, mask, None, last, color=PALETTE[2])


def _largest(weathers: Mapping[str, float]) -> str:
    names = sorted(weathers, key=weathers.get, reverse=True)[:2]
    return ", ".join(f"{name} {weathers[name]:.2f}" for name in names) or "no weather is told"
