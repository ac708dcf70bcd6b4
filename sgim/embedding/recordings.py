"""Recordings on this machine: what each says, and which of them training may hear.

ESC-10, or a folder with a `manifest.csv` -> list of `Recording`
"""

import csv
import re
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import connected_components

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
    recording it was cut from, `repository` the collection that published it; `held_out` ones are
    for measuring only.
    """

    path: Path
    kind: str
    name: str
    group: str
    held_out: bool
    source: str
    license: str
    repository: str


SAME_RECORDING = {
    "esc_30322": "esc_28314",
    "fire_205": "esc_4211",
    "thunder_406": "thunderstorm_019",
}
"""Recordings that are copies, whole or in part, of another: log-mels without the means of their
bands and frames correlate by .94, .65 and .53 at the best shift, where no other pair of one weather
reaches .5. The first two are of one author; the third is published by two games."""


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


def split_repositories(recordings: list[Recording], num_parts: int) -> list[int]:
    """Deal whole repositories out, so that every part has about as many recordings of each name.

    What one repository published, and all repositories that share a recording, stay together.

    Returns
    -------
    list of int
        The part of each recording, from 0 to `num_parts` - 1.

    Raises
    ------
    SgimError
        When there are fewer separate repositories than parts.
    """
    cluster_of = _clusters(recordings)
    clusters: dict[int, set[tuple[str, str]]] = {}
    for recording in recordings:
        cluster = clusters.setdefault(cluster_of[recording.repository], set())
        cluster.add((recording.name, recording.group))
    require(
        0 < num_parts <= len(clusters),
        f"num_parts is {num_parts}; the recordings come from {len(clusters)} separate "
        "repositories: take at most as many parts.",
    )
    counts = {key: Counter(name for name, _ in cluster) for key, cluster in clusters.items()}
    totals = sum(counts.values(), Counter())
    parts = [Counter() for _ in range(num_parts)]

    def weight(count: Counter, beside: Counter) -> float:
        return sum(count[name] * (1 + beside[name]) / totals[name] ** 2 for name in count)

    part_of = {}
    for key in sorted(counts, key=lambda key: (-weight(counts[key], Counter()), key)):
        part_of[key] = min(range(num_parts), key=lambda part: weight(counts[key], parts[part]))
        parts[part_of[key]] += counts[key]
    return [part_of[cluster_of[recording.repository]] for recording in recordings]


def _clusters(recordings: list[Recording]) -> dict[str, int]:
    """Repository -> number of the cluster of all that share recordings with it."""
    names = sorted({recording.repository for recording in recordings})
    groups = sorted({recording.group for recording in recordings})
    holds = np.zeros((len(names), len(groups)))
    for recording in recordings:
        holds[names.index(recording.repository), groups.index(recording.group)] = 1
    _, clusters = connected_components(holds @ holds.T, directed=False)
    return dict(zip(names, clusters.tolist(), strict=True))


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
                    group=_first_of(row["recording_id"]),
                    held_out=row["use"].lower() != "train" or kind in NEVER_TRAINED,
                    source=f"{row['repo']}: {row['path_in_repo']}",
                    license=row["licence"],
                    repository=row["repo"],
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
                Recording(
                    path=path,
                    kind=kind,
                    name=HEARD_AS[kind],
                    group=_first_of(f"esc_{group}"),
                    held_out=held_out,
                    source=source,
                    license=terms,
                    repository=f"ESC-10, fold {fold}",
                )
            )
    return recordings


def _first_of(group: str) -> str:
    return SAME_RECORDING.get(group, group)


def _attributions(path: Path) -> dict[str, tuple[str, str]]:
    """File name -> source and licence, as the README of ESC-10 gives them."""
    if not path.is_file():
        return {}
    return {
        match["file"]: (f"{match['title']} by {match['author']}, {match['url']}", match["license"])
        for match in ATTRIBUTION.finditer(read_text(path))
    }
