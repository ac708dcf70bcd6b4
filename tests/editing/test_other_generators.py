"""StyleGAN3 and generators with classes in the place of a bundle's: edits and projections."""

import dataclasses

import pytest
import torch
from stylegan3_files import small_stylegan3

import sgim
from sgim.checks import SgimError
from sgim.editing.project_config import FROM_THE_MEAN, config_for
from sgim.models.stylegan2 import StyleGAN2, StyleGAN2Config
from sgim.seeds import ws_from_seeds
from sgim.world.sounds import synthesize_sound


def conditional_stylegan2():
    torch.manual_seed(0)
    config = StyleGAN2Config(
        channels=(8, 8, 8, 8), z_dim=7, w_dim=10, mapping_layers=2, num_classes=3
    )
    return StyleGAN2(config).eval().requires_grad_(False)


GENERATORS = {
    "stylegan3-t": lambda: small_stylegan3(),
    "stylegan3-r": lambda: small_stylegan3("r"),
    "conditional stylegan2": conditional_stylegan2,
    "conditional stylegan3": lambda: small_stylegan3(num_classes=3),
}


@pytest.fixture(params=GENERATORS)
def generator(request):
    made = GENERATORS[request.param]()
    if made.num_classes:
        made.class_names = ("cat", "dog", "wild")
    return made


def some_class(generator):
    return "dog" if generator.num_classes else None


@pytest.mark.parametrize("official_compat", [False, True])
def test_a_sound_moves_the_picture_by_a_preset(bundle, generator, official_compat):
    bundle = dataclasses.replace(bundle, generator=generator)
    preset = sgim.preset_for("paper")
    source_ws = ws_from_seeds(generator, [3], preset.truncation_psi, some_class(generator))
    weights = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    config = dataclasses.replace(preset.config, num_steps=6, official_compat=official_compat)
    result = sgim.manipulate(
        bundle, source_ws, sound=synthesize_sound("rain", 0.9, 3.0, 7), config=config
    )
    guidance = result.history["guidance"]
    assert min(guidance[1:]) < guidance[0] - 1e-3
    assert result.ws.shape == result.source_ws.shape == (1, generator.num_ws, 10)
    assert result.layer_weights.shape == (1, generator.num_ws)
    assert result.images.shape == (1, 3, 32, 32)
    assert all(torch.equal(weights[name], now) for name, now in generator.state_dict().items())


def test_a_photo_is_projected_from_the_mean_of_w(bundle, generator):
    bundle = dataclasses.replace(bundle, generator=generator)
    c = some_class(generator)
    photo = generator.synthesis(ws_from_seeds(generator, [5], 1.0, c))
    assert config_for(generator) is FROM_THE_MEAN
    steps = []
    config = dataclasses.replace(FROM_THE_MEAN, num_steps=5, latent_noise=0.0)
    result = sgim.project(bundle, photo.clamp(-1, 1), c=c, config=config, callback=steps.append)
    assert result.ws.shape == (1, generator.num_ws, 10)
    assert min(result.history["pixel"]) < 0.7 * result.history["pixel"][0]
    mean = generator.w_avg[None] if c is None else generator.mean_latent(1000, c=c)
    start = generator.synthesis(mean.expand(1, generator.num_ws, -1))
    assert torch.allclose(steps[0].images, start, atol=0.05 * start.std().item())


def test_the_class_is_needed_exactly_where_there_are_some(bundle, generator):
    bundle = dataclasses.replace(bundle, generator=generator)
    photo = torch.zeros(1, 3, 32, 32)
    wrong = None if generator.num_classes else "dog"
    sentence = "c is left out" if generator.num_classes else "c is 'dog', and this generator has"
    for work in (
        lambda: ws_from_seeds(generator, [1], c=wrong),
        lambda: sgim.project(bundle, photo, c=wrong),
    ):
        with pytest.raises(SgimError, match=sentence):
            work()


def test_the_painter_has_no_classes(bundle):
    with pytest.raises(SgimError, match="c is 'dog', and this generator has no classes"):
        ws_from_seeds(bundle.generator, [1], c="dog")


def test_seeds_may_have_a_class_each():
    generator = conditional_stylegan2()
    both = ws_from_seeds(generator, [1, 2], c=[0, 2])
    assert torch.allclose(both[1:], ws_from_seeds(generator, [2], c=2), atol=1e-5)
    assert not torch.allclose(both[1:], ws_from_seeds(generator, [2], c=0), atol=1e-2)


def test_noise_maps_are_not_learned_where_there_are_none(bundle):
    bundle = dataclasses.replace(bundle, generator=small_stylegan3())
    config = dataclasses.replace(FROM_THE_MEAN, noise_map_weight=1.0)
    with pytest.raises(SgimError, match="this generator has no noise maps"):
        sgim.project(bundle, torch.zeros(1, 3, 32, 32), config=config)
