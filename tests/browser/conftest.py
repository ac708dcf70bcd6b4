"""One JupyterLab and one Chromium for all tests of this folder."""

import shutil

import nbformat
import pytest
import soundfile
from lab_page import chromium, running_lab
from places import ROOT

from sgim.media.picture_files import to_pictures
from sgim.world.scenes import SceneGenerator
from sgim.world.sounds import synthesize_sound

STUDIO = """\
import sgim
from sgim.notebook import Studio

studio = Studio(sgim.load_bundle("mini", device="cpu"), scene_seed=1)
studio"""
PANELS = """\
import torch
import torch.nn.functional as F
from sgim.notebook import CosineTable, EmbeddingMap, LayerMixer
from sgim.world import SceneGenerator, synthesize_sound

features = F.normalize(torch.randn(12, 8, generator=torch.Generator().manual_seed(0)), dim=1)
kinds = {"pictures": features[:4], "captions": features[4:8], "sounds": features[8:]}
painter = SceneGenerator(64)
things = {
    "pictures": lambda index: painter.synthesis(painter.w_avg[None])[0],
    "captions": lambda index: f"caption number {index}",
    "sounds": lambda index: synthesize_sound("rain", 0.5, 1.0, index),
}
groups = {kind: ["rain", "fog", "rain", "fire"] for kind in kinds}
display(EmbeddingMap(kinds, torch.eye(8)[:2], groups=groups, things=things))
names = [f"clip {row}" for row in range(4)]
captions = [things["captions"](column) for column in range(4)]
table = CosineTable(
    features[8:], features[4:8], rows=names, columns=captions, things=things["sounds"]
)
display(table)
LayerMixer(painter, seeds=(3, 1))"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """All lessons, notebooks with the Studio and with other panels, a sound and a photo."""
    folder = tmp_path_factory.mktemp("notebooks")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, folder)
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    for name, code in {"studio": STUDIO, "panels": PANELS}.items():
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(code)], metadata={"kernelspec": kernel}
        )
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
