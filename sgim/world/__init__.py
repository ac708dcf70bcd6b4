"""A small world of landscapes and the sounds that belong to them.

seeds, names and strengths of weathers -> scenes with true parameters, sounds, captions, samples.
Made for these lessons; it stands where the paper has photographs and recordings.

To add a weather, in this order: `names`, at the end of the tuples; `layers`, a row of its own at
the end (the others are full); its painter in `air_painters`, `fire_painters`, `water_painters` or
`animal_painters`, using every knob of the row; its place in `painting`, its light in `light`; if
it is heard, a sound in `air_sounds` or its like, entered in `sounds`; words in `lexicon`, and in
`places` what they rule out. Then `python -m sgim train all`: the shipped weights know ten.

>>> import sgim.world
>>> waveform, sample_rate = sgim.world.synthesize_sound("rain", 0.8, seconds=2.0, seed=1)
>>> tuple(waveform.shape), sample_rate
((32000,), 16000)
"""

from sgim.lazy_names import lazy_names

# Public names are imported when they are first used: who only listens needs no synthesizers.
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "captions": ["class_prompts", "describe"],
        "layers": ["LAYER_NAMES"],
        "names": ["SOUND_NAMES", "WEATHER_NAMES"],
        "photo_lands": ["PhotoGenerator"],
        "randomize": ["randomize_sound"],
        "samples": ["draw_scenes", "draw_sounds"],
        "scenes": ["SceneGenerator"],
        "sounds": ["mix_sounds", "synthesize_sound"],
    },
)
