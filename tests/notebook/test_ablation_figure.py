"""The ablation's figure, of the runs that are kept."""

import json

import pytest
from places import ROOT

from sgim.embedding.alignment_terms import OBJECTIVES
from sgim.notebook.ablation_figure import plot_ablation


def test_bars_are_the_means_of_the_kept_runs():
    runs = json.loads((ROOT / "data/ablation.json").read_text(encoding="utf-8"))["runs"]
    left, right = plot_ablation(runs).axes
    assert [label.get_text() for label in left.get_yticklabels()] == list(OBJECTIVES)
    clean = [run["zero_shot"] for run in runs if run["condition"] == "clean"]
    widths = [bar.get_width() for bar in left.patches[: len(OBJECTIVES)]]
    assert sum(widths) / len(OBJECTIVES) == pytest.approx(sum(clean) / len(clean))
    assert len(right.patches) == 2 * len(OBJECTIVES)
