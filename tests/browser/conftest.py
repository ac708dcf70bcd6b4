"""One JupyterLab and one Chromium for all tests of this folder."""

import shutil

import nbformat
import pytest
import soundfile
from lab_page import chromium, running_lab
from pages import PANELS, STUDIO
from places import ROOT

from sgim.media.picture_files import to_pictures
from sgim.world.scenes import SceneGenerator
from sgim.world.sounds import synthesize_sound


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """All lessons, notebooks with the Studio and with other panels, a sound and a photo."""
    folder = tmp_path_factory.mktemp("notebooks")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, folder)
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    for name, codes in {"studio": STUDIO, "panels": PANELS}.items():
        cells = [nbformat.v4.new_code_cell(code) for code in codes]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, folder / f"{name}.ipynb")
    waveform, rate = synthesize_sound("crickets", 0.9, 5.0, 3)
    soundfile.write(folder / "garden.wav", waveform.numpy(), rate)
    painter = SceneGenerator(128)
    (photo,) = to_pictures(painter.synthesis(painter.w_avg[None]))
    photo.save(folder / "photo.png")
    return folder


@pytest.fixture(scope="session")
def browser(folder):
    """A browser whose microphone hears what the sound file holds."""
    with chromium(folder / "garden.wav") as browser:
        yield browser


@pytest.fixture(scope="session")
def lab(browser, folder, tmp_path_factory):
    """The address of a JupyterLab that serves the folder."""
    with running_lab(folder, tmp_path_factory.mktemp("lab")) as address:
        yield address
