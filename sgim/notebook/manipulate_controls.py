"""The sliders of an edit: what is wished for, what is weighed, in how many steps.

a bundle and where the sliders stand at first -> widgets -> the arguments of `manipulate`.
"""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

import ipywidgets as widgets

from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.media.given_sounds import to_waveform
from sgim.notebook.inline_media import encode_wav
from sgim.world.names import SOUND_NAMES
from sgim.world.sounds import synthesize_sound

NO_SOUND = "no sound"
SOUND_SECONDS = 5.0
SOUND_SEED = 3
PLAYER_RATE = 16_000
SIMILARITY_WEIGHTS = (0.0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
IDENTITY_WEIGHTS = (0.0, 0.001, 0.002, 0.004, 0.005, 0.01, 0.02, 0.05)
LEARNING_RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
NO_IDENTITY = "λ_ID is for faces: it needs a recognition network, and this bundle has none."


class ManipulateControls(widgets.VBox):
    """The target's controls on the left, those of the loss on the right.

    Parameters
    ----------
    bundle : Bundle
    own_sounds : mapping, name -> path or (waveform, sample_rate)
        Recordings that join the built-in sounds.
    config : ManipulateConfig
        Where the sliders stand at first; ramps, noise and the other settings stay as given.
    scene_seed : int
        Number of the first scene.
    """

    def __init__(
        self,
        bundle,
        own_sounds: Mapping[str, str | os.PathLike | tuple],
        config: ManipulateConfig,
        scene_seed: int,
    ):
        self._bundle = bundle
        self._own_sounds = dict(own_sounds)
        self._config = config
        self._make_target_controls(scene_seed)
        self._make_loss_controls()
        for control in (self.sound, self.strength):
            control.observe(lambda _: self._follow_sound(), names="value")
        self.listen.on_click(lambda _: self._play())
        note = widgets.HTML("" if bundle.identity else f"<small>{NO_IDENTITY}</small>")
        heard = widgets.HBox([self.listen, self.player])
        target = [self.sound, self.strength, heard, self.text, self.mix, self.seed]
        loss = [self.similarity_weight, self.identity_weight, note]
        loss += [self.learning_rate, self.num_steps, self.mask]
        wrap = widgets.Layout(flex_flow="row wrap")
        super().__init__([widgets.HBox([widgets.VBox(target), widgets.VBox(loss)], layout=wrap)])

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

    def _make_target_controls(self, scene_seed: int) -> None:
        names = [*SOUND_NAMES, *self._own_sounds, NO_SOUND]
        self.sound = widgets.Dropdown(options=names, description="sound", **_control())
        self.strength = widgets.FloatSlider(
            value=0.8, min=0, max=1, step=0.05, description="its strength", **_control()
        )
        self.listen = widgets.Button(description="Listen", icon="volume-up")
        self.player = widgets.Audio(format="wav", autoplay=False, loop=False)
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

    def _chosen_sound(self):
        name = self.sound.value
        if name in self._own_sounds:
            return self._own_sounds[name]
        return synthesize_sound(name, self.strength.value, SOUND_SECONDS, SOUND_SEED)

    def _follow_sound(self) -> None:
        """Only a synthesized sound has a strength to choose; the player waits for Listen."""
        name = self.sound.value
        self.strength.disabled = name in (*self._own_sounds, NO_SOUND)
        self.listen.disabled, self.player.value = name == NO_SOUND, b""

    def _play(self) -> None:
        """Give the player the start of the sound; a file that cannot be read stays mute."""
        with contextlib.suppress(SgimError):
            waveform = to_waveform(self._chosen_sound(), None, PLAYER_RATE)
            start = waveform[: int(SOUND_SECONDS * PLAYER_RATE)]
            self.player.tooltip = f"The start of the sound: {self.sound.value}."
            self.player.value = encode_wav(start, PLAYER_RATE)


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
