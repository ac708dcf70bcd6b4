"""A small world of landscapes and the sounds that belong to them.

>>> waveform, sample_rate = synthesize_sound("rain", intensity=0.8, seconds=2.0, seed=1)
>>> tuple(waveform.shape), sample_rate
((32000,), 16000)
"""

from sgim.world.names import SOUND_NAMES, WEATHER_NAMES
from sgim.world.scenes import SceneGenerator
from sgim.world.sounds import mix_sounds, synthesize_sound

__all__ = ["SOUND_NAMES", "WEATHER_NAMES", "SceneGenerator", "mix_sounds", "synthesize_sound"]
