"""The modulated convolution of StyleGAN3 with filters that stay: fast, and with little kept.

x -> times style -> zeros around -> `FrozenConv` -> times gain, plus bias -> u, larger by the filter

As `frozen_layer` does for StyleGAN2: gradients need no more than x and u, and pictures, channels
last in memory, are taken in strips of rows that stay in a processor's cache.
"""

import torch

from sgim.models.frozen_layer import FrozenConv, framed, over_pixels, sum_of_products
from sgim.models.winograd import STEP


class FrozenFullConv(torch.autograd.Function):
    """u = gain conv(style x) + bias at every place where a filter meets a pixel of x.

    Shapes: x (batch, H, W, in_channels), style (batch, in_channels), gain (batch, out_channels),
    bias (out_channels,) -> u (batch, H + k - 1, W + k - 1, out_channels) for filters of k x k
    pixels. All but the filters get gradients.
    """

    @staticmethod
    def forward(ctx, x, style, gain, bias, conv: FrozenConv) -> torch.Tensor:
        x = x.contiguous()
        halo = conv.weight.shape[-1] - 1
        batch, height, width, _ = x.shape
        u = x.new_empty(batch, height + halo, width + halo, len(bias))
        for top, bottom in conv.strips(u):
            rows, columns = _even(conv, u, bottom - top), _even(conv, u, u.shape[2])
            right = columns + halo - halo - width
            strip = conv.forward(framed(x, style, top - halo, top + rows, halo, right))
            strip = strip[:, : bottom - top, : u.shape[2]]
            torch.addcmul(bias.to(x), strip, over_pixels(gain, x), out=u[:, top:bottom])
        ctx.save_for_backward(x, u, style, gain, bias)
        ctx.conv = conv
        return u

    @staticmethod
    def backward(ctx, grad: torch.Tensor):
        x, u, style, gain, bias = ctx.saved_tensors
        conv, halo = ctx.conv, ctx.conv.weight.shape[-1] - 1
        grad, grad_x = grad.contiguous(), torch.empty_like(x)
        of_all, of_bias, of_style = (torch.zeros_like(one) for one in (gain, gain, style))
        for top, bottom in conv.strips(u):
            of_all += sum_of_products(grad[:, top:bottom], u[:, top:bottom])
            of_bias += grad[:, top:bottom].sum((1, 2))
        for top, bottom in conv.strips(x):
            rows, columns = _even(conv, x, bottom - top), _even(conv, x, x.shape[2])
            right = columns + halo - grad.shape[2]
            strip = conv.transpose(framed(grad, gain, top, top + rows + halo, 0, right))
            strip = strip[:, : bottom - top, : x.shape[2]]
            of_style += sum_of_products(strip, x[:, top:bottom])
            torch.mul(strip, over_pixels(style, x), out=grad_x[:, top:bottom])
        of_gain = (of_all - of_bias * bias) / gain
        return grad_x, of_style, of_gain, of_bias.sum(0).to(bias), None


def _even(conv: FrozenConv, like: torch.Tensor, size: int) -> int:
    """`size`, or the next larger one that Winograd's way can take if it is the way."""
    return -(-size // STEP) * STEP if conv.by_winograd(like) else size
