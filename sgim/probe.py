"""Linear probe: how much of the classes a straight line finds in an embedding, on official folds.

features, classes, folds -> one logistic regression per fold, tested on that fold -> accuracies.
a folder of ESC-10 or ESC-50 on this machine -> `FoldedClips` (paths, classes, folds).
"""

import csv
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sgim.checks import require

ESC10_CLASS_FOLDER = re.compile(r"\d+ - (?P<name>.+)")
ESC10_CLIP = re.compile(r"(?P<fold>\d+)-(?P<recording>\d+)-\w+\.(ogg|wav)")
ESC50_COLUMNS = ("filename", "fold", "target", "category", "src_file")


@dataclass(frozen=True)
class FoldedClips:
    """Clips of a benchmark, in the order of its file names.

    `paths`; `classes` (index into `names`); `folds` (the number the benchmark gives each clip);
    `groups` (the recording each clip was cut from); `names` of the classes.
    """

    paths: list[Path]
    classes: list[int]
    folds: list[int]
    groups: list[str]
    names: tuple[str, ...]


@dataclass(frozen=True)
class ProbeResult:
    """`accuracy` is the mean of `fold_accuracies`, in [0, 1]; one prediction per clip."""

    accuracy: float
    fold_accuracies: list[float]
    predictions: list[int]


def linear_probe(
    features: torch.Tensor | np.ndarray,
    classes: Sequence[int],
    folds: Sequence[int],
    *,
    regularization: float = 1.0,
) -> ProbeResult:
    """Logistic regression on frozen features; every fold is tested once, never trained on then.

    Parameters
    ----------
    features : (clips, size)
        Any features: audio features of an encoder, or a plain baseline. Each column is scaled to
        mean 0 and deviation 1 by what the training folds show.
    classes : sequence of int
    folds : sequence of int
        The benchmark's own folds, or those of `group_folds`.
    regularization : float
        scikit-learn's C; smaller is smoother.

    Raises
    ------
    SgimError
        When lengths differ, there are fewer than two folds, or a class is missing from what a fold
        is trained on.

    Examples
    --------
    >>> features = torch.tensor([[-2.0], [-1.0], [1.0], [2.0]])
    >>> linear_probe(features, [0, 0, 1, 1], folds=[1, 2, 1, 2]).accuracy
    1.0
    """
    rows = torch.as_tensor(features).detach().cpu().numpy()
    classes, folds = np.asarray(classes), np.asarray(folds)
    require(
        rows.ndim == 2 and len(rows) == len(classes) == len(folds),
        f"features has the shape {rows.shape}, with {len(classes)} classes and {len(folds)} folds; "
        "all must tell of the same clips, features as (clips, size).",
    )
    require(
        len(np.unique(folds)) >= 2,
        "all clips are in one fold; a probe needs a second one to be tested on.",
    )
    predictions = np.empty_like(classes)
    fold_accuracies = []
    for fold in np.unique(folds):
        tested = folds == fold
        missing = set(classes[tested]) - set(classes[~tested])
        require(
            not missing,
            f"fold {fold} holds every clip of class {min(missing, default=None)}; spread each "
            "class over at least two folds.",
        )
        probe = make_pipeline(
            StandardScaler(), LogisticRegression(C=regularization, max_iter=2000)
        ).fit(rows[~tested], classes[~tested])
        predictions[tested] = probe.predict(rows[tested])
        fold_accuracies.append(float(np.mean(predictions[tested] == classes[tested])))
    return ProbeResult(float(np.mean(fold_accuracies)), fold_accuracies, predictions.tolist())


def group_folds(groups: Sequence[str], num_folds: int = 5) -> list[int]:
    """Folds 1 ... num_folds that keep the clips of one recording together.

    Parameters
    ----------
    groups : sequence of str
        The recording each clip was cut from.
    num_folds : int
        From 2 to the number of recordings.

    Examples
    --------
    >>> folds = group_folds(["a", "a", "b", "c"], num_folds=3)
    >>> folds[0] == folds[1], len(set(folds))
    (True, 3)
    """
    count = len(set(groups))
    require(
        2 <= num_folds <= count,
        f"num_folds is {num_folds}; it must lie between 2 and the number of recordings, {count}.",
    )
    folds = np.zeros(len(groups), dtype=int)
    splits = GroupKFold(num_folds).split(np.zeros(len(groups)), groups=list(groups))
    for number, (_, tested) in enumerate(splits, start=1):
        folds[tested] = number
    return folds.tolist()


def read_esc(folder: str | os.PathLike) -> FoldedClips:
    """Find the clips of ESC-50 or ESC-10 in a folder on this machine; nothing is downloaded.

    Two layouts are known: `audio/*.wav` with the table `meta/esc50.csv` (ESC-50, Piczak 2015), and
    one folder per class, "001 - Dog bark/1-100032-A.ogg", where the first number of the file name
    is the fold (ESC-10 as first published).

    Raises
    ------
    SgimError
        When the folder is missing or holds neither layout, or a clip of the table is missing.
    """
    folder = Path(folder)
    require(folder.is_dir(), f"{folder} is not a folder; put the data set there or name its place.")
    table = folder / "meta" / "esc50.csv"
    return _read_esc50(folder, table) if table.is_file() else _read_esc10(folder)


def _read_esc50(folder: Path, table: Path) -> FoldedClips:
    with open(table, newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["filename"])
    require(
        bool(rows) and set(ESC50_COLUMNS) <= set(rows[0]),
        f"{table} has no rows with the columns {', '.join(ESC50_COLUMNS)}; get the table anew.",
    )
    paths = [folder / "audio" / row["filename"] for row in rows]
    for path in paths:
        require(path.is_file(), f"{path} is named in {table.name} but missing; unpack it again.")
    targets = {int(row["target"]): row["category"].replace("_", " ") for row in rows}
    order = {target: index for index, target in enumerate(sorted(targets))}
    return FoldedClips(
        paths=paths,
        classes=[order[int(row["target"])] for row in rows],
        folds=[int(row["fold"]) for row in rows],
        groups=[row["src_file"] for row in rows],
        names=tuple(targets[target] for target in sorted(targets)),
    )


def _read_esc10(folder: Path) -> FoldedClips:
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
    return FoldedClips(
        paths=[path for path, _, _ in clips],
        classes=[index for _, index, _ in clips],
        folds=[int(match["fold"]) for _, _, match in clips],
        groups=[match["recording"] for _, _, match in clips],
        names=tuple(name for _, name in class_folders),
    )
