"""`sgim evaluate --data`: one file, one table, and one sentence for what is wrong."""

import json

import pytest
from benchmark_folders import own_folder

from sgim.commands import cli


def test_a_folder_is_measured_and_its_table_printed(capsys, tmp_path):
    out = tmp_path / "results.json"
    command = ["evaluate", "--data", "folder", str(own_folder(tmp_path / "mine"))]
    options = ["--bundle", "log-mel", "--task", "knn,probe", "--cache", str(tmp_path / "kept")]
    assert cli.main([*command, *options, "--out", str(out)]) == 0
    assert "linear probe" in capsys.readouterr().out
    kept = json.loads(out.read_text(encoding="utf-8"))
    made = kept["embedders"]["log-mel"]["tasks"]["knn"]["made"]
    assert made["command"] == (
        "sgim evaluate --data folder DIR --bundle log-mel --task knn,probe --out FILE"
    )
    assert str(tmp_path) not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--data", "esc11"], "data is 'esc11'"),
        (["--data", "esc50", "NOWHERE"], "NOWHERE is not a folder"),
        (["--data", "mini", "DIR"], "makes its own clips"),
        (["--data", "folder", "MINE", "--task", "prob"], "task is 'prob'"),
        (["--data", "folder", "MINE", "--bundle", "maxi"], "bundle is 'maxi'"),
        (["DIR"], "without --data"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(capsys, tmp_path, words, told):
    mine = str(own_folder(tmp_path / "mine"))
    words = [mine if word == "MINE" else word for word in words]
    assert cli.main(["evaluate", *words, "--out", str(tmp_path / "results.json")]) == 2
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert told in last and not (tmp_path / "results.json").exists()
