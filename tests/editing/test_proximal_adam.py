"""Steps of a latent: Adam where each coordinate has its scale, proportion where the latent has."""

import pytest
import torch

from sgim.editing.proximal_adam import ProximalAdam

SOURCE = torch.tensor([[[1.0, -2.0, 0.5]]])


def descended(steps, slope, count=20, rate=0.05):
    ws = SOURCE.clone()
    for _ in range(count):
        steps.step(ws, slope(ws), rate)
    return ws


def bowl(ws):
    return torch.tensor([4.0, 0.3, -0.01]) * (ws - torch.tensor([0.0, 1.0, 2.0]))


def test_one_scale_per_coordinate_is_adam():
    ours = descended(ProximalAdam(SOURCE, "coordinate", 0.0), bowl)
    theirs = SOURCE.clone().requires_grad_(True)
    adam = torch.optim.Adam([theirs], lr=0.05)
    for _ in range(20):
        theirs.grad = bowl(theirs.detach())
        adam.step()
    torch.testing.assert_close(ours, theirs.detach())


def test_one_scale_per_latent_moves_in_proportion_to_the_slope():
    steps = ProximalAdam(SOURCE, "latent", 0.0)
    ws = descended(steps, lambda ws: torch.tensor([[[-2.0, 1.0, 0.0]]]), count=1)
    assert (ws - SOURCE).flatten().tolist() == pytest.approx([0.05, -0.025, 0.0], abs=1e-6)


@pytest.mark.parametrize("scale", ["coordinate", "latent"])
def test_what_pays_less_than_the_penalty_stays_at_exactly_its_source(scale):
    slope = torch.tensor([[[-0.5, 0.04, -0.04]]])
    free = descended(ProximalAdam(SOURCE, scale, 0.0), lambda ws: slope)
    held = descended(ProximalAdam(SOURCE, scale, 0.05), lambda ws: slope)
    assert (free != SOURCE).all()
    assert torch.equal(held[0, 0, 1:], SOURCE[0, 0, 1:])
    assert SOURCE[0, 0, 0] < held[0, 0, 0] < free[0, 0, 0]


def test_pictures_of_a_batch_have_scales_of_their_own():
    source = torch.zeros(2, 1, 2)
    ws = source.clone()
    ProximalAdam(source, "latent", 0.0).step(ws, torch.tensor([[[1.0, 0.0]], [[100.0, 50.0]]]), 0.1)
    assert ws.flatten().tolist() == pytest.approx([-0.1, 0.0, -0.1, -0.05])
