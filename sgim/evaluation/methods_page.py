"""The page of the methods under equal care, docs/methods.md.

data/methods.json -> tables of methods, references and ablations, ours less each -> Markdown
"""

from collections.abc import Mapping
from pathlib import Path
from string import Template

from sgim.evaluation.kept_results import read_results
from sgim.evaluation.method_scores import (
    PER_REFERENCE,
    PIXELS,
    REFERENCE_LEVEL,
    SHARES,
)
from sgim.evaluation.methods import LEVEL, OUR_NAME, TUNED_WEIGHTS
from sgim.evaluation.provenance_table import provenance_table
from sgim.models.judge import JUDGE_NAMES
from sgim.world.names import SOUND_NAMES

METHODS_FILE, COMMAND = "methods.json", "sgim evaluate --methods"
GROUPS = {"methods": "Methods", "references": "References", "ablations": "Ablations of ours"}
HEADS = {
    "right": "right",
    "reached": "reached",
    "judged": "judged",
    "unasked": "unasked rise",
    "drift": "land drift",
    "cosine": "sound and picture",
    "perceptual": "perceptual distance",
}
LESS = ("right", "reached", "judged", "unasked", "cosine", "perceptual")

HEAD = Template(
    """
# Methods under equal care

The objectives and loops of other papers beside ours, in the mini world: the same painter, pictures
of $pixels pixels, the same scenes and sounds (level $level), the same number of steps, all from the
source. This page is made by `sgim report`; do not edit it.

```
sgim evaluate --methods --out data/methods.json
sgim report
```

- Each objective trains an encoder of its own, the same small network, on the same pairs and for as
  many steps; ours gets the small one of the Robust objective as well. "The encoder that ships" has
  learned from far more.
- λ_sim of every method is chosen among $weights, on validation scenes: most right edits, then most
  reached, then least unasked. References and ablations keep the default.
- "StyleCLIP", "AudioCLIP", "Wav2CLIP" and "SGIM" name an objective or a loop that is rebuilt here.
  No weights of theirs take part, and the numbers say nothing of their models on photographs.
- A row named for a paper takes its objective and the published loop. Ours is more than an
  objective: a prior, a pursuit and a mask with a penalty. "Robust, the paper's loop" tells what the
  objective alone brings, the ablations what each part of the loop does.
- The label's words and the nearest render are oracles: a person knows the true label and strength,
  and the painter tries all weathers.
""".strip()
)

NO_NUMBERS = (
    "## What came out\n\nNo numbers yet: `sgim evaluate --methods` makes them, and `sgim report` "
    "writes them here."
)

RESULTS = Template(
    """
## What came out

**$sentence**

From [data/methods.json](../data/methods.json):

$made

$count edits of each, $num_names sounds × $per_weather scenes; no scene and no sound twice. In
brackets 95 % intervals, by bootstrap over scenes with their sounds, within each weather.

$tables

- *right*: the asked weather rises by 0.5 and more than any other, no weather that was not asked for
  rises by 0.15, land, light and season stay. *reached*: it rises by 0.3 and more than any other.
- *judged*: a classifier that takes no part names the asked weather.
- *unasked rise*: of the weather that rises most without being asked. *land drift*: of horizon and
  ridges.
- *sound and picture*: cosine of what an ear expects to see and what the judge sees. Neither has
  guided an edit: the ear has heard synthetic sounds alone, and a straight line from its embedding
  to the judge's features is fitted on renders of other scenes.
- *perceptual distance*: the recipe of LPIPS on the judge's features, picture against source. It
  stands in for LPIPS, whose network has seen photographs alone. A weather has to change a picture,
  so 0 is not the best.
- *latent shift*: cosine of the latents before and after, mean and variance, as the paper tells it.
- *Fréchet distance*: of the judge's $num_logits logits, $count edits against $num_reference renders
  of the same weathers (level $reference_level) over other scenes. With so few it is biased upward
  for all alike: compare within the column.
- *seconds*: of one edit in a batch, on this machine.

## Ours less each other

Over the same scenes and sounds, with paired intervals. Of unasked rise and perceptual distance less
is better.

$less

Memory was not measured.
""".strip()
)


def methods_page(folder: Path) -> str:
    """The page from the file of a folder; without it, the rules alone."""
    path = folder / METHODS_FILE
    head = HEAD.substitute(
        pixels=PIXELS, level=LEVEL, weights=", ".join(f"{weight:g}" for weight in TUNED_WEIGHTS)
    )
    below = results(read_results(path, command=COMMAND)) if path.is_file() else NO_NUMBERS
    return f"{head}\n\n{below}\n"


def results(kept: Mapping) -> str:
    """What came out, from what data/methods.json holds."""
    methods, count = kept["methods"], len(kept["places"])
    tables = [
        f"### {title}\n\n{scores_table(rows)}"
        for group, title in GROUPS.items()
        if (rows := {name: row for name, row in methods.items() if row["group"] == group})
    ]
    return RESULTS.substitute(
        sentence=beaten_sentence(methods),
        made=provenance_table(kept),
        count=count,
        num_names=len(SOUND_NAMES),
        per_weather=count // len(SOUND_NAMES),
        tables="\n\n".join(tables),
        num_logits=len(JUDGE_NAMES),
        num_reference=PER_REFERENCE * len(SOUND_NAMES),
        reference_level=REFERENCE_LEVEL,
        less=less_table(methods),
    )


def beaten_sentence(methods: Mapping[str, dict]) -> str:
    """Which of the other methods ours beats on "right" beyond chance, and which not."""
    others = {name: row for name, row in methods.items() if row["group"] == "methods"}
    others.pop(OUR_NAME, None)
    beaten = [name for name, row in others.items() if row["less"]["right"]["interval"][0] > 0]
    rest = [name for name in others if name not in beaten]
    told = f"On right, {OUR_NAME} beats {_listed(beaten)}"
    if not rest:
        return f"{told}."
    count = len(methods[OUR_NAME]["edits"]["right"])
    return f"{told}; its lead over {_listed(rest)} may be chance, with {count} edits of each."


def scores_table(rows: Mapping[str, dict]) -> str:
    """One row per method."""
    heads = [*HEADS.values(), "latent shift", "Fréchet distance", "λ_sim", "seconds"]
    lines = [f"| | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
    for name, row in rows.items():
        scores, edits = row["scores"], row["edits"]
        cells = [_told(key, scores[key]) for key in HEADS]
        cells += [
            f"{scores['shift']['value']:.3f}, {edits['shift_variance']:.1e}",
            f"{edits['frechet']:.1f}",
            f"{row['weight']:g}",
            f"{edits['seconds']:.2f}",
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def less_table(methods: Mapping[str, dict]) -> str:
    """Ours less each other, over the same places."""
    lines = [f"| ours less | {' | '.join(HEADS[key] for key in LESS)} |", "|---|" + "---|" * 6]
    for name, row in methods.items():
        if row["less"]:
            cells = [_told(key, row["less"][key], signed=True) for key in LESS]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _told(key: str, score: Mapping, *, signed: bool = False) -> str:
    sign, digits = "+" if signed else "", ".0%" if key in SHARES else ".2f"
    digits = ".3f" if key in ("drift", "perceptual") else digits
    value, low, high = (
        f"{number:{sign}{digits}}" for number in (score["value"], *score["interval"])
    )
    return f"{value} ({low} to {high})" if signed else f"{value} ({low}–{high})"


def _listed(names: list[str]) -> str:
    return ", ".join(names) if names else "none of the other methods"
