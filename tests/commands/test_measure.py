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


def test_the_claim_is_tested_kept_and_told(capsys, monkeypatch, tmp_path):
    from sgim import bundle
    from sgim.evaluation import claim

    numbers = {"value": 1.25, "interval": (1.0, 1.5), "chance": 0.001}
    names = ("bits", "spearman", "slope", "error")
    sides = {side: dict.fromkeys(names, numbers) for side in ("sound", "chosen words")}
    scores = {
        "verdict": "the claim is refuted here",
        "sides": sides,
        "sound_less": {"chosen words": dict.fromkeys(names, numbers)},
    }
    given = []

    def measured(bundle, folder, *, progress):
        given.append((bundle, folder))
        return {"scores": scores}

    monkeypatch.setattr(bundle, "load_bundle", lambda name: name)
    monkeypatch.setattr(claim, "measure_claim", measured)
    out = tmp_path / "claim.json"
    words = ["evaluate", "--claim", "--out", str(out), "--parts", str(tmp_path)]
    assert cli.main(words) == 0
    assert given == [("mini", tmp_path / "claim")]
    told = capsys.readouterr().out
    assert "The claim is refuted here" in told and "| sound | 1.25 (1.00–1.50)" in told
    kept = json.loads(out.read_text(encoding="utf-8"))
    assert kept["made"]["command"] == "sgim evaluate --claim" and kept["scores"]["sides"]
