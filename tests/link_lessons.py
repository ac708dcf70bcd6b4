"""Write the links between the lessons: previous, next, glossary, in the first and the last cell.

`python tests/link_lessons.py` after a lesson came, went, or got another title.
"""

import json
import re
from pathlib import Path

import nbformat
from places import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
GLOSSARY = "../docs/glossary.md"
NAVIGATION = re.compile(r"\n*^\*(?:Previous|Next): \[.*\]\(.*\)\*$", re.MULTILINE)


def cells_of(path: Path) -> list[dict]:
    """Cells of a notebook, each source as one text."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


def sources(path: Path, kind: str) -> list[str]:
    """Texts of a notebook's cells of kind "markdown" or "code"."""
    return [cell["source"] for cell in cells_of(path) if cell["cell_type"] == kind]


def navigation(path: Path) -> str:
    """The line that leads from a lesson to its neighbors in number order, and to the glossary."""
    place = NOTEBOOKS.index(path)
    links = []
    if place > 0:
        links.append(f"Previous: {_link(NOTEBOOKS[place - 1])}")
    if place + 1 < len(NOTEBOOKS):
        links.append(f"Next: {_link(NOTEBOOKS[place + 1])}")
    return f"*{' · '.join([*links, f'[Glossary]({GLOSSARY})'])}*"


def _link(path: Path) -> str:
    title = re.match(r"# (.*)", sources(path, "markdown")[0])[1]
    return f"[{title.split(':')[0]}]({path.name})"


def write_links(path: Path) -> None:
    """Put the line at the end of the first and the last cell, in place of an older one."""
    notebook = nbformat.read(path, as_version=4)
    for cell in (notebook.cells[0], notebook.cells[-1]):
        cell.source = f"{NAVIGATION.sub('', cell.source).rstrip()}\n\n{navigation(path)}"
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for notebook in NOTEBOOKS:
        write_links(notebook)
