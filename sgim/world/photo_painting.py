"""Weather over a photo, by the painters of the mini world.

PhotoParts + Scene (parameters) -> the photo under another light -> weather, behind and before what
stands there -> linear color -> display

With no weather and the ordinary light nothing is done to the photo at all.
"""

import dataclasses
import math

import torch
import torch.nn.functional as F

from sgim.world import (
    air_painters,
    animal_painters,
    fire_painters,
    sky_painters,
    water_painters,
)
from sgim.world.canvas import Canvas, Scene, color, gale, mix
from sgim.world.light import Light, light_of
from sgim.world.names import WEATHER_NAMES
from sgim.world.photo_maps import display_from_linear
from sgim.world.photo_parts import PhotoParts

TAMED = 0.62
"""A camera opens its iris when it gets dark: of the light's ratio this power is seen."""


FAINTEST = 0.005
"""Intensities up to this leave a photo as it is, though not their slopes."""


def paint_photo(canvas: Canvas, scene: Scene, parts: PhotoParts) -> torch.Tensor:
    """The photo in the light and weather of the scene: linear color (batch, 3, H, W)."""
    scene = _without_traces(scene)
    light = _in_the_photo(light_of(scene), parts)
    picture = _relit(canvas, scene, light, parts)
    picture = _snowed(picture, light, parts)
    flash = air_painters.paint_bolts(canvas, scene, torch.zeros_like(picture))
    picture = picture + parts.backdrop * flash
    picture = air_painters.paint_bolt_glow(canvas, scene, light, picture)
    picture = _watered(canvas, scene, light, picture, parts)
    near = _with(scene, horizon=scene.horizon.clamp(0.60, 0.70))
    flames = fire_painters.paint_fire(canvas, near, light, picture)
    picture = mix(picture, flames, torch.sigmoid((canvas.y - near.horizon + 0.48) / 0.03))
    picture = air_painters.paint_fog(canvas, near, light, picture)
    picture = _blown(canvas, near, light, picture)
    birds = animal_painters.paint_birds(canvas, scene, light, picture)
    picture = mix(picture, birds, parts.backdrop)
    picture = air_painters.paint_rain(canvas, scene, light, picture)
    picture = air_painters.paint_snowfall(canvas, scene, light, picture)
    meadow = _with(scene, horizon=scene.horizon.clamp(max=0.55))
    return animal_painters.paint_fireflies(canvas, meadow, light, picture)


def develop_photo(linear: torch.Tensor) -> torch.Tensor:
    """Linear color -> display values in [-1, 1], as the photo was taken."""
    return 2 * display_from_linear(linear) - 1


def _with(scene: Scene, **values: torch.Tensor) -> Scene:
    """The scene with other values of some parameters."""
    free = {name: knobs[..., 0, 0] for name, knobs in scene.free.items()}
    return Scene(scene.values | values, free)


def _without_traces(scene: Scene) -> Scene:
    """The scene with its weathers less `FAINTEST`, and none where they are below."""
    weathers = {name: scene.values[name] for name in WEATHER_NAMES}
    return _with(
        scene,
        **{name: one - one.clamp(max=FAINTEST).detach() for name, one in weathers.items()},
    )


def _calm(scene: Scene) -> Scene:
    return _with(scene, **dict.fromkeys(WEATHER_NAMES, torch.zeros_like(scene.rain)))


def _ordinary(scene: Scene) -> Scene:
    """The light that a photo is taken to have been made in."""
    like = scene.rain
    values = {"sun_height": 0.55, "warmth": 0.5, "exposure": 0.5, "haze": 0.35}
    free = {name: torch.zeros_like(knobs[..., 0, 0]) for name, knobs in scene.free.items()}
    calm = _calm(scene)
    return Scene(calm.values | {n: torch.full_like(like, v) for n, v in values.items()}, free)


def _in_the_photo(light: Light, parts: PhotoParts) -> Light:
    """The light as dim and tinted as the photo's; the sun in it is the photo's own."""
    colors = {
        name: getattr(light, name) * parts.light for name in ("sun", "ambient", "zenith", "haze")
    }
    return dataclasses.replace(light, sun_shows=torch.zeros_like(light.sun_shows), **colors)


def _relit(canvas: Canvas, scene: Scene, light: Light, parts: PhotoParts) -> torch.Tensor:
    """Land and sky in the light of hour and weather; clouds or night take the sky."""
    ordinary, hour, now = (light_of(one) for one in (_ordinary(scene), _calm(scene), scene))
    exposure = (0.50 + 0.20 * scene.exposure) / 0.60
    land = (now.total / ordinary.total) ** TAMED * exposure
    sky = (hour.haze + hour.zenith) / (ordinary.haze + ordinary.zenith) * exposure
    photo = mix(parts.photo, parts.blown, gale(scene) * parts.foliage)
    things = (photo - parts.sky * parts.sky_color).clamp(min=0)
    last = max(1, math.ceil(parts.sky_end * photo.shape[2]))
    painted = _painted_sky(canvas.rows(0, last), scene, light, parts)
    painted = F.pad(painted, (0, 0, 0, photo.shape[2] - last))
    taken = 1 - (1 - light.gray) * (1 - light.night)
    return things * land + parts.sky * mix(parts.sky_color * sky, painted, taken)


def _painted_sky(canvas: Canvas, scene: Scene, light: Light, parts: PhotoParts) -> torch.Tensor:
    """Clouds and night; the moon stands where the photo's sky is open."""
    shifted = dataclasses.replace(canvas, x=canvas.x - parts.moon_shift)
    sky = sky_painters.paint_sky(canvas, scene, light)
    sky = sky_painters.paint_night_sky(shifted, scene, light, sky)
    return sky_painters.paint_clouds(canvas, scene, light, sky)


def _snowed(picture: torch.Tensor, light: Light, parts: PhotoParts) -> torch.Tensor:
    white = color(0.86, 0.89, 0.95, picture) * (light.total * 0.8)
    return mix(picture, white, light.white * parts.snow)


def _blown(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """Dust, leaves and streaks of wind; streaks are paler than in painted scenes."""
    gusts = air_painters.paint_gusts(canvas, scene, light, picture)
    paler = torch.sigmoid((gusts - picture).mean(1, keepdim=True) / 0.02)
    return mix(picture, gusts, 1 - 0.55 * paler)


def _watered(
    canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor, parts: PhotoParts
) -> torch.Tensor:
    """Waves, and a stream's water, where the photo has water."""
    if parts.water_top == 1.0:
        return picture
    sea = _with(scene, horizon=torch.full_like(scene.rain, parts.water_top - 0.03))
    waves = water_painters.paint_waves(canvas, sea, light, picture)
    picture = mix(picture, waves, parts.water)
    stream = water_painters.paint_stream(canvas, sea, light, picture)
    return mix(picture, stream, parts.water)
