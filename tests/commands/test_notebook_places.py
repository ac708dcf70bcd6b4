"""The doctor notices where JupyterLab and the kernel do not belong together."""

import json
import sys
from importlib import metadata
from pathlib import Path

import pytest

from sgim.commands import notebook_places
from sgim.commands.notebook_places import EXTENSIONS, check_extensions, check_notebook_places


@pytest.fixture
def no_lab_here(monkeypatch):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(notebook_places.metadata, "version", version)


def environment(folder, *packages):
    """A folder like an environment with JupyterLab and the extensions of some packages."""
    (folder / "bin").mkdir(parents=True)
    for package in packages:
        (folder / "share" / "jupyter" / "labextensions" / EXTENSIONS[package]).mkdir(parents=True)
    return folder


def test_a_lab_in_another_environment_without_widgets_is_told_with_its_remedy(
    no_lab_here, monkeypatch, tmp_path
):
    home = environment(tmp_path / "base", "anywidget")
    monkeypatch.setattr(notebook_places.shutil, "which", lambda name: str(home / "bin" / name))
    (finding,) = check_notebook_places()
    assert finding.state == "SKIP" and f"{home}, which lacks ipywidgets" in finding.detail
    assert finding.remedy.startswith(f"install ipywidgets in {home}, or start the JupyterLab of")


def test_a_lab_in_another_environment_needs_a_kernel_of_this_one(
    no_lab_here, monkeypatch, tmp_path
):
    home = environment(tmp_path / "base", "anywidget", "ipywidgets")
    monkeypatch.setattr(notebook_places.shutil, "which", lambda name: str(home / "bin" / name))
    (finding,) = check_notebook_places()
    assert "python -m ipykernel install --user --name sgim" in finding.remedy


def test_without_any_lab_nothing_is_told(no_lab_here, monkeypatch):
    monkeypatch.setattr(notebook_places.shutil, "which", lambda name: None)
    assert list(check_notebook_places()) == []


def test_a_lab_here_without_an_extension_fails_with_a_pip_command(tmp_path):
    assert check_extensions(environment(tmp_path / "whole", *EXTENSIONS)).state == "OK"
    finding = check_extensions(environment(tmp_path / "half", "ipywidgets"))
    assert finding.state == "FAIL" and "pip install --force-reinstall anywidget" in finding.remedy


@pytest.mark.parametrize(
    ("python", "state"),
    [("python", "OK"), (sys.executable, "OK"), ("/elsewhere/bin/python", "FAIL")],
)
def test_a_kernel_of_another_environment_fails(python, state, monkeypatch, tmp_path):
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    spec = {"argv": [python, "-m", "ipykernel_launcher"], "display_name": "?", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    finding = notebook_places.check_kernel()
    assert finding.state == state
    if state == "FAIL":
        assert str(Path(python)) in finding.detail and "--sys-prefix" in finding.remedy
