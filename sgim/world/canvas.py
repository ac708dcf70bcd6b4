"""What every painter works with: the canvas, the scene, and soft ways to blend colors.

textures + coordinates -> Canvas; named parameters -> Scene; both -> painters

Coordinates: x runs 0..1 to the right, y runs 0..1 downwards; all widths are relative to the
picture, so a scene looks alike at every resolution.
"""

import dataclasses
import math

import torch

from sgim.world.textures import SHEET_LAYERS, Textures


@dataclasses.dataclass(frozen=True, kw_only=True)
class Canvas:
    """Coordinates and textures of one picture; `grain` switches and shifts the little textures.

    `air` is how much air lies before each pixel, relative to painted scenes, which are all alike.
    `seconds` is the moment of a film, (batch, 1, 1, 1); a still picture shows moment 0.
    """

    x: torch.Tensor
    y: torch.Tensor
    pixel: float
    textures: Textures
    grain: float
    grain_shift: torch.Tensor | float
    air: torch.Tensor | float = 1.0
    seconds: torch.Tensor | float = 0.0

    def rows(self, first: int, last: int) -> "Canvas":
        """The rows `first` to `last` alone."""
        return dataclasses.replace(self, y=self.y[:, :, first:last])

    def step(self, distance: torch.Tensor, width: float) -> torch.Tensor:
        """Soft edge: 0 where `distance` is far below zero, 1 where far above."""
        return torch.sigmoid(distance / math.hypot(width, 0.3 * self.pixel))

    def noise(self, u: torch.Tensor, v: torch.Tensor, *channels: str) -> tuple[torch.Tensor, ...]:
        """Noise that belongs to the scene's shape, one (batch, 1, H, W) for each channel."""
        return self.textures.sample_noise(u, v, channels)

    def fine_noise(
        self, u: torch.Tensor, v: torch.Tensor, *channels: str
    ) -> tuple[torch.Tensor, ...]:
        """Little textures like `noise`, which `noise_mode` may shift or leave out."""
        values = self.textures.sample_noise(u + self.grain_shift, v, channels)
        return tuple(self.grain * value for value in values)

    def sprites(
        self, name: str, u: torch.Tensor, v: torch.Tensor, intensity: torch.Tensor
    ) -> torch.Tensor:
        """Coverage (batch, 1, H, W) of a sprite sheet whose layers fade in with `intensity`."""
        layers = torch.arange(SHEET_LAYERS, device=intensity.device).view(1, -1, 1, 1)
        weights = rise(intensity, 0.10 + 0.2 * layers, 0.11)
        return (self.textures.sample(name, u, v) * weights).sum(1, keepdim=True)


class Scene:
    """Parameters (batch, 1, 1, 1) by name; `free[layer]` (batch, n, 1, 1) are its shape knobs."""

    def __init__(self, parameters: dict[str, torch.Tensor], free: dict[str, torch.Tensor]):
        self.values = {name: value.view(-1, 1, 1, 1) for name, value in parameters.items()}
        self.free = {name: value[..., None, None] for name, value in free.items()}

    def __getattr__(self, name: str) -> torch.Tensor:
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(name) from None

    def knob(self, layer: str, index: int) -> torch.Tensor:
        """One shape knob (batch, 1, 1, 1), about standard normal under `mapping`."""
        return self.free[layer][:, index : index + 1]


def rise(intensity: torch.Tensor, center: torch.Tensor | float, width: float) -> torch.Tensor:
    """Smooth growth from 0 at intensity 0 to 1 at 1, steepest at `center`, never flat at 0."""
    center = torch.as_tensor(center, device=intensity.device, dtype=intensity.dtype)
    low = torch.sigmoid(-center / width)
    high = torch.sigmoid((1 - center) / width)
    return (torch.sigmoid((intensity - center) / width) - low) / (high - low)


def gale(scene: Scene) -> torch.Tensor:
    """How hard the wind bends and combs things (batch, 1, 1, 1)."""
    return rise(scene.wind, 0.25, 0.16)


def mix(first: torch.Tensor, second: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Blend from `first` (weight 0) to `second` (weight 1)."""
    return first + (second - first) * weight


def color(red: float, green: float, blue: float, like: torch.Tensor) -> torch.Tensor:
    """A linear color (1, 3, 1, 1) on the device of `like`."""
    return torch.tensor((red, green, blue), device=like.device).view(1, 3, 1, 1)


def undulation(x: torch.Tensor, knobs: torch.Tensor, cycles: tuple) -> torch.Tensor:
    """Cosine and sine of each entry of `cycles` (per picture width), weighted by `knobs`."""
    total = 0.0
    for index, cycle in enumerate(cycles):
        angle = 2 * math.pi * cycle * x
        total = total + knobs[:, 2 * index : 2 * index + 1] * torch.cos(angle)
        total = total + knobs[:, 2 * index + 1 : 2 * index + 2] * torch.sin(angle)
    return total
