"""The weathers of the mini world: one painter each, all growing smoothly from nothing.

picture in linear colour + intensities -> bolts, sea, stream, fire, fog, rain, snow, gusts ...

Every painter fades things in with `rise`, whose slope at intensity 0 is never zero, and draws
nothing visible at intensities up to 0.03.
"""

import math

import torch
import torch.nn.functional as F

from sgim.world.landscape import Canvas, Light, Scene, color, gale, mix, rise


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


def paint_bolts(canvas: Canvas, scene: Scene, sky: torch.Tensor) -> torch.Tensor:
    """Lightning: a faint distant bolt first, then several branching ones and lit clouds."""
    knob = scene.free["air"]
    ground = scene.horizon - 0.01
    for index, (place, center, width) in enumerate(
        ((0.0, 0.18, 0.0055), (0.31, 0.50, 0.0045), (-0.27, 0.75, 0.0040))
    ):
        power = rise(scene.thunderstorm, center, 0.12)
        x0 = 0.5 + 0.22 * torch.tanh(knob[:, 0:1]) + place
        path = x0 + _zigzag(canvas.y, knob[:, 1:2] + 2.1 * index, ground)
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


def paint_waves(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """The sea: it floods the foreground, ripples first, then rollers with foam."""
    like, knob, waves = picture, scene.free["water_weather"], scene.waves
    line = scene.horizon + 0.03
    depth = F.softplus((canvas.y - line) / 0.006) * 0.006
    swell = rise(waves, 0.5, 0.2)
    (warp,) = canvas.noise(canvas.x * 0.35 + 0.1 * knob[:, 1:2], canvas.y * 0.8, "billows")
    rows = 15.0 * torch.log(depth + 0.045)
    angle = rows + 1.1 * warp + 0.9 * torch.tanh(knob[:, 0:1]) * (canvas.x - 0.5) + knob[:, 2:3]
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
        0.55 * torch.log(depth + 0.05) + 0.1 * knob[:, 9:10],
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
    threads = 0.85 + 0.15 * torch.sin(6 * across + torch.sin(9 * up))
    column = (
        torch.sigmoid((1 - across**2) / 0.3) * torch.sigmoid(up * 30) * torch.sigmoid((1 - up) * 18)
    )
    picture = mix(picture, white * threads, 0.95 * power * column)
    mist = torch.exp(-(((canvas.x - source) / 0.11) ** 2) - ((canvas.y - top) / 0.035) ** 2)
    return mix(picture, white * 0.9, 0.6 * power * mist)


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
        canvas.y * 0.9 + 0.3 * knob[:, 4:5],
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
        canvas.y * 0.6 + 0.1 * knob[:, 6:7],
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
        "sparks", canvas.x * 1.4 - lean, canvas.y * 1.4 + 0.1 * knob[:, 10:11], scene.fire
    )
    near = (
        torch.exp(-((across / 1.3) ** 2))
        * torch.sigmoid(6 * (up - 0.1))
        * torch.sigmoid(3 * (1.8 - up))
    )
    return picture + 1.6 * sparks * near * show * color(1.5, 0.6, 0.08, like)


def paint_fog(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """Haze along the horizon that thickens to a wall of fog with drifting banks."""
    knob = scene.free["air"]
    billows, banks = canvas.noise(
        canvas.x * 0.35 + 0.1 * knob[:, 3:4],
        canvas.y * 0.9 + 0.1 * knob[:, 4:5],
        *("billows", "streaks"),
    )
    level = scene.horizon + 0.02
    far = torch.exp(-(((canvas.y - level) / 0.26) ** 2))
    above = torch.sigmoid((level - canvas.y) / 0.05)
    near = 0.35 + 0.65 * above * torch.exp(-F.relu(level - canvas.y) / 0.6)
    thick = rise(scene.fog, 0.40, 0.17)
    amount = 2.6 * thick * far + 1.6 * thick**2 * near + 1.0 * thick * near
    amount = amount * (1 + 0.15 * banks + 0.10 * billows).clamp(min=0.1)
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
    picture = mix(picture, veil, 0.50 * fall * (0.55 + 0.45 * floor))
    drop = light.haze * 0.9 + 0.16 * (1 - 0.75 * light.night) * (1 - 0.5 * light.storm)
    lean = slant * canvas.y
    near = canvas.sprites("rain", canvas.x + lean + shift, canvas.y * 0.9, amount)
    far = canvas.sprites("rain", 1.9 * (canvas.x + lean) + shift, canvas.y * 1.7 + 0.4, amount)
    streaks = 1 - (1 - 0.85 * near) * (1 - 0.5 * far)
    return mix(picture, drop * 1.15, (0.80 * streaks).clamp(max=0.95))


def paint_snowfall(
    canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor
) -> torch.Tensor:
    """Flakes near and far in whitening air."""
    fall = rise(scene.snow, 0.45, 0.22)
    shift = 0.1 * scene.knob("air", 6)
    slant = 0.08 + 0.7 * gale(scene)
    picture = mix(picture, light.haze * 1.02, 0.15 * fall)
    lean = slant * canvas.y
    near = canvas.sprites("flakes", canvas.x + lean + shift, canvas.y * 1.1, scene.snow)
    far = canvas.sprites("flakes", 2.1 * (canvas.x + lean) - shift, canvas.y * 2.1, scene.snow)
    flakes = 1 - (1 - near) * (1 - 0.7 * far)
    white = light.haze * 0.8 + 0.85 * (1 - 0.85 * light.night) + 0.05
    return mix(picture, white, (0.95 * flakes).clamp(max=0.98))


def paint_gusts(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """Wind made visible: dust along the ground, pale streaks in the air, blown leaves."""
    wind, knob = scene.wind, scene.knob("air", 5)
    force = gale(scene)
    (dust,) = canvas.noise(canvas.x * 0.30 + 0.1 * knob, canvas.y * 1.1 + 0.2 * canvas.x, "streaks")
    low = torch.exp(-(((canvas.y - scene.horizon - 0.10) / 0.13) ** 2))
    dry = (1 - 0.8 * rise(scene.waves, 0.15, 0.09)) * (1 - 0.6 * light.gray)
    tan = color(0.62, 0.50, 0.34, picture) * (light.total * 0.95)
    tan = mix(tan, color(0.85, 0.88, 0.95, picture) * light.total, light.white)
    picture = mix(picture, tan, force * dry * (0.20 + 0.80 * low) * torch.sigmoid(1.6 * dust - 0.1))
    v = canvas.y + 0.03 * torch.sin(7 * canvas.x + knob)
    streaks = canvas.sprites("gusts", canvas.x * 0.9 + 0.1 * knob, v * 0.9, 1 - (1 - wind) ** 1.6)
    pale = light.haze * 0.9 + 0.42 * (1 - 0.9 * light.night) * (1 - 0.5 * light.storm) + 0.01
    picture = mix(picture, pale, (0.68 * streaks).clamp(max=0.9))
    leaves = canvas.sprites("leaves", canvas.x * 1.1 - 0.1 * knob, canvas.y * 1.1, wind)
    band = torch.sigmoid((canvas.y - scene.horizon + 0.30) / 0.06)
    leaf = mix(color(0.16, 0.13, 0.03, picture), color(0.42, 0.13, 0.02, picture), scene.season)
    return mix(picture, leaf * (light.total + 0.02), (0.92 * leaves * band).clamp(max=0.95))


def paint_birds(canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor) -> torch.Tensor:
    """A few birds, then a flock, dark against the sky (pale shapes at night)."""
    knob = scene.free["animals"]
    tilt = 0.12 * torch.tanh(knob[:, 3:4])
    size = 1.0 + 0.12 * torch.tanh(knob[:, 2:3])
    u = (canvas.x - 0.5) * size + 0.5 + 0.10 * knob[:, 0:1]
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
    u, v = canvas.x * 0.9 + 0.1 * knob[:, 8:9], canvas.y * 0.9 + 0.1 * knob[:, 9:10]
    low = torch.sigmoid((canvas.y - scene.horizon - 0.02) / 0.04)
    lights = canvas.sprites("fireflies", u, v, scene.crickets) * low
    return picture + 1.5 * (0.3 + 0.7 * light.night) * lights * color(0.75, 0.95, 0.10, picture)


def paint_bolt_glow(
    canvas: Canvas, scene: Scene, light: Light, picture: torch.Tensor
) -> torch.Tensor:
    """Cold light of the bolts on the land below."""
    power = rise(scene.thunderstorm, 0.55, 0.2)
    land = torch.sigmoid((canvas.y - scene.horizon) / 0.02)
    return picture * (1 + power * land * color(0.5, 0.45, 0.9, picture))
