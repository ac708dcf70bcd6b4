"""The command `course`: what a teacher hands out and grades.

master notebooks of `assignments/` -> copies for students, solutions, a course for nbgrader
"""

import argparse
from pathlib import Path


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `course` to the commands."""
    course = commands.add_parser("course", help="make the assignments' handouts for a class")
    actions = course.add_subparsers(metavar="action", required=True)
    make = actions.add_parser("make", help="copies for students, solutions, a course for nbgrader")
    make.add_argument(
        "--out",
        type=Path,
        default=Path("build/course"),
        metavar="DIR",
        help="where they are written (default %(default)s)",
    )
    make.add_argument(
        "--assignments",
        type=Path,
        default=Path("assignments"),
        metavar="DIR",
        help="master notebooks (default %(default)s)",
    )
    make.set_defaults(run=_make)


def _make(arguments: argparse.Namespace) -> int:
    from sgim.exercises.handouts import make_course

    made = make_course(arguments.assignments, arguments.out)
    print(f"{len(made.names)} assignments: {', '.join(made.names)}")
    for name, about in (
        ("student", "notebooks and sheets to hand out"),
        ("solutions", "the same with solutions, for the teacher"),
        ("nbgrader", "source and settings of a course for nbgrader"),
    ):
        print(f"{made.folder / name}: {about}")
    return 0
