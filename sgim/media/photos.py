"""Pictures in: a photo of any size becomes a tensor in [-1, 1].

file, Pillow picture, array or tensor -> upright, on white, square or whole -> (batch, 3, H, W)
"""

import io
import os
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import ExifTags, Image, ImageOps

from sgim.checks import SgimError, require
from sgim.media.picture_colors import rgb_on_white
from sgim.media.png_chunks import is_png, plain_png

SMALLEST_SIDE = 16
MOST_PIXELS = 120_000_000
BRIGHTEST = 2.0
MOST_STRETCHED = 10
DAMAGE = (
    *(OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, RuntimeError),
    *(ArithmeticError, AssertionError, struct.error, zlib.error),
)
"""What Pillow raises for files that are no pictures, or no whole ones."""

ORIENTATION = ExifTags.Base.Orientation
TURNS = dict(
    zip(
        range(2, 9),
        (
            Image.Transpose.FLIP_LEFT_RIGHT,
            Image.Transpose.ROTATE_180,
            Image.Transpose.FLIP_TOP_BOTTOM,
            Image.Transpose.TRANSPOSE,
            Image.Transpose.ROTATE_270,
            Image.Transpose.TRANSVERSE,
            Image.Transpose.ROTATE_90,
        ),
        strict=True,
    )
)
"""What sets a picture upright, by its EXIF orientation."""


def as_images(photo, size: int) -> torch.Tensor:
    """Square pictures of `size` pixels, cut from the middle of what is given.

    Parameters
    ----------
    photo : path, PIL.Image.Image, numpy.ndarray or torch.Tensor
        Arrays are (height, width), (height, width, 3) or (height, width, 4), uint8 or float in
        [0, 1]; tensors are (batch, 3, height, width), float in [-1, 1]. Pictures are turned as
        their EXIF orientation says, and what is transparent shows white.
    size : int

    Returns
    -------
    torch.Tensor, (batch, 3, size, size), float32 in [-1, 1]
        Batch is 1, except for a tensor. A tensor of this size is not resampled.

    Raises
    ------
    SgimError
        For a file that is missing, no picture or cut off, for more than 120 million pixels or
        fewer than 16 on a side, for another shape or range.
    """
    if isinstance(photo, torch.Tensor):
        return _resized(_checked_tensor(photo), size)
    return _levels(ImageOps.fit(_picture(photo), (size, size), Image.Resampling.LANCZOS))


def as_whole_image(photo, longest: int) -> torch.Tensor:
    """One picture with all its width and height, made smaller where it is larger than `longest`.

    Parameters
    ----------
    photo : as `as_images` takes it; a tensor holds one picture
    longest : int
        Pixels of the longer side at most.

    Returns
    -------
    torch.Tensor, (1, 3, height, width), float32 in [-1, 1]

    Raises
    ------
    SgimError
        As `as_images`, for several pictures, and for sides that differ more than tenfold.
    """
    if isinstance(photo, torch.Tensor):
        images = _checked_tensor(photo)
        require(
            len(images) == 1,
            f"the tensor holds {len(images)} pictures; one is taken at a time: pass photo[:1].",
        )
        height, width = _sides(*images.shape[2:], longest)
        if (height, width) == images.shape[2:]:
            return images
        images = F.interpolate(images, (height, width), mode="bicubic", antialias=True)
        return images.clamp(-1, 1)
    picture = _picture(photo)
    height, width = _sides(picture.height, picture.width, longest)
    return _levels(picture.resize((width, height), Image.Resampling.LANCZOS))


def _sides(height: int, width: int, longest: int) -> tuple[int, int]:
    """Height and width of a picture that is shrunk to `longest`, never enlarged."""
    require(
        max(height, width) <= MOST_STRETCHED * min(height, width),
        f"the photo has {width} x {height} pixels; one side may be {MOST_STRETCHED} times the "
        "other at most: cut a part out of it.",
    )
    scale = min(1.0, longest / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _picture(photo) -> Image.Image:
    """What is no tensor, upright in mode RGB."""
    if isinstance(photo, np.ndarray):
        return upright_rgb(_picture_from_array(photo))
    if isinstance(photo, Image.Image):
        return upright_rgb(photo)
    require(
        isinstance(photo, (str, os.PathLike)),
        f"the photo is a {type(photo).__name__}; it must be a path, a Pillow picture, an array "
        "or a tensor.",
    )
    return read_photo(photo)


def _levels(picture: Image.Image) -> torch.Tensor:
    levels = torch.from_numpy(np.array(picture, np.float32))
    return (levels / 127.5 - 1).permute(2, 0, 1)[None]


def read_photo(path: str | os.PathLike) -> Image.Image:
    """Read a picture file as `upright_rgb`; of an animation the first frame.

    Raises
    ------
    SgimError
        When the file is missing, no picture, cut off, too small or too large.
    """
    name, path = os.fspath(path) or "an empty path", Path(path)
    require(path.is_file(), f"{name} does not exist or is no file; give the path of a picture.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SgimError(f"{path} {_NO_PICTURE}") from error
    return decode_photo(content, str(path))


def decode_photo(content: bytes, name: str) -> Image.Image:
    """The same from the bytes of a picture file, for example one that was uploaded.

    Parameters
    ----------
    content : bytes
        All of a file that `read_photo` would read.
    name : str
        What to call it in a complaint.

    Raises
    ------
    SgimError
        As `read_photo`.
    """
    try:
        picture = _loaded(content, name)
    except Image.DecompressionBombError as error:
        raise SgimError(f"{name} has {_TOO_MANY}") from error
    except SgimError:
        raise
    except DAMAGE as error:
        raise SgimError(f"{name} {_NO_PICTURE}") from error
    return upright_rgb(picture, name)


_TOO_MANY = f"more than {MOST_PIXELS // 10**6} million pixels; make it smaller first."
_NO_PICTURE = "is no picture, or not a whole one; give a PNG or JPEG file that a viewer opens."


def _loaded(data: bytes, name: str) -> Image.Image:
    """The picture in a file, with its profile; what is odd beside the pixels is passed over."""
    profile = None
    if is_png(data):
        data, profile = plain_png(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data)) as picture:
            _require_size(picture, name)
            picture.load()
    if profile is not None:
        picture.info["icc_profile"] = profile
    return picture


def _require_size(picture: Image.Image, name: str) -> None:
    width, height = picture.size
    require(width * height <= MOST_PIXELS, f"{name} has {_TOO_MANY}")
    require(
        min(width, height) >= SMALLEST_SIDE,
        f"{name} has {width} x {height} pixels; it takes at least {SMALLEST_SIDE} on each side: "
        "give a larger one.",
    )


def upright_rgb(picture: Image.Image, name: str = "the picture") -> Image.Image:
    """A copy in mode RGB, turned as its EXIF orientation says; what is transparent shows white.

    Colors with a profile become those of sRGB.

    Raises
    ------
    SgimError
        For fewer than 16 pixels on a side or more than 120 million altogether, for a picture that
        is closed or cut off, and for levels that do not tell which of them is white.
    """
    _require_size(picture, name)
    try:
        picture.load()
    except DAMAGE as error:
        raise SgimError(
            f"{name} is closed or cut off ({error}); open it anew and give it while it is open."
        ) from error
    return _turned(rgb_on_white(picture, name), picture)


def _turned(rgb: Image.Image, picture: Image.Image) -> Image.Image:
    """The pixels `rgb` of a picture, upright; an orientation that cannot be read is none."""
    try:
        orientation = picture.getexif().get(ORIENTATION)
    except DAMAGE:
        orientation = None
    return rgb.transpose(TURNS[orientation]) if orientation in TURNS else rgb


def _picture_from_array(array: np.ndarray) -> Image.Image:
    require(
        array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4)),
        f"the array has shape {array.shape}; a picture is (height, width), (height, width, 3) or "
        "(height, width, 4): move or drop axes.",
    )
    if array.dtype != np.uint8:
        require(
            np.issubdtype(array.dtype, np.floating),
            f"the array is {array.dtype}; a picture is uint8, or float from 0 to 1: convert it.",
        )
        lowest, highest = (array.min(), array.max()) if array.size else (0.0, 0.0)
        require(
            bool(0 <= lowest <= highest <= 1),
            f"the array runs from {lowest:g} to {highest:g}; floats go from 0 to 1: scale it.",
        )
        array = (array * 255).round().astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(array))


def _checked_tensor(images: torch.Tensor) -> torch.Tensor:
    require(
        images.layout == torch.strided and not images.is_meta,
        f"the tensor is {images.layout} on {images.device}; pictures lie in memory as a dense "
        "tensor: make one with numbers in it.",
    )
    require(
        not images.is_complex(),
        f"the tensor is {images.dtype}; pictures are float in [-1, 1]: take the real part.",
    )
    require(
        images.ndim == 4 and images.shape[1] == 3 and len(images) > 0,
        f"the tensor has shape {tuple(images.shape)}; pictures are (batch, 3, height, width): "
        "move or add axes.",
    )
    require(
        min(images.shape[2:]) >= SMALLEST_SIDE,
        f"the tensor has shape {tuple(images.shape)}; pictures take at least {SMALLEST_SIDE} "
        "pixels on each side: give larger ones.",
    )
    require(
        images.is_floating_point() and bool((images.abs() <= BRIGHTEST).all()),
        f"the tensor is {images.dtype} and runs from {images.min():g} to {images.max():g}; "
        "pictures are float in [-1, 1]: divide by 127.5 and subtract 1.",
    )
    return images.detach().float().clamp(-1, 1)


def _resized(images: torch.Tensor, size: int) -> torch.Tensor:
    side = min(images.shape[2:])
    top, left = ((length - side) // 2 for length in images.shape[2:])
    images = images[:, :, top : top + side, left : left + side]
    if side == size:
        return images
    images = F.interpolate(images, (size, size), mode="bicubic", antialias=True)
    return images.clamp(-1, 1)
