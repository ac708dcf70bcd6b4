"""The packages that sgim asks for: which are there, and how to get those that are not.

the installation's own list, or the clone's pyproject.toml -> findings, sentences

Python alone is enough to run this: it is for where everything else is missing.
"""

import importlib
import os
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from sgim.commands.findings import Finding

CLONE = Path(__file__).parents[2]
MODULES = {
    "ipython": "IPython",
    "open-clip-torch": "open_clip",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
}
"""Import names of the packages whose import name is another."""

REINSTALL = "run `pip install --force-reinstall sgim`, or `make clean` and `make demo` in a clone"


def check_installation() -> Finding:
    """The Python that runs is the one that sgim is installed for."""
    try:
        return Finding("OK", "sgim", metadata.version("sgim"))
    except metadata.PackageNotFoundError:
        detail = f"not installed for {sys.executable}, only found in this folder"
        return Finding("FAIL", "sgim", detail, how_to_install())


def how_to_install() -> str:
    """What makes the packages of sgim available: the clone's environment, or pip."""
    environment = CLONE / ".venv"
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    if scripts.is_dir() and Path(sys.prefix).resolve() != environment.resolve():
        activate = os.path.relpath(scripts / "activate")
        return f"run `{activate if os.name == 'nt' else f'source {activate}'}`"
    return "run `make demo`, which makes .venv, or `pip install -e .` in an environment of yours"


def check_packages() -> Iterator[Finding]:
    """Every package that sgim asks for imports and is new enough.

    Where sgim is not installed at all, that finding has the remedy for all.
    """
    is_installed = check_installation().state == "OK"
    for name, least in needed_packages():
        finding = check_package(name, least)
        yield finding if is_installed else replace(finding, remedy="")


def needed_packages() -> list[tuple[str, str]]:
    """Names and least versions, from the installation or else from the clone."""
    try:
        lines = metadata.requires("sgim") or []
    except metadata.PackageNotFoundError:
        text = (CLONE / "pyproject.toml").read_text(encoding="utf-8")
        listed = re.search(r"^dependencies = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
        lines = re.findall(r'"(.+?)"', listed[1])
    wanted = [line.partition(";")[0] for line in lines if "extra ==" not in line]
    return [tuple(part.strip() for part in line.split(">=")) for line in wanted]


def check_package(name: str, least: str) -> Finding:
    """Package `name` imports, and its version is `least` or newer."""
    remedy = f"run `pip install '{name}>={least}'`"
    try:
        version = metadata.version(name)
        importlib.import_module(MODULES.get(name.replace("_", "-"), name.replace("-", "_")))
    except metadata.PackageNotFoundError:
        return Finding("FAIL", name, "not installed", remedy)
    except (ImportError, OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Finding("FAIL", name, f"{version} does not import ({reason})", REINSTALL)
    if _numbers(version) < _numbers(least):
        return Finding("FAIL", name, f"{version}, needed is {least} or newer", remedy)
    return Finding("OK", name, version)


def _numbers(version: str) -> list[int]:
    """2.10.0+cpu -> [2, 10]; zeros at the end say nothing."""
    numbers = [int(number) for number in re.match(r"[\d.]*", version)[0].split(".") if number]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers


def tell_missing(error: ImportError) -> str:
    """One sentence about a package that does not import, and what to do.

    Raises
    ------
    ImportError
        The same, when it is a module of ours: that is a fault of the program.
    """
    package = (error.name or "").partition(".")[0]
    if package in ("", "sgim"):
        raise error
    if not isinstance(error, ModuleNotFoundError):
        return f"{package} does not import ({error}); `python -m sgim doctor` tells more."
    return (
        f"{package} is not installed for this Python, {platform.python_version()} at "
        f"{sys.executable}: {how_to_install()}; `python -m sgim doctor` tells all that is missing."
    )
