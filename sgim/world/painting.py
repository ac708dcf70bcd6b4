"""A whole picture: all painters from back to front, then the film.

Canvas (coordinates) + Scene (parameters) -> `paint` -> linear color -> `develop` -> picture
"""

import functools
import math

import torch
import torch.nn.functional as F

from sgim.world import (
    air_painters,
    animal_painters,
    fire_painters,
    land_painters,
    sky_painters,
    water_painters,
)
from sgim.world.canvas import Canvas, Scene
from sgim.world.light import light_of

PAINTERS = (
    (land_painters.paint_ground, 0.42, 1.0),
    (functools.partial(land_painters.paint_trees, row=0), 0.26, 0.72),
    (land_painters.paint_lake, 0.44, 1.0),
    (water_painters.paint_waves, 0.42, 1.0),
    (water_painters.paint_stream, 0.42, 1.0),
    (water_painters.paint_fall, 0.12, 0.80),
    (functools.partial(land_painters.paint_trees, row=1), 0.26, 0.72),
    (air_painters.paint_bolt_glow, 0.38, 1.0),
    (fire_painters.paint_fire, 0.0, 1.0),
    (air_painters.paint_fog, 0.0, 1.0),
    (air_painters.paint_gusts, 0.0, 1.0),
    (animal_painters.paint_birds, 0.0, 0.72),
    (air_painters.paint_rain, 0.0, 1.0),
    (air_painters.paint_snowfall, 0.0, 1.0),
    (animal_painters.paint_fireflies, 0.42, 1.0),
)
"""Painters from back to front with the rows they can touch, as shares of the height."""

SKY_ENDS = 0.72


def paint(canvas: Canvas, scene: Scene) -> torch.Tensor:
    """All painters from back to front: linear color (batch, 3, H, W)."""
    light = light_of(scene)
    height = canvas.y.shape[2]
    last = math.ceil(SKY_ENDS * height)
    above = canvas.rows(0, last)
    sky = sky_painters.paint_sky(above, scene, light)
    sky = sky_painters.paint_night_sky(above, scene, light, sky)
    sky = sky_painters.paint_clouds(above, scene, light, sky)
    sky = air_painters.paint_bolts(above, scene, sky)
    sky = land_painters.paint_ridges(above, scene, light, sky)
    picture = F.pad(sky, (0, 0, 0, height - last))
    for painter, low, high in PAINTERS:
        first, last = math.floor(low * height), math.ceil(high * height)
        part, extra = picture[:, :, first:last], ()
        if painter is land_painters.paint_lake:
            extra = (picture,)
        part = painter(canvas.rows(first, last), scene, light, part, *extra)
        picture = torch.cat((picture[:, :, :first], part, picture[:, :, last:]), 2)
    return picture


def develop(linear: torch.Tensor, scene: Scene) -> torch.Tensor:
    """Linear color -> display values in [-1, 1]: filmic curve (Narkowicz 2015), then gamma."""
    gray = linear.mean(1, keepdim=True)
    vivid = 1.15 + 0.08 * torch.tanh(scene.knob("light", 6))
    linear = torch.relu(gray + vivid * (linear - gray)) * (0.50 + 0.20 * scene.exposure)
    curve = linear * (2.51 * linear + 0.03) / (linear * (2.43 * linear + 0.59) + 0.14)
    display = (curve / (2.51 / 2.43) + 1e-4) ** (1 / 2.2)
    return (2 * display - 1).clamp(-1, 1)
