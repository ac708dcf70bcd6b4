"""Pictures of any depth, with any color profile, with or without holes, in 8-bit sRGB on white.

Pillow picture -> 8 bits -> sRGB (LittleCMS) -> white where it is transparent -> mode RGB

What does not say how bright it is, is refused and not guessed.
"""

import io
import warnings

import numpy as np
from PIL import Image, ImageCms

from sgim.checks import require

WITH_ALPHA = ("LA", "PA", "La", "RGBA", "RGBa")
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""Color spaces of profiles -> modes of Pillow."""

BITS, PHOTOMETRIC = 258, 262
WHITE_IS_ZERO = 0
"""Tags of TIFF files."""


def rgb_on_white(picture: Image.Image, name: str) -> Image.Image:
    """A copy in mode RGB and in sRGB; what is transparent shows white.

    Parameters
    ----------
    picture : PIL.Image.Image
        Loaded, with its profile as `info["icc_profile"]`.
    name : str
        For the sentence.

    Raises
    ------
    SgimError
        For 32-bit integers, and for floats beyond 0 to 1, whose white nobody knows.
    """
    profile = picture.info.get("icc_profile")
    colors, alpha = _without_holes(picture)
    colors = _in_srgb(_in_eight_bits(colors, name), profile, name)
    if alpha is None:
        return colors
    return Image.composite(colors, Image.new("RGB", colors.size, "white"), alpha)


def _without_holes(picture: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """The picture without transparency, and how opaque it is (mode L), if not everywhere."""
    clear = picture.info.get("transparency")
    if picture.mode in WITH_ALPHA:
        straight = picture.convert({"La": "LA", "RGBa": "RGBA"}.get(picture.mode, picture.mode))
        colors = straight.convert("L" if straight.mode == "LA" else "RGB")
        return colors, straight.getchannel("A")
    if clear is None:
        return picture, None
    if picture.mode.startswith("I"):
        alpha = np.where(np.asarray(picture) == clear, 0, 255).astype(np.uint8)
        return picture, Image.fromarray(alpha)
    picture = picture.copy()
    if isinstance(clear, tuple) and max(clear) > 255:
        picture.info["transparency"] = tuple(level >> 8 for level in clear)
    painted = picture.convert("RGBA")
    colors = picture if picture.mode in MODES.values() else painted.convert("RGB")
    return colors, painted.getchannel("A")


def _in_eight_bits(picture: Image.Image, name: str) -> Image.Image:
    """The picture itself, or in mode L if it is deeper."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    levels, tags = np.asarray(picture), getattr(picture, "tag_v2", {})
    if picture.mode == "F":
        white = 1
        require(
            bool(((levels >= 0) & (levels <= white)).all()),
            f"{name} has levels from {levels.min():g} to {levels.max():g}; floats run from 0, "
            "black, to 1, white: divide them, or save it with 8 or 16 bits.",
        )
    else:
        white = 2 ** tags[BITS][0] - 1 if BITS in tags else 2**16 - 1
        require(
            picture.mode != "I" or picture.format in ("PNG", "PPM"),
            f"{name} has levels of 32 bits, and nobody knows which of them is white; save it with "
            "8 or 16 bits.",
        )
    shown = (levels.astype(np.float32) * (255 / white)).round().clip(0, 255).astype(np.uint8)
    return Image.fromarray(255 - shown if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO else shown)


def _in_srgb(colors: Image.Image, profile: bytes | None, name: str) -> Image.Image:
    """The colors as a screen shows them, in mode RGB; without a profile they are taken for sRGB."""
    screen = ImageCms.createProfile("sRGB")
    if colors.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return ImageCms.profileToProfile(colors, lab, screen, outputMode="RGB")
    if not profile:
        return colors.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = MODES.get(source.profile.xcolor_space.strip())
        if mode == "RGB" and colors.mode != "CMYK":
            colors = colors.convert("RGB")
        if mode == "L" and colors.mode == "1":
            colors = colors.convert("L")
        if mode == colors.mode:
            return ImageCms.profileToProfile(colors, source, screen, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
    else:
        reason = f"it is for {source.profile.xcolor_space.strip()}, the picture {colors.mode}"
    warnings.warn(
        f"the color profile of {name} cannot be used ({reason}); its colors are taken for sRGB.",
        stacklevel=2,
    )
    return colors.convert("RGB")
