"""The mixer of rows without a browser: sliders are moved by hand."""

import pytest
import torch
from studio_fixtures import TinyGenerator

from sgim.checks import SgimError
from sgim.notebook.layer_mixer import LayerMixer, mix_rows
from sgim.seeds import ws_from_seeds


@pytest.fixture
def mixer():
    return LayerMixer(TinyGenerator(), seeds=(3, 4))


def test_a_row_goes_as_far_as_its_share_and_the_others_stay():
    first, second = torch.zeros(1, 3, 2), torch.ones(1, 3, 2)
    mixed = mix_rows(first, second, [0, 1, 0.5])
    assert mixed[0, :, 0].tolist() == [0, 1, 0.5] and torch.equal(mixed[..., 0], mixed[..., 1])


def test_shares_and_rows_have_to_match():
    with pytest.raises(SgimError, match="2 shares and 3 rows"):
        mix_rows(torch.zeros(1, 3, 2), torch.ones(1, 3, 2), [0, 1])


def test_one_call_sets_the_sliders_and_all_others_to_the_left_scene(mixer):
    first, second = (ws_from_seeds(mixer._generator, [seed]) for seed in (3, 4))
    mixer.shares["row 0"].value = 1.0
    mixed = mixer.mix({"row 1": 1})
    assert torch.equal(mixed[:, 0], first[:, 0]) and torch.equal(mixed[:, 1], second[:, 1])
    assert [share.value for share in mixer.shares.values()] == [0, 1]
    with pytest.raises(SgimError, match="'sky' is no row; they are row 0, row 1"):
        mixer.mix({"sky": 1})


def test_a_moved_slider_shows_another_mixture_and_names_its_rows(mixer):
    left, middle, right = (picture.value for picture in mixer.pictures)
    assert "scene 3" in left and "from the right: nothing" in middle and "scene 4" in right
    mixer.shares["row 1"].value = 0.5
    assert mixer.pictures[1].value != middle and "row 1" in mixer.pictures[1].value
    assert [mixer.pictures[0].value, mixer.pictures[2].value] == [left, right]


def test_another_number_shows_another_scene(mixer):
    right = mixer.pictures[2].value
    mixer.second.value = 5
    assert mixer.pictures[2].value != right and "scene 5" in mixer.pictures[2].value


def test_a_page_without_a_kernel_shows_the_mixture_with_its_words(mixer):
    shown = mixer._repr_mimebundle_()
    assert 'alt="A scene, from the right: nothing."' in shown["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in shown
