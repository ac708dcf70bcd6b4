"""Hostile submissions: each gets its line in the report, and the others are graded."""

import json
import os

import pytest

from sgim.checks import SgimError
from sgim.commands import cli
from sgim.exercises.grading import Limits, grade_all

LIMITS = Limits(seconds=12.0, memory_mb=1500.0, output_mb=0.5, file_mb=1.0)
SECRET = "answer_is_42"


def cell(source, kind="code", **settings):
    metadata = {"nbgrader": settings} if settings else {}
    return {"cell_type": kind, "metadata": metadata, "source": source}


def answer(source):
    return cell(source, grade_id="answer", solution=True, locked=False, grade=False)


def check(name, source, points):
    return cell(source, grade_id=name, solution=False, locked=True, grade=True, points=points)


MASTER = [
    cell("# A toy", "markdown"),
    answer("def answer():\n    ### BEGIN SOLUTION\n    return 42\n    ### END SOLUTION"),
    check("test_easy", "1 if callable(answer) else 0", 1),
    check("test_answer", f"seen = {SECRET!r}\n4 if answer() == 42 else 2 if answer() else 0", 4),
]


def notebook(*cells):
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder with a master, a treasure outside of every submission, and what students sent."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "masters").mkdir()
    (folder / "masters" / "toy.ipynb").write_text(notebook(*MASTER))
    (folder / "treasure.txt").write_text("grades of last year")
    return folder


def hand_in(course, student, text):
    folder = course / "submitted" / student / "toy"
    folder.mkdir(parents=True)
    (folder / "toy.ipynb").write_text(text)


def solved(prelude="", body="return 42"):
    return notebook(cell(prelude), answer(f"def answer():\n    {body}"), *MASTER[2:])


@pytest.fixture(scope="module")
def grades(course):
    """What each student got."""
    hidden = f"open({str(course / 'masters' / 'toy.ipynb')!r}).read()"
    outside = f"open({str(course / 'treasure.txt')!r}, 'w').write('mine')"
    forged = check("test_answer", "4", 4)
    for student, text in {
        "ada_solved": solved(),
        "ben_stub": solved(body="return None"),
        "cleo_partly": solved(body="return 41"),
        "dan_changed_check": notebook(answer("def answer():\n    return 0"), forged),
        "eve_loops": solved("while True: pass"),
        "fay_loops_late": solved(body="while True: pass"),
        "gil_prints": solved("while True: print('x' * 10000)"),
        "hal_exits": solved("import sys; sys.exit(0)"),
        "ian_leaves": solved("import os; os._exit(0)"),
        "joe_reads": solved(body=f"return 42 if 'answer' in {hidden} else 0"),
        "kim_writes": solved(body=f"return 42 if {outside} else 0"),
        "lea_forks": solved("import os\nwhile True: os.fork()"),
        "max_shell": solved("import os; os.system('sleep 60 &')"),
        "ned_fills_memory": solved(body="return len(bytearray(10**12))"),
        "oda_no_notebook": "this is no notebook",
        "pam_solved_last": solved(),
    }.items():
        hand_in(course, student, text)
    (course / "submitted" / "qui_nothing").mkdir()
    report = course / "grades.csv"
    words = ["course", "grade", str(course / "masters" / "toy.ipynb"), str(course / "submitted")]
    limits = ["--seconds", "12", "--memory", "1500", "--output", "0.5"]
    assert cli.main([*words, *limits, "--out", str(report)]) == 0
    rows = [line.split(",", 5) for line in report.read_text().splitlines()[1:]]
    return {row[0]: (float(row[2]), row[5]) for row in rows}


@pytest.mark.parametrize(
    ("student", "points", "words"),
    [
        ("ada_solved", 5, "graded"),
        ("ben_stub", 1, "graded"),
        ("cleo_partly", 3, "graded"),
        ("dan_changed_check", 1, "graded"),
        ("eve_loops", 0, "stopped after 12 seconds"),
        ("fay_loops_late", 1, "stopped after 12 seconds"),
        ("gil_prints", 0, "printing more than 0.5 MB"),
        ("hal_exits", 5, "graded"),
        ("ian_leaves", 0, "ended itself"),
        ("joe_reads", 1, "does not read what is hidden"),
        ("kim_writes", 1, "writes no files outside"),
        ("lea_forks", 5, "graded"),
        ("max_shell", 5, "graded"),
        ("ned_fills_memory", 1, "MemoryError"),
        ("oda_no_notebook", 0, "is no notebook"),
        ("pam_solved_last", 5, "graded"),
        ("qui_nothing", 0, "is missing"),
    ],
)
def test_every_submission_gets_its_line_and_none_stops_the_others(grades, student, points, words):
    got, remark = grades[student]
    assert got == points and words in remark


def test_nothing_outside_was_changed_and_no_hidden_test_is_told(course, grades):
    assert (course / "treasure.txt").read_text() == "grades of last year"
    assert len(grades) == 17
    assert SECRET not in (course / "grades.csv").read_text()


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="this system has no links")
def test_a_link_in_the_place_of_a_notebook_is_not_followed(course, tmp_path):
    folder = tmp_path / "eve" / "toy"
    folder.mkdir(parents=True)
    (folder / "toy.ipynb").symlink_to(course / "masters" / "toy.ipynb")
    (grade,) = grade_all(course / "masters" / "toy.ipynb", tmp_path, limits=LIMITS)
    assert grade.points == 0 and "is a link" in grade.remark


@pytest.mark.parametrize("change", [{"seconds": 0}, {"memory_mb": -1}, {"output_mb": 0}])
def test_limits_are_above_zero(change):
    with pytest.raises(SgimError, match="above 0"):
        Limits(**change)


def test_a_folder_that_is_missing_gets_one_sentence(course, tmp_path):
    with pytest.raises(SgimError, match="holds no folder"):
        list(grade_all(course / "masters" / "toy.ipynb", tmp_path))
    with pytest.raises(SgimError, match="is missing"):
        list(grade_all(course / "nothing.ipynb", tmp_path))
