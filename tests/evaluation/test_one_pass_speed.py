"""The benchmark of one pass: every way is timed, and its numbers come back from a file."""

import dataclasses
import json

from sgim.commands import cli
from sgim.evaluation.one_pass_speed import OnePassBenchmark, bench_one_pass, one_pass_table


def test_numbers_come_back_from_json_and_stand_in_the_table(bundle):
    result = bench_one_pass(repeats=1, bundle=bundle)
    again = OnePassBenchmark.from_json(json.loads(json.dumps(dataclasses.asdict(result))))
    assert again == result and result.ratio > 5
    table = one_pass_table(again)
    assert f"| one pass | {result.one_pass} | {result.ratio:.1f} |" in table


def test_the_command_keeps_what_it_measured(tmp_path, capsys):
    out = tmp_path / "bench.json"
    assert cli.main(["bench", "edit", "--mini", "--repeats", "1", "--out", str(out)]) == 0
    assert "one pass, from the waveform" in capsys.readouterr().out
    assert json.loads(out.read_text())["made"]["command"] == "sgim bench edit --mini --repeats 1"
