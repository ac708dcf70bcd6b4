"""The command `course`: what a teacher hands out and grades.

master notebooks of `assignments/` and lessons -> copies for students, solutions, slides, a course
for nbgrader
"""

import argparse
from pathlib import Path

LESSONS = Path("notebooks")


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `course` to the commands."""
    course = commands.add_parser("course", help="make the assignments' handouts for a class")
    actions = course.add_subparsers(metavar="action", required=True)
    text = "copies for students, solutions, slides, a course for nbgrader"
    make = actions.add_parser("make", help=text)
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
    make.add_argument(
        "--lessons",
        type=Path,
        metavar="DIR",
        help="lessons, handed out without their solutions, and with slides (default: notebooks, "
        "where it is there)",
    )
    make.set_defaults(run=_make)
    _add_grade(actions)
    _add_leaderboard(actions)


def _add_grade(actions: argparse._SubParsersAction) -> None:
    grade = actions.add_parser("grade", help="run submissions with limits, one line for each")
    grade.add_argument("master", type=Path, help="master notebook, with hidden tests")
    grade.add_argument("submitted", type=Path, help="folder with STUDENT/NAME/NAME.ipynb")
    for name, default, what in (
        ("seconds", 600.0, "seconds for one submission"),
        ("memory", 4000.0, "MB of memory for one submission"),
        ("output", 2.0, "MB that one submission may print"),
    ):
        text = f"{what} (default %(default)s)"
        grade.add_argument(f"--{name}", type=float, default=default, metavar="N", help=text)
    text = "report, one line per student (default %(default)s)"
    grade.add_argument("--out", type=Path, default=Path("grades.csv"), metavar="CSV", help=text)
    grade.set_defaults(run=_grade)


def _add_leaderboard(actions: argparse._SubParsersAction) -> None:
    board = actions.add_parser("leaderboard", help="scores of A3 or A4, from what was handed in")
    board.add_argument("assignment", help="a3_train_encoder or a4_latent_optimization")
    board.add_argument("submitted", type=Path, help="folder with STUDENT/ASSIGNMENT/")
    text = "of A3's held-out clips; take one that nobody knows (default %(default)s)"
    board.add_argument("--seed", type=int, default=0, metavar="N", help=text)
    text = "rows, best first (default %(default)s)"
    board.add_argument(
        "--out", type=Path, default=Path("leaderboard.csv"), metavar="CSV", help=text
    )
    board.set_defaults(run=_leaderboard)


def _make(arguments: argparse.Namespace) -> int:
    from sgim.exercises.handouts import make_course

    lessons = arguments.lessons
    if lessons is None and LESSONS.is_dir():
        lessons = LESSONS
    made = make_course(arguments.assignments, arguments.out, lessons)
    print(f"{len(made.names)} assignments: {', '.join(made.names)}")
    for name, about in (
        ("student", "notebooks and sheets to hand out"),
        ("solutions", "the same with solutions, for the teacher"),
        ("slides", "a talk for each lesson, for a browser"),
        ("nbgrader", "source and settings of a course for nbgrader"),
    ):
        if (made.folder / name).is_dir():
            print(f"{made.folder / name}: {about}")
    return 0


def _grade(arguments: argparse.Namespace) -> int:
    from sgim.exercises.grading import Limits, grade_all, write_grades

    limits = Limits(
        seconds=arguments.seconds, memory_mb=arguments.memory, output_mb=arguments.output
    )
    grades = []
    for grade in grade_all(arguments.master, arguments.submitted, limits=limits):
        print(f"{grade.student}: {grade.points:g} of {grade.most:g}. {grade.remark}", flush=True)
        grades.append(grade)
        write_grades(arguments.out, grades)
    print(f"{arguments.out}: {len(grades)} submissions")
    return 0


def _leaderboard(arguments: argparse.Namespace) -> int:
    from sgim.exercises.leaderboard import leaderboard, write_leaderboard

    entries = leaderboard(arguments.assignment, arguments.submitted, arguments.seed)
    write_leaderboard(arguments.out, entries)
    for entry in entries:
        print(f"{entry.rank}. {entry.student}: {entry.remark or f'{entry.score:g}'}")
    print(f"{arguments.out}: {len(entries)} rows")
    return 0
