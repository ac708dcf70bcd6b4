"""Winograd's convolution is the plain one, with fewer multiplications."""

import pytest
import torch
import torch.nn.functional as F

from sgim.models import winograd
from sgim.models.winograd import filter_points, winograd_conv2d


def some(*shape, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=dtype)


@pytest.mark.parametrize("shape", [(1, 3, 4, 4), (2, 5, 8, 20), (1, 2, 32, 12)])
@pytest.mark.parametrize("at_once", [1, 2**22])
def test_it_is_the_plain_convolution(shape, at_once, monkeypatch):
    monkeypatch.setattr(winograd, "NUMBERS_AT_ONCE", at_once)
    x, weight, scales = some(*shape), some(7, shape[1], 3, 3), some(*shape[:2])
    points = filter_points(weight)
    assert points.shape == (36, 7, shape[1])
    assert torch.allclose(winograd_conv2d(x, points), F.conv2d(x, weight, padding=1), atol=1e-10)
    scaled = F.conv2d(x * scales[:, :, None, None], weight, padding=1)
    assert torch.allclose(winograd_conv2d(x, points, scales), scaled, atol=1e-10)


def test_one_pixel_meets_every_number_of_the_filter():
    x = torch.zeros(1, 1, 8, 8)
    x[0, 0, 4, 3] = 1
    weight = torch.arange(1.0, 10.0).view(1, 1, 3, 3)
    around = winograd_conv2d(x, filter_points(weight))[0, 0, 3:6, 2:5]
    assert torch.allclose(around, weight[0, 0].flip(0, 1), atol=1e-4)


def test_single_precision_loses_little():
    x, weight = some(1, 256, 64, 64), some(128, 256, 3, 3)
    expected = F.conv2d(x, weight, padding=1)
    result = winograd_conv2d(x.float(), filter_points(weight.float()))
    assert (result - expected).norm() < 1e-5 * expected.norm()


def test_what_comes_in_stays_as_it_is():
    x = some(1, 2, 8, 8)
    before = x.clone()
    winograd_conv2d(x, filter_points(some(2, 2, 3, 3)), some(1, 2))
    assert torch.equal(x, before)
