"""Painters of moving water: the waves of the sea, a stream and the waterfall that feeds it.

picture in linear color + intensities -> picture with one more thing

Every painter fades things in with `rise`, whose slope at intensity 0 is never zero, and draws
nothing visible at intensities up to 0.03.
"""

import torch
import torch.nn.functional as F

from sgim.world.canvas import Canvas, Scene, color, mix, rise
from sgim.world.light import Light


def paint_waves(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """The sea: it floods the foreground, ripples first, then rollers with foam."""
    like, knob, waves = picture, scene.free["water_weather"], scene.waves
    line = scene.horizon + 0.03
    depth = F.softplus((canvas.y - line) / 0.006) * 0.006
    swell = rise(waves, 0.5, 0.2)
    (warp,) = canvas.noise(canvas.x * 0.35 + 0.1 * knob[:, 1:2], canvas.y * 0.8, "billows")
    rows = 15.0 * torch.log(depth + 0.045)
    angle = rows + 1.1 * warp + 0.9 * torch.tanh(knob[:, 0:1]) * (canvas.x - 0.5)
    angle = angle + (knob[:, 2:3] - 1.6 * canvas.seconds)
    side = torch.sin(9 * canvas.x / (0.25 + depth) + 3 * warp + knob[:, 3:4])
    height = torch.sin(angle + 0.5 * side)
    crest = torch.exp(2.6 * (height - 1)) * (0.75 + 0.25 * side)
    behind = torch.sin(angle + 0.5 * side + 1.1)
    distance = 0.13 / (depth + 0.05)
    clumps, chop, grain = canvas.fine_noise(
        (canvas.x - 0.5) * distance * 0.8,
        distance * 1.4 + 0.1 * knob[:, 4:5],
        *("billows", "streaks", "grain"),
    )
    deep, jade = color(0.006, 0.045, 0.085, like), color(0.03, 0.20, 0.19, like)
    water = mix(deep, jade, (0.15 + 0.75 * swell) * crest) * (light.total * 1.25)
    water = mix(
        water, light.zenith * 0.55 + light.haze * 0.35, 0.20 + 0.28 * torch.sigmoid(3 * behind)
    )
    water = water * (1 + 0.10 * chop)
    near = torch.sigmoid((depth - 0.02) / 0.03)
    cap = 7 * (crest + 0.16 * grain + 0.20 * warp - 1.06 + 0.70 * swell)
    streak = 5 * (clumps * 0.35 + 0.30 * behind - 1.15 + 0.85 * swell)
    foam = 1 - (1 - torch.sigmoid(cap)) * (1 - 0.55 * torch.sigmoid(streak))
    foam = (foam * near).clamp(max=0.96)
    white = color(0.80, 0.87, 0.90, like) * (light.total * 1.05) * (0.86 + 0.14 * height)
    water = mix(water, white, foam)
    cover = rise(waves, 0.15, 0.085) * canvas.step(canvas.y - line, 0.004)
    spray = rise(waves, 0.75, 0.15) * torch.exp(-(((canvas.y - line - 0.02) / 0.025) ** 2))
    picture = mix(picture, water, cover)
    return mix(picture, white, 0.40 * spray * torch.sigmoid(1.5 * warp + 0.3))


def stream_source(scene: Scene) -> tuple[torch.Tensor, torch.Tensor]:
    """Where the stream enters the meadow: x and y (batch, 1, 1, 1)."""
    x = 0.5 + 0.20 * torch.tanh(0.7 * scene.knob("water_weather", 5))
    return x, scene.horizon + 0.004


def paint_stream(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """A brook winding towards the viewer; it grows to a torrent under a waterfall."""
    like, knob, stream = picture, scene.free["water_weather"], scene.stream
    show, torrent = rise(stream, 0.14, 0.08), rise(stream, 0.55, 0.16)
    source, top = stream_source(scene)
    depth = F.softplus((canvas.y - top) / 0.004) * 0.004
    bend = torch.sin(6.5 * torch.log(depth + 0.035) + 0.8 * knob[:, 6:7])
    drift = 0.25 * torch.tanh(knob[:, 7:8]) * depth
    middle = source + drift + bend * (0.012 + 0.40 * depth) * (1 - 0.55 * torrent)
    half = (0.006 + 0.22 * depth) * (0.48 + 1.35 * torrent)
    across = (canvas.x - middle) / half
    inside = torch.sigmoid((1 - across**2) / (0.10 + 0.004 / half))
    (pebbles,) = canvas.noise(canvas.x * 2.2, canvas.y * 4.0 + 0.1 * knob[:, 8:9], "grain")
    stony = torch.sigmoid((2.1 + 0.5 * pebbles - across**2) / 0.35)
    on_land = canvas.step(canvas.y - top, 0.004)
    stones = mix(
        color(0.10, 0.09, 0.07, like), color(0.26, 0.24, 0.20, like), torch.sigmoid(2 * pebbles)
    )
    stones = mix(stones, color(0.80, 0.84, 0.90, like), 0.6 * light.white)
    picture = mix(picture, stones * (light.total * 1.2), stony * on_land * show * 0.9)
    flow, foam = canvas.fine_noise(
        0.16 * across + 0.3,
        0.55 * torch.log(depth + 0.05) + (0.1 * knob[:, 9:10] - 0.2 * canvas.seconds),
        *("billows", "grain"),
    )
    body = mix(color(0.02, 0.09, 0.12, like), color(0.05, 0.22, 0.25, like), torch.sigmoid(flow))
    body = body * (light.total * 1.1) + 0.22 * light.zenith + 0.05 * light.haze
    edge = torch.exp(-(((across.abs() - 0.85) / 0.22) ** 2))
    rapids = torch.sigmoid(3 * (foam * 0.8 + 0.9 * edge - 1.35 + 1.5 * torrent))
    white = color(0.82, 0.89, 0.93, like) * (light.total * 1.1)
    return mix(picture, mix(body, white, 0.9 * rapids), inside * on_land * show)


def paint_fall(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """The waterfall that feeds the stream, with mist at its foot."""
    source, top = stream_source(scene)
    white = color(0.82, 0.89, 0.93, picture) * (light.total * 1.1)
    power = rise(scene.stream, 0.50, 0.15)
    height = 0.10 + 0.15 * scene.ridge_height
    up = (top - canvas.y) / height
    half = 0.014 + 0.040 * power * (1 - 0.3 * up.clamp(0, 1))
    across = (canvas.x - source - 0.002 * torch.sin(7 * up)) / half
    threads = 0.85 + 0.15 * torch.sin(6 * across + torch.sin(9 * up + 7 * canvas.seconds))
    column = (
        torch.sigmoid((1 - across**2) / 0.3) * torch.sigmoid(up * 30) * torch.sigmoid((1 - up) * 18)
    )
    picture = mix(picture, white * threads, 0.95 * power * column)
    mist = torch.exp(-(((canvas.x - source) / 0.11) ** 2) - ((canvas.y - top) / 0.035) ** 2)
    return mix(picture, white * 0.9, 0.6 * power * mist)
