"""Films: pictures in their order and time, with the sound, whole or not at all."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image

from sgim.checks import SgimError
from sgim.media.film_files import check_film_path, save_film
from sgim.media.sound_files import read_sound

RATE = 16_000


def pictures(count, size=(64, 48)):
    """From dark to bright."""
    return [Image.new("RGB", size, (20 + 20 * index,) * 3) for index in range(count)]


def test_an_mp4_shows_every_picture_in_its_time_and_sounds_with_it(tmp_path):
    av = pytest.importorskip("av")
    path, waveform = tmp_path / "film.mp4", torch.zeros(2 * RATE)
    waveform[RATE:] = 0.5 * torch.sin(torch.arange(RATE) / 5.0)
    save_film(pictures(10), path, 5, (waveform, RATE))
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    levels = [frame.to_ndarray(format="rgb24").mean() for frame in frames]
    assert [frame.time for frame in frames] == pytest.approx([index / 5 for index in range(10)])
    assert np.allclose(levels, [20 + 20 * index for index in range(10)], atol=4)
    heard = read_sound(path, RATE)
    assert len(heard) == pytest.approx(2 * RATE, abs=0.1 * RATE)
    assert heard[: RATE // 2].abs().max() < 0.01 and heard[3 * RATE // 2 :].abs().max() > 0.3


def test_sides_of_an_mp4_are_even_and_a_short_sound_ends_in_silence(tmp_path):
    av = pytest.importorskip("av")
    path = tmp_path / "film.mp4"
    save_film(pictures(4, (65, 49)), path, 4, (torch.full((100,), 0.1), RATE))
    with av.open(str(path)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (64, 48)
        assert container.streams.audio[0].frames > 0


def test_a_gif_lasts_as_long_as_its_pictures(tmp_path):
    save_film(pictures(10), tmp_path / "film.gif", 12)
    with Image.open(tmp_path / "film.gif") as film:
        assert (film.n_frames, film.size, film.info["loop"]) == (10, (64, 48), 0)
        total = 0
        for index in range(film.n_frames):
            film.seek(index)
            total += film.info["duration"]
    assert total == 830


def test_another_ending_is_refused():
    with pytest.raises(SgimError, match="film.avi must end in .mp4 or .gif"):
        check_film_path("film.avi")


def test_an_mp4_needs_pyav_and_a_gif_does_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(SgimError, match="film.mp4 is written by PyAV.*pip install av.*gif"):
        check_film_path("film.mp4")
    check_film_path("film.gif")


@pytest.mark.parametrize("name", ["film.mp4", "film.gif"])
def test_a_film_that_breaks_off_leaves_no_file(tmp_path, name):
    if name.endswith("mp4"):
        pytest.importorskip("av")

    def breaking_off():
        yield from pictures(2)
        raise RuntimeError("the lamp went out")

    with pytest.raises(RuntimeError, match="lamp"):
        save_film(breaking_off(), tmp_path / name, 5)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SgimError, match="there are no pictures"):
        save_film([], tmp_path / name, 5)
