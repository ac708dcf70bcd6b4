"""Winograd's convolution is the plain one, with fewer multiplications."""

import pytest
import torch
import torch.nn.functional as F

from sgim.models.winograd import filter_points, winograd_conv2d


def some(*shape, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=dtype)


def convolve(x, weight, **kwargs):
    """`winograd_conv2d` with zeros around, channels first."""
    padded = F.pad(x, (1, 1, 1, 1)).movedim(1, -1).contiguous()
    return winograd_conv2d(padded, filter_points(weight), **kwargs).movedim(-1, 1)


@pytest.mark.parametrize("shape", [(1, 3, 4, 4), (2, 5, 8, 20), (1, 2, 32, 12)])
def test_it_is_the_plain_convolution(shape):
    x, weight = some(*shape), some(7, shape[1], 3, 3)
    assert filter_points(weight).shape == (36, shape[1], 7)
    assert torch.allclose(convolve(x, weight), F.conv2d(x, weight, padding=1), atol=1e-10)


def test_its_transpose_carries_gradients():
    x, weight, grad = some(2, 5, 8, 20).requires_grad_(), some(7, 5, 3, 3), some(2, 7, 8, 20)
    (expected,) = torch.autograd.grad(F.conv2d(x, weight, padding=1), x, grad)
    assert torch.allclose(convolve(grad, weight, transposed=True), expected, atol=1e-10)


def test_one_pixel_meets_every_number_of_the_filter():
    x = torch.zeros(1, 1, 8, 8)
    x[0, 0, 4, 3] = 1
    weight = torch.arange(1.0, 10.0).view(1, 1, 3, 3)
    around = convolve(x, weight)[0, 0, 3:6, 2:5]
    assert torch.allclose(around, weight[0, 0].flip(0, 1), atol=1e-4)


def test_single_precision_loses_little():
    x, weight = some(1, 256, 64, 64), some(128, 256, 3, 3)
    expected = F.conv2d(x, weight, padding=1)
    result = convolve(x.float(), weight.float())
    assert (result - expected).norm() < 1e-5 * expected.norm()


def test_what_comes_in_stays_as_it_is():
    x = some(1, 6, 10, 2)
    before = x.clone()
    winograd_conv2d(x, filter_points(some(2, 2, 3, 3)))
    assert torch.equal(x, before)
