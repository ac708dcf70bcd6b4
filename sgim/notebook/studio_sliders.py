"""How the Studio edits: weights, rates, layers and switches.

a `ManipulateConfig` -> sliders and switches -> a `ManipulateConfig`
"""

from dataclasses import replace

import ipywidgets as widgets

from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.presets import PRESETS
from sgim.notebook.studio_controls import choice_slider, control, heading
from sgim.world.layers import LAYER_NAMES

SIMILARITY_WEIGHTS = (0.0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
IDENTITY_WEIGHTS = (0.0, 0.001, 0.002, 0.004, 0.005, 0.01, 0.02, 0.05)
LEARNING_RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.12, 0.2)
IN_ONE_PASS = "0 steps: one pass of a trained network, made anew at each move."
NO_IDENTITY = "λ_ID is for faces: it needs a recognition network, and this bundle has none."


class SliderControls(widgets.VBox):
    """Sliders and switches of an edit.

    Parameters
    ----------
    bundle : Bundle
    config : ManipulateConfig
        Where they stand at first; ramps, noise and the other settings stay as given.
    """

    def __init__(self, bundle, config: ManipulateConfig):
        self._config, like = config, control()
        self.similarity_weight = choice_slider(
            "λ_sim", SIMILARITY_WEIGHTS, config.similarity_weight, like
        )
        self.identity_weight = choice_slider("λ_ID", IDENTITY_WEIGHTS, config.identity_weight, like)
        self.identity_weight.disabled = bundle.identity is None
        self.learning_rate = choice_slider(
            "learning rate", LEARNING_RATES, config.learning_rate, like
        )
        most = max(200, config.num_steps)
        self.num_steps = widgets.IntSlider(
            value=config.num_steps,
            min=1 if getattr(bundle, "mapper", None) is None else 0,
            max=most,
            description="steps",
            **like,
        )
        in_one = widgets.HTML(f"<small>{IN_ONE_PASS}</small>" if self.num_steps.min == 0 else "")
        names = layer_names(bundle.generator)
        moving = range(len(names)) if config.layers is None else config.layers
        self.layers = widgets.SelectMultiple(
            options=[(name, row) for row, name in enumerate(names)],
            value=tuple(moving),
            rows=min(5, len(names)),
            description="layers",
            tooltip="Layers that may move; Shift or Ctrl chooses several.",
            **like,
        )
        self.mask = _switch("adaptive layer mask", config.adaptive_layer_mask)
        self.pursuit = _switch("pursuit", config.pursuit)
        note = widgets.HTML("" if bundle.identity else f"<small>{NO_IDENTITY}</small>")
        sliders = [self.similarity_weight, self.identity_weight, note, self.learning_rate]
        switches = widgets.HBox([self.mask, self.pursuit])
        steps = [self.num_steps, in_one]
        super().__init__([heading("Settings"), *sliders, *steps, self.layers, switches])

    @property
    def is_one_pass(self) -> bool:
        """Whether an edit takes no steps."""
        return self.num_steps.value == 0

    def settings(self) -> ManipulateConfig:
        """The `ManipulateConfig` that they say; with no layer chosen all move."""
        layers = tuple(self.layers.value)
        return replace(
            self._config,
            start="mapper" if self.is_one_pass else self._config.start,
            num_steps=self.num_steps.value,
            learning_rate=self.learning_rate.value,
            similarity_weight=self.similarity_weight.value,
            identity_weight=self.identity_weight.value,
            adaptive_layer_mask=self.mask.value,
            pursuit=self.pursuit.value,
            layers=None if len(layers) in (0, len(self.layers.options)) else layers,
        )


def own_settings(bundle_name: str) -> ManipulateConfig:
    """The settings that go with a bundle of this name."""
    preset = PRESETS.get(bundle_name)
    return preset.config if preset else ManipulateConfig()


def layer_names(generator) -> tuple[str, ...]:
    """Names of the rows of a generator's latents: what they hold, or their numbers."""
    if hasattr(generator, "scene_parameters"):
        return LAYER_NAMES
    return tuple(f"row {row}" for row in range(generator.num_ws))


def _switch(description: str, value: bool) -> widgets.Checkbox:
    layout = widgets.Layout(width="auto")
    return widgets.Checkbox(value=value, description=description, indent=False, layout=layout)
