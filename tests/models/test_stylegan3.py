"""StyleGAN3 with random weights: filters, fast layers beside plain ones, pictures that move."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from stylegan3_files import small_stylegan3

from sgim.checks import SgimError
from sgim.models.filtered_relu import FilteredReLU, filtered_relu_plainly
from sgim.models.low_pass import low_pass_taps, separable_parts
from sgim.models.stylegan3_plan import StyleGAN3Config, layer_plans, stages, stylegan3_channels
from sgim.models.stylegan3_synthesis import transform_for


@pytest.fixture(scope="module", params=["t", "r"])
def generator(request):
    return small_stylegan3(request.param)


def some_ws(generator, batch=2):
    random = torch.Generator().manual_seed(1)
    z = torch.randn(batch, generator.z_dim, generator=random)
    return generator.mapping(z.to(generator.w_avg))


def response(taps, frequencies, rate):
    """Amplitude of waves after the filter."""
    times = (np.arange(len(taps)) - (len(taps) - 1) / 2) / rate
    return np.cos(2 * np.pi * np.outer(frequencies, times)) @ taps


def test_a_filter_passes_low_frequencies_and_stops_high_ones():
    taps = low_pass_taps(24, cutoff=4.0, half_width=4.0, rate=64.0)
    assert np.allclose(response(taps, [0.0, 4.0], 64), [1, 0.5], atol=0.01)
    assert (np.diff(response(taps, np.arange(9), 64)) < 0).all()
    assert np.abs(response(taps, np.arange(8, 32), 64)).max() < 0.005


def test_a_radial_filter_is_alike_in_all_directions():
    taps = low_pass_taps(24, cutoff=8.0, half_width=4.0, rate=64.0, radial=True)
    assert np.allclose(sum(np.outer(*part) for part in separable_parts(taps)), taps, atol=1e-7)
    times = (np.arange(24) - 11.5) / 64
    passed = []
    for angle in np.linspace(0, np.pi / 4, 5):
        along = np.cos(angle) * times[:, None] + np.sin(angle) * times
        passed.append((np.cos(2 * np.pi * 8 * along) * taps).sum())
    assert np.ptp(passed) < 0.01 and 0.3 < passed[0] < 0.6


def all_plans(radial):
    config = StyleGAN3Config(
        img_resolution=64,
        channels=stylegan3_channels(64, 64, 4),
        conv_kernel=1 if radial else 3,
        use_radial_filters=radial,
    )
    return layer_plans(config)


@pytest.mark.parametrize("clamp", [None, 1.5])
@pytest.mark.parametrize("radial", [False, True])
def test_tiles_of_the_fine_grid_equal_the_whole_of_it(radial, clamp):
    random = torch.Generator().manual_seed(0)
    plans = all_plans(radial)
    for index in (0, 4, 11, 12, 13):
        relu = FilteredReLU(plans[index], clamp)
        size = relu.num_convolved
        u = torch.randn(2, size, size, 3, generator=random, dtype=torch.float64)
        u.requires_grad_(True)
        results = []
        for y in (relu(u), filtered_relu_plainly(u.movedim(-1, 1), relu).movedim(1, -1)):
            results.append((y, *torch.autograd.grad(y.sin().sum(), u)))
        assert results[0][0].shape == (2, *2 * (plans[index].target.size,), 3)
        for fast, plain in zip(*results, strict=True):
            assert (fast - plain).norm() < (1e-5 if radial else 1e-12) * plain.norm(), index


def results_of(generator, ws, **settings):
    leaf = ws.clone().requires_grad_(True)
    images = generator.synthesis(leaf, **settings)
    return images.detach(), *torch.autograd.grad(images.sin().mean(), leaf)


def assert_close(results, expected, tolerance):
    for one, other in zip(results, expected, strict=True):
        assert (one - other).norm() <= tolerance * other.norm()


@pytest.mark.parametrize(("kind", "clamp"), [("t", 256.0), ("t", 0.8), ("t", None), ("r", 0.8)])
def test_frozen_layers_and_their_gradients_equal_the_plain_ones(kind, clamp):
    frozen, plain = (small_stylegan3(kind, conv_clamp=clamp).double() for _ in range(2))
    plain.requires_grad_(True)
    ws = some_ws(frozen)
    results = (results_of(one, ws) for one in (frozen, plain))
    assert_close(*results, tolerance=1e-12 if kind == "t" else 1e-4)


def test_wide_layers_equal_the_plain_ones_in_single_precision():
    frozen, plain = (small_stylegan3(channels=(130, 130, 5, 5)) for _ in range(2))
    plain.requires_grad_(True)
    ws = some_ws(frozen)
    assert_close(results_of(frozen, ws), results_of(plain, ws), tolerance=1e-4)
    assert any("points" in vars(layer._frozen[1]) for layer in frozen.synthesis.layers)


def test_half_precision_paints_nearly_the_same(generator):
    ws = some_ws(generator).requires_grad_(True)
    with torch.autocast("cpu", torch.bfloat16):
        images = generator.synthesis(ws)
    expected = generator.synthesis(ws).detach()
    assert images.dtype == torch.bfloat16
    assert (images - expected).norm() < 0.1 * expected.norm()
    (grad,) = torch.autograd.grad(images.float().square().mean(), ws)
    assert grad.dtype == torch.float32 and grad.isfinite().all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_paints_what_the_processor_paints(generator):
    ws = some_ws(generator)
    there = small_stylegan3("r" if generator.config.use_radial_filters else "t").cuda()
    here, results = results_of(generator, ws), results_of(there, ws.cuda())
    assert_close([one.cpu() for one in results], here, tolerance=1e-2)  # TF32 is allowed


def test_a_frozen_layer_follows_weights_that_change(generator):
    other, ws = small_stylegan3(), some_ws(generator)
    before = other.synthesis(ws)
    for tensor in other.synthesis.state_dict().values():
        tensor.mul_(1.5)
    assert not torch.allclose(other.synthesis(ws), before, atol=1e-3)


def test_sizes(generator):
    ws = some_ws(generator)
    assert ws.shape == (2, 16, 10) and generator.w_avg.shape == (16, 10)
    assert generator.num_ws == 16 and generator.img_resolution == 32
    images = generator.synthesis(ws)
    assert images.shape == (2, 3, 32, 32)
    assert 0.01 < images.std() < 5
    assert torch.equal(generator(torch.ones(1, 7)), generator(torch.ones(1, 7)))


def test_every_row_of_ws_changes_the_picture(generator):
    ws = some_ws(generator)
    before = generator.synthesis(ws)
    for row in range(generator.num_ws):
        moved = ws.clone()
        moved[:, row] += 1
        assert (generator.synthesis(moved) - before).abs().max() > 1e-4, row


def test_truncation_goes_to_the_mean_latent(generator):
    z = torch.randn(3, 7)
    ws = generator.mapping(z)
    mean = generator.mapping(z, truncation_psi=0.0)
    assert torch.equal(mean, generator.w_avg.expand_as(ws))
    half = generator.mapping(z, truncation_psi=0.5)
    assert torch.allclose(half, (ws + generator.w_avg) / 2, atol=1e-6)


def test_there_is_no_noise(generator):
    ws = some_ws(generator)
    pictures = [generator.synthesis(ws, noise_mode=mode) for mode in ("const", "random", "none")]
    assert torch.equal(pictures[0], pictures[1]) and torch.equal(pictures[0], pictures[2])
    with pytest.raises(SgimError, match="noise_mode is 'fixed'"):
        generator.synthesis(ws, noise_mode="fixed")


def test_an_item_does_not_depend_on_its_batch(generator):
    ws = some_ws(generator)
    alone = generator.synthesis(ws[1:])
    assert torch.allclose(generator.synthesis(ws)[1:], alone, atol=1e-5)


def larger_generator(kind):
    """A generator of 64 pixels."""
    return small_stylegan3(kind, img_resolution=64, channels=stylegan3_channels(64, 640, 20))


def relative_difference(images, expected, margin):
    """By deviations, away from the edges."""
    images, expected = (one[..., margin:-margin, margin:-margin] for one in (images, expected))
    return ((images - expected).norm() / (expected - expected.mean()).norm()).item()


@pytest.mark.parametrize("kind", ["t", "r"])
def test_a_shift_by_whole_pixels_moves_the_picture(kind):
    generator = larger_generator(kind)
    ws = some_ws(generator, 1)
    before = generator.synthesis(ws)
    shifted = generator.synthesis(ws, transform=transform_for(shift=(8 / 64, -4 / 64)))
    moved = before.roll((-4, 8), (2, 3))
    assert relative_difference(shifted, moved, 12) < {"t": 5e-3, "r": 1e-4}[kind]
    assert relative_difference(shifted, before, 12) > 0.2


def turned(images, degrees):
    """Counter-clockwise, by interpolation."""
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = torch.tensor([[[cos, -sin, 0.0], [sin, cos, 0.0]]])
    grid = F.affine_grid(matrix, images.shape, align_corners=False)
    return F.grid_sample(images, grid, mode="bicubic", align_corners=False)


def turning_error(kind, degrees):
    generator = larger_generator(kind)
    ws = some_ws(generator, 1)
    expected = turned(generator.synthesis(ws), degrees)
    image = generator.synthesis(ws, transform=transform_for(degrees))
    return relative_difference(image, expected, 18)


def test_r_follows_turns_and_t_does_not():
    assert turning_error("r", 30) < 0.01
    assert turning_error("t", 30) > 0.1


def test_a_quarter_turn_of_r_is_exact_inside():
    generator = larger_generator("r")
    ws = some_ws(generator, 1)
    image = generator.synthesis(ws, transform=transform_for(90))
    assert relative_difference(image, generator.synthesis(ws).rot90(1, (2, 3)), 16) < 1e-5


def test_details_too_fine_for_the_input_fade(generator):
    first, w = generator.synthesis.input, some_ws(generator)[:, 0]
    rms = [
        first(w, transform_for(scale=scale)).square().mean().sqrt().item()
        for scale in (1.0, 0.3, 0.01)
    ]
    assert rms[0] > rms[1] > 0 and rms[2] == 0


def test_each_picture_may_have_a_transform_of_its_own(generator):
    ws = some_ws(generator)
    transforms = torch.stack([transform_for(10), transform_for(shift=(0.1, 0))])
    both = generator.synthesis(ws, transform=transforms)
    for item in range(2):
        alone = generator.synthesis(ws[[item]], transform=transforms[item])
        assert torch.allclose(both[[item]], alone, atol=1e-5)
    assert torch.equal(generator.synthesis(ws, transform=np.eye(3)), generator.synthesis(ws))
    with pytest.raises(SgimError, match=r"transform has shape \(2, 2\); it must be \(3, 3\)"):
        generator.synthesis(ws, transform=torch.eye(2))


def test_the_plan_ends_with_the_picture():
    for stage in stages(StyleGAN3Config(img_resolution=256, channels=(4,) * 14))[-2:]:
        assert (stage.size, stage.rate, stage.cutoff) == (256, 256, 128)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"img_resolution": 48}, "img_resolution is 48"),
        ({"conv_kernel": 5}, "conv_kernel is 5"),
        ({"channels": (4, 4)}, "more channels than critical layers, 2"),
        ({"channels": (4, 4, 4, 0)}, "all must be > 0"),
        ({"conv_clamp": -1}, "conv_clamp is -1"),
        ({"first_cutoff": 0}, "first_cutoff is 0"),
        ({"first_stopband": math.inf}, "first_stopband is inf"),
        ({"margin_size": -3}, "margin_size is -3"),
        ({"lrelu_upsampling": 3}, "lrelu_upsampling is 3"),
        ({"filter_size": 2.5}, "filter_size is 2.5"),
    ],
)
def test_settings_out_of_range_get_one_sentence(settings, sentence):
    with pytest.raises(SgimError, match=sentence):
        StyleGAN3Config(**{"img_resolution": 32, "channels": (4,) * 5} | settings)


def test_bad_input_gets_one_sentence(generator):
    with pytest.raises(SgimError, match=r"z has shape \(2, 9\); it must be \(batch, 7\)"):
        generator.mapping(torch.zeros(2, 9))
    with pytest.raises(SgimError, match=r"ws has shape \(8, 14\); it must be \(batch, 16, 10\)"):
        generator.synthesis(torch.zeros(8, 14))
