"""Ways to edit, side by side, to tell the method from its helpers: `sgim compare`.

sounds x scenes -> nothing, a start alone, the method, words, a random target -> the same scores
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import torch
from tqdm import tqdm

from sgim.editing.layer_mask import moving_rows
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.presets import PLAIN
from sgim.editing.starting_points import best_start
from sgim.editing.targets import guidance_target
from sgim.evaluation.edit_batches import Edited, edit_all
from sgim.evaluation.edit_scores import (
    SCENE_SEEDS,
    SOUND_INTENSITY,
    SOUND_SEEDS,
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
ONE_PASS = ManipulateConfig(start="mapper", num_steps=0)


@dataclass(frozen=True)
class Guide:
    """A sound that edits: what it plays, its seed, its embedding (1, embed_dim)."""

    name: str
    seed: int
    features: torch.Tensor


Way = Callable[..., list[Edited]]
"""(bundle, source_ws, guides) -> the edits of every scene by each guide"""


def no_edit(bundle, source_ws, guides) -> list[Edited]:
    """The scenes as they are."""
    return _each(bundle, source_ws, guides, lambda guide: source_ws)


def starting_point_alone(bundle, source_ws, guides) -> list[Edited]:
    """The painter's proposal that the encoders like best, without a step of optimization."""
    rows = moving_rows(None, bundle.generator.num_ws).to(source_ws.device)

    def start(guide: Guide) -> torch.Tensor:
        target = guidance_target(bundle, guide.features, FROM_THE_SOURCE.target)
        return best_start(bundle, source_ws, target, rows)

    return _each(bundle, source_ws, guides, start)


def _following(told: Callable[..., torch.Tensor], config: ManipulateConfig) -> Way:
    def way(bundle, source_ws, guides) -> list[Edited]:
        targets = [told(bundle, guide) for guide in guides]
        return edit_all(bundle, source_ws, targets, config=config)

    return way


def heard(bundle, guide: Guide) -> torch.Tensor:
    """The sound's own embedding."""
    return guide.features


def true_words(bundle, guide: Guide) -> torch.Tensor:
    """An oracle: words that name the weather and strength that the sound was made of."""
    return sentences_target(bundle, guide.name, strength_of(SOUND_INTENSITY))


def heard_words(bundle, guide: Guide) -> torch.Tensor:
    """The words nearest to the sound: what a look-up would follow."""
    told = [sentences_target(bundle, *label) for label in product(SOUND_NAMES, STRENGTHS)]
    return told[(torch.cat(told) @ guide.features[0]).argmax()]


def random_direction(bundle, guide: Guide) -> torch.Tensor:
    """A target that says nothing."""
    random = torch.Generator().manual_seed(SOUND_NAMES.index(guide.name) * 100_003 + guide.seed)
    target = torch.randn(guide.features.shape, generator=random).to(guide.features)
    return target / target.norm()


WAYS: dict[str, Way] = {
    "no edit": no_edit,
    "the starting point alone": starting_point_alone,
    "the pursuit alone, after one step": _following(heard, replace(FROM_THE_SOURCE, num_steps=1)),
    "from the source": _following(heard, FROM_THE_SOURCE),
    "from the source, without pursuit": _following(heard, replace(FROM_THE_SOURCE, pursuit=False)),
    "from the source, without prior": _following(heard, replace(FROM_THE_SOURCE, target="direct")),
    "from the source, as published": _following(heard, PLAIN),
    "with starting points": _following(heard, replace(FROM_THE_SOURCE, start="proposals")),
    "one pass of the mapper": _following(heard, ONE_PASS),
    "one pass and five steps": _following(heard, replace(ONE_PASS, num_steps=5)),
    "the true label's words": _following(true_words, FROM_THE_SOURCE),
    "the heard label's words": _following(heard_words, FROM_THE_SOURCE),
    "a random direction": _following(random_direction, FROM_THE_SOURCE),
}
"""The method is "from the source"; "as published" is the paper's loop, without prior, pursuit and
penalty, at rates of the mini world."""


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
    source_ws = ws_from_seeds(bundle.generator, scene_seeds)
    guides = [
        Guide(name, seed, bundle.encode_audio(*synthesize_sound(name, SOUND_INTENSITY, 5.0, seed)))
        for name in SOUND_NAMES
        for seed in sound_seeds
    ]
    found = {}
    for way, edit in tqdm((ways or WAYS).items(), "ways", disable=not progress):
        scores = [
            one
            for guide, edited in zip(guides, edit(bundle, source_ws, guides), strict=True)
            for one in score(bundle.generator, judge, edited, guide.name, scene_seeds, guide.seed)
        ]
        found[way] = {
            "all": summarize(scores),
            "intervals": intervals(scores),
            "count": len(scores),
            "by_sound": {
                name: summarize([one for one in scores if one.name == name]) for name in SOUND_NAMES
            },
        }
    return found


def _each(
    bundle, source_ws: torch.Tensor, guides: list[Guide], edit: Callable[[Guide], torch.Tensor]
) -> list[Edited]:
    edits = []
    for guide in guides:
        started = time.perf_counter()
        ws = edit(guide)
        seconds = time.perf_counter() - started
        with torch.no_grad():
            images = bundle.generator.synthesis(ws)
        edits.append(Edited(source_ws, ws, images, seconds))
    return edits


def sentences_target(bundle, name: str, strength: str) -> torch.Tensor:
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
        shares = [_share(row, key) for key in ("right", "reached", "judged")]
        lines.append(
            f"| {way} | {' | '.join(shares)} | {mean['rise']:.2f} | {mean['other_rise']:.2f} | "
            f"{mean['unasked_median']:.2f} | {mean['drift']:.3f} | {mean['seconds']:.2f} |"
        )
    return "\n".join([*lines, "", NOTES])


OVERVIEW = (
    "no edit",
    "the starting point alone",
    "from the source",
    "from the source, as published",
    "with starting points",
    "the true label's words",
    "the heard label's words",
    "a random direction",
)


def ways_overview(ways: dict[str, dict]) -> str:
    """The rows and columns of `ways_table` that tell most, for the README."""
    lines = [
        f"| {way} | {_share(ways[way], 'right')} | {_share(ways[way], 'reached')} | "
        f"{ways[way]['all']['unasked_median']:.2f} |"
        for way in OVERVIEW
    ]
    header = "| way to edit | right³ | reached | unasked rise, median |\n|---|---|---|---|"
    return "\n".join([header, *lines])


def _share(row: dict, key: str) -> str:
    low, high = row["intervals"][key]
    return f"{row['all'][key]:.0%} ({low:.0%}–{high:.0%})"


NOTES = (
    "¹ The true intensity rises by at least 0.3, and more than any other. ² A classifier that "
    "takes no part in guidance. ³ It rises by at least 0.5 and more than any other, no weather "
    "that was not asked for rises by 0.15 (a thunderstorm may bring rain), the land drifts by at "
    "most 0.01, light, season and water move by at most 0.1 of their range (waves and streams may "
    "move water). In brackets 95 % intervals, by bootstrap over scenes and sounds. ⁴ Of one edit, "
    "all scenes of a sound in one batch."
)
