"""ESC-50 and ESC-10, environmental sounds in five folds (Piczak 2015).

folder with `esc50.csv`, or with a folder per class -> `SoundClips`
"""

import os
import re
import warnings
from pathlib import Path

from sgim.checks import require
from sgim.files.benchmark_tables import BenchmarkColumns, clips_of_table, find_table
from sgim.files.sound_clips import SoundClips, require_folder, sounds_below
from sgim.files.tables import read_table

ESC10_CLASS_FOLDER = re.compile(r"\d+ - (?P<name>.+)")
ESC10_CLIP = re.compile(r"(?P<fold>\d+)-(?P<recording>\d+)-\w+")
COLUMNS = BenchmarkColumns(file="filename", target="target", name="category", recording="src_file")


def read_esc(folder: str | os.PathLike, *, only_esc10: bool = False) -> SoundClips:
    """Read ESC-50 or ESC-10 (Piczak 2015), 5 folds.

    Two layouts are known: the table `esc50.csv` and its clips anywhere below the folder (as
    published: `meta/esc50.csv` and `audio/*.wav`), of which `only_esc10` keeps the rows of ESC-10;
    and one folder per class, "001 - Dog bark/1-100032-A.ogg", where the first number of the file
    name is the fold (ESC-10 as first published).

    Raises
    ------
    SgimError
        When the folder is missing or holds neither layout, the table is damaged, a clip of it is
        missing or in two folds.
    """
    folder = require_folder(folder)
    table = find_table(folder, "esc50.csv")
    if table is None:
        return _read_esc10(folder)
    asked = (*COLUMNS.all, "esc10") if only_esc10 else COLUMNS.all
    rows = [row for row in read_table(table, asked) if not only_esc10 or row.says_yes("esc10")]
    require(bool(rows), f"{table} marks no clip as one of ESC-10; get the table anew.")
    return clips_of_table(table, rows, COLUMNS, folder)


def _read_esc10(folder: Path) -> SoundClips:
    sounds = [(path, _class_of(path.relative_to(folder))) for path in sounds_below(folder)]
    matches = [(path, name, ESC10_CLIP.fullmatch(path.stem)) for path, name in sounds if name]
    clips = [(path, name, match) for path, name, match in matches if match]
    require(
        bool(clips),
        f'{folder} holds neither meta/esc50.csv nor clips such as "001 - Dog bark/1-100032-A.ogg"; '
        "name the folder that holds one of them.",
    )
    if len(clips) < len(sounds):
        warnings.warn(
            f"{len(sounds) - len(clips)} sounds in {folder} are left out, for they are not named "
            'such as "001 - Dog bark/1-100032-A.ogg".',
            UserWarning,
            stacklevel=3,
        )
    names = tuple(dict.fromkeys(name for _, name, _ in clips))
    return SoundClips(
        paths=[path for path, _, _ in clips],
        classes=[names.index(name) for _, name, _ in clips],
        folds=[int(match["fold"]) for _, _, match in clips],
        groups=[match["recording"] for _, _, match in clips],
        names=names,
    )


def _class_of(place: Path) -> str | None:
    """The class that one of the folders above a clip is named after."""
    for part in place.parts[:-1]:
        if match := ESC10_CLASS_FOLDER.fullmatch(part):
            return match["name"].lower()
    return None
