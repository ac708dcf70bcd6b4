"""Sounds as accidental as recordings: disturbances, strangers, one sound over another."""

import numpy as np
import pytest
import torch

from sgim.checks import SgimError
from sgim.world.randomize import RandomizeConfig, overlay, randomize_sound, training_sound
from sgim.world.sounds import synthesize_sound
from sgim.world.strangers import STRANGERS, synthesize_stranger


def test_a_training_sound_is_randomized_deterministic_and_in_range():
    plain, _ = synthesize_sound("fire", 0.5, 1.0, seed=11)
    first, again = training_sound("fire", 0.5, 1.0, 11), training_sound("fire", 0.5, 1.0, 11)
    assert torch.equal(first, again)
    assert first.shape == plain.shape and not torch.allclose(first, plain, atol=1e-2)
    assert first.abs().max() <= 1.0


def test_every_disturbance_together_keeps_the_waveform_in_range():
    always = RandomizeConfig(
        second_sound=1.0, voice=1.0, music=1.0, clicks=1.0, hum=1.0, noise_floor=1.0,
        rumble=1.0, reverb=1.0, high_pass=1.0, low_pass=1.0, clipping=1.0, silence=1.0,
    )  # fmt: skip
    for seed in range(5):
        waveform = training_sound("waves", 0.4, 1.0, seed, always)
        assert torch.isfinite(waveform).all() and 0 < waveform.abs().max() <= 1.0


def test_without_disturbances_only_the_gain_changes():
    never = RandomizeConfig(
        second_sound=0.0, voice=0.0, music=0.0, clicks=0.0, hum=0.0, noise_floor=0.0,
        rumble=0.0, equalizer_db=0.0, reverb=0.0, high_pass=0.0, low_pass=0.0, clipping=0.0,
        silence=0.0, gain_db=(0.0, 0.0),
    )  # fmt: skip
    plain, _ = synthesize_sound("birds", 0.5, 1.0, seed=2)
    assert torch.allclose(training_sound("birds", 0.5, 1.0, 2, never), plain / 0.9, atol=1e-3)


def test_randomize_refuses_what_is_no_mono_sound_or_no_share():
    with pytest.raises(SgimError, match="num_samples"):
        randomize_sound(torch.zeros(2, 16000), seed=0)
    with pytest.raises(SgimError, match="voice"):
        RandomizeConfig(voice=1.5)
    with pytest.raises(SgimError, match="gain_db"):
        RandomizeConfig(gain_db=(0.0, -10.0))


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_stranger_sounds_and_is_deterministic(stranger):
    first, again = (stranger(np.random.default_rng(4), 16_000) for _ in range(2))
    assert first.shape == (16_000,) and np.isfinite(first).all() and np.abs(first).max() > 0.01
    assert np.array_equal(first, again)


def test_a_training_sound_without_weather_is_a_stranger():
    first, again, other = (training_sound("clear", 0.0, 1.0, seed) for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert synthesize_stranger(1.0, 3).abs().max().item() == pytest.approx(0.9)


def test_overlaid_recordings_fill_the_time_and_the_first_leads():
    time = torch.arange(24_000) / 16_000
    low, high = torch.sin(2 * torch.pi * 300 * time), torch.sin(2 * torch.pi * 3000 * time)
    mixed = overlay([low, high], 2.0, seed=1)
    assert mixed.shape == (32_000,)
    spectrum = torch.fft.rfft(mixed).abs()
    assert spectrum[:2000].max() > spectrum[3000:].max() > 0.1 * spectrum[:2000].max()
