"""Training of the mini world's towers: shards are kept, runs go on, other settings are refused."""

import dataclasses

import pytest
import torch

from sgim.checks import SgimError
from sgim.embedding import renders
from sgim.embedding.clip_and_judge_training import (
    ClipTrainingConfig,
    jitter,
    train_clip,
    train_judge,
)
from sgim.embedding.mini_training import train_mini
from sgim.embedding.renders import RenderConfig, load_renders, render_shard
from sgim.embedding.training_config import TrainingConfig
from sgim.embedding.training_loop import schedule

QUICK = ClipTrainingConfig(num_epochs=2, batch_size=4)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("renders")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(renders, "SHARD_SIZE", 8)
        config = RenderConfig(num_scenes=8, image_size=32, img_resolution=64, pair_share=0.0)
        path = render_shard((config, 0, folder))
        written = path.stat().st_mtime_ns
        assert render_shard((config, 0, folder)).stat().st_mtime_ns == written
    return load_renders([path])


def test_a_shard_holds_pictures_weathers_and_landscapes(scenes):
    assert scenes.images.shape == (8, 3, 32, 32) and scenes.images.dtype == torch.uint8
    assert len(scenes.landscapes) == len(scenes.weathers) == 8
    assert all(0 < value <= 1 for weather in scenes.weathers for value in weather.values())
    assert all({"water", "horizon"} <= landscape.keys() for landscape in scenes.landscapes)


def test_a_finished_training_is_not_trained_again_and_other_settings_are_refused(scenes, tmp_path):
    checkpoint = tmp_path / "clip.safetensors"
    first, config, history = train_clip(scenes, checkpoint=checkpoint, config=QUICK, progress=False)
    again, _, same = train_clip(scenes, checkpoint=checkpoint, config=QUICK, progress=False)
    assert len(history) == 2 and same == history
    assert torch.equal(first.text_projection, again.text_projection)
    assert config.embed_dim == first.text_projection.shape[1] == 128
    other = dataclasses.replace(QUICK, learning_rate=1e-4)
    with pytest.raises(SgimError, match="written with other settings"):
        train_clip(scenes, checkpoint=checkpoint, config=other, progress=False)


def test_the_judge_learns_from_the_same_shards(scenes, tmp_path):
    config = TrainingConfig(num_epochs=12, batch_size=4, seed=2)
    _, history = train_judge(
        scenes, config=config, checkpoint=tmp_path / "judge.safetensors", progress=False
    )
    assert history[-1]["loss"] < history[0]["loss"]


def test_jitter_keeps_size_and_range():
    images = torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8)
    shaken = jitter(images, torch.Generator().manual_seed(0))
    assert shaken.shape == images.shape and shaken.min() >= -1 and shaken.max() <= 1


def test_the_schedule_warms_up_and_ends_at_zero():
    factors = [schedule(step, 100, 0.1) for step in range(100)]
    assert factors[0] < factors[5] < max(factors) == 1.0
    assert factors[-1] == pytest.approx(0, abs=1e-3)


def test_unusable_settings_are_refused(tmp_path):
    with pytest.raises(SgimError, match="num_scenes is 100"):
        RenderConfig(num_scenes=100)
    with pytest.raises(SgimError, match="stage is 'ears'"):
        train_mini("ears", folder=tmp_path)
