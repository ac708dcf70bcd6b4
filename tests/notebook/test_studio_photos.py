"""A photo in the Studio: weather is painted over it, in one pass, and the sliders answer."""

import io
import json
import threading

import numpy as np
import pytest
import torch
from PIL import Image
from test_studio_inputs import upload
from test_studio_saving import differ_by_at_most, executed

from sgim.commands.cli import main
from sgim.notebook.studio import Studio
from sgim.notebook.studio_scene import BY_NUMBER, ITSELF, NEAREST
from sgim.notebook.studio_sound import NO_SOUND


@pytest.fixture
def studio(mini, tmp_path):
    studio = Studio(mini)
    studio.folder.value = str(tmp_path / "studio")
    yield studio
    studio.close()
    studio.wait(60)


def landscape(width=96, height=64):
    """A bright sky above a green and a brown field."""
    levels = np.zeros((height, width, 3), np.uint8)
    levels[:] = (120, 95, 60)
    levels[: height // 2] = (150, 185, 235)
    levels[height // 2 : 3 * height // 4] = (70, 120, 60)
    return Image.fromarray(levels)


def saved(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def with_photo(studio, name="holiday.png", content=None):
    upload(studio.scene.upload, name, content or saved(landscape()))
    studio.wait(60)
    return studio


def shown(studio):
    return Image.open(io.BytesIO(studio.view.wipe.after))


def test_a_photo_is_edited_itself_at_once_in_one_pass(studio):
    with_photo(studio)
    assert studio.scene.kind.value == "holiday.png" and studio.scene.seed.disabled
    assert studio.sliders.num_steps.value == 0
    assert "over the photo itself" in studio.scene.told.value
    assert "Done in one pass" in studio.status.value
    source = np.asarray(Image.open(io.BytesIO(studio.view.wipe.before)).convert("RGB"), float)
    photo = np.asarray(landscape().resize(source.shape[1::-1]), float)
    assert abs(source - photo).mean() < 4
    weathers = studio.view.true_weathers(studio.result.ws)
    assert max(weathers, key=weathers.get) == "rain" and weathers["rain"] > 0.2
    assert {"waves", "stream"}.isdisjoint(weathers)
    assert shown(studio).size[0] / shown(studio).size[1] == 1.5
    assert studio.view.wipe.after != studio.view.wipe.before


def test_the_nearest_painted_scene_stays_a_choice(studio, monkeypatch):
    from sgim.notebook import studio_scene

    quick, few = studio_scene.project, {"num_steps": 2, "num_starts": 8}
    monkeypatch.setattr(
        studio_scene, "project", lambda *given, **others: quick(*given, config=few, **others)
    )
    assert studio.scene.way.options == (ITSELF, NEAREST)
    studio.scene.way.value = NEAREST
    with_photo(studio)
    assert studio.scene.kind.value == "nearest to holiday.png"
    assert " dB from the photo" in studio.scene.told.value
    assert studio.order().origin.bundle is studio._bundle
    studio.scene.way.value = ITSELF
    with_photo(studio)
    assert studio.scene.kind.options == (BY_NUMBER, "nearest to holiday.png", "holiday.png")


def test_the_way_of_one_pass_is_a_line_from_the_photo(studio):
    with_photo(studio)
    assert studio.step.value == studio.step.max == 12
    end = studio.view.wipe.after
    studio.step.value = 0
    studio.wait(60)
    assert studio.view.wipe.after == studio.view.wipe.before
    studio.step.value = 12
    studio.wait(60)
    assert studio.view.wipe.after == end


def test_steps_take_the_photo_further_with_curves(studio):
    with_photo(studio)
    assert studio.view.curves.value == ""
    studio.edit(num_steps=2)
    assert "Done after 2 of 2 steps" in studio.status.value and studio.view.curves.value
    assert studio.view.wipe.ghost


def test_copied_code_and_saved_settings_make_the_photo_s_edit_again(
    studio, mini, loaded, tmp_path, monkeypatch, capsys
):
    with_photo(studio)
    made = studio.edit(text="thick fog", mix=0.7, strength=1.2)
    studio.keep.click()
    studio.wait(120)
    folder = tmp_path / "studio"
    names = {"edit.png", "edit.gif", "settings.json", "edit.py", "sound_rain.wav"}
    assert {path.name for path in folder.iterdir()} == names | {"photo_holiday.png"}
    result = executed(studio.code(), mini, monkeypatch)
    assert torch.allclose(result.images, made.images, atol=1e-3)
    settings = json.loads((folder / "settings.json").read_text())
    assert (settings["image"], settings["project"]) == ("photo_holiday.png", False)
    arguments = ["edit", "--settings", f"{folder}/settings.json", "--out", f"{tmp_path}/again.png"]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["steps"] == 0
    assert differ_by_at_most(folder / "edit.png", tmp_path / "again.png")
    with Image.open(folder / "edit.png") as picture:
        assert picture.size == (96, 64)
        assert "photo edited by sound or words with sgim: rain + thick fog" in picture.text.get(
            "Description"
        )
    with Image.open(folder / "edit.gif") as animation:
        assert animation.n_frames == 7


def test_sounds_of_water_on_a_photo_without_water_are_told_in_one_sentence(studio):
    with_photo(studio)
    for choices in ({"sound": "waves"}, {"sound": NO_SOUND, "text": "waves"}):
        studio.edit(**choices)
        assert "waves, and no water was found in the photo" in studio.status.value
    studio.edit(text="thick fog")
    assert "no water" not in studio.status.value


def test_at_no_steps_a_painted_scene_answers_the_sliders_too(studio):
    studio.sliders.num_steps.value = 0
    studio.wait(60)
    rain = studio.view.wipe.after
    assert "Done in one pass" in studio.status.value and not studio.strength.disabled
    studio.sounds.text.value = "heavy snow"
    studio.sounds.mix.value = 0.0
    studio.wait(60)
    snow = studio.view.wipe.after
    assert snow != rain
    weathers = studio.view.true_weathers(studio.result.ws)
    assert max(weathers, key=weathers.get) == "snow"
    studio.strength.value = 0
    studio.wait(60)
    assert studio.view.wipe.after == studio.view.wipe.before


def test_of_many_moves_only_the_latest_counts_and_none_waits(studio, monkeypatch):
    studio.sliders.num_steps.value = 0
    studio.sounds.text.value = "heavy snow"
    studio.wait(60)
    begun, gate, passes, work = threading.Event(), threading.Event(), [], studio._edit

    def edit(job, order):
        passes.append(order.mix)
        begun.set()
        assert gate.wait(60)
        work(job, order)

    monkeypatch.setattr(studio, "_edit", edit)
    moves = [number / 20 for number in range(9, -1, -1)]
    for mix in moves:
        studio.sounds.mix.value = mix
        assert begun.wait(60)
    gate.set()
    studio.wait(60)
    assert passes == [moves[0], moves[-1]]
    assert studio.made.order.mix == moves[-1]


def test_another_scene_number_is_edited_at_once(studio):
    studio.sliders.num_steps.value = 0
    studio.wait(60)
    studio.scene.seed.value = 5
    studio.wait(60)
    assert studio.made.order.origin.seed == 5 and studio.view.wipe.after


def test_a_late_pass_of_another_scene_is_not_shown(studio):
    studio.sliders.num_steps.value = 0
    studio.wait(60)
    old = studio.made
    studio.scene.seed.value = 5
    studio.wait(60)
    new = studio.view.wipe.after
    studio._finish(old, (old.result.images, old.result.ws), "")
    assert studio.made is not old and studio.view.wipe.after == new


def test_reset_goes_back_to_the_scene_and_its_steps(studio):
    with_photo(studio)
    studio.reset.click()
    studio.wait(60)
    assert studio.sliders.num_steps.value == 25 and studio.made is None
    assert not studio.view.wipe.after


def animation():
    frames = [landscape(), landscape().rotate(180)]
    return saved(frames[0], "GIF", save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cmyk.jpg", saved(landscape().convert("CMYK"), "JPEG")),
        ("moving.gif", animation()),
        ("black.png", saved(Image.new("RGB", (80, 60)))),
        ("panorama.png", saved(landscape(512, 64))),
        ("large.jpg", saved(landscape(4000, 3000), "JPEG")),
        ("clear.png", saved(Image.new("RGBA", (64, 64), (0, 0, 0, 0)))),
    ],
)
def test_an_odd_photo_gives_a_picture(studio, name, content):
    with_photo(studio, name, content)
    assert studio.scene.kind.value == name and "Done in one pass" in studio.status.value
    assert shown(studio).size[0] > 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("words.png", b"only words", "is no picture"),
        ("line.png", saved(landscape(1200, 64)), "times the other at most"),
        ("tiny.png", saved(landscape(8, 8)), "at least 16 on each side"),
    ],
)
def test_what_cannot_be_a_land_is_told_in_one_sentence(studio, name, content, words):
    with_photo(studio, name, content)
    assert words in studio.status.value and studio.scene.kind.options == (BY_NUMBER,)
    assert not studio.run.disabled and studio.sliders.num_steps.value == 25
