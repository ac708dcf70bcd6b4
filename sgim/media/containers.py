"""What the header of a sound file announces, before anything is decoded.

bytes -> chunks, of wav, aiff, caf, w64 and au -> whether all announced samples are there.
"""

import io
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from sgim.checks import SgimError

HEADER_SLACK = 128
"""Some recorders count their header as samples: so many announced bytes may be missing."""

UNKNOWN_LENGTHS = range(0x7FFF_0000, 0x1_0000_0000)
"""What a header of 32 bits announces when it was written to a pipe."""


@dataclass(frozen=True)
class Layout:
    """How chunks stand in a file: the first one at `start`, each padded to a multiple of `pad`.

    `head` is struct's format of kind and length; `counts_head`: the length counts these as well.
    The samples are in the chunk `samples` behind `skip` bytes of other things.
    """

    start: int
    head: str
    samples: bytes = b"data"
    skip: int = 0
    pad: int = 2
    counts_head: bool = False


LAYOUTS = {
    (b"RIFF", b"WAVE"): Layout(12, "<4sI"),
    (b"RF64", b"WAVE"): Layout(12, "<4sI"),
    (b"BW64", b"WAVE"): Layout(12, "<4sI"),
    (b"RIFX", b"WAVE"): Layout(12, ">4sI"),
    (b"FORM", b"AIFF"): Layout(12, ">4sI", b"SSND", 8),
    (b"FORM", b"AIFC"): Layout(12, ">4sI", b"SSND", 8),
    (b"caff", b"desc"): Layout(8, ">4sq", skip=4, pad=1),
    (b"riff", b"\xa5\xd6\x28\xdb"): Layout(40, "<4s12xq", pad=8, counts_head=True),
}
"""By the first four bytes and by those from the eighth on; the last one is Wave64."""


def after_tags(stream: BinaryIO, position: int = 0) -> int:
    """Where the sound begins behind the ID3 tags that may stand at `position`."""
    while True:
        stream.seek(position)
        tag = stream.read(10)
        if len(tag) < 10 or tag[:3] != b"ID3" or max(tag[6:]) > 127:
            return position
        length = sum(byte << shift for byte, shift in zip(tag[6:], (21, 14, 7, 0), strict=True))
        position += 10 + length + (10 if tag[5] & 0x10 else 0)


def require_whole(stream: BinaryIO, name: str) -> None:
    """Raise `SgimError` for a file that ends early or was never closed, as far as its header says.

    The decoder plays the former to their end without a word, and finds nothing in the latter.
    """
    size = stream.seek(0, os.SEEK_END)
    announced = _announced(stream, size)
    if announced is None:
        return
    start, length = announced
    if start + length > size + HEADER_SLACK:
        raise truncated(name)
    if length == 0 and _samples_follow(stream, start, size):
        raise SgimError(
            f"{name} was never closed: its header announces 0 bytes of sound and {size - start} "
            "follow; repair it in an audio editor, or record it again."
        )


def joined_wavs(stream: BinaryIO, position: int) -> list[tuple[int, int]]:
    """Spans (start, stop) of the wav files that stand one behind the other from `position` on."""
    size = stream.seek(0, os.SEEK_END)
    starts = []
    while position + 12 <= size:
        stream.seek(position)
        head = stream.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            break
        starts.append(position)
        length = int.from_bytes(head[4:8], "little")
        position += 8 + length + length % 2
    return list(zip(starts, [*starts[1:], size], strict=True)) if starts else []


def wav_format(stream: BinaryIO) -> bytes:
    """What the chunk "fmt " of a wav file holds; empty where there is none."""
    return b"".join(_wav_chunks(stream, b"fmt ", 1024))


def mended_wav(stream: BinaryIO) -> io.BytesIO | None:
    """A wav file whose chunks are oddly laid, laid as usual: format, then all samples.

    None for what has no format and no samples.
    """
    format_, samples = wav_format(stream), b"".join(_wav_chunks(stream, b"data", 1 << 32))
    if not format_ or not samples:
        return None
    chunks = [
        kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)
        for kind, content in ((b"fmt ", format_), (b"data", samples))
    ]
    body = b"WAVE" + b"".join(chunks)
    return io.BytesIO(b"RIFF" + len(body).to_bytes(4, "little") + body)


def _wav_chunks(stream: BinaryIO, kind: bytes, most_bytes: int) -> Iterator[bytes]:
    size = stream.seek(0, os.SEEK_END)
    begin = after_tags(stream)
    stream.seek(begin)
    head = stream.read(12)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        for other, start, length in _chunks(stream, begin + 12, size, LAYOUTS[b"RIFF", b"WAVE"]):
            if other == kind:
                stream.seek(start)
                yield stream.read(min(length, most_bytes))


def truncated(name: str) -> SgimError:
    """The complaint about a file that ends early."""
    return SgimError(
        f"{name} is truncated: it ends before its header says; copy or download it again."
    )


def _announced(stream: BinaryIO, size: int) -> tuple[int, int] | None:
    """Where the samples start and how many bytes of them there should be, if that is told."""
    begin = after_tags(stream)
    stream.seek(begin)
    head = stream.read(12).ljust(12)
    if head[:4] in (b".snd", b"dns."):
        start, length = struct.unpack(">II" if head[:4] == b".snd" else "<II", head[4:])
        return None if length in UNKNOWN_LENGTHS else (begin + start, length)
    layout = LAYOUTS.get((head[:4], head[8:]))
    if layout is None:
        return None
    long_length, end = -1, size
    for kind, start, length in _chunks(stream, begin + layout.start, size, layout):
        if kind == b"ds64":
            stream.seek(start + 8)
            (long_length,) = struct.unpack("<q", stream.read(8).ljust(8, b"\0"))
        if kind == layout.samples:
            length = long_length if length in UNKNOWN_LENGTHS else length
            return None if length < 0 else (start + layout.skip, max(0, length - layout.skip))
        end = start + length
    return end, 1


def _chunks(
    stream: BinaryIO, position: int, size: int, layout: Layout
) -> Iterator[tuple[bytes, int, int]]:
    """Kind, place and length of one chunk after the other; some writers forget the padding."""
    head_size = struct.calcsize(layout.head)
    while position + head_size <= size:
        stream.seek(position)
        kind, length = struct.unpack(layout.head, stream.read(head_size))
        length -= head_size if layout.counts_head else 0
        position += head_size
        yield kind, position, length
        if length < 0:
            return
        position += length + (-length % layout.pad)
        if length % 2 and layout.pad == 2:
            stream.seek(position - 1)
            names = stream.read(5)
            position -= _is_text(names[:4]) and not _is_text(names[1:])


def _samples_follow(stream: BinaryIO, position: int, size: int) -> bool:
    """Whether something else than a further chunk comes next."""
    stream.seek(position)
    return size - position > HEADER_SLACK and not _is_text(stream.read(4))


def _is_text(name: bytes) -> bool:
    return all(32 <= byte < 127 for byte in name)
