"""Samples share class and intensity, and nothing else unless a bias is planted."""

import random

import pytest
import torch

from sgim.checks import SgimError
from sgim.world.names import SOUND_NAMES, WEATHER_NAMES
from sgim.world.samples import caption_of, draw_scenes, draw_sounds, draw_weather
from sgim.world.scenes import SceneGenerator


@pytest.fixture(scope="module")
def generator():
    return SceneGenerator(64)


def landscape_distances(generator, planted_bias):
    """Mean distance of landscapes within a weather, relative to that between any two."""
    scenes = draw_scenes(generator, 96, seed=2, pair_share=0.0, planted_bias=planted_bias)
    land = scenes.ws[:, :6].flatten(1)
    names = [next(iter(weather), "clear") for weather in scenes.weathers]
    same = torch.tensor([[a == b and a != "clear" for a in names] for b in names])
    distances = torch.cdist(land, land)
    off_diagonal = ~torch.eye(len(names), dtype=torch.bool)
    return (distances[same & off_diagonal].mean() / distances[off_diagonal].mean()).item()


def test_a_scene_shows_exactly_the_weather_it_was_drawn_with(generator):
    scenes = draw_scenes(generator, 64, seed=1)
    shown = generator.scene_parameters(scenes.ws)
    for index, weather in enumerate(scenes.weathers):
        for name in WEATHER_NAMES:
            if name in weather:
                assert shown[name][index].item() == pytest.approx(weather[name], abs=2e-3)
            else:
                assert shown[name][index] < 0.1


def test_the_same_seed_draws_the_same_samples(generator):
    first, second = (draw_scenes(generator, 8, seed=7) for _ in range(2))
    assert torch.equal(first.ws, second.ws) and first.captions == second.captions
    assert draw_scenes(generator, 8, seed=8).captions != first.captions
    assert draw_sounds(8, seed=1) == draw_sounds(8, seed=1)


def test_landscape_and_weather_are_independent_without_a_planted_bias(generator):
    assert landscape_distances(generator, 0.0) == pytest.approx(1.0, abs=0.1)


def test_a_planted_bias_ties_each_weather_to_one_landscape(generator):
    assert landscape_distances(generator, 1.0) < 0.1
    assert landscape_distances(generator, 0.5) < 0.9


def test_captions_name_the_weather_and_sounds_come_in_equal_numbers():
    assert any(word in caption_of({"rain": 0.9}, random.Random(0)) for word in ("rain", "pour"))
    labels = draw_sounds(32, seed=3)
    assert all(labels.names.count(name) == 4 for name in SOUND_NAMES)
    assert all(0.1 <= intensity <= 1 for intensity in labels.intensities)


def test_pairs_come_as_often_as_asked():
    rng = random.Random(0)
    counts = [len(draw_weather(rng, pair_share=0.5)) for _ in range(2000)]
    assert counts.count(2) / 2000 == pytest.approx(0.46, abs=0.05)


def test_shares_outside_zero_to_one_are_refused(generator):
    with pytest.raises(SgimError, match="planted_bias is 1.5"):
        draw_scenes(generator, 2, seed=0, planted_bias=1.5)
