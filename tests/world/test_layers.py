"""From a coordinate of the latent to an intensity: there and back, and where slopes lead."""

import pytest
import torch

from sgim.world.layers import coordinate_from_intensity, intensity_from_coordinate


def slope(at: float, wish: float) -> float:
    """Gradient of a loss that wants more intensity (`wish` 1) or less (-1)."""
    coordinate = torch.tensor(at, requires_grad=True)
    (gradient,) = torch.autograd.grad(-wish * intensity_from_coordinate(coordinate), coordinate)
    return gradient.item()


@pytest.mark.parametrize("intensity", [0.01, 0.2, 0.7, 0.95])
def test_there_and_back(intensity):
    coordinate = coordinate_from_intensity(torch.tensor(intensity))
    assert intensity_from_coordinate(coordinate).item() == pytest.approx(intensity, abs=1e-4)


@pytest.mark.parametrize("at", [-1.0, -0.1, -0.02, 0.0, 0.1, 1.0])
def test_a_weather_can_always_come(at):
    assert slope(at, wish=1) < -0.3


@pytest.mark.parametrize("at", [-1.0, -0.3])
def test_no_weather_becomes_less_than_none(at):
    assert slope(at, wish=-1) == pytest.approx(0.0, abs=0.01)


def test_a_weather_that_is_there_can_go():
    assert slope(0.3, wish=-1) > 0.3
