"""The eight sounds: what a seed and an intensity do to them, and how they mix."""

import numpy as np
import pytest
import torch

from sgim.checks import SgimError
from sgim.world.names import SOUND_NAMES
from sgim.world.sound_blocks import NUM_BANDS, SAMPLE_RATE, bubbles, shaped_noise
from sgim.world.sounds import mix_sounds, synthesize_sound


def band_levels(waveform):
    """dB in eight bands of equal width on the mel scale over time (8, n_frames)."""
    frequency = np.fft.rfftfreq(512, 1 / SAMPLE_RATE)
    band = (NUM_BANDS * np.log10(1 + frequency / 700) / np.log10(1 + 8000 / 700)).astype(int)
    frames = np.lib.stride_tricks.sliding_window_view(waveform, 512)[::256] * np.hanning(512)
    power = np.abs(np.fft.rfft(frames)) ** 2
    levels = [power[:, np.minimum(band, 7) == index].mean(1) for index in range(NUM_BANDS)]
    return 10 * np.log10(np.array(levels) + 1e-9)


@pytest.mark.parametrize("name", SOUND_NAMES)
def test_every_sound_is_a_finite_mono_waveform_in_range(name):
    waveform, sample_rate = synthesize_sound(name, 0.5, 2.0, seed=3)
    assert sample_rate == 16000
    assert waveform.shape == (32000,) and waveform.dtype == torch.float32
    assert torch.isfinite(waveform).all()
    assert waveform.abs().max().item() == pytest.approx(0.9, abs=1e-4)


@pytest.mark.parametrize("name", SOUND_NAMES)
def test_a_seed_decides_the_waveform(name):
    first, _ = synthesize_sound(name, 0.7, 1.0, seed=5)
    again, _ = synthesize_sound(name, 0.7, 1.0, seed=5)
    other, _ = synthesize_sound(name, 0.7, 1.0, seed=6)
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


@pytest.mark.parametrize("name", SOUND_NAMES)
@pytest.mark.parametrize("intensity", [0.0, 1.0])
def test_the_ends_of_the_intensity_scale_and_odd_lengths_work(name, intensity):
    waveform, _ = synthesize_sound(name, intensity, 0.7331, seed=1)
    assert waveform.shape == (round(0.7331 * 16000),)
    assert torch.isfinite(waveform).all()


def share_of_low_rumble(levels):
    return levels[0].mean() - levels[4:].mean()


def level_over_background(levels):
    return (np.percentile(levels, 97, axis=1) - np.percentile(levels, 10, axis=1)).mean()


def depth_of_slow_modulation(levels):
    seconds = levels[:, : levels.shape[1] // 16 * 16].reshape(NUM_BANDS, -1, 16).mean(2)
    return seconds.std(1).mean()


def evenness_of_fast_changes(levels):
    return -np.abs(np.diff(levels[3:], axis=1)).mean()


def share_of_highs(levels):
    return levels[4:7].mean() - levels[:4].mean()


def level_of_crack(levels):
    return np.percentile(levels[4:], 99) - np.percentile(levels[:2], 50)


@pytest.mark.parametrize(
    ("name", "statistic", "sign"),
    [
        ("rain", share_of_low_rumble, -1),
        ("thunderstorm", level_of_crack, 1),
        ("wind", depth_of_slow_modulation, 1),
        ("fire", lambda levels: np.median(np.abs(np.diff(levels[4:], axis=1))), 1),
        ("waves", share_of_low_rumble, 1),
        ("stream", evenness_of_fast_changes, 1),
        ("birds", share_of_highs, 1),
        ("crickets", share_of_highs, 1),
    ],
)
def test_intensity_is_heard_without_loudness(name, statistic, sign):
    means = [
        np.mean(
            [
                statistic(band_levels(synthesize_sound(name, intensity, 2.0, seed)[0].numpy()))
                for seed in range(10)
            ]
        )
        for intensity in (0.0, 0.5, 1.0)
    ]
    assert sign * means[0] < sign * means[1] < sign * means[2], means


@pytest.mark.parametrize("intensity", [-0.1, 1.2, float("nan")])
def test_an_intensity_out_of_range_is_refused(intensity):
    with pytest.raises(SgimError, match="intensity is .*between 0 and 1"):
        synthesize_sound("rain", intensity, 1.0, seed=0)


def test_an_unknown_sound_or_no_length_is_refused():
    with pytest.raises(SgimError, match="'hail'.*rain, thunderstorm"):
        synthesize_sound("hail", 0.5, 1.0, seed=0)
    with pytest.raises(SgimError, match="seconds"):
        synthesize_sound("rain", 0.5, 0.0, seed=0)


def test_a_mixture_weighs_equal_levels():
    time = torch.arange(16000) / 16000
    low, high = torch.sin(2 * torch.pi * 100 * time), 0.01 * torch.sin(2 * torch.pi * 1000 * time)
    spectrum = torch.fft.rfft(mix_sounds([low, high], [1.0, 0.5])).abs()
    assert (spectrum[1000] / spectrum[100]).item() == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(
    ("lengths", "weights", "sentence"),
    [
        ((100, 100), [1.0], "2 waveforms and 1 weights"),
        ((100, 90), [1.0, 1.0], "equally long"),
        ((100, 100), [0.0, 0.0], "above 0"),
        ((100, 100), [1.0, -1.0], "negative"),
    ],
)
def test_a_mixture_that_makes_no_sense_is_refused(lengths, weights, sentence):
    with pytest.raises(SgimError, match=sentence):
        mix_sounds([torch.randn(length) for length in lengths], weights)


def test_shaped_noise_shows_the_levels_it_was_asked_for():
    wanted = np.array([0.0, 6.0, 3.0, -3.0, -6.0, 0.0, 4.0, -4.0])
    noise = shaped_noise(np.random.default_rng(0), 160000, wanted)
    power = np.abs(np.fft.rfft(noise)) ** 2
    frequency = np.fft.rfftfreq(160000, 1 / SAMPLE_RATE)
    position = NUM_BANDS * np.log10(1 + frequency / 700) / np.log10(1 + 8000 / 700)
    levels = np.array(
        [
            10 * np.log10(power[np.abs(position - center) < 0.1].sum())
            for center in np.arange(NUM_BANDS) + 0.5
        ]
    )
    assert np.abs((levels - levels.mean()) - (wanted - wanted.mean())).max() < 0.6


def test_bubbles_ring_within_their_range_of_pitch():
    rng = np.random.default_rng(0)
    ring = bubbles(rng, np.arange(0, 15000, 500), 16000, (8.0, 12.0), (900.0, 1100.0), 1.0)
    power = np.abs(np.fft.rfft(ring)) ** 2
    assert power[700:2000].sum() > 0.9 * power.sum()
