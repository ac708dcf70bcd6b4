"""Painters of animals: birds in the sky, fireflies over the meadow.

picture in linear color + intensities -> picture with one more thing

Their sprites fade in layer by layer, with a slope at intensity 0 that is never zero. The night that
comes with crickets is in `light`, its stars and moon are in `sky_painters`.
"""

import torch

from sgim.world.canvas import Canvas, Scene, color, mix
from sgim.world.light import Light


def paint_birds(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """A few birds, then a flock, dark against the sky (pale shapes at night)."""
    knob = scene.free["animals"]
    tilt = 0.12 * torch.tanh(knob[:, 3:4])
    size = 1.0 + 0.12 * torch.tanh(knob[:, 2:3])
    u = (canvas.x - 0.5) * size + 0.5 + (0.10 * knob[:, 0:1] - 0.06 * canvas.seconds)
    v = (canvas.y - 0.02) * 1.55 * size + tilt * (canvas.x - 0.5) + 0.03 * torch.tanh(knob[:, 1:2])
    sky = torch.sigmoid((scene.horizon - 0.02 - canvas.y) / 0.02)
    flock = canvas.sprites("birds", u, v, scene.birds) * sky
    feather = 0.06 * light.haze + 0.012 * color(1.0, 1.0, 1.3, picture)
    return mix(picture, feather, (0.95 * flock).clamp(max=0.97))


def paint_fireflies(
    canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor
) -> torch.Tensor:
    """Fireflies over the dark meadow; they come with the crickets."""
    knob = scene.free["animals"]
    u = canvas.x * 0.9 + (0.1 * knob[:, 8:9] - 0.01 * canvas.seconds)
    v = canvas.y * 0.9 + (0.1 * knob[:, 9:10] + 0.015 * canvas.seconds)
    low = torch.sigmoid((canvas.y - scene.horizon - 0.02) / 0.04)
    lights = canvas.sprites("fireflies", u, v, scene.crickets) * low
    return picture + 1.5 * (0.3 + 0.7 * light.night) * lights * color(0.75, 0.95, 0.10, picture)
