"""The whole way of a course with the real tool: release, autograde, feedback; for people to run.

    python tests/exercises/grade_with_nbgrader.py build/course

It needs nbgrader (the extra `course`). A fresh course is made in the folder; one student hands in
the solutions, one the untouched copies, and one for each known mistake the solution with it. The
copies that nbgrader releases have to be those of `sgim course make`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from mistakes_in_assignments import MISTAKES, changed

from sgim.checks import require
from sgim.exercises.handouts import make_course

SOLVED, STUB = "ada_solved", "ben_stub"


def main() -> None:
    """Grade all students in a fresh course, and say what each got."""
    parser = argparse.ArgumentParser(description="Try the course with nbgrader.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--assignments", type=Path, default=Path("assignments"))
    parser.add_argument("--only", nargs="*", help="names of assignments; all where left out")
    parser.add_argument("--mistakes", type=int, metavar="N", help="N, evenly spread; else all")
    arguments = parser.parse_args()
    made = make_course(arguments.assignments, arguments.folder)
    course = (made.folder / "nbgrader").resolve()
    names = arguments.only or made.names
    for name in names:
        nbgrader(course, "generate_assignment", name, "--force")
        same_as_ours(made.folder / "student", course / "release", name)
        hand_in(made.folder, course, name, arguments.mistakes)
        nbgrader(course, "autograde", name, "--force")
        nbgrader(course, "generate_feedback", name, "--force")
        tell(course, name)
    print("Full points, none, and between with advice: as it should be.")


def nbgrader(course: Path, *words: str) -> None:
    """Run one of nbgrader's commands in the course's folder; it calls alembic from the PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = [sys.executable, "-m", "nbgrader", *words]
    subprocess.run(command, cwd=course, check=True, env=os.environ | {"PATH": path})


def same_as_ours(student: Path, release: Path, name: str) -> None:
    """What nbgrader releases is what `sgim course make` hands out."""
    ours, theirs = (
        ["".join(cell["source"]) for cell in read(path)["cells"]]
        for path in (student / f"{name}.ipynb", release / name / f"{name}.ipynb")
    )
    require(ours == theirs, f"{name} of nbgrader differs from the student's copy.")


def hand_in(made: Path, course: Path, name: str, most: int | None) -> None:
    """All students put their notebooks where nbgrader looks for them."""
    solved = read(made / "solutions" / f"{name}.ipynb")
    notebooks = {SOLVED: solved, STUB: read(course / "release" / name / f"{name}.ipynb")}
    known = MISTAKES[name]
    for number in range(0, len(known), -(-len(known) // most) if most else 1):
        _, right, wrong = known[number]
        notebooks[mistaken(number)] = changed(solved, right, wrong)
    for old in course.glob(f"submitted/*/{name}"):
        shutil.rmtree(old)
    for student, notebook in notebooks.items():
        path = course / "submitted" / student / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")


def mistaken(number: int) -> str:
    """Name of the student who makes this mistake."""
    return f"mistake_{number:02}"


def read(path: Path) -> dict:
    """A notebook as JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def tell(course: Path, name: str) -> None:
    """Print points; refuse what is not full, none, and between with the right advice."""
    scores = dict(sorted(points(course, name).items()))
    for student, (got, most) in scores.items():
        page = course / "feedback" / student / name / f"{name}.html"
        require(page.is_file(), f"{page} is missing.")
        advice = ""
        if student == SOLVED:
            right = got == most
        elif student == STUB:
            right = got == 0
        else:
            advice = MISTAKES[name][int(student.rpartition("_")[2])][0]
            right = 0 < got < most
            require(advice in page.read_text(encoding="utf-8"), f"{page} lacks: {advice}.")
        print(f"{name:24} {student:12} {got:4g} of {most:g}  {advice}", flush=True)
        require(right, f"{name}: {student} has {got:g} of {most:g} points.")


def points(course: Path, name: str) -> dict[str, tuple[float, float]]:
    """Student -> points that a program gives, and the most that it can give."""
    from nbgrader.api import Gradebook

    scores = {}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        for submission in gradebook.assignment_submissions(name):
            (notebook,) = submission.notebooks
            automatic = [one for one in notebook.grades if one.cell.cell_type == "code"]
            got = sum(one.auto_score or 0 for one in automatic)
            scores[submission.student.id] = got, sum(one.max_score for one in automatic)
    return scores


if __name__ == "__main__":
    main()
