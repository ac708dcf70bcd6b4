"""What the rows of a latent `ws` mean: which parameters of the scene each row holds.

coordinate of `ws` <-> named parameter in its range, intensity of a weather
"""

import math

import torch

from sgim.checks import SgimError

W_DIM = 12
LAND_DEVIATION = 4.0
LIGHT_DEVIATION = 2.0
KNEE = 0.015
GAIN = 1.2

LAYERS: dict[str, dict[str, tuple[float, float, float]]] = {
    "land": {
        "horizon": (0.46, 0.57, 0.66),
        "ridge_height": (0.0, 0.55, 1.0),
        "peaks": (0.0, 0.5, 1.0),
        "snowcaps": (0.0, 0.5, 1.0),
    },
    "trees": {
        "trees": (0.0, 0.55, 1.0),
        "tree_size": (0.0, 0.5, 1.0),
        "conifers": (0.0, 0.6, 1.0),
    },
    "ground": {
        "season": (0.0, 0.15, 1.0),
        "lushness": (0.0, 0.7, 1.0),
        "flowers": (0.0, 0.3, 1.0),
    },
    "shore": {
        "water": (0.0, 0.25, 1.0),
        "shore_tilt": (-1.0, 0.0, 1.0),
        "sand": (0.0, 0.3, 1.0),
        "clarity": (0.0, 0.5, 1.0),
    },
    "light": {
        "sun_height": (0.02, 0.55, 1.0),
        "sun_x": (0.08, 0.65, 0.92),
        "warmth": (0.0, 0.5, 1.0),
        "exposure": (0.0, 0.5, 1.0),
        "haze": (0.0, 0.35, 1.0),
    },
    "clouds": {
        "cloud_cover": (0.0, 0.36, 1.0),
        "cloud_size": (0.0, 0.5, 1.0),
        "cloud_contrast": (0.0, 0.5, 1.0),
    },
    "air": dict.fromkeys(("rain", "thunderstorm", "wind", "snow", "fog")),
    "fire": dict.fromkeys(("fire",)),
    "water_weather": dict.fromkeys(("waves", "stream")),
    "animals": dict.fromkeys(("birds", "crickets")),
}
"""Rows of `ws`: the named parameters of each come first, as (low, value at w = 0, high); the
weathers have none, they share the ramp from w to intensity. The remaining coordinates of a row
shape it (ridge phases, places of trees and clouds, bends of the stream ...)."""

LAYER_NAMES = tuple(LAYERS)


def intensity_from_coordinate(coordinate: torch.Tensor) -> torch.Tensor:
    """Weather intensity in (0, 1): a soft ramp below zero, linear, then saturating.

    Below zero the gradient upward keeps half of the linear slope although the value hardly changes
    (a straight-through estimate), so a weather that is not there can come; the gradient downward
    does not: no weather is less than none.

    >>> [round(float(intensity_from_coordinate(torch.tensor(c))), 2) for c in (-1.0, 0.0, 1.0)]
    [0.0, 0.01, 0.7]
    """
    ramp = 0.5 * (coordinate + torch.sqrt(coordinate**2 + KNEE**2))
    below = 0.5 * coordinate.clamp(max=0)
    if below.requires_grad:
        below.register_hook(lambda gradient: gradient.clamp(max=0))
    return 1 - torch.exp(-GAIN * (ramp + below - below.detach()))


def coordinate_from_intensity(intensity: torch.Tensor) -> torch.Tensor:
    """Inverse of `intensity_from_coordinate`; intensities are held within [0.0005, 0.9995]."""
    ramp = -torch.log1p(-intensity.clamp(5e-4, 1 - 5e-4)) / GAIN
    return ramp - KNEE**2 / (4 * ramp)


def squash(standard: torch.Tensor, low: float, middle: float, high: float) -> torch.Tensor:
    """Map a standard normal coordinate into (low, high), 0 to `middle`."""
    share = (middle - low) / (high - low)
    return low + (high - low) * torch.sigmoid(math.log(share / (1 - share)) + 1.6 * standard)


def weather_place(name: str) -> tuple[int, int]:
    """Row and column of `ws` that hold a weather."""
    for row, layer in enumerate(LAYERS.values()):
        if name in layer:
            return row, list(layer).index(name)
    raise SgimError(f"weather is {name!r}; no layer of the scene holds it.")
