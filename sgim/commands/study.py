"""The command `study`: people compare edits; `make` writes the page, `analyze` reads the answers.

arguments -> trials -> one HTML file; CSV files of raters -> tables, a figure, numbers
"""

import argparse
from pathlib import Path

from sgim.checks import atomic_path, require
from sgim.commands.console import announce
from sgim.commands.parser import checked_file

PAIRS, CHECKS = 24, 6


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `study` to the commands."""
    study = commands.add_parser("study", help="let people compare edits, blind, and analyze it")
    actions = study.add_subparsers(metavar="action", required=True)
    _add_make(actions.add_parser("make", help="write the study as one HTML file"))
    _add_analyze(actions.add_parser("analyze", help="tables from the files of the raters"))


def _add_make(make: argparse.ArgumentParser) -> None:
    make.add_argument(
        "--out",
        type=Path,
        default=Path("build/study.html"),
        metavar="FILE.html",
        help="the page (default %(default)s)",
    )
    make.add_argument(
        "--edits",
        type=Path,
        metavar="FILE.csv",
        help="edits of yours, one per row: scene, sound, method, source, edit, recording, clear "
        "(default: the mini world is edited)",
    )
    make.add_argument(
        "--ways",
        nargs="+",
        metavar="WAY",
        help="of the mini world: two or more rows of `sgim compare`, in quotation marks",
    )
    make.add_argument(
        "--scenes", type=int, metavar="N", help="of the mini world, 1 to 16 (default 4)"
    )
    make.add_argument(
        "--pairs", type=int, default=PAIRS, metavar="N", help="comparisons (default %(default)s)"
    )
    make.add_argument(
        "--checks",
        type=int,
        default=CHECKS,
        metavar="N",
        help="attention checks (default %(default)s)",
    )
    make.add_argument(
        "--needed",
        type=int,
        metavar="N",
        help="checks that a rater must answer right to count (default: all but one)",
    )
    make.add_argument("--title", metavar="TEXT", help="above the page")
    make.add_argument("--question", metavar="TEXT", help="what raters are asked")
    make.add_argument(
        "--seed", type=int, default=0, metavar="N", help="which comparisons are drawn (default 0)"
    )
    make.set_defaults(run=_make)


def _add_analyze(analyze: argparse.ArgumentParser) -> None:
    analyze.add_argument(
        "answers", nargs="+", type=Path, metavar="FILE.csv", help="one or more files of raters"
    )
    analyze.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the preferences")
    analyze.add_argument("--json", type=Path, metavar="FILE.json", help="keep the numbers")
    analyze.set_defaults(run=_analyze)


def _make(arguments: argparse.Namespace) -> int:
    checked_file(arguments.out, ".html", make_folder=True)
    world = [f"--{name}" for name in ("ways", "scenes") if getattr(arguments, name) is not None]
    require(
        arguments.edits is None or not world,
        f"{' and '.join(world)} are of the mini world; leave that out, or leave out --edits.",
    )
    announce("reading edits" if arguments.edits else "editing the mini world")
    from sgim.evaluation.human_study import ASKED, TITLE, draw_study
    from sgim.evaluation.study_power import chance_to_pass
    from sgim.evaluation.study_trials import ALIKE, read_trials
    from sgim.notebook.study_page import write_study_page

    own = arguments.edits is not None
    study = draw_study(
        read_trials(arguments.edits) if own else _world_trials(arguments),
        num_pairs=arguments.pairs,
        num_checks=arguments.checks,
        needed_right=arguments.needed,
        alike=() if own else ALIKE,
        seed=arguments.seed,
        title=arguments.title or TITLE,
        asked=arguments.question or ASKED,
    )
    write_study_page(study, arguments.out)
    guessed = chance_to_pass(arguments.checks, study.needed_right)
    pairs = len(study.questions) - arguments.checks
    print(f"{arguments.out}: study {study.name}, {pairs} comparisons, {arguments.checks} checks")
    print(
        f"a rater counts with {study.needed_right} of {arguments.checks} checks right; "
        f"{guessed:.0%} of raters who only guess would count"
    )
    return 0


def _world_trials(arguments: argparse.Namespace) -> list:
    from sgim.bundle import load_bundle, load_judge
    from sgim.devices import calm_threads
    from sgim.evaluation.edit_scores import SCENE_SEEDS
    from sgim.evaluation.study_trials import DEFAULT_WAYS, world_trials

    calm_threads()
    count = 4 if arguments.scenes is None else arguments.scenes
    require(
        0 < count <= len(SCENE_SEEDS),
        f"--scenes is {count}; there are 1 to {len(SCENE_SEEDS)}: name a number in there.",
    )
    return world_trials(
        load_bundle("mini"),
        load_judge(),
        ways=tuple(arguments.ways or DEFAULT_WAYS),
        scene_seeds=SCENE_SEEDS[:count],
        progress=True,
    )


def _analyze(arguments: argparse.Namespace) -> int:
    checked_file(arguments.plot, ".png")
    checked_file(arguments.json, ".json")
    announce("reading answers", on_terminal_only=True)
    import dataclasses
    import json

    from sgim.evaluation.preference_analysis import analyze_preferences
    from sgim.evaluation.preference_tables import to_markdown
    from sgim.evaluation.study_answers import read_answers

    analysis = analyze_preferences(read_answers(arguments.answers))
    if arguments.json is not None:
        with atomic_path(arguments.json) as temporary:
            temporary.write_text(json.dumps(dataclasses.asdict(analysis), indent=2) + "\n")
    if arguments.plot is not None:
        from sgim.notebook.preference_figure import plot_preferences

        with atomic_path(arguments.plot) as temporary:
            plot_preferences(analysis).savefig(temporary, dpi=150, facecolor="white")
    print(to_markdown(analysis))
    return 0
