"""One layer of StyleGAN2 whose filters stay as they are: fast, and with little memory kept.

x -> times style -> `FrozenConv` -> times gain, plus noise and bias -> leaky ReLU -> y

An edit asks for the gradient of latents alone. Then a layer needs to remember no more than x and y,
and x is the y of the layer before. `SynthesisLayer` says the same in ordinary operations, for
filters that learn, and the tests hold one against the other.
"""

import functools

import torch
import torch.nn.functional as F

from sgim.models.modulated_conv import low_pass_kernel
from sgim.models.winograd import filter_points, winograd_conv2d

SLOPE = 0.2
MIN_CHANNELS, MIN_SIZE = 128, 64
"""Below these, Winograd's transforms and filters cost as much as its products save."""


class FrozenConv:
    """The convolution of a layer for one style, and its transpose, which carries gradients.

    Parameters
    ----------
    weight : torch.Tensor, (out_channels, in_channels, 3, 3)
    upsample : bool
        Double height and width on the way.
    """

    def __init__(self, weight: torch.Tensor, *, upsample: bool) -> None:
        self.weight, self.upsample = weight, upsample
        self.squares = weight.square().sum((2, 3))

    @functools.cached_property
    def points(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The filters at Winograd's points, and those of the transpose."""
        return filter_points(self.weight), filter_points(self.weight.transpose(0, 1).flip(2, 3))

    def forward(self, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        """(batch, in_channels, H, W) -> (batch, out_channels, H, W), or twice that size."""
        if self._by_winograd(x):
            return winograd_conv2d(x, self.points[0], style)
        x = x * _over_pixels(style, x)
        if self.upsample:
            return _blur(F.conv_transpose2d(x, self.weight.transpose(0, 1), stride=2), padding=1)
        return F.conv2d(x, self.weight, padding=1)

    def transpose(self, y: torch.Tensor) -> torch.Tensor:
        """(batch, out_channels, ...) -> (batch, in_channels, H, W), without the style."""
        if self.upsample:
            return F.conv2d(_blur(y, padding=2), self.weight.transpose(0, 1), stride=2)
        if self._by_winograd(y):
            return winograd_conv2d(y, self.points[1])
        return F.conv_transpose2d(y, self.weight, padding=1)

    def _by_winograd(self, x: torch.Tensor) -> bool:
        return (
            not self.upsample
            and x.device.type == "cpu"
            and x.dtype == torch.float32
            and min(self.weight.shape[:2]) >= MIN_CHANNELS
            and min(x.shape[2:]) >= MIN_SIZE
        )


class FrozenLayer(torch.autograd.Function):
    """y = leaky_relu(gain conv(style x) + noise + bias), within +-clamp.

    Shapes: x (batch, in_channels, H, W), style (batch, in_channels), gain (batch, out_channels),
    noise (batch or 1, 1, height, width) or (1, 1, 1, 1), bias (out_channels,). All get gradients.
    """

    @staticmethod
    def forward(ctx, x, style, gain, noise, bias, conv: FrozenConv, clamp: float | None):
        y = conv.forward(x, style)
        y.mul_(_over_pixels(gain, y)).add_(noise).add_(bias[:, None, None])
        F.leaky_relu_(y, SLOPE)
        if clamp is not None:
            y.clamp_(-clamp, clamp)
        ctx.save_for_backward(x, y, style, gain, noise, bias)
        ctx.conv, ctx.clamp = conv, clamp
        return y

    @staticmethod
    def backward(ctx, grad):
        x, y, style, gain, noise, bias = ctx.saved_tensors
        if ctx.clamp is not None:
            grad = grad.masked_fill(y.abs() >= ctx.clamp, 0)
        of_all = _dot(grad, y)  # the same before the leaky ReLU, whose slope cancels out
        grad = torch.ops.aten.leaky_relu_backward(grad, y, SLOPE, True)
        of_bias = grad.sum((2, 3))
        everywhere = noise.to(grad).expand(-1, -1, *y.shape[2:]).flatten(2)
        of_noise = (grad.flatten(2) @ everywhere.transpose(1, 2))[..., 0]
        of_gain = (of_all - of_noise - of_bias * bias) / gain
        grad_noise = None
        if ctx.needs_input_grad[3]:
            grad_noise = grad.sum(1, keepdim=True).sum_to_size(noise.shape)
        grad = ctx.conv.transpose(grad.mul_(_over_pixels(gain, grad)))
        of_style = _dot(grad, x)
        grad.mul_(_over_pixels(style, grad))
        return grad, of_style, of_gain, grad_noise, of_bias.sum(0), None, None


def _over_pixels(scales: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return scales[:, :, None, None].to(x)


def _dot(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Sum of products over the pixels: (batch, channels)."""
    return torch.linalg.vecdot(x.flatten(2), y.to(x).flatten(2))


def _blur(x: torch.Tensor, padding: int) -> torch.Tensor:
    channels = x.shape[1]
    kernel = 4 * low_pass_kernel(x)
    return F.conv2d(x, kernel.expand(channels, 1, 4, 4), padding=padding, groups=channels)
