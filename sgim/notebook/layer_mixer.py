"""Two scenes, and a slider per row of ws that says how much of the row comes from which.

two latents, one share per row -> `mix_rows` -> a picture between those of the two
"""

from collections.abc import Mapping, Sequence

import ipywidgets as widgets
import torch

from sgim.checks import require
from sgim.notebook.alt_text import picture_html
from sgim.notebook.inline_media import encode_jpeg
from sgim.notebook.slider_names import SliderNames
from sgim.notebook.studio_controls import control
from sgim.notebook.studio_sliders import layer_names
from sgim.seeds import ws_from_seeds

PICTURE = "width: 200px; max-width: 100%"


def mix_rows(
    first_ws: torch.Tensor, second_ws: torch.Tensor, shares: Sequence[float]
) -> torch.Tensor:
    """Each row of one latent moved towards the same row of another.

    Parameters
    ----------
    first_ws, second_ws : torch.Tensor, (batch, num_ws, w_dim)
    shares : one number per row
        0 is the row of `first_ws`, 1 that of `second_ws`.

    Raises
    ------
    SgimError
        When there is another number of shares than of rows.

    Examples
    --------
    >>> mix_rows(torch.zeros(1, 2, 1), torch.ones(1, 2, 1), [0, 0.25]).flatten()
    tensor([0.0000, 0.2500])
    """
    num_ws = first_ws.shape[1]
    require(
        len(shares) == num_ws, f"there are {len(shares)} shares and {num_ws} rows; give one each."
    )
    return first_ws.lerp(second_ws, torch.tensor(shares).to(first_ws)[:, None])


class LayerMixer(widgets.VBox):
    """Choose two scenes by number and, row by row, how much comes from which.

    Without the widget it is one call: `mix({"air": 1})`.

    Parameters
    ----------
    generator : SceneGenerator or any other
    seeds : (int, int)
        Numbers of the two scenes.
    """

    def __init__(self, generator, seeds: tuple[int, int] = (1, 2)):
        self._generator = generator
        like = control()
        self.first, self.second = (
            widgets.BoundedIntText(
                value=seed, min=0, max=999_999, description=f"{side} scene", **like
            )
            for side, seed in zip(("left", "right"), seeds, strict=True)
        )
        self.shares = {
            name: widgets.FloatSlider(
                value=0,
                min=0,
                max=1,
                step=0.05,
                description=name,
                readout_format=".2f",
                **like,
            )
            for name in layer_names(generator)
        }
        self.pictures = [widgets.HTML() for _ in range(3)]
        for scene in (self.first, self.second):
            scene.observe(lambda _: self._show_all(), names="value")
        for share in self.shares.values():
            share.observe(lambda _: self._show_mixture(), names="value")
        self._show_all()
        sliders = [self.first, self.second, *self.shares.values(), SliderNames()]
        wrap = {"flex_flow": "row wrap"}
        shown = widgets.HBox(self.pictures, layout={**wrap, "flex": "1 1 420px"})
        super().__init__([widgets.HBox([widgets.VBox(sliders), shown], layout=wrap)])

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return "A slider for each row of ws, between two scenes: run the notebook to move them."

    def _repr_mimebundle_(self, **kwargs) -> dict:
        """The widget, and for pages without a kernel the mixture."""
        shown = f"{self.pictures[1].value}<p>{self!r}</p>"
        return {**super()._repr_mimebundle_(**kwargs), "text/html": shown}

    @property
    def ws(self) -> torch.Tensor:
        """Latents (1, num_ws, w_dim) of the mixture."""
        return mix_rows(*self._ends(), [share.value for share in self.shares.values()])

    def mix(self, shares: Mapping[str, float]) -> torch.Tensor:
        """Set sliders by the names of their rows, all others to 0; return the latents.

        Raises
        ------
        SgimError
            For a name that no row has.
        """
        for name in shares:
            known = ", ".join(self.shares)
            require(name in self.shares, f"{name!r} is no row; they are {known}.")
        for name, slider in self.shares.items():
            slider.value = shares.get(name, 0)
        return self.ws

    def _ends(self) -> tuple[torch.Tensor, torch.Tensor]:
        return tuple(
            ws_from_seeds(self._generator, [scene.value]) for scene in (self.first, self.second)
        )

    def _show_all(self) -> None:
        first, second = self._ends()
        self._show(0, first, f"left: scene {self.first.value}")
        self._show(2, second, f"right: scene {self.second.value}")
        self._show_mixture()

    def _show_mixture(self) -> None:
        moved = [name for name, share in self.shares.items() if share.value > 0]
        self._show(1, self.ws, f"from the right: {', '.join(moved) or 'nothing'}")

    @torch.no_grad()
    def _show(self, place: int, ws: torch.Tensor, words: str) -> None:
        images = self._generator.synthesis(ws, noise_mode="const")
        picture = picture_html(encode_jpeg(images), "jpeg", f"A scene, {words}.")
        picture = picture.replace("<img", '<img style="width: 100%"', 1)
        self.pictures[place].value = (
            f'<figure style="margin: 4px; {PICTURE}">{picture}<figcaption style="line-height: 1.3">'
            f"{words}</figcaption></figure>"
        )
