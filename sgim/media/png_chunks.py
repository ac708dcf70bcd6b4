"""PNG files without the side data that many of them carry, which can be odd in good pictures.

bytes of a file -> the chunks that make the picture, and its color profile

Pillow gives a picture up for a long note, a long profile, or a check sum of either; image viewers
pass over them.
"""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
OF_PICTURE = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS")
LONGEST_NOTE = 2**16
LONGEST_PROFILE = 2**24
GRAY, COLORS = 0, 2
DEFLATE = 0


def is_png(data: bytes) -> bool:
    """Whether a file begins as PNG files do."""
    return data.startswith(SIGNATURE)


def plain_png(data: bytes) -> tuple[bytes, bytes | None]:
    """The same picture with little else beside it.

    A transparent level or color (tRNS) is given in the depth in which Pillow reads the pixels:
    8 bits, but for gray of 1 and 16.

    Returns
    -------
    bytes, bytes or None
        A PNG file, cut off where the given one is, and the ICC profile, if there is a good one.
    """
    kept, profile, place = [SIGNATURE], None, len(SIGNATURE)
    depth, color = 8, None
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8].ljust(8, b"\0"))
        chunk = data[place : place + length + 12]
        content = chunk[8 : length + 8]
        whole = len(chunk) == length + 12
        sound = whole and zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")
        place += length + 12
        if kind == b"IHDR" and len(content) >= 10:
            depth, color = content[8:10]
        if kind == b"tRNS" and sound:
            kept.append(_chunk(kind, _in_read_depth(content, depth, color)))
        elif kind in OF_PICTURE or not whole:
            kept.append(chunk)
        elif sound and length < LONGEST_NOTE and _may_tell_orientation(kind, content):
            kept.append(chunk)
        elif kind == b"iCCP" and sound:
            profile = profile or _profile(content)
        if kind == b"IEND":
            break
    return b"".join(kept), profile


def _may_tell_orientation(kind: bytes, content: bytes) -> bool:
    """EXIF, or text that is not packed, among which is Adobe's XMP."""
    _keyword, _, rest = content.partition(b"\0")
    return kind == b"eXIf" or (kind == b"iTXt" and rest[:1] == b"\0")


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def _in_read_depth(content: bytes, depth: int, color: int | None) -> bytes:
    """The transparent level of gray, or the color, as it is compared with pixels that were read."""
    if color == GRAY and depth in (2, 4) and len(content) == 2:
        level = int.from_bytes(content, "big") & (2**depth - 1)
        return struct.pack(">H", level * 255 // (2**depth - 1))
    if color == COLORS and depth == 16 and len(content) == 6:
        return struct.pack(">HHH", *(level >> 8 for level in struct.unpack(">HHH", content)))
    return content


def _profile(content: bytes) -> bytes | None:
    """What an iCCP chunk holds: a name, 0, the method, then the profile, which tells its length."""
    _name, _, packed = content.partition(b"\0")
    if packed[:1] != bytes([DEFLATE]):
        return None
    unpacker = zlib.decompressobj()
    try:
        head = unpacker.decompress(packed[1:], 4)
        length = min(int.from_bytes(head, "big"), LONGEST_PROFILE)
        return head + unpacker.decompress(unpacker.unconsumed_tail, max(1, length - 4))
    except zlib.error:
        return None
