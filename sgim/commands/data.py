"""The command `data`: published sound data sets, listed, fetched, checked.

name -> what it is, how large, under which licence -> a question -> clips in a folder
"""

import argparse
import sys
from pathlib import Path

from sgim.commands.fetch import agreed


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `data` to the commands."""
    data = commands.add_parser("data", help="list, fetch or check the published sound data sets")
    actions = data.add_subparsers(metavar="action", required=True)
    actions.add_parser("list", help="what there is, how large, under which licence").set_defaults(
        run=_data_list
    )
    for name, run, about in (
        ("fetch", _data_fetch, "download and unpack; asks first"),
        ("check", _data_check, "read what is on this machine and count it"),
    ):
        action = actions.add_parser(name, help=about)
        action.add_argument("name", metavar="NAME", help="a name from `data list`")
        action.add_argument(
            "--folder",
            type=Path,
            default=Path("data"),
            metavar="DIR",
            help="where data sets lie (default %(default)s)",
        )
        action.set_defaults(run=run)
        if name == "fetch":
            action.add_argument("--yes", action="store_true", help="do not ask")


def _data_list(arguments: argparse.Namespace) -> int:
    from sgim.files.datasets import DATA_SETS

    for name, known in DATA_SETS.items():
        print(f"{name:<13} {known.remote.size:>7}  {known.about}\n{'':<22} {known.remote.license}")
    return 0


def _data_fetch(arguments: argparse.Namespace) -> int:
    from sgim.files.datasets import data_set, fetch

    if agreed([data_set(arguments.name).remote], arguments.folder, arguments.yes):
        print(fetch(arguments.name, arguments.folder, progress=sys.stderr.isatty()))
    return 0


def _data_check(arguments: argparse.Namespace) -> int:
    from sgim.files.datasets import data_set

    known = data_set(arguments.name)
    clips = known.read(arguments.folder / known.folder)
    print(
        f"{arguments.name}: {len(clips.paths)} clips, {len(clips.names)} classes, "
        f"{len(set(clips.groups))} recordings, {len(set(clips.folds))} folds, "
        f"{clips.missing} missing"
    )
    return 0
