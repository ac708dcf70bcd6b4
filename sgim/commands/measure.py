"""The commands that measure: `ablate`, `compare`, `evaluate`; `report` writes the page.

arguments -> measurements -> a Markdown table on stdout, numbers in JSON files -> one page
"""

import argparse
from pathlib import Path

from sgim.checks import atomic_path, require
from sgim.commands import downstream, edits
from sgim.commands.console import announce
from sgim.commands.parser import checked_file
from sgim.commands.train import add_recordings, found_recordings

MEASUREMENTS = Path("build/measurements.json")
PHOTO_EDITS = Path("build/photo_edits.json")
ONE_PASS = Path("build/one_pass.json")
RECORDINGS = " --recordings DIR --esc10 DIR"


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `ablate`, `compare`, `evaluate` and `report` to the commands."""
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
        "--one-pass",
        action="store_true",
        help="edits in one pass of the mapper, and nothing else",
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
    if arguments.one_pass:
        return _evaluate_one_pass(arguments)
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


def _evaluate_one_pass(arguments: argparse.Namespace) -> int:
    out = arguments.out or ONE_PASS
    checked_file(out, ".json", make_folder=True)
    announce("editing in one pass")
    import json

    from sgim.bundle import load_bundle, load_judge
    from sgim.evaluation.kept_results import save_results
    from sgim.evaluation.measurements import SEEDS
    from sgim.evaluation.one_pass import measure_one_pass
    from sgim.provenance import provenance

    made = provenance("sgim evaluate --one-pass" + RECORDINGS * _told(arguments), SEEDS)
    held_out = [one for one in found_recordings(arguments) if one.held_out]
    results = measure_one_pass(load_bundle("mini"), load_judge(), held_out, progress=True)
    save_results(results, out, made=made)
    print(json.dumps({way: row["edits"]["all"] for way, row in results.items()}, indent=2))
    return 0


def _told(arguments: argparse.Namespace) -> bool:
    return arguments.recordings is not None or arguments.esc10 is not None


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
