"""StyleGAN2 with random weights: two ways to convolve, latents, noise, an edit."""

import dataclasses
import functools

import pytest
import torch
import torch.nn.functional as F

from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.models import frozen_layer, stylegan2_synthesis
from sgim.models.modulated_conv import (
    low_pass_kernel,
    modulated_conv2d,
    modulated_conv2d_per_sample,
    upfirdn2d,
    upsample2d,
)
from sgim.models.stylegan2 import StyleGAN2, StyleGAN2Config, channel_plan, mix_styles


def tiny(channels=(16, 16, 12, 8), clamp=None):
    """A generator whose noise, biases and mean latent are not zero."""
    torch.manual_seed(0)
    generator = StyleGAN2(
        StyleGAN2Config(channels=channels, z_dim=10, w_dim=14, mapping_layers=3, clamp=clamp)
    )
    for parameter in generator.parameters():
        if parameter.ndim < 2:
            torch.nn.init.normal_(parameter, mean=parameter.mean().item(), std=0.1)
    generator.w_avg.copy_(generator.mean_latent(1000).expand_as(generator.w_avg))
    return generator.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def generator():
    return tiny()


@pytest.fixture(scope="module")
def ws(generator):
    return generator.mapping(torch.randn(2, 10, generator=torch.Generator().manual_seed(1)))


def upsample2d_plainly(x):
    return upfirdn2d(x, 4 * low_pass_kernel(x), up=2, padding=(2, 1))


@pytest.mark.parametrize("upsample", [False, True])
@pytest.mark.parametrize("demodulate", [False, True])
def test_styles_on_activations_equal_weights_per_sample(upsample, demodulate):
    random = torch.Generator().manual_seed(0)
    x, style = (
        torch.randn(3, 5, *size, generator=random, dtype=torch.float64) for size in ((4, 6), ())
    )
    weight = torch.randn(7, 5, 3, 3, generator=random, dtype=torch.float64)
    x.requires_grad_(True), style.requires_grad_(True)
    results = []
    for convolve in (modulated_conv2d, modulated_conv2d_per_sample):
        y = convolve(x, weight, style, demodulate=demodulate, upsample=upsample)
        results.append((y, *torch.autograd.grad(y.sin().sum(), (x, style))))
    assert results[0][0].shape == ((3, 7, 8, 12) if upsample else (3, 7, 4, 6))
    for fast, plain in zip(*results, strict=True):
        assert torch.allclose(fast, plain, rtol=1e-9, atol=1e-9)


def test_demodulation_keeps_the_variance_whatever_the_style():
    random = torch.Generator().manual_seed(0)
    x = torch.randn(2, 64, 32, 32, generator=random)
    style = 50 * torch.rand(2, 64, generator=random)
    y = modulated_conv2d(x, torch.randn(32, 64, 3, 3, generator=random), style)
    assert y[:, :, 1:-1, 1:-1].var().item() == pytest.approx(1, abs=0.05)


def test_upsampling_is_upfirdn_and_keeps_a_constant_inside():
    x = torch.randn(2, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(upsample2d(x), upsample2d_plainly(x), atol=1e-6)
    inside = upsample2d(torch.ones(1, 1, 4, 4))[..., 1:-1, 1:-1]
    assert torch.allclose(inside, torch.ones_like(inside))


def test_upfirdn_downsamples_a_constant_to_itself():
    x = torch.full((1, 2, 8, 8), 0.7)
    assert torch.allclose(
        upfirdn2d(x, low_pass_kernel(x), down=2)[..., :2, :2], torch.tensor(0.7), atol=1e-6
    )


def results_of(generator, ws, noise_mode="const"):
    """Pictures, and the gradients of latents and noise maps."""
    noises = [layer.noise.requires_grad_() for layer in generator.synthesis.convs]
    leaf = ws.clone().requires_grad_(True)
    images = generator.synthesis(leaf, noise_mode=noise_mode)
    wanted = (leaf, *noises) if noise_mode == "const" else (leaf,)
    return images.detach(), *torch.autograd.grad(images.sin().mean(), wanted)


def assert_close(results, expected, tolerance):
    for one, other in zip(results, expected, strict=True):
        assert (one - other).norm() <= tolerance * other.norm()


@pytest.mark.parametrize("at_once", [1, 2**21])
@pytest.mark.parametrize("clamp", [None, 0.7])
@pytest.mark.parametrize("noise_mode", ["const", "none"])
def test_frozen_layers_and_their_gradients_equal_the_plain_ones(
    ws, monkeypatch, clamp, noise_mode, at_once
):
    monkeypatch.setattr(frozen_layer, "NUMBERS_AT_ONCE", at_once)
    frozen, plain = (tiny(clamp=clamp).double() for _ in range(2))
    plain.requires_grad_(True)
    monkeypatch.setattr(stylegan2_synthesis, "modulated_conv2d", modulated_conv2d_per_sample)
    monkeypatch.setattr(stylegan2_synthesis, "upsample2d", upsample2d_plainly)
    results = (results_of(generator, ws.double(), noise_mode) for generator in (frozen, plain))
    assert_close(*results, tolerance=1e-12)


def test_large_frozen_layers_equal_the_plain_ones_in_single_precision():
    frozen, plain = (tiny(channels=(8, 8, 8, 8, 128)) for _ in range(2))
    plain.requires_grad_(True)
    ws = frozen.mapping(torch.randn(2, 10, generator=torch.Generator().manual_seed(1)))
    assert_close(results_of(frozen, ws), results_of(plain, ws), tolerance=1e-4)
    assert "points" in vars(frozen.synthesis.convs[-1]._frozen[1])


def test_a_frozen_layer_follows_weights_that_change(generator, ws):
    other = tiny().requires_grad_(False)
    before = other.synthesis(ws)
    for tensor in other.state_dict().values():
        tensor.mul_(1.5)
    assert not torch.allclose(other.synthesis(ws), before, atol=1e-3)
    other.load_state_dict(generator.state_dict())
    assert torch.equal(other.synthesis(ws), generator.synthesis(ws))


def test_large_pictures_are_computed_anew_for_the_same_gradients(ws, monkeypatch):
    generator = tiny().double()
    kept = results_of(generator, ws.double())
    visits = []
    monkeypatch.setattr(stylegan2_synthesis, "LARGEST_KEPT", 8)
    generator.synthesis.convs[-1].register_forward_hook(lambda *_: visits.append("there"))
    assert_close(results_of(generator, ws.double()), kept, tolerance=1e-12)
    assert len(visits) == 2


@pytest.mark.parametrize("resolution", [32, 64])
def test_sizes_follow_from_the_channel_plan(resolution):
    config = StyleGAN2Config(channels=channel_plan(resolution, 512, 16), z_dim=6, w_dim=8)
    generator = StyleGAN2(config)
    ws = generator.mapping(torch.randn(2, 6))
    assert generator.img_resolution == resolution
    assert generator.num_ws == {32: 8, 64: 10}[resolution]
    assert ws.shape == (2, generator.num_ws, generator.w_dim) == (2, generator.num_ws, 8)
    assert generator.w_avg.shape == ws.shape[1:]
    images = generator(torch.randn(2, 6), truncation_psi=0.5)
    assert images.shape == (2, 3, resolution, resolution)
    assert 0.05 < images.std() < 5


def test_the_published_sizes():
    assert channel_plan(1024) == (512, 512, 512, 512, 512, 256, 128, 64, 32)
    assert StyleGAN2Config(channels=channel_plan(1024)).num_ws == 18
    assert StyleGAN2Config(channels=channel_plan(256)).num_ws == 14


def test_every_row_of_ws_changes_the_picture(generator, ws):
    before = generator.synthesis(ws)
    for row in range(generator.num_ws):
        moved = ws.clone()
        moved[:, row] += 1
        assert (generator.synthesis(moved) - before).abs().max() > 1e-3, row


def test_truncation_goes_to_the_mean_latent(generator):
    z = torch.randn(3, 10)
    ws = generator.mapping(z)
    assert torch.equal(generator.mapping(z, truncation_psi=0.0), generator.w_avg.expand_as(ws))
    half = generator.mapping(z, truncation_psi=0.5)
    assert torch.allclose(half, (ws + generator.w_avg) / 2, atol=1e-6)


def test_the_mean_latent_is_repeatable_and_near_the_mean(generator):
    mean = generator.mean_latent(4000, seed=1)
    assert mean.shape == (generator.w_dim,)
    assert torch.equal(mean, generator.mean_latent(4000, seed=1))
    w = generator.mapping(torch.randn(4000, 10))[:, 0]
    assert (mean - w.mean(0)).norm() < 0.1 * w.std(0).norm()
    with pytest.raises(SgimError, match="num_samples is 0"):
        generator.mean_latent(0)


def test_noise_modes(generator, ws):
    pictures = {
        mode: generator.synthesis(ws, noise_mode=mode) for mode in stylegan2_synthesis.NOISE_MODES
    }
    assert torch.equal(pictures["const"], generator.synthesis(ws))
    assert torch.equal(pictures["none"], generator.synthesis(ws, noise_mode="none"))
    assert not torch.equal(pictures["random"], generator.synthesis(ws, noise_mode="random"))
    assert not torch.allclose(pictures["const"], pictures["none"], atol=1e-3)
    with pytest.raises(SgimError, match="noise_mode is 'fixed'"):
        generator.synthesis(ws, noise_mode="fixed")


def test_an_item_does_not_depend_on_its_batch(generator, ws):
    alone = generator.synthesis(ws[1:])
    assert torch.allclose(generator.synthesis(ws)[1:], alone, atol=1e-5)


def test_style_mixing_takes_rows_of_both(generator, ws):
    coarse, fine = ws[:1], ws[1:]
    mixed = mix_styles(coarse, fine, 3)
    assert torch.equal(mixed[:, :3], coarse[:, :3]) and torch.equal(mixed[:, 3:], fine[:, 3:])
    assert torch.equal(mix_styles(coarse, fine, 0), fine)
    assert torch.equal(mix_styles(coarse, fine, generator.num_ws), coarse)
    with pytest.raises(SgimError, match="num_coarse is 9"):
        mix_styles(coarse, fine, 9)
    with pytest.raises(SgimError, match="must be .batch, num_ws, w_dim."):
        mix_styles(coarse[0], fine[0], 3)


def test_a_clamp_holds_activations(ws):
    assert tiny(clamp=0.1).synthesis(ws).abs().max() <= 0.1 * (1 + 4 * 2.25)
    assert torch.equal(tiny(clamp=1e6).synthesis(ws), tiny().synthesis(ws))


def test_bad_input_gets_one_sentence(generator):
    with pytest.raises(SgimError, match=r"z has shape \(2, 9\); it must be \(batch, 10\)"):
        generator.mapping(torch.zeros(2, 9))
    with pytest.raises(SgimError, match=r"ws has shape \(8, 14\); it must be \(batch, 8, 14\)"):
        generator.synthesis(torch.zeros(8, 14))
    with pytest.raises(SgimError, match="pictures have 32 to 1024 pixels"):
        StyleGAN2Config(channels=(8, 8, 8))
    with pytest.raises(SgimError, match="all must be > 0"):
        StyleGAN2Config(channels=(8, 8, 8, 0))
    with pytest.raises(SgimError, match="clamp is -1"):
        StyleGAN2Config(channels=(8, 8, 8, 8), clamp=-1)
    with pytest.raises(SgimError, match="img_resolution is 48"):
        channel_plan(48)


@dataclasses.dataclass
class PixelBundle:
    """Small pictures are the embedding; every text means a picture of another latent."""

    generator: StyleGAN2
    device: torch.device = torch.device("cpu")
    identity: object = None

    def encode_image(self, images):
        return F.normalize(F.avg_pool2d(images, 4).flatten(1), dim=1)

    def encode_text(self, texts):
        seeds = [sum(map(ord, text)) for text in texts]
        z = [torch.randn(10, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        return self.encode_image(self.generator(torch.stack(z)))


def test_an_edit_lowers_its_guidance_and_touches_no_weight(generator):
    weights = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    result = manipulate(
        PixelBundle(generator),
        generator.w_avg,
        text="rain",
        config=ManipulateConfig(num_steps=12, learning_rate=0.1),
    )
    guidance = result.history["guidance"]
    assert guidance[-1] < 0.7 * guidance[0]
    assert result.images.shape == (1, 3, 32, 32)
    assert all(torch.equal(weights[name], now) for name, now in generator.state_dict().items())
    assert all(parameter.grad is None for parameter in generator.parameters())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_paints_what_the_processor_paints(generator, ws):
    there = tiny().cuda().synthesis(ws.cuda()).cpu()
    here = generator.synthesis(ws)
    assert (there - here).norm() / here.norm() < 1e-2  # TF32 convolutions are allowed


def test_two_edits_in_one_batch_are_the_two_edits(generator, ws):
    config = ManipulateConfig(num_steps=5, learning_rate=0.05)
    sources = ws.roll(1, 0) / 2
    bundle = PixelBundle(generator)
    both = manipulate(bundle, sources, text="rain", config=config)
    for item, source in enumerate(sources):
        alone = manipulate(bundle, source, text="rain", config=config)
        assert torch.allclose(both.ws[item], alone.ws[0], atol=1e-3)
        assert torch.allclose(both.images[item], alone.images[0], atol=1e-2)


def edited_plainly_and_with(generator, config, **changes):
    """Edits with `config` as it is, and changed."""
    return (
        manipulate(PixelBundle(generator), generator.w_avg, text="rain", config=each)
        for each in (config, dataclasses.replace(config, **changes))
    )


def test_an_edit_in_bfloat16_goes_the_same_way_and_ends_in_single_precision(generator):
    config = ManipulateConfig(num_steps=12, learning_rate=0.1)
    right, fast = edited_plainly_and_with(generator, config, autocast=True)
    assert fast.ws.dtype == fast.images.dtype == torch.float32
    assert not torch.equal(fast.ws, right.ws)
    way = fast.ws - fast.source_ws, right.ws - right.source_ws
    assert F.cosine_similarity(*(one.flatten() for one in way), dim=0) > 0.8
    fell = [
        result.history["guidance"][0] - result.history["guidance"][-1] for result in (fast, right)
    ]
    assert fell[0] > 0.8 * fell[1]


def test_compiled_the_edit_is_the_same(generator, monkeypatch):
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="eager"))
    config = ManipulateConfig(num_steps=2, learning_rate=0.1)
    plain, compiled = edited_plainly_and_with(generator, config, compile=True)
    assert torch.allclose(plain.ws, compiled.ws, atol=1e-5)


def test_other_noise_maps_share_the_weights_and_may_differ_in_a_batch(generator, ws):
    maps = [torch.randn(2, *noise.shape) for noise in generator.noise_maps]
    twin = generator.with_noise_maps(maps)
    assert all(map(torch.equal, twin.noise_maps, maps))
    shared = zip(twin.parameters(), generator.parameters(), strict=True)
    assert all(one is other for one, other in shared)
    single = [generator.with_noise_maps([one[k] for one in maps]) for k in (0, 1)]
    apart = torch.cat([one.synthesis(ws[k : k + 1]) for k, one in enumerate(single)])
    assert torch.allclose(twin.synthesis(ws), apart, atol=1e-5)
    assert not torch.allclose(twin.synthesis(ws), generator.synthesis(ws), atol=1e-2)
    assert twin.synthesis(ws, noise_mode="random").shape == apart.shape
    with pytest.raises(SgimError, match="ws has 3 latents and the generator noise maps for 2"):
        twin.synthesis(ws[[0, 1, 0]])


def test_noise_maps_of_another_shape_are_refused(generator):
    maps = generator.noise_maps
    for wrong in (maps[:-1], [noise[:2] for noise in maps], [noise[None, None] for noise in maps]):
        with pytest.raises(SgimError, match="noise_maps have shapes"):
            generator.with_noise_maps(wrong)
