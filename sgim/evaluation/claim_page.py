"""The page of the claim, docs/claim.md: the plan and, where it is measured, what came out.

`claim_design`, data/claim.json -> Markdown
"""

import math
import statistics
from collections.abc import Mapping
from pathlib import Path

from sgim.evaluation import claim_design as design
from sgim.evaluation import claim_text as text
from sgim.evaluation.claim_scores import HOLDS, MEASURES, REFUTED
from sgim.evaluation.edit_scores import STRENGTH_LEVELS
from sgim.evaluation.kept_results import read_results
from sgim.evaluation.provenance_table import provenance_table
from sgim.world.names import SOUND_NAMES

CLAIM, COMMAND = "claim.json", "sgim evaluate --claim"


def claim_page(folder: Path) -> str:
    """The page from the file of a folder; without it, the plan alone."""
    path = folder / CLAIM
    measured = path.is_file()
    below = results(read_results(path, command=COMMAND)) if measured else text.NO_NUMBERS
    return "\n\n".join([plan(), below]) + "\n"


def plan() -> str:
    """The plan, with the numbers of `claim_design`."""
    planned = design.sequences()
    scenes = [sequence.scene for sequence in planned]
    return text.HEAD.substitute(
        num_levels=len(STRENGTH_LEVELS),
        levels=", ".join(f"{level:g}" for level in STRENGTH_LEVELS),
        pixels=design.PIXELS,
        num_names=len(SOUND_NAMES),
        per_weather=design.PER_WEATHER,
        num_sequences=len(planned),
        first_scene=min(scenes),
        last_scene=max(scenes),
        first_sound=design.FIRST_SOUND,
        validation=", ".join(map(str, design.VALIDATION_SCENES)),
        most_bits=f"{math.log2(len(STRENGTH_LEVELS)):g}",
        num_ratios=len(design.RATIOS),
        ratios=", ".join(f"{share:g}" for share in design.RATIOS),
        pairs=" and ".join(" with ".join(pair) for pair in design.MIXED_PAIRS),
        mixed_scenes=design.MIXED_SCENES,
        composed_scenes=design.COMPOSED_SCENES,
        example_scenes=len(design.EXAMPLE_SCENES),
        heavy=design.HEAVY,
        present=design.PRESENT,
        compositions=", ".join(f"{sound} + “{words}”" for sound, words in design.COMPOSITIONS),
    )


def results(kept: Mapping) -> str:
    """What came out, from what data/claim.json holds."""
    scores = kept["scores"]
    return text.RESULTS.substitute(
        verdict_sentence=verdict_sentence(scores),
        made=provenance_table(kept),
        sides=sides_table(scores["sides"]),
        num_sequences=len(kept["sequences"]),
        random_tries=design.RANDOM_TRIES,
        references_sentence=references_sentence(scores["sides"]),
        differences=differences_table(scores["sound_less"]),
        levels=levels_table(kept),
        grades_sentence=grades_sentence(scores),
        grades=grades_table(scores["grades"]),
        mixtures=mixtures_table(scores["mixtures"]),
        example=example_table(scores["example"]),
        compositions=_right(scores["compositions"]),
        words=words_table(kept["words"], kept["levels"]),
    )


def verdict_sentence(scores: Mapping) -> str:
    """Whether the claim holds and how large the effect is, in one sentence.

    >>> verdict_sentence({
    ...     "verdict": REFUTED,
    ...     "sound_less": {"chosen words": {"bits": {"value": -0.5, "interval": [-0.7, -0.3]}}},
    ...     "sides": {name: {"bits": {"value": value}} for name, value in
    ...               {"sound": 1.5, "chosen words": 2.0}.items()},
    ... })[:59]
    'The claim is refuted here: of the level asked for, pictures'
    """
    bits = scores["sound_less"]["chosen words"]["bits"]
    told = {name: scores["sides"][name]["bits"]["value"] for name in ("sound", "chosen words")}
    ends = {
        HOLDS: "sounds carry more.",
        REFUTED: "words that are chosen well carry more.",
    }
    end = ends.get(scores["verdict"], "the difference may be chance.")
    verdict = scores["verdict"][0].upper() + scores["verdict"][1:]
    return (
        f"{verdict}: of the level asked for, pictures that sounds have edited tell "
        f"{told['sound']:.2f} bits, those that the best words have edited "
        f"{told['chosen words']:.2f}; sound less words is {_signed(bits)}: {end}"
    )


def references_sentence(sides: Mapping[str, dict]) -> str:
    """Whether the references that must fail do so, by the rule of the plan."""
    broken = [name for name in design.REFERENCES if sides[name]["spearman"]["interval"][0] > 0]
    if broken:
        return (
            f"**The test itself is broken by the rule of the plan**: {' and '.join(broken)} must "
            "fail, and the interval of the rank correlations lies above 0."
        )
    return f"{' and '.join(design.REFERENCES).capitalize()} fail, as they must."


def sides_table(sides: Mapping[str, dict]) -> str:
    """One row per side, one column per measure."""
    lines = [f"| side | {' | '.join(MEASURES.values())} | chance |", "|---|" + "---|" * 5]
    for side, scores in sides.items():
        cells = [_plain(scores[name]) for name in MEASURES]
        lines.append(f"| {side} | {' | '.join(cells)} | {scores['bits']['chance']:.3f} |")
    return "\n".join(lines)


def differences_table(less: Mapping[str, dict]) -> str:
    """One row per other side; of the error less is better."""
    lines = [f"| sound less | {' | '.join(MEASURES.values())} |", "|---|" + "---|" * 4]
    for side, scores in less.items():
        lines.append(f"| {side} | {' | '.join(_signed(scores[name]) for name in MEASURES)} |")
    return "\n".join(lines)


def levels_table(kept: Mapping) -> str:
    """Mean level reached for each level asked for."""
    levels = kept["levels"]
    head = f"| asked for | {' | '.join(f'{level:g}' for level in levels)} |"
    lines = [head, "|---|" + "---|" * len(levels)]
    for side, rows in kept["sides"].items():
        means = [statistics.mean(column) for column in zip(*rows, strict=True)]
        lines.append(f"| {side} | {' | '.join(f'{mean:.2f}' for mean in means)} |")
    return "\n".join(lines)


def fewest_grades(scores: Mapping) -> int | None:
    """How few of the chosen words carry as many bits as the sounds; None where all are too few."""
    needed = scores["sides"]["sound"]["bits"]["value"]
    enough = [int(count) for count, told in scores["grades"].items() if told >= needed]
    return min(enough, default=None)


def grades_sentence(scores: Mapping) -> str:
    """How few grades of words match the sounds."""
    fewest = fewest_grades(scores)
    if fewest is None:
        return f"Even all {len(scores['grades'])} grades carry fewer bits than the sounds do."
    return (
        f"{fewest} of {len(scores['grades'])} grades of the chosen words carry as many bits as the "
        "sounds do."
    )


def grades_table(grades: Mapping[str, float]) -> str:
    """Bits for each number of grades."""
    return "\n".join(
        [
            f"| grades | {' | '.join(grades)} |",
            "|---|" + "---|" * len(grades),
            f"| bits | {' | '.join(f'{told:.2f}' for told in grades.values())} |",
        ]
    )


def mixtures_table(mixtures: Mapping[str, dict]) -> str:
    """One row per pair and side."""
    lines = [
        "| mixed | by | rank correlation of the shares | mean difference of the shares | only "
        "these |",
        "|---|---|---|---|---|",
    ]
    for by, pairs in mixtures.items():
        for pair, row in pairs.items():
            cells = [f"{row['spearman']:.2f}", f"{row['error']:.2f}", _right(row["both"])]
            lines.append(f"| {pair} | {by} | {' | '.join(cells)} |")
    return "\n".join(lines)


def example_table(example: Mapping[str, dict]) -> str:
    """Right edits of the paper's example, by sounds and by words."""
    asked = list(next(iter(example.values())))
    lines = [f"| by | {' | '.join(asked)} |", "|---|" + "---|" * len(asked)]
    lines += [
        f"| {by} | {' | '.join(_right(row[name]) for name in asked)} |"
        for by, row in example.items()
    ]
    return "\n".join(lines)


def words_table(words: Mapping[str, list[str]], levels: list[float]) -> str:
    """The phrase that was chosen for each weather and level."""
    lines = [
        f"| | {' | '.join(f'{level:g}' for level in levels)} |",
        "|---|" + "---|" * len(levels),
    ]
    lines += [f"| {name} | {' | '.join(phrases)} |" for name, phrases in words.items()]
    return "\n".join(lines)


def _plain(score: Mapping) -> str:
    low, high = score["interval"]
    return f"{score['value']:.2f} ({low:.2f}–{high:.2f})"


def _signed(score: Mapping) -> str:
    low, high = score["interval"]
    return f"{score['value']:+.2f} ({low:+.2f} to {high:+.2f})"


def _right(share: Mapping) -> str:
    if not share["count"]:
        return "–"
    low, high = share["interval"]
    return f"{share['right']:.0%} ({low:.0%}–{high:.0%}) of {share['count']}"
