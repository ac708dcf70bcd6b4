"""What a photo shows, as far as a painter of weather has to know: sky, distance, water, roofs.

photo in linear light -> plain rules of color, texture and place, no network -> `PhotoParts`

Everything is looked for in a small copy (`photo_regions`) and carried over to the whole photo along
its edges (`photo_maps`).
"""

import dataclasses

import torch
import torch.nn.functional as F

from sgim.world.photo_maps import (
    Guide,
    blown,
    blur,
    display_from_linear,
    linear_from_display,
    resized,
    shrunk,
    spread_colors,
)
from sgim.world.photo_regions import (
    LEAST_SHARE,
    LEAST_WATER,
    find_backdrop,
    find_distance,
    find_foliage,
    find_horizon,
    find_light,
    find_opening,
    find_rows,
    find_sky,
    find_water,
)

SMALL = 192
NEAR, FAR, SKY = 0.12, 1.3, 0.9
"""Air before what is nearest, before what is farthest, and before the sky."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PhotoParts:
    """A photo and what it shows, tensors (1, channels, H, W) but for the last two.

    Attributes
    ----------
    photo : linear light, 0 to 1
    sky : share of each pixel that is sky, 0 to 1
    sky_color : linear color of the sky, behind things as well
    backdrop : share of each pixel through which birds and lightning are seen
    air : how much air lies before each pixel, 1 as in painted scenes
    snow : how much snow settles, 0 to 1
    water : share of each pixel that is water
    foliage : share of each pixel that wind moves
    blown : `photo` as wind smears it
    light : (1, 3, 1, 1), the photo's light relative to a clear day's
    horizon : row, as a share of the height from the top
    sky_end : row below which there is no sky
    water_top : row where water begins, 1 where there is none
    moon_shift : how far beside the middle the sky is open for the moon, in heights
    """

    photo: torch.Tensor
    sky: torch.Tensor
    sky_color: torch.Tensor
    backdrop: torch.Tensor
    air: torch.Tensor
    snow: torch.Tensor
    water: torch.Tensor
    foliage: torch.Tensor
    blown: torch.Tensor
    light: torch.Tensor
    horizon: float
    sky_end: float
    water_top: float
    moon_shift: float


def small_copy(whole: torch.Tensor) -> torch.Tensor:
    """The copy of a photo (1, 3, H, W) in which regions are looked for, whatever is drawn."""
    scale = min(1.0, SMALL / max(whole.shape[2:]))
    size = tuple(max(12, round(side * scale)) for side in whole.shape[2:])
    return F.interpolate(whole, size, mode="area")


def parts_of(
    display: torch.Tensor,
    small: torch.Tensor,
    horizon: float | None = None,
    sky: torch.Tensor | None = None,
    water: torch.Tensor | None = None,
) -> PhotoParts:
    """Look at a photo `display` (1, 3, H, W), sRGB 0 to 1, and its `small_copy`.

    What is given is not looked for.
    """
    photo, size = linear_from_display(display), display.shape[2:]
    region = find_sky(small) if sky is None else shrunk(sky, small)
    if horizon is None:
        horizon = find_horizon(region)
    pool = find_water(small, region, horizon) if water is None else shrunk(water, small)
    far = find_distance(small, region, horizon)
    color = linear_from_display(spread_colors(small, region))
    color = resized(color, size)
    matte = sky_matte(display, color, region) if sky is None else sky
    has_sky = region.mean() >= LEAST_SHARE
    most = (photo / color.clamp(min=1e-4)).amin(1, keepdim=True).clamp(max=1)
    rim = F.max_pool2d((matte > 0.5).float(), 3, 1, 1)
    matte = torch.minimum(torch.maximum(matte, rim * most**2), most) * has_sky
    matte = matte * (matte > 0.01)
    edges = Guide(small, display)
    smooth = edges(find_backdrop(small)).clamp(0, 1)
    air = edges(NEAR + (FAR - NEAR) * far**1.8).clamp(NEAR, FAR)
    flood = edges(pool).clamp(0, 1) if water is None else water
    flood = flood * (pool.mean() > LEAST_WATER if water is None else 1.0)
    return PhotoParts(
        photo=photo,
        sky=matte,
        sky_color=color,
        backdrop=matte if has_sky else smooth,
        air=torch.lerp(air, torch.full_like(air, SKY), matte),
        snow=snow_cover(photo, matte, horizon, resized(far, size)),
        water=flood,
        foliage=edges(find_foliage(small, region)).clamp(0, 1),
        blown=blown(photo),
        light=find_light(small, region),
        horizon=horizon,
        sky_end=find_rows(matte > 0.01)[1],
        water_top=find_rows(flood > 0.5)[0],
        moon_shift=find_opening(region),
    )


def sky_matte(display: torch.Tensor, color: torch.Tensor, region: torch.Tensor) -> torch.Tensor:
    """Share of each pixel that is sky, by how near it is to the sky's color around it."""
    size = display.shape[2:]
    behind = display_from_linear(color)
    apart = (display - behind).square().sum(1, keepdim=True).sqrt()
    near = resized(region, size) > 0.5
    tolerance = 0.04 + 2.0 * apart[near].mean() if near.any() else torch.tensor(0.04)
    alike = torch.sigmoid((1.6 * tolerance - apart) / (0.25 * tolerance))
    wide = max(2, round(0.03 * max(region.shape)))
    open_to = blur(F.max_pool2d(region, 2 * wide + 1, 1, wide), 2)
    inside = resized(-F.max_pool2d(-region, 5, 1, 2), size)
    return torch.maximum(alike * resized(open_to, size), 0.9 * blur(inside, 1))


def snow_cover(
    photo: torch.Tensor, sky: torch.Tensor, horizon: float, far: torch.Tensor
) -> torch.Tensor:
    """How much snow settles: on what is lit from above, on upper edges, on the ground."""
    height = photo.shape[2]
    y = (torch.arange(height).view(1, 1, height, 1) + 0.5) / height
    luma = photo.mean(1, keepdim=True).clamp(min=0.003).log()
    step = max(1, round(0.006 * height))
    lit = blur(luma, step) - _below(blur(luma, step), 2 * step)
    upper = torch.sigmoid((lit - 0.25) / 0.12)
    roof = max(1, round(0.02 * height))
    edge = (_below(sky, -roof) - sky).clamp(min=0)
    flat = torch.sigmoid((y - horizon - 0.05) / 0.05) * (0.55 + 0.35 * far)
    return (1 - (1 - 0.85 * upper) * (1 - 0.9 * edge) * (1 - flat)) * (1 - sky)


def _below(values: torch.Tensor, rows: int) -> torch.Tensor:
    """What lies `rows` below each pixel (above it, if negative); the edge repeats."""
    height = values.shape[2]
    index = (torch.arange(height) + rows).clamp(0, height - 1)
    return values[:, :, index]
