"""Looks for bytes in a file piece by piece, so that large files never stand in memory."""

from typing import BinaryIO

PIECE = 1 << 20


def find(stream: BinaryIO, wanted: bytes, position: int = 0) -> int:
    """Where `wanted` stands first, from `position` on; -1 where it does not.

    Examples
    --------
    >>> import io
    >>> find(io.BytesIO(b"rain, fire, rain"), b"rain", 1)
    12
    """
    while True:
        stream.seek(position)
        piece = stream.read(PIECE)
        found = piece.find(wanted)
        if found >= 0:
            return position + found
        if len(piece) < PIECE:
            return -1
        position += PIECE - len(wanted) + 1
