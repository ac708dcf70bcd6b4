"""Silence and room tone around a sound are not heard; the sound itself stays as it is."""

import pytest
import torch

from sgim.media.silence import sounding
from sgim.models.sgim_audio import SgimAudioEncoder
from sgim.world import synthesize_sound
from sgim.world.names import SOUND_NAMES

RATE = 16_000


def noise(seconds: float, decibels: float, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(round(seconds * RATE), generator=generator) * 10 ** (decibels / 20)


@pytest.mark.parametrize("pause", [torch.zeros(2 * RATE), noise(2.0, -70.0)], ids=["zeros", "room"])
def test_pauses_are_cut_before_behind_and_within_a_sound(pause):
    sound = noise(3.0, -20.0)
    for parts in ([pause, sound], [sound, pause], [sound[:RATE], pause, sound[RATE:]]):
        assert torch.equal(sounding(torch.cat(parts), RATE), sound)


def test_a_long_pause_is_cut_at_any_sample():
    sound = noise(1.03, -20.0)
    kept = sounding(torch.cat([torch.zeros(333), sound, torch.zeros(77_777)]), RATE)
    assert 0 <= len(kept) - len(sound) < 333 + 0.05 * RATE


@pytest.mark.parametrize(
    "pause", [torch.zeros(RATE // 5), noise(0.8, -70.0)], ids=["0.2 s", "0.8 s of room tone"]
)
def test_short_pauses_belong_to_a_sound(pause):
    sound = torch.cat([noise(1.0, -20.0), pause, noise(1.0, -20.0)])
    assert sounding(sound, RATE) is sound


@pytest.mark.parametrize("below", [30.0, 50.0])
def test_what_is_softer_than_a_clap_but_louder_than_a_room_is_kept(below):
    sound = torch.cat([noise(1.0, -10.0), noise(5.0, -10.0 - below)])
    assert sounding(sound, RATE) is sound


def test_a_recording_that_is_soft_throughout_is_kept():
    sound = noise(5.0, -95.0)
    assert sounding(sound, RATE) is sound


def test_an_offset_is_no_sound():
    sound = noise(2.0, -20.0)
    waveform = torch.cat([sound, torch.zeros(5 * RATE)]) + 0.5
    assert torch.equal(sounding(waveform, RATE), sound + 0.5)


@pytest.mark.parametrize("name", SOUND_NAMES)
def test_nothing_is_cut_out_of_the_mini_worlds_own_sounds(name):
    for seed, intensity in enumerate((0.0, 0.3, 0.7, 1.0)):
        waveform, rate = synthesize_sound(name, intensity, 12.0, seed)
        assert sounding(waveform, rate) is waveform


def test_the_published_encoder_hears_what_comes_after_silence():
    sound = torch.sin(torch.arange(44_100) / 9.0)
    late = torch.cat([torch.zeros(20 * 44_100), sound])
    with torch.device("meta"):
        encoder = SgimAudioEncoder()
    assert torch.equal(encoder.clips(late), sound[None])
