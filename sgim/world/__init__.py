"""A small world of landscapes and the sounds that belong to them.

seeds, names and strengths of weathers -> scenes with true parameters, sounds, captions, samples.
Made for these lessons; it stands where the paper has photographs and recordings.

>>> import sgim.world
>>> waveform, sample_rate = sgim.world.synthesize_sound("rain", 0.8, seconds=2.0, seed=1)
>>> tuple(waveform.shape), sample_rate
((32000,), 16000)
"""

import lazy_loader

# Public names are imported when they are first used: who only listens needs no synthesizers.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "names": ["SOUND_NAMES", "WEATHER_NAMES"],
        "scenes": ["SceneGenerator"],
        "sounds": ["mix_sounds", "synthesize_sound"],
    },
)
