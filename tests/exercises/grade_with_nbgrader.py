"""The whole way of a course with the real tool: release, autograde, feedback; for people to run.

    python tests/exercises/grade_with_nbgrader.py build/course

It needs nbgrader (the extra `course`). A fresh course is made in the folder; three students
hand in: one has the solutions, one the untouched copies, one the solutions with one mistake in
each. The copies that nbgrader releases have to be those of `sgim course make`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from sgim.checks import require
from sgim.exercises.handouts import make_course

MISTAKES = {
    "a1_log_mel": ("* torch.hann_window(n_fft)", ""),
    "a2_contrast": ("own - logits.logsumexp(dim=0)", "own - logits.logsumexp(dim=1)"),
    "a3_train_encoder": ("F.normalize(label_features, dim=1)", "label_features"),
    "a4_latent_optimization": (
        "(layer_weights * lengths).sum(dim=1)",
        "lengths.sum(dim=1)",
    ),
}
ADVICE = {
    "a1_log_mel": "No window",
    "a2_contrast": "not symmetric",
    "a3_train_encoder": "Normalization forgotten",
    "a4_latent_optimization": "Mask not used",
}


def main() -> None:
    """Grade three students in a fresh course, and say what each got."""
    parser = argparse.ArgumentParser(description="Try the course with nbgrader.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--assignments", type=Path, default=Path("assignments"))
    parser.add_argument("--only", nargs="*", help="names of assignments; all where left out")
    arguments = parser.parse_args()
    made = make_course(arguments.assignments, arguments.folder)
    course = (made.folder / "nbgrader").resolve()
    names = arguments.only or made.names
    for name in names:
        nbgrader(course, "generate_assignment", name, "--force")
        same_as_ours(made.folder / "student", course / "release", name)
        hand_in(made.folder, course, name)
        nbgrader(course, "autograde", name, "--force")
        nbgrader(course, "generate_feedback", name, "--force")
    tell(course, names)


def nbgrader(course: Path, *words: str) -> None:
    """Run one of nbgrader's commands in the course's folder; it calls alembic from the PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = [sys.executable, "-m", "nbgrader", *words]
    subprocess.run(command, cwd=course, check=True, env=os.environ | {"PATH": path})


def same_as_ours(student: Path, release: Path, name: str) -> None:
    """What nbgrader releases is what `sgim course make` hands out."""
    ours, theirs = (
        ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]
        for path in (student / f"{name}.ipynb", release / name / f"{name}.ipynb")
    )
    require(ours == theirs, f"{name} of nbgrader differs from the student's copy.")


def hand_in(made: Path, course: Path, name: str) -> None:
    """Three students put their notebooks where nbgrader looks for them."""
    solved = (made / "solutions" / f"{name}.ipynb").read_text(encoding="utf-8")
    stub = (course / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
    right, wrong = MISTAKES[name]
    require(right in solved, f"{name} has no line with {right}; the mistake cannot be made.")
    for student, text in {
        "ada_solved": solved,
        "ben_stub": stub,
        "cleo_mistake": solved.replace(right, wrong),
    }.items():
        folder = course / "submitted" / student / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")


def tell(course: Path, names: list[str]) -> None:
    """Print points; refuse what is not full, none, and between with the right advice."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        for name in names:
            scores = {}
            for submission in gradebook.assignment_submissions(name):
                (notebook,) = submission.notebooks
                automatic = [one for one in notebook.grades if one.cell.cell_type == "code"]
                got = sum(one.auto_score or 0 for one in automatic)
                most = sum(one.max_score for one in automatic)
                scores[submission.student.id] = got, most
                page = course / "feedback" / submission.student.id / name / f"{name}.html"
                require(page.is_file(), f"{page} is missing.")
                print(f"{name:24} {submission.student.id:14} {got:g} of {most:g}")
            page = course / "feedback" / "cleo_mistake" / name / f"{name}.html"
            require(ADVICE[name] in page.read_text(), f"{page} lacks the advice.")
            full, none, part = (scores[student] for student in sorted(scores))
            require(full[0] == full[1] and none[0] == 0, f"{name}: solved {full}, stub {none}.")
            require(0 < part[0] < part[1], f"{name}: with a mistake {part}.")
    print("Full points, none, and between with advice: as it should be.")


if __name__ == "__main__":
    main()
