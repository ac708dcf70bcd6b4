"""The command `demo`: some scenes, some sounds, a page.

arguments -> `sgim.notebook.demo` -> a folder with a page in it.
"""

import argparse
from pathlib import Path

from sgim.commands.console import announce, complain


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `demo` to the commands."""
    demo = commands.add_parser("demo", help="edit some scenes with some sounds; write a page")
    demo.add_argument(
        "--out",
        type=Path,
        default=Path("build/demo"),
        metavar="DIR",
        help="where the page goes (default %(default)s)",
    )
    demo.add_argument(
        "--sound",
        nargs="+",
        default=[],
        metavar="FILE",
        help="recordings of your own, 0.1 s to 10 min",
    )
    demo.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    announce("loading the models for the demo")
    from sgim.devices import calm_threads
    from sgim.notebook.demo import run_demo

    calm_threads()
    return run_demo(arguments.out, arguments.sound, complain=complain)
