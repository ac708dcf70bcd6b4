"""A recording heard in time: what it says when, how loudly, and silence as silence."""

import pytest
import torch

from sgim.checks import SgimError
from sgim.embedding.listening import Listener, listen
from sgim.world.sounds import synthesize_sound

RATE = 16_000


@pytest.fixture(scope="module")
def moments(mini):
    """4 s of loud rain, 4 s of silence, 4 s of fire at a tenth of the amplitude."""
    rain, fire = (synthesize_sound(name, 0.8, 4.0, 1)[0] for name in ("rain", "fire"))
    loud, soft = (0.1 * one / one.std() for one in (rain, fire))
    return listen(mini, torch.cat([loud, torch.zeros(4 * RATE), 0.1 * soft]))


def test_each_moment_says_what_sounds_then(moments):
    assert moments.features.shape == (len(moments.times), 128)
    names = dict(zip(moments.times.tolist(), moments.names, strict=True))
    assert (names[1.0], names[6.0], names[10.5]) == ("rain", "", "fire")
    told = [name for _, name in moments.told()]
    assert told[0] == "rain" and told[-1] == "fire" and "" in told


def test_silence_has_no_loudness_and_a_soft_moment_less_than_a_loud_one(moments):
    _, (rain, silence, fire) = moments.at(torch.tensor([1.5, 6.0, 10.5]))
    assert rain > 0.6 and silence < 0.05 and 0.1 < fire < rain - 0.2


def test_what_is_heard_changes_smoothly(moments):
    features, loudness = moments.at(torch.arange(0, 12, 0.1))
    assert torch.allclose(features.norm(dim=1), torch.ones(120), atol=1e-5)
    assert (loudness[1:] - loudness[:-1]).abs().max() < 0.15
    sounding = features[:40]
    assert (sounding[1:] * sounding[:-1]).sum(dim=1).min() > 0.95


def test_in_pieces_a_sound_is_heard_as_the_whole_and_no_window_is_embedded_twice(mini):
    whole = synthesize_sound("rain", 0.8, 6.0, 1)[0]
    lengths, encode = [], mini.encode_audio

    def counted(window, rate):
        lengths.append(len(window))
        return encode(window, rate)

    bundle = Encoding(mini, counted)
    listener = Listener(bundle)
    for piece in whole.split(RATE):
        moments = listener.hear(piece)
    told = listen(mini, whole)
    assert torch.allclose(moments.features, told.features, atol=1e-5)
    assert torch.allclose(moments.loudness, told.loudness, atol=1e-5)
    assert len(lengths) == 1 + 9


def test_only_late_moments_are_told_and_old_sound_is_forgotten(mini):
    listener = Listener(mini, lately=2.0, remembered=3.0)
    for piece in synthesize_sound("rain", 0.8, 6.0, 1)[0].split(RATE):
        moments = listener.hear(piece)
    assert moments.times.tolist() == [4.0, 4.5, 5.0, 5.5] and listener.seconds == 6.0
    assert set(moments.names) == {"rain"}


def test_what_is_no_weather_can_count_as_silence(mini):
    tone = 0.1 * torch.sin(2 * torch.pi * 1000 * torch.arange(3 * RATE) / RATE)
    moments = Listener(mini, weathers_only=True).hear(tone)
    assert not moments.sounds and not any(one.is_weather for one in moments.heard)
    assert Listener(mini).hear(tone).sounds


def test_of_silence_there_are_moments_without_a_sound(mini):
    moments = Listener(mini).hear(torch.zeros(RATE))
    assert not moments.sounds and moments.names == ("", "")


class Encoding:
    """A bundle whose sounds are embedded by another function."""

    def __init__(self, bundle, encode_audio):
        self._bundle, self.encode_audio = bundle, encode_audio

    def __getattr__(self, name):
        return getattr(self._bundle, name)


def test_a_recording_in_which_nothing_sounds_is_refused(mini):
    with pytest.raises(SgimError, match="nothing sounds in the recording"):
        listen(mini, torch.zeros(2 * RATE))
