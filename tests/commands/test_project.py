"""The command that finds the latents of photos."""

import dataclasses
import json

import numpy as np
import pytest
from command_line import run
from generator_files import small_generator
from PIL import Image

from sgim.editing.latents import as_ws
from sgim.media.picture_files import to_pictures
from sgim.seeds import ws_from_seeds


@pytest.fixture
def photos(tmp_path, loaded, mini, monkeypatch):
    """near.png, which the generator has drawn, far.png, and cut.png, which is none."""
    generator = small_generator()
    loaded.bundle = dataclasses.replace(mini, generator=generator)
    monkeypatch.chdir(tmp_path)
    (near,) = to_pictures(generator.synthesis(ws_from_seeds(generator, [1])))
    near.save("near.png")
    Image.linear_gradient("L").resize((40, 30)).save("far.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "near.png").read_bytes()[:60])


def project(capsys, *arguments):
    code, lines, complaints = run(capsys, "project", *arguments, "--json", "--steps", 15)
    return code, [json.loads(line) for line in lines], complaints


def test_projections_stand_beside_their_photos_and_bad_ones_are_told(capsys, photos, loaded):
    files = ("near.png", "cut.png", "far.png")
    code, answers, (complaint,) = project(capsys, *files, "--save-latents", "found.npz")
    assert code == 2 and "cut.png is no picture" in complaint
    assert [answer["file"] for answer in answers] == ["near.png", "far.png"]
    near, far = (answer["psnr"] for answer in answers)
    assert near > far > 3
    assert all(answer["steps"] == 30 and answer["seconds"] > 0 for answer in answers)
    near_ws = as_ws("found.npz", loaded.bundle.generator)[:1]
    (again,) = to_pictures(loaded.bundle.generator.synthesis(near_ws))
    with Image.open("project.png") as sheet, Image.open("near.png") as photo:
        side = (sheet.height - 6) // 2
        left = sheet.crop((0, 0, side, side)).resize(photo.size)
        assert np.abs(np.asarray(left, float) - np.asarray(photo, float)).mean() < 8
        right = sheet.crop((side + 6, 0, 2 * side + 6, side)).resize(photo.size)
        assert np.abs(np.asarray(right, float) - np.asarray(again, float)).mean() < 8


def test_a_projection_is_told_in_words(capsys, photos):
    code, (line,), _ = run(capsys, "project", "near.png", "--steps", 1, "--out", "found.png")
    assert code == 0 and line.startswith("near.png: ") and "dB from photo to projection" in line
    assert "found.png (2 steps, " in line


def test_bundle_generator_and_device_are_those_asked_for(capsys, photos, loaded, tmp_path):
    assert project(capsys, "near.png", "--bundle", "paper", "--device", "cpu")[0] == 0
    assert loaded == [("paper", "cpu")]
    code, _, (complaint,) = project(capsys, "near.png", "--generator", "none.pt")
    assert code == 2 and "none.pt is missing" in complaint


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cut.png",), "none of the photos can be used"),
        (("near.png", "--steps", 0), "num_steps is 0"),
        (("near.png", "--out", "found.jpg"), "found.jpg must end in .png"),
    ],
)
def test_what_cannot_be_projected_writes_nothing(capsys, photos, tmp_path, arguments, words):
    before = set(tmp_path.iterdir())
    code, lines, complaints = run(capsys, "project", *arguments)
    assert code == 2 and lines == [] and words in complaints[-1]
    assert set(tmp_path.iterdir()) == before
