"""Painters of the sky: its color with the sun, the stars and the moon, the clouds.

picture in linear color + Scene + Light -> picture with one more thing
"""

import torch
import torch.nn.functional as F

from sgim.world.canvas import Canvas, Scene, color, gale, mix, undulation
from sgim.world.light import Light


def paint_sky(canvas: Canvas, scene: Scene, light: Light) -> torch.Tensor:
    """Gradient from zenith to horizon, with the sun and its glow: (batch, 3, H, W)."""
    elevation = F.softplus((scene.horizon - canvas.y) / 0.02) * 0.02
    falloff = torch.exp(-elevation / (0.16 + 0.14 * scene.haze))
    sky = mix(light.zenith, light.haze, falloff)
    distance = (canvas.x - light.sun_x) ** 2 + (canvas.y - light.sun_y) ** 2
    radius = torch.sqrt(distance + 1e-6)
    disc = canvas.step(0.030 - radius, 0.004)
    glow = 0.55 * torch.exp(-radius / 0.10) + 0.22 * torch.exp(-radius / 0.32)
    warm = light.sun / (light.sun.mean(1, keepdim=True) + 0.02)
    return sky + light.sun_shows * warm * (glow + 3.5 * disc)


def paint_night_sky(canvas: Canvas, scene: Scene, light: Light, sky: torch.Tensor) -> torch.Tensor:
    """Stars and the moon, which come out as night falls (the time of crickets)."""
    knob = scene.free["animals"]
    clear = 1 - light.gray
    u = canvas.x * 1.2 + 0.05 * knob[:, 4:5]
    stars = canvas.sprites("stars", u, canvas.y * 1.2, 0.15 + 0.85 * scene.crickets)
    fade = torch.sigmoid((scene.horizon - 0.08 - canvas.y) / 0.05)
    sky = sky + stars * fade * light.night * clear * color(0.75, 0.80, 0.95, sky)
    x = 0.5 + 0.28 * torch.tanh(0.8 * knob[:, 5:6])
    y = 0.17 + 0.06 * torch.tanh(knob[:, 6:7])
    radius = torch.sqrt((canvas.x - x) ** 2 + (canvas.y - y) ** 2 + 1e-6)
    size = 0.050 + 0.006 * torch.tanh(knob[:, 7:8])
    spots = canvas.noise((canvas.x - x) * 1.5, (canvas.y - y) * 1.5, "billows")[0]
    disc = canvas.step(size - radius, 0.004) * (1.15 + 0.16 * spots)
    halo = 0.10 * torch.exp(-radius / 0.07) + 0.025 * torch.exp(-radius / 0.25)
    return sky + light.night * (1 - 0.9 * light.gray) * (
        disc * color(0.92, 0.90, 0.80, sky) + halo * color(0.65, 0.75, 1.0, sky)
    )


def paint_clouds(canvas: Canvas, scene: Scene, light: Light, sky: torch.Tensor) -> torch.Tensor:
    """Clouds in perspective; wind combs them to streaks, rain and storm close the sky."""
    knob = scene.free["clouds"]
    elevation = F.softplus((scene.horizon - canvas.y) / 0.03) * 0.03
    reach = 0.21 * (1.5 - 0.8 * scene.cloud_size) / (elevation + 0.16)
    u = (canvas.x - 0.5) * reach + (0.11 * knob[:, 0:1] - 0.008 * canvas.seconds)
    v = 0.9 * reach + 0.11 * knob[:, 1:2]
    billows, shifted, streaks = canvas.noise(u, v, "billows", "shifted", "streaks")
    wind = gale(scene)
    billow = mix(billows, 1.3 * streaks, 0.95 * wind)
    bank = undulation(canvas.x, knob[:, 2:6], (0.9, 1.7)) + 0.15 * knob[:, 6:7]
    closed = 3.2 * light.gray + 0.7 * wind
    density = billow * 1.05 + 0.35 * bank + 3.4 * (scene.cloud_cover - 0.55) + closed
    alpha = torch.sigmoid(3.2 * density) * torch.exp(-0.02 / (elevation + 0.004))
    opacity = 1 - 0.12 * torch.sigmoid(knob[:, 7:8])
    relief = torch.sigmoid(0.15 * knob[:, 8:9] + 2.2 * (billows - shifted) + 0.9 - 0.7 * billow)
    top = mix(light.total * (1.2 + 0.3 * scene.cloud_contrast), light.haze * 1.25, light.gray)
    shade = mix(0.50 * light.zenith + 0.30 * light.haze, top * 0.55, 0.5 * light.gray)
    shade = shade * (1 - 0.55 * light.storm)
    return mix(
        sky,
        mix(shade, top, relief),
        alpha * (0.93 - 0.45 * light.night * (1 - light.gray)) * opacity,
    )
