"""Clips of a data set, whoever published it, and the sounds that lie below a folder.

folder -> files that are sounds, in order · table and files -> `SoundClips`
"""

import dataclasses
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sgim.checks import require
from sgim.files.checkpoint import sha256
from sgim.files.shards import Copies, ShardMember
from sgim.media.sound_suffixes import is_foreign, is_sound, pyav_is_installed, tell_of_left_out

MIDDLE_BYTES = 4096

LEFT_BY_PROGRAMS = ("__macosx", "@eadir", "$recycle.bin", "system volume information")
"""Folders that nobody made on purpose; the rest of what is hidden begins with a dot."""


@dataclass(frozen=True)
class SoundClips:
    """Clips of one data set, in the order of their file names.

    `paths` (files, members of shards, or copies of these); `classes` (index into `names`); `folds`
    (the number the data set gives each clip); `groups` (the recording each clip was cut from);
    `names` of the classes; `missing`: how many clips its table names that are not there.
    """

    paths: list[Path | ShardMember | Copies]
    classes: list[int]
    folds: list[int]
    groups: list[str]
    names: tuple[str, ...]
    missing: int = 0

    def part(self, positions: Sequence[int]) -> "SoundClips":
        """The clips at some positions, with all names."""
        columns = {
            column: [getattr(self, column)[position] for position in positions]
            for column in ("paths", "classes", "folds", "groups")
        }
        return dataclasses.replace(self, **columns)

    def labelled(self, names: Sequence[str]) -> "SoundClips":
        """The clips whose label is one of `names`, numbered by these."""
        order = {name: index for index, name in enumerate(names)}
        kept = self.part(
            [place for place, label in enumerate(self.classes) if self.names[label] in order]
        )
        classes = [order[self.names[label]] for label in kept.classes]
        return dataclasses.replace(kept, classes=classes, names=tuple(names))


def require_folder(folder: str | os.PathLike) -> Path:
    """The folder as a path; raise `SgimError` unless it is there."""
    folder = Path(folder)
    require(folder.is_dir(), f"{folder} is not a folder; put the data set there or name its place.")
    return folder


def is_hidden(name: str) -> bool:
    """Whether a file or folder was left by a program and not put there by anybody.

    Examples
    --------
    >>> [is_hidden(name) for name in ("._rain.wav", ".ipynb_checkpoints", "__MACOSX", "rain.wav")]
    [True, True, True, False]
    """
    return name.startswith((".", "~$")) or name.lower() in LEFT_BY_PROGRAMS


def files_below(folder: Path) -> list[Path]:
    """All files below a folder that are not hidden, sorted; links to folders are followed once.

    Warns
    -----
    UserWarning
        When a folder cannot be read.
    """

    def tell(error: OSError) -> None:
        warnings.warn(
            f"{error.filename} cannot be read ({error.strerror}); what is in it is left out.",
            UserWarning,
            stacklevel=2,
        )

    found, seen, top = [], set(), Path(os.path.realpath(folder))
    for place, folders, files in os.walk(folder, onerror=tell, followlinks=True):
        real = Path(os.path.realpath(place))
        if real in seen or (seen and top.is_relative_to(real)):
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        found += [Path(place, name) for name in files if not is_hidden(name)]
    return sorted(found)


def sounds_below(folder: Path) -> list[Path]:
    """The files below a folder that are sounds by their suffix, sorted.

    Recordings of phones and films count where PyAV is there to read them, but for those whose
    sound lies beside them, as `a.wav` beside `a.mp4`.

    Warns
    -----
    UserWarning
        When PyAV is not there for some.
    """
    files = files_below(folder)
    sounds = [path for path in files if is_sound(path)]
    heard = {path.with_suffix("") for path in sounds}
    foreign = [path for path in files if is_foreign(path) and path.with_suffix("") not in heard]
    if pyav_is_installed():
        return sorted(sounds + foreign)
    tell_of_left_out(foreign, folder)
    return sounds


def copies_among(paths: Sequence[Path]) -> list[Path]:
    """The files that hold the same bytes as an earlier one.

    Only files of one size that look alike in their middle are read as a whole.
    """
    alike: dict[object, list[Path]] = {}
    for path in paths:
        alike.setdefault(_look(path), []).append(path)
    copies = []
    for group in (group for group in alike.values() if len(group) > 1):
        known: dict[str, Path] = {}
        copies += [path for path in group if known.setdefault(sha256(path), path) != path]
    return copies


def _look(path: Path) -> object:
    """Size and middle of a file; of what is none, or empty, something that no other has."""
    try:
        size = path.stat().st_size if path.is_file() else 0
        if size == 0:
            return path
        with open(path, "rb") as file:
            file.seek(size // 2)
            return size, file.read(MIDDLE_BYTES)
    except OSError:
        return path
