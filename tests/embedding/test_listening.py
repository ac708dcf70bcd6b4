"""A recording heard in time: what it says when, how loudly, and silence as silence."""

import pytest
import torch

from sgim.checks import SgimError
from sgim.embedding.listening import listen
from sgim.world.sounds import synthesize_sound

RATE = 16_000


@pytest.fixture(scope="module")
def moments(mini):
    """4 s of loud rain, 4 s of silence, 4 s of fire at a tenth of the amplitude."""
    rain, fire = (synthesize_sound(name, 0.8, 4.0, 1)[0] for name in ("rain", "fire"))
    loud, soft = (0.1 * one / one.std() for one in (rain, fire))
    return listen(mini, torch.cat([loud, torch.zeros(4 * RATE), 0.1 * soft]))


def test_each_moment_says_what_sounds_then(moments):
    assert moments.features.shape == (len(moments.times), 128)
    names = dict(zip(moments.times.tolist(), moments.names, strict=True))
    assert (names[1.0], names[6.0], names[10.5]) == ("rain", "", "fire")
    told = [name for _, name in moments.told()]
    assert told[0] == "rain" and told[-1] == "fire" and "" in told


def test_silence_has_no_loudness_and_a_soft_moment_less_than_a_loud_one(moments):
    _, (rain, silence, fire) = moments.at(torch.tensor([1.5, 6.0, 10.5]))
    assert rain > 0.6 and silence < 0.05 and 0.1 < fire < rain - 0.2


def test_what_is_heard_changes_smoothly(moments):
    features, loudness = moments.at(torch.arange(0, 12, 0.1))
    assert torch.allclose(features.norm(dim=1), torch.ones(120), atol=1e-5)
    assert (loudness[1:] - loudness[:-1]).abs().max() < 0.15
    sounding = features[:40]
    assert (sounding[1:] * sounding[:-1]).sum(dim=1).min() > 0.95


def test_a_recording_in_which_nothing_sounds_is_refused(mini):
    with pytest.raises(SgimError, match="nothing sounds in the recording"):
        listen(mini, torch.zeros(2 * RATE))
