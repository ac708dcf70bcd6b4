"""What is handed out: everything follows from one master notebook per assignment.

master notebooks -> copies for students, solutions, and the source folder of a course for nbgrader;
lessons -> copies without solutions, pages of solutions, slides

A master has nbgrader's delimiters and metadata. The student's copy is what nbgrader makes of it,
so that a course without nbgrader hands out the same notebook.
"""

import copy
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from sgim.checks import atomic_path, require, require_writable_folder
from sgim.exercises.lesson_solutions import solutions_page, without_solutions
from sgim.exercises.slides_page import slides_page

CODE_STUB = "# Your lines take the place of the next one.\nreturn None"
TEXT_STUB = "*Your answer takes the place of this line.*"
DELIMITER = "### "
SECONDS_PER_CELL, SECONDS_FOR_OUTPUT = 300, 60

CONFIG = f'''"""Settings of nbgrader for this course; the folder's path is the course."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "sgim"
c.ClearSolutions.code_stub = {{"python": {CODE_STUB!r}}}
c.ClearSolutions.text_stub = {TEXT_STUB!r}
c.ExecutePreprocessor.timeout = {SECONDS_PER_CELL}
c.ExecutePreprocessor.iopub_timeout = {SECONDS_FOR_OUTPUT}
'''


@dataclass(frozen=True)
class Handouts:
    """What was written: folders and the names of the assignments."""

    folder: Path
    names: list[str]


def make_course(masters: Path, out: Path, lessons: Path | None = None) -> Handouts:
    """Write the course that follows from the master notebooks.

    Parameters
    ----------
    masters : Path
        Folder of master notebooks and of sheets in Markdown.
    out : Path
        Gets `student/`, `solutions/` and `nbgrader/`, the latter with `source/NAME/NAME.ipynb` and
        `nbgrader_config.py`. Files of earlier runs are replaced, other files stay.
    lessons : Path
        Folder of lessons: `student/lessons/` gets them without the solutions that they fold away,
        `solutions/lessons/` a page with these for each, and `slides/` a page with its slides.

    Raises
    ------
    SgimError
        When there is no master or no lesson, one has delimiters that do not pair, or `out` is no
        folder that can be written to.
    """
    notebooks = sorted(masters.glob("*.ipynb"))
    require(
        bool(notebooks),
        f"{masters} holds no notebook; run this in a clone of the repository, or name the folder "
        "of the assignments.",
    )
    pages = sorted(lessons.glob("*.ipynb")) if lessons else []
    require(
        lessons is None or bool(pages),
        f"{lessons} holds no lesson; name the folder of the lessons' notebooks.",
    )
    require_writable_folder(out)
    for path in notebooks:
        master = json.loads(path.read_text(encoding="utf-8"))
        _write(out / "student" / path.name, student_version(master))
        _write(out / "solutions" / path.name, solution(master))
        _write(out / "nbgrader" / "source" / path.stem / path.name, master)
    for sheet in sorted(masters.glob("*.md")):
        if sheet.stem != "README":
            shutil.copyfile(sheet, out / "student" / sheet.name)
    for path in pages:
        _hand_out_lesson(path, out)
    _write_text(out / "nbgrader" / "nbgrader_config.py", CONFIG)
    return Handouts(out, [path.stem for path in notebooks])


def _hand_out_lesson(path: Path, out: Path) -> None:
    lesson = json.loads(path.read_text(encoding="utf-8"))
    _write(out / "student" / "lessons" / path.name, without_solutions(lesson))
    _write_text(out / "slides" / f"{path.stem}.html", slides_page(lesson))
    page = solutions_page(lesson)
    if page:
        _write_text(out / "solutions" / "lessons" / f"{path.stem}.md", page)


def student_version(master: dict) -> dict:
    """A notebook without solutions and hidden tests; the master stays as it is."""
    notebook = copy.deepcopy(master)
    for cell in notebook["cells"]:
        stub = CODE_STUB if cell["cell_type"] == "code" else TEXT_STUB
        source = "".join(cell["source"])
        emptied = replace_regions(source, "SOLUTION", stub)
        written = cell["metadata"].get("nbgrader", {}).get("solution", False)
        if written and emptied == source:
            emptied = stub
        emptied = replace_regions(emptied, "HIDDEN TESTS", None)
        cell["source"] = emptied.splitlines(keepends=True)
    return notebook


def solution(master: dict) -> dict:
    """The same notebook with solutions, and without any delimiter."""
    notebook = copy.deepcopy(master)
    for cell in notebook["cells"]:
        lines = "".join(cell["source"]).split("\n")
        kept = [line for line in lines if not _is_delimiter(line)]
        cell["source"] = "\n".join(kept).splitlines(keepends=True)
    return notebook


def replace_regions(source: str, kind: str, stub: str | None) -> str:
    """Put a stub, as far to the right as the delimiter, or nothing in the place of regions.

    >>> text = "def f():\\n    ### BEGIN SOLUTION\\n    return 1\\n    ### END SOLUTION"
    >>> print(replace_regions(text, "SOLUTION", "return None"))
    def f():
        return None

    Raises
    ------
    SgimError
        When a region does not end, or begins twice.
    """
    kept, inside = [], False
    for line in source.split("\n"):
        if f"{DELIMITER}BEGIN {kind}" in line:
            require(not inside, f"a region BEGIN {kind} begins twice; end the first one.")
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + part for part in stub.split("\n")] if stub is not None else []
        elif f"{DELIMITER}END {kind}" in line:
            require(inside, f"END {kind} stands without its BEGIN; write both.")
            inside = False
        elif not inside:
            kept.append(line)
    require(not inside, f"a region BEGIN {kind} does not end; write END {kind} after it.")
    return "\n".join(kept)


def _is_delimiter(line: str) -> bool:
    return line.strip().startswith((f"{DELIMITER}BEGIN ", f"{DELIMITER}END "))


def _write(path: Path, notebook: dict) -> None:
    _write_text(path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


def _write_text(path: Path, text: str) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
