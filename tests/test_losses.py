"""The terms of the objective against hand-made truth."""

import math

import pytest
import torch
import torch.nn.functional as F

from sgim.checks import SgimError
from sgim.losses import (
    cosine_distance,
    identity_loss,
    info_nce_loss,
    latent_similarity_loss,
    weakly_paired_loss,
)


def unit(*shape, seed=0):
    return F.normalize(torch.randn(*shape, generator=torch.Generator().manual_seed(seed)), dim=-1)


def test_info_nce_is_ln_batch_when_all_similarities_are_equal():
    same = torch.ones(5, 1)
    assert info_nce_loss(same, same, 3.0).item() == pytest.approx(math.log(5), abs=1e-6)


def test_info_nce_vanishes_for_orthogonal_pairs_and_a_large_scale():
    assert info_nce_loss(torch.eye(4), torch.eye(4), 50.0).item() < 1e-6


def test_info_nce_equals_a_plain_loop():
    audio, text, scale = unit(4, 8), unit(4, 8, seed=1), 14.29
    total = 0.0
    for i in range(4):
        rows = [math.exp(scale * float(audio[i] @ text[j])) for j in range(4)]
        columns = [math.exp(scale * float(audio[j] @ text[i])) for j in range(4)]
        total -= math.log(rows[i] / sum(rows)) + math.log(columns[i] / sum(columns))
    assert info_nce_loss(audio, text, scale).item() == pytest.approx(total / 8, rel=1e-4)


def test_info_nce_does_not_care_which_side_comes_first():
    audio, text = unit(6, 8), unit(6, 8, seed=1)
    forward, backward = info_nce_loss(audio, text, 10), info_nce_loss(text, audio, 10)
    assert forward.item() == pytest.approx(backward.item(), rel=1e-5)


def test_weakly_paired_loss_is_zero_where_sound_ranks_pictures_as_text_does():
    text, images = unit(6, 8), unit(6, 8, seed=1)
    assert weakly_paired_loss(text, text, images, 14.29).item() == pytest.approx(0, abs=1e-6)
    assert weakly_paired_loss(unit(6, 8, seed=2), text, images, 14.29).item() > 0.1


def test_weakly_paired_loss_equals_a_plain_sum():
    audio, text, images = unit(3, 8), unit(3, 8, seed=1), unit(3, 8, seed=2)
    target = (5 * text @ images.T).softmax(1)
    predicted = (5 * audio @ images.T).softmax(1)
    expected = (target * (target / predicted).log()).sum(1).mean()
    loss = weakly_paired_loss(audio, text, images, 5.0)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)


def test_only_the_sound_learns_from_the_weakly_paired_loss_through_its_own_ranking():
    audio, text, images = (unit(3, 8, seed=s).requires_grad_() for s in range(3))
    weakly_paired_loss(audio, text, images.detach(), 5.0).backward()
    assert audio.grad.abs().sum() > 0
    assert text.grad is None


def test_cosine_distance_runs_from_zero_to_two():
    here = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    assert cosine_distance(here, torch.tensor([[1.0, 0.0]])).tolist() == [0.0, 1.0, 2.0]
    assert identity_loss(here, here).abs().max() < 1e-6


def test_latent_similarity_sums_squares_weighted_by_layer():
    source = torch.zeros(1, 3, 2)
    moved = torch.tensor([[[1.0, 2.0], [0.0, 3.0], [1.0, 0.0]]])
    weights = torch.tensor([1.0, 0.5, 0.0])
    assert latent_similarity_loss(moved, source, weights).tolist() == [5.0 + 4.5]


def test_features_of_different_shape_are_refused():
    with pytest.raises(SgimError, match=r"\(3, 8\) and \(2, 8\).*same number of items"):
        info_nce_loss(unit(3, 8), unit(2, 8), 1.0)
