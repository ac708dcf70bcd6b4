"""Figures of the claim and of the methods show what their files hold."""

import numpy as np
import pytest

from sgim.notebook.edits_figure import DRAWN, plot_claim, plot_methods


def score(value):
    return {"value": value, "interval": [value - 0.1, value + 0.1], "chance": 0.5}


@pytest.fixture
def claim():
    """Four sequences at three levels."""
    levels = [0.1, 0.5, 1.0]
    return {
        "levels": levels,
        "sequences": [{}] * 4,
        "sides": {side: np.full((4, 3), 0.25).tolist() for side in DRAWN},
        "scores": {"sides": {side: {"bits": score(1.0)} for side in DRAWN}},
    }


def test_a_side_is_drawn_at_the_levels_it_reached(claim):
    claim["sides"]["sound"] = [[0.1, 0.4, 0.9]] * 4
    claim["scores"]["sides"]["sound"]["bits"] = score(2.5)
    curves, bars = plot_claim(claim).axes
    drawn = [line.get_ydata().tolist() for line in curves.get_lines()]
    assert any(row == pytest.approx([0.1, 0.4, 0.9]) for row in drawn)
    assert [bar.get_width() for bar in bars.patches] == [2.5, 1, 1, 1, 1]
    assert "4 sequences" in curves.get_title()


def test_every_method_has_a_bar_in_percent():
    rows = {
        name: {"group": group, "scores": {"right": score(value)}}
        for name, group, value in (("ours", "methods", 0.9), ("none", "references", 0.1))
    }
    (ax,) = plot_methods({"methods": rows, "places": [{}] * 8}).axes
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([90, 10])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["ours", "none"]
