"""The command that edits pictures: what it writes, answers and refuses."""

import dataclasses
import json

import numpy as np
import pytest
import soundfile
from command_line import run
from PIL import Image

from sgim import bundle
from sgim.commands import edit_run
from sgim.editing import project_config
from sgim.editing.project_config import ProjectConfig
from sgim.models.audio_encoder import Certainty
from sgim.world.names import WEATHER_NAMES
from sgim.world.sounds import synthesize_sound

pytestmark = pytest.mark.usefixtures("loaded")


def test_edit_writes_source_beside_edit_and_reads_the_scene_back(capsys, sounds, tmp_path):
    out = tmp_path / "fire.png"
    arguments = ("edit", sounds / "fire.wav", "--seed", 3, "--steps", 4, "--out", out, "--json")
    code, (line,), complaints = run(capsys, *arguments)
    answer = json.loads(line)
    assert code == 0 and complaints == []
    assert answer["files"] == [str(sounds / "fire.wav")] and answer["out"] == str(out)
    assert (answer["seed"], answer["steps"], answer["text"]) == (3, 4, None)
    assert answer["seconds"] > 0
    for moment in ("before", "after"):
        assert set(answer["scene"][moment]) == set(WEATHER_NAMES)
    before, after = answer["scene"]["before"], answer["scene"]["after"]
    assert before != after and all(0 <= value <= 1 for value in after.values())
    with Image.open(out) as picture:
        width, height = picture.size
        assert width > 2 * height
        left = np.asarray(picture.crop((0, 0, height, height)), dtype=float)
        right = np.asarray(picture.crop((width - height, 0, width, height)), dtype=float)
    assert np.abs(left - right).mean() > 0.1
    assert json.loads(run(capsys, *arguments)[1][0])["scene"] == answer["scene"]


def test_edit_mixes_sounds_and_text_and_leaves_out_bad_files(capsys, sounds, tmp_path):
    files = [sounds / name for name in ("fire.wav", "cut.wav", "rain.ogg")]
    options = ("--text", "heavy snow", "--steps", 1, "--out", tmp_path / "mix.png", "--json")
    code, (line,), (complaint,) = run(capsys, "edit", *files, *options)
    answer = json.loads(line)
    assert code == 2 and "cut.wav is truncated" in complaint
    assert answer["files"] == [str(files[0]), str(files[2])]
    assert answer["text"] == "heavy snow"


def test_each_sound_is_heard_once(capsys, sounds, tmp_path, monkeypatch):
    heard, hear = [], bundle.hear
    monkeypatch.setattr(bundle, "hear", lambda *models: heard.append(models) or hear(*models))
    options = ("--each", "--seed", 1, 2, "--steps", 1, "--out", tmp_path / "sheet.png")
    assert run(capsys, "edit", sounds / "fire.wav", sounds / "rain.ogg", *options)[0] == 0
    assert len(heard) == 2


def test_edit_says_in_words_what_changed(capsys, sounds, tmp_path):
    out = tmp_path / "fire.png"
    _, (line,), _ = run(capsys, "edit", sounds / "fire.wav", "--steps", 2, "--out", out)
    assert line.startswith(f"{out}: ") and "->" in line and "(2 steps, " in line


def test_edit_tells_what_it_hears_and_refuses_what_is_no_weather(
    capsys, sounds, tmp_path, mini, monkeypatch
):
    out, file = tmp_path / "fire.png", sounds / "fire.wav"
    options = ("edit", file, "--steps", 1, "--out", out)
    (line,) = run(capsys, *options)[1]
    assert "; fire.wav heard as " in line and " fire (" in line
    strict = Certainty(scale=5.0, least_weather=1.0)
    config = dataclasses.replace(mini.audio_encoder.config, certainty=strict)
    monkeypatch.setattr(mini.audio_encoder, "config", config)
    out.unlink()
    code, lines, (complaint, _) = run(capsys, *options)
    assert code == 2 and lines == [] and not out.exists()
    assert f"{file} sounds like none of the weathers this world knows: nearest fire (" in complaint
    assert complaint.endswith("edit anyway with --force.")
    code, (line,), _ = run(capsys, *options, "--force", "--json")
    answer = json.loads(line)
    assert code == 0 and answer["settings"]["force"]
    assert answer["heard"][str(file)].startswith("none of the weathers")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--steps", "0"), "num_steps is 0"),
        (("--out", "no_such_folder/edit.png"), "no_such_folder does not exist"),
        (("--out", "edit.jpg"), "must end in .png"),
        (("--text", "xylophone quartz"), "none of its words is known"),
    ],
)
def test_edit_refuses_bad_options_in_one_sentence(
    capsys, sounds, tmp_path, monkeypatch, options, words
):
    monkeypatch.chdir(tmp_path)
    code, lines, (complaint,) = run(capsys, "edit", sounds / "fire.wav", *options)
    assert code == 2 and lines == [] and words in complaint
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def quick_look(monkeypatch):
    config = ProjectConfig(num_starts=32, num_kept=1, num_steps=2)
    monkeypatch.setattr(project_config, "ProjectConfig", lambda: config)


@pytest.fixture
def holiday(tmp_path):
    """A photo of 1100 x 200 pixels, more than is painted on, blue above and green below."""
    levels = np.zeros((200, 1100, 3), np.uint8)
    levels[:110], levels[110:] = (120, 170, 240), (60, 120, 40)
    Image.fromarray(levels).save(tmp_path / "holiday.png")
    return tmp_path / "holiday.png"


def test_edit_of_a_photo_writes_the_photo_itself_in_its_size_and_tells_so_in_the_file(
    capsys, sounds, tmp_path, holiday
):
    out = tmp_path / "fire.png"
    arguments = ("edit", sounds / "fire.wav", "--image", holiday, "--steps", 3, "--out", out)
    code, (line,), complaints = run(capsys, *arguments, "--json", "--gif", tmp_path / "fire.gif")
    answer = json.loads(line)
    assert code == 0 and complaints == []
    assert (answer["image"], answer["seed"], answer["psnr"]) == (str(holiday), None, None)
    assert answer["settings"]["project"] is False
    assert answer["scene"]["after"] != answer["scene"]["before"]
    with Image.open(out) as picture, Image.open(holiday) as photo:
        assert picture.size == photo.size
        assert "edited by sound" in picture.text["Description"]
        assert "fire" in picture.text["Description"] and picture.text["Software"] == "sgim"
    assert (tmp_path / "fire.gif").exists()
    run(capsys, *arguments, "--strength", 0)
    with Image.open(out) as picture, Image.open(holiday) as photo:
        assert np.abs(np.asarray(picture).astype(int) - np.asarray(photo)).max() <= 1


def test_a_photo_and_several_sounds_make_a_sheet(capsys, sounds, tmp_path, holiday):
    out, files = tmp_path / "sheet.png", (sounds / "fire.wav", sounds / "rain.ogg")
    options = ("--each", "--image", holiday, "--steps", 1, "--out", out)
    code, lines, complaints = run(capsys, "edit", *files, *options)
    assert code == 0 and len(lines) == 2 and complaints == []
    with Image.open(out) as picture:
        assert picture.width > 3 * 300 and "fire; rain" in picture.text["Description"]


def test_a_sound_of_water_over_a_photo_without_water_is_told(capsys, tmp_path, holiday):
    waveform, sample_rate = synthesize_sound("waves", 0.9, 5.0, 77)
    soundfile.write(tmp_path / "sea.wav", waveform.numpy(), sample_rate)
    options = ("--image", holiday, "--steps", 1, "--out", tmp_path / "sea.png", "--json")
    code, (line,), (complaint,) = run(capsys, "edit", tmp_path / "sea.wav", *options)
    assert code == 2 and json.loads(line)["scene"]["after"]["waves"] == 0
    assert "sea.wav sounds like waves, and no water was found in the photo" in complaint


def test_project_without_a_photo_is_refused(capsys, sounds, tmp_path):
    options = ("--project", "--out", tmp_path / "edit.png")
    code, lines, (complaint,) = run(capsys, "edit", sounds / "fire.wav", *options)
    assert code == 2 and lines == [] and "--project is for a photo" in complaint


def test_edit_of_a_photo_shows_photo_projection_and_edit(capsys, sounds, tmp_path, quick_look):
    photo, out = tmp_path / "photo.png", tmp_path / "rain.png"
    Image.linear_gradient("L").resize((300, 200)).save(photo)
    options = ("--project", "--steps", 2, "--out", out)
    arguments = ("edit", sounds / "fire.wav", "--image", photo, *options)
    code, (line,), complaints = run(capsys, *arguments, "--json")
    answer = json.loads(line)
    assert code == 0 and complaints == []
    assert (answer["seed"], answer["image"]) == (None, str(photo)) and 5 < answer["psnr"] < 40
    with Image.open(out) as picture:
        width, height = picture.size
        assert 3 * height < width < 3.2 * height
        first = np.asarray(picture.crop((0, 0, height, height)), dtype=float)
    assert first[20:60].mean() < 80 < 180 < first[-60:-20].mean()
    assert "dB from photo to picture" in run(capsys, *arguments)[1][0]


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "does not exist"), (b"words", "no picture"), ("cut", "no picture"), ("1px", "1 x 1")],
)
def test_a_photo_that_cannot_be_used_is_told_in_one_sentence(
    capsys, sounds, tmp_path, content, words
):
    photo, out = tmp_path / "photo.png", tmp_path / "edit.png"
    if isinstance(content, bytes):
        photo.write_bytes(content)
    elif content is not None:
        Image.new("RGB", (1, 1) if content == "1px" else (64, 64)).save(photo)
        if content == "cut":
            photo.write_bytes(photo.read_bytes()[:60])
    code, lines, (complaint,) = run(
        capsys, "edit", sounds / "fire.wav", "--image", photo, "--out", out
    )
    assert code == 2 and lines == [] and not out.exists()
    assert complaint.startswith(f"sgim: {photo} ") and words in complaint


def test_a_text_of_unknown_words_is_refused_before_the_photo_is_projected(
    capsys, sounds, tmp_path, monkeypatch
):
    monkeypatch.setattr(edit_run, "project", lambda *arguments: pytest.fail("projected"))
    options = ("--image", "photo.png", "--project", "--text", "qwertz", "--out", tmp_path / "e.png")
    code, lines, complaints = run(capsys, "edit", sounds / "fire.wav", *options)
    assert code == 2 and lines == [] and "qwertz" in complaints[-1]


def test_edit_takes_a_seed_or_a_photo_and_not_both(capsys, sounds, tmp_path):
    options = ("--seed", 0, "--image", "photo.png", "--out", tmp_path / "edit.png")
    code, lines, (complaint,) = run(capsys, "edit", sounds / "fire.wav", *options)
    assert code == 2 and lines == [] and "--seed and --image both" in complaint


def test_what_is_read_is_not_overwritten(capsys, sounds, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo, latents = tmp_path / "photo.png", tmp_path / "w.npz"
    photo.write_bytes(b"a photo")
    latents.write_bytes(b"latents")
    tries = [
        ("edit", "--image", photo, "--out", "photo.png"),
        ("animate", "--image", photo, "--out", "photo.gif"),
        ("edit", "--latents", "w.npz", "--save-latents", latents),
        ("project", "--out", photo),
    ]
    (tmp_path / "photo.gif").symlink_to(photo)
    for command, *options in tries:
        read = photo if command == "project" else sounds / "fire.wav"
        code, lines, (complaint,) = run(capsys, command, read, *options)
        assert code == 2 and lines == [] and "is what is read, and would be lost" in complaint
    assert (photo.read_bytes(), latents.read_bytes()) == (b"a photo", b"latents")


def test_edit_without_any_good_sound_writes_nothing(capsys, sounds, tmp_path):
    out = tmp_path / "edit.png"
    code, lines, complaints = run(capsys, "edit", sounds / "words.wav", "--out", out)
    assert code == 2 and lines == [] and not out.exists()
    assert "words.wav is not a sound" in complaints[0]
