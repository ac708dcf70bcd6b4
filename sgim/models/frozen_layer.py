"""One layer of StyleGAN2 whose filters stay as they are: fast, and with little memory kept.

x -> times style -> `FrozenConv` -> times gain, plus noise and bias -> leaky ReLU -> y -> colors

An edit asks for the gradient of latents alone. Then a layer needs to remember no more than x and y,
and x is the y of the layer before. Pictures lie in memory with their channels last, and a
processor takes them in strips of rows that stay in its cache from the first operation to the last,
the step to RGB among them.
`SynthesisLayer` says the same in ordinary operations, for filters that learn, and the tests hold
one against the other.
"""

import functools
import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F

from sgim.models.modulated_conv import low_pass_kernel
from sgim.models.winograd import STEP, filter_points, winograd_conv2d

SLOPE = 0.2
MIN_CHANNELS, MIN_WIDTH = 128, 32
"""Below these, Winograd's transforms and filters cost as much as its products save."""
NUMBERS_AT_ONCE = 3 * 2**19
"""A strip of x or y has about so many numbers."""


def ready_to_convolve(weight: torch.Tensor, *, upsample: bool) -> torch.Tensor:
    """The same weight (out_channels, in_channels, 3, 3), in the order in memory that is read fast.

    The channels that `FrozenConv` gives to torch as the second axis are last.
    """
    if upsample:
        return weight.transpose(0, 1).contiguous(memory_format=torch.channels_last).transpose(0, 1)
    return weight.contiguous(memory_format=torch.channels_last)


class FrozenConv:
    """The convolution of a layer for one style, and its transpose, which carries gradients.

    Parameters
    ----------
    weight : torch.Tensor, (out_channels, in_channels, 3, 3)
    dtype : torch.dtype
        Of x and y.
    upsample : bool
        Double height and width on the way.
    """

    def __init__(self, weight: torch.Tensor, dtype: torch.dtype, *, upsample: bool) -> None:
        self.weight, self.dtype, self.upsample = weight, dtype, upsample
        self.scale = 2 if upsample else 1
        self.squares = weight.square().sum((2, 3)).to(dtype)

    @functools.cached_property
    def filters(self) -> torch.Tensor:
        """The weight for torch's convolutions: (in_channels, out_channels, 3, 3) to upsample."""
        weight = ready_to_convolve(self.weight, upsample=self.upsample).to(self.dtype)
        return weight.transpose(0, 1) if self.upsample else weight

    @functools.cached_property
    def points(self) -> torch.Tensor:
        """The filters at Winograd's points."""
        return filter_points(self.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, H + 2, W + 2, in_channels) -> (batch, scale H, scale W, out_channels)."""
        if self.by_winograd(x):
            return winograd_conv2d(x, self.points)
        x = x.movedim(-1, 1)
        if self.upsample:
            x = F.conv_transpose2d(x, self.filters, stride=2, padding=1)
            return _blur(x).movedim(1, -1)
        return F.conv2d(x, self.filters).movedim(1, -1)

    def transpose(self, y: torch.Tensor) -> torch.Tensor:
        """(batch, scale (H + 2), scale (W + 2), out_channels) -> (batch, H, W, in_channels)."""
        if self.by_winograd(y):
            return winograd_conv2d(y, self.points, transposed=True)
        y = y.movedim(-1, 1)
        if self.upsample:
            return F.conv2d(_blur(y), self.filters, stride=2).movedim(1, -1)
        halo = self.weight.shape[-1] - 1
        return F.conv_transpose2d(y, self.filters, padding=halo).movedim(1, -1)

    def strips(self, x: torch.Tensor) -> Iterator[tuple[int, int]]:
        """First row of x, (batch, H, W, in_channels), and the one after the last, of each strip."""
        batch, height, width, _ = x.shape
        numbers = batch * width * max(self.scale**2 * len(self.weight), self.weight.shape[1])
        num_strips = math.ceil(height * numbers / NUMBERS_AT_ONCE)
        if x.device.type != "cpu":
            num_strips = 1
        rows = STEP * math.ceil(height / num_strips / STEP)
        for top in range(0, height, rows):
            yield top, min(top + rows, height)

    def by_winograd(self, x: torch.Tensor) -> bool:
        """Whether Winograd's way is faster, which asks for sizes H and W that `STEP` divides."""
        return (
            not self.upsample
            and self.weight.shape[-1] == 3
            and x.device.type == "cpu"
            and self.dtype == torch.float32
            and min(self.weight.shape[:2]) >= MIN_CHANNELS
            and x.shape[2] >= MIN_WIDTH
        )


def kept_conv(
    kept: tuple[tuple, FrozenConv] | None,
    weight: torch.Tensor,
    dtype: torch.dtype,
    *,
    upsample: bool = False,
) -> tuple[tuple, FrozenConv]:
    """A key and what is computed of a weight once: `kept`, unless somebody changed the weight."""
    version = None if weight.is_inference() else weight._version
    key = dtype, weight.device, weight.data_ptr(), version
    if kept is not None and kept[0] == key:
        return kept
    with torch.inference_mode(False), torch.no_grad():  # kept for edits, wherever it is first asked
        return key, FrozenConv(weight, dtype, upsample=upsample)


class FrozenLayer(torch.autograd.Function):
    """y = leaky_relu(gain conv(style x) + noise + bias), within +-clamp, and to_rgb y.

    Shapes: x (batch, in_channels, H, W), style (batch, in_channels), gain (batch, out_channels),
    noise (batch or 1, 1, height, width) or (1, 1, 1, 1), bias (out_channels,), to_rgb (batch, 3,
    out_channels) or None -> y (batch, out_channels, height, width), colors (batch, 3, height,
    width) or None. All get gradients.
    """

    @staticmethod
    def forward(ctx, x, style, gain, noise, bias, to_rgb, conv: FrozenConv, clamp: float | None):
        x = x.movedim(1, -1).contiguous()
        batch, height, width, _ = x.shape
        size = (conv.scale * height, conv.scale * width)
        noise_map = noise.to(x).expand(-1, -1, *size).movedim(1, -1)
        y = x.new_empty(batch, *size, len(bias))
        colors = None if to_rgb is None else x.new_empty(batch, *size, 3)
        for top, bottom in conv.strips(x):
            rows = slice(conv.scale * top, conv.scale * bottom)
            strip = conv.forward(framed(x, style, top - 1, bottom + 1, 1, 1))
            strip.mul_(over_pixels(gain, x)).add_(noise_map[:, rows]).add_(bias.to(x))
            torch.ops.aten.leaky_relu.out(strip, SLOPE, out=y[:, rows])
            if clamp is not None:
                y[:, rows].clamp_(-clamp, clamp)
            if to_rgb is not None:
                colors[:, rows] = mix_channels(y[:, rows], to_rgb)
        ctx.save_for_backward(x, y, style, gain, noise, bias, to_rgb)
        ctx.conv, ctx.clamp = conv, clamp
        ctx.set_materialize_grads(False)
        return y.movedim(-1, 1), None if colors is None else colors.movedim(-1, 1)

    @staticmethod
    def backward(ctx, grad, grad_colors):
        x, y, style, gain, noise, bias, to_rgb = ctx.saved_tensors
        conv, halo = ctx.conv, ctx.conv.scale
        grad = None if grad is None else grad.movedim(1, -1)
        grad_colors = None if grad_colors is None else grad_colors.movedim(1, -1).contiguous()
        noise_map = noise.to(x).expand(len(x), -1, *y.shape[1:3]).movedim(1, -1)
        grad_x, grad_noise = torch.empty_like(x), []
        noise_and_one = torch.cat([noise_map, torch.ones_like(noise_map)], dim=-1)
        of_all, of_style = torch.zeros_like(gain), torch.zeros_like(style)
        of_noise_and_bias = torch.zeros_like(gain)[:, None].repeat(1, 2, 1)
        of_rgb = None if grad_colors is None else torch.zeros_like(to_rgb)
        for top, bottom in conv.strips(x):
            rows = slice(halo * top, halo * bottom)
            first, last = max(rows.start - halo, 0), min(rows.stop + halo, y.shape[1])
            own = slice(rows.start - first, rows.stop - first)
            strip, strip_y = None if grad is None else grad[:, first:last], y[:, first:last]
            if grad_colors is not None:
                of_rgb += _matrix_product(grad_colors[:, rows], y[:, rows])
                through_rgb = mix_channels(grad_colors[:, first:last], to_rgb.mT)
                strip = through_rgb if strip is None else through_rgb.add_(strip)
            if ctx.clamp is not None:
                strip = strip.masked_fill(strip_y.abs() >= ctx.clamp, 0)
            of_all += sum_of_products(strip[:, own], strip_y[:, own])
            strip = torch.ops.aten.leaky_relu_backward(strip, strip_y, SLOPE, True)
            of_noise_and_bias += _matrix_product(noise_and_one[:, rows], strip[:, own])
            if ctx.needs_input_grad[3]:
                grad_noise.append(strip[:, own].sum(-1, keepdim=True))
            strip = framed(
                strip, gain, rows.start - halo - first, rows.stop + halo - first, halo, halo
            )
            strip = conv.transpose(strip)
            of_style += sum_of_products(strip, x[:, top:bottom])
            torch.mul(strip, over_pixels(style, x), out=grad_x[:, top:bottom])
        of_noise, of_bias = of_noise_and_bias.unbind(1)
        # The ReLU's slope cancels out: of_all is the same before it.
        of_gain = (of_all - of_noise - of_bias * bias) / gain
        if grad_noise:
            grad_noise = torch.cat(grad_noise, dim=1).movedim(-1, 1).sum_to_size(noise.shape)
        return (
            grad_x.movedim(-1, 1),
            of_style,
            of_gain,
            grad_noise if ctx.needs_input_grad[3] else None,
            of_bias.sum(0).to(bias),
            of_rgb,
            None,
            None,
        )


def mix_channels(x: torch.Tensor, filters: torch.Tensor) -> torch.Tensor:
    """Every pixel by the filters of its picture.

    x (batch, H, W, in_channels), filters (batch, out_channels, in_channels) -> (batch, H, W,
    out_channels).
    """
    return x @ filters.to(x).mT[:, None]


def over_pixels(scales: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """(batch, channels) -> (batch, 1, 1, channels), of the kind of x."""
    return scales[:, None, None].to(x)


def framed(
    x: torch.Tensor, scales: torch.Tensor, top: int, bottom: int, left: int, right: int
) -> torch.Tensor:
    """Rows top ... bottom - 1 of x, (batch, H, W, channels), times scales, (batch, channels).

    `left` and `right` columns come to the sides; there, and above and below x, all is 0.
    """
    batch, height, width, channels = x.shape
    frame = x.new_empty(batch, bottom - top, left + width + right, channels)
    first, last = max(top, 0) - top, min(bottom, height) - top
    for edge in frame[:, :first], frame[:, last:], frame[:, :, :left], frame[:, :, left + width :]:
        edge.zero_()
    inside = frame[:, first:last, left : left + width]
    torch.mul(x[:, top + first : top + last], over_pixels(scales, x), out=inside)
    return frame


def sum_of_products(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Over the pixels: (batch, channels)."""
    return (x * y).sum((1, 2))


def _matrix_product(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Sums of products over the pixels: (batch, channels of x, channels of y)."""
    return x.flatten(1, 2).mT @ y.flatten(1, 2)


def _blur(x: torch.Tensor) -> torch.Tensor:
    channels = x.shape[1]
    kernel = 4 * low_pass_kernel(x)
    return F.conv2d(x, kernel.expand(channels, 1, 4, 4), groups=channels)
