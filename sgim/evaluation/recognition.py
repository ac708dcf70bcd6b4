"""How well the joint embedding recognizes: held-out scenes, held-out sounds, real recordings.

bundle -> zero-shot through text, retrieval -> plain numbers with their sample sizes.
"""

import random
from dataclasses import dataclass

import numpy as np
import soxr
import torch
from sklearn.metrics import roc_auc_score

from sgim.checks import require, require_one_of
from sgim.embedding.recordings import NEVER_TRAINED, Recording
from sgim.embedding.zero_shot import label_features, strength_direction
from sgim.media.sound_files import read_sound
from sgim.metrics import (
    accuracy,
    class_balanced_accuracy,
    confusion_matrix,
    retrieval_at_k,
    spearman,
    zero_shot_scores,
)
from sgim.world import lexicon
from sgim.world.captions import describe, strength_of
from sgim.world.names import CLEAR, HEARD_NAMES, SOUND_NAMES, WEATHER_NAMES
from sgim.world.places import true_facts
from sgim.world.samples import place_weathers
from sgim.world.sounds import synthesize_sound
from sgim.world.strangers import voice

SCENE_NAMES = ("clear", *WEATHER_NAMES)
LEAST_VISIBLE = 0.25
CAPTIONS_DRAWN = 12
SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class RecognitionReport:
    """Predictions of one set: `accuracy` is class-balanced per recording, in [0, 1]."""

    accuracy: float
    recalls: dict[str, float]
    confusion: np.ndarray
    count: int
    num_recordings: int


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
    features = bundle.encode_audio(waveforms, SAMPLE_RATE)
    scores = zero_shot_scores(features, label_features(bundle.encode_text, SOUND_NAMES))
    groups = [str(index) for index in range(len(classes))]
    return report(scores.argmax(dim=1).tolist(), classes, groups)


def heard_strength(bundle, *, per_class: int = 40, seed: int = 90_004) -> dict[str, float]:
    """Spearman of true intensity and the position along the light-to-heavy text direction."""
    waveforms, classes, intensities = synthetic_sounds(per_class, seed)
    features = bundle.encode_audio(waveforms, SAMPLE_RATE)
    correlations = {}
    for index, name in enumerate(SOUND_NAMES):
        mine = [i for i, label in enumerate(classes) if label == index]
        positions = features[mine] @ strength_direction(bundle.encode_text, name)
        correlations[name] = spearman([intensities[i] for i in mine], positions.tolist())
    return correlations


def recording_zero_shot(
    bundle, recordings: list[Recording], *, disturbance: str | None = None, seed: int = 90_005
) -> RecognitionReport:
    """Zero-shot through text on recordings of the eight sounds; others are passed over.

    `disturbance` is one of `DISTURBANCES`, drawn anew for each excerpt from `seed`.

    Raises
    ------
    SgimError
        When the disturbance is unknown.
    """
    nature = [recording for recording in recordings if recording.name in SOUND_NAMES]
    waveforms = [read_sound(recording.path) for recording in nature]
    if disturbance is not None:
        require_one_of("disturbance", disturbance, tuple(DISTURBANCES))
        disturb, rng = DISTURBANCES[disturbance], np.random.default_rng(seed)
        waveforms = [
            disturb(waveform, recording.name, rng)
            for waveform, recording in zip(waveforms, nature, strict=True)
        ]
    scores = zero_shot_scores(
        bundle.encode_audio(waveforms, SAMPLE_RATE),
        label_features(bundle.encode_text, SOUND_NAMES),
    )
    classes = [SOUND_NAMES.index(recording.name) for recording in nature]
    groups = [recording.group for recording in nature]
    return report(scores.argmax(dim=1).tolist(), classes, groups)


def none_of_these(
    bundle, recordings: list[Recording], *, against_clear: bool = False
) -> dict[str, float]:
    """How well the top score of the eight sounds tells weather from what is none of it.

    With `against_clear` the score is what the top score exceeds the one of "clear" by.

    Returns
    -------
    dict
        Area under the ROC curve (0.5 is chance) by set of strangers: "trained kinds" such as a
        dog or a clock, heard in other recordings, "new kinds" such as a siren or a chainsaw, and
        "all"; sets that the recordings lack are left out.
    """
    features = bundle.encode_audio([recording.path for recording in recordings])
    scores = zero_shot_scores(features, label_features(bundle.encode_text, HEARD_NAMES))
    top = scores[:, : len(SOUND_NAMES)].amax(dim=1)
    if against_clear:
        top = top - scores[:, HEARD_NAMES.index(CLEAR)]
    sets = {
        "trained kinds": lambda recording: recording.kind not in NEVER_TRAINED,
        "new kinds": lambda recording: recording.kind in NEVER_TRAINED,
        "all": lambda recording: True,
    }
    areas = {}
    for name, belongs in sets.items():
        chosen = [
            (recording.name in SOUND_NAMES, score)
            for recording, score in zip(recordings, top.tolist(), strict=True)
            if recording.name in SOUND_NAMES or belongs(recording)
        ]
        if len({is_weather for is_weather, _ in chosen}) == 2:
            areas[name] = float(roc_auc_score(*zip(*chosen, strict=True)))
    return areas


def _with_another_sound(waveform: torch.Tensor, name: str, rng: np.random.Generator):
    other = str(rng.choice([candidate for candidate in SOUND_NAMES if candidate != name]))
    seconds = waveform.numel() / SAMPLE_RATE
    sound, _ = synthesize_sound(other, float(rng.uniform()), seconds, int(rng.integers(2**31)))
    return _mixed(waveform, sound)


def _with_a_voice(waveform: torch.Tensor, name: str, rng: np.random.Generator):
    return _mixed(waveform, torch.from_numpy(voice(rng, waveform.numel())).float())


def _mixed(waveform: torch.Tensor, other: torch.Tensor, snr_db: float = 10.0) -> torch.Tensor:
    gain = waveform.square().mean().sqrt() / other.square().mean().sqrt().clamp_min(1e-9)
    return waveform + other * gain * 10 ** (-snr_db / 20)


def _through_a_telephone(waveform: torch.Tensor, name: str, rng: np.random.Generator):
    narrow = soxr.resample(waveform.numpy(), SAMPLE_RATE, SAMPLE_RATE // 2)
    return torch.from_numpy(soxr.resample(narrow, SAMPLE_RATE // 2, SAMPLE_RATE))


DISTURBANCES = {
    "another sound, 10 dB below": _with_another_sound,
    "a voice, 10 dB below": _with_a_voice,
    "sampled at 8 kHz": _through_a_telephone,
    "30 dB quieter": lambda waveform, name, rng: waveform * 10 ** (-30 / 20),
}
"""What may befall a recording: (waveform at 16 kHz, its name, random generator) -> waveform."""
