"""The published loop's choices: each does what the published code does, and nothing by default."""

import dataclasses
import math

import pytest
import torch
import torch.nn.functional as F
from test_manipulation import TinyBundle, TinyGenerator

from sgim.checks import SgimError
from sgim.editing.errata import PublishedLayerMask, published_distance, published_pixels
from sgim.editing.layer_mask import AdaptiveLayerMask
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.editing.presets import PLAIN
from sgim.editing.schedules import learning_rate_factor
from sgim.models.clip import preprocess_images


@pytest.mark.parametrize("size", [32, 64, 256])
def test_each_pixel_is_a_mean_of_pixels_repeated_seven_times(size):
    images = torch.rand(1, 3, size, size) * 2 - 1
    repeated = images.repeat_interleave(7, dim=2).repeat_interleave(7, dim=3)
    kernel = size // 32
    expected = repeated.reshape(1, 3, 224, kernel, 224, kernel).mean((3, 5))
    assert torch.allclose(published_pixels(images), expected, atol=1e-6)


def test_pixels_keep_their_range_where_clip_wants_them_normalized(bundle):
    black = torch.full((1, 3, 128, 128), -1.0)
    published = published_pixels(black, bundle.clip_config.image_size)
    right = preprocess_images(black, bundle.clip_config)
    assert published.shape == right.shape and torch.equal(published, -torch.ones_like(published))
    assert (published - right).abs().min() > 0.5


def test_gradients_reach_every_pixel():
    images = torch.rand(1, 3, 64, 64, requires_grad=True)
    published_pixels(images).square().sum().backward()
    assert images.grad.min() > 0


@pytest.mark.parametrize("shape", [(3, 64, 64), (1, 3, 64, 96), (1, 1, 64, 64), (1, 3, 100, 100)])
def test_pictures_that_do_not_fit_get_one_sentence(shape):
    with pytest.raises(SgimError, match="multiple of 32 as size: use another generator"):
        published_pixels(torch.zeros(shape))


def test_the_similarity_is_multiplied_by_a_little_more_than_one():
    feature = torch.tensor([[3.0, 4.0]]) / 5
    other = torch.tensor([[-4.0, 3.0]]) / 5
    distances = published_distance(torch.cat([feature, -feature, other]), feature)
    factor = math.exp(0.07)
    assert distances.tolist() == pytest.approx([1 - factor, 1 + factor, 1.0], abs=1e-6)


@pytest.mark.parametrize("num_ws", [3, 14, 18])
def test_the_published_mask_ends_at_the_fourteenth_layer(num_ws):
    cpu = torch.device("cpu")
    masks = [kind(1, num_ws, 0.1, cpu) for kind in (AdaptiveLayerMask, PublishedLayerMask)]
    source, moved = torch.zeros(1, num_ws, 2), torch.full((1, num_ws, 2), 0.5)
    for mask in masks:
        mask.update(moved, source)
    right, published = (mask.weights[0] for mask in masks)
    assert torch.equal(published[:14], right[:14])
    assert torch.equal(published[14:], torch.zeros(max(0, num_ws - 14)))


class SixteenLayers(TinyGenerator):
    """As the tiny generator, with two layers more than the published mask holds."""

    num_ws = 16

    def __init__(self):
        super().__init__()
        weight = torch.randn(64, 48, generator=torch.Generator().manual_seed(0))
        self.register_buffer("weight", weight / 8)


class EagerBundle(TinyBundle):
    """Sees something else in the pixels of the published loop."""

    def encode_image_as_published(self, images):
        return F.normalize((images + 0.5).flatten(1), dim=-1)


@pytest.fixture
def tiny():
    return EagerBundle(SixteenLayers())


@pytest.fixture
def source():
    return torch.randn(1, 16, 4, generator=torch.Generator().manual_seed(3))


SETTINGS = {"num_steps": 12, "learning_rate": 0.1, "similarity_weight": 0.05}
"""Of the paper's loop; `PLAIN` has the others."""


def edit(tiny, source, **settings):
    return manipulate(
        tiny, source, text="rain", config=dataclasses.replace(PLAIN, **SETTINGS | settings)
    )


def plain_edit(tiny, source, *, published, masked=True):
    """Latents after each step of either loop, written without the package's terms."""
    target = tiny.encode_text(["rain"])
    held = 14 if published and masked else 16
    m = torch.ones(1, 16)
    ws = source.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([ws], lr=0.1)
    for step in range(12):
        optimizer.param_groups[0]["lr"] = 0.1 * learning_rate_factor(step, 12, 0.05, 0.25)
        images = tiny.generator.synthesis(ws)
        if published:
            cosine = (tiny.encode_image_as_published(images) * target).sum()
            guidance = 1 - math.exp(0.07) * cosine
        else:
            guidance = 1 - (tiny.encode_image(images) * target).sum()
        g = torch.sigmoid(m) if masked else torch.ones(1, 16)
        layer_loss = (g * (ws - source).square().sum(2))[:, :held]
        optimizer.zero_grad()
        (guidance + 0.05 * layer_loss.sum()).backward()
        optimizer.step()
        if not published:
            layer_loss = g * (ws - source).square().sum(2)
        m = m.clone()
        m[:, :held] -= 0.1 * (layer_loss * (1 - layer_loss)).detach()
    return ws.detach()


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("published", [True, False])
def test_either_loop_ends_where_a_plain_one_does(tiny, source, published, masked):
    result = edit(tiny, source, official_compat=published, adaptive_layer_mask=masked)
    expected = plain_edit(tiny, source, published=published, masked=masked)
    assert torch.allclose(result.ws, expected, atol=1e-4)
    assert (result.ws - source).abs().max() > 0.3


def test_each_choice_shows_in_the_first_step(tiny, source):
    right, published = (edit(tiny, source, official_compat=compat) for compat in (False, True))
    target = tiny.encode_text(["rain"])
    for result, encode, factor in (
        (right, tiny.encode_image, 1.0),
        (published, tiny.encode_image_as_published, math.exp(0.07)),
    ):
        cosine = (encode(tiny.generator.synthesis(source)) * target).sum().item()
        assert result.history["guidance"][0] == pytest.approx(1 - factor * cosine, abs=1e-5)
    assert (published.layer_weights[:, 14:] == 0).all() and (right.layer_weights > 0).all()


def test_the_published_mask_is_one_step_behind(tiny, source):
    start = AdaptiveLayerMask(1, 16, 0.1, torch.device("cpu")).weights
    right, published = (
        edit(tiny, source, num_steps=2, official_compat=compat) for compat in (False, True)
    )
    assert torch.equal(published.layer_weights[:, :14], start[:, :14])
    assert (right.layer_weights < start).all()


def test_without_the_switch_the_published_choices_are_never_asked(tiny, source, monkeypatch):
    expected = edit(tiny, source)
    monkeypatch.delattr(EagerBundle, "encode_image_as_published")
    monkeypatch.delattr("sgim.editing.manipulation.published_distance")
    monkeypatch.delattr("sgim.editing.manipulation.PublishedLayerMask")
    again = edit(tiny, source)
    assert torch.equal(again.trajectory, expected.trajectory) and again.history == expected.history


def test_the_mini_world_can_be_edited_either_way(bundle):
    results = [
        manipulate(
            bundle,
            bundle.generator.w_avg,
            text="heavy rain",
            config=ManipulateConfig(num_steps=2, official_compat=compat),
        )
        for compat in (False, True)
    ]
    assert (results[0].ws - results[1].ws).abs().max() > 1e-4
    features = bundle.encode_image_as_published(results[0].source_images)
    assert torch.allclose(features.norm(dim=1), torch.ones(1), atol=1e-5)
