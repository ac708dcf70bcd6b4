"""Downstream tasks of the joint embedding: `sgim evaluate --data ... --bundle ... --task ...`.

exam, examinees, tasks -> features, each clip once -> tasks -> one JSON file, kept up after each
"""

import importlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sgim.checks import require, require_one_of
from sgim.evaluation.clip_features import clip_features
from sgim.evaluation.downstream_tasks import TASKS, Sitting
from sgim.evaluation.examinees import Examinee, load_examinee
from sgim.evaluation.exams import Exam
from sgim.evaluation.kept_results import read_results, save_results
from sgim.provenance import provenance

CACHE = Path("build/features")
OF_FREESOUND = ("esc10", "esc50", "urbansound8k")
"""Exams whose recordings bear the numbers of Freesound."""


def examine(
    exam: Exam,
    names: Sequence[str],
    tasks: Sequence[str],
    out: Path,
    *,
    command: str,
    cache: Path = CACHE,
    seed: int = 0,
    progress: bool = True,
) -> dict:
    """Let examinees take an exam and keep what comes out.

    Results of others on the same clips that `out` holds already stay, so one examinee can be
    examined anew; those of the same examinee with other weights are dropped. The file is written
    whole after every task, and features are kept, so a run that was stopped goes on.

    Parameters
    ----------
    names : sequence of str
        See `load_examinee`.
    tasks : sequence of str
        Names of `TASKS`.
    command : str
        What one types to measure again; it is kept beside every number.
    seed : int
        Of the draws of few clips, and of the bootstrap.

    Returns
    -------
    dict
        What the file holds.

    Raises
    ------
    SgimError
        When a name or a task is unknown, no task can be taken, or `out` is about other clips.
    """
    for task in tasks:
        require_one_of("task", task, tuple(TASKS))
    require(bool(names) and bool(tasks), "name at least one bundle and one task.")
    results = _begun(exam, out)
    examinees = [load_examinee(name) for name in names]
    for examinee in examinees:
        kept = _record_of(results, exam, examinee)
        made = provenance(command, {"draws and bootstrap": seed})
        made["versions"] |= _versions(examinee)
        features = clip_features(exam, examinee, cache, progress=progress)
        places = np.flatnonzero(~features.isnan().any(dim=1).numpy())
        sitting = Sitting(
            exam=exam, examinee=examinee, places=places, features=features[places], seed=seed
        )
        for task in tasks:
            about = {"data": exam.fingerprint, "encoder": examinee.fingerprint}
            kept["tasks"][task] = TASKS[task](sitting) | {"made": made | about}
            save_results({name: results[name] for name in ("exam", "examinees")}, out, made=made)
    taken = [
        task
        for examinee in examinees
        for task in tasks
        if "left_out" not in results["examinees"][examinee.name]["tasks"][task]
    ]
    require(
        bool(taken),
        f"{', '.join(names)} cannot take {', '.join(tasks)} on {exam.title}; ask for other tasks, "
        "for example probe.",
    )
    return results


def _begun(exam: Exam, out: Path) -> dict:
    """What `out` holds of the same clips, or an empty record of the exam."""
    clips = exam.clips
    about = {
        "name": exam.name,
        "title": exam.title,
        "protocol": exam.protocol,
        "official_folds": exam.official,
        "count": len(clips.paths),
        "tested": sum(fold in exam.tested for fold in clips.folds),
        "missing": clips.missing,
        "labels": list(clips.names),
        "recordings": len(set(clips.groups)),
        "fingerprint": exam.fingerprint,
        "recording_of_clips": " ".join(map(str, np.unique(clips.groups, return_inverse=True)[1])),
    }
    if not out.exists():
        return {"exam": about, "examinees": {}}
    results = read_results(out, command="sgim evaluate --data")
    theirs = results.get("exam", {}).get("fingerprint")
    require(
        theirs == exam.fingerprint,
        f"{out} is about other clips than these of {exam.title}; name another file for --out, or "
        "delete it.",
    )
    return results | {"exam": about}


def _record_of(results: dict, exam: Exam, examinee: Examinee) -> dict:
    """The record of an examinee, emptied where it was of other weights."""
    known = results["examinees"].get(examinee.name, {})
    if known.get("fingerprint") != examinee.fingerprint:
        known = {"tasks": {}}
    known |= {
        "about": examinee.about,
        "fingerprint": examinee.fingerprint,
        "heard_in_training": _heard(exam, examinee),
    }
    results["examinees"][examinee.name] = known
    return known


def _heard(exam: Exam, examinee: Examinee) -> str | None:
    """One sign per clip, 1 where its recording was heard in training; None where nobody knows.

    Only data sets that number their recordings as Freesound does can be compared.
    """
    if examinee.heard is None:
        return None
    if not examinee.heard or exam.pairs is not None:
        return "0" * len(exam.clips.paths)
    if exam.name not in OF_FREESOUND:
        return None
    return "".join("1" if group in examinee.heard else "0" for group in exam.clips.groups)


def _versions(examinee: Examinee) -> dict[str, str]:
    used = ["sklearn", *(["librosa"] if examinee.name == "mfcc" else [])]
    return {name: importlib.import_module(name).__version__ for name in used}
