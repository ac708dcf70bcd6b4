"""A small world of landscapes and the sounds that belong to them.

>>> import sgim.world
>>> waveform, sample_rate = sgim.world.synthesize_sound("rain", 0.8, seconds=2.0, seed=1)
>>> tuple(waveform.shape), sample_rate
((32000,), 16000)
"""

import importlib

_HOMES = {
    "SOUND_NAMES": "sgim.world.names",
    "WEATHER_NAMES": "sgim.world.names",
    "SceneGenerator": "sgim.world.scenes",
    "mix_sounds": "sgim.world.sounds",
    "synthesize_sound": "sgim.world.sounds",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str):
    """Import a public name when it is first used: who only listens needs no synthesizers."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sgim.world' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
