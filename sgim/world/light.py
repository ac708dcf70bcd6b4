"""The light of a scene: what the hour and the weather make of sun, sky and haze.

Scene (parameters) -> `light_of` -> Light (linear colors), which every painter reads.
"""

import dataclasses

import torch

from sgim.world.canvas import Scene, color, mix, rise


@dataclasses.dataclass(frozen=True, kw_only=True)
class Light:
    """Colors of the hour: `sun` and `ambient` light things, `haze` is the air far away."""

    sun: torch.Tensor
    ambient: torch.Tensor
    zenith: torch.Tensor
    haze: torch.Tensor
    sun_x: torch.Tensor
    sun_y: torch.Tensor
    sun_shows: torch.Tensor
    night: torch.Tensor
    gray: torch.Tensor
    storm: torch.Tensor
    white: torch.Tensor

    @property
    def total(self) -> torch.Tensor:
        """Light on a matt white thing (batch, 3, 1, 1)."""
        return self.sun + self.ambient


def light_of(scene: Scene) -> Light:
    """Hour, season of the air and weather -> colors of the light."""
    like = scene.sun_height
    dusk = torch.exp(-scene.sun_height / 0.26) * (0.35 + 0.65 * scene.warmth)
    night = rise(scene.crickets, 0.18, 0.11)
    storm = 0.84 * rise(scene.thunderstorm, 0.12, 0.075)
    storm = storm + 0.16 * rise(scene.thunderstorm, 0.55, 0.20)
    rain, snow = rise(scene.rain, 0.2, 0.14), rise(scene.snow, 0.25, 0.10)
    gray = 1 - (1 - 0.93 * rain) * (1 - 0.95 * snow) * (1 - storm) * (
        1 - 0.8 * rise(scene.fog, 0.3, 0.12)
    )
    tint = 1 + 0.10 * torch.tanh(scene.free["light"][:, 0:3])
    glow = 1 + 0.10 * torch.tanh(scene.free["light"][:, 3:6])
    zenith = mix(color(0.09, 0.27, 0.72, like), color(0.13, 0.13, 0.36, like), dusk) * tint
    haze = mix(color(0.56, 0.76, 0.95, like), color(1.00, 0.50, 0.27, like), dusk) * glow
    sun = mix(color(1.0, 0.94, 0.80, like), color(1.0, 0.52, 0.22, like), dusk)
    overcast = color(0.43, 0.47, 0.53, like) * (1 - 0.42 * rain) * (1 + 0.18 * snow)
    overcast = mix(overcast, color(0.075, 0.058, 0.125, like), storm)
    zenith, haze = mix(zenith, overcast * 0.75, gray), mix(haze, overcast * 1.12, gray)
    moonlight = color(0.006, 0.012, 0.048, like)
    zenith = mix(zenith, moonlight * (1 - 0.4 * gray), night)
    haze = mix(haze, moonlight * color(3.4, 3.2, 2.5, like) * (1 - 0.5 * gray), night)
    shows = (1 - gray) * (1 - night)
    bright = (0.75 + 0.5 * scene.exposure) * (1 - 0.35 * dusk)
    ambient = (
        (0.30 * zenith + 0.42 * haze) * (1 + 0.5 * gray)
        + color(0.035, 0.055, 0.105, like) * night
        + 0.075 * storm
    )
    ambient = ambient * (1 + 0.80 * snow * (1 - night))
    return Light(
        sun=sun * bright * shows * 0.95,
        ambient=ambient * (0.8 + 0.4 * scene.exposure),
        zenith=zenith,
        haze=haze,
        sun_x=scene.sun_x,
        sun_y=scene.horizon - 0.02 - 0.40 * scene.sun_height,
        sun_shows=shows,
        night=night,
        gray=gray,
        storm=storm,
        white=0.96 * rise(scene.snow, 0.23, 0.095),
    )
