"""Robust sound-guided image manipulation: a sound moves a picture.

>>> import sgim
>>> bundle = sgim.load_bundle("mini")
>>> bundle.encode_text(["heavy rain"]).shape
torch.Size([1, 128])
"""

from sgim.lazy_names import lazy_names

__version__ = "0.2.0"

# Public names are imported when they are first used, so that `python -m sgim --help` is instant.
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "animation": ["Film", "animate"],
        "bundle": ["Bundle", "load_bundle"],
        "checks": ["SgimError"],
        "models.generators": ["load_generator"],
        "editing.manipulate_config": ["ManipulateConfig"],
        "editing.manipulate_result": ["ManipulateResult", "ManipulateStep"],
        "editing.manipulation": ["manipulate"],
        "editing.presets": ["Preset", "preset_for"],
        "editing.project_config": ["ProjectConfig"],
        "editing.projection": ["ProjectResult", "ProjectStep", "project"],
        "world": [],
    },
)
