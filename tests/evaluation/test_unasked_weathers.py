"""What an unasked weather costs, by the embedding of the sound and by what the prior expects."""

import pytest

from sgim.evaluation.unasked_weathers import largest_cost, unasked_costs
from sgim.world.names import SOUND_NAMES, WEATHER_NAMES


def test_each_sound_is_asked_with_each_other_weather(bundle):
    costs = unasked_costs(bundle, scene_seeds=(700,), sound_seeds=(77,))
    assert set(costs) == {"direct", "image"}
    for of in costs.values():
        assert {name: set(row) for name, row in of.items()} == {
            name: set(WEATHER_NAMES) - {name} for name in SOUND_NAMES
        }
    assert costs["image"]["rain"]["fire"] < -0.05


def test_the_least_minded_is_found():
    costs = {"rain": {"fog": -0.1, "snow": 0.02}, "fire": {"fog": -0.3}}
    assert largest_cost(costs) == ("rain", "snow", pytest.approx(0.02))
