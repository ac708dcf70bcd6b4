"""Live mode in a real JupyterLab: the microphone moves the picture, and the kernel answers."""

import time

import pytest
from lab_page import SCREENSHOTS, LabPage, in_lab
from studio_driver import Driver

BUSY_MACHINE = 10.0
"""Seconds for what takes one on a machine at rest."""

NO_MICROPHONE = """() => {
  navigator.mediaDevices.getUserMedia = async () => {
    throw new DOMException("there is none", "NotFoundError");
  };
}"""


@pytest.fixture(scope="module")
def studio(lab, browser):
    page = LabPage(browser, in_lab(lab, "studio.ipynb"))
    page.run_all()
    page.tab.wait_for_selector(".sgim-studio")
    yield Driver(page)
    assert page.wrong_outputs() == []
    assert page.complaints == []
    page.close()


def live_button(studio, name):
    return studio.panel.locator(".sgim-recorder").get_by_role("button", name=name, exact=True)


def test_the_picture_follows_the_microphone(studio):
    live_button(studio, "● live").click()
    studio.panel.get_by_text("Live: Sounds like").filter(has_text="crickets").wait_for()
    pictures = {studio.picture()}
    while len(pictures) < 8:
        studio.tab.wait_for_timeout(100)
        pictures.add(studio.picture())
    studio.tab.screenshot(path=SCREENSHOTS / "studio_live.png", full_page=True)


def test_a_cell_runs_while_the_picture_follows(studio):
    tab = studio.tab
    tab.locator(".jp-CodeCell .jp-InputPrompt").first.click()
    for key in ("Escape", "b", "Enter"):
        tab.keyboard.press(key)
    tab.keyboard.type("print(6 * 7, 'is told')")
    started = time.perf_counter()
    tab.keyboard.press("Shift+Enter")
    tab.locator(".jp-OutputArea-output", has_text="42 is told").wait_for()
    assert time.perf_counter() - started < BUSY_MACHINE
    studio.panel.get_by_text("Live: Sounds like").wait_for()


def test_stop_ends_it_within_a_second(studio):
    started = time.perf_counter()
    studio.press("Stop")
    studio.wait_until_it_says("Live mode has ended")
    assert time.perf_counter() - started < BUSY_MACHINE
    live_button(studio, "● live").wait_for()
    assert live_button(studio, "● record").is_enabled()


def test_it_can_be_ended_beside_the_microphone_too(studio):
    live_button(studio, "● live").click()
    studio.panel.get_by_text("Live: Sounds like").wait_for()
    live_button(studio, "■ stop live").click()
    studio.wait_until_it_says("Live mode has ended")
    live_button(studio, "● live").wait_for()


def test_without_a_microphone_one_sentence_tells_what_to_do(studio):
    studio.tab.evaluate(NO_MICROPHONE)
    live_button(studio, "● live").click()
    studio.panel.locator(".sgim-recorder").get_by_text("upload a sound file instead").wait_for()
    assert live_button(studio, "● live").is_enabled()
    assert studio.panel.get_by_text("Live mode has ended").count() == 1
