"""Files whose header and length do not agree: cut, never closed, or merely badly written."""

import pytest
import torch
from sound_makers import RATE, chunk, encoded, noise, pcm, pcm_format, tone, wav_of

from sgim.checks import SgimError
from sgim.media.sound_files import decode_sound

SAMPLES = tone(2.0)
DATA = pcm(SAMPLES)
WHOLE = decode_sound(wav_of(pcm_format(), chunk(b"data", DATA)), "whole")
ID3 = b"ID3\x03\0\0\0\0\x01\x00" + bytes(128)
CUT = ("WAV", "RF64", "AIFF", "CAF", "W64", "AU", "FLAC", "OGG", "MP3")


@pytest.mark.parametrize("kind", CUT)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_file_of_any_kind_is_told_to_be_truncated(kind, share):
    content = encoded(noise(3.0), kind)
    assert abs(len(decode_sound(content, "whole")) - 3 * RATE) < 2_000
    with pytest.raises(SgimError, match="cut is .*truncated"):
        decode_sound(content[: int(share * len(content))], "cut")


@pytest.mark.parametrize("endian", ["LITTLE", "BIG"])
def test_a_wav_of_either_byte_order_is_checked(endian):
    content = encoded(SAMPLES, "WAV", endian=endian)
    assert len(decode_sound(content, "whole")) == 2 * RATE
    with pytest.raises(SgimError, match="truncated"):
        decode_sound(content[:20_000], "cut")


def test_tags_in_front_hide_no_cut():
    content = ID3 + wav_of(pcm_format(), chunk(b"data", DATA))
    assert torch.equal(decode_sound(content, "whole"), WHOLE)
    with pytest.raises(SgimError, match="truncated"):
        decode_sound(content[:20_000], "cut")


@pytest.mark.parametrize("too_many", [16, 36, 44])
def test_a_header_that_was_counted_as_samples_hides_none(too_many):
    content = wav_of(pcm_format(), chunk(b"data", DATA, len(DATA) + too_many))
    assert torch.equal(decode_sound(content, "android"), WHOLE)


NEVER_CLOSED = {
    "wav": wav_of(pcm_format(), chunk(b"data", DATA, 0)),
    "wav of size 0": b"RIFF\0\0\0\0" + wav_of(pcm_format(), chunk(b"data", DATA, 0))[8:],
    "au": encoded(SAMPLES, "AU")[:8] + bytes(4) + encoded(SAMPLES, "AU")[12:],
}


@pytest.mark.parametrize("content", NEVER_CLOSED.values(), ids=NEVER_CLOSED)
def test_a_file_that_its_recorder_never_closed_is_told_so(content):
    with pytest.raises(SgimError, match="crashed was never closed: .* 64000 follow"):
        decode_sound(content, "crashed")


def test_an_empty_recording_with_a_title_was_closed():
    title = chunk(b"LIST", b"INFO" + bytes(200))
    with pytest.raises(SgimError, match="has no samples"):
        decode_sound(wav_of(pcm_format(), chunk(b"data", b""), title), "empty")


ODD = {
    "a title without its pad byte": wav_of(
        pcm_format(), chunk(b"LIST", b"INFOISFT\5\0\0\0Tool\0")[:-1], chunk(b"data", DATA)
    ),
    "the format behind the samples": wav_of(chunk(b"data", DATA), pcm_format()),
    "samples in two pieces": wav_of(
        pcm_format(), chunk(b"data", DATA[:9_000]), chunk(b"data", DATA[9_000:])
    ),
    "other bytes behind": wav_of(pcm_format(), chunk(b"data", DATA)) + b"\1\2\3" * 999,
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_chunks_oddly_laid_hold_the_same_sound(content):
    assert torch.equal(decode_sound(content, "odd"), WHOLE)


def test_a_wav_without_samples_or_format_is_damaged():
    with pytest.raises(SgimError, match="damaged or truncated"):
        decode_sound(wav_of(chunk(b"data", DATA)), "headless")
