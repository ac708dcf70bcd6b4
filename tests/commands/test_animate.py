"""The command that makes films: what it writes, says and refuses."""

import numpy as np
import pytest
import soundfile
from command_line import run
from PIL import Image

from sgim.editing import following

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(following, "STEPS", 1)


def test_a_film_is_written_and_what_was_heard_is_told(capsys, sounds, tmp_path):
    out = tmp_path / "fire.gif"
    code, (line,), complaints = run(
        capsys, "animate", sounds / "fire.wav", "--fps", 2, "--seed", 3, "--out", out
    )
    assert code == 0 and complaints == []
    assert line.startswith(f"{out}: 10 pictures, 5.0 s, made in ") and "fire from 0.0 s" in line
    with Image.open(out) as film:
        assert film.n_frames > 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("none.wav",), "none.wav does not exist"),
        (("fire.wav", "--out", "film.avi"), "film.avi must end in .mp4 or .gif"),
        (("fire.wav", "--out", "none/film.gif"), "none does not exist"),
        (("fire.wav", "--fps", "0", "--out", "film.gif"), "fps is 0"),
        (("fire.wav", "--seed", "-1", "--out", "film.gif"), "seeds name [-1]"),
        (("silent.wav", "--out", "film.gif"), "silen"),
        (("fire.wav", "--image", "none.jpg", "--out", "film.gif"), "none.jpg"),
    ],
)
def test_what_does_not_fit_is_told_in_one_sentence(
    capsys, sounds, tmp_path, monkeypatch, options, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fire.wav").symlink_to(sounds / "fire.wav")
    soundfile.write("silent.wav", np.zeros(16_000), 16_000)
    code, lines, (complaint,) = run(capsys, "animate", *options)
    assert code == 2 and lines == [] and words in complaint
    assert {path.suffix for path in tmp_path.iterdir()} == {".wav"}
