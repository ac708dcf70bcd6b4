"""Strange files at every public door: a short run of `make fuzz`, and that it sees what it must."""

import contextlib
import pickle
from pathlib import Path

import fuzz
import fuzz_broken_doors as broken
import pytest
from fuzz_files import KINDS
from fuzz_payloads import NESTED, PROGRAMS
from fuzz_worker import MARK, MOST_SECONDS, Worker, can_measure_memory


def test_no_strange_file_gets_past_a_door_or_breaks_it():
    tallies = fuzz.fuzz(KINDS, count=60, seed=10)
    assert sum(tally.count for tally in tallies.values()) == 60
    assert {kind: dict(tally.faults) for kind, tally in tallies.items()} == dict.fromkeys(KINDS, {})
    assert all(0 < tally.accepted < tally.count for tally in tallies.values())


def test_every_fault_is_seen_and_the_worker_lives_on(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    worker = Worker(tmp_path)
    try:
        assert worker.read(broken.well, path).accepted
        for door in (broken.refused, broken.missing):
            outcome = worker.read(door, path)
            assert not outcome.accepted and not outcome.faults and outcome.told
        for fault in ("traceback", "crash", "execution", "hang", "not finite", "many lines"):
            worker.most_seconds = 0.5 if fault == "hang" else MOST_SECONDS
            outcome = worker.read(getattr(broken, fault.replace(" ", "_")), path)
            assert outcome.faults == (fault,)
        assert worker.read(broken.traceback_without_a_word, path).faults == ("traceback",)
        if can_measure_memory():
            assert worker.read(broken.memory, path).faults == ("memory",)
        assert worker.read(broken.well, path).faults == ()
    finally:
        worker.stop()


def test_the_same_seed_makes_the_same_files(tmp_path):
    def contents(folder, seed):
        return [
            case.content
            for kind in ("sounds", "pictures", "tables")
            for case in fuzz.Stock(tmp_path / folder / kind).cases(kind, seed, range(12))
        ]

    first = contents("first", 3)
    assert contents("again", 3) == first
    assert contents("other", 4) != first


@pytest.mark.parametrize("program", [*PROGRAMS, NESTED])
def test_planted_programs_run_where_nobody_stops_them(program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for protocol in (b"\x80\x02", b"\x80\x04"):
        with contextlib.suppress(ImportError, AttributeError, RuntimeError):
            pickle.loads(protocol + program + b".")
    assert Path(MARK).exists()
