"""Where sky, water, leaves and far things are in a small copy of a photo, by plain rules.

small photo in sRGB -> color, texture, place -> regions (1, 1, h, w) and a few numbers
"""

import numpy as np
import scipy
import torch
import torch.nn.functional as F

from sgim.world.photo_maps import blur, linear_from_display, mean_color, texture

LEAST_SHARE = 0.02
LEAST_WATER = 0.03
NO_SKY_HORIZON = 0.45
LEVEL, NEAR_HORIZON = 0.04, 0.12
"""How far the upper edge of a lake rises and falls, and lies below the horizon, in heights."""
SPECK = 12
"""Pixels of the small copy that are no region yet."""


def find_sky(small: torch.Tensor) -> torch.Tensor:
    """Smooth blue, gray or bright regions that hang from the upper edge: 0 or 1 (1, 1, h, w)."""
    red, green, blue = small.split(1, dim=1)
    luma = small.mean(1, keepdim=True)
    vivid = small.amax(1, keepdim=True) - small.amin(1, keepdim=True)
    blueish = (blue >= green + 0.03 * (luma < 0.3) - 0.02 * (luma > 0.3)) & (blue >= red - 0.03)
    glowing = (luma > 0.45) & (red >= green - 0.05) & (green >= 0.8 * blue)
    gray = (vivid < 0.14) & (luma > 0.30)
    smooth = texture(luma, 1) < 0.035
    candidate = (smooth & (blueish | gray | glowing))[0, 0].numpy()
    labels, count = scipy.ndimage.label(candidate)
    height = len(candidate)
    sky = torch.zeros_like(luma)
    sizes = scipy.ndimage.sum_labels(candidate, labels, range(1, count + 1))
    parts = [torch.from_numpy(labels == n) for n, size in enumerate(sizes, 1) if size > SPECK]
    for part in parts:
        hangs = part[: max(2, height // 16)].any(0).float().mean() > 0.05
        stands = part[-2:].any(0).float().mean() > 0.25
        if hangs and (part.float().mean() > 0.9 or not stands):
            sky[0, 0][part] = 1.0
    if sky.mean() < LEAST_SHARE:
        return torch.zeros_like(sky)
    color, lowest = mean_color(small, sky)[0, :, 0, 0], sky[0, 0].any(1).nonzero().max()
    for part in parts:
        alike = (small[0, :, part].mean(1) - color).square().sum() < 0.01
        if alike and part.nonzero()[:, 0].max() <= lowest:
            sky[0, 0][part] = 1.0
    grown = blur(sky, 2)[0, 0] > 0.35
    return _without_holes(grown)[None, None].float()


def _without_holes(region: torch.Tensor) -> torch.Tensor:
    """A region (h, w) with all that it encloses, the upper edge and both sides as its border."""
    framed = F.pad(region, (1, 1, 1, 0), value=True)
    return torch.from_numpy(scipy.ndimage.binary_fill_holes(framed.numpy()))[1:, 1:-1]


def find_horizon(region: torch.Tensor) -> float:
    """Row where the sky comes down lowest, in most of its columns."""
    height = region.shape[2]
    if region.mean() < LEAST_SHARE:
        return NO_SKY_HORIZON
    rows = torch.arange(1, height + 1).view(1, 1, height, 1) * region
    lowest = rows.amax(2).flatten()
    lowest = lowest[lowest > 0]
    return min(0.95, max(0.12, lowest.quantile(0.7).item() / height))


def find_water(small: torch.Tensor, region: torch.Tensor, horizon: float) -> torch.Tensor:
    """Wide regions that are blue or have the sky's color: 0 or 1.

    They begin in a level line near the horizon, as a lake, or leave the picture below, as a pond. A
    blue bus and blue mountains do neither.
    """
    red, green, blue = small.split(1, dim=1)
    luma = small.mean(1, keepdim=True)
    height, width = small.shape[2:]
    sky = mean_color(small, region)
    like_sky = ((small - sky).square().sum(1, keepdim=True) < 0.02) & (region.mean() > LEAST_SHARE)
    blueish = (blue > red + 0.06) & (blue >= green - 0.03)
    calm = texture(luma, 2) < 0.11
    found = ((blueish | like_sky) & calm & (region < 0.5)).float()
    found = (blur(found, 3) > 0.6)[0, 0].numpy()
    labels, count = scipy.ndimage.label(found)
    water = torch.zeros_like(luma)
    for label in range(1, count + 1):
        one = labels == label
        wide = one.mean() > LEAST_WATER and one.any(0).mean() > 0.6
        tops = one.argmax(0)[one.any(0)] / height
        level = np.subtract(*np.quantile(tops, (0.75, 0.25))) < LEVEL
        begins = level and abs(np.median(tops) - horizon) < NEAR_HORIZON
        leaves = one[-2:].any(0).sum() > 0.5 * len(tops)
        if wide and (begins or leaves) and tops.min() > 0.5 * horizon:
            water[0, 0][torch.from_numpy(one)] = 1.0
    return water


def find_rows(region: torch.Tensor) -> tuple[float, float]:
    """First and last row of a region (1, 1, H, W), as shares of the height; (1, 0) of none."""
    rows = region.any(3).flatten().nonzero()
    height = region.shape[2]
    return (
        (rows.min().item() / height, (rows.max().item() + 1) / height) if len(rows) else (1.0, 0.0)
    )


def find_opening(region: torch.Tensor) -> float:
    """How far right of the middle, in heights, the upper sky is widest."""
    height, width = region.shape[2:]
    top = blur(region[:, :, : max(2, round(0.3 * height))], max(1, round(0.12 * height)))
    x = (torch.arange(width) + 0.5 - width / 2) / height
    score = top.mean((0, 1, 2)) - 0.02 * (x - 0.2).abs()
    return x[score.argmax()].item() if region.mean() >= LEAST_SHARE else 0.0


def find_distance(small: torch.Tensor, region: torch.Tensor, horizon: float) -> torch.Tensor:
    """How far things are, 0 near to 1 at the sky, by their place and the haze before them.

    On flat land things are the farther the nearer they are to the horizon; in air, the paler their
    darkest color is (the dark channel of He, Sun and Tang 2011).
    """
    height = small.shape[2]
    y = (torch.arange(height).view(1, 1, height, 1) + 0.5) / height
    below = 1 - (y - horizon).clamp(min=0) / max(0.25, 1 - horizon)
    above = 1 - (horizon - y).clamp(min=0) / 0.6
    place = torch.where(y > horizon, below, above).clamp(0, 1)
    darkest = -F.max_pool2d(-small.amin(1, keepdim=True), 7, 1, 3)
    white = small.mean(1).flatten().quantile(0.95).clamp(min=0.2)
    haze = blur(darkest / white, 2).clamp(0, 1)
    far = (0.5 * place + 0.8 * haze * place.sqrt()).clamp(0, 1)
    return torch.lerp(far, torch.ones_like(far), region)


def find_backdrop(small: torch.Tensor) -> torch.Tensor:
    """Where a photo without sky is out of focus: things fly behind what is sharp."""
    rough = blur(texture(small.mean(1, keepdim=True), 1), 3)
    return torch.sigmoid((0.02 - rough) / 0.004)


def find_foliage(small: torch.Tensor, region: torch.Tensor) -> torch.Tensor:
    """Rough things that are green, and clouds: what wind moves."""
    red, green, blue = small.split(1, dim=1)
    grown = torch.sigmoid((green - torch.maximum(0.9 * red, blue) - 0.04) / 0.03)
    rough = torch.sigmoid((blur(texture(small.mean(1, keepdim=True), 1), 2) - 0.03) / 0.01)
    return torch.maximum(blur(grown * rough, 1), region)


def find_light(small: torch.Tensor, region: torch.Tensor) -> torch.Tensor:
    """The photo's light relative to a clear day's: at dusk it is dimmer, and tinted."""
    linear = linear_from_display(small)
    where = region if region.mean() >= LEAST_SHARE else torch.ones_like(region)
    bright = linear.mean(1).flatten().quantile(0.8)
    color = mean_color(linear, where)
    tint = (color / color.mean(1, keepdim=True).clamp(min=1e-3)).clamp(0.5, 2) ** 0.1
    return tint * (bright / 0.35).clamp(0.12, 1.0).sqrt()
