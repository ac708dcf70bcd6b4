"""The Studio in a real JupyterLab: sliders, Run, Stop, uploads, microphone, files, code."""

import runpy

import nbformat
import numpy as np
import pytest
import soundfile
from lab_page import SCREENSHOTS, LabPage, chromium, running_lab
from PIL import Image

from sgim.media.picture_files import to_pictures
from sgim.world.scenes import SceneGenerator
from sgim.world.sounds import synthesize_sound

CELL = """\
import sgim
from sgim.notebook import Studio

studio = Studio(sgim.load_bundle("mini", device="cpu"), scene_seed=1)
studio"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A notebook with the Studio alone, a sound and a photo."""
    folder = tmp_path_factory.mktemp("studio")
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(CELL)], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, folder / "studio.ipynb")
    waveform, rate = synthesize_sound("crickets", 0.9, 5.0, 3)
    soundfile.write(folder / "garden.wav", waveform.numpy(), rate)
    painter = SceneGenerator(128)
    (photo,) = to_pictures(painter.synthesis(painter.w_avg[None]))
    photo.save(folder / "photo.png")
    return folder


@pytest.fixture(scope="module")
def studio(folder, tmp_path_factory):
    scratch = tmp_path_factory.mktemp("lab")
    with running_lab(folder, scratch) as address, chromium(folder / "garden.wav") as browser:
        page = LabPage(browser, address, "studio.ipynb")
        page.run_all()
        page.tab.wait_for_selector(".sgim-studio", timeout=120_000)
        yield Driver(page)
        page.tab.screenshot(path=SCREENSHOTS / "studio_last.png")
        assert page.wrong_outputs() == [] and page.console_errors == []


class Driver:
    """The Studio as a person uses it."""

    def __init__(self, page: LabPage):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.tab = page.tab
        self.panel = page.tab.locator(".sgim-studio")

    def press(self, name: str) -> None:
        self.panel.get_by_role("button", name=name, exact=True).click()

    def wait_until_it_says(self, words: str, seconds: float = 120) -> str:
        status = self.panel.locator('[role="status"]', has_text=words).first
        status.wait_for(timeout=1000 * seconds)
        return status.text_content()

    def choose_steps(self, number: int) -> None:
        row = self.panel.locator(".widget-hslider", has_text="steps").last
        readout = row.locator(".widget-readout")
        readout.fill(str(number))
        readout.press("Enter")


def test_a_run_ends_and_its_saved_code_makes_the_same_picture(studio, folder, monkeypatch):
    studio.choose_steps(12)
    studio.press("Run")
    told = studio.wait_until_it_says("Done after 12 of 12 steps")
    assert "cosine distance" in told
    studio.tab.screenshot(path=SCREENSHOTS / "studio_run.png", full_page=True)
    studio.press("Save")
    studio.wait_until_it_says("In the folder")
    saved = folder / "studio"
    before = np.asarray(Image.open(saved / "edit.png").convert("RGB"), dtype=int)
    assert {"edit.png", "edit.gif", "settings.json", "edit.py"} <= {p.name for p in saved.iterdir()}
    monkeypatch.chdir(folder)
    images = runpy.run_path(str(saved / "edit.py"))["result"].images
    (again,) = to_pictures(images)
    edited = before[-again.height :, -again.width :]
    assert np.abs(np.asarray(again, dtype=int) - edited).mean() < 0.5


def test_copy_as_code_shows_a_call_of_manipulate(studio):
    studio.press("Copy as code")
    code = studio.panel.locator("textarea").input_value()
    assert "sgim.manipulate(" in code
    compile(code, "copied", "exec")


def test_stop_ends_a_long_run_and_keeps_what_there_is(studio):
    studio.choose_steps(200)
    studio.press("Run")
    studio.wait_until_it_says("Step ")
    studio.press("Stop")
    assert "of 200 steps" in studio.wait_until_it_says("Stopped after", seconds=30)
    studio.choose_steps(12)


def test_an_uploaded_sound_is_chosen_and_heard(studio, folder):
    studio.panel.locator('input[type="file"]').first.set_input_files(folder / "garden.wav")
    studio.panel.get_by_text("Sounds like").wait_for(timeout=60_000)
    chosen = studio.panel.locator("select").first
    assert chosen.evaluate("one => one.options[one.selectedIndex].text") == "garden.wav"
    assert "crickets" in studio.panel.get_by_text("Sounds like").text_content()


def test_the_microphone_becomes_a_sound_in_the_list(studio):
    record = studio.panel.locator(".sgim-recorder button")
    record.click()
    studio.tab.wait_for_timeout(3000)
    record.click()
    studio.tab.wait_for_function(
        "() => [...document.querySelectorAll('.sgim-studio select')][0].selectedOptions[0]"
        ".textContent.startsWith('recording ')",
        timeout=60_000,
    )


def test_an_uploaded_photo_becomes_the_scene(studio, folder):
    studio.panel.locator('input[type="file"]').nth(1).set_input_files(folder / "photo.png")
    studio.wait_until_it_says("dB", seconds=300)
    studio.tab.screenshot(path=SCREENSHOTS / "studio_photo.png", full_page=True)


def test_a_word_that_is_not_known_is_refused_in_one_sentence(studio):
    field = studio.panel.get_by_label("text", exact=True)
    field.fill("xylophone quartz")
    studio.press("Run")
    studio.wait_until_it_says("none of its words is known")
    field.fill("")
