"""Leaderboards of A3 and A4: every score is computed anew from the file that was handed in.

folder of submissions, seed -> rows with score, seed and checksum, best first
"""

import csv
import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from sgim.checks import SgimError, atomic_path, require
from sgim.exercises.artifacts import read_ws
from sgim.exercises.edits import DRIFT, edit_scores, edit_task
from sgim.exercises.encoders import encoder_score


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row. `score` is what `measure` says; a file that cannot be used has a remark and 0.

    `sha256` is the checksum of the file, `seed` that of the clips or scenes it was tried on.
    """

    rank: int = 0
    student: str
    assignment: str
    measure: str
    score: float
    second_measure: str = ""
    second_score: float = 0.0
    seed: int
    sha256: str
    remark: str = ""


def leaderboard(assignment: str, submitted: Path, seed: int = 0) -> list[Entry]:
    """Compute the scores of all students anew, best first.

    Parameters
    ----------
    assignment : str
        "a3_train_encoder" or "a4_latent_optimization".
    submitted : Path
        Holds `STUDENT/ASSIGNMENT/` with the file that the notebook saved.
    seed : int
        Of A3's held-out clips. The latents of A4 belong to the scenes of seed 0.

    Raises
    ------
    SgimError
        For another assignment, or a folder that is missing. What is wrong with a file is the
        remark of its row.
    """
    require(
        assignment in BOARDS,
        f"{assignment} has no leaderboard; there are {', '.join(BOARDS)}.",
    )
    require(submitted.is_dir(), f"{submitted} is no folder; it holds one folder per student.")
    file_name, score = BOARDS[assignment]
    entries = []
    for folder in sorted(one for one in submitted.iterdir() if one.is_dir()):
        path = folder / assignment / file_name
        try:
            entry = score(path, seed)
            entry = replace(entry, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        except SgimError as refusal:
            entry = _empty(assignment, str(refusal), seed)
        entries.append(replace(entry, student=folder.name))
    entries.sort(key=lambda one: (bool(one.remark), -one.score, one.second_score, one.student))
    return _with_twins([replace(one, rank=place) for place, one in enumerate(entries, 1)])


def write_leaderboard(path: Path, entries: list[Entry]) -> None:
    """Write the rows to a CSV file, whole or not at all."""
    with (
        atomic_path(path) as temporary,
        open(temporary, "w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, [one.name for one in fields(Entry)])
        writer.writeheader()
        writer.writerows(asdict(one) for one in entries)


def _empty(assignment: str, remark: str, seed: int) -> Entry:
    return Entry(
        student="", assignment=assignment, measure="", score=0.0, seed=seed, sha256="",
        remark=remark,
    )  # fmt: skip


def _with_twins(entries: list[Entry]) -> list[Entry]:
    """Say where two students handed in the same file."""
    seen, told = {}, []
    for entry in entries:
        twin = seen.setdefault(entry.sha256, entry.student) if entry.sha256 else entry.student
        same = f"the same file as {twin}" if twin != entry.student else entry.remark
        told.append(replace(entry, remark=same))
    return told


def _heard(path: Path, seed: int) -> Entry:
    score = encoder_score(path, seed)
    return replace(
        _empty("a3_train_encoder", "", seed),
        measure="share of held-out clips named right",
        score=round(score, 4),
    )


def _edited(path: Path, seed: int) -> Entry:
    task = edit_task(0)
    ws = read_ws(path, tuple(task.source_ws.shape))
    right, drift = edit_scores(task, ws)
    require(
        drift <= DRIFT,
        f"the latents drift by {drift:.1f}, allowed is {DRIFT:g}; hold them more.",
    )
    return replace(
        _empty("a4_latent_optimization", "", 0),
        measure=f"edits of {len(ws)} that bring what was heard",
        score=right,
        second_measure="drift",
        second_score=round(drift, 4),
    )


BOARDS: dict[str, tuple[str, Callable[[Path, int], Entry]]] = {
    "a3_train_encoder": ("a3_encoder.safetensors", _heard),
    "a4_latent_optimization": ("a4_ws.safetensors", _edited),
}
"""Assignment -> name of the file, and what computes its row."""
