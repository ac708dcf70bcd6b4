"""Little tools for photos: light and display values, blurs, maps carried to a larger picture.

small maps (1, channels, h, w) + a photo -> maps (1, channels, H, W) that follow its edges
"""

import torch
import torch.nn.functional as F


def linear_from_display(display: torch.Tensor) -> torch.Tensor:
    """SRGB values 0 to 1 -> linear light 0 to 1 (IEC 61966-2-1)."""
    return torch.where(
        display <= 0.04045, display / 12.92, ((display.clamp(min=0.04) + 0.055) / 1.055) ** 2.4
    )


def display_from_linear(linear: torch.Tensor) -> torch.Tensor:
    """Linear light 0 to 1 -> sRGB values 0 to 1, with a slope everywhere."""
    linear = linear.clamp(0, 1)
    curved = 1.055 * linear.clamp(min=0.003) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, 12.92 * linear, curved)


class Guide:
    """Carries maps of a small picture over to the whole one, along the edges of its brightness.

    It is the guided filter of He, Sun and Tang 2013, computed in the small picture as He and Sun
    2015 do.
    """

    def __init__(self, small: torch.Tensor, whole: torch.Tensor, radius: int = 4) -> None:
        self.small, self.whole = (one.mean(1, keepdim=True) for one in (small, whole))
        self.radius = radius
        self.mean = blur(self.small, radius)
        self.variance = blur(self.small**2, radius) - self.mean**2

    def __call__(self, values: torch.Tensor, smooth: float = 2e-3) -> torch.Tensor:
        """Values (1, 1, h, w) -> (1, 1, H, W)."""
        mean = blur(values, self.radius)
        slope = (blur(values * self.small, self.radius) - mean * self.mean) / (
            self.variance + smooth
        )
        shift = mean - slope * self.mean
        slope, shift = (
            resized(blur(one, self.radius), self.whole.shape[2:]) for one in (slope, shift)
        )
        return slope * self.whole + shift


def blur(values: torch.Tensor, radius: int) -> torch.Tensor:
    """Mean over a square; beyond the edge is nothing."""
    rows = F.avg_pool2d(values, (2 * radius + 1, 1), 1, (radius, 0), count_include_pad=False)
    return F.avg_pool2d(rows, (1, 2 * radius + 1), 1, (0, radius), count_include_pad=False)


def texture(luma: torch.Tensor, radius: int) -> torch.Tensor:
    """Standard deviation over a square."""
    return (blur(luma**2, radius) - blur(luma, radius) ** 2).clamp(min=0).sqrt()


def blown(photo: torch.Tensor) -> torch.Tensor:
    """A photo smeared along the wind."""
    reach = max(1, round(0.012 * photo.shape[2]))
    padded = F.pad(photo, (reach, reach, 0, 0), mode="replicate")
    return F.avg_pool2d(padded, (1, 2 * reach + 1), 1)


def mean_color(picture: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
    total = where.sum((2, 3), keepdim=True).clamp(min=1.0)
    return (picture * where).sum((2, 3), keepdim=True) / total


def spread_colors(small: torch.Tensor, region: torch.Tensor) -> torch.Tensor:
    """Colors of a region, smooth, and continued beyond it."""
    found = mean_color(small, region).expand_as(small)
    for radius in (48, 24, 12, 6):
        weight = blur(region, radius)
        blurred = blur(small * region, radius) / weight.clamp(min=1e-4)
        found = torch.lerp(found, blurred, (weight * 4).clamp(max=1))
    return found


def resized(values: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    return F.interpolate(values, size, mode="bilinear", align_corners=False)


def shrunk(mask: torch.Tensor, small: torch.Tensor) -> torch.Tensor:
    return F.interpolate(mask, small.shape[2:], mode="area")
