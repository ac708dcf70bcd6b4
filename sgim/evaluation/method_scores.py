"""Every method on the same scenes and sounds, with the same scores: `sgim evaluate --methods`.

small encoders, one per objective -> weights tuned on validation scenes -> edits -> scores,
intervals over scenes and sounds, ours less each other method
"""

import dataclasses
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tqdm import tqdm

from sgim.embedding.ablation import train_objective
from sgim.embedding.planted_accidents import AblationConfig, make_pairs, training_data
from sgim.evaluation.claim_scores import mean_of, resampled
from sgim.evaluation.edit_batches import Edited, smaller_pictures
from sgim.evaluation.edit_scores import EditScore, score
from sgim.evaluation.kept_parts import KeptParts, weights_kept
from sgim.evaluation.methods import LEVEL, METHODS, OUR_NAME, SHIPPED, TUNED_WEIGHTS, Guide, Method
from sgim.evaluation.outside_views import (
    OutsideEar,
    frechet_distance,
    perceptual_distance,
)
from sgim.files.checkpoint import load_frozen, load_tensors, save_tensors
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from sgim.models.judge import Judge
from sgim.seeds import ws_from_seeds
from sgim.world.names import SOUND_NAMES
from sgim.world.sounds import synthesize_sound

PIXELS, PER_WEATHER, TRAINING_SEED = 64, 4, 1
FIRST_SCENE, FIRST_SOUND = 64_000, 640_000
FIRST_TUNED = 65_000
FIRST_REFERENCE = 66_000
PER_REFERENCE = 8
REFERENCE_LEVEL = 0.75


def _seeds(first: int, per_weather: int) -> list[int]:
    return list(range(first, first + per_weather * len(SOUND_NAMES)))


SEEDS = {
    "scenes": _seeds(FIRST_SCENE, PER_WEATHER),
    "sounds": _seeds(FIRST_SOUND, PER_WEATHER),
    "scenes that λ_sim was tuned on": _seeds(FIRST_TUNED, 1),
    "scenes of the Fréchet distance": _seeds(FIRST_REFERENCE, PER_REFERENCE),
    "trainings": TRAINING_SEED,
}
"""No decision was taken on the scenes; each is edited by a sound of its own."""

SHARES = ("right", "reached", "judged")
MEANS = ("rise", "unasked", "drift", "cosine", "perceptual", "shift")


@dataclasses.dataclass(frozen=True)
class Place:
    """One scene and the sound that edits it."""

    name: str
    scene: int
    sound: int


def places(per_weather: int, first_scene: int = FIRST_SCENE, first_sound: int = FIRST_SOUND):
    """Scenes and sounds, `per_weather` of each sound, no scene twice: list of `Place`."""
    return [
        Place(name, first_scene + number, first_sound + number)
        for number, name in enumerate(name for name in SOUND_NAMES for _ in range(per_weather))
    ]


@dataclasses.dataclass(frozen=True)
class Ears:
    """The bundle of each encoder, and views by networks that no edit follows."""

    bundles: Mapping[str, object]
    judge: Judge
    outside: OutsideEar
    heard: dict = dataclasses.field(default_factory=dict)

    def hears(self, name: str, bundle, asked: list[Place]) -> torch.Tensor:
        """Embeddings (places, embed_dim) of the sounds, each made once."""
        key = (name, *asked)
        if key not in self.heard:
            sounds = (synthesize_sound(place.name, LEVEL, 5.0, place.sound) for place in asked)
            self.heard[key] = torch.cat([bundle.encode_audio(*sound) for sound in sounds])
        return self.heard[key]

    def guides(self, encoder: str, asked: list[Place]) -> list[Guide]:
        """What each scene is asked, as this encoder hears it."""
        features = self.hears(encoder, self.bundles[encoder], asked).split(1)
        return [
            Guide(place.name, heard, place.sound)
            for place, heard in zip(asked, features, strict=True)
        ]

    def sources(self, asked: list[Place]) -> torch.Tensor:
        """Latents of the scenes before the edits."""
        generator = next(iter(self.bundles.values())).generator
        return ws_from_seeds(generator, [place.scene for place in asked])


def measure_methods(
    bundle,
    synthetic,
    judge: Judge,
    folder: str | Path = "build/methods",
    *,
    methods: Mapping[str, Method] = METHODS,
    per_weather: int = PER_WEATHER,
    training: AblationConfig | None = None,
    config_changes: Mapping[str, object] | None = None,
    progress: bool = False,
) -> dict:
    """Train, tune, edit and score; a call that was stopped goes on in the same folder.

    Parameters
    ----------
    bundle : Bundle
        The mini world's.
    synthetic : Bundle
        Its audio encoder takes no part in the edits; it tells how well sound and picture agree.
    config_changes : mapping
        Settings of `ManipulateConfig` that all methods share, such as fewer steps.

    Returns
    -------
    dict
        `places`; `methods`: name -> `group`, `weight` (lambda_sim), `scores` (measure -> `value`,
        `interval`), `less` (ours less this one, likewise), `edits` (measure -> one per place).
    """
    training, folder = training or AblationConfig(), Path(folder)
    asked = places(per_weather)
    settings = {
        "weights": weights_kept(),
        "training": dataclasses.asdict(training),
        "per_weather": per_weather,
        "pixels": PIXELS,
        "changes": repr(config_changes),
    }
    parts = KeptParts(folder, settings)
    small = smaller_pictures(bundle, PIXELS)
    used = {method.encoder for method in methods.values()}
    bundles = {SHIPPED: small} | _trained(small, used - {SHIPPED}, training, parts, progress)
    ears = Ears(bundles, judge, OutsideEar(smaller_pictures(synthetic, PIXELS), judge))
    tuned_on = places(1, FIRST_TUNED, FIRST_SOUND + 5_000)
    found = {}
    for name, method in tqdm(methods.items(), "methods", disable=not progress):
        method = _changed(method, **(config_changes or {}))
        weight = method.config.similarity_weight
        if method.tuned:
            weight = parts.get(
                f"tuned {name}", lambda method=method: tuned_weight(ears, method, tuned_on)
            )
        method = _changed(method, similarity_weight=weight)
        edits = parts.get(f"edits {name}", lambda method=method: edit_rows(ears, method, asked))
        found[name] = {"group": method.group, "weight": weight, "edits": edits}
    return {
        "places": [dataclasses.asdict(place) for place in asked],
        "methods": with_scores(found, [place.name for place in asked]),
    }


def _changed(method: Method, **changes: object) -> Method:
    return dataclasses.replace(method, config=dataclasses.replace(method.config, **changes))


def tuned_weight(ears: Ears, method: Method, asked: list[Place]) -> float:
    """The lambda_sim with most right edits; then most reached, then least unasked."""

    def merit(weight: float) -> tuple[float, float, float]:
        rows = edit_rows(ears, _changed(method, similarity_weight=weight), asked)
        right, reached, unasked = (
            statistics.mean(rows[key]) for key in ("right", "reached", "unasked")
        )
        return right, reached, -unasked

    return max(TUNED_WEIGHTS, key=merit)


def edit_rows(ears: Ears, method: Method, asked: list[Place]) -> dict[str, list[float] | float]:
    """Each measure of every edit; `frechet` and `shift_variance` of all of them; seconds."""
    bundle = ears.bundles[method.encoder]
    source_ws, guides = ears.sources(asked), ears.guides(method.encoder, asked)
    started = time.perf_counter()
    ws = method.edit(bundle, source_ws, guides)
    seconds = (time.perf_counter() - started) / len(asked)
    with torch.no_grad():
        images, sources = (bundle.generator.synthesis(each) for each in (ws, source_ws))
        sounds = ears.hears("outside", ears.outside.bundle, asked)
        cosines = ears.outside.cosines(sounds, images)
        distances = perceptual_distance(ears.judge, images, sources)
        logits = ears.judge(images).double().numpy(force=True)
    shift = F.cosine_similarity(source_ws.flatten(1), ws.flatten(1))
    scores = [
        score(bundle.generator, ears.judge, Edited(*each, seconds), place.name, [place.scene], 0)[0]
        for place, each in zip(asked, _each(source_ws, ws, images), strict=True)
    ]
    return {
        **_of_scores(scores),
        "cosine": cosines.tolist(),
        "perceptual": distances.tolist(),
        "shift": shift.tolist(),
        "shift_variance": shift.var(correction=0).item(),
        "frechet": frechet_distance(logits, _reference_logits(bundle.generator, ears.judge)),
        "seconds": seconds,
    }


def with_scores(found: Mapping[str, dict], groups: list[str]) -> dict[str, dict]:
    """Means with intervals for each method, and ours less it over the same places."""
    ours, draws = found.get(OUR_NAME), resampled(groups)
    return {
        name: row
        | {"scores": {key: mean_of(row["edits"][key], draws) for key in (*SHARES, *MEANS)}}
        | {"less": _less(ours["edits"], row["edits"], draws) if ours and row is not ours else None}
        for name, row in found.items()
    }


def _less(ours: Mapping, other: Mapping, draws: np.ndarray) -> dict[str, dict]:
    return {
        key: mean_of([a - b for a, b in zip(ours[key], other[key], strict=True)], draws)
        for key in (*SHARES, *MEANS)
    }


def _of_scores(scores: list[EditScore]) -> dict[str, list[float]]:
    return {
        "right": [float(one.right) for one in scores],
        "reached": [float(one.reached) for one in scores],
        "judged": [float(one.judged == one.name) for one in scores],
        "rise": [one.rise for one in scores],
        "unasked": [max(one.unasked, 0.0) for one in scores],
        "drift": [one.drift for one in scores],
    }


def _each(*tensors: torch.Tensor):
    """Rows of tensors as batches of one."""
    return zip(*(tensor.split(1) for tensor in tensors), strict=True)


@torch.no_grad()
def _reference_logits(generator, judge: Judge) -> np.ndarray:
    """The judge's logits of renders of the asked weathers over other scenes."""
    asked = places(PER_REFERENCE, FIRST_REFERENCE)
    source_ws = ws_from_seeds(generator, [place.scene for place in asked])
    logits = [
        judge(generator.synthesis(generator.with_weather(ws, {place.name: REFERENCE_LEVEL})))
        for place, ws in zip(asked, source_ws.split(1), strict=True)
    ]
    return torch.cat(logits).double().numpy(force=True)


def _trained(
    bundle, objectives: set[str], training: AblationConfig, parts: KeptParts, progress: bool
) -> dict[str, object]:
    """Bundles with an encoder of each objective, trained on the same pairs for as many steps."""
    paths = {one: parts.file(f"encoder {one}", ".safetensors") for one in sorted(objectives)}
    missing = [one for one, path in paths.items() if not path.is_file()]
    if missing:
        pairs = make_pairs(
            bundle, training.num_clips, training, accidents="none", seed=training.data_seed,
            progress=progress,
        )  # fmt: skip
        data = training_data(bundle, pairs)
        for one in tqdm(missing, "trainings", disable=not progress):
            encoder = train_objective(bundle, data, training, one, TRAINING_SEED)
            settings = dataclasses.asdict(encoder.config)
            save_tensors(paths[one], encoder.state_dict(), {"config": settings})
    return {one: _with_encoder(bundle, path) for one, path in paths.items()}


def _with_encoder(bundle, path: Path):
    tensors, metadata = load_tensors(path)
    encoder = AudioEncoder(AudioEncoderConfig.from_dict(metadata["config"]))
    frozen = load_frozen(encoder, tensors, bundle.device, f"{path} does not fit its settings")
    return dataclasses.replace(bundle, audio_encoder=frozen)
