"""Dense layers by convolution: the same numbers and gradients as torch's own."""

import copy

import open_clip
import pytest
import torch
import torch.nn.functional as F
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg
from torch.autograd.graph import saved_tensors_hooks

from sgim.models.frozen_dense import Dense, PatchEmbedding, dense, with_fast_dense_layers


def some(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.fixture(scope="module")
def towers():
    """A CLIP of transformers, and its twin with fast layers."""
    torch.manual_seed(0)
    plain = CLIP(
        embed_dim=24,
        vision_cfg=CLIPVisionCfg(layers=2, width=64, head_width=16, patch_size=8, image_size=32),
        text_cfg=CLIPTextCfg(layers=2, width=32, heads=2, context_length=12, vocab_size=50),
    )
    plain = plain.eval().requires_grad_(False)
    return plain, with_fast_dense_layers(copy.deepcopy(plain))


@pytest.mark.parametrize("shape", [(1, 50, 24), (3, 7, 24), (4, 24), (2, 3, 5, 24)])
@pytest.mark.parametrize("with_bias", [True, False])
def test_it_is_the_product_of_matrices(shape, with_bias):
    x, weight = some(*shape).requires_grad_(), some(17, 24)
    bias = some(17) if with_bias else None
    results = []
    for multiply in (dense, F.linear):
        y = multiply(x, weight, bias)
        results.append((y, *torch.autograd.grad(y.sin().sum(), x)))
    for ours, expected in zip(*results, strict=True):
        assert ours.shape == expected.shape
        assert (ours - expected).norm() < 1e-5 * expected.norm()


def test_a_weight_that_learns_gets_its_gradient():
    x, weight = some(5, 24), some(17, 24).requires_grad_()
    dense(x, weight).sum().backward()
    assert torch.allclose(weight.grad, x.sum(0).expand(17, -1), atol=1e-5)


def test_images_and_their_gradients_are_those_of_open_clip(towers):
    images = some(2, 3, 32, 32).requires_grad_()
    results = []
    for clip in towers:
        features = clip.encode_image(images, normalize=True)
        results.append((features, *torch.autograd.grad(features.sin().sum(), images)))
    for plain, fast in zip(*results, strict=True):
        assert (fast - plain).norm() < 1e-4 * plain.norm()


def test_texts_are_those_of_open_clip(towers):
    ids = torch.randint(1, 50, (3, 12), generator=torch.Generator().manual_seed(0))
    plain, fast = (clip.encode_text(ids, normalize=True) for clip in towers)
    assert torch.allclose(fast, plain, atol=1e-5)


def test_no_layer_of_an_image_tower_is_left_out():
    clip = CLIP(**open_clip.get_model_config("ViT-B-32"))
    fast = with_fast_dense_layers(clip.visual.requires_grad_(False))
    kinds = {type(module) for module in fast.modules()}
    assert not kinds & {torch.nn.Linear, torch.nn.MultiheadAttention, torch.nn.Conv2d}


def test_a_tower_of_convolutions_sees_the_same():
    torch.manual_seed(0)
    text = CLIPTextCfg(layers=1, width=32, heads=2, context_length=12, vocab_size=50)
    vision = CLIPVisionCfg(layers=(1, 1, 1, 1), width=8, head_width=8, image_size=32)
    plain = CLIP(embed_dim=24, vision_cfg=vision, text_cfg=text).eval().requires_grad_(False)
    fast = with_fast_dense_layers(copy.deepcopy(plain))
    assert not any(isinstance(module, PatchEmbedding) for module in fast.modules())
    images = some(2, 3, 32, 32)
    assert torch.allclose(fast.encode_image(images), plain.encode_image(images), atol=1e-5)


def test_attention_with_tokens_first_stays_as_it_is():
    tower = torch.nn.Sequential(torch.nn.MultiheadAttention(8, 2), torch.nn.Linear(8, 8))
    attention = tower[0]
    with_fast_dense_layers(tower.requires_grad_(False))
    assert tower[0] is attention and isinstance(tower[1], Dense)
    assert type(attention.out_proj) is not Dense


def test_half_precision_goes_the_same_way_and_keeps_no_rounded_weights(towers):
    images, results, num_rounded = some(2, 3, 32, 32).requires_grad_(), [], []
    size = towers[0].visual.transformer.resblocks[0].mlp.c_fc.weight.numel()

    def count(tensor):
        num_rounded[-1] += tensor.numel() == size and tensor.dtype == torch.bfloat16
        return tensor

    for clip in towers:
        num_rounded.append(0)
        with torch.autocast("cpu", torch.bfloat16), saved_tensors_hooks(count, lambda kept: kept):
            features = clip.encode_image(images, normalize=True).float()
        results.append((features, *torch.autograd.grad(features[:, 0].sum(), images)))
    assert num_rounded[0] > 0 and num_rounded[1] == 0
    for plain, fast in zip(*results, strict=True):
        assert F.cosine_similarity(fast.flatten(), plain.flatten(), dim=0) > 0.99
