"""Inside the package imports point one way: from room to room only down, and never in a circle."""

import ast
import importlib
from graphlib import TopologicalSorter

from places import ROOT

PACKAGE = ROOT / "sgim"
ORDER = (
    "checks devices lazy_names losses machine metrics provenance seeds",
    "media",
    "files",
    "world",
    "models",
    "editing",
    "bundle",
    "embedding",
    "animation live_picture",
    "evaluation",
    "exercises notebook",
    "commands",
    "__main__",
)
"""From the ground up: rooms, and the modules that stand beside them."""


def modules():
    """Dotted name -> modules of `sgim` that it imports, at its top or inside a function."""
    paths = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in PACKAGE.glob("**/*.py")
        if path.name != "__init__.py"
    }
    return {name: imported_modules(path, paths) for name, path in paths.items()}


def imported_modules(path, known):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively: name the whole module"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            module = next((one for one in (name, name.rpartition(".")[0]) if one in known), None)
            ours = name.split(".")[0] == "sgim"
            assert module or not ours, f"{path.name} imports {name}: name its module"
            found |= {module} if module else set()
    return found


def floor(module):
    place = module.split(".")[1]
    return next(index for index, rooms in enumerate(ORDER) if place in rooms.split())


def test_every_import_goes_down_the_rooms():
    for module, imported in modules().items():
        for other in imported:
            assert floor(other) <= floor(module), f"{module} imports {other}, a room above it"


def test_no_module_imports_itself_in_a_circle():
    TopologicalSorter(modules()).prepare()


def test_every_room_says_what_comes_in_and_what_goes_out():
    for room in PACKAGE.glob("*/__init__.py"):
        text = ast.get_docstring(ast.parse(room.read_text(encoding="utf-8")))
        assert text and "->" in text, f"{room} says nothing of what comes in and goes out"


def test_what_a_room_gives_away_is_there_and_hides_no_module():
    for path in PACKAGE.glob("*/__init__.py"):
        room = importlib.import_module(f"sgim.{path.parent.name}")
        for name in getattr(room, "__all__", ()):
            assert hasattr(room, name), f"{room.__name__} promises {name}"
            assert not path.with_name(f"{name}.py").exists(), f"{name} is a module of {room}"
