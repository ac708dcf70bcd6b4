"""Painter of fire: flames, glow, sparks and smoke.

picture in linear color + intensities -> picture with one more thing

The painter fades things in with `rise`, whose slope at intensity 0 is never zero, and draws
nothing visible at intensities up to 0.03.
"""

import torch
import torch.nn.functional as F

from sgim.world.canvas import Canvas, Scene, color, gale, mix, rise
from sgim.world.light import Light


def paint_fire(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """A fire that grows to a blaze, with smoke above and its glow on the land."""
    knob, like = scene.free["fire"], picture
    show, blaze = rise(scene.fire, 0.13, 0.045), rise(scene.fire, 0.55, 0.25)
    x0 = 0.5 + 0.20 * torch.tanh(0.7 * knob[:, 0:1])
    base = scene.horizon + 0.13 + 0.04 * torch.tanh(knob[:, 1:2]) + 0.06 * blaze
    tall, half = 0.11 + 0.42 * blaze, 0.05 + 0.27 * blaze
    wind = gale(scene)
    up = (base - canvas.y) / tall
    rising = F.softplus(up * 10) / 10
    lean = (0.05 * torch.tanh(knob[:, 2:3]) + 0.35 * wind) * tall * rising
    across = (canvas.x - x0 - lean) / half
    gap = F.softplus((base - 0.6 * tall - canvas.y) / 0.05) * 0.05
    (puffs,) = canvas.noise(
        canvas.x * 0.8 - 0.5 * wind * gap + 0.1 * knob[:, 3:4],
        canvas.y * 0.9 + (0.3 * knob[:, 4:5] + 0.15 * canvas.seconds),
        "billows",
    )
    plume = torch.exp(
        -(((canvas.x - x0 - lean - 0.5 * wind * gap) / (0.5 * half + 0.35 * gap)) ** 2)
    )
    smoke = plume * torch.sigmoid(9 * (up - 0.45)) * torch.sigmoid(1.8 * puffs + 1.0)
    soot = mix(light.total * 0.10, color(0.30, 0.09, 0.02, like), 0.6 * torch.exp(-gap / 0.15))
    picture = mix(picture, soot, 0.85 * (0.35 + 0.65 * blaze) * show * smoke)
    spread = ((canvas.x - x0) / (0.22 + half)) ** 2 + ((canvas.y - base) / (0.16 + 0.5 * tall)) ** 2
    picture = picture + show * torch.exp(-spread) * (0.45 * picture + 0.16 + 0.22 * blaze) * color(
        1.0, 0.36, 0.06, like
    )
    sway, lick = canvas.noise(
        canvas.x * 1.6 + 0.1 * knob[:, 5:6],
        canvas.y * 0.6 + (0.1 * knob[:, 6:7] + 0.3 * canvas.seconds),
        *("billows", "grain"),
    )
    tongue = 0.50 + 0.30 * torch.sin(across * 5.5 + 0.9 * sway + knob[:, 7:8])
    tongue = tongue + 0.30 * torch.sin(across * 11.5 + 1.1 * sway + knob[:, 8:9])
    envelope = 1 - across**2 * (1 + 0.3 * knob[:, 9:10].tanh())
    heat = envelope * (0.40 + 0.85 * tongue) - up * 1.05 + (0.16 * sway + 0.14 * lick) * rising
    heat = heat - 2.5 * F.softplus(-up * 14) / 14 * 6
    flame = torch.sigmoid(9 * heat)
    red = torch.sigmoid(7 * heat + 2.0)
    core = torch.sigmoid(7 * (heat - 0.55))
    glow = red * color(1.6, 0.16, 0.01, like) + flame * color(1.3, 0.75, 0.03, like)
    glow = glow + core * color(1.0, 1.3, 0.55, like)
    picture = mix(picture, glow, show * red)
    sparks = canvas.sprites(
        "sparks",
        canvas.x * 1.4 - lean,
        canvas.y * 1.4 + (0.1 * knob[:, 10:11] + 0.5 * canvas.seconds),
        scene.fire,
    )
    near = (
        torch.exp(-((across / 1.3) ** 2))
        * torch.sigmoid(6 * (up - 0.1))
        * torch.sigmoid(3 * (1.8 - up))
    )
    return picture + 1.6 * sparks * near * show * color(1.5, 0.6, 0.08, like)
