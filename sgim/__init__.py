"""Robust sound-guided image manipulation: a sound moves a picture.

>>> import sgim
>>> bundle = sgim.load_bundle("mini")
>>> bundle.encode_text(["heavy rain"]).shape
torch.Size([1, 128])
"""

import importlib

__version__ = "0.1.0"

_HOMES = {
    "Bundle": "sgim.bundle",
    "ManipulateConfig": "sgim.manipulation",
    "ManipulateResult": "sgim.manipulation",
    "ManipulateStep": "sgim.manipulation",
    "Preset": "sgim.presets",
    "ProjectConfig": "sgim.projection",
    "ProjectResult": "sgim.projection",
    "ProjectStep": "sgim.projection",
    "SgimError": "sgim.checks",
    "load_bundle": "sgim.bundle",
    "load_generator": "sgim.generators",
    "manipulate": "sgim.manipulation",
    "preset_for": "sgim.presets",
    "project": "sgim.projection",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str):
    """Import a public name when it is first used, so that `python -m sgim --help` is instant."""
    if name == "world":
        return importlib.import_module("sgim.world")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sgim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "world"]
