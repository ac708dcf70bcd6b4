"""Recordings from outside: what can be read, and the sentence for everything that cannot."""

import os
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from sound_makers import FORMATS, encoded, noise, tone

from sgim.checks import SgimError
from sgim.media.sound_files import decode_sound, read_sound
from sgim.media.waveforms import as_waveform


def loudest_hertz(waveform: torch.Tensor, sample_rate: int) -> float:
    spectrum = torch.fft.rfft(waveform).abs()
    return float(spectrum.argmax()) * sample_rate / len(waveform)


def sentence_of(path: Path) -> str:
    with pytest.raises(SgimError) as error:
        read_sound(path)
    sentence = str(error.value)
    assert "\n" not in sentence and str(path) in sentence
    return sentence


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("sample_rate", [8_000, 44_100, 48_000])
def test_every_format_and_rate_keeps_pitch_and_length(tmp_path, extension, sample_rate):
    path = tmp_path / f"tone.{extension}"
    soundfile.write(path, tone(1.5, sample_rate), sample_rate)
    waveform = read_sound(path)
    assert waveform.dtype == torch.float32 and waveform.ndim == 1
    assert abs(len(waveform) / 16_000 - 1.5) < 0.08
    assert abs(loudest_hertz(waveform, 16_000) - 440) < 2
    assert 0.4 < float(waveform.abs().max()) < 0.65


def test_odd_sample_rates_and_other_targets_work(tmp_path):
    path = tmp_path / "odd.wav"
    soundfile.write(path, tone(1.0, 44_101), 44_101)
    for target in (16_000, 22_050):
        waveform = read_sound(path, target)
        assert abs(len(waveform) - target) <= 1
        assert abs(loudest_hertz(waveform, target) - 440) < 2


def test_stereo_becomes_the_mean_of_its_channels(tmp_path):
    path = tmp_path / "stereo.wav"
    left, right = tone(0.5, 16_000, 300), tone(0.5, 16_000, 900)
    soundfile.write(path, np.stack([left, right], axis=1), 16_000, subtype="FLOAT")
    mean = torch.from_numpy((left + right) / 2)
    torch.testing.assert_close(read_sound(path), mean, atol=2e-3, rtol=0)


def test_channels_that_cancel_out_are_not_taken_for_silence(tmp_path):
    path = tmp_path / "opposite.wav"
    left = tone(0.5, 16_000)
    soundfile.write(path, np.stack([left, -left], axis=1), 16_000)
    assert float(read_sound(path).abs().max()) > 0.4


def test_blocks_join_without_a_seam(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, tone(25.0, 48_000, 100), 48_000, subtype="FLOAT")
    waveform = read_sound(path)
    assert torch.diff(waveform, n=2)[800:-800].abs().max() < 1e-3


@pytest.mark.parametrize("extension", FORMATS)
def test_a_tenth_of_a_second_is_enough(tmp_path, extension):
    path = tmp_path / f"short.{extension}"
    soundfile.write(path, tone(0.1, 16_000), 16_000)
    assert len(read_sound(path)) >= 1_600


def test_ten_minutes_are_allowed_and_more_is_refused(tmp_path):
    for seconds in (600, 601):
        path = tmp_path / f"{seconds}.wav"
        soundfile.write(path, np.tile(tone(1.0, 4_000), seconds), 4_000)
    assert len(read_sound(tmp_path / "600.wav")) == 600 * 16_000
    assert "at most 10 min" in sentence_of(tmp_path / "601.wav")


def test_a_missing_file_is_named(tmp_path):
    assert "does not exist" in sentence_of(tmp_path / "nothing.wav")


def test_a_folder_is_refused(tmp_path):
    assert "is a folder" in sentence_of(tmp_path)


ODD_NAMES = {"too long": "x" * 300 + ".wav", "a null byte": "a\0b.wav", "a loop": "loop.wav"}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_a_name_that_cannot_be_looked_up_gets_one_sentence(tmp_path, name):
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    with pytest.raises(SgimError, match="does not exist|cannot be read") as error:
        read_sound(tmp_path / name)
    assert "\n" not in str(error.value)


def test_a_file_in_a_locked_folder_gets_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "locked.wav"

    def locked(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "stat", locked)
    with pytest.raises(SgimError, match=r"locked.wav cannot be read \(Permission denied\)"):
        read_sound(path)


@pytest.mark.parametrize("path", [None, 5, b"a.wav", ["a.wav"]])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(SgimError, match="the path of a sound is"):
        read_sound(path)


def test_file_names_of_other_encodings_are_read_and_can_be_printed(tmp_path):
    good, bad = (Path(os.fsdecode(os.fsencode(tmp_path) + name)) for name in (b"/\xe9", b"/\xe8\n"))
    good.write_bytes(encoded(tone(1.0), "WAV"))
    bad.write_bytes(b"only words")
    assert len(read_sound(good)) == 16_000
    with pytest.raises(SgimError, match=r"\\xe8\\n is not a sound") as error:
        read_sound(bad)
    assert str(error.value).isprintable()


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "empty.wav"
    path.touch()
    assert "is empty (0 bytes)" in sentence_of(path)


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize(
    "content",
    [b"only words\n" * 500, bytes(5_000), b"\x89PNG\r\n\x1a\n" + b"pixels" * 900],
    ids=["text", "zeros", "picture"],
)
def test_what_is_not_a_sound_is_refused_quietly(tmp_path, capfd, extension, content):
    path = tmp_path / f"words.{extension}"
    path.write_bytes(content)
    assert "is not a sound" in sentence_of(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_truncated_file_is_refused_quietly(tmp_path, capfd, extension, share):
    whole, cut = tmp_path / f"whole.{extension}", tmp_path / f"cut.{extension}"
    soundfile.write(whole, noise(3.0, 22_050), 22_050)
    content = whole.read_bytes()
    cut.write_bytes(content[: int(len(content) * share)])
    assert "truncated" in sentence_of(cut)
    assert capfd.readouterr().err == ""
    assert len(read_sound(whole)) > 0


def test_a_wav_written_to_a_pipe_is_not_taken_for_truncated(tmp_path):
    path = tmp_path / "piped.wav"
    soundfile.write(path, tone(1.0, 16_000), 16_000)
    content = bytearray(path.read_bytes())
    start = content.index(b"data") + 4
    content[start : start + 4] = struct.pack("<I", 0xFFFF_FFFF)
    path.write_bytes(content)
    assert len(read_sound(path)) == 16_000


def test_a_bare_mp3_stream_whose_length_can_only_be_guessed_is_read(tmp_path):
    path = tmp_path / "bare.mp3"
    samples = np.concatenate([np.zeros(44_100, np.float32), noise(2.0, 44_100)])
    soundfile.write(path, samples, 44_100, bitrate_mode="VARIABLE")
    content = path.read_bytes()
    assert b"Xing" in content[:200]
    path.write_bytes(content[content.index(content[:2], 4) :])
    assert soundfile.info(path).duration > 3.5
    assert abs(len(read_sound(path)) / 16_000 - 3.0) < 0.1


def test_a_file_without_samples_is_refused(tmp_path):
    path = tmp_path / "none.wav"
    soundfile.write(path, np.zeros(0, np.float32), 16_000)
    assert "has no samples" in sentence_of(path)


def test_less_than_a_tenth_of_a_second_is_refused(tmp_path):
    path = tmp_path / "blip.wav"
    soundfile.write(path, tone(0.05, 16_000), 16_000)
    assert "lasts 0.050 s" in sentence_of(path) and "at least 0.1 s" in sentence_of(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinite_samples_are_refused(tmp_path, value):
    path = tmp_path / "hole.wav"
    samples = tone(1.0, 16_000)
    samples[5_000] = value
    soundfile.write(path, samples, 16_000, subtype="FLOAT")
    assert "NaN or infinite" in sentence_of(path)


@pytest.mark.parametrize("level", [0.0, 0.25])
def test_silence_is_refused_even_with_an_offset(tmp_path, level):
    path = tmp_path / "silence.flac"
    soundfile.write(path, np.full(16_000, level, np.float32), 16_000)
    assert "is silent" in sentence_of(path)


def test_raw_samples_are_refused(tmp_path):
    path = tmp_path / "samples.raw"
    path.write_bytes(tone(1.0, 16_000).tobytes())
    assert "without a header" in sentence_of(path)


def test_arrays_and_tensors_follow_the_same_rules():
    samples = tone(1.0, 8_000)
    expected = as_waveform(samples, 8_000)
    assert expected.shape == (16_000,) and expected.dtype == torch.float32
    stereo = torch.from_numpy(np.stack([samples, samples]))
    torch.testing.assert_close(as_waveform(stereo, 8_000), expected)
    integers = np.round(samples.astype(np.float64) * 32_768).astype(np.int16)
    torch.testing.assert_close(as_waveform(integers, 8_000), expected, atol=1e-4, rtol=0)
    kept = as_waveform(samples, 8_000, 8_000)
    assert torch.equal(kept, torch.from_numpy(samples))


@pytest.mark.parametrize(
    ("sound", "sample_rate", "words"),
    [
        (tone(1.0, 8_000), None, "sample_rate"),
        (tone(1.0, 8_000), 10, "10 samples per second"),
        (tone(0.05, 8_000), 8_000, "at least 0.1 s"),
        (np.zeros(0), 8_000, "has no samples"),
        (np.zeros(8_000), 8_000, "is silent"),
        (np.full(8_000, np.nan), 8_000, "NaN or infinite"),
        (np.zeros((8_000, 2)), 8_000, "transposed"),
        (np.zeros((1, 1, 8_000)), 8_000, "has shape (1, 1, 8000)"),
        (np.array(["rain"]), 8_000, "real numbers"),
    ],
)
def test_bad_arrays_get_one_sentence(sound, sample_rate, words):
    with pytest.raises(SgimError) as error:
        as_waveform(sound, sample_rate)
    assert words in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("extension", FORMATS)
def test_bytes_of_a_file_give_what_the_file_gives(tmp_path, extension):
    path = tmp_path / f"tone.{extension}"
    soundfile.write(path, tone(1.5, 44_100), 44_100)
    assert torch.equal(decode_sound(path.read_bytes(), "tone"), read_sound(path))


def test_bytes_that_are_no_whole_sound_are_refused_under_their_name(tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(1.5, 44_100), 44_100)
    for content, complaint in (
        (b"", "is empty"),
        (b"only words" * 50, "is not a sound"),
        (path.read_bytes()[:9_000], "is truncated"),
    ):
        with pytest.raises(SgimError, match=f"clip 7 {complaint}"):
            decode_sound(content, "clip 7")


def test_many_threads_read_at_once_and_stderr_stays(tmp_path, capfd):
    path = tmp_path / "tone.mp3"
    soundfile.write(path, tone(1.5, 44_100), 44_100)
    with ThreadPoolExecutor(8) as readers:
        waveforms = list(readers.map(read_sound, [path] * 64))
    assert all(torch.equal(waveform, waveforms[0]) for waveform in waveforms)
    os.write(2, b"still here")
    assert capfd.readouterr().err == "still here"
