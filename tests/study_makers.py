"""Small studies for tests: random pictures, short tones."""

import torch

from sgim.evaluation.human_study import Trial, draw_study

METHODS = ("red", "green", "blue")
SCENES = ("scene 1", "scene 2", "scene 3", "scene 4")
SOUNDS = ("rain", "fire")
RATE = 16_000


def tone(hertz, seconds=0.2):
    return 0.3 * torch.sin(2 * torch.pi * hertz * torch.arange(int(RATE * seconds)) / RATE)


def random_picture(generator, side=8):
    return torch.rand(3, side, side, generator=generator) * 2 - 1


def make_trials(methods=METHODS, scenes=SCENES, sounds=SOUNDS, side=8):
    """Every scene by every sound; the first method is clear."""
    generator = torch.Generator().manual_seed(5)
    sources = {scene: random_picture(generator, side) for scene in scenes}
    return [
        Trial(
            scene=scene,
            sound=sound,
            source=sources[scene],
            edits={method: random_picture(generator, side) for method in methods},
            waveform=tone(300.0 * (1 + sounds.index(sound))),
            sample_rate=RATE,
            clear=methods[:1],
        )
        for scene in scenes
        for sound in sounds
    ]


def make_study(**settings):
    """Six pairs and four checks, unless told otherwise."""
    return draw_study(make_trials(), **({"num_pairs": 6, "num_checks": 4} | settings))
