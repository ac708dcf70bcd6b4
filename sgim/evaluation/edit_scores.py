"""How well sounds edit scenes: true parameters read back, an independent judge, drift, strength.

sounds x scenes -> `manipulate` -> intensities before and after, the judge's word, what moved.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from tqdm import tqdm

from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.embedding.recordings import Recording
from sgim.metrics import spearman
from sgim.models.judge import JUDGE_NAMES, Judge
from sgim.seeds import ws_from_seeds
from sgim.world.captions import strength_prompts
from sgim.world.lexicon import STRENGTHS
from sgim.world.names import SOUND_NAMES, WEATHER_NAMES
from sgim.world.sounds import synthesize_sound

SCENE_SEEDS = tuple(range(500, 516))
SOUND_SEED = 77
SOUND_INTENSITY = 0.9
STRENGTH_SOUND_SEEDS = (SOUND_SEED, 1000, 2000, 3000)
STRENGTH_NAMES = ("rain", "fire", "waves", "wind")
STRENGTH_LEVELS = tuple(round(0.1 + 0.9 * step / 7, 2) for step in range(8))
LAND_NAMES = ("horizon", "ridge_height")
RISE = 0.3


@dataclass(frozen=True)
class EditScore:
    """One edit: `rise` is the intended weather's gain of intensity, `other_rise` the largest gain
    of any other, `drift` the mean absolute change of horizon and ridges (parameter units),
    `judged` the judge's word for the edited picture, `seconds` the share of the batch's time."""

    name: str
    seed: int
    rise: float
    other_rise: float
    drift: float
    judged: str
    seconds: float

    @property
    def reached(self) -> bool:
        """The intended weather rose by 0.3 or more, and more than any other."""
        return self.rise >= RISE and self.rise > self.other_rise


def score_edits(
    bundle,
    judge: Judge,
    *,
    config: ManipulateConfig | None = None,
    names: tuple[str, ...] = SOUND_NAMES,
    scene_seeds: tuple[int, ...] = SCENE_SEEDS,
    sound_seed: int = SOUND_SEED,
    progress: bool = False,
) -> tuple[list[EditScore], torch.Tensor]:
    """Edit every scene with every sound.

    Returns
    -------
    scores : list of EditScore, sound by sound
    images : torch.Tensor, (1 + num_sounds, num_scenes, 3, height, width), sources first
    """
    source_ws = ws_from_seeds(bundle.generator, scene_seeds)
    scores, pictures = [], []
    for name in _with_bar(names, "edits by sounds", progress):
        sound = synthesize_sound(name, SOUND_INTENSITY, 5.0, sound_seed)
        result = manipulate(bundle, source_ws, sound=sound, config=config)
        pictures = pictures or [result.source_images]
        pictures.append(result.images)
        scores += _score(bundle.generator, judge, name, scene_seeds, result)
    return scores, torch.stack(pictures)


def score_recordings(
    bundle,
    judge: Judge,
    recordings: list[Recording],
    *,
    config: ManipulateConfig | None = None,
    scene_seeds: tuple[int, ...] = SCENE_SEEDS[:2],
    progress: bool = False,
) -> list[EditScore]:
    """Edit every scene with one excerpt of each recording of the eight sounds."""
    source_ws = ws_from_seeds(bundle.generator, scene_seeds)
    first_excerpts = {item.group: item for item in reversed(recordings)}.values()
    chosen = [recording for recording in first_excerpts if recording.name in SOUND_NAMES]
    scores = []
    for recording in _with_bar(chosen, "edits by recordings", progress):
        result = manipulate(bundle, source_ws, sound=recording.path, config=config)
        scores += _score(bundle.generator, judge, recording.name, scene_seeds, result)
    return scores


def _with_bar(items: Sequence, what: str, progress: bool) -> tqdm:
    """The items, with a bar below those of longer work."""
    return tqdm(items, what, leave=False, disable=not progress)


def _score(generator, judge, name, scene_seeds, result) -> list[EditScore]:
    before = generator.scene_parameters(result.source_ws)
    after = generator.scene_parameters(result.ws)
    rises = {other: after[other] - before[other] for other in WEATHER_NAMES}
    others = torch.stack([rises[other] for other in WEATHER_NAMES if other != name])
    drift = torch.stack([(after[land] - before[land]).abs() for land in LAND_NAMES]).mean(dim=0)
    with torch.no_grad():
        judged = judge(result.images).argmax(dim=1).tolist()
    return [
        EditScore(
            name=name,
            seed=seed,
            rise=rises[name][index].item(),
            other_rise=others[:, index].max().item(),
            drift=drift[index].item(),
            judged=JUDGE_NAMES[judged[index]],
            seconds=result.seconds / len(scene_seeds),
        )
        for index, seed in enumerate(scene_seeds)
    ]


def summarize(scores: list[EditScore]) -> dict[str, float]:
    """Shares and means over edits: reached, judged, rise, other_rise, drift, seconds."""
    count = len(scores)
    return {
        "reached": sum(score.reached for score in scores) / count,
        "judged": sum(score.judged == score.name for score in scores) / count,
        "rise": sum(score.rise for score in scores) / count,
        "other_rise": sum(score.other_rise for score in scores) / count,
        "drift": sum(score.drift for score in scores) / count,
        "seconds": sum(score.seconds for score in scores) / count,
    }


def compare_settings(
    bundle,
    judge: Judge,
    *,
    similarity_weights: tuple[float, ...] = (0.0, 0.02, 0.1),
    progress: bool = False,
) -> list[dict]:
    """One row per similarity weight and mask setting: what lambda_sim and the mask do."""
    rows = []
    for weight in similarity_weights:
        for mask in (True, False):
            if weight == 0 and not mask:
                continue
            config = replace(ManipulateConfig(), similarity_weight=weight, adaptive_layer_mask=mask)
            scores, _ = score_edits(
                bundle, judge, config=config, scene_seeds=SCENE_SEEDS[:2], progress=progress
            )
            rows.append({"similarity_weight": weight, "adaptive_mask": mask} | summarize(scores))
    return rows


def edited_strength(
    bundle,
    name: str,
    *,
    config: ManipulateConfig | None = None,
    levels: tuple[float, ...] = STRENGTH_LEVELS,
    scene_seeds: tuple[int, ...] = SCENE_SEEDS[:2],
    sound_seeds: tuple[int, ...] = STRENGTH_SOUND_SEEDS,
    progress: bool = False,
) -> dict[str, object]:
    """Do stronger sounds, and stronger words, make stronger weather?

    For each sound seed one sound per level edits the scenes.

    Returns
    -------
    dict
        `sound` and `sound_spread`: mean and standard deviation over the sound seeds of the
        Spearman correlation between the level and the edited intensity, a mean over the scenes;
        `text`: the same correlation for the words of each strength; `sound_intensities` per seed
        and level, `text_intensities` per strength.
    """
    source_ws = ws_from_seeds(bundle.generator, scene_seeds)

    def edited(**target) -> float:
        result = manipulate(bundle, source_ws, config=config, **target)
        return bundle.generator.scene_parameters(result.ws)[name].mean().item()

    heard = [
        [
            edited(sound=synthesize_sound(name, level, 5.0, seed + index))
            for index, level in enumerate(levels)
        ]
        for seed in _with_bar(sound_seeds, f"strength of {name}", progress)
    ]
    told = [edited(text=list(strength_prompts(name, strength)[:6])) for strength in STRENGTHS]
    correlations = [spearman(levels, row) for row in heard]
    return {
        "sound": statistics.mean(correlations),
        "sound_spread": statistics.stdev(correlations) if correlations[1:] else 0.0,
        "text": spearman(range(len(STRENGTHS)), told),
        "sound_intensities": heard,
        "text_intensities": told,
    }
