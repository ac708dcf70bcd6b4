"""Figures of the claim and of the methods, from what the files of data/ hold.

data/claim.json -> level asked and reached, bits; data/methods.json -> right edits with intervals
"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgim.notebook.plots import GRAY, PALETTE, STYLE

DRAWN = {
    "sound": (PALETTE[0], "o"),
    "chosen words": (PALETTE[1], "s"),
    "words of the heard level": (PALETTE[4], "D"),
    "ordinary words": (PALETTE[2], "^"),
    "random direction": (PALETTE[6], "v"),
}
"""Sides of the claim, with color and marker."""


def plot_claim(results: Mapping) -> Figure:
    """Level reached over level asked for, mean and spread over sequences, and bits of each side."""
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(9, 3.4), layout="constrained")
        plt.close(figure)
        curves, bars = figure.subplots(1, 2, width_ratios=(1.25, 1))
        _draw_levels(curves, results)
        _draw_bits(bars, results["scores"]["sides"])
    return figure


def _draw_levels(ax: Axes, results: Mapping) -> None:
    asked = np.array(results["levels"])
    ax.plot([0, 1], [0, 1], color=GRAY, linewidth=1, linestyle=(0, (3, 3)))
    ax.text(0.97, 0.97, "exact", ha="right", va="bottom", rotation=33)
    for place, (side, (color, marker)) in enumerate(DRAWN.items()):
        reached = np.array(results["sides"][side])
        shifted = asked + 0.006 * (place - 2)
        spread = reached.std(axis=0)
        ax.errorbar(
            shifted, reached.mean(axis=0), yerr=spread, color=color, marker=marker,
            markersize=4, linewidth=1.5, elinewidth=0.8, label=side,
        )  # fmt: skip
    ax.set_xlim(0, 1.05)
    ax.set_ylim(-0.02, 1.05)
    ax.set_xlabel("level asked for")
    ax.set_ylabel("level reached")
    ax.set_title(f"{len(results['sequences'])} sequences: mean, ± standard deviation")
    ax.legend(loc="upper left")


def _draw_bits(ax: Axes, sides: Mapping) -> None:
    for place, (side, (color, _)) in enumerate(DRAWN.items()):
        _bar(ax, place, sides[side]["bits"], color)
    ax.set_yticks(range(len(DRAWN)), list(DRAWN))
    ax.set_ylim(len(DRAWN) - 0.4, -0.6)
    ax.set_xlim(0, 3.1)
    ax.set_xlabel("bits of the level asked for, of 3")
    ax.set_title("95 % intervals")


def plot_methods(results: Mapping) -> Figure:
    """Share of right edits of every method, reference and ablation, with 95 % intervals."""
    methods = results["methods"]
    colors = dict(zip(("methods", "references", "ablations"), PALETTE[:3], strict=True))
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(7.5, 1 + 0.26 * len(methods)), layout="constrained")
        plt.close(figure)
        ax = figure.subplots()
        for place, row in enumerate(methods.values()):
            share = row["scores"]["right"]
            scaled = {
                "value": 100 * share["value"],
                "interval": [100 * x for x in share["interval"]],
            }
            _bar(ax, place, scaled, colors[row["group"]])
        ax.set_yticks(range(len(methods)), list(methods))
        ax.set_ylim(len(methods) - 0.4, -0.6)
        ax.set_xlim(0, 105)
        ax.set_xlabel(f"right edits of {len(results['places'])} [%]")
        handles = [plt.Rectangle((0, 0), 1, 1, color=color) for color in colors.values()]
        ax.legend(handles, list(colors), loc="lower right")
    return figure


def _bar(ax: Axes, place: int, score: Mapping, color: str) -> None:
    value, (low, high) = score["value"], score["interval"]
    ax.barh(place, value, height=0.62, color=color)
    spread = [[max(0, value - low)], [max(0, high - value)]]
    ax.errorbar(value, place, xerr=spread, color=GRAY, capsize=3, linewidth=1.5)
