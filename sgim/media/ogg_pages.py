"""The pages of an ogg file: where its chained streams begin, and whether the last page is there.

bytes -> pages -> the span of each stream. An ogg file may hold several streams one behind the
other, as internet radio writes them; the decoder plays the first one alone.
"""

import os
from dataclasses import dataclass
from typing import BinaryIO

from sgim.media.byte_search import find

FIRST_PAGE, LAST_PAGE = 2, 4
HEAD_SIZE = 27
AUDIO = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")


@dataclass(frozen=True)
class OggStreams:
    """Spans (start, stop) of chained streams in bytes, and whether the last one is complete."""

    spans: tuple[tuple[int, int], ...]
    is_whole: bool


def ogg_streams(stream: BinaryIO, position: int = 0) -> OggStreams:
    """Walk over the pages from `position` on; bytes that are no page are passed over.

    A stream is complete when the last page of each sound in it is there and says so.
    """
    size = stream.seek(0, os.SEEK_END)
    starts, stop, unfinished, opening = [], position, set(), False
    while position + HEAD_SIZE <= size:
        stream.seek(position)
        head = stream.read(HEAD_SIZE + 255 + 8)
        if head[:4] != b"OggS":
            position = find(stream, b"OggS", position + 1)
            if position < 0:
                break
            continue
        first_byte = HEAD_SIZE + head[26]
        next_position = position + first_byte + sum(head[HEAD_SIZE:first_byte])
        if next_position > size:
            unfinished.add(None)
            break
        flags, serial = head[5], head[14:18]
        if flags & FIRST_PAGE and not opening:
            starts.append(position)
            unfinished.clear()
        opening = bool(flags & FIRST_PAGE)
        if opening and head[first_byte:].startswith(AUDIO):
            unfinished.add(serial)
        if flags & LAST_PAGE:
            unfinished.discard(serial)
        position = stop = next_position
    if not starts:
        return OggStreams((), False)
    return OggStreams(tuple(zip(starts, [*starts[1:], stop], strict=True)), not unfinished)
