"""Curves as SVG, before there is much to draw."""

from xml.etree import ElementTree

from sgim.notebook.inline_media import draw_curves


def test_curves_are_drawn_from_the_first_step_on():
    for steps in range(4):
        history = {"guidance": [0.9] * steps, "similarity": [0.0] * steps}
        root = ElementTree.fromstring(draw_curves(history, num_steps=max(1, steps)))
        lines = root.findall("{http://www.w3.org/2000/svg}polyline")
        assert [len(line.get("points").split()) for line in lines] == [steps, steps]
