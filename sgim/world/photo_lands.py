"""A generator whose land is a photo: it paints light and weather over it, and nothing else.

photo -> what it shows (`sgim.world.photo_parts`), once
ws -> light and weather -> painters over the photo (`sgim.world.photo_painting`) -> picture
"""

import dataclasses

import numpy as np
import torch
import torch.nn.functional as F

from sgim.checks import SgimError, cast_like, require, require_in_range, require_one_of
from sgim.devices import float32_by_default, ordinary_torch
from sgim.media.photos import as_whole_image
from sgim.world.canvas import Canvas, Scene
from sgim.world.names import WEATHER_NAMES
from sgim.world.photo_details import with_details
from sgim.world.photo_painting import develop_photo, paint_photo
from sgim.world.photo_parts import PhotoParts, parts_of, small_copy
from sgim.world.scenes import NOISE_MODES, SceneGenerator
from sgim.world.textures import Textures

LARGEST = 4096
LONGEST = 1024
SHORTEST = 64
USUAL = 192
WATERY = ("waves", "stream")


class PhotoGenerator(SceneGenerator):
    """Paints light and weather over a photo, differentiably; `ws` mean what a scene's mean.

    `w_avg` gives the photo back. Of the latent, the rows of light, weather and shapes of weather
    count; those of land, trees, ground and shore do nothing, since the photo stands in their place.
    What is sky, far, water or roof is guessed by plain rules of color, texture and place, which
    suit landscapes and streets by day best; what is given by hand is not guessed.

    Parameters
    ----------
    photo : path, PIL.Image.Image, numpy.ndarray or torch.Tensor
        As `sgim.media.photos.as_whole_image` takes it: the whole picture, upright, of any aspect
        ratio up to 10:1. It is kept at 4096 pixels on its longer side at most, and painted on at
        1024 at most.
    horizon : float, optional
        Its row as a share of the height from the top, 0.05 to 0.95.
    sky, water : array or tensor (height, width), optional
        How much of each pixel is sky, or water: booleans or numbers from 0 to 1, in the photo's
        aspect ratio and any size.
    resolution : int
        Pixels of the longer side of the pictures, 64 to 1024; a smaller photo stays as it is.

    Attributes
    ----------
    img_resolution : int
        Pixels of the longer side.
    has_water : bool
        Without water there are no waves and no stream: `with_weather` refuses them, and their
        intensities change nothing in a picture.
    parts : PhotoParts
        What the photo shows.

    Raises
    ------
    SgimError
        For a photo that cannot be read, a horizon, mask or resolution outside these ranges.

    Examples
    --------
    Any bundle of the mini world edits a photo in the place of its scenes:

    >>> generator = PhotoGenerator(np.full((48, 96, 3), 0.5), resolution=64)
    >>> generator.synthesis(generator.w_avg[None]).shape
    torch.Size([1, 3, 32, 64])

    ```
    bundle = dataclasses.replace(bundle, generator=PhotoGenerator("holiday.jpg"))
    result = sgim.manipulate(bundle, bundle.generator.w_avg, sound="rain.wav")
    large = bundle.generator.in_full_size(result.ws)
    ```
    """

    @ordinary_torch()
    def __init__(self, photo, horizon=None, sky=None, water=None, resolution: int = USUAL):
        super().__init__(SHORTEST)
        if horizon is not None:
            require(
                isinstance(horizon, (int, float)),
                f"horizon is {horizon!r}; it must be a number from 0.05 to 0.95: its row.",
            )
            require_in_range("horizon", horizon, 0.05, 0.95)
        full = as_whole_image(photo, LARGEST)
        whole = (as_whole_image(full, LONGEST) + 1) / 2
        self.register_buffer("whole", whole, False)
        self._full = (127.5 * full + 127.5).round().to(torch.uint8)
        self.given = (horizon, _as_mask("sky", sky, whole), _as_mask("water", water, whole))
        self._draw_at(resolution)

    def _draw_at(self, resolution: int) -> None:
        """Look at the photo in the size that pictures are to have."""
        require(
            isinstance(resolution, int) and SHORTEST <= resolution <= LONGEST,
            f"resolution is {resolution!r}; it must be a whole number from {SHORTEST} to "
            f"{LONGEST}: the pixels of the longer side.",
        )
        height, width = self.whole.shape[2:]
        scale = min(1.0, resolution / max(height, width))
        size = (max(1, round(height * scale)), max(1, round(width * scale)))
        horizon, *masks = self.given
        display, *masks = (
            one if one is None else _shrunk(one.cpu(), size) for one in (self.whole, *masks)
        )
        parts = parts_of(display, small_copy(self.whole.cpu()), horizon, *masks)
        self.img_resolution, self.textures = max(size), Textures(size[0])
        self._numbers = {}
        for name, value in vars(parts).items():
            if isinstance(value, torch.Tensor):
                self.register_buffer(f"photo_{name}", value, False)
            else:
                self._numbers[name] = value

    @property
    def parts(self) -> PhotoParts:
        """What the photo shows, at the size of the pictures."""
        names = [field.name for field in dataclasses.fields(PhotoParts)]
        tensors = {n: getattr(self, f"photo_{n}") for n in names if n not in self._numbers}
        return PhotoParts(**tensors, **self._numbers)

    @property
    def has_water(self) -> bool:
        """Whether waves and a stream have a place, at any size of the pictures."""
        return bool(self.photo_water.max() > 0.5)

    def scene_parameters(self, ws: torch.Tensor) -> dict[str, torch.Tensor]:
        """As of a scene; `horizon` is the photo's, and what has no place in it is 0."""
        parameters = super().scene_parameters(ws)
        nothing = torch.zeros_like(parameters["rain"])
        missing = dict.fromkeys(() if self.has_water else WATERY, nothing)
        return parameters | missing | {"horizon": nothing + self._numbers["horizon"]}

    def with_weather(
        self, ws: torch.Tensor, intensities: dict[str, float | torch.Tensor]
    ) -> torch.Tensor:
        """As of a scene; refuses waves and a stream where the photo has no water."""
        for name, value in intensities.items():
            require(
                name not in WATERY or self.has_water or not (torch.as_tensor(value) > 0).any(),
                f"the photo shows no water, and {name} need some: give PhotoGenerator a mask of "
                "it as water, or ask for another weather.",
            )
        return super().with_weather(ws, intensities)

    @property
    def weather_names(self) -> tuple[str, ...]:
        """The weathers that have a place in the photo."""
        return tuple(name for name in WEATHER_NAMES if self.has_water or name not in WATERY)

    @float32_by_default()
    def synthesis(
        self, ws: torch.Tensor, noise_mode: str = "const", seconds: torch.Tensor | float = 0.0
    ) -> torch.Tensor:
        """Paint `ws` (batch, num_ws, w_dim) -> pictures (batch, 3, H, W), float32 in [-1, 1]."""
        require_one_of("noise_mode", noise_mode, NOISE_MODES)
        ws = cast_like("ws", ws, self.w_avg)
        scene = Scene(self.scene_parameters(ws), self._free_coordinates(ws))
        canvas = dataclasses.replace(self._canvas(ws, noise_mode), seconds=seconds)
        return develop_photo(paint_photo(canvas, scene, self.parts))

    @torch.no_grad()
    def in_full_size(self, ws: torch.Tensor) -> torch.Tensor:
        """Paint `ws` (1, num_ws, w_dim) -> (1, 3, H, W) in [-1, 1], as large as the photo.

        What the photo has more than 1024 pixels is not painted on: it follows the picture of 1024
        pixels by `sgim.world.photo_details.with_details`. On the longer side 4096 at most.

        Raises
        ------
        SgimError
            For several latents at once, and as `synthesis`.
        """
        require(
            ws.ndim == 3 and len(ws) == 1,
            f"ws has shape {tuple(ws.shape)}; one picture is painted in full size at a time: pass "
            "ws[:1], or w[None].",
        )
        picture = self.at_resolution(LONGEST).synthesis(ws)
        if picture.shape[2:] == self._full.shape[2:]:
            return picture
        full = self._full.to(picture.device) / 127.5 - 1
        return with_details(picture, 2 * self.whole - 1, full)

    @ordinary_torch()
    def at_resolution(self, img_resolution: int) -> "PhotoGenerator":
        """A generator of the same photo, on the same device, at another size (64 to 1024)."""
        other = PhotoGenerator.__new__(PhotoGenerator)
        SceneGenerator.__init__(other, SHORTEST)
        other.register_buffer("whole", self.whole.cpu(), False)
        other.given, other._full = self.given, self._full
        other._draw_at(img_resolution)
        return other.to(self.w_avg.device).requires_grad_(False)

    def _canvas(self, ws: torch.Tensor, noise_mode: str) -> Canvas:
        """Rows run from 0 to 1, columns in the same unit to both sides of 0.5."""
        height, width = self.photo_photo.shape[2:]
        x, y = (
            torch.arange(side, device=ws.device, dtype=ws.dtype) + 0.5 for side in (width, height)
        )
        return dataclasses.replace(
            super()._canvas(ws, noise_mode),
            x=((x - width / 2) / height + 0.5).view(1, 1, 1, width),
            y=(y / height).view(1, 1, height, 1),
            pixel=1 / height,
            air=self.photo_air,
        )


def _as_mask(name: str, mask, whole: torch.Tensor) -> torch.Tensor | None:
    """A mask as given, (1, 1, H, W) in [0, 1], in the size of the photo."""
    if mask is None:
        return None
    try:
        if isinstance(mask, torch.Tensor):
            mask = mask.detach().cpu()
        mask = torch.from_numpy(np.array(mask, np.float32))
    except (TypeError, ValueError) as error:
        raise SgimError(
            f"{name} is a {type(mask).__name__}; it must be an array (height, width): convert it."
        ) from error
    require(
        mask.ndim == 2 and min(mask.shape) > 1 and bool(((mask >= 0) & (mask <= 1)).all()),
        f"{name} has shape {tuple(mask.shape)}; it must be (height, width) with numbers from 0 "
        "to 1: 1 where it is.",
    )
    height, width = whole.shape[2:]
    require(
        abs(mask.shape[0] * width / (mask.shape[1] * height) - 1) < 0.05,
        f"{name} has {mask.shape[1]} x {mask.shape[0]} pixels and the photo {width} x {height}; "
        "both must have the same aspect ratio: make it from the whole photo.",
    )
    return F.interpolate(mask[None, None], (height, width), mode="bilinear", align_corners=False)


def _shrunk(picture: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    return picture if picture.shape[2:] == size else F.interpolate(picture, size, mode="area")
