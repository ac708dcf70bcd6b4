"""Files -> blocks of samples, checked as they come; several sounds where several are joined.

source -> `sound_parts` -> `SoundBlocks` or `AvBlocks` -> blocks (num_samples, channels), float32
"""

import io
import os
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import soundfile

from sgim.checks import SgimError
from sgim.media.av_decoding import AvBlocks
from sgim.media.byte_search import find
from sgim.media.containers import (
    after_tags,
    joined_wavs,
    mended_wav,
    require_whole,
    truncated,
)
from sgim.media.foreign_formats import recognize, recognize_inside
from sgim.media.mp3_frames import mp3_streams
from sgim.media.ogg_pages import ogg_streams
from sgim.media.waveforms import (
    CODEC_SLACK,
    MAX_SECONDS,
    check_not_too_long,
    check_sample_rate,
    check_samples,
)

BLOCK_SECONDS = 10
BLOCK_SAMPLES = 1 << 22
UNKNOWN_NUM_FRAMES = 2**62
FLAC_START = b"fLaC\0\0\0\x22"
FORMATS = "wav, flac, ogg or mp3"
SOUND_MAGIC = (
    *(b"RIFF", b"RIFX", b"RF64", b"BW64", b"riff", b"fLaC", b"OggS", b"FORM", b"caff", b".snd"),
    *(b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2"),
)


class SoundBlocks:
    """Blocks (num_samples, channels), float32, of an open sound; may be gone through twice.

    Parameters
    ----------
    file : soundfile.SoundFile
    name : str
        What to call it in a complaint.
    length_is_told : bool
        Whether the number of samples stands in the file, and is not guessed.

    Raises
    ------
    SgimError
        For a rate out of range, a sound that is too long or ends early, and for samples that no
        recorder gives.
    """

    def __init__(self, file: soundfile.SoundFile, name: str, length_is_told: bool = True) -> None:
        self.file, self.name, self.length_is_told = file, name, length_is_told
        self.sample_rate, self.num_samples = file.samplerate, 0
        check_sample_rate(self.sample_rate, name)
        if length_is_told:
            check_not_too_long(file.frames / self.sample_rate, name)

    @property
    def seconds(self) -> float:
        """How long the blocks were that were gone through."""
        return self.num_samples / self.sample_rate

    def __iter__(self) -> Iterator[np.ndarray]:
        if self.num_samples:
            self.file.seek(0)
        self.num_samples = 0
        at_once = min(BLOCK_SECONDS * self.sample_rate, BLOCK_SAMPLES // self.file.channels)
        while self.seconds < 2 * MAX_SECONDS:
            block = self.file.read(at_once, dtype="float32", always_2d=True)
            if len(block) == 0:
                break
            check_samples(block, self.sample_rate, self.name)
            self.num_samples += len(block)
            yield block
        slack = CODEC_SLACK if self.file.subtype.startswith("MPEG") else 0
        if self.length_is_told and self.num_samples < self.file.frames - slack:
            raise truncated(self.name)


def sound_parts(
    source: bytes | BinaryIO, stream: BinaryIO, name: str
) -> Iterator[SoundBlocks | AvBlocks]:
    """Yield the sounds in a file, one behind the other; nearly always it is one.

    Parameters
    ----------
    source : path in bytes, or binary file
        For the decoder.
    stream : binary file
        A second look at the same bytes.
    name : str
        What to call it in a complaint.

    Raises
    ------
    SgimError
        When it is no sound, damaged, truncated, or needs PyAV, which is not there.
    """
    foreign = recognize(stream)
    if foreign is not None:
        yield AvBlocks(stream, foreign, name)
        return
    require_whole(stream, name)
    for part in _joined(stream, name) or [source]:
        try:
            file = soundfile.SoundFile(part)
        except soundfile.LibsndfileError:
            yield from _mended_parts(stream, name)
            return
        with file:
            if file.format == "MP3":
                yield from _mp3_parts(file, stream, name)
            elif file.frames >= UNKNOWN_NUM_FRAMES:
                yield AvBlocks(stream, recognize_inside(stream), name)
            else:
                yield SoundBlocks(file, name)


def _mended_parts(stream: BinaryIO, name: str) -> Iterator[SoundBlocks | AvBlocks]:
    """What the decoder refuses: a foreign codec, a wav oddly laid, an mp3 behind other bytes."""
    foreign = recognize_inside(stream)
    if foreign is not None:
        yield AvBlocks(stream, foreign, name)
        return
    mended = mended_wav(stream)
    parts = [mended] if mended else [one.cut_out(stream) for one in mp3_streams(stream)]
    if not parts:
        raise unreadable(stream, name)
    for part in parts:
        with soundfile.SoundFile(part) as file:
            yield SoundBlocks(file, name)


def _joined(stream: BinaryIO, name: str) -> list[io.BytesIO] | None:
    """The sounds joined in a wav, ogg or flac file, without tags in front; None for a lone one."""
    begin = after_tags(stream)
    stream.seek(begin)
    magic = stream.read(8)
    spans = []
    if magic.startswith(b"OggS"):
        streams = ogg_streams(stream, begin)
        if not streams.is_whole:
            raise truncated(name)
        spans = streams.spans
    elif magic.startswith(b"RIFF"):
        spans = joined_wavs(stream, begin)
    elif magic == FLAC_START:
        starts = [begin]
        while (place := find(stream, FLAC_START, starts[-1] + 1)) > 0:
            starts.append(place)
        size = stream.seek(0, os.SEEK_END)
        spans = list(zip(starts, [*starts[1:], size], strict=True))
    if len(spans) > 1 or (spans and begin > 0):
        return [_cut_out(stream, *span) for span in spans]
    return None


def _cut_out(stream: BinaryIO, start: int, stop: int) -> io.BytesIO:
    stream.seek(start)
    return io.BytesIO(stream.read(stop - start))


def _mp3_parts(file: soundfile.SoundFile, stream: BinaryIO, name: str) -> Iterator[SoundBlocks]:
    """The file as it is where the decoder hears all of it, else each of its streams alone."""
    streams = mp3_streams(stream)
    told = bool(streams) and streams[0].told_frames is not None
    num_samples = sum(one.num_samples for one in streams)
    if len(streams) < 2 and (told or num_samples <= file.frames + CODEC_SLACK):
        yield SoundBlocks(file, name, length_is_told=told)
        return
    for one in streams:
        with soundfile.SoundFile(one.cut_out(stream)) as part:
            yield SoundBlocks(part, name)


def unreadable(stream: BinaryIO, name: str) -> SgimError:
    """The complaint about a file that cannot be decoded."""
    stream.seek(0)
    if stream.read(12).startswith(SOUND_MAGIC):
        return SgimError(
            f"{name} is damaged or truncated and cannot be decoded; copy or download it again."
        )
    return SgimError(
        f"{name} is not a sound in a format that can be read; convert it to {FORMATS}."
    )
