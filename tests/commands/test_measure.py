"""The commands that measure: what they print, draw and keep; the measuring itself is elsewhere."""

import json

from places import ROOT

from sgim.commands import cli
from sgim.embedding import ablation


def test_ablate_prints_the_table_and_draws_the_figure(capsys, monkeypatch, tmp_path):
    runs = json.loads((ROOT / "data/ablation.json").read_text(encoding="utf-8"))["runs"]
    monkeypatch.setattr(ablation, "ablate", lambda out, config: runs)
    assert cli.main(["ablate", "--seeds", "3", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == ablation.to_markdown(runs)
    assert (tmp_path / "figure.png").stat().st_size > 5_000
