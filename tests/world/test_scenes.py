"""The scene generator: shapes, ranges, gradients and errors of the painted world."""

import pytest
import torch
import torch.nn.functional as F

from sgim.checks import SgimError
from sgim.world.layers import LAYERS
from sgim.world.names import WEATHER_NAMES
from sgim.world.scenes import SceneGenerator


@pytest.fixture(scope="module")
def generator():
    return SceneGenerator(64)


@pytest.fixture(scope="module")
def ws(generator):
    z = torch.randn(2, generator.z_dim, generator=torch.Generator().manual_seed(5))
    return generator.mapping(z)


def weather_column(name):
    for row, layer in enumerate(LAYERS.values()):
        if name in layer:
            return row, list(layer).index(name)


def slope_of_picture(generator, ws, name, intensity):
    row, column = weather_column(name)
    ws = generator.with_weather(ws, {name: intensity})
    step = torch.zeros_like(ws)
    step[:, row, column] = 0.002
    with torch.no_grad():
        change = generator.synthesis(ws + step) - generator.synthesis(ws - step)
    return change.square().mean().sqrt()


def test_pictures_have_the_promised_shape_range_and_type(generator, ws):
    images = generator.synthesis(ws)
    assert images.shape == (2, 3, 64, 64)
    assert images.dtype == torch.float32
    assert images.min() >= -1 and images.max() <= 1
    assert ws.shape == (2, generator.num_ws, generator.w_dim)
    assert generator.w_avg.shape == (generator.num_ws, generator.w_dim)


def test_the_same_ws_give_the_same_picture_and_other_z_another_one(generator, ws):
    images = generator.synthesis(ws)
    assert torch.equal(images, SceneGenerator(64).synthesis(ws))
    assert (images[0] - images[1]).abs().mean() > 0.05


def test_a_batch_equals_its_pictures_one_by_one(generator, ws):
    singles = torch.cat([generator.synthesis(ws[:1]), generator.synthesis(ws[1:])])
    torch.testing.assert_close(generator.synthesis(ws), singles, atol=1e-4, rtol=0)


def test_truncation_zero_gives_w_avg(generator):
    ws = generator.mapping(torch.randn(3, generator.z_dim), truncation_psi=0)
    torch.testing.assert_close(ws, generator.w_avg.expand(3, -1, -1))


def test_mapped_scenes_are_calm(generator):
    z = torch.randn(500, generator.z_dim, generator=torch.Generator().manual_seed(0))
    parameters = generator.scene_parameters(generator.mapping(z))
    assert max(parameters[name].max() for name in WEATHER_NAMES) < 0.06


def test_with_weather_sets_what_scene_parameters_read_and_nothing_else(generator, ws):
    before = generator.scene_parameters(ws)
    values = torch.tensor([0.0, 1.0])
    for name in WEATHER_NAMES:
        after = generator.scene_parameters(generator.with_weather(ws, {name: values}))
        torch.testing.assert_close(after[name], values, atol=1e-3, rtol=0)
        assert all(torch.equal(after[key], before[key]) for key in before if key != name)
    halves = generator.with_weather(ws, dict.fromkeys(WEATHER_NAMES, 0.5))
    read = generator.scene_parameters(halves)
    assert all((read[name] - 0.5).abs().max() < 1e-3 for name in WEATHER_NAMES)


@pytest.mark.parametrize("name", WEATHER_NAMES)
def test_a_weather_at_nothing_can_be_felt_in_the_picture(generator, ws, name):
    calm = slope_of_picture(generator, ws, name, 0.01)
    half = slope_of_picture(generator, ws, name, 0.5)
    assert calm >= 0.2 * half


@pytest.mark.parametrize("name", WEATHER_NAMES)
def test_more_weather_is_further_from_the_calm_scene(generator, ws, name):
    with torch.no_grad():
        calm = generator.synthesis(generator.with_weather(ws, {name: 0.0}))
        distances = [
            (generator.synthesis(generator.with_weather(ws, {name: level})) - calm)
            .square()
            .mean()
            .sqrt()
            for level in (0.03, 0.25, 0.6, 1.0)
        ]
    assert distances[0] < 0.06
    assert distances[0] < distances[1] < distances[2]
    assert distances[3] > 0.95 * distances[2]


def test_every_coordinate_gets_a_finite_gradient_even_in_all_weathers_at_once(generator, ws):
    for level in (0.01, 0.4):
        stormy = generator.with_weather(ws, dict.fromkeys(WEATHER_NAMES, level))
        stormy.requires_grad_(True)
        images = generator.synthesis(stormy)
        (images * torch.linspace(-1, 1, 64)).sum().backward()
        assert stormy.grad.isfinite().all()
        assert (stormy.grad.abs().amax(0) > 0).all()


def test_far_away_latents_still_give_finite_pictures_and_gradients(generator, ws):
    far = (ws * 20).requires_grad_(True)
    images = generator.synthesis(far)
    images.square().mean().backward()
    assert images.isfinite().all() and far.grad.isfinite().all()


def test_a_scene_looks_alike_at_64_and_128_pixels(generator, ws):
    with torch.no_grad():
        large = F.avg_pool2d(SceneGenerator(128).synthesis(ws), 2)
        small = generator.synthesis(ws)
    assert (large - small).abs().mean() < 0.04


def test_noise_modes_touch_only_the_little_textures(generator, ws):
    const = generator.synthesis(ws)
    for noise_mode in ("random", "none"):
        other = generator.synthesis(ws, noise_mode=noise_mode)
        assert 0 < (other - const).abs().mean() < 0.15


def test_bad_input_is_told_in_one_sentence(generator, ws):
    with pytest.raises(SgimError, match="ws has shape"):
        generator.synthesis(ws[0])
    with pytest.raises(SgimError, match="z has shape"):
        generator.mapping(torch.zeros(1, 3))
    with pytest.raises(SgimError, match="weather is 'hail'"):
        generator.with_weather(ws, {"hail": 0.5})
    with pytest.raises(SgimError, match="between 0 and 1"):
        generator.with_weather(ws, {"rain": 1.5})
    with pytest.raises(SgimError, match="intensity of rain has shape"):
        generator.with_weather(ws, {"rain": torch.zeros(3)})
    with pytest.raises(SgimError, match="noise_mode is 'loud'"):
        generator.synthesis(ws, noise_mode="loud")
    with pytest.raises(SgimError, match="img_resolution is 32"):
        SceneGenerator(32)
