"""Ways to edit, side by side, to tell the method from its helpers: `sgim compare`.

sounds x scenes -> nothing, a start alone, the method, words, a random target -> the same scores
"""

import dataclasses
import time
from collections.abc import Callable

import torch
from tqdm import tqdm

from sgim.editing.layer_mask import moving_rows
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.editing.presets import PLAIN
from sgim.editing.starting_points import best_start
from sgim.editing.targets import guidance_target
from sgim.evaluation.edit_batches import Edited
from sgim.evaluation.edit_scores import (
    SCENE_SEEDS,
    SOUND_INTENSITY,
    SOUND_SEEDS,
    EditScore,
    intervals,
    score,
    summarize,
)
from sgim.models.judge import Judge
from sgim.seeds import ws_from_seeds
from sgim.world.captions import strength_of, strength_prompts
from sgim.world.lexicon import STRENGTHS
from sgim.world.names import SOUND_NAMES
from sgim.world.sounds import synthesize_sound

PROMPTS = 6
FROM_THE_SOURCE = ManipulateConfig()

Way = Callable[..., torch.Tensor]
"""(bundle, source_ws, features of the sound, name of its weather, its seed) -> ws after the edit"""


def no_edit(bundle, source_ws, features, name, seed) -> torch.Tensor:
    """The scenes as they are."""
    return source_ws


def starting_point_alone(bundle, source_ws, features, name, seed) -> torch.Tensor:
    """The painter's proposal that the encoders like best, without a step of optimization."""
    rows = moving_rows(None, bundle.generator.num_ws)
    target = guidance_target(bundle, features, FROM_THE_SOURCE.target)
    return best_start(bundle, source_ws, target, rows.to(source_ws.device))


def pursuit_alone(bundle, source_ws, features, name, seed) -> torch.Tensor:
    """A single step, and the coordinates that the pursuit finds after it."""
    return _follow(bundle, source_ws, features, num_steps=1)


def from_the_source(bundle, source_ws, features, name, seed) -> torch.Tensor:
    """The method: the latent sets out from its source."""
    return _follow(bundle, source_ws, features)


def without_pursuit(bundle, source_ws, features, name, seed) -> torch.Tensor:
    """The same number of steps of the whole latent."""
    return _follow(bundle, source_ws, features, pursuit=False)


def without_prior(bundle, source_ws, features, name, seed) -> torch.Tensor:
    """The sound's own embedding is the target."""
    return _follow(bundle, source_ws, features, target="direct")


def as_published(bundle, source_ws, features, name, seed) -> torch.Tensor:
    """The paper's loop, without prior, pursuit and penalty, at rates of the mini world."""
    return manipulate(bundle, source_ws, target_features=features, config=PLAIN).ws


def with_starting_points(bundle, source_ws, features, name, seed) -> torch.Tensor:
    """The method, setting out from the best of the painter's proposals."""
    return _follow(bundle, source_ws, features, explore=True)


def true_words(bundle, source_ws, features, name, seed) -> torch.Tensor:
    """An oracle: words that name the weather and strength that the sound was made of."""
    return _follow(bundle, source_ws, _words(bundle, name, strength_of(SOUND_INTENSITY)))


def heard_words(bundle, source_ws, features, name, seed) -> torch.Tensor:
    """The words nearest to the sound: what a look-up would follow."""
    told = [_words(bundle, *label) for label in _labels()]
    nearest = (torch.cat(told) @ features[0]).argmax()
    return _follow(bundle, source_ws, told[nearest])


def random_direction(bundle, source_ws, features, name, seed) -> torch.Tensor:
    """A target that says nothing."""
    random = torch.Generator().manual_seed(SOUND_NAMES.index(name) * 100_003 + seed)
    target = torch.randn(features.shape, generator=random).to(features)
    return _follow(bundle, source_ws, target / target.norm())


WAYS: dict[str, Way] = {
    "no edit": no_edit,
    "the starting point alone": starting_point_alone,
    "the pursuit alone, after one step": pursuit_alone,
    "from the source": from_the_source,
    "from the source, without pursuit": without_pursuit,
    "from the source, without prior": without_prior,
    "from the source, as published": as_published,
    "with starting points": with_starting_points,
    "the true label's words": true_words,
    "the heard label's words": heard_words,
    "a random direction": random_direction,
}


def compare_ways(
    bundle,
    judge: Judge,
    *,
    ways: dict[str, Way] | None = None,
    scene_seeds: tuple[int, ...] = SCENE_SEEDS,
    sound_seeds: tuple[int, ...] = SOUND_SEEDS,
    progress: bool = False,
) -> dict[str, dict]:
    """Edit every scene with every sound, in every way.

    Returns
    -------
    dict, name of the way -> `all` (see `summarize`), `intervals`, `count`, `by_sound`
    """
    found = {}
    for way, edit in (ways or WAYS).items():
        scores = []
        sounds = [(name, seed) for name in SOUND_NAMES for seed in sound_seeds]
        for name, seed in tqdm(sounds, way, leave=False, disable=not progress):
            scores += _scores_of(bundle, judge, edit, name, seed, scene_seeds)
        found[way] = {
            "all": summarize(scores),
            "intervals": intervals(scores),
            "count": len(scores),
            "by_sound": {
                name: summarize([one for one in scores if one.name == name]) for name in SOUND_NAMES
            },
        }
    return found


def _scores_of(
    bundle, judge: Judge, edit: Way, name: str, seed: int, scene_seeds: tuple[int, ...]
) -> list[EditScore]:
    source_ws = ws_from_seeds(bundle.generator, scene_seeds)
    features = bundle.encode_audio(*synthesize_sound(name, SOUND_INTENSITY, 5.0, seed))
    started = time.perf_counter()
    ws = edit(bundle, source_ws, features, name, seed)
    seconds = time.perf_counter() - started
    with torch.no_grad():
        images = bundle.generator.synthesis(ws)
    edited = Edited(source_ws, ws, images, seconds)
    return score(bundle.generator, judge, edited, name, scene_seeds, seed)


def _follow(bundle, source_ws, target: torch.Tensor, **changes) -> torch.Tensor:
    config = dataclasses.replace(FROM_THE_SOURCE, **changes)
    return manipulate(bundle, source_ws, target_features=target, config=config).ws


def _labels() -> list[tuple[str, str]]:
    return [(name, strength) for name in SOUND_NAMES for strength in STRENGTHS]


def _words(bundle, name: str, strength: str) -> torch.Tensor:
    """Mean embedding of some sentences, (1, embed_dim), unit norm."""
    features = bundle.encode_text(list(strength_prompts(name, strength)[:PROMPTS])).mean(0)
    return (features / features.norm())[None]


def ways_table(ways: dict[str, dict]) -> str:
    """One row per way to edit."""
    lines = [
        "| way | right³ | reached¹ | judged² | rise | largest other rise | unasked rise, median | "
        "land drift | seconds⁴ |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for way, row in ways.items():
        mean = row["all"]
        shares = [
            f"{mean[key]:.0%} ({row['intervals'][key][0]:.0%}–{row['intervals'][key][1]:.0%})"
            for key in ("right", "reached", "judged")
        ]
        lines.append(
            f"| {way} | {' | '.join(shares)} | {mean['rise']:.2f} | {mean['other_rise']:.2f} | "
            f"{mean['unasked_median']:.2f} | {mean['drift']:.3f} | {mean['seconds']:.2f} |"
        )
    return "\n".join([*lines, "", NOTES])


NOTES = (
    "¹ The true intensity rises by at least 0.3, and more than any other. ² A classifier that "
    "takes no part in guidance. ³ It rises by at least 0.5 and more than any other, no weather "
    "that was not asked for rises by 0.15 (a thunderstorm may bring rain), the land drifts by at "
    "most 0.01, light, season and water move by at most 0.1 of their range (waves and streams may "
    "move water). In brackets 95 % intervals, by bootstrap over scenes and sounds. ⁴ Of one edit, "
    "all scenes of a sound in one batch."
)
