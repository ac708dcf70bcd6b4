"""Notebooks that the browser tests open, as the code of their cells."""

STUDIO = (
    """\
import sgim
from sgim.notebook import Studio

studio = Studio(sgim.load_bundle("mini", device="cpu"), scene_seed=1)
studio""",
)
PANELS = (
    """\
import torch
import torch.nn.functional as F
from sgim.world import SceneGenerator, synthesize_sound

features = F.normalize(torch.randn(12, 8, generator=torch.Generator().manual_seed(0)), dim=1)
kinds = {"pictures": features[:4], "captions": features[4:8], "sounds": features[8:]}
painter = SceneGenerator(64)
things = {
    "pictures": lambda index: painter.synthesis(painter.w_avg[None])[0],
    "captions": lambda index: f"caption number {index}",
    "sounds": lambda index: synthesize_sound("rain", 0.5, 1.0, index),
}
groups = {kind: ["rain", "fog", "rain", "fire"] for kind in kinds}""",
    """\
from sgim.notebook import EmbeddingMap

EmbeddingMap(kinds, torch.eye(8)[:2], groups=groups, things=things)""",
    """\
from sgim.notebook import CosineTable

names = [f"clip {row}" for row in range(4)]
captions = [things["captions"](column) for column in range(4)]
CosineTable(features[8:], features[4:8], rows=names, columns=captions, things=things["sounds"])""",
    """\
from sgim.notebook import LayerMixer

LayerMixer(painter, seeds=(3, 1))""",
    """\
from sgim.notebook import SpectrogramExplorer

SpectrogramExplorer({"rain": things["sounds"](0)})""",
    """\
from sgim.notebook import StrengthSlider
from sgim.seeds import ws_from_seeds

scenes = painter.synthesis(ws_from_seeds(painter, [1, 2, 3]))
rain, rate = things["sounds"](0)
StrengthSlider(
    scenes[:1], scenes[1:], labels=["0.2", "0.9"], waveforms=[rain, rain], sample_rate=rate
)""",
    """\
from sgim.notebook import wipe_images

wipe_images(scenes[:1], scenes[1:2], "A lake.", "A meadow.")""",
    """\
import sgim
from sgim.notebook import PromptPlayground

quick = sgim.ManipulateConfig(num_steps=5)
PromptPlayground(sgim.load_bundle("mini", device="cpu"), config=quick)""",
    """\
from sgim.notebook import Quiz

Quiz("04")""",
    """\
from sgim.evaluation import Trial, draw_study
from sgim.notebook import StudyPanel

trials = [
    Trial(
        scene=f"scene {number}",
        sound="rain",
        source=scenes[0],
        edits={"ours": scenes[1], "text": scenes[2]},
        waveform=rain,
        sample_rate=rate,
        clear=["ours"],
    )
    for number in range(3)
]
StudyPanel(draw_study(trials, num_pairs=3, num_checks=1), "answers", rater=1234567)""",
)
