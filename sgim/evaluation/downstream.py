"""Downstream tasks of the joint embedding: `sgim evaluate --data ... --bundle ... --task ...`.

benchmark, embedders, tasks -> features, each clip once -> tasks -> one JSON file, kept after each
"""

import importlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sgim.checks import require, require_one_of
from sgim.evaluation.benchmarks import Benchmark
from sgim.evaluation.clip_features import clip_features
from sgim.evaluation.downstream_tasks import TASKS, EmbeddedBenchmark
from sgim.evaluation.embedders import Embedder, load_embedder
from sgim.evaluation.kept_results import read_results, save_results
from sgim.provenance import provenance

CACHE = Path("build/features")
OF_FREESOUND = ("esc10", "esc50", "urbansound8k")
"""Benchmarks whose recordings bear the numbers of Freesound."""


def evaluate_embedders(
    benchmark: Benchmark,
    names: Sequence[str],
    tasks: Sequence[str],
    out: Path,
    *,
    command: str,
    cache: Path = CACHE,
    seed: int = 0,
    progress: bool = True,
) -> dict:
    """Measure embedders on a benchmark and keep what comes out.

    Results of others on the same clips that `out` holds already stay, so one embedder can be
    measured anew; those of the same embedder with other weights are dropped. The file is written
    whole after every task, and features are kept, so a run that was stopped goes on.

    Parameters
    ----------
    names : sequence of str
        See `load_embedder`.
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
    results = _begun(benchmark, out)
    embedders = [load_embedder(name) for name in names]
    for embedder in embedders:
        kept = _record_of(results, benchmark, embedder)
        made = provenance(command, {"draws and bootstrap": seed})
        made["versions"] |= _versions(embedder)
        features = clip_features(benchmark, embedder, cache, progress=progress)
        places = np.flatnonzero(~features.isnan().any(dim=1).numpy())
        embedded = EmbeddedBenchmark(
            benchmark=benchmark,
            embedder=embedder,
            places=places,
            features=features[places],
            seed=seed,
        )
        for task in tasks:
            about = {"data": benchmark.fingerprint, "encoder": embedder.fingerprint}
            kept["tasks"][task] = TASKS[task](embedded) | {"made": made | about}
            save_results(
                {name: results[name] for name in ("benchmark", "embedders")}, out, made=made
            )
    taken = [
        task
        for embedder in embedders
        for task in tasks
        if "left_out" not in results["embedders"][embedder.name]["tasks"][task]
    ]
    require(
        bool(taken),
        f"{', '.join(names)} cannot take {', '.join(tasks)} on {benchmark.title}; ask for other "
        "tasks, for example probe.",
    )
    return results


def _begun(benchmark: Benchmark, out: Path) -> dict:
    """What `out` holds of the same clips, or an empty record of the benchmark."""
    clips = benchmark.clips
    about = {
        "name": benchmark.name,
        "title": benchmark.title,
        "protocol": benchmark.protocol,
        "official_folds": benchmark.official,
        "count": len(clips.paths),
        "tested": sum(fold in benchmark.tested for fold in clips.folds),
        "missing": clips.missing,
        "labels": list(clips.names),
        "recordings": len(set(clips.groups)),
        "unit": benchmark.unit,
        "fingerprint": benchmark.fingerprint,
        "recording_of_clips": " ".join(map(str, np.unique(clips.groups, return_inverse=True)[1])),
    }
    if not out.exists():
        return {"benchmark": about, "embedders": {}}
    results = read_results(out, command="sgim evaluate --data")
    theirs = results.get("benchmark", {}).get("fingerprint")
    require(
        theirs == benchmark.fingerprint,
        f"{out} is about other clips than these of {benchmark.title}; name another file for "
        "--out, or delete it.",
    )
    return results | {"benchmark": about}


def _record_of(results: dict, benchmark: Benchmark, embedder: Embedder) -> dict:
    """The record of an embedder, emptied where it was of other weights."""
    known = results["embedders"].get(embedder.name, {})
    if known.get("fingerprint") != embedder.fingerprint:
        known = {"tasks": {}}
    known |= {
        "about": embedder.about,
        "fingerprint": embedder.fingerprint,
        "heard_in_training": _heard(benchmark, embedder),
    }
    results["embedders"][embedder.name] = known
    return known


def _heard(benchmark: Benchmark, embedder: Embedder) -> str | None:
    """One sign per clip, 1 where its recording was heard in training; None where nobody knows.

    Only data sets that number their recordings as Freesound does can be compared.
    """
    if embedder.heard is None:
        return None
    if not embedder.heard or benchmark.pairs is not None:
        return "0" * len(benchmark.clips.paths)
    if benchmark.name not in OF_FREESOUND:
        return None
    return "".join("1" if group in embedder.heard else "0" for group in benchmark.clips.groups)


def _versions(embedder: Embedder) -> dict[str, str]:
    used = ["sklearn", *(["librosa"] if embedder.name == "mfcc" else [])]
    return {name: importlib.import_module(name).__version__ for name in used}
