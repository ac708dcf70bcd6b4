"""A prompt to play with: a sentence in, the picture before and after, the weather that came.

sentence, scene -> `try_prompt` -> `PromptEdit`: pictures, true intensities -> figure or panel
"""

import html
import textwrap
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import ipywidgets as widgets
import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure

from sgim.checks import SgimError, require
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulate_result import ManipulateResult
from sgim.editing.manipulation import manipulate
from sgim.notebook.inline_media import encode_png, picture_widget
from sgim.notebook.plots import PALETTE, STYLE
from sgim.notebook.studio_controls import sentence_html
from sgim.seeds import ws_from_seeds
from sgim.world.names import WEATHER_NAMES

BEFORE, AFTER = PALETTE[6], PALETTE[0]
SHOWN_FROM = 0.02
"""Intensity from which a bar gets its number."""
LONGEST_TITLE = 32


@dataclass(frozen=True)
class PromptEdit:
    """What a sentence did to a scene.

    `before` and `after` hold the true intensity of each weather, from 0 to 1; `remark` names
    words that the text tower does not know and is empty where it knows all.
    """

    text: str
    result: ManipulateResult
    before: dict[str, float]
    after: dict[str, float]
    remark: str

    @property
    def rise(self) -> dict[str, float]:
        """Weather -> intensity after minus before, largest first."""
        rises = {name: self.after[name] - self.before[name] for name in self.after}
        return dict(sorted(rises.items(), key=lambda item: item[1], reverse=True))

    def pictures(self) -> torch.Tensor:
        """The scene and its edit, (2, 3, height, width) in [-1, 1]."""
        return torch.cat([self.result.source_images, self.result.images])

    def figure(self) -> Figure:
        """The pictures before and after beside the bars of all weathers."""
        with plt.rc_context(STYLE):
            figure, (left, middle, right) = plt.subplots(
                1, 3, figsize=(7.6, 2.6), layout="constrained"
            )
            plt.close(figure)
            wish = textwrap.shorten(self.text, LONGEST_TITLE, placeholder=" …")
            titles = ("before", f"after “{wish}”")
            for ax, image, title in zip((left, middle), self.pictures(), titles, strict=True):
                ax.imshow((image.detach().cpu().permute(1, 2, 0).clamp(-1, 1) + 1).numpy() / 2)
                ax.set_title(title, fontsize=9)
                ax.set_axis_off()
            places = range(len(self.after))
            heights = {"before": (self.before, BEFORE, -0.2), "after": (self.after, AFTER, 0.2)}
            for label, (values, color, shift) in heights.items():
                rows = [place + shift for place in places]
                right.barh(rows, list(values.values()), height=0.4, color=color, label=label)
            right.set_yticks(places, self.after)
            right.invert_yaxis()
            right.set(xlabel="true intensity", xlim=(0, 1))
            right.legend(loc="lower right")
        return figure


def try_prompt(
    bundle, text: str, *, scene_seed: int = 1, config: ManipulateConfig | None = None
) -> PromptEdit:
    """Edit one scene by a sentence and read its weather before and after.

    Parameters
    ----------
    bundle : Bundle
        Its generator knows its `scene_parameters`, as the mini world's painter does.
    text : str
    scene_seed : int
        Number of the scene.
    config : ManipulateConfig
        The defaults when left out.

    Raises
    ------
    SgimError
        For an empty text or one without a known word, and a generator that cannot tell its
        weather.
    """
    generator = bundle.generator
    require(
        hasattr(generator, "scene_parameters"),
        "the generator cannot tell its weather; the painter of the mini world can: use "
        'load_bundle("mini").',
    )
    source_ws = ws_from_seeds(generator, [scene_seed])
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always", UserWarning)
        result = manipulate(bundle, source_ws, text=text, config=config)
    told = dict.fromkeys(str(note.message) for note in notes if note.category is UserWarning)
    before, after = (_weather(generator, ws) for ws in (source_ws, result.ws))
    return PromptEdit(text, result, before, after, " ".join(told))


def _weather(generator, ws: torch.Tensor) -> dict[str, float]:
    parameters = generator.scene_parameters(ws)
    return {name: parameters[name].item() for name in WEATHER_NAMES}


class PromptPlayground(widgets.VBox):
    """A text box, Run, the picture before and after, and bars of the true weather.

    `edit` holds the last edit, None before the first. Colors are those of JupyterLab's theme. What
    goes wrong appears in the panel as one sentence.

    Parameters
    ----------
    bundle : Bundle
    text : str
        What stands in the box at first.
    scene_seed : int
        Number of the first scene.
    config : ManipulateConfig
        Settings of the edits; the defaults when left out.
    """

    def __init__(
        self,
        bundle,
        *,
        text: str = "heavy rain",
        scene_seed: int = 1,
        config: ManipulateConfig | None = None,
    ):
        self._bundle, self._config = bundle, config
        self.edit: PromptEdit | None = None
        wide = widgets.Layout(width="360px")
        self.text = widgets.Text(value=text, description="text", layout=wide)
        self.seed = widgets.BoundedIntText(
            value=scene_seed, min=0, max=999_999, description="scene", layout=wide
        )
        self.run = widgets.Button(description="Run", button_style="primary", icon="play")
        self.status, self.bars = widgets.HTML(), widgets.HTML()
        self.picture = picture_widget()
        self.run.on_click(lambda _: self._try())
        self.seed.observe(lambda _: self._show_scene(), names="value")
        self._show_scene()
        row = widgets.HBox([self.text, self.run], layout=widgets.Layout(flex_flow="row wrap"))
        super().__init__([row, self.seed, self.status, self.picture, self.bars])

    def _show_scene(self) -> None:
        """The source twice, until there is an edit of it."""
        generator = self._bundle.generator
        source = generator.synthesis(ws_from_seeds(generator, [self.seed.value]))
        self.picture.value, self.bars.value = encode_png(torch.cat([source, source])), ""
        self.picture.tooltip = f"Scene {self.seed.value}, two times: there is no edit yet."
        self._say("Left the scene, right its edit. Write what you want to see, and press Run.")

    def _try(self) -> None:
        self.run.disabled = True
        self._say("The picture is moving …")
        try:
            edit = try_prompt(
                self._bundle, self.text.value, scene_seed=self.seed.value, config=self._config
            )
        except SgimError as error:
            self._say(str(error), is_error=True)
        else:
            self.edit = edit
            self.picture.value = encode_png(edit.pictures())
            self.picture.tooltip = f"Left the scene, right its edit by the text “{edit.text}”."
            self.bars.value = draw_bars(edit.before, edit.after)
            self._say(f"{edit.remark} {_in_words(edit)}".strip())
        finally:
            self.run.disabled = False

    def _say(self, sentence: str, is_error: bool = False) -> None:
        self.status.value = sentence_html(sentence, is_error)


def _in_words(edit: PromptEdit) -> str:
    name, rise = next(iter(edit.rise.items()))
    grew = f"{name} rose by {rise:.2f}" if rise >= SHOWN_FROM else "no weather rose"
    return f"Left the scene, right its edit: {grew} ({edit.result.seconds:.1f} s)."


def draw_bars(before: Mapping[str, float], after: Mapping[str, float]) -> str:
    """Two bars per weather, from 0 to 1, as HTML in the colors of JupyterLab's theme.

    Examples
    --------
    >>> draw_bars({"rain": 0.0}, {"rain": 0.7}).count("<tr>")
    1
    """
    rows = "".join(
        f'<tr><td style="padding-right:8px">{html.escape(name)}</td><td style="width:240px">'
        f"{_bar(before[name], 'var(--jp-ui-font-color3, gray)')}{_bar(value, AFTER)}</td>"
        f"<td>{f'{value:.2f}' if value >= SHOWN_FROM else ''}</td></tr>"
        for name, value in after.items()
    )
    key = "true intensity from 0 to 1; gray before, blue after"
    style = "color:var(--jp-ui-font-color1);font-size:13px;line-height:1.2"
    return f'<div style="{style}">{key}<table>{rows}</table></div>'


def _bar(value: float, color: str) -> str:
    return f'<div style="height:6px;width:{240 * value:.0f}px;background:{color}"></div>'
