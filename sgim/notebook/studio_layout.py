"""How the parts of the Studio stand: controls on the left, the edit and its files on the right.

bundle, first values -> widgets, each with a label -> one box
"""

from collections.abc import Mapping
from pathlib import Path

import ipywidgets as widgets

from sgim.editing.manipulate_config import ManipulateConfig
from sgim.notebook.alt_text import picture_html
from sgim.notebook.downloads import DownloadLinks
from sgim.notebook.inline_media import encode_jpeg
from sgim.notebook.slider_names import SliderNames
from sgim.notebook.studio_controls import control, heading, sentence_html
from sgim.notebook.studio_scene import SceneControls
from sgim.notebook.studio_sliders import SliderControls
from sgim.notebook.studio_sound import SoundControls
from sgim.notebook.studio_view import StudioView

STYLE = Path(__file__).with_name("studio.css").read_text(encoding="utf-8")
WRAP = {"flex_flow": "row wrap"}


class StudioLayout(widgets.Box):
    """All widgets of the Studio.

    Parameters
    ----------
    bundle : Bundle
    own_sounds : mapping, name -> path, bytes or (waveform, sample_rate)
    config : ManipulateConfig
        Where the sliders stand at first.
    scene_seed : int
        Number of the first scene.
    """

    def __init__(self, bundle, own_sounds: Mapping, config: ManipulateConfig, scene_seed: int):
        self._bundle, self._sentence = bundle, ""
        self.status = widgets.HTML()
        self.sounds = SoundControls(bundle, own_sounds, self._say)
        self.scene = SceneControls(bundle, scene_seed, self._look_at)
        self.sliders = SliderControls(bundle, config)
        self.view = StudioView(bundle.generator, config.num_steps)
        like = control()
        self.strength = widgets.FloatSlider(
            value=1, min=-1, max=2, step=0.05, description="strength", **like
        )
        self.step = widgets.IntSlider(value=0, min=0, max=0, description="step", **like)
        self.run = widgets.Button(description="Run", button_style="primary", icon="play")
        self.stop = widgets.Button(description="Stop", icon="stop")
        self.reset = widgets.Button(description="Reset", icon="refresh")
        self._make_savers(like)
        buttons = widgets.HBox([self.run, self.stop, self.reset])
        afterwards = widgets.HBox([self.strength, self.step], layout=WRAP)
        savers = widgets.HBox([self.folder, self.keep, self.copy], layout=WRAP)
        shown = [buttons, self.status, self.view, afterwards, heading("Keep it"), savers]
        inputs = [self.sounds, self.scene, self.sliders, SliderNames()]
        left = widgets.VBox(inputs, layout={"width": "350px"})
        wide = {"flex": "1 1 610px", "min_width": "0", "max_width": "720px"}
        right = widgets.VBox([*shown, self.downloads, self.code_text], layout=wide)
        super().__init__([widgets.HTML(f"<style>{STYLE}</style>"), left, right])
        self.add_class("sgim-studio")
        self.controls = self._named_controls()

    def _make_savers(self, like: dict) -> None:
        self.folder = widgets.Text(value="studio", description="folder", **like)
        self.keep = widgets.Button(description="Save", icon="save")
        self.copy = widgets.Button(description="Copy as code", icon="code")
        self.downloads = DownloadLinks()
        self.code_text = widgets.Textarea(
            rows=12, description="code", layout={"width": "100%", "display": "none"}
        )
        self.keep.tooltip = "Picture, animation, settings and code, into the folder"
        self.copy.tooltip = "The call of sgim.manipulate that makes the same picture"

    def _named_controls(self) -> dict[str, widgets.Widget]:
        """Name of a choice, as `Studio.edit` takes it -> its control."""
        sounds, scene, sliders = self.sounds, self.scene, self.sliders
        names = ("similarity_weight", "identity_weight", "learning_rate", "num_steps", "layers")
        return {
            **{name: getattr(sounds, name) for name in ("sound", "intensity", "text", "mix")},
            "scene": scene.kind,
            "seed": scene.seed,
            "photo_as": scene.way,
            **{name: getattr(sliders, name) for name in (*names, "mask", "pursuit")},
            "strength": self.strength,
        }

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return "A studio with the controls of an edit: run the notebook to use it."

    def _repr_mimebundle_(self, **kwargs) -> dict:
        """The widget, and for pages without a kernel the picture of the scene."""
        source = self.scene.origin.images()
        words = "The scene that the studio begins with, before any edit."
        shown = f"{picture_html(encode_jpeg(source), 'jpeg', words)}<p>{self!r}</p>"
        return {**super()._repr_mimebundle_(**kwargs), "text/html": shown}

    def _set_busy(self, busy: bool) -> None:
        self.stop.disabled = not busy
        for one in (self.run, self.keep, self.strength, self.step):
            one.disabled = busy

    def _forget_kept(self) -> None:
        """Files and code of a picture go with the picture."""
        self.downloads.clear()
        self.code_text.value, self.code_text.layout.display = "", "none"

    def _say(self, sentence: str, is_error: bool = False) -> None:
        self._sentence = sentence
        self.status.value = sentence_html(sentence, is_error)

    def _look_at(self, photo) -> None:
        """What an upload of a photo begins."""
        raise NotImplementedError
