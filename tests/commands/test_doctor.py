"""The doctor names what is missing and what to do about it."""

import importlib
import json
import re
import shutil
import subprocess
import sys
from importlib import metadata

import pytest
import torch
from packaging.requirements import Requirement
from places import ROOT

from sgim.checks import SgimError
from sgim.commands import cli, doctor, packages
from sgim.commands.findings import Finding


def test_a_sound_installation_has_no_failing_need(capsys, monkeypatch):
    try:
        metadata.version("sgim")
    except metadata.PackageNotFoundError:
        pytest.skip("sgim is not installed here")
    monkeypatch.setattr(doctor, "TOO_SLOW_SECONDS", 1e9)
    assert doctor.run_doctor() == 0
    told = capsys.readouterr().out
    assert "[FAIL]" not in told and "All needs are met" in told
    for need in ("python", "torch", "open_clip", "device", "weights mini_clip", "disk", "edit"):
        assert need in told.replace("-", "_")


def test_one_failing_need_makes_the_exit_code_one(capsys, monkeypatch):
    broken = Finding("FAIL", "disk", "full", "free some space")
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
    ("name", "least", "detail"),
    [("numpy", "999", "needed is 999 or newer"), ("no-such-package-here", "1", "not installed")],
)
def test_a_package_that_does_not_fit_gets_its_pip_command(name, least, detail):
    finding = packages.check_package(name, least)
    assert finding.state == "FAIL" and detail in finding.detail
    assert finding.remedy == f"run `pip install '{name}>={least}'`"


@pytest.mark.parametrize(
    ("version", "least", "state"),
    [
        ("2.10.0+cpu", "2.4", "OK"),
        ("2.4.0", "2.4.0.0", "OK"),
        ("2.4rc1", "2.4", "OK"),
        ("2.3.9", "2.4", "FAIL"),
        ("0.12", "0.12.1", "FAIL"),
    ],
)
def test_versions_are_compared_number_by_number(monkeypatch, version, least, state):
    monkeypatch.setattr(packages.metadata, "version", lambda name: version)
    assert packages.check_package("numpy", least).state == state


@pytest.mark.parametrize("name", ["open_clip_torch", "open-clip-torch", "pillow"])
def test_packages_whose_modules_have_other_names_are_found(name):
    assert packages.check_package(name, "1").state == "OK"


def test_a_package_that_does_not_import_is_told(monkeypatch):
    def fail(name):
        raise ImportError("libsomething.so is missing")

    monkeypatch.setattr(packages.importlib, "import_module", fail)
    finding = packages.check_package("numpy", "1")
    assert finding.state == "FAIL" and "libsomething.so is missing" in finding.detail


def without_sgim(monkeypatch):
    def find(name):
        raise metadata.PackageNotFoundError(name)

    for question in ("requires", "version"):
        monkeypatch.setattr(packages.metadata, question, find)


def test_the_clone_tells_what_is_needed_where_sgim_is_not_installed(monkeypatch):
    installed = {
        (one.name, str(one.specifier).removeprefix(">="))
        for one in map(Requirement, metadata.requires("sgim") or ["torch>=2.4"])
        if one.marker is None or one.marker.evaluate({"extra": ""})
    }
    assert ("torch", "2.4") in installed
    without_sgim(monkeypatch)
    needed = packages.needed_packages()
    assert ("torch", "2.4") in needed and len(needed) > 10
    assert all(re.fullmatch(r"[\w-]+", name) and re.fullmatch(r"[\d.]+", v) for name, v in needed)


def test_the_environment_of_the_clone_is_the_remedy_where_it_is_made(monkeypatch, tmp_path):
    without_sgim(monkeypatch)
    monkeypatch.setattr(packages, "CLONE", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert "`make demo`" in packages.check_installation().remedy
    (tmp_path / ".venv/bin").mkdir(parents=True)
    assert packages.check_installation().remedy == "run `source .venv/bin/activate`"
    assert "not installed for" in packages.check_installation().detail


def python_alone(*arguments):
    """What Python says without any installed package."""
    command = [sys.executable, "-S", "-m", "sgim", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


def test_the_doctor_needs_nothing_but_python():
    done = python_alone("doctor")
    assert done.returncode == 1 and done.stderr == ""
    assert "[FAIL] torch: not installed" in done.stdout
    assert "[FAIL] sgim: not installed" in done.stdout and "-> run `" in done.stdout
    assert "[SKIP] one step of an edit: waits for torch" in done.stdout


@pytest.mark.parametrize("command", [("demo",), ("classify", "a.wav"), ("data", "list")])
def test_a_missing_package_is_one_sentence_with_a_remedy(command):
    done = python_alone(*command)
    line = done.stderr.splitlines()[-1]
    assert done.returncode == 2 and done.stdout == ""
    assert "is not installed for this Python" in line and "sgim doctor" in line


def test_a_package_that_breaks_while_it_is_imported_is_named(capsys, monkeypatch):
    def run():
        raise ImportError("libtorch.so: no such file", name="torch")

    monkeypatch.setattr(doctor, "run_doctor", run)
    assert cli.main(["doctor"]) == 2
    assert "torch does not import (libtorch.so" in capsys.readouterr().err


def test_a_module_of_ours_that_is_not_there_is_a_fault_and_no_remedy_is_told(monkeypatch):
    monkeypatch.setattr(doctor, "run_doctor", lambda: importlib.import_module("sgim.nothing"))
    with pytest.raises(ModuleNotFoundError, match="sgim.nothing"):
        cli.main(["doctor"])


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


@pytest.mark.parametrize(("seconds", "state"), [(0.3, "OK"), (3.0, "SLOW"), (36.0, "FAIL")])
def test_a_step_of_half_a_minute_is_not_well(seconds, state):
    finding = doctor.judge_seconds(seconds)
    assert finding.state == state and f"{seconds:.2f} s" in finding.detail
    assert bool(finding.remedy) == (state != "OK")


@pytest.mark.parametrize(
    ("threads", "load", "words"),
    [
        (64, 9.0, ("64 threads on 2 usable cores", "OMP_NUM_THREADS=2")),
        (2, 9.3, ("9.3 programs want its 2 cores", "OMP_NUM_THREADS=1")),
        (2, None, ("processor is slow", "--steps")),
    ],
)
def test_the_cause_of_slow_steps_is_told_with_its_remedy(monkeypatch, threads, load, words):
    monkeypatch.setattr(doctor, "usable_cores", lambda: 2)
    monkeypatch.setattr(doctor, "load", lambda: load)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert all(word in told for word, told in zip(words, doctor.why_slow(), strict=True))


def test_needs_that_are_met_slowly_are_told_and_no_failure(capsys, monkeypatch):
    slow = Finding("SLOW", "one step of an edit", "3.00 s", "wait")
    monkeypatch.setattr(doctor, "examine", lambda: iter([slow]))
    assert doctor.run_doctor() == 0
    told = capsys.readouterr().out
    assert "[SLOW] one step of an edit: 3.00 s\n       -> wait" in told
    assert "All needs are met, but slowly." in told
