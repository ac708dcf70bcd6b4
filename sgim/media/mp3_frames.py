"""The frames of an mp3: where its joined streams begin and end, and how long they are.

bytes -> frame after frame -> `Mp3Stream`s -> the bytes of each, its length told in front.

An mp3 has no length but the one that a frame "Xing" or "Info" in front may tell. The decoder
believes that frame and stops where joined files go on; without it the decoder guesses.
"""

import functools
import io
import os
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from sgim.media.containers import after_tags

RATES = (44_100, 48_000, 32_000)
KILOBITS = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By (MPEG-1, layer) and the number in the header less 1."""

FRAMES_IN_A_ROW = 3
"""So many prove that bytes which look like a frame are one."""

LEAST_FRAMES = 4
MOST_JUNK = 1 << 20
"""Further in front of the first frame nobody looks for it."""

PIECE = 1 << 16


class Frame(NamedTuple):
    """What four bytes of header tell; `kind` stays the same throughout a stream."""

    num_bytes: int
    num_samples: int
    kind: tuple[int, int, int, bool]
    length_at: int
    """Where the tag "Xing" or "Info" stands in a frame that tells the length of the stream."""


@dataclass
class Mp3Stream:
    """Frames of one kind that belong together.

    `told_frames` is the number that its first frame tells; None where it tells none.
    """

    kind: tuple[int, int, int, bool]
    samples_per_frame: int
    told_frames: int | None = None
    num_frames: int = 0
    spans: list[tuple[int, int]] = field(default_factory=list)

    @property
    def num_samples(self) -> int:
        """Samples of each channel in all of its frames."""
        return self.num_frames * self.samples_per_frame

    def add(self, start: int, stop: int) -> None:
        """Let it go on with the bytes from `start` to `stop`."""
        if self.spans and self.spans[-1][1] == start:
            start = self.spans.pop()[0]
        self.spans.append((start, stop))

    def cut_out(self, stream: BinaryIO) -> io.BytesIO:
        """Its own bytes alone; those of layer 3 begin with a frame that tells its length."""
        has_length = self.told_frames is not None or self.kind[1] != 3
        parts = [] if has_length else [self._told_length(stream)]
        for start, stop in self.spans:
            stream.seek(start)
            parts.append(stream.read(stop - start))
        return io.BytesIO(b"".join(parts))

    def _told_length(self, stream: BinaryIO) -> bytes:
        stream.seek(self.spans[0][0])
        first = stream.read(4)
        header = bytes([0xFF, first[1] | 1, first[2] & 0x0D | 0x90, first[3]])
        frame = read_header(header)
        tag = b"Xing" + (1).to_bytes(4, "big") + self.num_frames.to_bytes(4, "big")
        return (header + bytes(frame.length_at - 4) + tag).ljust(frame.num_bytes, b"\0")


@functools.lru_cache(maxsize=1024)
def read_header(header: bytes) -> Frame | None:
    """What the header of a frame tells; None for bytes that are none, or of a free bit rate."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bit_rate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer == 4 or bit_rate in (0, 15) or rate == 3:
        return None
    mpeg1, mono = version == 3, header[3] >> 6 == 3
    sample_rate = RATES[rate] // {3: 1, 2: 2, 0: 4}[version]
    num_samples = {1: 384, 2: 1152, 3: 1152 if mpeg1 else 576}[layer]
    slot = 4 if layer == 1 else 1
    bits_per_second = 1000 * KILOBITS[mpeg1, layer][bit_rate - 1]
    slots = num_samples // (8 * slot) * bits_per_second // sample_rate + padding
    side = (17 if mono else 32) if mpeg1 else (9 if mono else 17)
    checksum = 0 if header[1] & 1 else 2
    return Frame(slots * slot, num_samples, (version, layer, rate, mono), 4 + checksum + side)


def mp3_streams(stream: BinaryIO) -> list[Mp3Stream]:
    """Walk over all frames and gather them into the streams that were joined.

    A stream ends where its first frame says, where another one tells a length, and where frames
    of another kind begin. Other bytes between frames are passed over, and so are remains of less
    than four frames.
    """
    size = stream.seek(0, os.SEEK_END)
    streams: list[Mp3Stream] = []
    position = _next_frame(stream, 0, MOST_JUNK)
    while position is not None:
        stream.seek(position)
        head = stream.read(64)
        frame = read_header(head[:4])
        current = streams[-1] if streams else None
        if frame is None or (current and frame.kind != current.kind):
            position = _next_frame(stream, position)
            if position is None:
                break
            stream.seek(position)
            head = stream.read(64)
            frame = read_header(head[:4])
        if position + frame.num_bytes > size:
            break
        told = _told_frames(head, frame)
        if (
            current is None
            or told is not None
            or frame.kind != current.kind
            or current.num_frames == current.told_frames
        ):
            current = Mp3Stream(frame.kind, frame.num_samples, told)
            streams.append(current)
        current.num_frames += told is None
        current.add(position, position + frame.num_bytes)
        position += frame.num_bytes
    return [one for one in streams if one.num_frames >= LEAST_FRAMES]


def _told_frames(head: bytes, frame: Frame) -> int | None:
    tag = head[frame.length_at : frame.length_at + 12]
    if tag[:4] not in (b"Xing", b"Info") or not tag[7] & 1:
        return None
    return int.from_bytes(tag[8:], "big")


def _next_frame(stream: BinaryIO, position: int, within: int | None = None) -> int | None:
    """The first place from `position` on where frames of one kind stand in a row."""
    position = after_tags(stream, position)
    end = None if within is None else position + within
    while True:
        stream.seek(position)
        piece = stream.read(PIECE)
        place = piece.find(b"\xff")
        while place >= 0:
            if read_header(piece[place : place + 4]) and _is_row(stream, position + place):
                return position + place
            place = piece.find(b"\xff", place + 1)
        position += PIECE - 3
        if len(piece) < PIECE or (end is not None and position > end):
            return None


def _is_row(stream: BinaryIO, position: int) -> bool:
    kind = None
    for _ in range(FRAMES_IN_A_ROW):
        stream.seek(position)
        header = stream.read(4)
        frame = read_header(header)
        if kind is not None and len(header) < 4:
            return True
        if frame is None or frame.kind != (kind or frame.kind):
            return False
        kind = frame.kind
        position += frame.num_bytes
    return True
