"""The Studio in a real JupyterLab: sliders, Run, Stop, uploads, microphone, files, code."""

import re

import numpy as np
import pytest
from lab_page import LONGEST_RUN, SCREENSHOTS, LabPage, in_lab
from PIL import Image
from studio_driver import Driver

from sgim.media.picture_files import sheet, to_pictures


@pytest.fixture(scope="module")
def studio(lab, browser):
    page = LabPage(browser, in_lab(lab, "studio.ipynb"))
    page.run_all()
    page.tab.wait_for_selector(".sgim-studio")
    yield Driver(page)
    page.screenshots("studio")
    assert page.wrong_outputs() == []
    assert page.complaints == []
    page.close()


def test_an_edit_is_made_with_moved_sliders_and_scrubbed(studio):
    assert studio.move("λ_sim", "ArrowLeft") == "0.01"
    studio.set_number("steps", 12)
    studio.press("Run")
    assert "cosine distance" in studio.wait_until_it_says("Done after 12 of 12 steps")
    studio.tab.screenshot(path=SCREENSHOTS / "studio_run.png", full_page=True)
    last = studio.picture()
    assert studio.move("step", "Home") == "0"
    studio.tab.wait_for_function(
        "was => document.querySelectorAll('.sgim-frame img')[1].src !== was", arg=last
    )
    studio.move("step", "End")


def test_it_is_saved_and_its_copied_code_makes_the_same_picture(studio, folder):
    studio.press("Save")
    studio.wait_until_it_says("In the folder")
    saved = folder / "studio"
    with studio.tab.expect_download() as download:
        studio.panel.get_by_role("link", name="edit.png").press("Enter")
    assert download.value.path().read_bytes() == (saved / "edit.png").read_bytes()
    assert {"edit.png", "edit.gif", "settings.json", "edit.py"} <= {p.name for p in saved.iterdir()}
    studio.press("Copy as code")
    code = studio.panel.get_by_label("code", exact=True)
    studio.tab.wait_for_function("one => one.value", arg=code.element_handle())
    made = {}
    exec(compile(code.input_value(), "copied", "exec"), made)
    assert made["result"].config.similarity_weight == 0.01
    pictures = to_pictures(made["result"].source_images) + to_pictures(made["result"].images)
    before = np.asarray(Image.open(saved / "edit.png").convert("RGB"), dtype=int)
    again = np.asarray(sheet([pictures]), dtype=int)
    assert np.abs(again - before).mean() < 0.5


def test_every_control_has_a_name_for_a_screen_reader(studio):
    sliders = studio.panel.get_by_role("slider")
    names = sliders.evaluate_all("all => all.map((one) => one.getAttribute('aria-label'))")
    assert {"λ_sim", "steps", "strength", "text ↔ sound"} < set(names) and all(names)
    told = studio.move("λ_sim", "ArrowRight")
    told_too = f'[aria-label="λ_sim"][aria-valuetext="{told}"]'
    studio.panel.locator(f".noUi-handle{told_too}").wait_for()
    assert studio.page.unnamed_controls() == []


def test_the_tab_key_walks_through_all_controls(studio):
    stops = studio.page.walk(studio.panel.get_by_label("sound", exact=True))
    walked = dict.fromkeys(re.sub(r"^\W+", "", stop).strip() for stop in stops)
    controls = ["its intensity", "record", "text", "scene", "its number", "λ_sim", "steps"]
    controls += ["layers", "pursuit", "Run", "Reset", "strength", "step", "Save", "Copy as code"]
    assert [stop for stop in walked if stop in controls] == controls


def test_stop_ends_a_long_run_and_keeps_what_there_is(studio):
    studio.set_number("steps", 200)
    studio.press("Run")
    studio.wait_until_it_says("Step ")
    studio.press("Stop")
    assert "of 200 steps" in studio.wait_until_it_says("Stopped after")
    studio.set_number("steps", 12)


def test_an_uploaded_sound_is_chosen_and_heard(studio, folder):
    studio.upload("upload a sound", folder / "garden.wav")
    heard = studio.panel.get_by_text("Heard: ").filter(has_text="crickets")
    heard.wait_for()
    assert studio.chosen("sound") == "garden.wav"


def test_the_microphone_becomes_a_sound_in_the_list(studio):
    record = studio.panel.locator(".sgim-recorder")
    record.get_by_role("button", name="record").click()
    studio.tab.wait_for_timeout(3000)
    record.get_by_role("button", name="stop recording").click()
    record.get_by_text("s recorded").wait_for()
    studio.tab.wait_for_function(
        "one => one.selectedOptions[0].text.startsWith('recording')",
        arg=studio.panel.get_by_label("sound", exact=True).element_handle(),
    )
    assert studio.chosen("sound") == "recording 1"
    studio.panel.get_by_text("Heard: ").filter(has_text="crickets").wait_for()


def test_an_uploaded_photo_is_edited_itself_and_answers_the_sliders(studio, folder):
    studio.upload("upload a photo", folder / "photo.png")
    studio.panel.get_by_text("over the photo itself").wait_for(timeout=LONGEST_RUN)
    studio.wait_until_it_says("Done in one pass")
    assert studio.chosen("scene") == "photo.png"
    studio.tab.screenshot(path=SCREENSHOTS / "studio_photo.png", full_page=True)
    last = studio.picture()
    studio.move("strength", "Home")
    studio.tab.wait_for_function(
        "was => document.querySelectorAll('.sgim-frame img')[1].src !== was", arg=last
    )


def test_the_nearest_painted_scene_stays_a_choice(studio, folder):
    studio.panel.get_by_label("of a photo, edit").select_option("the nearest painted scene")
    studio.upload("upload a photo", folder / "photo.png")
    studio.wait_until_it_says("Looking for photo.png, step")
    studio.press("Stop")
    studio.panel.get_by_text("dB from the photo").wait_for()
    assert studio.chosen("scene") == "nearest to photo.png"


def test_a_word_that_is_not_known_is_refused_in_one_sentence(studio):
    field = studio.panel.get_by_label("text", exact=True)
    field.fill("xylophone quartz")
    field.press("Enter")
    studio.press("Run")
    studio.wait_until_it_says("none of its words is known")
    field.fill("")
