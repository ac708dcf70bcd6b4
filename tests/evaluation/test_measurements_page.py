"""The page of what was measured is what its files say, and tells where numbers come from."""

import json

import pytest
from places import ROOT

from sgim.checks import SgimError
from sgim.commands import cli
from sgim.evaluation.measurements_page import NEEDED, OPTIONAL, page, read_page
from sgim.evaluation.provenance_table import provenance_table


@pytest.fixture
def files():
    """What is kept in data/, by name."""
    paths = [ROOT / "data" / name for name in (*NEEDED, *OPTIONAL)]
    return {
        path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths if path.is_file()
    }


def test_the_page_is_what_the_files_say():
    kept = (ROOT / "docs/measurements.md").read_text(encoding="utf-8")
    assert kept == read_page(ROOT / "data"), "run `sgim report`"


def test_the_command_writes_the_page(capsys, tmp_path):
    out = tmp_path / "docs/page.md"
    assert cli.main(["report", "--data", str(ROOT / "data"), "--out", str(out)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == str(out)
    assert out.read_text(encoding="utf-8") == read_page(ROOT / "data")


def test_another_number_is_another_page(files):
    before = page(files)
    files["measurements.json"]["scene_zero_shot"] = 0.125
    after = page(files)
    changed = set(after.splitlines()) - set(before.splitlines())
    assert len(changed) == 1 and "12.5%" in changed.pop()


def test_seconds_that_nobody_measured_are_no_table(files):
    for name in OPTIONAL:
        files.pop(name, None)
    told = page(files)
    for name, command in OPTIONAL.items():
        assert f"No numbers are kept; `{command} --out data/{name}` measures them." in told


def test_a_missing_file_is_told_with_the_command_that_writes_it(tmp_path):
    with pytest.raises(SgimError, match=r"measurements.json does not exist; `sgim evaluate"):
        read_page(tmp_path)


MADE = {
    "command": "sgim bench edit --repeats 5",
    "seeds": {"scenes": [500, 501, 502], "sounds": [77, 78], "all": 0},
    "date": "2024-02-29",
    "versions": {"python": "3.11.7", "torch": "2.11.0", "sgim": "0.2.0"},
    "machine": {"processor": "A Processor", "cores": 2, "load": 0.25},
}


def test_where_numbers_come_from_is_told_in_words():
    table = provenance_table({"made": MADE})
    assert "| command | `sgim bench edit --repeats 5` |" in table
    assert "| seeds | scenes: 500–502; sounds: 77, 78; all: 0 |" in table
    assert "| versions | python 3.11.7, torch 2.11.0, sgim 0.2.0 |" in table
    assert "A Processor, 2 cores; load of other programs at the start: 0.25 |" in table
    assert "| date | 2024-02-29 |" in table


def test_seconds_of_a_busy_machine_are_marked():
    made = {**MADE, "machine": {**MADE["machine"], "load": 3.4}}
    assert "3.4, so it was busy" in provenance_table({"made": made})
    assert "busy" not in provenance_table({"made": MADE})


def test_what_was_not_recorded_is_not_invented():
    assert provenance_table({}).count("not recorded") == 5
    table = provenance_table({}, seeds={"data": 7})
    assert "| seeds | data: 7 |" in table and table.count("not recorded") == 4
    made = {**MADE, "machine": {**MADE["machine"], "load": None}}
    assert "load" not in provenance_table({"made": made})
