"""Sounds that the common decoder does not know: what is in them, and who can read them.

first bytes, chunks -> `ForeignSound`: codec, container, and the name that FFmpeg gives the latter.
"""

from dataclasses import dataclass
from typing import BinaryIO

from sgim.media.byte_search import find
from sgim.media.containers import after_tags, wav_format

SEARCHED_BYTES = 1 << 20
MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
MP4_CODECS = {
    b"mp4a": "AAC",
    b"alac": "Apple Lossless",
    b"Opus": "Opus",
    b"samr": "AMR",
    b"sawb": "AMR wideband",
    b"ac-3": "AC-3",
    b"ec-3": "E-AC-3",
    b".mp3": "MP3",
    b"fLaC": "FLAC",
}
MATROSKA_CODECS = {
    b"A_OPUS": "Opus",
    b"A_VORBIS": "Vorbis",
    b"A_AAC": "AAC",
    b"A_MPEG/L3": "MP3",
    b"A_AC3": "AC-3",
    b"A_EAC3": "E-AC-3",
    b"A_FLAC": "FLAC",
    b"A_PCM": "PCM",
    b"A_DTS": "DTS",
}
WAV_CODECS = {
    0x0050: "MPEG layer 2",
    0x0055: "MP3",
    0x00FF: "AAC",
    0x0160: "Windows Media Audio",
    0x0161: "Windows Media Audio",
    0x0162: "Windows Media Audio",
    0x0163: "Windows Media Audio",
    0x0270: "ATRAC3",
    0x1600: "AAC",
    0x1602: "AAC",
    0x1610: "AAC",
    0x2000: "AC-3",
    0x2001: "DTS",
    0x704F: "Opus",
    0x706D: "AAC",
    0xA106: "AAC",
    0xF1AC: "FLAC",
}
CAF_CODECS = {b"aac ": "AAC", b"opus": "Opus", b".mp3": "MP3", b"ima4": "IMA ADPCM"}
SIMPLE = (
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media Audio", "an ASF file", "asf"),
    (b"#!AMR-WB", "AMR wideband", "", "amr"),
    (b"#!AMR", "AMR", "", "amr"),
    (b"\x0b\x77", "AC-3", "", "ac3"),
    (b"\x7f\xfe\x80\x01", "DTS", "", "dts"),
    (b"FLV\x01", "sound", "a Flash film", "flv"),
    (b"\x00\x00\x01\xba", "sound", "an MPEG film", "mpeg"),
    (b"MAC ", "Monkey's Audio", "", "ape"),
    (b"wvpk", "WavPack", "", "wv"),
    (b"MPCK", "Musepack", "", "mpc8"),
    (b"MP+", "Musepack", "", "mpc"),
    (b"TTA1", "True Audio", "", "tta"),
    (b"tBaK", "TAK", "", "tak"),
    (b"DSD ", "DSD", "", "dsf"),
    (b"FRM8", "DSD", "", "iff"),
    (b".RMF", "RealAudio", "", "rm"),
)


@dataclass(frozen=True)
class ForeignSound:
    """`codec` in a `container` ("" where the codec needs none), for FFmpeg's `demuxer`."""

    codec: str
    container: str
    demuxer: str

    def __str__(self) -> str:
        return f"{self.codec} in {self.container}" if self.container else self.codec


def recognize(stream: BinaryIO) -> ForeignSound | None:
    """A sound that the common decoder cannot read, or would take for another."""
    begin = after_tags(stream)
    stream.seek(begin)
    head = stream.read(400)
    for magic, codec, container, demuxer in SIMPLE:
        if head.startswith(magic):
            return ForeignSound(codec, container, demuxer)
    if head[4:8] in MP4_BOXES:
        return ForeignSound(_mp4_codec(stream, begin), "an MP4 file", "mov")
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        container = "a WebM file" if b"webm" in head[:64] else "a Matroska file"
        return ForeignSound(_matroska_codec(stream, begin), container, "matroska")
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return ForeignSound("sound", "an AVI film", "avi")
    if any(head[at::step][:2] == b"GG" for at, step in ((0, 188), (4, 192))):
        return ForeignSound("sound", "an MPEG transport stream", "mpegts")
    if _is_aac_frame(head[:8]) and _next_is_aac(stream, begin, head):
        return ForeignSound("AAC", "", "aac")
    return None


def recognize_inside(stream: BinaryIO) -> ForeignSound | None:
    """The foreign codec of a sound in a container that the common decoder knows."""
    begin = after_tags(stream)
    stream.seek(begin)
    head = stream.read(96)
    if head.startswith(b"OggS"):
        speex = b"Speex   " in head
        return ForeignSound("Speex" if speex else "sound", "an Ogg file", "ogg")
    if head.startswith(b"fLaC"):
        return ForeignSound("FLAC", "", "flac")
    if head.startswith(b"caff"):
        return ForeignSound(CAF_CODECS.get(head[28:32], "sound"), "a CAF file", "caf")
    if head.startswith(b"FORM") and head[8:12] == b"AIFC":
        return ForeignSound("sound", "an AIFF-C file", "aiff")
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        tag = int.from_bytes(wav_format(stream)[:2], "little")
        return ForeignSound(WAV_CODECS[tag], "a wav file", "wav") if tag in WAV_CODECS else None
    return None


def _mp4_codec(stream: BinaryIO, begin: int) -> str:
    """By the tables of sample descriptions, the first of a sound."""
    place = find(stream, b"stsd", begin)
    while place >= 0:
        stream.seek(place + 16)
        codec = MP4_CODECS.get(stream.read(4))
        if codec:
            return codec
        place = find(stream, b"stsd", place + 4)
    return "sound"


def _matroska_codec(stream: BinaryIO, begin: int) -> str:
    stream.seek(begin)
    start = stream.read(SEARCHED_BYTES)
    return next((codec for mark, codec in MATROSKA_CODECS.items() if mark in start), "sound")


def _is_aac_frame(head: bytes) -> bool:
    return len(head) == 8 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0 and head[2] >> 2 & 15 < 13


def _next_is_aac(stream: BinaryIO, begin: int, head: bytes) -> bool:
    stream.seek(begin + ((head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5))
    following = stream.read(8)
    return not following or _is_aac_frame(following)
