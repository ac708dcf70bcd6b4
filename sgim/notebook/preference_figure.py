"""The figure of a study: how often each method was preferred.

`PreferenceAnalysis` -> bars with intervals
"""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from sgim.evaluation.preference_analysis import Preference, PreferenceAnalysis
from sgim.notebook.plots import GRAY, INK, PALETTE, STYLE


def plot_preferences(analysis: PreferenceAnalysis) -> Figure:
    """One bar per two methods, divided where preferences are, with an interval at the division.

    The interval is the wider of Wilson's and that over raters; the line marks equal preference.
    """
    rows = analysis.preferences
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(7.5, 1.3 + 0.65 * len(rows)), layout="constrained")
        plt.close(figure)
        ax = figure.add_subplot()
        for place, one in enumerate(rows):
            _draw_bar(ax, place, one)
        ax.axvline(50, color=GRAY, linewidth=1, linestyle=(0, (3, 3)))
        ax.set_xlim(0, 100)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_yticks(range(len(rows)), [one.first for one in rows])
        right = ax.secondary_yaxis("right")
        right.set_yticks(range(len(rows)), [one.second for one in rows])
        for axis in (ax, right):
            axis.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        right.spines["right"].set_visible(False)
        ax.set_xlabel(f"preferred, % of answers; lines: 95 % intervals ({_raters(analysis)})")
    return figure


def _draw_bar(ax, place: int, one: Preference) -> None:
    lows, highs = zip(one.interval, one.over_raters or one.interval, strict=True)
    low, high = min(lows), max(highs)
    share = 100 * one.share
    ax.barh(place, share, height=0.6, color=PALETTE[0])
    ax.barh(place, 100 - share, left=share, height=0.6, color=PALETTE[4])
    ax.errorbar(
        share,
        place,
        xerr=[[share - 100 * low], [100 * high - share]],
        color=INK,
        capsize=5,
        linewidth=2,
    )
    ax.text(2, place, f"{share:.0f} %", va="center", color="white", fontweight="bold")
    ax.text(98, place, f"{100 - share:.0f} %", va="center", ha="right", color=INK)


def _raters(analysis: PreferenceAnalysis) -> str:
    count = len(analysis.raters)
    return "1 rater" if count == 1 else f"{count} raters"
