"""What a photo shows, as far as a painter of weather has to know: sky, distance, water, roofs.

photo in linear light -> plain rules of color, texture and place, no network -> `PhotoParts`

Everything is looked for in a small copy and carried over to the whole photo along its edges, by a
guided filter (He, Sun and Tang 2013; the fast one of He and Sun 2015).
"""

import dataclasses

import torch
import torch.nn.functional as F
from scipy import ndimage

SMALL = 192
LEAST_SHARE = 0.02
LEAST_WATER = 0.03
NEAR, FAR, SKY = 0.12, 1.3, 0.9
NO_SKY_HORIZON = 0.45


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
    water_top : row where water begins
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
    water_top: float
    moon_shift: float


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


def parts_of(
    display: torch.Tensor,
    horizon: float | None = None,
    sky: torch.Tensor | None = None,
    water: torch.Tensor | None = None,
) -> PhotoParts:
    """Look at a photo `display` (1, 3, H, W), sRGB 0 to 1; what is given is not looked for."""
    photo, size = linear_from_display(display), display.shape[2:]
    scale = min(1.0, SMALL / max(size))
    small = F.interpolate(
        display, tuple(max(12, round(side * scale)) for side in size), mode="area"
    )
    region = find_sky(small) if sky is None else _shrunk(sky, small)
    if horizon is None:
        horizon = find_horizon(region)
    pool = find_water(small, region, horizon) if water is None else _shrunk(water, small)
    far = find_distance(small, region, horizon)
    color = linear_from_display(_spread_colors(small, region))
    color = _resized(color, size)
    matte = sky_matte(display, color, region) if sky is None else sky
    has_sky = region.mean() >= LEAST_SHARE
    matte = torch.minimum(matte * has_sky, (photo / color.clamp(min=1e-4)).amin(1, keepdim=True))
    edges = Guide(small, display)
    smooth = edges(find_backdrop(small, horizon)).clamp(0, 1)
    air = edges(NEAR + (FAR - NEAR) * far**1.8).clamp(NEAR, FAR)
    return PhotoParts(
        photo=photo,
        sky=matte,
        sky_color=color,
        backdrop=matte if has_sky else smooth,
        air=torch.lerp(air, torch.full_like(air, SKY), matte),
        snow=snow_cover(photo, matte, horizon, _resized(far, size)),
        water=(edges(pool).clamp(0, 1) if water is None else water) * (pool.mean() > LEAST_WATER),
        foliage=edges(find_foliage(small, region)).clamp(0, 1),
        blown=_blown(photo),
        light=find_light(small, region),
        horizon=horizon,
        water_top=find_top(pool),
        moon_shift=find_opening(region),
    )


def find_sky(small: torch.Tensor) -> torch.Tensor:
    """Smooth blue, gray or bright regions that hang from the upper edge: 0 or 1 (1, 1, h, w)."""
    red, green, blue = small.split(1, dim=1)
    luma = small.mean(1, keepdim=True)
    vivid = small.amax(1, keepdim=True) - small.amin(1, keepdim=True)
    blueish = (blue >= green + 0.03 * (luma < 0.3) - 0.02 * (luma > 0.3)) & (blue >= red - 0.03)
    glowing = (luma > 0.45) & (red >= green - 0.05) & (green >= 0.8 * blue)
    gray = (vivid < 0.14) & (luma > 0.30)
    smooth = _texture(luma, 1) < 0.035
    candidate = (smooth & (blueish | gray | glowing))[0, 0].numpy()
    labels, count = ndimage.label(candidate)
    height = len(candidate)
    sky = torch.zeros_like(luma)
    parts = [torch.from_numpy(labels == label) for label in range(1, count + 1)]
    for part in parts:
        hangs = part[: max(2, height // 16)].any(0).float().mean() > 0.05
        stands = part[-2:].any(0).float().mean() > 0.25
        if hangs and (part.float().mean() > 0.9 or not stands):
            sky[0, 0][part] = 1.0
    if sky.mean() < LEAST_SHARE:
        return torch.zeros_like(sky)
    color, lowest = _mean_color(small, sky)[0, :, 0, 0], sky[0, 0].any(1).nonzero().max()
    for part in parts:
        alike = (small[0, :, part].mean(1) - color).square().sum() < 0.01
        if alike and part.nonzero()[:, 0].max() <= lowest:
            sky[0, 0][part] = 1.0
    grown = _blur(sky, 2)[0, 0] > 0.35
    return _without_holes(grown)[None, None].float()


def _without_holes(region: torch.Tensor) -> torch.Tensor:
    """A region (h, w) with all that it encloses, the upper edge and both sides as its border."""
    framed = F.pad(region, (1, 1, 1, 0), value=True)
    return torch.from_numpy(ndimage.binary_fill_holes(framed.numpy()))[1:, 1:-1]


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
    """Wide regions below the horizon that are blue or have the sky's color: 0 or 1."""
    red, green, blue = small.split(1, dim=1)
    luma = small.mean(1, keepdim=True)
    height, width = small.shape[2:]
    y = (torch.arange(height).view(1, 1, height, 1) + 0.5) / height
    sky = _mean_color(small, region)
    like_sky = ((small - sky).square().sum(1, keepdim=True) < 0.02) & (region.mean() > LEAST_SHARE)
    blueish = (blue > red + 0.06) & (blue >= green - 0.03)
    calm = _texture(luma, 2) < 0.11
    found = ((blueish | like_sky) & calm & (y > horizon) & (region < 0.5)).float()
    found = (_blur(found, 3) > 0.6)[0, 0].numpy()
    labels, count = ndimage.label(found)
    water = torch.zeros_like(luma)
    for label in range(1, count + 1):
        one = labels == label
        if one.mean() > LEAST_WATER and one.any(0).mean() > 0.6:
            water[0, 0][torch.from_numpy(one)] = 1.0
    return water


def find_top(pool: torch.Tensor) -> float:
    """Row where a region begins, as a share of the height."""
    rows = (pool > 0.5).any(3).flatten().nonzero()
    return rows.min().item() / pool.shape[2] if len(rows) else 1.0


def find_opening(region: torch.Tensor) -> float:
    """How far right of the middle, in heights, the upper sky is widest."""
    height, width = region.shape[2:]
    top = _blur(region[:, :, : max(2, round(0.3 * height))], max(1, round(0.12 * height)))
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
    haze = _blur(darkest / white, 2).clamp(0, 1)
    far = (0.5 * place + 0.8 * haze * place.sqrt()).clamp(0, 1)
    return torch.lerp(far, torch.ones_like(far), region)


def find_backdrop(small: torch.Tensor, horizon: float) -> torch.Tensor:
    """Where a photo without sky is out of focus: things fly behind what is sharp."""
    texture = _blur(_texture(small.mean(1, keepdim=True), 1), 3)
    return torch.sigmoid((0.02 - texture) / 0.004)


def find_foliage(small: torch.Tensor, region: torch.Tensor) -> torch.Tensor:
    """Rough things that are green, and clouds: what wind moves."""
    red, green, blue = small.split(1, dim=1)
    grown = torch.sigmoid((green - torch.maximum(0.9 * red, blue) - 0.04) / 0.03)
    rough = torch.sigmoid((_blur(_texture(small.mean(1, keepdim=True), 1), 2) - 0.03) / 0.01)
    return torch.maximum(_blur(grown * rough, 1), region)


def find_light(small: torch.Tensor, region: torch.Tensor) -> torch.Tensor:
    """The photo's light relative to a clear day's: at dusk it is dimmer, and tinted."""
    linear = linear_from_display(small)
    where = region if region.mean() >= LEAST_SHARE else torch.ones_like(region)
    bright = linear.mean(1).flatten().quantile(0.8)
    color = _mean_color(linear, where)
    tint = (color / color.mean(1, keepdim=True).clamp(min=1e-3)).clamp(0.5, 2) ** 0.1
    return tint * (bright / 0.35).clamp(0.12, 1.0).sqrt()


def sky_matte(display: torch.Tensor, color: torch.Tensor, region: torch.Tensor) -> torch.Tensor:
    """Share of each pixel that is sky, by how near it is to the sky's color around it."""
    size = display.shape[2:]
    behind = display_from_linear(color)
    apart = (display - behind).square().sum(1, keepdim=True).sqrt()
    near = _resized(region, size) > 0.5
    tolerance = 0.04 + 2.0 * apart[near].mean() if near.any() else torch.tensor(0.04)
    alike = torch.sigmoid((1.6 * tolerance - apart) / (0.25 * tolerance))
    wide = max(2, round(0.03 * max(region.shape)))
    open_to = _blur(F.max_pool2d(region, 2 * wide + 1, 1, wide), 2)
    inside = _resized(-F.max_pool2d(-region, 5, 1, 2), size)
    return torch.maximum(alike * _resized(open_to, size), 0.9 * _blur(inside, 1))


def snow_cover(
    photo: torch.Tensor, sky: torch.Tensor, horizon: float, far: torch.Tensor
) -> torch.Tensor:
    """How much snow settles: on what is lit from above, on upper edges, on the ground."""
    height = photo.shape[2]
    y = (torch.arange(height).view(1, 1, height, 1) + 0.5) / height
    luma = photo.mean(1, keepdim=True).clamp(min=0.003).log()
    step = max(1, round(0.006 * height))
    lit = _blur(luma, step) - _below(_blur(luma, step), 2 * step)
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


class Guide:
    """Carries maps of a small picture over to the whole one, along the edges of its brightness."""

    def __init__(self, small: torch.Tensor, whole: torch.Tensor, radius: int = 4) -> None:
        self.small, self.whole = (one.mean(1, keepdim=True) for one in (small, whole))
        self.radius = radius
        self.mean = _blur(self.small, radius)
        self.variance = _blur(self.small**2, radius) - self.mean**2

    def __call__(self, values: torch.Tensor, smooth: float = 2e-3) -> torch.Tensor:
        """Values (1, 1, h, w) -> (1, 1, H, W)."""
        mean = _blur(values, self.radius)
        slope = (_blur(values * self.small, self.radius) - mean * self.mean) / (
            self.variance + smooth
        )
        shift = mean - slope * self.mean
        slope, shift = (
            _resized(_blur(one, self.radius), self.whole.shape[2:]) for one in (slope, shift)
        )
        return slope * self.whole + shift


def _blur(values: torch.Tensor, radius: int) -> torch.Tensor:
    """Mean over a square; beyond the edge is nothing."""
    rows = F.avg_pool2d(values, (2 * radius + 1, 1), 1, (radius, 0), count_include_pad=False)
    return F.avg_pool2d(rows, (1, 2 * radius + 1), 1, (0, radius), count_include_pad=False)


def _texture(luma: torch.Tensor, radius: int) -> torch.Tensor:
    """Standard deviation over a square."""
    return (_blur(luma**2, radius) - _blur(luma, radius) ** 2).clamp(min=0).sqrt()


def _blown(photo: torch.Tensor) -> torch.Tensor:
    """A photo smeared along the wind."""
    reach = max(1, round(0.012 * photo.shape[2]))
    padded = F.pad(photo, (reach, reach, 0, 0), mode="replicate")
    return F.avg_pool2d(padded, (1, 2 * reach + 1), 1)


def _mean_color(picture: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
    total = where.sum((2, 3), keepdim=True).clamp(min=1.0)
    return (picture * where).sum((2, 3), keepdim=True) / total


def _spread_colors(small: torch.Tensor, region: torch.Tensor) -> torch.Tensor:
    """Colors of a region, smooth, and continued beyond it."""
    found = _mean_color(small, region).expand_as(small)
    for radius in (48, 24, 12, 6):
        weight = _blur(region, radius)
        blurred = _blur(small * region, radius) / weight.clamp(min=1e-4)
        found = torch.lerp(found, blurred, (weight * 4).clamp(max=1))
    return found


def _resized(values: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    return F.interpolate(values, size, mode="bilinear", align_corners=False)


def _shrunk(mask: torch.Tensor, small: torch.Tensor) -> torch.Tensor:
    return F.interpolate(mask, small.shape[2:], mode="area")
