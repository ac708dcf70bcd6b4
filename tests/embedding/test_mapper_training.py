"""The mapper learns from pairs, by guidance, and from the optimizer, with any generator."""

import dataclasses

import pytest
import torch
import torch.nn.functional as F

from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.embedding.mapper_training import (
    LatentPairs,
    MapperTrainingConfig,
    distilled_pairs,
    family_pairs,
    sampled_pairs,
    train_by_guidance,
    train_mapper,
)
from sgim.models.stylegan2 import StyleGAN2, StyleGAN2Config
from sgim.world.samples import FAMILY_SIZE

QUICK = MapperTrainingConfig(num_epochs=8, batch_size=16, learning_rate=2e-3)


@pytest.fixture(scope="module")
def stylegan():
    torch.manual_seed(0)
    config = StyleGAN2Config(channels=(8, 8, 8, 8), z_dim=7, w_dim=10, mapping_layers=2)
    return StyleGAN2(config).eval().requires_grad_(False)


def seen(images):
    """Mean colors of nine places, as an embedding."""
    return F.normalize(F.adaptive_avg_pool2d(images, 3).flatten(1), dim=1)


def test_pairs_lie_within_their_families_and_some_sources_are_calm():
    ws = torch.arange(4 * FAMILY_SIZE).float().view(-1, 1, 1)
    targets = torch.randn(len(ws), 2, 3)
    pairs = family_pairs(ws, torch.randn(len(ws), 3), targets, calm_share=0.5, rounds=3)
    families = pairs.source_ws.flatten() // FAMILY_SIZE, pairs.goal_ws.flatten() // FAMILY_SIZE
    assert torch.equal(*families) and len(pairs.goal_ws) == 3 * len(ws)
    calm = (pairs.source_ws.flatten() % FAMILY_SIZE == 0).float().mean()
    assert 0.4 < calm < 0.75
    assert torch.equal(pairs.targets[:, 0], targets[pairs.goal_ws.flatten().long(), 0])


def test_a_mapper_learns_the_change_between_sampled_pictures_of_a_stylegan(stylegan):
    pairs = sampled_pairs(stylegan, seen, 64)
    moved = (pairs.goal_ws != pairs.source_ws).any(dim=2).float().mean()
    assert 0.1 < moved < 0.5 and pairs.targets.shape == (64, 1, 27)
    longer = dataclasses.replace(QUICK, num_epochs=60)
    _, history = train_mapper(pairs, config=longer, progress=False)
    assert history[-1]["loss"] < 0.6 * history[0]["loss"]


def test_guidance_brings_the_pictures_nearer_to_their_targets(stylegan):
    pairs = sampled_pairs(stylegan, seen, 32)
    mapper, _ = train_mapper(pairs, config=dataclasses.replace(QUICK, num_epochs=1), progress=False)
    history = train_by_guidance(
        mapper,
        stylegan,
        seen,
        pairs,
        weights=ManipulateConfig(similarity_weight=0.0, sparse_weight=0.0),
        config=QUICK,
        progress=False,
    )
    assert history[-1]["guidance"] < history[0]["guidance"]


def test_what_the_optimizer_found_becomes_pairs(bundle):
    source = bundle.generator.mapping(torch.zeros(2, bundle.generator.z_dim))
    target = bundle.prior(bundle.encode_text(["heavy rain", "a big fire"]))
    config = ManipulateConfig(target="direct", num_steps=2, pursuit=False)
    pairs = distilled_pairs(bundle, source, target, config=config, batch_size=1)
    assert torch.equal(pairs.source_ws, source) and not torch.equal(pairs.goal_ws, source)
    assert torch.equal(pairs.targets[:, 0], target) and pairs.source_features.shape == (2, 128)


def test_joined_pairs_keep_as_many_targets_as_both_have():
    one = LatentPairs(*(torch.zeros(2, 3, 4),) * 2, torch.zeros(2, 5), torch.zeros(2, 6, 5))
    other = LatentPairs(*(torch.ones(1, 3, 4),) * 2, torch.ones(1, 5), torch.ones(1, 1, 5))
    assert (one + other).targets.shape == (3, 1, 5)


def test_unusable_settings_are_refused():
    with pytest.raises(SgimError, match="calm_share is 2"):
        MapperTrainingConfig(calm_share=2.0)
