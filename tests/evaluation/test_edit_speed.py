"""The edit benchmark with tiny models: both ways come to the same; no test asks for a time."""

import dataclasses

import pytest
import torch

from sgim.checks import SgimError
from sgim.commands import cli
from sgim.editing.presets import preset_for
from sgim.evaluation import edit_models, edit_speed
from sgim.evaluation.edit_models import GENERATORS, EditModels
from sgim.evaluation.edit_speed import EditBenchmark, bench_edit, way_apart
from sgim.evaluation.kept_results import read_results
from sgim.evaluation.published_loop import published_synthesis
from sgim.evaluation.speed_tables import edit_table
from sgim.models.stylegan2 import StyleGAN2Config
from sgim.models.stylegan3_plan import StyleGAN3Config

SMALL_CLIP = {
    "embed_dim": 512,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 8, "vocab_size": 16, "width": 32, "heads": 1, "layers": 1},
}
TINY = EditModels(generator=StyleGAN2Config(channels=(16, 16, 16, 8)))
TINY_3 = EditModels(generator=StyleGAN3Config(img_resolution=32, channels=(9,) * 6))


@pytest.fixture(scope="module", autouse=True)
def small_clip():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edit_models.open_clip, "get_model_config", lambda name: SMALL_CLIP)
        yield


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edit_speed, "in_fresh_process", lambda work: work())
        return bench_edit(repeats=3, models=TINY, progress=False)


def test_our_trajectory_with_the_published_choices_is_the_published_one(result):
    assert 0 < result.difference < edit_speed.LARGEST_ROUNDING


@dataclasses.dataclass(frozen=True)
class Double(EditModels):
    """Generator, CLIP and the embedding of the sound in float64."""

    def bundle(self):
        bundle = super().bundle()
        for model in (bundle.clip, bundle.generator):
            model.double()
        return dataclasses.replace(bundle, audio_encoder=OneTarget())


class OneTarget(torch.nn.Module):
    """Hears the same in every sound."""

    def clips(self, waveform):
        return waveform[None]

    def forward(self, log_mels):
        random = torch.Generator().manual_seed(1)
        target = torch.randn(1, 512, generator=random, dtype=torch.float64)
        return torch.nn.functional.normalize(target, dim=-1)


@pytest.mark.parametrize("generator", [TINY.generator, TINY_3.generator])
def test_in_float64_the_two_loops_are_the_same(generator):
    config = dataclasses.replace(preset_for("paper").config, num_steps=6, official_compat=True)
    (_, published), (_, ours) = (
        way(Double(generator=generator), config)
        for way in (edit_speed.run_published, edit_speed.run_ours)
    )
    assert published.dtype == ours.dtype == "float64"
    assert way_apart(ours, published) < 1e-9


def test_our_own_choices_lead_elsewhere():
    config = dataclasses.replace(preset_for("paper").config, num_steps=3)
    (_, published), (_, ours) = (
        way(TINY, config) for way in (edit_speed.run_published, edit_speed.run_ours)
    )
    assert published.shape == ours.shape == (4, 1, 8, 512)
    assert way_apart(ours, published) > 0.05
    assert way_apart(published, published) == 0


@pytest.mark.parametrize("models", [TINY, TINY_3], ids=["stylegan2", "stylegan3"])
def test_the_published_pictures_are_ours(models):
    bundle = models.bundle()
    ws = edit_speed.source_latent(bundle)
    ours, published = (
        bundle.generator.synthesis(ws),
        published_synthesis(bundle.generator.synthesis, ws),
    )
    assert torch.allclose(ours, published, atol=1e-4)


def test_the_published_loop_of_stylegan3_goes_our_way():
    config = dataclasses.replace(preset_for("paper").config, num_steps=2, official_compat=True)
    (_, published), (_, ours) = (
        way(TINY_3, config) for way in (edit_speed.run_published, edit_speed.run_ours)
    )
    assert published.shape == (3, 1, 8, 512)
    assert 0 < way_apart(ours, published) < 0.01


def test_the_command_times_the_generator_that_is_asked_for(monkeypatch, result, capsys, tmp_path):
    asked = []

    def measure(repeats, models):
        asked.append(models.generator)
        return result

    monkeypatch.setattr(edit_speed, "bench_edit", measure)
    path = tmp_path / "bench.json"
    for name, config in GENERATORS.items():
        assert cli.main(["bench", "edit", "--generator", name, "--out", str(path)]) == 0
        assert asked[-1] is config
    kept = read_results(path, command="sgim bench edit")
    assert kept["made"]["command"] == "sgim bench edit --generator stylegan3-t --repeats 5"
    assert "times as fast" in capsys.readouterr().out


def test_the_table_has_a_row_for_each_way(result):
    table = edit_table(dataclasses.replace(result, bfloat16=None))
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert len(rows) == 6 and {row.count("|") for row in rows} == {6}
    assert "this processor has no such arithmetic" in rows[-1]
    times = result.published.steps.median / result.ours.steps.median
    assert f"| {times:.1f} |" in rows[4] and "| 1.0 |" in rows[2]
    assert "Median of 3 steps" in table


def test_a_process_of_its_own_brings_its_result_back():
    assert edit_speed.in_fresh_process(edit_speed.has_bfloat16) == edit_speed.has_bfloat16()


def test_no_step_is_refused():
    with pytest.raises(SgimError, match="repeats is 0"):
        bench_edit(repeats=0)


@pytest.mark.parametrize("with_bfloat16", [True, False])
def test_the_command_prints_the_table_and_keeps_what_it_is_made_of(
    capsys, monkeypatch, result, tmp_path, with_bfloat16
):
    result = dataclasses.replace(result, bfloat16=result.ours if with_bfloat16 else None)
    monkeypatch.setattr(edit_speed, "bench_edit", lambda repeats, models: result)
    path = tmp_path / "bench.json"
    assert cli.main(["bench", "edit", "--repeats", "2", "--out", str(path)]) == 0
    assert capsys.readouterr().out.strip() == edit_table(result)
    kept = read_results(path, command="sgim bench edit")
    assert EditBenchmark.from_json(kept) == result
    assert kept["made"]["command"] == "sgim bench edit --repeats 2"
