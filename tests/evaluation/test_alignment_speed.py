"""The benchmark runs, and both ways of each work come to the same; no test asks for a time."""

import sys

import pytest
import torch

from sgim.checks import SgimError
from sgim.commands import cli
from sgim.embedding.alignment_terms import AlignConfig
from sgim.embedding.mini_stages import MiniTrainingConfig
from sgim.embedding.sound_shards import SoundDataConfig
from sgim.evaluation import alignment_speed
from sgim.evaluation.alignment_speed import AlignBenchmark, bench_align, compare_log_mels
from sgim.evaluation.kept_results import read_results
from sgim.evaluation.speed_tables import align_table
from sgim.evaluation.timing import Comparison, Times
from sgim.models.clip import ClipConfig, build_clip

CPU = torch.device("cpu")
MINI = MiniTrainingConfig(
    align=AlignConfig(batch_size=8, view_seconds=0.5, num_epochs=2),
    sounds=SoundDataConfig(num_clips=256),
)


@pytest.fixture(scope="module")
def result():
    torch.manual_seed(0)
    clip = build_clip(ClipConfig(vocab_size=50, image_size=32, image_width=8, text_width=16))
    settings = {"repeats": 2, "num_clips": 2, "batch_size": 8, "device": "cpu"}
    return bench_align(clip=clip, mini=MINI, progress=False, **settings)


def test_log_mels_are_librosas_to_a_thousandth(result):
    assert 0 < result.log_mel.difference <= 1e-3


def test_kept_features_teach_what_fresh_ones_do(result):
    assert result.step.difference <= 1e-2


def test_the_table_tells_ratios_threads_and_what_the_mini_training_takes(result):
    table = align_table(result)
    assert f"| {result.log_mel.ratio:.1f} |" in table and f"| {result.step.ratio:.1f} |" in table
    assert f"device: cpu, threads: {result.threads}, precision of the steps: no." in table
    assert "2 epochs of 256 clips" in table
    assert result.mini_minutes == pytest.approx(64 * result.mini_step.median / 60)
    assert {line.count("|") for line in table.splitlines() if line.startswith("|")} == {6}


def test_the_ratio_is_of_medians():
    slow, fast = Times((4.0, 1.0, 6.0)), Times((0.002, 0.001, 0.004))
    assert Comparison(slow, fast, 0.0).ratio == pytest.approx(2000)
    assert (str(slow), str(fast)) == ("4 s (1–6)", "2 ms (1–4)")


def test_what_cannot_be_measured_is_told(monkeypatch):
    with pytest.raises(SgimError, match="repeats is 0"):
        bench_align(repeats=0)
    monkeypatch.setitem(sys.modules, "librosa", None)
    with pytest.raises(SgimError, match="librosa is not installed"):
        compare_log_mels(1, 1, CPU)


def test_the_command_prints_the_table_and_keeps_what_it_is_made_of(
    capsys, monkeypatch, result, tmp_path
):
    monkeypatch.setattr(alignment_speed, "bench_align", lambda repeats: result)
    path = tmp_path / "bench.json"
    assert cli.main(["bench", "align", "--repeats", "2", "--out", str(path)]) == 0
    assert capsys.readouterr().out.strip() == align_table(result)
    kept = read_results(path, command="sgim bench align")
    assert AlignBenchmark.from_json(kept) == result
    assert kept["made"]["command"] == "sgim bench align --repeats 2"
