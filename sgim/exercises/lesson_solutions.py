"""Lessons for a class: the folded solutions of their exercises go into a file of their own.

lesson -> the same without solutions, and a page with all of them
"""

import copy
import re

SOLUTION = re.compile(
    r"<details><summary>((?!Hint|Rubric)[^<]*)</summary>(.*?)</details>\n?", re.DOTALL
)
PARTS = re.compile(rf"^### (Exercise .*?)$|{SOLUTION.pattern}", re.DOTALL | re.MULTILINE)
TAKEN_OUT = "*The solution is not part of this copy.*\n"
RUBRIC = re.compile(r"\n\n((?:[^\n]+\n)+\n1\. .*)\Z", re.DOTALL)
"""The last paragraph before a list, and the list."""


def without_solutions(lesson: dict) -> dict:
    """A lesson without the solutions that it folds away; hints and rubrics stay.

    Parameters
    ----------
    lesson : dict
        The notebook as JSON; it stays as it is.
    """
    notebook = copy.deepcopy(lesson)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            source = SOLUTION.sub(lambda found: _rubric(*found.groups()), "".join(cell["source"]))
            cell["source"] = source.splitlines(keepends=True)
    return notebook


def _rubric(title: str, text: str) -> str:
    """What stays of a solution: its rubric."""
    found = RUBRIC.search(text) if "rubric" in title else None
    if not found:
        return TAKEN_OUT
    return f"<details><summary>Rubric</summary>\n\n{found[1].rstrip()}\n\n</details>\n"


def solutions_page(lesson: dict) -> str:
    """All folded solutions of a lesson in Markdown, under the titles of their exercises; "" where
    there are none."""
    text = "\n\n".join(
        "".join(cell["source"]) for cell in lesson["cells"] if cell["cell_type"] == "markdown"
    )
    parts, title = [], ""
    for found in PARTS.finditer(text):
        if found[1]:
            title = found[1]
        else:
            parts.append(f"## {title}\n\n{found[3].strip()}\n")
    head = text.lstrip("# ").partition("\n")[0]
    return "\n".join([f"# Solutions: {head}\n", *parts]) if parts else ""
