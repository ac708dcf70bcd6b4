"""Write the links of the lessons: previous, next, glossary, and what opens them in Colab.

`python tests/link_lessons.py` after a lesson came, went, or got another title, and after a change
of ADDRESS, from which badges and set-up cells are made.
"""

import json
import re
from pathlib import Path

import nbformat
from places import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
GLOSSARY = "../docs/glossary.md"
ADDRESS = ""
"""The repository, https://github.com/OWNER/NAME. While it is empty there is no badge, and a set-up
cell that finds no copy of the repository says what to do."""

BADGE = re.compile(r"^\[!\[Open in Colab\]\(\S*\)\]\(\S*\)\n\n", re.MULTILINE)
SOURCE = re.compile(r'(?<=if near else )"[^"]*"')
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


def badge(path: Path, address: str) -> str:
    """A picture that opens the lesson in Colab, empty where there is no address."""
    if not address:
        return ""
    page = address.replace("github.com", "colab.research.google.com/github")
    picture = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Open in Colab]({picture})]({page}/blob/main/notebooks/{path.name})\n\n"


def put_links(notebook: nbformat.NotebookNode, path: Path, address: str = ADDRESS) -> None:
    """Put all links into a lesson, in place of older ones."""
    first, last = notebook.cells[0], notebook.cells[-1]
    for cell in (first, last):
        cell.source = f"{NAVIGATION.sub('', cell.source).rstrip()}\n\n{navigation(path)}"
    title, rest = BADGE.sub("", first.source).split("\n\n", 1)
    first.source = f"{title}\n\n{badge(path, address)}{rest}"
    set_up = next(cell for cell in notebook.cells if cell.cell_type == "code")
    package = f'"git+{address}"' if address else '""'
    set_up.source = SOURCE.sub(package, set_up.source)


def write_links(path: Path) -> None:
    """Put all links into the file of a lesson."""
    notebook = nbformat.read(path, as_version=4)
    put_links(notebook, path)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for notebook in NOTEBOOKS:
        write_links(notebook)
