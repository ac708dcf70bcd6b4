"""The commands that measure: what they print, draw and keep; the measuring itself is elsewhere."""

import json

import pytest
from places import ROOT

from sgim.commands import cli
from sgim.embedding import ablation


def test_ablate_prints_the_table_and_draws_the_figure(capsys, monkeypatch, tmp_path):
    runs = json.loads((ROOT / "data/ablation.json").read_text(encoding="utf-8"))["runs"]
    monkeypatch.setattr(ablation, "ablate", lambda out, config: runs)
    assert cli.main(["ablate", "--seeds", "3", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == ablation.to_markdown(runs)
    assert (tmp_path / "figure.png").stat().st_size > 5_000


@pytest.mark.parametrize(
    "command",
    [("bench", "align"), ("bench", "edit"), ("compare",), ("evaluate",), ("report",)],
    ids=" ".join,
)
def test_a_place_that_cannot_be_written_is_refused_before_the_work(capsys, tmp_path, command):
    suffix = ".md" if command == ("report",) else ".json"
    (tmp_path / f"folder{suffix}").mkdir()
    for name, words in ((f"folder{suffix}", "is a folder"), ("x.txt", f"must end in {suffix}")):
        assert cli.main([*command, "--out", str(tmp_path / name)]) == 2
        told = capsys.readouterr()
        assert words in told.err and told.err.count("\n") == 1 and told.out == ""
