"""Sounds in WebDataset shards, which are plain tar files, read in any order.

shards -> headers -> key: `ShardMember` -> `read_clip`, as for a file of its own
"""

import os
import tarfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import torch

from sgim.checks import SgimError, require
from sgim.media.sound_files import decode_sound, read_sound
from sgim.media.sound_suffixes import is_foreign, is_sound, pyav_is_installed, tell_of_left_out

BLOCK = tarfile.BLOCKSIZE
MOST_LINKS = 8
"""How many links one after another are followed."""


def key_of(name: str) -> str:
    """What a clip is called: the name of its file up to the first dot, as in WebDataset.

    Examples
    --------
    >>> key_of("clips/abc_000030.audio.wav")
    'abc_000030'
    """
    return PurePosixPath(name).name.split(".", 1)[0]


@dataclass(frozen=True, slots=True)
class ShardMember:
    """A file inside an uncompressed tar file, read without what stands before it.

    `pieces` is empty, or says at which bytes of a sparse file (offset, length) its data lie.
    """

    shard: Path
    name: str
    offset: int
    num_bytes: int
    pieces: tuple[tuple[int, int], ...] = ()

    @property
    def stem(self) -> str:
        """Its name up to the first dot."""
        return key_of(self.name)

    def __str__(self) -> str:
        return f"{self.shard}/{self.name}"

    def read_bytes(self) -> bytes:
        """All of the file."""
        with open(self.shard, "rb") as file:
            file.seek(self.offset)
            if not self.pieces:
                return file.read(self.num_bytes)
            whole = bytearray(self.num_bytes)
            for offset, length in self.pieces:
                whole[offset : offset + length] = file.read(length)
            return bytes(whole)


@dataclass(frozen=True, slots=True)
class Copies:
    """The same clip in several files, of which the first that can be read is heard."""

    files: tuple[Path | ShardMember, ...]

    @property
    def stem(self) -> str:
        """The name of the clip."""
        return self.files[0].stem

    def __str__(self) -> str:
        return str(self.files[0])


def one_or_copies(files: Sequence[Path | ShardMember]) -> Path | ShardMember | Copies:
    """One clip from all files that bear its key: later ones first, films last, empty ones not if
    others are."""
    in_turn = sorted(reversed(files), key=lambda file: is_foreign(file.name))
    filled = [file for file in in_turn if _num_bytes(file) > 0] or list(files)
    return filled[0] if len(filled) == 1 else Copies(tuple(filled))


def _num_bytes(file: Path | ShardMember) -> int:
    if isinstance(file, ShardMember):
        return file.num_bytes
    return file.stat().st_size if file.exists() else 0


def index_shards(shards: Sequence[str | os.PathLike]) -> dict[str, ShardMember | Copies]:
    """Look up the sounds in WebDataset shards: key -> where they lie.

    Only the headers are read. Links inside a shard lead to what they stand for, and shards that
    were joined end to end are read to the last one. Hidden files are passed over. Recordings of
    phones and films count where PyAV is there to read them.

    Raises
    ------
    SgimError
        When a shard is missing, compressed, cut short or no tar file.

    Warns
    -----
    UserWarning
        When a shard ends without the mark of its end, as one that was cut between two files does;
        when PyAV is not there for some.
    """
    found: dict[str, list[ShardMember]] = {}
    can_read_films = pyav_is_installed()
    for shard in map(Path, shards):
        require(shard.is_file(), f"{shard} is missing; name shards such as clips-000000.tar.")
        try:
            members = _members(shard)
        except tarfile.TarError as error:
            raise SgimError(
                f"{shard} is not a whole, uncompressed tar file ({error}); copy it again, or "
                "leave it out."
            ) from error
        sounds = [one for one in members if is_sound(one[0]) and key_of(one[0])]
        foreign = [one for one in members if is_foreign(one[0]) and key_of(one[0])]
        if can_read_films:
            sounds += foreign
        else:
            heard = {key_of(name) for name, _ in sounds}
            tell_of_left_out([name for name, _ in foreign if key_of(name) not in heard], shard)
        for name, member in sounds:
            pieces = tuple(member.sparse or ())
            name = PurePosixPath(name).name
            place = ShardMember(shard, name, member.offset_data, member.size, pieces)
            found.setdefault(key_of(name), []).append(place)
    return {key: one_or_copies(members) for key, members in found.items()}


def _members(shard: Path) -> list[tuple[str, tarfile.TarInfo]]:
    """Names and headers of the files in a shard, or in each of several that were joined."""
    found, start = [], 0
    with open(shard, "rb") as file:
        while start is not None:
            file.seek(start)
            with tarfile.open(fileobj=file, mode="r:") as archive:
                found += _files_of(archive)
                end = archive.offset
            file.seek(end)
            if any(file.read(BLOCK)):
                if end == start:  # bytes behind the last archive, as any tar ignores
                    break
                raise tarfile.ReadError(f"there is no header at byte {end}")
            start = _next_after_zeros(file)
        if file.tell() == end:
            warnings.warn(
                f"{shard} ends without the mark of its end; it may be cut short: copy it again if "
                "clips are missing.",
                UserWarning,
                stacklevel=3,
            )
    return found


def _next_after_zeros(file: BinaryIO) -> int | None:
    """Where the next block begins that is not zero, None where there is none."""
    while block := file.read(BLOCK):
        if any(block):
            return file.tell() - len(block)
    return None


def _files_of(archive: tarfile.TarFile) -> list[tuple[str, tarfile.TarInfo]]:
    """Name and header of each file; for a link the header of what it leads to in the archive."""
    members = list(archive)
    by_name = {os.path.normpath(member.name): member for member in members}
    found = []
    for member in members:
        name = member.name
        for _ in range(MOST_LINKS):
            if member is None or not (member.islnk() or member.issym()):
                break
            beside = os.path.dirname(member.name) if member.issym() else ""
            member = by_name.get(os.path.normpath(os.path.join(beside, member.linkname)))
        if member is not None and member.isfile():
            found.append((name, member))
    return found


def read_clip(path: Path | ShardMember | Copies, sample_rate: int = 16_000) -> torch.Tensor:
    """Read a sound from a file or a shard: (num_samples,), see `read_sound`.

    Raises
    ------
    SgimError
        When it is missing, damaged, silent, too short or too long; of copies, when all are.
    """
    if isinstance(path, Copies):
        return _first_that_can_be_read(path, sample_rate)
    if isinstance(path, ShardMember):
        return decode_sound(path.read_bytes(), str(path), sample_rate)
    return read_sound(path, sample_rate)


def _first_that_can_be_read(copies: Copies, sample_rate: int) -> torch.Tensor:
    errors = []
    for file in copies.files:
        try:
            return read_clip(file, sample_rate)
        except (SgimError, OSError) as error:
            errors.append(error)
    raise errors[0]
