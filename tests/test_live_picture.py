"""A picture follows a sound while it comes, as a film does; what is no weather moves nothing."""

import dataclasses

import numpy as np
import pytest
import torch

from sgim.checks import SgimError
from sgim.live_picture import FPS, LivePicture
from sgim.world.names import WEATHER_NAMES
from sgim.world.photo_lands import PhotoGenerator
from sgim.world.sounds import synthesize_sound

RATE = 16_000


def sound(name, seconds):
    return synthesize_sound(name, 0.8, seconds, 3)[0]


def tone(seconds):
    return 0.1 * torch.sin(2 * torch.pi * 1000 * torch.arange(round(seconds * RATE)) / RATE)


@pytest.fixture(scope="module")
def moments(mini):
    """4 s of rain, 3 s of silence, 3 s of a whistle, 3 s of birds, heard second by second."""
    whole = torch.cat([sound("rain", 4.0), torch.zeros(3 * RATE), tone(3.0), sound("birds", 3.0)])
    return LivePicture(mini, mini.generator.w_avg).follow(whole, RATE)


def weathers(mini, ws):
    parameters = mini.generator.scene_parameters(ws[-1:])
    return {name: parameters[name].item() for name in WEATHER_NAMES}


def test_each_second_gives_some_pictures_and_their_latents(moments):
    for moment in moments:
        assert moment.images.shape == (FPS, 3, 64, 64)
        assert len(moment.ws) == FPS and moment.images.abs().max() <= 1


def test_it_shows_what_is_heard_and_in_silence_the_source(mini, moments):
    rain, silence, birds = (weathers(mini, moments[second].ws) for second in (3, 6, 12))
    assert max(rain, key=rain.get) == "rain" and rain["rain"] > 0.5
    assert max(silence.values()) < 0.1
    assert max(birds, key=birds.get) == "birds" and birds["birds"] > 0.3
    assert moments[3].in_words().startswith("Sounds like") and "rain" in moments[3].in_words()
    assert moments[6].in_words() == "Nothing sounds."


def test_what_is_none_of_the_weathers_does_not_move_the_picture(mini, moments):
    whistle = moments[9]
    assert torch.equal(whistle.ws[-1], mini.generator.w_avg)
    assert "none of the weathers" in whistle.in_words()
    assert whistle.in_words().endswith("It does not move the picture.")


def test_from_one_second_to_the_next_nothing_jumps(moments):
    ws = torch.cat([moment.ws for moment in moments])
    steps = (ws[1:] - ws[:-1]).flatten(1).norm(dim=1)
    assert steps.max() < 0.5 * (ws - ws[-20]).flatten(1).norm(dim=1).max()


def test_the_first_sound_comes_softly(mini):
    ws = LivePicture(mini, mini.generator.w_avg).hear(sound("rain", 1.0)).ws
    away = (ws - mini.generator.w_avg).flatten(1).norm(dim=1)
    assert away[0] < 0.9 * away[-1]


def test_the_hiss_of_a_quiet_room_is_not_loud(mini):
    loud, quiet = (LivePicture(mini, mini.generator.w_avg) for _ in range(2))
    rain = sound("rain", 3.0)
    rain = rain / rain.std()
    for second in rain.split(RATE):
        strong = weathers(mini, loud.hear(0.05 * second).ws)["rain"]
        weak = weathers(mini, quiet.hear(0.0003 * second).ws)["rain"]
    assert weak < 0.5 * strong


def test_it_goes_on_when_more_has_come_than_is_remembered(mini, monkeypatch):
    monkeypatch.setattr("sgim.live_picture.REMEMBERED_SECONDS", 3.0)
    live = LivePicture(mini, mini.generator.w_avg)
    for second in sound("rain", 8.0).split(RATE):
        moment = live.hear(second)
    assert len(live._listener._sound) <= 4 * RATE
    assert live._listener.seconds == 10.0 and weathers(mini, moment.ws)["rain"] > 0.5


def test_a_photo_follows_too(mini):
    photo = np.full((48, 96, 3), 0.2)
    photo[:20] = 0.7
    generator = PhotoGenerator(photo, resolution=96)
    live = LivePicture(dataclasses.replace(mini, generator=generator), generator.w_avg)
    first, *_, last = (live.hear(second).images for second in sound("rain", 4.0).split(RATE))
    assert last.shape == (FPS, 3, 48, 96) and (last[-1] - first[0]).abs().mean() > 0.01


def test_without_a_mapper_it_is_refused(mini):
    with pytest.raises(SgimError, match="the bundle has no mapper.*takes one pass"):
        LivePicture(dataclasses.replace(mini, mapper=None), mini.generator.w_avg)


@pytest.mark.parametrize(
    ("piece", "words"),
    [
        (torch.full((RATE,), float("nan")), "reaches nan"),
        (30_000 * torch.ones(RATE), "reaches 3e\\+04"),
        (torch.zeros(RATE, dtype=torch.int16), "of int16"),
        (torch.zeros(2, RATE), r"a tensor \(2, 16000\)"),
        (np.zeros(RATE), "a ndarray"),
        (torch.zeros(4 * RATE), "64000 samples"),
    ],
)
def test_a_piece_that_no_microphone_gives_is_refused_and_forgotten(mini, piece, words):
    live = LivePicture(mini, mini.generator.w_avg)
    with pytest.raises(SgimError, match=words):
        live.hear(piece)
    assert live.hear(sound("rain", 1.0)).sounds
