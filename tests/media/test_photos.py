"""Photos in: what is read, how it is turned, cut and resized, and what is refused."""

import numpy as np
import pytest
import torch
from PIL import Image

from sgim.checks import SgimError
from sgim.media import photos
from sgim.media.photos import as_images, read_photo

EXIF_ORIENTATION = 0x0112


def halves(width=64, height=32, mode="RGB"):
    """A picture that is red on the left and blue on the right."""
    picture = Image.new("RGB", (width, height), (255, 0, 0))
    picture.paste((0, 0, 255), (width // 2, 0, width, height))
    return picture.convert(mode)


def color_at(images, x, y):
    """Levels 0 to 255 at a place given in shares of the picture."""
    size = images.shape[-1]
    return [round(v) for v in ((images[0, :, int(y * size), int(x * size)] + 1) * 127.5).tolist()]


def test_a_file_becomes_a_square_tensor_in_the_range_of_generators(tmp_path):
    halves().save(tmp_path / "halves.png")
    images = as_images(tmp_path / "halves.png", 48)
    assert images.shape == (1, 3, 48, 48) and images.dtype == torch.float32
    assert color_at(images, 0.2, 0.5) == [255, 0, 0] and color_at(images, 0.8, 0.5) == [0, 0, 255]


def test_the_middle_square_is_cut_out():
    picture = Image.new("RGB", (96, 32), (0, 255, 0))
    picture.paste(halves(32, 32), (32, 0))
    for images in (as_images(picture, 32), as_images(as_tensor(picture), 32)):
        assert color_at(images, 0.1, 0.5) == [255, 0, 0]
        assert color_at(images, 0.9, 0.5) == [0, 0, 255]


def as_tensor(picture):
    levels = torch.from_numpy(np.array(picture, np.float32))
    return (levels / 127.5 - 1).permute(2, 0, 1)[None]


@pytest.mark.parametrize(
    ("orientation", "place_of_red"), [(1, (0.2, 0.5)), (3, (0.8, 0.5)), (6, (0.5, 0.2))]
)
def test_a_photo_stands_as_its_exif_orientation_says(tmp_path, orientation, place_of_red):
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    halves(64, 64).save(tmp_path / "turned.png", exif=exif)
    assert color_at(as_images(tmp_path / "turned.png", 64), *place_of_red) == [255, 0, 0]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_shows_white(mode):
    picture = Image.new("RGBA", (32, 32), (0, 0, 0, 0)).convert(mode)
    assert color_at(as_images(picture, 32), 0.5, 0.5) == [255, 255, 255]


def test_a_palette_with_a_transparent_color_shows_white_there(tmp_path):
    picture = halves(32, 32).convert("P", palette=Image.Palette.ADAPTIVE, colors=2)
    picture.save(tmp_path / "palette.gif", transparency=picture.getpixel((0, 0)))
    images = as_images(tmp_path / "palette.gif", 32)
    assert color_at(images, 0.2, 0.5) == [255, 255, 255]
    assert color_at(images, 0.8, 0.5) == [0, 0, 255]


@pytest.mark.parametrize("mode", ["L", "1", "CMYK", "YCbCr", "P"])
def test_other_modes_become_rgb(mode):
    assert as_images(halves(mode=mode), 32).shape == (1, 3, 32, 32)


def test_sixteen_bit_gray_keeps_its_levels(tmp_path):
    Image.fromarray(np.full((32, 32), 32_896, np.uint16)).save(tmp_path / "deep.png")
    assert color_at(as_images(tmp_path / "deep.png", 32), 0.5, 0.5) == [128, 128, 128]


def test_arrays_are_bytes_or_floats_from_zero_to_one():
    array = np.array(halves(32, 32))
    for same in (array, array / 255, (array / 255).astype(np.float32)):
        assert torch.equal(as_images(same, 32), as_images(halves(32, 32), 32))
    assert color_at(as_images(np.full((32, 32), 0.5), 32), 0.5, 0.5) == [128, 128, 128]


def test_a_tensor_of_the_right_size_is_not_resampled():
    images = torch.rand(3, 3, 32, 32) * 2 - 1
    assert torch.equal(as_images(images, 32), images)


def test_fine_stripes_average_when_a_picture_is_made_smaller():
    stripes = torch.tensor([-1.0, 1.0]).repeat(64).expand(1, 3, 128, 128)
    array = np.tile(np.array([0, 255], np.uint8), (128, 64))
    for images in (as_images(stripes, 16), as_images(array, 16)):
        assert images[:, :, 4:-4, 4:-4].abs().max() < 0.15


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(SgimError, match="does not exist or is no file"):
            read_photo(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tiff", "webp"])
def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path, suffix):
    path = tmp_path / f"cut.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    for share in (0.0, 0.05, 0.3, 0.6):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(SgimError, match="no picture, or not a whole one"):
            read_photo(path)


def test_a_text_is_no_picture(tmp_path):
    (tmp_path / "words.png").write_text("only words\n" * 50)
    with pytest.raises(SgimError, match="no picture, or not a whole one"):
        read_photo(tmp_path / "words.png")


def test_a_picture_of_one_pixel_is_refused():
    with pytest.raises(SgimError, match="1 x 1 pixels.*at least 16"):
        as_images(Image.new("RGB", (1, 1)), 32)
    with pytest.raises(SgimError, match=r"\(1, 3, 1, 1\).*at least 16"):
        as_images(torch.zeros(1, 3, 1, 1), 32)


@pytest.mark.parametrize("side", [11_000, 20_000])
def test_a_picture_too_large_for_memory_is_refused_before_it_is_read(tmp_path, side):
    path = tmp_path / "bomb.png"
    Image.new("1", (side, side)).save(path)
    with pytest.raises(SgimError, match="more than 120 million pixels.*smaller"):
        read_photo(path)


def test_pictures_of_many_pixels_are_read_without_a_warning(tmp_path, recwarn, monkeypatch):
    monkeypatch.setattr(photos.Image, "MAX_IMAGE_PIXELS", 1_500)
    halves().save(tmp_path / "halves.png")
    assert read_photo(tmp_path / "halves.png").size == (64, 32) and not recwarn.list


@pytest.mark.parametrize(
    ("photo", "message"),
    [
        ([1, 2], "list.*path, a Pillow picture"),
        (np.zeros((3, 32, 32), np.uint8), r"\(3, 32, 32\).*\(height, width, 3\)"),
        (np.full((32, 32), 3.0), "runs from 3 to 3; .*floats go from 0 to 1"),
        (np.full((32, 32), np.nan), "runs from nan to nan; .*floats go from 0 to 1"),
        ("", "an empty path does not exist"),
        (np.zeros((32, 32), np.int64), "int64.*uint8"),
        (torch.zeros(3, 32, 32), r"\(3, 32, 32\).*\(batch, 3, height, width\)"),
        (torch.full((1, 3, 32, 32), 255.0), r"runs from 255 to 255.*\[-1, 1\]"),
        (torch.full((1, 3, 32, 32), float("nan")), r"nan.*\[-1, 1\]"),
        (torch.zeros(1, 3, 32, 32, dtype=torch.uint8), r"uint8.*\[-1, 1\]"),
    ],
)
def test_other_shapes_and_ranges_are_refused(photo, message):
    with pytest.raises(SgimError, match=message):
        as_images(photo, 32)
