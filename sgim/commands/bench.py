"""The command `bench`: how fast this machine is.

arguments -> seconds of works in turn -> a Markdown table on stdout, numbers in a JSON file
"""

import argparse
import functools
from collections.abc import Callable
from pathlib import Path

from sgim.commands.console import announce
from sgim.commands.parser import checked_file

BENCH_GENERATORS = ("stylegan2", "stylegan3-t")


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `bench` to the commands."""
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
    other = bench_edit.add_mutually_exclusive_group()
    other.add_argument(
        "--mini",
        action="store_true",
        help="edits of the mini world instead: the optimizer beside one pass of the mapper",
    )
    other.add_argument(
        "--sizes",
        action="store_true",
        help="several edits at once, 1024 pixels, torch.compile, and what rounding does",
    )
    bench_edit.add_argument("--out", type=Path, metavar="FILE.json", help="keep the numbers")
    bench_edit.set_defaults(run=_bench_edit)


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
    if arguments.sizes:
        return _bench_sizes(arguments)
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


def _bench_sizes(arguments: argparse.Namespace) -> int:
    announce("timing edit steps")
    from sgim.evaluation.edit_sizes import bench_sizes, sizes_table

    return _bench(arguments, "edit --sizes", bench_sizes, sizes_table)


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
