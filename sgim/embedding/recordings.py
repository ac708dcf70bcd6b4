"""Recordings on this machine: what each says, and which of them training may hear.

ESC-10, or a folder with a `manifest.csv` -> list of `Recording`
"""

import csv
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from sgim.checks import SgimError, atomic_path, require
from sgim.files.esc import read_esc
from sgim.files.tables import read_table, read_text, what_each_has
from sgim.media.sound_files import read_sound
from sgim.world.names import CLEAR, SOUND_NAMES

TEST_FOLD = 5
HEARD_AS = (
    {name: name for name in SOUND_NAMES}
    | {"fire crackling": "fire", "sea waves": "waves", "stream waterfall": "stream"}
    | dict.fromkeys(("dog", "dog bark", "cat", "baby cry", "clock tick", "person sneeze"), CLEAR)
    | dict.fromkeys(("siren", "train", "helicopter", "chainsaw"), CLEAR)
)
"""Kind of recording -> what it says. Kinds that are neither weather nor clearly none of it, such as
frogs, a rooster or an explosion, are left out."""

NEVER_TRAINED = ("siren", "train", "helicopter", "chainsaw")
"""Kinds kept for measuring how the ear takes what it has never met."""

MANIFEST_COLUMNS = ("file", "class", "recording_id", "use", "repo", "path_in_repo", "licence")

ATTRIBUTION = re.compile(
    r"\[(?P<file>\S+\.ogg)\]:\s+clip derived from (?P<title>.*) \((?P<url>\S+)\)"
    r" by (?P<author>.*) \[(?P<license>.+)\]"
)


@dataclass(frozen=True)
class Recording:
    """An excerpt on disk.

    `kind` is its label in its data set, `name` what it says (one of `HEARD_NAMES`), `group` the
    recording it was cut from; `held_out` ones are for measuring only.
    """

    path: Path
    kind: str
    name: str
    group: str
    held_out: bool
    source: str
    license: str


def find_recordings(real_sounds: Path | None, esc10: Path | None) -> list[Recording]:
    """Collect recordings from folders on this machine.

    Parameters
    ----------
    real_sounds : Path
        Folder with a `manifest.csv` of columns file, class, recording_id, use, repo,
        path_in_repo, licence; rows with the use "train" may be trained on.
    esc10 : Path
        Folder of ESC-10, of which fold 5 is held out.

    Raises
    ------
    SgimError
        When a folder is missing or empty, or none is given; when the manifest is damaged, lacks a
        column, or gives a recording two uses.
    """
    found = [] if real_sounds is None else _read_manifest(Path(real_sounds))
    found += [] if esc10 is None else _read_esc10(Path(esc10))
    require(bool(found), "no recordings found; name a folder with a manifest.csv, or ESC-10's.")
    return found


def those_heard(recordings: list[Recording]) -> list[Recording]:
    """The recordings that can be heard; the others are told of in warnings.

    Raises
    ------
    SgimError
        When there are none.
    """
    heard = []
    for recording in recordings:
        try:
            read_sound(recording.path)
        except (SgimError, OSError) as error:
            warnings.warn(f"a recording is passed over: {error}", UserWarning, stacklevel=2)
        else:
            heard.append(recording)
    require(bool(heard), "none of the recordings can be heard; bring good ones.")
    return heard


def save_sources(recordings: list[Recording], path: Path) -> None:
    """Write where recordings come from, as their licences ask: one line per source."""
    sources: dict[tuple[str, str, str], int] = {}
    for recording in recordings:
        source = (recording.name, recording.source, recording.license)
        sources[source] = sources.get(source, 0) + 1
    with atomic_path(path) as temporary, open(temporary, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("says", "source", "licence", "excerpts"))
        writer.writerows([*source, count] for source, count in sorted(sources.items()))


def _read_manifest(folder: Path) -> list[Recording]:
    rows = read_table(folder / "manifest.csv", MANIFEST_COLUMNS)
    for key in ("file", "recording_id"):
        what_each_has(rows, lambda row, key=key: row[key], "use", lambda row: row["use"])
    recordings = []
    for row in rows:
        kind = row["class"].replace("_", " ").lower()
        if kind in HEARD_AS:
            recordings.append(
                Recording(
                    path=folder / row["file"].replace("\\", "/"),
                    kind=kind,
                    name=HEARD_AS[kind],
                    group=row["recording_id"],
                    held_out=row["use"].lower() != "train" or kind in NEVER_TRAINED,
                    source=f"{row['repo']}: {row['path_in_repo']}",
                    license=row["licence"],
                )
            )
    return recordings


def _read_esc10(folder: Path) -> list[Recording]:
    clips = read_esc(folder, only_esc10=True)
    attributions = _attributions(folder / "README.txt")
    recordings = []
    for path, index, fold, group in zip(
        clips.paths, clips.classes, clips.folds, clips.groups, strict=True
    ):
        kind = clips.names[index]
        if kind in HEARD_AS:
            source, terms = attributions.get(path.name, (f"Freesound {group}", "CC BY 3.0"))
            held_out = fold == TEST_FOLD or kind in NEVER_TRAINED
            recordings.append(
                Recording(path, kind, HEARD_AS[kind], f"esc_{group}", held_out, source, terms)
            )
    return recordings


def _attributions(path: Path) -> dict[str, tuple[str, str]]:
    """File name -> source and licence, as the README of ESC-10 gives them."""
    if not path.is_file():
        return {}
    return {
        match["file"]: (f"{match['title']} by {match['author']}, {match['url']}", match["license"])
        for match in ATTRIBUTION.finditer(read_text(path))
    }
