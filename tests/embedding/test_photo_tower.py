"""The image tower says of photos what it says of scenes; of scenes it says what it said."""

import copy

import pytest
import torch
import torch.nn.functional as F

from sgim.checks import SgimError
from sgim.embedding import renders
from sgim.embedding.mini_data import embedded_twins
from sgim.embedding.photo_tower_training import PhotoTowerConfig, change_loss, train_photo_tower
from sgim.embedding.renders import RenderConfig, load_renders, render_shard
from sgim.models.clip import ClipConfig, build_clip, preprocess_images
from sgim.world.samples import FAMILY_SIZE
from sgim.world.scenes import SceneGenerator
from sgim.world.tokenizer import WordTokenizer


def test_the_same_change_over_another_land_costs_nothing():
    random = torch.Generator().manual_seed(1)
    said = torch.randn(2 * FAMILY_SIZE, 4, generator=random)
    land = torch.randn(2, 4, generator=random).repeat_interleave(FAMILY_SIZE, dim=0)
    assert change_loss(said + land, said).item() == pytest.approx(0, abs=1e-10)
    assert change_loss(said, said.flip(0)) > 1


@pytest.fixture
def families(tmp_path, monkeypatch):
    """Families of photos, and of scenes, as small as may be."""
    monkeypatch.setattr(renders, "SHARD_SIZE", 2 * FAMILY_SIZE)

    def drawn(photos):
        config = RenderConfig(
            num_scenes=2 * FAMILY_SIZE,
            image_size=32,
            img_resolution=64,
            families=True,
            photos=photos,
        )
        folder = tmp_path / str(photos)
        folder.mkdir()
        return load_renders([render_shard((config, 0, folder))])

    return drawn(True), drawn(False)


@pytest.fixture
def clip():
    clip_config = ClipConfig(vocab_size=WordTokenizer().vocab_size, image_size=32)
    torch.manual_seed(0)
    return build_clip(clip_config).eval(), clip_config


def test_twins_are_the_latents_painted_as_scenes(tmp_path, families, clip):
    photos, _ = families
    twins = embedded_twins(photos.ws, *clip, 64, tmp_path, progress=False)
    painted = SceneGenerator(img_resolution=64).synthesis(photos.ws[3:4])
    with torch.no_grad():
        alone = clip[0].encode_image(preprocess_images(painted, clip[1]), normalize=True)
    assert torch.allclose(twins[3:4], alone, atol=1e-5)


def test_photos_come_nearer_to_their_twins_and_the_text_tower_stays(tmp_path, families, clip):
    photos, scenes = families
    before = copy.deepcopy(clip[0].state_dict())
    twins = F.normalize(torch.randn(len(photos.ws), 128), dim=1)
    history = train_photo_tower(
        *clip,
        photos,
        twins,
        scenes,
        config=PhotoTowerConfig(num_epochs=30, batch_size=2, learning_rate=1e-2, scene_weight=0.5),
        progress=False,
    )
    assert history[-1]["photos"] < 0.95 * history[0]["photos"]
    now = clip[0].state_dict()
    for name in before:
        if not name.startswith("visual.") or "running" in name:
            assert torch.equal(now[name], before[name]), name
    assert not torch.equal(now["visual.conv1.weight"], before["visual.conv1.weight"])


def test_a_negative_change_weight_is_refused():
    with pytest.raises(SgimError, match="change_weight is -1"):
        PhotoTowerConfig(change_weight=-1.0)
