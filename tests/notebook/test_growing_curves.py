"""Curves that grow: what is drawn after each epoch."""

import re

import pytest

from sgim.checks import SgimError
from sgim.notebook import growing_curves as module
from sgim.notebook.growing_curves import draw_growing, live_curves

PANELS = {"loss": ["audio_text", "total"], "score": ["zero_shot"]}
ROWS = [
    {"audio_text": 2.0, "total": 4.0, "zero_shot": 0.25},
    {"audio_text": 1.0, "total": 3.0, "zero_shot": 0.5},
]


def points(drawing):
    return [line.split() for line in re.findall(r'points="([^"]*)"', drawing)]


def test_each_curve_has_a_point_per_epoch_and_falls_where_its_values_fall():
    curves = points(draw_growing(PANELS, ROWS, 10))
    assert [len(curve) for curve in curves] == [2, 2, 2]
    (_, first), (_, last) = (spot.split(",") for spot in curves[0])
    assert float(last) > float(first), "y grows downwards"


def test_the_words_tell_where_each_curve_begins_and_ends():
    told = draw_growing(PANELS, ROWS, 10)
    assert (
        "Curves over 2 of 10 epochs: audio_text 2 to 1, total 4 to 3, zero_shot 0.25 to 0.5."
        in (told)
    )
    assert "none yet" in draw_growing(PANELS, [], 10)


def test_a_column_that_is_missing_is_named():
    with pytest.raises(SgimError, match="no column 'zero_shot'"):
        draw_growing(PANELS, [{"audio_text": 1.0, "total": 1.0}], 10)


def test_the_cell_s_drawing_is_renewed_after_each_epoch(monkeypatch):
    shown = []

    class Handle:
        def update(self, page):
            shown.append(page.data)

    monkeypatch.setattr(
        module, "display", lambda page, display_id: shown.append(page.data) or Handle()
    )
    follow = live_curves(PANELS, 2)
    for epoch, row in enumerate(ROWS, start=1):
        follow(epoch, row)
    assert shown == [draw_growing(PANELS, ROWS[:count], 2) for count in (0, 1, 2)]
