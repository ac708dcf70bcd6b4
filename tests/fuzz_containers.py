"""How files are made of parts: where these lie, and how to put them together again.

bytes -> spans of chunks, entries of zip files, steps of pickles · changed parts -> bytes that keep
their checksums, so that a decoder looks further than those
"""

import io
import itertools
import pickletools
import re
import struct
import zipfile
import zlib

PNG = b"\x89PNG\r\n\x1a\n"
OGG_HEAD, OGG_CHECKSUM = 27, slice(22, 26)
MOST_SPANS = 2_000


def spans(content: bytes) -> list[slice]:
    """Where the chunks of a RIFF, AIFF, PNG, JPEG, GIF, FLAC or Ogg file lie, as far as they can
    be followed; none for other files."""
    for magic, walk in WALKS.items():
        if content.startswith(magic):
            return walk(content)
    return []


def _sized(content: bytes, start: int, layout: str, place: int, around: int, even: bool):
    """Chunks one after another, each with its length at `place`, which counts not all of it."""
    found = []
    while start + place + struct.calcsize(layout) <= len(content) and len(found) < MOST_SPANS:
        (length,) = struct.unpack_from(layout, content, start + place)
        length += around + (length % 2 if even else 0)
        found.append(slice(start, min(start + length, len(content))))
        start += length
    return found


def _riff(content: bytes) -> list[slice]:
    return _sized(content, 12, "<I", 4, 8, even=True)


def _aiff(content: bytes) -> list[slice]:
    return _sized(content, 12, ">I", 4, 8, even=True)


def _png(content: bytes) -> list[slice]:
    return _sized(content, len(PNG), ">I", 0, 12, even=False)


def _jpeg(content: bytes) -> list[slice]:
    """Segments up to the first scan."""
    found = _sized(content, 2, ">H", 2, 2, even=False)
    return [span for span in found if content[span.start] == 0xFF]


def _flac(content: bytes) -> list[slice]:
    found, start = [], 4
    while start + 4 <= len(content):
        end = start + 4 + int.from_bytes(content[start + 1 : start + 4], "big")
        found.append(slice(start, min(end, len(content))))
        if content[start] & 0x80:
            break
        start = end
    return found


def _magic_spans(pattern: bytes, content: bytes) -> list[slice]:
    starts = [match.start() for match in re.finditer(pattern, content)][:MOST_SPANS]
    return [slice(*ends) for ends in itertools.pairwise([*starts, len(content)])]


def _ogg(content: bytes) -> list[slice]:
    return _magic_spans(b"OggS", content)


def _gif(content: bytes) -> list[slice]:
    """Extensions and pictures, found by how they begin."""
    return _magic_spans(rb"!\xf9\x04|!\xff\x0b|,\0\0\0\0", content)


WALKS = {
    b"RIFF": _riff,
    b"FORM": _aiff,
    PNG: _png,
    b"\xff\xd8": _jpeg,
    b"GIF8": _gif,
    b"fLaC": _flac,
    b"OggS": _ogg,
}


def repaired(content: bytes) -> bytes:
    """The same with right checksums in the chunks of a PNG and the pages of an Ogg file."""
    if content.startswith(PNG):
        chunks = (content[span] for span in _png(content))
        chunks = (chunk[:-4] + struct.pack(">I", zlib.crc32(chunk[4:-4])) for chunk in chunks)
        return PNG + b"".join(chunks)
    if content.startswith(b"OggS"):
        return b"".join(_repaired_page(content[span]) for span in _ogg(content))
    return content


def _repaired_page(page: bytes) -> bytes:
    if len(page) < OGG_HEAD:
        return page
    start, end = OGG_CHECKSUM.start, OGG_CHECKSUM.stop
    length = OGG_HEAD + page[OGG_HEAD - 1] + sum(page[OGG_HEAD : OGG_HEAD + page[OGG_HEAD - 1]])
    checksum = 0
    for byte in page[:start] + bytes(4) + page[end:length]:
        checksum = (checksum << 8) & 0xFFFFFFFF ^ OGG_TABLE[checksum >> 24 ^ byte]
    return page[:start] + struct.pack("<I", checksum) + page[end:]


def _ogg_table() -> list[int]:
    table = []
    for byte in range(256):
        rest = byte << 24
        for _ in range(8):
            rest = (rest << 1) & 0xFFFFFFFF ^ (0x04C11DB7 if rest >> 31 else 0)
        table.append(rest)
    return table


OGG_TABLE = _ogg_table()


def entries(content: bytes) -> dict[str, bytes]:
    """Name -> content of the entries of a zip file; none where it is no whole one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # a damaged one can fail in any way
        return {}


def zipped(parts: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip file of these entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part, compression)
    return buffer.getvalue()


def pickle_steps(content: bytes) -> list[tuple[str, object, slice]]:
    """Name, argument and place of the steps of a pickle, or of several in a row, without frames;
    as far as they can be followed."""
    found, stream = [], io.BytesIO(content)
    try:
        while stream.tell() < len(content):
            for opcode, argument, start in pickletools.genops(stream):
                found.append((opcode.name, argument, slice(start, stream.tell())))
    except Exception:  # the rest is no pickle
        pass
    return [step for step in found if step[0] != "FRAME"]
