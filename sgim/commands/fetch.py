"""The commands that bring files from the internet: `fetch` for weights, `data` for sounds.

arguments -> what it is, how large, under which licence -> a question -> verified files
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from sgim.checks import SgimError, require


def add_fetch_commands(commands: argparse._SubParsersAction) -> None:
    """Add `fetch` and `data` to the commands."""
    fetch = commands.add_parser("fetch", help="download published weights; asks first")
    fetch.add_argument("name", metavar="NAME", help="paper, paper-ffhq, ...: a bundle's files")
    fetch.add_argument("--yes", action="store_true", help="do not ask")
    fetch.add_argument(
        "--offline", action="store_true", help="download nothing; verify what is here"
    )
    fetch.set_defaults(run=_fetch)

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
        action.add_argument("--folder", type=Path, default=Path("data"), metavar="DIR")
        action.set_defaults(run=run)
        if name == "fetch":
            action.add_argument("--yes", action="store_true", help="do not ask")


def _fetch(arguments: argparse.Namespace) -> int:
    from sgim.files.registry import (
        WEIGHTS,
        fetch_weights,
        find_weights,
        is_here,
        weights_folder,
        weights_for,
    )

    if arguments.offline:
        print(*find_weights(arguments.name), sep="\n")
        return 0
    names = weights_for(arguments.name)
    missing = [WEIGHTS[name] for name in names if not is_here(name)]
    if missing and not _agreed(missing, weights_folder(), arguments.yes):
        return 0
    failures = []
    for name in names:
        try:
            print(fetch_weights(name, progress=sys.stderr.isatty()))
        except SgimError as error:
            failures.append(str(error))
    require(not failures, " ".join(failures))
    return 0


def _agreed(remotes: Iterable, folder: Path, yes: bool) -> bool:
    """Tell what would be downloaded, and ask."""
    for remote in remotes:
        print(
            f"{remote.file_name}, {remote.size}, {remote.license}, into {folder}.\n"
            f"Please cite: {remote.citation}.",
            file=sys.stderr,
        )
    if yes:
        return True
    require(sys.stdin.isatty(), "nobody is there to ask; pass --yes to download.")
    return input("Download it? [y/N] ").strip().lower() in ("y", "yes")


def _data_list(arguments: argparse.Namespace) -> int:
    from sgim.files.datasets import DATA_SETS

    for name, known in DATA_SETS.items():
        print(f"{name:<13} {known.remote.size:>7}  {known.about}\n{'':<22} {known.remote.license}")
    return 0


def _data_fetch(arguments: argparse.Namespace) -> int:
    from sgim.files.datasets import data_set, fetch

    if _agreed([data_set(arguments.name).remote], arguments.folder, arguments.yes):
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
