"""How good edits in one pass are, beside the optimizer's: the same edits, the same scores.

bundle, judge, recordings -> edits, strength, mixtures by each way -> one table
"""

import dataclasses
import statistics

from tqdm import tqdm

from sgim.editing.manipulate_config import ManipulateConfig
from sgim.embedding.recordings import Recording
from sgim.evaluation.edit_scores import (
    SOUND_SEEDS,
    edited_strength,
    intervals,
    score_edits,
    score_recordings,
    summarize,
)
from sgim.evaluation.edit_ways import ONE_PASS
from sgim.evaluation.measurements import balanced_edits
from sgim.evaluation.mixture_scores import edited_mixtures
from sgim.models.judge import Judge
from sgim.world.names import SOUND_NAMES

QUICK_WAYS = {
    "one pass": ONE_PASS,
    "one pass and five steps": dataclasses.replace(ONE_PASS, num_steps=5),
}


def measure_one_pass(
    bundle, judge: Judge, recordings: list[Recording] | None = None, *, progress: bool = False
) -> dict[str, dict]:
    """What `evaluate` measures of edits, by each of `QUICK_WAYS`.

    Returns
    -------
    dict, name of the way -> `edits` (`all`, `intervals`, `count`), `strength` by weather,
        `mixtures`, and `recordings` (class-balanced means, `count`) where there are any
    """
    return {
        way: _measured(bundle, judge, recordings or [], config)
        for way, config in tqdm(QUICK_WAYS.items(), "ways", disable=not progress)
    }


def _measured(bundle, judge: Judge, recordings: list[Recording], config: ManipulateConfig) -> dict:
    scores = [
        one
        for seed in SOUND_SEEDS
        for one in score_edits(bundle, judge, config=config, sound_seed=seed)[0]
    ]
    found = {
        "edits": {
            "all": summarize(scores),
            "intervals": intervals(scores),
            "count": len(scores),
        },
        "strength": {name: edited_strength(bundle, name, config=config) for name in SOUND_NAMES},
        "mixtures": edited_mixtures(bundle, config=config),
    }
    if recordings:
        scores = score_recordings(bundle, judge, recordings, config=config)
        found["recordings"] = balanced_edits(scores)
    return found


def quality_table(quick: dict[str, dict], optimizer: dict) -> str:
    """One row per measure, the optimizer's numbers as `evaluate` kept them beside."""
    kept = {
        "the optimizer": {
            "edits": optimizer["edits"],
            "strength": optimizer["strength"],
            "mixtures": optimizer["mixtures"],
            "recordings": optimizer.get("recordings", {}).get("edits"),
        }
    }
    ways = kept | {name: quick[name] for name in QUICK_WAYS}
    lines = [f"| what | {' | '.join(ways)} |", f"|---|{'---|' * len(ways)}"]
    for what, tell in MEASURES.items():
        lines.append(f"| {what} | {' | '.join(tell(way) for way in ways.values())} |")
    return "\n".join(lines)


def _share(way: dict, key: str) -> str:
    low, high = way["edits"]["intervals"][key]
    return f"{way['edits']['all'][key]:.1%} ({low:.0%}–{high:.0%})"


def _over_weathers(way: dict, key: str) -> str:
    values = [row[key] for row in way["strength"].values()]
    return f"{statistics.mean(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def _recorded(way: dict, key: str) -> str:
    return f"{way['recordings'][key]:.1%}" if way.get("recordings") else "not measured"


MEASURES = {
    "right³": lambda way: _share(way, "right"),
    "judged²": lambda way: _share(way, "judged"),
    "land drift": lambda way: f"{way['edits']['all']['drift']:.4f}",
    "largest unasked rise, median": lambda way: f"{way['edits']['all']['unasked_median']:.3f}",
    "strength: Spearman, mean (lowest–highest)": lambda way: _over_weathers(way, "sound"),
    "strength: slope, mean (lowest–highest)": lambda way: _over_weathers(way, "slope"),
    "two sounds at once, right": lambda way: (
        f"{statistics.mean(row['right'] for row in way['mixtures']):.0%}"
    ),
    "by recordings, right³": lambda way: _recorded(way, "right"),
    "by recordings, reached¹": lambda way: _recorded(way, "reached"),
}
