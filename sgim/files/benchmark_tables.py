"""Benchmarks that come as a table with folds: which file is whose, and in which fold.

folder -> its table -> rows · rows + the files below the folder -> `SoundClips`
"""

import warnings
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sgim.checks import SgimError, require
from sgim.files.sound_clips import SoundClips, files_below
from sgim.files.tables import TableRow, what_each_has, whole_number


def find_table(folder: Path, name: str) -> Path | None:
    """The one file of that name below a folder, the one nearest to it; None where there is none.

    Raises
    ------
    SgimError
        When two lie equally near.
    """
    found = [path for path in files_below(folder) if path.name.lower() == name.lower()]
    nearest = min((len(path.parts) for path in found), default=0)
    found = [path for path in found if len(path.parts) == nearest]
    require(
        len(found) < 2,
        f"{folder} holds several {name}: {', '.join(map(str, found))}; name the folder of one.",
    )
    return found[0] if found else None


@dataclass(frozen=True, kw_only=True)
class BenchmarkColumns:
    """What a table calls a clip's file, its class as a number and a word, and its recording.

    The column "fold" is called so in each of them.
    """

    file: str
    target: str
    name: str
    recording: str

    @property
    def all(self) -> tuple[str, ...]:
        """The columns that a table must have."""
        return self.file, "fold", self.target, self.name, self.recording


def clips_of_table(
    table: Path, rows: list[TableRow], columns: BenchmarkColumns, folder: Path
) -> SoundClips:
    """The clips of a table, which lie anywhere below a folder, in the order of their file names.

    Raises
    ------
    SgimError
        When a clip is missing, or two rows say different things of one clip or class.

    Warns
    -----
    UserWarning
        When a row is there twice, or a recording is in several folds.
    """

    def file_of(row: TableRow) -> str:
        return PurePosixPath(row[columns.file].replace("\\", "/")).name

    def target_of(row: TableRow) -> int:
        return row.number(columns.target)

    rows = sorted(rows, key=file_of)
    folds = what_each_has(rows, file_of, "fold", _fold_of)
    targets = what_each_has(rows, file_of, "class", target_of)
    groups = what_each_has(rows, file_of, "recording", lambda row: row[columns.recording])
    names = what_each_has(rows, target_of, "name", lambda row: row[columns.name])
    if len(folds) < len(rows):
        _warn(f"{table} names {len(rows) - len(folds)} clips more than once; each counts once.")
    _tell_of_recordings_in_several_folds(table, groups, folds)
    order = {target: index for index, target in enumerate(sorted(names))}
    return SoundClips(
        paths=_paths(table, folds, folder),
        classes=[order[target] for target in targets.values()],
        folds=list(folds.values()),
        groups=list(groups.values()),
        names=tuple(names[target].replace("_", " ") for target in sorted(names)),
    )


def _fold_of(row: TableRow) -> int:
    """The number of a fold, also where it is written as the folder of it, "fold2"."""
    return whole_number(row["fold"].lower().removeprefix("fold"), f"fold in {row.place}")


def _tell_of_recordings_in_several_folds(
    table: Path, groups: dict[str, str], folds: dict[str, int]
) -> None:
    folds_of: dict[str, set[int]] = {}
    for file, group in groups.items():
        folds_of.setdefault(group, set()).add(folds[file])
    shared = [group for group, found in folds_of.items() if len(found) > 1]
    if shared:
        _warn(
            f"{table} has {len(shared)} recordings in several folds, such as {shared[0]}; clips of "
            "what is held out are then heard in training."
        )


def _warn(sentence: str) -> None:
    warnings.warn(sentence, UserWarning, stacklevel=3)


def _paths(table: Path, folds: dict[str, int], folder: Path) -> list[Path]:
    """Where the clips lie, each by its own name, in any case where there is no other."""
    found: dict[str, list[Path]] = {}
    for path in files_below(folder):
        if path.is_file():
            found.setdefault(path.name.lower(), []).append(path)
    missing = [file for file in folds if file.lower() not in found]
    if missing:
        others = f" (and {len(missing) - 1} more)" if missing[1:] else ""
        raise SgimError(
            f"{missing[0]} is named in {table.name} but missing below {folder}{others}; unpack it "
            "again."
        )
    return [_best(found[file.lower()], file, f"fold{fold}") for file, fold in folds.items()]


def _best(paths: list[Path], name: str, fold: str) -> Path:
    """Of files of one name one that is not empty, in the folder of its fold, near to the top."""

    def drawbacks(path: Path) -> tuple:
        empty = path.stat().st_size == 0
        return empty, path.name != name, path.parent.name != fold, len(path.parts), path

    return min(paths, key=drawbacks) if len(paths) > 1 else paths[0]
