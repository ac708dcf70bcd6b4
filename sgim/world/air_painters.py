"""Painters of the weathers of the air: thunderstorm, fog, rain, snow, wind.

picture in linear color + intensities -> picture with one more thing

Every painter fades things in with `rise`, whose slope at intensity 0 is never zero, and draws
nothing visible at intensities up to 0.03.
"""

import math

import torch
import torch.nn.functional as F

from sgim.world.canvas import Canvas, Scene, color, gale, mix, rise
from sgim.world.light import Light

STRIKE_SECONDS, AFTERGLOW_SECONDS = 2.6, 0.3
"""Lightning strikes so often in a film, far below three times a second, and fades so fast."""


def paint_bolts(canvas: Canvas, scene: Scene, sky: torch.Tensor) -> torch.Tensor:
    """Lightning: a faint distant bolt first, then several branching ones and lit clouds."""
    knob = scene.free["air"]
    ground = scene.horizon - 0.01
    flash, place = _flash(canvas)
    for index, (aside, center, width) in enumerate(
        ((0.0, 0.18, 0.0055), (0.31, 0.50, 0.0045), (-0.27, 0.75, 0.0040))
    ):
        power = rise(scene.thunderstorm, center, 0.12) * flash
        x0 = 0.5 + 0.22 * torch.tanh(knob[:, 0:1] + place) + aside
        path = x0 + _zigzag(canvas.y, knob[:, 1:2] + place + 2.1 * index, ground)
        tip = torch.sigmoid((ground - canvas.y) / 0.01)
        strength = _glowing_line(canvas, path, width) * tip
        for side in (-1.0, 1.0):
            fork = 0.12 + 0.10 * index + 0.09 * (side + 1)
            run = F.softplus((canvas.y - fork) / 0.012) * 0.012
            branch = path + side * 0.55 * run + 0.6 * _zigzag(run, knob[:, 2:3] + side, ground)
            life = torch.sigmoid((canvas.y - fork) / 0.012) * torch.exp(-((run / 0.2) ** 4))
            strength = strength + 0.55 * _glowing_line(canvas, branch, 0.6 * width) * life
        halo = torch.exp(-(((canvas.x - path) / 0.16) ** 2) - ((canvas.y - 0.1) / 0.5) ** 2)
        light = strength * color(1.9, 1.8, 2.4, sky) + 0.05 * halo * color(0.62, 0.5, 1.0, sky)
        sky = sky + power * light
    return sky


def _flash(canvas: Canvas) -> tuple[torch.Tensor, torch.Tensor]:
    """Brightness of lightning, 1 when it strikes, and a number that moves it to another place."""
    moment = torch.as_tensor(canvas.seconds)
    strikes = torch.floor(moment / STRIKE_SECONDS)
    since = moment - strikes * STRIKE_SECONDS
    return torch.exp(-since / AFTERGLOW_SECONDS), 2.4 * torch.sin(2.0 * strikes)


def _zigzag(y: torch.Tensor, phase: torch.Tensor, ground: torch.Tensor) -> torch.Tensor:
    """Sideways wander of a bolt at height `y`: triangle-like waves of falling size."""
    wander = 0.0
    for octave in range(4):
        frequency = 2.3 * 2.1**octave
        angle = 2 * math.pi * frequency * y + phase * (1 + 0.6 * octave) + octave
        wander = wander + torch.asin(0.97 * torch.sin(angle)) * 0.055 * 0.52**octave
    return wander * 0.6


def _glowing_line(canvas: Canvas, path: torch.Tensor, width: float) -> torch.Tensor:
    """A line at x = `path` (batch, 1, H, 1); small pictures get it wider and fainter, unbroken."""
    slope = F.pad(path[:, :, 1:] - path[:, :, :-1], (0, 0, 0, 1)) / canvas.pixel
    blur = (0.45 * canvas.pixel) ** 2
    squared = (canvas.x - path) ** 2
    core = torch.exp(-squared / (width**2 + blur * (1 + slope**2)))
    fainter = width / (width**2 + 0.5 * blur) ** 0.5
    return fainter * core + 0.16 / (1 + squared / (6 * width**2))


def paint_bolt_glow(
    canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor
) -> torch.Tensor:
    """Cold light of the bolts on the land below."""
    power = rise(scene.thunderstorm, 0.55, 0.2) * _flash(canvas)[0]
    land = torch.sigmoid((canvas.y - scene.horizon) / 0.02)
    return picture * (1 + power * land * color(0.5, 0.45, 0.9, picture))


def paint_fog(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """Haze along the horizon that thickens to a wall of fog with drifting banks."""
    knob = scene.free["air"]
    billows, banks = canvas.noise(
        canvas.x * 0.35 + (0.1 * knob[:, 3:4] - 0.01 * canvas.seconds),
        canvas.y * 0.9 + 0.1 * knob[:, 4:5],
        *("billows", "streaks"),
    )
    level = scene.horizon + 0.02
    far = torch.exp(-(((canvas.y - level) / 0.26) ** 2))
    above = torch.sigmoid((level - canvas.y) / 0.05)
    near = 0.35 + 0.65 * above * torch.exp(-F.relu(level - canvas.y) / 0.6)
    thick = rise(scene.fog, 0.40, 0.17)
    amount = 2.6 * thick * far + 1.6 * thick**2 * near + 1.0 * thick * near
    amount = amount * canvas.air * (1 + 0.15 * banks + 0.10 * billows).clamp(min=0.1)
    gray = (light.haze.mean(1, keepdim=True) * 0.55 + 0.45 * light.haze) * color(
        0.98, 1.0, 1.02, picture
    )
    gray = gray * (1.0 + 0.06 * banks)
    return mix(picture, gray, 1 - torch.exp(-amount))


def paint_rain(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """Streaks near and far, a veil of wet air; a thunderstorm brings some rain too."""
    amount = 1 - (1 - scene.rain) * (1 - 0.45 * rise(scene.thunderstorm, 0.5, 0.18))
    fall = rise(amount, 0.35, 0.2)
    shift = 0.1 * scene.knob("air", 5)
    slant = 0.10 + 0.55 * gale(scene)
    veil = light.haze * 0.95
    floor = torch.sigmoid((canvas.y - 0.15) / 0.2)
    picture = mix(picture, veil, 0.50 * fall * (0.55 + 0.45 * floor) * canvas.air)
    drop = light.haze * 0.9 + 0.16 * (1 - 0.75 * light.night) * (1 - 0.5 * light.storm)
    lean = slant * canvas.y
    fallen, slower = canvas.y * 0.9 - 1.1 * canvas.seconds, canvas.y * 1.7 - 1.4 * canvas.seconds
    near = canvas.sprites("rain", canvas.x + lean + shift, fallen, amount)
    far = canvas.sprites("rain", 1.9 * (canvas.x + lean) + shift, slower + 0.4, amount)
    streaks = 1 - (1 - 0.85 * near) * (1 - 0.5 * far)
    return mix(picture, drop * 1.15, (0.80 * streaks).clamp(max=0.95))


def paint_snowfall(
    canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor
) -> torch.Tensor:
    """Flakes near and far in whitening air."""
    fall = rise(scene.snow, 0.45, 0.22)
    shift = 0.1 * scene.knob("air", 6)
    slant = 0.08 + 0.7 * gale(scene)
    picture = mix(picture, light.haze * 1.02, 0.15 * fall * canvas.air)
    lean = slant * canvas.y
    fallen, slower = canvas.y * 1.1 - 0.2 * canvas.seconds, canvas.y * 2.1 - 0.25 * canvas.seconds
    near = canvas.sprites("flakes", canvas.x + lean + shift, fallen, scene.snow)
    far = canvas.sprites("flakes", 2.1 * (canvas.x + lean) - shift, slower, scene.snow)
    flakes = 1 - (1 - near) * (1 - 0.7 * far)
    white = light.haze * 0.8 + 0.85 * (1 - 0.85 * light.night) + 0.05
    return mix(picture, white, (0.95 * flakes).clamp(max=0.98))


def paint_gusts(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """Wind made visible: dust along the ground, pale streaks in the air, blown leaves."""
    wind, knob = scene.wind, scene.knob("air", 5)
    force = gale(scene)
    blown = 0.1 * knob - 0.1 * canvas.seconds
    (dust,) = canvas.noise(canvas.x * 0.30 + blown, canvas.y * 1.1 + 0.2 * canvas.x, "streaks")
    low = torch.exp(-(((canvas.y - scene.horizon - 0.10) / 0.13) ** 2))
    dry = (1 - 0.8 * rise(scene.waves, 0.15, 0.09)) * (1 - 0.6 * light.gray)
    tan = color(0.62, 0.50, 0.34, picture) * (light.total * 0.95)
    tan = mix(tan, color(0.85, 0.88, 0.95, picture) * light.total, light.white)
    picture = mix(picture, tan, force * dry * (0.20 + 0.80 * low) * torch.sigmoid(1.6 * dust - 0.1))
    v = canvas.y + 0.03 * torch.sin(7 * canvas.x + knob)
    u = canvas.x * 0.9 + (0.1 * knob - 0.5 * canvas.seconds)
    streaks = canvas.sprites("gusts", u, v * 0.9, 1 - (1 - wind) ** 1.6)
    pale = light.haze * 0.9 + 0.42 * (1 - 0.9 * light.night) * (1 - 0.5 * light.storm) + 0.01
    picture = mix(picture, pale, (0.68 * streaks).clamp(max=0.9))
    u = canvas.x * 1.1 - (0.1 * knob + 0.4 * canvas.seconds)
    leaves = canvas.sprites("leaves", u, canvas.y * 1.1 - 0.1 * canvas.seconds, wind)
    band = torch.sigmoid((canvas.y - scene.horizon + 0.30) / 0.06)
    leaf = mix(color(0.16, 0.13, 0.03, picture), color(0.42, 0.13, 0.02, picture), scene.season)
    return mix(picture, leaf * (light.total + 0.02), (0.92 * leaves * band).clamp(max=0.95))
