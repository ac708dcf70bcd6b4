"""A film of a picture that follows a sound: calm in silence, moved by what is loud, no jumps."""

import dataclasses

import numpy as np
import pytest
import torch

import sgim
from sgim import animation
from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.world.photo_lands import PhotoGenerator
from sgim.world.sounds import synthesize_sound

RATE = 16_000
QUICK = ManipulateConfig(num_steps=2)


@pytest.fixture(scope="module")
def waveform():
    """3 s of silence, then 3 s of rain."""
    rain, _ = synthesize_sound("rain", 0.9, 3.0, 1)
    return torch.cat([torch.zeros(3 * RATE), rain])


@pytest.fixture(scope="module")
def film(mini, waveform):
    return sgim.animate(mini, waveform, sample_rate=RATE, fps=10, config=QUICK)


def test_silence_shows_the_picture_as_it_is_and_rain_moves_it(mini, film):
    assert len(film) == 60 and film.fps == 10
    away = (film.ws - mini.generator.w_avg).abs().amax((1, 2))
    assert away[:15].max() < 0.05 * away.max() and away[45:].min() > 0.5 * away.max()
    assert film.heard[0] == (0.0, "") and film.heard[-1][1] == "rain"


def test_no_frame_jumps(film):
    steps = (film.ws[1:] - film.ws[:-1]).abs().amax((1, 2))
    assert steps.max() < 0.15 * (film.ws[-1] - film.ws[0]).abs().max()


def test_pictures_have_the_size_of_films(film):
    first, last = film.pictures(every=59)
    assert first.size == last.size == (256, 256) and first.tobytes() != last.tobytes()


def test_a_photo_is_moved_too(mini, waveform):
    photo = np.full((48, 96, 3), 0.2)
    photo[:20] = 0.7
    bundle = dataclasses.replace(mini, generator=PhotoGenerator(photo, resolution=96))
    film = sgim.animate(bundle, (waveform, RATE), fps=1, config=QUICK)
    pictures = list(film.pictures(every=5))
    assert len(pictures) == 2 and pictures[0].size == (96, 48)


@pytest.mark.parametrize("fps", [0, 31, 12.5, True, "12"])
def test_pictures_per_second_are_a_whole_number_up_to_thirty(mini, waveform, fps):
    with pytest.raises(SgimError, match="fps is .*whole number of pictures per second, 1 to 30"):
        sgim.animate(mini, waveform, sample_rate=RATE, fps=fps)


def test_a_sound_that_is_too_long_is_refused(mini, waveform, monkeypatch):
    monkeypatch.setattr(animation, "LONGEST_SECONDS", 5.0)
    with pytest.raises(SgimError, match="the sound lasts 6 s and a film 5 s at most; cut it"):
        sgim.animate(mini, waveform, sample_rate=RATE)
