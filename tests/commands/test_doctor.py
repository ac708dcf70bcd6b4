"""The doctor names what is missing and what to do about it."""

import json
import shutil
from importlib import metadata

import pytest
from packaging.specifiers import SpecifierSet

from sgim.checks import SgimError
from sgim.commands import doctor


def test_a_sound_installation_has_no_failing_need(capsys):
    try:
        metadata.version("sgim")
    except metadata.PackageNotFoundError:
        pytest.skip("sgim is not installed here")
    assert doctor.run_doctor() == 0
    told = capsys.readouterr().out
    assert "[FAIL]" not in told and "All needs are met." in told
    for need in ("python", "torch", "open_clip", "device", "weights mini_clip", "disk", "edit"):
        assert need in told


def test_one_failing_need_makes_the_exit_code_one(capsys, monkeypatch):
    broken = doctor.Finding("FAIL", "disk", "full", "free some space")
    monkeypatch.setattr(doctor, "examine", lambda: iter([doctor.check_python(), broken]))
    assert doctor.run_doctor() == 1
    told = capsys.readouterr().out
    assert "[OK]   python" in told
    assert "[FAIL] disk: full\n       -> free some space" in told


def test_an_old_python_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_PYTHON", (99, 0))
    finding = doctor.check_python()
    assert finding.state == "FAIL" and "Python 99.0" in finding.remedy


@pytest.mark.parametrize(
    ("name", "versions", "detail"),
    [("numpy", ">=999", "needed is >=999"), ("no-such-package-here", ">=1", "not installed")],
)
def test_a_package_that_does_not_fit_gets_its_pip_command(name, versions, detail):
    finding = doctor.check_package(name, SpecifierSet(versions))
    assert finding.state == "FAIL" and detail in finding.detail
    assert finding.remedy == f"run `pip install '{name}{versions}'`"


def test_a_package_that_does_not_import_is_told(monkeypatch):
    def fail(name):
        raise ImportError("libsomething.so is missing")

    monkeypatch.setattr(doctor.importlib, "import_module", fail)
    finding = doctor.check_package("numpy", SpecifierSet(""))
    assert finding.state == "FAIL" and "libsomething.so is missing" in finding.detail


def test_a_package_for_notebooks_only_is_no_failure(monkeypatch):
    monkeypatch.setattr(doctor, "NOTEBOOK_PACKAGES", ("no-such-package-here",))
    (finding,) = doctor.check_notebook_packages()
    assert finding.state == "SKIP" and "pip install no-such-package-here" in finding.detail


def test_changed_missing_and_cardless_weights_are_told_apart(tmp_path, monkeypatch):
    for path in doctor.WEIGHTS_FOLDER.glob("mini_judge.*"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(doctor, "WEIGHTS_FOLDER", tmp_path)
    weights, card = tmp_path / "mini_judge.safetensors", tmp_path / "mini_judge.json"
    assert doctor.check_weights("mini_judge").state == "OK"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert "checksum differs" in doctor.check_weights("mini_judge").detail
    card.write_text(json.dumps({}))
    assert "no sha256" in doctor.check_weights("mini_judge").detail
    weights.unlink()
    assert "mini_judge.safetensors is missing" in doctor.check_weights("mini_judge").detail


def test_a_full_disk_and_a_closed_cache_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_FREE_MEGABYTES", 10**12)
    assert doctor.check_disk(tmp_path).state == "FAIL"
    (tmp_path / "cache").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache" / "inside"))
    finding = doctor.check_cache()
    assert finding.state == "FAIL" and "XDG_CACHE_HOME" in finding.remedy


def test_an_edit_that_fails_is_told_in_one_line():
    def load():
        raise SgimError("mini_clip.safetensors is missing")

    finding = doctor.check_edit(load)
    assert finding.state == "FAIL" and "mini_clip.safetensors is missing" in finding.detail
