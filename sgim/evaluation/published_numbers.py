"""Numbers that others published, each with its protocol, beside ours for the same benchmark.

`published_results.csv`, what `evaluate_embedders` keeps -> rows of one long table -> CSV, Markdown
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sgim.checks import require
from sgim.evaluation.downstream_tables import (
    MAIN,
    numbers_of,
    percent,
    share_never_heard,
    table,
)
from sgim.files.tables import read_table

COLUMNS = (
    "model",
    "data",
    "task",
    "value",
    "measure",
    "prompts",
    "folds",
    "official_folds",
    "overlap",
    "source",
    "first_hand",
    "note",
)
"""Of `published_results.csv`; `value` is in percent, and empty where nobody could read it."""

OURS = ("low", "high")
"""Ends of our 95 % intervals, which follow the columns in the table that `sgim report` writes."""

FIRST_HAND = ("ours", "yes", "independent", "no")
"""Whose number it is: measured here, of the model's authors, of others who ran it, second-hand."""

RECALL = "R@1"


def read_published(path: Path) -> list[dict[str, str]]:
    """The rows of others.

    Raises
    ------
    SgimError
        When the file is missing or damaged, or a row lacks its source or tells a value that is no
        percentage.
    """
    rows = read_table(path, COLUMNS)
    for row in rows:
        value = row["value"]
        require(
            not value or _is_percentage(value),
            f"{row.place} tells the value {value!r}; it must be a percentage, or empty.",
        )
        require(
            bool(row["source"]) and (bool(value) or bool(row["note"])),
            f"{row.place} lacks a source, or a note on why it has no value; add it.",
        )
        require(
            row["first_hand"] in FIRST_HAND[1:],
            f"{row.place} tells first_hand {row['first_hand']!r}; it must be one of "
            f"{', '.join(FIRST_HAND[1:])}.",
        )
    return [{column: row[column] for column in COLUMNS} for row in rows]


def _is_percentage(text: str) -> bool:
    try:
        return 0 <= float(text) <= 100
    except ValueError:
        return False


def our_rows(results: Mapping) -> list[dict[str, str]]:
    """Ours of one benchmark in the same columns, with the ends of their intervals."""
    rows = []
    for task in MAIN:
        for name, kept in numbers_of(results, task).items():
            told = {"value": kept["accuracy"], "interval": kept["interval"], "measure": "top-1"}
            rows.append(_our_row(results, name, task_in_words(task, kept, results), kept, told))
    for name, kept in numbers_of(results, "retrieval").items():
        for way, found in kept.items():
            if "→" in way:
                told = {"value": found["R@1"], "interval": found["R@1 interval"]}
                rows.append(_our_row(results, name, way, kept, told | {"measure": RECALL}))
    return rows


def task_in_words(task: str, kept: Mapping, results: Mapping) -> str:
    """What a task is called; zero-shot over fewer labels is another one."""
    asked, all_labels = kept.get("labels"), results["benchmark"]["labels"]
    if asked is None or len(asked) == len(all_labels):
        return MAIN[task]
    return f"{MAIN[task]} among {len(asked)} of {len(all_labels)} labels"


def _our_row(results: Mapping, name: str, task: str, kept: Mapping, told: Mapping) -> dict:
    benchmark, made = results["benchmark"], kept["made"]
    low, high = told["interval"]
    templates = kept.get("templates")
    return {
        "model": f"sgim: {name}",
        "data": benchmark["title"],
        "task": task,
        "value": f"{100 * told['value']:.1f}",
        "measure": told["measure"],
        "prompts": f"ensemble of {len(templates)} templates" if templates else "none",
        "folds": "none needed" if templates else benchmark["protocol"],
        "official_folds": "none needed" if templates else _yes_or_no(benchmark["official_folds"]),
        "overlap": _overlap(results, name, kept),
        "source": f"{made['command']}, {made['date']}",
        "first_hand": "ours",
        "note": f"data {benchmark['fingerprint'][:12]}, weights {made['encoder'][:12]}",
        "low": f"{100 * low:.1f}",
        "high": f"{100 * high:.1f}",
    }


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _overlap(results: Mapping, name: str, kept: Mapping) -> str:
    signs = results["embedders"][name]["heard_in_training"]
    if signs is None:
        return "not known"
    if "1" not in signs:
        return "none"
    new = share_never_heard(results, kept, signs)
    told = f"; on the others {percent(new[0])}" if new else ""
    return f"{signs.count('1')} of {len(signs)} clips were heard in training{told}"


def as_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """The long table with all columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [*COLUMNS, *OURS], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def same_benchmark(
    rows: Sequence[Mapping[str, str]], data: str, task: str
) -> list[Mapping[str, str]]:
    """The rows of one benchmark, ours first, then first-hand ones; of each the best first."""
    mine = [row for row in rows if row["data"] == data and row["task"] in (task, "any")]
    return sorted(mine, key=lambda row: (_standing(row), -float(row["value"] or -1)))


def _standing(row: Mapping[str, str]) -> int:
    return len(FIRST_HAND) if row["model"] == "chance" else FIRST_HAND.index(row["first_hand"])


def published_table(rows: Sequence[Mapping[str, str]]) -> str:
    """A Markdown table of rows of one benchmark."""
    head = ["model", "%", "prompts", "folds", "official folds", "overlap of training", "source", ""]
    cells = []
    for row in rows:
        interval = f" ({row['low']}–{row['high']})" if row.get("low") else ""
        second_hand = "; second-hand" if row["first_hand"] == "no" else ""
        independent = "; measured by others" if row["first_hand"] == "independent" else ""
        cells.append(
            [
                row["model"],
                f"{row['value']}{interval}" or "not read",
                row["prompts"],
                row["folds"],
                row["official_folds"],
                row["overlap"],
                f"{row['source']}{second_hand}{independent}",
                row["note"],
            ]
        )
    return table(head, cells)
