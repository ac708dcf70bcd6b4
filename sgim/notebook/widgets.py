"""Panels for notebooks: sliders in, sounds and live pictures out.

settings -> `manipulate` in a thread -> pictures and curves while it runs.

Only boxes, sliders, players and images are used, and no plotting backend, so a panel looks and
works alike in JupyterLab and in Colab. What goes wrong appears in the panel as one sentence.
"""

import html
import io
import os
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

import ipywidgets as widgets
import soundfile
import torch
from PIL import Image

from sgim.checks import SgimError, require
from sgim.editing.manipulation import ManipulateConfig, ManipulateResult, manipulate, mix_targets
from sgim.media.picture_files import to_pictures
from sgim.notebook.plots import INK, PALETTE
from sgim.seeds import ws_from_seeds
from sgim.world.names import SOUND_NAMES
from sgim.world.sounds import synthesize_sound

NO_SOUND = "no sound"
SOUND_SECONDS = 5.0
SOUND_SEED = 3
GAP = 4
SIMILARITY_WEIGHTS = (0.0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
IDENTITY_WEIGHTS = (0.0, 0.001, 0.002, 0.004, 0.005, 0.01, 0.02, 0.05)
LEARNING_RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
CURVES = {"guidance": "cosine distance to the target", "similarity": "distance from the source"}
NO_IDENTITY = "λ_ID is for faces: it needs a recognition network, and this bundle has none."


def encode_png(images: torch.Tensor) -> bytes:
    """Pictures (batch, 3, height, width) in [-1, 1], side by side, as one PNG file."""
    pictures = to_pictures(images)
    width, height = pictures[0].size
    strip = Image.new("RGB", (len(pictures) * (width + GAP) - GAP, height), "white")
    for index, picture in enumerate(pictures):
        strip.paste(picture, (index * (width + GAP), 0))
    buffer = io.BytesIO()
    strip.save(buffer, format="PNG")
    return buffer.getvalue()


def encode_wav(waveform: torch.Tensor, sample_rate: int) -> bytes:
    """A waveform (num_samples,) in [-1, 1] as a 16-bit WAV file.

    Examples
    --------
    >>> len(encode_wav(torch.zeros(100), 16000))  # 44 bytes of header
    244
    """
    buffer = io.BytesIO()
    samples = waveform.detach().cpu().clamp(-1, 1).numpy()
    soundfile.write(buffer, samples, sample_rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def draw_curves(history: Mapping[str, Sequence[float]], num_steps: int) -> bytes:
    """The terms `CURVES` over the steps so far, as an SVG file, ready within a millisecond.

    Parameters
    ----------
    history : mapping, term -> one value per step so far
    num_steps : int
        Where the horizontal axis ends.

    Examples
    --------
    >>> draw_curves({"guidance": [0.9, 0.5], "similarity": [0.0, 0.1]}, 60).count(b"<polyline")
    2
    """
    panels = [
        _draw_curve(title, history.get(name, []), num_steps, PALETTE[index], 40 + 275 * index)
        for index, (name, title) in enumerate(CURVES.items())
    ]
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 540 170" font-family="sans-serif"'
    return f'{head} font-size="11" fill="{INK}">{"".join(panels)}</svg>'.encode()


def _draw_curve(title: str, values: Sequence[float], num_steps: int, color: str, left: int) -> str:
    width, height, top, bottom = 220, 110, 25, 135
    highest = max(values, default=0.0) * 1.1 or 1.0
    points = " ".join(
        f"{left + width * index / max(1, num_steps - 1):.1f},{bottom - height * y / highest:.1f}"
        for index, y in enumerate(values)
    )
    axes = f"M{left},{top} V{bottom} H{left + width}"
    return (
        f'<text x="{left}" y="14" font-size="12">{title}</text>'
        f'<path d="{axes}" fill="none" stroke="{INK}" stroke-width="0.7"/>'
        f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>'
        f'<text x="{left - 5}" y="{top + 8}" text-anchor="end">{highest:.2g}</text>'
        f'<text x="{left - 5}" y="{bottom}" text-anchor="end">0</text>'
        f'<text x="{left}" y="{bottom + 16}">1</text>'
        f'<text x="{left + width / 2}" y="{bottom + 16}" text-anchor="middle">step</text>'
        f'<text x="{left + width}" y="{bottom + 16}" text-anchor="end">{num_steps}</text>'
    )


class StrengthSlider(widgets.VBox):
    """One slider among edits that are made already: it moves, the player and the picture follow.

    Parameters
    ----------
    source_image : torch.Tensor, (1, 3, height, width) in [-1, 1]
        Shown on the left all the time.
    images : torch.Tensor, (num_levels, 3, height, width) in [-1, 1]
    labels : sequence of str
        One per level.
    waveforms : sequence of torch.Tensor, each (num_samples,)
    sample_rate : int

    Raises
    ------
    SgimError
        When there are not as many labels and waveforms as images.
    """

    def __init__(
        self,
        source_image: torch.Tensor,
        images: torch.Tensor,
        *,
        labels: Sequence[str],
        waveforms: Sequence[torch.Tensor],
        sample_rate: int,
    ):
        require(
            len(images) == len(labels) == len(waveforms) > 0,
            f"there are {len(images)} images, {len(labels)} labels and {len(waveforms)} "
            "waveforms; every level needs one of each.",
        )
        self._pictures = [encode_png(torch.cat([source_image, image[None]])) for image in images]
        self._players = [encode_wav(waveform, sample_rate) for waveform in waveforms]
        self.level = widgets.SelectionSlider(
            options=[(label, index) for index, label in enumerate(labels)],
            description="strength",
            layout=widgets.Layout(width="420px"),
        )
        self.player = widgets.Audio(format="wav", autoplay=False, loop=False)
        self.picture = widgets.Image(format="png", layout=_picture_layout())
        self.level.observe(lambda _: self._show(), names="value")
        self._show()
        super().__init__([self.level, self.player, self.picture])

    def _show(self) -> None:
        self.player.value = self._players[self.level.value]
        self.picture.value = self._pictures[self.level.value]


class ManipulatePanel(widgets.VBox):
    """Latent optimization to play with: settings, Run, Stop, a live picture and live curves.

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
        self.result: ManipulateResult | None = None
        self._bundle = bundle
        self._own_sounds = dict(own_sounds or {})
        self._config = config or ManipulateConfig()
        self._update_every = update_every
        self._stop_asked = threading.Event()
        self._thread: threading.Thread | None = None
        self._make_target_controls(scene_seed)
        self._make_loss_controls()
        self._make_displays()
        self.seed.observe(lambda _: self._show_scene(), names="value")
        self.sound.observe(self._follow_sound, names="value")
        self._show_scene()
        self._set_busy(False)
        super().__init__(self._arranged())

    def settings(self) -> ManipulateConfig:
        """The `ManipulateConfig` that the sliders say."""
        return replace(
            self._config,
            num_steps=self.num_steps.value,
            learning_rate=self.learning_rate.value,
            similarity_weight=self.similarity_weight.value,
            identity_weight=self.identity_weight.value,
            adaptive_layer_mask=self.mask.value,
        )

    def targets(self) -> dict[str, list]:
        """The arguments `sound` and `text` of `manipulate` that the controls say.

        The slider between them counts only when there is both a sound and a text.
        """
        targets = {}
        text = self.text.value.strip()
        if self.sound.value != NO_SOUND:
            targets["sound"] = [(self._chosen_sound(), self.mix.value if text else 1.0)]
        if text:
            targets["text"] = [(text, 1.0 - self.mix.value if "sound" in targets else 1.0)]
        return targets

    def wait(self, timeout: float | None = None) -> None:
        """Return when the edit that runs has ended, or after `timeout` seconds."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _make_target_controls(self, scene_seed: int) -> None:
        names = [*SOUND_NAMES, *self._own_sounds, NO_SOUND]
        self.sound = widgets.Dropdown(options=names, description="sound", **_control())
        self.strength = widgets.FloatSlider(
            value=0.8, min=0, max=1, step=0.05, description="its strength", **_control()
        )
        self.text = widgets.Text(
            placeholder="for example: heavy snow", description="text", **_control()
        )
        self.mix = widgets.FloatSlider(
            value=0.5, min=0, max=1, step=0.05, description="text ↔ sound", **_control()
        )
        self.seed = widgets.BoundedIntText(
            value=scene_seed, min=0, max=999_999, description="scene number", **_control()
        )

    def _make_loss_controls(self) -> None:
        config = self._config
        self.similarity_weight = _choice_slider(
            "λ_sim", SIMILARITY_WEIGHTS, config.similarity_weight
        )
        self.identity_weight = _choice_slider("λ_ID", IDENTITY_WEIGHTS, config.identity_weight)
        self.identity_weight.disabled = self._bundle.identity is None
        self.learning_rate = _choice_slider("learning rate", LEARNING_RATES, config.learning_rate)
        self.num_steps = widgets.IntSlider(
            value=config.num_steps,
            min=1,
            max=max(200, config.num_steps),
            description="steps",
            **_control(),
        )
        self.mask = widgets.Checkbox(
            value=config.adaptive_layer_mask, description="adaptive layer mask", indent=False
        )

    def _make_displays(self) -> None:
        self.run = widgets.Button(description="Run", button_style="primary", icon="play")
        self.stop = widgets.Button(description="Stop", icon="stop")
        self.run.on_click(lambda _: self._start())
        self.stop.on_click(lambda _: self._stop_asked.set())
        self.status = widgets.HTML()
        self.picture = widgets.Image(format="png", layout=_picture_layout())
        self.curves = widgets.Image(
            value=draw_curves({}, self._config.num_steps),
            format="svg+xml",
            layout=_picture_layout(),
        )

    def _arranged(self) -> list[widgets.Widget]:
        note = widgets.HTML("" if self._bundle.identity else f"<small>{NO_IDENTITY}</small>")
        target = [self.sound, self.strength, self.text, self.mix, self.seed]
        loss = [self.similarity_weight, self.identity_weight, note]
        loss += [self.learning_rate, self.num_steps, self.mask]
        wrap = widgets.Layout(flex_flow="row wrap")
        return [
            widgets.HBox([widgets.VBox(target), widgets.VBox(loss)], layout=wrap),
            widgets.HBox([self.run, self.stop]),
            self.status,
            self.picture,
            self.curves,
        ]

    def _chosen_sound(self):
        name = self.sound.value
        if name in self._own_sounds:
            return self._own_sounds[name]
        return synthesize_sound(name, self.strength.value, SOUND_SECONDS, SOUND_SEED)

    def _follow_sound(self, _change) -> None:
        """Only a synthesized sound has a strength to choose."""
        self.strength.disabled = self.sound.value in (*self._own_sounds, NO_SOUND)

    def _show_scene(self) -> None:
        """The source twice, while no edit runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        source = self._bundle.generator.synthesis(self._source_ws(), noise_mode="const")
        self.picture.value = encode_png(torch.cat([source, source]))
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
        color = "#b00020" if is_error else INK
        self.status.value = f'<span style="color:{color}">{html.escape(sentence)}</span>'


def _in_words(result: ManipulateResult) -> str:
    guidance = result.history["guidance"]
    ended = "Stopped" if result.stopped_early else "Done"
    return (
        f"{ended} after {len(guidance)} of {result.config.num_steps} steps, "
        f"{result.seconds:.1f} s: cosine distance {guidance[0]:.2f} → {guidance[-1]:.2f}."
    )


def _choice_slider(
    description: str, values: Sequence[float], value: float
) -> widgets.SelectionSlider:
    """A slider over a few useful values, `value` among them."""
    options = [(f"{one:g}", one) for one in sorted({*values, value})]
    return widgets.SelectionSlider(
        options=options, value=value, description=description, **_control()
    )


def _control() -> dict:
    layout = widgets.Layout(width="360px")
    return {"style": {"description_width": "110px"}, "layout": layout}


def _picture_layout() -> widgets.Layout:
    return widgets.Layout(width="540px", max_width="100%")
