"""The page of the downstream tasks, docs/downstream.md, and the same numbers as one CSV.

published_results.csv, downstream_*.json of data/ -> Markdown, CSV; other files make another page
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from sgim.evaluation.benchmarks import BENCHMARKS
from sgim.evaluation.downstream_tables import benchmark_section
from sgim.evaluation.kept_results import read_results
from sgim.evaluation.published_numbers import (
    as_csv,
    our_rows,
    published_table,
    read_published,
    same_benchmark,
)

PUBLISHED = "published_results.csv"
PUBLISHED_BENCHMARKS = {"ESC-50": "esc50", "UrbanSound8K": "urbansound8k", "VGG-Sound": "vggsound"}
"""Benchmarks of which others published numbers, and what they are called in the command."""

HEAD = Template(
    """
# Downstream tasks of the joint embedding

A good embedding knows what it hears. So it is measured on tasks that it was not made for: naming
sounds by words alone (zero-shot), by a straight line or by neighbours on frozen features, by a few
clips of each label; and finding a picture or a sentence by a sound. Statistics without any
learning, and an encoder with random weights, are measured on the same benchmarks with the same
care.

This page is made by `sgim report` from [data](../data/README.md). Published numbers and ours stand
in [one table](downstream.csv), too. Do not edit it: measure again. After new weights, or with other
data,

```
$commands
sgim report
```

measure anew what is asked for and leave the other rows as they are. `--bundle mini` measures one
encoder alone, and a folder such as `build/ear` one of your own. Regularization and the number of
neighbours are chosen inside the training folds. Each JSON file keeps command, seed, fingerprint of
data and weights, versions and date beside every number.
""".strip()
)

COMPARED = """
## Beside published numbers

One table per benchmark and task; a number of one table cannot be put beside one of another. "Folds"
tells what was tested by what learned from the rest, "official folds" whether these are those of the
data set's authors. Where a source says nothing, it says "not stated". Rows of ours come first, then
those of a model's authors, of others who ran it, and second-hand ones.
""".strip()

NOT_MEASURED = Template(
    "Ours is not measured here: $data is not part of the project. "
    "`sgim evaluate --data $name DIR --out data/downstream_$name.json` puts our rows above these."
)

END = """
## What this says and what it does not

- Zero-shot over the few labels that the mini world has words for is easier than over all labels. It
  must not stand beside published zero-shot numbers.
- The mini world's own benchmark is made by the synthesizers that made the lessons. It shows that
  the training worked, not that it helps with recordings.
- An encoder is flattered by recordings that it was trained on. Where these are known, a table tells
  its numbers on all others.
- ESC-10 was looked at while the encoders that ship were chosen, so its numbers are friendly ones,
  too, for the encoder that has heard no recording.
- An interval is over recordings, for clips of one recording are alike. Two numbers whose intervals
  overlap much are no result; the paired differences say more. Where all answers are right, the
  interval is (100–100): it tells that no recording was missed, not that none could be.
""".strip()


def read_files(folder: Path) -> tuple[list[dict[str, str]], list[dict]]:
    """Rows of others, and what `evaluate_embedders` kept of every benchmark that was measured.

    Raises
    ------
    SgimError
        When the table of published numbers is missing or damaged.
    """
    paths = [folder / f"downstream_{name.replace('-', '_')}.json" for name in BENCHMARKS]
    command = "sgim evaluate --data NAME"
    taken = [read_results(path, command=command) for path in paths if path.is_file()]
    return read_published(folder / PUBLISHED), taken


def downstream_page(published: Sequence[Mapping[str, str]], taken: Sequence[Mapping]) -> str:
    """The page from what the files hold."""
    sections = [HEAD.substitute(commands=_commands(taken))]
    sections += [f"## {one['benchmark']['title']}\n\n{benchmark_section(one)}" for one in taken]
    sections += [COMPARED, *_published_sections(published, taken), END]
    return "\n\n".join(sections) + "\n"


def downstream_csv(published: Sequence[Mapping[str, str]], taken: Sequence[Mapping]) -> str:
    """One long table: rows of others, then ours."""
    return as_csv([*published, *(row for one in taken for row in our_rows(one))])


def _commands(taken: Sequence[Mapping]) -> str:
    names = [one["benchmark"]["name"] for one in taken] or ["esc10"]
    return "\n".join(
        f"sgim evaluate --data {name}{'' if name.startswith('mini') else ' DIR'} "
        f"--out data/downstream_{name.replace('-', '_')}.json"
        for name in names
    )


def _published_sections(
    published: Sequence[Mapping[str, str]], taken: Sequence[Mapping]
) -> list[str]:
    rows = [*published, *(row for one in taken for row in our_rows(one))]
    sections = []
    for data, name in PUBLISHED_BENCHMARKS.items():
        sections.append(f"### {data}")
        if not any(one["benchmark"]["name"] == name for one in taken):
            sections.append(NOT_MEASURED.substitute(data=data, name=name))
        tasks = dict.fromkeys(row["task"] for row in rows if row["data"] == data)
        for task in tasks:
            if task != "any":
                sections.append(
                    f"{data}, {task}:\n\n{published_table(same_benchmark(rows, data, task))}"
                )
    return sections
