"""Two pictures and a slider between them; an edit that is compared with its source."""

import io
import types

import torch
from PIL import Image

from sgim.notebook.wipe import EditWipe, Wipe, wipe_images


def test_a_page_without_kernel_shows_half_of_each_picture_and_says_what_they_are():
    dark, light = -torch.ones(1, 3, 20, 40), torch.ones(1, 3, 20, 40)
    wipe = wipe_images(dark, light, "A black wall.", "A white wall.")
    halves = Image.open(io.BytesIO(wipe.halves()))
    assert halves.size == (40, 20)
    assert max(halves.getpixel((4, 10))) < 40 and min(halves.getpixel((36, 10))) > 215
    page = wipe._repr_mimebundle_()[0]["text/html"]
    assert 'alt="Left of the line: A black wall. Right of it: A white wall."' in page
    assert "run the notebook" in page and len(repr(wipe)) < 100


def test_a_source_of_another_size_is_brought_to_the_size_of_its_edit():
    wipe = wipe_images(-torch.ones(1, 3, 10, 20), torch.ones(1, 3, 30, 60))
    assert Image.open(io.BytesIO(wipe.halves())).size == (60, 30)


def test_an_edit_is_shown_heard_and_said_in_words():
    result = types.SimpleNamespace(
        source_images=torch.zeros(1, 3, 32, 64), images=torch.ones(1, 3, 32, 64)
    )
    shown = EditWipe(
        result, torch.zeros(8000), 16_000, before_words="A wall.", after_words="A white wall."
    )
    levels = [
        Image.open(io.BytesIO(one)).getpixel((5, 5))[0]
        for one in (shown.wipe.before, shown.wipe.after)
    ]
    assert levels[0] < 140 and levels[1] > 250 and shown.player.value
    bundle = shown._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert 'alt="A white wall."' in bundle["text/html"]


def test_the_frame_takes_the_form_of_the_picture():
    assert "naturalWidth" in Wipe._esm and ".sgim-frame" in Wipe._css
