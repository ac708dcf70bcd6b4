"""Sounds joined in one file are all heard; of an mp3, whatever it tells of its length."""

import io

import numpy as np
import pytest
import soundfile
from sound_makers import RATE, encoded, noise, tone

from sgim.checks import SgimError
from sgim.media.mp3_frames import mp3_streams
from sgim.media.sound_files import decode_sound

ID3_TAG = b"ID3\x03\0\0\0\0\x40\x00" + bytes(64 * 128)


def seconds_of(content: bytes) -> float:
    return len(decode_sound(content, "joined")) / RATE


def loudest_hertz(waveform: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(waveform)).argmax()) * RATE / len(waveform)


def bare(mp3: bytes) -> bytes:
    """Without the first frame, which tells the length."""
    assert mp3[:2] == mp3[mp3.index(mp3[:2], 4) :][:2]
    return mp3[mp3.index(mp3[:2], 4) :]


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_joined_files_are_heard_to_their_end(kind):
    first, second = (encoded(tone(2.0, hertz=hertz), kind) for hertz in (300, 900))
    heard = decode_sound(first + second + second, "joined").numpy()
    assert abs(len(heard) / RATE - 6) < 0.2
    assert abs(loudest_hertz(heard[: 2 * RATE]) - 300) < 5
    assert abs(loudest_hertz(heard[-3 * RATE :]) - 900) < 5


@pytest.mark.parametrize("kind", ["OGG", "MP3"])
def test_joined_files_may_differ_in_rate_and_channels(kind):
    second = np.stack([tone(2.0, 44_100), tone(2.0, 44_100)], axis=1)
    joined = encoded(tone(2.0), kind) + encoded(second, kind, 44_100)
    assert abs(seconds_of(joined) - 4) < 0.2


def test_a_chained_opus_stream_is_heard_to_its_end():
    opus = encoded(tone(1.0, 48_000), "OGG", 48_000, subtype="OPUS")
    assert abs(seconds_of(opus * 3) - 3) < 0.1


def test_an_ogg_cut_between_two_pages_is_truncated():
    whole = encoded(noise(10.0), "OGG")
    pages = [place for place in range(len(whole)) if whole[place : place + 4] == b"OggS"]
    assert len(pages) > 4
    for page in (pages[3], pages[-1]):
        with pytest.raises(SgimError, match="truncated"):
            decode_sound(whole[:page], "cut")
    with pytest.raises(SgimError, match="truncated"):
        decode_sound(whole + whole[: pages[3]], "second one cut")


@pytest.mark.parametrize("junk", [bytes(300), bytes(200_000)])
def test_bytes_behind_an_ogg_do_not_matter(junk):
    assert abs(seconds_of(encoded(tone(2.0), "OGG") + junk) - 2) < 0.1


MP3 = encoded(noise(3.0), "MP3")
BARE = bare(MP3)
LENGTHS = {
    "without a told length": (BARE, 3),
    "two without": (BARE + BARE, 6),
    "two without, a tag between": (BARE + ID3_TAG + BARE, 6),
    "two without, zeros between": (BARE + bytes(5_000) + BARE, 6),
    "with, then without": (MP3 + BARE, 6),
    "without, then with": (BARE + MP3, 6),
    "from the middle of a frame": (BARE[100:], 3),
    "with zeros in front": (bytes(700) + MP3, 3),
    "with a tag in front and one behind": (ID3_TAG + MP3 + b"TAG" + bytes(125), 3),
}


@pytest.mark.parametrize(("content", "seconds"), LENGTHS.values(), ids=LENGTHS)
def test_an_mp3_is_heard_to_its_end_whatever_it_tells(content, seconds):
    assert abs(seconds_of(content) - seconds) < 0.2


def test_frames_are_counted_as_the_decoder_counts_them():
    for rate, channels in ((8_000, 1), (22_050, 2), (44_100, 1), (48_000, 2)):
        samples = np.stack([noise(2.0, rate)] * channels, axis=1)
        content = encoded(samples, "MP3", rate)
        (stream,) = mp3_streams(io.BytesIO(content))
        assert stream.told_frames == stream.num_frames
        assert 0 <= stream.num_samples - len(samples) < 4 * 1152
        unknown = io.BytesIO(bare(content))
        (stream,) = mp3_streams(unknown)
        told = soundfile.info(stream.cut_out(unknown)).frames
        assert stream.told_frames is None and 0 <= stream.num_samples - told < 1152


def test_more_than_ten_minutes_in_pieces_are_refused():
    piece = encoded(tone(150.0, 4_000), "FLAC", 4_000)
    with pytest.raises(SgimError, match="at most 10 min"):
        decode_sound(piece * 5, "album")
