"""A trained StyleGAN2, the tiny one of lesson 05, gets a mapper of few weights: stages A and C."""

import dataclasses

import pytest
import torch
import torch.nn.functional as F

from sgim.editing.mapper import Mapper, MapperConfig
from sgim.editing.presets import preset_for
from sgim.embedding.mapper_training import (
    MapperTrainingConfig,
    distilled_pairs,
    sampled_pairs,
    train_mapper,
)
from sgim.losses import cosine_distance, latent_similarity_loss
from sgim.models.stylegan2 import StyleGAN2, StyleGAN2Config
from sgim.world.scenes import SceneGenerator

EDIT = dataclasses.replace(preset_for("paper").config, num_steps=10)
TRAINING = MapperTrainingConfig(num_epochs=50, batch_size=64, learning_rate=2e-3)


def copied_places(count, random):
    """Five numbers each, and the painter's pictures of them, 32 pixels wide.

    The first two tell fog and night as well, which CLIP sees in the smallest picture.
    """
    basis = torch.linalg.qr(torch.randn(64, 5, generator=random))[0].T
    painter, z = SceneGenerator(64), torch.randn(count, 5, generator=random)
    with torch.no_grad():
        ws = painter.mapping(z @ basis * (64 / 5) ** 0.5, truncation_psi=0.6)
        fog, night = (3 * z[:, :2].T).sigmoid()
        ws = painter.with_weather(ws, {"fog": fog, "crickets": night})
        images = [F.avg_pool2d(painter.synthesis(some), 2) for some in ws.split(32)]
    return z, torch.cat(images)


@pytest.fixture(scope="module")
def tiny(mini):
    """The mini world's CLIP with a StyleGAN2 that has learned to copy the painter."""
    torch.manual_seed(0)
    random = torch.Generator().manual_seed(0)
    sizes = StyleGAN2Config(channels=(24, 24, 16, 12), z_dim=5, w_dim=32, mapping_layers=4)
    generator = StyleGAN2(sizes)
    z, images = copied_places(160, random)
    adam = torch.optim.Adam(generator.parameters(), lr=0.01, betas=(0.9, 0.99))
    for _ in range(100):
        some = torch.randint(len(z), (16,), generator=random)
        difference = generator(z[some]) - images[some]
        loss = difference.abs().mean() + F.avg_pool2d(difference, 4).abs().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    generator.eval().requires_grad_(False)
    generator.w_avg.copy_(generator.mean_latent().expand_as(generator.w_avg))
    assert (generator(z) - images).abs().mean() < 0.9 * (images.mean(0) - images).abs().mean()
    return dataclasses.replace(mini, generator=generator, mapper=None, prior=None)


@pytest.fixture(scope="module")
def pairs(tiny):
    return sampled_pairs(tiny.generator, tiny.encode_image, 256)


@pytest.fixture(scope="module")
def held_out(tiny):
    return sampled_pairs(tiny.generator, tiny.encode_image, 32, seed=9)


def few_weights(generator):
    torch.manual_seed(0)
    sizes = {"num_ws": generator.num_ws, "w_dim": generator.w_dim, "embed_dim": 128}
    return Mapper(MapperConfig(**sizes, width=48, num_blocks=2))


def distances(bundle, pairs, ws):
    """How far each picture is from what was asked for, as the guide sees it."""
    seen = bundle.encode_image(bundle.generator.synthesis(ws, noise_mode="const"))
    return cosine_distance(seen, pairs.targets[:, 0])


def paper_loss(bundle, pairs, ws):
    """The loss that the optimizer follows, with the mask as it is at its first step."""
    mask = torch.ones(len(ws), bundle.generator.num_ws).sigmoid()
    leash = EDIT.similarity_weight * latent_similarity_loss(ws, pairs.source_ws, mask)
    return (distances(bundle, pairs, ws) + leash).mean().item()


@torch.no_grad()
def passed(mapper, pairs):
    return mapper.eval()(pairs.source_ws, pairs.targets[:, 0], pairs.source_features)


def test_learned_from_sampled_latents_one_pass_beats_doing_nothing(tiny, pairs, held_out):
    mapper, _ = train_mapper(
        pairs, config=TRAINING, mapper=few_weights(tiny.generator), progress=False
    )
    assert sum(one.numel() for one in mapper.parameters()) < 100_000
    before, after = (
        distances(tiny, held_out, ws).mean()
        for ws in (held_out.source_ws, passed(mapper, held_out))
    )
    assert after < 0.7 * before


def test_learned_from_the_optimizer_one_pass_beats_doing_nothing(tiny, pairs, held_out):
    few = slice(0, 64)
    taught = distilled_pairs(tiny, pairs.source_ws[few], pairs.targets[few, 0], config=EDIT)
    longer = dataclasses.replace(TRAINING, num_epochs=120, batch_size=32)
    mapper, _ = train_mapper(
        taught, config=longer, mapper=few_weights(tiny.generator), progress=False
    )
    nothing, one_pass = (
        paper_loss(tiny, held_out, ws) for ws in (held_out.source_ws, passed(mapper, held_out))
    )
    assert one_pass < 0.9 * nothing
