"""Projection: what comes near, what stays as it is, what is refused."""

import dataclasses
import functools
import sys
from urllib.error import URLError

import lpips
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import sgim
from sgim.checks import SgimError
from sgim.editing.noise_maps import noise_regularity, standardize
from sgim.editing.picture_distances import (
    lpips_distance,
    peak_signal_to_noise,
    pyramid_distance,
    shrink,
)
from sgim.editing.project_config import FROM_THE_MEAN, ProjectConfig
from sgim.editing.projection import project
from sgim.models.stylegan2 import StyleGAN2, StyleGAN2Config
from sgim.seeds import ws_from_seeds
from sgim.world.names import WEATHER_NAMES
from sgim.world.sounds import synthesize_sound

QUICK = ProjectConfig(num_starts=64, num_kept=4, num_steps=15)


class TinyGenerator(nn.Module):
    """Twelve latent numbers, the first row wide and the last narrow, become 16 x 16 pixels."""

    num_ws, w_dim, z_dim, img_resolution = 3, 4, 12, 16

    def __init__(self):
        super().__init__()
        weight = torch.randn(12, 48, generator=torch.Generator().manual_seed(0)) / 12**0.5
        self.register_buffer("weight", weight)
        self.register_buffer("w_avg", torch.tensor([[1.0], [0.0], [0.0]]).expand(3, 4))
        self.register_buffer("w_std", torch.tensor([[4.0], [1.0], [0.5]]))

    def mapping(self, z, truncation_psi=1.0):
        return self.w_avg + truncation_psi * self.w_std * z.view(-1, 3, 4)

    def synthesis(self, ws, noise_mode="const"):
        small = torch.tanh((ws / self.w_std).flatten(1) @ self.weight).view(-1, 3, 4, 4)
        return F.interpolate(small, (16, 16), mode="bilinear")


@dataclasses.dataclass
class TinyBundle:
    generator: nn.Module
    device: torch.device = torch.device("cpu")

    def encode_image(self, images):
        return F.normalize(F.adaptive_avg_pool2d(images, 2).flatten(1), dim=-1)


@pytest.fixture
def tiny():
    return TinyBundle(TinyGenerator())


@pytest.fixture
def photos(tiny):
    return tiny.generator.synthesis(ws_from_seeds(tiny.generator, [5, 6]))


def test_a_projection_has_the_shapes_of_its_photos(tiny, photos):
    result = project(tiny, photos, config=QUICK)
    assert result.ws.shape == (2, 3, 4)
    assert result.images.shape == result.target_images.shape == (2, 3, 16, 16)
    assert torch.equal(result.target_images, photos)
    assert torch.equal(result.images, tiny.generator.synthesis(result.ws))
    assert torch.equal(result.psnr, peak_signal_to_noise(result.images, photos))
    assert {name: len(values) for name, values in result.history.items()} == {
        "total": 30,
        "pixel": 30,
        "perceptual": 30,
    }
    assert result.seconds > 0 and result.config is QUICK


def test_pictures_of_the_generator_are_found_again(tiny, photos):
    config = dataclasses.replace(QUICK, num_steps=200, prior_weight=0.0, latent_noise=0.0)
    result = project(tiny, photos, config=config)
    assert result.psnr.min() > 35
    assert result.history["pixel"][-1] < 0.01 * result.history["pixel"][0]


def test_two_photos_at_once_are_projected_to_two_latents(tiny, photos):
    result = project(tiny, photos, config=QUICK)
    swapped = peak_signal_to_noise(result.images.flip(0), photos)
    assert (result.psnr > swapped + 6).all()


def test_the_same_seed_gives_the_same_projection(tiny, photos):
    first, second = (project(tiny, photos[:1], config=QUICK) for _ in range(2))
    assert torch.equal(first.ws, second.ws)
    other = project(tiny, photos[:1], config=dataclasses.replace(QUICK, seed=1))
    assert not torch.equal(first.ws, other.ws)


def test_one_start_is_the_mean_of_w(tiny, photos):
    still = ProjectConfig(
        num_starts=1, num_kept=1, num_steps=1, learning_rate=0.0, latent_noise=0.0
    )
    assert torch.equal(project(tiny, photos, config=still).ws, tiny.generator.w_avg.expand(2, 3, 4))


def test_the_nearest_of_random_starts_is_kept(tiny, photos):
    still = ProjectConfig(num_starts=1, num_kept=1, num_steps=1, learning_rate=0.0)
    psnr = [
        project(tiny, photos, config=dataclasses.replace(still, num_starts=count)).psnr.mean()
        for count in (1, 20, 1000)
    ]
    assert psnr[0] < psnr[1] < psnr[2]


def test_a_larger_prior_weight_keeps_the_latent_nearer_to_the_mean(tiny, photos):
    distances = []
    for weight in (0.0, 0.01, 1.0):
        result = project(tiny, photos, config=dataclasses.replace(QUICK, prior_weight=weight))
        units = (result.ws - tiny.generator.w_avg) / tiny.generator.w_std
        distances.append(units.norm().item())
    assert distances[0] > distances[1] > distances[2]


def test_the_perceptual_term_brings_the_embedding_nearer(tiny):
    photo = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1
    config = dataclasses.replace(QUICK, num_steps=100)
    distances = []
    for weight in (0.0, 1.0):
        result = project(tiny, photo, config=dataclasses.replace(config, perceptual_weight=weight))
        features = [tiny.encode_image(images) for images in (result.images, photo)]
        distances.append(1 - (features[0] * features[1]).sum().item())
    assert distances[1] < distances[0]


def test_a_callback_sees_every_step_and_can_stop(tiny, photos):
    seen = []

    def stop_at_twenty(step):
        seen.append((step.index, step.num_steps, tuple(step.images.shape)))
        assert set(step.losses) == {"total", "pixel", "perceptual"}
        return step.index == 19

    result = project(tiny, photos, config=QUICK, callback=stop_at_twenty)
    assert seen == [(index, 30, (2, 3, 16, 16)) for index in range(20)]
    assert len(result.history["total"]) == 20


def test_the_generator_and_the_photo_are_left_alone(tiny, photos):
    before = photos.clone(), tiny.generator.w_avg.clone()
    project(tiny, photos, config=QUICK)
    assert torch.equal(photos, before[0]) and torch.equal(tiny.generator.w_avg, before[1])


@pytest.fixture
def stylegan2():
    torch.manual_seed(0)
    config = StyleGAN2Config(channels=(16, 16, 16, 16), w_dim=16, z_dim=16, mapping_layers=2)
    generator = StyleGAN2(config).requires_grad_(False)
    generator.mapping.w_avg.copy_(generator.mean_latent(1000).expand(config.num_ws, -1))
    return TinyBundle(generator)


def test_a_stylegan2_is_projected_from_its_mean(stylegan2):
    generator = stylegan2.generator
    photo = generator.synthesis(ws_from_seeds(generator, [3])).clamp(-1, 1)
    start = generator.synthesis(generator.w_avg[None])
    assert project(stylegan2, photo, callback=lambda step: True).config is FROM_THE_MEAN
    result = project(stylegan2, photo, config=dataclasses.replace(FROM_THE_MEAN, num_steps=60))
    assert result.psnr.item() > peak_signal_to_noise(start, photo).item() + 3
    assert result.generator is generator


def test_noise_maps_learn_the_details_of_each_photo_and_the_generator_keeps_its_own(stylegan2):
    generator = stylegan2.generator
    for layer in generator.synthesis.convs:
        layer.noise_strength.fill_(0.3)
    others = [torch.randn(2, *noise.shape) for noise in generator.noise_maps]
    ws = ws_from_seeds(generator, [3, 4])
    photos = generator.with_noise_maps(others).synthesis(ws).clamp(-1, 1)
    before = [noise.clone() for noise in generator.noise_maps]
    config = dataclasses.replace(FROM_THE_MEAN, num_steps=60)
    plain = project(stylegan2, photos, config=config)
    learned, held = (
        project(stylegan2, photos, config=dataclasses.replace(config, noise_map_weight=weight))
        for weight in (0.01, 100.0)
    )
    assert (learned.psnr > plain.psnr + 2).all()
    regularity = [noise_regularity(one.generator.noise_maps) for one in (held, learned)]
    assert (regularity[0] < regularity[1]).all()
    assert all(map(torch.equal, generator.noise_maps, before))
    assert torch.equal(learned.generator.synthesis(learned.ws), learned.images)
    one = project(stylegan2, photos[:1], config=dataclasses.replace(config, noise_map_weight=0.01))
    assert [noise.shape for noise in one.generator.noise_maps] == [noise.shape for noise in before]
    for noise in learned.generator.noise_maps:
        assert not noise.requires_grad and len(noise) == 2
        assert torch.allclose(noise.square().mean((1, 2)), torch.ones(2), atol=1e-4)


def test_only_a_generator_with_noise_maps_learns_them_for_one_latent_a_photo(tiny, photos):
    config = dataclasses.replace(FROM_THE_MEAN, noise_map_weight=1.0)
    with pytest.raises(SgimError, match="has no noise maps"):
        project(tiny, photos, config=config)
    with pytest.raises(SgimError, match="num_kept is 8"):
        ProjectConfig(noise_map_weight=1.0)


def test_smooth_maps_are_less_like_noise_than_noise():
    noise = torch.randn(3, 64, 64, generator=torch.Generator().manual_seed(0))
    noise[1] = F.avg_pool2d(noise[1][None], 3, 1, 1)[0]
    noise[2] = torch.linspace(-1, 1, 64)
    standardize([noise])
    assert torch.allclose(noise.mean((1, 2)), torch.zeros(3), atol=1e-5)
    white, blurred, ramp = noise_regularity([noise]).tolist()
    assert white < 0.1 < blurred < ramp
    # Neighbors in a blurred map share 6 of 9 pixels: each axis of the full map gives (6 / 9)^2.
    assert blurred > 2 * (6 / 9) ** 2 * 0.9


@pytest.fixture
def untrained_lpips(monkeypatch):
    torch.manual_seed(0)
    monkeypatch.setattr(lpips, "LPIPS", functools.partial(lpips.LPIPS, pnet_rand=True))


def test_lpips_guides_a_projection(untrained_lpips):
    bundle = TinyBundle(StyleGAN2(StyleGAN2Config(channels=(8, 8, 8, 8, 8), w_dim=16, z_dim=16)))
    bundle.generator.requires_grad_(False)
    photo = torch.zeros(1, 3, 64, 64)
    config = dataclasses.replace(
        FROM_THE_MEAN, num_steps=5, pixel_weight=0.0, prior_weight=0.0, latent_noise=0.0,
        perceptual="lpips", perceptual_weight=1.0,
    )  # fmt: skip
    result = project(bundle, photo, config=config)
    assert result.history["perceptual"][-1] < result.history["perceptual"][0]
    distance = lpips_distance()
    assert distance(photo, photo).item() == 0
    assert distance(result.images, photo).shape == (1,)


def test_lpips_says_what_it_needs(monkeypatch):
    def offline(**settings):
        raise URLError("no network")

    monkeypatch.setattr(lpips, "LPIPS", offline)
    with pytest.raises(SgimError, match=r"AlexNet's weights, 233 MB, and https://\S+ cannot"):
        lpips_distance()
    monkeypatch.setitem(sys.modules, "lpips", None)
    with pytest.raises(SgimError, match="pip install lpips"):
        lpips_distance()


def test_the_distance_tells_near_from_far_where_pixels_do_not():
    canvas = torch.full((3, 3, 64, 64), -1.0)
    for index, left in enumerate((32, 36, 48)):
        canvas[index, :, 24:28, left : left + 4] = 1.0
    target, others = canvas[:1].expand(2, -1, -1, -1), canvas[1:]
    assert (others - target).square().mean((1, 2, 3)).unique().numel() == 1
    near, far = pyramid_distance(others, target)
    assert near < 0.95 * far


def test_shrinking_averages_and_never_enlarges():
    images = torch.arange(16.0).view(1, 1, 4, 4).expand(1, 3, 4, 4)
    assert torch.equal(shrink(images, 2)[0, 0], torch.tensor([[2.5, 4.5], [10.5, 12.5]]))
    assert shrink(images, 8) is images


def test_a_landscape_is_found_again_and_a_sound_of_rain_brings_rain(bundle):
    photo = bundle.generator.synthesis(ws_from_seeds(bundle.generator, [9007]))
    result = sgim.project(bundle, photo, config=ProjectConfig(num_starts=128, num_steps=25))
    assert result.psnr.item() > 21
    calm = bundle.generator.scene_parameters(result.ws)
    assert max(calm[name].item() for name in WEATHER_NAMES) < 0.15
    edit = sgim.manipulate(bundle, result.ws, sound=synthesize_sound("rain", 0.9, 5.0, 77))
    rain = bundle.generator.scene_parameters(edit.ws)["rain"].item()
    assert rain > calm["rain"].item() + 0.3


def test_a_photo_that_cannot_be_read_is_refused(tiny, tmp_path):
    with pytest.raises(SgimError, match="does not exist"):
        project(tiny, tmp_path / "none.jpg")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"num_starts": 0}, "num_starts is 0"),
        ({"num_kept": 0}, "num_kept is 0"),
        ({"num_steps": -1}, "num_steps is -1"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"prior_weight": -1.0}, "prior_weight is -1.0"),
        ({"perceptual": "vgg"}, "perceptual is 'vgg'"),
    ],
)
def test_settings_out_of_range_are_refused(setting, message):
    with pytest.raises(SgimError, match=message):
        ProjectConfig(**setting)
