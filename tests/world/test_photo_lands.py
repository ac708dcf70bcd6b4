"""Weather over photos: what comes back untouched, what changes, what is found and refused."""

import dataclasses
import io

import numpy as np
import pytest
import torch
from PIL import Image

from sgim.checks import SgimError
from sgim.world.names import WEATHER_NAMES
from sgim.world.photo_lands import WATERY, PhotoGenerator

DRY = tuple(name for name in WEATHER_NAMES if name not in WATERY)


def landscape(height=96, width=128, water=False):
    """A blue sky over green land (or a lake) with a dark house, uint8 (height, width, 3)."""
    rng = np.random.default_rng(4)
    y = np.linspace(0, 1, height)[:, None, None]
    sky = np.array([0.45, 0.65, 0.95]) + 0.3 * y * np.array([1.0, 0.7, 0.1])
    land = np.array([0.25, 0.45, 0.15]) + 0.08 * rng.standard_normal((height, width, 1))
    picture = np.where(y < 0.5, sky, land)
    if water:
        lake = np.array([0.2, 0.4, 0.6]) + 0.01 * rng.standard_normal((height, width, 1))
        picture = np.where(y > 0.62, lake, picture)
    picture[height // 4 : 3 * height // 5, width // 2 : 5 * width // 8] = (0.2, 0.12, 0.1)
    return (picture.clip(0, 1) * 255).round().astype(np.uint8)


@pytest.fixture(scope="module")
def photo():
    return landscape()


@pytest.fixture(scope="module")
def generator(photo):
    return PhotoGenerator(photo, resolution=128)


@pytest.fixture(scope="module")
def lake():
    return PhotoGenerator(landscape(water=True), resolution=128)


def shown(generator, **weathers):
    ws = generator.with_weather(generator.w_avg[None], weathers)
    with torch.no_grad():
        return generator.synthesis(ws)


def changed(generator, **weathers):
    return (shown(generator, **weathers) - shown(generator)).abs().mean().item()


def test_without_weather_the_photo_comes_back(generator, photo):
    for images in (shown(generator), shown(generator, **dict.fromkeys(WEATHER_NAMES, 0.0))):
        levels = (images[0].permute(1, 2, 0).numpy() + 1) * 127.5
        assert np.abs(levels - photo).max() < 1


def test_every_weather_changes_the_picture_and_more_of_it_more(generator, lake):
    for name in DRY:
        faint, strong = (changed(generator, **{name: amount}) for amount in (0.3, 0.9))
        assert 0.0005 < faint < strong, name
    for name in WATERY:
        faint, strong = (changed(lake, **{name: amount}) for amount in (0.15, 0.9))
        assert 0.0005 < faint < strong, name


def test_gradients_reach_every_weather_and_the_light_even_from_none(lake):
    ws = lake.w_avg[None].clone().requires_grad_(True)
    target = 1 - 2 * torch.rand(1, 3, 96, 128, generator=torch.Generator().manual_seed(0))
    (lake.synthesis(ws) * target).sum().backward()
    weathers = ws.grad[0, 6:]
    assert bool(weathers[0, :5].ne(0).all()) and weathers[1, 0] != 0
    assert bool(weathers[2, :2].ne(0).all()) and bool(weathers[3, :2].ne(0).all())
    assert bool(ws.grad.isfinite().all()) and bool(ws.grad[0, 4, [0, 2, 3]].ne(0).all())


def test_the_same_latent_gives_the_same_picture_and_a_batch_its_pictures(generator, photo):
    ws = generator.mapping(torch.randn(2, 64, generator=torch.Generator().manual_seed(1)))
    ws = generator.with_weather(ws, {"rain": 0.7})
    images = generator.synthesis(ws)
    assert torch.equal(images, PhotoGenerator(photo, resolution=128).synthesis(ws))
    torch.testing.assert_close(images[1:], generator.synthesis(ws[1:]), atol=1e-4, rtol=0)


def test_a_larger_generator_shows_the_same_edit_in_more_pixels():
    photo = landscape(240, 320)
    small = PhotoGenerator(photo, resolution=128)
    large = small.at_resolution(1024)
    assert (small.img_resolution, large.img_resolution) == (128, 320)
    images = shown(large, fog=0.8)
    assert images.shape == (1, 3, 240, 320)
    shrunk = torch.nn.functional.interpolate(images, (96, 128), mode="area")
    assert (shrunk - shown(small, fog=0.8)).abs().mean() < 0.04


@pytest.mark.parametrize("size", [(64, 512), (512, 64), (100, 100), (17, 90)])
def test_any_aspect_ratio_keeps_its_sides(size):
    generator = PhotoGenerator(landscape(*size), resolution=128)
    scale = min(1, 128 / max(size))
    assert shown(generator).shape[2:] == tuple(round(side * scale) for side in size)
    assert changed(generator, rain=0.8) > 0.01


@pytest.mark.parametrize("value", [0, 255, 90])
def test_photos_of_one_color_get_weather_too(value):
    photo = np.full((64, 96, 3), value, np.uint8)
    generator = PhotoGenerator(photo, resolution=96)
    assert (((shown(generator) + 1) * 127.5) - value).abs().max() < 1
    for name in DRY:
        assert bool(shown(generator, **{name: 0.9}).isfinite().all())
    assert changed(generator, rain=0.9) > 0.01


def test_odd_files_are_read_as_people_see_them(tmp_path):
    upright = Image.fromarray(landscape(60, 90))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    turned.save(tmp_path / "turned.png", exif=exif)
    upright.convert("CMYK").save(tmp_path / "cmyk.tif")
    frames = [upright, upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    clear = upright.copy()
    clear.putalpha(Image.new("L", upright.size, 255))
    clear.save(tmp_path / "alpha.png")
    expected = shown(PhotoGenerator(upright, resolution=90))
    for name in ("turned.png", "cmyk.tif", "moving.gif", "alpha.png"):
        images = shown(PhotoGenerator(str(tmp_path / name), resolution=90))
        assert images.shape == expected.shape, name
        assert (images - expected).abs().mean() < 0.1, name


def test_a_tensor_and_a_picture_of_it_are_the_same_photo(photo):
    tensor = torch.from_numpy(photo).permute(2, 0, 1)[None] / 127.5 - 1
    images = shown(PhotoGenerator(tensor, resolution=128), snow=0.5)
    again = shown(PhotoGenerator(Image.fromarray(photo), resolution=128), snow=0.5)
    torch.testing.assert_close(images, again, atol=1e-3, rtol=0)


def test_sky_and_horizon_are_found_and_what_is_given_is_taken(generator, photo):
    sky = generator.parts.sky[0, 0]
    assert sky[:20, :60].min() > 0.9 and sky[60:].max() < 0.1 and sky[30:50, 68:76].max() < 0.1
    assert abs(generator.parts.horizon - 0.5) < 0.06
    mask = np.zeros((48, 64))
    mask[:12] = 1
    given = PhotoGenerator(photo, horizon=0.3, sky=mask, water=mask[::-1].copy(), resolution=128)
    assert given.parts.horizon == 0.3 and given.has_water
    assert given.parts.sky[0, 0, 30:].max() == 0 and given.parts.water[0, 0, :60].max() == 0
    assert given.scene_parameters(given.w_avg[None])["horizon"].item() == pytest.approx(0.3)


def test_the_sky_turns_dark_in_a_storm_and_birds_fly_behind_the_house(generator):
    storm, sky = shown(generator, thunderstorm=0.9), generator.parts.sky > 0.9
    before = shown(generator).mean(1, keepdim=True)[sky].mean()
    assert storm.mean(1, keepdim=True)[sky].mean() < before - 0.5
    house = (shown(generator, birds=0.9) - shown(generator))[:, :, 28:50, 68:76]
    assert house.abs().max() < 0.02


def test_fog_hides_the_far_more_than_the_near(generator):
    clear, fog = shown(generator), shown(generator, fog=0.6)
    rows = [
        (part[:, :, rows].std() / clear[:, :, rows].std()).item()
        for part in (fog,)
        for rows in (slice(50, 60), slice(80, 96))
    ]
    assert rows[0] < 0.8 * rows[1]


@pytest.mark.parametrize(
    ("rows", "is_water"),
    [((52, 80), True), ((72, 96), True), ((66, 80), False)],
    ids=["a lake from the horizon on", "a pond that the lower edge cuts", "a blue bus"],
)
def test_what_is_blue_is_water_at_the_horizon_or_at_the_lower_edge(rows, is_water):
    photo = landscape()
    photo[slice(*rows), 10:] = (60, 110, 170)
    assert PhotoGenerator(photo, resolution=128).has_water == is_water


def test_waves_come_where_water_is_and_are_refused_elsewhere(generator, lake):
    assert lake.has_water and not generator.has_water
    change = (shown(lake, waves=0.9) - shown(lake)).abs().mean(1)[0]
    assert change[70:].mean() > 0.1 and change[:55].max() < 0.02
    with pytest.raises(SgimError, match="shows no water, and waves need some"):
        shown(generator, waves=0.5)
    ws = generator.w_avg[None].clone()
    ws[:, 8, 0] = 2.0
    assert torch.equal(generator.synthesis(ws), shown(generator))
    assert len(generator.starting_points(ws)) == 1 + len(DRY)
    assert len(lake.starting_points(ws)) == 1 + len(WEATHER_NAMES)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"horizon": 1.2}, "horizon is 1.2"),
        ({"horizon": float("nan")}, "horizon is nan"),
        ({"sky": np.ones((9, 9, 3))}, "sky has shape"),
        ({"sky": "mask.png"}, "sky is a str"),
        ({"water": np.full((96, 128), 7.0)}, "water has shape"),
        ({"sky": np.ones((96, 40))}, "same aspect ratio"),
        ({"resolution": 2048}, "resolution is 2048"),
        ({"photo": np.zeros((20, 400, 3), np.uint8)}, "10 times"),
        ({"photo": "none.jpg"}, "none.jpg does not exist"),
        ({"photo": io.BytesIO()}, "must be a path"),
        ({"photo": torch.zeros(2, 3, 64, 64)}, "holds 2 pictures"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(photo, options, words):
    with pytest.raises(SgimError, match=words):
        PhotoGenerator(**({"photo": photo} | options))


def test_latents_of_a_photo_are_those_of_a_scene(generator):
    assert (generator.num_ws, generator.w_dim, generator.z_dim) == (10, 12, 64)
    parts = dataclasses.asdict(generator.parts)
    assert all(bool(torch.as_tensor(value).isfinite().all()) for value in parts.values())


def test_what_a_photo_shows_does_not_hang_on_the_size_of_the_pictures():
    photo = landscape(900, 1200, water=True)
    small, middle, large = (PhotoGenerator(photo, resolution=size) for size in (64, 256, 1024))
    assert small.has_water and middle.has_water and large.has_water
    assert small.parts.horizon == middle.parts.horizon == large.parts.horizon


def test_weathers_without_a_place_are_said_to_be_absent(generator, lake):
    ws = lake.with_weather(lake.w_avg[None], {"waves": 0.8, "rain": 0.5})
    assert lake.scene_parameters(ws)["waves"] > 0.7
    told = generator.scene_parameters(ws)
    assert told["waves"] == 0 and told["rain"] > 0.4


def test_one_picture_at_a_time_is_painted_in_full_size(generator):
    with pytest.raises(SgimError, match="one picture is painted in full size at a time"):
        generator.in_full_size(generator.w_avg[None].repeat(2, 1, 1))
