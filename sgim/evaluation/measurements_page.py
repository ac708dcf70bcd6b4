"""The page of all measured tables, docs/measurements.md: `sgim report`.

JSON files of data/ -> tables, where they come from, and what they say -> Markdown
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template

from sgim.embedding import ablation
from sgim.embedding.alignment_terms import OBJECTIVES
from sgim.evaluation import measurement_tables as tables
from sgim.evaluation import measurements_text as text
from sgim.evaluation.alignment_speed import AlignBenchmark
from sgim.evaluation.edit_sizes import SizesBenchmark, sizes_table
from sgim.evaluation.edit_speed import EditBenchmark
from sgim.evaluation.edit_ways import ways_table
from sgim.evaluation.kept_results import read_results
from sgim.evaluation.one_pass import quality_table
from sgim.evaluation.one_pass_speed import OnePassBenchmark, one_pass_table
from sgim.evaluation.photo_edits import photos_table
from sgim.evaluation.provenance_table import provenance_table
from sgim.evaluation.speed_tables import align_table, edit_table
from sgim.evaluation.unasked_weathers import ASKED, UNASKED, largest_cost

NEEDED = {
    "measurements.json": "sgim evaluate --recordings DIR --esc10 DIR --lpips",
    "ablation.json": "sgim ablate",
}
OPTIONAL = {
    "edit_ways.json": "sgim compare",
    "photo_edits.json": "sgim evaluate --photos DIR",
    "one_pass.json": "sgim evaluate --one-pass --recordings DIR --esc10 DIR",
    "bench_one_pass.json": "sgim bench edit --mini",
    "bench_edit.json": "sgim bench edit",
    "bench_edit_sizes.json": "sgim bench edit --sizes",
    "bench_align.json": "sgim bench align",
}
"""Files in data/ that the page is made from, and the commands that write them."""


def read_page(folder: Path) -> str:
    """The page from the files of a folder.

    Raises
    ------
    SgimError
        When one of the `NEEDED` files is missing.
    """
    kept = {name: read_results(folder / name, command=by) for name, by in NEEDED.items()}
    others = {name: by for name, by in OPTIONAL.items() if (folder / name).is_file()}
    return page(kept | {n: read_results(folder / n, command=by) for n, by in others.items()})


def page(kept: Mapping[str, dict]) -> str:
    """The page from what the files hold, by their names."""
    sections = [
        text.HEAD.template,
        _mini_world(kept["measurements.json"]),
        _section(text.WAYS, kept, "edit_ways.json", ways_of),
        _section(text.PHOTOS, kept, "photo_edits.json", photos_table),
        _objectives(kept["ablation.json"]),
        _section(
            text.ONE_PASS,
            kept,
            "one_pass.json",
            lambda quick: quality_table(quick, kept["measurements.json"]),
        ),
        _section(text.ONE_PASS_SECONDS, kept, "bench_one_pass.json", one_pass_speed),
        _section(text.EDIT_STEP, kept, "bench_edit.json", edit_speed),
        _section(text.EDIT_SIZES, kept, "bench_edit_sizes.json", edit_sizes),
        _section(text.TRAINING_STEP, kept, "bench_align.json", align_speed),
        text.END.template,
    ]
    return "\n\n".join(sections) + "\n"


def ways_of(results: dict) -> str:
    """The table of what `sgim compare` kept."""
    return ways_table({name: way for name, way in results.items() if name != "made"})


def one_pass_speed(results: dict) -> str:
    """The table of what `sgim bench edit --mini` kept."""
    return one_pass_table(OnePassBenchmark.from_json(results))


def edit_speed(results: dict) -> str:
    """The table of what `sgim bench edit` kept."""
    return edit_table(EditBenchmark.from_json(results))


def edit_sizes(results: dict) -> str:
    """The table of what `sgim bench edit --sizes` kept."""
    return sizes_table(SizesBenchmark.from_json(results))


def align_speed(results: dict) -> str:
    """The table of what `sgim bench align` kept."""
    return align_table(AlignBenchmark.from_json(results))


def _section(
    section: Template, kept: Mapping[str, dict], name: str, table: Callable[[dict], str]
) -> str:
    """A section with its table, or its title and how to measure it."""
    if name in kept:
        return section.substitute(made=provenance_table(kept[name]), table=table(kept[name]))
    title = section.template.splitlines()[0]
    return f"{title}\n\n{text.NO_NUMBERS.substitute(command=OPTIONAL[name], name=name)}"


def _mini_world(measurements: dict) -> str:
    return text.MINI_WORLD.substitute(
        made=provenance_table(measurements),
        overview=tables.overview(measurements),
        edits_by_sound=tables.edits_by_sound(measurements["edits"]["by_sound"]),
        strength=tables.strength_table(measurements["strength"]),
        mixtures=tables.mixtures_table(measurements["mixtures"]),
        unasked_costs=tables.unasked_table(measurements["unasked"]),
        asked=ASKED,
        unasked=UNASKED,
        least=_minded_least(measurements["unasked"]),
        settings=tables.settings_table(measurements["settings"]),
        confusion=tables.confusion_table(measurements["recordings"]["shipped"]["confusion"]),
        **_what_settings_do(measurements["settings"]),
        **_how_edits_fare(measurements),
    )


def _objectives(results: dict) -> str:
    config, runs = results["config"], results["runs"]
    seeds = {"trainings": config["seeds"], "data": config["data_seed"]}
    return text.OBJECTIVES.substitute(
        made=provenance_table(results, seeds=seeds),
        num_seeds=len(config["seeds"]),
        table=ablation.to_markdown(runs),
        **_what_objectives_do(runs),
    )


def _what_settings_do(rows: list[dict]) -> dict[str, str]:
    low, high = (
        pick(
            (row for row in rows if row["adaptive_mask"]), key=lambda row: row["similarity_weight"]
        )
        for pick in (min, max)
    )
    (unmasked,) = (
        row
        for row in rows
        if row["similarity_weight"] == high["similarity_weight"] and not row["adaptive_mask"]
    )
    return {
        "low_weight": f"{low['similarity_weight']:g}",
        "high_weight": f"{high['similarity_weight']:g}",
        "drift_low": f"{low['drift']:.3f}",
        "drift_high": f"{high['drift']:.3f}",
        "rise_low": f"{low['rise']:.2f}",
        "rise_high": f"{high['rise']:.2f}",
        "rise_unmasked": f"{unmasked['rise']:.2f}",
    }


def _minded_least(costs: dict[str, dict]) -> str:
    told = []
    for target, what in (("direct", "sounds as they are"), ("image", "what the prior expects")):
        name, other, cost = largest_cost(costs[target])
        told.append(f"for {what} {other} with {name}, {cost:+.3f}")
    return "; ".join(told)


def _how_edits_fare(measurements: dict) -> dict[str, str]:
    recordings = measurements["recordings"]
    return {
        "right": f"{measurements['edits']['all']['right']:.0%}",
        "right_recorded": f"{recordings['edits']['right']:.0%}",
        "named": f"{recordings['shipped']['accuracy']:.0%}",
    }


def _what_objectives_do(runs: list[dict]) -> dict[str, str]:
    """What words bring to naming, and what accidents cost sound → picture, in points."""

    def points(objective: str, condition: str, measure: str) -> float:
        return 100 * ablation.summary(runs, objective, condition, measure)[0]

    pictures, audioclip, two_views, robust = OBJECTIVES
    named = points(pictures, "clean", "zero_shot")
    gains = [points(one, "clean", "zero_shot") - named for one in (audioclip, two_views, robust)]
    lost = {
        f"lost_{name}": points(objective, "clean", "sound_to_image")
        - points(objective, "accidents", "sound_to_image")
        for name, objective in (
            ("pictures", pictures),
            ("audioclip", audioclip),
            ("two_views", two_views),
            ("robust", robust),
        )
    }
    gained = {"words_least": f"{min(gains):.0f}", "words_most": f"{max(gains):.0f}"}
    return gained | {name: f"{points_lost:.1f}" for name, points_lost in lost.items()}
