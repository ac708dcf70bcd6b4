"""VGG-Sound, a list of videos with sound, of which one brings the clips oneself (Chen et al. 2020).

`vggsound.csv` + sounds below a folder, or in shards -> `SoundClips`
"""

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sgim.checks import require, require_one_of
from sgim.files.shards import Copies, ShardMember, index_shards, key_of, one_or_copies
from sgim.files.sound_clips import SoundClips, require_folder, sounds_below
from sgim.files.tables import read_table

VGGSOUND_SPLITS = ("train", "test")
COLUMNS = ("video", "start", "label", "split")


@dataclass(frozen=True)
class VggSoundRow:
    """One line of VGG-Sound's table; `key` names its clip, `<video>_<start, six digits>`."""

    key: str
    video: str
    label: str
    split: str


def read_vggsound_table(path: str | os.PathLike) -> list[VggSoundRow]:
    """Read `vggsound.csv` (Chen et al. 2020): video, start in seconds, label, split.

    A clip that is there twice counts once, and as held out where it is in both splits.

    Raises
    ------
    SgimError
        When the file is missing or a line has another shape.

    Warns
    -----
    UserWarning
        When a clip is there twice.
    """
    path = Path(path)
    require(path.is_file(), f"{path} is missing; `python -m sgim data fetch vggsound` brings it.")
    lines = read_table(path, COLUMNS, has_head=False)
    if lines[0]["split"].lower() == "split":
        lines.pop(0)
    rows: dict[str, VggSoundRow] = {}
    for line in lines:
        start, split = line.number("start"), line["split"].lower()
        require(
            start >= 0 and split in VGGSOUND_SPLITS,
            f"{line.place} tells start {start} and split {line['split']!r}; they must be 0 or more "
            "and train or test: get the table anew.",
        )
        row = VggSoundRow(f"{line['video']}_{start:06d}", line["video"], line["label"], split)
        if row.key not in rows or split == "test":
            rows[row.key] = row
    if len(rows) < len(lines):
        warnings.warn(
            f"{path} names {len(lines) - len(rows)} clips more than once; each counts once, and as "
            "held out where it is in both splits.",
            UserWarning,
            stacklevel=2,
        )
    return list(rows.values())


def read_vggsound(
    folder: str | os.PathLike,
    *,
    split: str = "train",
    shards: Sequence[str | os.PathLike] = (),
) -> SoundClips:
    """Read the clips of VGG-Sound that are on this machine; absent ones are counted.

    The folder holds `vggsound.csv` and, anywhere below, sounds named `<video>_<start>.wav` (or
    flac, ogg, mp3), the start with six digits. Where `shards` are named, the sounds are looked for
    in these, which are tar files as WebDataset writes them. What follows the first dot of a name
    does not count, and of several files of one clip the first that can be read is heard. Videos
    vanish, so `missing` is rarely 0. All clips are in fold 1, and `names` are the labels of all
    splits.

    Raises
    ------
    SgimError
        When the table or a shard is missing or damaged, or no clip of the split is there.
    """
    require_one_of("split", split, VGGSOUND_SPLITS)
    return read_vggsound_splits(folder, shards, splits=(split,))[0]


def read_vggsound_splits(
    folder: str | os.PathLike,
    shards: Sequence[str | os.PathLike] = (),
    *,
    splits: tuple[str, ...] = VGGSOUND_SPLITS,
) -> list[SoundClips]:
    """The same for several splits, of which table and clips are looked up once."""
    folder = require_folder(folder)
    table = read_vggsound_table(folder / "vggsound.csv")
    present = index_shards(shards) if shards else _sounds_by_key(folder)
    return [_clips_of_split(folder, table, present, split) for split in splits]


def _sounds_by_key(folder: Path) -> dict[str, Path | Copies]:
    found: dict[str, list[Path]] = {}
    for path in sounds_below(folder):
        found.setdefault(key_of(path.name), []).append(path)
    return {key: one_or_copies(paths) for key, paths in found.items()}


def _clips_of_split(
    folder: Path,
    table: list[VggSoundRow],
    present: dict[str, Path | ShardMember | Copies],
    split: str,
) -> SoundClips:
    rows = [row for row in table if row.split == split]
    found = sorted((row for row in rows if row.key in present), key=lambda row: row.key)
    require(
        bool(found),
        f"{folder} holds none of the {len(rows)} clips of the split {split}; put sounds such as "
        f"{rows[0].key if rows else '<video>_000030'}.wav there, or name shards with them.",
    )
    names = tuple(sorted({row.label for row in table}))
    order = {name: index for index, name in enumerate(names)}
    return SoundClips(
        paths=[present[row.key] for row in found],
        classes=[order[row.label] for row in found],
        folds=[1] * len(found),
        groups=[row.video for row in found],
        names=names,
        missing=len(rows) - len(found),
    )
