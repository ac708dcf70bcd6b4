"""Edits at once, at another size and compiled: all are timed; no test asks for a time."""

import dataclasses
import json

import pytest
import torch
from test_edit_speed import SMALL_CLIP, TINY

from sgim.checks import SgimError
from sgim.commands import cli
from sgim.evaluation import edit_models, edit_sizes, edit_speed
from sgim.evaluation.edit_sizes import (
    AT_1024,
    COMPILED,
    NO_COMPILER,
    ONE,
    SizesBenchmark,
    bench_sizes,
    rounded_elsewhere,
    sizes_table,
)


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edit_models.open_clip, "get_model_config", lambda name: SMALL_CLIP)
        patch.setattr(edit_speed, "in_fresh_process", lambda work: work())
        patch.setattr(edit_sizes, "has_compiler", lambda: False)
        patch.setattr(edit_sizes, "BATCHES", (2,))
        return bench_sizes(repeats=2, models=TINY, large=TINY, progress=False)


def test_each_way_is_timed_and_what_cannot_run_is_none(result):
    assert list(result.runs) == [ONE, COMPILED, "2 edits", AT_1024]
    assert result.runs[COMPILED] is None and result.runs["2 edits"].batch == 2
    assert len(result.runs[ONE].run.steps.seconds) == 2
    assert 0 < result.clip_share < 1


def test_rounding_takes_the_published_loop_from_itself_as_we_come_from_it(result):
    for apart in (result.rounding, result.difference):
        assert 0 < apart < edit_speed.LARGEST_ROUNDING


def test_a_number_that_is_rounded_elsewhere_is_a_neighbor():
    ws = torch.randn(1, 4, 8)
    moved = rounded_elsewhere(ws)
    assert (moved != ws).all() and torch.allclose(moved, ws, rtol=2e-7, atol=0)
    assert (moved > ws).any() and (moved < ws).any()


def test_numbers_come_back_from_json_and_stand_in_the_table(result):
    again = SizesBenchmark.from_json(json.loads(json.dumps(dataclasses.asdict(result))))
    assert again == result
    rows = [line for line in sizes_table(again).splitlines() if line.startswith("|")]
    assert len(rows) == 6 and {row.count("|") for row in rows} == {7}
    assert NO_COMPILER in rows[3] and "| 1.00 |" in rows[2]


def test_no_step_is_refused():
    with pytest.raises(SgimError, match="repeats is 0"):
        bench_sizes(repeats=0)


def test_the_command_keeps_what_it_measured(result, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(edit_sizes, "bench_sizes", lambda repeats: result)
    path = tmp_path / "bench.json"
    assert cli.main(["bench", "edit", "--sizes", "--repeats", "2", "--out", str(path)]) == 0
    assert sizes_table(result) in capsys.readouterr().out
    made = json.loads(path.read_text())["made"]
    assert made["command"] == "sgim bench edit --sizes --repeats 2"
