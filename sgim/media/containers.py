"""What the bytes of a sound file say before anything is decoded.

bytes -> chunks of a wav, pages of an ogg -> whether the file ends before its header says.
"""

import os
import struct
from typing import BinaryIO


def is_cut_short(stream: BinaryIO) -> bool:
    """Whether a wav or ogg file ends inside a block whose length it has announced.

    The decoder plays such files to their end without a word. For flac and mp3 the number of
    decoded samples tells.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    magic = stream.read(12)
    if magic[:4] == b"RIFF" and magic[8:] == b"WAVE":
        return _wav_ends_early(stream, size)
    if magic[:4] == b"OggS":
        stream.seek(max(0, size - 2 * 65_536))
        return _ogg_ends_early(stream.read())
    return False


def _wav_ends_early(stream: BinaryIO, size: int) -> bool:
    position = 12
    while position + 8 <= size:
        stream.seek(position)
        kind, length = struct.unpack("<4sI", stream.read(8))
        if kind == b"data":
            written_to_a_pipe = length >= 0x7FFF_0000
            return not written_to_a_pipe and position + 8 + length > size
        position += 8 + length + length % 2
    return True


def _ogg_ends_early(tail: bytes) -> bool:
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 27 or len(page) < 27 + page[26]:
        return True
    return len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]])
