"""Towers, judge and weight files: shapes, gradients, round trips, damaged files."""

import pytest
import torch

from sgim.checks import SgimError
from sgim.files.checkpoint import (
    load_tensors,
    restore_training_state,
    save_tensors,
    sha256,
    training_state,
)
from sgim.models.clip import ClipConfig, build_clip, preprocess_images
from sgim.models.judge import JUDGE_NAMES, Judge, JudgeConfig


@pytest.fixture(scope="module")
def clip_config():
    return ClipConfig(vocab_size=20, embed_dim=16, image_size=32, image_width=8, text_width=16)


def test_both_towers_end_in_one_space(clip_config):
    model = build_clip(clip_config).eval()
    pixels = preprocess_images(torch.zeros(2, 3, 48, 48), clip_config)
    tokens = torch.tensor([[1, 5, 6, 19] + [0] * 20])
    assert model.encode_image(pixels, normalize=True).shape == (2, 16)
    assert model.encode_text(tokens, normalize=True).shape == (1, 16)


def test_preprocessing_normalizes_resizes_and_lets_gradients_through(clip_config):
    images = torch.full((1, 3, 64, 64), 0.5, requires_grad=True)
    pixels = preprocess_images(images, clip_config)
    assert pixels.shape == (1, 3, 32, 32)
    assert torch.allclose(pixels, torch.full_like(pixels, 1.0), atol=1e-5)  # (0.75 - 0.5) / 0.25
    pixels.sum().backward()
    assert images.grad.abs().sum() > 0


def test_pictures_of_another_shape_are_refused(clip_config):
    with pytest.raises(SgimError, match=r"\(3, 64, 64\).*add the batch axis"):
        preprocess_images(torch.zeros(3, 64, 64), clip_config)


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(SgimError, match="image_size is 100.*multiple of 32"):
        ClipConfig(vocab_size=10, image_size=100)
    with pytest.raises(SgimError, match="text_width is 30"):
        ClipConfig(vocab_size=10, text_width=30)


def test_the_judge_names_eleven_weathers_at_any_size():
    judge = Judge(JudgeConfig(widths=(4, 8))).eval()
    assert judge(torch.zeros(2, 3, 128, 128)).shape == (2, len(JUDGE_NAMES)) == (2, 11)


def test_weights_come_back_as_they_were_written(tmp_path):
    path = tmp_path / "model.safetensors"
    model = Judge(JudgeConfig(widths=(4, 8)))
    save_tensors(path, model.state_dict(), {"config": {"widths": [4, 8]}})
    tensors, metadata = load_tensors(path)
    assert metadata == {"config": {"widths": [4, 8]}}
    assert all(torch.equal(tensors[name], value) for name, value in model.state_dict().items())
    assert len(sha256(path)) == 64
    assert [p.name for p in tmp_path.iterdir()] == ["model.safetensors"]


def test_training_goes_on_from_its_state_as_if_it_had_not_stopped(tmp_path):
    def fresh():
        torch.manual_seed(0)
        model = torch.nn.Linear(3, 2)
        return model, torch.optim.AdamW(model.parameters(), lr=0.1)

    def step(model, optimizer):
        optimizer.zero_grad()
        model(torch.ones(1, 3)).square().sum().backward()
        optimizer.step()

    model, optimizer = fresh()
    step(model, optimizer)
    save_tensors(tmp_path / "state.safetensors", training_state(model, optimizer), {})
    step(model, optimizer)
    resumed, resumed_optimizer = fresh()
    tensors, _ = load_tensors(tmp_path / "state.safetensors")
    restore_training_state(tensors, resumed, resumed_optimizer)
    step(resumed, resumed_optimizer)
    assert torch.equal(model.weight, resumed.weight)


def test_missing_damaged_and_foreign_files_are_told_apart(tmp_path):
    with pytest.raises(SgimError, match="is missing"):
        load_tensors(tmp_path / "none.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"not weights at all")
    with pytest.raises(SgimError, match="cannot be read as safetensors"):
        load_tensors(tmp_path / "bad.safetensors")
    save_tensors(tmp_path / "whole.safetensors", {"a": torch.zeros(100)}, {})
    whole = (tmp_path / "whole.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[:-50])
    with pytest.raises(SgimError, match="cannot be read as safetensors"):
        load_tensors(tmp_path / "cut.safetensors")
