"""The Studio's drawings are whole SVG, with words, from the first step on."""

from xml.etree import ElementTree

import torch

from sgim.notebook.studio_charts import TITLES, draw_bars, draw_curves, draw_spectrogram

SVG = "{http://www.w3.org/2000/svg}"


def widths(drawing):
    bars = ElementTree.fromstring(drawing).findall(f"{SVG}rect")
    return [float(bar.get("width")) for bar in bars[1::2]]


def test_curves_are_drawn_from_the_first_step_on():
    for steps in range(4):
        history = {name: [0.5] * steps for name in TITLES}
        root = ElementTree.fromstring(draw_curves(history, {"total": [0.9, 0.1]}, max(1, steps)))
        lines = [len(line.get("points").split()) for line in root.findall(f"{SVG}polyline")]
        terms = 4 if steps else 3
        assert lines == [2, steps, *[0, steps] * (terms - 1)]


def test_identity_has_no_curve_where_it_is_always_0():
    history = {"total": [0.5], "guidance": [0.5], "similarity": [0.0], "identity": [0.0]}
    assert TITLES["identity"] not in draw_curves(history, {}, 3)


def test_bars_are_as_long_as_the_numbers_and_stay_in_their_frame():
    half, full, beyond, below = widths(draw_bars("x", {"a": 0.5, "b": 1.0, "c": 3.0, "d": -1.0}))
    assert abs(half - full / 2) < 0.2 and beyond == full and below == 0


def test_lines_stand_where_the_bars_were_before():
    root = ElementTree.fromstring(draw_bars("x", {"a": 0.5}, {"a": 0.0}, {"a": 1.0}))
    before, ghost = root.findall(f"{SVG}path")
    assert before.get("stroke-dasharray") is None and ghost.get("stroke-dasharray")


def test_every_drawing_says_what_it_shows():
    sound = draw_spectrogram(torch.randn(16_000), 16_000)
    assert "1.0 s" in ElementTree.fromstring(sound).get("aria-label")
    bars = ElementTree.fromstring(draw_bars("weather", {"rain": 0.2, "<fog>": 0.9}))
    assert bars.get("aria-label") == "weather: largest <fog> 0.90, rain 0.20."
    curves = ElementTree.fromstring(draw_curves({"guidance": [0.9, 0.1]}, {}, 9))
    assert "0.9 to 0.1" in curves.get("aria-label")
