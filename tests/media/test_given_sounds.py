"""What people pass for a sound: each kind is heard, or refused in one sentence."""

import array
import io

import numpy as np
import pytest
import torch
from sound_makers import RATE, encoded, tone

from sgim.checks import SgimError
from sgim.media.given_sounds import is_batch, to_waveform

SAMPLES = np.round(32_767 * tone(1.0)).astype(np.int16)
FILE = encoded(SAMPLES, "WAV")
HEARD = to_waveform(SAMPLES, RATE, RATE)


def read_to_its_end(content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.read()
    return file


FILES = {
    "bytes": FILE,
    "bytearray": bytearray(FILE),
    "memoryview": memoryview(FILE),
    "BytesIO": io.BytesIO(FILE),
    "BytesIO read to its end": read_to_its_end(FILE),
    "array of bytes": np.frombuffer(FILE, np.uint8),
    "tensor of bytes": torch.frombuffer(bytearray(FILE), dtype=torch.uint8),
}


@pytest.mark.parametrize("sound", FILES.values(), ids=FILES)
@pytest.mark.parametrize("rate", [None, 8_000])
def test_the_bytes_of_a_file_are_read_as_a_file(sound, rate):
    assert torch.equal(to_waveform(sound, rate, RATE), HEARD)


def test_paths_and_open_files_are_read(tmp_path):
    path = tmp_path / "rain.wav"
    path.write_bytes(FILE)
    assert torch.equal(to_waveform(np.str_(path), None, RATE), HEARD)
    with path.open("rb") as file:
        assert torch.equal(to_waveform(file, None, RATE), HEARD)


FLOATS = HEARD.numpy()
SAMPLED = {
    "list": FLOATS.tolist(),
    "tuple": tuple(FLOATS.tolist()),
    "array.array": array.array("h", SAMPLES.tolist()),
    "memoryview of samples": memoryview(SAMPLES),
    "with its rate": (FLOATS, RATE),
    "with its rate in a list": [FLOATS, RATE],
    "behind its rate": (RATE, FLOATS),
}


@pytest.mark.parametrize("sound", SAMPLED.values(), ids=SAMPLED)
def test_samples_come_in_many_wrappings(sound):
    assert not is_batch(sound)
    assert torch.equal(to_waveform(sound, RATE, RATE), HEARD)


def test_soft_bytes_of_eight_bits_are_samples():
    eight = (128 + 60 * tone(1.0, peak=1.0)).astype(np.uint8)
    assert len(to_waveform(eight, RATE, RATE)) == RATE


@pytest.mark.parametrize(
    "sound", [["a.wav", "b.wav"], ("a.wav", "b.wav"), [FILE, FILE], [FLOATS.tolist()] * 2, []]
)
def test_several_sounds_are_a_batch(sound):
    assert is_batch(sound)


def closed() -> io.BytesIO:
    file = io.BytesIO(FILE)
    file.close()
    return file


WRONG = {
    "nothing": (None, "is of type NoneType"),
    "a number": (5, "is of type int"),
    "a dictionary": ({"content": FILE}, "is of type dict"),
    "a generator": ((one for one in FILE), "is of type generator"),
    "no bytes": (b"", "is empty"),
    "other bytes": (b"only words" * 99, "is not a sound"),
    "a cut file": (memoryview(FILE)[:20_000], "truncated"),
    "a closed file": (closed(), "cannot be read"),
    "a text file": (io.StringIO("words"), "mode 'rb'"),
    "samples alone": (FLOATS, "without sample_rate"),
    "the rate as text": ((FLOATS, "16000"), "sample_rate is '16000'"),
    "ragged lists": (([[0.1], [0.2, 0.3]], RATE), "is no array of numbers"),
    "numbers alone": ([0.1, 0.2, 0.3], "without sample_rate"),
}


@pytest.mark.parametrize(("sound", "words"), WRONG.values(), ids=WRONG)
def test_everything_else_gets_one_sentence(sound, words):
    with pytest.raises(SgimError, match=words) as error:
        to_waveform(sound, None, RATE)
    assert "\n" not in str(error.value)


def test_a_file_opened_as_text_gets_one_sentence(tmp_path):
    path = tmp_path / "rain.wav"
    path.write_bytes(FILE)
    with path.open() as file, pytest.raises(SgimError, match=r"rain.wav (cannot|gives)"):
        to_waveform(file, None, RATE)
