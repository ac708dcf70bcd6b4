"""A notebook that was handed in, made ready for grading: locked cells are those of the master.

master, submission -> cells in order, with grade ids and points

The same as nbgrader does before it runs a notebook, without nbgrader.
"""

import ast
import contextlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from sgim.checks import SgimError, require

LARGEST_NOTEBOOK = 20e6
"""Bytes; a notebook without pictures has a thousandth of it."""


@dataclass(frozen=True)
class GradedCell:
    """A code cell, and what it is worth: `points` is 0 where it is not graded by a program."""

    source: str
    grade_id: str = ""
    points: float = 0.0


def read_regular_file(path: Path, most_bytes: float, what: str) -> bytes:
    """The bytes of a file that somebody handed in.

    Raises
    ------
    SgimError
        When it is missing, a link, a folder, a pipe, or too large; nothing has been read then.
    """
    try:
        status = os.lstat(path)
    except OSError:
        raise SgimError(f"{path.name} is missing; hand {what} in under this name.") from None
    require(
        stat.S_ISREG(status.st_mode),
        f"{path.name} is a link, a folder or a device; hand in {what} itself.",
    )
    require(
        status.st_size <= most_bytes,
        f"{path.name} has {status.st_size / 1e6:.0f} MB; {what} has at most "
        f"{most_bytes / 1e6:.0f} MB.",
    )
    return path.read_bytes()


def read_submission(path: Path) -> dict:
    """Read a notebook that was handed in.

    Raises
    ------
    SgimError
        When it cannot be read, or holds no cells.
    """
    text = read_regular_file(path, LARGEST_NOTEBOOK, "a notebook")
    try:
        notebook = json.loads(text)
        cells = [
            (one["cell_type"], "".join(one["source"]), dict(one.get("metadata", {})))
            for one in notebook["cells"]
        ]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SgimError(f"{path.name} is no notebook; hand in the file that Jupyter saved.") from (
            None
        )
    require(bool(cells), f"{path.name} has no cells; hand in the notebook with your answers.")
    return notebook


def cells_to_run(master: dict, submission: dict) -> list[GradedCell]:
    """Code cells in the order of the submission; locked ones, and those that are missing, are the
    master's.

    Lines with IPython's magics are left out: the package is there already.
    """
    locked = {_grade_id(one): one for one in master["cells"] if _settings(one).get("locked")}
    known = {_grade_id(one) for one in master["cells"] if _grade_id(one)}
    given, seen = [], set()
    for cell in submission["cells"]:
        name = _grade_id(cell)
        if name in seen:
            continue
        if name in known:
            seen.add(name)
        given.append(locked.get(name, cell) if name else cell)
    given += [one for name, one in locked.items() if name not in seen]
    return [_as_cell(one, known) for one in given if one["cell_type"] == "code"]


def imported_by(master: dict) -> list[str]:
    """Modules that the master's own cells import."""
    found = []
    for cell in cells_to_run(master, master):
        with contextlib.suppress(SyntaxError):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    found += [one.name for one in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found += [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
    return list(dict.fromkeys(found))


def _as_cell(cell: dict, known: set[str]) -> GradedCell:
    lines = "".join(cell["source"]).split("\n")
    source = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)
    settings = _settings(cell)
    graded = settings.get("grade") and _grade_id(cell) in known
    points = float(settings.get("points", 0)) if graded else 0.0
    return GradedCell(source, _grade_id(cell) if graded else "", points)


def _settings(cell: dict) -> dict:
    settings = cell.get("metadata", {}).get("nbgrader", {})
    return settings if isinstance(settings, dict) else {}


def _grade_id(cell: dict) -> str:
    return str(_settings(cell).get("grade_id", ""))
