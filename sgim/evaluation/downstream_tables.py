"""Tables of downstream tasks, as Markdown.

what `evaluate_embedders` keeps of one benchmark -> accuracies, differences, templates, retrieval
"""

from collections.abc import Mapping, Sequence

import numpy as np

from sgim.evaluation.task_scores import interval_over

MAIN = {"zero-shot": "zero-shot", "probe": "linear probe", "knn": "nearest neighbours"}
"""Tasks of the first table, and what they are called in it."""

REFERENCE = "log-mel"
"""What others are compared with in pairs."""

SHORT = 12
"""Characters of a fingerprint that a page shows."""

LEFT_OUT = "–"


def benchmark_section(results: Mapping) -> str:
    """All tables of one benchmark, and where their numbers come from."""
    parts = [
        _about(results["benchmark"]),
        main_table(results),
        difference_table(results),
        never_heard_table(results),
        shots_table(results),
        words_table(results),
        retrieval_table(results),
        class_table(results),
        confusion_of_words(results),
        sources_table(results),
    ]
    return "\n\n".join(part for part in parts if part)


def numbers_of(results: Mapping, task: str) -> dict[str, dict]:
    """What each embedder has got in a task; those that did not take it are left out."""
    found = {
        name: embedder["tasks"].get(task, {}) for name, embedder in results["embedders"].items()
    }
    return {name: kept for name, kept in found.items() if kept and "left_out" not in kept}


def percent(share: float, interval: Sequence[float] | None = None) -> str:
    """Such as "72.0 (67–77)"."""
    told = f"{100 * share:.1f}"
    return told if interval is None else f"{told} ({100 * interval[0]:.0f}–{100 * interval[1]:.0f})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; nothing when it has no rows."""
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)


def _about(benchmark: Mapping) -> str:
    missing = (
        f" {benchmark['missing']} clips of its table are not there." if benchmark["missing"] else ""
    )
    return (
        f"{benchmark['count']} clips of {benchmark['recordings']} "
        f"{benchmark.get('unit', 'recordings')}, {len(benchmark['labels'])} labels: "
        f"{', '.join(benchmark['labels'][:12])}{' …' if benchmark['labels'][12:] else ''}. "
        f"Protocol: {benchmark['protocol']}.{missing} Fingerprint of the data: "
        f"`{benchmark['fingerprint'][:SHORT]}`."
    )


def main_table(results: Mapping) -> str:
    """Top-1 accuracy in percent of every embedder in every task."""
    head = ["", *MAIN.values(), "16 clips of each label", "what it is"]
    rows = []
    for name, embedder in results["embedders"].items():
        cells = [_accuracy(embedder["tasks"].get(task)) for task in MAIN]
        curve = embedder["tasks"].get("few-shot", {}).get("curve", {})
        shots = curve.get("16")
        cells.append(percent(shots["accuracy"], shots["interval"]) if shots else LEFT_OUT)
        rows.append([name, *cells, embedder["about"]])
    chances = {
        task: next((f"{100 * kept['chance']:.1f}" for kept in found.values()), LEFT_OUT)
        for task, found in ((task, numbers_of(results, task)) for task in (*MAIN, "few-shot"))
    }
    rows.append(["*a blind guess*", *chances.values(), ""])
    asked = numbers_of(results, "zero-shot")
    told = _what_was_asked(next(iter(asked.values()))) if asked else ""
    return (
        f"{table(head, rows)}\n\nTop-1 accuracy in percent; in brackets 95 % intervals, by "
        f"bootstrap over {results['benchmark'].get('unit', 'recordings')}.{told}"
    )


def _accuracy(kept: Mapping | None) -> str:
    if not kept or "left_out" in kept:
        return LEFT_OUT
    return percent(kept["accuracy"], kept["interval"])


def _what_was_asked(zero_shot: Mapping) -> str:
    left_out = zero_shot["labels_left_out"]
    if not left_out:
        return " Zero-shot is asked about all labels."
    return (
        f" Zero-shot is asked about {', '.join(zero_shot['labels'])} alone, {zero_shot['count']} "
        f"clips: for {', '.join(left_out[:12])}{' …' if left_out[12:] else ''} the text tower has "
        "no words. That is easier than over all labels."
    )


def difference_table(results: Mapping) -> str:
    """By how many points others are better than the reference on the same clips."""
    recordings = results["benchmark"]["recording_of_clips"].split()
    rows = []
    for name in results["embedders"]:
        cells = []
        for task in ("probe", "knn"):
            taken = numbers_of(results, task)
            pair = taken.get(name), taken.get(REFERENCE)
            comparable = name != REFERENCE and None not in pair
            cells.append(_difference(*pair, recordings) if comparable else LEFT_OUT)
        if any(cell != LEFT_OUT for cell in cells):
            rows.append([name, *cells])
    head = [f"better than {REFERENCE}, points", MAIN["probe"], MAIN["knn"]]
    told = "\n\nPaired, clip by clip."
    return table(head, rows) + told if rows else ""


def _difference(first: Mapping, second: Mapping, recordings: Sequence[str]) -> str:
    pairs = zip(first["right"], second["right"], recordings, strict=True)
    shared = [(int(one) - int(other), own) for one, other, own in pairs if "." not in (one, other)]
    low, high = interval_over(*zip(*shared, strict=True))
    mean = np.mean([points for points, _ in shared])
    return f"{100 * mean:+.1f} ({100 * low:+.0f} to {100 * high:+.0f})"


def never_heard_table(results: Mapping) -> str:
    """Everybody on those clips that the first one who was trained on some has never heard."""
    heard = {
        name: embedder["heard_in_training"]
        for name, embedder in results["embedders"].items()
        if "1" in (embedder["heard_in_training"] or "")
    }
    if not heard:
        return ""
    learner, signs = next(iter(heard.items()))
    rows = []
    for name in results["embedders"]:
        cells = [_never_heard(results, numbers_of(results, task).get(name), signs) for task in MAIN]
        rows.append([name, *cells])
    recordings = results["benchmark"]["recording_of_clips"].split()
    new = {own for own, sign in zip(recordings, signs, strict=True) if sign == "0"}
    head = [f"never heard by {learner} in training", *MAIN.values()]
    return (
        f"{table(head, rows)}\n\nOn {signs.count('0')} clips of {len(new)} recordings; {learner} "
        f"was trained on other ones, {signs.count('1')} clips of this benchmark. The labels are "
        "not equally frequent here, so compare within this table."
    )


def _never_heard(results: Mapping, kept: Mapping | None, signs: str) -> str:
    found = share_never_heard(results, kept, signs) if kept else None
    return percent(*found) if found else LEFT_OUT


def share_never_heard(
    results: Mapping, kept: Mapping, signs: str
) -> tuple[float, tuple[float, float]] | None:
    """Accuracy and its interval on the clips with the sign 0, None where none is asked about."""
    recordings = results["benchmark"]["recording_of_clips"].split()
    rows = zip(kept["right"], recordings, signs, strict=True)
    new = [(int(right), own) for right, own, sign in rows if right != "." and sign == "0"]
    if not new:
        return None
    right, groups = zip(*new, strict=True)
    return float(np.mean(right)), interval_over(right, groups)


def shots_table(results: Mapping) -> str:
    """Accuracy over the number of clips of each label that were learned from."""
    taken = numbers_of(results, "few-shot")
    shots = list(dict.fromkeys(count for kept in taken.values() for count in kept["curve"]))
    rows = [
        [
            name,
            *(
                percent(kept["curve"][count]["accuracy"], kept["curve"][count]["interval"])
                if count in kept["curve"]
                else LEFT_OUT
                for count in shots
            ),
        ]
        for name, kept in taken.items()
    ]
    if not rows:
        return ""
    draws = next(iter(taken.values()))["draws"]
    head = ["clips of each label to learn from", *shots]
    return f"{table(head, rows)}\n\nMean of {draws} draws; logistic regression with C = 1."


def words_table(results: Mapping) -> str:
    """What each template is worth, and how far confidence is from being right."""
    taken = numbers_of(results, "zero-shot")
    if not taken:
        return ""
    templates = list(next(iter(taken.values()))["templates"])
    head = ["zero-shot", *(f"“{one}”" for one in templates), "ensemble", "top-5", "ECE", "said"]
    rows = [
        [
            name,
            *(percent(kept["templates"][one]) for one in templates),
            percent(kept["accuracy"]),
            percent(kept["top5"]) if "top5" in kept else LEFT_OUT,
            f"{kept['calibration_error']:.2f}",
            percent(kept["confidence"]),
        ]
        for name, kept in taken.items()
    ]
    return (
        f"{table(head, rows)}\n\nECE: expected calibration error, ten bins; said: the mean "
        "probability of the answer."
    )


def retrieval_table(results: Mapping) -> str:
    """How sounds, pictures and sentences find each other."""
    taken = numbers_of(results, "retrieval")
    rows = []
    for name, kept in taken.items():
        for way, found in kept.items():
            if "→" in way:
                first = percent(found["R@1"], found["R@1 interval"])
                more = [percent(found[key]) for key in ("R@5", "R@10")]
                precision = percent(found["mAP"], found["mAP interval"])
                rows.append([name, way, first, *more, f"{found['median_rank']:g}", precision])
    if not rows:
        return ""
    count = next(iter(taken.values()))["candidates"]
    head = ["", "search", "R@1", "R@5", "R@10", "median rank", "mAP"]
    return (
        f"{table(head, rows)}\n\nAmong {count}: each of 8 weathers at each of 5 strengths. R@k "
        "asks for the one of the same weather and strength, mAP for all of the same weather. A "
        f"blind guess: R@1 {100 / count:.1f}, R@5 {500 / count:.1f}, R@10 {1000 / count:.1f}, "
        f"median rank {(count + 1) / 2:g}."
    )


def class_table(results: Mapping) -> str:
    """What share of each label is named right by the probe."""
    taken = numbers_of(results, "probe")
    labels = results["benchmark"]["labels"]
    if len(labels) > 20:
        return ""
    rows = [
        [name, *(f"{100 * (kept['per_class'][label] or 0):.0f}" for label in labels)]
        for name, kept in taken.items()
    ]
    return table(["linear probe, % of label", *labels], rows)


def confusion_of_words(results: Mapping) -> str:
    """What the first bundle takes for what, by words."""
    taken = numbers_of(results, "zero-shot")
    name, kept = next(iter(taken.items()), (None, None))
    if name is None or len(kept["labels"]) > 20:
        return ""
    rows = [[label, *row] for label, row in zip(kept["labels"], kept["confusion"], strict=True)]
    return table([f"{name}, zero-shot: is ↓ heard →", *kept["labels"]], rows)


def sources_table(results: Mapping) -> str:
    """Where the numbers of every embedder come from."""
    rows = []
    for name, embedder in results["embedders"].items():
        by_source: dict[str, list[str]] = {}
        for task, kept in embedder["tasks"].items():
            if "left_out" not in kept:
                by_source.setdefault(_source(kept["made"]), []).append(task)
        rows += [
            [name, ", ".join(tasks), f"`{embedder['fingerprint'][:SHORT]}`", source]
            for source, tasks in by_source.items()
        ]
    return table(["", "tasks", "weights", "measured by"], rows)


def _source(made: Mapping) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in made["versions"].items())
    seeds = ", ".join(f"{what} {seed}" for what, seed in made["seeds"].items())
    return f"`{made['command']}`, {made['date']}, seeds: {seeds}; {versions}"
