"""The command `fetch`: weights that others published.

name -> what it is, how large, under which licence -> a question -> verified files
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from sgim.checks import SgimError, require


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `fetch` to the commands."""
    fetch = commands.add_parser("fetch", help="download published weights; asks first")
    fetch.add_argument(
        "name",
        metavar="NAME",
        help="paper, paper-ffhq, ...: the files of a bundle, or those of one name",
    )
    fetch.add_argument("--yes", action="store_true", help="do not ask")
    fetch.add_argument(
        "--offline", action="store_true", help="download nothing; verify what is here"
    )
    fetch.set_defaults(run=_fetch)


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
    if missing and not agreed(missing, weights_folder(), arguments.yes):
        return 0
    failures = []
    for name in names:
        try:
            print(fetch_weights(name, progress=sys.stderr.isatty()))
        except SgimError as error:
            failures.append(str(error))
    require(not failures, " ".join(failures))
    return 0


def agreed(remotes: Iterable, folder: Path, yes: bool) -> bool:
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
