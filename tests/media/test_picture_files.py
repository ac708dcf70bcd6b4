"""Pictures beside and above each other, and as an animation."""

import numpy as np
import pytest
from PIL import Image

from sgim.checks import SgimError
from sgim.media.picture_files import GAP, save_gif, sheet, side_by_side

COLORS = ("red", "lime", "blue", "yellow")
PICTURES = [Image.new("RGB", (256, 256), color) for color in COLORS]
ROWS = [PICTURES[:2], PICTURES[2:]]


def test_a_row_alone_is_a_strip():
    assert np.array_equal(np.asarray(sheet(ROWS[:1])), np.asarray(side_by_side(ROWS[0])))


def test_rows_stand_below_each_other():
    page = sheet(ROWS)
    assert page.size == (512 + GAP, 512 + GAP)
    corners = [page.getpixel((x, y)) for y in (0, 511 + GAP) for x in (0, 511 + GAP)]
    assert corners == [picture.getpixel((0, 0)) for picture in PICTURES]


def test_titles_stand_above_and_names_to_the_left():
    page = sheet(ROWS, ["a title that is much too long for a column", ""], ["π", "ж"])
    plain = np.asarray(sheet(ROWS))
    height, width = plain.shape[:2]
    pixels = np.asarray(page)
    assert np.array_equal(pixels[-height:, -width:], plain)
    head, margin = pixels[:-height], pixels[:, :-width]
    assert (head == 0).any() and (margin == 0).any()
    assert (head[:, -256:] == 255).all()


@pytest.mark.parametrize("title", ["two\nlines", "\udcff no character", "long " * 10_000, "\0", ""])
def test_strange_titles_are_shown_as_well_as_can_be(title):
    assert sheet(ROWS, [title, title]).size[0] == 512 + GAP


def test_an_animation_shows_every_picture_and_the_last_one_longer(tmp_path):
    save_gif(PICTURES, tmp_path / "way.gif", seconds=0.2)
    with Image.open(tmp_path / "way.gif") as animation:
        assert animation.n_frames == 4 and animation.info["loop"] == 0
        shown = []
        for index, picture in enumerate(PICTURES):
            animation.seek(index)
            shown.append(animation.info["duration"])
            assert animation.convert("RGB").getpixel((9, 9)) == picture.getpixel((9, 9))
    assert shown == [200, 200, 200, 2000]


def test_an_animation_of_nothing_is_refused(tmp_path):
    with pytest.raises(SgimError, match="no pictures; an animation takes at least one"):
        save_gif([], tmp_path / "way.gif")
    assert list(tmp_path.iterdir()) == []
