"""Sound data sets that others publish, and plain folders, read into one shape.

folder (and its table) -> `SoundClips`: paths, classes, folds, recordings · `fetch` brings a folder
"""

import csv
import dataclasses
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sgim.checks import require, require_one_of
from sgim.files.downloads import RemoteFile, download, require_disk, unpack
from sgim.files.shards import ShardMember, index_shards
from sgim.media.sound_files import SOUND_SUFFIXES

ESC10_CLASS_FOLDER = re.compile(r"\d+ - (?P<name>.+)")
ESC10_CLIP = re.compile(r"(?P<fold>\d+)-(?P<recording>\d+)-\w+\.(ogg|wav)")
ESC50_COLUMNS = ("filename", "fold", "target", "category", "src_file")
URBANSOUND_COLUMNS = ("slice_file_name", "fsID", "fold", "classID", "class")
VGGSOUND_SPLITS = ("train", "test")


@dataclass(frozen=True)
class SoundClips:
    """Clips of one data set, in the order of their file names.

    `paths` (files, or members of shards); `classes` (index into `names`); `folds` (the number the
    data set gives each clip); `groups` (the recording each clip was cut from); `names` of the
    classes; `missing`: how many clips its table names that are not there.
    """

    paths: list[Path | ShardMember]
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


def _table(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    require(path.is_file(), f"{path} is missing; name the folder that holds it, or fetch it again.")
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    require(
        bool(rows) and set(columns) <= set(rows[0]),
        f"{path} has no rows with the columns {', '.join(columns)}; get the table anew.",
    )
    return rows


def _require_all(paths: list[Path], table: str) -> None:
    for path in paths:
        require(path.is_file(), f"{path} is named in {table} but missing; unpack it again.")


def read_esc(folder: str | os.PathLike, *, only_esc10: bool = False) -> SoundClips:
    """Read ESC-50 or ESC-10 (Piczak 2015), 5 folds.

    Two layouts are known: `audio/*.wav` with the table `meta/esc50.csv`, of which `only_esc10`
    keeps the rows of ESC-10, and one folder per class, "001 - Dog bark/1-100032-A.ogg", where the
    first number of the file name is the fold (ESC-10 as first published).

    Raises
    ------
    SgimError
        When the folder is missing or holds neither layout, or a clip of the table is missing.
    """
    folder = _folder(folder)
    if not (folder / "meta" / "esc50.csv").is_file():
        return _read_esc10(folder)
    columns = (*ESC50_COLUMNS, "esc10") if only_esc10 else ESC50_COLUMNS
    rows = sorted(_table(folder / "meta/esc50.csv", columns), key=lambda row: row["filename"])
    rows = [row for row in rows if not only_esc10 or row["esc10"] == "True"]
    paths = [folder / "audio" / row["filename"] for row in rows]
    _require_all(paths, "esc50.csv")
    return _from_table(rows, paths, target="target", name="category", recording="src_file")


def _from_table(
    rows: list[dict[str, str]], paths: list[Path], *, target: str, name: str, recording: str
) -> SoundClips:
    """Clips of a table whose columns are named by `target`, `name` and `recording`."""
    names = {int(row[target]): row[name].replace("_", " ") for row in rows}
    order = {number: index for index, number in enumerate(sorted(names))}
    return SoundClips(
        paths=paths,
        classes=[order[int(row[target])] for row in rows],
        folds=[int(row["fold"]) for row in rows],
        groups=[row[recording] for row in rows],
        names=tuple(names[number] for number in sorted(names)),
    )


def _read_esc10(folder: Path) -> SoundClips:
    class_folders = [
        (path, match["name"].lower())
        for path in sorted(folder.iterdir())
        if path.is_dir() and (match := ESC10_CLASS_FOLDER.fullmatch(path.name))
    ]
    clips = [
        (path, index, match)
        for index, (class_folder, _) in enumerate(class_folders)
        for path in sorted(class_folder.iterdir())
        if (match := ESC10_CLIP.fullmatch(path.name))
    ]
    require(
        bool(clips),
        f'{folder} holds neither meta/esc50.csv nor clips such as "001 - Dog bark/1-100032-A.ogg"; '
        "name the folder that holds one of them.",
    )
    return SoundClips(
        paths=[path for path, _, _ in clips],
        classes=[index for _, index, _ in clips],
        folds=[int(match["fold"]) for _, _, match in clips],
        groups=[match["recording"] for _, _, match in clips],
        names=tuple(name for _, name in class_folders),
    )


def read_urbansound8k(folder: str | os.PathLike) -> SoundClips:
    """Read UrbanSound8K (Salamon, Jacoby and Bello 2014), 10 folds.

    `audio/fold1/` ... `audio/fold10/` and the table `metadata/UrbanSound8K.csv`. Never mix its
    folds: clips of one recording share one.

    Raises
    ------
    SgimError
        When the folder, the table or a clip of it is missing.
    """
    folder = _folder(folder)
    rows = _table(folder / "metadata/UrbanSound8K.csv", URBANSOUND_COLUMNS)
    rows.sort(key=lambda row: row["slice_file_name"])
    paths = [folder / "audio" / f"fold{row['fold']}" / row["slice_file_name"] for row in rows]
    _require_all(paths, "UrbanSound8K.csv")
    return _from_table(rows, paths, target="classID", name="class", recording="fsID")


@dataclass(frozen=True)
class VggSoundRow:
    """One line of VGG-Sound's table; `key` names its clip, `<video>_<start, six digits>`."""

    key: str
    video: str
    label: str
    split: str


def read_vggsound_table(path: str | os.PathLike) -> list[VggSoundRow]:
    """Read `vggsound.csv` (Chen et al. 2020): video, start in seconds, label, split.

    Raises
    ------
    SgimError
        When the file is missing or a line has another shape.
    """
    path = Path(path)
    require(path.is_file(), f"{path} is missing; `python -m sgim data fetch vggsound` brings it.")
    rows = []
    with open(path, newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            require(
                len(row) == 4 and row[1].isdigit() and row[3] in VGGSOUND_SPLITS,
                f"{path} line {number} is {row}; it must be video, start, label, train or test: "
                "get the table anew.",
            )
            rows.append(VggSoundRow(f"{row[0]}_{int(row[1]):06d}", row[0], row[2], row[3]))
    return rows


def read_vggsound(
    folder: str | os.PathLike,
    *,
    split: str = "train",
    shards: Sequence[str | os.PathLike] = (),
) -> SoundClips:
    """Read the clips of VGG-Sound that are on this machine; absent ones are counted.

    The folder holds `vggsound.csv` and, anywhere below, sounds named `<video>_<start>.wav` (or
    flac, ogg, mp3), the start with six digits. Where `shards` are named, the sounds are looked for
    in these, which are tar files as WebDataset writes them. Videos vanish, so `missing` is rarely
    0. All clips are in fold 1, and `names` are the labels of all splits.

    Raises
    ------
    SgimError
        When the table or a shard is missing or damaged, or no clip of the split is there.
    """
    folder = _folder(folder)
    require_one_of("split", split, VGGSOUND_SPLITS)
    table = read_vggsound_table(folder / "vggsound.csv")
    rows = [row for row in table if row.split == split]
    sounds = (path for path in folder.rglob("*") if path.suffix.lower() in SOUND_SUFFIXES)
    present = index_shards(shards) if shards else {path.stem: path for path in sounds}
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


def read_labelled_folder(folder: str | os.PathLike) -> SoundClips:
    """Read a folder of your own: one folder per label, `rain/shower.wav`.

    Every file counts as a recording of its own, and all are in fold 1.

    Raises
    ------
    SgimError
        When the folder is missing or holds no `label/*.wav` (or flac, ogg, mp3).
    """
    folder = _folder(folder)
    paths = sorted(path for path in folder.glob("*/*") if path.suffix.lower() in SOUND_SUFFIXES)
    require(
        bool(paths),
        f"{folder} holds no sounds such as rain/shower.wav; give each label a folder of its own.",
    )
    names = tuple(sorted({path.parent.name for path in paths}))
    return SoundClips(
        paths=paths,
        classes=[names.index(path.parent.name) for path in paths],
        folds=[1] * len(paths),
        groups=[str(path.relative_to(folder)) for path in paths],
        names=names,
    )


def _folder(folder: str | os.PathLike) -> Path:
    folder = Path(folder)
    require(folder.is_dir(), f"{folder} is not a folder; put the data set there or name its place.")
    return folder


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """What is known of a published data set: its file, its folder's name, and its reader."""

    folder: str
    about: str
    remote: RemoteFile
    read: Callable[[Path], SoundClips]


ESC50 = RemoteFile(
    file_name="ESC-50-master.zip",
    urls=(
        "https://github.com/karolpiczak/ESC-50/archive/master.zip",
        "https://paddleaudio.bj.bcebos.com/datasets/ESC-50-master.zip",
    ),
    num_bytes=646_000_000,
    checksum="md5:7771e4b9d86d0945acce719c7a59305a",
    license="CC BY-NC 3.0 (the clips of ESC-10: CC BY 3.0)",
    citation="K. J. Piczak, ESC: Dataset for Environmental Sound Classification, ACM MM 2015",
)
DATA_SETS = {
    "esc50": DataSet(
        folder="ESC-50",
        about="2000 clips of 5 s, 50 classes, 5 folds",
        remote=ESC50,
        read=read_esc,
    ),
    "esc10": DataSet(
        folder="ESC-50",
        about="400 clips of 5 s, 10 classes, 5 folds; a part of ESC-50",
        remote=ESC50,
        read=lambda folder: read_esc(folder, only_esc10=True),
    ),
    "urbansound8k": DataSet(
        folder="UrbanSound8K",
        about="8732 clips of up to 4 s, 10 classes, 10 folds",
        remote=RemoteFile(
            file_name="UrbanSound8K.tar.gz",
            urls=("https://zenodo.org/records/1203745/files/UrbanSound8K.tar.gz",),
            num_bytes=6_023_741_708,
            checksum="md5:9aa69802bbf37fb986f71ec1483a196e",
            license="CC BY-NC 4.0",
            citation="J. Salamon, C. Jacoby, J. P. Bello, A Dataset and Taxonomy for Urban Sound "
            "Research, ACM MM 2014",
        ),
        read=read_urbansound8k,
    ),
    "vggsound": DataSet(
        folder="vggsound",
        about="the list of 199,176 clips of 10 s, 309 classes; the clips you bring yourself",
        remote=RemoteFile(
            file_name="vggsound.csv",
            urls=("https://www.robots.ox.ac.uk/~vgg/data/vggsound/vggsound.csv",),
            num_bytes=8_000_000,
            license="CC BY 4.0 (the list; the videos have licences of their own)",
            citation="H. Chen et al., VGGSound: A Large-scale Audio-Visual Dataset, ICASSP 2020",
        ),
        read=read_vggsound,
    ),
}


def data_set(name: str) -> DataSet:
    """Return what is known of a data set.

    Raises
    ------
    SgimError
        When the name is none of `DATA_SETS`.
    """
    require_one_of("data set", name, tuple(DATA_SETS))
    return DATA_SETS[name]


def fetch(name: str, root: str | os.PathLike, *, progress: bool = True) -> Path:
    """Download and unpack a data set below `root`, unless it is there; return its folder.

    Raises
    ------
    SgimError
        When the name is unknown, the disk is too full, or the download fails; the sentence tells
        how to fetch the file by hand.
    """
    known, root = data_set(name), Path(root)
    folder = root / known.folder
    if known.remote.file_name.endswith(".csv"):
        download(known.remote, folder, progress=progress)
    elif not folder.exists():
        require_disk(root, 2 * known.remote.num_bytes + (1 << 28), f"{name} with its archive")
        archive = download(known.remote, root, progress=progress)
        unpack(archive, folder)
    return folder
