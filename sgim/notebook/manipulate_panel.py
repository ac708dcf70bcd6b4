"""Latent optimization to play with: sliders in, live pictures and curves out.

settings -> `manipulate` in a thread -> pictures and curves while it runs.

Only boxes, sliders, players and images are used, and no plotting backend, so the panel looks and
works alike in JupyterLab and in Colab. What goes wrong appears in the panel as one sentence.
"""

import html
import os
import threading
import warnings
from collections.abc import Mapping

import ipywidgets as widgets
import torch

from sgim.checks import SgimError, require
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import ManipulateResult, manipulate
from sgim.editing.targets import mix_targets
from sgim.notebook.inline_media import CURVES, draw_curves, encode_png, picture_widget
from sgim.notebook.manipulate_controls import ManipulateControls
from sgim.seeds import ws_from_seeds

ERROR = "#d93a2b"
"""Contrast 4.4 with white and 4.3 with JupyterLab's dark."""


class ManipulatePanel(ManipulateControls):
    """Settings, Run, Stop, a live picture and live curves.

    The edit runs in a thread of its own, so Stop is heard while it runs. `result` holds the last
    edit, None before the first.

    Parameters
    ----------
    bundle : Bundle
    own_sounds : mapping, name -> path or (waveform, sample_rate)
        Recordings that join the built-in sounds.
    config : ManipulateConfig
        Where the sliders stand at first; ramps, noise and the other settings stay as given.
    scene_seed : int
        Number of the first scene.
    update_every : int
        Steps between two looks at the picture.
    """

    def __init__(
        self,
        bundle,
        *,
        own_sounds: Mapping[str, str | os.PathLike | tuple] | None = None,
        config: ManipulateConfig | None = None,
        scene_seed: int = 1,
        update_every: int = 5,
    ):
        require(update_every >= 1, f"update_every is {update_every}; it counts steps: use 1 or up.")
        super().__init__(bundle, own_sounds or {}, config or ManipulateConfig(), scene_seed)
        self.result: ManipulateResult | None = None
        self._update_every = update_every
        self._stop_asked = threading.Event()
        self._thread: threading.Thread | None = None
        self._make_displays()
        self.seed.observe(lambda _: self._show_scene(), names="value")
        self._show_scene()
        self._set_busy(False)
        buttons = widgets.HBox([self.run, self.stop])
        self.children = (*self.children, buttons, self.status, self.picture, self.curves)

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return "A panel with the settings of an edit: run the notebook to use it."

    def wait(self, timeout: float | None = None) -> None:
        """Return when the edit that runs has ended, or after `timeout` seconds."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _make_displays(self) -> None:
        self.run = widgets.Button(description="Run", button_style="primary", icon="play")
        self.stop = widgets.Button(description="Stop", icon="stop")
        self.run.on_click(lambda _: self._start())
        self.stop.on_click(lambda _: self._stop_asked.set())
        self.status = widgets.HTML()
        self.picture = picture_widget(shows="Left the scene, right its edit.")
        curves = f"Curves over the steps of an edit: {' and '.join(CURVES.values())}."
        empty = draw_curves({}, self._config.num_steps)
        self.curves = picture_widget(empty, "svg+xml", shows=curves)

    def _show_scene(self) -> None:
        """The source twice, while no edit runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        source = self._bundle.generator.synthesis(self._source_ws(), noise_mode="const")
        self.picture.value = encode_png(torch.cat([source, source]))
        self.curves.value = draw_curves({}, self.num_steps.value)
        self._say("Left the scene, right its edit. Choose a sound, or write a text, and press Run.")

    def _source_ws(self) -> torch.Tensor:
        return ws_from_seeds(self._bundle.generator, [self.seed.value])

    def _start(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop_asked.clear()
        try:
            source_ws, targets, config = self._source_ws(), self.targets(), self.settings()
            with warnings.catch_warnings(record=True) as notes:
                warnings.simplefilter("always", UserWarning)
                mix_targets(self._bundle, **targets)
        except SgimError as error:
            self._show_scene()
            self._say(str(error), is_error=True)
            return
        self._set_busy(True)
        remark = " ".join(str(note.message) for note in notes)
        arguments = (source_ws, targets, config, remark)
        self._thread = threading.Thread(target=self._edit, args=arguments, daemon=True)
        self._thread.start()

    def _edit(
        self, source_ws: torch.Tensor, targets: dict, config: ManipulateConfig, remark: str
    ) -> None:
        """Runs in the thread; whatever happens, the panel is ready for the next edit."""
        history: dict[str, list[float]] = {name: [] for name in CURVES}
        source = self._bundle.generator.synthesis(source_ws, noise_mode="const")

        def follow(step) -> bool:
            for name in CURVES:
                history[name].append(step.losses[name])
            if step.index % self._update_every == 0:
                self.picture.value = encode_png(torch.cat([source, step.images]))
                self.curves.value = draw_curves(history, step.num_steps)
                self._say(f"{remark} Step {step.index + 1} of {step.num_steps} ...".strip())
            return self._stop_asked.is_set()

        outcome, is_error = "The edit broke off; the notebook's log tells where.", True
        try:
            self.result = manipulate(
                self._bundle, source_ws, **targets, config=config, callback=follow
            )
            self.picture.value = encode_png(torch.cat([source, self.result.images]))
            self.curves.value = draw_curves(self.result.history, config.num_steps)
            outcome, is_error = f"{remark} {_in_words(self.result)}".strip(), False
        except SgimError as error:
            outcome = str(error)
        finally:
            self._say(outcome, is_error=is_error)
            self._set_busy(False)

    def _set_busy(self, busy: bool) -> None:
        self.run.disabled, self.stop.disabled = busy, not busy

    def _say(self, sentence: str, is_error: bool = False) -> None:
        style = f' style="color:{ERROR}"' if is_error else ""
        self.status.value = f"<span{style}>{html.escape(sentence)}</span>"


def _in_words(result: ManipulateResult) -> str:
    guidance = result.history["guidance"]
    ended = "Stopped" if result.stopped_early else "Done"
    return (
        f"{ended} after {len(guidance)} of {result.config.num_steps} steps, "
        f"{result.seconds:.1f} s: cosine distance {guidance[0]:.2f} → {guidance[-1]:.2f}."
    )
