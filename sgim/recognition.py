"""How well the joint embedding recognizes: held-out scenes, held-out sounds, real recordings.

bundle -> zero-shot through text, retrieval -> plain numbers with their sample sizes.
"""

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from sgim.checks import require
from sgim.metrics import (
    accuracy,
    class_balanced_accuracy,
    confusion_matrix,
    retrieval_at_k,
    spearman,
    zero_shot_scores,
)
from sgim.world import lexicon
from sgim.world.captions import class_prompts, describe, strength_of, strength_prompts
from sgim.world.names import SOUND_NAMES, WEATHER_NAMES
from sgim.world.places import true_facts
from sgim.world.samples import place_weathers
from sgim.world.sounds import synthesize_sound

SCENE_NAMES = ("clear", *WEATHER_NAMES)
LEAST_VISIBLE = 0.25
CAPTIONS_DRAWN = 12
RECORDING_CLASSES = {
    "fire_crackling": "fire",
    "sea_waves": "waves",
    "stream_waterfall": "stream",
} | {name: name for name in SOUND_NAMES}
ESC10_FOLDERS = {"Rain": "rain", "Sea waves": "waves", "Fire crackling": "fire"}


@dataclass(frozen=True)
class Recordings:
    """Files, their class (index into `SOUND_NAMES`) and the recording each was cut from."""

    paths: list[Path]
    classes: list[int]
    groups: list[str]


@dataclass(frozen=True)
class RecognitionReport:
    """Predictions of one set: `accuracy` is class-balanced per recording, in [0, 1]."""

    accuracy: float
    recalls: dict[str, float]
    confusion: np.ndarray
    count: int
    num_recordings: int


def prompt_features(
    encode_text: Callable[[list[str]], torch.Tensor], names: tuple[str, ...]
) -> torch.Tensor:
    """Mean text feature per class over its prompts, (num_classes, embed_dim), unit norm."""
    rows = [encode_text(list(class_prompts(name))).mean(dim=0) for name in names]
    return torch.nn.functional.normalize(torch.stack(rows), dim=-1)


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


def scene_zero_shot(bundle, *, count: int = 440, seed: int = 90_001) -> float:
    """Share of held-out scenes whose weather, of eleven, the text names right."""
    ws, weathers = held_out_scenes(bundle.generator, count, seed)
    labels = [SCENE_NAMES.index(next(iter(weather), "clear")) for weather in weathers]
    scores = zero_shot_scores(
        image_features_of(bundle, ws), prompt_features(bundle.encode_text, SCENE_NAMES)
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
    tables = lexicon.PLACES | lexicon.TIMES_AND_SKIES
    return frozenset(
        kind for kind, phrases in tables.items() if any(phrase in caption for phrase in phrases)
    )


def _tell(index: int, weather: dict[str, float], land: dict[str, float], rng) -> ToldScene:
    name, intensity = next(iter(weather.items()), ("clear", 0.0))
    captions = [describe(name, intensity, rng, land) for _ in range(CAPTIONS_DRAWN)]
    caption = max(captions, key=lambda text: len(facts_told(text)))
    strength = strength_of(intensity)
    return ToldScene(index, name, strength, caption, facts_told(caption), true_facts(land))


def scene_retrieval(bundle, *, count: int = 256, seed: int = 90_002) -> dict[str, float]:
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


def synthetic_sounds(
    per_class: int, seed: int
) -> tuple[list[torch.Tensor], list[int], list[float]]:
    """Held-out clips of five seconds: waveforms, classes, intensities from 0.1 to 1."""
    rng = random.Random(seed)
    waveforms, classes, intensities = [], [], []
    for index in range(per_class * len(SOUND_NAMES)):
        classes.append(index % len(SOUND_NAMES))
        intensities.append(rng.uniform(0.1, 1))
        name = SOUND_NAMES[classes[-1]]
        waveforms.append(synthesize_sound(name, intensities[-1], 5.0, rng.randrange(2**31))[0])
    return waveforms, classes, intensities


def report(predictions: list[int], classes: list[int], groups: list[str]) -> RecognitionReport:
    """Class-balanced scores with recordings counting equally within a class."""
    recalls = {}
    for index, name in enumerate(SOUND_NAMES):
        mine = [i for i, label in enumerate(classes) if label == index]
        if mine:
            recalls[name] = class_balanced_accuracy(
                [classes[i] for i in mine],
                [predictions[i] for i in mine],
                [groups[i] for i in mine],
            )
    return RecognitionReport(
        accuracy=class_balanced_accuracy(classes, predictions, groups),
        recalls=recalls,
        confusion=confusion_matrix(classes, predictions, len(SOUND_NAMES)),
        count=len(classes),
        num_recordings=len(set(groups)),
    )


def sound_zero_shot(bundle, *, per_class: int = 40, seed: int = 90_003) -> RecognitionReport:
    """Zero-shot through text on held-out synthetic sounds."""
    waveforms, classes, _ = synthetic_sounds(per_class, seed)
    features = bundle.encode_audio(waveforms, 16_000)
    scores = zero_shot_scores(features, prompt_features(bundle.encode_text, SOUND_NAMES))
    groups = [str(index) for index in range(len(classes))]
    return report(scores.argmax(dim=1).tolist(), classes, groups)


def heard_strength(bundle, *, per_class: int = 40, seed: int = 90_004) -> dict[str, float]:
    """Spearman of true intensity and the position along the light-to-heavy text direction."""
    waveforms, classes, intensities = synthetic_sounds(per_class, seed)
    features = bundle.encode_audio(waveforms, 16_000)
    correlations = {}
    for index, name in enumerate(SOUND_NAMES):
        light, heavy = (
            bundle.encode_text(list(strength_prompts(name, strength))).mean(dim=0)
            for strength in ("very light", "very heavy")
        )
        mine = [i for i, label in enumerate(classes) if label == index]
        positions = features[mine] @ (heavy - light)
        correlations[name] = spearman([intensities[i] for i in mine], positions.tolist())
    return correlations


def find_recordings(real_sounds: Path | None, esc10: Path | None) -> Recordings:
    """Collect nature recordings from folders on this machine.

    Parameters
    ----------
    real_sounds : Path
        Folder with a `manifest.csv` of columns file, class, recording_id.
    esc10 : Path
        Folder of ESC-10, with one sub-folder per class ("002 - Rain").
    """
    paths, classes, groups = [], [], []
    if real_sounds is not None:
        with open(real_sounds / "manifest.csv", newline="") as file:
            for row in csv.DictReader(file):
                if row["class"] in RECORDING_CLASSES:
                    paths.append(real_sounds / row["file"])
                    classes.append(SOUND_NAMES.index(RECORDING_CLASSES[row["class"]]))
                    groups.append(row["recording_id"])
    if esc10 is not None:
        for folder, name in ESC10_FOLDERS.items():
            for path in sorted(esc10.glob(f"* - {folder}/*.ogg")):
                paths.append(path)
                classes.append(SOUND_NAMES.index(name))
                groups.append(path.stem.rsplit("-", 1)[0])
    require(bool(paths), "no recordings found; name a folder with a manifest.csv, or ESC-10's.")
    return Recordings(paths, classes, groups)


def recording_zero_shot(bundle, recordings: Recordings) -> RecognitionReport:
    """Zero-shot through text on real recordings."""
    features = bundle.encode_audio(list(recordings.paths))
    scores = zero_shot_scores(features, prompt_features(bundle.encode_text, SOUND_NAMES))
    return report(scores.argmax(dim=1).tolist(), recordings.classes, recordings.groups)
