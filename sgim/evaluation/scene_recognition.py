"""How well the joint embedding recognizes scenes: their weather, and their captions.

bundle -> held-out scenes -> zero-shot through text, retrieval -> shares in [0, 1]
"""

import random
from dataclasses import dataclass

import torch

from sgim.checks import require
from sgim.embedding.zero_shot import label_features
from sgim.metrics import accuracy, retrieval_at_k, zero_shot_scores
from sgim.world.captions import describe, strength_of
from sgim.world.names import WEATHER_NAMES
from sgim.world.places import PLACES, TIMES_AND_SKIES, true_facts
from sgim.world.samples import place_weathers

SCENE_NAMES = ("clear", *WEATHER_NAMES)
LEAST_VISIBLE = 0.25
CAPTIONS_DRAWN = 12
SCENE_SEED = 90_001
RETRIEVAL_SEED = 90_002


def held_out_scenes(generator, count: int, seed: int) -> tuple[torch.Tensor, list[dict]]:
    """Latents with one weather or none, in turn, at intensities from 0.25 to 1."""
    rng = random.Random(seed)
    weathers = []
    for index in range(count):
        name = SCENE_NAMES[index % len(SCENE_NAMES)]
        weathers.append({} if name == "clear" else {name: rng.uniform(LEAST_VISIBLE, 1)})
    z = torch.randn(count, generator.z_dim, generator=torch.Generator().manual_seed(seed))
    ws = generator.mapping(z.to(next(generator.buffers()).device))
    return place_weathers(generator, ws, weathers), weathers


@torch.no_grad()
def image_features_of(bundle, ws: torch.Tensor) -> torch.Tensor:
    """Render latents in batches and embed the pictures."""
    return torch.cat(
        [bundle.encode_image(bundle.generator.synthesis(part)) for part in ws.split(16)]
    )


def scene_zero_shot(bundle, *, count: int = 440, seed: int = SCENE_SEED) -> float:
    """Share of held-out scenes whose weather, of eleven, the text names right."""
    ws, weathers = held_out_scenes(bundle.generator, count, seed)
    labels = [SCENE_NAMES.index(next(iter(weather), "clear")) for weather in weathers]
    scores = zero_shot_scores(
        image_features_of(bundle, ws), label_features(bundle.encode_text, SCENE_NAMES)
    )
    return accuracy(labels, scores.argmax(dim=1).tolist())


@dataclass(frozen=True)
class ToldScene:
    """A scene with the caption that tells most of it.

    `told` are the facts of the landscape that the caption tells, `holds` all that are true.
    """

    index: int
    weather: str
    strength: str
    caption: str
    told: frozenset[str]
    holds: frozenset[str]

    def is_told_by(self, other: "ToldScene") -> bool:
        """Whether the caption of another scene is true of this one as well."""
        weather = (self.weather, self.strength) == (other.weather, other.strength)
        return weather and other.told <= self.holds


def facts_told(caption: str) -> frozenset[str]:
    """What a caption tells of the landscape, such as "water high" or "season high"."""
    tables = PLACES | TIMES_AND_SKIES
    return frozenset(
        kind for kind, phrases in tables.items() if any(phrase in caption for phrase in phrases)
    )


def _tell(index: int, weather: dict[str, float], land: dict[str, float], rng) -> ToldScene:
    name, intensity = next(iter(weather.items()), ("clear", 0.0))
    captions = [describe(name, intensity, rng, land) for _ in range(CAPTIONS_DRAWN)]
    caption = max(captions, key=lambda text: len(facts_told(text)))
    strength = strength_of(intensity)
    return ToldScene(index, name, strength, caption, facts_told(caption), true_facts(land))


def scene_retrieval(bundle, *, count: int = 256, seed: int = RETRIEVAL_SEED) -> dict[str, float]:
    """Image-text retrieval R@1 among scenes of which no caption is true of another picture.

    Of twelve captions drawn for a scene the one that tells most is taken. The candidates are
    four times as many as the set.
    """
    rng = random.Random(seed)
    ws, weathers = held_out_scenes(bundle.generator, 4 * count, seed)
    parameters = bundle.generator.scene_parameters(ws)
    chosen: list[ToldScene] = []
    for index, weather in enumerate(weathers):
        land = {n: v[index].item() for n, v in parameters.items() if n not in WEATHER_NAMES}
        scene = _tell(index, weather, land, rng)
        if len(chosen) < count and not any(
            scene.is_told_by(other) or other.is_told_by(scene) for other in chosen
        ):
            chosen.append(scene)
    require(len(chosen) == count, f"only {len(chosen)} scenes can be told apart; ask for fewer.")
    images = image_features_of(bundle, ws[[scene.index for scene in chosen]])
    texts = bundle.encode_text([scene.caption for scene in chosen])
    return {
        "image_to_text": retrieval_at_k(images, texts, k=1),
        "text_to_image": retrieval_at_k(texts, images, k=1),
    }
