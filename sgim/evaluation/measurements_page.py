"""The page of all measured tables, docs/measurements.md: `sgim report`.

four JSON files -> tables, where they come from, and what they say -> Markdown

The sentences beside the tables are of today's results: read them again when the tables change.
"""

from pathlib import Path
from string import Template

from sgim.embedding import ablation
from sgim.evaluation import measurement_tables as tables
from sgim.evaluation.alignment_speed import AlignBenchmark
from sgim.evaluation.edit_speed import EditBenchmark
from sgim.evaluation.kept_results import read_results
from sgim.evaluation.provenance_table import provenance_table
from sgim.evaluation.speed_tables import align_table, edit_table

SOURCES = {
    "measurements.json": "sgim evaluate --recordings DIR --esc10 DIR --lpips",
    "ablation.json": "sgim ablate",
    "bench_edit.json": "sgim bench edit",
    "bench_align.json": "sgim bench align",
}
"""Files in data/ that the page is made from, and the commands that write them."""

PAGE = Template("""# What was measured

This page is made by `sgim report` from four JSON files in [data](../data/README.md). Do not edit
it: measure again, or change `sgim/evaluation/measurements_page.py`.

```
sgim evaluate --recordings DIR --esc10 DIR --lpips --out data/measurements.json
sgim ablate                                             # then copy runs.json to data/ablation.json
sgim bench edit --out data/bench_edit.json
sgim bench align --out data/bench_align.json
sgim report                                             # writes this page
```

The rows on real sound need the two folders of recordings. `--lpips` needs the package lpips and
fetches AlexNet, 233 MB. A file that was written before the commands kept where a number comes from
says "not recorded".

- [The mini world](#the-mini-world): recognition, edits, strength, λ_sim, what the ear mistakes
- [Four objectives, trained alike](#four-objectives-trained-alike)
- [Seconds](#seconds): an edit step, log-mels, a training step
- [What this says and what it does not](#what-this-says-and-what-it-does-not)

## The mini world

From [data/measurements.json](../data/measurements.json):

$evaluate_made

The recordings are not part of the project. They are ESC-10 and excerpts of free recordings. The
audio encoder has heard some of them ([which, by whom](../data/training_recordings.csv)). It is
measured on others: fold 5 of ESC-10, excerpts whose licence does not allow training, and kinds kept
aside (sirens, trains, helicopters, chainsaws). Its predecessor has never heard a recording:
`sgim.load_bundle("mini-synthetic")`. The recordings measured here were looked at while the training
was chosen, so take their numbers as friendly ones.

$overview

### Each sound

$edits_by_sound

### Strength

$strength

### What λ_sim and the adaptive mask do

$settings

λ_sim keeps the land. From $low_weight to $high_weight the land drifts less, $drift_low falls to
$drift_high, and the weather rises less, $rise_low falls to $rise_high. At $high_weight the adaptive
mask gives $given_back of that back, for it holds the rows that the weather needs less hard.

### What the ear mistakes

Rows are what a recording is, columns what was heard; counts of excerpts.

$confusion

The ear is the weak link: $reached of the edits by synthetic sounds reach their weather, of those by
recordings that it has never heard $reached_recorded, and it names $named of these right. Its weak
spots are running water (waterfalls pass for rain) and crickets, for which three and two free
recordings could be trained on. Five of the thirteen streams, all of them waterfalls, and both winds
in trees are as steady as plain noise, and so is a fifth of the rain: the mel bands of white noise
vary over time as much, within 8 %. Only the color of the noise is left to tell them by. There is a
single held-out recording of thunder, so two edits by it are an eighth of their mean.

The encoder that ships is the mean of the weights of three trainings, seeds 1 to 3. One by one they
name 75.6, 74.9 and 76.8 % of these recordings right.

## Four objectives, trained alike

From [data/ablation.json](../data/ablation.json):

$ablate_made

`sgim ablate` trains the same encoder, smaller than the one that ships, on the same sounds with the
losses of four papers, $num_seeds seeds each (mean ± standard deviation), in seven minutes on two
cores. The last two columns are after training on pairs with planted accidents: a whistle in the
sound goes with a place in the picture.

$ablation

What comes out:

- Words matter most for naming: zero-shot rises by $words_least to $words_most points as soon as
  captions take part.
- The weakly-paired term pays when the pairs lie. Trained on accidents, its sounds find their
  pictures best, and it loses least to them: $lost_robust points. AudioCLIP's objective loses
  $lost_audioclip, pictures alone lose $lost_pictures, and two views without that term
  $lost_two_views, for a whistle is in both views and helps to tell sounds apart.
- With clean pairs the term buys nothing. The three objectives with words are alike, and from
  picture to sound pictures alone are best.
- In noise the differences are within the spread.

Few seeds: a gap of two points is no result.

## Seconds

### An edit step

From [data/bench_edit.json](../data/bench_edit.json):

$bench_edit_made

An edit of one picture of 256 pixels with CLIP ViT-B/32 and random weights:

$bench_edit

The published loop asks the system for gigabytes of fresh memory at each step, and its time varies.
In seven earlier runs on two idle cores its medians were 2.8 to 3.0 s. Ours came out 4.7 to 5.5
times as fast in float32 (the median run 5.2) and 8.1 to 9.2 times in bfloat16, with 0.46 to 0.49 of
its memory. Our gradient is nearer to that of double precision: 7e-5 of its length away, the
published one 4e-4. Adam looks at signs first and makes such differences grow.

### Log-mels and training steps

From [data/bench_align.json](../data/bench_align.json):

$bench_align_made

$bench_align

In bfloat16 (`export ACCELERATE_MIXED_PRECISION=bf16`) an earlier run of the mini training heard 290
clips per second on two idle cores; with the synthesis of its sounds it took 12 minutes.

## What this says and what it does not

The mini world shows that the method works and lets one look inside. It says little about real
photographs: its pictures are painted by a program that knows ten weathers, and its encoder of
pictures has seen nothing else. Its guided edits may also set out from a few places that the painter
proposes (`ManipulateConfig.explore`), which a StyleGAN cannot offer.
""")


def read_page(folder: Path) -> str:
    """The page from the files of `SOURCES` in a folder.

    Raises
    ------
    SgimError
        When one of them is missing.
    """
    return page(
        *(read_results(folder / name, command=command) for name, command in SOURCES.items())
    )


def page(measurements: dict, runs: dict, bench_edit: dict, bench_align: dict) -> str:
    """The page from what the files hold, in the order of `SOURCES`."""
    config = runs["config"]
    return PAGE.substitute(
        evaluate_made=provenance_table(measurements),
        overview=tables.overview(measurements),
        edits_by_sound=tables.edits_by_sound(measurements["edits"]["by_sound"]),
        strength=tables.strength_table(measurements["strength"]),
        settings=tables.settings_table(measurements["settings"]),
        confusion=tables.confusion_table(measurements["recordings"]["shipped"]["confusion"]),
        **_what_settings_do(measurements["settings"]),
        **_how_edits_fare(measurements),
        ablate_made=provenance_table(
            runs, seeds={"trainings": config["seeds"], "data": config["data_seed"]}
        ),
        num_seeds=len(config["seeds"]),
        ablation=ablation.to_markdown(runs["runs"]),
        **_what_objectives_do(runs["runs"]),
        bench_edit_made=provenance_table(bench_edit),
        bench_edit=edit_table(EditBenchmark.from_json(bench_edit)),
        bench_align_made=provenance_table(bench_align),
        bench_align=align_table(AlignBenchmark.from_json(bench_align)),
    )


def _what_settings_do(rows: list[dict]) -> dict[str, str]:
    low, high = (
        pick(
            (row for row in rows if row["adaptive_mask"]), key=lambda row: row["similarity_weight"]
        )
        for pick in (min, max)
    )
    (unmasked,) = (
        row
        for row in rows
        if row["similarity_weight"] == high["similarity_weight"] and not row["adaptive_mask"]
    )
    given_back = (high["rise"] - unmasked["rise"]) / (low["rise"] - unmasked["rise"])
    return {
        "low_weight": f"{low['similarity_weight']:g}",
        "high_weight": f"{high['similarity_weight']:g}",
        "drift_low": f"{low['drift']:.3f}",
        "drift_high": f"{high['drift']:.3f}",
        "rise_low": f"{low['rise']:.2f}",
        "rise_high": f"{high['rise']:.2f}",
        "given_back": f"{given_back:.0%}",
    }


def _how_edits_fare(measurements: dict) -> dict[str, str]:
    recordings = measurements["recordings"]
    return {
        "reached": f"{measurements['edits']['all']['reached']:.0%}",
        "reached_recorded": f"{recordings['edits']['reached']:.0%}",
        "named": f"{recordings['shipped']['accuracy']:.0%}",
    }


def _what_objectives_do(runs: list[dict]) -> dict[str, str]:
    """What words bring to naming, and what accidents cost sound → picture, in points."""

    def points(objective: str, condition: str, measure: str) -> float:
        return 100 * ablation.summary(runs, objective, condition, measure)[0]

    pictures, audioclip, two_views, robust = ablation.OBJECTIVES
    named = points(pictures, "clean", "zero_shot")
    gains = [points(one, "clean", "zero_shot") - named for one in (audioclip, two_views, robust)]
    lost = {
        f"lost_{name}": points(objective, "clean", "sound_to_image")
        - points(objective, "accidents", "sound_to_image")
        for name, objective in (
            ("pictures", pictures),
            ("audioclip", audioclip),
            ("two_views", two_views),
            ("robust", robust),
        )
    }
    told = {"words_least": min(gains), "words_most": max(gains)} | lost
    return {name: f"{value:.0f}" for name, value in told.items()}
