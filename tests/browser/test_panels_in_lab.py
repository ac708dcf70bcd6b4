"""The panels of the lessons in a real JupyterLab: by mouse and by keyboard."""

import re

import pytest
from lab_page import LabPage, in_lab


@pytest.fixture(scope="module")
def page(lab, browser):
    page = LabPage(browser, in_lab(lab, "panels.ipynb"))
    page.run_all()
    yield page
    page.screenshots("panels")
    assert page.wrong_outputs() == []
    assert page.complaints == []
    page.close()


@pytest.fixture(scope="module")
def tab(page):
    return page.tab


def test_every_control_and_picture_has_a_name_for_a_screen_reader(page):
    assert page.unnamed_controls() == []


def test_the_tab_key_walks_through_a_panel(page, tab):
    walked = " ".join(page.walk(tab.get_by_role("group", name="Map of the embedding")))
    assert "Map of the embedding" in walked and "point" in walked
    walked = " ".join(page.walk(tab.get_by_role("spinbutton", name="left scene")))
    assert "right scene" in walked and "light" in walked and "animals" in walked


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


def test_a_slider_of_the_explorer_draws_another_spectrogram(tab):
    tab.get_by_text("A frame lasts 32 ms").wait_for()
    tab.get_by_role("slider", name="n_fft").press("ArrowRight")
    tab.get_by_text("A frame lasts 64 ms").wait_for()


def test_a_prompt_moves_the_picture(tab):
    tab.get_by_role("textbox", name="text", exact=True).fill("thick fog")
    tab.get_by_role("button", name=re.compile(r"\bRun$")).click()
    tab.get_by_text(re.compile("right its edit: .* rose")).wait_for()


def test_a_quiz_is_answered_by_keyboard(tab):
    tab.get_by_role("radio").first.press("Space")
    tab.get_by_role("button", name=re.compile(r"\bCheck$")).press("Enter")
    tab.locator(".sgim-reply").wait_for()


def test_a_rater_chooses_by_keyboard(tab):
    tab.get_by_role("button", name="I have read this and take part").press("Enter")
    tab.get_by_text("Question 1 of 4").wait_for()
    tab.get_by_label("or type").press("1")
    tab.get_by_text("Question 2 of 4").wait_for()
