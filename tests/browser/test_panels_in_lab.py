"""The map, the table and the mixer in a real JupyterLab: by mouse and by keyboard."""

import pytest
from lab_page import LabPage


@pytest.fixture(scope="module")
def tab(lab, browser):
    page = LabPage(browser, lab, "panels.ipynb")
    page.run_all()
    yield page.tab
    page.screenshots("panels")
    assert page.wrong_outputs() == []
    assert page.complaints == []
    page.close()


def test_a_click_on_a_point_shows_what_lies_there_and_arrows_walk_on(tab):
    drawing = tab.get_by_role("group", name="Map of the embedding")
    drawing.locator('[data-i="5"]').click()
    tab.get_by_text("captions 1, fog. Nearest by cosine").wait_for()
    tab.get_by_text("caption number 1", exact=True).wait_for()
    assert drawing.locator(".sgim-marked").count() == 3
    chosen = drawing.locator(".sgim-chosen")
    assert chosen.get_attribute("data-i") == "5"
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp"):
        drawing.press(key)
    tab.wait_for_function("() => document.querySelector('.sgim-chosen').dataset.i !== '5'")


def test_a_click_on_a_cell_tells_it_and_plays_its_row(tab):
    table = tab.get_by_role("group", name="Table of cosines")
    table.locator('[data-i="6"]').click()
    tab.get_by_text("clip 1, with “caption number 2”").wait_for()
    table.press("ArrowRight")
    tab.get_by_text("clip 1, with “caption number 3”").wait_for()


def test_a_slider_of_the_mixer_shows_another_mixture(tab):
    tab.get_by_role("slider", name="light", exact=True).press("End")
    tab.get_by_text("from the right: light", exact=True).wait_for()
    assert tab.get_by_role("img", name="A scene, from the right: light.").count() == 1
