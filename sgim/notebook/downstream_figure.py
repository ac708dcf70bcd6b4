"""Figures of downstream tasks: one benchmark on one axis, never two.

what `evaluate_embedders` keeps, or published rows -> bars with intervals, curves over few clips
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgim.checks import require
from sgim.evaluation.downstream_tables import MAIN, numbers_of
from sgim.notebook.plots import GRAY, PALETTE, STYLE

MARKERS = "osD^vPX*"
WHOSE = {
    "ours": ("measured here", PALETTE[1], None),
    "yes": ("by the model's authors", PALETTE[0], None),
    "independent": ("by others who ran it", PALETTE[5], None),
    "no": ("second-hand", PALETTE[6], "///"),
}
"""What the legend says of each kind of number, and how its bars look."""


def plot_benchmark(results: Mapping) -> Figure:
    """One panel per task of one benchmark, a bar per embedder, and the curve over few clips.

    Parameters
    ----------
    results : mapping
        What `evaluate_embedders` keeps, for example `read_data("downstream_esc10.json")`.

    Raises
    ------
    SgimError
        When no task has numbers.
    """
    names = list(results["embedders"])
    colors = {name: PALETTE[place % len(PALETTE)] for place, name in enumerate(names)}
    tasks = [task for task in MAIN if numbers_of(results, task)]
    curves = numbers_of(results, "few-shot")
    require(
        bool(tasks or curves),
        f"{results['benchmark']['title']} has no numbers of {', '.join(MAIN)} or few-shot to draw; "
        "measure some.",
    )
    count = len(tasks) + bool(curves)
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(3.1 * count, 1.2 + 0.36 * len(names)), layout="constrained")
        plt.close(figure)
        axes = figure.subplots(1, count, squeeze=False)[0]
        for ax, task in zip(axes[: len(tasks)], tasks, strict=True):
            _draw_bars(ax, task, numbers_of(results, task), names, colors)
        for ax in axes[1 : len(tasks)]:
            ax.set_yticklabels([])
        if curves:
            _draw_curves(axes[-1], curves, colors)
        figure.suptitle(results["benchmark"]["title"], fontsize=10, color=GRAY)
    return figure


def _draw_bars(ax: Axes, task: str, taken: Mapping, names: Sequence[str], colors: Mapping) -> None:
    for place, name in enumerate(names):
        if name not in taken:
            ax.text(1, place, "no words" if task == "zero-shot" else "not measured", va="center")
            continue
        kept = taken[name]
        value = 100 * kept["accuracy"]
        low, high = (100 * end for end in kept["interval"])
        ax.barh(place, value, height=0.62, color=colors[name])
        spread = [[max(0, value - low)], [max(0, high - value)]]
        ax.errorbar(value, place, xerr=spread, color=GRAY, capsize=3, linewidth=1.5)
    chance = 100 * next(iter(taken.values()))["chance"]
    ax.axvline(chance, color=GRAY, linewidth=1, linestyle=(0, (3, 3)))
    ax.set_xlim(0, 105)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    asked = next(iter(taken.values())).get("labels")
    title = MAIN[task] if asked is None else f"{MAIN[task]}, {len(asked)} labels"
    ax.set_title(title)
    ax.set_xlabel("accuracy [%]")


def _draw_curves(ax: Axes, curves: Mapping, colors: Mapping) -> None:
    for place, (name, kept) in enumerate(curves.items()):
        shots = [int(count) for count in kept["curve"]]
        rows = kept["curve"].values()
        ax.fill_between(
            shots,
            [100 * row["interval"][0] for row in rows],
            [100 * row["interval"][1] for row in rows],
            color=colors[name],
            alpha=0.15,
            linewidth=0,
        )
        values = [100 * row["accuracy"] for row in rows]
        ax.plot(shots, values, marker=MARKERS[place % 8], color=colors[name], markersize=4)
    ax.axhline(
        100 * next(iter(curves.values()))["chance"],
        color=GRAY,
        linewidth=1,
        linestyle=(0, (3, 3)),
    )
    ax.set_xscale("log", base=2)
    ax.set_xticks(shots, shots)
    ax.set_ylim(0, 105)
    ax.set_title("few clips")
    ax.set_xlabel("clips of each label")
    ax.set_ylabel("accuracy [%]")


def plot_published(rows: Sequence[Mapping[str, str]]) -> Figure:
    """Numbers of one benchmark and one task, published and ours, with chance as a line.

    Parameters
    ----------
    rows : sequence of mappings
        Rows of `published_results.csv` or of `downstream.csv`, for example by `same_benchmark`.

    Raises
    ------
    SgimError
        When the rows are of several benchmarks, or none has a value.
    """
    drawn = [row for row in rows if row["value"] and row["model"] != "chance"]
    require(bool(drawn), "none of the rows has a value; pass those of one benchmark.")
    benchmarks = sorted({(row["data"], row["task"], row["measure"]) for row in drawn})
    require(
        len(benchmarks) == 1,
        f"the rows are of {len(benchmarks)} benchmarks, such as "
        f"{' and '.join(map(', '.join, benchmarks[:2]))}; "
        "one figure shows one benchmark: pass the rows of one.",
    )
    data, task, measure = benchmarks[0]
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(7.5, 1.0 + 0.27 * len(drawn)), layout="constrained")
        plt.close(figure)
        ax = figure.add_subplot()
        for place, row in enumerate(drawn):
            value, (called, color, hatch) = float(row["value"]), WHOSE[row["first_hand"]]
            style = {"color": color, "hatch": hatch, "edgecolor": "white", "linewidth": 0}
            ax.barh(place, value, height=0.62, label=called, **style)
            ax.text(value + 1, place, f"{value:g}", va="center")
        for row in rows:
            if row["model"] == "chance":
                ax.axvline(float(row["value"]), color=GRAY, linewidth=1, linestyle=(0, (3, 3)))
        names = [f"{row['model']}{_folds_in_words(row['official_folds'])}" for row in drawn]
        ax.set_yticks(range(len(drawn)), names)
        ax.set_ylim(len(drawn) - 0.4, -0.6)
        ax.set_xlim(0, 108)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_title(f"{data}, {task}")
        ax.set_xlabel(f"{measure} [%]")
        legend = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
        figure.legend(legend.values(), legend, loc="outside lower center", ncols=len(legend))
    return figure


def _folds_in_words(official: str) -> str:
    return "" if official in ("yes", "none needed", "") else f" (official folds: {official})"
