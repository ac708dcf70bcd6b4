"""Pictures that look unlike the painted world, for networks that are to meet photos.

seed -> sky, skylines, things of random shape, color and texture -> a "photo" that nobody took

Dead leaves (things that hide each other, with sizes by a power law: Lee, Mumford and Huang 2001)
and noise whose amplitude falls with frequency have the statistics of photos without their content.
"""

import math
import random

import torch
import torch.nn.functional as F

from sgim.world.photo_maps import resized

LONGER_SIDE = 128
ASPECTS = (1.0, 1.0, 4 / 3, 3 / 4, 3 / 2, 16 / 9)
SKIES = (
    ((0.20, 0.45, 0.85), (0.75, 0.87, 0.97)),
    ((0.05, 0.25, 0.70), (0.55, 0.75, 0.95)),
    ((0.80, 0.83, 0.87), (0.93, 0.94, 0.95)),
    ((0.55, 0.60, 0.66), (0.80, 0.82, 0.84)),
    ((0.35, 0.40, 0.65), (0.98, 0.70, 0.45)),
    ((0.05, 0.07, 0.18), (0.20, 0.22, 0.38)),
)
"""Display colors at the top and at the bottom of a sky."""


def invent_photo(seed: int, base: torch.Tensor | None = None) -> torch.Tensor:
    """A picture of no place, (1, 3, H, W), display values in [0, 1], 128 pixels on its longer side.

    Parameters
    ----------
    seed : int
    base : torch.Tensor, (1, 3, h, w) in [0, 1], optional
        A picture in the place of sky and skylines, cut and colored anew.
    """
    rng = random.Random(seed)
    noise = torch.Generator().manual_seed(seed)
    aspect = rng.choice(ASPECTS)
    size = (
        round(LONGER_SIDE / max(1.0, aspect)),
        round(LONGER_SIDE * min(1.0, aspect)),
    )
    if base is not None:
        picture, top = _cut(base, size, rng), 0.55
    elif rng.random() < 0.25:
        picture, top = _material(size, rng, noise), 0.0
    else:
        picture, top = _view(size, rng, noise)
    picture = _leaves(picture, top, rng, noise)
    return _developed(picture, rng, noise)


def _fractal(size: tuple[int, int], power: float, noise: torch.Generator) -> torch.Tensor:
    """Noise (H, W) of mean 0 and deviation 1 whose amplitude falls as frequency^-power."""
    fy = torch.fft.fftfreq(size[0])[:, None]
    fx = torch.fft.rfftfreq(size[1])[None]
    gain = (fx**2 + fy**2).sqrt().clamp(min=1 / max(size)) ** -power
    gain[0, 0] = 0
    field = torch.fft.irfft2(torch.fft.rfft2(torch.randn(size, generator=noise)) * gain, size)
    return field / field.std()


def _color(rng: random.Random) -> torch.Tensor:
    """Colors of things: mostly dull, some of them bright; (1, 3, 1, 1)."""
    gray = rng.betavariate(1.6, 1.8)
    vivid = rng.choice((0.06, 0.15, 0.4))
    return torch.tensor([gray + rng.gauss(0, vivid) for _ in range(3)]).clamp(0, 1).view(1, 3, 1, 1)


def _material(size: tuple[int, int], rng: random.Random, noise: torch.Generator) -> torch.Tensor:
    """Two colors in patches, stripes or a grid, rough or smooth, (1, 3, H, W)."""
    pattern = _fractal(size, rng.uniform(0.6, 1.9), noise)
    if rng.random() < 0.3:
        y, x = (torch.arange(side) for side in size)
        turn, pitch = rng.choice((0.0, math.pi / 2, rng.uniform(0, math.pi))), rng.uniform(4, 20)
        along = x[None] * math.cos(turn) + y[:, None] * math.sin(turn)
        waves = torch.sin(2 * math.pi * along / pitch)
        if rng.random() < 0.5:
            waves = waves * torch.sin(2 * math.pi * y[:, None] / (pitch * rng.uniform(0.7, 1.6)))
        pattern = 0.4 * pattern + 2 * waves
    share = torch.sigmoid(rng.uniform(0.5, 3) * pattern)
    return torch.lerp(_color(rng), _color(rng), share)


def _view(
    size: tuple[int, int], rng: random.Random, noise: torch.Generator
) -> tuple[torch.Tensor, float]:
    """A sky over land in layers, (1, 3, H, W), and the row where land begins."""
    y = torch.linspace(0, 1, size[0]).view(1, 1, -1, 1)
    high, low = (torch.tensor(c).view(1, 3, 1, 1) for c in rng.choice(SKIES))
    picture = torch.lerp(high, low, y.clamp(max=0.7) / 0.7).expand(1, 3, *size)
    clouds = torch.sigmoid(3 * _fractal(size, rng.uniform(1.2, 1.9), noise) - rng.uniform(-1, 6))
    picture = torch.lerp(picture, torch.full_like(picture, rng.uniform(0.6, 1)), 0.8 * clouds)
    horizon = rng.uniform(0.2, 0.75)
    layers = rng.randint(1, 4)
    for layer in range(layers):
        row = horizon + (1 - horizon) * 0.8 * layer / layers
        land = _material(size, rng, noise)
        land = torch.lerp(land, low, rng.uniform(0, 0.6) * (1 - layer / layers) ** 2)
        edge = torch.sigmoid((y - row - _skyline(size[1], rng, noise)) * size[0])
        picture = torch.lerp(picture, land, edge)
    return picture, horizon


def _skyline(width: int, rng: random.Random, noise: torch.Generator) -> torch.Tensor:
    """How far an edge lies above or below its row: hills, treetops, roofs or nothing; (1, W)."""
    height = rng.choice((0.0, 0.02, 0.06, 0.15))
    line = _fractal((1, width), rng.uniform(0.7, 1.8), noise)
    if rng.random() < 0.35:
        houses = max(2, width // rng.randint(6, 30))
        line = _in_steps(line, houses)
    return height * line.clamp(-2, 2)


def _in_steps(line: torch.Tensor, count: int) -> torch.Tensor:
    """A line (1, W) in `count` level pieces."""
    levels = F.adaptive_avg_pool1d(line[None], count)
    return F.interpolate(1.5 * levels, line.shape[1], mode="nearest")[0]


def _leaves(
    picture: torch.Tensor, top: float, rng: random.Random, noise: torch.Generator
) -> torch.Tensor:
    """Things of all sizes before the picture, fewer of them above row `top`."""
    size = picture.shape[2:]
    y, x = (torch.arange(side, dtype=torch.float32) for side in size)
    for _ in range(rng.choice((0, 0, 3, 10, 40))):
        half = 2.5 * (1 - rng.random() * 0.99) ** -0.8
        half = min(half, 0.35 * max(size))
        row = rng.uniform(top if rng.random() < 0.85 else 0.0, 1.05) * size[0]
        turn, flat = rng.uniform(0, math.pi), rng.uniform(0.25, 1)
        dx, dy = x[None] - rng.uniform(0, size[1]), y[:, None] - row
        if rng.random() < 0.4:
            turn = 0.0
        along = (dx * math.cos(turn) + dy * math.sin(turn)).abs()
        across = (dy * math.cos(turn) - dx * math.sin(turn)).abs() / flat
        distance = (
            torch.maximum(along, across) if rng.random() < 0.5 else torch.hypot(along, across)
        )
        thing = _material(tuple(size), rng, noise) if half > 6 else _color(rng)
        picture = torch.lerp(picture, thing, torch.sigmoid((half - distance) / 0.4))
    return picture


def _cut(base: torch.Tensor, size: tuple[int, int], rng: random.Random) -> torch.Tensor:
    """A part of `base`, perhaps mirrored, in other colors."""
    height, width = base.shape[2:]
    share = rng.uniform(0.5, 1.0)
    top, left = (rng.randint(0, int(side * (1 - share))) for side in (height, width))
    part = base[:, :, top : top + int(share * height), left : left + int(share * width)]
    if rng.random() < 0.5:
        part = part.flip(3)
    turned = torch.eye(3) + rng.choice((0.0, 0.15, 0.3)) * torch.tensor(
        [[rng.gauss(0, 1) for _ in range(3)] for _ in range(3)]
    )
    turned = turned / turned.sum(1, keepdim=True).clamp(min=0.5)
    return torch.einsum("dc,bchw->bdhw", turned, resized(part, size)).clamp(0, 1)


def _developed(picture: torch.Tensor, rng: random.Random, noise: torch.Generator) -> torch.Tensor:
    """Exposure, contrast, a color cast, softness and grain of some camera."""
    picture = picture.clamp(0, 1) ** math.exp(rng.gauss(0, 0.3))
    picture = 0.5 + (picture - 0.5) * rng.uniform(0.7, 1.2)
    picture = picture * torch.tensor([rng.gauss(1, 0.06) for _ in range(3)]).view(1, 3, 1, 1)
    if rng.random() < 0.05:
        picture = picture.mean(1, keepdim=True).expand(-1, 3, -1, -1)
    if rng.random() < 0.3:
        picture = F.avg_pool2d(F.pad(picture, (1,) * 4, mode="replicate"), 3, 1)
    grain = rng.choice((0.0, 0.01, 0.03))
    return (picture + grain * torch.randn(picture.shape, generator=noise)).clamp(0, 1)
