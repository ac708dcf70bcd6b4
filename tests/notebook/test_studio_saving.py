"""What the Studio saves makes the same picture again: by code, and by `sgim edit --settings`."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageChops
from test_studio_inputs import upload, wav

import sgim
from sgim.checks import SgimError
from sgim.commands.cli import main
from sgim.notebook.downloads import ALL
from sgim.notebook.studio import Studio
from sgim.notebook.studio_origin import nearest_to


@pytest.fixture
def studio(mini, tmp_path):
    studio = Studio(mini)
    studio.folder.value = str(tmp_path / "studio")
    return studio


def executed(code, mini, monkeypatch):
    monkeypatch.setattr(sgim, "load_bundle", lambda name: {"mini": mini}[name])
    names = {}
    exec(code, names)
    return names["result"]


def differ_by_at_most(one, other, levels=2):
    difference = ImageChops.difference(Image.open(one).convert("RGB"), Image.open(other))
    return max(high for _, high in difference.getextrema()) <= levels


def test_code_makes_the_same_picture(studio, mini, monkeypatch):
    made = studio.edit(sound="fire", text="thick fog", mix=0.7, num_steps=4, strength=1.5, seed=3)
    result = executed(studio.code(), mini, monkeypatch)
    assert not Path(studio.folder.value).exists()
    assert torch.allclose(result.images, made.images, atol=1e-3)
    assert not torch.allclose(made.images, made.source_images, atol=1e-2)


def test_code_of_an_uploaded_sound_on_a_photo_s_scene_reads_the_files_beside_it(
    studio, mini, monkeypatch
):
    upload(studio.sounds.upload, "kettle.wav", wav(1.0))
    found = sgim.project(mini, torch.zeros(1, 3, 64, 64), config={"num_steps": 2, "num_starts": 8})
    studio.scene.keep(nearest_to(mini, "hill.png", found))
    made = studio.edit(num_steps=3, layers=(4, 5, 6), mask=False, pursuit=False)
    code = studio.code()
    assert "sound_kettle.wav" in code and "scene_hill.npz" in code
    result = executed(code, mini, monkeypatch)
    assert torch.allclose(result.images, made.images, atol=1e-3)


def test_code_of_a_stopped_edit_stops_at_the_same_step(studio, mini, monkeypatch):
    followed = studio._show_step

    def follow(step, *others):
        followed(step, *others)
        if step.index == 2:
            studio.stop.click()

    monkeypatch.setattr(studio, "_show_step", follow)
    made = studio.edit(num_steps=20)
    assert made.stopped_early
    result = executed(studio.code(), mini, monkeypatch)
    assert len(result.history["total"]) == len(made.history["total"])
    assert torch.allclose(result.images, made.images, atol=1e-3)


def test_saved_settings_make_the_same_picture_with_sgim_edit(
    studio, loaded, tmp_path, monkeypatch, capsys
):
    studio.edit(sound="rain", text="heavy snow", mix=0.25, num_steps=4, strength=0.8, seed=2)
    studio.keep.click()
    studio.wait(60)
    folder = tmp_path / "studio"
    names = {"edit.png", "edit.gif", "settings.json", "edit.py", "sound_rain.wav"}
    assert {path.name for path in folder.iterdir()} == names
    assert all(name in studio.status.value for name in names)
    assert json.loads((folder / "settings.json").read_text())["mix"] == 0.75
    moved = shutil.move(folder, tmp_path / "elsewhere")
    arguments = ["edit", "--settings", f"{moved}/settings.json", "--out", f"{tmp_path}/again.png"]
    assert main([*arguments, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["seed"], answer["text"], answer["steps"]) == (2, "heavy snow", 4)
    assert differ_by_at_most(f"{moved}/edit.png", tmp_path / "again.png")
    with Image.open(f"{moved}/edit.gif") as animation:
        assert animation.n_frames == 3


def test_saved_files_are_offered_for_download_until_another_run(studio):
    studio.edit(num_steps=1)
    studio.keep.click()
    studio.wait(60)
    folder, offered = Path(studio.folder.value), dict(studio.downloads.files)
    assert {"edit.png", "edit.gif", "settings.json", "edit.py", ALL} <= set(offered)
    with zipfile.ZipFile(io.BytesIO(offered.pop(ALL))) as archive:
        assert set(archive.namelist()) == set(offered)
    assert all((folder / name).read_bytes() == content for name, content in offered.items())
    studio.edit(num_steps=1)
    assert studio.downloads.files == {}


def test_copied_code_goes_with_the_picture_that_it_makes(studio):
    studio.edit(num_steps=1)
    studio.copy.click()
    assert "strength" not in studio.code_text.value
    assert studio.code_text.value and studio.code_text.layout.display is None
    studio.strength.value = 0.5
    studio.wait(60)
    assert not studio.code_text.value and studio.code_text.layout.display == "none"
    studio.copy.click()
    assert studio.code_text.value
    studio.scene.seed.value += 1
    assert not studio.code_text.value and studio.code_text.layout.display == "none"


def test_there_is_nothing_to_keep_before_the_first_edit(studio):
    with pytest.raises(SgimError, match="press Run first"):
        studio.save()
    for button in (studio.keep, studio.copy):
        button.click()
        assert "press Run first" in studio.status.value


def test_a_folder_that_cannot_be_made_is_told(studio, tmp_path):
    studio.edit(num_steps=1)
    (tmp_path / "file").write_text("")
    studio.folder.value = str(tmp_path / "file")
    studio.keep.click()
    studio.wait(60)
    assert "cannot be made" in studio.status.value and not studio.keep.disabled
