"""The benchmarks that an embedding is measured on, with their own folds.

name and folder -> `Benchmark`: clips, folds, recordings, and a fingerprint of all of them
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import StratifiedGroupKFold

from sgim.checks import require, require_one_of
from sgim.embedding.recordings import find_recordings
from sgim.evaluation.mini_benchmark import MiniPairs, draw_pairs, mini_sounds
from sgim.files.datasets import data_set
from sgim.files.labelled_folder import read_labelled_folder
from sgim.files.shards import Copies, ShardMember, read_clip
from sgim.files.sound_clips import SoundClips
from sgim.files.vggsound import read_vggsound_splits
from sgim.world.names import SOUND_NAMES

BENCHMARKS = (
    "mini",
    "mini-disturbed",
    "esc10",
    "esc50",
    "urbansound8k",
    "vggsound",
    "recordings",
    "folder",
)
PLACES = {"esc10": ("esc10", "ESC-50"), "esc50": ("ESC-50",)}
"""Folders in data/ that are looked for besides the data set's own."""

TRAIN, TEST = 1, 2
"""The folds where the split is given: what is learned from, what is tested."""

MOST_FOLDS = 5
"""Of a folder of one's own."""


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """Clips with labels, and how they are to be used.

    `title`: what the benchmark is called in tables. `protocol`: what is trained and tested on what.
    `official`: whether the folds are those of the data set's authors. `tested`: folds that are
    tested, each once, by what learned from all others. `read`: a clip and the sample rate one
    wishes for -> waveform and its sample rate. `pairs`: what else belongs to the clips.
    `unit`: what the clips' groups are, which are drawn for intervals.
    """

    name: str
    title: str
    protocol: str
    clips: SoundClips
    official: bool
    tested: tuple[int, ...]
    read: Callable[[object, int], tuple[torch.Tensor, int]]
    pairs: MiniPairs | None = None
    unit: str = "recordings"

    @cached_property
    def digests(self) -> torch.Tensor:
        """SHA-256 of every clip, (clips, 32), uint8."""
        rows = [list(_digest(clip)) for clip in self.clips.paths]
        return torch.tensor(rows, dtype=torch.uint8)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the clips, labels, folds and recordings."""
        clips = self.clips
        told = [clips.names, clips.classes, clips.folds, clips.groups, self.tested]
        digest = hashlib.sha256(json.dumps(told).encode())
        digest.update(self.digests.numpy().tobytes())
        return digest.hexdigest()


def _digest(clip: object) -> bytes:
    if isinstance(clip, torch.Tensor):
        return hashlib.sha256((clip * 32_767).round().to(torch.int16).numpy().tobytes()).digest()
    if isinstance(clip, Copies):
        return _digest(clip.files[0])
    content = clip.read_bytes() if isinstance(clip, ShardMember) else Path(clip).read_bytes()
    return hashlib.sha256(content).digest()


def read_benchmark(
    name: str, folder: str | os.PathLike | None = None, *, num_sets: int = 5
) -> Benchmark:
    """Read a benchmark as its authors split it.

    Parameters
    ----------
    name : str
        One of `BENCHMARKS`.
    folder : path
        Where the data set lies; left out, it is looked for in `data/` or in the folder that the
        environment variable SGIM_DATA names. The mini world makes its own clips.
    num_sets : int
        Sets of the mini world's 40 clips; each is a fold.

    Raises
    ------
    SgimError
        When the name is unknown, the folder is missing or damaged, or nothing can be held out.
    """
    require_one_of("data", name, BENCHMARKS)
    if name.startswith("mini"):
        require(
            folder is None, f"{name} makes its own clips; leave {folder} out, or name other data."
        )
        return _mini(name, num_sets)
    place = Path(folder) if folder is not None else _place_of(name)
    if name == "vggsound":
        return _vggsound(place)
    if name == "recordings":
        return _recordings(place)
    if name == "folder":
        return _own(place)
    clips = data_set(name).read(place)
    folds = sorted(set(clips.folds))
    return Benchmark(
        name=name,
        title={"esc10": "ESC-10", "esc50": "ESC-50", "urbansound8k": "UrbanSound8K"}[name],
        protocol=f"the {len(folds)} folds of its authors, each tested once by what learned from "
        "the others",
        clips=_learnable(clips, place, folds),
        official=True,
        tested=tuple(folds),
        read=_read_file,
    )


def _read_file(clip: object, sample_rate: int) -> tuple[torch.Tensor, int]:
    return read_clip(clip, sample_rate), sample_rate


def _place_of(name: str) -> Path:
    require(
        name not in ("folder", "recordings"),
        f"{name} needs the place of your sounds; name it after the data.",
    )
    data = Path(os.path.expanduser(os.environ.get("SGIM_DATA") or "data"))
    folders = [data / place for place in (*PLACES.get(name, ()), data_set(name).folder)]
    return next((folder for folder in folders if folder.is_dir()), folders[0])


def _mini(name: str, num_sets: int) -> Benchmark:
    disturbed = name == "mini-disturbed"
    pairs = draw_pairs(num_sets)
    folds = [1 + number for number in pairs.sets]
    return Benchmark(
        name=name,
        title="mini world, disturbed" if disturbed else "mini world",
        protocol=f"{max(folds)} folds of synthetic clips that no training drew, each tested once "
        "by what learned from the others",
        clips=SoundClips(
            paths=mini_sounds(pairs, disturbed=disturbed),
            classes=pairs.classes,
            folds=folds,
            groups=[str(number) for number in range(len(folds))],
            names=pairs.names,
        ),
        official=False,
        tested=tuple(sorted(set(folds))),
        read=lambda waveform, sample_rate: (waveform, 16_000),
        pairs=pairs,
    )


def _vggsound(folder: Path) -> Benchmark:
    train, test = read_vggsound_splits(folder)
    known = set(train.classes)
    kept = test.part([place for place, label in enumerate(test.classes) if label in known])
    require(
        bool(kept.paths), f"{folder} holds no test clip of a label that is trained on; add clips."
    )
    both = {
        column: [*getattr(train, column), *getattr(kept, column)]
        for column in ("paths", "classes", "groups")
    }
    folds = [TRAIN] * len(train.paths) + [TEST] * len(kept.paths)
    missing = train.missing + test.missing + len(test.paths) - len(kept.paths)
    return Benchmark(
        name="vggsound",
        title="VGG-Sound",
        protocol="trained on the split train, tested on the split test",
        clips=_without_empty(replace(train, **both, folds=folds, missing=missing)),
        official=True,
        tested=(TEST,),
        read=_read_file,
    )


def _recordings(folder: Path) -> Benchmark:
    """Recordings with a manifest: learned from those that may be trained on, tested on the others;
    nothing is learned from a repository that is tested."""
    found = [one for one in find_recordings(folder, None) if one.name in SOUND_NAMES]
    tested = {one.repository for one in found if one.held_out}
    kept = [one for one in found if one.held_out or one.repository not in tested]
    clips = SoundClips(
        paths=[one.path for one in kept],
        classes=[SOUND_NAMES.index(one.name) for one in kept],
        folds=[TEST if one.held_out else TRAIN for one in kept],
        groups=[one.repository for one in kept],
        names=SOUND_NAMES,
    )
    return Benchmark(
        name="recordings",
        title="recordings, by repository",
        protocol="learned from recordings that may be trained on, tested on those that are for "
        "measuring alone; all of a repository is on one side",
        clips=_learnable(clips, folder, [TRAIN, TEST]),
        official=False,
        tested=(TEST,),
        read=_read_file,
        unit="repositories",
    )


def _own(folder: Path) -> Benchmark:
    clips = read_labelled_folder(folder)
    pairs = sorted(set(zip(clips.classes, clips.groups, strict=True)))
    recordings = Counter(label for label, _ in pairs)
    least = min(recordings, key=recordings.get)
    require(
        len(recordings) > 1 and recordings[least] > 1,
        f"{folder} has {len(recordings)} labels and {recordings[least]} recordings of "
        f"{clips.names[least]}; a benchmark needs two of both: add sounds.",
    )
    number = min(MOST_FOLDS, recordings[least])
    folds = np.zeros(len(clips.classes), dtype=int)
    splits = StratifiedGroupKFold(number).split(folds, clips.classes, clips.groups)
    for fold, (_, tested) in enumerate(splits, start=1):
        folds[tested] = fold
    numbers = sorted(set(folds.tolist()))
    return Benchmark(
        name="folder",
        title="a folder of one's own",
        protocol=f"{number} folds made here, recordings kept whole",
        clips=_learnable(replace(clips, folds=folds.tolist()), folder, numbers),
        official=False,
        tested=tuple(numbers),
        read=_read_file,
    )


def _without_empty(clips: SoundClips) -> SoundClips:
    """The clips without the names that none of them has."""
    present = sorted(set(clips.classes))
    return clips.labelled([clips.names[label] for label in present])


def _learnable(clips: SoundClips, folder: Path, folds: list[int]) -> SoundClips:
    """The clips, when every label can be learned from the other folds."""
    require(len(folds) > 1, f"{folder} holds one fold alone; get the whole data set.")
    clips = _without_empty(clips)
    require(len(clips.names) > 1, f"{folder} holds one label alone; get the whole data set.")
    seen: dict[int, set[int]] = {}
    for label, fold in zip(clips.classes, clips.folds, strict=True):
        seen.setdefault(label, set()).add(fold)
    alone = [clips.names[label] for label, found in sorted(seen.items()) if len(found) < 2]
    require(
        not alone,
        f"{folder} has all clips of {', '.join(alone[:3])} in one fold, so they cannot be learned "
        "from others; get the whole data set.",
    )
    return clips
