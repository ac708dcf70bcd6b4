"""Painters of the land: mountains and hills, meadow, trees, lake.

picture in linear color + Scene + Light -> picture with one more thing
"""

import math

import torch
import torch.nn.functional as F

from sgim.world.canvas import Canvas, Scene, color, gale, mix, rise, undulation
from sgim.world.light import Light


def ridge_lines(canvas: Canvas, scene: Scene) -> tuple[torch.Tensor, torch.Tensor]:
    """Crest heights y (batch, 1, 1, W) of the mountains and of the hills before them."""
    knob = scene.free["land"]
    x = canvas.x
    slow = undulation(x, 0.5 * knob[:, 0:4], (0.55, 1.05))
    far = torch.sigmoid(slow)
    crags = 0.0
    for octave in range(5):
        frequency = 1.7 * 2.03**octave
        phase = knob[:, 4 + octave % 2 : 5 + octave % 2] * (1.0 + 0.37 * octave) + 1.3 * octave
        wave = torch.sin(2 * math.pi * frequency * (x + 0.02 * slow) / 1.6 + phase)
        sharp = 1 - 2 * torch.sqrt(wave**2 + 0.01)
        crags = crags + mix(wave, sharp, scene.peaks) * 0.52**octave
    height = 0.05 + 0.30 * scene.ridge_height
    mountains = scene.horizon - height * (0.35 + 0.55 * far + 0.24 * (0.4 + scene.peaks) * crags)
    roll = torch.sin(2 * math.pi * 1.1 * x + knob[:, 6:7]) + 0.5 * torch.sin(
        2 * math.pi * 2.3 * x + 1.7 * knob[:, 7:8]
    )
    rough = 0.05 * torch.sin(61 * x) + 0.05 * torch.sin(97 * x + 1) + 0.03 * torch.sin(151 * x)
    hills = scene.horizon - 0.035 - 0.022 * (roll + rough) * (0.6 + scene.ridge_height)
    return mountains, hills


def paint_ridges(canvas: Canvas, scene: Scene, light: Light, sky: torch.Tensor) -> torch.Tensor:
    """Mountains and wooded hills in the haze, white in snow."""
    like, white = light.haze, light.white
    mountains, hills = ridge_lines(canvas, scene)
    below = F.softplus((canvas.y - mountains) / 0.01) * 0.01
    u = canvas.x * 1.1 + 0.05 * scene.knob("land", 4)
    (grain,) = canvas.fine_noise(u + 0.35 * below, 0.9 * below + 0.3 * canvas.x, "grain")
    slope = (mountains - torch.roll(mountains, 1, -1)) / canvas.pixel
    facing = torch.tanh(1.4 * slope * torch.tanh(4 * (canvas.x - light.sun_x)))
    relief = torch.sigmoid(1.1 * facing + 1.3 * grain)
    rock = mix(color(0.20, 0.19, 0.20, like), color(0.13, 0.17, 0.10, like), 1 - scene.peaks)
    caps = torch.sigmoid(9 * (scene.snowcaps - 0.55 - 7 * below) + 1.2 * grain)
    covered = 1 - (1 - caps) * (1 - 0.66 * white)
    body = mix(rock, color(0.85, 0.88, 0.95, like), covered)
    body = body * (light.ambient * 1.05 + light.sun * 1.1 * relief)
    veil = 0.18 + 0.30 * scene.haze + 0.22 * torch.sigmoid((canvas.y - scene.horizon + 0.05) / 0.04)
    picture = mix(
        sky, mix(body, light.haze * 0.92, veil), canvas.step(canvas.y - mountains, 0.0035)
    )
    wood = mix(color(0.035, 0.075, 0.03, like), color(0.16, 0.10, 0.03, like), 0.7 * scene.season)
    grove = 1 + 0.35 * grain
    wood = mix(wood, color(0.75, 0.79, 0.86, like), 0.5 * white) * grove
    wood = mix(wood * (light.total * 1.1), light.haze * 0.85, 0.16 + 0.30 * scene.haze)
    return mix(picture, wood, canvas.step(canvas.y - hills, 0.0035))


def paint_ground(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """Meadow from the horizon to the viewer, grass in perspective, combed by wind."""
    like, knob = light.haze, scene.free["ground"]
    depth = F.softplus((canvas.y - scene.horizon) / 0.01) * 0.01 + 0.004
    distance = 0.13 / (depth + 0.05)
    wind = gale(scene)
    across = (canvas.x - 0.5) * distance
    u = across * 1.6 + 0.1 * knob[:, 0:1] + 0.25 * wind * depth
    v = distance * 0.35 + 0.1 * knob[:, 1:2]
    (blades,) = canvas.fine_noise(u * 1.1, v * 1.6, "grain")
    patch, stripe = canvas.noise(
        across * 0.42 + 0.1 * knob[:, 2:3],
        distance * 0.42 + 0.1 * knob[:, 3:4],
        "billows",
        "streaks",
    )
    near = torch.sigmoid((depth - 0.10) / 0.05)
    spring, gold = color(0.115, 0.27, 0.030, like), color(0.42, 0.30, 0.075, like)
    autumn = color(0.30, 0.145, 0.045, like)
    season = scene.season
    grass = mix(mix(spring, gold, (2 * season).clamp(max=1)), autumn, (2 * season - 1).clamp(min=0))
    dry = torch.sigmoid(1.5 * patch + 0.4 * knob[:, 4:5] - 2.4 * scene.lushness + 0.4)
    grass = mix(grass, color(0.30, 0.24, 0.10, like), 0.5 * dry)
    shade = 1 + 0.38 * near * blades + 0.16 * patch + 0.28 * wind * stripe
    rolling = 1 + 0.12 * torch.sin(5 * canvas.x + 16 * depth + knob[:, 5:6]) * knob[:, 6:7]
    grass = grass * F.softplus(4 * shade * rolling) / 4 * torch.exp(0.12 * torch.tanh(knob[:, 8:9]))
    speck = torch.sigmoid(6 * (blades - 2.3 + 1.2 * scene.flowers)) * scene.flowers * near
    bloom = mix(
        color(0.8, 0.65, 0.12, like), color(0.7, 0.25, 0.5, like), torch.sigmoid(knob[:, 7:8])
    )
    grass = mix(grass, bloom, 0.8 * speck)
    drift = 0.87 + 0.06 * patch + 0.03 * blades
    grass = mix(grass, color(0.88, 0.91, 0.97, like) * drift, light.white)
    lit = grass * (light.total * 1.15) * (0.72 + 0.28 * torch.sigmoid((depth - 0.05) / 0.06))
    lit = mix(lit, light.haze * 0.8, 0.32 * torch.exp(-depth / 0.05) * (0.4 + scene.haze))
    return mix(picture, lit, canvas.step(canvas.y - scene.horizon, 0.004))


def paint_trees(
    canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor, row: int
) -> torch.Tensor:
    """A row of trees, far (0) or near (1), bent by wind, white in snow."""
    like, knob = light.haze, scene.free["trees"]
    size = (0.065, 0.155)[row] * (0.55 + 0.9 * scene.tree_size)
    base = scene.horizon + (0.008, 0.032)[row] + 0.004 * torch.sin(7 * canvas.x + knob[:, 2:3])
    up = (base - canvas.y) / size
    wind = gale(scene)
    bend = wind * F.softplus(up * 8) / 8
    lean = 0.75 * bend * (0.5 + up) * (1 + 0.1 * torch.sin(23 * canvas.x))
    u = canvas.x * (1.0, 0.6)[row] / (0.45 + 0.75 * scene.tree_size)
    u = u - lean * (0.06, 0.078)[row] * 0.8 + 0.12 * knob[:, row : row + 1] + 0.37 * row
    values = canvas.textures.sample("trees", u, up.clamp(0.002, 0.998))
    inside = torch.sigmoid((up - 0.01) * 60) * torch.sigmoid((0.985 - up) * 60)
    here = undulation(canvas.x, 0.55 * knob[:, 3 + row : 7 + row], (0.7, 1.6))
    amount = torch.sigmoid(9 * (scene.trees - (0.25, 0.42)[row]) + (1.2, 1.6)[row] * here)
    kind = torch.sigmoid(10 * (scene.conifers - 0.5))
    alpha = inside * amount * (values[:, 0:1] * kind + values[:, 1:2] * (1 - kind))
    needle, leaf = color(0.020, 0.050, 0.020, like), color(0.06, 0.13, 0.025, like)
    leaf = mix(leaf, color(0.34, 0.12, 0.02, like), scene.season * (1 - kind))
    body = mix(leaf, needle, kind) * (0.5 + values[:, 2:3] + 0.5 * up.clamp(0, 1))
    body = body * torch.exp(0.15 * torch.tanh(knob[:, 8:9]))
    load = 0.85 * light.white * torch.sigmoid(8 * (values[:, 2:3] - 0.66))
    body = mix(body, color(0.82, 0.86, 0.93, like), load) * (light.total * 1.15)
    veil = (0.22, 0.06)[row] * (0.4 + scene.haze)
    return mix(picture, mix(body, light.haze * 0.8, veil), alpha)


def mirrored(
    canvas: Canvas, scene: Scene, picture: torch.Tensor, sway: torch.Tensor
) -> torch.Tensor:
    """The picture above the waterline, upside down, with x moved by `sway` (batch, 1, H, W)."""
    line = scene.horizon + 0.03
    v = (2 * line - canvas.y).expand_as(sway)
    grid = torch.stack((canvas.x + sway, v), -1).squeeze(1) * 2 - 1
    return F.grid_sample(picture, grid, padding_mode="reflection", align_corners=False)


def paint_lake(
    canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor, above: torch.Tensor
) -> torch.Tensor:
    """A lake that mirrors `above`, the whole picture; `water` says how near it comes."""
    like, knob = light.haze, scene.free["shore"]
    shore = (
        undulation(canvas.x, 0.25 * knob[:, 0:6], (0.45, 1.0, 1.9))
        + 0.6 * (canvas.x - 0.5) * scene.shore_tilt
    )
    far = scene.horizon + 0.035 + 0.004 * torch.sin(6 * canvas.x + knob[:, 6:7])
    reach = -0.06 + 0.75 * scene.water + 0.10 * shore * (0.15 + scene.water)
    near = far + reach
    wet = canvas.step(canvas.y - far, 0.004) * canvas.step(near - canvas.y, 0.008)
    depth = F.softplus((canvas.y - far) / 0.01) * 0.01
    distance = 0.10 / (depth + 0.03)
    (ripple,) = canvas.fine_noise(
        (canvas.x - 0.5) * distance * 0.5 + 0.1 * knob[:, 7:8], distance * 0.9 + 0.2, "streaks"
    )
    wind = gale(scene)
    sway = ripple * (0.006 + 0.02 * wind) * (0.3 + 4 * depth)
    image = mirrored(canvas, scene, above, sway)
    deep = mix(color(0.015, 0.06, 0.075, like), color(0.02, 0.13, 0.13, like), scene.clarity)
    body = mix(deep * (light.total * 1.2), image * 0.88, 0.80 - 0.7 * depth.clamp(max=0.6))
    glitter = torch.exp(-(((canvas.x - light.sun_x) / (0.05 + 0.25 * depth)) ** 2))
    sparkle = light.sun * glitter * torch.sigmoid(4 * (ripple - 0.7)) * 0.8
    body = body * (1 + 0.10 * ripple) + sparkle
    ice = color(0.60, 0.70, 0.80, like) * (light.total * (1 + 0.08 * ripple))
    body = mix(body, ice, 0.6 * light.white)
    rim = torch.exp(-(((canvas.y - near) / (0.008 + 0.03 * scene.sand)) ** 2))
    beach = color(0.42, 0.35, 0.22, like) * (light.total * 1.1)
    drained = 1 - 0.9 * rise(scene.stream, 0.14, 0.08)
    shown = torch.sigmoid(18 * (scene.water - 0.14)) * drained
    picture = mix(picture, beach, rim * shown * canvas.step(canvas.y - far, 0.01) * 0.75)
    return mix(picture, body, wet * shown)
