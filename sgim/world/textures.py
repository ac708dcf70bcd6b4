"""Fixed textures of the mini world: tileable noise and layered sprites, sampled with wrap-around.

seed -> noise and sprite sheets (buffers) -> `sample(name, u, v)` -> values at every pixel

A sprite sheet holds its sprites (streaks of rain, flakes, stars, trees ...) in `SHEET_LAYERS`
channels; fading the channels in one after another turns a few sprites into many without
moving any of them.
"""

import functools
import math

import torch
import torch.nn.functional as F
from torch import nn

SHEET_SIZE = 256
LARGE = 320
"""Height of pictures beyond which sprites are drawn on sheets of twice the size."""

DOTS = ("flakes", "stars", "fireflies")
SHEET_LAYERS = 4
TREE_SHEET_SIZE = 256
NOISE_CHANNELS = ("billows", "shifted", "streaks", "grain")


class Textures(nn.Module):
    """Noise and sprite sheets, each a buffer (1, channels, size + 1, size + 1).

    Parameters
    ----------
    resolution : int
        Height of the pictures; sheets are averaged down to at most two texels per pixel, so
        that sprites fade instead of flickering in small pictures.
    """

    def __init__(self, resolution: int):
        super().__init__()
        size, factor = SHEET_SIZE if resolution <= LARGE else 2 * SHEET_SIZE, 1
        while size // (2 * factor) >= 1.25 * resolution:
            factor *= 2
        self.register("noise", _noise_stack(), 1)
        for name, sheet in _sprite_sheets(size).items():
            if size > SHEET_SIZE and name in DOTS:
                sheet = _rounded(sheet)
            self.register(name, sheet, factor)
        self.register("trees", _tree_sheet(), 1)

    def register(self, name: str, sheet: torch.Tensor, factor: int) -> None:
        """Keep `sheet` (channels, size, size), averaged down by `factor`, closed to a torus."""
        sheet = F.avg_pool2d(sheet[None], factor)
        self.register_buffer(f"sheet_{name}", F.pad(sheet, (0, 1, 0, 1), mode="circular"), False)

    def sample_noise(
        self, u: torch.Tensor, v: torch.Tensor, channels: tuple[str, ...]
    ) -> tuple[torch.Tensor, ...]:
        """One (batch, 1, H, W) of noise for each of `channels` (of `NOISE_CHANNELS`)."""
        chosen = [NOISE_CHANNELS.index(name) for name in channels]
        return self._sample(self.sheet_noise[:, chosen], u, v).split(1, dim=1)

    def sample(self, name: str, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        """Bilinear values (batch, channels, H, W) at `u`, `v`, in units of one tile."""
        return self._sample(getattr(self, f"sheet_{name}"), u, v)

    @staticmethod
    def _sample(sheet: torch.Tensor, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        u, v = torch.broadcast_tensors(u, v)
        grid = torch.stack((u.frac() + (u < 0), v.frac() + (v < 0)), -1).squeeze(1) * 2 - 1
        return F.grid_sample(
            sheet.expand(len(grid), -1, -1, -1), grid, mode="bilinear", align_corners=True
        )


def _rounded(sheet: torch.Tensor) -> torch.Tensor:
    """Dots (layers, size, size) without their corners, which large pictures would show."""
    for _ in range(2):
        sheet = F.avg_pool2d(F.pad(sheet[None], (2, 2, 2, 2), mode="circular"), 5, 1)[0]
    return (1.3 * sheet).clamp(max=1)


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _spectral_noise(seed: int, power: float, stretch: float = 1.0) -> torch.Tensor:
    """Tileable noise (size, size) of mean 0, deviation 1; amplitude falls as frequency^-power."""
    size = SHEET_SIZE
    fy = torch.fft.fftfreq(size)[:, None] * size
    fx = torch.fft.fftfreq(size)[None, :] * size
    radius = torch.sqrt((fx * stretch) ** 2 + fy**2)
    gain = torch.where(radius > 0, (radius.clamp(min=1.0)) ** -power, 0.0)
    gain = gain * torch.exp(-((radius / 80) ** 2)) * (radius >= 2)
    white = torch.randn(size, size, generator=_seeded(seed))
    noise = torch.fft.ifft2(torch.fft.fft2(white) * gain).real
    return noise / noise.std()


@functools.cache
def _noise_stack() -> torch.Tensor:
    """Channels: billows, the same shifted towards up-left, horizontal streaks, fine grain."""
    billows = _spectral_noise(1, 1.75)
    shifted = torch.roll(billows, (6, 6), (0, 1))
    return torch.stack(
        (billows, shifted, _spectral_noise(2, 1.5, stretch=7.0), _spectral_noise(3, 0.9))
    )


def _splat(
    sheet_size: int,
    count: int,
    seed: int,
    length: tuple[float, float],
    width: tuple[float, float],
    slope: tuple[float, float] = (0.0, 0.0),
    curve: float = 0.0,
) -> torch.Tensor:
    """`count` soft strokes (SHEET_LAYERS, sheet_size, sheet_size); lengths and widths in tiles.

    A stroke runs along direction `slope` (radians from the horizontal) and bends by `curve`.
    """
    generator = _seeded(seed)
    layers = torch.zeros(SHEET_LAYERS, sheet_size, sheet_size)
    reach = int(sheet_size * min(0.5, 0.75 * length[1] + 3 * width[1] + curve))
    for index in range(count):
        rolls = torch.rand(6, generator=generator).tolist()
        row, column = int(rolls[0] * sheet_size), int(rolls[1] * sheet_size)
        angle = slope[0] + (slope[1] - slope[0]) * rolls[2]
        half = (length[0] + (length[1] - length[0]) * rolls[3]) / 2
        thick = width[0] + (width[1] - width[0]) * rolls[4]
        wide, high = (
            torch.arange(-span, span)
            for span in _spans(sheet_size, reach, angle, 3.3 * half, 10 * thick + curve)
        )
        dx, dy = wide[None, :] / sheet_size, high[:, None] / sheet_size
        along = dx * math.cos(angle) + dy * math.sin(angle)
        across = dy * math.cos(angle) - dx * math.sin(angle)
        across = across + curve * torch.sin(along / half * 2)
        stroke = torch.exp(-((across / thick) ** 2) - (along / half) ** 4)
        rows = (row + high)[:, None] % sheet_size
        columns = (column + wide)[None, :] % sheet_size
        layer = layers[index * SHEET_LAYERS // count]
        layer[rows, columns] = torch.maximum(layer[rows, columns], stroke * (0.6 + 0.4 * rolls[5]))
    return layers


def _spans(
    sheet_size: int, reach: int, angle: float, along: float, across: float
) -> tuple[int, int]:
    """Texels to each side of a stroke's center, and above and below, that it touches."""
    slope = abs(math.cos(angle)), abs(math.sin(angle))
    shares = (along * slope[0] + across * slope[1], along * slope[1] + across * slope[0])
    return tuple(min(reach, math.ceil(sheet_size * share) + 1) for share in shares)


@functools.cache
def _sprite_sheets(size: int) -> dict[str, torch.Tensor]:
    steep = (math.pi / 2 - 0.03, math.pi / 2 + 0.03)
    dot = (0.010, 0.020)
    return {
        "rain": _splat(size, 360, 11, (0.08, 0.20), (0.0022, 0.0042), steep),
        "flakes": _splat(size, 320, 12, (0.012, 0.026), (0.006, 0.012)),
        "stars": _splat(size, 120, 13, (0.007, 0.012), (0.0035, 0.0055)),
        "fireflies": _splat(size, 72, 14, dot, (0.006, 0.009)),
        "leaves": _splat(size, 64, 15, (0.030, 0.052), (0.008, 0.013), (-0.7, 0.5)),
        "gusts": _splat(size, 52, 16, (0.22, 0.50), (0.0042, 0.0075), (-0.10, 0.06), 0.012),
        "sparks": _splat(size, 80, 17, (0.010, 0.022), (0.004, 0.006), (1.0, 2.1)),
        "birds": _bird_sheet(size, 24, 18),
    }


def _bird_sheet(sheet_size: int, count: int, seed: int) -> torch.Tensor:
    """A flock of gliding and flapping birds (SHEET_LAYERS, sheet_size, sheet_size)."""
    generator = _seeded(seed)
    columns = 6
    index = torch.arange(count)
    order = torch.randperm(count, generator=generator)
    jitter = torch.rand(count, 3, generator=generator)
    x0 = ((index % columns) + 0.1 + 0.8 * jitter[:, 0]) / columns
    y0 = ((index // columns) + 0.2 + 0.6 * jitter[:, 1]) / (count // columns)
    size = (0.042 + 0.040 * jitter[:, 2])[:, None, None]
    lift = (0.25 + 0.6 * torch.rand(count, generator=generator))[:, None, None]
    axis = (torch.arange(sheet_size) + 0.5) / sheet_size
    dx = (axis[None, None, :] - x0[:, None, None]) / size
    dy = (axis[None, :, None] - y0[:, None, None]) / size
    wing = dy + lift * (0.9 * torch.sin(dx.abs().clamp(max=1.2) * 2.4) - 0.35)
    thickness = 0.13 + 0.15 * (1 - dx.abs()).clamp(min=0)
    wings = torch.exp(-((wing / thickness) ** 2)) * torch.sigmoid((1 - dx.abs()) * 14)
    body = torch.exp(-((dx / 0.22) ** 2) - ((dy - 0.3 * lift) / 0.26) ** 2)
    birds = torch.maximum(wings, body)[order]
    return birds.reshape(SHEET_LAYERS, -1, sheet_size, sheet_size).amax(1)


@functools.cache
def _tree_sheet() -> torch.Tensor:
    """Channels: coverage of conifers, of round trees, and the light on each; v runs upwards."""
    size, count = TREE_SHEET_SIZE, 24
    generator = _seeded(19)
    axis = (torch.arange(size) + 0.5) / size
    x, up = axis[None, :], axis[:, None]
    conifers, round_trees = torch.zeros(size, size), torch.zeros(size, size)
    for index in range(count):
        jitter = torch.rand(4, generator=generator).tolist()
        center = (index + 0.15 + 0.7 * jitter[0]) / count
        height = 0.50 + 0.42 * jitter[1]
        dx = torch.remainder(x - center + 0.5, 1.0) - 0.5
        conifers = torch.maximum(conifers, _conifer(dx, up, height, 0.017 + 0.006 * jitter[2]))
        if index % 2:
            crown = _round_tree(dx, up, height * 0.85, 0.025 + 0.009 * jitter[2], jitter[3])
            round_trees = torch.maximum(round_trees, crown)
    grain = _spectral_noise(20, 0.8)
    grain = torch.sigmoid(1.2 * grain)
    return torch.stack((conifers, round_trees, grain))


def _conifer(dx: torch.Tensor, up: torch.Tensor, height: float, half: float) -> torch.Tensor:
    level = up / height
    tier = torch.remainder(level * 5.5, 1.0)
    spread = half * ((1 - level).clamp(min=0) ** 0.85) * (1.08 - 0.42 * tier)
    trunk = torch.sigmoid((0.0025 - dx.abs()) * 900) * (level < 0.3)
    crown = torch.sigmoid((spread - dx.abs()) * 700) * torch.sigmoid((level - 0.09) * 60)
    return torch.maximum(trunk, crown * (level < 1))


def _round_tree(
    dx: torch.Tensor, up: torch.Tensor, height: float, half: float, phase: float
) -> torch.Tensor:
    trunk = torch.sigmoid((0.003 - dx.abs()) * 900) * (up < height * 0.6)
    center = height * 0.66
    radius = torch.sqrt((dx / half) ** 2 + ((up - center) / (height * 0.36)) ** 2)
    angle = torch.atan2((up - center) / height, dx / half)
    outline = 1 + 0.10 * torch.sin(5 * angle + 6 * phase) + 0.06 * torch.sin(11 * angle)
    return torch.maximum(trunk, torch.sigmoid((outline - radius) * 14))
