"""Invented photos: no two alike, in a photo's range, and good lands for weather."""

import torch

from sgim.world.invented_photos import LONGER_SIDE, invent_photo
from sgim.world.photo_lands import PhotoGenerator


def test_a_seed_names_a_photo_and_another_seed_another():
    first, again, other = invent_photo(3), invent_photo(3), invent_photo(4)
    assert torch.equal(first, again)
    assert first.shape != other.shape or not torch.allclose(first, other)


def test_photos_lie_in_range_and_their_longer_side_is_fixed():
    shapes = set()
    for seed in range(30):
        photo = invent_photo(seed)
        assert photo.shape[:2] == (1, 3) and max(photo.shape[2:]) == LONGER_SIDE
        assert photo.min() >= 0 and photo.max() <= 1 and photo.std() > 0.01
        shapes.add(tuple(photo.shape[2:]))
    assert len(shapes) >= 4


def test_a_given_picture_stays_below_what_is_laid_before_it():
    base = torch.zeros(1, 3, 64, 64)
    base[:, :, :32] = 1.0
    brighter = 0
    for seed in range(12):
        photo = invent_photo(seed, base).mean(dim=(0, 1))
        brighter += photo[: len(photo) // 4].mean() > photo[-len(photo) // 8 :].mean()
    assert brighter >= 9


def test_weather_is_painted_over_an_invented_photo():
    generator = PhotoGenerator(2 * invent_photo(5) - 1, resolution=64)
    clear = generator.w_avg[None]
    rain = generator.synthesis(generator.with_weather(clear, {"rain": 0.9}))
    assert (rain - generator.synthesis(clear)).abs().mean() > 0.05
