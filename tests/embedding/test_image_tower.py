"""The image tower learns small differences within families; the words stay where they are."""

import copy

import pytest
import torch
import torch.nn.functional as F

from sgim.checks import SgimError
from sgim.embedding import renders
from sgim.embedding.image_tower_training import ImageTowerConfig, path_loss, train_image_tower
from sgim.embedding.renders import RenderConfig, load_renders, render_shard
from sgim.models.clip import ClipConfig, build_clip
from sgim.world.samples import FAMILY_SIZE
from sgim.world.tokenizer import WordTokenizer


def on_an_arc(shares):
    """Unit vectors on the straight way from (1, 0) to (0, 1), one family."""
    shares = torch.tensor([0.0, *shares, 1.0])
    points = F.normalize(torch.stack((1 - shares, shares), dim=1), dim=1)
    return torch.cat((points, points[:1].expand(FAMILY_SIZE - 4, 2)))[None]


def test_pictures_on_the_straight_way_have_no_path_loss():
    intensities = torch.tensor([[0.0, 0.1, 0.5, 1.0]])
    exact = path_loss(on_an_arc([0.1, 0.5]), intensities)
    behind = path_loss(on_an_arc([0.01, 0.2]), intensities)
    assert exact < behind


def test_the_image_tower_learns_and_the_text_tower_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(renders, "SHARD_SIZE", 2 * FAMILY_SIZE)
    config = RenderConfig(
        num_scenes=2 * FAMILY_SIZE, image_size=32, img_resolution=64, families=True
    )
    families = load_renders([render_shard((config, 0, tmp_path))])
    tokenizer = WordTokenizer()
    clip_config = ClipConfig(vocab_size=tokenizer.vocab_size, image_size=32)
    torch.manual_seed(0)
    clip = build_clip(clip_config)
    before = copy.deepcopy(clip.state_dict())
    history = train_image_tower(
        clip,
        clip_config,
        families,
        config=ImageTowerConfig(num_epochs=8, batch_size=2),
        progress=False,
    )
    assert history[-1]["path"] < history[0]["path"]
    for name, tensor in clip.state_dict().items():
        if not name.startswith("visual."):
            assert torch.equal(tensor, before[name]), name
    moved = [name for name in before if not torch.equal(clip.state_dict()[name], before[name])]
    assert any(name.endswith("weight") for name in moved)


def test_a_negative_path_weight_is_refused():
    with pytest.raises(SgimError, match="path_weight is -1"):
        ImageTowerConfig(path_weight=-1.0)
