"""Samples of any type and scale, channels that cancel, and samples that no recorder gives."""

import numpy as np
import pytest
import torch
from sound_makers import RATE, encoded, noise, tone

from sgim.checks import SgimError
from sgim.media.sound_files import decode_sound
from sgim.media.waveforms import as_waveform


def likeness(a: torch.Tensor, b: torch.Tensor) -> float:
    return float(torch.nn.functional.cosine_similarity(a, b, dim=0).abs())


@pytest.mark.parametrize("hiss_db", [-90, -62, -40, -30])
@pytest.mark.parametrize("balance", [1.0, 0.99, 0.7])
def test_channels_of_opposite_phase_sound_like_one(hiss_db, balance):
    sound, hiss = noise(2.0), 0.1 * 10 ** (hiss_db / 20)
    left = sound + noise(2.0, rms=hiss, seed=2)
    right = -balance * sound + noise(2.0, rms=hiss, seed=3)
    clean = as_waveform(sound, RATE)
    assert likeness(as_waveform(np.stack([left, right]), RATE), clean) > 0.99
    file = encoded(np.stack([left, right], axis=1), "WAV", subtype="FLOAT")
    assert likeness(decode_sound(file, "stereo"), clean) > 0.99


def test_opposite_phase_is_found_beneath_an_offset():
    left = tone(2.0, peak=0.05) + 0.5
    heard = as_waveform(np.stack([left, 1.0 - left]), RATE)
    assert likeness(heard - heard.mean(), torch.from_numpy(tone(2.0))) > 0.99


@pytest.mark.parametrize("channels", [2, 3, 8])
def test_channels_that_do_not_cancel_are_averaged(channels):
    unlike = np.stack([noise(1.0, seed=seed) for seed in range(channels)])
    alone = np.stack([noise(1.0), *np.zeros((channels - 1, RATE), np.float32)])
    for samples in (unlike, alone):
        mean = torch.from_numpy(samples.mean(axis=0))
        torch.testing.assert_close(as_waveform(samples, RATE), mean, atol=1e-6, rtol=0)


@pytest.mark.parametrize("value", [1e30, -1e30, 3e38, 1e12, 1e6, -2e4])
@pytest.mark.parametrize("place", [0, 5_000, -1])
def test_a_sample_far_beyond_all_others_is_refused(value, place):
    samples = tone(1.0)
    samples[place] = value
    for attempt in (
        lambda: as_waveform(samples, RATE),
        lambda: as_waveform(torch.from_numpy(samples), RATE),
        lambda: as_waveform(samples.astype(np.float64), RATE),
        lambda: decode_sound(encoded(samples, "WAV", subtype="FLOAT"), "clip"),
    ):
        with pytest.raises(SgimError, match="holds a sample of .*full scale is 1"):
            attempt()


def test_a_number_that_only_float64_holds_is_refused():
    samples = tone(1.0).astype(np.float64)
    samples[7] = 1e300
    with pytest.raises(SgimError, match=r"holds a sample of 1e\+300"):
        as_waveform(samples, RATE)


@pytest.mark.parametrize("scale", [3.0, 32_768.0, 2.0**31])
def test_floats_of_another_scale_are_read(scale):
    heard = as_waveform(tone(1.0) * scale, RATE)
    assert likeness(heard, as_waveform(tone(1.0), RATE)) > 0.9999


SIXTEEN = np.round(32_767 * tone(1.0)).astype(np.int64)
INTEGERS = {
    "int16": SIXTEEN.astype(np.int16),
    "int32 of 16 bits": SIXTEEN.astype(np.int32),
    "int64 of 16 bits": SIXTEEN,
    "int32 of 24 bits": (SIXTEEN << 8).astype(np.int32),
    "int32": (SIXTEEN << 16).astype(np.int32),
    "int64 of 32 bits": SIXTEEN << 16,
    "int64": SIXTEEN << 48,
    "uint16": (SIXTEEN + 32_768).astype(np.uint16),
    "uint32 of 16 bits": (SIXTEEN + 32_768).astype(np.uint32),
    "tensor of int64": torch.from_numpy(SIXTEEN),
}


@pytest.mark.parametrize("samples", INTEGERS.values(), ids=INTEGERS)
def test_integers_have_the_scale_of_the_fewest_bits_that_hold_them(samples):
    expected = torch.from_numpy(tone(1.0))
    torch.testing.assert_close(as_waveform(samples, RATE), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_floats_of_any_width_are_read(dtype):
    heard = as_waveform(torch.from_numpy(tone(1.0)).to(dtype).requires_grad_(), RATE)
    assert heard.dtype == torch.float32 and not heard.requires_grad
    assert likeness(heard, torch.from_numpy(tone(1.0))) > 0.999


@pytest.mark.parametrize("rate", [np.int16(16_000), np.float64(16_000), torch.tensor(16_000)])
def test_a_rate_may_be_any_number(rate):
    assert torch.equal(as_waveform(tone(1.0), rate), as_waveform(tone(1.0), RATE))


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("16000", "sample_rate is '16000'; it must be a number"),
        (b"16000", "it must be a number"),
        (np.array([16_000, 2]), "it must be one number"),
        (1j, "it must be a number"),
        (float("nan"), "has nan samples per second"),
        (-16_000, "has -16000 samples per second"),
    ],
)
def test_a_rate_that_is_no_number_or_absurd_gets_one_sentence(rate, words):
    with pytest.raises(SgimError, match=words):
        as_waveform(tone(1.0), rate)
