"""A 3 x 3 convolution with a quarter of the multiplications, by Winograd's minimal filtering.

One tile of 6 x 6 pixels and one 3 x 3 filter make 4 x 4 pixels. Taken as polynomials at the points
0, 1, -1, 2, -2 and infinity, a tile and a filter convolve number by number: 36 multiplications for
16 pixels, where the plain sum takes 144; a tile read backwards meets the filter turned around. Over
channels these multiplications are 36 products of matrices, which a processor does best; all else
is sums of whole rows of channels.

Source: Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks"
(arXiv 1509.09308), F(4 x 4, 3 x 3).
"""

import torch
import torch.nn.functional as F

TILE, STEP = 6, 4
FILTER_TO_POINTS = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)


def filter_points(weight: torch.Tensor) -> torch.Tensor:
    """Filters (out_channels, in_channels, 3, 3) at the points: (36, in_channels, out_channels).

    The points of the columns come first.
    """
    to_points = weight.new_tensor(FILTER_TO_POINTS)
    points = torch.einsum("ai,bj,ocij->baco", to_points, to_points, weight)
    return points.flatten(0, 1).contiguous()


def winograd_conv2d(
    x: torch.Tensor, points: torch.Tensor, *, transposed: bool = False
) -> torch.Tensor:
    """The convolution of padded pixels with `points` from `filter_points(weight)`.

    Parameters
    ----------
    x : torch.Tensor, (batch, H + 2, W + 2, in_channels)
        Channels last; H and W are multiples of 4.
    points : torch.Tensor, (36, in_channels, out_channels)
    transposed : bool
        Carry gradients back: from out_channels to in_channels, with the filters turned around.

    Returns
    -------
    torch.Tensor, (batch, H, W, out_channels), or in_channels
        In float32 within about 3e-6 of its norm.

    Examples
    --------
    >>> x, weight = torch.randn(2, 10, 6, 3), torch.randn(5, 3, 3, 3)
    >>> y = winograd_conv2d(x, filter_points(weight))
    >>> plain = torch.nn.functional.conv2d(x.movedim(3, 1), weight)
    >>> torch.allclose(y.movedim(3, 1), plain, atol=1e-4)
    True
    """
    order = -1 if transposed else 1
    return _pixels_of_tiles(_products(_tiles_at_points(x, order), points, transposed), order)


def _tiles_at_points(x: torch.Tensor, order: int) -> torch.Tensor:
    """(batch, H + 2, W + 2, channels) -> (6, 6, batch, H / 4, W / 4, channels), columns first."""
    batch, height, width, channels = x.shape
    high, wide = (height - 2) // STEP, (width - 2) // STEP
    tile = range(TILE)[::order]
    at_rows = x.new_empty(TILE, batch, high, width, channels)
    _to_points([x[:, k : k + height - 5 : STEP] for k in tile], at_rows)
    tiles = x.new_empty(TILE, TILE, batch, high, wide, channels)
    _to_points([at_rows[..., k : k + width - 5 : STEP, :] for k in tile], tiles)
    return tiles


def _products(tiles: torch.Tensor, points: torch.Tensor, transposed: bool) -> torch.Tensor:
    """The 36 products of matrices, (6, 6, ..., channels), in place of the tiles where they fit in.

    As convolutions with filters of one pixel, which some processors do faster; see `frozen_dense`.
    """
    multiply = F.conv2d if transposed else F.conv_transpose2d
    channels = points.shape[1 if transposed else 2]
    fits = channels == tiles.shape[-1]
    products = tiles if fits else tiles.new_empty(*tiles.shape[:-1], channels)
    for tile, point, product in zip(
        tiles.flatten(0, 1), points, products.flatten(0, 1), strict=True
    ):
        multiplied = multiply(tile.movedim(-1, 1), point[..., None, None])
        product.copy_(multiplied.movedim(1, -1))
    return products


def _pixels_of_tiles(products: torch.Tensor, order: int) -> torch.Tensor:
    """(6, 6, batch, H / 4, W / 4, channels) -> (batch, H, W, channels)."""
    batch, high, wide, channels = products.shape[2:]
    at_rows = products.new_empty(TILE, batch, high, wide, STEP, channels)
    _to_pixels(products, at_rows.unbind(-2)[::order])
    y = products.new_empty(batch, high, STEP, wide, STEP, channels)
    _to_pixels(at_rows, y.unbind(2)[::order])
    return y.flatten(3, 4).flatten(1, 2)


def _to_points(x, points) -> None:
    """Six rows of pixels at the six points."""
    x0, x1, x2, x3, x4, x5 = x
    even, odd = x4 - x2, x3 - x1
    torch.add(even, x0 - x2, alpha=4, out=points[0])
    torch.add(even, odd, alpha=2, out=points[3])
    torch.sub(even, odd, alpha=2, out=points[4])
    torch.sub(x5 - x3, odd, alpha=4, out=points[5])
    torch.sub(x4, x2, alpha=4, out=even)
    torch.sub(x3, x1, alpha=4, out=odd)
    torch.add(even, odd, out=points[1])
    torch.sub(even, odd, out=points[2])


def _to_pixels(points, x) -> None:
    """Numbers at the six points back to four rows of pixels."""
    at_0, plus_1, minus_1, plus_2, minus_2, at_infinity = points
    even_1, odd_1 = plus_1 + minus_1, plus_1 - minus_1
    even_2, odd_2 = plus_2 + minus_2, plus_2 - minus_2
    torch.add(even_1, even_2, out=x[0]).add_(at_0)
    torch.add(odd_1, odd_2, alpha=2, out=x[1])
    torch.add(even_1, even_2, alpha=4, out=x[2])
    torch.add(odd_1, odd_2, alpha=8, out=x[3]).add_(at_infinity)
