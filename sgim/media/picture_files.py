"""Pictures out: tensors in [-1, 1] become files.

images -> Pillow pictures -> a strip or a sheet -> PNG or GIF, written whole or not at all.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from sgim.checks import atomic_path, require, require_finite

GAP = 6
SMALLEST_SIDE = 256


def to_pictures(images: torch.Tensor) -> list[Image.Image]:
    """Turn images (batch, 3, height, width) in [-1, 1] into Pillow pictures of the same size.

    Raises
    ------
    SgimError
        For images that are not finite.
    """
    require_finite("images", images, "look at the weights and latents that they were made of")
    levels = ((images.detach().cpu().float() + 1) * 127.5).round().clamp(0, 255).byte()
    return [Image.fromarray(level.permute(1, 2, 0).numpy()) for level in levels]


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """Join pictures of one size into a row; small ones are enlarged to `SMALLEST_SIDE` pixels."""
    scale = max(1, -(-SMALLEST_SIDE // min(pictures[0].size)))
    width, height = (scale * side for side in pictures[0].size)
    strip = Image.new("RGB", (len(pictures) * (width + GAP) - GAP, height), "white")
    for index, picture in enumerate(pictures):
        enlarged = picture.resize((width, height), Image.Resampling.BICUBIC)
        strip.paste(enlarged, (index * (width + GAP), 0))
    return strip


def sheet(
    rows: Sequence[Sequence[Image.Image]],
    titles: Sequence[str] = (),
    names: Sequence[str] = (),
) -> Image.Image:
    """Stack rows of pictures of one size.

    Parameters
    ----------
    rows : sequence of rows of pictures
        As `side_by_side` takes them, all rows of the same length.
    titles : sequence of str
        One above each column, cut where it is wider than the column.
    names : sequence of str
        One to the left of each row.
    """
    strips = [side_by_side(row) for row in rows]
    width, height = strips[0].size
    font = _font(max(14, height // 16)) if titles or names else None
    line = 2 * font.size if font else 0
    left = max((round(font.getlength(name)) + line // 2 for name in names), default=0)
    top = line if titles else 0
    page = Image.new("RGB", (left + width, top + len(strips) * (height + GAP) - GAP), "white")
    draw = ImageDraw.Draw(page)
    step = (width + GAP) // len(rows[0])
    for index, title in enumerate(titles):
        place = (left + index * step, line // 4)
        draw.text(place, _fitting(title, font, step - GAP), "black", font)
    for index, strip in enumerate(strips):
        page.paste(strip, (left, top + index * (height + GAP)))
    for index, name in enumerate(names):
        draw.text((line // 4, top + index * (height + GAP) + line // 4), name, "black", font)
    return page


def _font(size: int) -> ImageFont.FreeTypeFont:
    """The font that comes with matplotlib, which has Latin, Greek and Cyrillic letters."""
    import matplotlib

    return ImageFont.truetype(
        str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), size
    )


def _fitting(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """The text on one line, or as much of its beginning as fits into `width` pixels."""
    shown = " ".join(text.encode(errors="replace").decode().split())[:width]
    while shown and font.getlength(shown) > width:
        shown = shown[:-2] + "…" if len(shown) > 2 else ""
    return shown


def save_png(
    picture: Image.Image, path: str | os.PathLike, texts: Mapping[str, str] | None = None
) -> None:
    """Write a PNG, whole or not at all; `texts` become text entries, keyword -> text."""
    entries = PngInfo()
    for keyword, text in (texts or {}).items():
        entries.add_text(keyword, text)
    with atomic_path(path) as temporary:
        picture.save(temporary, format="PNG", pnginfo=entries)


def label_of_edit(what: str, by: str) -> dict[str, str]:
    """Text entries that say what was edited and by what, as `save_png` takes them.

    >>> label_of_edit("photo", "rain")["Software"]
    'sgim'
    """
    told = f"A {what} edited by sound or words with sgim: {by}. It does not show what was there."
    return {"Description": told, "Software": "sgim"}


def save_gif(
    pictures: Sequence[Image.Image], path: str | os.PathLike, seconds: float = 0.1
) -> None:
    """Write pictures of one size as an animation that repeats, whole or not at all.

    Parameters
    ----------
    pictures : sequence of pictures
    path : path
    seconds : float
        How long each is shown; the last one stays ten times as long.
    """
    require(len(pictures) > 0, "there are no pictures; an animation takes at least one.")
    shown = [round(1000 * seconds)] * (len(pictures) - 1) + [round(10_000 * seconds)]
    with atomic_path(path) as temporary:
        pictures[0].save(
            temporary,
            format="GIF",
            save_all=True,
            append_images=pictures[1:],
            duration=shown,
            loop=0,
        )
