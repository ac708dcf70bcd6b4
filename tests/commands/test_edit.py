"""The command that edits pictures: what it writes, answers and refuses."""

import dataclasses
import json

import numpy as np
import pytest
from command_line import run
from PIL import Image

from sgim.commands import edit_run
from sgim.editing import project_config
from sgim.editing.project_config import ProjectConfig
from sgim.models.audio_encoder import Certainty
from sgim.world.names import WEATHER_NAMES

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


def test_edit_of_a_photo_shows_photo_projection_and_edit(capsys, sounds, tmp_path, quick_look):
    photo, out = tmp_path / "photo.png", tmp_path / "rain.png"
    Image.linear_gradient("L").resize((300, 200)).save(photo)
    arguments = ("edit", sounds / "fire.wav", "--image", photo, "--steps", 2, "--out", out)
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
    options = ("--image", "photo.png", "--text", "qwertz", "--out", tmp_path / "edit.png")
    code, lines, complaints = run(capsys, "edit", sounds / "fire.wav", *options)
    assert code == 2 and lines == [] and "qwertz" in complaints[-1]


def test_edit_takes_a_seed_or_a_photo_and_not_both(capsys, sounds, tmp_path):
    options = ("--seed", 0, "--image", "photo.png", "--out", tmp_path / "edit.png")
    code, lines, (complaint,) = run(capsys, "edit", sounds / "fire.wav", *options)
    assert code == 2 and lines == [] and "--seed and --image both" in complaint


def test_edit_without_any_good_sound_writes_nothing(capsys, sounds, tmp_path):
    out = tmp_path / "edit.png"
    code, lines, complaints = run(capsys, "edit", sounds / "words.wav", "--out", out)
    assert code == 2 and lines == [] and not out.exists()
    assert "words.wav is not a sound" in complaints[0]
