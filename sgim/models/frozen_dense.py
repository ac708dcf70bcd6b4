"""The dense layers of a frozen transformer, multiplied by convolutions: faster on many a processor.

tokens -> `dense(x, weight, bias)` -> tokens, in `SelfAttention`, `Dense` and `PatchEmbedding`

A matrix product is a convolution with filters of one pixel. On a CPU torch leaves matrix products
to one library and convolutions to another, and where the first makes poor use of the processor (MKL
on those of AMD: 0.23 of 0.52 TFLOP/s measured) the second takes half the time. Gradients go to the
tokens alone, as the weights stay as they are.
"""

import torch
import torch.nn.functional as F
from torch import nn


def dense(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """`F.linear`: (..., in_features) and weight (out_features, in_features) -> (..., out_features).

    Examples
    --------
    >>> x, weight, bias = torch.randn(2, 50, 8), torch.randn(3, 8), torch.randn(3)
    >>> torch.allclose(dense(x, weight, bias), F.linear(x, weight, bias), atol=1e-5)
    True
    """
    learns = weight.requires_grad or (bias is not None and bias.requires_grad)
    if learns or x.device.type != "cpu":
        return F.linear(x, weight, bias)
    autocast = torch.is_autocast_enabled("cpu")
    dtype = torch.get_autocast_dtype("cpu") if autocast else x.dtype
    with torch.autocast("cpu", enabled=False):
        return FrozenDense.apply(x.to(dtype), weight, bias)


class FrozenDense(torch.autograd.Function):
    """All tokens are the pixels of one picture; backwards it is the transposed convolution.

    In half precision torch's products are fast. There the weight is rounded on the way forward and
    again on the way back; autocast alone would keep all rounded weights in between.
    """

    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(weight)
        if x.dtype != torch.float32:
            return F.linear(x, weight.to(x), None if bias is None else bias.to(x))
        y = F.conv2d(x.flatten(0, -2).T[None, ..., None], weight[..., None, None], bias)
        return y[0, ..., 0].T.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx, grad):
        (weight,) = ctx.saved_tensors
        if grad.dtype != torch.float32:
            return grad @ weight.to(grad), None, None
        pixels = grad.flatten(0, -2)[None, None].movedim(-1, 1)
        grad_x = F.conv_transpose2d(pixels, weight[..., None, None])
        return grad_x.movedim(1, -1).view(*grad.shape[:-1], -1), None, None


class Dense(nn.Module):
    """`dense` with the weights of another layer."""

    def __init__(self, weight: nn.Parameter, bias: nn.Parameter | None = None) -> None:
        super().__init__()
        self.weight, self.bias = weight, bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return dense(x, self.weight, self.bias)


class SelfAttention(nn.Module):
    """An `nn.MultiheadAttention` of a sequence with itself, with the same parameters."""

    def __init__(self, attention: nn.MultiheadAttention) -> None:
        super().__init__()
        self.num_heads = attention.num_heads
        self.in_proj = Dense(attention.in_proj_weight, attention.in_proj_bias)
        self.out_proj = Dense(attention.out_proj.weight, attention.out_proj.bias)

    def forward(self, query, key, value, *, attn_mask=None, need_weights=False):
        """(batch, tokens, width) -> the same, and None for the weights."""
        projected = self.in_proj(query).unflatten(-1, (3, self.num_heads, -1))
        q, k, v = projected.permute(2, 0, 3, 1, 4)
        heard = F.scaled_dot_product_attention(q, k, v, attn_mask)
        return self.out_proj(heard.transpose(1, 2).flatten(2)), None


class PatchEmbedding(nn.Module):
    """A convolution whose filters do not overlap: the pixels of each patch are a token.

    (batch, 3, H, W) -> (batch, width, rows, columns).
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.patch_size = conv.kernel_size[0]
        self.filters = Dense(nn.Parameter(conv.weight.flatten(1), conv.weight.requires_grad))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        patches = F.pixel_unshuffle(images, self.patch_size).movedim(1, -1)
        return self.filters(patches).movedim(-1, 1)


def with_fast_dense_layers(transformer: nn.Module) -> nn.Module:
    """Replace the dense layers of a transformer by those of this module, in place, and return it.

    For attention of sequences with themselves, as in open_clip; where batches do not come first, as
    in its early versions, attention stays as it is. So do all convolutions but those into patches.
    """
    for name, child in transformer.named_children():
        match child:
            case nn.MultiheadAttention(batch_first=True):
                setattr(transformer, name, SelfAttention(child))
            case nn.MultiheadAttention():
                pass
            case nn.Linear():
                setattr(transformer, name, Dense(child.weight, child.bias))
            case nn.Conv2d(bias=None, groups=1) if child.kernel_size == child.stride != (1, 1):
                setattr(transformer, name, PatchEmbedding(child))
            case _:
                with_fast_dense_layers(child)
    return transformer
