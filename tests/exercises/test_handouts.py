"""Master notebooks become copies for students, solutions, and a course; every master is sound."""

import ast
import json
import re

import pytest
from mistakes_in_assignments import MISTAKES, changed
from places import ROOT

from sgim.checks import SgimError
from sgim.commands import cli
from sgim.exercises.handouts import CODE_STUB, make_course, solution, student_version

MASTERS = sorted((ROOT / "assignments").glob("*.ipynb"))
SHEETS = [path for path in (ROOT / "assignments").glob("*.md") if path.stem != "README"]
SKIPPED = re.compile(
    r"^\s*%|check_edit\(|\bedit\(task|plt\.show|train_encoder\(\)$|check_encoder_file", re.MULTILINE
)
"""Cells with magics, with figures, and those of edits and encoders, which have their own tests."""


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def sources(notebook, kind="code"):
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def graded(notebook):
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def run(notebook):
    """Points of every graded code cell, grade id -> points; some cells are left out."""
    names, points = {"__name__": "notebook"}, {}
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] != "code" or SKIPPED.search(text) or not ast.parse(text).body:
            continue
        *lines, last = ast.parse(text).body
        exec(compile(ast.Module(lines, []), "cell", "exec"), names)
        if cell in graded(notebook):
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            points[cell["metadata"]["nbgrader"]["grade_id"]] = value
        else:
            exec(compile(ast.Module([last], []), "cell", "exec"), names)
    return points


@pytest.mark.parametrize("path", MASTERS, ids=lambda path: path.stem)
def test_a_solution_gets_all_points_and_a_student_copy_none(path):
    master = read(path)
    most = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["nbgrader"]["points"]
        for cell in graded(master)
    }
    solved, stub = run(solution(master)), run(student_version(master))
    assert len(solved) >= 3
    assert solved == {name: most[name] for name in solved}
    assert stub == dict.fromkeys(solved, 0)


@pytest.mark.parametrize("path", MASTERS, ids=lambda path: path.stem)
def test_a_student_copy_holds_no_solution_and_no_hidden_test(path):
    master = read(path)
    text = "\n".join(
        sources(student_version(master)) + sources(student_version(master), "markdown")
    )
    assert "###" not in re.sub(r"^### \w.*$", "", text, flags=re.MULTILINE)
    assert "SOLUTION" not in text and "HIDDEN" not in text
    for source in sources(master):
        for region in re.findall(r"BEGIN SOLUTION\n(.*?)\n *### END", source, flags=re.DOTALL):
            assert region not in text


@pytest.mark.parametrize("path", MASTERS, ids=lambda path: path.stem)
def test_a_student_copy_does_not_tell_how_many_hidden_tests_there_are(path):
    master = read(path)
    more = json.loads(json.dumps(master).replace("seeds = [0, ", "seeds = [1, 2, 3, 4, 0, "))
    assert more != master and student_version(more) == student_version(master)


def test_the_sealed_answers_of_two_assignments_have_nothing_in_common():
    sets = [set(re.findall('"([0-9a-f]{12})"', "\n".join(sources(read(path))))) for path in MASTERS]
    assert all(sets) and len(set.union(*sets)) == sum(map(len, sets))


@pytest.mark.parametrize("path", MASTERS, ids=lambda path: path.stem)
def test_each_known_mistake_changes_one_answer_of_the_solution(path):
    solved = solution(read(path))
    assert len(MISTAKES[path.stem]) > 10
    for words, right, wrong in MISTAKES[path.stem]:
        pairs = zip(sources(solved), sources(changed(solved, right, wrong)), strict=True)
        assert sum(one != other for one, other in pairs) == 1, words


@pytest.mark.parametrize("path", MASTERS, ids=lambda path: path.stem)
def test_a_master_says_what_its_points_are_and_keeps_no_output(path):
    master = read(path)
    points = [cell["metadata"]["nbgrader"]["points"] for cell in graded(master)]
    machine = [
        cell["metadata"]["nbgrader"]["points"]
        for cell in graded(master)
        if cell["cell_type"] == "code"
    ]
    head = sources(master, "markdown")[0]
    assert f"**Points:** {sum(points)}. A program grades {sum(machine)} of them" in head
    for word in ("**Goals.**", "**Time:**", "(an estimate)", "**Difficulty:**", "**Needs:**"):
        assert word in head
    assert not any(cell.get("outputs") for cell in master["cells"])
    names = [cell["metadata"]["nbgrader"]["grade_id"] for cell in graded(master)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_the_points_of_a_sheet_are_those_of_its_rubric(path):
    text = path.read_text(encoding="utf-8")
    (most,) = re.findall(r"\*\*Points:\*\* (\d+), given", text)
    rubric = text.partition("## Rubric")[2]
    rows = [line.split("|") for line in rubric.splitlines() if line.startswith("|")]
    head, _, *criteria = ([cell.strip() for cell in row[1:-1]] for row in rows)
    points = [int(row[1]) if head[1] == "points" else int(head[1]) for row in criteria]
    assert sum(points) == int(most)


@pytest.mark.parametrize("path", MASTERS, ids=lambda path: path.stem)
def test_a_master_is_set_up_as_the_lessons_are(path):
    lesson = read(next(iter(sorted((ROOT / "notebooks").glob("*.ipynb")))))
    assert sources(read(path))[0] == sources(lesson)[0]


def test_the_command_writes_a_course_and_writes_it_again(tmp_path, capsys):
    out = tmp_path / "course"
    words = ["course", "make", "--out", str(out), "--assignments", str(ROOT / "assignments")]
    for _ in range(2):
        assert cli.main(words) == 0
    told = capsys.readouterr().out
    for path in MASTERS:
        assert path.stem in told
        assert read(out / "nbgrader" / "source" / path.stem / path.name) == read(path)
        assert CODE_STUB.splitlines()[0] in (out / "student" / path.name).read_text()
        assert "BEGIN" not in (out / "solutions" / path.name).read_text()
    settings = (out / "nbgrader" / "nbgrader_config.py").read_text()
    ast.parse(settings)
    assert repr(CODE_STUB) in settings
    assert {path.name for path in (out / "student").glob("*.md")} >= {"final_project.md"}


def test_a_folder_without_masters_gets_one_sentence(tmp_path, capsys):
    assert cli.main(["course", "make", "--assignments", str(tmp_path)]) == 2
    assert "holds no notebook" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("### BEGIN SOLUTION\nx", "does not end"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", "begins twice"),
        ("### END SOLUTION", "without its BEGIN"),
    ],
)
def test_delimiters_that_do_not_pair_are_refused(tmp_path, source, told):
    cell = {"cell_type": "code", "metadata": {}, "source": source}
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell]}))
    with pytest.raises(SgimError, match=told):
        make_course(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out" / "student" / "a.ipynb").exists()


@pytest.mark.parametrize("lessons", ["", "no_such_folder"])
def test_a_folder_without_lessons_is_refused(tmp_path, lessons):
    with pytest.raises(SgimError, match="holds no lesson; name the folder"):
        make_course(ROOT / "assignments", tmp_path / "out", tmp_path / lessons)
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_the_course_is_refused(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(SgimError, match="out is a file; name a folder"):
        make_course(ROOT / "assignments", tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_lessons_are_handed_out_without_solutions_and_a_page_has_them_all(tmp_path):
    make_course(ROOT / "assignments", tmp_path, ROOT / "notebooks")
    lessons = sorted((ROOT / "notebooks").glob("*.ipynb"))
    for path in lessons:
        copy = read(tmp_path / "student" / "lessons" / path.name)
        text = "\n".join(sources(copy, "markdown"))
        assert set(re.findall("<summary>(.*?)</summary>", text)) == {"Hint", "Rubric"}
        whole = "\n".join(sources(read(path), "markdown"))
        assert text.count("<summary>Hint") == whole.count("<summary>Hint")
        rubrics = re.findall(r"<summary>Rubric</summary>(.*?)</details>", text, re.DOTALL)
        assert rubrics and all("1. " in one and "5. " in one for one in rubrics)
        assert sources(copy) == sources(read(path))
        blocks = re.findall(r"<summary>(?!Hint|Rubric)[^<]*</summary>(.*?)</details>", whole, re.S)
        page = tmp_path / "solutions" / "lessons" / f"{path.stem}.md"
        assert page.exists() == bool(blocks)
        assert (tmp_path / "slides" / f"{path.stem}.html").is_file()
        for block in blocks:
            assert block.strip() in page.read_text()
        for code in re.findall(r"```python\n(.*?)```", "".join(blocks), re.DOTALL):
            assert code not in text
