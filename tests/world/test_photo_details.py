"""An edit of a shrunk photo in the photo's own size: what is kept, what is covered."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from sgim.world.photo_details import with_details
from sgim.world.photo_lands import PhotoGenerator

SIZE = (120, 180)


@pytest.fixture(scope="module")
def photo():
    """Blocks of color with fine stripes, and a copy of half the size."""
    drawn = torch.Generator().manual_seed(1)
    blocks = F.interpolate(torch.rand(1, 3, 6, 9, generator=drawn) - 0.5, SIZE, mode="nearest")
    return blocks + 0.1 * torch.rand(1, 1, *SIZE, generator=drawn)


@pytest.fixture(scope="module")
def copy(photo):
    return F.interpolate(photo, (60, 90), mode="area")


def test_without_an_edit_it_is_the_photo(photo, copy):
    torch.testing.assert_close(with_details(copy, copy, photo), photo, atol=1e-5, rtol=0)


def test_dimmer_light_dims_the_details_as_well(photo, copy):
    full = with_details(0.3 * copy + 0.2, copy, photo)
    assert (full - (0.3 * photo + 0.2)).abs().mean() < 0.005
    enlarged = F.interpolate(0.3 * copy + 0.2, SIZE, mode="bilinear")
    assert (enlarged - (0.3 * photo + 0.2)).abs().mean() > 0.007


def test_nothing_of_the_photo_shows_through_what_covers_it(photo, copy):
    cover = torch.full_like(copy, 0.6)
    details = photo - F.interpolate(copy, SIZE, mode="bilinear")
    shown = with_details(cover, copy, photo) - 0.6
    assert shown.abs().mean() < 0.25 * details.abs().mean()


def test_it_stays_in_range_under_a_flash(photo, copy):
    full = with_details((4 * copy).clamp(-1, 1), copy, photo)
    assert full.abs().max() <= 1


@pytest.fixture(scope="module")
def large_photo():
    """1500 x 1000 pixels of sky over striped land."""
    y, x = np.mgrid[:1000, :1500]
    stripes = 0.3 + 0.15 * ((x + y) % 4 < 2)
    gray = np.where(y < 450, 0.75, stripes)
    return (gray[..., None] * np.array([0.8, 0.9, 1.0]) * 255).round().astype(np.uint8)


def test_a_photo_comes_back_in_its_own_size(large_photo):
    generator = PhotoGenerator(large_photo, resolution=64)
    images = generator.in_full_size(generator.w_avg[None])
    levels = (images[0].permute(1, 2, 0).numpy() + 1) * 127.5
    assert np.abs(levels - large_photo).max() < 1


def test_the_full_picture_shows_what_the_smaller_one_shows(large_photo):
    generator = PhotoGenerator(large_photo, resolution=64)
    ws = generator.with_weather(generator.w_avg[None], {"fog": 0.7})
    full = generator.in_full_size(ws)
    assert full.shape == (1, 3, 1000, 1500)
    smaller = generator.at_resolution(1024).synthesis(ws)
    shrunk = F.interpolate(full, smaller.shape[2:], mode="area")
    assert (shrunk - smaller).abs().mean() < 0.01


def test_a_small_photo_is_painted_at_its_own_size(large_photo):
    generator = PhotoGenerator(large_photo[::4, ::4], resolution=64)
    ws = generator.with_weather(generator.w_avg[None], {"rain": 0.7})
    assert torch.equal(generator.in_full_size(ws), generator.at_resolution(1024).synthesis(ws))


def test_beyond_4096_pixels_a_photo_is_shrunk():
    generator = PhotoGenerator(np.full((500, 5000, 3), 0.5), resolution=64)
    assert generator.in_full_size(generator.w_avg[None]).shape == (1, 3, 410, 4096)
