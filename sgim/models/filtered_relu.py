"""The leaky ReLU of StyleGAN3, taken on a finer grid so that it makes no aliases.

u -> zeros between pixels -> low pass -> leaky ReLU -> low pass -> some of the pixels -> y

Along an axis both filters are matrices with few numbers beside the diagonal. So the fine grid is
taken in tiles that stay in a processor's cache: small products of matrices lead to a tile and from
it. It is never whole in memory, not for gradients either, which make it anew.
`filtered_relu_plainly` says the same in the paper's order, and the tests hold one against the
other.
Source: Karras et al. 2021, "Alias-Free Generative Adversarial Networks", section 3.2.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from sgim.models.low_pass import low_pass_taps, separable_parts
from sgim.models.stylegan3_plan import LayerPlan

SLOPE = 0.2
GAIN = math.sqrt(2)
LARGEST_TILE = 2**19
"""Numbers of a tile that stays in the cache."""
SIDES = (48, 32, 16)
SIDE_ELSEWHERE = 1024
"""Pixels along a side of a tile: on a processor, the first that fits; on other devices."""


@dataclass(frozen=True)
class Band:
    """Some lines of the fine grid, where they come from and where they go.

    `up`: (lines, `source` pixels); `down`: pairs of (`target` pixels, lines), for rows and columns,
    whose results add up.
    """

    source: slice
    target: slice
    up: torch.Tensor
    down: tuple[tuple[torch.Tensor, torch.Tensor], ...]


class FilteredReLU:
    """The filters of a layer and what lies between them.

    Parameters
    ----------
    plan : LayerPlan
    clamp : float or None
        The leaky ReLU, times sqrt(2), stays within +-clamp.
    """

    def __init__(self, plan: LayerPlan, clamp: float | None) -> None:
        self.plan, self.clamp = plan, clamp
        source, target = plan.source, plan.target
        self.num_convolved = source.size + plan.kernel - 1
        self.num_lines = (target.size - 1) * plan.down + plan.down_taps
        self.up_taps = low_pass_taps(plan.up_taps, source.cutoff, source.half_width, plan.rate)
        self.down_taps = low_pass_taps(
            plan.down_taps, target.cutoff, target.half_width, plan.rate, radial=plan.radial
        )
        self._bands: dict[tuple, list[Band]] = {}

    def __call__(self, u: torch.Tensor) -> torch.Tensor:
        """(batch, size, size, channels) -> the same of the plan's target; gradients flow."""
        return _Filtered.apply(u, self)

    def bands(self, like: torch.Tensor) -> list[Band]:
        """The fine grid along one axis, cut for tiles of as many channels as `like` has last."""
        sides = SIDES if like.device.type == "cpu" else (SIDE_ELSEWHERE,)
        fitting = (side for side in sides if side**2 * like.shape[-1] <= LARGEST_TILE)
        key = next(fitting, sides[-1]), like.dtype, like.device
        if key not in self._bands:
            cuts = range(0, self.num_lines, key[0])
            lines = [np.arange(cut, min(cut + key[0], self.num_lines)) for cut in cuts]
            self._bands[key] = [self._band(some, like) for some in lines]
        return self._bands[key]

    def _band(self, lines: np.ndarray, like: torch.Tensor) -> Band:
        plan = self.plan
        up = lines, self.num_convolved, plan.up, plan.before
        down = lines, plan.target.size, plan.down, plan.down_taps - 1
        source, up_matrix = _band_matrix(plan.up * self.up_taps, *up)
        parts = separable_parts(self.down_taps)
        target, _ = _band_matrix(parts[0][0], *down)
        pairs = [[_band_matrix(taps, *down)[1].T for taps in pair] for pair in parts]

        def tensor(matrix: np.ndarray) -> torch.Tensor:
            return torch.from_numpy(matrix.copy()).to(like.device, like.dtype)

        matrices = tuple((tensor(GAIN * rows), tensor(columns)) for rows, columns in pairs)
        return Band(source, target, tensor(up_matrix), matrices)

    def may_exceed(self, u: torch.Tensor) -> bool:
        """Whether the fine grid made of `u` may reach the clamp."""
        if self.clamp is None:
            return False
        growth = np.abs(self.plan.up * self.up_taps).reshape(-1, self.plan.up).sum(0).max() ** 2
        largest = max(-u.amin().item(), u.amax().item())
        return not largest * growth * GAIN < self.clamp


def _band_matrix(
    taps: np.ndarray, lines: np.ndarray, num_pixels: int, step: int, shift: int
) -> tuple[slice, np.ndarray]:
    """The pixels that `lines` of the fine grid are tied to, and by what: (lines, pixels).

    Pixel p lies at line `step` p, and reaches from there to `shift` lines further, and
    `len(taps)` - 1 - `shift` back.
    """
    first = max(-((shift - lines[0]) // step), 0)
    last = min((lines[-1] - shift + len(taps) - 1) // step, num_pixels - 1)
    tap = np.arange(first, last + 1) * step + shift - lines[:, None]
    inside = (0 <= tap) & (tap < len(taps))
    return slice(first, last + 1), np.where(inside, taps[tap.clip(0, len(taps) - 1)], 0)


class _Filtered(torch.autograd.Function):
    @staticmethod
    def forward(ctx, u: torch.Tensor, relu: FilteredReLU) -> torch.Tensor:
        u = u.contiguous()
        ctx.save_for_backward(u)
        ctx.relu, ctx.limit = relu, relu.clamp / GAIN if relu.may_exceed(u) else None
        size = relu.plan.target.size
        y = u.new_zeros(len(u), size, size, u.shape[-1])
        bands = relu.bands(u)
        for u_of_item, y_of_item in zip(u, y, strict=True):
            for rows in bands:
                for columns in bands:
                    tile = F.leaky_relu_(_spread(u_of_item, rows, columns), SLOPE)
                    if ctx.limit is not None:
                        tile.clamp_(-ctx.limit, ctx.limit)
                    _gather(tile, rows, columns, y_of_item)
        return y

    @staticmethod
    def backward(ctx, grad: torch.Tensor) -> tuple[torch.Tensor, None]:
        (u,) = ctx.saved_tensors
        grad = grad.contiguous()
        grad_u = torch.zeros_like(u)
        bands = ctx.relu.bands(u)
        for u_of_item, grad_of_item, grad_u_of_item in zip(u, grad, grad_u, strict=True):
            for rows in bands:
                for columns in bands:
                    tile = _spread(u_of_item, rows, columns)
                    through = _spread_gradient(grad_of_item, rows, columns)
                    if ctx.limit is not None:
                        out = (tile > ctx.limit) | (tile < -ctx.limit / SLOPE)
                        through.masked_fill_(out, 0)
                    torch.ops.aten.leaky_relu_backward(
                        through, tile, SLOPE, False, grad_input=through
                    )
                    _gather_gradient(through, rows, columns, grad_u_of_item)
        return grad_u, None


def _spread(u: torch.Tensor, rows: Band, columns: Band) -> torch.Tensor:
    """Up-sample: (size, size, channels) -> the tile, (lines, lines, channels)."""
    return _apply(rows.up, _apply_to_columns(columns.up, u[rows.source, columns.source]))


def _gather(tile: torch.Tensor, rows: Band, columns: Band, y: torch.Tensor) -> None:
    """Down-sample: add what the tile contributes to y, (size, size, channels)."""
    target = y[rows.target, columns.target]
    for of_rows, of_columns in zip(rows.down, columns.down, strict=True):
        target += _apply_to_columns(of_columns[1], _apply(of_rows[0], tile))


def _spread_gradient(grad: torch.Tensor, rows: Band, columns: Band) -> torch.Tensor:
    """The transpose of `_gather`."""
    grad = grad[rows.target, columns.target]
    tile = None
    for of_rows, of_columns in zip(rows.down, columns.down, strict=True):
        part = _apply(of_rows[0].T, _apply_to_columns(of_columns[1].T, grad))
        tile = part if tile is None else tile.add_(part)
    return tile


def _gather_gradient(tile: torch.Tensor, rows: Band, columns: Band, u: torch.Tensor) -> None:
    """The transpose of `_spread`."""
    u[rows.source, columns.source] += _apply_to_columns(columns.up.T, _apply(rows.up.T, tile))


def _apply(matrix: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Mix rows: (height, width, channels) -> (new height, width, channels)."""
    return torch.mm(matrix, x.view(len(x), -1)).view(-1, *x.shape[1:])


def _apply_to_columns(matrix: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Mix columns: (height, width, channels) -> (height, new width, channels)."""
    return torch.bmm(matrix.expand(len(x), -1, -1), x)


def filtered_relu_plainly(u: torch.Tensor, relu: FilteredReLU) -> torch.Tensor:
    """The same of (batch, channels, size, size), with the fine grid whole in memory."""
    plan, (batch, channels, height, width) = relu.plan, u.shape
    x = u.new_zeros(batch, channels, plan.up * height, plan.up * width)
    x[:, :, :: plan.up, :: plan.up] = u
    x = _filter(F.pad(x, 2 * (plan.before, plan.after)), plan.up * relu.up_taps)
    x = GAIN * F.leaky_relu(x, SLOPE)
    if relu.clamp is not None:
        x = x.clamp(-relu.clamp, relu.clamp)
    return _filter(x, relu.down_taps)[:, :, :: plan.down, :: plan.down]


def _filter(x: torch.Tensor, taps: np.ndarray) -> torch.Tensor:
    """Every channel of (batch, channels, height, width) by the same filter."""
    kernels = [taps] if taps.ndim == 2 else [taps[None], taps[:, None]]
    for kernel in kernels:
        weight = torch.from_numpy(kernel).to(x).expand(x.shape[1], 1, *kernel.shape)
        x = F.conv2d(x, weight, groups=x.shape[1])
    return x
