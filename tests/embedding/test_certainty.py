"""Probabilities mean what they say, on sounds whose truth is known by construction."""

import pytest
import torch

from sgim.checks import SgimError
from sgim.embedding.certainty import calibration_error, fit_certainty, probabilities
from sgim.models.audio_encoder import Certainty
from sgim.world.names import CLEAR, HEARD_NAMES

COUNT = 4000


def drawn(scale, clear_bias, seed=0):
    """Cosines, and names drawn with the probabilities that scale and bias give them."""
    generator = torch.Generator().manual_seed(seed)
    cosines = 0.2 * torch.randn(COUNT, len(HEARD_NAMES), generator=generator)
    truth = Certainty(scale=scale, clear_bias=clear_bias)
    picked = torch.multinomial(probabilities(cosines, truth), 1, generator=generator)[:, 0]
    return cosines, [HEARD_NAMES[index] for index in picked.tolist()]


@pytest.mark.parametrize(("scale", "bias"), [(6.0, 0.5), (20.0, -1.0)])
def test_the_scale_and_bias_that_made_the_truth_are_found(scale, bias):
    cosines, names = drawn(scale, bias)
    found = fit_certainty(cosines, names)
    assert found.scale == pytest.approx(scale, rel=0.12)
    assert calibration_error(probabilities(cosines, found), names) < 0.04
    too_sure = Certainty(scale=4 * scale, clear_bias=bias)
    assert calibration_error(probabilities(cosines, too_sure), names) > 0.08


def test_one_weather_in_twenty_is_taken_for_none_and_more_of_the_others():
    cosines, names = drawn(12.0, 0.0)
    found = fit_certainty(cosines, names)
    sureness = 1 - probabilities(cosines, found)[:, HEARD_NAMES.index(CLEAR)]
    is_none = (sureness < found.least_weather).float()
    is_clear = torch.tensor([name == CLEAR for name in names])
    assert is_none[~is_clear].mean().item() == pytest.approx(0.05, abs=0.02)
    assert is_none[is_clear].mean().item() > 0.2


def test_certainty_needs_sounds_of_all_names():
    with pytest.raises(SgimError, match="no sound of crickets, clear"):
        fit_certainty(torch.zeros(7, 9), list(HEARD_NAMES[:7]))


def test_cosines_stay_as_they_are():
    cosines = torch.zeros(1, 9)
    assert probabilities(cosines, Certainty(clear_bias=3.0))[0, -1].item() > 0.5
    assert cosines.abs().max().item() == 0
