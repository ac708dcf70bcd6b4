"""What a newcomer meets in the files: no dead links, no machine paths, nothing unused."""

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest
from places import ROOT

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


def notebook_cells(path, kind):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


def imported_packages(path):
    """First names of what a module or notebook imports, lines of IPython magic left out."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(notebook_cells(path, "code"))
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


def test_notebooks_are_numbered_lower_case_and_small():
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    for path in notebooks:
        assert re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", path.name), path.name
        assert path.stat().st_size <= 500_000, path.name
    numbers = [path.name[:2] for path in notebooks]
    assert len(set(numbers)) == len(numbers)


def documents():
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    texts = {path: "\n".join(notebook_cells(path, "markdown")) for path in notebooks}
    pages = [path for path in tracked_files() if path.suffix == ".md"]
    return {**texts, **{path: path.read_text(encoding="utf-8") for path in pages}}


def test_relative_links_lead_to_files():
    for path, text in documents().items():
        for match in LINK.finditer(text):
            target = (match[1] or match[2]).split("#")[0]
            if target and not re.match(r"[a-z]+:", target):
                assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_modules_stay_short():
    for path in (ROOT / "sgim").glob("**/*.py"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 300, f"{path.relative_to(ROOT)} has {lines} lines"


def test_the_published_table_gives_a_source_for_every_number():
    lines = (ROOT / "data" / "published_results.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "model,setting,esc50,urbansound8k,source"
    for line in lines[2:]:
        assert re.search(r"README|issue|table", line.rsplit(",", 1)[1]), line


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
