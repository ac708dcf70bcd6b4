"""environment.yml, pyproject.toml and constraints.txt tell the same story."""

import ast
import re
import subprocess
import sys
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from places import ROOT

import sgim
from sgim.commands import packages

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [
    Requirement(text)
    for text in [*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)]
]
PINS = {
    canonicalize_name(pin.name): pin
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
    for pin in [Requirement(line)]
}


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_every_dependency_is_pinned_inside_its_range(requirement):
    if requirement.name == PROJECT["name"]:
        return
    pin = PINS[canonicalize_name(requirement.name)]
    (exact,) = pin.specifier
    assert exact.operator == "=="
    assert requirement.specifier.contains(exact.version)


@pytest.mark.parametrize("name", [Requirement(text).name for text in PROJECT["dependencies"]])
def test_the_doctor_knows_by_which_name_a_dependency_imports(name):
    assert packages.check_package(name, "0").state == "OK"


def test_ranges_have_no_upper_end():
    for requirement in REQUIREMENTS:
        assert all(part.operator == ">=" for part in requirement.specifier), str(requirement)


def test_torch_torchaudio_and_torchvision_fit_together():
    versions = {name: str(PINS[name].specifier) for name in ("torch", "torchaudio", "torchvision")}
    assert versions["torch"] == versions["torchaudio"]
    assert "torchvision" in PINS


def test_pins_name_no_machine_and_no_graphics_card():
    for name, pin in PINS.items():
        assert pin.url is None
        assert not re.match(r"nvidia|cuda|triton", name)


def test_the_conda_environment_installs_the_same_package_with_the_same_pins():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, lines = environment["dependencies"]
    version = python.removeprefix("python=")
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)
    assert pip == "pip"
    assert lines == {"pip": ["--constraint constraints.txt", "--editable .[dev]"]}
    assert environment["name"] == PROJECT["name"]


def test_dev_brings_everything_that_make_calls():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    dev = {Requirement(text).name for text in (*EXTRAS["dev"], *EXTRAS["lab"])}
    for module in re.findall(r"-m (\w+)", makefile):
        assert module in (*dev, "sgim", "pip", "venv"), module
    assert ".[dev]" in makefile
    assert "constraints.txt" in makefile


def test_citation_package_and_changelog_have_the_same_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changes, flags=re.MULTILINE)[1]
    assert str(citation["version"]) == newest == sgim.__version__
    assert citation["license"] == PROJECT["license"]


def test_the_package_is_found_where_another_folder_has_its_name(tmp_path):
    (tmp_path / "sgim").mkdir()
    script = "import sgim; sgim.load_bundle"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)


def test_hosted_checks_run_what_make_runs():
    text = (ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")
    (job,) = yaml.safe_load(text)["jobs"].values()
    calls = [step["run"] for step in job["steps"] if "run" in step]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n\t    ", "")
    for tool in ("ruff check .", "ruff format --check .", "pytest --nbval"):
        assert any(tool in call for call in calls) and tool in makefile, tool
    assert any("make check" in call for call in calls)


def test_installed_versions_lie_in_the_ranges():
    of_their_own = {
        Requirement(text).name for extra in ("course", "browser", "clap") for text in EXTRAS[extra]
    }
    for requirement in REQUIREMENTS:
        if requirement.name not in (PROJECT["name"], *of_their_own):
            installed = metadata.version(requirement.name)
            assert requirement.specifier.contains(installed, prereleases=True), str(requirement)


def test_the_package_imports_what_it_declares_and_declares_what_it_imports():
    names = {
        "ipython": "IPython",
        "pillow": "PIL",
        "scikit-learn": "sklearn",
        "open_clip_torch": "open_clip",
    }
    texts = [*PROJECT["dependencies"], *EXTRAS["bench"], *EXTRAS["lpips"], *EXTRAS["media"]]
    declared = {Requirement(text).name for text in texts}
    imported = set()
    for path in (ROOT / "sgim").glob("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0])
    foreign = imported - set(sys.stdlib_module_names) - {PROJECT["name"]}
    assert foreign == {names.get(name, name) for name in declared}
