"""Checks of two steps of editing a photo: its air cleared, and the gate of an edit in one pass.

foggy photo, air, fog -> clear photo; latents, changes, gates -> latents
"""

import math

import torch
import torch.nn.functional as F

from sgim.exercises.answers import (
    Answer,
    Case,
    check_input_unchanged,
    check_property,
    check_values,
    close,
)
from sgim.exercises.reports import Findings, reported
from sgim.world.photo_maps import display_from_linear, linear_from_display


@reported("clear air")
def check_clear_air(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_clear_air(foggy, air, beta, fog)` -> display values (3, height, width) without the fog.

    foggy is (3, height, width) and fog (3,), both display values from 0 to 1; air is (1, height,
    width), 0 and up; beta is a number.
    """
    answer = Answer(function, "my_clear_air")
    random = torch.Generator().manual_seed(seed)
    cases = [_foggy_case(*case, random) for case in ((4, 5, 0.7), (6, 3, 1.3), (3, 7, 1.1))]
    check_values(
        findings,
        answer,
        cases,
        _cleared,
        {
            "The curve of the screen is forgotten: display values are taken apart, and it was "
            "light that was mixed.": lambda foggy, air, beta, fog: _apart(
                foggy, _color(fog), _through(air, beta)
            ),
            "The result is still linear light. A screen expects display values.": (
                lambda foggy, air, beta, fog: linear_from_display(_cleared(foggy, air, beta, fog))
            ),
            "The photo becomes light, and the color of the fog stays a display value.": (
                lambda foggy, air, beta, fog: display_from_linear(
                    _apart(linear_from_display(foggy), _color(fog), _through(air, beta))
                )
            ),
            "The two curves have changed places: which of them leads from the screen to light?": (
                lambda foggy, air, beta, fog: linear_from_display(
                    _apart(*map(display_from_linear, (foggy, _color(fog))), _through(air, beta))
                )
            ),
            "A plain power of 2.2 stands in the place of the sRGB curve. It is near, but not in "
            "the shadows.": lambda foggy, air, beta, fog: (
                _apart(foggy**2.2, _color(fog) ** 2.2, _through(air, beta)).clamp(min=0)
                ** (1 / 2.2)
            ),
            "The shares of photo and fog have changed places.": (
                lambda foggy, air, beta, fog: _with_share(foggy, 1 - _through(air, beta), fog)
            ),
            "Distance and transmittance are mixed up: more air lets less light through.": (
                lambda foggy, air, beta, fog: _with_share(foggy, beta * air, fog)
            ),
            "The fog is taken in proportion to the air. Twice the air lets through the square of "
            "the share, and never less than nothing.": (
                lambda foggy, air, beta, fog: _with_share(foggy, 1 - beta * air, fog)
            ),
            "beta is not used: thick and thin fog are the same.": (
                lambda foggy, air, beta, fog: _cleared(foggy, air, 1.0, fog)
            ),
            "The sign is missing: the transmittance is above 1 and grows with the air.": (
                lambda foggy, air, beta, fog: _cleared(foggy, air, -beta, fog)
            ),
            "The base is 2, and the formula has e.": (
                lambda foggy, air, beta, fog: _cleared(foggy, air, beta * math.log(2), fog)
            ),
            "One number stands for all of the air. It differs from pixel to pixel.": (
                lambda foggy, air, beta, fog: _cleared(foggy, air.mean(), beta, fog)
            ),
            "The fog's own light is still there: it is to be taken off before the division.": (
                lambda foggy, air, beta, fog: _cleared(foggy, air, beta, 0 * fog)
            ),
            "The fog's light is taken off, and what is left is as dim as it came through.": (
                lambda foggy, air, beta, fog: display_from_linear(
                    linear_from_display(foggy)
                    - (1 - _through(air, beta)) * linear_from_display(_color(fog))
                )
            ),
            "The fog is laid over the photo once more, and not taken away.": (
                lambda foggy, air, beta, fog: _fogged(foggy, air, beta, fog)
            ),
            "Nothing has changed: the foggy photo comes back.": lambda foggy, *others: foggy,
        },
        axes="(3, height, width)",
        otherwise="Take the pixel of section 3 the way back: the light 0.5 came through half a "
        "transmittance, and the fog has the light 1. Which light does the thing send?",
    )
    foggy, air, _, fog = cases[0]
    check_property(
        findings,
        "where there was no fog nothing changes",
        lambda: close(answer.numbers(foggy, air, 0.0, fog), foggy),
        "With beta = 0 the photo has to come back as it was.",
    )
    check_input_unchanged(findings, answer)


def _foggy_case(height: int, width: int, beta: float, random: torch.Generator) -> Case:
    """A photo under fog that is brighter than all of it."""
    photo = 0.05 + 0.6 * torch.rand(3, height, width, generator=random)
    air = 0.05 + 1.2 * torch.rand(1, height, width, generator=random)
    fog = 0.75 + 0.2 * torch.rand(3, generator=random)
    return _fogged(photo, air, beta, fog), air, beta, fog


def _color(fog: torch.Tensor) -> torch.Tensor:
    return fog[:, None, None]


def _through(air: torch.Tensor, beta: float) -> torch.Tensor:
    return torch.exp(-beta * air)


def _fogged(photo: torch.Tensor, air: torch.Tensor, beta: float, fog: torch.Tensor) -> torch.Tensor:
    light, fog_light = map(linear_from_display, (photo, _color(fog)))
    return display_from_linear(fog_light + _through(air, beta) * (light - fog_light))


def _apart(foggy: torch.Tensor, fog: torch.Tensor, through: torch.Tensor) -> torch.Tensor:
    """What was mixed with fog, by the share that came through."""
    return (foggy - (1 - through) * fog) / through


def _with_share(foggy: torch.Tensor, through: torch.Tensor, fog: torch.Tensor) -> torch.Tensor:
    light, fog_light = map(linear_from_display, (foggy, _color(fog)))
    return display_from_linear(_apart(light, fog_light, through))


def _cleared(foggy: torch.Tensor, air: torch.Tensor, beta: float, fog: torch.Tensor):
    return _with_share(foggy, _through(air, beta), fog)


@reported("gate and threshold")
def check_gated_change(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_gated(ws, change, gate, threshold)` -> (batch, num_ws, w_dim).

    ws and change are (batch, num_ws, w_dim), gate is (batch, num_ws, 1) before its sigmoid.
    """
    answer = Answer(function, "my_gated")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for *shape, threshold in ((1, 4, 5, 0.3), (3, 2, 6, 0.6), (2, 7, 3, 0.2)):
        ws, change = torch.randn(2, *shape, generator=random)
        gate = 0.4 + torch.randn(shape[0], shape[1], 1, generator=random)
        cases.append((ws, change, gate, threshold))
    check_values(
        findings,
        answer,
        cases,
        _gated,
        {
            "What is above the threshold comes nearer to 0 by it. It stays as large as it was.": (
                lambda ws, change, gate, threshold: (
                    ws + F.softshrink(gate.sigmoid() * change, threshold)
                )
            ),
            "The threshold is not used: small changes stay.": (
                lambda ws, change, gate, threshold: ws + gate.sigmoid() * change
            ),
            "The sigmoid is missing: a gate is between 0 and 1.": (
                lambda ws, change, gate, threshold: ws + F.hardshrink(gate * change, threshold)
            ),
            "The threshold comes first, and then the gate. It is the other way round.": (
                lambda ws, change, gate, threshold: (
                    ws + gate.sigmoid() * F.hardshrink(change, threshold)
                )
            ),
            "The sign of the change is lost: everything moves up.": (
                lambda ws, change, gate, threshold: _gated(ws, change.abs(), gate, threshold)
            ),
            "Only changes upward are kept. What is with the large ones below zero?": (
                lambda ws, change, gate, threshold: _gated(ws, F.relu(change), gate, threshold)
            ),
            "Small changes are kept, and the large ones are taken away.": (
                lambda ws, change, gate, threshold: (
                    ws + gate.sigmoid() * change - _gated(0 * ws, change, gate, threshold)
                )
            ),
            "Large changes are cut to the threshold. They stay as large as they were.": (
                lambda ws, change, gate, threshold: (
                    ws + (gate.sigmoid() * change).clamp(-threshold, threshold)
                )
            ),
            "That is the change alone. The latent it belongs to is missing.": (
                lambda ws, change, gate, threshold: _gated(0 * ws, change, gate, threshold)
            ),
            "The change is subtracted: the edit goes to the opposite.": (
                lambda ws, change, gate, threshold: _gated(ws, -change, gate, threshold)
            ),
            "The gate works the wrong way round: open rows stay and closed ones move.": (
                lambda ws, change, gate, threshold: _gated(ws, change, -gate, threshold)
            ),
            "The gate is not used: all rows move alike.": (
                lambda ws, change, gate, threshold: ws + F.hardshrink(change, threshold)
            ),
            "A softmax lets the rows compete for one share. Each row has a gate of its own.": (
                lambda ws, change, gate, threshold: (
                    ws + F.hardshrink(gate.softmax(1) * change, threshold)
                )
            ),
        },
        axes="(batch, num_ws, w_dim)",
        otherwise="Take the row of section 7 by hand: the changes 0.06, -0.20 and 0.60, a gate "
        "that is half open, the threshold 0.05.",
    )
    ws, change, gate, threshold = cases[0]
    small = 0.9 * threshold * change.tanh()
    check_property(
        findings,
        "what hardly moves stays exactly at the source",
        lambda: torch.equal(answer.numbers(ws, small, gate, threshold), ws),
        "Changes up to the threshold have to leave the latent exactly as it was.",
    )
    check_input_unchanged(findings, answer)


def _gated(ws, change, gate, threshold):
    return ws + F.hardshrink(torch.sigmoid(gate) * change, threshold)
