"""One latent for every frame: alike targets share an edit, and what is between lies between."""

import pytest
import torch
import torch.nn.functional as F

from sgim.checks import SgimError
from sgim.editing.following import MOST_EDITS, follow, representatives
from sgim.editing.manipulate_config import ManipulateConfig

QUICK = ManipulateConfig(num_steps=2)


@pytest.fixture(scope="module")
def words(mini):
    return mini.encode_text(["heavy rain", "a big fire"])


def test_targets_that_are_alike_share_an_edit():
    random = torch.Generator().manual_seed(0)
    two = F.normalize(torch.randn(2, 64, generator=random), dim=1)
    many = two.repeat_interleave(20, 0) + 0.01 * torch.randn(40, 64, generator=random)
    assert representatives(many)[0] == 0 and len(representatives(many)) == 2
    unlike = torch.randn(3 * MOST_EDITS, 64, generator=random)
    assert len(set(representatives(unlike))) == MOST_EDITS


def test_every_frame_follows_its_own_target(mini, words):
    targets = words[[0, 0, 1, 1]]
    ws = follow(mini, mini.generator.w_avg, targets, QUICK)
    assert ws.shape == (4, mini.generator.num_ws, mini.generator.w_dim)
    assert torch.allclose(ws[0], ws[1]) and torch.allclose(ws[2], ws[3])
    assert (ws[1] - ws[2]).abs().max() > 0.02


@pytest.mark.parametrize("config", [QUICK, None], ids=["by edits", "in one pass"])
def test_from_one_target_to_the_next_the_latent_moves_without_a_jump(mini, words, config):
    share = torch.linspace(0, 1, 41)[:, None]
    targets = F.normalize(torch.lerp(words[[0]], words[[1]], share), dim=1)
    ws = follow(mini, mini.generator.w_avg, targets, config)
    steps = (ws[1:] - ws[:-1]).flatten(1).norm(dim=1)
    assert steps.max() < 0.25 * (ws[-1] - ws[0]).norm()


def test_targets_of_another_shape_and_several_pictures_are_refused(mini, words):
    with pytest.raises(SgimError, match=r"targets have shape \(128,\).*a target for every frame"):
        follow(mini, mini.generator.w_avg, words[0])
    with pytest.raises(SgimError, match="one picture"):
        follow(mini, mini.generator.w_avg.expand(2, -1, -1), words)
