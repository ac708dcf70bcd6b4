"""The machine is told as the system tells it, and containers are given their share."""

import os

import pytest

from sgim import machine
from sgim.provenance import provenance


def test_a_processor_has_a_name_and_cores():
    assert machine.processor_name()
    assert 1 <= machine.usable_cores() <= os.cpu_count()


@pytest.mark.parametrize(
    ("limits", "cores"),
    [
        (["200000 100000"], 2),
        (["50000 100000"], 1),
        (["max 100000"], 64),
        (["300000", "100000"], 3),
        (["-1", "100000"], 64),
        ([], 64),
    ],
)
def test_a_container_has_the_cores_of_its_quota(monkeypatch, tmp_path, limits, cores):
    files = [tmp_path / "quota", tmp_path / "period"]
    for file, text in zip(files, limits, strict=False):
        file.write_text(text + "\n")
    kept = (files[0], files[1] if len(limits) == 2 else None)
    monkeypatch.setattr(machine, "CGROUP_LIMITS", (kept,))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: range(64), raising=False)
    assert machine.usable_cores() == cores


def test_nobody_counts_where_the_system_does_not(monkeypatch):
    monkeypatch.delattr(os, "getloadavg")
    assert machine.load() is None


def test_a_measurement_tells_where_it_comes_from():
    made = provenance("sgim bench edit", {"all": 0})
    assert made["command"] == "sgim bench edit" and made["seeds"] == {"all": 0}
    assert set(made["versions"]) == {"python", "torch", "sgim"}
    assert set(made["machine"]) == {"processor", "cores", "load"}
    year, month, day = map(int, made["date"].split("-"))
    assert year >= 2024 and 1 <= month <= 12 and 1 <= day <= 31
