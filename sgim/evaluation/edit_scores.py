"""How well sounds edit scenes: true parameters read back, an independent judge, drift, strength.

sounds x scenes -> `manipulate` -> intensities before and after, the judge's word, what moved.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.targets import mix_targets
from sgim.embedding.recordings import Recording
from sgim.evaluation.edit_batches import Edited, edit_all
from sgim.metrics import bootstrap_interval, spearman
from sgim.models.judge import JUDGE_NAMES, Judge
from sgim.seeds import ws_from_seeds
from sgim.world.captions import strength_prompts
from sgim.world.lexicon import STRENGTHS
from sgim.world.names import SOUND_NAMES, WEATHER_NAMES
from sgim.world.sounds import synthesize_sound

SCENE_SEEDS = tuple(range(500, 516))
SOUND_SEED = 77
SOUND_SEEDS = (SOUND_SEED, 78)
SOUND_INTENSITY = 0.9
STRENGTH_SOUND_SEEDS = (SOUND_SEED, 1000)
STRENGTH_LEVELS = tuple(round(0.1 + 0.9 * step / 7, 2) for step in range(8))
LAND_NAMES = ("horizon", "ridge_height")
SETTING_NAMES = ("sun_height", "warmth", "exposure", "season", "water")
BRINGS = {"thunderstorm": ("rain",)}
"""Weathers that may come along unasked."""

ASKS_FOR = {"waves": ("water",), "stream": ("water",)}
"""What else of a scene a weather may move."""

RISE, RIGHT_RISE, RIGHT_OTHER, RIGHT_DRIFT, RIGHT_SETTING = 0.3, 0.5, 0.15, 0.01, 0.1


@dataclass(frozen=True)
class EditScore:
    """One edit: `rise` is the intended weather's gain of intensity, `other_rise` the largest gain
    of any other, `unasked` the largest gain of any that may not come along, `drift` the mean
    absolute change of horizon and ridges, `setting` the largest absolute change of light, season
    and water unless asked (parameter units, which run over 0.2 to 1), `judged` the judge's word
    for the edited picture, `seconds` the share of the batch's time. `scene` and `sound` are seeds.
    """

    name: str
    scene: int
    sound: int | str
    rise: float
    other_rise: float
    unasked: float
    drift: float
    setting: float
    judged: str
    seconds: float

    @property
    def reached(self) -> bool:
        """The intended weather rose by 0.3 or more, and more than any other."""
        return self.rise >= RISE and self.rise > self.other_rise

    @property
    def clean(self) -> bool:
        """No weather that was not asked for rose by 0.15 or more."""
        return self.unasked < RIGHT_OTHER

    @property
    def stays(self) -> bool:
        """The land drifts by 0.01 at most, light, season and water move by 0.1 at most."""
        return self.drift <= RIGHT_DRIFT and self.setting <= RIGHT_SETTING

    @property
    def right(self) -> bool:
        """What was asked came, by 0.5 and more than any other, and nothing else did."""
        rises = self.rise >= RIGHT_RISE and self.rise > self.other_rise
        return rises and self.clean and self.stays


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
    targets = [
        bundle.encode_audio(*synthesize_sound(name, SOUND_INTENSITY, 5.0, sound_seed))
        for name in names
    ]
    edits = edit_all(
        bundle, source_ws, targets, config=config, what="edits by sounds", progress=progress
    )
    scores = [
        one
        for name, edited in zip(names, edits, strict=True)
        for one in score(bundle.generator, judge, edited, name, scene_seeds, sound_seed)
    ]
    with torch.no_grad():
        sources = bundle.generator.synthesis(source_ws)
    return scores, torch.stack([sources, *(edited.images for edited in edits)])


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
    targets = [bundle.encode_audio(recording.path) for recording in chosen]
    edits = edit_all(
        bundle, source_ws, targets, config=config, what="edits by recordings", progress=progress
    )
    return [
        one
        for recording, edited in zip(chosen, edits, strict=True)
        for one in score(
            bundle.generator, judge, edited, recording.name, scene_seeds, recording.path.name
        )
    ]


def score(
    generator, judge: Judge, edited: Edited, name: str, scenes: Sequence[int], sound: int | str
) -> list[EditScore]:
    """How each picture of a batch answers the weather `name`."""
    before = generator.scene_parameters(edited.source_ws)
    after = generator.scene_parameters(edited.ws)
    change = {key: after[key] - before[key] for key in after}
    others = [other for other in WEATHER_NAMES if other != name]
    unasked = [other for other in others if other not in BRINGS.get(name, ())]
    setting = [key for key in SETTING_NAMES if key not in ASKS_FOR.get(name, ())]
    with torch.no_grad():
        judged = judge(edited.images).argmax(dim=1).tolist()

    def largest(keys: Sequence[str]) -> torch.Tensor:
        return torch.stack([change[key] for key in keys]).amax(dim=0)

    drift = torch.stack([change[land].abs() for land in LAND_NAMES]).mean(dim=0)
    moved = torch.stack([change[key].abs() for key in setting]).amax(dim=0)
    return [
        EditScore(
            name=name,
            scene=scene,
            sound=sound,
            rise=change[name][index].item(),
            other_rise=largest(others)[index].item(),
            unasked=largest(unasked)[index].item(),
            drift=drift[index].item(),
            setting=moved[index].item(),
            judged=JUDGE_NAMES[judged[index]],
            seconds=edited.seconds / len(scenes),
        )
        for index, scene in enumerate(scenes)
    ]


def summarize(scores: list[EditScore]) -> dict[str, float]:
    """Shares and means over edits, and the median of the largest unasked rise."""
    shares = ("reached", "right", "clean", "stays")
    means = ("rise", "other_rise", "drift", "setting", "seconds")
    return {
        **{key: statistics.mean(getattr(score, key) for score in scores) for key in shares + means},
        "judged": statistics.mean(score.judged == score.name for score in scores),
        "unasked_median": statistics.median(score.unasked for score in scores),
    }


def intervals(scores: list[EditScore]) -> dict[str, tuple[float, float]]:
    """95 % intervals of the shares, by bootstrap over scenes and, within a weather, over sounds."""
    sounds = sorted({(score.name, score.sound) for score in scores})
    scenes = sorted({score.scene for score in scores})
    place = {(score.name, score.sound, score.scene): score for score in scores}
    found = {}
    for key, truth in {
        "reached": lambda score: score.reached,
        "right": lambda score: score.right,
        "judged": lambda score: score.judged == score.name,
    }.items():
        table = [[truth(place[(*sound, scene)]) for scene in scenes] for sound in sounds]
        found[key] = bootstrap_interval(table, [name for name, _ in sounds])
    return found


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
        `slope`: by how much the edited intensity rises with the level, least squares, 1 is exact;
        `text`: the same correlation for the words of each strength; `sound_intensities` per seed
        and level, `text_intensities` per strength.
    """
    source_ws = ws_from_seeds(bundle.generator, scene_seeds)

    targets = [
        bundle.encode_audio(*synthesize_sound(name, level, 5.0, seed + index))
        for seed in sound_seeds
        for index, level in enumerate(levels)
    ]
    targets += [
        mix_targets(bundle, text=list(strength_prompts(name, strength)[:6]))
        for strength in STRENGTHS
    ]
    edits = edit_all(
        bundle, source_ws, targets, config=config, what=f"strength of {name}", progress=progress
    )
    seen = [bundle.generator.scene_parameters(edited.ws)[name].mean().item() for edited in edits]
    told = seen[-len(STRENGTHS) :]
    heard = [
        seen[first : first + len(levels)]
        for first in range(0, len(sound_seeds) * len(levels), len(levels))
    ]
    correlations = [spearman(levels, row) for row in heard]
    return {
        "sound": statistics.mean(correlations),
        "sound_spread": statistics.stdev(correlations) if correlations[1:] else 0.0,
        "slope": statistics.linear_regression(
            levels * len(sound_seeds), [value for row in heard for value in row]
        ).slope,
        "text": spearman(range(len(STRENGTHS)), told),
        "sound_intensities": heard,
        "text_intensities": told,
    }
