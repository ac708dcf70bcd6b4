"""Families of scenes: one land, weathers that differ in little."""

import random

import pytest

from sgim.checks import SgimError
from sgim.world.names import WEATHER_NAMES
from sgim.world.samples import FAMILY_SIZE, draw_family, draw_scenes
from sgim.world.scenes import SceneGenerator


def test_a_family_shares_its_land_and_climbs_one_weather():
    scenes = draw_scenes(SceneGenerator(64), 2 * FAMILY_SIZE, seed=3, families=True)
    for family in (scenes.weathers[:FAMILY_SIZE], scenes.weathers[FAMILY_SIZE:]):
        clear, faint, some, full, *beside, alone = family
        (name,) = faint
        assert clear == {} and set(some) == set(full) == {name} and name not in alone
        assert faint[name] < some[name] and faint[name] < full[name] and full[name] >= 0.85
        assert all(name in weather and len(weather) > 1 for weather in beside)
    ridges = [landscape["ridge_height"] for landscape in scenes.landscapes]
    assert len(set(ridges[:FAMILY_SIZE])) == 1 and ridges[0] != ridges[FAMILY_SIZE]


def test_families_fill_the_count():
    with pytest.raises(SgimError, match="families need a multiple of 8"):
        draw_scenes(SceneGenerator(64), 12, seed=3, families=True)


def test_every_weather_leads_a_family():
    rng = random.Random(0)
    assert {next(iter(draw_family(rng)[1])) for _ in range(200)} == set(WEATHER_NAMES)
