"""The commands that measure: `ablate`, `bench`, `compare`, `evaluate`; `report` writes the page.

arguments -> measurements -> a Markdown table on stdout, numbers in JSON files -> one page
"""

import argparse
import functools
from collections.abc import Callable
from pathlib import Path

from sgim.checks import atomic_path, require
from sgim.commands import downstream, edits
from sgim.commands.console import announce
from sgim.commands.parser import checked_file
from sgim.commands.train import add_recordings, found_recordings

BENCH_GENERATORS = ("stylegan2", "stylegan3-t")
MEASUREMENTS = Path("build/measurements.json")
PHOTO_EDITS = Path("build/photo_edits.json")


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `ablate`, `bench`, `compare`, `evaluate` and `report` to the commands."""
    ablate = commands.add_parser("ablate", help="train four objectives alike and compare them")
    ablate.add_argument(
        "--seeds", type=int, default=3, metavar="N", help="trainings of each, from 1 (default 3)"
    )
    ablate.add_argument(
        "--out",
        type=Path,
        default=Path("build/ablation"),
        metavar="DIR",
        help="where logs and figures go (default %(default)s)",
    )
    ablate.set_defaults(run=_ablate)

    bench = commands.add_parser("bench", help="measure how fast this machine is")
    benchmarks = bench.add_subparsers(metavar="what", required=True)
    bench_align = benchmarks.add_parser("align", help="log-mels and training steps")
    bench_align.add_argument(
        "--repeats", type=int, default=7, metavar="N", help="of each, from 1 (default 7)"
    )
    bench_align.add_argument("--out", type=Path, metavar="FILE.json", help="keep the numbers")
    bench_align.set_defaults(run=_bench_align)
    bench_edit = benchmarks.add_parser("edit", help="edit steps beside those of the published loop")
    bench_edit.add_argument(
        "--repeats", type=int, default=5, metavar="N", help="steps, from 1 (default 5)"
    )
    bench_edit.add_argument(
        "--generator",
        choices=BENCH_GENERATORS,
        default=BENCH_GENERATORS[0],
        help="of 256 pixels, with random weights: %(choices)s (default %(default)s)",
    )
    bench_edit.add_argument(
        "--mini",
        action="store_true",
        help="edits of the mini world instead: the optimizer beside one pass of the mapper",
    )
    bench_edit.add_argument("--out", type=Path, metavar="FILE.json", help="keep the numbers")
    bench_edit.set_defaults(run=_bench_edit)

    compare = commands.add_parser("compare", help="edit by the method and by its helpers alone")
    compare.add_argument(
        "--scenes", type=int, default=16, metavar="N", help="of each sound, from 1 (default 16)"
    )
    compare.add_argument(
        "--out",
        type=Path,
        default=Path("build/edit_ways.json"),
        metavar="FILE.json",
        help="where numbers go (default %(default)s)",
    )
    compare.set_defaults(run=_compare)

    evaluate = commands.add_parser("evaluate", help="measure recognition, edits and projections")
    add_recordings(evaluate)
    evaluate.add_argument(
        "--lpips",
        action="store_true",
        help="projections by LPIPS too; with the package lpips, fetches 233 MB once",
    )
    evaluate.add_argument(
        "--photos",
        type=Path,
        metavar="DIR",
        help="edits of the photos in a folder, and nothing else",
    )
    evaluate.add_argument(
        "--out",
        type=Path,
        metavar="FILE.json",
        help=f"where numbers go (default {MEASUREMENTS}; with --data {downstream.OUT})",
    )
    downstream.add_options(evaluate)
    edits.add_options(evaluate)
    evaluate.set_defaults(run=_evaluate)

    report = commands.add_parser("report", help="write the pages of what was measured")
    report.add_argument(
        "--data",
        type=Path,
        default=Path("data"),
        metavar="DIR",
        help="where numbers lie (default %(default)s)",
    )
    report.add_argument(
        "--out",
        type=Path,
        default=Path("docs/measurements.md"),
        metavar="FILE.md",
        help="the page of measurements (default %(default)s); downstream.md, downstream.csv, "
        "claim.md and methods.md are written beside it",
    )
    report.add_argument(
        "--html",
        type=Path,
        metavar="FILE.html",
        help="all pages and their figures as one file that needs no network",
    )
    report.set_defaults(run=_report)


def _ablate(arguments: argparse.Namespace) -> int:
    announce("training four objectives")
    from sgim.embedding.ablation import ablate, to_markdown
    from sgim.embedding.planted_accidents import AblationConfig
    from sgim.notebook.ablation_figure import plot_ablation

    require(arguments.seeds > 0, f"--seeds is {arguments.seeds}; it must be 1 or more.")
    config = AblationConfig(seeds=tuple(range(1, arguments.seeds + 1)))
    runs = ablate(arguments.out, config=config)
    plot_ablation(runs).savefig(arguments.out / "figure.png", dpi=150)
    print(to_markdown(runs))
    return 0


def _bench_align(arguments: argparse.Namespace) -> int:
    checked_file(arguments.out, ".json")
    announce("timing log-mels and training steps")
    from sgim.evaluation.alignment_speed import bench_align
    from sgim.evaluation.speed_tables import align_table

    return _bench(arguments, "align", bench_align, align_table)


def _bench_edit(arguments: argparse.Namespace) -> int:
    checked_file(arguments.out, ".json")
    if arguments.mini:
        return _bench_one_pass(arguments)
    announce("timing edit steps")
    from sgim.evaluation.edit_models import GENERATORS, EditModels
    from sgim.evaluation.edit_speed import bench_edit
    from sgim.evaluation.speed_tables import edit_table

    name = arguments.generator
    what = "edit" if name == BENCH_GENERATORS[0] else f"edit --generator {name}"
    models = EditModels(generator=GENERATORS[name])
    return _bench(arguments, what, functools.partial(bench_edit, models=models), edit_table)


def _bench_one_pass(arguments: argparse.Namespace) -> int:
    announce("timing edits")
    from sgim.evaluation.one_pass_speed import bench_one_pass, one_pass_table

    return _bench(arguments, "edit --mini", bench_one_pass, one_pass_table)


def _bench(
    arguments: argparse.Namespace, what: str, measure: Callable, table: Callable[[object], str]
) -> int:
    import dataclasses

    from sgim.evaluation.kept_results import save_results
    from sgim.provenance import provenance

    made = provenance(f"sgim bench {what} --repeats {arguments.repeats}", {"all": 0})
    result = measure(repeats=arguments.repeats)
    if arguments.out is not None:
        save_results(dataclasses.asdict(result), arguments.out, made=made)
    print(table(result))
    return 0


def _compare(arguments: argparse.Namespace) -> int:
    checked_file(arguments.out, ".json", make_folder=True)
    announce("editing in several ways")
    from sgim.bundle import load_bundle, load_judge
    from sgim.evaluation.edit_scores import SCENE_SEEDS, SOUND_SEEDS
    from sgim.evaluation.edit_ways import compare_ways, ways_table
    from sgim.evaluation.kept_results import save_results
    from sgim.provenance import provenance

    count = arguments.scenes
    require(
        0 < count <= len(SCENE_SEEDS),
        f"--scenes is {count}; there are 1 to {len(SCENE_SEEDS)}: name a number in there.",
    )
    scenes = SCENE_SEEDS[:count]
    made = provenance(f"sgim compare --scenes {count}", {"scenes": scenes, "sounds": SOUND_SEEDS})
    ways = compare_ways(load_bundle("mini"), load_judge(), scene_seeds=scenes, progress=True)
    save_results(ways, arguments.out, made=made)
    print(ways_table(ways))
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    if arguments.data is not None:
        return downstream.run(arguments)
    if arguments.claim:
        return edits.run_claim(arguments)
    if arguments.methods:
        return edits.run_methods(arguments)
    require(
        arguments.folder is None,
        f"{arguments.folder} is given without --data; name what it holds, as in --data esc50.",
    )
    if arguments.photos is not None:
        return _evaluate_photos(arguments)
    out = arguments.out or MEASUREMENTS
    checked_file(out, ".json", make_folder=True)
    announce("measuring the mini world")
    from sgim.evaluation.kept_results import save_results
    from sgim.evaluation.measurement_tables import to_markdown
    from sgim.evaluation.measurements import SEEDS, evaluate
    from sgim.provenance import provenance

    words = ["sgim evaluate"]
    words += ["--recordings DIR"] if arguments.recordings else []
    words += ["--esc10 DIR"] if arguments.esc10 else []
    words += ["--lpips"] if arguments.lpips else []
    made = provenance(" ".join(words), SEEDS)
    results = evaluate(
        recordings=found_recordings(arguments),
        with_lpips=arguments.lpips,
    )
    save_results(results, out, made=made)
    print(to_markdown(results))
    return 0


def _evaluate_photos(arguments: argparse.Namespace) -> int:
    out = arguments.out or PHOTO_EDITS
    checked_file(out, ".json", make_folder=True)
    announce("editing photos")
    from sgim.bundle import load_bundle, load_judge
    from sgim.evaluation.edit_scores import SOUND_SEED
    from sgim.evaluation.kept_results import save_results
    from sgim.evaluation.photo_edits import WAYS, photos_of, photos_table, score_photos
    from sgim.provenance import provenance

    made = provenance("sgim evaluate --photos DIR", {"sounds": SOUND_SEED})
    photos = photos_of(arguments.photos)
    bundle, judge = load_bundle("mini"), load_judge(of_photos=True)
    results = {
        way: score_photos(bundle, judge, photos, config=config, progress=True)
        for way, config in WAYS.items()
    }
    save_results(results, out, made=made)
    print(photos_table(results))
    return 0


def _report(arguments: argparse.Namespace) -> int:
    checked_file(arguments.out, ".md", make_folder=True)
    checked_file(arguments.html, ".html", make_folder=True)
    from sgim.evaluation.claim_page import claim_page
    from sgim.evaluation.downstream_page import downstream_csv, downstream_page, read_files
    from sgim.evaluation.measurements_page import read_page
    from sgim.evaluation.methods_page import methods_page

    files = read_files(arguments.data)
    pages = {
        arguments.out: read_page(arguments.data),
        arguments.out.with_name("downstream.md"): downstream_page(*files),
        arguments.out.with_name("downstream.csv"): downstream_csv(*files),
        arguments.out.with_name("claim.md"): claim_page(arguments.data),
        arguments.out.with_name("methods.md"): methods_page(arguments.data),
    }
    if arguments.html is not None:
        from sgim.notebook.report_page import report_html

        pages[arguments.html] = report_html(arguments.data)
    for path, text in pages.items():
        with atomic_path(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
        print(path)
    return 0
