"""The tables of what `python -m sgim evaluate` measured, as Markdown.

results of `evaluate` -> one table of shares and distances, then edits, strength, settings, errors
"""

import statistics

from sgim.evaluation.edit_scores import SCENE_SEEDS, STRENGTH_LEVELS, STRENGTH_SOUND_SEEDS
from sgim.evaluation.measurements import SCENE_COUNT, SOUNDS_PER_CLASS
from sgim.world.names import SOUND_NAMES, WEATHER_NAMES


def to_markdown(results: dict) -> str:
    """All tables of measurements."""
    tables = [
        overview(results),
        edits_by_sound(results["edits"]["by_sound"]),
        strength_table(results["strength"]),
        mixtures_table(results["mixtures"]),
        unasked_table(results["unasked"]),
        settings_table(results["settings"]),
    ]
    if "recordings" in results:
        tables.append(confusion_table(results["recordings"]["shipped"]["confusion"]))
    return "\n\n".join(tables)


def overview(results: dict) -> str:
    """What was measured, one number a row, and its footnotes."""
    lines = ["| what | measured | on |", "|---|---|---|", *_recognition_lines(results)]
    if "recordings" in results:
        lines += _recording_lines(results["recordings"])
    lines += [*_edit_lines(results["edits"]), *_projection_lines(**results["projection"])]
    notes = (
        "¹ The true intensity rises by at least 0.3, and more than any other. "
        "² A classifier that takes no part in guidance. ³ It rises by at least 0.5 and more than "
        "any other, no weather that was not asked for rises by 0.15 (a thunderstorm may bring "
        "rain), and the place stays. In brackets 95 % intervals, by bootstrap over scenes and "
        "sounds; ± is a standard deviation."
    )
    return "\n".join([*lines, "", notes])


def ten_numbers(results: dict) -> str:
    """The rows of the overview that the README shows."""
    header, ruler, *rows = overview(results).split("\n\n")[0].splitlines()
    first = {row.split(" | ")[0].strip("| "): row for row in reversed(rows)}
    return "\n".join([header, ruler, *(first[name] for name in TEN), "", TEN_NOTES])


TEN = (
    "scenes named right, 11 classes",
    "picture → caption, R@1 of 256",
    "sounds named right, 8 classes",
    "strength heard, lowest–highest of 8 sounds",
    "real recordings named right, 8 classes",
    "edits that do what is asked and nothing else³",
    "edits that the judge² names right",
    "edits by these recordings that do so³",
    "projections of renders, PSNR",
    "seconds per edit, 128 px",
)
TEN_NOTES = (
    "² A classifier that takes no part in guidance. ³ The true intensity rises by at least 0.5 and "
    "more than any other, no weather that was not asked for rises by 0.15 (a thunderstorm may "
    "bring rain), and the place stays. In brackets 95 % intervals, by bootstrap over scenes and "
    "sounds."
)


def edits_by_sound(rows: dict[str, dict]) -> str:
    """How well each sound edits."""
    lines = [
        "| sound | right³ | reached¹ | judged² | its rise | largest unasked rise, median |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        lines.append(
            f"| {name} | {row['right']:.0%} | {row['reached']:.0%} | {row['judged']:.0%} | "
            f"{row['rise']:.2f} | {row['unasked_median']:.2f} |"
        )
    return "\n".join(lines)


def strength_table(strengths: dict[str, dict]) -> str:
    """Whether stronger sounds and words make stronger weather."""
    rows = strengths.values()
    heard = [f"{row['sound']:.2f} ± {row['sound_spread']:.2f}" for row in rows]
    slopes = [f"{row['slope']:.2f}" for row in rows]
    return "\n".join(
        [
            "Strength: Spearman correlation between the level asked for "
            f"({len(STRENGTH_LEVELS)} sound levels, 5 words) and the intensity of the edited "
            "scenes; for sounds the mean ± standard deviation over "
            f"{len(STRENGTH_SOUND_SEEDS)} sets of sounds, and the slope of the intensity over "
            "the level (1: as strong as heard).",
            "",
            "| | " + " | ".join(strengths) + " |",
            "|---|" + "---|" * len(strengths),
            "| sound | " + " | ".join(heard) + " |",
            "| sound, slope | " + " | ".join(slopes) + " |",
            "| text | " + " | ".join(f"{row['text']:.2f}" for row in rows) + " |",
        ]
    )


def mixtures_table(rows: list[dict]) -> str:
    """What two sounds at once do."""
    lines = [
        "| sounds | weights | the first rises by | the second | any other, at most | right⁴ |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        first, second = row["rises"]
        lines.append(
            f"| {' + '.join(row['sounds'])} | {row['weights'][0]} : {row['weights'][1]} | "
            f"{first:.2f} | {second:.2f} | {row['other_rise']:.2f} | {row['right']:.0%} |"
        )
    share = statistics.mean(row["right"] for row in rows)
    lines.append(f"| all {sum(row['count'] for row in rows)} edits | | | | | {share:.0%} |")
    notes = "⁴ Both rise by 0.15 or more, no other does, and the heavier one rises more."
    return "\n".join([*lines, "", notes])


def unasked_table(costs: dict[str, dict]) -> str:
    """By how much the cosine with the target changes when another weather comes along."""
    lines = [
        "| sound | " + " | ".join(WEATHER_NAMES) + " |",
        "|---|" + "---|" * len(WEATHER_NAMES),
    ]
    for name in SOUND_NAMES:
        both = [costs[target][name] for target in ("direct", "image")]
        cells = [" → ".join(f"{row[o]:+.2f}" for row in both if o in row) for o in WEATHER_NAMES]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def settings_table(rows: list[dict]) -> str:
    """What λ_sim and the adaptive mask do."""
    lines = [
        "| λ_sim | adaptive mask | right³ | reached¹ | rise | largest other rise | land drift |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['similarity_weight']:g} | {'on' if row['adaptive_mask'] else 'off'} | "
            f"{row['right']:.0%} | {row['reached']:.0%} | {row['rise']:.2f} | "
            f"{row['other_rise']:.2f} | {row['drift']:.3f} |"
        )
    return "\n".join(lines)


def confusion_table(confusion: list[list[int]]) -> str:
    """Counts of excerpts: rows are what a recording is, columns what was heard."""
    lines = ["| is ↓ heard → | " + " | ".join(SOUND_NAMES) + " |"]
    lines.append("|---|" + "---|" * len(SOUND_NAMES))
    for name, row in zip(SOUND_NAMES, confusion, strict=True):
        lines.append(f"| {name} | " + " | ".join(map(str, row)) + " |")
    return "\n".join(lines)


def _recognition_lines(results: dict) -> list[str]:
    retrieval, sounds = results["scene_retrieval"], results["sounds"]
    heard_strengths = results["heard_strength"].values()
    return [
        f"| scenes named right, 11 classes | {results['scene_zero_shot']:.1%} | "
        f"{SCENE_COUNT} held-out renders, intensities 0.25–1 |",
        f"| picture → caption, R@1 of 256 | {retrieval['image_to_text']:.1%} | "
        "no caption is true of another picture |",
        f"| caption → picture, R@1 of 256 | {retrieval['text_to_image']:.1%} | the same |",
        f"| sounds named right, 8 classes | {sounds['accuracy']:.1%} | "
        f"{sounds['count']} held-out synthetic clips |",
        f"| strength heard, lowest–highest of 8 sounds | {min(heard_strengths):.2f}–"
        f"{max(heard_strengths):.2f} | Spearman correlation of the intensity and the place between "
        f"light and heavy words, {SOUNDS_PER_CLASS} held-out synthetic clips each |",
    ]


def _edit_lines(edits: dict) -> list[str]:
    mean, num_scenes = edits["all"], len(SCENE_SEEDS)
    share = {
        key: f"{mean[key]:.1%} ({low:.0%}–{high:.0%})"
        for key, (low, high) in edits["intervals"].items()
    }
    return [
        f"| edits that do what is asked and nothing else³ | {share['right']} | "
        f"{edits['count']} edits, 8 sounds × {num_scenes} scenes × "
        f"{edits['count'] // (8 * num_scenes)} sound seeds |",
        f"| edits that reach their weather¹ | {share['reached']} | the same |",
        f"| edits that the judge² names right | {share['judged']} | the same |",
        f"| largest unasked rise, median | {mean['unasked_median']:.2f} | the same |",
        f"| drift of horizon and ridges | {mean['drift']:.3f} | mean absolute change; the "
        "parameters run over 0.2 and 1 |",
        f"| seconds per edit, 128 px | {mean['seconds']:.1f} | CPU, 16 scenes at once |",
    ]


def _projection_lines(
    psnr: list[float], seconds: list[float], lpips: list[float] | None = None
) -> list[str]:
    lines = [
        f"| projections of renders, PSNR | {statistics.mean(psnr):.1f} ± "
        f"{statistics.pstdev(psnr):.1f} dB | {len(psnr)} scenes, the worst {min(psnr):.1f} dB |",
    ]
    if lpips:
        lines.append(
            f"| the same, LPIPS (AlexNet) | {statistics.mean(lpips):.3f} ± "
            f"{statistics.pstdev(lpips):.3f} | 0 is the same; the worst {max(lpips):.3f} |"
        )
    return [
        *lines,
        f"| seconds per projection, 128 px | {statistics.mean(seconds):.0f} | CPU, "
        f"{len(seconds)} one by one, the slowest {max(seconds):.0f} |",
    ]


def _recording_lines(recordings: dict) -> list[str]:
    lines = []
    for key, what in (
        ("shipped", "never trained on"),
        ("synthetic", "the same, heard by the encoder that learned from synthetic sound alone"),
        ("synthetic_all", "all recordings, heard by that encoder"),
    ):
        real = recordings[key]
        low, high = real["interval"]
        lines.append(
            f"| real recordings named right, 8 classes | {real['accuracy']:.1%} "
            f"({low:.0%}–{high:.0%}) | "
            f"{real['count']} excerpts of {real['num_recordings']} recordings, class-balanced "
            f"per recording; {what} |"
        )
    low, high = recordings["schooling"]["interval"]
    lines.append(
        f"| what learning from recordings brings | {recordings['schooling']['accuracy']:+.1%} "
        f"({low:+.0%} to {high:+.0%}) | the first of these rows less the second, paired |"
    )
    for name, share in recordings["disturbed"].items():
        lines.append(
            f"| real recordings named right: {name} | {share:.1%} | the "
            f"{recordings['shipped']['num_recordings']} never trained on |"
        )
    edits = recordings["edits"]
    lines += [
        f"| edits by these recordings that do so³ | {edits['right']:.1%}{_range(edits)} | "
        f"{edits['count']} edits by recordings never trained on, class-balanced |",
        f"| edits by these recordings that reach their weather¹ | {edits['reached']:.1%} | "
        f"the same; the judge names {edits['judged']:.1%} right |",
    ]
    for name, area in recordings["none_of_these"].items():
        lines.append(
            f"| weather or none of it: {name} | {area:.2f} | area under the ROC curve of the "
            "probability of any weather; "
            f"{recordings['none_by_top_score'][name]:.2f} by the highest cosine |"
        )
    return lines + _certainty_lines(recordings["certainty"], recordings["left_out"])


def _range(edits: dict) -> str:
    """The interval of the share that is right, where the file keeps it."""
    if "interval" not in edits:
        return ""
    low, high = edits["interval"]
    return f" ({low:.0%}–{high:.0%})"


def _certainty_lines(certainty: dict, left_out: dict) -> list[str]:
    """What the ear may be sure of: on the measured recordings, and while it was chosen."""
    lines = [
        f"| probabilities: expected calibration error | {certainty['calibration_error']:.2f} | "
        f"never trained on; {left_out['calibration_error']:.2f} where the scale was fitted |",
        f"| weathers said to be none of these | {certainty['taken_for_none']:.0%} | "
        f"never trained on; {left_out['taken_for_none']:.0%} where the threshold was chosen |",
        f"| others said to be none of these | {certainty['none_recognized']:.0%} | "
        f"never trained on; {left_out['none_recognized']:.0%} where the threshold was chosen |",
        f"| training recordings named right, a quarter of the repositories left out | "
        f"{left_out['accuracy']:.1%} | class-balanced per recording; all decisions were taken on "
        "these |",
    ]
    return lines
