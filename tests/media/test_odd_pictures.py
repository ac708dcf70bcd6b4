"""Pictures that people really have: profiles, depths, holes, and odd data beside good pixels."""

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
import torch
from icc_profiles import gray_profile, levels_in_srgb, rgb_profile, srgb_levels
from PIL import Image, ImageCms

from sgim.checks import SgimError
from sgim.media.photos import as_images, read_photo
from sgim.media.picture_files import to_pictures

ROWS, COLUMNS = np.mgrid[0:48, 0:48]
RGB = np.stack([COLUMNS * 5, ROWS * 5, (ROWS + COLUMNS) * 2 + 30], -1).astype(np.uint8)
RAMP = (np.arange(48 * 48).reshape(48, 48) * 65_535 // (48 * 48 - 1)).astype(np.uint16)


def chunk(kind, content):
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def png(pixels, *beside, depth=8, color=2):
    """A PNG by hand, with chunks before its pixels (None stands for them)."""
    height, width = pixels.shape[:2]
    if depth < 8:
        bits = np.unpackbits(pixels.astype(np.uint8)[..., None], axis=-1)[..., -depth:]
        rows = np.packbits(bits.reshape(height, -1), axis=-1)
    else:
        rows = pixels.reshape(height, -1).astype(">u2" if depth == 16 else np.uint8)
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    chunks = [chunk(b"IHDR", head), *beside, chunk(b"IDAT", packed), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def read(data, tmp_path):
    (tmp_path / "picture").write_bytes(data)
    return np.array(read_photo(tmp_path / "picture")).astype(int)


def saved(picture, kind, **settings):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **settings)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["Display P3", "Adobe RGB", "ProPhoto"])
@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "webp", "object"])
def test_colors_with_a_profile_become_those_of_srgb(kind, name, tmp_path):
    picture = Image.fromarray(RGB)
    profile = rgb_profile(name)
    if kind == "object":
        picture.info["icc_profile"] = profile
        found = (as_images(picture, 48)[0].permute(1, 2, 0).numpy() + 1) * 127.5
    else:
        exact = {"jpeg": {"quality": 100, "subsampling": 0}, "webp": {"lossless": True}}
        data = saved(picture, kind, icc_profile=profile, **exact.get(kind, {}))
        found = read(data, tmp_path)
    difference = np.abs(found - levels_in_srgb(RGB, name))
    if kind == "jpeg":  # its own rounding is stretched where colors are far from sRGB's
        assert np.median(difference) <= 2
    else:
        assert difference.max() <= 2
    assert np.abs(found - RGB).max() > 10


def test_the_profile_of_srgb_changes_nothing(tmp_path):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found = read(saved(Image.fromarray(RGB), "png", icc_profile=srgb), tmp_path)
    assert np.abs(found - RGB).max() <= 1


def test_a_profile_holds_for_palettes_and_beside_holes(tmp_path):
    profile = rgb_profile("Display P3")
    expected = levels_in_srgb((200, 40, 90), "Display P3")
    flat = Image.new("RGB", (32, 32), (200, 40, 90))
    found = read(saved(flat.quantize(4), "png", icc_profile=profile), tmp_path)
    assert np.abs(found - expected).max() <= 2
    holes = flat.convert("RGBA")
    holes.paste((200, 40, 90, 0), (0, 0, 16, 32))
    found = read(saved(holes, "png", icc_profile=profile), tmp_path)
    assert (found[:, :16] == 255).all() and np.abs(found[:, 16:] - expected).max() <= 2


@pytest.mark.parametrize("depth", [8, 16])
def test_gray_pictures_have_profiles_too(depth, tmp_path):
    levels = RAMP if depth == 16 else (RAMP >> 8).astype(np.uint8)
    expected = srgb_levels((levels / levels.max()) ** 1.8)[..., None]
    for profile in (gray_profile(1.8), rgb_profile("Display P3", 1.8)):
        found = read(saved(Image.fromarray(levels), "png", icc_profile=profile), tmp_path)
        assert np.abs(found - expected).max() <= 2.5
        assert np.abs(found - levels[..., None] * 255 / levels.max()).max() > 10


@pytest.mark.parametrize(
    "profile", [b"nothing", rgb_profile("Adobe RGB")[:300], gray_profile(2.2)], ids=len
)
def test_a_profile_that_cannot_be_used_is_told_and_passed_over(profile, tmp_path):
    data = saved(Image.fromarray(RGB), "png", icc_profile=profile)
    with pytest.warns(UserWarning, match="its colors are taken for sRGB"):
        assert (read(data, tmp_path) == RGB).all()


def test_lab_is_shown_as_it_is_meant():
    screen, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    flat = Image.new("RGB", (32, 32), (200, 40, 90))
    picture = ImageCms.profileToProfile(flat, screen, lab, outputMode="LAB")
    levels = ((as_images(picture, 32)[0, :, 3, 3] + 1) * 127.5).round()
    assert (levels - torch.tensor([200, 40, 90])).abs().max() <= 2


def deep(kind):
    if kind == "png 16":
        return png(RAMP, depth=16, color=0)
    if kind == "pgm 16":
        return b"P5 48 48 65535\n" + RAMP.astype(">u2").tobytes()
    if kind == "tiff float":
        return saved(Image.fromarray((RAMP / 65_535).astype(np.float32)), "tiff")
    return saved(Image.fromarray(RAMP), "tiff")


@pytest.mark.parametrize("kind", ["png 16", "pgm 16", "tiff 16", "tiff float"])
def test_a_ramp_from_black_to_white_stays_one_at_any_depth(kind, tmp_path):
    found = read(deep(kind), tmp_path)
    expected = RAMP / 257
    assert np.abs(found - expected[..., None]).max() <= 0.5
    assert abs(found.mean() - 127.5) < 0.1


def tiff(pixels, bits, photometric, sample_format=1):
    """A TIFF by hand, of one strip."""
    height, width = pixels.shape
    if bits == 12:
        pairs = pixels.reshape(-1, 2).astype(np.uint32)
        packed = (pairs[:, 0] << 12 | pairs[:, 1]).astype(">u4").tobytes()
        data = np.frombuffer(packed, np.uint8).reshape(-1, 4)[:, 1:].tobytes()
    else:
        data = pixels.tobytes()
    tags = [(256, width), (257, height), (258, bits), (259, 1), (262, photometric), (273, 8)]
    tags += [(277, 1), (278, height), (279, len(data)), (339, sample_format)]
    directory = struct.pack("<H", len(tags))
    directory += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return struct.pack("<2sHI", b"II", 42, 8 + len(data)) + data + directory + b"\0" * 4


def test_twelve_bits_are_bright_and_white_may_be_zero(tmp_path):
    twelve = read(tiff(RAMP >> 4, 12, 1), tmp_path)
    assert np.abs(twelve - (RAMP >> 4)[..., None] * (255 / 4095)).max() <= 0.5
    inverted = read(tiff(RAMP, 16, 0), tmp_path)
    assert np.abs(inverted - (255 - RAMP / 257)[..., None]).max() <= 0.5


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [
        (Image.fromarray(np.full((32, 32), 200.0, np.float32)), "from 200 to 200; floats run"),
        (Image.fromarray(np.full((32, 32), np.nan, np.float32)), "from nan to nan; floats run"),
        (Image.fromarray(np.full((32, 32), -0.5, np.float32)), "from -0.5 to -0.5"),
        (Image.fromarray(np.full((32, 32), 200, np.int32)), "levels of 32 bits, and nobody knows"),
    ],
)
def test_a_picture_that_does_not_tell_its_white_is_refused(picture, sentence, tmp_path):
    with pytest.raises(SgimError, match=f"the picture has .*{sentence}"):
        as_images(picture, 32)
    with pytest.raises(SgimError, match=sentence):
        read(saved(picture, "tiff"), tmp_path)


def trns(*levels):
    return chunk(b"tRNS", struct.pack(f">{len(levels)}H", *levels))


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_the_level_of_gray_that_is_clear_is_clear_at_any_depth(depth, tmp_path):
    most = 2**depth - 1
    clear = most // 3
    left = COLUMNS < 24
    pixels = np.where(left, clear, most - clear).astype(np.uint16)
    found = read(png(pixels, trns(clear), depth=depth, color=0), tmp_path)
    assert (found[left] == 255).all()
    assert np.abs(found[~left] - 255 * (most - clear) / most).max() <= 0.5


def test_the_color_that_is_clear_is_clear_in_16_bits(tmp_path):
    pixels = np.zeros((32, 32, 3), np.uint16) + np.array([1000, 40_000, 500], np.uint16)
    pixels[:, 16:] = (60_000, 5, 9)
    found = read(png(pixels, trns(1000, 40_000, 500), depth=16), tmp_path)
    assert (found[:, :16] == 255).all() and (found[:, 16:] == (60_000 >> 8, 0, 0)).all()


LONG = zlib.compress(b" " * 2**21)
WRONG_CHECK = chunk(b"tEXt", b"Comment\0good")[:-1] + b"?"
TILTED = b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"


@pytest.mark.parametrize(
    "beside",
    [
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + LONG),
        chunk(b"zTXt", b"Comment\0\0" + LONG),
        chunk(b"tEXt", b"Comment\0" + b"x" * 2**21),
        chunk(b"eXIf", b"\0\x08\0\2\1\x12\0\3"),
        chunk(b"iCCP", b"p\0\1" + zlib.compress(rgb_profile("Adobe RGB"))),
        chunk(b"iCCP", b"p\0\0not packed"),
        chunk(b"iCCP", b""),
        chunk(b"tIME", b"1"),
        chunk(b"acTL", b"\0"),
        chunk(b"nEWS", b"of tomorrow"),
        WRONG_CHECK,
    ],
    ids=lambda beside: beside[4:8].decode() + str(len(beside)),
)
def test_odd_data_beside_good_pixels_is_passed_over(beside, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (read(png(RGB, beside), tmp_path) == RGB).all()


def test_a_profile_of_any_length_is_read(tmp_path):
    profile = rgb_profile("Display P3") + b"\0" * 2**21
    found = read(png(RGB, chunk(b"iCCP", b"p\0\0" + zlib.compress(profile))), tmp_path)
    assert np.abs(found - levels_in_srgb(RGB, "Display P3")).max() <= 2


def test_exif_turns_a_png_and_a_tiff_as_it_says(tmp_path):
    expected = np.rot90(RGB, -1)
    assert (read(png(RGB, chunk(b"eXIf", TILTED)), tmp_path) == expected).all()
    exif = Image.Exif()
    exif[0x0112] = 6
    assert (read(saved(Image.fromarray(RGB), "tiff", exif=exif), tmp_path) == expected).all()


def test_a_picture_that_is_closed_or_cut_off_gets_one_sentence(tmp_path):
    picture = Image.open(io.BytesIO(saved(Image.fromarray(RGB), "png")))
    picture.close()
    with pytest.raises(SgimError, match="the picture is closed or cut off"):
        as_images(picture, 32)
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for kind in ("png", "jpeg"):
        data = saved(Image.fromarray(noise), kind)
        cut = Image.open(io.BytesIO(data[: len(data) // 2]))
        with pytest.raises(SgimError, match="the picture is closed or cut off"):
            as_images(cut, 32)


@pytest.mark.parametrize(
    ("tensor", "sentence"),
    [
        (torch.zeros(1, 3, 32, 32, dtype=torch.complex64), "complex64; .* take the real part"),
        (torch.zeros(1, 3, 32, 32, device="meta"), "on meta; .* dense tensor"),
        (torch.zeros(1, 3, 32, 32).to_sparse(), "sparse_coo .* dense tensor"),
    ],
)
def test_a_tensor_without_real_numbers_in_it_gets_one_sentence(tensor, sentence):
    with pytest.raises(SgimError, match=sentence):
        as_images(tensor, 32)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_images_that_are_not_finite_become_no_pictures(value):
    images = torch.zeros(1, 3, 32, 32)
    images[0, 1, 2, 3] = value
    with pytest.raises(SgimError, match="images: 1 of 3072 values are not finite"):
        to_pictures(images)


def test_a_picture_from_pillow_is_left_as_it_is():
    picture = Image.open(io.BytesIO(png(RGB, trns(300, 400, 500))))
    picture.load()
    before = dict(picture.info)
    as_images(picture, 32)
    assert picture.info == before
