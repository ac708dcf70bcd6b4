"""One slider among edits that are made already."""

import io

import pytest
import torch
from PIL import Image

from sgim.checks import SgimError
from sgim.notebook.strength_slider import StrengthSlider


@pytest.fixture
def slider():
    images = torch.linspace(-1, 1, 3).view(3, 1, 1, 1).expand(3, 3, 8, 8)
    waveforms = [torch.full((100,), level) for level in (0.1, 0.5, 0.9)]
    return StrengthSlider(
        images[:1], images, labels=["a", "b", "c"], waveforms=waveforms, sample_rate=16_000
    )


def test_the_strength_slider_changes_picture_and_player(slider):
    before = slider.picture.value, slider.player.value
    slider.level.value = 2
    assert slider.picture.value != before[0] and slider.player.value != before[1]
    assert "strength c" in slider.picture.tooltip and "strength c" in slider.player.tooltip
    assert Image.open(io.BytesIO(slider.picture.value)).getpixel((16, 4)) == (255, 255, 255)


def test_the_strength_slider_wants_one_of_each():
    images = torch.zeros(2, 3, 8, 8)
    with pytest.raises(SgimError, match="2 images, 1 labels and 2 waveforms"):
        StrengthSlider(
            images[:1], images, labels=["a"], waveforms=[torch.zeros(9)] * 2, sample_rate=16_000
        )


def test_player_and_picture_have_the_description_that_jupyterlab_asks_of_what_has_a_tooltip(slider):
    for one in (slider.player, slider.picture):
        assert one.tooltip and one.get_state()["description"] == ""
