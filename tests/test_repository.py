"""What a newcomer meets in the files: no dead links, no machine paths, nothing unused."""

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest
from link_lessons import GLOSSARY, NOTEBOOKS, sources
from places import ROOT

from sgim.evaluation.published_numbers import read_published

TEXT_SUFFIXES = {
    "",
    ".cfg",
    ".cff",
    ".csv",
    ".ipynb",
    ".json",
    ".md",
    ".py",
    ".toml",
    ".txt",
    ".yml",
}
CARD = ("torch", "torchaudio", "open_clip", "matplotlib", "ipywidgets", "librosa")
CALLED_BY_MAKE = {"jupyterlab": "-m jupyterlab", "nbval": "--nbval"}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)|(?:src|href)=\"([^\"]+)\"")


def tracked_files():
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def imported_packages(path):
    """First names of what a module or notebook imports, lines of IPython magic left out."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(sources(path, "code"))
        text = re.sub(r"^\s*[%!].*$", "pass", text, flags=re.MULTILINE)
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_no_file_names_a_machine():
    home = re.compile(
        "|".join(
            (r"/(?:root|work|Users|home)/\w", r"/tm" + r"p/\w", r"https?://(?:localhost|127\.)")
        )
    )
    for path in tracked_files():
        if path.suffix in TEXT_SUFFIXES and path != Path(__file__):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                assert not home.search(line), f"{path.relative_to(ROOT)}:{number}: {line[:120]}"


def test_every_package_of_the_project_is_used():
    sources = [path for path in tracked_files() if path.suffix in (".py", ".ipynb")]
    used = set().union(*(imported_packages(path) for path in sources))
    assert set(CARD) <= used
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for package, call in CALLED_BY_MAKE.items():
        assert call in makefile, package


def documents():
    texts = {path: "\n\n".join(sources(path, "markdown")) for path in NOTEBOOKS}
    pages = [path for path in tracked_files() if path.suffix == ".md"]
    return {**texts, **{path: path.read_text(encoding="utf-8") for path in pages}}


def local_links():
    """Every relative link: the file it stands in, what it names, and the place within that."""
    for path, text in documents().items():
        for match in LINK.finditer(text):
            target, _, anchor = (match[1] or match[2]).partition("#")
            if not re.match(r"[a-z]+:", target):
                yield path, target, anchor


def test_relative_links_lead_to_files():
    missing = {(path, target) for path, target, _ in local_links()
               if target and not (path.parent / target).exists()}  # fmt: skip
    if missing and {target for _, target in missing} == {GLOSSARY}:
        pytest.skip("docs/glossary.md is not written yet")
    assert not missing


def anchors_of(path):
    """Names that links can use for the headings of a page, or of a lesson in JupyterLab."""
    headings = re.findall(r"^#+ (.+?)\s*$", documents()[path], re.MULTILINE)
    if path.suffix == ".ipynb":
        return {heading.replace(" ", "-") for heading in headings}
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_into_a_page_lead_to_a_heading():
    for path, target, anchor in local_links():
        page = (path.parent / target).resolve() if target else path
        if anchor and page.suffix in (".md", ".ipynb") and page.exists():
            assert anchor in anchors_of(page), f"{path.name} links to {target}#{anchor}"


def test_modules_stay_short():
    for path in (ROOT / "sgim").glob("**/*.py"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 300, f"{path.relative_to(ROOT)} has {lines} lines"


def test_the_published_table_gives_a_source_for_every_number():
    rows = read_published(ROOT / "data" / "published_results.csv")
    assert len(rows) > 50 and rows[0]["model"] == "chance"
    for row in rows:
        if row["model"] != "chance":
            assert re.search(r"README|issue|table|arXiv|results|Networks", row["source"]), row


def test_the_page_on_training_tells_command_and_minutes_of_every_card():
    page = (ROOT / "docs/training.md").read_text(encoding="utf-8")
    for path in (ROOT / "sgim/weights").glob("*.json"):
        card = json.loads(path.read_text(encoding="utf-8"))
        row = (
            f"`{card['command']}` | {card['minutes']} | [{path.stem}](../sgim/weights/{path.name})"
        )
        assert row in page, path.name


def test_modules_that_texts_name_exist():
    """`sgim.room.module` or `sgim/room/module`, in pages and lessons."""
    named = re.compile(r"\bsgim[./]([a-z_]+)[./]([a-z_0-9]+)\b")
    for path, text in documents().items():
        for room, name in named.findall(text):
            init = ROOT / "sgim" / room / "__init__.py"
            if init.is_file() and not (init.parent / f"{name}.py").is_file():
                offered = init.read_text(encoding="utf-8")
                assert f'"{name}"' in offered, f"{path.name} names sgim.{room}.{name}"
