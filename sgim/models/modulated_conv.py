"""The convolutions of StyleGAN2: modulated by a style, and resampled without aliasing.

x (batch, in_channels, H, W), style (batch, in_channels) -> x (batch, out_channels, H, W) or twice
that height and width. `modulated_conv2d` is what a network that learns uses (`frozen_layer` has the
one for edits); `modulated_conv2d_per_sample` says the same as the paper does, in its order, and the
tests hold one against the other.
Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", section 2.2
and appendix B.
"""

import torch
import torch.nn.functional as F

LOW_PASS = (1.0, 3.0, 3.0, 1.0)
DEMODULATION_EPSILON = 1e-8


def low_pass_kernel(like: torch.Tensor) -> torch.Tensor:
    """The low-pass filter [1, 3, 3, 1] along both axes: (4, 4) with sum 1, where `like` lives."""
    taps = like.new_tensor(LOW_PASS)
    return torch.outer(taps, taps) / taps.sum() ** 2


def upfirdn2d(
    x: torch.Tensor,
    kernel: torch.Tensor,
    up: int = 1,
    down: int = 1,
    padding: tuple[int, int] = (0, 0),
) -> torch.Tensor:
    """Put zeros between the pixels, pad, filter, keep every `down`-th pixel.

    Parameters
    ----------
    x : torch.Tensor, (batch, channels, H, W)
    kernel : torch.Tensor, (height, width)
        The filter, the same for every channel.
    up, down : int
        `up` - 1 zeros follow each pixel; one of `down` pixels stays.
    padding : (int, int)
        Zeros before and after, along both axes.

    Examples
    --------
    >>> x = torch.tensor([[[[1.0, 2.0]]]])
    >>> upfirdn2d(x, torch.ones(2, 2), up=2, padding=(1, 0))
    tensor([[[[1., 1., 2., 2.],
              [1., 1., 2., 2.]]]])
    """
    batch, channels, height, width = x.shape
    spread = x.new_zeros(batch, channels, height * up, width * up)
    spread[:, :, ::up, ::up] = x
    padded = F.pad(spread, 2 * padding)
    filtered = F.conv2d(padded.flatten(0, 1)[:, None], kernel.flip(0, 1)[None, None])
    return filtered.unflatten(0, (batch, channels))[:, :, 0, ::down, ::down]


def upsample2d(x: torch.Tensor) -> torch.Tensor:
    """Double height and width with the low-pass filter; outside the picture there are zeros."""
    kernel = 4 * low_pass_kernel(x)
    channels = x.shape[1]
    return F.conv_transpose2d(
        x, kernel.expand(channels, 1, 4, 4), stride=2, padding=1, groups=channels
    )


def modulated_conv2d(
    x: torch.Tensor,
    weight: torch.Tensor,
    style: torch.Tensor,
    *,
    demodulate: bool = True,
    upsample: bool = False,
) -> torch.Tensor:
    """Convolve with weights whose input channels are scaled by the style of each item.

    The scales commute with the convolution: the style goes to the activations that come in, the
    demodulation 1 / sqrt(sum_i style_i^2 sum_k weight_oik^2) to those that go out, and the weights
    stay the same for the whole batch.

    Parameters
    ----------
    x : torch.Tensor, (batch, in_channels, H, W)
    weight : torch.Tensor, (out_channels, in_channels, 3, 3) or (..., 1, 1)
    style : torch.Tensor, (batch, in_channels)
    demodulate : bool
        Bring every output channel back to the variance of the input.
    upsample : bool
        Double height and width on the way; for 3 x 3 weights.

    Returns
    -------
    torch.Tensor, (batch, out_channels, H, W), or (batch, out_channels, 2 H, 2 W)
    """
    x = x * style[:, :, None, None]
    if upsample:
        x = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
        channels = x.shape[1]
        kernel = 4 * low_pass_kernel(x)
        x = F.conv2d(x, kernel.expand(channels, 1, 4, 4), padding=1, groups=channels)
    else:
        x = F.conv2d(x, weight, padding=weight.shape[-1] // 2)
    if demodulate:
        squares = style.square() @ weight.square().sum((2, 3)).T
        x = x * (squares + DEMODULATION_EPSILON).rsqrt()[:, :, None, None]
    return x


def modulated_conv2d_per_sample(
    x: torch.Tensor,
    weight: torch.Tensor,
    style: torch.Tensor,
    *,
    demodulate: bool = True,
    upsample: bool = False,
    padding: int | None = None,
) -> torch.Tensor:
    """`modulated_conv2d` as the paper writes it: equations 1 to 3, own weights for every item.

    Without `padding` the size stays. All items go through one grouped convolution, as in the
    implementations of others. Its weights depend on the style, so the gradient of the style takes
    that of the weights.
    """
    batch, in_channels, height, width = x.shape
    own = weight * style[:, None, :, None, None]
    if demodulate:
        squares = own.square().sum((2, 3, 4), keepdim=True)
        own = own * (squares + DEMODULATION_EPSILON).rsqrt()
    x = x.reshape(1, batch * in_channels, height, width)
    if upsample:
        x = F.conv_transpose2d(x, own.transpose(1, 2).flatten(0, 1), stride=2, groups=batch)
    else:
        padding = weight.shape[-1] // 2 if padding is None else padding
        x = F.conv2d(x, own.flatten(0, 1), padding=padding, groups=batch)
    x = x.view(batch, len(weight), *x.shape[2:])
    return upfirdn2d(x, 4 * low_pass_kernel(x), padding=(1, 1)) if upsample else x
