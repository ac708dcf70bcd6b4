"""Sounds in WebDataset shards, which are plain tar files, read in any order.

shards -> headers -> key: `ShardMember` -> `read_clip`, as for a file of its own
"""

import os
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from sgim.checks import SgimError, require
from sgim.media.sound_files import SOUND_SUFFIXES, decode_sound, read_sound


@dataclass(frozen=True, slots=True)
class ShardMember:
    """A file inside an uncompressed tar file, read without what stands before it."""

    shard: Path
    name: str
    offset: int
    num_bytes: int

    @property
    def stem(self) -> str:
        """Its name without the suffix, as of a path."""
        return Path(self.name).stem

    def __str__(self) -> str:
        return f"{self.shard}/{self.name}"

    def read_bytes(self) -> bytes:
        """All of the file."""
        with open(self.shard, "rb") as file:
            file.seek(self.offset)
            return file.read(self.num_bytes)


def index_shards(shards: Sequence[str | os.PathLike]) -> dict[str, ShardMember]:
    """Look up the sounds in WebDataset shards: key -> where they lie.

    Only the headers are read. A key is the member's name without folders and suffix.

    Raises
    ------
    SgimError
        When a shard is missing, compressed, cut short or no tar file.
    """
    found = {}
    for shard in map(Path, shards):
        require(shard.is_file(), f"{shard} is missing; name shards such as clips-000000.tar.")
        try:
            with tarfile.open(shard, "r:") as archive:
                members = [member for member in archive if member.isfile()]
        except tarfile.TarError as error:
            raise SgimError(
                f"{shard} is not a whole, uncompressed tar file ({error}); copy it again, or "
                "leave it out."
            ) from error
        for member in members:
            name = Path(member.name)
            if name.suffix.lower() in SOUND_SUFFIXES:
                found[name.stem] = ShardMember(shard, name.name, member.offset_data, member.size)
    return found


def read_clip(path: Path | ShardMember, sample_rate: int = 16_000) -> torch.Tensor:
    """Read a sound from a file or a shard: (num_samples,), see `read_sound`.

    Raises
    ------
    SgimError
        When it is missing, damaged, silent, too short or too long.
    """
    if isinstance(path, ShardMember):
        return decode_sound(path.read_bytes(), str(path), sample_rate)
    return read_sound(path, sample_rate)
