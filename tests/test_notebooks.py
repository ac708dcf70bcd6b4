"""What every lesson keeps to, read from its file: order, links, outputs, words for pictures.

The set-up cell is compared in `tests/notebook/test_lessons.py`; links to files, paths of machines
and names of modules are checked for all texts in `tests/test_repository.py`.
"""

import ast
import importlib
import re
from html.parser import HTMLParser
from types import ModuleType

import pytest
from link_lessons import NAVIGATION, NOTEBOOKS, cells_of, navigation, sources

import sgim
from sgim.notebook.alt_text import SHORTEST

SHOWING = {"print", "display", "show", "show_images"}
each_lesson = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in cells_of(path) if cell["cell_type"] == "code"]


def parsed(source):
    """The tree of a cell, lines of IPython magic left out."""
    return ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE))


def headings(path):
    """Levels and texts of all headings, those in blocks of code left out."""
    text = "\n\n".join(sources(path, "markdown"))
    text = re.sub(r"^( *)(```|~~~).*?^\1\2", "", text, flags=re.MULTILINE | re.DOTALL)
    return [(len(marks), words) for marks, words in re.findall(r"^(#+) (.+)$", text, re.MULTILINE)]


def test_notebooks_are_numbered_lower_case_and_small():
    for path in NOTEBOOKS:
        assert re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", path.name), path.name
        assert path.stat().st_size <= 500_000, f"{path.name}: {path.stat().st_size} bytes"
    numbers = [path.name[:2] for path in NOTEBOOKS]
    assert len(set(numbers)) == len(numbers)


@each_lesson
def test_the_first_cell_has_the_only_title_with_the_lesson_s_number(path):
    first = cells_of(path)[0]
    assert first["cell_type"] == "markdown"
    assert first["source"].startswith(f"# {path.name[:2]} · ")
    assert [level for level, _ in headings(path)].count(1) == 1


@each_lesson
def test_headings_go_down_one_level_at_a_time(path):
    found = headings(path)
    for (above, _), (level, words) in zip(found, found[1:], strict=False):
        assert level <= above + 1, f"“{words}” is {level - above} levels below the one before"


@each_lesson
def test_all_cells_were_run_once_in_order(path):
    counts = [cell["execution_count"] for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


@each_lesson
def test_no_stored_output_is_an_error_or_a_warning(path):
    for cell in code_cells(path):
        for output in cell["outputs"]:
            assert output["output_type"] != "error", output.get("evalue")
            assert output.get("name") != "stderr", "".join(output["text"])


def shows_something(source):
    """Whether a statement at the cell's outer level prints or displays."""
    calls = [
        statement.value.func
        for statement in parsed(source).body
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    ]
    names = {getattr(call, "attr", getattr(call, "id", "")) for call in calls}
    return any(name in SHOWING or name.startswith("plot_") for name in names)


@each_lesson
def test_cells_that_show_something_have_stored_outputs(path):
    for cell in code_cells(path):
        if shows_something(cell["source"]):
            assert cell["outputs"], cell["source"][-200:]


class MediaTags(HTMLParser):
    """Collects the attributes of pictures and players."""

    def __init__(self):
        super().__init__()
        self.words = {"img": [], "audio": [], "video": []}

    def handle_starttag(self, tag, attributes):
        if tag in self.words:
            name = "alt" if tag == "img" else "title"
            self.words[tag].append(dict(attributes).get(name) or "")


def media_words(html):
    """Alternative texts of the pictures and names of the players of some HTML."""
    tags = MediaTags()
    tags.feed(html)
    return [text for texts in tags.words.values() for text in texts]


@each_lesson
def test_every_picture_and_player_says_in_words_what_it_is(path):
    for cell in code_cells(path):
        for output in cell["outputs"]:
            data = output.get("data", {})
            bare = [kind for kind in data if kind.startswith(("image/", "audio/", "video/"))]
            assert not bare, f"show it as HTML, by picture_html: {cell['source'][-200:]}"
            for words in media_words("".join(data.get("text/html", ""))):
                assert len(words) >= SHORTEST, (
                    f"{words!r} says too little; give titles, or use in_words(…): "
                    f"{cell['source'][-300:]}"
                )


@each_lesson
def test_pictures_in_the_text_have_words_too(path):
    for source in sources(path, "markdown"):
        texts = re.findall(r"!\[([^\]]*)\]\(", source) + media_words(source)
        assert all(len(words) >= SHORTEST for words in texts), texts


def imported(node):
    """Name in the lesson -> what it stands for, for an import from the package."""
    if isinstance(node, ast.Import):
        names = [alias for alias in node.names if alias.name.split(".")[0] == "sgim"]
        modules = {alias: importlib.import_module(alias.name) for alias in names}
        return {alias.asname or "sgim": modules[alias] if alias.asname else sgim for alias in names}
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sgim":
        module = importlib.import_module(node.module)
        return {alias.asname or alias.name: member(module, alias.name) for alias in node.names}
    return {}


def member(module, name):
    """An attribute or a module of a package."""
    if not hasattr(module, name):
        importlib.import_module(f"{module.__name__}.{name}")
    return getattr(module, name)


@each_lesson
def test_every_name_of_the_package_that_the_code_uses_exists(path):
    trees = [parsed(source) for source in sources(path, "code")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    known = {}
    for node in nodes:
        known |= imported(node)
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = known.get(node.value.id)
            if isinstance(owner, ModuleType):
                assert hasattr(owner, node.attr), f"{owner.__name__} has no {node.attr}"


@each_lesson
def test_first_and_last_cell_lead_to_the_neighbors_and_the_glossary(path):
    cells = cells_of(path)
    for cell in (cells[0], cells[-1]):
        found = [line.strip() for line in NAVIGATION.findall(cell["source"])]
        assert found == [navigation(path)], "run python tests/link_lessons.py"
