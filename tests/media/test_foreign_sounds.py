"""Phone and browser recordings and films: read where PyAV is there, named where it is not."""

import io
import struct
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from sound_makers import RATE, chunk, encoded, noise, pcm_format, tone, wav_of

from sgim.checks import SgimError
from sgim.media.foreign_formats import recognize
from sgim.media.sound_files import decode_sound, read_sound

ID3_TAG = b"ID3\x03\0\0\0\0\0\x40" + bytes(64)
RECORDINGS = {
    "m4a": ("ipod", "aac", "AAC in an MP4 file"),
    "3gp": ("3gp", "aac", "AAC in an MP4 file"),
    "mov of Apple": ("mov", "alac", "Apple Lossless in an MP4 file"),
    "aac": ("adts", "aac", "AAC"),
    "webm": ("webm", "libopus", "Opus in a WebM file"),
    "mka": ("matroska", "flac", "FLAC in a Matroska file"),
    "wma": ("asf", "wmav2", "Windows Media Audio in an ASF file"),
    "ac3": ("ac3", "ac3", "AC-3"),
    "wav": ("wav", "aac", "AAC in a wav file"),
    "avi": ("avi", "ac3", "sound in an AVI film"),
    "ts": ("mpegts", "aac", "sound in an MPEG transport stream"),
}


def recorded(
    container: str, codec: str, *, seconds: float = 2.0, with_picture: bool = False, **options
) -> bytes:
    """A tone of 1000 Hz as a phone or a browser writes it."""
    av = pytest.importorskip("av")
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/recording"
        with av.open(path, "w", format=container, options=options) as output:
            track = output.add_stream(codec, rate=48_000)
            track.layout, track.bit_rate = "stereo", 128_000
            picture = add_picture(output) if with_picture else None
            track.codec_context.open()
            for frame in sound_frames(av, track, np.stack([tone(seconds, 48_000, 1_000)] * 2)):
                output.mux(track.encode(frame))
            output.mux(track.encode(None))
            if picture is not None:
                output.mux(picture.encode(av.VideoFrame(32, 32, "yuv420p")))
                output.mux(picture.encode(None))
        return Path(path).read_bytes()


def sound_frames(av, track, channels: np.ndarray):
    """Frames of the size and format that the encoder wants."""
    converter = av.AudioResampler(track.format.name, "stereo", 48_000)
    at_once = track.codec_context.frame_size or 1_024
    for start in range(0, channels.shape[1], at_once):
        piece = np.ascontiguousarray(channels[:, start : start + at_once])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 48_000, start
        yield from converter.resample(frame)


def add_picture(output):
    """A film's track of pictures."""
    picture = output.add_stream("mpeg4", rate=25)
    picture.width, picture.height, picture.pix_fmt = 32, 32, "yuv420p"
    return picture


@pytest.mark.parametrize(("container", "codec", "words"), RECORDINGS.values(), ids=RECORDINGS)
def test_recordings_of_phones_and_browsers_are_read_or_named(
    monkeypatch, tmp_path, container, codec, words
):
    content = recorded(container, codec)
    path = tmp_path / "memo.wav"
    path.write_bytes(content)
    heard = read_sound(path)
    assert abs(len(heard) / RATE - 2) < 0.2
    spectrum = heard[4_000:20_000].numpy()
    assert abs(np.abs(np.fft.rfft(spectrum)).argmax() - 1_000) < 5
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(SgimError, match=f"memo.wav is {words}, .* run `pip install av`"):
        read_sound(path)


def test_the_sound_of_a_film_is_read_and_a_silent_film_is_told():
    heard = decode_sound(recorded("mp4", "aac", with_picture=True), "film.mp4")
    assert abs(len(heard) / RATE - 2) < 0.2
    av = pytest.importorskip("av")
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        picture = add_picture(output)
        output.mux(picture.encode(av.VideoFrame(32, 32, "yuv420p")))
        output.mux(picture.encode(None))
    with pytest.raises(SgimError, match="film.mp4 holds no sound"):
        decode_sound(file.getvalue(), "film.mp4")


@pytest.mark.parametrize(
    ("container", "codec", "options"),
    [("ipod", "aac", {}), ("ipod", "aac", {"movflags": "faststart"}), ("webm", "libopus", {})],
    ids=["m4a", "m4a, table in front", "webm"],
)
def test_a_cut_recording_of_a_phone_is_told(container, codec, options):
    content = recorded(container, codec, seconds=4.0, **options)
    with pytest.raises(SgimError, match="memo is .*truncated"):
        decode_sound(content[: len(content) // 2], "memo")


def test_more_than_ten_minutes_are_refused_by_the_header():
    content = recorded("matroska", "flac")
    before, duration, rest = content.partition(b"\x44\x89\x88")
    assert duration and 1_900 < struct.unpack(">d", rest[:8])[0] < 2_100
    podcast = before + duration + struct.pack(">d", 700_000.0) + rest[8:]
    with pytest.raises(SgimError, match="podcast lasts 11.7 min"):
        decode_sound(podcast, "podcast")


def test_more_channels_than_pyav_reads_safely_are_refused():
    av = pytest.importorskip("av")
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as output:
        track = output.add_stream("pcm_s16le", rate=RATE, layout="hexadecagonal")
        samples = np.zeros((1, 16 * RATE), np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="hexadecagonal")
        frame.sample_rate = RATE
        output.mux(track.encode(frame))
        output.mux(track.encode(None))
    with pytest.raises(SgimError, match="stage has 16 channels; .* at most 8"):
        decode_sound(file.getvalue(), "stage")


@pytest.mark.parametrize("tag", [b"", ID3_TAG], ids=["bare", "behind a tag"])
def test_aac_is_not_taken_for_mp3(monkeypatch, tag):
    content = tag + recorded("adts", "aac")
    assert abs(len(decode_sound(content, "song.mp3")) / RATE - 2) < 0.2
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(SgimError, match="song.mp3 is AAC"):
        decode_sound(content, "song.mp3")


def test_mp3_in_a_wav_is_read_and_aac_in_a_wav_is_named(monkeypatch):
    mp3 = encoded(noise(2.0), "MP3")
    layer3 = pcm_format(0x55)[:-2] + bytes(2) + (12).to_bytes(2, "little") + bytes(12)
    wav = wav_of(chunk(b"fmt ", layer3[8:]), chunk(b"data", mp3))
    assert abs(len(decode_sound(wav, "mp3.wav")) / RATE - 2) < 0.2
    monkeypatch.setitem(sys.modules, "av", None)
    aac = wav_of(pcm_format(0xFF), chunk(b"data", bytes(range(256)) * 99))
    with pytest.raises(SgimError, match="aac.wav is AAC in a wav file"):
        decode_sound(aac, "aac.wav")


def test_a_flac_that_was_written_to_a_pipe_is_read():
    content = bytearray(encoded(tone(2.0), "FLAC"))
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    assert len(decode_sound(bytes(content), "piped")) == 2 * RATE


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3", "AIFF", "CAF", "W64", "AU"])
def test_what_the_common_decoder_reads_is_not_foreign(kind):
    assert recognize(io.BytesIO(encoded(noise(1.0), kind))) is None


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"\xff\xf1", b"RIFF", b"GG" * 400, b"only words" * 99]
)
def test_stubs_and_words_are_no_sound(content):
    found = recognize(io.BytesIO(content))
    assert found is None or found.demuxer == "mpegts"
