"""An edit on the line from its source, nearer or further than the optimization left it."""

import pytest
import torch

import sgim
from sgim.checks import SgimError
from sgim.editing.strength import scale_edit, with_strength


@pytest.fixture(scope="module")
def edit(bundle):
    config = sgim.ManipulateConfig(num_steps=2, pursuit=False, latent_noise=0.0)
    return sgim.manipulate(bundle, bundle.generator.w_avg, text="heavy rain", config=config)


def test_latents_lie_on_the_line_through_source_and_edit():
    source_ws, ws = torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, -4.0]])
    places = {0.0: [1, 0], 0.5: [2, -2], 1.0: [3, -4], 1.5: [4, -6], -1.0: [-1, 4]}
    for strength, place in places.items():
        assert with_strength(ws, source_ws, strength).flatten().tolist() == place


def test_strength_1_is_the_edit_itself_and_0_its_source(bundle, edit):
    assert scale_edit(bundle.generator, edit, 1.0) is edit
    source = scale_edit(bundle.generator, edit, 0.0)
    assert torch.equal(source.ws, edit.source_ws)
    assert torch.equal(source.images, edit.source_images)


def test_pictures_are_drawn_anew_and_the_way_there_stays(bundle, edit):
    further = scale_edit(bundle.generator, edit, 1.5)
    assert torch.equal(further.images, bundle.generator.synthesis(further.ws))
    assert torch.equal(further.trajectory, edit.trajectory)
    rain = [bundle.generator.scene_parameters(ws)["rain"].item() for ws in (edit.ws, further.ws)]
    assert rain[0] < rain[1]


@pytest.mark.parametrize("strength", [11.0, -10.5, float("nan")])
def test_strengths_beyond_ten_are_refused(bundle, edit, strength):
    with pytest.raises(SgimError, match=f"strength is {strength}; it must lie between -10 and 10"):
        scale_edit(bundle.generator, edit, strength)
